/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever json_check() accepts json-c must accept, and no place is outside. */
#include <json-c/json.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const path[] = { "resources", "a", "0" };
	const char *text = (const char *)data;
	struct json_object *tree = NULL;
	struct json_error err;

	if (json_check(text, size, &err) < 0) {
		if (err.line == 0 || err.column == 0 || err.text[0] == '\0')
			abort();
		return 0;
	}
	if (json_load(text, size, &tree, &err) < 0)
		abort();
	json_object_put(tree);
	json_locate(text, size, path, 3, &err);
	if (err.line == 0 || err.column == 0 ||
	    strcmp(err.key, "resources.a[\"0\"]") < 0)
		abort();
	return 0;
}
