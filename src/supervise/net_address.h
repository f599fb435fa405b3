/* SPDX-License-Identifier: Apache-2.0 */
/* An internet address in one form: what is judged is what is meant. */
#ifndef SUPERVISE_NET_ADDRESS_H
#define SUPERVISE_NET_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct net_address {
	bool is_v4; /* also what was written as ::ffff:1.2.3.4 */
	uint8_t bytes[16]; /* v4: the first four, the rest zero */
	uint16_t port;
};

/* "[IPv6]:PORT" and its end. */
#define NET_TEXT_SIZE 64

/**
 * net_address_parse() - read a socket address as the kernel does
 * @domain: of the socket, AF_INET or AF_INET6
 * @len: of @raw, at most sizeof(*raw)
 *
 * On an AF_INET socket AF_UNSPEC means AF_INET; callers for which it means
 * something else have looked at it before.
 *
 * Return: 0, -EINVAL when it is too short, -EAFNOSUPPORT.
 */
int net_address_parse(int domain, const struct sockaddr_storage *raw,
		      size_t len, struct net_address *ret);

/** net_address_is_any() - is it 0.0.0.0 or ::, which may mean several? */
bool net_address_is_any(const struct net_address *address);

/**
 * net_address_fix() - write the address to connect or send to, explicitly
 * @address: 0.0.0.0 becomes 127.0.0.1, :: becomes ::1
 * @raw: what @address was parsed from; the same change is made there
 */
void net_address_fix(struct net_address *address, struct sockaddr_storage *raw);

/** net_address_same() - the same host, whatever the port */
bool net_address_same(const struct net_address *a, const struct net_address *b);

/** net_address_text() - "1.2.3.4:80", "[::1]:80"; without a port for -1 */
void net_address_text(const struct net_address *address, int port,
		      char ret[NET_TEXT_SIZE]);

#endif
