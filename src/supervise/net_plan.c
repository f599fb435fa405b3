/* SPDX-License-Identifier: Apache-2.0 */
/* The network rules of a run, from its options; and asking them. */
#include "supervise/net_plan.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "supervise/net_names.h"
#include "supervise/options.h"
#include "supervise/pattern.h"

#define RESOLV_CONF "/etc/resolv.conf"

static int add_abstract(const struct options *options, struct net_rules *rules)
{
	int r = 0;

	rules->has_unix = options->allow_unix.n > 0;
	for (size_t i = 0; i < options->allow_unix.n && r == 0; i++) {
		char *text;

		if (options->allow_unix.items[i][0] != '@')
			continue;
		text = pattern_unescape(options->allow_unix.items[i]);
		r = text ? strings_add_owned(&rules->abstract, text) : -ENOMEM;
	}
	return r;
}

/* "nameserver ADDRESS"; the zone of an IPv6 address says nothing to a rule. */
static int add_server(struct net_rules *rules, char *line)
{
	static const char why[] = "a name server of " RESOLV_CONF;
	char *rest = NULL;
	const char *word = strtok_r(line, " \t\n", &rest);
	char *address = strtok_r(NULL, " \t\n", &rest);
	char text[NET_TEXT_SIZE + 8];
	int r;

	if (!word || strcmp(word, "nameserver") != 0 || !address)
		return 0;
	address[strcspn(address, "%")] = '\0';
	(void)snprintf(text, sizeof(text),
		       strchr(address, ':') ? "[%.46s]:53" : "%.46s:53",
		       address);
	r = net_rules_add_implicit(rules, text, why);
	return r == -EINVAL ? 0 : r; /* the resolver cannot use it either */
}

static int add_servers(struct net_rules *rules)
{
	_cleanup_fclose_ FILE *file = fopen(RESOLV_CONF, "re");
	_cleanup_free_ char *line = NULL;
	size_t size = 0, before = rules->n;
	int r = 0;

	while (file && r == 0 && getline(&line, &size, file) > 0)
		r = add_server(rules, line);
	if (r == 0 && rules->n == before)
		r = net_rules_add_implicit(
			rules, "127.0.0.1:53",
			"the name server without one in " RESOLV_CONF);
	return r;
}

int net_plan_make(const struct options *options, struct net_rules *ret)
{
	int r = 0;

	*ret = (struct net_rules){ .allow_all = options->allow_net };
	for (size_t i = 0; i < options->net_rules.n && r == 0; i++)
		r = net_rules_add(ret, options->net_rules.items[i], NULL);
	if (r == 0 && ret->has_names)
		r = add_servers(ret);
	return r < 0 ? r : add_abstract(options, ret);
}

int net_plan_files(const struct net_rules *rules, struct strings *ret)
{
	static const char *const files[] = {
		RESOLV_CONF,
		"/etc/hosts",
		"/etc/nsswitch.conf",
		"/etc/host.conf",
		"/etc/gai.conf",
		"/etc/hostname",
		"/run/systemd/resolve",
	};
	int r = 0;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && r == 0; i++)
		if (rules->has_names)
			r = strings_add(ret, files[i]);
	return r;
}

int net_plan_why(const struct net_rules *rules, const char *asked,
		 const struct net_rule **ret, char *error, size_t size)
{
	struct net_patience patience = { 0 };
	struct net_rule question = { 0 };
	int r = net_rule_parse(asked, &question, error, size);

	*ret = NULL;
	if (r < 0)
		return r;
	if (!rules->allow_all)
		*ret = net_rules_find(rules, &question, net_names_has,
				      &patience);
	net_rule_done(&question);
	return rules->allow_all || *ret;
}

static void add_text(struct json_object *to, const char *key, const char *value)
{
	json_object_object_add(to, key, json_object_new_string(value));
}

static void add_rule(struct json_object *list, const char *kind,
		     const char *text, const char *origin)
{
	struct json_object *item = json_object_new_object();

	add_text(item, "kind", kind);
	add_text(item, "rule", text);
	add_text(item, "origin", origin);
	json_object_array_add(list, item);
}

struct json_object *net_plan_show(const struct net_rules *rules)
{
	struct json_object *list = json_object_new_array();

	if (rules->allow_all)
		add_rule(list, "all", "all of TCP and UDP", "--allow-net");
	for (size_t i = 0; i < rules->n; i++) {
		const struct net_rule *rule = &rules->items[i];

		add_rule(list,
			 rule->is_implicit ? "implicit" :
			 rule->is_listen   ? "listen" :
					     "connect",
			 rule->text, rule->origin);
	}
	for (size_t i = 0; i < rules->abstract.n; i++) {
		_cleanup_free_ char *text = strdup(rules->abstract.items[i]);

		for (char *at = text; at && *at; at++)
			if (*at == GRANT_STAR)
				*at = '*';
		if (text)
			add_rule(list, "unix", text, "--allow-unix");
	}
	return list;
}

static const char *text_of(struct json_object *item, const char *key)
{
	return json_object_get_string(json_object_object_get(item, key));
}

void net_plan_print(struct json_object *list)
{
	size_t n = json_object_array_length(list);

	printf("\nNetwork\n");
	if (n == 0)
		printf("  none\n");
	for (size_t i = 0; i < n; i++) {
		struct json_object *item = json_object_array_get_idx(list, i);

		text_print("  %-8s %s  (%s)", text_of(item, "kind"),
			   text_of(item, "rule"), text_of(item, "origin"));
		printf("\n");
	}
}
