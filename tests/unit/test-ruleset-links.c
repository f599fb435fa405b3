/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody puts a link where a grant was resolved, before there is a rule: it
 * must not give what the link leads to.
 */
#include "supervise/ruleset.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static char top[] = "/tmp/test-ruleset-links-XXXXXX";

static struct domain_rule rules[] = {
	{ .path = "in/to-out", .groups = ACCESS_READ },
	{ .path = "in/to-out/below", .groups = ACCESS_READ },
	{ .path = "in/to-file", .groups = ACCESS_READ },
};

#define N_RULES (sizeof(rules) / sizeof(rules[0]))

static void make_tree(void)
{
	int fd;

	if (!mkdtemp(top) || chdir(top) < 0 || mkdir("in", 0755) < 0 ||
	    mkdir("out", 0755) < 0 || mkdir("out/below", 0755) < 0 ||
	    symlink("../out", "in/to-out") < 0 ||
	    symlink("../out/file", "in/to-file") < 0)
		abort();
	fd = open("out/file", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		abort();
	(void)close(fd);
}

static void remove_tree(void)
{
	static const char *const names[] = { "in/to-out", "in/to-file",
					     "out/file",  "out/below",
					     "out",       "in" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (remove(names[i]) < 0)
			diag("%s/%s is left", top, names[i]);
	(void)rmdir(top);
}

/* The error of opening what the links lead to, in the domain of @ruleset. */
static int try_outside(int ruleset)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (ruleset_enforce(ruleset) != 0)
			_exit(255);
		_exit(open("out/file", O_RDONLY | O_CLOEXEC) < 0 ? errno : 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* How many rules are skipped; the error of what the others lead to. */
static int make_rules(bool is_resolved, int *ret_error)
{
	int fd = -1, n_skipped;

	for (size_t i = 0; i < N_RULES; i++)
		rules[i].is_resolved = is_resolved;
	n_skipped = ruleset_create(rules, N_RULES, 0, &fd);
	*ret_error = try_outside(fd);
	(void)close(fd);
	return n_skipped;
}

int main(void)
{
	int error;

	if (landlock_abi() < 0)
		skip_all("this kernel has no Landlock");
	make_tree();
	is_int(make_rules(false, &error), 0,
	       "a link in a path as it was given is followed");
	is_int(error, 0, "and gives what it leads to");
	is_int(make_rules(true, &error), (int)N_RULES,
	       "a link where a grant was resolved is skipped");
	is_int(error, EACCES, "and gives nothing");
	remove_tree();
	return done();
}
