/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules of the network, one in each line, and addresses as the target gives
 * them: the first bytes.
 */
#include "common/cleanup.h"
#include "fuzz.h"
#include "supervise/net_rule.h"

/* A rule covers what it says, and its text is read in the same way again. */
static void check_rule(const char *text)
{
	struct net_rule rule, again;
	char error[64] = "";

	if (net_rule_parse(text, &rule, error, sizeof(error)) < 0) {
		if (error[0] == '\0')
			abort();
		return;
	}
	if (!net_rule_covers(&rule, &rule, NULL, NULL) ||
	    net_rule_parse(rule.text, &again, error, sizeof(error)) < 0 ||
	    !net_rule_covers(&rule, &again, NULL, NULL))
		abort();
	net_rule_done(&rule);
	net_rule_done(&again);
}

/* Odd addresses have the name. */
static bool has_address(void *context, const char *name,
			const struct net_address *address)
{
	(void)context;
	(void)name;
	return ((const uint8_t *)address)[sizeof(*address) - 1] & 1;
}

/* Together they allow what one of them does; and what covers a rule, its all. */
static void check_rules(char *text, const struct net_rule *question)
{
	struct net_rules rules = { 0 };
	const struct net_rule *found;
	char *rest = NULL;
	bool is_covered = false;

	for (char *line = strtok_r(text, "\n", &rest); line && rules.n < 16;
	     line = strtok_r(NULL, "\n", &rest))
		(void)net_rules_add(&rules, line, NULL);
	for (size_t i = 0; i < rules.n; i++) {
		const struct net_rule *one = &rules.items[i];
		bool covers = net_rule_covers(one, question, has_address, NULL);

		is_covered |= covers;
		for (size_t j = 0; covers && j < rules.n; j++)
			FUZZ_CHECK(!net_rule_covers(&rules.items[j], one,
						    has_address, NULL) ||
				   net_rule_covers(&rules.items[j], question,
						   has_address, NULL));
	}
	found = net_rules_find(&rules, question, has_address, NULL);
	FUZZ_CHECK((found != NULL) == (is_covered || rules.allow_all));
	(void)net_rules_abstract(&rules, text);
	net_rules_done(&rules);
}

/* Where it leads is said in full: never to whatever "any" may mean. */
static void check_address(int domain, const uint8_t *data, size_t size,
			  const char *rules)
{
	_cleanup_free_ char *copy = strdup(rules);
	struct sockaddr_storage raw = { 0 };
	struct net_address address, fixed;
	struct net_rule question;
	char text[NET_TEXT_SIZE];

	if (size > sizeof(raw))
		size = sizeof(raw);
	memcpy(&raw, data, size);
	if (net_address_parse(domain, &raw, size, &address) < 0)
		return;
	net_address_fix(&address, &raw);
	if (net_address_is_any(&address) ||
	    net_address_parse(domain, &raw, sizeof(raw), &fixed) < 0 ||
	    !net_address_same(&address, &fixed) || fixed.port != address.port)
		abort();
	question = net_rule_ask(&address, address.port, false);
	if (!net_rule_covers(&question, &question, NULL, NULL))
		abort();
	net_address_text(&address, address.port, text);
	check_rules(copy, &question);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = strndup((const char *)data, size);

	check_rule(text);
	check_address(AF_INET, data, size, text);
	check_address(AF_INET6, data, size, text);
	return 0;
}
