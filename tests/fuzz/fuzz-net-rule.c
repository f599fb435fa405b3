/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of the network, and addresses as the target gives them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "supervise/net_rule.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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

/* Where it leads is said in full: never to whatever "any" may mean. */
static void check_address(int domain, const uint8_t *data, size_t size)
{
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
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = strndup((const char *)data, size);

	check_rule(text);
	check_address(AF_INET, data, size);
	check_address(AF_INET6, data, size);
	return 0;
}
