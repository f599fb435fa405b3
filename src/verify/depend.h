/* SPDX-License-Identifier: Apache-2.0 */
/* Dependency maps: what a specifier leads to from a module. */
#ifndef VERIFY_DEPEND_H
#define VERIFY_DEPEND_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;
struct loader;
struct manifest;
struct resource;
struct scope;

enum target_kind {
	TARGET_DEFAULT, /* true: as if there were no manifest */
	TARGET_URL,
	TARGET_NO_URL, /* a text that is no URL */
	TARGET_FAILS, /* null, and what a later version may mean something by */
	TARGET_CONDITIONS, /* the first active condition decides */
};

struct condition;

struct target {
	enum target_kind kind;
	char *url; /* TARGET_URL: what the runtime is told */
	struct condition *conditions; /* TARGET_CONDITIONS, in their order */
	size_t n_conditions;
};

struct condition {
	char *name;
	struct target target;
};

struct dependency {
	char *specifier; /* canonical, see depend_specifier() */
	struct target target;
};

enum dependencies_kind {
	DEPENDENCIES_NONE,
	DEPENDENCIES_ANY, /* true */
	DEPENDENCIES_MAP,
};

struct dependencies {
	enum dependencies_kind kind;
	struct dependency *items; /* sorted by specifier, each once */
	size_t n;
};

enum resolution_kind {
	RESOLUTION_DEFAULT, /* allowed: the runtime searches as usual */
	RESOLUTION_REDIRECT, /* .url, without searching */
	RESOLUTION_MISSING, /* not a dependency of the parent */
	RESOLUTION_INVALID, /* .code says why */
};

/* Both texts belong to the manifest or are static. */
struct resolution {
	enum resolution_kind kind;
	const char *url;
	const char *code;
	const struct resource *resource; /* whose map decided; or … */
	const struct scope *scope; /* … this one's, or else that at the top */
};

/**
 * depend_resolve() - what @specifier leads to from @parent
 * @parent: URL of the module that asks, as the runtime writes it
 * @conditions: active ones, separated by commas ("node,import")
 *
 * The page of Node.js 21 decides where its code differs: doc/POLICY.md.
 *
 * Return: 0, or -ENOMEM.
 */
int depend_resolve(const struct manifest *manifest, const char *parent,
		   const char *specifier, const char *conditions,
		   struct resolution *ret);

/**
 * depend_specifier() - the form in which specifiers are compared
 * @directory: of the parent or of the manifest; NULL if it has none
 *
 * A path or URL becomes its identity (url.h), a builtin module loses its
 * "node:", anything else stays. Freed by the caller; NULL: no memory.
 */
char *depend_specifier(const char *specifier, const char *directory);

/** depend_find() - the entry of a canonical @specifier, or NULL */
const struct target *depend_find(const struct dependencies *dependencies,
				 const char *specifier);

/**
 * depend_load() - the field "dependencies" of a descriptor
 *
 * Return: 0, -EINVAL after loader_refuse(), or -ENOMEM.
 */
int depend_load(struct loader *l, struct json_object *descriptor,
		struct dependencies *ret);

/** dependencies_done() - free what depend_load() made, also half */
void dependencies_done(struct dependencies *dependencies);

#endif
