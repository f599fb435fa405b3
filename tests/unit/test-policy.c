/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of nspolicy: arguments, what is code, the tree, the text. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "policy/arguments.h"
#include "policy/code.h"
#include "policy/files.h"
#include "policy/tree.h"
#include "policy/write.h"
#include "tap.h"
#include "verify/manifest.h"

static char dir[] = "/tmp/test-policy.XXXXXX";

static void make_file(const char *name, const char *text, mode_t mode)
{
	char path[128];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		abort();
	(void)close(fd);
}

static void make_dir(const char *name)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (mkdir(path, 0755) < 0)
		abort();
}

struct parsed {
	bool flag;
	const char *text;
	const char *maybe;
	struct strings list;
	struct strings operands;
	char *argv[8]; /* what text and maybe point into */
};

static int parse(struct parsed *p, int argc, const char *const *argv)
{
	const struct argument table[] = {
		{ "flag", NULL, ARGUMENT_FLAG, &p->flag, "" },
		{ "text", "T", ARGUMENT_TEXT, &p->text, "" },
		{ "maybe", "M", ARGUMENT_MAYBE, &p->maybe, "" },
		{ "list", "L", ARGUMENT_LIST, &p->list, "" },
		{ 0 },
	};

	*p = (struct parsed){ 0 };
	for (int i = 0; i < argc; i++)
		p->argv[i] = strdup(argv[i]);
	return arguments_parse(table, argc, p->argv, &p->operands);
}

#define PARSE(p, ...)                                                      \
	parse(p, sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *), \
	      (const char *[]){ __VA_ARGS__ })

static void parsed_done(struct parsed *p)
{
	for (size_t i = 0; i < 8; i++)
		free(p->argv[i]);
	strings_done(&p->list);
	strings_done(&p->operands);
}

static void arguments_are_taken_by_the_table(void)
{
	struct parsed p;

	is_int(PARSE(&p, "a", "--flag", "--text=x=y", "--maybe", "--list=1",
		     "--list=2", "b"),
	       0, "good arguments");
	ok(p.flag, "flag");
	is_str(p.text, "x=y", "text");
	is_str(p.maybe, "", "maybe, without a value");
	ok(p.list.n == 2 && strcmp(p.list.items[1], "2") == 0, "list");
	ok(p.operands.n == 2 && strcmp(p.operands.items[1], "b") == 0,
	   "operands between options");
	parsed_done(&p);
	is_int(PARSE(&p, "--maybe=m", "-", "--", "--flag"), 0, "the end");
	is_str(p.maybe, "m", "maybe, with a value");
	ok(!p.flag && p.operands.n == 2, "behind -- there are no options");
	parsed_done(&p);
	is_int(PARSE(&p, "--help", "--nope"), 1, "help");
	parsed_done(&p);
}

static void bad_arguments_are_refused(void)
{
	static const char *const bad[] = {
		"--nope",  "--fla",  "--flags", "-f",       "--text",
		"--text=", "--list", "--list=", "--flag=1", "--=x"
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct parsed p;

		is_int(PARSE(&p, bad[i]), -EINVAL, bad[i]);
		parsed_done(&p);
	}
}

static void names_tell_code(void)
{
	ok(code_is_name("a.js") && code_is_name(".js") &&
		   code_is_name("package.json") && code_is_name("x.node") &&
		   code_is_name("libx.so.1.2") && code_is_name("m.py"),
	   "code");
	ok(!code_is_name("js") && !code_is_name("a.JS") &&
		   !code_is_name("a.js.txt") && !code_is_name("a.so-x") &&
		   !code_is_name("m.pyc"),
	   "not code");
}

static void first_bytes_tell_programs(void)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	make_file("script", "#!/bin/sh\n", 0755);
	make_file("elf", "\177ELF...", 0755);
	make_file("text", "#/bin/sh\n", 0755);
	make_file("empty", "", 0755);
	is_int(code_is_program(fd, "script"), 1, "script");
	is_int(code_is_program(fd, "elf"), 1, "ELF");
	is_int(code_is_program(fd, "text"), 0, "text");
	is_int(code_is_program(fd, "empty"), 0, "empty");
	is_int(code_is_program(fd, "none"), -ENOENT, "missing");
	(void)close(fd);
}

static void the_tree_is_found_sorted_and_once(void)
{
	struct strings code = { 0 };
	struct strings exclude = { 0 };
	struct strings found = { 0 };
	struct tree_filter filter = { .code = &code, .exclude = &exclude };
	char text[1024] = "";
	char *p = text;

	make_dir("d");
	make_dir("d/e");
	make_dir("d/skip");
	make_file("d/z.js", "", 0644);
	make_file("d/e/a.js", "", 0644);
	make_file("d/e/b.tpl", "", 0644);
	make_file("d/skip/c.js", "", 0644);
	make_file("d/run", "#!/bin/sh\n", 0755);
	make_file("d/not-run", "#!/bin/sh\n", 0644);
	(void)strings_add(&code, "d/e/*.tpl");
	(void)strings_add(&exclude, "skip");
	is_int(tree_find(dir, &filter, &found), 0, "find");
	is_int(tree_find(dir, &filter, &found), 0, "find again");
	tree_sort(&found);
	for (size_t i = 0; i < found.n; i++)
		p += sprintf(p, "%s ", found.items[i] + strlen(dir) + 1);
	is_str(text, "d/e/a.js d/e/b.tpl d/run d/z.js elf script ", "found");
	strings_done(&found);
	strings_done(&code);
	strings_done(&exclude);
}

static void fill(struct listing *listing, const char *path,
		 enum listed_kind kind, enum listed_dependencies dependencies)
{
	struct listed *item = listing_add(listing, path);

	item->kind = kind;
	item->digests.algorithms = 1u << ALGORITHM_SHA384;
	item->dependencies = dependencies;
	if (dependencies != LISTED_MAP)
		return;
	(void)strings_add(&item->specifiers, "/app/lib/c.js");
	(void)strings_add(&item->specifiers, "data:,\"x\"");
	(void)strings_add(&item->specifiers, "fs");
}

static void check_written(const struct manifest *m, const char *const *paths)
{
	const struct resource *resource;
	struct resolution found = { 0 };

	for (size_t i = 0; i < 6; i++)
		ok(manifest_find(m, paths[i]), "%s", paths[i]);
	resource = manifest_find(m, "/e.js");
	ok(resource && resource->kind == RESOURCE_HASHES, "a hash");
	resource = manifest_find(m, "data:,1");
	ok(resource && resource->kind == RESOURCE_ANY, "any content");
	resource = manifest_find(m, "/app/");
	ok(resource && resource->kind == RESOURCE_NOTHING, "none");
	(void)depend_resolve(m, "file:///app/", "./lib/c.js", "import", &found);
	is_int(found.kind, RESOLUTION_DEFAULT, "a map: a path");
	(void)depend_resolve(m, "file:///app/", "data:,\"x\"", "", &found);
	is_int(found.kind, RESOLUTION_DEFAULT, "a map: a URL");
	(void)depend_resolve(m, "file:///app/", "node:fs", "", &found);
	is_int(found.kind, RESOLUTION_DEFAULT, "a map: a name");
	(void)depend_resolve(m, "file:///app/", "os", "", &found);
	is_int(found.kind, RESOLUTION_MISSING, "and nothing else");
	(void)depend_resolve(m, "file:///e.js", "os", "", &found);
	is_int(found.kind, RESOLUTION_MISSING, "no field: nothing");
}

static void what_is_written_can_be_loaded(void)
{
	static const char *const paths[] = {
		"/app/a \"b\\.js", "/app/lib/c.js", "/application/d.js",
		"/e.js",           "/app/",         "data:,1"
	};
	struct listing listing = { 0 };
	struct strings roots = { 0 };
	struct strings none = { 0 };
	const struct origin origin = { &roots, &none, &none };
	struct manifest *manifest = NULL;
	struct json_error err;
	char *text = NULL;
	size_t len = 0;

	for (size_t i = 0; i < 3; i++)
		fill(&listing, paths[i], LISTED_HASH, LISTED_ALL);
	fill(&listing, paths[3], LISTED_HASH, LISTED_NO_FIELD);
	fill(&listing, paths[4], LISTED_NOTHING, LISTED_MAP);
	fill(&listing, paths[5], LISTED_ANY, LISTED_NO_FIELD);
	fill(&listing, paths[3], LISTED_NOTHING, LISTED_ALL);
	listing_sort(&listing);
	is_int((long long)listing.n, 6, "each path once");
	is_int(listing_find(&listing, "/e.js")->kind, LISTED_HASH,
	       "the one with content");
	(void)strings_add(&roots, "/app");
	is_int(write_manifest(&listing, "/app", &origin, &text, &len), 0,
	       "written");
	ok(strstr(text, "\"./a%20%22b%5C.js\": {"), "relative and escaped");
	ok(strstr(text, "\"/application/d.js\": {"), "not below: absolute");
	ok(strstr(text, "\"roots\": [ \"./\" ]"), "the root, too");
	is_int(manifest_load(text, len, "/app", &manifest, &err), 0, "loads");
	if (manifest)
		check_written(manifest, paths);
	manifest_free(manifest);
	free(text);
	listing_done(&listing);
	is_int(write_manifest(&listing, NULL, &origin, &text, &len), 0,
	       "nothing to list");
	is_int(manifest_load(text, len, "/", &manifest, &err), 0, "loads, too");
	manifest_free(manifest);
	free(text);
	strings_done(&roots);
}

static void files_are_hashed_in_parallel(void)
{
	struct file files[64];
	char names[64][64];
	int good = 0;

	for (int i = 0; i < 64; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "h%d", i);
		make_file(name, i % 2 ? "abc" : "abd", 0644);
		(void)snprintf(names[i], sizeof(names[i]), "%s/%s", dir, name);
		files[i] = (struct file){ .path = names[i], .algorithms = 1 };
	}
	files[7].path = "/nonexistent";
	files[9].path = dir;
	is_int(files_hash(files, 64, 5, /* is_regular_only= */ true), 0,
	       "hash");
	is_int(files[7].error, -ENOENT, "a missing file");
	is_str(files_error(&files[9]), "not a regular file", "a directory");
	for (int i = 0; i < 64; i++)
		good += files[i].error == 0 &&
			files[i].digests.value[0][0] == (i % 2 ? 0xba : 0xa5);
	is_int(good, 62, "all others");
}

int main(void)
{
	char command[64];

	if (!mkdtemp(dir))
		return 99;
	arguments_are_taken_by_the_table();
	bad_arguments_are_refused();
	names_tell_code();
	first_bytes_tell_programs();
	the_tree_is_found_sorted_and_once();
	what_is_written_can_be_loaded();
	files_are_hashed_in_parallel();
	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) == 0 ? done() : 99;
}
