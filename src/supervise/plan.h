/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From options and profile to what the kernel is told: the rules, both
 * Landlock domains, the filter, the command and its environment.
 */
#ifndef SUPERVISE_PLAN_H
#define SUPERVISE_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "filter.h"
#include "supervise/command.h"
#include "supervise/environment.h"
#include "supervise/profile.h"
#include "supervise/rules.h"
#include "supervise/ruleset.h"

struct options;
struct verifier;

/* A Landlock domain, before it is made. */
struct domain {
	struct domain_rule *rules; /* paths are owned */
	size_t n;
};

/* Why a group of system calls is notified, or is not. */
struct plan_group {
	unsigned group; /* one enum syscall_group bit */
	const char *name;
	bool is_notified;
	const char *why;
};

#define PLAN_GROUPS 5

struct plan {
	struct profile profile;
	struct command command;
	struct environment environment;
	struct rules rules;
	struct domain own; /* D1: what the supervisor may open for the target */
	struct domain target; /* D2: what the kernel allows without asking */
	struct filter_spec filter;
	struct plan_group groups[PLAN_GROUPS];
	bool has_command;
	int status; /* after a failure: the exit status, 125 to 127 */
};

/**
 * plan_make() - everything but the manifest
 *
 * Logs what is wrong and sets plan->status. Return: 0 or -errno.
 */
int plan_make(const struct options *options, char *const *inherited,
	      struct plan *ret);

/**
 * plan_finish() - after the manifest was loaded, or without one
 * @verifier: NULL without --policy
 *
 * Refuses a manifest, or a listed file, inside a write grant.
 */
int plan_finish(const struct options *options, struct verifier *verifier,
		struct plan *plan);

/** plan_done() - free everything; accepts a half-made one */
void plan_done(struct plan *plan);

/*
 * plan_grants.c: grants from the options; for programs that may be started;
 * for the command itself, its runtime and its script. They log what is wrong.
 * Return: 0 or -errno.
 */
int plan_add_options(const struct options *options, struct rules *rules);
int plan_add_children(const struct options *options, struct rules *rules);
int plan_add_command(const struct options *options, struct plan *plan);

/* beside.c: programs in trees with a carve-out. Return: 0 or -ENOMEM. */
int plan_add_beside(struct rules *rules);

/* domains.c: both from the finished rules. Return: 0 or -ENOMEM. */
int domains_make(const struct options *options, struct plan *plan);
void domain_done(struct domain *domain);

#endif
