/* SPDX-License-Identifier: Apache-2.0 */
/* Signals, job control, the wait for the target, and what it leaves behind. */
#ifndef SUPERVISE_SIGNALS_H
#define SUPERVISE_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct signals {
	int signal_fd;
	int stop_fd; /* eventfd: signals_stop() was called */
	_Atomic int stop_status; /* -1 until then */
	_Atomic bool is_waited; /* signals_wait() was called */
	bool has_terminal; /* the session has one */
	sigset_t old_mask; /* as inherited, for the target */
	struct sigaction old_child; /* the same of SIGCHLD */
};

/**
 * signals_open() - take over all signals
 *
 * Call it in the main thread before any other thread exists: all signals are
 * blocked (SIGPIPE too), every thread inherits that, and only signals_wait()
 * reads them. The process becomes a child subreaper.
 *
 * Return: 0 or -errno.
 */
int signals_open(struct signals *ret);

/** signals_done() - close the descriptors; the signals stay blocked */
void signals_done(struct signals *signals);

/**
 * signals_restore() - mask and dispositions as they were before signals_open()
 *
 * For the child after fork; async-signal-safe. Return: 0 or -errno.
 */
int signals_restore(const struct signals *signals);

/**
 * signals_wait() - the main loop: until the target ends
 * @pid: the target, a child of ours
 * @pidfd: the same
 * @ret_status: its wait status; or what signals_stop() was given
 *
 * Forwards to the target what a process sent to us, but not what the terminal
 * has sent to the whole group. Stops and continues with the target when a shell
 * with job control watches us; all threads stop then. Reaps every child of the
 * process: who needs to know about another child (the verifier) holds its
 * pidfd.
 *
 * Return: 0 when the target has ended (and is reaped), 1 after signals_stop()
 * (the target still runs: see sandbox_kill()), or -errno.
 */
int signals_wait(struct signals *signals, pid_t pid, int pidfd,
		 int *ret_status);

/**
 * signals_stop() - make signals_wait() return 1; any thread, first call wins
 * @status: the exit status to end with
 */
void signals_stop(struct signals *signals, int status);

/**
 * signals_fail() - the same after a failure of ours, which it logs
 *
 * Requests would wait for ever. Where nobody is in signals_wait() yet, the
 * process ends at once, and the kernel ends the command with it.
 */
void signals_fail(struct signals *signals, const char *what, int error);

/** signals_is_forwarded() - did another process mean this for the target? */
struct signalfd_siginfo;
bool signals_is_forwarded(const struct signalfd_siginfo *info);

/**
 * exit_like() - end as the command did
 * @wait_status: from signals_wait()
 *
 * After a signal it ends this process by the same signal, without a core file.
 *
 * Return: the exit status for main(), if this process still lives.
 */
int exit_like(int wait_status);

/**
 * leftovers_end() - end every process that the command has left behind
 * @keep: children of ours outside of the sandbox (the verifier); they stay
 *        anyway, but it is faster to know them
 * @wait_all: wait for them without a limit instead; signals from processes are
 *            passed on to them
 *
 * SIGTERM (and SIGCONT), after two seconds SIGKILL. Requests must still be
 * answered by another thread meanwhile. A child that this process has had
 * before signals_open() (as after `tee & exec nssupervise`) is left alone.
 *
 * Return: 0 when none is left; 1 the same after signals_stop(), which ends the
 * waiting (stop_status has its status); or -errno if /proc cannot be read.
 */
int leftovers_end(struct signals *signals, const pid_t *keep, size_t n_keep,
		  bool wait_all);

/**
 * sandbox_kill() - SIGKILL to every process of the sandbox until none is left
 * @keep: as for leftovers_end()
 *
 * Return: 0; -ETIMEDOUT if one has not gone in five seconds (it is killed all
 * the same); or -errno: nothing was launched, or /proc cannot be read.
 */
int sandbox_kill(const struct signals *signals, const pid_t *keep,
		 size_t n_keep);

#endif
