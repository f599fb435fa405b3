/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two Landlock domains, from the rules. D1 is the supervisor's: all grants,
 * so that a wrong decision of ours still cannot open what no flag names. D2 is
 * added for the target: only what the kernel may allow without asking us.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/strlist.h"
#include "supervise/elf.h"
#include "supervise/net_plan.h"
#include "supervise/options.h"
#include "supervise/plan.h"
#include "supervise/spawn.h"

static int domain_add_rule(struct domain *domain, const char *path,
			   unsigned groups, bool is_resolved)
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
	kept(copy);
	domain->rules[domain->n++] = (struct domain_rule){
		.path = copy, .groups = groups, .is_resolved = is_resolved
	};
	return 0;
}

static int domain_add(struct domain *domain, const char *path, unsigned groups)
{
	return domain_add_rule(domain, path, groups, false);
}

/* Of a grant: its path was resolved when it was read. */
static int domain_add_grant(struct domain *domain, const char *path,
			    unsigned groups)
{
	return domain_add_rule(domain, path, groups, true);
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
	       (rights & RIGHT_EXEC ? ACCESS_READ | ACCESS_EXEC : 0) |
	       (rights & RIGHT_UNIX ? ACCESS_SOCK : 0);
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
	} else if ((grant->shape == SHAPE_EXACT || grant->is_late) &&
		   (!grant->is_implicit || stat(path, &st) < 0)) {
		if (grant->is_implicit)
			return 0; /* not there: nothing to open */
		cut_to_existing(path);
	}
	return domain_add_grant(own, path, groups_of(grant->rights));
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

/* What names are looked up with, if there are rules with names. */
static int add_resolver(const struct net_rules *rules, struct domain *own)
{
	struct strings files = { 0 };
	int r = net_plan_files(rules, &files);

	for (size_t i = 0; i < files.n && r == 0; i++)
		r = domain_add(own, files.items[i], ACCESS_READ);
	strings_done(&files);
	return r;
}

/*
 * Whoever changes the name servers makes a new file, and C libraries look
 * whether it is new: so what we may open is not only the one that is there.
 */
static int add_name_servers(const struct options *options, struct domain *own)
{
	_cleanup_free_ char *path = NULL;
	char *slash;

	if (!options->allow_net)
		return 0;
	path = realpath("/etc/resolv.conf", NULL);
	slash = path ? strrchr(path, '/') : NULL;
	if (!slash || slash == path)
		return 0;
	*slash = '\0';
	return domain_add(own, path, ACCESS_READ);
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
	if (r == 0)
		r = add_resolver(&plan->net, &plan->own);
	if (r == 0)
		r = add_name_servers(options, &plan->own);
	if (r == 0 && options->policy && !options->verifier)
		r = add_verifier(&plan->own);
	return r;
}

/*
 * Class 1 for what it grants. Executing needs READ as well, so where programs
 * lie among class 2 files every open is injected (rules.inject_all). Where the
 * kernel opens alone there are also the files of the runtime, as they are; and
 * everything where there is no supervisor, whose own entries stay closed.
 */
static unsigned target_groups(const struct plan *plan,
			      const struct grant *grant)
{
	unsigned groups = 0;

	if (grant->is_deny ||
	    (plan->opens_alone && access(grant->path, F_OK) < 0))
		return 0;
	if (plan->is_alone)
		return groups_of(grant->rights);
	if (grant->is_class1 ||
	    (plan->opens_alone && grant->shape == SHAPE_EXACT))
		groups |= groups_of(grant->rights & (RIGHT_READ | RIGHT_WRITE));
	if (grant->rights & RIGHT_EXEC)
		groups |= ACCESS_EXEC | ACCESS_READ;
	return groups;
}

/*
 * What the target was given open it may open again (/dev/stdin), for no more
 * than it can do with it already. Not a directory: that would be all beneath.
 */
static int add_given(struct domain *target, int fd)
{
	int flags = fcntl(fd, F_GETFL);
	unsigned groups = ACCESS_DEVICE;
	char name[32];
	struct stat st;

	if (flags < 0 || (flags & O_PATH) || fstat(fd, &st) < 0 ||
	    S_ISDIR(st.st_mode) || S_ISBLK(st.st_mode))
		return 0;
	if ((flags & O_ACCMODE) != O_WRONLY)
		groups |= ACCESS_READ;
	if ((flags & O_ACCMODE) != O_RDONLY)
		groups |= ACCESS_WRITE;
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	return domain_add(target, name, groups);
}

static int add_all_given(const struct options *options, struct domain *target)
{
	int r = 0;

	for (int fd = 0; fd <= 2 && r == 0; fd++)
		r = add_given(target, fd);
	for (size_t i = 0; i < options->n_pass_fds && r == 0; i++)
		r = add_given(target, options->pass_fds[i]);
	return r;
}

int domains_make(const struct options *options, struct plan *plan)
{
	int r = 0;

	for (size_t i = 0; i < plan->rules.n_grants && r == 0; i++) {
		const struct grant *grant = &plan->rules.grants[i];

		r = domain_add_grant(&plan->target, grant->path,
				     target_groups(plan, grant));
	}
	if (r == 0 && plan->opens_alone)
		r = add_all_given(options, &plan->target);
	if (r == 0 && !plan->is_alone)
		r = make_own(options, plan);
	return r;
}
