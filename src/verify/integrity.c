/* SPDX-License-Identifier: Apache-2.0 */
/* Integrity strings: parsing, comparing, printing. */
#include "verify/integrity.h"

#include <ctype.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/utf8.h"
#include "verify/algorithms.h"

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static int digit_value(char c)
{
	const char *p = c != '\0' ? strchr(base64_digits, c) : NULL;

	return p ? (int)(p - base64_digits) : -1;
}

int algorithm_find(const char *name)
{
	for (int i = 0; i < N_ALGORITHMS; i++)
		if (strcmp(algorithms[i].name, name) == 0)
			return i;
	return -1;
}

/*
 * Decodes @n digits the way Node.js does: unused bits, and a single digit left
 * over, are ignored. Entries of another length than the digest never match.
 */
static bool decode(const char *text, size_t n, unsigned char *ret, size_t want)
{
	size_t len = n / 4 * 3 + (n % 4 > 1 ? n % 4 - 1 : 0);
	uint32_t bits = 0;
	size_t out = 0;

	if (len != want)
		return false;
	for (size_t i = 0; out < want; i++) {
		bits = (bits << 6) | (uint32_t)digit_value(text[i]);
		if (i % 4 == 0)
			continue;
		ret[out++] = (unsigned char)(bits >> (6 - 2 * (i % 4)));
	}
	return true;
}

/*
 * One entry at @p. Returns its length, or 0 if it is none.
 */
static size_t parse_entry(const char *p, struct integrity_entry *ret)
{
	const char *start = p;
	const char *value;
	int i = 0;

	while (i < N_ALGORITHMS &&
	       strncmp(p, algorithms[i].name, algorithms[i].name_len) != 0)
		i++;
	if (i == N_ALGORITHMS || p[algorithms[i].name_len] != '-')
		return 0;
	value = p + algorithms[i].name_len + 1;
	for (p = value; digit_value(*p) >= 0; p++)
		;
	if (p == value)
		return 0;
	ret->algorithm = (enum algorithm)i;
	ret->can_match = decode(value, (size_t)(p - value), ret->digest,
				algorithms[i].size);
	for (int padding = 0; padding < 2 && *p == '='; padding++)
		p++;
	if (*p == '?')
		while (*p > ' ' && *p <= '~')
			p++;
	return (size_t)(p - start);
}

static int add_entry(struct integrity *integrity,
		     const struct integrity_entry *entry)
{
	struct integrity_entry *entries = reallocarray(
		integrity->entries, integrity->n_entries + 1, sizeof(*entries));

	if (!entries)
		return -ENOMEM;
	entries[integrity->n_entries++] = *entry;
	integrity->entries = entries;
	if (entry->can_match)
		integrity->algorithms |= 1u << entry->algorithm;
	return 0;
}

static int refuse(const char *text, const char *p, struct integrity_error *err)
{
	uint32_t c = 0;
	size_t n = utf8_decode(p, strlen(p), &c);

	/* All that was consumed is ASCII: bytes are characters. */
	err->position = (size_t)(p - text);
	memset(err->unexpected, 0, sizeof(err->unexpected));
	memcpy(err->unexpected, p, n ? n : *p != '\0');
	return -EINVAL;
}

static int parse_entries(const char *text, struct integrity *ret,
			 struct integrity_error *err)
{
	const char *p = text;

	for (;;) {
		const char *start = p;
		struct integrity_entry entry = { 0 };
		size_t n;

		while (is_blank(*p))
			p++;
		if (*p == '\0')
			return 0;
		n = parse_entry(p, &entry);
		if (n == 0 || (ret->n_entries > 0 && p == start))
			return refuse(text, start, err);
		if (add_entry(ret, &entry) < 0)
			return -ENOMEM;
		p += n;
	}
}

int integrity_parse(const char *text, struct integrity *ret,
		    struct integrity_error *err)
{
	struct integrity parsed = { .text = strdup(text) };
	int r = parsed.text ? parse_entries(text, &parsed, err) : -ENOMEM;

	if (r < 0)
		integrity_done(&parsed);
	else
		*ret = parsed;
	return r;
}

void integrity_done(struct integrity *integrity)
{
	free(integrity->text);
	free(integrity->entries);
	*integrity = (struct integrity){ 0 };
}

bool integrity_match(const struct integrity *integrity,
		     const struct digests *digests)
{
	for (size_t i = 0; i < integrity->n_entries; i++) {
		const struct integrity_entry *e = &integrity->entries[i];

		if (e->can_match &&
		    (digests->algorithms & (1u << e->algorithm)) &&
		    CRYPTO_memcmp(e->digest, digests->value[e->algorithm],
				  algorithms[e->algorithm].size) == 0)
			return true;
	}
	return false;
}

bool integrity_meets(const struct integrity *wanted,
		     const struct integrity *actual)
{
	struct digests digests = { 0 };
	bool is_met = false;

	for (size_t i = 0; i < actual->n_entries && !is_met; i++) {
		const struct integrity_entry *e = &actual->entries[i];

		if (!e->can_match)
			continue;
		digests.algorithms = 1u << e->algorithm;
		memcpy(digests.value[e->algorithm], e->digest,
		       sizeof(e->digest));
		is_met = integrity_match(wanted, &digests);
	}
	return is_met;
}

static char *encode(const unsigned char *data, size_t len, char *out)
{
	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		uint32_t bits = (uint32_t)data[i] << 16;

		if (n > 1)
			bits |= (uint32_t)data[i + 1] << 8;
		if (n > 2)
			bits |= data[i + 2];
		for (size_t k = 0; k < 4; k++) {
			size_t digit = (bits >> (18 - 6 * k)) & 63;

			*out++ = (char)(k <= n ? base64_digits[digit] : '=');
		}
	}
	return out;
}

void digests_format(const struct digests *digests, char *ret)
{
	char *p = ret;

	for (size_t i = 0; i < N_ALGORITHMS; i++) {
		if ((digests->algorithms & (1u << i)) == 0)
			continue;
		if (p != ret)
			*p++ = ' ';
		p = stpcpy(p, algorithms[i].name);
		*p++ = '-';
		p = encode(digests->value[i], algorithms[i].size, p);
	}
	*p = '\0';
}
