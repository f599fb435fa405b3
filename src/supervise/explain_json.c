/* SPDX-License-Identifier: Apache-2.0 */
/* --explain: the plan as one JSON object, see policies/explain.schema.json. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "supervise/explain.h"
#include "supervise/grants.h"
#include "supervise/net_plan.h"
#include "supervise/options.h"
#include "supervise/plan.h"
#include "syscalls.h"

static const struct {
	unsigned bit;
	const char *name;
} right_names[] = {
	{ RIGHT_READ, "read" },
	{ RIGHT_WRITE, "write" },
	{ RIGHT_EXEC, "exec" },
	{ RIGHT_UNIX, "unix" },
};

static const struct {
	unsigned bit;
	const char *name;
} access_names[] = {
	{ ACCESS_READ, "read" },    { ACCESS_WRITE, "write" },
	{ ACCESS_EXEC, "execute" }, { ACCESS_DEVICE, "device" },
	{ ACCESS_SOCK, "socket" },
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

		for (size_t j = 0; j < 4; j++)
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

		for (size_t j = 0; j < 5; j++)
			if (domain->rules[i].groups & access_names[j].bit)
				json_object_array_add(
					rights, json_object_new_string(
							access_names[j].name));
		add_text(item, "path", domain->rules[i].path);
		json_object_object_add(item, "access", rights);
		json_object_array_add(list, item);
	}
	return list;
}

/* What becomes of a group that is not notified. */
static const char *otherwise(const struct plan *plan,
			     const struct plan_group *group)
{
	size_t n;
	const struct syscall_row *rows = syscall_table(&n);

	for (size_t i = 0; i < n && !group->is_notified; i++)
		if (rows[i].action == ACTION_NOTIFY &&
		    (rows[i].group & group->group) &&
		    filter_effect(&plan->filter, &rows[i]) != FILTER_ALLOWS)
			return filter_effect(&plan->filter, &rows[i]) ==
					       FILTER_DENIES ?
				       "refused" :
				       "by its arguments";
	return group->is_notified ? NULL : "the kernel decides";
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
		add_text(item, "otherwise", otherwise(plan, group));
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

static const char *mode_of(const struct options *options,
			   const struct plan *plan)
{
	if (plan->is_alone)
		return "landlock-only";
	if (options->learn)
		return "learn";
	return options->report_only ? "report-only" : "supervised";
}

/* null: not limited */
static void add_threads(struct json_object *root, const struct options *options,
			const struct plan *plan)
{
	bool is_limited = plan->profile.threads > 0 && !options->allow_worker &&
			  !plan->is_alone;

	json_object_object_add(
		root, "runtimeThreads",
		is_limited ? json_object_new_int(plan->profile.threads) : NULL);
}

static void add_lack(struct json_object *list, const char *name,
		     const char *lost)
{
	struct json_object *item = json_object_new_object();

	add_text(item, "feature", name);
	add_text(item, "lost", lost);
	json_object_array_add(list, item);
}

static struct json_object *show_lacks(const struct plan *plan)
{
	struct json_object *list = json_object_new_array();
	struct lack lacks[LACKS_MAX];
	size_t n = lacks_list(&plan->lacks, plan->is_alone, lacks);

	if (plan->lacks.no_supervisor)
		add_lack(list, "supervisor", plan->lacks.no_supervisor);
	for (size_t i = 0; i < n; i++)
		add_lack(list, lacks[i].name, lacks[i].lost);
	return list;
}

struct json_object *explain_json(const struct options *options,
				 const struct plan *plan)
{
	struct json_object *root = json_object_new_object();
	size_t argc = 0;

	add_text(root, "mode", mode_of(options, plan));
	add_text(root, "runtime", plan->profile.name);
	add_text(root, "program", plan->command.program);
	add_text(root, "script", plan->command.script);
	while (plan->command.argv && plan->command.argv[argc])
		argc++;
	json_object_object_add(root, "command",
			       show_strings(plan->command.argv, argc));
	json_object_object_add(root, "grants", show_grants(&plan->rules));
	add_threads(root, options, plan);
	json_object_object_add(root, "injectAll",
			       json_object_new_boolean(plan->rules.inject_all));
	json_object_object_add(root, "supervisorDomain",
			       show_domain(&plan->own));
	json_object_object_add(root, "targetDomain",
			       show_domain(&plan->target));
	json_object_object_add(root, "network", net_plan_show(&plan->net));
	json_object_object_add(root, "notified", show_groups(plan));
	json_object_object_add(root, "droppedVariables",
			       show_strings(plan->environment.dropped.items,
					    plan->environment.dropped.n));
	json_object_object_add(
		root, "landlockAbi",
		json_object_new_int((int)plan->lacks.landlock_abi));
	json_object_object_add(root, "degraded",
			       json_object_new_boolean(options->degraded));
	json_object_object_add(root, "lacks", show_lacks(plan));
	return root;
}
