/* SPDX-License-Identifier: Apache-2.0 */
/* nssupervise: the phases in order; the only file that chooses exit codes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "supervise/caps.h"
#include "supervise/events.h"
#include "supervise/explain.h"
#include "supervise/launch.h"
#include "supervise/options.h"
#include "supervise/plan.h"
#include "supervise/probe.h"
#include "supervise/signals.h"
#include "supervise/supervise.h"
#include "supervise/supervisor.h"
#include "supervise/verifier.h"

#define STATUS_OWN 125
#define STATUS_NOT_EXECUTABLE 126
#define STATUS_NOT_FOUND 127
#define FLUSH_MS 2000

/* Everything that one run owns. */
struct run {
	struct options options;
	struct plan plan;
	struct signals signals;
	struct supervisor supervisor;
	struct sock_fprog filter;
	struct rlimit nofile; /* the user's */
	int target_ruleset; /* D2 */
};

static int fail(const char *what, int error)
{
	log_error("%s: %s", what, strerror(error < 0 ? -error : error));
	return STATUS_OWN;
}

/* One descriptor for each kept snapshot and pinned object. */
static void raise_nofile(struct run *run)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &run->nofile) < 0)
		return;
	limit = run->nofile;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* Nothing of us is dumped, and its memory is closed to the same user. */
static int close_self(void)
{
	const struct rlimit none = { 0, 0 };

	if (prctl(PR_SET_DUMPABLE, 0) < 0 || setrlimit(RLIMIT_CORE, &none) < 0)
		return -errno;
	return 0;
}

/* Into D1: what is not granted to anybody cannot be opened by us either. */
static int enter_own_domain(const struct plan *plan)
{
	_cleanup_close_ int fd = -1;
	int r;

	r = ruleset_create(plan->own.rules, plan->own.n, 0, &fd);
	if (r < 0)
		return r;
	return ruleset_enforce(fd);
}

/* Up to the point where the target can be forked. */
static int prepare(struct run *run)
{
	unsigned flags = RULESET_SCOPES;
	int r;

	r = filter_build(&run->plan.filter, &run->filter);
	if (r < 0)
		return fail("the system call filter cannot be built", r);
	if (!run->options.allow_net)
		flags |= RULESET_DENY_NET;
	r = ruleset_create(run->plan.target.rules, run->plan.target.n, flags,
			   &run->target_ruleset);
	if (r < 0)
		return fail("the target's Landlock rules cannot be made", r);
	r = supervisor_init(&run->supervisor);
	if (r < 0)
		return fail("/proc is not usable", r);
	r = caps_drop();
	if (r < 0)
		return fail("capabilities cannot be dropped", r);
	r = enter_own_domain(&run->plan);
	if (r < 0)
		return fail("the supervisor's Landlock domain cannot be entered", r);
	return 0;
}

static int launch_failed(const struct run *run, const struct launch_error *err)
{
	const char *program = run->plan.command.program;

	if (strcmp(err->step, "exec") == 0) {
		log_error("'%s': %s", program, strerror(err->error));
		return err->error == ENOENT ? STATUS_NOT_FOUND :
					      STATUS_NOT_EXECUTABLE;
	}
	/* For some a hint says more than the errno it came as. */
	log_error("the command was not started: %s: %s", err->step,
		  err->hint ? err->hint : strerror(err->error));
	return STATUS_OWN;
}

static int start(struct run *run, struct launched *launched)
{
	struct launch launch = {
		.program = run->plan.command.program,
		.argv = run->plan.command.argv,
		.envp = run->plan.environment.envp,
		.signals = &run->signals,
		.nofile = &run->nofile,
		.ruleset_fd = run->target_ruleset,
		.filter = &run->filter,
		.has_no_listener = run->plan.filter.notified == 0,
		.is_open_notified = run->plan.filter.notified & GROUP_OPEN,
		.pass_fds = run->options.pass_fds,
		.n_pass_fds = run->options.n_pass_fds,
		.listen_fds = launch_listen_fds(environ),
	};
	struct launch_error err = { 0 };
	int r;

	r = launch_start(&launch, launched, &err);
	if (r < 0)
		return launch_failed(run, &err);
	run->supervisor.target_pid = launched->pid;
	run->supervisor.listener = launched->listener;
	if (!launch.has_no_listener) {
		r = supervise_start(&run->supervisor);
		if (r < 0)
			return fail("the supervisor cannot be started", r);
	}
	r = launch_finish(launched, &err);
	return r < 0 ? launch_failed(run, &err) : 0;
}

static int supervise_run(struct run *run, struct launched *launched)
{
	pid_t keep[1] = { run->supervisor.verifier ?
				  verifier_pid(run->supervisor.verifier) :
				  0 };
	struct event exit_event = { .event = "exit", .status = -1 };
	size_t n_keep = keep[0] > 0 ? 1 : 0;
	int status = 0;
	int r;

	if (run->supervisor.verifier)
		verifier_ahead(run->supervisor.verifier,
			       run->plan.command.script);
	r = signals_wait(&run->signals, launched->pid, launched->pidfd,
			 &status);
	if (r != 0) {
		/* onerror "exit", a verifier that failed twice, or our bug. */
		(void)sandbox_kill(&run->signals, keep, n_keep);
		status = r < 0 ? STATUS_OWN << 8 : status << 8;
	} else {
		(void)leftovers_end(&run->signals, keep, n_keep,
				    run->options.wait_all);
	}
	if (WIFSIGNALED(status))
		exit_event.signal = WTERMSIG(status);
	else
		exit_event.status = WEXITSTATUS(status);
	events_close(&exit_event, FLUSH_MS);
	return exit_like(status);
}

static int verify_executable(const struct run *run, const char *path)
{
	struct verifier *verifier = run->supervisor.verifier;
	_cleanup_close_ int fd = -1, snapshot = -1;
	struct verdict verdict;
	struct stat st;

	if (!rules_is_listed(&run->plan.rules, path))
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0)
		return fail(path, errno);
	verifier_check(verifier, path, fd, &st, &verdict, &snapshot);
	if (verdict.kind == VERDICT_SNAPSHOT || verdict.kind == VERDICT_PLAIN)
		return 0;
	log_error("'%s' is not executed: %s%s%s", path,
		  verdict.reason[0] ? verdict.reason : "the verifier failed",
		  verdict.hint ? "; " : "", verdict.hint ? verdict.hint : "");
	return verifier_onerror(verifier) == ONERROR_LOG ? 0 : STATUS_OWN;
}

/*
 * A `#!` line takes effect, and the kernel may execute a file, before any open
 * could be answered: what is executed and listed is verified before the start.
 */
static int verify_executables(const struct run *run)
{
	const struct strings *files = &run->plan.command.executables;
	_cleanup_free_ char *asked = NULL;
	int r = 0;

	if (!run->supervisor.verifier)
		return 0;
	asked = realpath(run->plan.command.asked, NULL);
	if (asked)
		r = verify_executable(run, asked);
	for (size_t i = 0; i < files->n && r == 0; i++)
		r = verify_executable(run, files->items[i]);
	return r;
}

static int run_command(struct run *run)
{
	struct event event = { .event = "start", .status = -1 };
	struct launched launched;
	int r;

	raise_nofile(run);
	r = verify_executables(run);
	if (r != 0)
		return r;
	/* The log may lie where no grant reaches. */
	r = events_open(&run->options);
	if (r < 0)
		return STATUS_OWN;
	/* It looks at the terminal, which no grant may reach either. */
	r = signals_open(&run->signals);
	if (r < 0)
		return fail("signals", r);
	r = prepare(run);
	if (r != 0)
		return r;
	r = close_self();
	if (r < 0)
		return fail("the process cannot be closed to others", r);
	r = start(run, &launched);
	if (r != 0)
		return r;
	event.pid = launched.pid;
	event.comm = run->plan.command.program;
	events_emit(&event);
	return supervise_run(run, &launched);
}

static int run_action(struct run *run)
{
	struct options *options = &run->options;
	struct verifier *verifier = NULL;

	if (options->action == DO_CHECK)
		return probe_run(stdout, options->verbose) == 0 ? 0 : 1;
	if (options->action == DO_RUN && probe_required() < 0)
		return STATUS_OWN;
	/* First, because the verifier takes a while to load the manifest. */
	if (options->policy &&
	    verifier_start(options->policy, options->policy_integrity,
			   &verifier) < 0)
		return STATUS_OWN;
	run->supervisor = (struct supervisor){
		.rules = &run->plan.rules,
		.profile = &run->plan.profile,
		.verifier = verifier,
		.signals = &run->signals,
		.allow_child = options->allow_child_process,
		.restrict_exec = options->allow_child_process &&
				 (options->child_programs.n > 0 ||
				  options->deny_fs_read.n > 0),
	};
	if (plan_make(options, environ, &run->plan) < 0)
		return run->plan.status;
	if (verifier && verifier_loaded(verifier) < 0)
		return STATUS_OWN;
	if (plan_finish(options, verifier, &run->plan) < 0)
		return STATUS_OWN;
	switch (options->action) {
	case DO_EXPLAIN:
		return explain_plan(options, &run->plan);
	case DO_WHY:
		return explain_why(options, &run->plan);
	case DO_RUN:
		return run_command(run);
	case DO_CHECK:
	case DO_NOTHING:
		break;
	}
	return 0;
}

int main(int argc, char **argv)
{
	static struct run run = { .target_ruleset = -1 };
	int status, fd = -1;
	int r;

	log_open("nssupervise");
	r = launch_std_fds(&fd);
	if (r < 0) {
		log_error("descriptor %d is a %s: that reaches past any grant; redirect it",
			  fd, r == -EISDIR ? "directory" : "block device");
		return STATUS_OWN;
	}
	/* Set-uid, or by file capabilities: not even a file may be named. */
	if (getauxval(AT_SECURE)) {
		log_error("this program must not be started with more rights than its caller has (set-uid, set-gid, file capabilities): install it without them");
		return STATUS_OWN;
	}
	r = options_parse(argc, argv, &run.options);
	if (r < 0)
		return STATUS_OWN;
	if (run.options.verbose)
		log_set_level(LOG_LEVEL_INFO);
	status = run.options.action == DO_NOTHING ? 0 : run_action(&run);
	verifier_stop(run.supervisor.verifier);
	return status;
}
