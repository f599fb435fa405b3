/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two Landlock domains, from the rules. D1 is the supervisor's: all grants,
 * so that a wrong decision of ours still cannot open what no flag names. D2 is
 * added for the target: only what the kernel may allow without asking us.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "common/strlist.h"
#include "supervise/elf.h"
#include "supervise/options.h"
#include "supervise/plan.h"
#include "supervise/spawn.h"

static int domain_add(struct domain *domain, const char *path, unsigned groups)
{
	struct domain_rule *rules;
	char *copy;

	if (groups == 0)
		return 0;
	if ((domain->n & (domain->n - 1)) == 0) {
		rules = reallocarray(domain->rules,
				     domain->n ? 2 * domain->n : 1,
				     sizeof(*rules));
		if (!rules)
			return -ENOMEM;
		domain->rules = rules;
	}
	copy = strdup(path);
	if (!copy)
		return -ENOMEM;
	domain->rules[domain->n++] =
		(struct domain_rule){ .path = copy, .groups = groups };
	return 0;
}

void domain_done(struct domain *domain)
{
	for (size_t i = 0; i < domain->n; i++)
		free((char *)(uintptr_t)domain->rules[i].path);
	free(domain->rules);
	*domain = (struct domain){ 0 };
}

static unsigned groups_of(unsigned rights)
{
	return (rights & RIGHT_READ ? ACCESS_READ | ACCESS_DEVICE : 0) |
	       (rights & RIGHT_WRITE ? ACCESS_WRITE | ACCESS_DEVICE : 0) |
	       (rights & RIGHT_EXEC ? ACCESS_READ | ACCESS_EXEC : 0);
}

/* The deepest directory that exists at or above @path, in place. */
static void cut_to_existing(char *path)
{
	struct stat st;

	while (path[1] && (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))) {
		char *slash = strrchr(path, '/');

		slash[slash == path ? 1 : 0] = '\0';
	}
}

/*
 * What the supervisor needs for @grant. A user's file may be replaced (a rule
 * is bound to the inode, editors rename) and a path may be created later: then
 * the directory. Files of the runtime are granted as they are.
 */
static int own_add(struct domain *own, const struct grant *grant)
{
	_cleanup_free_ char *path = strdup(grant->path);
	struct stat st;
	char *star;

	if (!path)
		return -ENOMEM;
	star = strchr(path, GRANT_STAR);
	if (star) {
		*star = '\0';
		while (star > path && *star != '/')
			*star-- = '\0';
		if (star == path)
			memcpy(path, "/", 2);
		cut_to_existing(path);
	} else if (grant->shape == SHAPE_EXACT &&
		   (!grant->is_implicit || stat(path, &st) < 0)) {
		if (grant->is_implicit)
			return 0; /* not there: nothing to open */
		cut_to_existing(path);
	}
	return domain_add(own, path, groups_of(grant->rights));
}

/* A verifier that crashed is started again from inside D1. */
static int add_verifier(struct domain *own)
{
	const char *path = spawn_verifier_path();
	struct strings closure = { 0 };
	int r;

	if (!path)
		return 0;
	r = domain_add(own, path, ACCESS_READ | ACCESS_EXEC);
	if (r == 0 && elf_closure(path, &closure) == 0)
		for (size_t i = 0; i < closure.n && r == 0; i++)
			r = domain_add(own, closure.items[i],
				       ACCESS_READ | ACCESS_EXEC);
	if (r == 0)
		r = domain_add(own, "/etc/ld.so.cache", ACCESS_READ);
	strings_done(&closure);
	return r;
}

static int make_own(const struct options *options, struct plan *plan)
{
	/* What the target was given open it may open again (/dev/stdin). */
	static const char *const given[] = { "/proc/self/fd/0",
					     "/proc/self/fd/1",
					     "/proc/self/fd/2" };
	int r = 0;

	for (size_t i = 0; i < plan->rules.n_grants && r == 0; i++)
		if (!plan->rules.grants[i].is_deny)
			r = own_add(&plan->own, &plan->rules.grants[i]);
	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]) && r == 0; i++)
		r = domain_add(&plan->own, given[i],
			       ACCESS_READ | ACCESS_WRITE | ACCESS_DEVICE);
	if (r == 0)
		r = domain_add(&plan->own, "/proc", ACCESS_READ);
	if (r == 0)
		r = domain_add(&plan->own, "/dev/null",
			       ACCESS_READ | ACCESS_WRITE);
	if (r == 0 && options->policy)
		r = add_verifier(&plan->own);
	return r;
}

/*
 * Class 1 for what it grants. Executing needs READ as well, so where programs
 * lie among class 2 files every open is injected (rules.inject_all).
 */
static unsigned target_groups(const struct grant *grant)
{
	unsigned groups = 0;

	if (grant->is_deny)
		return 0;
	if (grant->is_class1)
		groups |= groups_of(grant->rights & ~(unsigned)RIGHT_EXEC);
	if (grant->rights & RIGHT_EXEC)
		groups |= ACCESS_EXEC | ACCESS_READ;
	return groups;
}

int domains_make(const struct options *options, struct plan *plan)
{
	int r = 0;

	for (size_t i = 0; i < plan->rules.n_grants && r == 0; i++) {
		const struct grant *grant = &plan->rules.grants[i];

		r = domain_add(&plan->target, grant->path,
			       target_groups(grant));
	}
	if (r == 0)
		r = make_own(options, plan);
	return r;
}
