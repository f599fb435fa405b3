/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets whose addresses are allowed by rules: 127.0.0.1, and paths here. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "transparent.h"

static struct sockaddr_in loopback(int port)
{
	struct sockaddr_in ret = { .sin_family = AF_INET,
				   .sin_port = htons((unsigned short)port) };

	ret.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return ret;
}

static int port_of(int fd)
{
	struct sockaddr_in name;
	socklen_t len = sizeof(name);

	return getsockname(fd, (struct sockaddr *)&name, &len) < 0 ?
		       -1 :
		       ntohs(name.sin_port);
}

static const void *any(const void *name)
{
	return name;
}

static int server(int type)
{
	struct sockaddr_in name = loopback(0);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	outcome("server", "bind %s", shown(bind(fd, any(&name), sizeof(name))));
	if (type == SOCK_STREAM)
		outcome("server", "listen %s", shown(listen(fd, 4)));
	outcome("server", "has a port %d", port_of(fd) > 0);
	return fd;
}

static void try_stream(void)
{
	struct sockaddr_in name, none = { .sin_family = AF_UNSPEC };
	int listener = server(SOCK_STREAM);
	int fd = socket(AF_INET, SOCK_STREAM, 0), peer;
	char text[16] = "";

	name = loopback(port_of(listener));
	outcome("tcp", "send before %s", shown(send(fd, "x", 1, MSG_NOSIGNAL)));
	outcome("tcp", "connect %s",
		shown(connect(fd, any(&name), sizeof(name))));
	outcome("tcp", "again %s",
		shown(connect(fd, any(&name), sizeof(name))));
	peer = accept(listener, NULL, NULL);
	outcome("tcp", "accept %d", peer >= 0);
	outcome("tcp", "send %s", shown(send(fd, "some text", 9, 0)));
	outcome("tcp", "receive %s %s", shown(recv(peer, text, 15, 0)), text);
	outcome("tcp", "sendto connected %s",
		shown(sendto(peer, "back", 4, 0, any(&name), sizeof(name))));
	outcome("tcp", "bind connected %s",
		shown(bind(fd, any(&name), sizeof(name))));
	outcome("tcp", "listen connected %s", shown(listen(fd, 1)));
	(void)close(peer);
	(void)usleep(50000);
	outcome("tcp", "write %s", shown(send(fd, "x", 1, MSG_NOSIGNAL)));
	outcome("tcp", "disconnect %s",
		shown(connect(fd, any(&none), sizeof(none))));
	(void)close(fd);
	(void)close(listener);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	outcome("tcp", "nobody %s",
		shown(connect(fd, any(&name), sizeof(name))));
	(void)close(fd);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	outcome("tcp", "nobody, nonblocking %s",
		shown(connect(fd, any(&name), sizeof(name))));
	(void)close(fd);
}

static void try_pending(void)
{
	int listener = server(SOCK_STREAM);
	struct sockaddr_in name = loopback(port_of(listener));
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	int error = -1;
	socklen_t len = sizeof(error);

	outcome("pending", "connect %s",
		shown(connect(fd, any(&name), sizeof(name))));
	outcome("pending", "poll %d %x", poll(&pfd, 1, 2000), pfd.revents);
	(void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	outcome("pending", "error %d", error);
	outcome("pending", "connect %s",
		shown(connect(fd, any(&name), sizeof(name))));
	(void)close(fd);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	outcome("taken", "bind %s", shown(bind(fd, any(&name), sizeof(name))));
	(void)close(fd);
	(void)close(listener);
}

static void try_bad_arguments(void)
{
	struct sockaddr_in name = loopback(9);
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	struct sockaddr_storage big = { .ss_family = AF_INET };
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM };
	int file = open("file", O_RDWR);
	char id[64];

	memcpy(&big, &name, sizeof(name));
	for (size_t i = 0; i < COUNT(types); i++) {
		int fd = socket(AF_INET, types[i], 0);

		for (int len = -1; len <= 130;
		     len = len < 8 ? len + 1 : len * 2) {
			(void)snprintf(id, sizeof(id), "type %d, length %d",
				       types[i], len);
			outcome(id, "connect %s",
				shown(connect(fd, any(&big), (socklen_t)len)));
			outcome(id, "sendto %s",
				shown(sendto(fd, "x", 1, MSG_NOSIGNAL,
					     any(&big), (socklen_t)len)));
		}
		(void)snprintf(id, sizeof(id), "type %d", types[i]);
		outcome(id, "connect NULL %s", shown(connect(fd, NULL, 16)));
		outcome(id, "connect bad %s",
			shown(connect(fd, (void *)8, 16)));
		outcome(id, "bind NULL %s", shown(bind(fd, NULL, 16)));
		outcome(id, "bind short %s", shown(bind(fd, any(&name), 3)));
		outcome(id, "connect six %s",
			shown(connect(fd, any(&six), sizeof(six))));
		outcome(id, "sendmsg NULL %s", shown(sendmsg(fd, NULL, 0)));
		(void)close(fd);
	}
	outcome("file", "connect %s", shown(connect(file, any(&name), 16)));
	outcome("file", "bind %s", shown(bind(file, any(&name), 16)));
	outcome("file", "listen %s", shown(listen(file, 1)));
	outcome("file", "sendto %s",
		shown(sendto(file, "x", 1, 0, any(&name), 16)));
	outcome("closed", "connect %s", shown(connect(99, any(&name), 16)));
	outcome("closed", "sendto %s",
		shown(sendto(99, "x", 1, 0, any(&name), 16)));
	outcome("negative", "bind %s", shown(bind(-1, any(&name), 16)));
	outcome("closed", "listen %s", shown(listen(99, 1)));
	(void)close(file);
}

static void try_datagrams(void)
{
	static char huge[70000];
	int a = server(SOCK_DGRAM), b = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in name = loopback(port_of(a)), from;
	struct iovec parts[2] = { { "one ", 4 }, { "two", 3 } };
	struct msghdr message = { .msg_name = &name,
				  .msg_namelen = sizeof(name),
				  .msg_iov = parts,
				  .msg_iovlen = 2 };
	struct mmsghdr many[3];
	socklen_t len = sizeof(from);
	char text[32] = "";

	outcome("udp", "no address %s", shown(send(b, "x", 1, 0)));
	outcome("udp", "sendto %s",
		shown(sendto(b, "text", 4, 0, any(&name), sizeof(name))));
	outcome("udp", "receive %s %s",
		shown(recvfrom(a, text, 31, 0, (struct sockaddr *)&from, &len)),
		text);
	outcome("udp", "from %d", ntohs(from.sin_port) == port_of(b));
	outcome("udp", "sendmsg %s", shown(sendmsg(b, &message, 0)));
	memset(text, 0, sizeof(text));
	outcome("udp", "receive %s %s", shown(recv(a, text, 31, 0)), text);
	for (int i = 0; i < 3; i++)
		many[i] = (struct mmsghdr){ .msg_hdr = message };
	outcome("udp", "sendmmsg %s", shown(sendmmsg(b, many, 3, 0)));
	outcome("udp", "lengths %u %u", many[0].msg_len, many[2].msg_len);
	many[1].msg_hdr.msg_iov = (void *)16;
	outcome("udp", "sendmmsg, one bad %s", shown(sendmmsg(b, many, 3, 0)));
	outcome("udp", "too large %s",
		shown(sendto(b, huge, sizeof(huge), 0, any(&name),
			     sizeof(name))));
	outcome("udp", "empty %s",
		shown(sendto(b, "", 0, 0, any(&name), sizeof(name))));
	outcome("udp", "bad data %s",
		shown(sendto(b, (void *)16, 4, 0, any(&name), sizeof(name))));
	message.msg_iovlen = 2000;
	outcome("udp", "too many parts %s", shown(sendmsg(b, &message, 0)));
	outcome("udp", "connect %s",
		shown(connect(b, any(&name), sizeof(name))));
	outcome("udp", "send %s", shown(send(b, "x", 1, 0)));
	outcome("udp", "listen %s", shown(listen(b, 1)));
	(void)close(a);
	(void)send(b, "x", 1, 0);
	outcome("udp", "refused %s", shown(send(b, "x", 1, 0)));
	(void)close(b);
}

static struct sockaddr_un at_path(const char *path)
{
	struct sockaddr_un ret = { .sun_family = AF_UNIX };

	(void)snprintf(ret.sun_path, sizeof(ret.sun_path), "%s", path);
	return ret;
}

static void try_paths(void)
{
	static const char *const paths[] = {
		"bound",     "./other", "dir/in-dir", "file",
		"dangling",  "to-file", "missing/x",  "locked/x",
		"nowrite/x", "dir/",    "loop",       "file/x",
	};
	int a, b;

	for (size_t i = 0; i < COUNT(paths); i++) {
		struct sockaddr_un name = at_path(paths[i]);

		a = socket(AF_UNIX, SOCK_STREAM, 0);
		b = socket(AF_UNIX, SOCK_STREAM, 0);
		outcome(paths[i], "connect %s",
			shown(connect(b, any(&name), sizeof(name))));
		outcome(paths[i], "bind %s",
			shown(bind(a, any(&name), sizeof(name))));
		outcome(paths[i], "bind again %s",
			shown(bind(b, any(&name), sizeof(name))));
		outcome(paths[i], "not listening %s",
			shown(connect(b, any(&name), sizeof(name))));
		outcome(paths[i], "listen %s", shown(listen(a, 1)));
		outcome(paths[i], "connect %s",
			shown(connect(b, any(&name), sizeof(name))));
		outcome(paths[i], "send %s",
			shown(send(b, "x", 1, MSG_NOSIGNAL)));
		(void)close(a);
		(void)close(b);
		outcome(paths[i], "%s", fixture_changes());
	}
}

static void try_unix_datagrams(void)
{
	struct sockaddr_un name = at_path("box"), gone = at_path("gone");
	int a = socket(AF_UNIX, SOCK_DGRAM, 0);
	int b = socket(AF_UNIX, SOCK_DGRAM, 0);
	char text[16] = "";

	outcome("box", "bind %s", shown(bind(a, any(&name), sizeof(name))));
	outcome("box", "sendto %s",
		shown(sendto(b, "text", 4, 0, any(&name), sizeof(name))));
	outcome("box", "receive %s %s", shown(recv(a, text, 15, 0)), text);
	outcome("box", "gone %s",
		shown(sendto(b, "text", 4, 0, any(&gone), sizeof(gone))));
	outcome("box", "length %s",
		shown(sendto(b, "x", 1, 0, any(&name),
			     offsetof(struct sockaddr_un, sun_path) + 3)));
	outcome("box", "connect %s",
		shown(connect(b, any(&name), sizeof(name))));
	(void)close(a);
	outcome("box", "refused %s", shown(send(b, "x", 1, MSG_NOSIGNAL)));
	(void)close(b);
	fixture_build();
}

void run_net(void)
{
	try_stream();
	try_pending();
	try_bad_arguments();
	try_datagrams();
	try_paths();
	try_unix_datagrams();
}
