/* SPDX-License-Identifier: Apache-2.0 */
/* A manifest in a file, and what it was made from. */
#ifndef POLICY_SOURCE_H
#define POLICY_SOURCE_H

#include "common/strlist.h"

struct json_object;

/* How a manifest was made; kept in it under the key ORIGIN_KEY. */
#define ORIGIN_KEY "nspolicy"

struct source {
	char *directory; /* resolved; relative keys start here */
	struct manifest *manifest;
	struct strings roots; /* absolute; empty if the manifest says nothing */
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
