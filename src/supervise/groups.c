/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which groups of system calls are notified: those of which some answer can
 * differ from what the kernel does by itself.
 */
#include <stdio.h>
#include <string.h>

#include "supervise/borrow.h"
#include "supervise/options.h"
#include "supervise/plan.h"
#include "syscalls.h"

bool plan_is_all(const struct rules *rules, unsigned right)
{
	bool found = false;

	for (size_t i = 0; i < rules->n_grants; i++) {
		const struct grant *grant = &rules->grants[i];

		if (!(grant->rights & right))
			continue;
		if (grant->is_deny)
			return false;
		found |= grant->shape == SHAPE_TREE && !grant->is_implicit &&
			 strcmp(grant->path, "/") == 0;
	}
	return found;
}

/* The target's domain must not say more than the flags; else inject all. */
bool plan_injects_all(const struct options *options, const struct rules *rules)
{
	bool has_deny = false;

	for (size_t i = 0; i < rules->n_grants; i++)
		has_deny |= rules->grants[i].is_deny;
	return options->allow_child_process && (has_deny || rules->has_policy);
}

#define BY_LANDLOCK \
	"Landlock alone says what the flags say, and nobody wants to know more"

static struct plan_group file_opens(const struct plan *plan)
{
	return (struct plan_group){ GROUP_OPEN, "open", !plan->opens_alone,
				    plan->opens_alone ? BY_LANDLOCK :
							plan->why_opens };
}

static struct plan_group file_metadata(const struct plan *plan)
{
	bool is_open = plan->rules.allow_metadata;

	return (struct plan_group){
		GROUP_METADATA, "metadata", !is_open,
		is_open ? "--allow-fs-metadata, or everything is readable" :
			  "Landlock has no right for it"
	};
}

/* Decisions on paths need the paths to stay what they are: both or none. */
static struct plan_group file_names(const struct plan *plan)
{
	return (struct plan_group){ GROUP_NAMES, "names", !plan->opens_alone,
				    plan->opens_alone ? BY_LANDLOCK :
							"as open" };
}

static struct plan_group file_watches(const struct options *options,
				      const struct plan *plan)
{
	bool all = plan_is_all(&plan->rules, RIGHT_READ) && !options->policy;

	return (struct plan_group){
		GROUP_WATCH, "watch", !all,
		all ? "everything is readable" :
		      "it lists names, and Landlock has no right for it"
	};
}

static struct plan_group file_attributes(const struct options *options,
					 bool all_write)
{
	return (struct plan_group){ GROUP_ATTRS, "attributes",
				    !all_write || options->policy,
				    all_write ?
					    "everything is writable" :
					    "Landlock has no right for it" };
}

static struct plan_group programs(const struct options *options,
				  const struct plan *plan)
{
	bool any = options->allow_child_process &&
		   options->child_programs.n == 0 && !options->policy &&
		   plan_is_all(&plan->rules, RIGHT_READ);

	return (struct plan_group){ GROUP_EXEC, "exec", !any,
				    any ? "every program may be started" :
					  "which programs may be started" };
}

static struct plan_group processes(const struct options *options)
{
	const char *why = NULL;

	if (options->allow_child_process)
		return (struct plan_group){ GROUP_FORK, "fork", false,
					    "--allow-child-process" };
	/* The filter alone could refuse it, but not say so. */
	if (!options->landlock_only)
		why = plan_needs_reports(options);
	return (struct plan_group){ GROUP_FORK, "fork", why != NULL,
				    why ? why : "no --allow-child-process" };
}

static struct plan_group threads(const struct options *options,
				 const struct plan *plan)
{
	/* A child may be any runtime. */
	bool is_known = plan->profile.threads > 0 ||
			options->allow_child_process;

	if (options->allow_worker)
		return (struct plan_group){ GROUP_THREADS, "threads", false,
					    "--allow-worker" };
	return (struct plan_group){
		GROUP_THREADS, "threads", is_known,
		is_known ?
			"threads beyond those that the runtime itself needs" :
			"not limited: the profile does not know how many threads the runtime needs"
	};
}

static struct plan_group code(const struct options *options)
{
	return (struct plan_group){
		GROUP_IMAGE, "code", !options->allow_addons,
		options->allow_addons ? "--allow-addons" :
					"which files may be mapped as code"
	};
}

static struct plan_group network(const struct options *options,
				 const struct plan *plan)
{
	bool has_rules = plan->net.n > 0 || plan->net.has_unix;
	struct plan_group group = { GROUP_NET | GROUP_SEND, "network", false,
				    "refused by the filter" };

	if (options->report_only && borrow_probe() < 0) {
		group.why = "not reported, since pidfd_getfd is refused here";
	} else if (has_rules &&
		   !(options->allow_net && options->allow_unix.n == 0)) {
		group.is_notified = true;
		group.why = "which addresses and sockets may be reached";
	} else if (options->allow_net && !options->report_only) {
		group.why = "--allow-net";
	} else if (options->report_only) {
		group.is_notified = true;
		group.why = "--report-only";
	}
	return group;
}

static void make_groups(const struct options *options, struct plan *plan,
			bool all_write)
{
	const struct plan_group groups[PLAN_GROUPS] = {
		file_opens(plan),
		file_metadata(plan),
		file_names(plan),
		file_watches(options, plan),
		file_attributes(options, all_write),
		programs(options, plan),
		processes(options),
		threads(options, plan),
		code(options),
		network(options, plan),
	};

	memcpy(plan->groups, groups, sizeof(groups));
}

/*
 * Does the supervisor open, change or connect what the flags allow, instead of
 * the kernel? Then a domain that the target enters itself, another
 * --landlock-only among them, would not hold that. Files of the runtime aside.
 */
static bool acts_for_it(const struct plan *plan)
{
	static const struct {
		enum right right;
		enum operation operation;
	} kinds[] = {
		{ RIGHT_READ, OPERATION_READ },
		{ RIGHT_WRITE, OPERATION_WRITE },
	};
	const struct rules *rules = &plan->rules;

	for (size_t i = 0; i < 2 * rules->n_grants; i++) {
		const struct grant *grant = &rules->grants[i / 2];
		struct decision decision;

		/* Of "/" it does the names in it, and /proc. */
		if (grant->is_deny || grant->is_implicit ||
		    !(grant->rights & kinds[i % 2].right))
			continue;
		decide(rules, kinds[i % 2].operation, grant->path, &decision);
		if (decision.is_allowed && !decision.is_class1)
			return true;
	}
	return rules->race_gains || rules->has_unix;
}

void plan_make_groups(const struct options *options, struct plan *plan)
{
	bool all_write = plan_is_all(&plan->rules, RIGHT_WRITE);
	const char *why = plan_needs_opens(options, plan);

	plan->opens_alone = !why;
	if (why && why != plan->why_opens)
		(void)snprintf(plan->why_opens, sizeof(plan->why_opens), "%s",
			       why);
	make_groups(options, plan, all_write);
	plan->filter = (struct filter_spec){
		.allow_fork = options->allow_child_process,
		.allow_net = options->allow_net || plan->net.n > 0 ||
			     options->report_only,
		.allow_unix = options->allow_unix.n > 0 || options->report_only,
		.allow_attrs = all_write || options->report_only,
		.allow_watch = plan_is_all(&plan->rules, RIGHT_READ),
		.allow_memory_programs = options->report_only,
	};
	for (size_t i = 0; i < PLAN_GROUPS; i++)
		if (plan->groups[i].is_notified)
			plan->filter.notified |= plan->groups[i].group;
	plan->filter.deny_landlock = (plan->filter.notified & GROUP_NET) ||
				     (!plan->opens_alone && acts_for_it(plan));
}
