/* SPDX-License-Identifier: Apache-2.0 */
/* What the child does between fork and exec; only launch.c needs this. */
#ifndef SUPERVISE_LAUNCH_CHILD_H
#define SUPERVISE_LAUNCH_CHILD_H

#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "supervise/launch.h"

/* "NAME=" and a pid, filled in by the child. */
#define LAUNCH_PID_TEXT_SIZE 32

/* Made by the parent before fork; the child allocates nothing. */
struct launch_child {
	const struct launch *launch;
	pid_t parent;
	struct rlimit parent_nofile;
	uint32_t landlock_flags;
	int sock; /* the listener goes back here */
	int report_fd; /* close-on-exec: its end means that exec worked */
	int *keep; /* sorted, without duplicates; report_fd is one of them */
	size_t n_keep;
	char **envp; /* points to pid_texts where a pid is rewritten */
	char pid_texts[2][LAUNCH_PID_TEXT_SIZE];
	int listener; /* the number it had */
};

/* One of these when a step begins, and one more when it fails. */
struct launch_report {
	int32_t step;
	int32_t error; /* 0: begins; else a positive errno */
};

/** launch_child_run() - all steps; the last one becomes the program */
void launch_child_run(struct launch_child *child) __attribute__((noreturn));

/**
 * launch_step() - name and hint of a step
 * @step: from a report, -1 if there was none
 * @error: positive errno; some of them have a hint of their own
 */
const char *launch_step_name(int step);
const char *launch_step_hint(int step, int error);

/** launch_step_is_last() - is it the exec of the program? */
bool launch_step_is_last(int step);

#endif
