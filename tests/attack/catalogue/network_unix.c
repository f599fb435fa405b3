// SPDX-License-Identifier: Apache-2.0
/* Ways to a unix socket of a server outside. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "catalogue.h"
#include "tricks.h"

#define TEXT "reached"

static socklen_t fill(struct sockaddr_un *ret, const char *path)
{
	size_t n = strlen(path);

	ret->sun_family = AF_UNIX;
	if (n >= sizeof(ret->sun_path))
		cannot_show("the path of the socket is too long");
	memcpy(ret->sun_path, path, n + 1);
	/* An abstract name starts with a NUL, and is as long as it is. */
	if (path[0] == '@')
		ret->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n +
			   (path[0] == '@' ? 0 : 1));
}

static int make(long type)
{
	return (int)said("socket", syscall(SYS_socket, AF_UNIX, type, 0));
}

static void go(int fd, const char *path)
{
	struct sockaddr_un to;
	socklen_t size = fill(&to, path);

	(void)said("connect", connect(fd, (void *)&to, size));
	(void)said("write", write(fd, TEXT, sizeof(TEXT)));
}

static void send_to(int fd, const char *path)
{
	struct sockaddr_un to;
	socklen_t size = fill(&to, path);

	(void)said("sendto", sendto(fd, TEXT, sizeof(TEXT), MSG_NOSIGNAL,
				    (void *)&to, size));
}

static void stream(void)
{
	go(make(SOCK_STREAM), world("stream"));
}

static void stream_link(void)
{
	go(make(SOCK_STREAM), link_to(world("stream"), "x"));
}

static void stream_proc(void)
{
	go(make(SOCK_STREAM), text("/proc/self/root%s", world("stream")));
}

static void stream_place(void)
{
	go(make(SOCK_STREAM),
	   text("/proc/self/fd/%d", open(world("stream"), O_PATH)));
}

static void stream_relative(void)
{
	char path[4096];
	char *slash;

	(void)snprintf(path, sizeof(path), "%s", world("stream"));
	slash = strrchr(path, '/');
	*slash = '\0';
	(void)said("chdir", chdir(path));
	go(make(SOCK_STREAM), slash + 1);
}

/* A name without the NUL at its end. */
static void stream_short(void)
{
	struct sockaddr_un to;
	socklen_t size = fill(&to, world("stream"));

	(void)said("connect",
		   connect(make(SOCK_STREAM), (void *)&to, size - 1));
}

static void stream_alias(void)
{
	(void)said("link", link(world("stream"), in_write("x")));
	go(make(SOCK_STREAM), in_write("x"));
}

static void stream_moved(void)
{
	(void)said("rename", rename(world("stream"), in_write("x")));
	go(make(SOCK_STREAM), in_write("x"));
	/* Others need it there. */
	(void)rename(in_write("x"), world("stream"));
}

static void datagram(void)
{
	send_to(make(SOCK_DGRAM), world("datagram"));
}

static void datagram_connected(void)
{
	go(make(SOCK_DGRAM), world("datagram"));
}

static void datagram_link(void)
{
	send_to(make(SOCK_DGRAM), link_to(world("datagram"), "x"));
}

static const char *abstract(void)
{
	return text("@%s", world("abstract"));
}

static void abstract_stream(void)
{
	go(make(SOCK_STREAM), abstract());
}

static void abstract_datagram(void)
{
	send_to(make(SOCK_DGRAM), abstract());
}

static int pair(void)
{
	int fds[2] = { -1, -1 };

	(void)said("socketpair", socketpair(AF_UNIX, SOCK_DGRAM, 0, fds));
	return fds[0];
}

static void pair_send(void)
{
	send_to(pair(), world("datagram"));
}

static void pair_abstract(void)
{
	send_to(pair(), abstract());
}

static void pair_connect(void)
{
	go(pair(), world("datagram"));
}

static void pair_message(void)
{
	struct sockaddr_un to;
	char bytes[] = TEXT;
	struct iovec iov = { bytes, sizeof(bytes) };
	struct msghdr message = { .msg_name = &to,
				  .msg_iov = &iov,
				  .msg_iovlen = 1 };

	message.msg_namelen = fill(&to, world("datagram"));
	(void)said("sendmsg", sendmsg(pair(), &message, MSG_NOSIGNAL));
}

static void pair_messages(void)
{
	struct sockaddr_un to;
	char bytes[] = TEXT;
	struct iovec iov = { bytes, sizeof(bytes) };
	struct mmsghdr message = {
		.msg_hdr = { .msg_name = &to, .msg_iov = &iov, .msg_iovlen = 1 }
	};

	message.msg_hdr.msg_namelen = fill(&to, world("datagram"));
	(void)said("sendmmsg", sendmmsg(pair(), &message, 1, MSG_NOSIGNAL));
}

/* The type has flags, and more bits than the kernel reads. */
static void pair_odd(void)
{
	int fds[2] = { -1, -1 };

	(void)said("socketpair",
		   syscall(SYS_socketpair, AF_UNIX | 1L << 32,
			   SOCK_DGRAM | SOCK_CLOEXEC | 1L << 32, 0, fds));
	send_to(fds[0], world("datagram"));
}

/* SOCK_RAW is SOCK_DGRAM for unix sockets. */
static void pair_raw(void)
{
	int fds[2] = { -1, -1 };

	(void)said("socketpair", socketpair(AF_UNIX, SOCK_RAW, 0, fds));
	send_to(fds[0], world("datagram"));
}

#define SOCKETS "sockets", NULL, 0

const struct attack network_unix_attacks[] = {
	{ "T155", "a stream", SOCKETS, stream },
	{ "T155b", "a stream through a symlink", SOCKETS, stream_link },
	{ "T155c", "a stream by /proc/self/root", SOCKETS, stream_proc },
	{ "T155d", "a stream by an O_PATH descriptor", SOCKETS, stream_place },
	{ "T155e", "a stream from the working directory", SOCKETS,
	  stream_relative },
	{ "T155f", "a stream, no NUL behind its name", SOCKETS, stream_short },
	{ "T155g", "a stream by a hard link", SOCKETS, stream_alias },
	{ "T155h", "a stream that was moved here", SOCKETS, stream_moved },
	{ "T155i", "a datagram", SOCKETS, datagram },
	{ "T155j", "a datagram, connected", SOCKETS, datagram_connected },
	{ "T155k", "a datagram through a symlink", SOCKETS, datagram_link },
	{ "T155l", "an abstract name, a stream", SOCKETS, abstract_stream },
	{ "T155m", "an abstract name, a datagram", SOCKETS, abstract_datagram },
	{ "T156", "one of a pair, sendto", SOCKETS, pair_send },
	{ "T156b", "one of a pair to an abstract name", SOCKETS,
	  pair_abstract },
	{ "T156c", "one of a pair, connected anew", SOCKETS, pair_connect },
	{ "T156d", "one of a pair, sendmsg", SOCKETS, pair_message },
	{ "T156e", "one of a pair, sendmmsg", SOCKETS, pair_messages },
	{ "T156f", "one of a pair, flags and high bits", SOCKETS, pair_odd },
	{ "T156g", "one of a pair, SOCK_RAW", SOCKETS, pair_raw },
	{ 0 },
};
