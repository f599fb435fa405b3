/* SPDX-License-Identifier: Apache-2.0 */
/* What a manifest adds to an open: listed and code files need a verdict. */
#ifndef SUPERVISE_POLICY_H
#define SUPERVISE_POLICY_H

#include <stdbool.h>

struct call;
struct object;

/**
 * policy_allows() - may this open go on as if there were no manifest?
 * @read, @write, @truncates: what the open asks for
 *
 * Return: true if so. Otherwise call->answer is set: to the verified copy, or
 * to the denial.
 */
bool policy_allows(struct call *call, bool read, bool write, bool truncates,
		   const struct object *object);

/**
 * policy_may_run() - may the kernel execute @object, as the rules let it?
 *
 * No open of it is seen, but of a script by its interpreter: what is listed,
 * and a script that is code by its name, is judged here. The kernel reads the
 * file again: another program can replace it in between.
 *
 * Return: true if so. Otherwise call->answer is the denial.
 */
bool policy_may_run(struct call *call, const struct object *object);

/**
 * policy_explain() - what does the manifest say to an open of @object for
 * reading?
 * @is_code: it is loaded as code, whatever its name
 * @ret_actual: of NSV_SRI_SIZE bytes: the digests of its content, or ""
 *
 * Return: "none": nothing; "match", "mismatch" or "unlisted".
 */
const char *policy_explain(struct call *call, const struct object *object,
			   bool is_code, char *ret_actual);

/**
 * policy_note_failure() - after an open: was a package.json not delivered?
 *
 * Then its directory is blocked (verifier_block()).
 */
void policy_note_failure(struct call *call, const struct object *object);

#endif
