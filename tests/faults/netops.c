/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A target that uses sockets: one operation for each argument, OP:WHERE, and
 * one line "OP WHERE: OK" or "OP WHERE: ERRNO" for each. WHERE is a port of
 * 127.0.0.1, or a path, or @NAME (abstract).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct place {
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_un un;
	};
	socklen_t len;
};

static struct place place_of(const char *text)
{
	struct place p = { .len = sizeof(p.in) };

	memset(&p.un, 0, sizeof(p.un));
	if (text[0] >= '0' && text[0] <= '9') {
		p.in.sin_family = AF_INET;
		p.in.sin_port = htons((uint16_t)atoi(text));
		p.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return p;
	}
	p.un.sun_family = AF_UNIX;
	(void)snprintf(p.un.sun_path, sizeof(p.un.sun_path), "%s", text);
	p.len = (socklen_t)(sizeof(sa_family_t) + strlen(text));
	if (text[0] == '@')
		p.un.sun_path[0] = '\0';
	else
		p.len++;
	return p;
}

/* The message has arrived when the peer's kernel has it: no answer is read. */
static int op_connect(int fd, const struct place *p)
{
	if (connect(fd, &p->any, p->len) < 0)
		return -1;
	return send(fd, "x", 1, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

static int op_sendto(int fd, const struct place *p)
{
	return sendto(fd, "x", 1, MSG_NOSIGNAL, &p->any, p->len) < 0 ? -1 : 0;
}

static int op_sendmsg(int fd, const struct place *p)
{
	struct place copy = *p;
	struct iovec part = { "x", 1 };
	struct mmsghdr messages[1] = { { .msg_hdr = { .msg_name = &copy.any,
						      .msg_namelen = copy.len,
						      .msg_iov = &part,
						      .msg_iovlen = 1 } } };

	if (sendmsg(fd, &messages[0].msg_hdr, MSG_NOSIGNAL) < 0)
		return -1;
	return sendmmsg(fd, messages, 1, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

static int op_listen(int fd, const struct place *p)
{
	if (bind(fd, &p->any, p->len) < 0)
		return -1;
	return listen(fd, 1);
}

static const struct {
	const char *name;
	int type;
	int (*run)(int fd, const struct place *place);
} ops[] = {
	{ "connect", SOCK_STREAM, op_connect },
	{ "udp", SOCK_DGRAM, op_connect },
	{ "sendto", SOCK_DGRAM, op_sendto },
	{ "sendmsg", SOCK_DGRAM, op_sendmsg },
	{ "listen", SOCK_STREAM, op_listen },
};

static int run(const char *name, const char *where)
{
	struct place place = place_of(where);
	int fd, r = -1;

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		if (strcmp(ops[i].name, name) != 0)
			continue;
		fd = socket(place.any.sa_family, ops[i].type | SOCK_CLOEXEC, 0);
		if (fd < 0)
			return -1;
		r = ops[i].run(fd, &place);
		(void)close(fd);
	}
	return r;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char *where = strchr(argv[i], ':');

		if (!where)
			return atoi(argv[i]);
		*where++ = '\0';
		errno = EINVAL;
		printf("%s %s: %s\n", argv[i], where,
		       run(argv[i], where) == 0 ? "OK" :
						  strerrorname_np(errno));
		(void)fflush(stdout);
	}
	return 0;
}
