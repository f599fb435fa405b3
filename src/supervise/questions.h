/* SPDX-License-Identifier: Apache-2.0 */
/* What the loader of a runtime asks about the manifest, by virtual files. */
#ifndef SUPERVISE_QUESTIONS_H
#define SUPERVISE_QUESTIONS_H

#include <stddef.h>

#include "supervise/supervisor.h"

/**
 * question_resolve() - what does a specifier lead to?
 * @rest: PARENT-URL/SPECIFIER/CONDITION,CONDITION…, each percent-encoded
 * @ret: JSON: "kind" is "default", "redirect" (with "url"), "missing" or
 *       "invalid" (with "code"); "onerror" is that of the manifest
 *
 * A missing one is reported, and ends the run if onerror is "exit".
 *
 * Return: 0; -ENOENT without a manifest; -EINVAL; -ENAMETOOLONG; -EPIPE when
 * the verifier failed and the run ends.
 */
int question_resolve(struct call *call, const char *rest, char *ret,
		     size_t size);

/**
 * question_verify() - why did this file not open?
 * @rest: its path without the first slash, percent-encoded
 * @ret: JSON: "kind" is "none", "match", "mismatch" or "unlisted"; "actual":
 *       the digests of what is there, if that decided
 */
int question_verify(struct call *call, const char *rest, char *ret,
		    size_t size);

/**
 * question_module() - may this file, whose name does not say so, be code?
 * @rest, @ret: as question_verify() has them, and "onerror"
 *
 * "unlisted" means no. It is reported, and ends the run if onerror is "exit".
 */
int question_module(struct call *call, const char *rest, char *ret,
		    size_t size);

/**
 * question_url() - may this URL, which is no file, be loaded?
 * @rest: URL/DIGESTS, each percent-encoded; no digests: is it listed?
 * @ret: JSON: "kind" is "match", "any", "listed", "mismatch" (with "expected"
 *       and "actual") or "unlisted"; "onerror" as above
 */
int question_url(struct call *call, const char *rest, char *ret, size_t size);

#endif
