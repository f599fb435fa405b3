/* SPDX-License-Identifier: Apache-2.0 */
/* --explain and --why: the plan and single decisions, without running. */
#include "supervise/explain.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "supervise/grants.h"
#include "supervise/options.h"
#include "supervise/plan.h"
#include "syscalls.h"

#define STATUS_ALLOWED 0
#define STATUS_DENIED 1
#define STATUS_OWN 125

static const struct {
	unsigned bit;
	const char *name;
} right_names[] = {
	{ RIGHT_READ, "read" },
	{ RIGHT_WRITE, "write" },
	{ RIGHT_EXEC, "exec" },
};

static const struct {
	unsigned bit;
	const char *name;
} access_names[] = {
	{ ACCESS_READ, "read" },
	{ ACCESS_WRITE, "write" },
	{ ACCESS_EXEC, "execute" },
	{ ACCESS_DEVICE, "device" },
};

static void add_text(struct json_object *to, const char *key, const char *value)
{
	json_object_object_add(to, key,
			       value ? json_object_new_string(value) : NULL);
}

/* A pattern as it was written: GRANT_STAR is a star again. */
static char *show_path(const struct grant *grant)
{
	char *text = strdup(grant->path);

	for (char *at = text; at && *at; at++)
		if (*at == GRANT_STAR)
			*at = '*';
	return text;
}

static struct json_object *show_grants(const struct rules *rules)
{
	static const char *const shapes[] = { [SHAPE_EXACT] = "exact",
					      [SHAPE_TREE] = "tree",
					      [SHAPE_PATTERN] = "pattern" };
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < rules->n_grants; i++) {
		const struct grant *grant = &rules->grants[i];
		struct json_object *item = json_object_new_object();
		struct json_object *rights = json_object_new_array();
		_cleanup_free_ char *path = show_path(grant);

		for (size_t j = 0; j < 3; j++)
			if (grant->rights & right_names[j].bit)
				json_object_array_add(
					rights, json_object_new_string(
							right_names[j].name));
		add_text(item, "path", path);
		json_object_object_add(item, "rights", rights);
		add_text(item, "effect", grant->is_deny ? "deny" : "allow");
		add_text(item, "shape", shapes[grant->shape]);
		json_object_object_add(
			item, "class",
			json_object_new_int(grant->is_class1 ? 1 : 2));
		add_text(item, "origin", grant->origin);
		add_text(item, "written", grant->text);
		json_object_array_add(list, item);
	}
	return list;
}

static struct json_object *show_domain(const struct domain *domain)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < domain->n; i++) {
		struct json_object *item = json_object_new_object();
		struct json_object *rights = json_object_new_array();

		for (size_t j = 0; j < 4; j++)
			if (domain->rules[i].groups & access_names[j].bit)
				json_object_array_add(
					rights,
					json_object_new_string(
						access_names[j].name));
		add_text(item, "path", domain->rules[i].path);
		json_object_object_add(item, "access", rights);
		json_object_array_add(list, item);
	}
	return list;
}

static struct json_object *show_groups(const struct plan *plan)
{
	struct json_object *list = json_object_new_array();
	const struct syscall_row *rows;
	size_t n;

	rows = syscall_table(&n);
	for (size_t i = 0; i < PLAN_GROUPS; i++) {
		const struct plan_group *group = &plan->groups[i];
		struct json_object *item = json_object_new_object();
		struct json_object *calls = json_object_new_array();

		for (size_t j = 0; j < n; j++)
			if (rows[j].action == ACTION_NOTIFY &&
			    (rows[j].group & group->group))
				json_object_array_add(
					calls,
					json_object_new_string(rows[j].name));
		add_text(item, "group", group->name);
		json_object_object_add(
			item, "notified",
			json_object_new_boolean(group->is_notified));
		add_text(item, "why", group->why);
		json_object_object_add(item, "calls", calls);
		json_object_array_add(list, item);
	}
	return list;
}

static struct json_object *show_strings(char *const *items, size_t n)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < n; i++)
		json_object_array_add(list, json_object_new_string(items[i]));
	return list;
}

static struct json_object *make_plan(const struct plan *plan)
{
	struct json_object *root = json_object_new_object();
	size_t argc = 0;

	add_text(root, "runtime", plan->profile.name);
	add_text(root, "program", plan->command.program);
	add_text(root, "script", plan->command.script);
	while (plan->command.argv && plan->command.argv[argc])
		argc++;
	json_object_object_add(root, "command",
			       show_strings(plan->command.argv, argc));
	json_object_object_add(root, "grants", show_grants(&plan->rules));
	json_object_object_add(root, "injectAll",
			       json_object_new_boolean(plan->rules.inject_all));
	json_object_object_add(root, "supervisorDomain",
			       show_domain(&plan->own));
	json_object_object_add(root, "targetDomain",
			       show_domain(&plan->target));
	json_object_object_add(root, "notified", show_groups(plan));
	json_object_object_add(root, "droppedVariables",
			       show_strings(plan->environment.dropped.items,
					    plan->environment.dropped.n));
	json_object_object_add(root, "landlockAbi",
			       json_object_new_int(landlock_abi()));
	return root;
}

static const char *text_of(struct json_object *item, const char *key)
{
	struct json_object *value = json_object_object_get(item, key);

	return value ? json_object_get_string(value) : "-";
}

/* The items of an array in one line. */
static void print_joined(struct json_object *list, const char *between)
{
	for (size_t i = 0; i < json_object_array_length(list); i++)
		printf("%s%s", i ? between : "",
		       json_object_get_string(
			       json_object_array_get_idx(list, i)));
}

static void print_domain(const char *title, struct json_object *list)
{
	printf("\n%s\n", title);
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *item = json_object_array_get_idx(list, i);

		printf("  %s  ", text_of(item, "path"));
		print_joined(json_object_object_get(item, "access"), ",");
		printf("\n");
	}
}

static void print_grants(struct json_object *list)
{
	printf("\nGrants after resolution\n");
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *item = json_object_array_get_idx(list, i);

		printf("  %-5s ", text_of(item, "effect"));
		print_joined(json_object_object_get(item, "rights"), ",");
		printf("  %s  (%s, class %s; %s)\n", text_of(item, "path"),
		       text_of(item, "shape"), text_of(item, "class"),
		       text_of(item, "origin"));
	}
}

static void print_groups(struct json_object *list)
{
	printf("\nSystem calls that ask the supervisor\n");
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *item = json_object_array_get_idx(list, i);
		struct json_object *calls =
			json_object_object_get(item, "calls");
		bool is_on = json_object_get_boolean(
			json_object_object_get(item, "notified"));

		printf("  %-10s %s: %s\n             ",
		       text_of(item, "group"), is_on ? "notified" : "not asked",
		       text_of(item, "why"));
		print_joined(calls, " ");
		printf("\n");
	}
}

static void print_text(struct json_object *root)
{
	struct json_object *dropped =
		json_object_object_get(root, "droppedVariables");

	printf("Runtime   %s\n", text_of(root, "runtime"));
	printf("Program   %s\n", text_of(root, "program"));
	printf("Script    %s\n", text_of(root, "script"));
	printf("Landlock  ABI %s\n", text_of(root, "landlockAbi"));
	print_grants(json_object_object_get(root, "grants"));
	print_domain("Landlock rules of the supervisor (D1)",
		     json_object_object_get(root, "supervisorDomain"));
	print_domain("Landlock rules of the target (D2, beneath D1)",
		     json_object_object_get(root, "targetDomain"));
	print_groups(json_object_object_get(root, "notified"));
	printf("\nVariables that are not passed on\n  ");
	print_joined(dropped, " ");
	printf("%s\n", json_object_array_length(dropped) ? "" : "(none)");
}

int explain_plan(const struct options *options, const struct plan *plan)
{
	struct json_object *root = make_plan(plan);

	if (options->explain == EXPLAIN_JSON)
		printf("%s\n", json_object_to_json_string_ext(
				       root, JSON_C_TO_STRING_PRETTY |
						     JSON_C_TO_STRING_NOSLASHESCAPE));
	else
		print_text(root);
	(void)json_object_put(root);
	return fflush(stdout) == 0 ? 0 : STATUS_OWN;
}

static int print_decision(const char *verb, const char *path, const char *real,
			  const struct decision *decision)
{
	const struct grant *rule = decision->rule;
	_cleanup_free_ char *shown = NULL;

	if (strcmp(path, real) != 0 && asprintf(&shown, "%s -> %s", path, real) < 0)
		shown = NULL;
	printf("%s %s %s: ", decision->is_allowed ? "allowed" : "denied", verb,
	       shown ? shown : path);
	if (rule && rule->is_implicit)
		printf("implicit: %s\n", rule->origin);
	else if (rule)
		printf("%s=%s\n", rule->origin, rule->text);
	else
		printf("%s\n", decision->is_allowed ? "an ancestor of a grant" :
						      decision->reason);
	return decision->is_allowed ? STATUS_ALLOWED : STATUS_DENIED;
}

static int why_path(const struct options *options, const struct plan *plan,
		    enum operation operation, const char *path)
{
	_cleanup_free_ char *real = NULL;
	struct decision decision;
	int r = path_resolve(path, &real);

	if (r < 0) {
		log_error("--why=%s: %s", options->why, strerror(-r));
		return STATUS_OWN;
	}
	if (operation == OPERATION_EXEC)
		printf("processes: %s\n",
		       options->allow_child_process ?
			       "--allow-child-process lets it start some" :
			       "none may be started without --allow-child-process");
	decide(&plan->rules, operation, real, &decision);
	if (operation == OPERATION_EXEC && !options->allow_child_process)
		decision = (struct decision){
			.reason = "starting programs needs --allow-child-process"
		};
	return print_decision(operation_name(operation), path, real, &decision);
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
	printf("%s %s: %s\n", options->allow_net ? "allowed" : "denied", why,
	       options->allow_net ? "--allow-net" :
				    "no --allow-net covers it");
	return options->allow_net ? STATUS_ALLOWED : STATUS_DENIED;
}
