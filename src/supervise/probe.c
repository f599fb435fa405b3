/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the probes of probe_table.c, for --check and before a start. */
#include "supervise/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/kernel.h"
#include "common/log.h"
#include "supervise/probe_checks.h"
#include "supervise/ruleset.h"

#define TIMEOUT_MS 5000
#define PROBES_MAX 32

/* A body that dies, or leaves the pipe to nobody, has not reported. */
static int read_result(int fd)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };
	int result, n;

	do
		n = poll(&pollfd, 1, TIMEOUT_MS);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n < 0 ? -errno : -ETIMEDOUT;
	if (read(fd, &result, sizeof(result)) != (ssize_t)sizeof(result))
		return -ECHILD;
	return result;
}

/* What we inherited must not reach the waits and signals of a probe. */
static void report_result(int (*run)(void), int fd)
{
	sigset_t none;
	int result;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGCHLD, SIG_DFL);
	result = run();
	if (write(fd, &result, sizeof(result)) < 0)
		_exit(1); /* nobody is there to tell */
	_exit(0);
}

/* In a throw-away process, which has TIMEOUT_MS to come to a result. */
static int run_forked(int (*run)(void))
{
	_cleanup_close_ int fd = -1;
	int pipes[2];
	pid_t pid;
	int r;

	if (pipe2(pipes, O_CLOEXEC) < 0)
		return -errno;
	fd = pipes[0];
	pid = fork();
	if (pid == 0)
		report_result(run, pipes[1]);
	r = -errno;
	(void)close(pipes[1]);
	if (pid < 0)
		return r;
	r = read_result(fd);
	/* With its result out it is on its way; its children die with it. */
	(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return r;
}

/* Each probe runs once: what it finds does not change. */
static int run_probe(const struct probe *probe)
{
	static struct {
		bool is_done;
		int result;
	} known[PROBES_MAX];
	size_t n, i = (size_t)(probe - probe_table(&n));

	if (!known[i].is_done)
		known[i].result = probe->is_forked ? run_forked(probe->run) :
						     probe->run();
	known[i].is_done = true;
	return known[i].result;
}

static const char *consequence(const struct probe *probe, int error)
{
	const char *better = probe->explain ? probe->explain(error) : NULL;

	return better ? better : probe->consequence;
}

/* Some errors are our own words for what happened to a probe. */
static const char *reason(int error)
{
	switch (error) {
	case ENOTRECOVERABLE:
		return "it has no effect";
	case ETIMEDOUT:
		return "no result in time";
	case ECHILD:
		return "the probe was killed";
	default:
		return strerror(error);
	}
}

static void print_result(FILE *out, const struct probe *probe, int r,
			 bool is_verbose)
{
	if (r == 0)
		(void)fprintf(out, "ok      %s", probe->name);
	else
		(void)fprintf(out, "missing %s: %s%s (%s)", probe->name,
			      consequence(probe, -r),
			      probe->is_needed ? "" : "; not needed",
			      reason(-r));
	if (is_verbose)
		(void)fprintf(out, "%s%s",
			      r == 0 ? ": " : "; for: ", probe->purpose);
	(void)fputc('\n', out);
	(void)fflush(out);
}

int probe_run(FILE *out, bool is_verbose)
{
	size_t n;
	const struct probe *probes = probe_table(&n);
	int n_missing = 0;

	/* Else the children would have it, too. */
	(void)fflush(out);
	for (size_t i = 0; i < n; i++) {
		int r = run_probe(&probes[i]);

		print_result(out, &probes[i], r, is_verbose);
		if (r < 0 && probes[i].is_needed)
			n_missing++;
	}
	(void)fflush(out);
	return n_missing;
}

const struct probe *probe_missing(enum probe_use use, const char *also,
				  const char **ret_text)
{
	size_t n;
	const struct probe *probes = probe_table(&n);

	for (size_t i = 0; i < n; i++) {
		const struct probe *probe = &probes[i];
		bool is_used = probe->is_needed &&
			       (use == PROBE_SUPERVISED ||
				(use == PROBE_ALONE && !probe->is_supervision));
		int r;

		if (!is_used && !(also && strcmp(also, probe->name) == 0))
			continue;
		r = run_probe(probe);
		if (r == 0)
			continue;
		*ret_text = consequence(probe, -r);
		return probe;
	}
	return NULL;
}

static int refuse(const struct probe *probe, int r)
{
	log_error("%s: %s (%s); --check tells more", probe->name,
		  consequence(probe, -r), reason(-r));
	return r == -EPERM && probe->run == probe_privileges ? -EPERM :
							       -ENOTSUP;
}

int probe_required(bool is_alone)
{
	size_t n;
	const struct probe *probes = probe_table(&n);

	for (size_t i = 0; i < n; i++) {
		const struct probe *probe = &probes[i];
		int r;

		if (!probe->is_needed || probe->is_forked ||
		    (is_alone && probe->is_supervision))
			continue;
		r = probe->run();
		if (r < 0)
			return refuse(probe, r);
	}
	return 0;
}

/* Flags are looked at before the filter is; other errors are not about it. */
static bool knows_wait_killable(void)
{
	return kernel_seccomp(SECCOMP_SET_MODE_FILTER,
			      SECCOMP_FILTER_FLAG_NEW_LISTENER |
				      SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
			      NULL) != -EINVAL;
}

int probe_lacks(struct lacks *ret)
{
	size_t n;
	const struct probe *probes = probe_table(&n);
	int abi = landlock_abi();

	*ret = (struct lacks){ .landlock_abi = abi > 0 ? (unsigned)abi : 0 };
	for (size_t i = 0; i < n; i++) {
		const struct probe *probe = &probes[i];
		int r;

		/* With an old one nothing but its ABI can be wrong. */
		if (!probe->is_needed ||
		    (probe->is_landlock && abi < PROBE_LANDLOCK_ABI))
			continue;
		/* Its own probe waits for a while; --check takes the time. */
		if (probe->run == probe_wait_killable) {
			ret->no_killable = !knows_wait_killable();
			continue;
		}
		r = run_probe(probe);
		if (r == 0)
			continue;
		if (!probe->is_supervision)
			return refuse(probe, r);
		/* Where there is one already, others fail for that. */
		if (!ret->no_supervisor || probe->run == probe_listener)
			ret->no_supervisor = consequence(probe, -r);
	}
	return 0;
}
