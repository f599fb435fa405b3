/* SPDX-License-Identifier: Apache-2.0 */
/* A message of the target's, copied, and sent for it. */
#include "supervise/net_message.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervise/target.h"

#define CHUNK 131072UL /* of a stream, at a time */
#define DATAGRAM_MAX 65535
#define TOTAL_MAX ((size_t)INT_MAX & ~4095UL) /* MAX_RW_COUNT */
#define STREAM_SECONDS 8 /* then what was sent is the answer */

static int read_target(struct call *call, uint64_t from, void *ret, size_t len)
{
	return target_read(call->view.proc_fd, call->request.tid, from, ret,
			   len);
}

static int copy_parts(struct call *call, uint64_t from, size_t n,
		      struct net_message *ret)
{
	int r;

	if (n > IOV_MAX)
		return -EMSGSIZE;
	if (n == 0)
		return 0;
	ret->parts = calloc(n, sizeof(*ret->parts));
	if (!ret->parts)
		return -ENOMEM;
	ret->n_parts = n;
	r = read_target(call, from, ret->parts, n * sizeof(*ret->parts));
	for (size_t i = 0; i < n && r == 0; i++) {
		struct iovec *part = &ret->parts[i];

		if ((ssize_t)part->iov_len < 0)
			return -EINVAL;
		/* What is too much for one call is cut, as the kernel does. */
		if (part->iov_len > TOTAL_MAX - ret->size)
			part->iov_len = TOTAL_MAX - ret->size;
		ret->size += part->iov_len;
	}
	return r;
}

int net_message_copy(struct call *call, uint64_t from, struct net_message *ret)
{
	struct msghdr header;
	uint64_t name_at;
	int len, r;

	*ret = (struct net_message){ .name.pin = -EBADF };
	r = read_target(call, from, &header, sizeof(header));
	if (r < 0)
		return r;
	name_at = (uint64_t)(uintptr_t)header.msg_name;
	len = name_at ? (int)header.msg_namelen : 0;
	if (len < 0)
		return -EINVAL;
	if ((size_t)len > sizeof(ret->name.raw))
		len = sizeof(ret->name.raw);
	r = net_name_copy(call, name_at, len, &ret->name);
	if (r == 0)
		r = copy_parts(call, (uint64_t)(uintptr_t)header.msg_iov,
			       header.msg_iovlen, ret);
	ret->control_at = (uint64_t)(uintptr_t)header.msg_control;
	ret->control_size = header.msg_controllen;
	return r;
}

int net_message_plain(struct call *call, struct net_message *ret)
{
	const uint64_t *values = call->request.values;
	size_t len = values[2];

	*ret = (struct net_message){ .name.pin = -EBADF };
	ret->parts = calloc(1, sizeof(*ret->parts));
	if (!ret->parts)
		return -ENOMEM;
	ret->n_parts = 1;
	ret->size = len < TOTAL_MAX ? len : TOTAL_MAX;
	ret->parts[0] =
		(struct iovec){ (void *)(uintptr_t)values[1], ret->size };
	if (values[4] == 0)
		return 0;
	return net_name_copy(call, values[4], (int)values[5], &ret->name);
}

void net_message_done(struct net_message *message)
{
	for (size_t i = 0; i < message->n_fds; i++)
		(void)close(message->fds[i]);
	message->n_fds = 0;
	net_name_done(&message->name);
	free(message->parts);
	free(message->control);
	message->parts = NULL;
	message->control = NULL;
}

/* Bytes @from to @from + @len of the content, whatever parts they lie in. */
static int gather(struct call *call, const struct net_message *message,
		  size_t from, char *ret, size_t len)
{
	for (size_t i = 0; i < message->n_parts && len > 0; i++) {
		const struct iovec *part = &message->parts[i];
		size_t n = part->iov_len;
		int r;

		if (from >= n) {
			from -= n;
			continue;
		}
		n -= from;
		if (n > len)
			n = len;
		r = read_target(call,
				(uint64_t)(uintptr_t)part->iov_base + from, ret,
				n);
		if (r < 0)
			return r;
		from = 0;
		ret += n;
		len -= n;
	}
	return 0;
}

static ssize_t send_part(struct call *call, const struct net_socket *socket,
			 const struct net_message *message, struct iovec *part,
			 int flags)
{
	struct msghdr header = { .msg_iov = part, .msg_iovlen = 1 };
	struct net_name name = message->name;
	ssize_t n;

	if (name.len > 0) {
		header.msg_name = &name.any;
		header.msg_namelen = name.len;
	}
	if (message->control_len > 0) {
		header.msg_control = message->control;
		header.msg_controllen = message->control_len;
	}
	if (!call_is_current(call))
		return -EINTR;
	net_wait_begin(call);
	n = sendmsg(socket->fd, &header, flags | MSG_NOSIGNAL);
	net_wait_end(call);
	return n < 0 ? -errno : n;
}

static int64_t now_seconds(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

/*
 * A stream has no borders: what does not fit at once goes in pieces. What
 * goes along goes with the first one.
 */
static ssize_t send_stream(struct call *call, const struct net_socket *socket,
			   struct net_message *message, int flags)
{
	size_t size = message->size < CHUNK ? message->size : CHUNK;
	_cleanup_free_ char *data = malloc(size + 1);
	int64_t start = now_seconds();
	size_t done = 0;

	if (!data)
		return -ENOBUFS;
	do {
		size_t left = message->size - done;
		struct iovec piece = { data, left < size ? left : size };
		ssize_t n = gather(call, message, done, data, piece.iov_len);

		if (n == 0)
			n = send_part(call, socket, message, &piece, flags);
		if (n < 0)
			return done > 0 ? (ssize_t)done : n;
		message->control_len = 0;
		done += (size_t)n;
		if ((size_t)n < piece.iov_len)
			break;
	} while (done < message->size &&
		 now_seconds() - start < STREAM_SECONDS);
	return (ssize_t)done;
}

/* All or nothing, and never more than the socket could hold anyway. */
static ssize_t send_whole(struct call *call, const struct net_socket *socket,
			  const struct net_message *message, int flags)
{
	_cleanup_free_ char *data = NULL;
	socklen_t len = sizeof(int);
	int limit = DATAGRAM_MAX;
	struct iovec part;
	int r;

	if (!net_socket_is_inet(socket) &&
	    getsockopt(socket->fd, SOL_SOCKET, SO_SNDBUF, &limit, &len) < 0)
		return -EACCES;
	if (message->size > (size_t)limit)
		return -EMSGSIZE;
	data = malloc(message->size + 1);
	if (!data)
		return -ENOBUFS;
	part = (struct iovec){ data, message->size };
	r = gather(call, message, 0, data, message->size);
	return r < 0 ? r : send_part(call, socket, message, &part, flags);
}

/* Our copy is gone before such a packet is. Ignored unless asked for twice. */
static bool is_zerocopy(const struct net_socket *socket, int flags)
{
	socklen_t len = sizeof(int);
	int value = 0;

	return (flags & MSG_ZEROCOPY) &&
	       getsockopt(socket->fd, SOL_SOCKET, SO_ZEROCOPY, &value, &len) ==
		       0 &&
	       value;
}

ssize_t net_message_send(struct call *call, const struct net_socket *socket,
			 struct net_message *message, int flags)
{
	bool is_stream = socket->type == SOCK_STREAM;
	ssize_t n;

	if (is_zerocopy(socket, flags))
		return -ENOBUFS;
	flags &= ~MSG_ZEROCOPY;
	n = is_stream ? send_stream(call, socket, message, flags) :
			send_whole(call, socket, message, flags);
	if (n == -EPIPE && is_stream && !(flags & MSG_NOSIGNAL))
		borrow_signal(&socket->borrow, SIGPIPE);
	return n;
}
