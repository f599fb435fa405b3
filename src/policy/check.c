/* SPDX-License-Identifier: Apache-2.0 */
/* nspolicy check: does the manifest still say what the files are? */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "policy/arguments.h"
#include "policy/commands.h"
#include "policy/files.h"
#include "policy/report.h"
#include "policy/source.h"
#include "policy/tree.h"
#include "verify/manifest.h"

struct check {
	struct strings roots; /* --root */
	struct strings code; /* --code */
	struct strings exclude;
	struct strings operands;
	const char *jobs;
	struct source source;
	size_t n_good;
	size_t n_changed;
	size_t n_missing;
	size_t n_refused;
	size_t n_unlisted;
};

static void check_done(struct check *c)
{
	strings_done(&c->roots);
	strings_done(&c->code);
	strings_done(&c->exclude);
	strings_done(&c->operands);
	source_done(&c->source);
}

static int print_help(const struct argument *table)
{
	printf("Usage: nspolicy check [OPTION]... FILE\n"
	       "\n"
	       "Prints which files the manifest FILE lists but does not accept "
	       "any more, and\n"
	       "which code it does not list. Without --root that is looked for "
	       "where\n"
	       "\"nspolicy generate\" found the listed files.\n"
	       "\n");
	arguments_help(table);
	return finish_output(STATUS_SAME);
}

static int append(struct strings *list, const struct strings *more)
{
	for (size_t i = 0; i < more->n; i++)
		if (strings_add(list, more->items[i]) < 0)
			return -ENOMEM;
	return 0;
}

/* A URL, or a directory that has dependencies: there is no content. */
static bool is_file(const struct resource *resource)
{
	const char *path = resource->path;

	return path[0] == '/' && path[strlen(path) - 1] != '/';
}

/* Return: 0, or -errno if nothing can be said about the file. */
static int judge(struct check *c, const struct resource *resource,
		 const struct file *file)
{
	bool is_missing = file->error == -ENOENT || file->error == -ENOTDIR;

	/* "[eval1]" is no file either, but asks for modules. */
	if (!is_file(resource) ||
	    (is_missing && resource->kind == RESOURCE_NOTHING &&
	     resource->dependencies.kind != DEPENDENCIES_NONE)) {
		c->n_good++;
		return 0;
	}
	if (is_missing) {
		report("missing", resource->path);
		c->n_missing++;
		return 0;
	}
	if (file->error < 0) {
		log_error("cannot read '%s': %s", file->path,
			  files_error(file));
		return file->error;
	}
	if (resource->kind == RESOURCE_NOTHING) {
		report("refused", resource->path);
		c->n_refused++;
	} else if (resource->kind == RESOURCE_HASHES &&
		   !integrity_match(&resource->integrity, &file->digests) &&
		   !integrity_match(&resource->integrity, &file->without_bom)) {
		report("changed", resource->path);
		c->n_changed++;
	} else {
		c->n_good++;
	}
	return 0;
}

static int check_listed(struct check *c, unsigned jobs)
{
	const struct manifest *m = c->source.manifest;
	_cleanup_free_ struct file *files =
		calloc(m->n_resources + 1, sizeof(*files));
	int result = 0;
	int r = -ENOMEM;

	for (size_t i = 0; files && i < m->n_resources; i++) {
		/* What is no file is judged without one. */
		files[i].path = is_file(&m->resources[i]) ?
					m->resources[i].path :
					"/dev/null";
		files[i].algorithms = m->resources[i].integrity.algorithms;
	}
	if (files)
		r = files_hash(files, m->n_resources, jobs,
			       /* is_regular_only= */ true);
	if (r < 0) {
		log_error("cannot hash: %s", strerror(-r));
		return r;
	}
	for (size_t i = 0; i < m->n_resources; i++) {
		r = judge(c, &m->resources[i], &files[i]);
		if (r < 0)
			result = r;
	}
	return result;
}

/* The deepest directory that all listed files are in; "" if that is "/". */
static char *common_directory(const struct manifest *m)
{
	const char *first = NULL, *last = NULL;
	size_t len = 0;

	for (size_t i = 0; i < m->n_resources; i++) {
		if (!is_file(&m->resources[i]))
			continue;
		if (!first)
			first = m->resources[i].path;
		last = m->resources[i].path;
	}
	/* Sorted: what the first and the last share, all share. */
	for (size_t i = 0; first && first[i] != '\0' && first[i] == last[i];
	     i++)
		if (first[i] == '/')
			len = i;
	return strndup(first ? first : "", len);
}

static int find_roots(struct check *c)
{
	const struct manifest *m = c->source.manifest;
	char *directory;

	if (c->roots.n > 0) {
		for (size_t i = 0; i < c->roots.n; i++) {
			char *path = realpath(c->roots.items[i], NULL);

			if (!path) {
				log_error("--root=%s: %m", c->roots.items[i]);
				return -ENOENT;
			}
			free(c->roots.items[i]);
			c->roots.items[i] = path;
		}
		return 0;
	}
	if (c->source.has_roots || m->n_resources == 0)
		return append(&c->roots, &c->source.roots);
	directory = common_directory(m);
	if (directory && directory[0] == '\0') {
		log_notice("the listed files have no directory in common: "
			   "unlisted code is not looked for without --root");
		free(directory);
		return 0;
	}
	return strings_add_owned(&c->roots, directory);
}

static int check_unlisted(struct check *c, const char *manifest_file)
{
	_cleanup_(strings_done) struct strings found = { 0 };
	struct tree_filter filter = { .code = &c->code,
				      .exclude = &c->exclude };
	const struct resource *resource;
	struct stat st;
	int r = find_roots(c);

	if (r == 0)
		r = append(&c->code, &c->source.code);
	if (r == 0)
		r = append(&c->exclude, &c->source.exclude);
	if (stat(manifest_file, &st) == 0)
		filter.skip[0] = (struct file_id){ true, st.st_dev, st.st_ino };
	for (size_t i = 0; r == 0 && i < c->roots.n; i++)
		r = tree_find(c->roots.items[i], &filter, &found);
	tree_sort(&found);
	for (size_t i = 0; r == 0 && i < found.n; i++)
		if (manifest_decide(c->source.manifest, found.items[i],
				    &resource) == ANSWER_UNLISTED) {
			report("unlisted", found.items[i]);
			c->n_unlisted++;
		}
	return r;
}

static int check(struct check *c, const char *file, unsigned jobs)
{
	size_t n_bad;
	int r = source_load(file, &c->source);

	if (r == 0) {
		r = check_listed(c, jobs);
		if (check_unlisted(c, file) < 0)
			r = -EIO;
	}
	if (r < 0)
		return finish_output(STATUS_FAILED);
	printf("%zu good, %zu changed, %zu missing, %zu unlisted", c->n_good,
	       c->n_changed, c->n_missing, c->n_unlisted);
	if (c->n_refused > 0)
		printf(", %zu refused", c->n_refused);
	printf("\n");
	n_bad = c->n_changed + c->n_missing + c->n_refused + c->n_unlisted;
	return finish_output(n_bad > 0 ? STATUS_DIFFERS : STATUS_SAME);
}

int command_check(int argc, char **argv)
{
	_cleanup_(check_done) struct check c = { 0 };
	const struct argument table[] = {
		{ "root", "DIR", ARGUMENT_LIST, &c.roots,
		  "look for unlisted code below DIR" },
		{ "code", "GLOB", ARGUMENT_LIST, &c.code,
		  "files of this name are code, too" },
		{ "exclude", "GLOB", ARGUMENT_LIST, &c.exclude,
		  "leave out files and directories of this name" },
		{ "jobs", "N", ARGUMENT_TEXT, &c.jobs,
		  "hash N files at a time" },
		{ "help", NULL, ARGUMENT_FLAG, NULL, "print this text" },
		{ 0 },
	};
	unsigned jobs;
	int r = arguments_parse(table, argc, argv, &c.operands);

	if (r > 0)
		return print_help(table);
	if (r < 0 || files_parse_jobs(c.jobs, &jobs) < 0)
		return STATUS_FAILED;
	if (c.operands.n != 1) {
		log_error("one manifest is needed: nspolicy check FILE");
		return STATUS_FAILED;
	}
	return check(&c, c.operands.items[0], jobs);
}
