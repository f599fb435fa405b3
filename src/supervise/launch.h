/* SPDX-License-Identifier: Apache-2.0 */
/* Starts the target: fork, put it into its cage, prove the cage, exec. */
#ifndef SUPERVISE_LAUNCH_H
#define SUPERVISE_LAUNCH_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "supervise/signals.h"
#include "supervise/virtual.h"

/* Everything is borrowed until launch_finish() has returned. */
struct launch {
	const char *program; /* absolute */
	char *const *argv;
	char *const *envp;
	const struct signals *signals; /* what the child restores */
	const struct rlimit *nofile; /* the user's, if ours was raised; or NULL */
	int ruleset_fd; /* D2; negative with --degraded: there is no Landlock */
	const struct sock_fprog *filter;
	bool has_no_listener; /* the filter notifies nothing at all */
	bool is_send_notified; /* sendmsg() is notified: messenger.h */
	bool is_open_notified; /* marked openat() at least: test its answer */
	bool has_own_entries; /* the kernel opens: its /proc/PID in D2 */
	bool has_open_signals; /* --degraded: Landlock without scopes */
	bool has_no_killable; /* --degraded: signals end a wait */
	bool is_root_granted; /* "/" may be listed: nothing to test there */
	uint64_t secret[3]; /* of filter_spec.exec_once; else ignored */
	const int *pass_fds; /* any order; 0-2 are always passed */
	size_t n_pass_fds;
	unsigned listen_fds; /* launch_listen_fds() */
};

struct launched {
	pid_t pid;
	int pidfd;
	int listener; /* -EBADF with has_no_listener */
	int report_fd; /* between launch_start() and launch_finish() */
};

/* Why there is no target. The texts are static. */
struct launch_error {
	const char *step; /* "landlock", "exec" …, see launch_child.c */
	int error; /* positive errno; ECHILD: the child died in this step */
	const char *hint; /* what the user can do, or NULL */
};

/**
 * launch_std_fds() - make sure that descriptors 0 to 2 are open and harmless
 * @ret_fd: -EISDIR, -ENOTBLK: the descriptor that is to blame
 *
 * Call it before anything opens a file. A missing descriptor becomes
 * /dev/null, so that none of ours lands there and gets passed on.
 *
 * Return: 0; -EISDIR if one of them is a directory, -ENOTBLK if one is a block
 * device (both reach past any grant); or -errno.
 */
int launch_std_fds(int *ret_fd);

/**
 * launch_listen_fds() - how many sockets the service manager passed to us
 *
 * Return: n for descriptors 3 to 3+n-1 as sd_listen_fds(3) counts them; 0 when
 * LISTEN_PID is not ours or the variables are not numbers.
 */
unsigned launch_listen_fds(char *const *envp);

/**
 * launch_start() - fork and confine the target, up to the handover
 *
 * The child tests its cage and executes the program next; when calls are
 * notified, somebody has to answer from now on. Call it in D1: the thread that
 * forks is started here (scope.h), in a Landlock layer between D1 and D2, and
 * lives as long as the process. The target gets SIGKILL when it ends.
 *
 * LISTEN_PID and WATCHDOG_PID are rewritten to the pid of the target where
 * they name this process.
 *
 * Return: 0; or -errno with @err filled, and no child left.
 */
int launch_start(const struct launch *launch, struct launched *ret,
		 struct launch_error *err);

/**
 * launch_finish() - wait until the program runs
 * @launched: from launch_start(). On failure its pid becomes 0, but the
 *            descriptors stay: end those who use the listener, then call
 *            launched_done().
 *
 * Return: 0; or -errno with @err filled, and no child left. err->step is
 * "exec" when only the program itself could not be executed: -ENOENT then is
 * exit status 127, anything else 126.
 */
int launch_finish(struct launched *launched, struct launch_error *err);

/**
 * launch_alone() - become the program, without a supervisor
 * @launch: has_no_listener is set; no signals were opened, nofile is NULL
 *
 * Return: only when it failed: -errno with @err filled. This process is then
 * restricted in part and good for nothing but an error message.
 */
int launch_alone(const struct launch *launch, struct launch_error *err);

/** launched_done() - close what is open; the process is not touched */
void launched_done(struct launched *launched);

#endif
