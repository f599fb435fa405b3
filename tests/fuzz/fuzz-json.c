/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_check() against a second reader of RFC 8259, by recursion and with every
 * key decoded; and json-c's tree must have each key that the text has.
 */
#include <json-c/json.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "fuzz.h"

#define KEYS_MAX 512
#define DEPTH_MAX 16

/* A key as the characters it stands for. */
struct key {
	char *text; /* owned */
	size_t len;
};

struct reader {
	const uint8_t *at, *end;
	unsigned depth;
	size_t n_keys; /* of the whole document */
	bool is_over; /* more keys than are compared here */
};

static bool read_value(struct reader *r);

static void skip_blanks(struct reader *r)
{
	while (r->at < r->end && memchr(" \t\r\n", *r->at, 4))
		r->at++;
}

static bool take(struct reader *r, char c)
{
	if (r->at == r->end || *r->at != (uint8_t)c)
		return false;
	r->at++;
	return true;
}

static bool read_hex(struct reader *r, uint32_t *ret)
{
	char text[5] = "";
	char *end;

	if (r->end - r->at < 4)
		return false;
	memcpy(text, r->at, 4);
	/* strtoul() would take blanks and signs. */
	if (strspn(text, "0123456789abcdefABCDEF") != 4)
		return false;
	*ret = (uint32_t)strtoul(text, &end, 16);
	r->at += 4;
	return true;
}

static void put(struct key *key, uint32_t c)
{
	char *out = key->text + key->len;
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(n == 1 ? c : (0xf0u << (4 - n)) | c);
	key->len += n;
}

static bool read_escape(struct reader *r, struct key *key)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;
	uint32_t c, low;

	if (r->at == r->end)
		return false;
	if (*r->at != 'u') {
		at = *r->at ? strchr(from, *r->at) : NULL;
		if (at)
			put(key, (uint32_t)to[at - from]);
		r->at++;
		return at != NULL;
	}
	r->at++;
	if (!read_hex(r, &c) || c == 0 || (c & 0xfc00) == 0xdc00)
		return false;
	if ((c & 0xfc00) == 0xd800) {
		if (!take(r, '\\') || !take(r, 'u') || !read_hex(r, &low) ||
		    (low & 0xfc00) != 0xdc00)
			return false;
		c = 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff);
	}
	put(key, c);
	return true;
}

/* RFC 3629, table of section 4. */
static bool read_utf8(struct reader *r, struct key *key)
{
	static const uint8_t rows[][5] = {
		{ 0x00, 0x7f, 1, 0, 0 },       { 0xc2, 0xdf, 2, 0x80, 0xbf },
		{ 0xe0, 0xe0, 3, 0xa0, 0xbf }, { 0xe1, 0xec, 3, 0x80, 0xbf },
		{ 0xed, 0xed, 3, 0x80, 0x9f }, { 0xee, 0xef, 3, 0x80, 0xbf },
		{ 0xf0, 0xf0, 4, 0x90, 0xbf }, { 0xf1, 0xf3, 4, 0x80, 0xbf },
		{ 0xf4, 0xf4, 4, 0x80, 0x8f }
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t n = rows[i][2];

		if (*r->at < rows[i][0] || *r->at > rows[i][1])
			continue;
		if ((size_t)(r->end - r->at) < n ||
		    (n > 1 && (r->at[1] < rows[i][3] || r->at[1] > rows[i][4])))
			return false;
		for (size_t j = 2; j < n; j++)
			if ((r->at[j] & 0xc0) != 0x80)
				return false;
		memcpy(key->text + key->len, r->at, n);
		key->len += n;
		r->at += n;
		return true;
	}
	return false;
}

/* What is decoded is never longer than what was written. */
static bool read_string(struct reader *r, struct key *ret)
{
	if (!take(r, '"'))
		return false;
	ret->text = malloc((size_t)(r->end - r->at) + 8);
	if (!ret->text)
		abort();
	while (r->at < r->end && *r->at != '"') {
		if (*r->at < 0x20)
			return false;
		if (!(take(r, '\\') ? read_escape(r, ret) : read_utf8(r, ret)))
			return false;
	}
	return take(r, '"');
}

static size_t read_digits(struct reader *r)
{
	const uint8_t *start = r->at;

	while (r->at < r->end && *r->at >= '0' && *r->at <= '9')
		r->at++;
	return (size_t)(r->at - start);
}

static bool read_number(struct reader *r)
{
	(void)take(r, '-');
	if (!take(r, '0') && read_digits(r) == 0)
		return false;
	if (take(r, '.') && read_digits(r) == 0)
		return false;
	if (take(r, 'e') || take(r, 'E')) {
		if (!take(r, '+'))
			(void)take(r, '-');
		return read_digits(r) > 0;
	}
	return true;
}

static bool read_word(struct reader *r, const char *word)
{
	while (*word && take(r, *word))
		word++;
	return *word == '\0';
}

/* One member; @keys are those of this object so far. */
static bool read_member(struct reader *r, struct key *keys, size_t *n)
{
	struct key *key = &keys[*n];

	if (*n == KEYS_MAX) {
		r->is_over = true;
		return false;
	}
	*key = (struct key){ 0 };
	skip_blanks(r);
	(*n)++;
	r->n_keys++;
	if (!read_string(r, key))
		return false;
	for (const struct key *other = keys; other < key; other++)
		if (other->len == key->len &&
		    memcmp(other->text, key->text, key->len) == 0)
			return false;
	skip_blanks(r);
	return take(r, ':') && read_value(r);
}

static bool read_object(struct reader *r)
{
	struct key *keys = calloc(KEYS_MAX, sizeof(*keys));
	size_t n = 0;
	bool is_good;

	if (!keys)
		abort();
	skip_blanks(r);
	is_good = take(r, '}');
	while (!is_good && read_member(r, keys, &n)) {
		skip_blanks(r);
		is_good = take(r, '}');
		if (!is_good && !take(r, ','))
			break;
	}
	for (size_t i = 0; i < n; i++)
		free(keys[i].text);
	free(keys);
	return is_good;
}

static bool read_array(struct reader *r)
{
	skip_blanks(r);
	if (take(r, ']'))
		return true;
	do {
		if (!read_value(r))
			return false;
		skip_blanks(r);
	} while (take(r, ','));
	return take(r, ']');
}

static bool read_nested(struct reader *r)
{
	bool is_array = *r->at++ == '[';
	bool is_good = r->depth++ < DEPTH_MAX &&
		       (is_array ? read_array(r) : read_object(r));

	r->depth--;
	return is_good;
}

static bool read_value(struct reader *r)
{
	struct key text = { 0 };
	bool is_good;

	skip_blanks(r);
	if (r->at == r->end)
		return false;
	switch (*r->at) {
	case '{':
	case '[':
		return read_nested(r);
	case '"':
		is_good = read_string(r, &text);
		free(text.text);
		return is_good;
	case 't':
		return read_word(r, "true");
	case 'f':
		return read_word(r, "false");
	case 'n':
		return read_word(r, "null");
	default:
		return read_number(r);
	}
}

static size_t count_keys(struct json_object *tree)
{
	size_t n = 0;

	if (json_object_is_type(tree, json_type_array))
		for (size_t i = 0; i < json_object_array_length(tree); i++)
			n += count_keys(json_object_array_get_idx(tree, i));
	if (json_object_is_type(tree, json_type_object)) {
		json_object_object_foreach(tree, key, value)
		{
			(void)key;
			n += 1 + count_keys(value);
		}
	}
	return n;
}

static void check_accepted(const char *text, size_t size,
			   const struct reader *reader)
{
	static const char *const path[] = { "resources", "a", "0" };
	struct json_object *tree = NULL;
	struct json_error err;

	FUZZ_CHECK(json_load(text, size, &tree, &err) == 0);
	FUZZ_CHECK(count_keys(tree) == reader->n_keys);
	json_object_put(tree);
	json_locate(text, size, path, 3, &err);
	FUZZ_CHECK(err.line > 0 && err.column > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader reader = { .at = data, .end = data + size };
	struct json_error err;
	char line[512];
	int r = json_check((const char *)data, size, &err);
	bool is_good = read_value(&reader);

	skip_blanks(&reader);
	is_good = is_good && reader.at == reader.end;
	FUZZ_CHECK(reader.is_over || (r == 0) == is_good);
	if (r == 0 && !reader.is_over)
		check_accepted((const char *)data, size, &reader);
	if (r < 0) {
		FUZZ_CHECK(err.line > 0 && err.column > 0 && err.text[0]);
		json_error_format(&err, "p.json", line, sizeof(line));
	}
	return 0;
}
