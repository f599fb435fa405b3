/* SPDX-License-Identifier: Apache-2.0 */
/* nspolicy generate: a manifest of all code in a tree. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "common/utf8.h"
#include "policy/arguments.h"
#include "policy/code.h"
#include "policy/commands.h"
#include "policy/files.h"
#include "policy/report.h"
#include "policy/source.h"
#include "policy/tree.h"
#include "policy/write.h"

struct generate {
	struct strings roots; /* as given, then resolved */
	struct strings code;
	struct strings exclude;
	struct strings operands; /* there must be none */
	const char *algorithm;
	const char *output;
	const char *jobs;
	const char *relative;
	struct strings paths; /* of the files that were found */
	char *base; /* keys start from this directory, or NULL */
};

static void generate_done(struct generate *g)
{
	strings_done(&g->roots);
	strings_done(&g->code);
	strings_done(&g->exclude);
	strings_done(&g->operands);
	strings_done(&g->paths);
	free(g->base);
}

static int print_help(const struct argument *table)
{
	printf("Usage: nspolicy generate [OPTION]...\n"
	       "\n"
	       "Prints a manifest that lists every code file below the "
	       "directories, with its hash.\n"
	       "\n");
	arguments_help(table);
	printf("\nCode is what begins like a program (#!, ELF) and can be "
	       "executed, and:\n");
	code_print();
	return finish_output(STATUS_SAME);
}

/* Patterns become part of the manifest, which is UTF-8. */
static int check_patterns(const struct strings *patterns)
{
	for (size_t i = 0; i < patterns->n; i++) {
		const char *p = patterns->items[i];

		while (*p != '\0') {
			uint32_t c;
			size_t n = utf8_decode(p, strlen(p), &c);

			if (n == 0) {
				log_error("the pattern '%s' is not UTF-8",
					  patterns->items[i]);
				return -EINVAL;
			}
			p += n;
		}
	}
	return 0;
}

static int resolve_roots(struct strings *roots)
{
	if (roots->n == 0 && strings_add(roots, ".") < 0)
		return -ENOMEM;
	for (size_t i = 0; i < roots->n; i++) {
		char *path = realpath(roots->items[i], NULL);
		struct stat st = { 0 };
		int r = path && stat(path, &st) == 0 ? 0 : -errno;

		if (r == 0 && !S_ISDIR(st.st_mode))
			r = -ENOTDIR;
		if (r < 0) {
			log_error("--root=%s: %s", roots->items[i],
				  strerror(-r));
			free(path);
			return r;
		}
		free(roots->items[i]);
		roots->items[i] = path;
	}
	return 0;
}

/* Where the manifest will lie, as far as that is known. */
static int find_base(struct generate *g)
{
	if (g->relative && g->relative[0] != '\0') {
		g->base = realpath(g->relative, NULL);
		if (!g->base) {
			log_error("--relative=%s: %m", g->relative);
			return -EINVAL;
		}
		return 0;
	}
	if (g->output) {
		g->base = resolve_directory(g->output);
		return g->base ? 0 : -ENOENT;
	}
	if (!g->relative)
		return 0;
	g->base = strdup(g->roots.items[0]);
	return g->base ? 0 : -ENOMEM;
}

static void skip_file(struct file_id *id, const struct stat *st)
{
	*id = (struct file_id){ S_ISREG(st->st_mode), st->st_dev, st->st_ino };
}

static int find_files(struct generate *g)
{
	struct tree_filter filter = { .code = &g->code,
				      .exclude = &g->exclude };
	struct stat st;

	/* `generate > p.json` makes p.json before we look for files. */
	if (!g->output && fstat(STDOUT_FILENO, &st) == 0)
		skip_file(&filter.skip[0], &st);
	if (g->output && stat(g->output, &st) == 0)
		skip_file(&filter.skip[1], &st);
	for (size_t i = 0; i < g->roots.n; i++) {
		int r = tree_find(g->roots.items[i], &filter, &g->paths);

		if (r < 0)
			return r;
	}
	tree_sort(&g->paths);
	if (g->paths.n == 0)
		log_warning("no code below '%s'", g->roots.items[0]);
	return 0;
}

static int hash_found(const struct generate *g, enum algorithm algorithm,
		      unsigned jobs, struct file *files)
{
	int r;

	for (size_t i = 0; i < g->paths.n; i++) {
		files[i].path = g->paths.items[i];
		files[i].algorithms = 1u << algorithm;
	}
	r = files_hash(files, g->paths.n, jobs, /* is_regular_only= */ true);
	if (r < 0)
		log_error("cannot hash: %s", strerror(-r));
	for (size_t i = 0; i < g->paths.n; i++)
		if (files[i].error < 0) {
			log_error("cannot read '%s': %s", files[i].path,
				  files_error(&files[i]));
			r = files[i].error;
		}
	return r;
}

static int emit(const struct generate *g, const struct file *files)
{
	const struct origin origin = { &g->roots, &g->code, &g->exclude };
	_cleanup_free_ char *text = NULL;
	size_t len;

	if (write_manifest(files, g->paths.n, g->base, &origin, &text, &len) <
	    0) {
		log_error("%s", strerror(ENOMEM));
		return STATUS_FAILED;
	}
	if (g->output)
		return write_file(g->output, text, len) < 0 ? STATUS_FAILED :
							      STATUS_SAME;
	(void)fwrite(text, 1, len, stdout); /* judged by finish_output() */
	return finish_output(STATUS_SAME);
}

static int generate(struct generate *g)
{
	_cleanup_free_ struct file *files = NULL;
	unsigned jobs;
	int algorithm = files_parse_algorithm(g->algorithm);

	if (algorithm < 0 || files_parse_jobs(g->jobs, &jobs) < 0)
		return STATUS_FAILED;
	if (g->operands.n > 0) {
		log_error("unexpected '%s': use --root=%s",
			  g->operands.items[0], g->operands.items[0]);
		return STATUS_FAILED;
	}
	if (check_patterns(&g->code) < 0 || check_patterns(&g->exclude) < 0 ||
	    resolve_roots(&g->roots) < 0 || find_base(g) < 0 ||
	    find_files(g) < 0)
		return STATUS_FAILED;
	files = calloc(g->paths.n + 1, sizeof(*files));
	if (!files) {
		log_error("%s", strerror(ENOMEM));
		return STATUS_FAILED;
	}
	if (hash_found(g, (enum algorithm)algorithm, jobs, files) < 0)
		return STATUS_FAILED;
	return emit(g, files);
}

int command_generate(int argc, char **argv)
{
	_cleanup_(generate_done) struct generate g = { 0 };
	const struct argument table[] = {
		{ "root", "DIR", ARGUMENT_LIST, &g.roots,
		  "list the code below DIR (default: .)" },
		{ "output", "FILE", ARGUMENT_TEXT, &g.output,
		  "write FILE; its keys start from its directory" },
		{ "algorithm", "NAME", ARGUMENT_TEXT, &g.algorithm,
		  "sha256, sha384 (the default) or sha512" },
		{ "relative", "DIR", ARGUMENT_MAYBE, &g.relative,
		  "write keys for a manifest in DIR (the first root)" },
		{ "code", "GLOB", ARGUMENT_LIST, &g.code,
		  "files of this name are code, too" },
		{ "exclude", "GLOB", ARGUMENT_LIST, &g.exclude,
		  "leave out files and directories of this name" },
		{ "jobs", "N", ARGUMENT_TEXT, &g.jobs,
		  "hash N files at a time" },
		{ "help", NULL, ARGUMENT_FLAG, NULL, "print this text" },
		{ 0 },
	};
	int r = arguments_parse(table, argc, argv, &g.operands);

	if (r > 0)
		return print_help(table);
	return r < 0 ? STATUS_FAILED : generate(&g);
}
