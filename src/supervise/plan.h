/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From options and profile to what the kernel is told: the rules, both
 * Landlock domains, the filter, the command and its environment.
 */
#ifndef SUPERVISE_PLAN_H
#define SUPERVISE_PLAN_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "filter.h"
#include "supervise/command.h"
#include "supervise/environment.h"
#include "supervise/images.h"
#include "supervise/lacks.h"
#include "supervise/net_rule.h"
#include "supervise/profile.h"
#include "supervise/rules.h"
#include "supervise/ruleset.h"
#include "supervise/runtimes.h"

struct options;
struct verifier;

/* A Landlock domain, before it is made. */
struct domain {
	struct domain_rule *rules; /* paths are owned */
	size_t n;
};

/* Why a group of system calls is notified, or is not. */
struct plan_group {
	unsigned group; /* enum syscall_group bits that go together */
	const char *name;
	bool is_notified;
	const char *why;
};

#define PLAN_GROUPS 10

struct plan {
	struct profile profile;
	struct profile
		child; /* of children that load something first, or empty */
	struct runtimes runtimes; /* whose threads are known */
	struct images images; /* whose code is the runtime's own */
	struct command command;
	struct environment environment;
	struct rules rules;
	struct net_rules net;
	struct domain own; /* D1: what the supervisor may open for the target */
	struct domain target; /* D2: what the kernel allows without asking */
	struct filter_spec filter;
	struct plan_group groups[PLAN_GROUPS];
	bool opens_alone; /* the kernel answers opens and names without us */
	char why_opens[PATH_MAX + 128]; /* else: why not */
	struct lacks lacks; /* set before plan_finish() */
	bool is_alone; /* --landlock-only: there will be no supervisor */
	bool has_command;
	int status; /* after a failure: the exit status, 125 to 127 */
};

/**
 * plan_make() - everything but the manifest
 *
 * Logs what is wrong and sets plan->status. Return: 0 or -errno.
 */
int plan_make(const struct options *options, char *const *inherited,
	      struct plan *plan);

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
int plan_add_children(const struct options *options, struct plan *plan);
int plan_add_command(const struct options *options, struct plan *plan);

/*
 * plan_preload.c: what a runtime loads first, as its arguments and variables
 * say: find it, grant it. They log what is wrong. Return: 0 or -errno.
 */
int plan_find_preload(const struct options *options, struct plan *plan);
int plan_add_preload(struct plan *plan);
int plan_insert_args(struct plan *plan);

/*
 * plan_inspector.c: refuse variables that would open a debugger's port; or,
 * with --allow-inspector, let it listen there, after net_plan_make(). They log
 * what is wrong. Return: 0 or -errno.
 */
int plan_check_variables(const struct options *options,
			 const struct plan *plan);
int plan_add_inspector(const struct options *options, struct plan *plan);

/*
 * groups.c: which system calls are notified, from the finished rules, and why;
 * is every file granted @right? must every open be injected?
 */
void plan_make_groups(const struct options *options, struct plan *plan);

/*
 * alone.c: why opens have to be asked; NULL when the kernel alone decides. Why
 * denials have to be seen; NULL when nobody wants to know of them.
 */
const char *plan_needs_opens(const struct options *options, struct plan *plan);
const char *plan_needs_reports(const struct options *options);

/*
 * only.c: can this be had without a supervisor? @ret: why not. Then the same,
 * made of a plan with groups. Return: 0 or -ENOTSUP; 0 or -EIO.
 */
#define PLAN_ONLY_SIZE 2400
int plan_check_only(const struct options *options, const struct plan *plan,
		    char ret[PLAN_ONLY_SIZE]);
int plan_make_only(const struct options *options, struct plan *plan);

bool plan_is_all(const struct rules *rules, unsigned right);
bool plan_injects_all(const struct options *options, const struct rules *rules);

/*
 * plan_socket.c: refuse --verifier if the command could reach or replace its
 * socket; logs. Return: 0 or -errno.
 */
int plan_check_socket(const struct options *options, const struct plan *plan);

/* beside.c: programs in trees with a carve-out. Return: 0 or -ENOMEM. */
int plan_add_beside(struct rules *rules);

/* domains.c: both from the finished rules. Return: 0 or -ENOMEM. */
int domains_make(const struct options *options, struct plan *plan);
void domain_done(struct domain *domain);

#endif
