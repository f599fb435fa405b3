/* SPDX-License-Identifier: Apache-2.0 */
/* A growing list of owned strings. */
#ifndef COMMON_STRLIST_H
#define COMMON_STRLIST_H

#include <stdbool.h>
#include <stddef.h>

struct strings {
	char **items; /* owned; not NULL-terminated */
	size_t n;
};

/** strings_add() - append a copy of @text. Return: 0 or -ENOMEM. */
int strings_add(struct strings *s, const char *text);

/** strings_add_n() - append a copy of the first @len bytes of @text. */
int strings_add_n(struct strings *s, const char *text, size_t len);

/** strings_add_owned() - append @text itself; it is freed on failure too. */
int strings_add_owned(struct strings *s, char *text);

/** strings_contain() - is @text in the list (exact match)? */
bool strings_contain(const struct strings *s, const char *text);

/** strings_match() - does any item, taken as fnmatch(3) pattern, match @text? */
bool strings_match(const struct strings *s, const char *text);

/** strings_done() - free all items; the list is then empty and usable. */
void strings_done(struct strings *s);

#endif
