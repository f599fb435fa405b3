/* SPDX-License-Identifier: Apache-2.0 */
/* What is executed before anything can be asked. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "supervise/run.h"
#include "supervise/verifier.h"

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
		return run_failed(path, errno);
	verifier_check(verifier, path, fd, &st, &verdict, &snapshot);
	if (verdict.kind == VERDICT_SNAPSHOT || verdict.kind == VERDICT_PLAIN)
		return 0;
	log_error("'%s' is not executed: %s%s%s", path,
		  verdict.reason[0] ? verdict.reason : "the verifier failed",
		  verdict.hint ? "; " : "", verdict.hint ? verdict.hint : "");
	return run->options.report_only ||
			       verifier_onerror(verifier) == ONERROR_LOG ?
		       0 :
		       STATUS_OWN;
}

/*
 * A `#!` line takes effect, and the kernel may execute a file, before any open
 * could be answered: what is executed and listed is verified before the start.
 */
int run_verify(const struct run *run)
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
