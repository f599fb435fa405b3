/* SPDX-License-Identifier: Apache-2.0 */
/* The path grammar of --allow-fs-*, on a tree that exists. */
#include "supervise/grants.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static char top[] = "/tmp/test-grants-XXXXXX";

/* Paths are beneath top; "@" in a grant stands for it. */
static const struct {
	const char *grant;
	const char *path;
	bool is_allowed;
} cases[] = {
	{ "@/dir", "/dir", true },
	{ "@/dir", "/dir/file", true },
	{ "@/dir", "/dir/later/x", true },
	{ "@/dir", "/dir2", false },
	{ "@/dir/", "/dir/file", true },
	{ "@//dir/./sub/..", "/dir/file", true },
	{ "dir", "/dir/file", true },
	{ "./dir/", "/dir/file", true },
	{ "dir/file", "/dir/file", true },
	{ "dir/file", "/dir/other", false },
	{ "@/later", "/later", true },
	{ "@/later", "/later/x", false },
	{ "@/later/", "/later/x", false },
	{ "@/later/deep", "/later/deep", true },
	{ "@/later/*", "/later/x", true },
	{ "@/later/*", "/later", true },
	{ "@/dir/*", "/dir", true },
	{ "@/dir/*", "/dir/file", true },
	{ "@/di*", "/dir/file", true },
	{ "@/di*", "/dir2", true },
	{ "@/di*", "/other", false },
	{ "@/dir/*.log", "/dir/a.log", true },
	{ "@/dir/*.log", "/dir/sub/a.log", true },
	{ "@/dir/*.log", "/dir/key.pem", false },
	{ "@/dir/*.log", "/dir", false },
	{ "@/d*/sub/*", "/dir/sub", true },
	{ "@/d*/sub/*", "/dir/sub/x", true },
	{ "@/d*/sub/*", "/dir/file", false },
	{ "@/dir/a\\*b", "/dir/a*b", true },
	{ "@/dir/a\\*b", "/dir/axb", false },
	{ "@/dir/a\\\\b", "/dir/a\\b", true },
	{ "@/link", "/dir/file", true },
	{ "@/link/*.log", "/dir/a.log", true },
	/* A link that leads nowhere yet, and what ".." leaves behind a link. */
	{ "@/nowhere", "/dir/later", true },
	{ "@/nowhere", "/nowhere", false },
	{ "@/to-sub/../made", "/dir/made", true },
	{ "@/to-sub/../made", "/made", false },
	/* What no resolved path has in it: a slash too many, a dot. */
	{ "@/di*/", "/dir/file", true },
	{ "@/*//file", "/dir/file", true },
	{ "@/*/./file", "/dir/file", true },
	{ "@/d*/*/", "/dir/file", true },
	{ "*", "/anything", true },
};

/* With all of top granted, what a carve-out takes away. */
static const struct {
	const char *deny;
	const char *path;
	bool is_allowed;
} carved[] = {
	{ "@/dir", "/dir/file", false },
	{ "@/dir", "/dir2", true },
	{ "@/later", "/later/x", false },
	{ "@/*ir", "/dir", false },
	{ "@/*ir", "/dir/file", false },
	{ "@/*ir", "/dirt/file", true },
	{ "@/*/sub", "/dir/sub/deep/file", false },
	{ "@/*/sub/", "/dir/sub/deep/file", false },
	{ "@/*/sub", "/dir/subs", true },
	{ "@/*/sub", "/dir/a/sub/x", false },
	{ "@/*.key", "/dir/a.key.txt", true },
	{ "@/*.key", "/dir/a.keys/b.key/c", false },
	{ "@/d*/f*", "/dir/file", false },
	{ "@/d*/f*", "/dir/x", true },
};

/* Refused: what they mean is not known, or they would mean too much. */
static const char *const refused[] = {
	"@/di*/../x",     "@/di*/..", "@/\001",
	"@/dir/\001.log", "@/loop",   "@/loop/x",
};

static void grants_cover_what_they_say(void)
{
	for (size_t i = 0; i < N(cases); i++) {
		char grant[256], path[256];
		struct rules rules = { 0 };
		struct decision decision;
		const char *text = cases[i].grant;

		(void)snprintf(grant, sizeof(grant), "%s%s",
			       text[0] == '@' ? top : "",
			       text[0] == '@' ? text + 1 : text);
		(void)snprintf(path, sizeof(path), "%s%s", top, cases[i].path);
		is_int(grants_add_option(&rules, grant, RIGHT_READ, false,
					 "--allow-fs-read"),
		       0, text);
		if (rules_finish(&rules) < 0)
			abort();
		decide(&rules, OPERATION_READ, path, &decision);
		ok(decision.is_allowed == cases[i].is_allowed, "... %s %s",
		   cases[i].is_allowed ? "covers" : "does not cover",
		   cases[i].path);
		rules_done(&rules);
	}
}

static void add(struct rules *rules, const char *text, bool is_deny)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s%s", top, text + 1);
	if (grants_add_option(rules, path, RIGHT_READ, is_deny, "test") < 0)
		abort();
}

static void carve_outs_take_what_lies_beneath(void)
{
	for (size_t i = 0; i < N(carved); i++) {
		struct rules rules = { 0 };
		struct decision decision;
		char path[256];

		add(&rules, "@/", false);
		add(&rules, carved[i].deny, true);
		if (rules_finish(&rules) < 0)
			abort();
		(void)snprintf(path, sizeof(path), "%s%s", top, carved[i].path);
		decide(&rules, OPERATION_READ, path, &decision);
		ok(decision.is_allowed == carved[i].is_allowed,
		   "the carve-out %s %s %s", carved[i].deny,
		   carved[i].is_allowed ? "leaves" : "takes", carved[i].path);
		rules_done(&rules);
	}
}

static void what_means_nothing_is_refused(void)
{
	for (size_t i = 0; i < N(refused); i++) {
		struct rules rules = { 0 };
		char path[256];

		(void)snprintf(path, sizeof(path), "%s%s", top, refused[i] + 1);
		ok(grants_add_option(&rules, path, RIGHT_READ, false, "test") <
			   0,
		   "refused: number %zu", i);
		rules_done(&rules);
	}
}

/* Not what the text would say: `..` leaves where the link leads. */
static void the_text_alone_shows_nothing(void)
{
	struct rules rules = { 0 };
	struct decision decision;
	char path[256];

	add(&rules, "@/to-sub/../made", false);
	if (rules_finish(&rules) < 0)
		abort();
	(void)snprintf(path, sizeof(path), "%s/made", top);
	decide(&rules, OPERATION_STAT, path, &decision);
	ok(!decision.is_allowed, "a path that only looks alike is not seen");
	(void)snprintf(path, sizeof(path), "%s/to-sub", top);
	decide(&rules, OPERATION_STAT, path, &decision);
	ok(decision.is_allowed, "the link itself is");
	rules_done(&rules);
}

static void the_way_as_written_is_visible(void)
{
	struct rules rules = { 0 };
	struct decision decision;
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/link/file", top);
	if (grants_add_option(&rules, path, RIGHT_READ, false,
			      "--allow-fs-read") < 0 ||
	    rules_finish(&rules) < 0)
		abort();
	(void)snprintf(path, sizeof(path), "%s/link", top);
	decide(&rules, OPERATION_STAT, path, &decision);
	ok(decision.is_allowed,
	   "a link on the way to a grant can be looked at");
	decide(&rules, OPERATION_READ, path, &decision);
	ok(!decision.is_allowed, "... but not read as a directory");
	rules_done(&rules);
}

int main(void)
{
	int fd;

	if (!mkdtemp(top) || chdir(top) < 0 || mkdir("dir", 0700) < 0 ||
	    mkdir("dir/sub", 0700) < 0 || symlink("dir", "link") < 0 ||
	    symlink("dir/later", "nowhere") < 0 ||
	    symlink("dir/sub", "to-sub") < 0 || symlink("loop", "loop") < 0)
		abort();
	fd = open("dir/file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0)
		abort();
	(void)close(fd);
	grants_cover_what_they_say();
	the_way_as_written_is_visible();
	carve_outs_take_what_lies_beneath();
	what_means_nothing_is_refused();
	the_text_alone_shows_nothing();
	(void)unlink("dir/file");
	(void)unlink("nowhere");
	(void)unlink("to-sub");
	(void)unlink("loop");
	(void)unlink("link");
	(void)rmdir("dir/sub");
	(void)rmdir("dir");
	(void)rmdir(top);
	return done();
}
