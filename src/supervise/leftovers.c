/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processes that the command has left behind. Signals reach all of them at
 * once and nobody else, see scope.h. We are their subreaper: each one whose
 * parent has ended becomes a child of ours, so that none goes unnoticed.
 */
#include "supervise/signals.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervise/scope.h"

#define TERM_TIMEOUT_MS 2000
#define KILL_TIMEOUT_MS 5000
#define PAUSE_MS 20
#define WAIT_ALL_PAUSE_MS 1000

/* Children of ours that are not of the sandbox: the verifier. */
struct keep {
	const pid_t *pids;
	size_t n;
};

static bool is_kept(const struct keep *keep, pid_t pid)
{
	for (size_t i = 0; i < keep->n; i++) {
		if (keep->pids[i] == pid)
			return true;
	}
	return false;
}

/* Return: true when there is no child at all any more. */
static bool reap_children(void)
{
	pid_t pid;

	do
		pid = waitpid(-1, NULL, WNOHANG);
	while (pid > 0);
	return pid < 0;
}

/* Return: true if thread @tid of ours has other children than the kept ones. */
static bool has_child(const struct keep *keep, int task_fd, const char *tid)
{
	_cleanup_close_ int fd = -EBADF;
	char name[64], text[256];
	char *at = text;
	ssize_t n;

	(void)snprintf(name, sizeof(name), "%s/children", tid);
	fd = openat(task_fd, name, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n < 0 || n == sizeof(text) - 1)
		return true; /* no CONFIG_PROC_CHILDREN, or very many */
	text[n] = '\0';
	while (*at) {
		long pid = strtol(at, &at, 10);

		if (pid > 0 && !is_kept(keep, (pid_t)pid))
			return true;
		at += strspn(at, " ");
	}
	return false;
}

/*
 * Every process of the sandbox descends from a child of ours. So when there
 * are none but the kept ones, nobody has to look at the whole of /proc.
 */
static bool may_have_children(const struct keep *keep)
{
	_cleanup_closedir_ DIR *tasks = opendir("/proc/self/task");
	struct dirent *entry;
	bool found = !tasks;

	for (errno = 0; !found && (entry = readdir(tasks)); errno = 0)
		if (isdigit((unsigned char)entry->d_name[0]))
			found = has_child(keep, dirfd(tasks), entry->d_name);
	return found || errno;
}

/* Return: how many processes of the sandbox there may be, or -errno. */
static int count_left(const struct keep *keep)
{
	if (reap_children() || !may_have_children(keep))
		return 0;
	return scope_count();
}

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int sandbox_kill(const struct signals *signals, const pid_t *keep_pids,
		 size_t n_keep)
{
	const struct keep keep = { keep_pids, n_keep };
	int64_t deadline_ms = now_ms() + KILL_TIMEOUT_MS;
	int n;
	int r;

	(void)signals;
	scope_keep(keep_pids, n_keep);
	/* All at once: from now on none of them does anything. */
	r = scope_kill(SIGKILL);
	if (r < 0)
		return r;
	while ((n = count_left(&keep)) > 0) {
		/* One may hang in the kernel, or a debugger holds its body. */
		if (now_ms() >= deadline_ms)
			return -ETIMEDOUT;
		/* --degraded: one after the other, and some may be new. */
		if (!scope_is_proven())
			(void)scope_kill(SIGKILL);
		(void)poll(NULL, 0, PAUSE_MS);
	}
	return n;
}

/* Takes all signals that are there; those from processes go on to all. */
static void pass_on(const struct signals *signals)
{
	struct signalfd_siginfo info;

	while (read(signals->signal_fd, &info, sizeof(info)) ==
	       (ssize_t)sizeof(info)) {
		if (signals_is_forwarded(&info))
			(void)scope_kill((int)info.ssi_signo);
	}
}

/* Until something happens; the last one to end is a child of ours. */
static void wait_for_child(const struct signals *signals, int timeout_ms)
{
	struct pollfd fds[] = {
		{ .fd = signals->signal_fd, .events = POLLIN },
		{ .fd = signals->stop_fd, .events = POLLIN },
	};

	(void)poll(fds, 2, timeout_ms);
	pass_on(signals);
}

static int wait_for_all(const struct signals *signals, const struct keep *keep)
{
	int n;

	while ((n = count_left(keep)) > 0 && signals->stop_status < 0)
		wait_for_child(signals, WAIT_ALL_PAUSE_MS);
	return n;
}

static int wait_for_term(const struct signals *signals, const struct keep *keep)
{
	int64_t deadline_ms = now_ms() + TERM_TIMEOUT_MS;
	int n;

	n = count_left(keep);
	if (n <= 0)
		return n;
	/* Once only: what they start to clean up must not get it too. */
	(void)scope_kill(SIGTERM);
	(void)scope_kill(SIGCONT);
	while ((n = count_left(keep)) > 0 && signals->stop_status < 0 &&
	       now_ms() < deadline_ms)
		wait_for_child(signals, PAUSE_MS);
	return n;
}

int leftovers_end(struct signals *signals, const pid_t *keep_pids,
		  size_t n_keep, bool wait_all)
{
	const struct keep keep = { keep_pids, n_keep };
	int n;

	scope_keep(keep_pids, n_keep);
	n = wait_all ? wait_for_all(signals, &keep) :
		       wait_for_term(signals, &keep);
	/* Who cannot be counted is ended all the same. */
	if (n != 0)
		n = sandbox_kill(signals, keep_pids, n_keep);
	if (n < 0)
		return n;
	return signals->stop_status < 0 ? 0 : 1;
}
