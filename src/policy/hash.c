/* SPDX-License-Identifier: Apache-2.0 */
/* nspolicy hash: the integrity strings of files. */
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

struct hash_options {
	const char *algorithm;
	const char *jobs;
};

static int print_help(const struct argument *table)
{
	printf("Usage: nspolicy hash [OPTION]... FILE...\n"
	       "\n"
	       "Prints the integrity string of each FILE (\"-\": the standard "
	       "input), as a\n"
	       "manifest and --policy-integrity take it.\n"
	       "\n");
	arguments_help(table);
	return finish_output(STATUS_SAME);
}

static int print_hashes(const struct file *files, size_t n)
{
	int status = STATUS_SAME;

	for (size_t i = 0; i < n; i++) {
		const char *path = files[i].path;
		char sri[SRI_TEXT_SIZE];
		size_t size = 4 * strlen(path) + 1;
		_cleanup_free_ char *shown = malloc(size);

		if (files[i].error < 0 || !shown) {
			log_error("cannot read '%s': %s", path,
				  shown ? files_error(&files[i]) :
					  strerror(ENOMEM));
			status = STATUS_FAILED;
			continue;
		}
		digests_format(&files[i].digests, sri);
		(void)text_escape(shown, size, path, strlen(path));
		printf("%s  %s\n", sri, shown);
	}
	return finish_output(status);
}

static int hash_all(const struct strings *paths, enum algorithm algorithm,
		    unsigned jobs)
{
	_cleanup_free_ struct file *files = calloc(paths->n, sizeof(*files));
	int r = -ENOMEM;

	for (size_t i = 0; files && i < paths->n; i++) {
		files[i].path = paths->items[i];
		files[i].algorithms = 1u << algorithm;
	}
	if (files)
		r = files_hash(files, paths->n, jobs,
			       /* is_regular_only= */ false);
	if (r < 0) {
		log_error("cannot hash: %s", strerror(-r));
		return STATUS_FAILED;
	}
	return print_hashes(files, paths->n);
}

int command_hash(int argc, char **argv)
{
	_cleanup_(strings_done) struct strings paths = { 0 };
	struct hash_options o = { 0 };
	const struct argument table[] = {
		{ "algorithm", "NAME", ARGUMENT_TEXT, &o.algorithm,
		  "sha256, sha384 (the default) or sha512" },
		{ "jobs", "N", ARGUMENT_TEXT, &o.jobs,
		  "hash N files at a time" },
		{ "help", NULL, ARGUMENT_FLAG, NULL, "print this text" },
		{ 0 },
	};
	unsigned jobs;
	int algorithm;
	int r = arguments_parse(table, argc, argv, &paths);

	if (r > 0)
		return print_help(table);
	if (r < 0 || files_parse_jobs(o.jobs, &jobs) < 0)
		return STATUS_FAILED;
	algorithm = files_parse_algorithm(o.algorithm);
	if (algorithm < 0)
		return STATUS_FAILED;
	if (paths.n == 0) {
		log_error("a FILE is missing: nspolicy hash FILE...");
		return STATUS_FAILED;
	}
	return hash_all(&paths, (enum algorithm)algorithm, jobs);
}
