/* SPDX-License-Identifier: Apache-2.0 */
/* The runtime's debugger: refused, or the port it listens on. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "supervise/options.h"
#include "supervise/plan.h"

#define WHY "--allow-inspector"

/* A word is --option or --option=value, as the profile's globs have it. */
static const char *find_word(const struct strings *words,
			     const struct strings *globs)
{
	for (size_t i = 0; i < words->n; i++)
		if (strings_match(globs, words->items[i]))
			return words->items[i];
	return NULL;
}

static int check_words(const struct options *options,
		       const struct profile *profile, const char *name,
		       const struct strings *words)
{
	static const char port[] =
		"a debugger's port would let others run code: it needs --allow-inspector";
	static const char code[] =
		"with a manifest, code comes from files that it can list";
	const char *why = port;
	const char *found = NULL;

	if (!options->allow_inspector)
		found = find_word(words, &profile->inspector_args);
	if (!found && options->policy) {
		why = code;
		found = find_word(words, &profile->exec_deny_args);
	}
	if (!found)
		return 0;
	log_line(options->report_only ? LOG_LEVEL_WARNING : LOG_LEVEL_ERROR,
		 "%.*s: '%s': %s", (int)strcspn(name, "="), name, found, why);
	return options->report_only ? 0 : -EINVAL;
}

/* Whose options the variables hold: the command's or its children's. */
static const struct profile *profile_of(const struct plan *plan)
{
	return plan->child.name ? &plan->child : &plan->profile;
}

int plan_check_variables(const struct options *options, const struct plan *plan)
{
	const struct profile *profile = profile_of(plan);
	int r = 0;

	for (size_t i = 0; i < profile->env_options.n && r == 0; i++) {
		const char *name = profile->env_options.items[i];
		struct strings words = { 0 };

		r = environment_words(&plan->environment, name, &words);
		if (r == 0)
			r = check_words(options, profile, name, &words);
		strings_done(&words);
	}
	return r;
}

/* "--option=[HOST:]PORT" makes a rule; other values name no port. */
static int add_port(struct net_rules *rules, const char *word)
{
	const char *value = strchr(word, '=');
	const char *colon = value ? strrchr(value, ':') : NULL;
	const char *digits = colon ? colon + 1 : value ? value + 1 : "";
	char text[32];
	int r;

	if (digits[0] == '\0' || digits[strspn(digits, "0123456789")] != '\0' ||
	    strlen(digits) > 5)
		return 0;
	(void)snprintf(text, sizeof(text), "listen:%s", digits);
	r = net_rules_add_implicit(rules, text, WHY);
	return r == -EINVAL ? 0 : r; /* the runtime refuses it as well */
}

static int add_ports(struct net_rules *rules, const struct strings *words,
		     const struct strings *globs)
{
	int r = 0;

	for (size_t i = 0; i < words->n && r == 0; i++)
		if (strings_match(globs, words->items[i]))
			r = add_port(rules, words->items[i]);
	return r;
}

int plan_add_inspector(const struct options *options, struct plan *plan)
{
	const struct profile *profile = profile_of(plan);
	struct strings words = { 0 };
	size_t before = plan->net.n;
	char text[32];
	int r = 0;

	if (!options->allow_inspector || options->allow_net ||
	    profile->inspector_port == 0)
		return 0;
	r = command_arg_words(&plan->command, profile, &words);
	for (size_t i = 0; i < profile->env_options.n && r == 0; i++)
		r = environment_words(&plan->environment,
				      profile->env_options.items[i], &words);
	if (r == 0)
		r = add_ports(&plan->net, &words, &profile->inspector_ports);
	strings_done(&words);
	if (r == 0 && plan->net.n == before) {
		(void)snprintf(text, sizeof(text), "listen:%d",
			       profile->inspector_port);
		r = net_rules_add_implicit(&plan->net, text, WHY);
	}
	return r;
}
