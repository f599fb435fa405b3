/* SPDX-License-Identifier: Apache-2.0 */
/* The resources of a manifest in the making. */
#include "policy/listing.h"

#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

static void listed_done(struct listed *listed)
{
	free(listed->path);
	strings_done(&listed->specifiers);
	*listed = (struct listed){ 0 };
}

struct listed *listing_add(struct listing *listing, const char *path)
{
	struct listed *listed;

	if ((listing->n & (listing->n - 1)) == 0) {
		listed = reallocarray(listing->items,
				      listing->n ? 2 * listing->n : 1,
				      sizeof(*listed));
		if (!listed)
			return NULL;
		listing->items = listed;
	}
	listed = &listing->items[listing->n];
	*listed =
		(struct listed){ .path = strdup(path), .kind = LISTED_NOTHING };
	if (!listed->path)
		return NULL;
	kept(listed->path);
	listing->n++;
	return listed;
}

static int compare(const void *left, const void *right)
{
	const struct listed *a = left;
	const struct listed *b = right;
	int order = strcmp(a->path, b->path);

	/* What has content before what has none. */
	return order ? order : (int)a->kind - (int)b->kind;
}

void listing_sort(struct listing *listing)
{
	size_t n = 0;

	if (listing->n == 0)
		return;
	qsort(listing->items, listing->n, sizeof(*listing->items), compare);
	for (size_t i = 1; i < listing->n; i++)
		if (strcmp(listing->items[n].path, listing->items[i].path) == 0)
			listed_done(&listing->items[i]);
		else
			listing->items[++n] = listing->items[i];
	listing->n = n + 1;
}

static int compare_path(const void *key, const void *item)
{
	return strcmp(key, ((const struct listed *)item)->path);
}

struct listed *listing_find(const struct listing *listing, const char *path)
{
	if (listing->n == 0)
		return NULL;
	return bsearch(path, listing->items, listing->n,
		       sizeof(*listing->items), compare_path);
}

void listing_done(struct listing *listing)
{
	for (size_t i = 0; i < listing->n; i++)
		listed_done(&listing->items[i]);
	free(listing->items);
	*listing = (struct listing){ 0 };
}
