/* SPDX-License-Identifier: Apache-2.0 */
/*
 * May the kernel answer opens and names alone? Only where its answers are
 * those that the supervisor would give, the errors apart that tell whether
 * something exists, which --allow-fs-metadata makes no secret of.
 */
#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervise/options.h"
#include "supervise/plan.h"

#define GLOB_CHARACTERS "*?[\\"

__attribute__((format(printf, 2, 3))) static const char *
explain(struct plan *plan, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(plan->why_opens, sizeof(plan->why_opens), format, args);
	va_end(args);
	return plan->why_opens;
}

const char *plan_needs_reports(const struct options *options)
{
	if (options->report_only)
		return "--report-only";
	if (options->learn)
		return "--learn";
	if (options->log_target != LOG_TO_STDERR)
		return "denials are written to the --log";
	if (options->status_fd >= 0)
		return "the first denial is written to --status-fd";
	return options->quiet ? NULL : "denials are reported: see --quiet";
}

static const char *needs_flags(const struct options *options,
			       const struct plan *plan)
{
	if (!plan->rules.allow_metadata)
		return "what is denied must not tell whether it exists: see --allow-fs-metadata";
	if (options->allow_unix.n > 0)
		return "--allow-unix: no other socket may get an allowed name";
	if (options->policy)
		return "--policy: what is listed comes as a verified copy";
	if (options->allow_child_process)
		return "--allow-child-process: each process reads its own entries of /proc";
	return plan->rules.inject_all ?
		       "this kernel's Landlock is too old: see --degraded" :
		       NULL;
}

static const char *needs_deny(struct plan *plan)
{
	for (size_t i = 0; i < plan->rules.n_grants; i++) {
		const struct grant *grant = &plan->rules.grants[i];

		if (grant->is_deny)
			return explain(plan,
				       "%s=%s: Landlock has no exceptions",
				       grant->origin, grant->text);
	}
	return NULL;
}

/* A file may be replaced by another one, and then the rule stays with it. */
static const char *needs_grant(struct plan *plan, const struct grant *grant)
{
	/* Connecting to a socket is no open. */
	if (!(grant->rights & ~(unsigned)RIGHT_UNIX))
		return NULL;
	if (grant->shape == SHAPE_PATTERN)
		return explain(plan, "%s=%s: Landlock has no patterns",
			       grant->origin, grant->text);
	if (grant->shape == SHAPE_EXACT || grant->is_late)
		return grant->is_implicit ?
			       NULL :
			       explain(plan,
				       "%s=%s: no directory, so it may be made or replaced",
				       grant->origin, grant->text);
	if (!grant->is_class1)
		return explain(
			plan,
			"%s=%s: entries of /proc that stay closed lie beneath",
			grant->is_implicit ? "implicit" : grant->origin,
			grant->text);
	return NULL;
}

static bool is_beneath(const char *path, const char *tree)
{
	size_t len = strlen(tree);

	return strncmp(path, tree, len) == 0 && path[len] == '/';
}

/*
 * What is still asked is decided on paths, and a move would change what may be
 * read: in a tree that may be written, but not read as a whole.
 */
static const char *needs_moves(struct plan *plan)
{
	const struct rules *rules = &plan->rules;

	for (size_t i = 0; i < rules->n_grants; i++) {
		const struct grant *tree = &rules->grants[i];
		struct decision decision;

		if (!(tree->rights & RIGHT_WRITE) || tree->shape != SHAPE_TREE)
			continue;
		decide(rules, OPERATION_READ, tree->path, &decision);
		for (size_t j = 0; j < rules->n_grants; j++)
			if (!decision.is_allowed &&
			    is_beneath(rules->grants[j].path, tree->path))
				return explain(
					plan,
					"--allow-fs-write=%s: what else is granted in it could be moved",
					tree->text);
	}
	return NULL;
}

/*
 * Who changes the name servers writes the file anew. In a directory that is
 * granted that is seen; a mount (of a container) cannot be replaced.
 */
static const char *needs_resolver(const struct options *options,
				  const struct rules *rules)
{
	static const char name[] = "/etc/resolv.conf";
	_cleanup_free_ char *real = NULL;
	struct decision decision;
	struct statx st;

	if (!options->allow_net && options->net_rules.n == 0)
		return NULL;
	real = realpath(name, NULL);
	if (!real)
		return NULL;
	decide(rules, OPERATION_READ, real, &decision);
	if (decision.is_allowed && decision.is_class1)
		return NULL;
	if (statx(AT_FDCWD, real, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &st) == 0 &&
	    (st.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) &&
	    (st.stx_attributes & STATX_ATTR_MOUNT_ROOT))
		return NULL;
	return "--allow-net: /etc/resolv.conf may be replaced while the command runs";
}

/* What is denied there would have to look as if it were missing. */
static bool is_hidden(const struct rules *rules, const char *path)
{
	struct decision decision;

	decide(rules, OPERATION_READ, path, &decision);
	return !decision.is_allowed && decision.is_probe;
}

static const char *hidden_by_name(struct plan *plan, const char *directory)
{
	const struct strings *probes = &plan->rules.probes;
	const char *slash = directory[1] ? "/" : "";
	char path[PATH_MAX];

	for (size_t i = 0; i < probes->n; i++) {
		if (strpbrk(probes->items[i], GLOB_CHARACTERS))
			continue;
		if (snprintf(path, sizeof(path), "%s%s%s", directory, slash,
			     probes->items[i]) < (int)sizeof(path) &&
		    faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0 &&
		    is_hidden(&plan->rules, path))
			return explain(
				plan,
				"'%s' is above the grants and has to look as if it were missing",
				path);
	}
	return NULL;
}

/* One glob starts with a star, most start with a letter: few are matched. */
static bool is_probe_name(const struct strings *probes, const char *name)
{
	for (size_t i = 0; i < probes->n; i++) {
		const char *glob = probes->items[i];

		if (!strchr(GLOB_CHARACTERS, glob[0]) && glob[0] != name[0])
			continue;
		if (strpbrk(glob, GLOB_CHARACTERS) &&
		    fnmatch(glob, name, 0) == 0)
			return true;
	}
	return false;
}

static const char *hidden_by_glob(struct plan *plan, const char *directory)
{
	_cleanup_closedir_ DIR *stream = opendir(directory);
	const char *slash = directory[1] ? "/" : "";
	struct dirent *entry;
	char path[PATH_MAX];

	while (stream && (entry = readdir(stream)))
		if (is_probe_name(&plan->rules.probes, entry->d_name) &&
		    snprintf(path, sizeof(path), "%s%s%s", directory, slash,
			     entry->d_name) < (int)sizeof(path) &&
		    is_hidden(&plan->rules, path))
			return explain(
				plan,
				"'%s' is above the grants and has to look as if it were missing",
				path);
	return NULL;
}

/* @seen: the directories that were looked at already */
static const char *hidden_above(struct plan *plan, const char *path,
				struct strings *seen)
{
	char directory[PATH_MAX];
	const char *why = NULL;
	size_t len = strlen(path);

	if (len >= sizeof(directory))
		return "a path is too long";
	memcpy(directory, path, len + 1);
	while (!why && !strings_contain(seen, directory)) {
		char *slash = strrchr(directory, '/');

		if (strings_add(seen, directory) < 0)
			return "out of memory";
		why = hidden_by_name(plan, directory);
		if (!why)
			why = hidden_by_glob(plan, directory);
		slash[slash == directory ? 1 : 0] = '\0';
	}
	return why;
}

/*
 * Runtimes walk up from where they start, and take "denied" for the end of
 * their walk: where there is something to find, it has to be hidden.
 */
static const char *needs_probes(struct plan *plan)
{
	const struct rules *rules = &plan->rules;
	_cleanup_free_ char *cwd = getcwd(NULL, 0);
	const char *starts[] = { cwd, plan->command.script };
	struct strings seen = { 0 };
	const char *why = NULL;

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]) && !why; i++)
		if (starts[i] && starts[i][0] == '/')
			why = hidden_above(plan, starts[i], &seen);
	for (size_t i = 0; i < rules->n_grants && !why; i++)
		if (!rules->grants[i].is_implicit)
			why = hidden_above(plan, rules->grants[i].path, &seen);
	strings_done(&seen);
	return why;
}

const char *plan_needs_opens(const struct options *options, struct plan *plan)
{
	const char *why = plan_needs_reports(options);

	if (!why)
		why = needs_flags(options, plan);
	if (!why)
		why = needs_deny(plan);
	for (size_t i = 0; i < plan->rules.n_grants && !why; i++)
		why = needs_grant(plan, &plan->rules.grants[i]);
	if (!why)
		why = needs_moves(plan);
	if (!why)
		why = needs_resolver(options, &plan->rules);
	if (!why && plan->has_command)
		why = needs_probes(plan);
	return why;
}
