/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decide() against a model that looks at one grant after the other.
 *
 * Input: a byte with the number of grants; for each a byte of flags and a
 * path; then questions: a byte with the operation, and a path. A path is a
 * byte with the number of its components, and a byte for each.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "supervise/pattern.h"
#include "supervise/rules.h"

#define GRANTS_MAX 8
#define QUESTIONS_MAX 32
#define DEPTH_MAX 5
#define PATH_SIZE 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *data;
	size_t size;
};

static unsigned next(struct input *in)
{
	if (in->size == 0)
		return 0;
	in->size--;
	return *in->data++;
}

/* Few names, so that paths meet; with a star one may be anywhere in it. */
static void read_path(struct input *in, bool is_pattern, char *ret)
{
	static const char *const names[] = { "a", "b", "ab", "aa" };
	static const char *const patterns[] = { "\001", "a\001", "\001b",
						"a\001b" };
	unsigned n = next(in) % (DEPTH_MAX + 1);

	strcpy(ret, n == 0 ? "/" : "");
	for (unsigned i = 0; i < n; i++) {
		unsigned byte = next(in);

		strcat(ret, "/");
		strcat(ret, is_pattern && (byte & 4) ? patterns[byte % 4] :
						       names[byte % 4]);
	}
}

static bool is_beneath(const char *tree, const char *path)
{
	size_t len = strlen(tree);

	return len == 1 || (strncmp(tree, path, len) == 0 &&
			    (path[len] == '/' || path[len] == '\0'));
}

/* The plain way to match: a star is tried at every length. */
static bool matches(const char *pattern, const char *path)
{
	if (*pattern == '\0')
		return *path == '\0';
	if (*pattern != GRANT_STAR)
		return *pattern == *path && matches(pattern + 1, path + 1);
	for (;; path++) {
		if (matches(pattern + 1, path))
			return true;
		if (*path == '\0')
			return false;
	}
}

/* Does the carve-out hold for @path: for it, or for a directory above it? */
static bool is_carved(const struct grant *grant, const char *path)
{
	char prefix[PATH_SIZE];

	if (grant->shape != SHAPE_PATTERN)
		return is_beneath(grant->path, path);
	for (size_t i = 1; i <= strlen(path); i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(prefix, path, i);
		prefix[i] = '\0';
		if (matches(grant->path, prefix))
			return true;
	}
	return false;
}

static bool is_covered(const struct grant *grant, const char *path)
{
	if (grant->shape == SHAPE_PATTERN)
		return matches(grant->path, path);
	if (grant->shape == SHAPE_TREE)
		return is_beneath(grant->path, path);
	return strcmp(grant->path, path) == 0;
}

struct model {
	struct grant grants[GRANTS_MAX];
	char paths[GRANTS_MAX][PATH_SIZE];
	size_t n;
};

static bool any_deny(const struct model *m, unsigned rights, const char *path)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->grants[i].is_deny && (m->grants[i].rights & rights) &&
		    is_carved(&m->grants[i], path))
			return true;
	return false;
}

static bool any_allow(const struct model *m, unsigned right, const char *path)
{
	for (size_t i = 0; i < m->n; i++)
		if (!m->grants[i].is_deny && (m->grants[i].rights & right) &&
		    is_covered(&m->grants[i], path))
			return true;
	return false;
}

/* Could Landlock, which knows only hierarchies, say this grant? */
static bool is_whole(const struct model *m, const struct grant *grant)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct grant *other = &m->grants[i];

		if (!other->is_deny)
			continue;
		/* A carve-out of another right at the very path takes nothing. */
		if (other->shape != SHAPE_PATTERN &&
		    is_beneath(grant->path, other->path) &&
		    strcmp(grant->path, other->path) != 0)
			return false;
		if ((other->rights & grant->rights) &&
		    is_carved(other, grant->path))
			return false;
	}
	return grant->shape == SHAPE_TREE && !grant->is_deny;
}

static void check(const struct model *m, const struct rules *rules,
		  enum operation operation, const char *path)
{
	static const unsigned rights[] = {
		[OPERATION_READ] = RIGHT_READ,
		[OPERATION_STAT] = RIGHT_READ,
		[OPERATION_WRITE] = RIGHT_WRITE,
		[OPERATION_EXEC] = RIGHT_EXEC,
	};
	unsigned right = rights[operation];
	bool is_denied = any_deny(m, right, path);
	bool is_allowed;
	struct decision decision;

	/* What may not be read may not be executed either. */
	if (operation == OPERATION_EXEC)
		is_denied = is_denied || any_deny(m, RIGHT_READ, path);
	is_allowed = !is_denied && any_allow(m, right, path);
	decide(rules, operation, path, &decision);
	if (decision.is_allowed && is_denied)
		abort();
	if (operation <= OPERATION_STAT ? is_allowed && !decision.is_allowed :
					  decision.is_allowed && !is_allowed)
		abort();
	if ((operation == OPERATION_READ || operation == OPERATION_WRITE) &&
	    decision.is_allowed != is_allowed)
		abort();
	if (!decision.is_allowed && decision.error != EACCES)
		abort();
	if (!decision.is_allowed && decision.is_class1)
		abort();
	if (decision.is_class1 &&
	    (!decision.rule || !is_whole(m, decision.rule)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct rules rules = { 0 };
	struct model m = { .n = next(&in) % (GRANTS_MAX + 1) };
	char path[PATH_SIZE];

	for (size_t i = 0; i < m.n; i++) {
		unsigned flags = next(&in);

		m.grants[i] = (struct grant){
			.path = m.paths[i],
			.rights = flags % 8,
			.shape = (flags >> 3) % 3,
			.is_deny = flags & 0x20,
			.origin = "a flag",
		};
		read_path(&in, m.grants[i].shape == SHAPE_PATTERN, m.paths[i]);
		if (rules_add(&rules, &m.grants[i]) < 0)
			abort();
	}
	if (rules_finish(&rules) < 0)
		abort();
	for (int i = 0; i < QUESTIONS_MAX && in.size > 0; i++) {
		unsigned operation = next(&in) % (OPERATION_EXEC + 1);

		read_path(&in, false, path);
		check(&m, &rules, operation, path);
	}
	rules_done(&rules);
	return 0;
}
