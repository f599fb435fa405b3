/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --learn: grants made of any denials cover each of them in the next run, by
 * decide() itself, and open nothing that was never asked for.
 *
 * Input: entries: a byte of rights, one of marks, one of what is there at the
 * end, a byte with the number of components and a byte for each.
 */
#include <limits.h>

#include "common/cleanup.h"
#include "fuzz.h"
#include "supervise/grants.h"
#include "supervise/learn_merge.h"
#include "supervise/pattern.h"
#include "supervise/rules.h"

#define ENTRIES_MAX 32
#define DEPTH_MAX 6
#define TOP "/nowhere-at-all"

enum marks { MADE = 1, LISTED = 2, EXCLUSIVE = 4, MOVED = 8, REPLACED = 16 };

static const char *const names[] = {
	"a",
	"b",
	"node_modules",
	"data.json",
	"home",
	"app",
	"data.json.81f3a2b9c7",
	"x*y",
	"back\\slash",
	"com,ma",
	"2024-05-06",
	"tmp-K3j9Xq2Lm",
	"tmp",
	".git",
	"ab",
	"12345678",
};

static const struct learn_place place = { .home = TOP "/home",
					  .cwd = TOP "/app",
					  .tmpdir = TOP "/tmp" };

struct world {
	struct learn_entry entries[ENTRIES_MAX];
	enum learn_now now[ENTRIES_MAX];
	size_t n;
};

static bool is_beneath(const char *tree, const char *path)
{
	size_t len = strlen(tree);

	return strncmp(tree, path, len) == 0 && path[len] == '/';
}

static char *read_path(struct fuzz_input *in)
{
	char path[512] = TOP;
	unsigned n = fuzz_byte(in) % DEPTH_MAX + 1;

	while (n-- > 0) {
		strcat(path, "/");
		strcat(path, names[fuzz_byte(in) % 16]);
	}
	return strdup(path);
}

static bool is_new(const struct world *w, const char *path)
{
	for (size_t i = 0; i < w->n; i++)
		if (strcmp(w->entries[i].object, path) == 0)
			return false;
	return true;
}

static void read_world(struct fuzz_input *in, struct world *w)
{
	while (w->n < ENTRIES_MAX && in->size >= 4) {
		unsigned rights = fuzz_byte(in) & 7, marks = fuzz_byte(in);
		enum learn_now now = fuzz_byte(in) % 3;
		char *path = read_path(in);

		if (!path || !is_new(w, path)) {
			free(path);
			continue;
		}
		w->now[w->n] = now;
		w->entries[w->n++] = (struct learn_entry){
			.kind = LEARN_FILE,
			.object = path,
			.operation = "read",
			.syscall = "openat",
			.rights = rights,
			.is_directory = now == LEARN_IS_DIRECTORY,
			.is_listed = (marks & LISTED) != 0,
			.is_made = (marks & MADE) && (rights & LEARN_WRITE),
			.is_exclusive = (marks & EXCLUSIVE) != 0,
			.is_moved = (marks & MOVED) != 0,
			.is_replaced = (marks & REPLACED) != 0,
			.n = 1,
		};
	}
}

/* What exists lies in directories; what lies in one that was made was made. */
static void make_consistent(struct world *w)
{
	for (size_t i = 0; i < w->n; i++)
		for (size_t j = 0; j < w->n; j++) {
			struct learn_entry *above = &w->entries[i];

			if (!is_beneath(above->object, w->entries[j].object))
				continue;
			if (w->now[j] != LEARN_IS_GONE) {
				w->now[i] = LEARN_IS_DIRECTORY;
				above->is_directory = true;
			}
			if (above->is_made)
				w->entries[j].is_made = (w->entries[j].rights &
							 LEARN_WRITE) != 0;
		}
}

/*
 * When the next run begins: is there a directory at @path? It is taken to be
 * there if nothing happened to it itself.
 */
static bool is_directory_then(const struct world *w, const char *path)
{
	bool is_above = false;

	for (size_t i = 0; i < w->n; i++) {
		if (strcmp(path, w->entries[i].object) == 0)
			return !w->entries[i].is_made &&
			       w->now[i] == LEARN_IS_DIRECTORY;
		is_above |= is_beneath(path, w->entries[i].object);
	}
	return is_above;
}

static char *unescape(const char *text)
{
	char *ret = malloc(strlen(text) + 1), *out = ret;

	for (; ret && *text; text++) {
		text += *text == '\\' && text[1];
		*out++ = *text;
	}
	if (ret)
		*out = '\0';
	return ret;
}

static bool has_star(const char *text)
{
	for (; *text; text++) {
		if (*text == '*')
			return true;
		text += *text == '\\' && text[1];
	}
	return false;
}

static void add_rule(const struct world *w, struct rules *rules,
		     const struct learn_grant *grant)
{
	_cleanup_free_ char *path = unescape(grant->text);
	struct grant tree = { .path = path,
			      .rights = grant->rights,
			      .shape = SHAPE_TREE,
			      .origin = "learned" };
	int r;

	/* What is there then is not there for grants_add_option(). */
	if (!has_star(grant->text) && is_directory_then(w, path))
		r = rules_add(rules, &tree);
	else
		r = grants_add_option(rules, grant->text, grant->rights, false,
				      "learned");
	FUZZ_CHECK(r == 0);
}

static void check(const struct world *w, const struct rules *rules)
{
	static const char *const strange[] = {
		"/",        "/etc/shadow",     "/nowhere",
		TOP "-2/a", "/home/x/.ssh/id", TOP "/home/.ssh/id"
	};
	static const enum operation operations[] = { OPERATION_READ,
						     OPERATION_WRITE };
	struct decision decision;

	for (size_t k = 0; k < 2; k++) {
		for (size_t i = 0; i < w->n; i++) {
			if (!(w->entries[i].rights & 1u << k))
				continue;
			decide(rules, operations[k], w->entries[i].object,
			       &decision);
			FUZZ_CHECK(decision.is_allowed);
		}
		for (size_t i = 0; i < sizeof(strange) / sizeof(char *); i++) {
			decide(rules, operations[k], strange[i], &decision);
			FUZZ_CHECK(!decision.is_allowed);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct world w = { .n = 0 };
	struct learn_input input = { .place = place };
	struct learn_result result;
	struct rules rules = { 0 };

	input.max = fuzz_byte(&in) % LEARN_GRANTS_MAX + 1;
	read_world(&in, &w);
	make_consistent(&w);
	input.entries = w.entries;
	input.now = w.now;
	input.n = w.n;
	FUZZ_CHECK(learn_merge(&input, &result) == 0);
	for (size_t i = 0; i < result.n; i++)
		add_rule(&w, &rules, &result.grants[i]);
	FUZZ_CHECK(rules_finish(&rules) == 0);
	FUZZ_CHECK(result.left_out.n == 0);
	check(&w, &rules);
	rules_done(&rules);
	learn_result_done(&result);
	for (size_t i = 0; i < w.n; i++)
		free(w.entries[i].object);
	return 0;
}
