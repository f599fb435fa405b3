/* SPDX-License-Identifier: Apache-2.0 */
/* nspolicy explain: what does the manifest want of these files? */
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

static int print_help(const struct argument *table)
{
	printf("Usage: nspolicy explain MANIFEST FILE...\n"
	       "\n"
	       "Prints for each FILE what nssupervise would find:\n"
	       "\n"
	       "  match     listed, and its content is the listed one\n"
	       "  mismatch  listed, and its content is another one\n"
	       "  any       any content is accepted\n"
	       "  refused   listed, and no content is accepted\n"
	       "  unlisted  not accepted if it is code\n"
	       "  missing   listed, but there is no such file\n"
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

static int explain_file(const struct manifest *manifest, const char *file)
{
	static const char *const words[] = {
		[ANSWER_ANY] = "any",
		[ANSWER_REFUSED] = "refused",
		[ANSWER_UNLISTED] = "unlisted",
	};
	_cleanup_free_ char *path = resolve(file);
	const struct resource *resource;
	enum answer answer;
	const char *word;

	if (!path) {
		log_error("cannot find '%s': %m", file);
		return STATUS_FAILED;
	}
	answer = manifest_decide(manifest, path, &resource);
	word = answer == ANSWER_HASHES ?
		       judge_content(&resource->integrity, path) :
		       words[answer];
	if (!word)
		return STATUS_FAILED;
	report(word, path);
	return answer == ANSWER_ANY || strcmp(word, "match") == 0 ?
		       STATUS_SAME :
		       STATUS_DIFFERS;
}

int command_explain(int argc, char **argv)
{
	_cleanup_(strings_done) struct strings operands = { 0 };
	_cleanup_(source_done) struct source source = { 0 };
	const struct argument table[] = {
		{ "help", NULL, ARGUMENT_FLAG, NULL, "print this text" },
		{ 0 },
	};
	int status = STATUS_SAME;
	int r = arguments_parse(table, argc, argv, &operands);

	if (r > 0)
		return print_help(table);
	if (r == 0 && operands.n < 2) {
		log_error("a manifest and a file are needed: nspolicy explain "
			  "MANIFEST FILE...");
		r = -EINVAL;
	}
	if (r < 0 || source_load(operands.items[0], &source) < 0)
		return STATUS_FAILED;
	for (size_t i = 1; i < operands.n; i++) {
		r = explain_file(source.manifest, operands.items[i]);
		status = r > status ? r : status;
	}
	return finish_output(status);
}
