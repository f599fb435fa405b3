/* SPDX-License-Identifier: Apache-2.0 */
/* connect, bind, listen: done on our own copy of the address. */
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "supervise/net_rule.h"
#include "supervise/net_socket.h"
#include "supervise/supervisor.h"

/*
 * What a socket is bound to stays that between the look at it and what is
 * allowed because of it: binding and disconnecting take this as well.
 */
static pthread_mutex_t bind_lock = PTHREAD_MUTEX_INITIALIZER;

/*
 * Ports that were asked for and denied, which --report-only lets through: to
 * listen there needs no port of the kernel's choice. Under the lock as well.
 */
static uint8_t denied_ports[65536 / 8];

static bool is_unspecified(const struct net_name *name)
{
	return name->len >= sizeof(name->any.sa_family) &&
	       name->any.sa_family == AF_UNSPEC;
}

/* No address: it lets go of the one that it had. */
static int disconnect(const struct net_socket *socket)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };
	int r;

	(void)pthread_mutex_lock(&bind_lock);
	r = connect(socket->fd, &none, sizeof(none));
	(void)pthread_mutex_unlock(&bind_lock);
	return r;
}

/* The watch ended the wait: nobody waits any more, or it took too long. */
static void give_up(struct call *call, const struct net_socket *socket)
{
	if (!call_is_current(call))
		return;
	if (net_socket_is_inet(socket) && socket->type == SOCK_STREAM) {
		(void)disconnect(socket);
		answer_error(&call->answer, ETIMEDOUT);
	} else {
		answer_error(&call->answer, EAGAIN);
	}
}

static void connect_to(struct call *call, const struct net_socket *socket,
		       const struct net_name *name)
{
	int r;

	if (!call_is_current(call))
		return;
	net_wait_begin(call);
	r = connect(socket->fd, &name->any, name->len);
	net_wait_end(call);
	if (r < 0 && errno == EINTR)
		give_up(call, socket);
	else
		answer_result(&call->answer, r);
}

static bool find_inet(struct call *call, const struct net_socket *socket,
		      struct net_name *name)
{
	struct net_address address;
	int r = net_address_parse(socket->domain, &name->raw, name->len,
				  &address);

	if (r < 0) {
		answer_error(&call->answer, r);
		return false;
	}
	net_address_fix(&address, &name->raw);
	/* A datagram socket has no port 0 to send to, but a route. */
	return net_judge(call, "connect", &address,
			 address.port == 0 && socket->type == SOCK_DGRAM ?
				 NET_PORT_SOME :
				 address.port);
}

static void connect_known(struct call *call, const struct net_socket *socket,
			  struct net_name *name)
{
	bool is_found = false;

	if (is_unspecified(name)) {
		answer_result(&call->answer, disconnect(socket));
		return;
	}
	if (net_socket_is_inet(socket))
		is_found = find_inet(call, socket, name);
	else if (socket->domain == AF_UNIX)
		is_found = unix_find(call, name);
	else if (net_socket_is_route(socket) && net_name_is_kernel(name))
		is_found = true;
	else
		net_refuse(call, "connect", "a socket of another kind");
	if (is_found)
		connect_to(call, socket, name);
}

void handle_connect(struct call *call)
{
	const struct request *r = &call->request;
	struct net_socket socket;
	struct net_name name = { .pin = -EBADF };
	int error;

	if (net_socket_open(call, r->fd, &socket)) {
		error = net_name_copy(call, r->values[1], (int)r->values[2],
				      &name);
		if (error < 0)
			answer_error(&call->answer, error);
		else if (name.len < sizeof(name.any.sa_family))
			answer_error(&call->answer, EINVAL);
		else
			connect_known(call, &socket, &name);
	}
	net_name_done(&name);
	net_socket_close(&socket);
}

/* A client may take any free port; another one is to be reached there. */
static bool judge_bind(struct call *call, const struct net_socket *socket,
		       const struct net_name *name)
{
	struct net_address address;
	int r = net_address_parse(socket->domain, &name->raw, name->len,
				  &address);

	/* The kernel takes no other address without a family. */
	if (r == 0 && name->any.sa_family == AF_UNSPEC &&
	    !net_address_is_any(&address))
		r = -EAFNOSUPPORT;
	/* Unlike connect, of a socket of IPv6 too. */
	if (r == 0 && name->any.sa_family == AF_INET &&
	    socket->domain == AF_INET6)
		r = -EAFNOSUPPORT;
	if (r < 0) {
		answer_error(&call->answer, r);
		return false;
	}
	if (address.port == 0 ||
	    net_judge(call, "listen", &address, address.port))
		return true;
	denied_ports[address.port / 8] |= (uint8_t)(1 << address.port % 8);
	return false;
}

static bool was_denied(const struct net_address *address)
{
	return denied_ports[address->port / 8] & (1 << address->port % 8);
}

static void bind_inet(struct call *call, const struct net_socket *socket,
		      const struct net_name *name)
{
	(void)pthread_mutex_lock(&bind_lock);
	if (judge_bind(call, socket, name) && call_is_current(call))
		answer_result(&call->answer,
			      bind(socket->fd, &name->any, name->len));
	(void)pthread_mutex_unlock(&bind_lock);
}

void handle_bind(struct call *call)
{
	const struct request *r = &call->request;
	struct net_socket socket;
	struct net_name name = { .pin = -EBADF };
	int error = 0;

	if (net_socket_open(call, r->fd, &socket)) {
		error = net_name_copy(call, r->values[1], (int)r->values[2],
				      &name);
		if (error < 0)
			answer_error(&call->answer, error);
		else if (net_socket_is_inet(&socket))
			bind_inet(call, &socket, &name);
		else if (socket.domain == AF_UNIX)
			unix_bind(call, &socket, &name);
		else if (!net_socket_is_route(&socket))
			net_refuse(call, "listen", "a socket of another kind");
		else if (call_is_current(call))
			answer_result(&call->answer,
				      bind(socket.fd, &name.any, name.len));
	}
	net_socket_close(&socket);
}

/*
 * A port that no rule names was chosen by the kernel: to bind any other one
 * takes a rule.
 */
static bool judge_listen(struct call *call, const struct net_socket *socket)
{
	const struct net_rules *rules = call->supervisor->net_rules;
	struct net_name name = { .len = sizeof(name.raw), .pin = -EBADF };
	struct net_address address;
	struct net_rule question;

	if (getsockname(socket->fd, &name.any, &name.len) < 0 ||
	    net_address_parse(socket->domain, &name.raw, name.len, &address) <
		    0) {
		answer_error(&call->answer, EACCES);
		return false;
	}
	question = net_rule_ask(&address, address.port, true);
	if (rules && net_rules_find(rules, &question, NULL, NULL))
		return true;
	return net_judge(call, "listen", &address,
			 was_denied(&address) ? address.port : 0);
}

static bool is_listening(const struct net_socket *socket)
{
	socklen_t len = sizeof(int);
	int value = 0;

	return getsockopt(socket->fd, SOL_SOCKET, SO_ACCEPTCONN, &value,
			  &len) == 0 &&
	       value;
}

static bool may_listen(struct call *call, const struct net_socket *socket)
{
	/* Only the length of its queue changes. */
	if (is_listening(socket))
		return true;
	if (socket->domain == AF_UNIX)
		return unix_may_listen(call, socket);
	if (net_socket_is_inet(socket))
		return socket->type == SOCK_DGRAM || judge_listen(call, socket);
	net_refuse(call, "listen", "a socket of another kind");
	return false;
}

void handle_listen(struct call *call)
{
	struct net_socket socket;

	if (net_socket_open(call, call->request.fd, &socket)) {
		(void)pthread_mutex_lock(&bind_lock);
		if (may_listen(call, &socket) && call_is_current(call))
			answer_result(&call->answer,
				      listen(socket.fd,
					     (int)call->request.values[1]));
		(void)pthread_mutex_unlock(&bind_lock);
	}
	net_socket_close(&socket);
}
