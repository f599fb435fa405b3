/* SPDX-License-Identifier: Apache-2.0 */
/* --explain and --why: the plan and single decisions, without running. */
#ifndef SUPERVISE_EXPLAIN_H
#define SUPERVISE_EXPLAIN_H

struct json_object;
struct options;
struct plan;

/**
 * explain_plan() - print the plan on stdout, as options->explain says
 *
 * Return: the exit status.
 */
int explain_plan(const struct options *options, const struct plan *plan);

/** explain_json() - the same as one object, owned by the caller */
struct json_object *explain_json(const struct options *options,
				 const struct plan *plan);

/**
 * explain_why() - print the decision that options->why asks for
 *
 * Return: the exit status: 0 allowed, 1 denied, 125 for an unusable question.
 */
int explain_why(const struct options *options, const struct plan *plan);

#endif
