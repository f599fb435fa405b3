/* SPDX-License-Identifier: Apache-2.0 */
/* A socket of the target, borrowed, and what may be done with it. */
#include "supervise/net_socket.h"

#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "supervise/denial.h"
#include "supervise/judge.h"
#include "supervise/net_names.h"
#include "supervise/net_rule.h"
#include "supervise/target.h"

static int option(int fd, int name)
{
	socklen_t len = sizeof(int);
	int value = -1;

	return getsockopt(fd, SOL_SOCKET, name, &value, &len) < 0 ? -errno :
								    value;
}

static int open_socket(struct call *call, int fd, struct net_socket *ret)
{
	int r = borrow_open(call->view.proc_fd, call->request.tid,
			    &ret->borrow);

	if (r < 0)
		return -EACCES;
	ret->fd = borrow_fd(&ret->borrow, fd);
	if (ret->fd < 0)
		return ret->fd;
	ret->domain = option(ret->fd, SO_DOMAIN);
	ret->type = option(ret->fd, SO_TYPE);
	ret->protocol = option(ret->fd, SO_PROTOCOL);
	return ret->domain < 0 ? ret->domain : 0;
}

bool net_socket_open(struct call *call, int fd, struct net_socket *ret)
{
	int r;

	*ret = (struct net_socket){ .fd = -EBADF };
	ret->borrow.pidfd = -EBADF;
	r = open_socket(call, fd, ret);
	/* Only now is it surely the requester's. */
	if (!call_is_current(call))
		return false;
	if (r < 0)
		answer_error(&call->answer, r);
	return r == 0;
}

void net_socket_close(struct net_socket *socket)
{
	if (socket->fd >= 0)
		(void)close(socket->fd);
	socket->fd = -EBADF;
	borrow_close(&socket->borrow);
}

bool net_socket_is_inet(const struct net_socket *socket)
{
	if (socket->domain != AF_INET && socket->domain != AF_INET6)
		return false;
	return (socket->type == SOCK_STREAM &&
		socket->protocol == IPPROTO_TCP) ||
	       (socket->type == SOCK_DGRAM && socket->protocol == IPPROTO_UDP);
}

bool net_socket_is_route(const struct net_socket *socket)
{
	return socket->domain == AF_NETLINK &&
	       socket->protocol == NETLINK_ROUTE;
}

bool net_name_is_kernel(const struct net_name *name)
{
	struct sockaddr_nl nl;

	if (name->len < sizeof(nl))
		return false;
	memcpy(&nl, &name->raw, sizeof(nl));
	return nl.nl_family == AF_NETLINK && nl.nl_pid == 0 &&
	       nl.nl_groups == 0;
}

int net_name_copy(struct call *call, uint64_t from, int len,
		  struct net_name *ret)
{
	int r = 0;

	memset(ret, 0, sizeof(*ret));
	ret->pin = -EBADF;
	if (len < 0 || (size_t)len > sizeof(ret->raw))
		return -EINVAL;
	if (len > 0)
		r = target_read(call->view.proc_fd, call->request.tid, from,
				&ret->raw, (size_t)len);
	ret->len = (socklen_t)len;
	return r;
}

void net_name_done(struct net_name *name)
{
	if (name->pin >= 0)
		(void)close(name->pin);
	name->pin = -EBADF;
}

static bool is_allowed(const struct supervisor *supervisor,
		       const struct net_rule *question)
{
	struct net_patience patience = { 0 };
	const struct net_rules *rules = supervisor->net_rules;

	if (supervisor->allow_net)
		return true;
	if (!rules)
		return false;
	/* What is known first: looking up takes time. */
	return net_rules_find(rules, question, net_names_has, NULL) ||
	       (rules->has_names &&
		net_rules_find(rules, question, net_names_has, &patience));
}

/* "to allow: --allow-net=…", quoted where a shell would see a pattern. */
static void make_hint(char *ret, size_t size, const struct net_rule *question,
		      const char *text)
{
	const char *quote = strchr(text, '[') ? "'" : "";

	if (!question->is_listen)
		(void)snprintf(ret, size, "to allow: %s--allow-net=%s%s", quote,
			       text, quote);
	else if (net_address_is_any(&question->address))
		(void)snprintf(ret, size, "to allow: --allow-net=listen:%d",
			       question->port);
	else
		(void)snprintf(ret, size, "to allow: %s--allow-net=listen:%s%s",
			       quote, text, quote);
}

bool net_judge(struct call *call, const char *operation,
	       const struct net_address *address, int port)
{
	bool is_listen = strcmp(operation, "listen") == 0;
	struct net_rule question = net_rule_ask(address, port, is_listen);
	char text[NET_TEXT_SIZE], hint[2 * NET_TEXT_SIZE];

	if (is_allowed(call->supervisor, &question))
		return true;
	net_address_text(address, port < 0 ? 0 : port, text);
	make_hint(hint, sizeof(hint), &question, text);
	/* getaddrinfo(3) does this to sort what it found; nothing is sent. */
	if (port == NET_PORT_SOME)
		denial_hide(call, EACCES);
	else
		judge_refuse(call, operation, text, "no --allow-net covers it",
			     hint);
	return false;
}

void net_refuse(struct call *call, const char *operation, const char *what)
{
	judge_refuse(call, operation, what,
		     "only TCP, UDP and unix sockets can be judged", NULL);
}

void net_wait_begin(struct call *call)
{
	atomic_store(&call->is_waiting, true);
}

void net_wait_end(struct call *call)
{
	atomic_store(&call->is_waiting, false);
}
