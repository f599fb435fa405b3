/* SPDX-License-Identifier: Apache-2.0 */
/* decide(): a table of grants, then a table of questions. */
#include "supervise/rules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define S "\001" /* GRANT_STAR */

static const struct grant grants[] = {
	{ .path = (char[]){ "/srv/app" },
	  .rights = RIGHT_READ,
	  .shape = SHAPE_TREE,
	  .origin = "--allow-fs-read" },
	{ .path = (char[]){ "/srv/app/secret" },
	  .rights = RIGHT_READ,
	  .shape = SHAPE_TREE,
	  .is_deny = true,
	  .origin = "--deny-fs-read" },
	{ .path = (char[]){ "/srv/new.txt" },
	  .rights = RIGHT_WRITE,
	  .shape = SHAPE_EXACT,
	  .origin = "--allow-fs-write" },
	{ .path = (char[]){ "/home/test" S },
	  .rights = RIGHT_READ,
	  .shape = SHAPE_PATTERN,
	  .origin = "--allow-fs-read" },
	{ .path = (char[]){ "/var/log/" S ".log" },
	  .rights = RIGHT_READ | RIGHT_WRITE,
	  .shape = SHAPE_PATTERN,
	  .origin = "--allow-fs-read" },
	{ .path = (char[]){ "/usr" },
	  .rights = RIGHT_READ | RIGHT_EXEC,
	  .shape = SHAPE_TREE,
	  .is_implicit = true,
	  .origin = "system" },
	{ .path = (char[]){ "/opt" },
	  .rights = RIGHT_READ | RIGHT_EXEC,
	  .shape = SHAPE_TREE,
	  .origin = "--allow-child-process" },
	{ .path = (char[]){ "/opt/" S ".key" },
	  .rights = RIGHT_READ,
	  .is_deny = true,
	  .shape = SHAPE_PATTERN,
	  .origin = "--deny-fs-read" },
	{ .path = (char[]){ "/data" },
	  .rights = RIGHT_WRITE,
	  .shape = SHAPE_TREE,
	  .origin = "--allow-fs-write" },
	{ .path = (char[]){ "/data/run" },
	  .rights = RIGHT_UNIX,
	  .shape = SHAPE_TREE,
	  .origin = "--allow-unix" },
	{ .path = (char[]){ "/run/x.sock" },
	  .rights = RIGHT_UNIX,
	  .shape = SHAPE_EXACT,
	  .origin = "--allow-unix" },
};

static const struct {
	enum operation operation;
	const char *path;
	bool is_allowed;
	bool is_class1;
	int error;
} cases[] = {
	{ OPERATION_READ, "/srv/app", true, false, 0 },
	{ OPERATION_READ, "/srv/app/lib/x.js", true, false, 0 },
	{ OPERATION_READ, "/srv/application", false, false, EACCES },
	{ OPERATION_READ, "/srv/ap", false, false, EACCES },
	{ OPERATION_READ, "/srv", false, false, EACCES },
	{ OPERATION_READ, "/", false, false, EACCES },
	{ OPERATION_STAT, "/", true, false, 0 },
	{ OPERATION_STAT, "/srv", true, false, 0 },
	{ OPERATION_STAT, "/srv/other", false, false, EACCES },
	{ OPERATION_READ, "/srv/app/secret", false, false, EACCES },
	{ OPERATION_READ, "/srv/app/secret/later", false, false, EACCES },
	{ OPERATION_STAT, "/srv/app/secret/later", false, false, EACCES },
	{ OPERATION_READ, "/srv/app/secrets", true, false, 0 },
	{ OPERATION_WRITE, "/srv/app/x", false, false, EACCES },
	{ OPERATION_WRITE, "/srv/new.txt", true, false, 0 },
	{ OPERATION_WRITE, "/srv/new.txt/x", false, false, EACCES },
	{ OPERATION_WRITE, "/srv/new.txt2", false, false, EACCES },
	{ OPERATION_READ, "/srv/new.txt", false, false, EACCES },
	{ OPERATION_READ, "/home/test/file1", true, false, 0 },
	{ OPERATION_READ, "/home/test2", true, false, 0 },
	{ OPERATION_READ, "/home/tes", false, false, EACCES },
	{ OPERATION_STAT, "/home", true, false, 0 },
	{ OPERATION_READ, "/var/log/a.log", true, false, 0 },
	{ OPERATION_READ, "/var/log/d/a.log", true, false, 0 },
	{ OPERATION_READ, "/var/log/key.pem", false, false, EACCES },
	{ OPERATION_READ, "/var/log/a.log.gz", false, false, EACCES },
	{ OPERATION_STAT, "/var/log", true, false, 0 },
	{ OPERATION_READ, "/usr/lib/libc.so.6", true, true, 0 },
	{ OPERATION_EXEC, "/usr/bin/git", true, true, 0 },
	{ OPERATION_EXEC, "/srv/app/run", false, false, EACCES },
	/* A pattern may match anywhere beneath: Landlock cannot say that. */
	{ OPERATION_READ, "/opt/x", true, false, 0 },
	{ OPERATION_READ, "/opt/deep/x.key", false, false, EACCES },
	{ OPERATION_EXEC, "/opt/x", false, false, EACCES },
	{ OPERATION_WRITE, "/data/x", true, true, 0 },
	{ OPERATION_READ, "/data/x", false, false, EACCES },
	/* Probes: a name above the grants that a runtime looks for. */
	{ OPERATION_STAT, "/srv/package.json", false, false, ENOENT },
	{ OPERATION_READ, "/package.json", false, false, ENOENT },
	{ OPERATION_STAT, "/srv/node_modules/x", false, false, ENOENT },
	{ OPERATION_STAT, "/etc/shadow", false, false, EACCES },
	{ OPERATION_STAT, "/usr/local/sbin/ls", true, true, 0 },
	{ OPERATION_STAT, "/snap/bin/ls", false, false, ENOENT },
	{ OPERATION_STAT, "/snap/bin/x/ls", false, false, EACCES },
	{ OPERATION_WRITE, "/srv/package.json", false, false, EACCES },
	{ OPERATION_UNIX, "/run/x.sock", true, false, 0 },
	{ OPERATION_UNIX, "/run/y.sock", false, false, EACCES },
	{ OPERATION_UNIX, "/data/run/a", true, true, 0 },
	{ OPERATION_UNIX, "/data/a", false, false, EACCES },
	{ OPERATION_UNIX, "/srv/app/a", false, false, EACCES },
	{ OPERATION_UNIX, "/srv/package.json", false, false, EACCES },
	{ OPERATION_READ, "/run/x.sock", false, false, EACCES },
	{ OPERATION_STAT, "/run/x.sock", false, false, EACCES },
	{ OPERATION_STAT, "/run", true, false, 0 },
};

static void make(struct rules *rules)
{
	*rules = (struct rules){ 0 };
	for (size_t i = 0; i < N(grants); i++)
		if (rules_add(rules, &grants[i]) < 0)
			abort();
	if (strings_add(&rules->probes, "package.json") < 0 ||
	    strings_add(&rules->probes, "node_modules") < 0 ||
	    strings_add(&rules->probe_dirs, "/snap/bin") < 0 ||
	    strings_add(&rules->code, "*.js") < 0)
		abort();
}

static void decisions_follow_the_table(void)
{
	struct decision decision;
	struct rules rules;

	make(&rules);
	is_int(rules_finish(&rules), 0, "the index is built");
	for (size_t i = 0; i < N(cases); i++) {
		decide(&rules, cases[i].operation, cases[i].path, &decision);
		ok(decision.is_allowed == cases[i].is_allowed &&
			   (decision.is_allowed ||
			    decision.error == cases[i].error),
		   "%s %s is %s", operation_name(cases[i].operation),
		   cases[i].path, cases[i].is_allowed ? "allowed" : "denied");
		ok(decision.is_class1 == cases[i].is_class1, "... of class %d",
		   cases[i].is_class1 ? 1 : 2);
		if (!decision.is_allowed)
			ok(decision.reason != NULL, "... with a reason");
	}
	rules_done(&rules);
}

static void no_socket_gets_an_allowed_name(void)
{
	struct rules rules;

	make(&rules);
	(void)rules_finish(&rules);
	ok(rules_gain_socket(&rules, "/data/a", "/data/run/a"),
	   "a socket may not be moved to where sockets are allowed");
	ok(rules_gain(&rules, "/data/d", "/data/run", true),
	   "nor a directory with one");
	ok(!rules_gain(&rules, "/data/a", "/data/run/a", false), "a file may");
	ok(!rules_gain_socket(&rules, "/data/run/a", "/data/run/b"),
	   "and a socket within it");
	ok(!rules_gain_socket(&rules, "/data/a", "/data/b"), "or outside");
	rules_done(&rules);
}

static void listed_files_end_class1(void)
{
	struct decision decision;
	struct rules rules;

	make(&rules);
	is_int(rules_add_listed(&rules, "/usr/lib/app/x.js"), 0, "listed");
	is_int(rules_finish(&rules), 0, "finished");
	decide(&rules, OPERATION_READ, "/usr/lib/libc.so.6", &decision);
	ok(decision.is_allowed && !decision.is_class1,
	   "a tree above a listed file is class 2");
	ok(rules_is_listed(&rules, "/usr/lib/app/x.js"), "it is listed");
	ok(!rules_is_listed(&rules, "/usr/lib/app"), "its directory is not");
	ok(rules_is_above(&rules, "/usr/lib/app"), "but is above it");
	ok(rules_is_above(&rules, "/srv/app"), "as above a carve-out");
	ok(rules_is_above(&rules, "/opt"), "and above a carved pattern");
	ok(!rules_is_above(&rules, "/data"), "/data is not");
	ok(rules_is_code(&rules, "/x/y.js") &&
		   !rules_is_code(&rules, "/x.js/y"),
	   "code is told by the last name");
	rules_done(&rules);
}

static void policy_makes_reading_class2(void)
{
	struct decision decision;
	struct rules rules;

	make(&rules);
	rules.has_policy = true;
	is_int(rules_finish(&rules), 0, "finished");
	decide(&rules, OPERATION_READ, "/usr/lib/libc.so.6", &decision);
	ok(decision.is_allowed && !decision.is_class1,
	   "with a manifest nothing that is not the runtime's is class 1");
	rules_done(&rules);
}

static void no_rules_deny(void)
{
	struct decision decision;
	struct rules rules = { 0 };

	is_int(rules_finish(&rules), 0, "no grant at all");
	for (int i = OPERATION_READ; i <= OPERATION_EXEC; i++) {
		decide(&rules, (enum operation)i, "/x", &decision);
		ok(!decision.is_allowed, "%s is denied",
		   operation_name((enum operation)i));
	}
	rules_done(&rules);
}

/* Every grant must still be found when there are very many. */
static void ten_thousand_grants(void)
{
	struct rules rules = { 0 };
	struct decision decision;
	char path[64];
	size_t n_found = 0;

	for (int i = 0; i < 10000; i++) {
		struct grant grant = { .path = path,
				       .rights = RIGHT_READ,
				       .shape = SHAPE_TREE,
				       .origin = "--allow-fs-read" };

		(void)snprintf(path, sizeof(path), "/a/%d/b", i);
		if (rules_add(&rules, &grant) < 0)
			abort();
	}
	is_int(rules_finish(&rules), 0, "10,000 grants");
	for (int i = 0; i < 10000; i++) {
		(void)snprintf(path, sizeof(path), "/a/%d/b/c/d", i);
		decide(&rules, OPERATION_READ, path, &decision);
		n_found += decision.is_allowed && decision.is_class1;
	}
	is_int((int)n_found, 10000, "each is found");
	decide(&rules, OPERATION_READ, "/a/10000/b", &decision);
	ok(!decision.is_allowed, "and no other");
	rules_done(&rules);
}

int main(void)
{
	decisions_follow_the_table();
	no_socket_gets_an_allowed_name();
	listed_files_end_class1();
	policy_makes_reading_class2();
	no_rules_deny();
	ten_thousand_grants();
	return done();
}
