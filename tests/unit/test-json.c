/* SPDX-License-Identifier: Apache-2.0 */
/* The strict JSON check: what it accepts, what it refuses and where. */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "tap.h"

#define TEXT(s) s, sizeof(s) - 1

static const struct {
	const char *text;
	size_t len;
} good[] = {
	{ TEXT("{}") },
	{ TEXT(" [ ] \n\t\r ") },
	{ TEXT("null") },
	{ TEXT("0") },
	{ TEXT("-0.5e+3") },
	{ TEXT("1E5") },
	{ TEXT("12345678901234567890") },
	{ TEXT("\"\"") },
	{ TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\ud83d\\ude00\"") },
	{ TEXT("\"\xc3\xa9\xf0\x9f\x98\x80\x7f\"") },
	{ TEXT("{\"a\":{\"a\":[{\"a\":1},{\"a\":2}]},\"b\":true,\"\":false}") },
	{ TEXT("[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]") },
	{ TEXT("[[[[[[[[[[[[[[[{\"a\":\"b\"}]]]]]]]]]]]]]]]") },
};

static const struct {
	const char *text;
	size_t len;
	size_t line;
	size_t column;
	const char *key;
	const char *problem;
} bad[] = {
	{ TEXT(""), 1, 1, "", "unexpected end of the text" },
	{ TEXT("{"), 1, 2, "", "unexpected end of the text" },
	{ TEXT("[1,]"), 1, 4, "[1]", "a value was expected" },
	{ TEXT("{\"a\":1,}"), 1, 8, "", "a key in double quotes was expected" },
	{ TEXT("{'a':1}"), 1, 2, "", "a key in double quotes was expected" },
	{ TEXT("{\"a\" 1}"), 1, 6, "a", "':' was expected" },
	{ TEXT("{\"a\":1 \"b\":2}"), 1, 8, "a", "',' or '}' was expected" },
	{ TEXT("[1 2]"), 1, 4, "[0]", "',' or ']' was expected" },
	{ TEXT("{\"a\":'x'}"), 1, 6, "a", "a value was expected" },
	{ TEXT("{} {}"), 1, 4, "", "text after the end of the document" },
	{ TEXT("{}\n// x"), 2, 1, "", "text after the end of the document" },
	{ TEXT("{/**/}"), 1, 2, "", "a key in double quotes was expected" },
	{ TEXT("NaN"), 1, 1, "", "a value was expected" },
	{ TEXT("True"), 1, 1, "", "a value was expected" },
	{ TEXT("01"), 1, 2, "", "text after the end of the document" },
	{ TEXT("+1"), 1, 1, "", "a value was expected" },
	{ TEXT("1."), 1, 3, "", "unexpected end of the text" },
	{ TEXT("-"), 1, 2, "", "unexpected end of the text" },
	{ TEXT("1e"), 1, 3, "", "unexpected end of the text" },
	{ TEXT(".5"), 1, 1, "", "a value was expected" },
	{ TEXT("\xef\xbb\xbf{}"), 1, 1, "",
	  "a byte order mark is not allowed" },
	{ TEXT("{\"a\":1,\"a\":2}"), 1, 8, "a", "the key is there twice" },
	{ TEXT("{\"a\":1,\n \"\\u0061\":2}"), 2, 2, "[\"\\u0061\"]",
	  "the key is there twice" },
	{ TEXT("{\"x\":[0,{\"e\":{},\"\xc3\xa9\":1,\"\\u00e9\":2}]}"), 1, 23,
	  "x[1][\"\\u00e9\"]", "the key is there twice" },
	{ TEXT("[\"a\tb\"]"), 1, 4, "[0]",
	  "a control character must be escaped" },
	{ TEXT("[\"a\0b\"]"), 1, 4, "[0]", "NUL is not allowed" },
	{ TEXT("{}\0"), 1, 3, "", "NUL is not allowed" },
	{ TEXT("{\"a\\u0000\":1}"), 1, 4, "", "NUL is not allowed" },
	{ TEXT("[\"\\ud800\"]"), 1, 3, "[0]",
	  "a surrogate without its other half" },
	{ TEXT("[\"\\udc00\\ud800\"]"), 1, 3, "[0]",
	  "a surrogate without its other half" },
	{ TEXT("[\"\\ud800\\u0041\"]"), 1, 3, "[0]",
	  "a surrogate without its other half" },
	{ TEXT("[\"\\u12g4\"]"), 1, 3, "[0]",
	  "\\u needs four hexadecimal digits" },
	{ TEXT("[\"\\u12"), 1, 3, "[0]", "\\u needs four hexadecimal digits" },
	{ TEXT("[\"\\x41\"]"), 1, 4, "[0]", "unknown escape sequence" },
	{ TEXT("[\"\\"), 1, 4, "[0]", "unexpected end of the text" },
	{ TEXT("[\"\xc3\xa9\xc3\"]"), 1, 4, "[0]", "not valid UTF-8" },
	{ TEXT("[\"\xc0\x80\"]"), 1, 3, "[0]", "not valid UTF-8" },
	{ TEXT("[\"\xed\xa0\x80\"]"), 1, 3, "[0]", "not valid UTF-8" },
	{ TEXT("[\"\xf4\x90\x80\x80\"]"), 1, 3, "[0]", "not valid UTF-8" },
	{ TEXT("[[[[[[[[[[[[[[[[["), 1, 17,
	  "[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]",
	  "nested too deeply" },
};

static void accepts_what_rfc_8259_allows(void)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct json_object *tree = NULL;
		struct json_error err;
		int r = json_load(good[i].text, good[i].len, &tree, &err);

		ok(r == 0, "accepts %s", good[i].text);
		if (r < 0)
			diag("%zu: %s", err.column, err.text);
		json_object_put(tree);
	}
}

static void refuses_everything_else_and_says_where(void)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct json_error err;
		int r = json_check(bad[i].text, bad[i].len, &err);

		ok(r == -EINVAL, "refuses %s", bad[i].text);
		is_int(err.line, bad[i].line, "line");
		is_int(err.column, bad[i].column, "column");
		is_str(err.key, bad[i].key, "key");
		is_str(err.text, bad[i].problem, "text");
	}
}

static void long_keys_are_cut_between_characters(void)
{
	char text[2048] = "{\"";
	struct json_error err;

	for (int i = 0; i < 400; i++)
		strcat(text, "\xc3\xa9");
	strcat(text, "\": x}");
	is_int(json_check(text, strlen(text), &err), -EINVAL, "refused");
	is_int(err.column, 406, "columns count characters");
	ok(strncmp(err.key, "[\"\xc3\xa9", 4) == 0, "the key begins");
	ok(strlen(err.key) == sizeof(err.key) - 1 &&
		   strcmp(err.key + 252, "...") == 0,
	   "and is cut");
}

static void many_distinct_keys_are_fine(void)
{
	size_t n = 100000;
	_cleanup_free_ char *text = malloc(n * 16 + 16);
	struct json_error err;
	char *p = text;

	*p++ = '{';
	for (size_t i = 0; i < n; i++)
		p += sprintf(p, "\"%zx\":%d,", i, 1);
	strcpy(p, "\"z\":{}}");
	is_int(json_check(text, strlen(text), &err), 0, "100001 keys");
	strcpy(p, "\"fff\":{}}");
	is_int(json_check(text, strlen(text), &err), -EINVAL,
	       "one of them twice");
	is_str(err.key, "fff", "which");
}

static void a_text_that_is_too_large_is_refused(void)
{
	size_t len = JSON_SIZE_MAX + 1;
	_cleanup_free_ char *text = malloc(len);
	struct json_error err;

	memset(text, ' ', len);
	text[0] = '0';
	is_int(json_check(text, len, &err), -EINVAL, "64 MiB + 1");
	is_int(json_check(text, len - 1, &err), 0, "64 MiB");
}

static void locate_finds_the_value(void)
{
	static const char text[] =
		"{\n \"c\": {\"b\": 0},\n \"a\": {\"x\": [1,\n  {\"\\u0062\":"
		" 2}]},\n \"d\": {\"b\":3}\n}";
	static const char *const deep[] = { "a", "x", "1", "b" };
	static const char *const missing[] = { "a", "b", "b" };
	static const char *const elsewhere[] = { "c", "b", "b" };
	struct json_error err = { .text = "kept" };

	json_locate(text, sizeof(text) - 1, deep, 4, &err);
	is_int(err.line, 4, "line");
	is_int(err.column, 14, "column");
	is_str(err.key, "a.x[1].b", "key");
	is_str(err.text, "kept", "the text is left alone");
	json_locate(text, sizeof(text) - 1, missing, 3, &err);
	is_int(err.line, 3, "line of the deepest that exists");
	is_int(err.column, 7, "column of the deepest that exists");
	is_str(err.key, "a.b.b", "key that was asked for");
	json_locate(text, sizeof(text) - 1, elsewhere, 3, &err);
	is_int(err.column, 13, "a step is not found in a later sibling");
	json_locate(text, sizeof(text) - 1, NULL, 0, &err);
	is_int(err.line, 1, "line of the document");
	is_str(err.key, "", "key of the document");
}

static void load_fd_reads_a_pipe_to_its_end(void)
{
	_cleanup_free_ char *text = NULL;
	struct json_object *tree = NULL;
	struct json_error err;
	size_t len = 0;
	int fds[2];

	if (pipe(fds) < 0 || write(fds[1], "{\"a\":1}\n", 8) != 8)
		abort();
	(void)close(fds[1]);
	is_int(json_load_fd(fds[0], 100, &text, &len, &tree, &err), 0, "pipe");
	is_int(len, 8, "length");
	is_str(text, "{\"a\":1}\n", "text");
	is_str(json_object_to_json_string_ext(tree, JSON_C_TO_STRING_PLAIN),
	       "{\"a\":1}", "tree");
	json_object_put(tree);
	(void)close(fds[0]);
	is_int(json_load_fd(fds[0], 100, &text, &len, &tree, &err), -EBADF,
	       "closed");
	is_str(err.text, strerror(EBADF), "says why");
}

static void load_fd_refuses_more_than_the_limit(void)
{
	_cleanup_free_ char *text = NULL;
	struct json_object *tree = NULL;
	struct json_error err;
	size_t len = 0;
	int fds[2];

	if (pipe(fds) < 0 || write(fds[1], "{\"a\":1}\n", 8) != 8)
		abort();
	(void)close(fds[1]);
	is_int(json_load_fd(fds[0], 7, &text, &len, &tree, &err), -EFBIG,
	       "8 bytes, limit 7");
	ok(tree == NULL && text == NULL, "nothing is given back");
	(void)close(fds[0]);
}

int main(void)
{
	accepts_what_rfc_8259_allows();
	refuses_everything_else_and_says_where();
	long_keys_are_cut_between_characters();
	many_distinct_keys_are_fine();
	a_text_that_is_too_large_is_refused();
	locate_finds_the_value();
	load_fd_reads_a_pipe_to_its_end();
	load_fd_refuses_more_than_the_limit();
	return done();
}
