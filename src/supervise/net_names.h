/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Host names of rules, looked up when something connects. An address counts
 * for five minutes after it was last seen, and a name is asked for again when
 * an address is missed, at most once a second.
 */
#ifndef SUPERVISE_NET_NAMES_H
#define SUPERVISE_NET_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervise/net_address.h"

#define NET_NAMES_KEPT 256 /* addresses of a name */

/** Finds the addresses of @name. Return: how many, at most @max; 0: none. */
typedef size_t net_lookup(const char *name, struct net_address *ret,
			  size_t max);
typedef int64_t net_clock(void); /* in milliseconds */

/**
 * net_names_prepare() - load what getaddrinfo(3) would load later
 *
 * Before Landlock and the supervisor's own filter, which refuse it then.
 */
void net_names_prepare(void);

/** net_names_inject() - for tests: another resolver and another clock */
void net_names_inject(net_lookup *lookup, net_clock *clock);

/* What one question may cost. */
struct net_patience {
	int64_t until; /* when to stop asking; 0: set by the first lookup */
};

/**
 * net_names_has() - is @address one that @name stands for?
 * @context: struct net_patience, shared by all names of one question; NULL:
 *	only what is known already
 *
 * May wait for a name server, for some seconds. Any thread. It is a
 * net_has_address of net_rule.h.
 */
bool net_names_has(void *context, const char *name,
		   const struct net_address *address);

#endif
