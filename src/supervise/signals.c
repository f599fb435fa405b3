/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals and job control.
 *
 * The target stays in our process group, so what the terminal sends (^C, ^Z,
 * a hangup) has reached it already: those carry SI_KERNEL and are dropped.
 * What a process sends is meant for the target, and is passed on.
 *
 * ^Z must not stop us before the target has put the terminal in order, and
 * not at all when the target ignores it. So the stop signals are blocked like
 * all others, and we follow the target: see follow_stop().
 */
#include "supervise/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/kernel.h"
#include "common/log.h"

/* For how long a shell's SIGCONT to the whole group may be on its way. */
#define CONTINUE_TRIES 20
#define STATUS_OWN 125 /* our own failure */
#define CONTINUE_PAUSE_NS 1000000

static bool find_terminal(void)
{
	_cleanup_close_ int fd = -EBADF;

	fd = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	return fd >= 0;
}

static int open_fds(struct signals *signals)
{
	sigset_t all;

	(void)sigfillset(&all);
	signals->signal_fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals->signal_fd < 0)
		return -errno;
	signals->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return signals->stop_fd < 0 ? -errno : 0;
}

int signals_open(struct signals *ret)
{
	struct signals signals = { .signal_fd = -EBADF,
				   .stop_fd = -EBADF,
				   .stop_status = -1 };
	struct sigaction child = { .sa_handler = SIG_DFL };
	sigset_t all;
	int r;

	(void)sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, &signals.old_mask) < 0)
		return -errno;
	/* Inherited as ignored, the kernel would reap, and tell no status. */
	if (sigaction(SIGCHLD, &child, &signals.old_child) < 0)
		return -errno;
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return -errno;
	signals.has_terminal = find_terminal();
	r = open_fds(&signals);
	if (r < 0) {
		signals_done(&signals);
		return r;
	}
	*ret = signals;
	return 0;
}

void signals_done(struct signals *signals)
{
	cleanup_close_p(&signals->signal_fd);
	cleanup_close_p(&signals->stop_fd);
	signals->signal_fd = -EBADF;
	signals->stop_fd = -EBADF;
}

int signals_restore(const struct signals *signals)
{
	if (sigaction(SIGCHLD, &signals->old_child, NULL) < 0 ||
	    sigprocmask(SIG_SETMASK, &signals->old_mask, NULL) < 0)
		return -errno;
	return 0;
}

/*
 * Would somebody notice, and continue us? A shell that made our process group
 * for a job is our parent, in the session but in another group. Nobody else
 * watches for a stop, and a stopped supervisor answers nothing.
 */
static bool is_job(const struct signals *signals)
{
	pid_t parent = getppid();

	return signals->has_terminal && parent > 0 &&
	       getsid(parent) == getsid(0) && getpgid(parent) != getpgrp();
}

/* Returns when somebody has continued us. */
static void stop_self(int signal)
{
	struct sigaction action;
	sigset_t set;

	if (sigaction(signal, NULL, &action) < 0 ||
	    action.sa_handler != SIG_DFL)
		signal = SIGSTOP;
	(void)sigemptyset(&set);
	(void)sigaddset(&set, signal);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	(void)kill(getpid(), signal);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
}

/* Is there news from @pid? It stays there for reap(). */
static bool has_moved(pid_t pid)
{
	siginfo_t info = { 0 };

	if (waitid(P_PID, (id_t)pid, &info,
		   WCONTINUED | WEXITED | WNOHANG | WNOWAIT) < 0)
		return true;
	return info.si_pid != 0;
}

/*
 * The target has stopped: stop by the same signal, so that the shell reports
 * it. The shell's `fg` continues the whole group; who continues only us means
 * the target as well.
 */
static void follow_stop(const struct signals *signals, pid_t pid, int pidfd,
			int signal)
{
	static const struct timespec none = { 0, 0 };
	static const struct timespec pause = { 0, CONTINUE_PAUSE_NS };
	sigset_t set;

	if (!is_job(signals))
		return;
	stop_self(signal);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCONT);
	while (sigtimedwait(&set, NULL, &none) > 0)
		;
	for (int i = 0; i < CONTINUE_TRIES; i++) {
		if (has_moved(pid))
			return;
		(void)nanosleep(&pause, NULL);
	}
	(void)kernel_pidfd_kill(pidfd, SIGCONT);
}

/* Return: 1 when the target has ended, with its status; 0; or -errno. */
static int reap(const struct signals *signals, pid_t pid, int pidfd,
		int *ret_status)
{
	int has_ended = 0;
	int status;
	pid_t p;

	while ((p = waitpid(-1, &status, WNOHANG | WUNTRACED | WCONTINUED)) >
	       0) {
		if (p != pid)
			continue;
		if (WIFSTOPPED(status)) {
			follow_stop(signals, pid, pidfd, WSTOPSIG(status));
		} else if (!WIFCONTINUED(status)) {
			*ret_status = status;
			has_ended = 1;
		}
	}
	/* Else we would ask for ever, without a pause. */
	if (p < 0 && !has_ended && errno != EINTR)
		return -errno;
	return has_ended;
}

bool signals_is_forwarded(const struct signalfd_siginfo *info)
{
	if (info->ssi_signo == SIGCHLD)
		return false;
	/* A broken pipe of ours looks like a signal from ourselves. */
	if (info->ssi_pid == (uint32_t)getpid())
		return false;
	return info->ssi_code == SI_USER || info->ssi_code == SI_QUEUE ||
	       info->ssi_code == SI_TKILL;
}

/* Keeps what sigqueue(3) sends along. */
static void forward(int pidfd, const struct signalfd_siginfo *info)
{
	siginfo_t copy = { 0 };

	if (info->ssi_code != SI_QUEUE) {
		(void)kernel_pidfd_kill(pidfd, (int)info->ssi_signo);
		return;
	}
	copy.si_signo = (int)info->ssi_signo;
	copy.si_code = SI_QUEUE;
	copy.si_pid = getpid();
	copy.si_uid = getuid();
	copy.si_value.sival_ptr = (void *)(uintptr_t)info->ssi_ptr;
	(void)syscall(SYS_pidfd_send_signal, pidfd, copy.si_signo, &copy, 0);
}

static int forward_all(struct signals *signals, int pidfd)
{
	struct signalfd_siginfo info;
	ssize_t n;

	while ((n = read(signals->signal_fd, &info, sizeof(info))) ==
	       (ssize_t)sizeof(info)) {
		if (signals_is_forwarded(&info))
			forward(pidfd, &info);
	}
	return n < 0 && errno != EAGAIN ? -errno : 0;
}

int signals_wait(struct signals *signals, pid_t pid, int pidfd, int *ret_status)
{
	struct pollfd fds[] = {
		{ .fd = signals->signal_fd, .events = POLLIN },
		{ .fd = signals->stop_fd, .events = POLLIN },
		{ .fd = pidfd, .events = POLLIN },
	};

	atomic_store(&signals->is_waited, true);
	for (;;) {
		int r;

		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			return -errno;
		if (signals->stop_status >= 0) {
			*ret_status = signals->stop_status;
			return 1;
		}
		r = forward_all(signals, pidfd);
		if (r < 0)
			return r;
		r = reap(signals, pid, pidfd, ret_status);
		if (r != 0)
			return r < 0 ? r : 0;
	}
}

void signals_stop(struct signals *signals, int status)
{
	static const uint64_t one = 1;
	int none = -1;

	if (atomic_compare_exchange_strong(&signals->stop_status, &none,
					   status) &&
	    write(signals->stop_fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
		_exit(status); /* nobody would notice otherwise */
}

void signals_fail(struct signals *signals, const char *what, int error)
{
	log_error("the supervisor failed: %s: %s; the run ends", what,
		  strerror(error < 0 ? -error : error));
	signals_stop(signals, STATUS_OWN);
	if (!atomic_load(&signals->is_waited))
		_exit(STATUS_OWN);
}

int exit_like(int wait_status)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	struct rlimit none = { 0, 0 };
	sigset_t set;
	int signal;

	if (!WIFSIGNALED(wait_status))
		return WEXITSTATUS(wait_status);
	signal = WTERMSIG(wait_status);
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)sigaction(signal, &action, NULL);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, signal);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	(void)kill(getpid(), signal);
	return 128 + signal;
}
