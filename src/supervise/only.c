/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --landlock-only: what was asked for, put into Landlock and a filter that
 * asks nobody; or the list of all that cannot be.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "common/log.h"
#include "common/strlist.h"
#include "supervise/options.h"
#include "supervise/plan.h"

#define LIST_SIZE 1024

/* "a, b, c", cut off when it becomes too long. */
__attribute__((format(printf, 2, 3))) static void add(char *list,
						      const char *format, ...)
{
	size_t len = strlen(list);
	va_list ap;

	len += (size_t)snprintf(list + len, LIST_SIZE - len, "%s",
				len ? ", " : "");
	if (len >= LIST_SIZE)
		return;
	va_start(ap, format);
	(void)vsnprintf(list + len, LIST_SIZE - len, format, ap);
	va_end(ap);
}

/* What is asked for, and only a supervisor can do. */
static void list_refused(const struct options *options, const struct plan *plan,
			 char *list)
{
	const struct {
		bool is_given;
		const char *text;
	} flags[] = {
		{ options->policy, "--policy" },
		{ options->report_only && !options->learn, "--report-only" },
		{ options->learn, "--learn" },
		{ options->log_target != LOG_TO_STDERR || options->log_json,
		  "--log" },
		{ options->status_fd >= 0, "--status-fd" },
		{ options->wait_all, "--wait-all" },
		{ options->net_rules.n > 0 && !options->allow_net,
		  "--allow-net=RULE" },
		{ options->allow_unix.n > 0, "--allow-unix" },
		{ options->child_programs.n > 0,
		  "--allow-child-process=PROGRAM" },
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (flags[i].is_given)
			add(list, "%s", flags[i].text);
	for (size_t i = 0; i < plan->rules.n_grants; i++) {
		const struct grant *grant = &plan->rules.grants[i];
		struct stat st;

		if (grant->is_implicit)
			continue;
		if (grant->is_deny)
			add(list, "%s=%s", grant->origin, grant->text);
		else if (grant->shape == SHAPE_PATTERN)
			add(list, "the pattern %s=%s", grant->origin,
			    grant->text);
		else if (stat(grant->path, &st) < 0)
			add(list, "%s=%s, which does not exist", grant->origin,
			    grant->text);
	}
}

/* What is not asked for, and would have to be refused by a supervisor. */
static void list_missing(const struct options *options, const struct plan *plan,
			 char *list)
{
	/* What the preload refuses it has to ask about. */
	bool has_preload = plan->profile.preload.n > 0;
	bool knows_threads = plan->profile.threads > 0 ||
			     options->allow_child_process;
	const struct {
		bool is_missing;
		const char *flag;
	} flags[] = {
		{ !plan->rules.allow_metadata, "--allow-fs-metadata" },
		{ !options->allow_addons, "--allow-addons" },
		{ knows_threads && !options->allow_worker, "--allow-worker" },
		{ has_preload && !options->allow_wasi, "--allow-wasi" },
		{ has_preload && options->allow_net &&
			  !options->allow_inspector,
		  "--allow-inspector" },
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (flags[i].is_missing)
			add(list, "%s", flags[i].flag);
}

int plan_check_only(const struct options *options, const struct plan *plan,
		    char ret[PLAN_ONLY_SIZE])
{
	char refused[LIST_SIZE] = "", missing[LIST_SIZE] = "";

	list_refused(options, plan, refused);
	list_missing(options, plan, missing);
	ret[0] = '\0';
	if (!refused[0] && !missing[0])
		return 0;
	(void)snprintf(
		ret, PLAN_ONLY_SIZE, "%s%s%s%s%s",
		refused[0] ? "a supervisor is needed for " : "", refused,
		refused[0] && missing[0] ? "; and " : "",
		missing[0] ?
			"without a supervisor nobody can refuse what these allow, so add them: " :
			"",
		missing);
	return -ENOTSUP;
}

static struct plan_group group_of(const struct plan_group *old, const char *why)
{
	return (struct plan_group){ .group = old->group,
				    .name = old->name,
				    .why = why };
}

static const char *why_alone(const struct plan *plan, unsigned group)
{
	const struct filter_spec *filter = &plan->filter;

	if (group & (GROUP_OPEN | GROUP_NAMES))
		return "Landlock decides";
	if (group & GROUP_METADATA)
		return "--allow-fs-metadata, or everything is readable";
	if (group & GROUP_WATCH)
		return filter->allow_watch ? "everything is readable" :
					     "Landlock has no right for it";
	if (group & GROUP_ATTRS)
		return filter->allow_attrs ? "everything is writable" :
					     "Landlock has no right for it";
	if (group & GROUP_EXEC)
		return filter->exec_once ?
			       "only the start of the command itself" :
			       "Landlock decides: --allow-child-process";
	if (group & GROUP_FORK)
		return filter->allow_fork ? "--allow-child-process" :
					    "not allowed";
	if (group & GROUP_THREADS)
		return "not limited";
	if (group & GROUP_IMAGE)
		return "--allow-addons";
	return filter->allow_net ? "--allow-net" : "not allowed";
}

int plan_make_only(const struct options *options, struct plan *plan)
{
	bool all_read = plan_is_all(&plan->rules, RIGHT_READ);

	plan->is_alone = true;
	plan->opens_alone = true;
	plan->filter = (struct filter_spec){
		.allow_fork = options->allow_child_process,
		.allow_net = options->allow_net,
		.allow_attrs = plan_is_all(&plan->rules, RIGHT_WRITE),
		.allow_watch = all_read,
		.deny_memory_programs = !all_read,
		.exec_once = !options->allow_child_process,
	};
	if (getrandom(plan->filter.secret, sizeof(plan->filter.secret), 0) !=
	    (ssize_t)sizeof(plan->filter.secret)) {
		log_error("--landlock-only: no random numbers for the filter");
		return -EIO;
	}
	for (size_t i = 0; i < PLAN_GROUPS; i++)
		plan->groups[i] =
			group_of(&plan->groups[i],
				 why_alone(plan, plan->groups[i].group));
	return 0;
}
