/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a program and as a cache of ldconfig(8). */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervise/elf_file.h"
#include "supervise/ldcache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_close_ int fd = memfd_create("elf", MFD_CLOEXEC);
	struct strings paths = { 0 };
	struct elf_file file;
	struct ldcache cache;
	char path[64];

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	(void)elf_file_read(path, &file);
	elf_file_done(&file);
	if (ldcache_load(path, &cache) == 0) {
		if (ldcache_find(&cache, "libc.so.6", &paths) < 0)
			abort();
		for (size_t i = 0; i < paths.n; i++)
			if (paths.items[i][0] != '/')
				abort();
	}
	strings_done(&paths);
	ldcache_done(&cache);
	return 0;
}
