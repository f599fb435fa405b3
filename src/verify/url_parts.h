/* SPDX-License-Identifier: Apache-2.0 */
/* Steps of the URL parser; only url.c and identity.c need them. */
#ifndef VERIFY_URL_PARTS_H
#define VERIFY_URL_PARTS_H

#include <stdbool.h>
#include <stddef.h>

/* The path so far: each segment with a slash before it, already decoded. */
struct builder {
	char *path; /* as large as it can get */
	size_t len;
};

/** url_clean() - without what URL parsers drop: blanks at the ends; tabs and
 * line ends anywhere. Freed by the caller; NULL: no memory. */
char *url_clean(const char *key);

/** url_is_relative() - does it begin with "/", "./" or "../"? */
bool url_is_relative(const char *key);

/** url_scheme_len() - the length of "SCHEME" before a colon, or 0 */
size_t url_scheme_len(const char *p);

/** url_is_special() - "http" and those that are parsed like it; not "file" */
bool url_is_special(const char *scheme, size_t len);

/**
 * url_parse_path() - the "path state" of the URL standard
 *
 * Up to a query or a fragment. Return: 0, or -EILSEQ for a hidden slash or NUL.
 */
int url_parse_path(struct builder *b, const char *p);

/**
 * url_parse_file() - what follows "file:", or a relative reference
 * @b: holds the base directory, or nothing if there is no base
 *
 * Return: 1; 0 if the host is another machine; -EINVAL; -EILSEQ.
 */
int url_parse_file(struct builder *b, const char *p);

#endif
