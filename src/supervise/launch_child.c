/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The child's way into its cage, one step after the other. It is a fork of a
 * process with threads, so only async-signal-safe functions are called and
 * nothing is allocated. From the step "seccomp" on, only calls that the filter
 * does not notify: the supervisor has no listener before "handover".
 */
#include "supervise/launch_child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/fdpass.h"
#include "common/kernel.h"
#include "supervise/scope.h"
#include "syscalls.h"

static int result(long value)
{
	return value < 0 ? -errno : 0;
}

static int step_signals(struct launch_child *child)
{
	return signals_restore(child->launch->signals);
}

/* The target can clear this, but then its notified calls fail: ENOSYS. */
static int step_parent(struct launch_child *child)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return -errno;
	return getppid() == child->parent ? 0 : -ESRCH;
}

/*
 * The parent is not dumpable, and fork copies that. The supervisor could not
 * read the arguments of the first calls, before exec resets it.
 */
static int step_dumpable(struct launch_child *child)
{
	(void)child;
	return result(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

/*
 * A limit of 1 byte means no core file, and also no start of the handler
 * that a pipe in core_pattern names; see core(5).
 */
static int step_limits(struct launch_child *child)
{
	const struct rlimit *nofile = child->launch->nofile;
	struct rlimit core;

	if (getrlimit(RLIMIT_CORE, &core) < 0)
		return -errno;
	if (core.rlim_max > 1) {
		core = (struct rlimit){ 1, 1 };
		if (setrlimit(RLIMIT_CORE, &core) < 0)
			return -errno;
	}
	return nofile ? result(setrlimit(RLIMIT_NOFILE, nofile)) : 0;
}

static int step_descriptors(struct launch_child *child)
{
	for (size_t i = 0; i < child->n_keep; i++) {
		if (child->keep[i] == child->report_fd)
			continue;
		if (fcntl(child->keep[i], F_SETFD, 0) < 0)
			return -errno;
	}
	return 0;
}

/* The supervisor has none itself when it gets here; this makes sure. */
static int step_capabilities(struct launch_child *child)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	uint32_t any = 0;

	(void)child;
	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		any |= data[i].effective | data[i].permitted |
		       data[i].inheritable;
	return any ? -EPERM : 0;
}

static int step_no_new_privs(struct launch_child *child)
{
	(void)child;
	return result(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

/* Of the layer around the sandbox, see scope.h. */
static int step_test_scope(struct launch_child *child)
{
	if (child->launch->has_open_signals)
		return 0;
	return scope_is_proven() ? 0 : -ENOTRECOVERABLE;
}

/* The parent knows our pid now, and adds to the ruleset what belongs to it. */
static int step_own_entries(struct launch_child *child)
{
	char message;

	if (!child->launch->has_own_entries)
		return 0;
	return fdpass_recv(child->sock, &message, sizeof(message), NULL);
}

static int step_landlock(struct launch_child *child)
{
	if (child->launch->ruleset_fd < 0)
		return 0;
	return kernel_landlock_restrict(child->launch->ruleset_fd,
					child->landlock_flags);
}

static int step_seccomp(struct launch_child *child)
{
	unsigned int flags = SECCOMP_FILTER_FLAG_NEW_LISTENER |
			     SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	int fd = 0;

	if (child->launch->is_send_notified)
		fd = messenger_start(&child->messenger, child->sock);
	if (fd < 0)
		return fd;
	if (child->launch->has_no_killable)
		flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	if (child->launch->has_no_listener)
		flags = 0;
	fd = kernel_seccomp(SECCOMP_SET_MODE_FILTER, flags,
			    child->launch->filter);
	if (fd < 0)
		return fd;
	child->listener = child->launch->has_no_listener ? -EBADF : fd;
	return 0;
}

static int step_handover(struct launch_child *child)
{
	static const char message = 'L';

	if (child->messenger.pid > 0)
		return messenger_send(&child->messenger, child->listener);
	return fdpass_send(child->sock, &message, sizeof(message),
			   child->listener);
}

static int step_close(struct launch_child *child)
{
	unsigned int first = STDERR_FILENO + 1;
	int r;

	for (size_t i = 0; i < child->n_keep; i++) {
		unsigned int fd = (unsigned int)child->keep[i];

		if (fd > first) {
			r = kernel_close_range(first, fd - 1, 0);
			if (r < 0)
				return r;
		}
		first = fd + 1;
	}
	return kernel_close_range(first, ~0U, 0);
}

/* "NAME=" becomes "NAME=PID"; the buffer has room for both. */
static void append_pid(char *text, pid_t pid)
{
	char digits[16];
	size_t n = 0;

	do {
		digits[n++] = (char)('0' + pid % 10);
		pid /= 10;
	} while (pid > 0);
	text += strlen(text);
	while (n > 0)
		*text++ = digits[--n];
	*text = '\0';
}

static int step_exec(struct launch_child *child)
{
	for (size_t i = 0; i < 2; i++)
		append_pid(child->pid_texts[i], getpid());
	/* The kernel does not look at the last three, but the filter may. */
	(void)syscall(SYS_execve, child->launch->program, child->launch->argv,
		      child->envp, child->launch->secret[0],
		      child->launch->secret[1], child->launch->secret[2]);
	return -errno;
}

enum place {
	FORKED, /* in the child of a supervisor */
	ALONE, /* without one */
	BOTH,
};

static const struct step {
	const char *name;
	int (*run)(struct launch_child *child);
	const char *hint;
	enum place place;
} steps[] = {
	{ "signals", step_signals, NULL, FORKED },
	{ "parent", step_parent, "the supervisor has ended", FORKED },
	{ "dumpable", step_dumpable, NULL, FORKED },
	{ "limits", step_limits, NULL, BOTH },
	{ "descriptors", step_descriptors, "--pass-fd: is it open?", BOTH },
	{ "capabilities", step_capabilities,
	  "the supervisor still has capabilities", BOTH },
	{ "no_new_privs", step_no_new_privs, NULL, BOTH },
	{ "self-test scope", step_test_scope,
	  "the kernel does not keep signals inside the sandbox", FORKED },
	{ "own entries", step_own_entries, NULL, FORKED },
	{ "landlock", step_landlock,
	  "at most 16 layers can be nested; --check tells more", BOTH },
	{ "seccomp", step_seccomp, "nssupervise --check tells more", BOTH },
	{ "handover", step_handover, NULL, FORKED },
	{ "close", step_close, NULL, BOTH },
	{ "self-test landlock", launch_test_landlock,
	  "the kernel does not deny what no flag allows", ALONE },
	{ "self-test filter", launch_test_filter, "the filter refuses nothing",
	  ALONE },
	{ "self-test signal", launch_test_signal,
	  "the target could signal the supervisor", FORKED },
	{ "self-test limits", launch_test_limits,
	  "the target could change limits of the supervisor", FORKED },
	{ "self-test ptrace", launch_test_ptrace,
	  "the target could trace the supervisor", FORKED },
	{ "self-test listener", launch_test_listener,
	  "the target could answer its own requests", FORKED },
	{ "self-test open", launch_test_open,
	  "the supervisor does not answer for the target", FORKED },
	{ "exec", step_exec, NULL, BOTH },
};

#define N_STEPS (sizeof(steps) / sizeof(steps[0]))

/* A full record fits the pipe at once: some 20 of 8 bytes. */
static void report(const struct launch_child *child, size_t step, int error)
{
	struct launch_report record = { (int32_t)step, error };

	if (write(child->report_fd, &record, sizeof(record)) < 0)
		_exit(125); /* nobody is there to tell */
}

void launch_child_run(struct launch_child *child)
{
	for (size_t i = 0; i < N_STEPS; i++) {
		int r;

		if (steps[i].place == ALONE)
			continue;
		report(child, i, 0);
		r = steps[i].run(child);
		if (r < 0) {
			report(child, i, -r);
			break;
		}
	}
	_exit(125);
}

struct launch_report launch_child_alone(struct launch_child *child)
{
	for (size_t i = 0; i < N_STEPS; i++) {
		int r = steps[i].place == FORKED ? 0 : steps[i].run(child);

		if (r < 0)
			return (struct launch_report){ (int32_t)i, -r };
	}
	return (struct launch_report){ -1, ENOTRECOVERABLE };
}

const char *launch_step_name(int step)
{
	if (step < 0 || (size_t)step >= N_STEPS)
		return "start";
	return steps[step].name;
}

const char *launch_step_hint(int step, int error)
{
	if (step < 0 && error == E2BIG)
		return "at most 16 Landlock layers can be nested; "
		       "--check tells more";
	if (step < 0 || (size_t)step >= N_STEPS)
		return NULL;
	if (error == ECHILD)
		return "the new process was killed there";
	if (steps[step].run == step_seccomp && error == EBUSY)
		return "a supervisor already watches this process; "
		       "inside of nssupervise only --landlock-only works";
	return steps[step].hint;
}

bool launch_step_is_last(int step)
{
	return step >= 0 && (size_t)step == N_STEPS - 1;
}
