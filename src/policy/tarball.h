/* SPDX-License-Identifier: Apache-2.0 */
/* Tarballs of npm packages: their bytes from npm's cache, and their files. */
#ifndef POLICY_TARBALL_H
#define POLICY_TARBALL_H

#include <stddef.h>

struct hashing;

/**
 * tarball_find() - the tarball of an integrity string, from npm's cache
 * @cache: npm's cache directory; _cacache is in it
 * @integrity: of the lock. As for npm the strongest function counts.
 * @ret: the bytes, which have been compared with it; freed by the caller
 *
 * Return: 0; -ENOENT if the cache does not have it; -EBADMSG if it has other
 * bytes in its place; -EOPNOTSUPP if the string has nothing stronger than
 * SHA-1; or another -errno.
 */
int tarball_find(const char *cache, const char *integrity,
		 struct hashing *hashing, char **ret, size_t *ret_len);

/* @name: below the package's directory. Return: 0 or -errno, which ends it. */
typedef int tarball_take(void *context, const char *name, const char *bytes,
			 size_t len);

/**
 * tarball_read() - each regular file, as npm unpacks it
 *
 * The first part of a name does not count, links are left out, and so are
 * names with "..".
 *
 * Return: 0, -EBADMSG after logging what is wrong, or what @take returned.
 */
int tarball_read(const char *bytes, size_t len, tarball_take *take,
		 void *context);

#endif
