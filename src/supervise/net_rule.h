/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of --allow-net as data. A question is written like a rule, and the
 * one pure function net_rule_covers() answers it: for enforcement, for --why
 * and for process.permission.has().
 */
#ifndef SUPERVISE_NET_RULE_H
#define SUPERVISE_NET_RULE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/strlist.h"
#include "supervise/net_address.h"

enum net_host {
	NET_HOST_ANY, /* :PORT, listen:PORT */
	NET_HOST_LOCAL, /* localhost: 127.0.0.1 and ::1, never looked up */
	NET_HOST_NAME, /* looked up when something connects */
	NET_HOST_PREFIX, /* an address, or all that begin like it */
};

#define NET_PORT_ANY (-1)
/* Of a question: some port of the host, whichever. */
#define NET_PORT_SOME (-2)

struct net_rule {
	char *text; /* as it was written */
	const char *origin; /* "--allow-net", or why it is implicit; static */
	bool is_implicit;
	bool is_listen;
	enum net_host host;
	char *name; /* NET_HOST_NAME: lower case, no dot at its end */
	struct net_address address; /* NET_HOST_PREFIX */
	unsigned bits; /* ... how many of it count */
	int port; /* 0 with is_listen: one that the kernel chooses */
};

struct net_rules {
	bool allow_all; /* --allow-net without a rule */
	struct net_rule *items; /* owned, and what each of them points to */
	size_t n;
	bool has_names; /* some host has to be looked up */
	struct strings abstract; /* of --allow-unix: "@NAME", stars as \001 */
	bool has_unix; /* --allow-unix was given */
};

/** Is @address one that @name stands for? For net_rules_find(). */
typedef bool net_has_address(void *context, const char *name,
			     const struct net_address *address);

/**
 * net_rule_parse() - one RULE of --allow-net
 * @error: @size bytes; says what is wrong with it
 *
 * Return: 0, -ENOMEM, or -EINVAL with @error. Free it with net_rule_done().
 */
int net_rule_parse(const char *text, struct net_rule *ret, char *error,
		   size_t size);

/** net_rule_done() - free what it owns */
void net_rule_done(struct net_rule *rule);

/** net_rule_ask() - the question whether @address may be connected to */
struct net_rule net_rule_ask(const struct net_address *address, int port,
			     bool is_listen);

/**
 * net_rule_covers() - does @rule allow all that @question asks for?
 * @has: for names, when the question is an address; may be NULL
 *
 * Pure, but for what @has does.
 */
bool net_rule_covers(const struct net_rule *rule,
		     const struct net_rule *question, net_has_address *has,
		     void *context);

/**
 * net_rules_add() - take one more rule; explicit for @why of NULL
 *
 * Return: 0, -ENOMEM, or -EINVAL for a rule that does not parse.
 */
int net_rules_add(struct net_rules *rules, const char *text, const char *why);

/**
 * net_rules_add_implicit() - a rule that another option needs
 * @why: static text for people
 */
int net_rules_add_implicit(struct net_rules *rules, const char *text,
			   const char *why);

/** net_rules_find() - the first rule that covers the question, or NULL */
const struct net_rule *net_rules_find(const struct net_rules *rules,
				      const struct net_rule *question,
				      net_has_address *has, void *context);

/** net_rules_abstract() - may the abstract socket "@NAME" be used? */
bool net_rules_abstract(const struct net_rules *rules, const char *name);

/** net_rules_done() - free everything */
void net_rules_done(struct net_rules *rules);

#endif
