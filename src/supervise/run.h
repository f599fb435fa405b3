/* SPDX-License-Identifier: Apache-2.0 */
/* One run of a command, from its plan to its exit status. */
#ifndef SUPERVISE_RUN_H
#define SUPERVISE_RUN_H

#include <linux/filter.h>
#include <sys/resource.h>

#include "supervise/launch.h"
#include "supervise/learn_config.h"
#include "supervise/options.h"
#include "supervise/plan.h"
#include "supervise/signals.h"
#include "supervise/supervisor.h"

#define STATUS_OWN 125
#define STATUS_NOT_EXECUTABLE 126
#define STATUS_NOT_FOUND 127

/* Everything that one run owns. */
struct run {
	struct options options;
	struct plan plan;
	struct signals signals;
	struct supervisor supervisor;
	struct sock_fprog filter;
	struct rlimit nofile; /* the user's */
	int target_ruleset; /* D2 */
	struct learn_file learn_file;
};

/*
 * run_command() - with a supervisor, which stays; run_alone() - without one:
 * this process becomes the command. Return: the exit status.
 */
int run_command(struct run *run);
int run_alone(struct run *run);

/* run_verify.c: what is executed and listed. Return: 0 or an exit status. */
int run_verify(const struct run *run);

/*
 * run_cage.c: the filter and D2; what is lost, with --degraded; an error of
 * ours, logged; one of the launch, logged. Return: 0 or an exit status; the
 * last two the exit status.
 */
int run_make_cage(struct run *run);
void run_tell_lacks(const struct run *run);
int run_failed(const char *what, int error);
int run_not_launched(const struct run *run, const struct launch_error *err);

#endif
