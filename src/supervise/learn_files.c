/* SPDX-License-Identifier: Apache-2.0 */
/* --allow-fs-*: what decide() still denies once the other options are known. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "supervise/learn_emit.h"
#include "supervise/learn_needs.h"
#include "supervise/plan.h"

/* The rules that the options found so far make. */
static int make_rules(const struct learn_needs *needs, struct plan *plan)
{
	int r;

	/* What it has to say was said at the start. */
	log_set_level(LOG_LEVEL_ERROR);
	r = plan_make(&needs->options, environ, plan);
	log_set_level(needs->options.verbose ? LOG_LEVEL_INFO :
					       LOG_LEVEL_NOTICE);
	plan->rules.allow_metadata = needs->options.allow_fs_metadata ||
				     plan_is_all(&plan->rules, RIGHT_READ);
	return r < 0 ? r : rules_finish(&plan->rules);
}

/* A debugger's port, which the command line asks for. */
static int add_inspector(struct learn_needs *needs, const struct plan *plan)
{
	const char *found = NULL;
	int r;

	if (needs->options.allow_inspector)
		return 0;
	r = command_find_arg(&plan->command, &plan->profile,
			     &plan->profile.inspector_args, &found);
	return r < 0 || !found ?
		       r :
		       learn_needs_add(needs, "allow-inspector", NULL, found);
}

static unsigned denied(const struct rules *rules,
		       const struct learn_entry *entry)
{
	static const struct {
		unsigned right;
		enum operation operation;
	} rows[] = {
		{ LEARN_READ, OPERATION_READ },
		{ LEARN_WRITE, OPERATION_WRITE },
		{ LEARN_STAT, OPERATION_STAT },
	};
	struct decision decision;
	unsigned rights = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!(entry->rights & rows[i].right))
			continue;
		decide(rules, rows[i].operation, entry->object, &decision);
		rights |= decision.is_allowed ? 0 : rows[i].right;
	}
	return rights;
}

/* The files of a run that nothing covers yet. */
struct files {
	struct learn_entry *entries; /* strings are borrowed */
	enum learn_now *now;
	size_t n;
};

static void files_done(struct files *files)
{
	free(files->entries);
	free(files->now);
}

static int files_make(const struct rules *rules,
		      const struct learn_entry *entries, size_t n,
		      const struct strings *readable, struct files *ret)
{
	ret->entries = calloc(n + readable->n + 1, sizeof(*ret->entries));
	ret->now = calloc(n + readable->n + 1, sizeof(*ret->now));
	if (!ret->entries || !ret->now)
		return -ENOMEM;
	for (size_t i = 0; i < n + readable->n; i++) {
		struct learn_entry *entry = &ret->entries[ret->n];
		struct stat st;

		*entry = i < n ? entries[i] :
				 (struct learn_entry){
					 .object = readable->items[i - n],
					 .syscall = "execve",
					 .rights = LEARN_READ,
				 };
		entry->rights =
			entry->kind == LEARN_FILE ? denied(rules, entry) : 0;
		if (entry->rights == 0)
			continue;
		if (lstat(entry->object, &st) == 0)
			ret->now[ret->n] = S_ISDIR(st.st_mode) ?
						   LEARN_IS_DIRECTORY :
						   LEARN_IS_FILE;
		ret->n++;
	}
	return 0;
}

static int add_grants(struct learn_needs *needs,
		      const struct learn_input *input)
{
	struct learn_result result;
	int r = learn_merge(input, &result);

	for (size_t i = 0; i < result.n && r == 0; i++) {
		const struct learn_grant *grant = &result.grants[i];

		if (grant->rights & LEARN_READ)
			r = learn_needs_add(needs, "allow-fs-read", grant->text,
					    grant->reason);
		if ((grant->rights & LEARN_WRITE) && r == 0)
			r = learn_needs_add(needs, "allow-fs-write",
					    grant->text, grant->reason);
	}
	for (size_t i = 0; i < result.left_out.n && r == 0; i++)
		r = strings_add(&needs->left_out, result.left_out.items[i]);
	learn_result_done(&result);
	return r;
}

/*
 * What only had its metadata looked at and is visible by no other grant: few
 * files by themselves; a grant of a directory would open all that is in it.
 */
static int add_metadata(struct learn_needs *needs, const struct files *files,
			const struct rules *rules, unsigned max)
{
	const struct learn_entry *example = NULL;
	bool has_directory = false;
	char who[64], text[PATH_MAX + 256];
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; i < files->n; i++) {
		if (!(denied(rules, &files->entries[i]) & LEARN_STAT))
			continue;
		example = &files->entries[i];
		has_directory |= files->now[i] == LEARN_IS_DIRECTORY;
		n++;
	}
	if (n == 0)
		return 0;
	if (has_directory || n > max) {
		learn_describe(example, who, sizeof(who));
		(void)snprintf(
			text, sizeof(text),
			"the metadata of %zu path%s was looked at, such as %s (%s)",
			n, n == 1 ? "" : "s", example->object, who);
		return learn_needs_add(needs, "allow-fs-metadata", NULL, text);
	}
	for (size_t i = 0; i < files->n && r == 0; i++) {
		_cleanup_free_ char *path = NULL;

		if (!(denied(rules, &files->entries[i]) & LEARN_STAT))
			continue;
		learn_describe(&files->entries[i], who, sizeof(who));
		(void)snprintf(text, sizeof(text), "%s: only its metadata%s",
			       who,
			       files->now[i] == LEARN_IS_GONE ?
				       "; it is not there" :
				       "");
		path = learn_escape(files->entries[i].object);
		r = path ? learn_needs_add(needs, "allow-fs-read", path, text) :
			   -ENOMEM;
	}
	return r;
}

int learn_files(struct learn_needs *needs, const struct learn_entry *entries,
		size_t n, const struct strings *readable,
		struct learn_input *input)
{
	struct files files = { 0 };
	struct plan plan = { 0 };
	int r = make_rules(needs, &plan);

	if (r == 0)
		r = add_inspector(needs, &plan);
	if (r == 0)
		r = files_make(&plan.rules, entries, n, readable, &files);
	plan_done(&plan);
	plan = (struct plan){ 0 };
	input->entries = files.entries;
	input->now = files.now;
	input->n = files.n;
	if (r == 0)
		r = add_grants(needs, input);
	if (r == 0)
		r = make_rules(needs, &plan);
	if (r == 0)
		r = add_metadata(needs, &files, &plan.rules, input->max);
	plan_done(&plan);
	files_done(&files);
	return r;
}
