/* SPDX-License-Identifier: Apache-2.0 */
/* One datagram of a fixed size with at most one descriptor. */
#include "common/fdpass.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room for more than one, so that a surplus is seen and closed, not cut. */
#define MAX_FDS 8

int fdpass_send(int sock, const void *message, size_t len, int fd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec iov = { (void *)(uintptr_t)message, len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	if (fd >= 0) {
		struct cmsghdr *c;

		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control.space);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	do
		n = sendmsg(sock, &msg, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EBADMSG;
}

/* Keeps the first descriptor in @ret_fd, closes the others; returns how many. */
static size_t take_fds(struct msghdr *msg, int *ret_fd)
{
	size_t count = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c;
	     c = CMSG_NXTHDR(msg, c)) {
		size_t n;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (count++ == 0)
				*ret_fd = fd;
			else
				(void)close(fd);
		}
	}
	return count;
}

int fdpass_recv(int sock, void *message, size_t len, int *ret_fd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(MAX_FDS * sizeof(int))];
	} control = { 0 };
	struct iovec iov = { message, len };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control.space) };
	bool is_good;
	int fd = -1;
	size_t count;
	ssize_t n;

	do
		n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	count = take_fds(&msg, &fd);
	is_good = (size_t)n == len && count <= (ret_fd ? 1 : 0) &&
		  (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0;
	if (!is_good) {
		if (fd >= 0)
			(void)close(fd);
		/* There was room for more: our own table has none. */
		if (count == 0 &&
		    (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == MSG_CTRUNC)
			return -EMFILE;
		return n == 0 && count == 0 ? -EPIPE : -EBADMSG;
	}
	if (ret_fd)
		*ret_fd = fd;
	return 0;
}
