/* SPDX-License-Identifier: Apache-2.0 */
/* nspolicy generate: a manifest of a tree, of a lock file, or of a run. */
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
#include "policy/gather.h"
#include "policy/lock.h"
#include "policy/questions.h"
#include "policy/record.h"
#include "policy/registry.h"
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
	const char *lock_file; /* "": the one of the first root */
	const char *cache;
	struct strings accept;
	struct strings runs; /* logs */
	bool is_strict;
	char *base; /* keys start from this directory, or NULL */
	struct lock lock;
	struct registry registry;
	struct record record;
	struct listing listing;
	size_t n_differing;
};

static void generate_done(struct generate *g)
{
	strings_done(&g->roots);
	strings_done(&g->code);
	strings_done(&g->exclude);
	strings_done(&g->operands);
	strings_done(&g->accept);
	strings_done(&g->runs);
	free(g->base);
	registry_done(&g->registry);
	lock_done(&g->lock);
	record_done(&g->record);
	listing_done(&g->listing);
}

static int print_help(const struct argument *table)
{
	printf("Usage: nspolicy generate [OPTION]...\n"
	       "\n"
	       "Prints a manifest that lists every code file below the "
	       "directories, with its hash.\n"
	       "With --lock packages have the hashes of the npm registry, "
	       "by npm's cache,\n"
	       "whatever lies on the disk; with --run it is what a run under\n"
	       "nssupervise --report-only --log-format=json loaded and asked "
	       "for.\n"
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

/* Patterns and what we write to are the same for the tree and the registry. */
static struct tree_filter make_filter(const struct generate *g)
{
	struct tree_filter filter = { .code = &g->code,
				      .exclude = &g->exclude };
	struct stat st;

	/* `generate > p.json` makes p.json before we look for files. */
	if (!g->output && fstat(STDOUT_FILENO, &st) == 0)
		skip_file(&filter.skip[0], &st);
	if (g->output && stat(g->output, &st) == 0)
		skip_file(&filter.skip[1], &st);
	return filter;
}

/* npm's own: $npm_config_cache, or .npm in the home directory. */
static char *find_cache(const struct generate *g)
{
	const char *home = getenv("HOME"), *own = getenv("npm_config_cache");
	char *path = NULL;

	if (g->cache)
		return strdup(g->cache);
	if (own)
		return strdup(own);
	if (asprintf(&path, "%s/.npm", home ? home : "") < 0)
		return NULL;
	return path;
}

static void warn_unverified(size_t n, const char *why)
{
	if (n > 0)
		log_warning(
			"%zu package%s not verified, listed as on the disk: %s",
			n, n == 1 ? "" : "s", why);
}

static int load_registry(struct generate *g, enum algorithm algorithm)
{
	const struct tree_filter filter = make_filter(g);
	_cleanup_free_ char *cache = find_cache(g);
	struct registry *r = &g->registry;

	r->algorithm = algorithm;
	if (!cache ||
	    registry_load(&g->lock, cache, &filter, g->is_strict, r) < 0)
		return -EIO;
	g->n_differing += r->n_missing;
	if (g->is_strict)
		return r->n_uncached + r->n_unhashed + r->n_damaged > 0 ?
			       -ENOENT :
			       0;
	warn_unverified(r->n_uncached, "no tarball in the cache");
	warn_unverified(r->n_unhashed,
			"the lock has no hash for it, or only SHA-1");
	warn_unverified(r->n_damaged,
			"the tarball in the cache has another content");
	return 0;
}

static int list_all(struct generate *g, enum algorithm algorithm, unsigned jobs)
{
	const struct tree_filter filter = make_filter(g);
	struct gather gather = {
		.roots = &g->roots,
		.filter = &filter,
		.objects = g->runs.n > 0 ? &g->record.objects : NULL,
		.registry = g->lock_file ? &g->registry : NULL,
		.accept = &g->accept,
		.algorithm = algorithm,
		.jobs = jobs,
	};
	int r = gather_files(&gather, &g->listing);

	g->n_differing += gather.n_differing;
	if (r == 0 && g->runs.n > 0)
		r = questions_list(&g->record, &g->listing, &g->n_differing);
	if (r < 0)
		return r;
	if (g->listing.n == 0)
		log_warning("no code below '%s'", g->roots.items[0]);
	if (g->runs.n > 0 && g->record.n_asked == 0)
		log_notice("no dependency was recorded: start from "
			   "{\"dependencies\": {}} to have them listed");
	return 0;
}

static int emit(struct generate *g)
{
	static const struct strings none = { 0 };
	const struct origin origin = { g->runs.n > 0 ? &none : &g->roots,
				       &g->code, &g->exclude };
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r;

	if (write_manifest(&g->listing, g->base, &origin, &text, &len) < 0) {
		log_error("%s", strerror(ENOMEM));
		return STATUS_FAILED;
	}
	r = questions_prove(&g->record, text, len, g->base ? g->base : "/");
	if (r < 0)
		return STATUS_FAILED;
	g->n_differing += (size_t)r;
	if (!g->output)
		(void)fwrite(text, 1, len, stdout); /* see finish_output() */
	else if (write_file(g->output, text, len) < 0)
		return STATUS_FAILED;
	return finish_output(g->n_differing > 0 ? STATUS_DIFFERS : STATUS_SAME);
}

static int load_records(struct generate *g)
{
	for (size_t i = 0; i < g->runs.n; i++)
		if (record_load(g->runs.items[i], &g->record) < 0)
			return -EINVAL;
	return 0;
}

/* Without roots the project of the lock is the only one. */
static int load_lock(struct generate *g)
{
	_cleanup_free_ char *file = NULL;

	if (!g->lock_file)
		return 0;
	if (asprintf(&file, "%s%s",
		     g->lock_file[0] == '\0' && g->roots.n > 0 ?
			     g->roots.items[0] :
			     "",
		     g->lock_file[0] != '\0' ? g->lock_file :
		     g->roots.n > 0          ? "/package-lock.json" :
					       "package-lock.json") < 0) {
		file = NULL;
		return -ENOMEM;
	}
	/* npm's copy for itself; nothing loads it. */
	if (lock_load(file, &g->lock) < 0 ||
	    strings_add(&g->exclude, ".package-lock.json") < 0)
		return -EINVAL;
	return g->roots.n > 0 ? 0 : strings_add(&g->roots, g->lock.directory);
}

static int check_usage(const struct generate *g)
{
	if (g->operands.n > 0)
		log_error("unexpected '%s': use --root=%s",
			  g->operands.items[0], g->operands.items[0]);
	else if (g->runs.n > 0 && g->roots.n > 0)
		log_error("--run lists what the run used, not what is below "
			  "--root=%s",
			  g->roots.items[0]);
	else if (!g->lock_file && (g->cache || g->is_strict || g->accept.n > 0))
		log_error("%s is for --lock", g->cache     ? "--cache" :
					      g->is_strict ? "--strict" :
							     "--accept");
	else
		return 0;
	return -EINVAL;
}

static int generate(struct generate *g)
{
	unsigned jobs;
	int algorithm = files_parse_algorithm(g->algorithm);

	if (algorithm < 0 || files_parse_jobs(g->jobs, &jobs) < 0 ||
	    check_usage(g) < 0 || check_patterns(&g->code) < 0 ||
	    check_patterns(&g->exclude) < 0 || load_lock(g) < 0 ||
	    resolve_roots(&g->roots) < 0 || find_base(g) < 0 ||
	    load_records(g) < 0)
		return STATUS_FAILED;
	if (g->lock_file && load_registry(g, (enum algorithm)algorithm) < 0)
		return STATUS_FAILED;
	if (list_all(g, (enum algorithm)algorithm, jobs) < 0)
		return STATUS_FAILED;
	return emit(g);
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
		{ "lock", "FILE", ARGUMENT_MAYBE, &g.lock_file,
		  "list packages as the registry has them" },
		{ "cache", "DIR", ARGUMENT_TEXT, &g.cache,
		  "npm's cache (default: $npm_config_cache or ~/.npm)" },
		{ "strict", NULL, ARGUMENT_FLAG, &g.is_strict,
		  "refuse packages without a verified tarball" },
		{ "accept", "GLOB", ARGUMENT_LIST, &g.accept,
		  "take these files from the disk all the same" },
		{ "run", "FILE", ARGUMENT_LIST, &g.runs,
		  "list what the run of this JSON log used" },
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
