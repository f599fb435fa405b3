/* SPDX-License-Identifier: Apache-2.0 */
/* Recorded questions for dependencies, as maps of a manifest. */
#include "policy/questions.h"

#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "policy/tree.h"
#include "verify/depend.h"
#include "verify/manifest.h"
#include "verify/url.h"

/* One question, in the forms that a manifest compares. */
struct question {
	char *parent; /* identity */
	char *specifier; /* canonical */
};

static void question_done(struct question *q)
{
	free(q->parent);
	free(q->specifier);
}

/* The directory that relative specifiers start from; NULL: there is none. */
static char *directory_of(const char *identity)
{
	_cleanup_free_ char *bare = strndup(identity, strcspn(identity, "?#"));
	char *path = NULL, *slash;

	if (!bare)
		return NULL;
	if (identity[0] == '/')
		path = strdup(identity);
	else if (url_resolve(bare, "/", &path) != 1)
		return NULL;
	slash = path ? strrchr(path, '/') : NULL;
	if (slash)
		slash[slash == path] = '\0';
	return path;
}

/* A pattern is not one of them, and a newline marks what leads nowhere. */
static bool can_be_listed(const char *specifier)
{
	size_t len = strlen(specifier);

	return len > 0 && specifier[len - 1] != '*' && specifier[0] != '\n';
}

/* Return: 1; 0 if it cannot be listed; -ENOMEM. */
static int read_question(const struct asked *asked, struct question *ret)
{
	_cleanup_free_ char *directory = NULL;
	int r = url_canonical(asked->parent, NULL, &ret->parent);

	if (r != 1)
		return r == -ENOMEM ? r : 0;
	directory = directory_of(ret->parent);
	ret->specifier = depend_specifier(asked->specifier, directory);
	if (!ret->specifier)
		return -ENOMEM;
	return can_be_listed(ret->specifier);
}

static int list_one(const struct asked *asked, struct listing *listing,
		    size_t *n_left_out)
{
	_cleanup_(question_done) struct question q = { 0 };
	struct listed *parent;
	int r = read_question(asked, &q);

	if (r == 0) {
		log_warning("no manifest can list '%s' as a dependency of %s",
			    asked->specifier, asked->parent);
		(*n_left_out)++;
	}
	if (r <= 0)
		return r;
	parent = listing_find(listing, q.parent);
	if (!parent) {
		if (!listing_add(listing, q.parent))
			return -ENOMEM;
		listing_sort(listing);
		parent = listing_find(listing, q.parent);
	}
	return strings_add(&parent->specifiers, q.specifier);
}

int questions_list(const struct record *record, struct listing *listing,
		   size_t *n_left_out)
{
	for (size_t i = 0; i < record->n_asked; i++) {
		int r = list_one(&record->asked[i], listing, n_left_out);

		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < listing->n; i++) {
		struct listed *item = &listing->items[i];

		item->dependencies = record->n_asked > 0 ? LISTED_MAP :
							   LISTED_NO_FIELD;
		tree_sort(&item->specifiers);
	}
	return 0;
}

int questions_prove(const struct record *record, const char *text, size_t len,
		    const char *directory)
{
	struct manifest *manifest = NULL;
	struct json_error err;
	int n = 0;
	int r = manifest_load(text, len, directory, &manifest, &err);

	if (r < 0) {
		log_error("the manifest would not be accepted: %s", err.text);
		return r;
	}
	for (size_t i = 0; r == 0 && i < record->n_asked; i++) {
		const struct asked *asked = &record->asked[i];
		struct resolution found;

		r = depend_resolve(manifest, asked->parent, asked->specifier,
				   asked->conditions, &found);
		if (r < 0 || found.kind == RESOLUTION_DEFAULT)
			continue;
		log_warning("the manifest does not allow '%s' from %s",
			    asked->specifier, asked->parent);
		n++;
	}
	manifest_free(manifest);
	return r < 0 ? r : n;
}
