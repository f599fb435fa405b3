/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a program and as a cache of ldconfig(8): whatever is found in
 * them stands there as a string.
 */
#include "fuzz.h"
#include "supervise/elf_file.h"
#include "supervise/ldcache.h"

static const uint8_t *bytes;
static size_t n_bytes;

static void check_text(const char *text)
{
	FUZZ_CHECK(!text ||
		   memmem(bytes, n_bytes, text, strlen(text) + 1) != NULL);
}

static void check_elf(const char *path)
{
	struct elf_file file;

	if (elf_file_read(path, &file) == 0) {
		FUZZ_CHECK(n_bytes >= 64 && memcmp(bytes, "\177ELF", 4) == 0);
		check_text(file.interp);
		check_text(file.soname);
		check_text(file.rpath);
		check_text(file.runpath);
		for (size_t i = 0; i < file.needed.n; i++)
			check_text(file.needed.items[i]);
	}
	elf_file_done(&file);
}

static void check_cache(const char *path)
{
	static const char *const names[] = { "libc.so.6", "libm.so.6", "" };
	struct strings paths = { 0 };
	struct ldcache cache;

	if (ldcache_load(path, &cache) == 0)
		for (size_t i = 0; i < 3; i++)
			FUZZ_CHECK(ldcache_find(&cache, names[i], &paths) == 0);
	for (size_t i = 0; i < paths.n; i++) {
		FUZZ_CHECK(paths.items[i][0] == '/');
		/* The last string may end with the file. */
		FUZZ_CHECK(memmem(bytes, n_bytes, paths.items[i],
				  strlen(paths.items[i])) != NULL);
	}
	strings_done(&paths);
	ldcache_done(&cache);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[FUZZ_PATH_SIZE];
	int fd = fuzz_file(data, size, path);

	bytes = data;
	n_bytes = size;
	check_elf(path);
	check_cache(path);
	(void)close(fd);
	return 0;
}
