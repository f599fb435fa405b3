/* SPDX-License-Identifier: Apache-2.0 */
/* What a command is put into, and what is said when that fails. */
#include <errno.h>
#include <string.h>

#include "common/log.h"
#include "supervise/borrow.h"
#include "supervise/caps.h"
#include "supervise/net_names.h"
#include "supervise/run.h"

int run_failed(const char *what, int error)
{
	log_error("%s: %s", what, strerror(error < 0 ? -error : error));
	return STATUS_OWN;
}

int run_not_launched(const struct run *run, const struct launch_error *err)
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

/* Rules of the network need the target's own sockets. */
static int prepare_network(const struct run *run)
{
	int r;

	if (!run->supervisor.net_rules) {
		if (run->options.report_only)
			log_warning(
				"the network is not reported: pidfd_getfd is refused here");
		return 0;
	}
	r = borrow_probe();
	if (r < 0) {
		log_error(
			"rules for the network need pidfd_getfd(2), which is refused here (%s): a container's filter does that; use --allow-net without rules and no --allow-unix, or run it outside or with a filter that allows the call",
			strerror(-r));
		return STATUS_OWN;
	}
	/* Later nothing can be loaded any more. */
	if (run->plan.net.has_names)
		net_names_prepare();
	return 0;
}

void run_tell_lacks(const struct run *run)
{
	const struct lacks *lacks = &run->plan.lacks;
	struct lack list[LACKS_MAX];
	size_t n = lacks_list(lacks, run->plan.is_alone, list);

	if (lacks->no_supervisor)
		log_warning(
			"degraded: supervisor: %s; Landlock and the filter hold the command alone, and denials are not reported",
			lacks->no_supervisor);
	for (size_t i = 0; i < n; i++)
		log_warning("degraded: %s: %s", list[i].name, list[i].lost);
}

/* The filter and D2. */
int run_make_cage(struct run *run)
{
	unsigned flags = RULESET_SCOPES;
	int r;

	r = filter_build(&run->plan.filter, &run->filter);
	if (r < 0)
		return run_failed("the system call filter cannot be built", r);
	r = prepare_network(run);
	if (r != 0)
		return r;
	if (!run->options.allow_net)
		flags |= RULESET_DENY_NET;
	if (run->options.report_only)
		flags |= RULESET_OPEN;
	if (run->plan.opens_alone && !run->plan.is_alone)
		flags |= RULESET_PIN;
	if (run->plan.lacks.landlock_abi == 0)
		return 0;
	r = ruleset_create(run->plan.target.rules, run->plan.target.n, flags,
			   &run->target_ruleset);
	if (r < 0)
		return run_failed("the target's Landlock rules cannot be made",
				  r);
	return 0;
}

static bool is_root_granted(const struct plan *plan)
{
	for (size_t i = 0; i < plan->target.n; i++)
		if (strcmp(plan->target.rules[i].path, "/") == 0)
			return true;
	return false;
}

/* --landlock-only: this process becomes the command. */
int run_alone(struct run *run)
{
	struct launch launch = {
		.program = run->plan.command.program,
		.argv = run->plan.command.argv,
		.envp = run->plan.environment.envp,
		.filter = &run->filter,
		.has_no_listener = true,
		.is_root_granted = is_root_granted(&run->plan),
		.pass_fds = run->options.pass_fds,
		.n_pass_fds = run->options.n_pass_fds,
		.listen_fds = launch_listen_fds(environ),
	};
	struct launch_error err = { 0 };
	int r;

	run_tell_lacks(run);
	r = run_make_cage(run);
	if (r != 0)
		return r;
	r = caps_drop();
	if (r < 0)
		return run_failed("capabilities cannot be dropped", r);
	memcpy(launch.secret, run->plan.filter.secret, sizeof(launch.secret));
	launch.ruleset_fd = run->target_ruleset;
	(void)launch_alone(&launch, &err);
	return run_not_launched(run, &err);
}
