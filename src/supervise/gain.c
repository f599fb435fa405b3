/* SPDX-License-Identifier: Apache-2.0 */
/* What a new name would allow that the old one does not. Pure. */
#include <string.h>

#include "supervise/pattern.h"
#include "supervise/rules.h"

static bool is_beneath(const char *path, const char *directory)
{
	size_t len = strlen(directory);

	if (len == 1)
		return path[1] != '\0';
	return strncmp(path, directory, len) == 0 && path[len] == '/';
}

static bool is_allowed(const struct rules *rules, enum operation operation,
		       const char *path)
{
	struct decision decision;

	decide(rules, operation, path, &decision);
	return decision.is_allowed;
}

/*
 * "*.key" says the same of a file wherever it lies beneath the pattern's
 * directory: one star, and no slash behind it.
 */
static bool is_name_pattern(const char *pattern, const char *from,
			    const char *to)
{
	size_t head = pattern_literal(pattern);
	const char *tail = pattern + head + 1;

	return pattern[head] == GRANT_STAR && !strchr(tail, GRANT_STAR) &&
	       !strchr(tail, '/') && strncmp(pattern, from, head) == 0 &&
	       strncmp(pattern, to, head) == 0;
}

/* May all that lies beneath @path be done, but for carve-outs in it? */
static bool is_whole(const struct rules *rules, enum right right,
		     enum operation operation, const char *path)
{
	if (!is_allowed(rules, operation, path))
		return false;
	for (size_t i = 0; i < rules->n_grants; i++) {
		const struct grant *grant = &rules->grants[i];
		size_t len = strlen(grant->path);

		if (grant->is_deny || !(grant->rights & right))
			continue;
		if (grant->shape == SHAPE_TREE &&
		    (strcmp(path, grant->path) == 0 ||
		     is_beneath(path, grant->path)))
			return true;
		/* A star at the end stands for what follows as well. */
		if (grant->shape == SHAPE_PATTERN &&
		    grant->path[len - 1] == GRANT_STAR &&
		    pattern_matches(grant->path, path))
			return true;
	}
	return false;
}

/* Could @grant allow something beneath @to, of the same name as before? */
static bool reaches(const struct grant *grant, const char *from, const char *to)
{
	if (grant->shape == SHAPE_PATTERN)
		return pattern_reaches(grant->path, to) &&
		       !is_name_pattern(grant->path, from, to);
	if (is_beneath(grant->path, to))
		return true;
	return grant->shape == SHAPE_TREE &&
	       (strcmp(to, grant->path) == 0 || is_beneath(to, grant->path));
}

/* Could a file in directory @from be in the way of a carve-out no longer? */
static bool escapes(const struct rules *rules, const char *from, const char *to)
{
	/* A plain carve-out beneath @from is refused by rules_is_above(). */
	for (size_t i = 0; i < rules->n_grants; i++) {
		const struct grant *grant = &rules->grants[i];

		if (grant->is_deny && grant->shape == SHAPE_PATTERN &&
		    pattern_reaches(grant->path, from) &&
		    !is_name_pattern(grant->path, from, to))
			return true;
	}
	return false;
}

static bool gains_beneath(const struct rules *rules, const char *from,
			  const char *to)
{
	static const struct {
		enum right right;
		enum operation operation;
	} kinds[] = {
		{ RIGHT_READ, OPERATION_READ },
		{ RIGHT_WRITE, OPERATION_WRITE },
		{ RIGHT_UNIX, OPERATION_UNIX },
		{ RIGHT_EXEC, OPERATION_EXEC },
	};
	unsigned missing = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!is_whole(rules, kinds[i].right, kinds[i].operation, from))
			missing |= kinds[i].right;
	/* What can be read can be copied to where it may run. */
	if (!(missing & RIGHT_READ))
		missing &= ~(unsigned)RIGHT_EXEC;
	for (size_t i = 0; i < rules->n_grants; i++)
		if (!rules->grants[i].is_deny &&
		    (rules->grants[i].rights & missing) &&
		    reaches(&rules->grants[i], from, to))
			return true;
	return false;
}

bool rules_gain(const struct rules *rules, const char *from, const char *to,
		bool is_directory)
{
	if (!is_allowed(rules, OPERATION_READ, from) &&
	    (is_allowed(rules, OPERATION_READ, to) ||
	     is_allowed(rules, OPERATION_EXEC, to)))
		return true;
	return is_directory &&
	       (escapes(rules, from, to) || gains_beneath(rules, from, to));
}

/* Does Landlock alone allow to read all of @path? */
static bool is_read_by_kernel(const struct rules *rules, const char *path)
{
	struct decision decision;

	decide(rules, OPERATION_READ, path, &decision);
	return decision.is_allowed && decision.is_class1;
}

/* Does @grant allow to read something of @tree that only we would open? */
static bool adds_reading(const struct rules *rules, const struct grant *grant,
			 const char *tree)
{
	if (grant->is_deny || grant->is_class1 || !(grant->rights & RIGHT_READ))
		return false;
	if (grant->shape == SHAPE_PATTERN)
		return pattern_reaches(grant->path, tree);
	if (strcmp(grant->path, tree) == 0 || is_beneath(grant->path, tree))
		return !is_read_by_kernel(rules, grant->path);
	return grant->shape == SHAPE_TREE && is_beneath(tree, grant->path);
}

/* May everything be read? Then no name gives more than another. */
static bool reads_all(const struct rules *rules)
{
	bool is_all = false;

	for (size_t i = 0; i < rules->n_grants; i++) {
		const struct grant *grant = &rules->grants[i];

		if (!(grant->rights & RIGHT_READ))
			continue;
		if (grant->is_deny)
			return false;
		is_all |= grant->shape == SHAPE_TREE &&
			  strcmp(grant->path, "/") == 0;
	}
	return is_all;
}

bool rules_race_gains(const struct rules *rules)
{
	if (reads_all(rules))
		return false;
	for (size_t i = 0; i < rules->n_grants; i++) {
		const struct grant *tree = &rules->grants[i];

		if (!tree->is_class1 || !(tree->rights & RIGHT_WRITE) ||
		    is_read_by_kernel(rules, tree->path))
			continue;
		for (size_t j = 0; j < rules->n_grants; j++)
			if (adds_reading(rules, &rules->grants[j], tree->path))
				return true;
	}
	return false;
}

bool rules_gain_socket(const struct rules *rules, const char *from,
		       const char *to)
{
	return is_allowed(rules, OPERATION_UNIX, to) &&
	       !is_allowed(rules, OPERATION_UNIX, from);
}
