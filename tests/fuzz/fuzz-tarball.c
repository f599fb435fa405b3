/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a tarball of npm: what comes out are files below the package,
 * whatever the names are. With the first byte set the rest is names, and the
 * archive is a good one.
 */
#include <archive.h>
#include <archive_entry.h>

#include "common/cleanup.h"
#include "fuzz.h"
#include "policy/tarball.h"

#define ARCHIVE_MAX ((size_t)64 << 10)
#define ENTRIES_MAX 8

static int take(void *context, const char *name, const char *bytes, size_t len)
{
	size_t *n = context;

	(*n)++;
	FUZZ_CHECK(name[0] && name[0] != '/' && !strstr(name, "//"));
	for (const char *at = name; at;) {
		size_t part = strcspn(at, "/");

		FUZZ_CHECK(part > 0);
		FUZZ_CHECK(strncmp(at, "..", part) != 0 || part > 2);
		at = at[part] ? at + part + 1 : NULL;
	}
	FUZZ_CHECK(bytes || len == 0);
	return 0;
}

/* "package/" and what is beneath, as npm unpacks it; NULL: it does not. */
static bool is_unpacked(const char *name)
{
	const char *at = strchr(name, '/');
	bool has_any = false;

	for (; at; at = strchr(at, '/')) {
		size_t part = strcspn(++at, "/");

		if (part == 2 && strncmp(at, "..", 2) == 0)
			return false;
		has_any |= part > 0 && !(part == 1 && *at == '.');
	}
	return has_any;
}

static void add(struct archive *archive, const char *name)
{
	struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_size(entry, 2);
	if (archive_write_header(archive, entry) < ARCHIVE_WARN ||
	    archive_write_data(archive, "x\n", 2) != 2)
		abort();
	archive_entry_free(entry);
}

static void check_names(struct fuzz_input *in)
{
	static char bytes[ARCHIVE_MAX];
	struct archive *archive = archive_write_new();
	size_t used = 0, want = 0, got = 0;

	if (!archive || archive_write_set_format_pax(archive) < 0 ||
	    archive_write_open_memory(archive, bytes, sizeof(bytes), &used) < 0)
		abort();
	for (int i = 0; i < ENTRIES_MAX && in->size > 0; i++) {
		_cleanup_free_ char *name = fuzz_string(in);
		size_t len = strlen(name);

		/* A slash at the end makes a directory of it. */
		if (len == 0 || len > 1024 || name[len - 1] == '/')
			continue;
		add(archive, name);
		want += is_unpacked(name);
	}
	if (archive_write_close(archive) < ARCHIVE_WARN)
		abort();
	(void)archive_write_free(archive);
	FUZZ_CHECK(tarball_read(bytes, used, take, &got) == 0);
	FUZZ_CHECK(got == want);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	size_t n = 0;

	if (size > 0 && data[0] == 1) {
		(void)fuzz_byte(&in);
		check_names(&in);
	} else {
		(void)tarball_read((const char *)data, size, take, &n);
	}
	return 0;
}
