/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean …?": the nearest of some known names. */
#include "supervise/suggest.h"

#include <string.h>

#define NAME_SIZE 48 /* longer than any name of ours */

static size_t least(size_t a, size_t b, size_t c)
{
	size_t d = a < b ? a : b;

	return d < c ? d : c;
}

/* Levenshtein's distance: how many letters to add, remove or replace. */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t row[NAME_SIZE + 1];

	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t above = row[j];

			row[j] = least(above + 1, row[j - 1] + 1,
				       diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[b_len];
}

const char *suggest_nearest(const char *name, size_t len,
			    const char *(*known)(size_t i))
{
	size_t best = 1 + len / 4; /* further away is another word */
	const char *ret = NULL;
	const char *candidate;

	if (len == 0 || len > NAME_SIZE)
		return NULL;
	for (size_t i = 0; (candidate = known(i)); i++) {
		size_t candidate_len = strlen(candidate);
		size_t d;

		if (candidate_len > NAME_SIZE)
			continue;
		d = distance(name, len, candidate, candidate_len);
		if (d < best || (d == best && !ret)) {
			best = d;
			ret = candidate;
		}
	}
	return ret;
}
