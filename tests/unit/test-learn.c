/* SPDX-License-Identifier: Apache-2.0 */
/* --learn: from what was denied to few grants, and no wider ones. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "supervise/learn.h"
#include "supervise/learn_merge.h"
#include "tap.h"

#define R LEARN_READ
#define W LEARN_WRITE

/* What happened to one path. */
struct fact {
	const char *path;
	unsigned rights;
	enum learn_now now;
	const char *marks; /* l(isted) m(ade) x(clusive) v(moved) r(eplaced) */
};

static const struct learn_place place = { .home = "/home/ann",
					  .cwd = "/srv/app",
					  .tmpdir = "/var/scratch" };

static bool has_mark(const struct fact *fact, char mark)
{
	return fact->marks && strchr(fact->marks, mark);
}

static void add(char *text, size_t size, const char *part)
{
	size_t len = strlen(text);

	(void)snprintf(text + len, size - len, "%s%s", len ? " " : "", part);
}

/* "r:/a rw:/b/x", what was left out as "out:…". */
static void merge(const struct fact *facts, size_t n, unsigned max, char *ret,
		  size_t size)
{
	struct learn_entry *entries = calloc(n + 1, sizeof(*entries));
	enum learn_now *now = calloc(n + 1, sizeof(*now));
	struct learn_input input = { .entries = entries,
				     .now = now,
				     .n = n,
				     .place = place,
				     .max = max };
	struct learn_result result;
	char part[8192];

	ret[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		const struct fact *fact = &facts[i];

		now[i] = fact->now;
		entries[i] = (struct learn_entry){
			.kind = LEARN_FILE,
			.object = (char *)(uintptr_t)fact->path,
			.syscall = "openat",
			.comm = "node",
			.rights = fact->rights,
			.is_directory = fact->now == LEARN_IS_DIRECTORY,
			.is_listed = has_mark(fact, 'l'),
			.is_made = has_mark(fact, 'm'),
			.is_exclusive = has_mark(fact, 'x'),
			.is_moved = has_mark(fact, 'v'),
			.is_replaced = has_mark(fact, 'r'),
			.n = 1,
		};
	}
	if (learn_merge(&input, &result) < 0)
		add(ret, size, "failed");
	for (size_t i = 0; i < result.n; i++) {
		const struct learn_grant *grant = &result.grants[i];

		(void)snprintf(part, sizeof(part), "%s%s:%s",
			       grant->rights & R ? "r" : "",
			       grant->rights & W ? "w" : "", grant->text);
		add(ret, size, part);
	}
	for (size_t i = 0; i < result.left_out.n; i++)
		add(ret, size, "out");
	learn_result_done(&result);
	free(entries);
	free(now);
}

#define CHECK(name, want, ...)                                      \
	do {                                                        \
		static const struct fact facts[] = { __VA_ARGS__ }; \
		char got[65536];                                    \
                                                                    \
		merge(facts, sizeof(facts) / sizeof(facts[0]),      \
		      LEARN_GRANTS_MAX, got, sizeof(got));          \
		is_str(got, want, name);                            \
	} while (0)

static void few_files_stay_files(void)
{
	CHECK("one file", "r:/srv/app/a",
	      { "/srv/app/a", R, LEARN_IS_FILE, "" });
	CHECK("one that is not there", "r:/etc/none",
	      { "/etc/none", R, LEARN_IS_GONE, "" });
	CHECK("both rights", "rw:/srv/app/a",
	      { "/srv/app/a", R | W, LEARN_IS_FILE, "" });
	CHECK("in order, the nearest first",
	      "r:/srv/app/a r:/srv/app/a/b r:/srv/app/a-b",
	      { "/srv/app/a-b", R, LEARN_IS_FILE, "" },
	      { "/srv/app/a/b", R, LEARN_IS_FILE, "" },
	      { "/srv/app/a", R, LEARN_IS_FILE, "" });
	CHECK("stars and backslashes are meant", "r:/srv/app/\\*\\\\,x",
	      { "/srv/app/*\\,x", R, LEARN_IS_FILE, "" });
	CHECK("metadata alone is not for here", "",
	      { "/etc/passwd", LEARN_STAT, LEARN_IS_FILE, "" });
	CHECK("nothing", "", { "/", 0, LEARN_IS_DIRECTORY, "" });
}

/* Twenty files in @directory, or in ten directories there. */
static void many_files(const char *directory, bool is_deep, const char *want,
		       const char *name)
{
	struct fact facts[20];
	char paths[20][64], got[65536];

	for (int i = 0; i < 20; i++) {
		(void)snprintf(paths[i], sizeof(paths[i]), "%s/%d%s%d",
			       directory, i % 10, is_deep ? "/" : "-", i);
		facts[i] = (struct fact){ paths[i], R, LEARN_IS_FILE, "" };
	}
	merge(facts, 20, LEARN_GRANTS_MAX, got, sizeof(got));
	if (want)
		is_str(got, want, name);
	else
		ok(strstr(got, paths[19]), "not all of %s: %s", directory,
		   name);
}

static void many_files_are_a_directory(void)
{
	many_files("/srv/app/lib", false, "r:/srv/app/lib", "side by side");
	many_files("/srv/app/lib", true, "r:/srv/app/lib",
		   "in directories of a directory");
	many_files("/srv/app/only/lib", true, "r:/srv/app/only/lib",
		   "and not above the last one that they share");
	many_files("/etc", false, NULL, "settings");
	many_files("", false, NULL, "the root");
	many_files("/home/ann", false, NULL, "a home");
	many_files("/home/bob", true, NULL, "somebody else's");
	many_files("/home/ann/.ssh", false, NULL, "keys");
	many_files("/usr/lib", false, NULL, "the system's libraries");
	many_files("/srv", false, NULL, "above the working directory");
	many_files("/usr/lib/x86_64-linux-gnu", false,
		   "r:/usr/lib/x86_64-linux-gnu", "further down");
	many_files("/data", true, "r:/data", "a directory of one's own");
}

static void directories(void)
{
	CHECK("modules are one thing", "r:/srv/app/node_modules",
	      { "/srv/app/node_modules/a/index.js", R, LEARN_IS_FILE, "" },
	      { "/srv/app/node_modules/a/node_modules/b/i.js", R, LEARN_IS_FILE,
		"" });
	CHECK("only with the rights that were used",
	      "r:/srv/app/node_modules w:/srv/app/node_modules/.cache/x",
	      { "/srv/app/node_modules/a.js", R, LEARN_IS_FILE, "" },
	      { "/srv/app/node_modules/.cache/x", W, LEARN_IS_FILE, "" });
	CHECK("listed, and something in it read", "r:/srv/app/views",
	      { "/srv/app/views", R, LEARN_IS_DIRECTORY, "l" },
	      { "/srv/app/views/a", R, LEARN_IS_FILE, "" });
	CHECK("listed alone: its own name", "r:/srv/*app",
	      { "/srv/app", R, LEARN_IS_DIRECTORY, "l" });
	CHECK("a broad one, even if something is read", "r:/*etc r:/etc/passwd",
	      { "/etc", R, LEARN_IS_DIRECTORY, "l" },
	      { "/etc/passwd", R, LEARN_IS_FILE, "" });
	CHECK("the root is left out", "out",
	      { "/", R, LEARN_IS_DIRECTORY, "l" });
	CHECK("made by the run: whether it is there or not", "w:/srv/app/out/*",
	      { "/srv/app/out", W, LEARN_IS_DIRECTORY, "m" },
	      { "/srv/app/out/a", W, LEARN_IS_FILE, "m" });
	CHECK("removed and made again: not the kernel's to judge",
	      "w:/srv/app/*out/*",
	      { "/srv/app/out", W, LEARN_IS_DIRECTORY, "mr" },
	      { "/srv/app/out/a", W, LEARN_IS_FILE, "m" });
	CHECK("changed itself", "w:/srv/app/*data",
	      { "/srv/app/data", W, LEARN_IS_DIRECTORY, "" });
	CHECK("moved: all of both", "rw:/srv/app/new/* rw:/srv/app/old/*",
	      { "/srv/app/old", W, LEARN_IS_GONE, "v" },
	      { "/srv/app/old/file", W, LEARN_IS_GONE, "m" },
	      { "/srv/app/new", W, LEARN_IS_DIRECTORY, "vm" });
}

static void names_that_change(void)
{
	CHECK("a temporary file", "rw:/tmp",
	      { "/tmp/ccIUF0Mj.s", W, LEARN_IS_GONE, "m" });
	CHECK("in $TMPDIR", "rw:/var/scratch",
	      { "/var/scratch/tmpab12cd_x", W, LEARN_IS_GONE, "mx" });
	CHECK("in a directory of its own", "rw:/tmp",
	      { "/tmp/npm-1a2b3c", W, LEARN_IS_GONE, "m" },
	      { "/tmp/npm-1a2b3c/x", R | W, LEARN_IS_GONE, "m" });
	CHECK("a result in /tmp is itself", "w:/tmp/out.txt",
	      { "/tmp/out.txt", W, LEARN_IS_FILE, "m" });
	CHECK("a lock has always the same name", "w:/srv/app/.lock",
	      { "/srv/app/.lock", W, LEARN_IS_GONE, "mx" });
	CHECK("beside what it becomes", "rw:/srv/app/data.json*",
	      { "/srv/app/data.json", W, LEARN_IS_FILE, "v" },
	      { "/srv/app/data.json.81f3a2b7", W, LEARN_IS_GONE, "mv" });
	CHECK("with a date in it", "rw:/home/ann/.npm/_logs",
	      { "/home/ann/.npm/_logs/2026-11-22T01_55_09_098Z-0.log", W,
		LEARN_IS_FILE, "m" });
	CHECK("not all of a home", "w:/home/ann/.history-4211",
	      { "/home/ann/.history-4211", W, LEARN_IS_GONE, "m" });
	CHECK("processes have other numbers", "r:/proc/*/stat",
	      { "/proc/12/stat", R, LEARN_IS_FILE, "" },
	      { "/proc/4711/stat", R, LEARN_IS_FILE, "" });
	CHECK("renamed: no more rights than before",
	      "rw:/srv/app/a rw:/srv/app/b",
	      { "/srv/app/a", W, LEARN_IS_GONE, "mv" },
	      { "/srv/app/b", W, LEARN_IS_FILE, "mv" });
}

static void names(void)
{
	static const char *const random[] = { "ccIUF0Mj.s", "tmpab12cd_x",
					      "file.12345", "a1b2c3d4" };
	static const char *const plain[] = { "index.js",    "data.json", "2024",
					     "libssl.so.3", "CHANGELOG", "v18",
					     "README.md",   "lock" };

	for (size_t i = 0; i < sizeof(random) / sizeof(random[0]); i++)
		ok(learn_is_random(random[i]), "%s is made up", random[i]);
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (strcmp(plain[i], "2024") != 0)
			ok(!learn_is_random(plain[i]), "%s is not", plain[i]);
	ok(learn_is_dated("2026-11-22T01_55.log"), "a date");
	ok(!learn_is_dated("report-2026.log"), "a year is none");
}

static void a_process_has_another_number_next_time(void)
{
	char ret[4096];

	ok(learn_hide_number("/tmp/.java_pid4711", 4711, ret), "at the end");
	is_str(ret, "/tmp/.java_pid\001", "becomes a star");
	ok(learn_hide_number("/4711/a-4711.log", 4711, ret), "in the middle");
	is_str(ret, "/4711/a-\001.log", "only in the name");
	ok(!learn_hide_number("/tmp/x47110", 4711, ret), "another number");
	ok(!learn_hide_number("/tmp/v12", 12, ret), "a short one");
	ok(!learn_hide_number("/proc/4711", 4711, ret), "/proc is different");
	CHECK("as an option", "rw:/run/app/*.pid",
	      { "/run/app/\001.pid", R | W, LEARN_IS_GONE, "m" });
	CHECK("in a place for temporary files", "rw:/tmp/app-*",
	      { "/tmp/app-\001", R | W, LEARN_IS_GONE, "m" });
}

static void denials_are_kept(void)
{
	struct learn *learn = learn_new();
	struct learn_item item = { .operation = "read",
				   .object = "/a",
				   .syscall = "openat",
				   .comm = "node" };
	struct learn_entry *entries;
	uint64_t n_lost;
	size_t n;

	learn_note(learn, &item);
	item.operation = "write";
	item.is_absent = true;
	learn_note(learn, &item);
	item.operation = "connect";
	item.object = "192.0.2.1:80";
	learn_note(learn, &item);
	item.operation = "verify";
	learn_note(learn, &item);
	item.operation = "read";
	item.is_hopeless = true;
	learn_note(learn, &item);
	entries = learn_entries(learn, &n, &n_lost);
	is_int(n, 3, "distinct ones");
	is_int(n_lost, 0, "none is lost");
	is_int(entries[0].kind, LEARN_FILE, "files come first");
	is_int(entries[0].rights, R | W, "with all that was asked");
	is_int(entries[0].n, 2, "and how often");
	ok(entries[0].is_made && !entries[0].is_new,
	   "made, but there at first");
	is_str(entries[0].comm, "node", "by whom");
	is_int(entries[1].kind, LEARN_NET, "an address");
	is_int(entries[2].kind, LEARN_HOPELESS, "what no flag allows");
	learn_free(learn);
}

static void memory_is_bounded(void)
{
	struct learn *learn = learn_new();
	struct learn_item item = { .operation = "read", .syscall = "openat" };
	char path[32];
	uint64_t n_lost;
	size_t n;

	item.object = path;
	for (int i = 0; i < 40000; i++) {
		(void)snprintf(path, sizeof(path), "/%d", i);
		learn_note(learn, &item);
	}
	(void)learn_entries(learn, &n, &n_lost);
	is_int(n, 32768, "so many are kept");
	is_int(n_lost, 40000 - 32768, "the others are counted");
	learn_free(learn);
}

int main(void)
{
	few_files_stay_files();
	many_files_are_a_directory();
	directories();
	names_that_change();
	names();
	a_process_has_another_number_next_time();
	denials_are_kept();
	memory_is_bounded();
	return done();
}
