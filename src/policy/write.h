/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a manifest: all of it or nothing. */
#ifndef POLICY_WRITE_H
#define POLICY_WRITE_H

#include <stddef.h>

#include "common/strlist.h"
#include "policy/listing.h"

/* What the manifest says about its making; see ORIGIN_KEY. */
struct origin {
	const struct strings *roots; /* absolute paths */
	const struct strings *code;
	const struct strings *exclude;
};

/* Where policies/manifest.schema.json is installed; editors read it. */
#define MANIFEST_SCHEMA "file://" PKGDATADIR "/profiles/manifest.schema.json"

/**
 * write_manifest() - the text of a manifest
 * @base: keys of files below this directory start from it; NULL: none does
 * @ret: the text; freed by the caller
 *
 * Return: 0 or -ENOMEM.
 */
int write_manifest(const struct listing *listing, const char *base,
		   const struct origin *origin, char **ret, size_t *ret_len);

/**
 * write_file() - put @text into @path at once
 *
 * A regular file is replaced by a new one; until that is complete the old one
 * stays as it was. Anything else, as a device, is written to. Logs.
 *
 * Return: 0 or -errno.
 */
int write_file(const char *path, const char *text, size_t len);

#endif
