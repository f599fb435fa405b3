/* SPDX-License-Identifier: Apache-2.0 */
/* Starts the target: the parent's side of it. */
#include "supervise/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/fdpass.h"
#include "common/kernel.h"
#include "supervise/launch_child.h"
#include "supervise/ruleset.h"
#include "supervise/scope.h"

/* Two of the child's calls may each wait 10 s for their answer. */
#define START_TIMEOUT_MS 30000
#define MAX_LISTEN_FDS 1024

static const char *const pid_names[] = { "LISTEN_PID=", "WATCHDOG_PID=" };

int launch_std_fds(int *ret_fd)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		struct stat st;
		int flags = fd == STDIN_FILENO ? O_RDONLY : O_WRONLY;

		/* The lowest free number is fd: all below are open. */
		if (fstat(fd, &st) < 0) {
			if (errno != EBADF || open("/dev/null", flags) != fd)
				return -errno;
			continue;
		}
		if (S_ISDIR(st.st_mode) || S_ISBLK(st.st_mode)) {
			*ret_fd = fd;
			return S_ISDIR(st.st_mode) ? -EISDIR : -ENOTBLK;
		}
	}
	return 0;
}

/* Digits only, the whole string; 0 for anything else. */
static unsigned long parse_number(const char *text)
{
	char *end;
	unsigned long n;

	if (*text < '0' || *text > '9')
		return 0;
	errno = 0;
	n = strtoul(text, &end, 10);
	return errno == 0 && *end == '\0' ? n : 0;
}

static const char *env_value(char *const *envp, const char *name)
{
	size_t len = strlen(name);

	for (; *envp; envp++) {
		if (strncmp(*envp, name, len) == 0)
			return *envp + len;
	}
	return NULL;
}

static bool names_this_process(const char *value)
{
	return parse_number(value) == (unsigned long)getpid();
}

unsigned launch_listen_fds(char *const *envp)
{
	const char *pid = env_value(envp, "LISTEN_PID=");
	const char *fds = env_value(envp, "LISTEN_FDS=");
	unsigned long n;

	if (!pid || !fds || !names_this_process(pid))
		return 0;
	n = parse_number(fds);
	return n <= MAX_LISTEN_FDS ? (unsigned)n : 0;
}

static void child_done(struct launch_child *child)
{
	free(child->keep);
	free(child->envp);
}

static int compare_ints(const void *a, const void *b)
{
	const int *x = a;
	const int *y = b;

	return (*x > *y) - (*x < *y);
}

static int prepare_keep(const struct launch *launch, struct launch_child *child)
{
	size_t n = 0;
	int *keep;

	keep = calloc(launch->listen_fds + launch->n_pass_fds + 1,
		      sizeof(*keep));
	if (!keep)
		return -ENOMEM;
	for (unsigned i = 0; i < launch->listen_fds; i++)
		keep[n++] = STDERR_FILENO + 1 + (int)i;
	for (size_t i = 0; i < launch->n_pass_fds; i++) {
		if (launch->pass_fds[i] > STDERR_FILENO)
			keep[n++] = launch->pass_fds[i];
	}
	if (child->report_fd >= 0)
		keep[n++] = child->report_fd;
	qsort(keep, n, sizeof(*keep), compare_ints);
	child->keep = keep;
	child->n_keep = n > 0;
	for (size_t i = 1; i < n; i++) {
		if (keep[i] != keep[child->n_keep - 1])
			keep[child->n_keep++] = keep[i];
	}
	return 0;
}

/* What names us must name the target, who takes our place. */
static int prepare_envp(const struct launch *launch, struct launch_child *child)
{
	size_t n = 0;

	while (launch->envp[n])
		n++;
	child->envp = calloc(n + 1, sizeof(*child->envp));
	if (!child->envp)
		return -ENOMEM;
	memcpy(child->envp, launch->envp, n * sizeof(*child->envp));
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < 2; j++) {
			size_t len = strlen(pid_names[j]);

			if (strncmp(child->envp[i], pid_names[j], len) != 0 ||
			    !names_this_process(child->envp[i] + len))
				continue;
			memcpy(child->pid_texts[j], pid_names[j], len + 1);
			child->envp[i] = child->pid_texts[j];
		}
	}
	return 0;
}

static int prepare(const struct launch *launch, struct launch_child *child)
{
	int r;

	child->launch = launch;
	child->parent = getpid();
	child->listener = -EBADF;
	if (getrlimit(RLIMIT_NOFILE, &child->parent_nofile) < 0)
		return -errno;
	r = kernel_landlock_create(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (r < 0 && launch->ruleset_fd >= 0)
		return r;
	if (r >= 7)
		child->landlock_flags =
			LANDLOCK_RESTRICT_SELF_LOG_SUBDOMAINS_OFF;
	r = prepare_keep(launch, child);
	return r < 0 ? r : prepare_envp(launch, child);
}

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Return: 1 when @fd has something or its end, 0 when the time is up. */
static int wait_readable(int fd, int64_t deadline_ms)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };

	for (;;) {
		int64_t left = deadline_ms - now_ms();
		int n = poll(&pollfd, 1, left > 0 ? (int)left : 0);

		if (n >= 0)
			return n;
		if (errno != EINTR)
			return -errno;
	}
}

/*
 * Reads reports up to the end of the pipe. The last one says how far the child
 * got; *last stays as it is when there is none.
 *
 * Return: 0; -ETIMEDOUT, or -errno.
 */
static int read_reports(int fd, struct launch_report *last)
{
	int64_t deadline_ms = now_ms() + START_TIMEOUT_MS;

	for (;;) {
		struct launch_report record;
		ssize_t n;
		int r;

		r = wait_readable(fd, deadline_ms);
		if (r <= 0)
			return r < 0 ? r : -ETIMEDOUT;
		n = read(fd, &record, sizeof(record));
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		if ((size_t)n != sizeof(record))
			return -EBADMSG;
		*last = record;
	}
}

/*
 * Ends the child, if there is one, and says which step was to blame: none of
 * the child's when the failure is our own.
 */
static int fail(struct launched *launched, struct launch_report *last, int r,
		bool is_own, struct launch_error *err)
{
	if (launched->pid > 0) {
		(void)kill(launched->pid, SIGKILL);
		while (waitpid(launched->pid, NULL, 0) < 0 && errno == EINTR)
			;
		launched->pid = 0;
		/* It is dead: this comes to the end at once. */
		(void)read_reports(launched->report_fd, last);
	}
	if (is_own)
		*last = (struct launch_report){ -1, 0 };
	if (last->error)
		r = -last->error;
	else if (r == -EPIPE)
		r = -ECHILD;
	err->step = launch_step_name(last->step);
	err->error = -r;
	err->hint = launch_step_hint(last->step, -r);
	return r;
}

void launched_done(struct launched *launched)
{
	cleanup_close_p(&launched->pidfd);
	cleanup_close_p(&launched->listener);
	cleanup_close_p(&launched->report_fd);
	launched->pidfd = -EBADF;
	launched->listener = -EBADF;
	launched->report_fd = -EBADF;
}

static int receive_listener(int sock, bool has_no_listener, int *ret_listener)
{
	char message;
	int r;

	r = wait_readable(sock, now_ms() + START_TIMEOUT_MS);
	if (r <= 0)
		return r < 0 ? r : -ETIMEDOUT;
	r = fdpass_recv(sock, &message, sizeof(message), ret_listener);
	if (r < 0)
		return r;
	return (*ret_listener >= 0) == !has_no_listener ? 0 : -EBADMSG;
}

static void run_child(void *child)
{
	launch_child_run(child);
}

/* The child's ends of both are closed here, so that their end is seen. */
static int spawn(struct launch_child *child, struct launched *launched)
{
	int r;

	r = scope_start(!child->launch->has_open_signals);
	if (r == 0)
		r = scope_fork(run_child, child);
	(void)close(child->sock);
	(void)close(child->report_fd);
	if (r < 0)
		return r;
	launched->pid = r;
	launched->pidfd = kernel_pidfd_open(launched->pid, 0);
	return launched->pidfd < 0 ? launched->pidfd : 0;
}

/* They are pinned as long as this process lives. */
static int add_own_entries(const struct launch *launch, pid_t pid, int sock)
{
	static const char message = 'E';
	int r = ruleset_add_process(launch->ruleset_fd, pid, /* pin= */ true);

	return r < 0 ? r : fdpass_send(sock, &message, sizeof(message), -1);
}

/* @ret_is_own: did it fail on our side? */
static int start(const struct launch *launch, struct launched *launched,
		 bool *ret_is_own)
{
	_cleanup_(child_done) struct launch_child child = { 0 };
	_cleanup_close_ int sock = -EBADF;
	int socks[2] = { -EBADF, -EBADF };
	int pipes[2];
	int r;

	if (pipe2(pipes, O_CLOEXEC) < 0)
		return -errno;
	launched->report_fd = pipes[0];
	child.report_fd = pipes[1];
	r = prepare(launch, &child);
	if (r == 0 &&
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, socks) < 0)
		r = -errno;
	if (r < 0) {
		(void)close(pipes[1]);
		return r;
	}
	sock = socks[0];
	child.sock = socks[1];
	r = spawn(&child, launched);
	if (r == 0 && launch->has_own_entries)
		r = add_own_entries(launch, launched->pid, sock);
	if (r < 0)
		return r;
	*ret_is_own = false;
	return receive_listener(sock, launch->has_no_listener,
				&launched->listener);
}

int launch_start(const struct launch *launch, struct launched *ret,
		 struct launch_error *err)
{
	struct launched launched = { 0, -EBADF, -EBADF, -EBADF };
	struct launch_report last = { -1, 0 };
	bool is_own = true;
	int r;

	r = start(launch, &launched, &is_own);
	if (r < 0) {
		r = fail(&launched, &last, r, is_own, err);
		launched_done(&launched);
		return r;
	}
	*ret = launched;
	return 0;
}

int launch_alone(const struct launch *launch, struct launch_error *err)
{
	_cleanup_(child_done) struct launch_child child = { .report_fd =
								    -EBADF };
	struct launch_report last = { -1, 0 };
	int r;

	r = prepare(launch, &child);
	if (r == 0)
		r = ruleset_add_process(launch->ruleset_fd, getpid(),
					/* pin= */ false);
	last.error = -r;
	if (r == 0)
		last = launch_child_alone(&child);
	err->step = launch_step_name(last.step);
	err->error = last.error;
	err->hint = launch_step_hint(last.step, last.error);
	return -last.error;
}

int launch_finish(struct launched *launched, struct launch_error *err)
{
	struct launch_report last = { -1, 0 };
	int r;

	r = read_reports(launched->report_fd, &last);
	if (r < 0)
		return fail(launched, &last, r, r != -ETIMEDOUT, err);
	if (last.error || !launch_step_is_last(last.step))
		return fail(launched, &last, -ECHILD, false, err);
	(void)close(take_fd(&launched->report_fd));
	return 0;
}
