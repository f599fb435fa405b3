// SPDX-License-Identifier: Apache-2.0
/* Ways to a server of the internet: none is allowed. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "catalogue.h"
#include "tricks.h"

#define PROTOCOL_MPTCP 262
#define TEXT "reached"

static struct sockaddr_in address(const char *port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)world_number(port)),
		.sin_addr = { htonl(INADDR_LOOPBACK) },
	};
}

static struct sockaddr_in6 address6(const char *port)
{
	return (struct sockaddr_in6){
		.sin6_family = AF_INET6,
		.sin6_port = htons((uint16_t)world_number(port)),
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};
}

static int make(long family, long type, long protocol)
{
	return (int)said("socket", syscall(SYS_socket, family, type, protocol));
}

static void go(int fd, const void *to, socklen_t size)
{
	(void)said("connect", connect(fd, to, size));
	(void)said("write", write(fd, TEXT, sizeof(TEXT)));
}

static void tcp(void)
{
	struct sockaddr_in to = address("tcp");

	go(make(AF_INET, SOCK_STREAM, 0), &to, sizeof(to));
}

static void tcp6(void)
{
	struct sockaddr_in6 to = address6("tcp");

	go(make(AF_INET6, SOCK_STREAM, 0), &to, sizeof(to));
}

static void tcp_high(void)
{
	struct sockaddr_in to = address("tcp");

	go(make(AF_INET | 1L << 32, SOCK_STREAM | 1L << 33, 1L << 34), &to,
	   sizeof(to));
}

static void mptcp(void)
{
	struct sockaddr_in to = address("tcp");

	go(make(AF_INET, SOCK_STREAM, PROTOCOL_MPTCP), &to, sizeof(to));
}

static void mptcp6(void)
{
	struct sockaddr_in6 to = address6("tcp");

	go(make(AF_INET6, SOCK_STREAM, PROTOCOL_MPTCP), &to, sizeof(to));
}

static void fast_open(void)
{
	struct sockaddr_in to = address("tcp");

	(void)said("sendto",
		   sendto(make(AF_INET, SOCK_STREAM, 0), TEXT, sizeof(TEXT),
			  MSG_FASTOPEN, (void *)&to, sizeof(to)));
}

static struct msghdr message_to(void *to, socklen_t size)
{
	static char bytes[] = TEXT;
	static struct iovec iov = { bytes, sizeof(bytes) };

	return (struct msghdr){ .msg_name = to,
				.msg_namelen = size,
				.msg_iov = &iov,
				.msg_iovlen = 1 };
}

static void fast_open_message(void)
{
	struct sockaddr_in to = address("tcp");
	struct msghdr message = message_to(&to, sizeof(to));

	(void)said("sendmsg", sendmsg(make(AF_INET, SOCK_STREAM, 0), &message,
				      MSG_FASTOPEN));
}

static void fast_open_messages(void)
{
	struct sockaddr_in to = address("tcp");
	struct mmsghdr messages = { message_to(&to, sizeof(to)), 0 };

	(void)said("sendmmsg", sendmmsg(make(AF_INET, SOCK_STREAM, 0),
					&messages, 1, MSG_FASTOPEN));
}

static void fast_open_high(void)
{
	struct sockaddr_in to = address("tcp");

	(void)said("sendto", syscall(SYS_sendto, make(AF_INET, SOCK_STREAM, 0),
				     TEXT, sizeof(TEXT),
				     MSG_FASTOPEN | 1L << 32, &to, sizeof(to)));
}

/* connect() says nothing yet; the first bytes do. */
static void fast_open_option(void)
{
	struct sockaddr_in to = address("tcp");
	int fd = make(AF_INET, SOCK_STREAM, 0), on = 1;

	(void)said("setsockopt",
		   setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on,
			      sizeof(on)));
	go(fd, &to, sizeof(to));
}

static void udp(void)
{
	struct sockaddr_in to = address("udp");

	(void)said("sendto", sendto(make(AF_INET, SOCK_DGRAM, 0), TEXT,
				    sizeof(TEXT), 0, (void *)&to, sizeof(to)));
}

static void udp_connected(void)
{
	struct sockaddr_in to = address("udp");

	go(make(AF_INET, SOCK_DGRAM, 0), &to, sizeof(to));
}

static void udp_message(void)
{
	struct sockaddr_in to = address("udp");
	struct msghdr message = message_to(&to, sizeof(to));

	(void)said("sendmsg",
		   sendmsg(make(AF_INET, SOCK_DGRAM, 0), &message, 0));
}

static void udp_messages(void)
{
	struct sockaddr_in to = address("udp");
	struct mmsghdr messages = { message_to(&to, sizeof(to)), 0 };

	(void)said("sendmmsg",
		   sendmmsg(make(AF_INET, SOCK_DGRAM, 0), &messages, 1, 0));
}

struct packet {
	struct iphdr ip;
	struct udphdr udp;
	char text[sizeof(TEXT)];
} __attribute__((packed));

static uint16_t sum(const void *bytes, size_t n)
{
	const unsigned char *at = bytes;
	uint32_t total = 0;

	for (size_t i = 0; i + 1 < n; i += 2)
		total += (uint32_t)at[i] << 8 | at[i + 1];
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return htons((uint16_t)~total);
}

static struct packet packet_to(const struct sockaddr_in *to)
{
	struct packet ret = {
		.ip = { .ihl = 5,
			.version = 4,
			.tot_len = htons(sizeof(struct packet)),
			.ttl = 64,
			.protocol = IPPROTO_UDP,
			.saddr = htonl(INADDR_LOOPBACK),
			.daddr = to->sin_addr.s_addr },
		.udp = { .source = htons(9),
			 .dest = to->sin_port,
			 .len = htons(sizeof(struct udphdr) + sizeof(TEXT)) },
		.text = TEXT,
	};

	ret.ip.check = sum(&ret.ip, sizeof(ret.ip));
	return ret;
}

static void raw(void)
{
	struct sockaddr_in to = address("udp");
	struct packet packet = packet_to(&to);
	int fd = make(AF_INET, SOCK_RAW, IPPROTO_RAW);

	(void)said("sendto", sendto(fd, &packet.ip, sizeof(struct packet), 0,
				    (void *)&to, sizeof(to)));
}

static void raw_udp(void)
{
	struct sockaddr_in to = address("udp");
	struct packet packet = packet_to(&to);
	int fd = make(AF_INET, SOCK_RAW, IPPROTO_UDP);

	(void)said("sendto",
		   sendto(fd, &packet.udp,
			  sizeof(struct packet) - sizeof(struct iphdr), 0,
			  (void *)&to, sizeof(to)));
}

static void mapped(void)
{
	struct sockaddr_in6 to = address6("tcp");

	to.sin6_addr = (struct in6_addr){
		.s6_addr = { [10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1 }
	};
	go(make(AF_INET6, SOCK_STREAM, 0), &to, sizeof(to));
}

static void any(void)
{
	struct sockaddr_in to = address("tcp");

	to.sin_addr.s_addr = htonl(INADDR_ANY);
	go(make(AF_INET, SOCK_STREAM, 0), &to, sizeof(to));
}

static void any6(void)
{
	struct sockaddr_in6 to = address6("tcp");

	to.sin6_addr = (struct in6_addr)IN6ADDR_ANY_INIT;
	go(make(AF_INET6, SOCK_STREAM, 0), &to, sizeof(to));
}

static void udp_any(void)
{
	struct sockaddr_in to = address("udp");

	to.sin_addr.s_addr = htonl(INADDR_ANY);
	go(make(AF_INET, SOCK_DGRAM, 0), &to, sizeof(to));
}

/* No family means IPv4 here. */
static void udp_no_family(void)
{
	struct sockaddr_in to = address("udp");

	to.sin_family = AF_UNSPEC;
	(void)said("sendto", sendto(make(AF_INET, SOCK_DGRAM, 0), TEXT,
				    sizeof(TEXT), 0, (void *)&to, sizeof(to)));
}

/* An IPv4 address for a socket of IPv6. */
static void udp_on_v6(void)
{
	struct sockaddr_in to = address("udp");

	(void)said("sendto", sendto(make(AF_INET6, SOCK_DGRAM, 0), TEXT,
				    sizeof(TEXT), 0, (void *)&to, sizeof(to)));
}

static void rebound(void)
{
	struct sockaddr_in to = address("udp");
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	int fd = make(AF_INET, SOCK_DGRAM, 0);

	(void)connect(fd, (void *)&to, sizeof(to));
	(void)connect(fd, &none, sizeof(none));
	(void)said("sendto",
		   sendto(fd, TEXT, sizeof(TEXT), 0, (void *)&to, sizeof(to)));
}

static void debug_signal(void)
{
	(void)said("kill", kill(world_number("victim"), SIGUSR1));
}

/* The way of a runtime that asks another one to listen. */
static void debug_signal_pidfd(void)
{
	int fd = (int)syscall(SYS_pidfd_open, world_number("victim"), 0);

	(void)said("pidfd_send_signal",
		   syscall(SYS_pidfd_send_signal, fd, SIGUSR1, NULL, 0));
}

#define NETWORK "network", NULL, 0
#define NETWORK_ROOT "network", NULL, ONLY_ROOT

const struct attack network_attacks[] = {
	{ "T151", "MSG_FASTOPEN by sendto", NETWORK, fast_open },
	{ "T151b", "MSG_FASTOPEN by sendmsg", NETWORK, fast_open_message },
	{ "T151c", "MSG_FASTOPEN by sendmmsg", NETWORK, fast_open_messages },
	{ "T151d", "MSG_FASTOPEN, high bits set", NETWORK, fast_open_high },
	{ "T151e", "TCP_FASTOPEN_CONNECT", NETWORK, fast_open_option },
	{ "T152", "multipath TCP", NETWORK, mptcp },
	{ "T152b", "multipath TCP, IPv6", NETWORK, mptcp6 },
	{ "T154", "TCP", NETWORK, tcp },
	{ "T154b", "TCP, IPv6", NETWORK, tcp6 },
	{ "T154c", "UDP by sendto", NETWORK, udp },
	{ "T154d", "UDP, connected", NETWORK, udp_connected },
	{ "T154e", "UDP by sendmsg", NETWORK, udp_message },
	{ "T154f", "UDP by sendmmsg", NETWORK, udp_messages },
	{ "T154g", "a raw socket, headers of its own", NETWORK_ROOT, raw },
	{ "T154h", "a raw socket of UDP", NETWORK_ROOT, raw_udp },
	{ "T159", "IPv4 mapped into IPv6", NETWORK, mapped },
	{ "T159b", "0.0.0.0", NETWORK, any },
	{ "T159c", "::", NETWORK, any6 },
	{ "T159d", "UDP to 0.0.0.0", NETWORK, udp_any },
	{ "T159e", "UDP to an address of no family", NETWORK, udp_no_family },
	{ "T159f", "UDP to IPv4 on a socket of IPv6", NETWORK, udp_on_v6 },
	{ "T159g", "UDP after a connection was dissolved", NETWORK, rebound },
	{ "T160", "the signal that opens an inspector", "processes", NULL, 0,
	  debug_signal },
	{ "T160b", "the same by a pidfd", "processes", NULL, 0,
	  debug_signal_pidfd },
	{ "T188d", "socket, high bits set", NETWORK, tcp_high },
	{ 0 },
};
