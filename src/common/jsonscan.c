/* SPDX-License-Identifier: Apache-2.0 */
/* A strict JSON scanner without recursion and without a tree. */
#include "common/jsonscan.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/utf8.h"

enum state {
	STATE_VALUE,
	STATE_KEY,
	STATE_AFTER, /* a value has ended */
	STATE_END,
};

static int refuse(struct json_scan *s, size_t pos, const char *problem)
{
	s->pos = pos;
	s->problem = problem;
	return -EINVAL;
}

/* The byte at hand, or -1 at the end. */
static int peek(const struct json_scan *s)
{
	return s->pos < s->len ? (unsigned char)s->text[s->pos] : -1;
}

static void skip_space(struct json_scan *s)
{
	int c = peek(s);

	while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
		s->pos++;
		c = peek(s);
	}
}

static int unexpected(struct json_scan *s, const char *problem)
{
	if (s->pos >= s->len)
		return refuse(s, s->pos, "unexpected end of the text");
	if (peek(s) == 0)
		return refuse(s, s->pos, "NUL is not allowed");
	return refuse(s, s->pos, problem);
}

/* The four digits of \uXXXX, or -1. */
static long read_hex4(const struct json_scan *s, size_t pos)
{
	long value = 0;

	if (pos + 4 > s->len)
		return -1;
	for (size_t i = pos; i < pos + 4; i++) {
		unsigned char c = (unsigned char)s->text[i];

		if (!isxdigit(c))
			return -1;
		value = value * 16 +
			(isdigit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return value;
}

/* At the `u` of an escape. */
static int scan_unicode_escape(struct json_scan *s)
{
	size_t start = s->pos - 1;
	long c = read_hex4(s, s->pos + 1);

	if (c < 0)
		return refuse(s, start, "\\u needs four hexadecimal digits");
	if (c == 0)
		return refuse(s, start, "NUL is not allowed");
	s->pos += 5;
	if (c < 0xd800 || c > 0xdfff)
		return 0;
	if (c <= 0xdbff && s->pos + 1 < s->len && s->text[s->pos] == '\\' &&
	    s->text[s->pos + 1] == 'u') {
		long low = read_hex4(s, s->pos + 2);

		s->pos += 6;
		if (low >= 0xdc00 && low <= 0xdfff)
			return 0;
	}
	return refuse(s, start, "a surrogate without its other half");
}

/* At the character after a backslash. */
static int scan_escape(struct json_scan *s)
{
	int c = peek(s);

	if (c == 'u')
		return scan_unicode_escape(s);
	if (c <= 0 || !strchr("\"\\/bfnrt", c))
		return unexpected(s, "unknown escape sequence");
	s->pos++;
	return 0;
}

/* At the opening quote. */
static int scan_string(struct json_scan *s, struct json_span *ret)
{
	size_t start = ++s->pos;

	for (;;) {
		int c = peek(s);
		uint32_t character = 0;
		size_t n;

		if (c == '"')
			break;
		if (c == '\\') {
			int r;

			s->pos++;
			r = scan_escape(s);
			if (r < 0)
				return r;
			continue;
		}
		if (c < 0x20)
			return unexpected(
				s, "a control character must be escaped");
		n = utf8_decode(s->text + s->pos, s->len - s->pos, &character);
		if (n == 0)
			return refuse(s, s->pos, "not valid UTF-8");
		s->pos += n;
	}
	*ret = (struct json_span){ start, s->pos - start };
	s->pos++;
	return 0;
}

static size_t skip_digits(struct json_scan *s)
{
	size_t start = s->pos;

	while (s->pos < s->len && isdigit((unsigned char)s->text[s->pos]))
		s->pos++;
	return s->pos - start;
}

static int scan_number(struct json_scan *s)
{
	if (peek(s) == '-')
		s->pos++;
	if (peek(s) == '0')
		s->pos++;
	else if (skip_digits(s) == 0)
		return unexpected(s, "a digit was expected");
	if (peek(s) == '.') {
		s->pos++;
		if (skip_digits(s) == 0)
			return unexpected(s, "a digit was expected");
	}
	if (peek(s) == 'e' || peek(s) == 'E') {
		s->pos++;
		if (peek(s) == '+' || peek(s) == '-')
			s->pos++;
		if (skip_digits(s) == 0)
			return unexpected(s, "a digit was expected");
	}
	return 0;
}

static int scan_word(struct json_scan *s)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < 3; i++) {
		size_t n = strlen(words[i]);

		if (s->len - s->pos >= n &&
		    memcmp(s->text + s->pos, words[i], n) == 0) {
			s->pos += n;
			return 0;
		}
	}
	return unexpected(s, "a value was expected");
}

/* Is the step that leads to the value at hand the one that is looked for? */
static bool is_step(const struct json_scan *s, const char *step)
{
	const struct json_frame *f = &s->frames[s->depth - 1];
	const char *p = s->text + f->key.start;
	const char *end = p + f->key.len;
	char index[24];

	if (f->is_array) {
		(void)snprintf(index, sizeof(index), "%zu", f->index);
		return strcmp(index, step) == 0;
	}
	while (p < end && *step != '\0') {
		uint32_t c = 0;
		size_t n = utf8_decode(step, strlen(step), &c);

		if (n == 0 || json_next_char(&p) != c)
			return false;
		step += n;
	}
	return p == end && *step == '\0';
}

/* At the start of a value. */
static void look_for_path(struct json_scan *s)
{
	if (s->depth == 0) {
		s->found_pos = s->pos;
	} else if (s->depth == s->n_found + 1 && s->n_found < s->path_len &&
		   is_step(s, s->path[s->n_found])) {
		s->n_found++;
		s->found_pos = s->pos;
	}
}

static int push(struct json_scan *s, bool is_array, enum state *state)
{
	int close = is_array ? ']' : '}';

	if (s->depth == JSON_DEPTH_MAX)
		return refuse(s, s->pos, "nested too deeply");
	s->frames[s->depth++] = (struct json_frame){
		.is_array = is_array,
		.serial = s->n_objects++,
	};
	s->pos++;
	skip_space(s);
	if (peek(s) == close)
		*state = STATE_AFTER;
	else
		*state = is_array ? STATE_VALUE : STATE_KEY;
	return 0;
}

static int scan_value(struct json_scan *s, enum state *state)
{
	struct json_span ignored;
	int c;

	skip_space(s);
	if (s->path)
		look_for_path(s);
	c = peek(s);
	if (c == '{' || c == '[')
		return push(s, c == '[', state);
	*state = STATE_AFTER;
	if (c == '"')
		return scan_string(s, &ignored);
	if (c == '-' || (c >= '0' && c <= '9'))
		return scan_number(s);
	return scan_word(s);
}

static int scan_key(struct json_scan *s, enum state *state)
{
	struct json_frame *f = &s->frames[s->depth - 1];
	size_t start;
	int r;

	skip_space(s);
	start = s->pos;
	f->has_key = false;
	if (peek(s) != '"')
		return unexpected(s, "a key in double quotes was expected");
	r = scan_string(s, &f->key);
	if (r < 0)
		return r;
	f->has_key = true;
	if (s->keys) {
		r = json_keys_add(s->keys, f->serial, f->key);
		if (r == -EEXIST)
			return refuse(s, start, "the key is there twice");
		if (r < 0)
			return r;
	}
	skip_space(s);
	if (peek(s) != ':')
		return unexpected(s, "':' was expected");
	s->pos++;
	*state = STATE_VALUE;
	return 0;
}

static int scan_after(struct json_scan *s, enum state *state)
{
	struct json_frame *f;
	int c;

	/* The value of the last found step has ended without the next one. */
	if (s->depth == 0 || (s->path && s->depth <= s->n_found)) {
		*state = STATE_END;
		return 0;
	}
	skip_space(s);
	f = &s->frames[s->depth - 1];
	c = peek(s);
	if (c == (f->is_array ? ']' : '}')) {
		s->pos++;
		s->depth--;
		return 0;
	}
	if (c != ',')
		return unexpected(s, f->is_array ? "',' or ']' was expected" :
						   "',' or '}' was expected");
	s->pos++;
	f->index++;
	*state = f->is_array ? STATE_VALUE : STATE_KEY;
	return 0;
}

static int scan_step(struct json_scan *s, enum state *state)
{
	switch (*state) {
	case STATE_VALUE:
		return scan_value(s, state);
	case STATE_KEY:
		return scan_key(s, state);
	case STATE_AFTER:
		return scan_after(s, state);
	case STATE_END:
		break;
	}
	return 0;
}

int json_scan_run(struct json_scan *s)
{
	enum state state = STATE_VALUE;
	int r = 0;

	if (s->len > JSON_SIZE_MAX)
		return refuse(s, 0, "larger than 64 MiB");
	if (s->len >= 3 && memcmp(s->text, "\xef\xbb\xbf", 3) == 0)
		return refuse(s, 0, "a byte order mark is not allowed");
	while (state != STATE_END && r >= 0) {
		r = scan_step(s, &state);
		if (s->path && s->n_found == s->path_len)
			return 0;
	}
	if (r < 0 || s->path)
		return r;
	skip_space(s);
	if (s->pos < s->len)
		return unexpected(s, "text after the end of the document");
	return 0;
}
