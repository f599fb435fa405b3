/* SPDX-License-Identifier: Apache-2.0 */
/* A manifest in a file, and what it was made from. */
#ifndef POLICY_SOURCE_H
#define POLICY_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/strlist.h"

struct json_object;

/* How a manifest was made; kept in it under the key ORIGIN_KEY. */
#define ORIGIN_KEY "nspolicy"

struct source {
	char *directory; /* resolved; relative keys start here */
	char *text; /* of the file, for source_place() */
	size_t len;
	struct manifest *manifest;
	bool has_roots; /* the manifest names them, be it none at all */
	struct strings roots; /* absolute */
	struct strings code; /* patterns */
	struct strings exclude;
};

/**
 * source_load() - load the manifest in @file
 *
 * Logs what is wrong, and what of the manifest has no effect.
 *
 * Return: 0 or -errno; source_done() in both cases.
 */
int source_load(const char *file, struct source *ret);

/**
 * source_place() - where the entry of a key begins
 * @section: "resources" or "scopes", or NULL for the top of the document
 *
 * Return: 0 with line and column, from 1.
 */
void source_place(const struct source *source, const char *section,
		  const char *key, size_t *ret_line, size_t *ret_column);

/** source_done() - free what source_load() made */
void source_done(struct source *source);

/**
 * resolve_directory() - the resolved path of the directory that @file is in
 *
 * Logs. Return: NULL on failure.
 */
char *resolve_directory(const char *file);

/** list_to_json() - an array of strings. Return: NULL: no memory. */
struct json_object *list_to_json(const struct strings *list);

#endif
