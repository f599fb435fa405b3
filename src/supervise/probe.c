/* SPDX-License-Identifier: Apache-2.0 */
/* What this kernel and this place allow: one table, for --check and a start. */
#include "supervise/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "supervise/probe_checks.h"
#include "supervise/ruleset.h"

#define TIMEOUT_MS 5000

#define LANDLOCK_LACKS "Landlock is too old here, it does not limit "
#define LANDLOCK_WANTED "; Linux 6.12 or newer is needed"

/* By ABI, see landlock(7). */
static const char *const landlock_lacks[PROBE_LANDLOCK_ABI] = {
	[1] = LANDLOCK_LACKS "moves between directories, truncation, TCP, "
			     "device ioctls, signals and abstract "
			     "sockets" LANDLOCK_WANTED,
	[2] = LANDLOCK_LACKS "truncation, TCP, device ioctls, signals and "
			     "abstract sockets" LANDLOCK_WANTED,
	[3] = LANDLOCK_LACKS "TCP, device ioctls, signals and abstract "
			     "sockets" LANDLOCK_WANTED,
	[4] = LANDLOCK_LACKS "device ioctls, signals and abstract "
			     "sockets" LANDLOCK_WANTED,
	[5] = LANDLOCK_LACKS "signals and abstract sockets" LANDLOCK_WANTED,
};

/* A probe's better consequence for one error, or NULL. */
static const char *explain_landlock(int error)
{
	int abi = landlock_abi();

	if (error == EOPNOTSUPP)
		return "Landlock is switched off: add landlock to the list "
		       "lsm= of the kernel's command line";
	if (error == ENOSYS)
		return "this kernel has no Landlock, or a filter around us "
		       "hides it: it needs CONFIG_SECURITY_LANDLOCK";
	if (error == EPROTONOSUPPORT && abi > 0 && abi < PROBE_LANDLOCK_ABI)
		return landlock_lacks[abi];
	return NULL;
}

static const char *explain_layers(int error)
{
	return error == E2BIG ? "too many Landlock layers are around us: "
				"16 can be nested, and we need 3" :
				NULL;
}

static const char *explain_listener(int error)
{
	return error == EBUSY ? "another supervisor is active around us, and "
				"the kernel allows one: start nssupervise "
				"outside of it" :
				NULL;
}

static const char *explain_memory(int error)
{
	return error == EACCES ? "the supervisor cannot read what is asked "
				 "for: see kernel.yama.ptrace_scope, which "
				 "must be 0 or 1" :
				 NULL;
}

static const struct probe {
	const char *name;
	const char *purpose;
	const char *consequence; /* when it is missing, and what to do */
	int (*run)(void); /* see probe_checks.h */
	const char *(*explain)(int error);
	bool is_needed;
	bool is_forked; /* else it is part of probe_required() */
} probes[] = {
	{ .name = "privileges",
	  .purpose = "the user who starts us decides, not the owner of a file",
	  .consequence = "started with raised privileges: remove the set-uid "
			 "or set-gid bit and file capabilities",
	  .run = probe_privileges,
	  .is_needed = true },
	{ .name = "procfs",
	  .purpose = "the target's memory, directory and descriptors",
	  .consequence = "/proc is not the proc file system of this PID "
			 "namespace: mount it (mount -t proc proc /proc)",
	  .run = probe_procfs,
	  .is_needed = true },
	{ .name = "openat2",
	  .purpose = "resolving a path without being led astray",
	  .consequence = "no path can be resolved safely: Linux 5.6 or a "
			 "filter around us that lets openat2 through is needed",
	  .run = probe_openat2,
	  .is_needed = true },
	{ .name = "landlock",
	  .purpose = "the kernel denies what no flag allows",
	  .consequence = "nothing can be denied by the kernel",
	  .run = probe_landlock,
	  .explain = explain_landlock,
	  .is_needed = true },
	{ .name = "landlock-errata",
	  .purpose = "known faults of Landlock are mended",
	  .consequence = "known faults of Landlock are not all mended: a "
			 "newer kernel is better",
	  .run = probe_landlock_errata },
	{ .name = "landlock-domain",
	  .purpose = "a process can give up files, signals and the network",
	  .consequence = "the target cannot be confined",
	  .run = probe_landlock_domain,
	  .explain = explain_layers,
	  .is_needed = true,
	  .is_forked = true },
	{ .name = "landlock-nesting",
	  .purpose = "the supervisor reads the target, never the reverse",
	  .consequence = "supervisor and target cannot be kept apart",
	  .run = probe_landlock_nesting,
	  .explain = explain_layers,
	  .is_needed = true,
	  .is_forked = true },
	{ .name = "no-new-privs",
	  .purpose = "no set-uid program raises the target",
	  .consequence = "set-uid programs would raise the target",
	  .run = probe_no_new_privs,
	  .is_needed = true,
	  .is_forked = true },
	{ .name = "capabilities",
	  .purpose = "root in the sandbox has no power over the kernel",
	  .consequence = "capabilities cannot be given up",
	  .run = probe_capabilities,
	  .is_needed = true,
	  .is_forked = true },
	{ .name = "seccomp-filter",
	  .purpose = "system calls that no flag allows are refused",
	  .consequence = "system calls cannot be refused: the kernel needs "
			 "CONFIG_SECCOMP_FILTER",
	  .run = probe_filter,
	  .is_needed = true,
	  .is_forked = true },
	{ .name = "seccomp-i386",
	  .purpose = "no way around the filter by 32-bit calls",
	  .consequence = "32-bit system calls would pass the filter",
	  .run = probe_filter_i386,
	  .is_needed = true,
	  .is_forked = true },
	{ .name = "seccomp-notify",
	  .purpose = "the kernel can ask the supervisor",
	  .consequence = "the kernel cannot ask the supervisor: Linux 5.19 or "
			 "newer is needed",
	  .run = probe_seccomp_notify,
	  .is_needed = true },
	{ .name = "seccomp-listener",
	  .purpose = "the supervisor is asked, and answers",
	  .consequence = "no call can be decided by the supervisor",
	  .run = probe_listener,
	  .explain = explain_listener,
	  .is_needed = true,
	  .is_forked = true },
	{ .name = "seccomp-wait-killable",
	  .purpose = "a signal does not undo a call that is being answered",
	  .consequence = "signals would repeat calls that were carried out: "
			 "Linux 5.19 or newer is needed",
	  .run = probe_wait_killable,
	  .explain = explain_listener,
	  .is_needed = true,
	  .is_forked = true },
	{ .name = "seccomp-wake-up",
	  .purpose = "an answer stays on its core",
	  .consequence = "answers are several times slower; Linux 6.6 has it",
	  .run = probe_wake_up,
	  .explain = explain_listener,
	  .is_forked = true },
	{ .name = "seccomp-addfd",
	  .purpose = "the file that was checked is the one the target gets",
	  .consequence = "no file can be handed to the target",
	  .run = probe_addfd,
	  .explain = explain_listener,
	  .is_needed = true,
	  .is_forked = true },
	{ .name = "seccomp-close",
	  .purpose = "when the supervisor dies, what it decides is refused",
	  .consequence = "calls would not fail when the supervisor dies",
	  .run = probe_listener_close,
	  .explain = explain_listener,
	  .is_needed = true,
	  .is_forked = true },
	{ .name = "target-memory",
	  .purpose = "reading the paths that the target asks for",
	  .consequence = "the supervisor cannot read what is asked for",
	  .run = probe_target_memory,
	  .explain = explain_memory,
	  .is_needed = true,
	  .is_forked = true },
	{ .name = "pidfd-getfd",
	  .purpose = "inotify watches",
	  .consequence = "inotify watches are denied (containers often refuse "
			 "pidfd_getfd)",
	  .run = probe_pidfd_getfd,
	  .is_forked = true },
	{ .name = "memfd-seals",
	  .purpose = "verified bytes cannot change any more",
	  .consequence = "no verified copy can be made",
	  .run = probe_memfd_seals,
	  .is_needed = true },
	{ .name = "memfd-noexec",
	  .purpose = "a verified copy is never executed itself",
	  .consequence = "only the system call filter keeps copies from being "
			 "executed; Linux 6.3 has it",
	  .run = probe_memfd_noexec },
};

#define N_PROBES (sizeof(probes) / sizeof(probes[0]))

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

static int run_probe(const struct probe *probe)
{
	return probe->is_forked ? run_forked(probe->run) : probe->run();
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
	int n_missing = 0;

	/* Else the children would have it, too. */
	(void)fflush(out);
	for (size_t i = 0; i < N_PROBES; i++) {
		int r = run_probe(&probes[i]);

		print_result(out, &probes[i], r, is_verbose);
		if (r < 0 && probes[i].is_needed)
			n_missing++;
	}
	if (n_missing == 0)
		(void)fprintf(out, "every flag can be enforced here\n");
	else
		(void)fprintf(out,
			      "not every flag can be enforced here: "
			      "%d of what is needed %s missing\n",
			      n_missing, n_missing == 1 ? "is" : "are");
	(void)fflush(out);
	return n_missing;
}

int probe_required(void)
{
	for (size_t i = 0; i < N_PROBES; i++) {
		const struct probe *probe = &probes[i];
		int r;

		if (!probe->is_needed || probe->is_forked)
			continue;
		r = probe->run();
		if (r == 0)
			continue;
		log_error("%s: %s (%s); --check tells more", probe->name,
			  consequence(probe, -r), reason(-r));
		return r == -EPERM && probe->run == probe_privileges ? -EPERM :
								       -ENOTSUP;
	}
	return 0;
}
