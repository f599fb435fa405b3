/* SPDX-License-Identifier: Apache-2.0 */
/* transparent list | transparent WORLD [GROUP]... */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "transparent.h"

#define GROUP_SECONDS 500

const struct group groups[] = {
	{ "paths", run_paths },
	{ "limits", run_limits },
	{ "pointers", run_pointers },
	{ "numbers", run_numbers },
	{ "dirfds", run_dirfds },
	{ "places", run_places },
	{ "pairs", run_pairs },
	{ "open", run_open },
	{ "chains", run_open_chains },
	{ "openat2", run_openat2 },
	{ "modes", run_modes },
	{ "times", run_times },
	{ "xattrs", run_xattrs },
	{ "given", run_given },
	{ "errnos", run_errnos },
	{ "exec", run_exec },
	{ "threads", run_threads },
	{ "signals", run_signals },
	{ "resources", run_resources },
	{ "fifos", run_fifos },
	{ "watches", run_watches },
	{ "descriptors", run_descriptors },
	{ "net", run_net },
	{ 0 },
};

char world_path[PATH_MAX], fixture_path[PATH_MAX];

static const char *group_name;

void outcome(const char *id, const char *format, ...)
{
	static char text[65536];
	va_list ap;
	int n;

	n = snprintf(text, sizeof(text) / 2, "%s %s\t", group_name, id);
	va_start(ap, format);
	(void)vsnprintf(text + n, sizeof(text) - (size_t)n, format, ap);
	va_end(ap);
	for (char *at = text; *at; at++)
		if ((unsigned char)*at < ' ' && at != text + n - 1)
			*at = '?';
	(void)puts(text);
	(void)fflush(stdout); /* before a fork, and before a crash */
}

void changed(const char *id, const char *what, const char *result)
{
	/* Two steps: the changes are looked at when the result is there. */
	const char *changes = fixture_changes();

	outcome(id, "%s %s %s", what, result, changes);
}

const char *shown(long result)
{
	static char text[4][32];
	static unsigned int turn;
	const char *name;

	if (result < 0) {
		name = strerrorname_np(errno);
		return name ? name : "unknown errno";
	}
	turn = (turn + 1) % COUNT(text);
	(void)snprintf(text[turn], sizeof(text[0]), "%ld", result);
	return text[turn];
}

static const char *beneath(const char *folder, const char *name)
{
	static char text[8][2 * PATH_MAX];
	static unsigned int turn;

	turn = (turn + 1) % COUNT(text);
	(void)snprintf(text[turn], sizeof(text[0]), "%s%s/%s", world_path,
		       folder, name);
	return text[turn];
}

const char *in_fixture(const char *name)
{
	return beneath("/f", name);
}

const char *in_given(const char *name)
{
	return beneath("/given", name);
}

const char *in_world(const char *name)
{
	return beneath("", name);
}

const char *placeless(const char *text)
{
	static char ret[2 * PATH_MAX];
	size_t len = strlen(world_path);
	const char *at = strstr(text, world_path);

	if (!at)
		return text;
	(void)snprintf(ret, sizeof(ret), "%.*s$W%s", (int)(at - text), text,
		       at + len);
	return ret;
}

const char *describe_stat(const struct stat *st)
{
	static char text[2][160];
	static unsigned int turn;
	const char *when = "now";

	if (st->st_mtim.tv_sec < time(NULL) - 3600)
		when = "old";
	turn = (turn + 1) % COUNT(text);
	(void)snprintf(text[turn], sizeof(text[0]),
		       "%06o links %ld %d:%d size %lld dev %lx block %ld %s",
		       st->st_mode, (long)st->st_nlink, (int)st->st_uid,
		       (int)st->st_gid,
		       S_ISDIR(st->st_mode) ? 0 : (long long)st->st_size,
		       (long)st->st_rdev, (long)st->st_blksize, when);
	return text[turn];
}

const char *describe_fd(int fd)
{
	static char text[2 * PATH_MAX];
	char link[64], path[PATH_MAX];
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return shown(fd);
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n < 0 ? 0 : n] = '\0';
	/* The kernel numbers what has no name, and a process. */
	if (strstr(path, "/#"))
		*strstr(path, "/#") = '\0';
	if (strchr(path, '['))
		*strchr(path, '[') = '\0';
	if (strncmp(path, "/proc/", 6) == 0)
		path[6] = '\0';
	if (fstat(fd, &st) < 0)
		return "no fstat";
	(void)snprintf(text, sizeof(text),
		       "fd %d flags %o cloexec %d at %ld: %s %s", fd,
		       (unsigned int)fcntl(fd, F_GETFL), fcntl(fd, F_GETFD),
		       (long)lseek(fd, 0, SEEK_CUR), describe_stat(&st),
		       placeless(path));
	(void)close(fd);
	return text;
}

const char *forked(void (*run)(void *), void *data)
{
	static char text[64];
	int status = 0;
	pid_t pid;

	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		(void)alarm(30);
		run(data);
		(void)fflush(stdout);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return "no process";
	if (WIFSIGNALED(status))
		(void)snprintf(text, sizeof(text), "killed by %d",
			       WTERMSIG(status));
	else
		(void)snprintf(text, sizeof(text), "exit %d",
			       WEXITSTATUS(status));
	return text;
}

static void run_group(const struct group *group)
{
	pid_t pid;
	int status = 0;

	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		group_name = group->name;
		(void)alarm(GROUP_SECONDS);
		(void)umask(022);
		fixture_build();
		group->run();
		(void)fflush(stdout);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		status = -1;
	group_name = group->name;
	outcome("(all)", "%s", status == 0 ? "done" : "did not end by itself");
}

static bool is_wanted(const char *name, char *const *names)
{
	if (!*names)
		return true;
	for (; *names; names++)
		if (strcmp(name, *names) == 0)
			return true;
	return false;
}

int main(int argc, char **argv)
{
	static char buffer[65536];

	(void)setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	if (argc == 2 && strcmp(argv[1], "ran") == 0)
		return 42; /* as WORLD/program: it was executed */
	if (argc < 2)
		return 2;
	if (strcmp(argv[1], "list") == 0) {
		for (const struct group *g = groups; g->name; g++)
			printf("%s\n", g->name);
		return 0;
	}
	if (!realpath(argv[1], world_path)) {
		perror(argv[1]);
		return 2;
	}
	if (snprintf(fixture_path, sizeof(fixture_path), "%s/f", world_path) >=
	    (int)sizeof(fixture_path))
		return 2;
	(void)signal(SIGPIPE, SIG_IGN);
	/* What make leaves open, outside, would change every number. */
	(void)close_range(3, ~0u, 0);
	shapes_make();
	for (const struct group *g = groups; g->name; g++)
		if (is_wanted(g->name, argv + 2))
			run_group(g);
	return 0;
}
