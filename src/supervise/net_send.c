/* SPDX-License-Identifier: Apache-2.0 */
/* sendto, sendmsg, sendmmsg: sent for the target, from our own copy. */
#include <errno.h>
#include <netinet/in.h>

#include "supervise/net_message.h"
#include "supervise/net_rule.h"
#include "supervise/supervisor.h"
#include "supervise/target.h"

#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN 0x20000000
#endif

static bool fail(struct call *call, int error)
{
	answer_error(&call->answer, error);
	return false;
}

static bool find_datagram(struct call *call, const struct net_socket *socket,
			  struct net_name *name)
{
	struct net_address address;
	int r;

	if (name->len == 0)
		return true; /* where it was connected to, and so judged */
	/* So the kernel does: a socket of IPv6, an address without family. */
	if (socket->domain == AF_INET6 &&
	    name->len >= sizeof(name->any.sa_family) &&
	    name->any.sa_family == AF_UNSPEC) {
		name->len = 0;
		return true;
	}
	r = net_address_parse(socket->domain, &name->raw, name->len, &address);
	if (r < 0)
		return fail(call, r);
	net_address_fix(&address, &name->raw);
	return net_judge(call, "send", &address, address.port);
}

static bool find_unix(struct call *call, const struct net_socket *socket,
		      struct net_name *name)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);

	if (name->len == 0)
		return true;
	if (socket->type == SOCK_DGRAM)
		return unix_find(call, name);
	if (socket->type == SOCK_SEQPACKET) {
		name->len = 0; /* the kernel does not look at it either */
		return true;
	}
	return fail(call, getpeername(socket->fd, (struct sockaddr *)&peer,
				      &len) == 0 ?
				  EISCONN :
				  EOPNOTSUPP);
}

/* To whom: judged, or call->answer says why not. */
static bool find(struct call *call, const struct net_socket *socket,
		 struct net_name *name, int flags)
{
	if (socket->domain == AF_UNIX)
		return find_unix(call, socket, name);
	if (net_socket_is_route(socket))
		return name->len == 0 || net_name_is_kernel(name) ||
		       fail(call, EPERM);
	if (!net_socket_is_inet(socket)) {
		net_refuse(call, "send", "a socket of another kind");
		return false;
	}
	if (socket->type == SOCK_DGRAM)
		return find_datagram(call, socket, name);
	/* It would connect, and Landlock does not see it. */
	if (flags & MSG_FASTOPEN)
		return fail(call, EOPNOTSUPP);
	name->len = 0; /* TCP has no use for an address */
	return true;
}

/* Return: how much was sent; -1 with call->answer set. */
static ssize_t send_one(struct call *call, const struct net_socket *socket,
			struct net_message *message, int flags)
{
	ssize_t n;

	if (!find(call, socket, &message->name, flags))
		return -1;
	n = net_message_control(call, socket, message);
	if (n == 0)
		n = net_message_send(call, socket, message, flags);
	if (n < 0 && call->answer.kind != ANSWER_NONE)
		answer_error(&call->answer, (int)n);
	return n < 0 ? -1 : n;
}

/* The message at @from, or that of sendto(2) for 0. */
static ssize_t send_from(struct call *call, const struct net_socket *socket,
			 uint64_t from, int flags)
{
	struct net_message message;
	ssize_t n = -1;
	int r;

	r = from ? net_message_copy(call, from, &message) :
		   net_message_plain(call, &message);
	if (r < 0)
		answer_error(&call->answer, r);
	else
		n = send_one(call, socket, &message, flags);
	net_message_done(&message);
	return n;
}

static void handle_one(struct call *call, uint64_t from)
{
	struct net_socket socket;
	ssize_t n;

	if (net_socket_open(call, call->request.fd, &socket)) {
		n = send_from(call, &socket, from, call->request.flags);
		if (n >= 0)
			answer_value(&call->answer, n);
	}
	net_socket_close(&socket);
}

void handle_sendto(struct call *call)
{
	handle_one(call, 0);
}

void handle_sendmsg(struct call *call)
{
	if (call->request.values[1] == 0)
		answer_error(&call->answer, EFAULT);
	else
		handle_one(call, call->request.values[1]);
}

/* Return: how many were sent. What ended it is in call->answer. */
static unsigned send_all(struct call *call, const struct net_socket *socket,
			 unsigned n)
{
	uint64_t at = call->request.values[1];
	unsigned done = 0;

	for (; done < n; done++, at += sizeof(struct mmsghdr)) {
		ssize_t sent = send_from(call, socket, at, call->request.flags);
		unsigned len = (unsigned)sent;
		int r;

		if (sent < 0 || !call_is_current(call))
			break;
		r = target_write(call->request.tid,
				 at + offsetof(struct mmsghdr, msg_len), &len,
				 sizeof(len));
		if (r < 0) {
			answer_error(&call->answer, r);
			break;
		}
	}
	return done;
}

void handle_sendmmsg(struct call *call)
{
	unsigned n = (unsigned)call->request.values[2];
	struct net_socket socket;
	unsigned done;

	if (n > 0 && call->request.values[1] == 0) {
		answer_error(&call->answer, EFAULT);
		return;
	}
	if (net_socket_open(call, call->request.fd, &socket)) {
		done = send_all(call, &socket, n < 1024 ? n : 1024);
		if ((done > 0 || n == 0) && call->answer.kind != ANSWER_NONE) {
			/* The next call begins with what was refused. */
			call->is_denied = false;
			answer_value(&call->answer, done);
		}
	}
	net_socket_close(&socket);
}
