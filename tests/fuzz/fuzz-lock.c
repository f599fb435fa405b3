/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as package-lock.json: every package lies beneath the project, and
 * what is in some node_modules is either a package's or a stranger's.
 */
#include "common/cleanup.h"
#include "fuzz.h"
#include "policy/lock.h"

/* Is a whole component of @path, beneath the project, "node_modules"? */
static bool is_in_modules(const char *path)
{
	for (const char *at = path; (at = strstr(at, "/node_modules/")); at++)
		if (at[sizeof("/node_modules/") - 1])
			return true;
	return false;
}

static void check_plain(const char *path)
{
	FUZZ_CHECK(path[0] == '/' && !strstr(path, "//") &&
		   !strstr(path, "/./") && !strstr(path, "/../"));
	path = strrchr(path, '/');
	FUZZ_CHECK(strcmp(path, "/.") != 0 && strcmp(path, "/..") != 0 &&
		   path[1]);
}

static void check_package(const struct lock *lock, size_t i)
{
	const struct package *package = &lock->packages[i];
	size_t len = strlen(lock->directory);
	_cleanup_free_ char *inner = NULL;

	check_plain(package->path);
	FUZZ_CHECK(strncmp(package->path, lock->directory, len) == 0 &&
		   package->path[len] == '/');
	FUZZ_CHECK(is_in_modules(package->path + len));
	FUZZ_CHECK(i == 0 || strcmp(package[-1].path, package->path) <= 0);
	if (asprintf(&inner, "%s/lib/x.js", package->path) < 0)
		abort();
	FUZZ_CHECK(lock_package(lock, inner) && !lock_is_stray(lock, inner));
}

/* Where packages are, and part of none unless one lies above. */
static void check_places(const struct lock *lock)
{
	static const char *const places[] = {
		"node_modules/x.js", "a/node_modules/x.js",
		"my_node_modules/node_modules/x"
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		_cleanup_free_ char *path = NULL;

		if (asprintf(&path, "%s/%s", lock->directory, places[i]) < 0)
			abort();
		FUZZ_CHECK((lock_package(lock, path) != NULL) !=
			   lock_is_stray(lock, path));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[FUZZ_PATH_SIZE];
	int fd = fuzz_file(data, size, path);
	struct lock lock = { 0 };

	if (lock_load(path, &lock) == 0) {
		for (size_t i = 0; i < lock.n; i++)
			check_package(&lock, i);
		check_places(&lock);
	}
	lock_done(&lock);
	(void)close(fd);
	return 0;
}
