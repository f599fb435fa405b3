/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A minimal HTTP load: CONNECTIONS kept-alive connections to 127.0.0.1, one
 * request in flight on each, for MS milliseconds. Prints the answers counted.
 *
 *   load PORT MS CONNECTIONS
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_CONNECTIONS 256
#define MAX_RESPONSE 65536

struct connection {
	int fd;
	size_t len;
	char response[MAX_RESPONSE + 1];
};

static struct connection connections[MAX_CONNECTIONS];

static uint64_t now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
}

static int ask(const struct connection *c)
{
	static const char request[] = "GET / HTTP/1.1\r\n"
				      "Host: localhost\r\n"
				      "Connection: keep-alive\r\n\r\n";
	ssize_t n = write(c->fd, request, sizeof(request) - 1);

	return n == sizeof(request) - 1 ? 0 : -EIO;
}

static int connect_one(struct connection *c, int epoll_fd, uint16_t port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };
	int one = 1;

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (const struct sockaddr *)&address,
				 sizeof(address)) < 0)
		return -errno;
	(void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &event) < 0)
		return -errno;
	return ask(c);
}

/* 1: the whole answer is here; 0: not yet; -errno. */
static int take(struct connection *c)
{
	static const char length[] = "content-length:";
	ssize_t n = read(c->fd, c->response + c->len, MAX_RESPONSE - c->len);
	const char *body, *field;
	size_t total;

	if (n <= 0)
		return n < 0 ? -errno : -ECONNRESET;
	c->len += (size_t)n;
	c->response[c->len] = '\0';
	body = strstr(c->response, "\r\n\r\n");
	if (!body)
		return 0;
	field = strcasestr(c->response, length);
	if (!field || field > body)
		return -EBADMSG;
	total = (size_t)(body + 4 - c->response) +
		strtoul(field + sizeof(length) - 1, NULL, 10);
	if (c->len < total)
		return 0;
	c->len = 0;
	return 1;
}

static long run(int epoll_fd, uint64_t end)
{
	struct epoll_event events[MAX_CONNECTIONS];
	long answers = 0;

	while (now_ms() < end) {
		int n = epoll_wait(epoll_fd, events, MAX_CONNECTIONS, 100);

		for (int i = 0; i < n; i++) {
			struct connection *c = events[i].data.ptr;
			int r = take(c);

			if (r > 0) {
				answers++;
				r = ask(c);
			}
			if (r < 0) {
				errno = -r;
				return -1;
			}
		}
	}
	return answers;
}

int main(int argc, char **argv)
{
	uint16_t port;
	long answers;
	uint64_t ms;
	int epoll_fd, n;

	if (argc != 4) {
		(void)fputs("usage: load PORT MS CONNECTIONS\n", stderr);
		return 2;
	}
	port = (uint16_t)strtoul(argv[1], NULL, 10);
	ms = strtoul(argv[2], NULL, 10);
	n = (int)strtol(argv[3], NULL, 10);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (n < 1 || n > MAX_CONNECTIONS || epoll_fd < 0)
		return 2;
	for (int i = 0; i < n; i++) {
		int r = connect_one(&connections[i], epoll_fd, port);

		if (r < 0) {
			errno = -r;
			perror("load");
			return 1;
		}
	}
	answers = run(epoll_fd, now_ms() + ms);
	if (answers < 0) {
		perror("load");
		return 1;
	}
	(void)printf("%ld\n", answers);
	return 0;
}
