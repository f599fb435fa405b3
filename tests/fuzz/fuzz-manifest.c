/* SPDX-License-Identifier: Apache-2.0 */
/* Manifests: a refusal has a place, a loaded one finds all it lists. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "verify/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_loaded(const struct manifest *manifest)
{
	_cleanup_free_ char *index = NULL;
	const struct resource *found;
	char notes[256];
	size_t len = 0;

	if (manifest_index(manifest, &index, &len) < 0 ||
	    (len > 0 && index[len - 1] != '\0'))
		abort();
	manifest_notes(manifest, notes, sizeof(notes));
	for (size_t i = 0; i < manifest->n_resources; i++) {
		const struct resource *r = &manifest->resources[i];

		if (i > 0 && strcmp(r[-1].path, r->path) >= 0)
			abort();
		if (manifest_decide(manifest, r->path, &found) ==
			    ANSWER_UNLISTED ||
		    found != r)
			abort();
		if (r->kind == RESOURCE_HASHES && r->integrity.n_entries == 0)
			abort();
	}
	for (size_t i = 0; i < manifest->n_scopes; i++) {
		(void)manifest_decide(manifest, manifest->scopes[i].path,
				      &found);
		if (i > 0 && strcmp(manifest->scopes[i - 1].path,
				    manifest->scopes[i].path) >= 0)
			abort();
	}
	(void)manifest_decide(manifest, "/app/lib/x.js", &found);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct manifest *manifest = NULL;
	struct json_error err;
	char line[256];

	if (manifest_load((const char *)data, size, "/app", &manifest, &err) <
	    0) {
		if (err.line == 0 || err.text[0] == '\0')
			abort();
		json_error_format(&err, "p.json", line, sizeof(line));
		return 0;
	}
	check_loaded(manifest);
	manifest_free(manifest);
	return 0;
}
