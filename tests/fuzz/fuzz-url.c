/* SPDX-License-Identifier: Apache-2.0 */
/* Keys: the path is absolute and plain, and its own key leads back to it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "verify/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_plain(const char *path)
{
	if (path[0] != '/' || strstr(path, "//") || strstr(path, "/./") ||
	    strstr(path, "/../"))
		abort();
	path = strrchr(path, '/');
	if (strcmp(path, "/.") == 0 || strcmp(path, "/..") == 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const directories[] = { "/", "/app", "/C:/x y" };
	_cleanup_free_ char *key = strndup((const char *)data, size);

	for (size_t i = 0; i < 3; i++) {
		_cleanup_free_ char *path = NULL;
		_cleanup_free_ char *encoded = NULL;
		_cleanup_free_ char *again = NULL;

		if (url_resolve(key, directories[i], &path) != 1)
			continue;
		check_plain(path);
		encoded = url_encode_path(path);
		if (url_resolve(encoded, "/", &again) != 1 ||
		    strcmp(path, again) != 0)
			abort();
	}
	return 0;
}
