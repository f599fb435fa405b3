/* SPDX-License-Identifier: Apache-2.0 */
/* --check: which options can be enforced here. */
#include "supervise/check.h"

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "supervise/options.h"
#include "supervise/probe.h"
#include "supervise/probe_checks.h"
#include "supervise/spawn.h"

/* An option, by what it needs of the kernel. */
struct row {
	const char *flag;
	bool is_given;
	enum probe_use use;
	const char *also; /* a probe that only this one needs */
	const char *note; /* when it works, but not all of it */
	const char *note_probe; /* ... because this one fails */
	bool is_verifier; /* needs nsverifyd */
};

static bool print_row(const struct row *row, FILE *out)
{
	const char *text = NULL;
	const struct probe *missing = probe_missing(row->use, row->also, &text);

	if (!missing && row->is_verifier && !spawn_verifier_path())
		(void)fprintf(out, "%-15s  %-29s  nsverifyd is not installed\n",
			      "not enforceable", row->flag);
	else if (missing)
		(void)fprintf(out, "%-15s  %-29s  %s: %s\n", "not enforceable",
			      row->flag, missing->name, text);
	else if (row->note_probe &&
		 probe_missing(PROBE_NOTHING, row->note_probe, &text))
		(void)fprintf(out, "%-15s  %-29s  %s\n", "ok", row->flag,
			      row->note);
	else
		(void)fprintf(out, "%-15s  %s\n", "ok", row->flag);
	return !missing && !(row->is_verifier && !spawn_verifier_path());
}

/* What a run with --degraded would say. */
static void print_lost(const struct options *options, FILE *out)
{
	struct lack list[LACKS_MAX];
	struct lacks lacks;
	size_t n;

	if (probe_lacks(&lacks) < 0)
		return;
	n = lacks_list(&lacks, options->landlock_only || lacks.no_supervisor,
		       list);
	if (lacks.no_supervisor)
		(void)fprintf(
			out,
			"with --degraded  supervisor: only what --landlock-only can enforce\n");
	for (size_t i = 0; i < n; i++)
		(void)fprintf(out, "with --degraded  %s: %s\n", list[i].name,
			      list[i].lost);
}

static void print_sum(const struct options *options, int n_missing, FILE *out)
{
	if (n_missing == 0) {
		(void)fprintf(out, "every flag can be enforced here\n");
		return;
	}
	print_lost(options, out);
	(void)fprintf(
		out,
		"%d cannot be enforced here: --check --verbose says more\n",
		n_missing);
}

static const char no_watches[] =
	"but no inotify watches: pidfd_getfd is refused here";

int check_run(const struct options *o, FILE *out)
{
	const enum probe_use use = o->landlock_only ? PROBE_ALONE :
						      PROBE_SUPERVISED;
	const struct row rows[] = {
		{ "--allow-fs-read", o->allow_fs_read.n > 0, use, NULL,
		  no_watches, "pidfd-getfd", false },
		{ "--allow-fs-write", o->allow_fs_write.n > 0, use, NULL, NULL,
		  NULL, false },
		{ "--allow-fs-metadata", o->allow_fs_metadata, use, NULL, NULL,
		  NULL, false },
		{ "--deny-fs-read", o->deny_fs_read.n > 0, PROBE_SUPERVISED,
		  NULL, NULL, NULL, false },
		{ "--deny-fs-write", o->deny_fs_write.n > 0, PROBE_SUPERVISED,
		  NULL, NULL, NULL, false },
		{ "--allow-child-process", o->allow_child_process, use, NULL,
		  NULL, NULL, false },
		{ "--allow-worker", o->allow_worker, use, NULL, NULL, NULL,
		  false },
		{ "--allow-addons", o->allow_addons, use, NULL, NULL, NULL,
		  false },
		{ "--allow-wasi", o->allow_wasi, use, NULL, NULL, NULL, false },
		{ "--allow-inspector", o->allow_inspector, use, NULL, NULL,
		  NULL, false },
		{ "--allow-net", o->allow_net, use, NULL, NULL, NULL, false },
		{ "--allow-net=RULE", o->net_rules.n > 0, PROBE_SUPERVISED,
		  "pidfd-getfd", NULL, NULL, false },
		{ "--allow-unix", o->allow_unix.n > 0, PROBE_SUPERVISED,
		  "pidfd-getfd", NULL, NULL, false },
		{ "--allow-env", o->has_allow_env, PROBE_NOTHING, NULL, NULL,
		  NULL, false },
		{ "--policy", o->policy, PROBE_SUPERVISED, NULL, NULL, NULL,
		  true },
		{ "--report-only", o->report_only && !o->learn,
		  PROBE_SUPERVISED, NULL, NULL, NULL, false },
		{ "--learn", o->learn, PROBE_SUPERVISED, NULL, NULL, NULL,
		  false },
		{ "--landlock-only", o->landlock_only, PROBE_ALONE, NULL, NULL,
		  NULL, false },
	};
	const size_t n = sizeof(rows) / sizeof(rows[0]);
	bool is_any_given = false;
	int n_missing = 0;

	if (o->verbose)
		(void)probe_run(out, true);
	(void)fflush(out); /* the children would have it, too */
	for (size_t i = 0; i < n; i++)
		is_any_given |= rows[i].is_given;
	for (size_t i = 0; i < n; i++)
		if (rows[i].is_given || !is_any_given)
			n_missing += !print_row(&rows[i], out);
	print_sum(o, n_missing, out);
	(void)fflush(out);
	return n_missing;
}
