/* SPDX-License-Identifier: Apache-2.0 */
/* From options and profile to what the kernel is told. */
#include "supervise/plan.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "supervise/folding.h"
#include "supervise/grants.h"
#include "supervise/net_plan.h"
#include "supervise/options.h"
#include "supervise/single.h"
#include "supervise/verifier.h"

#define STATUS_OWN 125
#define STATUS_NOT_EXECUTABLE 126
#define STATUS_NOT_FOUND 127
#define LANDLOCK_TRUNCATE_ABI 3

static int fail(struct plan *plan, int status, int error)
{
	plan->status = status;
	return error;
}

static int copy_strings(struct strings *to, const struct strings *from)
{
	int r = 0;

	for (size_t i = 0; i < from->n && r == 0; i++)
		r = strings_add(to, from->items[i]);
	return r;
}

/* Decisions are on resolved paths, so these directories are resolved too. */
static int add_probe_dirs(struct plan *plan)
{
	int r = 0;

	for (size_t i = 0; i < plan->profile.probe_dirs.n && r == 0; i++) {
		char *path = NULL;

		if (path_resolve(plan->profile.probe_dirs.items[i], &path) == 0)
			r = strings_add_owned(&plan->rules.probe_dirs, path);
	}
	return r;
}

/*
 * A child may be any runtime of the system: what each of them looks for on its
 * way up may be missing for all, and what it reads to start may be read.
 */
static int add_child_profiles(const struct options *options, struct plan *plan)
{
	struct rules *rules = &plan->rules;
	static const char *const names[] = { "node", "python", "shell" };
	static const char any[] = "/usr/bin/env";
	int r = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && r == 0;
	     i++) {
		struct profile profile;

		r = profile_load(names[i], &profile);
		strings_done(&profile.libraries); /* /usr is granted anyway */
		if (r == 0)
			r = copy_strings(&rules->probes, &profile.probes);
		if (r == 0)
			r = runtimes_add(&plan->runtimes, &profile, NULL);
		if (r == 0 && options->child_programs.n == 0)
			r = profile_expand(&profile, any, any, NULL);
		for (size_t j = 0; j < profile.read.n && r == 0; j++)
			if (options->child_programs.n == 0)
				r = grants_add_implicit(rules,
							profile.read.items[j],
							RIGHT_READ, true,
							"a runtime's profile");
		profile_done(&profile);
	}
	return r;
}

static int find_profile(const struct options *options, struct plan *plan)
{
	const char *path_env = getenv("PATH");
	int r;

	if (!plan->has_command)
		return profile_load("none", &plan->profile);
	plan->command.is_single = single_is_node(plan->command.runtime);
	if (strcmp(options->runtime, "auto") != 0)
		r = profile_load(options->runtime, &plan->profile);
	else if (plan->command.is_single)
		r = profile_load("node", &plan->profile);
	else
		r = profile_find(plan->command.runtime, &plan->profile);
	if (r == 0)
		r = profile_expand(&plan->profile, plan->command.program,
				   plan->command.runtime, path_env);
	if (r == 0)
		r = runtimes_add(&plan->runtimes, &plan->profile,
				 plan->command.runtime);
	if (r == 0)
		r = command_find_script(&plan->command, &plan->profile);
	return r;
}

static int find_command(const struct options *options, struct plan *plan)
{
	int r;

	plan->has_command = options->argc > 0;
	if (!plan->has_command)
		return 0;
	r = command_resolve(options->argv, getenv("PATH"), &plan->command);
	if (r == -ENOENT) {
		log_error("'%s': command not found", options->argv[0]);
		return fail(plan, STATUS_NOT_FOUND, r);
	}
	if (r < 0) {
		log_error("'%s': cannot be executed: %s", options->argv[0],
			  strerror(-r));
		return fail(plan, STATUS_NOT_EXECUTABLE, r);
	}
	return 0;
}

/* Code that no manifest could list: given as text, or a debugger's. */
static int check_arguments(const struct options *options,
			   const struct plan *plan)
{
	const char *found = NULL;
	int r = 0;

	if (options->policy)
		r = command_find_arg(&plan->command, &plan->profile,
				     &plan->profile.exec_deny_args, &found);
	if (found) {
		log_line(
			options->report_only ? LOG_LEVEL_WARNING :
					       LOG_LEVEL_ERROR,
			"'%s': with a manifest, code comes from files that it can list: run a script file",
			strcmp(found, "-") == 0 ? "standard input" : found);
		return options->report_only ? 0 : -EINVAL;
	}
	if (r == 0 && !options->allow_inspector)
		r = command_find_arg(&plan->command, &plan->profile,
				     &plan->profile.inspector_args, &found);
	if (found) {
		log_line(
			options->report_only ? LOG_LEVEL_WARNING :
					       LOG_LEVEL_ERROR,
			"'%s': a debugger's port would let others run code: it needs --allow-inspector",
			found);
		return options->report_only ? 0 : -EINVAL;
	}
	return r;
}

int plan_make(const struct options *options, char *const *inherited,
	      struct plan *plan)
{
	int r;

	*plan = (struct plan){ .status = STATUS_OWN };
	r = find_command(options, plan);
	if (r == 0)
		r = find_profile(options, plan);
	if (r == 0 && plan->has_command)
		r = check_arguments(options, plan);
	if (r == 0 && plan->has_command)
		r = plan_find_preload(options, plan);
	if (r == 0 && plan->has_command)
		r = environment_make(inherited, options, &plan->profile,
				     &plan->command, &plan->environment);
	if (r == 0 && plan->has_command)
		r = plan_check_variables(options, plan);
	if (r == 0)
		r = copy_strings(&plan->rules.probes, &plan->profile.probes);
	if (r == 0 && options->allow_child_process)
		r = add_child_profiles(options, plan);
	if (r == 0)
		r = add_probe_dirs(plan);
	if (r == 0)
		r = copy_strings(&plan->rules.code, &plan->profile.code);
	if (r == 0)
		r = plan_add_options(options, &plan->rules);
	if (r == 0)
		r = net_plan_make(options, &plan->net);
	if (r == 0 && plan->has_command)
		r = plan_add_inspector(options, plan);
	if (r == 0 && plan->has_command)
		r = plan_add_command(options, plan);
	if (r == 0 && plan->has_command)
		r = plan_add_preload(plan);
	if (r == 0)
		r = plan_add_children(options, plan);
	if (r == 0)
		r = plan_add_beside(&plan->rules);
	if (r == 0 && plan->has_command)
		r = plan_insert_args(plan);
	if (r == -ENOMEM)
		log_error("out of memory");
	plan->rules.has_policy = options->policy != NULL;
	plan->rules.script = plan->command.script;
	return r;
}

/* The runtime's own code needs no entry, so it must not be writable. */
static int check_own_code(const struct plan *plan)
{
	const struct strings *own = &plan->profile.own_code;
	struct decision decision;

	for (size_t i = 0; i < own->n; i++) {
		decide(&plan->rules, OPERATION_WRITE, own->items[i], &decision);
		if (!decision.is_allowed)
			continue;
		log_error(
			"'%s' is the runtime's own code and lies inside --allow-fs-write=%s: with a manifest it must not change",
			own->items[i], decision.rule->text);
		return -EINVAL;
	}
	for (size_t i = 0; i < plan->rules.n_grants; i++) {
		const struct grant *grant = &plan->rules.grants[i];

		if (!(grant->rights & RIGHT_WRITE) || grant->is_deny ||
		    !profile_owns_code(&plan->profile, grant->path))
			continue;
		log_error(
			"--allow-fs-write=%s lies in the runtime's own code: with a manifest it must not change",
			grant->text);
		return -EINVAL;
	}
	return 0;
}

/* A program that may change its own manifest has none. */
static int check_writable(const struct plan *plan,
			  const struct verifier *verifier)
{
	const char *manifest = verifier_manifest(verifier);
	struct decision decision;
	const char *path;

	decide(&plan->rules, OPERATION_WRITE, manifest, &decision);
	if (decision.is_allowed) {
		log_error(
			"the manifest '%s' lies inside --allow-fs-write=%s: keep it where the command cannot write",
			manifest, decision.rule ? decision.rule->text : "*");
		return -EINVAL;
	}
	for (size_t i = 0; (path = verifier_path(verifier, i)); i++) {
		decide(&plan->rules, OPERATION_WRITE, path, &decision);
		if (!decision.is_allowed)
			continue;
		log_error(
			"'%s' is listed in the manifest and lies inside --allow-fs-write=%s: it could change after the check",
			path, decision.rule ? decision.rule->text : "*");
		return -EINVAL;
	}
	return check_own_code(plan);
}

/* Blanks, tabs, newlines and backslashes are \\ooo there: see proc(5). */
static void unescape_mount(char *path)
{
	char *out = path;

	while (*path) {
		if (path[0] == '\\' && path[1] && path[2] && path[3]) {
			*out++ = (char)((path[1] - '0') * 64 +
					(path[2] - '0') * 8 + path[3] - '0');
			path += 4;
		} else {
			*out++ = *path++;
		}
	}
	*out = '\0';
}

/* Other mounts of procfs: Landlock would let their files through. */
static int add_proc_mounts(struct rules *rules)
{
	_cleanup_fclose_ FILE *file = fopen("/proc/self/mountinfo", "re");
	_cleanup_free_ char *line = NULL;
	size_t size = 0;
	int r = 0;

	while (file && r == 0 && getline(&line, &size, file) > 0) {
		char point[PATH_MAX];

		if (!strstr(line, " - proc ") ||
		    sscanf(line, "%*s %*s %*s %*s %4095s", point) != 1)
			continue;
		unescape_mount(point);
		if (strcmp(point, "/proc") != 0)
			r = rules_add_hole(rules, point);
	}
	if (r == 0 && (!file || ferror(file)))
		r = errno ? -errno : -EIO;
	if (r < 0)
		log_error("/proc/self/mountinfo cannot be read: %s",
			  strerror(-r));
	return r;
}

static int make_only(const struct options *options, struct plan *plan)
{
	char why[PLAN_ONLY_SIZE];

	if (plan_check_only(options, plan, why) < 0) {
		if (plan->lacks.no_supervisor)
			log_error(
				"--degraded: no supervisor is possible here (%s), and that takes: %s",
				plan->lacks.no_supervisor, why);
		else
			log_error("--landlock-only: %s", why);
		return -ENOTSUP;
	}
	if (plan->lacks.landlock_abi == 0) {
		log_error(
			"without Landlock and without a supervisor nothing holds the command");
		return -ENOTSUP;
	}
	return plan_make_only(options, plan);
}

int plan_finish(const struct options *options, struct verifier *verifier,
		struct plan *plan)
{
	struct rules *rules = &plan->rules;
	int r = 0;

	rules->allow_metadata = options->allow_fs_metadata ||
				plan_is_all(rules, RIGHT_READ);
	/* An old Landlock would let the kernel do more than the flags say. */
	rules->inject_all = plan_injects_all(options, rules) ||
			    plan->lacks.landlock_abi < LANDLOCK_TRUNCATE_ABI;
	r = folding_check(rules);
	if (r == 0)
		r = add_proc_mounts(rules);
	if (r == 0 && verifier)
		r = verifier_list(verifier, rules);
	if (r == 0)
		r = rules_finish(rules);
	if (r == 0 && verifier)
		r = check_writable(plan, verifier);
	if (r == 0)
		r = plan_check_socket(options, plan);
	if (r == 0) {
		plan_make_groups(options, plan);
		if (options->landlock_only && options->action != DO_WHY)
			r = make_only(options, plan);
	}
	if (r == 0)
		r = domains_make(options, plan);
	if (r == -ENOMEM)
		log_error("out of memory");
	return r;
}

void plan_done(struct plan *plan)
{
	profile_done(&plan->profile);
	profile_done(&plan->child);
	runtimes_done(&plan->runtimes);
	images_done(&plan->images);
	command_done(&plan->command);
	environment_done(&plan->environment);
	rules_done(&plan->rules);
	net_rules_done(&plan->net);
	domain_done(&plan->own);
	domain_done(&plan->target);
}
