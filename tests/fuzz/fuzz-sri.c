/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Integrity strings against Node's own regular expressions, by regex(3), and
 * OpenSSL's base64: the same are accepted, with the same digests. What is
 * printed is parsed again.
 */
#include <openssl/evp.h>
#include <regex.h>

#include "common/cleanup.h"
#include "fuzz.h"
#include "verify/integrity.h"

#define VALUE_MAX 1024

static const size_t sizes[] = { [ALGORITHM_SHA256] = 32,
				[ALGORITHM_SHA384] = 48,
				[ALGORITHM_SHA512] = 64 };

enum group { ENTRY, BLANKS, ALGORITHM, BITS, VALUE, N_GROUPS };

/* One entry, at the start of the rest; lib/internal/policy/sri.js. */
static regex_t *expression(void)
{
	static regex_t made;
	static bool is_made;

	if (!is_made &&
	    regcomp(&made,
		    "^([ \t]*)(sha(256|384|512))-([A-Za-z0-9+/]+)={0,2}"
		    "([?][!-~]*)?",
		    REG_EXTENDED) != 0)
		abort();
	is_made = true;
	return &made;
}

/* Buffer.from(value, "base64"). Return: its length. */
static size_t decode(const char *value, size_t n, unsigned char *ret)
{
	char text[VALUE_MAX + 4];

	n -= n % 4 == 1; /* six bits are no byte */
	memset(text, 'A', sizeof(text));
	memcpy(text, value, n);
	FUZZ_CHECK(EVP_DecodeBlock(ret, (unsigned char *)text,
				   (int)(n + 3) / 4 * 4) >= 0);
	return n * 3 / 4;
}

static void check_entry(const struct integrity_entry *entry, const char *bits,
			const char *value, size_t n)
{
	unsigned char digest[VALUE_MAX];
	size_t len;

	FUZZ_CHECK(8 * sizes[entry->algorithm] == strtoul(bits, NULL, 10));
	if (n > VALUE_MAX) {
		FUZZ_CHECK(!entry->can_match);
		return;
	}
	len = decode(value, n, digest);
	FUZZ_CHECK(entry->can_match == (len == sizes[entry->algorithm]));
	FUZZ_CHECK(!entry->can_match ||
		   memcmp(digest, entry->digest, len) == 0);
}

/* Return: how many entries Node would see, or -1 for an error. */
static int compare(const char *text, const struct integrity *got)
{
	regmatch_t m[N_GROUPS + 1];
	int n = 0;

	while (regexec(expression(), text, N_GROUPS + 1, m, 0) == 0) {
		if (n > 0 && m[BLANKS].rm_eo == m[BLANKS].rm_so)
			return -1;
		if (got && (size_t)n < got->n_entries)
			check_entry(&got->entries[n], text + m[BITS].rm_so,
				    text + m[VALUE].rm_so,
				    (size_t)(m[VALUE].rm_eo - m[VALUE].rm_so));
		text += m[ENTRY].rm_eo;
		n++;
	}
	return text[strspn(text, " \t")] == '\0' ? n : -1;
}

static void check_parsed(const struct integrity *integrity)
{
	unsigned algorithms = 0;

	for (size_t i = 0; i < integrity->n_entries; i++) {
		const struct integrity_entry *e = &integrity->entries[i];
		struct digests digests = { .algorithms = 1u << e->algorithm };

		if (e->can_match)
			algorithms |= 1u << e->algorithm;
		memcpy(digests.value[e->algorithm], e->digest, DIGEST_SIZE_MAX);
		FUZZ_CHECK(integrity_match(integrity, &digests) ||
			   !e->can_match);
		digests.value[e->algorithm][0] ^= 1;
		FUZZ_CHECK(integrity->n_entries > 1 ||
			   !integrity_match(integrity, &digests));
	}
	FUZZ_CHECK(algorithms == integrity->algorithms);
	FUZZ_CHECK(integrity_meets(integrity, integrity) == (algorithms != 0));
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
	FUZZ_CHECK(integrity_parse(text, &integrity, &err) == 0 &&
		   integrity.n_entries == N_ALGORITHMS);
	for (size_t i = 0; i < N_ALGORITHMS; i++) {
		digests.algorithms = 1u << i;
		FUZZ_CHECK(integrity_match(&integrity, &digests));
	}
	integrity_done(&integrity);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = strndup((const char *)data, size);
	struct integrity integrity = { 0 };
	struct integrity_error err;

	if (integrity_parse(text, &integrity, &err) < 0) {
		FUZZ_CHECK(compare(text, NULL) < 0);
		FUZZ_CHECK(err.position < strlen(text) && err.unexpected[0]);
	} else {
		FUZZ_CHECK(compare(text, &integrity) ==
			   (int)integrity.n_entries);
		check_parsed(&integrity);
		integrity_done(&integrity);
	}
	check_printed(data, size);
	return 0;
}
