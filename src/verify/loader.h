/* SPDX-License-Identifier: Apache-2.0 */
/* Inside manifest_load(): where it is in the document, and the fields. */
#ifndef VERIFY_LOADER_H
#define VERIFY_LOADER_H

#include <stdbool.h>
#include <stddef.h>

#include "verify/manifest.h"

struct json_object;

/* "resources", key, "dependencies", specifier */
#define LOADER_STEPS_MAX 4

struct loader {
	const char *text;
	size_t len;
	const char *directory;
	struct manifest *manifest;
	struct json_error *err;
	const char *steps[LOADER_STEPS_MAX]; /* lead to the value at hand */
	size_t n_steps;
};

/** loader_refuse() - say why, and where: at the value at hand. -EINVAL. */
int loader_refuse(struct loader *l, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** loader_enter() - the value at hand is now the one at @step of the last */
void loader_enter(struct loader *l, const char *step);

/** loader_leave() - undo loader_enter() */
void loader_leave(struct loader *l);

/* Each returns 0, -EINVAL after loader_refuse(), or -ENOMEM. */

/** load_onerror() - the field "onerror" of the document */
int load_onerror(struct loader *l, struct json_object *document);

/** load_resource() - all of a resource but its path, from its descriptor */
int load_resource(struct loader *l, struct json_object *descriptor,
		  struct resource *ret);

/** load_scope() - what a scope says about integrity and dependencies */
int load_scope(struct loader *l, struct json_object *descriptor,
	       struct scope *ret);

#endif
