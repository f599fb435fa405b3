/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys: the path is absolute and plain, every spelling of it leads back to it,
 * and plain relative keys lead where a simple model says.
 */
#include "common/cleanup.h"
#include "fuzz.h"
#include "verify/url.h"
#include "verify/url_parts.h"

static void check_plain(const char *path)
{
	FUZZ_CHECK(path[0] == '/' && !strstr(path, "//") &&
		   !strstr(path, "/./") && !strstr(path, "/../"));
	path = strrchr(path, '/');
	FUZZ_CHECK(strcmp(path, "/.") != 0 && strcmp(path, "/..") != 0);
}

static void check_leads_to(const char *key, const char *want)
{
	_cleanup_free_ char *path = NULL;

	FUZZ_CHECK(url_resolve(key, "/", &path) == 1);
	FUZZ_CHECK(strcmp(path, want) == 0);
}

/* @before, then @path with every character but slashes escaped. */
static char *escape_all(const char *before, const char *path, bool is_upper)
{
	char *text = malloc(strlen(before) + 3 * strlen(path) + 1);
	char *out = text;

	if (!text)
		abort();
	out += sprintf(out, "%s", before);
	for (; *path; path++)
		out += *path == '/' ?
			       sprintf(out, "/") :
			       sprintf(out, is_upper ? "%%%02X" : "%%%02x",
				       (unsigned char)*path);
	*out = '\0';
	return text;
}

static void check_spellings(const char *path)
{
	_cleanup_free_ char *encoded = url_encode_path(path);
	_cleanup_free_ char *url = url_of(path);
	_cleanup_free_ char *absolute = escape_all("file://", path, true);
	_cleanup_free_ char *local =
		escape_all("FILE://localhost", path, false);
	_cleanup_free_ char *relative = escape_all(".", path, false);

	FUZZ_CHECK(encoded && url);
	check_leads_to(encoded, path);
	check_leads_to(url, path);
	check_leads_to(absolute, path);
	check_leads_to(local, path);
	check_leads_to(relative, path);
}

/* @directory and @key, where neither has anything but plain names and dots. */
static char *join(const char *directory, const char *key)
{
	char *path = malloc(strlen(directory) + strlen(key) + 2);
	size_t len = strlen(directory);

	if (!path)
		abort();
	memcpy(path, directory, len);
	if (key[0] == '/' || len == 1)
		len = 0;
	key += key[0] == '/';
	if (*key == '\0')
		path[len++] = '/';
	while (*key) {
		size_t n = strcspn(key, "/");
		bool is_up = n == 2 && strncmp(key, "..", 2) == 0;

		if (is_up)
			while (len > 0 && path[--len] != '/')
				;
		if (!is_up && !(n == 1 && *key == '.')) {
			path[len++] = '/';
			memcpy(path + len, key, n);
			len += n;
		} else if (key[n] == '\0') {
			path[len++] = '/';
		}
		if (key[n] == '\0')
			break;
		key += n + 1;
		if (*key == '\0') {
			path[len++] = '/';
			break;
		}
	}
	path[len] = '\0';
	return path;
}

static void check_relative(const char *key, const char *directory, int got,
			   const char *path)
{
	_cleanup_free_ char *want = NULL;

	if (!url_is_relative(key) || strncmp(key, "//", 2) == 0 ||
	    key[strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_./-")])
		return;
	want = join(directory, key);
	/* An empty name is no file's. */
	FUZZ_CHECK(got == !strstr(want, "//"));
	FUZZ_CHECK(got != 1 || strcmp(want, path) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const directories[] = { "/", "/app", "/app/x y/z" };
	_cleanup_free_ char *key = strndup((const char *)data, size);

	for (size_t i = 0; i < 3; i++) {
		_cleanup_free_ char *path = NULL;
		int r = url_resolve(key, directories[i], &path);

		check_relative(key, directories[i], r, path);
		if (r != 1)
			continue;
		check_plain(path);
		check_spellings(path);
	}
	return 0;
}
