/* SPDX-License-Identifier: Apache-2.0 */
/* A JSON file of ours, and errors that name the place in it. */
#ifndef SUPERVISE_DOCUMENT_H
#define SUPERVISE_DOCUMENT_H

#include <stddef.h>

#include "common/strlist.h"

struct json_object;

#define DOCUMENT_SIZE_MAX (1u << 20)

struct document {
	const char *file; /* borrowed: as the user named it */
	char *text;
	size_t len;
	struct json_object *root; /* an object */
};

/**
 * document_load() - read @file, whose top must be an object
 *
 * Logs what is wrong. Return: 0, -EINVAL, or -errno of the file; @ret is to be
 * freed by document_done() in any case.
 */
int document_load(const char *file, struct document *ret);

/**
 * document_error() - log FILE:LINE:COLUMN: KEY: TEXT
 * @key: key of the top object; NULL: the top itself
 * @index: of the item, if the value is an array; else DOCUMENT_WHOLE
 *
 * Return: -EINVAL.
 */
int document_error(const struct document *document, const char *key,
		   size_t index, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#define DOCUMENT_WHOLE ((size_t)-1)

/**
 * document_unknown() - log that @key is not known, and the nearest that is
 *
 * Return: -EINVAL.
 */
int document_unknown(const struct document *document, const char *key,
		     const char *(*known)(size_t i));

/**
 * document_strings() - append an array of strings
 * @value: of @key
 * @min_len: refuse items shorter than this many bytes
 *
 * Logs what is wrong. Return: 0, -EINVAL or -ENOMEM.
 */
int document_strings(const struct document *document, const char *key,
		     struct json_object *value, size_t min_len,
		     struct strings *ret);

/** document_done() - free everything; accepts a half-made one */
void document_done(struct document *document);

#endif
