/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files that a manifest lists, as the supervisor knows them: their
 * resolved path, the manifest's spelling, and a verified copy once there is one.
 * Not locked: the caller serialises what touches copies.
 */
#ifndef SUPERVISE_RESOURCES_H
#define SUPERVISE_RESOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct ahead_file;
struct resources;
struct rules;

/**
 * resources_read() - from the index that the verifier made (common/proto.h)
 *
 * Return: 0, -EBADMSG for an index that is not well-formed, -ENOMEM, or
 * -errno of reading it.
 */
int resources_read(int index_fd, struct resources **ret);

/** resources_free() - with all copies; accepts NULL */
void resources_free(struct resources *resources);

/** resources_list() - rules_add_listed() for each. 0 or -ENOMEM. */
int resources_list(const struct resources *resources, struct rules *rules);

/** resources_path() - the resolved path of resource @i, NULL at the end */
const char *resources_path(const struct resources *resources, size_t i);

/** resources_spelling() - how the manifest names @path, or NULL */
const char *resources_spelling(const struct resources *resources,
			       const char *path);

/**
 * resources_alias() - the listed path of the file @st, which has several names
 *
 * Return: its path, or NULL. The first call looks at every listed file.
 */
const char *resources_alias(struct resources *resources, const struct stat *st);

/** resources_is_sealed() - can nobody change this memfd any more? */
bool resources_is_sealed(int fd);

/** resources_reopen() - a fresh read-only descriptor of the same memfd */
int resources_reopen(const struct resources *resources, int fd);

/**
 * resources_open_copy() - a fresh descriptor of the copy kept for @path
 *
 * Return: it, or -1 when there is none or @st is another file by now.
 */
int resources_open_copy(struct resources *resources, const char *path,
			const struct stat *st);

/**
 * resources_keep_copy() - keep a verified copy of @path
 * @fd: taken over (and set to -EBADF) if it is kept; memory is bounded
 */
void resources_keep_copy(struct resources *resources, const char *path,
			 const struct stat *st, int *fd);

/** resources_first() - position of the first resource beneath @directory */
size_t resources_first(const struct resources *resources,
		       const char *directory);

/**
 * resources_next() - look at the resource at *@at and go on
 *
 * Each is returned once in a run; what lies in packages of its own is not.
 *
 * Return: 1 with @ret filled in, 0 to look further, -ENOENT at the end.
 */
int resources_next(struct resources *resources, const char *directory,
		   size_t *at, struct ahead_file *ret);

#endif
