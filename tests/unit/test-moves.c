/* SPDX-License-Identifier: Apache-2.0 */
/* Moves: who notices them, and which of them the kernel may do by itself. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervise/moves.h"
#include "supervise/resolve.h"
#include "supervise/rules.h"
#include "supervise/target.h"
#include "tap.h"

static void test_notice(void)
{
	uint64_t now = moves_now();

	ok(!moves_since(now), "nothing was moved");
	is_int(moves_begin(), 0, "a move begins");
	ok(moves_since(now), "it is noticed before it is done");
	ok(moves_since(moves_now()), "also by who begins meanwhile");
	moves_end();
	ok(moves_since(now), "and afterwards");
	ok(!moves_since(moves_now()), "who begins then sees none");
}

/* What a walk finds at its end while a directory on the way goes away. */
static void test_place(void)
{
	char top[] = "/tmp/test-moves.XXXXXX", path[64], other[64];
	struct view view = { .proc_fd = procfs_open() };
	int fd;

	if (!mkdtemp(top)) {
		ok(false, "a directory");
		return;
	}
	(void)snprintf(path, sizeof(path), "%s/a", top);
	(void)snprintf(other, sizeof(other), "%s/b", top);
	ok(mkdir(path, 0700) == 0, "a directory in it");
	fd = open(path, O_PATH | O_CLOEXEC);
	ok(view_is_at(&view, fd, path), "it is where it was found");
	ok(!view_is_at(&view, fd, top), "not where only its path begins");
	ok(rename(path, other) == 0, "it is moved");
	ok(!view_is_at(&view, fd, path), "it is there no longer");
	ok(view_is_at(&view, fd, other), "but there");
	ok(rmdir(other) == 0 && rmdir(top) == 0, "removed");
	ok(!view_is_at(&view, fd, other), "what is removed is nowhere");
	ok(!view_is_at(&view, -1, other), "no descriptor");
	(void)close(fd);
	(void)close(view.proc_fd);
}

struct gain {
	const char *name;
	struct grant grants[3];
	bool is_one;
};

#define GRANT(text, is, what, denied)                                      \
	{                                                                  \
		.path = (char[]){ text }, .rights = (is), .shape = (what), \
		.is_deny = (denied)                                        \
	}
#define TREE(text, is) GRANT(text, is, SHAPE_TREE, false)
#define EXACT(text, is) GRANT(text, is, SHAPE_EXACT, false)
#define PATTERN(text, is) GRANT(text, is, SHAPE_PATTERN, false)
#define DENY(text, is) GRANT(text, is, SHAPE_TREE, true)
#define RW (RIGHT_READ | RIGHT_WRITE)

static const struct gain gains[] = {
	{ "all of it is read by the kernel", { TREE("/w", RW) }, false },
	{ "nothing of it is read", { TREE("/w", RIGHT_WRITE) }, false },
	{ "one file of it is read",
	  { TREE("/w", RIGHT_WRITE), EXACT("/w/x", RIGHT_READ) },
	  true },
	{ "one file elsewhere is read",
	  { TREE("/w", RIGHT_WRITE), EXACT("/wx", RIGHT_READ) },
	  false },
	{ "a file of what is read anyway",
	  { TREE("/w", RW), EXACT("/w/x", RIGHT_READ) },
	  false },
	{ "a directory of it is read by the kernel",
	  { TREE("/w", RIGHT_WRITE), TREE("/w/d", RIGHT_READ) },
	  false },
	{ "a pattern in it is read",
	  { TREE("/w", RIGHT_WRITE), PATTERN("/w/\001.txt", RIGHT_READ) },
	  true },
	{ "it lies in what is read beside a carve-out",
	  { TREE("/r/w", RIGHT_WRITE), TREE("/r", RIGHT_READ),
	    DENY("/r/no", RIGHT_READ) },
	  true },
	{ "everything is read",
	  { TREE("/w", RIGHT_WRITE), TREE("/", RIGHT_READ) },
	  false },
	{ "we write it ourselves",
	  { TREE("/w", RIGHT_WRITE), EXACT("/w/x", RIGHT_READ),
	    DENY("/w/no", RIGHT_WRITE) },
	  false },
};

static void test_gain(const struct gain *gain)
{
	struct rules rules = { 0 };
	int r = 0;

	for (size_t i = 0; i < 3 && r == 0 && gain->grants[i].path; i++)
		r = rules_add(&rules, &gain->grants[i]);
	if (r == 0)
		r = rules_finish(&rules);
	is_int(r, 0, "the rules");
	is_int(rules.race_gains, gain->is_one, gain->name);
	rules_done(&rules);
}

int main(void)
{
	test_notice();
	test_place();
	for (size_t i = 0; i < sizeof(gains) / sizeof(gains[0]); i++)
		test_gain(&gains[i]);
	return done();
}
