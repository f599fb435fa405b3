/* SPDX-License-Identifier: Apache-2.0 */
/* --explain: the plan, for people. */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "supervise/explain.h"
#include "supervise/net_plan.h"
#include "supervise/options.h"
#include "supervise/plan.h"

#define STATUS_OWN 125

static const char *text_of(struct json_object *item, const char *key)
{
	struct json_object *value = json_object_object_get(item, key);

	return value ? json_object_get_string(value) : "-";
}

/* The items of an array in one line. */
static void print_joined(struct json_object *list, const char *between)
{
	for (size_t i = 0; i < json_object_array_length(list); i++)
		text_print("%s%s", i ? between : "",
			   json_object_get_string(
				   json_object_array_get_idx(list, i)));
}

static void print_domain(const char *title, struct json_object *list)
{
	printf("\n%s\n", title);
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *item = json_object_array_get_idx(list, i);

		text_print("  %s  ", text_of(item, "path"));
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
		text_print("  %s  (%s, class %s; %s)", text_of(item, "path"),
			   text_of(item, "shape"), text_of(item, "class"),
			   text_of(item, "origin"));
		printf("\n");
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

		printf("  %-10s %s: %s\n             ", text_of(item, "group"),
		       is_on ? "notified" : text_of(item, "otherwise"),
		       text_of(item, "why"));
		print_joined(calls, " ");
		printf("\n");
	}
}

static void print_lacks(struct json_object *root)
{
	struct json_object *list = json_object_object_get(root, "lacks");
	bool is_degraded = json_object_get_boolean(
		json_object_object_get(root, "degraded"));
	size_t n = json_object_array_length(list);

	if (n == 0)
		return;
	printf("\nWhat is missing here%s\n",
	       is_degraded ? "" : " (refused without --degraded)");
	for (size_t i = 0; i < n; i++) {
		struct json_object *item = json_object_array_get_idx(list, i);

		printf("  %s: %s\n", text_of(item, "feature"),
		       text_of(item, "lost"));
	}
}

static void print_text(struct json_object *root)
{
	static const char *const head[][2] = {
		{ "Mode", "mode" },
		{ "Runtime", "runtime" },
		{ "Program", "program" },
		{ "Script", "script" },
	};
	struct json_object *dropped =
		json_object_object_get(root, "droppedVariables");

	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++) {
		text_print("%-10s%s", head[i][0], text_of(root, head[i][1]));
		printf("\n");
	}
	printf("Threads   %s\n",
	       json_object_object_get(root, "runtimeThreads") ?
		       text_of(root, "runtimeThreads") :
		       "not limited");
	printf("Landlock  ABI %s\n", text_of(root, "landlockAbi"));
	print_lacks(root);
	print_grants(json_object_object_get(root, "grants"));
	if (strcmp(text_of(root, "mode"), "landlock-only") != 0)
		print_domain("Landlock rules of the supervisor (D1)",
			     json_object_object_get(root, "supervisorDomain"));
	print_domain("Landlock rules of the target (D2, beneath D1)",
		     json_object_object_get(root, "targetDomain"));
	net_plan_print(json_object_object_get(root, "network"));
	print_groups(json_object_object_get(root, "notified"));
	printf("\nVariables that are not passed on\n  ");
	print_joined(dropped, " ");
	printf("%s\n", json_object_array_length(dropped) ? "" : "(none)");
}

int explain_plan(const struct options *options, const struct plan *plan)
{
	struct json_object *root = explain_json(options, plan);

	if (options->explain == EXPLAIN_JSON)
		printf("%s\n",
		       json_object_to_json_string_ext(
			       root, JSON_C_TO_STRING_PRETTY |
					     JSON_C_TO_STRING_NOSLASHESCAPE));
	else
		print_text(root);
	(void)json_object_put(root);
	return fflush(stdout) == 0 ? 0 : STATUS_OWN;
}
