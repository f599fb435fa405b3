/* SPDX-License-Identifier: Apache-2.0 */
/* --why: single decisions, without running. */
#include "supervise/explain.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "supervise/net_plan.h"
#include "supervise/options.h"
#include "supervise/plan.h"
#include "supervise/why.h"

#define STATUS_ALLOWED 0
#define STATUS_DENIED 1
#define STATUS_OWN 125

static int print_decision(const char *verb, const char *path, const char *real,
			  const struct decision *decision)
{
	const struct grant *rule = decision->rule;
	bool is_same = strcmp(path, real) == 0;

	text_print(
		"%s %s %s%s%s: ", decision->is_allowed ? "allowed" : "denied",
		verb, path, is_same ? "" : " -> ", is_same ? "" : real);
	if (rule && rule->is_implicit)
		text_print("implicit: %s", rule->origin);
	else if (rule)
		text_print("%s=%s", rule->origin, rule->text);
	else
		text_print("%s", decision->is_allowed ?
					 "an ancestor of a grant" :
					 decision->reason);
	printf("\n");
	return decision->is_allowed ? STATUS_ALLOWED : STATUS_DENIED;
}

static int why_path(const struct options *options, const struct plan *plan,
		    enum operation operation, const char *path)
{
	struct decision decision;
	char real[PATH_MAX];
	int r;

	r = why_decide(&plan->rules, options->allow_child_process, operation,
		       path, real, &decision);
	if (r < 0) {
		log_error("--why=%s: %s", options->why, strerror(-r));
		return STATUS_OWN;
	}
	if (operation == OPERATION_EXEC)
		printf("processes: %s\n",
		       options->allow_child_process ?
			       "--allow-child-process lets it start some" :
			       "none may be started without --allow-child-process");
	return print_decision(operation_name(operation), path, real, &decision);
}

static int why_net(const struct plan *plan, const char *question)
{
	const struct net_rule *rule;
	char error[256];
	int r = net_plan_why(&plan->net, question, &rule, error, sizeof(error));

	if (r < 0) {
		log_error("--why=net:%s: %s", question,
			  r == -EINVAL ? error : strerror(-r));
		return STATUS_OWN;
	}
	text_print("%s net %s: ", r > 0 ? "allowed" : "denied", question);
	if (rule && rule->is_implicit)
		text_print("implicit: %s", rule->origin);
	else if (rule)
		text_print("%s=%s", rule->origin, rule->text);
	else
		text_print("%s",
			   r > 0 ? "--allow-net" : "no --allow-net covers it");
	printf("\n");
	return r > 0 ? STATUS_ALLOWED : STATUS_DENIED;
}

int explain_why(const struct options *options, const struct plan *plan)
{
	static const struct {
		const char *prefix;
		enum operation operation;
	} kinds[] = {
		{ "read:", OPERATION_READ },
		{ "write:", OPERATION_WRITE },
		{ "exec:", OPERATION_EXEC },
	};
	const char *why = options->why;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(why, kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
			return why_path(options, plan, kinds[i].operation,
					why + strlen(kinds[i].prefix));
	return why_net(plan, why + strlen("net:"));
}
