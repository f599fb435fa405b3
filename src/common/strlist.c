/* SPDX-License-Identifier: Apache-2.0 */
/* A growing list of owned strings. */
#include "common/strlist.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

int strings_add_owned(struct strings *s, char *text)
{
	char **items;

	if (!text)
		return -ENOMEM;
	/* Grow at powers of two: a list of 10,000 grants is normal. */
	if ((s->n & (s->n - 1)) == 0) {
		items = reallocarray(s->items, s->n ? 2 * s->n : 1,
				     sizeof(*items));
		if (!items) {
			free(text);
			return -ENOMEM;
		}
		s->items = items;
	}
	kept(text);
	s->items[s->n++] = text;
	return 0;
}

int strings_add(struct strings *s, const char *text)
{
	return strings_add_owned(s, strdup(text));
}

int strings_add_n(struct strings *s, const char *text, size_t len)
{
	return strings_add_owned(s, strndup(text, len));
}

bool strings_contain(const struct strings *s, const char *text)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->items[i], text) == 0)
			return true;
	return false;
}

bool strings_match(const struct strings *s, const char *text)
{
	for (size_t i = 0; i < s->n; i++)
		if (fnmatch(s->items[i], text, 0) == 0)
			return true;
	return false;
}

void strings_done(struct strings *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->items[i]);
	free(s->items);
	s->items = NULL;
	s->n = 0;
}
