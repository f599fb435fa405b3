/* SPDX-License-Identifier: Apache-2.0 */
/* /etc/ld.so.cache: where ldconfig(8) found each library. */
#ifndef SUPERVISE_LDCACHE_H
#define SUPERVISE_LDCACHE_H

#include <stddef.h>
#include <stdint.h>

#include "common/strlist.h"

struct ldcache {
	char *bytes; /* the whole file, a NUL behind it */
	size_t len;
	size_t start; /* of the header of the new format */
	uint32_t n; /* entries */
};

/**
 * ldcache_load() - read a cache in glibc's format 1.1, also behind an old one
 *
 * Return: 0; -EBADMSG: another format, or damaged; or -errno. @ret is to be
 * freed by ldcache_done() in any case; as it is then, it has no entries.
 */
int ldcache_load(const char *path, struct ldcache *ret);

/**
 * ldcache_find() - append all x86-64 libraries of that name, best first
 *
 * There may be several, for different levels of the processor.
 * Return: 0 or -ENOMEM.
 */
int ldcache_find(const struct ldcache *cache, const char *name,
		 struct strings *ret);

/** ldcache_done() - free everything */
void ldcache_done(struct ldcache *cache);

#endif
