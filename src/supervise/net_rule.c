/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of --allow-net: what they cover. */
#include "supervise/net_rule.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "supervise/pattern.h"

#define ERROR_SIZE 256

void net_rule_done(struct net_rule *rule)
{
	free(rule->text);
	free(rule->name);
	*rule = (struct net_rule){ 0 };
}

struct net_rule net_rule_ask(const struct net_address *address, int port,
			     bool is_listen)
{
	return (struct net_rule){
		.is_listen = is_listen,
		.host = NET_HOST_PREFIX,
		.address = *address,
		.bits = address->is_v4 ? 32 : 128,
		.port = port,
	};
}

static bool is_one_address(const struct net_rule *rule)
{
	return rule->host == NET_HOST_PREFIX &&
	       rule->bits == (rule->address.is_v4 ? 32 : 128);
}

/* Are the first @bits of both the same? */
static bool begins_like(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned bytes = bits / 8;
	uint8_t mask = (uint8_t)(0xff00u >> (bits % 8));

	if (memcmp(a, b, bytes) != 0)
		return false;
	return bits % 8 == 0 || ((a[bytes] ^ b[bytes]) & mask) == 0;
}

static bool covers_prefix(const struct net_rule *rule,
			  const struct net_rule *question)
{
	const struct net_address *address = &rule->address;

	if (question->host != NET_HOST_PREFIX)
		return false;
	/* To listen at 0.0.0.0 is to listen at each address. */
	if (rule->is_listen && is_one_address(rule) &&
	    net_address_is_any(address) &&
	    (!address->is_v4 || question->address.is_v4))
		return true;
	return address->is_v4 == question->address.is_v4 &&
	       rule->bits <= question->bits &&
	       begins_like(address->bytes, question->address.bytes, rule->bits);
}

static bool is_local(const struct net_rule *question)
{
	static const struct net_address v4 = { true, { 127, 0, 0, 1 }, 0 };
	static const struct net_address v6 = { false, { [15] = 1 }, 0 };

	return is_one_address(question) &&
	       (net_address_same(&question->address, &v4) ||
		net_address_same(&question->address, &v6));
}

static bool covers_host(const struct net_rule *rule,
			const struct net_rule *question, net_has_address *has,
			void *context)
{
	switch (rule->host) {
	case NET_HOST_ANY:
		return true;
	case NET_HOST_LOCAL:
		return question->host == NET_HOST_LOCAL || is_local(question);
	case NET_HOST_NAME:
		if (question->host == NET_HOST_NAME)
			return strcmp(rule->name, question->name) == 0;
		return has && is_one_address(question) &&
		       has(context, rule->name, &question->address);
	case NET_HOST_PREFIX:
		return covers_prefix(rule, question);
	}
	return false;
}

bool net_rule_covers(const struct net_rule *rule,
		     const struct net_rule *question, net_has_address *has,
		     void *context)
{
	if (rule->is_listen != question->is_listen)
		return false;
	/* The port first: a name is looked up only where it can matter. */
	if (rule->port != NET_PORT_ANY && rule->port != question->port &&
	    question->port != NET_PORT_SOME)
		return false;
	return covers_host(rule, question, has, context);
}

int net_rules_add(struct net_rules *rules, const char *text, const char *why)
{
	struct net_rule rule = { 0 }, *items;
	char error[ERROR_SIZE];
	int r = net_rule_parse(text, &rule, error, sizeof(error));

	if (r < 0)
		return r;
	items = reallocarray(rules->items, rules->n + 1, sizeof(*items));
	if (!items) {
		net_rule_done(&rule);
		return -ENOMEM;
	}
	rule.origin = why ? why : "--allow-net";
	rule.is_implicit = why != NULL;
	rules->items = items;
	rules->items[rules->n++] = rule;
	rules->has_names |= rule.host == NET_HOST_NAME;
	return 0;
}

int net_rules_add_implicit(struct net_rules *rules, const char *text,
			   const char *why)
{
	return net_rules_add(rules, text, why);
}

const struct net_rule *net_rules_find(const struct net_rules *rules,
				      const struct net_rule *question,
				      net_has_address *has, void *context)
{
	/* Names last: all others are free. */
	for (size_t i = 0; i < rules->n; i++)
		if (net_rule_covers(&rules->items[i], question, NULL, NULL))
			return &rules->items[i];
	for (size_t i = 0; has && i < rules->n; i++)
		if (net_rule_covers(&rules->items[i], question, has, context))
			return &rules->items[i];
	return NULL;
}

bool net_rules_abstract(const struct net_rules *rules, const char *name)
{
	for (size_t i = 0; i < rules->abstract.n; i++)
		if (pattern_matches(rules->abstract.items[i], name))
			return true;
	return false;
}

void net_rules_done(struct net_rules *rules)
{
	for (size_t i = 0; i < rules->n; i++)
		net_rule_done(&rules->items[i]);
	free(rules->items);
	strings_done(&rules->abstract);
	*rules = (struct net_rules){ 0 };
}
