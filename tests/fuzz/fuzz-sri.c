/* SPDX-License-Identifier: Apache-2.0 */
/* Integrity strings: errors lie inside the text, what is printed is parsed. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "verify/integrity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_parsed(const struct integrity *integrity)
{
	unsigned algorithms = 0;

	for (size_t i = 0; i < integrity->n_entries; i++) {
		const struct integrity_entry *e = &integrity->entries[i];
		struct digests digests = { .algorithms = 1u << e->algorithm };

		if (e->can_match)
			algorithms |= 1u << e->algorithm;
		memcpy(digests.value[e->algorithm], e->digest, DIGEST_SIZE_MAX);
		if (e->can_match && !integrity_match(integrity, &digests))
			abort();
	}
	if (algorithms & ~integrity->algorithms)
		abort();
}

/* The first bytes of the input as a digest of each kind. */
static void check_printed(const uint8_t *data, size_t size)
{
	struct digests digests = { .algorithms = (1u << N_ALGORITHMS) - 1 };
	struct integrity integrity = { 0 };
	struct integrity_error err;
	char text[SRI_TEXT_SIZE];

	for (size_t i = 0; i < N_ALGORITHMS; i++)
		memcpy(digests.value[i], data,
		       size < DIGEST_SIZE_MAX ? size : DIGEST_SIZE_MAX);
	digests_format(&digests, text);
	if (integrity_parse(text, &integrity, &err) < 0 ||
	    integrity.n_entries != N_ALGORITHMS)
		abort();
	for (size_t i = 0; i < N_ALGORITHMS; i++) {
		digests.algorithms = 1u << i;
		if (!integrity_match(&integrity, &digests))
			abort();
	}
	integrity_done(&integrity);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = strndup((const char *)data, size);
	struct integrity integrity = { 0 };
	struct integrity_error err;

	if (integrity_parse(text, &integrity, &err) < 0) {
		if (err.position >= strlen(text) || err.unexpected[0] == '\0')
			abort();
	} else {
		check_parsed(&integrity);
		integrity_done(&integrity);
	}
	check_printed(data, size);
	return 0;
}
