/* SPDX-License-Identifier: Apache-2.0 */
/* The manifest: which files may be loaded, and with which content. */
#ifndef VERIFY_MANIFEST_H
#define VERIFY_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>

#include "common/json.h"
#include "verify/integrity.h"

enum onerror {
	ONERROR_THROW,
	ONERROR_LOG,
	ONERROR_EXIT,
};

/* The values are the kinds of the index in common/proto.h. */
enum resource_kind {
	RESOURCE_HASHES = 'h',
	RESOURCE_ANY = 'a', /* integrity true */
	RESOURCE_NOTHING = 'n', /* listed without an integrity */
	RESOURCE_SCOPES = 'c', /* cascade: the scopes decide */
};

struct resource {
	char *path; /* absolute, decoded, as the manifest spells it */
	enum resource_kind kind;
	struct integrity integrity; /* RESOURCE_HASHES; else its text at most */
};

enum scope_kind {
	SCOPE_ACCEPTS, /* integrity true */
	SCOPE_REFUSES, /* integrity null, or neither integrity nor cascade */
	SCOPE_CASCADES, /* the next scope outwards decides */
};

struct scope {
	char *path; /* a directory with its last slash, "file:", or "" */
	enum scope_kind kind;
};

struct manifest {
	enum onerror onerror;
	struct resource *resources; /* sorted by path, each path once */
	size_t n_resources;
	struct scope *scopes; /* sorted likewise */
	size_t n_scopes;
	size_t n_foreign; /* keys that can never be a file seen from outside */
	bool has_dependency_maps; /* {"fs": true}: known, not enforced */
};

/**
 * manifest_load() - make a manifest from its text
 * @directory: absolute path that relative keys start from
 * @err: filled on failure, except that the caller knows the file's name
 *
 * Follows the documented behaviour of Node.js policies; refuses more: see
 * json_check(), and two keys that mean one file but say different things.
 * Every integrity string is parsed now, not at the first load.
 *
 * Return: 0, -EINVAL, or -ENOMEM.
 */
int manifest_load(const char *text, size_t len, const char *directory,
		  struct manifest **ret, struct json_error *err);

/** manifest_free() - accepts NULL */
void manifest_free(struct manifest *manifest);

/** manifest_find() - the resource at @path. Return: NULL if there is none. */
const struct resource *manifest_find(const struct manifest *manifest,
				     const char *path);

enum answer {
	ANSWER_HASHES, /* the content must match the integrity of the resource */
	ANSWER_ANY, /* any content will do */
	ANSWER_REFUSED, /* listed, and no content will do */
	ANSWER_UNLISTED, /* no resource, and no scope accepts it */
};

/**
 * manifest_decide() - what does the manifest want of the file at @path?
 * @ret: the resource, or NULL if it has none
 */
enum answer manifest_decide(const struct manifest *manifest, const char *path,
			    const struct resource **ret);

/**
 * manifest_index() - all resources as records for the supervisor
 * @ret: see common/proto.h; freed by the caller
 *
 * Return: 0 or -ENOMEM.
 */
int manifest_index(const struct manifest *manifest, char **ret,
		   size_t *ret_len);

/**
 * manifest_notes() - what of the manifest has no effect, as one line
 * @ret: "" if all of it has
 */
void manifest_notes(const struct manifest *manifest, char *ret, size_t size);

#endif
