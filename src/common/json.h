/* SPDX-License-Identifier: Apache-2.0 */
/* Strict JSON: our own check of the text, json-c for the tree. */
#ifndef COMMON_JSON_H
#define COMMON_JSON_H

#include <stddef.h>

struct json_object;

#define JSON_SIZE_MAX (64u << 20) /* bytes of text */
#define JSON_DEPTH_MAX 16 /* arrays and objects inside each other */

/*
 * Where and why a text was refused; shown as FILE:LINE:COLUMN: KEY: TEXT.
 * Lines and columns start at 1, columns count characters. Line 0 means that
 * no place applies (the file could not be read).
 */
struct json_error {
	size_t line;
	size_t column;
	char key[256]; /* as in resources["./a.js"].integrity; "": the top */
	char text[256];
};

/**
 * json_check() - is @text strict JSON?
 * @err: filled on failure
 *
 * RFC 8259, and refused beyond it: a key twice in one object, NUL (raw or
 * \u0000), bytes that are not UTF-8, lone surrogates, a byte order mark,
 * nesting deeper than JSON_DEPTH_MAX, more than JSON_SIZE_MAX bytes. Linear in
 * @len, whatever the keys are.
 *
 * Return: 0, -EINVAL, or -ENOMEM.
 */
int json_check(const char *text, size_t len, struct json_error *err);

/**
 * json_load() - json_check(), then the tree
 * @ret: released by json_object_put()
 *
 * Return: as json_check().
 */
int json_load(const char *text, size_t len, struct json_object **ret,
	      struct json_error *err);

/**
 * json_load_fd() - json_load() on what is left to read from @fd
 * @max: refuse more bytes than this (-EFBIG)
 * @ret_text: the text, NUL-terminated, for json_locate(); freed by the caller
 * @ret_len: its length
 *
 * Return: as json_check(), -EFBIG, or -errno of read(2); @err is always filled
 * on failure.
 */
int json_load_fd(int fd, size_t max, char **ret_text, size_t *ret_len,
		 struct json_object **ret, struct json_error *err);

/**
 * json_locate() - where the value at a path of keys begins
 * @text: what json_check() accepted
 * @path: keys as json-c gives them; the step into an array is a decimal index
 * @n: how many; 0 is the whole document
 * @err: its line, column and key are set, its text is left alone
 *
 * If a step does not exist, the place is the deepest value that does.
 */
void json_locate(const char *text, size_t len, const char *const *path,
		 size_t n, struct json_error *err);

/**
 * json_error_format() - one line for people: FILE:LINE:COLUMN: KEY: TEXT
 * @file: what was loaded; of a long name only the end is shown
 * @ret: always NUL-terminated; may hold control characters of @file
 */
void json_error_format(const struct json_error *err, const char *file,
		       char *ret, size_t size);

#endif
