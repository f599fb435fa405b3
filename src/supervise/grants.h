/* SPDX-License-Identifier: Apache-2.0 */
/* From the paths of options and profiles to grants on resolved paths. */
#ifndef SUPERVISE_GRANTS_H
#define SUPERVISE_GRANTS_H

#include <stdbool.h>

#include "supervise/rules.h"

/**
 * grants_add_option() - one path of --allow-fs-*, --deny-fs-*
 * @text: an item of the option's list, escapes and wildcards in it
 * @origin: the option's name, static
 *
 * An existing directory is recursive; what does not exist is exactly that
 * path; `*` matches any run of characters; `*` alone is everything. Symbolic
 * links are resolved now, once.
 *
 * Return: 0, -ENOMEM, or -ENAMETOOLONG / -ELOOP … for a path that cannot be
 * resolved (the caller says which).
 */
int grants_add_option(struct rules *rules, const char *text, unsigned rights,
		      bool is_deny, const char *origin);

/**
 * grants_add_implicit() - a path that the runtime or the launch needs
 * @origin: why, static: "library of the runtime"
 *
 * Missing paths are granted as themselves: a probe for them then says ENOENT.
 */
int grants_add_implicit(struct rules *rules, const char *path, unsigned rights,
			bool is_runtime, const char *origin);

/** grants_add_interpreter() - the ELF interpreter (PT_INTERP) of a program */
int grants_add_interpreter(struct rules *rules, const char *path);

/**
 * path_resolve() - realpath(3) of what exists of @path, the rest as it is
 * @path: relative ones are taken from the working directory
 * @ret: owned; no trailing slash
 */
int path_resolve(const char *path, char **ret);

#endif
