/* SPDX-License-Identifier: Apache-2.0 */
/* The listener's ioctls, and an answer that is a denial until it is more. */
#include "supervise/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/kernel.h"

#define ERRNO_MAX 4095

void answer_init(struct answer *answer)
{
	*answer = (struct answer){ .kind = ANSWER_ERROR,
				   .error = EACCES,
				   .fd = -1 };
}

void answer_error(struct answer *answer, int error)
{
	if (error < 0)
		error = -error;
	answer->kind = ANSWER_ERROR;
	answer->error = error > 0 && error <= ERRNO_MAX ? error : EACCES;
}

void answer_value(struct answer *answer, int64_t value)
{
	answer->kind = ANSWER_VALUE;
	answer->value = value;
}

void answer_result(struct answer *answer, long result)
{
	if (result < 0)
		answer_error(answer, errno);
	else
		answer_value(answer, result);
}

void answer_fd(struct answer *answer, int fd, bool is_cloexec)
{
	answer->kind = ANSWER_FD;
	answer->fd = fd;
	answer->is_cloexec = is_cloexec;
}

void answer_continue(struct answer *answer)
{
	answer->kind = ANSWER_CONTINUE;
}

void answer_done(struct answer *answer)
{
	if (answer->fd >= 0)
		(void)close(answer->fd);
	answer->fd = -1;
}

int notify_setup(int listener)
{
	struct seccomp_notif_sizes sizes = { 0 };
	int r = kernel_seccomp(SECCOMP_GET_NOTIF_SIZES, 0, &sizes);

	if (r < 0)
		return r;
	if (sizes.seccomp_notif > sizeof(union notification) ||
	    sizes.seccomp_notif_resp > sizeof(union notification))
		return -ENOSYS;
	/* Linux 6.6; an older kernel only answers more slowly. */
	(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
		    SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
	return 0;
}

int notify_receive(int listener, union notification *ret)
{
	/* The kernel refuses a buffer that is not zero. */
	memset(ret, 0, sizeof(*ret));
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, ret) < 0)
		return -errno;
	return 0;
}

bool notify_is_pending(int listener)
{
	struct pollfd pfd = { .fd = listener, .events = POLLIN };

	return poll(&pfd, 1, 0) > 0 && (pfd.revents & POLLIN);
}

bool notify_is_valid(int listener, uint64_t id)
{
	return ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

bool notify_is_finished(int listener)
{
	struct pollfd pfd = { .fd = listener, .events = POLLIN };

	return poll(&pfd, 1, 0) > 0 && (pfd.revents & (POLLHUP | POLLERR)) &&
	       !(pfd.revents & POLLIN);
}

static int send_response(int listener, uint64_t id, const struct answer *answer)
{
	union {
		struct seccomp_notif_resp resp;
		char space[sizeof(union notification)];
	} u;
	int r;

	memset(&u, 0, sizeof(u));
	u.resp.id = id;
	switch (answer->kind) {
	case ANSWER_VALUE:
		u.resp.val = answer->value;
		break;
	case ANSWER_CONTINUE:
		u.resp.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		break;
	case ANSWER_ERROR:
	case ANSWER_FD:
	case ANSWER_NONE:
		u.resp.error = -answer->error;
		break;
	}
	do
		r = ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &u.resp);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : 0;
}

/*
 * In two steps. With SECCOMP_ADDFD_FLAG_SEND the kernel takes the request for
 * answered before the target has installed the descriptor: when we are
 * interrupted in between (SIGSTOP or the freezer suffice), the call returns 0,
 * and the target reads its standard input for the file.
 */
static int send_fd(int listener, uint64_t id, struct answer *answer)
{
	struct seccomp_notif_addfd addfd = {
		.id = id,
		.srcfd = (uint32_t)answer->fd,
		.newfd_flags = answer->is_cloexec ? O_CLOEXEC : 0,
	};
	struct answer number = { .fd = -1 };
	int r;

	do
		r = ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &addfd);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	/*
	 * Ours goes first: what the target then closes must be closed, or a
	 * FIFO's other end sees no end, and a program is still being written.
	 */
	answer_done(answer);
	answer_value(&number, r);
	return send_response(listener, id, &number);
}

int notify_send(int listener, uint64_t id, struct answer *answer)
{
	struct answer denial;
	int r;

	if (answer->kind == ANSWER_NONE)
		return 0;
	r = answer->kind == ANSWER_FD ? send_fd(listener, id, answer) :
					send_response(listener, id, answer);
	/* What fails leaves the call waiting; EINPROGRESS: it was answered. */
	if (r == 0 || r == -ENOENT || r == -EINPROGRESS)
		return 0;
	/* Its own full table is the target's error; anything else is ours. */
	answer_init(&denial);
	if (answer->kind == ANSWER_FD && (r == -EMFILE || r == -ENFILE))
		answer_error(&denial, r);
	r = send_response(listener, id, &denial);
	return r == -ENOENT || r == -EINPROGRESS ? 0 : r;
}
