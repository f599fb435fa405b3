/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The supervisor's own seccomp filter: what it still may do once the target is
 * there. It reads paths and memory that the target controls, so a mistake in
 * that code must not become more than what answering takes.
 */
#ifndef SUPERVISE_SELF_FILTER_H
#define SUPERVISE_SELF_FILTER_H

#include <linux/filter.h>
#include <stdbool.h>
#include <sys/types.h>

struct self_filter {
	pid_t self;
	pid_t target; /* the command's first process: may be killed */
	bool allow_net; /* it connects, binds and resolves names for the target */
	bool may_signal; /* --degraded: no layer to signal as a whole */
	bool is_logged; /* the kernel logs what is refused */
};

/**
 * self_filter_build() - the program for @spec
 * @ret: its instructions; freed by self_filter_done()
 *
 * A list of what is allowed, some of it by argument. What nobody needs to
 * answer requests and everybody needs to break out ends the process, and so
 * the sandbox; any other call answers ENOSYS or EPERM, so that a C library
 * newer than this list falls back to what it did before.
 *
 * Return: 0, -ENOMEM, or -E2BIG (a bug).
 */
int self_filter_build(const struct self_filter *spec, struct sock_fprog *ret);

/** self_filter_done() - free what self_filter_build() made */
void self_filter_done(struct sock_fprog *filter);

/**
 * self_filter_install() - put the filter on every thread of this process
 *
 * There is no way back, and no new process after it. Sanitizers make calls of
 * their own: a build with them installs nothing. Return: 0 or -errno.
 */
int self_filter_install(const struct self_filter *spec);

#endif
