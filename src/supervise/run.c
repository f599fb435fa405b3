/* SPDX-License-Identifier: Apache-2.0 */
/* A run with a supervisor: its phases in order. */
#include "supervise/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "supervise/caps.h"
#include "supervise/events.h"
#include "supervise/self_filter.h"
#include "supervise/slice.h"
#include "supervise/supervise.h"
#include "supervise/verifier.h"

#define FLUSH_MS 2000
#define PATIENCE_MS 1000 /* with stderr, while others wait for us */

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

/* What systemd hands over is the command's, and what we write is not. */
static int check_listen_fds(const struct run *run)
{
	int last = STDERR_FILENO + (int)launch_listen_fds(environ);
	const struct options *o = &run->options;
	int fd = o->status_fd > STDERR_FILENO && o->status_fd <= last ?
			 o->status_fd :
			 o->log_fd;

	if (fd <= STDERR_FILENO || fd > last)
		return 0;
	log_error(
		"descriptor %d is one of LISTEN_FDS, which the command gets: it cannot be that of '--status-fd' or '--log'",
		fd);
	return -EINVAL;
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
	int r = run_make_cage(run);

	if (r != 0)
		return r;
	r = supervisor_init(&run->supervisor);
	if (r < 0)
		return run_failed("/proc is not usable", r);
	r = caps_drop();
	if (r < 0)
		return run_failed("capabilities cannot be dropped", r);
	/* What is let through is let through by all that surrounds it. */
	r = run->options.report_only || run->plan.lacks.landlock_abi == 0 ?
		    0 :
		    enter_own_domain(&run->plan);
	if (r < 0)
		return run_failed(
			"the supervisor's Landlock domain cannot be entered",
			r);
	return 0;
}

/* The last process is made here, and then none can be. */
static int give_up_rights(struct run *run)
{
	struct self_filter filter = {
		.self = run->supervisor.pid,
		.target = run->supervisor.target_pid,
		.allow_net = run->supervisor.net_rules != NULL,
		.may_signal = run->plan.lacks.landlock_abi < LACKS_FULL_ABI,
		.is_logged = run->options.verbose,
	};
	int r = 0;

	if (run->supervisor.verifier)
		r = verifier_spare(run->supervisor.verifier);
	slice_shorten();
	return r < 0 ? r : self_filter_install(&filter);
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
		.is_send_notified = run->plan.filter.notified & GROUP_SEND,
		.is_open_notified = run->plan.filter.notified != 0,
		.has_own_entries = run->plan.opens_alone,
		.has_open_signals = run->plan.lacks.landlock_abi <
				    LACKS_FULL_ABI,
		.has_no_killable = run->plan.lacks.no_killable,
		.pass_fds = run->options.pass_fds,
		.n_pass_fds = run->options.n_pass_fds,
		.listen_fds = launch_listen_fds(environ),
	};
	struct launch_error err = { 0 };
	int r;

	log_set_patience(PATIENCE_MS);
	r = launch_start(&launch, launched, &err);
	if (r < 0)
		return run_not_launched(run, &err);
	run->supervisor.target_pid = launched->pid;
	run->supervisor.listener = launched->listener;
	/* The target runs: what comes from there must not get far in us. */
	r = give_up_rights(run);
	if (r < 0)
		return run_failed("the supervisor's own filter", r);
	if (!launch.has_no_listener) {
		r = supervise_start(&run->supervisor);
		if (r < 0)
			return run_failed("the supervisor cannot be started",
					  r);
	}
	r = launch_finish(launched, &err);
	return r < 0 ? run_not_launched(run, &err) : 0;
}

static int supervise_run(struct run *run, struct launched *launched)
{
	pid_t keep[2] = { 0 };
	struct event exit_event = { .event = "exit", .status = -1 };
	size_t n_keep = run->supervisor.verifier ? 2 : 0;
	int status = 0;
	int r;

	if (run->supervisor.verifier) {
		verifier_pids(run->supervisor.verifier, keep);
		verifier_ahead(run->supervisor.verifier,
			       run->plan.command.script);
	}
	r = signals_wait(&run->signals, launched->pid, launched->pidfd,
			 &status);
	if (r < 0)
		(void)run_failed("the command cannot be waited for", r);
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
	if (run->supervisor.learn)
		(void)learn_config_write(&run->options, run->supervisor.learn,
					 &run->learn_file);
	learn_file_done(&run->learn_file);
	events_close(&exit_event, FLUSH_MS);
	return exit_like(status);
}

/* With the rights that will be left at the end. */
static int prepare_learning(struct run *run)
{
	if (!run->options.learn)
		return 0;
	if (learn_file_open(run->options.learn, &run->learn_file) < 0)
		return STATUS_OWN;
	run->supervisor.learn = learn_new();
	return run->supervisor.learn ? 0 : run_failed("--learn", ENOMEM);
}

int run_command(struct run *run)
{
	struct event event = { .event = "start", .status = -1 };
	struct launched launched;
	int r;

	if (check_listen_fds(run) < 0)
		return STATUS_OWN;
	run_tell_lacks(run);
	raise_nofile(run);
	r = run_verify(run);
	if (r != 0)
		return r;
	/* The log may lie where no grant reaches. */
	r = events_open(&run->options);
	if (r < 0)
		return STATUS_OWN;
	/* It looks at the terminal, which no grant may reach either. */
	r = signals_open(&run->signals);
	if (r < 0)
		return run_failed("signals", r);
	r = prepare(run);
	if (r != 0)
		return r;
	r = close_self();
	if (r == -EPERM) {
		log_error(
			"a supervisor is active around us, and the kernel allows one: start nssupervise outside of it, or with --landlock-only");
		return STATUS_OWN;
	}
	if (r < 0)
		return run_failed("the process cannot be closed to others", r);
	r = prepare_learning(run);
	if (r != 0)
		return r;
	r = start(run, &launched);
	if (r != 0) {
		learn_file_done(&run->learn_file);
		return r;
	}
	event.pid = launched.pid;
	event.comm = run->plan.command.program;
	events_emit(&event);
	return supervise_run(run, &launched);
}
