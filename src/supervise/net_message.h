/* SPDX-License-Identifier: Apache-2.0 */
/* A message of the target's, copied, and sent for it. */
#ifndef SUPERVISE_NET_MESSAGE_H
#define SUPERVISE_NET_MESSAGE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "supervise/net_socket.h"

#define NET_FDS_MAX 253 /* SCM_MAX_FD of the kernel */

struct net_message {
	struct net_name name; /* to whom; .len 0: whom it is connected to */
	struct iovec *parts; /* owned; addresses of the target */
	size_t n_parts;
	size_t size; /* of all parts */
	uint64_t control_at; /* in the target */
	size_t control_size;
	char *control; /* owned; what may go with it */
	size_t control_len;
	int fds[NET_FDS_MAX]; /* borrowed, owned */
	size_t n_fds;
};

/**
 * net_message_copy() - read the struct msghdr at @from, and what it points to
 *
 * Not yet the content, nor ancillary data. Free it with net_message_done(),
 * also after a failure. Return: 0 or -errno as sendmsg(2) says it.
 */
int net_message_copy(struct call *call, uint64_t from, struct net_message *ret);

/** net_message_plain() - the same of the arguments of sendto(2) */
int net_message_plain(struct call *call, struct net_message *ret);

/**
 * net_message_control() - read the ancillary data and take what is allowed
 *
 * Return: 0; -EPERM for what is not; or -errno as sendmsg(2).
 */
int net_message_control(struct call *call, const struct net_socket *socket,
			struct net_message *message);

/**
 * net_message_send() - send it on the borrowed socket
 *
 * May block as the socket does, for some seconds. SIGPIPE goes to the
 * requester. Return: how much, or -errno.
 */
ssize_t net_message_send(struct call *call, const struct net_socket *socket,
			 struct net_message *message, int flags);

/** net_message_done() - free and close what it owns */
void net_message_done(struct net_message *message);

#endif
