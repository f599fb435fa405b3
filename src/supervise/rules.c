/* SPDX-License-Identifier: Apache-2.0 */
/* The permissions as data, and their index. */
#include "supervise/rules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "supervise/path_index.h"
#include "supervise/pattern.h"

int rules_add(struct rules *rules, const struct grant *grant)
{
	struct grant *grants;

	if ((rules->n_grants & (rules->n_grants - 1)) == 0) {
		grants = reallocarray(rules->grants,
				      rules->n_grants ? 2 * rules->n_grants : 1,
				      sizeof(*grants));
		if (!grants)
			return -ENOMEM;
		rules->grants = grants;
	}
	grants = &rules->grants[rules->n_grants];
	*grants = *grant;
	grants->path = strdup(grant->path);
	grants->text = strdup(grant->text ? grant->text : grant->path);
	if (!grants->path || !grants->text) {
		free(grants->path);
		free(grants->text);
		return -ENOMEM;
	}
	rules->n_grants++;
	return 0;
}

static struct path_index *index_of(struct rules *rules)
{
	if (!rules->index)
		rules->index = path_index_new();
	return rules->index;
}

/* Calls for every proper ancestor of @path, "/" included. */
static int mark_ancestors(struct path_index *index, const char *path,
			  bool is_visible, bool is_above)
{
	for (size_t i = 0; path[i]; i++) {
		struct path_entry *entry;

		if (path[i] != '/' || path[i + 1] == '\0')
			continue;
		entry = path_index_get(index, path, i ? i : 1);
		if (!entry)
			return -ENOMEM;
		entry->is_visible |= is_visible;
		entry->is_above |= is_above;
	}
	return 0;
}

static struct path_entry *entry_of(struct rules *rules, const char *path)
{
	struct path_index *index = index_of(rules);

	return index ? path_index_get(index, path, strlen(path)) : NULL;
}

int rules_add_visible(struct rules *rules, const char *path)
{
	struct path_entry *entry = entry_of(rules, path);

	if (!entry)
		return -ENOMEM;
	entry->is_visible = true;
	return mark_ancestors(rules->index, path, true, false);
}

int rules_add_hole(struct rules *rules, const char *path)
{
	struct path_entry *entry = entry_of(rules, path);

	if (!entry)
		return -ENOMEM;
	entry->is_above = true; /* of itself: it is no class 1 either */
	return mark_ancestors(rules->index, path, false, true);
}

int rules_expect(struct rules *rules, size_t n)
{
	struct path_index *index = index_of(rules);

	return index && path_index_reserve(index, n) == 0 ? 0 : -ENOMEM;
}

int rules_add_listed(struct rules *rules, const char *path)
{
	struct path_entry *entry = entry_of(rules, path);

	if (!entry)
		return -ENOMEM;
	entry->is_listed = true;
	return mark_ancestors(rules->index, path, false, true);
}

static void set_entry(struct path_entry *entry, const struct grant *grant)
{
	const struct grant **slots = grant->is_deny ? entry->deny :
				     grant->shape == SHAPE_TREE ?
						      entry->allow_tree :
						      entry->allow_exact;

	for (int bit = 0; bit < PATH_RIGHTS; bit++) {
		if (!(grant->rights & (1u << bit)))
			continue;
		/* The kernel runs it for a program; by itself it runs any file. */
		if (grant->is_interpreter && (1u << bit) == RIGHT_EXEC)
			continue;
		/* What the user wrote explains more than what we added. */
		if (!slots[bit] || slots[bit]->is_implicit)
			slots[bit] = grant;
	}
	/* It stays the runtime's own when another grant covers it, too. */
	entry->is_runtime |= grant->is_runtime && !grant->is_deny &&
			     grant->shape == SHAPE_EXACT;
}

/* "/p/" of "/p/a*.log": an ancestor of whatever the pattern matches. */
static int index_pattern(struct path_index *index, const struct grant *grant)
{
	char *literal = strndup(grant->path, pattern_literal(grant->path) + 1);
	int r;

	if (!literal)
		return -ENOMEM;
	/* The star stands for a last component, so its directory is marked. */
	r = mark_ancestors(index, literal, !grant->is_deny, grant->is_deny);
	free(literal);
	return r;
}

static int index_grant(struct path_index *index, const struct grant *grant)
{
	struct path_entry *entry;

	if (grant->shape == SHAPE_PATTERN)
		return index_pattern(index, grant);
	entry = path_index_get(index, grant->path, strlen(grant->path));
	if (!entry)
		return -ENOMEM;
	set_entry(entry, grant);
	return mark_ancestors(index, grant->path, !grant->is_deny,
			      grant->is_deny);
}

/* Does a carve-out at @path or above it take any of @rights away? */
static bool is_denied(const struct rules *rules, const char *path,
		      unsigned rights)
{
	const struct path_entry *entry;
	struct path_walk walk;

	path_walk_start(&walk, path);
	while (path_walk_next(&walk, rules->index, &entry))
		for (int bit = 0; entry && bit < PATH_RIGHTS; bit++)
			if ((rights & (1u << bit)) && entry->deny[bit])
				return true;
	return false;
}

/* Landlock decides what runs, and cannot say this. */
static bool cannot_run(const struct rules *rules, const struct grant *grant)
{
	for (size_t i = 0; i < rules->n_patterns; i++) {
		const struct grant *other = &rules->grants[rules->patterns[i]];

		if (other->is_deny && (other->rights & RIGHT_READ) &&
		    pattern_covers(other->path, grant->path))
			return true;
	}
	return grant->shape == SHAPE_PATTERN ||
	       is_denied(rules, grant->path, RIGHT_READ) ||
	       (grant->shape == SHAPE_TREE &&
		rules_is_carved(rules, grant->path));
}

static bool is_proc(const char *path)
{
	return strncmp(path, "/proc", 5) == 0 &&
	       (path[5] == '/' || path[5] == '\0');
}

/*
 * Class 1: Landlock, which can only add hierarchies, says exactly what the
 * flags say: no carve-out beneath, and no file that only a verifier may judge.
 */
static bool is_class1(const struct rules *rules, const struct grant *grant)
{
	const struct path_entry *entry;

	if (grant->shape != SHAPE_TREE || grant->is_deny || grant->is_late ||
	    rules->inject_all)
		return false;
	/* /proc lies beneath: see grants.c. */
	if (strcmp(grant->path, "/") == 0 || is_proc(grant->path))
		return false;
	if (rules->has_policy && (grant->rights & RIGHT_READ))
		return false;
	entry = path_index_find(rules->index, grant->path);
	if ((entry && entry->is_above) ||
	    is_denied(rules, grant->path, grant->rights))
		return false;
	for (size_t i = 0; i < rules->n_patterns; i++) {
		const struct grant *other = &rules->grants[rules->patterns[i]];

		if (other->is_deny && pattern_reaches(other->path, grant->path))
			return false;
	}
	return true;
}

static int collect_patterns(struct rules *rules)
{
	free(rules->patterns);
	rules->n_patterns = 0;
	rules->patterns = calloc(rules->n_grants + 1, sizeof(size_t));
	if (!rules->patterns)
		return -ENOMEM;
	for (size_t i = 0; i < rules->n_grants; i++)
		if (rules->grants[i].shape == SHAPE_PATTERN)
			rules->patterns[rules->n_patterns++] = i;
	return 0;
}

int rules_finish(struct rules *rules)
{
	struct path_index *index = index_of(rules);

	if (!index || collect_patterns(rules) < 0)
		return -ENOMEM;
	/* The carve-outs first: what the grants mean depends on them. */
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < rules->n_grants; i++) {
			struct grant *grant = &rules->grants[i];
			int r;

			if (grant->is_deny != (pass == 0))
				continue;
			if (!grant->is_deny && cannot_run(rules, grant))
				grant->rights &= ~(unsigned)RIGHT_EXEC;
			r = index_grant(index, grant);
			if (r < 0)
				return r;
		}
	}
	for (size_t i = 0; i < rules->n_grants; i++) {
		rules->has_unix |= rules->grants[i].rights & RIGHT_UNIX;
		rules->grants[i].is_class1 =
			is_class1(rules, &rules->grants[i]);
	}
	rules->race_gains = rules_race_gains(rules);
	return 0;
}

void rules_done(struct rules *rules)
{
	for (size_t i = 0; i < rules->n_grants; i++) {
		free(rules->grants[i].path);
		free(rules->grants[i].text);
	}
	free(rules->grants);
	free(rules->patterns);
	path_index_free(rules->index);
	strings_done(&rules->probes);
	strings_done(&rules->probe_dirs);
	strings_done(&rules->code);
	*rules = (struct rules){ 0 };
}

bool rules_is_listed(const struct rules *rules, const char *path)
{
	const struct path_entry *entry = path_index_find(rules->index, path);

	return entry && entry->is_listed;
}

bool rules_is_runtime(const struct rules *rules, const char *path)
{
	const struct path_entry *entry = path_index_find(rules->index, path);

	return entry && entry->is_runtime;
}

bool rules_is_above(const struct rules *rules, const char *path)
{
	const struct path_entry *entry = path_index_find(rules->index, path);

	return entry && entry->is_above;
}

bool rules_is_carved(const struct rules *rules, const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < rules->n_grants; i++) {
		const struct grant *grant = &rules->grants[i];

		if (!grant->is_deny || !(grant->rights & RIGHT_READ))
			continue;
		if (grant->shape == SHAPE_PATTERN ?
			    pattern_reaches(grant->path, path) :
			    len == 1 || (strncmp(grant->path, path, len) == 0 &&
					 (grant->path[len] == '/' ||
					  grant->path[len] == '\0')))
			return true;
	}
	return false;
}

bool rules_is_code(const struct rules *rules, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (rules->script && strcmp(path, rules->script) == 0)
		return true;
	return strings_match(&rules->code, slash ? slash + 1 : path);
}
