/* SPDX-License-Identifier: Apache-2.0 */
/* An internet address in one form: what is judged is what is meant. */
#include "supervise/net_address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/* Without the scope: what the kernel still takes (RFC 2133). */
#define SIN6_LEN_MIN 24

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
static const uint8_t loopback4[4] = { 127, 0, 0, 1 };

static void parse_v6(const struct sockaddr_storage *raw,
		     struct net_address *ret)
{
	struct sockaddr_in6 in6 = { 0 };

	memcpy(&in6, raw, SIN6_LEN_MIN);
	ret->port = ntohs(in6.sin6_port);
	ret->is_v4 = memcmp(&in6.sin6_addr, mapped, sizeof(mapped)) == 0;
	if (ret->is_v4)
		memcpy(ret->bytes, in6.sin6_addr.s6_addr + sizeof(mapped), 4);
	else
		memcpy(ret->bytes, in6.sin6_addr.s6_addr, 16);
}

int net_address_parse(int domain, const struct sockaddr_storage *raw,
		      size_t len, struct net_address *ret)
{
	struct sockaddr_in in;

	*ret = (struct net_address){ 0 };
	if (len < sizeof(raw->ss_family))
		return -EINVAL;
	if (raw->ss_family == AF_INET6 && domain == AF_INET6) {
		if (len < SIN6_LEN_MIN)
			return -EINVAL;
		parse_v6(raw, ret);
		return 0;
	}
	if (len < sizeof(in))
		return -EINVAL;
	/* A socket of AF_INET6 takes AF_INET where it sends datagrams. */
	if (raw->ss_family != AF_INET &&
	    !(raw->ss_family == AF_UNSPEC && domain == AF_INET))
		return -EAFNOSUPPORT;
	memcpy(&in, raw, sizeof(in));
	ret->is_v4 = true;
	ret->port = ntohs(in.sin_port);
	memcpy(ret->bytes, &in.sin_addr, 4);
	return 0;
}

bool net_address_is_any(const struct net_address *address)
{
	static const uint8_t none[16];

	return memcmp(address->bytes, none, address->is_v4 ? 4 : 16) == 0;
}

void net_address_fix(struct net_address *address, struct sockaddr_storage *raw)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	if (!net_address_is_any(address))
		return;
	if (address->is_v4)
		memcpy(address->bytes, loopback4, sizeof(loopback4));
	else
		address->bytes[15] = 1;
	if (raw->ss_family == AF_INET6) {
		memcpy(&in6, raw, sizeof(in6));
		if (address->is_v4)
			memcpy(in6.sin6_addr.s6_addr + sizeof(mapped),
			       loopback4, sizeof(loopback4));
		else
			in6.sin6_addr.s6_addr[15] = 1;
		memcpy(raw, &in6, sizeof(in6));
	} else {
		memcpy(&in, raw, sizeof(in));
		memcpy(&in.sin_addr, loopback4, sizeof(loopback4));
		memcpy(raw, &in, sizeof(in));
	}
}

bool net_address_same(const struct net_address *a, const struct net_address *b)
{
	return a->is_v4 == b->is_v4 &&
	       memcmp(a->bytes, b->bytes, a->is_v4 ? 4 : 16) == 0;
}

void net_address_text(const struct net_address *address, int port,
		      char ret[NET_TEXT_SIZE])
{
	char host[INET6_ADDRSTRLEN] = "?";

	(void)inet_ntop(address->is_v4 ? AF_INET : AF_INET6, address->bytes,
			host, sizeof(host));
	(void)snprintf(ret, NET_TEXT_SIZE, address->is_v4 ? "%s" : "[%s]",
		       host);
	if (port >= 0)
		(void)snprintf(ret + strlen(ret), NET_TEXT_SIZE - strlen(ret),
			       ":%d", port);
}
