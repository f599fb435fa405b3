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
 * policy_explain() - why did an open for reading of @object fail?
 * @ret_actual: of NSV_SRI_SIZE bytes: the digests of its content, or ""
 *
 * Return: "none": not because of the manifest; "match", "mismatch" or
 * "unlisted".
 */
const char *policy_explain(struct call *call, const struct object *object,
			   char *ret_actual);

/**
 * policy_note_failure() - after an open: was a package.json not delivered?
 *
 * Then its directory is blocked (verifier_block()).
 */
void policy_note_failure(struct call *call, const struct object *object);

#endif
