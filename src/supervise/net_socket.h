/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A socket of the target, borrowed, and what may be done with it. The handlers
 * act on it with their own copy of the address: there is nothing to race.
 */
#ifndef SUPERVISE_NET_SOCKET_H
#define SUPERVISE_NET_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "supervise/borrow.h"
#include "supervise/net_address.h"
#include "supervise/supervisor.h"

struct net_socket {
	struct borrow borrow;
	int fd; /* owned */
	int domain, type, protocol;
};

/* A socket address of the target, copied once. */
struct net_name {
	socklen_t len; /* 0: none */
	union {
		struct sockaddr any;
		struct sockaddr_un un;
		struct sockaddr_storage raw;
	};
	int pin; /* what .un names by /proc/self/fd; owned, or -1 */
};

/**
 * net_socket_open() - borrow descriptor @fd of the request
 *
 * Return: true; false with call->answer set. Close it in both cases.
 */
bool net_socket_open(struct call *call, int fd, struct net_socket *ret);

/** net_socket_close() - give it back */
void net_socket_close(struct net_socket *socket);

/** net_socket_is_inet() - is it an internet socket, of TCP or UDP? */
bool net_socket_is_inet(const struct net_socket *socket);

/** net_socket_is_route() - does it ask the kernel about interfaces? */
bool net_socket_is_route(const struct net_socket *socket);

/**
 * net_name_copy() - copy the address at @from of the target
 * @len: as the target gave it
 *
 * Return: 0, -EINVAL, -EFAULT, -EACCES.
 */
int net_name_copy(struct call *call, uint64_t from, int len,
		  struct net_name *ret);

/** net_name_is_kernel() - of AF_NETLINK: is the kernel itself meant? */
bool net_name_is_kernel(const struct net_name *name);

/** net_name_done() - close the pin */
void net_name_done(struct net_name *name);

/**
 * net_judge() - may the target connect or send to @address, or listen there?
 * @operation: "connect", "send", "listen"
 * @port: of the question, see net_rule_ask(); @address says it to people
 *
 * Return: true; false with the denial reported and answered.
 */
bool net_judge(struct call *call, const char *operation,
	       const struct net_address *address, int port);

/** net_refuse() - deny an operation on a kind of socket that is not judged */
void net_refuse(struct call *call, const char *operation, const char *what);

/*
 * Around a call that may block: the watch ends it after some seconds with
 * EINTR, so that the request is answered by its handler and not given up.
 */
void net_wait_begin(struct call *call);
void net_wait_end(struct call *call);

/*
 * unix_socket.c. Each judges a name, and makes @name one that leads to the very
 * object that was judged: true, or false with call->answer set.
 */
bool unix_find(struct call *call, struct net_name *name);
void unix_bind(struct call *call, const struct net_socket *socket,
	       const struct net_name *name);
bool unix_may_listen(struct call *call, const struct net_socket *socket);

#endif
