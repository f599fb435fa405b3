/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scopes around a URL. Files and URLs with a host lose one segment after
 * the other down to their origin; then come the scheme and "".
 */
#include "verify/scopes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/manifest.h"
#include "verify/url.h"

enum { STEP_PATH, STEP_SCHEME, STEP_EVERYTHING, STEP_END };

struct prefix {
	const char *text;
	size_t len;
};

static int compare_scope(const void *key, const void *item)
{
	const struct prefix *prefix = key;
	const struct scope *scope = item;
	int r = strncmp(prefix->text, scope->path, prefix->len);

	if (r != 0)
		return r;
	return scope->path[prefix->len] == '\0' ? 0 : -1;
}

static const struct scope *find_scope(const struct manifest *manifest,
				      const char *text, size_t len)
{
	struct prefix prefix = { text, len };

	if (manifest->n_scopes == 0)
		return NULL;
	return bsearch(&prefix, manifest->scopes, manifest->n_scopes,
		       sizeof(*manifest->scopes), compare_scope);
}

/* A blob has the origin of the URL within it, if that has one. */
static const char *skip_blob(const char *identity)
{
	static const char blob[] = "blob:http";

	return strncmp(identity, blob, strlen(blob)) == 0 ? identity + 5 :
							    identity;
}

static size_t origin_len(const char *identity)
{
	const char *host;

	if (identity[0] == '/')
		return 1;
	host = strstr(identity, "://");
	/* Of other schemes only those have an origin that is a scope. */
	if (!host || (strncmp(identity, "http", 4) != 0 &&
		      strncmp(identity, "ws", 2) != 0 &&
		      strncmp(identity, "ftp:", 4) != 0 &&
		      strncmp(identity, "file:", 5) != 0))
		return 0;
	host += 3;
	return (size_t)(host - identity) + strcspn(host, "/") + 1;
}

void scope_walk_start(struct scope_walk *walk, const char *identity)
{
	const char *text = skip_blob(identity);
	bool is_blob = text != identity;
	size_t len = strcspn(text, "?#");
	size_t scheme = strcspn(text, ":") + 1;

	*walk = (struct scope_walk){ .step = STEP_SCHEME };
	if (text[0] == '/') {
		(void)strcpy(walk->scheme, "file:");
		len = strlen(text); /* a path may have a question mark */
	} else if (scheme < sizeof(walk->scheme)) {
		memcpy(walk->scheme, text, scheme);
	}
	/* "file:/path?query": its scopes are those of the path. */
	if (strncmp(text, "file:/", 6) == 0 && text[6] != '/') {
		text += 5;
		len -= 5;
	}
	walk->least = origin_len(text);
	if (walk->least == 0)
		return;
	if (is_blob && len > walk->least)
		len = walk->least;
	/* Longer than any path: nothing lists it, no scope is asked. */
	if (len + 1 >= sizeof(walk->text)) {
		walk->step = STEP_END;
		return;
	}
	memcpy(walk->text, text, len);
	if (walk->text[len - 1] != '/')
		walk->text[len++] = '/';
	walk->len = len;
	walk->step = STEP_PATH;
}

static const struct scope *next_path(struct scope_walk *walk,
				     const struct manifest *manifest)
{
	const struct scope *scope = NULL;

	while (!scope && walk->len >= walk->least) {
		scope = find_scope(manifest, walk->text, walk->len);
		do
			walk->len--;
		while (walk->len > 0 && walk->text[walk->len - 1] != '/');
	}
	return scope;
}

const struct scope *scope_walk_next(struct scope_walk *walk,
				    const struct manifest *manifest)
{
	const struct scope *scope = NULL;

	while (!scope && walk->step != STEP_END) {
		switch (walk->step) {
		case STEP_PATH:
			scope = next_path(walk, manifest);
			if (!scope)
				walk->step = STEP_SCHEME;
			break;
		case STEP_SCHEME:
			walk->step = STEP_EVERYTHING;
			if (walk->scheme[0])
				scope = find_scope(manifest, walk->scheme,
						   strlen(walk->scheme));
			break;
		default:
			walk->step = STEP_END;
			scope = find_scope(manifest, "", 0);
		}
	}
	return scope;
}
