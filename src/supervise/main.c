/* SPDX-License-Identifier: Apache-2.0 */
/* nssupervise: what was asked for. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "common/log.h"
#include "supervise/check.h"
#include "supervise/explain.h"
#include "supervise/probe.h"
#include "supervise/run.h"
#include "supervise/verifier.h"

/* What is missing here; and whether the run can do without. */
static int look_around(struct options *options, struct lacks *ret)
{
	int abi = landlock_abi(), r;

	*ret = (struct lacks){ .landlock_abi = abi > 0 ? (unsigned)abi : 0 };
	if (options->action == DO_WHY) {
		ret->landlock_abi = LACKS_FULL_ABI;
		return 0;
	}
	if (options->action == DO_RUN && !options->degraded) {
		r = probe_required(options->landlock_only);
		/* Whatever that found, the plan is made by this number. */
		if (r == 0 && abi < LACKS_FULL_ABI) {
			log_error(
				"landlock: its version cannot be found out; --check tells more");
			r = -ENOTSUP;
		}
		return r;
	}
	r = probe_lacks(ret);
	if (options->degraded && ret->no_supervisor)
		options->landlock_only = true;
	return options->degraded ? r : 0;
}

static int run_action(struct run *run)
{
	struct options *options = &run->options;
	struct verifier *verifier = NULL;
	struct lacks lacks;

	if (options->action == DO_CHECK)
		return check_run(options, stdout) == 0 ? 0 : 1;
	if (look_around(options, &lacks) < 0)
		return STATUS_OWN;
	/* First, because the verifier takes a while to load the manifest. */
	if (options->policy &&
	    verifier_start(options->policy, options->policy_integrity,
			   options->policy_key, options->verifier,
			   &verifier) < 0)
		return STATUS_OWN;
	run->supervisor = (struct supervisor){
		.rules = &run->plan.rules,
		.profile = &run->plan.profile,
		.runtimes = &run->plan.runtimes,
		.images = &run->plan.images,
		.verifier = verifier,
		.signals = &run->signals,
		.allow_child = options->allow_child_process,
		.allow_worker = options->allow_worker,
		.allow_addons = options->allow_addons,
		.allow_wasi = options->allow_wasi,
		.allow_inspector = options->allow_inspector,
		.allow_net = options->allow_net,
		.report_only = options->report_only,
		.restrict_exec = options->allow_child_process &&
				 (options->child_programs.n > 0 ||
				  options->deny_fs_read.n > 0),
	};
	if (plan_make(options, environ, &run->plan) < 0)
		return run->plan.status;
	run->plan.lacks = lacks;
	if (verifier && verifier_loaded(verifier) < 0)
		return STATUS_OWN;
	if (plan_finish(options, verifier, &run->plan) < 0)
		return STATUS_OWN;
	run->supervisor.opens_alone = run->plan.opens_alone;
	if (run->plan.filter.notified & GROUP_NET)
		run->supervisor.net_rules = &run->plan.net;
	switch (options->action) {
	case DO_EXPLAIN:
		return explain_plan(options, &run->plan);
	case DO_WHY:
		return explain_why(options, &run->plan);
	case DO_RUN:
		return run->plan.is_alone ? run_alone(run) : run_command(run);
	case DO_CHECK:
	case DO_NOTHING:
		break;
	}
	return 0;
}

int main(int argc, char **argv)
{
	static struct run run = { .target_ruleset = -1,
				  .learn_file = { .fd = -EBADF } };
	int status, fd = -1;
	int r;

	log_open("nssupervise");
	r = launch_std_fds(&fd);
	if (r < 0) {
		log_error(
			"descriptor %d is a %s: that reaches past any grant; redirect it",
			fd, r == -EISDIR ? "directory" : "block device");
		return STATUS_OWN;
	}
	/* Set-uid, or by file capabilities: not even a file may be named. */
	if (getauxval(AT_SECURE)) {
		log_error(
			"this program must not be started with more rights than its caller has (set-uid, set-gid, file capabilities): install it without them");
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
