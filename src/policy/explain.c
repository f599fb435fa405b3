/* SPDX-License-Identifier: Apache-2.0 */
/* nspolicy explain: what does the manifest want, and which entry says so? */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "policy/arguments.h"
#include "policy/commands.h"
#include "policy/files.h"
#include "policy/report.h"
#include "policy/source.h"
#include "verify/manifest.h"
#include "verify/url.h"

struct explain {
	struct source source;
	const char *file; /* as it was said */
	const char *from; /* whose specifiers, or NULL */
	const char *conditions;
};

static int print_help(const struct argument *table)
{
	printf("Usage: nspolicy explain [OPTION]... MANIFEST FILE|URL...\n"
	       "       nspolicy explain --from=FILE|URL MANIFEST SPECIFIER...\n"
	       "\n"
	       "Prints for each FILE or URL what nssupervise would find, and "
	       "which entry of the\nmanifest says so:\n"
	       "\n"
	       "  match     listed, and its content is the listed one\n"
	       "  mismatch  listed, and its content is another one\n"
	       "  any       any content is accepted\n"
	       "  refused   listed, and no content is accepted\n"
	       "  unlisted  not accepted if it is code\n"
	       "  missing   listed, but there is no such file\n"
	       "  listed    a URL whose content a hash decides about\n"
	       "\n"
	       "With --from, what each SPECIFIER leads to from there:\n"
	       "\n"
	       "  default   as if there were no manifest\n"
	       "  redirect  this URL\n"
	       "  missing   it is not a dependency\n"
	       "  invalid   the entry fails with this code\n"
	       "\n");
	arguments_help(table);
	return finish_output(STATUS_SAME);
}

/* Links are resolved, as they are before a decision is made. */
static char *resolve(const char *file)
{
	char *path = realpath(file, NULL);
	_cleanup_free_ char *directory = NULL;
	const char *name = strrchr(file, '/');

	if (path || errno != ENOENT)
		return path;
	directory = resolve_directory(file);
	name = name ? name + 1 : file;
	if (!directory ||
	    asprintf(&path, "%s/%s",
		     strcmp(directory, "/") == 0 ? "" : directory, name) < 0)
		return NULL;
	return path;
}

/* Return: the word for what is found, or NULL after logging why not. */
static const char *judge_content(const struct integrity *integrity,
				 const char *path)
{
	struct file file = { .path = path,
			     .algorithms = integrity->algorithms };
	int r = files_hash(&file, 1, 1, /* is_regular_only= */ true);

	if (r == 0 && file.error == -ENOENT)
		return "missing";
	if (r < 0 || file.error < 0) {
		log_error("cannot read '%s': %s", path,
			  r < 0 ? strerror(-r) : files_error(&file));
		return NULL;
	}
	return integrity_match(integrity, &file.digests) ||
			       integrity_match(integrity, &file.without_bom) ?
		       "match" :
		       "mismatch";
}

/* FILE:LINE:COLUMN: SECTION[KEY], or where it is said that nothing is. */
static void print_source(const struct explain *e, const char *section,
			 const char *key)
{
	size_t line, column;

	source_place(&e->source, section, key, &line, &column);
	if (section)
		text_print("          by %s:%zu:%zu: %s[\"%s\"]", e->file, line,
			   column, section, key);
	else
		text_print("          by %s: no entry and no scope for it",
			   e->file);
	printf("\n");
}

static bool is_url(const char *text)
{
	size_t n = strcspn(text, ":/");

	return n > 1 && text[n] == ':';
}

static int explain_one(const struct explain *e, const char *text)
{
	static const char *const words[] = {
		[ANSWER_HASHES] = "listed",
		[ANSWER_ANY] = "any",
		[ANSWER_REFUSED] = "refused",
		[ANSWER_UNLISTED] = "unlisted",
	};
	_cleanup_free_ char *identity = is_url(text) ? NULL : resolve(text);
	const struct resource *resource;
	const struct scope *scope;
	enum answer answer;
	const char *word;

	if (is_url(text) && url_canonical(text, NULL, &identity) != 1)
		identity = NULL;
	if (!identity) {
		log_error("'%s': %s", text,
			  is_url(text) ? "not a URL" : strerror(errno));
		return STATUS_FAILED;
	}
	answer = manifest_decide_by(e->source.manifest, identity, &resource,
				    &scope);
	word = answer == ANSWER_HASHES && identity[0] == '/' ?
		       judge_content(&resource->integrity, identity) :
		       words[answer];
	if (!word)
		return STATUS_FAILED;
	report(word, identity);
	print_source(e,
		     scope    ? "scopes" :
		     resource ? "resources" :
				NULL,
		     scope    ? scope->key :
		     resource ? resource->key :
				NULL);
	return answer == ANSWER_ANY || strcmp(word, "match") == 0 ?
		       STATUS_SAME :
		       STATUS_DIFFERS;
}

/* The URL of the module that asks. Freed by the caller. */
static char *parent_url(const char *text)
{
	_cleanup_free_ char *path = is_url(text) ? NULL : resolve(text);

	return is_url(text) ? strdup(text) : path ? url_of(path) : NULL;
}

static int explain_specifier(const struct explain *e, const char *parent,
			     const char *specifier)
{
	struct resolution resolution;

	if (depend_resolve(e->source.manifest, parent, specifier,
			   e->conditions ? e->conditions :
					   "node,require,import",
			   &resolution) < 0) {
		log_error("out of memory");
		return STATUS_FAILED;
	}
	switch (resolution.kind) {
	case RESOLUTION_DEFAULT:
		report("default", specifier);
		break;
	case RESOLUTION_REDIRECT:
		report("redirect", resolution.url);
		break;
	case RESOLUTION_MISSING:
		report("missing", specifier);
		break;
	case RESOLUTION_INVALID:
		report("invalid", resolution.code);
		break;
	}
	if (resolution.resource)
		print_source(e, "resources", resolution.resource->key);
	else if (resolution.scope)
		print_source(e, "scopes", resolution.scope->key);
	else
		printf("          by %s: the field \"dependencies\" at its top\n",
		       e->file);
	return resolution.kind == RESOLUTION_DEFAULT ||
			       resolution.kind == RESOLUTION_REDIRECT ?
		       STATUS_SAME :
		       STATUS_DIFFERS;
}

static int explain_all(const struct explain *e, const struct strings *operands)
{
	_cleanup_free_ char *parent = e->from ? parent_url(e->from) : NULL;
	int status = STATUS_SAME;

	if (e->from && !parent) {
		log_error("--from=%s: %m", e->from);
		return STATUS_FAILED;
	}
	for (size_t i = 1; i < operands->n; i++) {
		const char *item = operands->items[i];
		int r = parent ? explain_specifier(e, parent, item) :
				 explain_one(e, item);

		status = r > status ? r : status;
	}
	return finish_output(status);
}

static void explain_done(struct explain *e)
{
	source_done(&e->source);
}

int command_explain(int argc, char **argv)
{
	_cleanup_(strings_done) struct strings operands = { 0 };
	_cleanup_(explain_done) struct explain e = { 0 };
	const struct argument table[] = {
		{ "from", "FILE|URL", ARGUMENT_TEXT, &e.from,
		  "explain specifiers of this module" },
		{ "conditions", "NAME[,NAME]", ARGUMENT_TEXT, &e.conditions,
		  "active conditions (node,require,import)" },
		{ "help", NULL, ARGUMENT_FLAG, NULL, "print this text" },
		{ 0 },
	};
	int r = arguments_parse(table, argc, argv, &operands);

	if (r > 0)
		return print_help(table);
	if (r == 0 && operands.n < 2) {
		log_error("a manifest and a file are needed: nspolicy explain "
			  "MANIFEST FILE...");
		r = -EINVAL;
	}
	if (r < 0 || source_load(operands.items[0], &e.source) < 0)
		return STATUS_FAILED;
	e.file = operands.items[0];
	return explain_all(&e, &operands);
}
