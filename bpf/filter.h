/* SPDX-License-Identifier: Apache-2.0 */
/* The seccomp filter of the target, built from the system call table. */
#ifndef BPF_FILTER_H
#define BPF_FILTER_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "syscalls.h"

#define FILTER_SECRETS 3 /* execve(2) takes three of six arguments */

/* What the planner decided; see doc/ARCHITECTURE.md. */
struct filter_spec {
	unsigned notified; /* enum syscall_group bits that ask the supervisor */
	bool allow_fork; /* --allow-child-process */
	bool allow_net; /* --allow-net: AF_INET, AF_INET6, route queries */
	bool allow_unix; /* AF_UNIX sockets other than socketpair() */
	bool allow_attrs; /* not notified: let chmod & co. through (write `*`) */
	bool allow_watch; /* not notified: let inotify watches through */
	bool allow_memory_programs; /* executable memfds: --report-only */
	bool deny_memory_programs; /* also beside allow_fork */
	bool deny_landlock; /* what is done for the target it would not hold */
	/*
	 * execve(2) only with these in the registers behind its arguments,
	 * which the kernel ignores and clears: the start itself, and no other.
	 */
	bool exec_once;
	uint64_t secret[FILTER_SECRETS];
};

/* What the filter does with a row's call, see filter_effect(). */
enum filter_effect {
	FILTER_ALLOWS, /* other layers decide */
	FILTER_DENIES, /* the row's errno */
	FILTER_ASKS, /* a notification */
	FILTER_TESTS, /* RULE() lines of syscalls.def */
};

/**
 * filter_build() - the BPF program for @spec
 * @ret: its instructions; freed by filter_done()
 *
 * Order: foreign architecture (killed), x32 and numbers above
 * SYSCALL_REVIEWED_MAX or in the gap (ENOSYS), static denials, argument rules,
 * notifications, allow.
 *
 * A group that is not notified is allowed, since Landlock decides about it;
 * GROUP_ATTRS and GROUP_WATCH, for which Landlock has no right, only with
 * @allow_attrs and @allow_watch;
 * GROUP_FORK and GROUP_NET as their fields say. A program in memory cannot be
 * made without @allow_fork or when GROUP_EXEC is notified.
 *
 * Return: 0, -ENOMEM, -errno of the memory file, or -EINVAL when libseccomp
 * refuses a rule (a bug).
 */
int filter_build(const struct filter_spec *spec, struct sock_fprog *ret);

/** filter_done() - free what filter_build() made; accepts an empty one */
void filter_done(struct sock_fprog *filter);

/** filter_effect() - what @spec makes of the call of @row, for --explain */
enum filter_effect filter_effect(const struct filter_spec *spec,
				 const struct syscall_row *row);

/**
 * filter_dump() - the same filter as text (libseccomp's PFC)
 * @out: a stream with a descriptor; flushed
 */
int filter_dump(const struct filter_spec *spec, FILE *out);

#endif
