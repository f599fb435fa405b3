/* SPDX-License-Identifier: Apache-2.0 */
/* The manifest: which files may be loaded, and with which content. */
#ifndef VERIFY_MANIFEST_H
#define VERIFY_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>

#include "common/json.h"
#include "verify/depend.h"
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
	char *path; /* its identity, see url.h: of a file its decoded path */
	enum resource_kind kind;
	struct integrity integrity; /* RESOURCE_HASHES; else its text at most */
	bool cascades; /* what its dependencies do not know the scopes may */
	struct dependencies dependencies;
	char *key; /* as the manifest spells it */
};

enum scope_kind {
	SCOPE_ACCEPTS, /* integrity true */
	SCOPE_REFUSES, /* integrity null, or neither integrity nor cascade */
	SCOPE_CASCADES, /* the next scope outwards decides */
};

struct scope {
	char *path; /* identity with its last slash, "file:", "data:" …, or "" */
	enum scope_kind kind;
	bool cascades;
	struct dependencies dependencies;
	char *key; /* as the manifest spells it */
};

struct manifest {
	enum onerror onerror;
	struct resource *resources; /* sorted by path, each path once */
	size_t n_resources;
	struct scope *scopes; /* sorted likewise */
	size_t n_scopes;
	struct dependencies dependencies; /* at the top of the document */
	struct resource *openings; /* sorted; see manifest_make_openings() */
	size_t n_openings;
	size_t n_foreign; /* keys that can never be a file seen from outside */
	bool has_dependencies; /* the field is used anywhere */
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

/** resource_done(), scope_done() - free what they own */
void resource_done(struct resource *resource);
void scope_done(struct scope *scope);

/** manifest_free() - accepts NULL */
void manifest_free(struct manifest *manifest);

/** manifest_find() - the resource of an identity, or NULL if there is none */
const struct resource *manifest_find(const struct manifest *manifest,
				     const char *identity);

enum answer {
	ANSWER_HASHES, /* the content must match the integrity of the resource */
	ANSWER_ANY, /* any content will do */
	ANSWER_REFUSED, /* listed, and no content will do */
	ANSWER_UNLISTED, /* no resource, and no scope accepts it */
};

/**
 * manifest_make_openings() - note the files listed with a query or fragment only
 *
 * Return: 0 or -ENOMEM.
 */
int manifest_make_openings(struct manifest *manifest);

/** manifest_find_opening() - one of them, or NULL */
const struct resource *manifest_find_opening(const struct manifest *manifest,
					     const char *path);

/**
 * manifest_decide() - what does the manifest want of an open of @path?
 * @ret: the resource, or NULL if it has none
 *
 * A file that is listed with a query or a fragment only may be opened: which
 * URL it is loaded as is the business of the loader, which asks for that.
 */
enum answer manifest_decide(const struct manifest *manifest, const char *path,
			    const struct resource **ret);

/**
 * manifest_decide_by() - what does it want of @identity, and what decided
 * @ret_scope: the scope that did, or NULL if the resource or nothing did
 */
enum answer manifest_decide_by(const struct manifest *manifest,
			       const char *identity,
			       const struct resource **ret,
			       const struct scope **ret_scope);

/**
 * manifest_index() - all resources as records for the supervisor
 * @ret: see common/proto.h; freed by the caller
 *
 * Return: 0 or -ENOMEM.
 */
int manifest_index(const struct manifest *manifest, char **ret,
		   size_t *ret_len);

/** manifest_limits_dependencies() - is some specifier not simply allowed? */
bool manifest_limits_dependencies(const struct manifest *manifest);

/**
 * manifest_notes() - what of the manifest has no effect, as one line
 * @ret: "" if all of it has
 */
void manifest_notes(const struct manifest *manifest, char *ret, size_t size);

#endif
