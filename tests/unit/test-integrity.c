/* SPDX-License-Identifier: Apache-2.0 */
/* Integrity strings, as Node.js 20 reads them, and the digests behind them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "tap.h"
#include "verify/integrity.h"

/* Of "abc"; FIPS 180-4, encoded by other programs than ours. */
#define ABC256 "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0"
#define ABC384 \
	"ywB1P0WjXou1oD1pmsZQBycsMqsO3tFjGotgWkP/W+2AhgcroefMI1i67KE0yCWn"
#define ABC512                                                          \
	"3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/" \
	"uu9RU1EI2Q86A4qmslPpUyknw"

static struct hashing *hashing;

static void abc(struct digests *ret)
{
	if (hash_buffer(hashing, 7, "abc", 3, ret) < 0)
		abort();
}

static const struct {
	const char *text;
	size_t n_entries;
	bool matches_abc;
} good[] = {
	{ "", 0, false },
	{ " \t ", 0, false },
	{ "sha256-" ABC256 "=", 1, true },
	{ "sha256-" ABC256, 1, true },
	{ "sha256-" ABC256 "==", 1, true },
	{ "sha384-" ABC384, 1, true },
	{ "sha384-" ABC384 "=", 1, true },
	{ "sha384-" ABC384 "A", 1, true }, /* a digit left over is ignored */
	{ "sha384-" ABC384 "AA", 1, false },
	{ "sha512-" ABC512 "==", 1, true },
	{ "sha512-" ABC512, 1, true },
	{ "  sha512-" ABC512 "\t", 1, true },
	{ "sha512-AAAA sha256-" ABC256, 2, true },
	{ "sha512-AAAA\tsha384-" ABC384 "  sha256-AAAA", 3, true },
	{ "sha256-" ABC256 "?ct=application/javascript?!", 1, true },
	{ "sha256-" ABC256 "=?", 1, true },
	{ "sha256-AAAA?sha256-" ABC256, 1, false },
	{ "sha256-A", 1, false },
	{ "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFaA=", 1, false },
	{ "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa3=", 1, true },
	{ "sha384-" ABC256, 1, false },
	{ "sha256-ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f"
	  "20015ad",
	  1, false },
};

static const struct {
	const char *text;
	size_t position;
	const char *unexpected;
} bad[] = {
	{ "sha1-AAAA", 0, "s" },
	{ "SHA256-AAAA", 0, "S" },
	{ "md5-AAAA", 0, "m" },
	{ "sha256", 0, "s" },
	{ "sha256-", 0, "s" },
	{ "sha256-?x", 0, "s" },
	{ "sha256 -AAAA", 0, "s" },
	{ "  sha1-AAAA", 0, " " },
	{ "sha256-AAAA===", 13, "=" },
	{ "sha256-AA-A", 9, "-" },
	{ "sha256-AA_A", 9, "_" },
	{ "sha256-AAAA,sha256-BBBB", 11, "," },
	{ "sha256-AAAA=sha256-BBBB", 12, "s" },
	{ "sha256-AAAA\nsha256-BBBB", 11, "\n" },
	{ "sha256-AAAA junk", 11, " " },
	{ "sha256-AAAA sha256-BBBB x", 23, " " },
	{ "sha256-AAAA?a\xc3\xa9", 13, "\xc3\xa9" },
	{ "sha256-AAAA\xe2\x82\xac", 11, "\xe2\x82\xac" },
};

static void any_entry_that_matches_accepts(void)
{
	struct digests digests;

	abc(&digests);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct integrity integrity = { 0 };
		struct integrity_error err;

		is_int(integrity_parse(good[i].text, &integrity, &err), 0,
		       good[i].text);
		is_int(integrity.n_entries, good[i].n_entries, "entries");
		is_int(integrity_match(&integrity, &digests),
		       good[i].matches_abc, "matches");
		is_str(integrity.text, good[i].text, "the text is kept");
		integrity_done(&integrity);
	}
}

static void unknown_text_anywhere_is_an_error(void)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct integrity integrity = { 0 };
		struct integrity_error err = { 0 };

		is_int(integrity_parse(bad[i].text, &integrity, &err), -EINVAL,
		       bad[i].text);
		is_int(err.position, bad[i].position, "position");
		is_str(err.unexpected, bad[i].unexpected, "character");
	}
}

static void an_algorithm_that_was_not_hashed_matches_nothing(void)
{
	struct integrity integrity = { 0 };
	struct integrity_error err;
	struct digests digests = { 0 };

	if (integrity_parse("sha256-" ABC256, &integrity, &err) < 0)
		abort();
	is_int(hash_buffer(hashing, 1u << ALGORITHM_SHA512, "abc", 3, &digests),
	       0, "only SHA-512");
	ok(!integrity_match(&integrity, &digests), "no SHA-256 match");
	digests = (struct digests){ 0 };
	ok(!integrity_match(&integrity, &digests), "no digests, no match");
	integrity_done(&integrity);
}

static void zeros_do_not_match_a_failed_hash(void)
{
	struct integrity integrity = { 0 };
	struct integrity_error err;
	struct digests digests = { 0 };

	if (integrity_parse("sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
			    &integrity, &err) < 0)
		abort();
	ok(integrity.entries[0].can_match, "32 zero bytes");
	ok(!integrity_match(&integrity, &digests), "are no digest");
	integrity_done(&integrity);
}

static void digests_are_printed_as_integrity_strings(void)
{
	struct digests digests;
	char text[SRI_TEXT_SIZE];

	abc(&digests);
	digests_format(&digests, text);
	is_str(text, "sha256-" ABC256 "= sha384-" ABC384 " sha512-" ABC512 "==",
	       "all three");
	digests.algorithms = 1u << ALGORITHM_SHA384;
	digests_format(&digests, text);
	is_str(text, "sha384-" ABC384, "one");
	digests.algorithms = 0;
	digests_format(&digests, text);
	is_str(text, "", "none");
}

static void pieces_hash_like_the_whole(void)
{
	struct digests whole;
	struct digests pieces;

	abc(&whole);
	is_int(hashing_begin(hashing, 7), 0, "begin");
	is_int(hashing_update(hashing, "a", 1), 0, "a");
	is_int(hashing_update(hashing, "", 0), 0, "nothing");
	is_int(hashing_update(hashing, "bc", 2), 0, "bc");
	is_int(hashing_end(hashing, &pieces), 0, "end");
	ok(memcmp(&whole, &pieces, sizeof(whole)) == 0, "the same digests");
}

static void algorithms_have_names(void)
{
	is_int(algorithm_find("sha256"), ALGORITHM_SHA256, "sha256");
	is_int(algorithm_find("sha512"), ALGORITHM_SHA512, "sha512");
	is_int(algorithm_find("sha1"), -1, "sha1");
	is_int(algorithm_find("sha2"), -1, "sha2");
}

int main(void)
{
	struct hasher *hasher;

	/* None of this may have a say. */
	(void)setenv("OPENSSL_CONF", "/nonexistent/openssl.cnf", 1);
	(void)setenv("OPENSSL_MODULES", "/nonexistent", 1);
	hasher = hasher_new();
	if (!ok(hasher != NULL, "OpenSSL has what we need"))
		return done();
	hashing = hashing_new(hasher);
	any_entry_that_matches_accepts();
	unknown_text_anywhere_is_an_error();
	an_algorithm_that_was_not_hashed_matches_nothing();
	zeros_do_not_match_a_failed_hash();
	digests_are_printed_as_integrity_strings();
	pieces_hash_like_the_whole();
	algorithms_have_names();
	hashing_free(hashing);
	hasher_free(hasher);
	return done();
}
