/* SPDX-License-Identifier: Apache-2.0 */
/* Answers about URLs: what has no file, and what a specifier leads to. */
#include "verify/answers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "verify/manifest.h"
#include "verify/url.h"

#define SET(field, text)                                                     \
	(void)snprintf(field, sizeof(field), "%.*s", (int)sizeof(field) - 1, \
		       text)

int answer_url(const struct manifest *manifest,
	       const struct nsv_request *request, struct nsv_reply *reply)
{
	_cleanup_free_ char *identity = NULL;
	_cleanup_(integrity_done) struct integrity actual = { 0 };
	const struct resource *resource;
	const struct scope *scope;
	struct integrity_error err;
	int r = url_canonical(request->path, NULL, &identity);

	if (r == -ENOMEM)
		return r;
	if (r == 1 && request->integrity[0])
		r = integrity_parse(request->integrity, &actual, &err);
	reply->verdict = NSV_UNLISTED;
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	switch (manifest_decide_by(manifest, identity, &resource, &scope)) {
	case ANSWER_HASHES:
		reply->verdict = NSV_LISTED;
		if (!request->integrity[0])
			return 0;
		if (integrity_meets(&resource->integrity, &actual)) {
			reply->verdict = NSV_MATCH;
			return 0;
		}
		reply->verdict = NSV_MISMATCH;
		SET(reply->expected, resource->integrity.text);
		SET(reply->actual, request->integrity);
		return 0;
	case ANSWER_ANY:
		reply->verdict = NSV_ANY;
		return 0;
	case ANSWER_REFUSED:
		reply->verdict = NSV_MISMATCH;
		SET(reply->text, "the manifest accepts no content for it");
		return 0;
	case ANSWER_UNLISTED:
		return 0;
	}
	abort();
}

int answer_dependency(const struct manifest *manifest,
		      const struct nsv_request *request,
		      struct nsv_reply *reply)
{
	const char *specifier = request->integrity;
	const char *conditions = specifier + strlen(specifier) + 1;
	struct resolution resolution;
	int r = depend_resolve(manifest, request->path, specifier, conditions,
			       &resolution);

	if (r < 0)
		return r;
	switch (resolution.kind) {
	case RESOLUTION_DEFAULT:
		reply->verdict = NSV_DEFAULT;
		return 0;
	case RESOLUTION_REDIRECT:
		reply->verdict = NSV_REDIRECT;
		if (strlen(resolution.url) >= sizeof(reply->text))
			reply->verdict = NSV_MISSING;
		SET(reply->text, resolution.url);
		return 0;
	case RESOLUTION_MISSING:
		reply->verdict = NSV_MISSING;
		return 0;
	case RESOLUTION_INVALID:
		reply->verdict = NSV_INVALID;
		SET(reply->text, resolution.code);
		return 0;
	}
	abort();
}
