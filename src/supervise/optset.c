/* SPDX-License-Identifier: Apache-2.0 */
/* Setting options from one source: the command line or a --config file. */
#include "supervise/optset.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "supervise/pathlist.h"

static int refuse(struct option_source *source, const char *before,
		  const char *text)
{
	(void)snprintf(source->error, sizeof(source->error), "%s%s", before,
		       text);
	return -EINVAL;
}

bool option_is_list(const struct option_row *row)
{
	return row->kind == OPTION_PATHS || row->kind == OPTION_NAMES ||
	       row->kind == OPTION_NUMBERS;
}

int option_check(struct option_source *source, const struct option_row *row)
{
	size_t n;
	size_t i = (size_t)(row - optable_rows(&n));

	assert(i < n && n <= OPTION_ROWS_MAX);
	if (row->refusal)
		return refuse(source,
			      "not available in this version: ", row->refusal);
	/* Two answers to one question: better to ask than to pick one. */
	if (source->seen[i] && !option_is_list(row) && row->kind != OPTION_FLAG)
		return refuse(source, "given twice", "");
	source->seen[i] = true;
	return 0;
}

static int take(struct option_source *source, const struct option_row *row,
		const char *item)
{
	int r = 0;

	if (item && item[0] == '\0')
		return refuse(source, "the value is empty", "");
	if (row->take)
		r = row->take(source->options, row, item, source->error);
	return r;
}

int option_take_item(struct option_source *source, const struct option_row *row,
		     const char *item)
{
	struct strings one = { 0 };
	int r = pathlist_add(item, &one);

	if (r == 0)
		r = take(source, row, one.items[0]);
	else if (r == -EINVAL)
		r = refuse(source, "an item is empty", "");
	strings_done(&one);
	return r;
}

int option_take_value(struct option_source *source,
		      const struct option_row *row, const char *value)
{
	struct strings items = { 0 };
	int r;

	if (!value || !option_is_list(row))
		return take(source, row, value);
	if (value[0] == '\0')
		return refuse(source, "the value is empty", "");
	r = pathlist_split(value, row->kind == OPTION_PATHS, &items);
	if (r == -EINVAL)
		r = refuse(source,
			   "an item is empty: a comma that belongs to "
			   "a name is written \\,",
			   "");
	for (size_t i = 0; r == 0 && i < items.n; i++)
		r = take(source, row, items.items[i]);
	strings_done(&items);
	return r;
}
