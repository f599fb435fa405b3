/* SPDX-License-Identifier: Apache-2.0 */
/* What the child does between fork and exec; only launch.c needs this. */
#ifndef SUPERVISE_LAUNCH_CHILD_H
#define SUPERVISE_LAUNCH_CHILD_H

#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "supervise/launch.h"
#include "supervise/messenger.h"

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
	struct messenger messenger; /* takes the listener over, if there is one */
};

/* One of these when a step begins, and one more when it fails. */
struct launch_report {
	int32_t step;
	int32_t error; /* 0: begins; else a positive errno */
};

/** launch_child_run() - all steps; the last one becomes the program */
void launch_child_run(struct launch_child *child) __attribute__((noreturn));

/**
 * launch_child_alone() - the steps without a supervisor, in this process
 *
 * The last one becomes the program. Return: of the step that failed.
 */
struct launch_report launch_child_alone(struct launch_child *child);

/* launch_test.c: steps that prove the finished cage. Return: 0 or -errno. */
int launch_test_signal(struct launch_child *child);
int launch_test_limits(struct launch_child *child);
int launch_test_ptrace(struct launch_child *child);
int launch_test_listener(struct launch_child *child);
int launch_test_open(struct launch_child *child);
int launch_test_landlock(struct launch_child *child);
int launch_test_filter(struct launch_child *child);

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
