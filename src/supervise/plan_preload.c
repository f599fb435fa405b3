/* SPDX-License-Identifier: Apache-2.0 */
/* What a runtime loads before the command's own code, and its children's. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "supervise/grants.h"
#include "supervise/options.h"
#include "supervise/plan.h"

static int move_strings(struct strings *to, const struct strings *from)
{
	int r = 0;

	for (size_t i = 0; i < from->n && r == 0; i++)
		if (!strings_contain(to, from->items[i]))
			r = strings_add(to, from->items[i]);
	return r;
}

/*
 * Where the command is another runtime, its children may be Node: they get
 * the environment that they need.
 */
static int find_child(struct plan *plan)
{
	static const char any[] = "/usr/bin/env";
	struct profile *own = &plan->profile, *child = &plan->child;
	struct {
		struct strings *to;
		const struct strings *from;
	} lists[] = {
		{ &own->env_options, &child->env_options },
		{ &own->preload, &child->preload },
		{ &own->env_drop, &child->env_drop },
		{ &own->env_drop_offline, &child->env_drop_offline },
		{ &own->env_set_policy, &child->env_set_policy },
	};
	int r = profile_load("node", child);

	if (r == 0)
		r = profile_expand(child, any, any, NULL);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]) && r == 0; i++)
		r = move_strings(lists[i].to, lists[i].from);
	return r;
}

int plan_find_preload(const struct options *options, struct plan *plan)
{
	struct profile *profile = &plan->profile;
	int r = 0;

	if (options->allow_child_process && profile->env_options.n == 0)
		r = find_child(plan);
	/* No manifest lists it, and it is the same for every run. */
	if (r == 0)
		r = move_strings(&profile->own_code, &profile->preload);
	for (size_t i = 0; i < profile->preload.n && r == 0; i++) {
		if (access(profile->preload.items[i], R_OK) == 0)
			continue;
		log_error(
			"'%s': %s: this file is a part of nssupervise and has to be there",
			profile->preload.items[i], strerror(errno));
		r = -errno;
	}
	return r;
}

int plan_add_preload(struct plan *plan)
{
	const struct strings *preload = &plan->profile.preload;
	int r = 0;

	for (size_t i = 0; i < preload->n && r == 0; i++)
		r = grants_add_implicit(&plan->rules, preload->items[i],
					RIGHT_READ, true,
					"loaded before the command's own code");
	return r;
}

int plan_insert_args(struct plan *plan)
{
	struct command *command = &plan->command;

	/* --runtime may say what another program is to be taken for. */
	if (!profile_is_for(&plan->profile, command->program) &&
	    !profile_is_for(&plan->profile, command->runtime))
		return 0;
	return command_insert_args(command, &plan->profile.args);
}
