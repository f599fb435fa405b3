/* SPDX-License-Identifier: Apache-2.0 */
/* The scanner behind json.h: walks the text once, keeps the path to where it is. */
#ifndef COMMON_JSONSCAN_H
#define COMMON_JSONSCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/json.h"

/* A stretch of the text: a key as written, without its quotes. */
struct json_span {
	size_t start;
	size_t len;
};

struct json_frame {
	bool is_array;
	size_t index; /* array: of the value at hand */
	bool has_key;
	struct json_span key; /* object: of the value at hand */
	uint32_t serial; /* which object of the document this is */
};

struct json_scan {
	const char *text;
	size_t len;
	size_t pos;
	struct json_frame frames[JSON_DEPTH_MAX];
	size_t depth;
	uint32_t n_objects;
	struct json_keys *keys; /* NULL: do not look for duplicates */
	const char *problem; /* static text, after a failure */
	const char *const *path; /* what to look for, or NULL */
	size_t path_len;
	size_t n_found; /* leading steps of path that were found */
	size_t found_pos; /* where the value of the last found step begins */
};

/**
 * json_scan_run() - walk the whole text, or until the path is decided
 *
 * Return: 0; -EINVAL with s->pos at the offending byte and s->problem set;
 * -ENOMEM.
 */
int json_scan_run(struct json_scan *s);

/** json_next_char() - next character of a valid, maybe escaped, JSON string */
uint32_t json_next_char(const char **p);

/** json_keys_new() - an empty set of keys of @text. Return: NULL: no memory. */
struct json_keys *json_keys_new(const char *text);

/**
 * json_keys_add() - note that object @serial has @key
 *
 * Return: 0, -EEXIST if it had it before, -ENOMEM.
 */
int json_keys_add(struct json_keys *keys, uint32_t serial,
		  struct json_span key);

/** json_keys_free() - accepts NULL */
void json_keys_free(struct json_keys *keys);

#endif
