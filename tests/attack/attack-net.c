/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack-net serve: sockets at 127.0.0.1 and 127.0.0.2, with one port; at
 * SIGTERM says who came. attack-net HOW PORT ROUNDS: races the address between
 * the two while it is used. attack-net unix|link ONE OTHER ROUNDS: the same of
 * two sockets in the file system, by their path or by a symbolic link.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "attack.h"

#define RACED_FD 50
#define LAST_BYTE 7 /* of the address in a struct sockaddr_in */

static volatile sig_atomic_t is_over;

static void on_term(int signal)
{
	(void)signal;
	is_over = 1;
}

static struct sockaddr_in place(unsigned last, unsigned port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(0x7f000000u | last),
	};
}

/* Both addresses at one port; that of the first socket, if it is free twice. */
static int open_both(int fds[4])
{
	for (int try = 0; try < 50; try++) {
		unsigned port =
			20000u + (unsigned)(getpid() * 7 + try) % 20000u;
		int n = 0;

		for (; n < 4; n++) {
			struct sockaddr_in at =
				place(1 + (unsigned)n % 2, port);

			fds[n] = socket(AF_INET,
					n < 2 ? SOCK_STREAM : SOCK_DGRAM, 0);
			if (bind(fds[n], (void *)&at, sizeof(at)) < 0 ||
			    (n < 2 && listen(fds[n], 4096) < 0))
				break;
		}
		if (n == 4)
			return (int)port;
		while (n >= 0)
			(void)close(fds[n--]);
	}
	return -1;
}

static int serve(void)
{
	static const struct sigaction action = { .sa_handler = on_term };
	struct pollfd polls[4];
	long counts[4] = { 0 };
	char text[100];
	int fds[4];
	int port = open_both(fds);

	(void)sigaction(SIGTERM, &action, NULL);
	printf("listening on 127.0.0.1:%d\n", port);
	(void)fflush(stdout);
	while (!is_over && port > 0) {
		for (int i = 0; i < 4; i++)
			polls[i] = (struct pollfd){ fds[i], POLLIN, 0 };
		(void)poll(polls, 4, 1000);
		for (int i = 0; i < 4; i++) {
			if (!(polls[i].revents & POLLIN))
				continue;
			if (i >= 2)
				counts[i] += recv(fds[i], text, sizeof(text),
						  MSG_DONTWAIT) > 0;
			else
				counts[i] +=
					close(accept(fds[i], NULL, NULL)) == 0;
		}
	}
	printf("streams=%ld secret=%ld\ndatagrams=%ld secret=%ld\n", counts[0],
	       counts[1], counts[2], counts[3]);
	return 0;
}

/* 0: at the allowed address, 1: at the other one, -1: refused. */
static int use_connect(const struct sockaddr_in *to)
{
	struct sockaddr_in peer = { 0 };
	socklen_t len = sizeof(peer);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int r = connect(fd, (const void *)to, sizeof(*to));

	if (r == 0 && getpeername(fd, (void *)&peer, &len) == 0)
		r = (ntohl(peer.sin_addr.s_addr) & 0xff) == 2;
	(void)close(fd);
	return r;
}

static int use_send(const char *how, int fd, struct sockaddr_in *to)
{
	char text[] = "x";
	struct iovec part = { text, 1 };
	struct mmsghdr messages[1] = { 0 };

	if (strcmp(how, "sendto") == 0)
		return sendto(fd, "x", 1, 0, (void *)to, sizeof(*to)) < 0 ? -1 :
									    0;
	messages[0].msg_hdr = (struct msghdr){ .msg_name = to,
					       .msg_namelen = sizeof(*to),
					       .msg_iov = &part,
					       .msg_iovlen = 1 };
	if (strcmp(how, "sendmsg") == 0)
		return sendmsg(fd, &messages[0].msg_hdr, 0) < 0 ? -1 : 0;
	return sendmmsg(fd, messages, 1, 0) < 0 ? -1 : 0;
}

static void report(const int counts[3])
{
	printf("allowed=%d refused=%d secret=%d\n", counts[1], counts[0],
	       counts[2]);
}

static bool met_all(const int counts[3], int i, int rounds)
{
	return counts[1] > 0 &&
	       (counts[0] > 0 || counts[2] > 0 || i > 4 * rounds);
}

static int race_address(const char *how, unsigned port, int rounds)
{
	static struct flipper f;
	struct sockaddr_in one = place(1, port);
	int counts[3] = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	memcpy(f.path, &one, sizeof(one));
	f.place = LAST_BYTE;
	f.bytes[0] = 1;
	f.bytes[1] = 2;
	flipper_start(&f, flip);
	for (int i = 0;
	     !flipper_is_done(&f, i, rounds, met_all(counts, i, rounds)); i++)
		counts[1 + (strcmp(how, "connect") == 0 ?
				    use_connect((void *)f.path) :
				    use_send(how, fd, (void *)f.path))]++;
	flipper_stop(&f);
	report(counts);
	return 0;
}

static int raced[2];

static void *point_elsewhere(void *data)
{
	struct flipper *f = data;

	while (!f->is_over) {
		(void)dup2(raced[0], RACED_FD);
		flip_pause(f);
		(void)dup2(raced[1], RACED_FD);
		flip_pause(f);
	}
	return NULL;
}

/*
 * A number that is now a pair, of which the address is ignored, and now a
 * socket that sends there.
 */
static int race_number(unsigned port, int rounds)
{
	static struct flipper f;
	struct sockaddr_in other = place(2, port);
	int counts[3] = { 0 };
	char text[16];
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0)
		attack_die("socketpair");
	raced[0] = pair[0];
	raced[1] = socket(AF_INET, SOCK_DGRAM, 0);
	(void)dup2(raced[0], RACED_FD);
	flipper_start(&f, point_elsewhere);
	for (int i = 0;
	     !flipper_is_done(&f, i, rounds, met_all(counts, i, rounds)); i++) {
		counts[1 + use_send("sendmsg", RACED_FD, &other)]++;
		while (recv(pair[1], text, sizeof(text), MSG_DONTWAIT) > 0)
			;
	}
	flipper_stop(&f);
	report(counts);
	return 0;
}

static int use_path(const char *path, const char *other)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct sockaddr_un peer = { 0 };
	socklen_t len = sizeof(peer);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	int r;

	r = connect(fd, (const void *)path, sizeof(to));
	if (r == 0 && getpeername(fd, (void *)&peer, &len) == 0)
		r = strcmp(peer.sun_path, other) == 0;
	(void)close(fd);
	return r;
}

static int race_path(const char *one, const char *other, int rounds)
{
	static struct flipper names, f;
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int counts[3] = { 0 };

	flipper_init(&names, one, other);
	(void)snprintf(to.sun_path, sizeof(to.sun_path), "%s", one);
	memcpy(f.path, &to, sizeof(to));
	f.place = offsetof(struct sockaddr_un, sun_path) + names.place;
	memcpy(f.bytes, names.bytes, sizeof(f.bytes));
	flipper_start(&f, flip);
	for (int i = 0;
	     !flipper_is_done(&f, i, rounds, met_all(counts, i, rounds)); i++)
		counts[1 + use_path(f.path, other)]++;
	flipper_stop(&f);
	report(counts);
	return 0;
}

static const char *link_to[2];

static void *point_link(void *data)
{
	struct flipper *f = data;

	while (!f->is_over)
		for (int i = 0; i < 2; i++) {
			(void)unlink("new");
			(void)symlink(link_to[i], "new");
			(void)rename("new", "link");
			flip_pause(f);
		}
	return NULL;
}

static int race_link(const char *one, const char *other, int rounds)
{
	static struct flipper f;
	struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = "link" };
	int counts[3] = { 0 };

	link_to[0] = one;
	link_to[1] = other;
	(void)symlink(one, "link");
	flipper_start(&f, point_link);
	for (int i = 0;
	     !flipper_is_done(&f, i, rounds, met_all(counts, i, rounds)); i++)
		counts[1 + use_path((void *)&to, other)]++;
	flipper_stop(&f);
	report(counts);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "serve") == 0)
		return serve();
	if (argc == 4 && strcmp(argv[1], "number") == 0)
		return race_number((unsigned)atoi(argv[2]), atoi(argv[3]));
	if (argc == 4)
		return race_address(argv[1], (unsigned)atoi(argv[2]),
				    atoi(argv[3]));
	if (argc == 5 && strcmp(argv[1], "unix") == 0)
		return race_path(argv[2], argv[3], atoi(argv[4]));
	if (argc == 5 && strcmp(argv[1], "link") == 0)
		return race_link(argv[2], argv[3], atoi(argv[4]));
	return 99;
}
