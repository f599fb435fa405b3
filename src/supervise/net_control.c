/* SPDX-License-Identifier: Apache-2.0 */
/* Ancillary data: what may go with a message, see cmsg(3). */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "supervise/net_message.h"
#include "supervise/target.h"

#define CONTROL_MAX 65536 /* the kernel's own limit is near this */
#define SOL_TLS 282
#define TLS_SET_RECORD_TYPE 1
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

/* None of these says where a packet goes. */
static const struct {
	int level;
	int type;
} allowed[] = {
	{ IPPROTO_IP, IP_PKTINFO },      { IPPROTO_IP, IP_TTL },
	{ IPPROTO_IP, IP_TOS },          { IPPROTO_IPV6, IPV6_PKTINFO },
	{ IPPROTO_IPV6, IPV6_HOPLIMIT }, { IPPROTO_IPV6, IPV6_TCLASS },
	{ IPPROTO_UDP, UDP_SEGMENT },    { SOL_TLS, TLS_SET_RECORD_TYPE },
};

static bool is_allowed(const struct cmsghdr *header)
{
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		if (header->cmsg_level == allowed[i].level &&
		    header->cmsg_type == allowed[i].type)
			return true;
	return false;
}

/* The receiver gets the very files, through our hands. */
static int borrow_fds(const struct net_socket *socket,
		      struct net_message *message, char *data, size_t len)
{
	for (size_t i = 0; i + sizeof(int) <= len; i += sizeof(int)) {
		int fd;

		if (message->n_fds == NET_FDS_MAX)
			return -EINVAL;
		memcpy(&fd, data + i, sizeof(fd));
		fd = borrow_fd(&socket->borrow, fd);
		if (fd < 0)
			return fd;
		message->fds[message->n_fds++] = fd;
		memcpy(data + i, &fd, sizeof(fd));
	}
	return 0;
}

/*
 * Who sends is us: the kernel would not let us name another process. So a
 * program that names itself is left to the kernel, which names us, with the
 * same user and group.
 */
static int check_credentials(struct call *call, const char *data, size_t len)
{
	struct target_status status;
	struct ucred cred;

	if (len != sizeof(cred))
		return -EINVAL;
	memcpy(&cred, data, sizeof(cred));
	if (target_status(call->view.proc_fd, call->request.tid, &status) < 0)
		return -EACCES;
	if (cred.pid != status.tgid)
		return -EPERM;
	if ((cred.uid != getuid() && cred.uid != geteuid()) ||
	    (cred.gid != getgid() && cred.gid != getegid()))
		return -EPERM;
	return 0;
}

/* Return: 1 when it goes along, 0 when it is left out, or -errno. */
static int take_unix(struct call *call, const struct net_socket *socket,
		     struct net_message *message, struct cmsghdr *header)
{
	char *data = (char *)header + CMSG_LEN(0);
	size_t len = header->cmsg_len - CMSG_LEN(0);
	int r;

	if (header->cmsg_level != SOL_SOCKET)
		return 0; /* as the kernel */
	if (header->cmsg_type == SCM_CREDENTIALS)
		return check_credentials(call, data, len);
	if (header->cmsg_type != SCM_RIGHTS)
		return -EPERM;
	r = borrow_fds(socket, message, data, len);
	return r < 0 ? r : 1;
}

static int take(struct call *call, const struct net_socket *socket,
		struct net_message *message, struct cmsghdr *header)
{
	if (socket->domain == AF_UNIX)
		return take_unix(call, socket, message, header);
	return net_socket_is_inet(socket) && is_allowed(header) ? 1 : -EPERM;
}

/* Keeps in @message->control, in place, the parts that go along. */
static int filter(struct call *call, const struct net_socket *socket,
		  struct net_message *message, size_t size)
{
	size_t at = 0, kept = 0;

	while (size - at >= sizeof(struct cmsghdr)) {
		struct cmsghdr *header =
			(struct cmsghdr *)(void *)(message->control + at);
		size_t len = header->cmsg_len;
		size_t space = CMSG_ALIGN(len);
		int r;

		if (len < sizeof(*header) || len > size - at)
			return -EINVAL;
		r = take(call, socket, message, header);
		if (r < 0)
			return r;
		if (space > size - at)
			space = size - at;
		if (r > 0) {
			memmove(message->control + kept, header, space);
			kept += space;
		}
		at += space;
	}
	message->control_len = kept;
	return 0;
}

int net_message_control(struct call *call, const struct net_socket *socket,
			struct net_message *message)
{
	size_t size = message->control_size;
	int r;

	if (size == 0)
		return 0;
	if (size > CONTROL_MAX)
		return -ENOBUFS;
	message->control = calloc(1, size);
	if (!message->control)
		return -ENOBUFS;
	r = target_read(call->view.proc_fd, call->request.tid,
			message->control_at, message->control, size);
	return r < 0 ? r : filter(call, socket, message, size);
}
