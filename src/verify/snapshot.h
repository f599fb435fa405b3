/* SPDX-License-Identifier: Apache-2.0 */
/* Sealed copies: bytes that nobody can change any more. */
#ifndef VERIFY_SNAPSHOT_H
#define VERIFY_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>

#include "verify/integrity.h"

#define SNAPSHOT_SIZE_MAX (512u << 20) /* bytes of one file */

struct snapshot {
	int fd; /* memfd, sealed against write, grow, shrink and sealing */
	struct digests digests; /* of its bytes */
	struct digests without_bom; /* none, or those behind a UTF-8 BOM */
};

/**
 * snapshot_tools_new() - buffers to make one snapshot after another
 *
 * Return: NULL: no memory.
 */
struct snapshot_tools *snapshot_tools_new(const struct hasher *hasher);

/** snapshot_tools_free() - accepts NULL */
void snapshot_tools_free(struct snapshot_tools *tools);

/**
 * snapshot_take() - copy the regular file @fd into a sealed memfd
 * @max: more bytes than this are -EAGAIN, or -EFBIG above SNAPSHOT_SIZE_MAX
 * @algorithms: digests to compute, as bits
 * @has_text_bom: also compute them without a byte order mark at the start
 * @ret: its fd is the caller's
 *
 * Neither the offset of @fd nor a later change of the file matters.
 *
 * Return: 0; -EINVAL not a regular file; -EFBIG; -EAGAIN the size changed
 * meanwhile; -EIO hashing failed; or -errno of the copy.
 */
int snapshot_take(struct snapshot_tools *tools, int fd, size_t max,
		  unsigned algorithms, bool has_text_bom, struct snapshot *ret);

/** snapshot_make() - a sealed memfd of @data. Return: the fd or -errno. */
int snapshot_make(const void *data, size_t len);

/**
 * snapshot_read() - all of the regular file @fd into memory
 * @max: more bytes than this are -EFBIG
 * @ret: NUL-terminated; freed by the caller
 *
 * Return: as snapshot_take().
 */
int snapshot_read(int fd, size_t max, char **ret, size_t *ret_len);

#endif
