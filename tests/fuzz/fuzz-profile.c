/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a runtime profile, and what comes of its placeholders. */
#include "fuzz.h"
#include "supervise/profile.h"

/* A pattern would walk the file system of this machine. */
static bool has_glob(const struct strings *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (strpbrk(list->items[i], "*?["))
			return true;
	return false;
}

static void expand(struct profile *profile)
{
	struct strings *const lists[] = {
		&profile->read,     &profile->read_net,   &profile->libraries,
		&profile->own_code, &profile->probe_dirs, &profile->preload
	};
	const size_t n = sizeof(lists) / sizeof(lists[0]);

	for (size_t i = 0; i < n; i++)
		if (has_glob(lists[i]))
			return;
	FUZZ_CHECK(profile_expand(profile, "/a/b/c", "/d/e", "/f:g:/h") == 0);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < lists[i]->n; j++)
			FUZZ_CHECK(lists[i]->items[j]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[FUZZ_PATH_SIZE];
	int fd = fuzz_file(data, size, path);
	struct profile profile;

	if (profile_load(path, &profile) == 0) {
		FUZZ_CHECK(profile.name);
		(void)profile_owns_code(&profile, "/usr/lib/x/y.py");
		expand(&profile);
	}
	profile_done(&profile);
	(void)close(fd);
	return 0;
}
