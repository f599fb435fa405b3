/* SPDX-License-Identifier: Apache-2.0 */
/* --verifier: the socket must be out of the command's reach. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "supervise/options.h"
#include "supervise/plan.h"

/* Also a directory above it: it could be moved away, and another made. */
static int check_replaceable(const struct plan *plan, const char *socket,
			     const char *path)
{
	struct decision decision;

	decide(&plan->rules, OPERATION_WRITE, path, &decision);
	if (!decision.is_allowed)
		return 0;
	log_error(
		"the command could replace the socket of --verifier=%s: --allow-fs-write=%s",
		socket, decision.rule ? decision.rule->text : "*");
	return -EINVAL;
}

/* Whoever talks to it learns what it has, and could be taken for us. */
static int check_reachable(const struct plan *plan, const char *socket,
			   const char *path)
{
	struct decision decision;

	decide(&plan->rules, OPERATION_UNIX, path, &decision);
	if (!decision.is_allowed)
		return 0;
	log_error(
		"the command could reach the socket of --verifier=%s: --allow-unix=%s",
		socket, decision.rule ? decision.rule->text : "*");
	return -EINVAL;
}

int plan_check_socket(const struct options *options, const struct plan *plan)
{
	char path[PATH_MAX];
	char *slash;
	int r;

	if (!options->verifier)
		return 0;
	if (!realpath(options->verifier, path)) {
		r = -errno;
		log_error("the verifier service '%s' cannot be used: %s",
			  options->verifier, strerror(-r));
		return r;
	}
	r = check_reachable(plan, options->verifier, path);
	while (r == 0 && path[0] != '\0') {
		r = check_replaceable(plan, options->verifier, path);
		slash = strrchr(path, '/');
		*slash = '\0';
	}
	return r;
}
