/* SPDX-License-Identifier: Apache-2.0 */
/* Programs and threads. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "transparent.h"

#define ROUNDS 300
#define THREADS 6

struct start {
	const char *path;
	char *const *argv, *const *envp;
	int fd; /* execveat of it, when it is not -1 */
};

static void exec_now(void *data)
{
	const struct start *start = data;

	if (start->fd >= 0)
		(void)syscall(SYS_execveat, start->fd, start->path, start->argv,
			      start->envp, AT_EMPTY_PATH);
	else
		(void)execve(start->path, start->argv, start->envp);
	outcome(start->path, "not executed: %s", shown(-1));
	_exit(1);
}

static void try_exec(const char *id, const char *path, char *const *argv)
{
	char *const none[] = { NULL };
	struct start start = { path, argv, none, -1 };

	outcome(id, "%s", forked(exec_now, &start));
}

static void try_scripts(void)
{
	static const struct {
		const char *name, *text;
	} scripts[] = {
		{ "no-interpreter", "#!/not/there\n" },
		{ "empty-line", "#!\n" },
		{ "blanks", "#! \t \n" },
		{ "directory", "#!/usr\n" },
		{ "no-line-end", "#!/bin/sh" },
		{ "binary", "\177ELFnot really" },
		{ "text", "exit 3\n" },
		{ "relative", "#!program ran\n" },
		{ "itself", "#!./itself\n" },
		{ "option", "#!/bin/sh -e\nexit 5\n" },
		{ "of-script", "#!./option\nexit 6\n" },
		{ "closed-one", "#!./closed\n" },
	};
	char *const argv[] = { "a script", "ran", NULL };
	char path[64];

	for (size_t i = 0; i < COUNT(scripts); i++) {
		(void)snprintf(path, sizeof(path), "./%s", scripts[i].name);
		(void)write_file(path, scripts[i].text, 0755);
		try_exec(path, path, argv);
	}
	(void)write_file("empty-one", "", 0755);
	try_exec("an empty file", "./empty-one", argv);
	(void)chmod("option", 0644);
	try_exec("no x", "./option", argv);
	(void)chmod("option", 0111);
	try_exec("script without r", "./option", argv);
	fixture_build();
}

static void try_sizes(void)
{
	static char huge[200 * 1024];
	char **many = calloc(100001, sizeof(*many));
	char *argv[] = { "program", "ran", huge, NULL };

	if (!many)
		return;
	memset(huge, 'x', sizeof(huge) - 1);
	try_exec("an argument that is too long", "program", argv);
	huge[128 * 1024 - 1] = '\0';
	try_exec("an argument that is just right", "program", argv);
	huge[100] = '\0';
	for (int i = 0; i < 100000; i++)
		many[i] = huge;
	try_exec("too many arguments", "program", many);
	many[1] = "ran";
	many[2] = NULL;
	try_exec("a name and a word", "program", many);
	many[0] = NULL;
	try_exec("no arguments", "program", many);
	free(many);
}

static void try_by_descriptor(void)
{
	char *const argv[] = { "program", "ran", NULL };
	char *const none[] = { NULL };
	struct start start = { "", argv, none, -1 };

	start.fd = open("program", O_RDONLY | O_CLOEXEC);
	outcome("by descriptor", "%s", forked(exec_now, &start));
	(void)close(start.fd);
	start.fd = open("program", O_PATH | O_CLOEXEC);
	outcome("by O_PATH descriptor", "%s", forked(exec_now, &start));
	(void)close(start.fd);
	start.fd = open("dir", O_RDONLY | O_CLOEXEC);
	start.path = "../program";
	outcome("from a directory", "%s", forked(exec_now, &start));
	(void)close(start.fd);
}

void run_exec(void)
{
	static const char *const paths[] = { "./script", "program",  "file",
					     "dir",      "to-dir",   "fifo",
					     "socket",   "closed",   "locked/x",
					     "missing",  "dangling", "loop",
					     "/dev/null" };
	char *const argv[] = { "p", "ran", NULL };
	int fd;

	for (size_t i = 0; i < COUNT(paths); i++)
		try_exec(paths[i], paths[i], argv);
	try_scripts();
	try_sizes();
	try_by_descriptor();
	(void)chmod("program", 0111);
	try_exec("a program without r", "program", argv);
	fixture_build();
	/* A copy: the program itself runs. */
	(void)unlink("copy");
	if (link("script", "copy") == 0 && (fd = open("copy", O_RDWR)) >= 0) {
		try_exec("open for writing", "./copy", argv);
		(void)close(fd);
	}
	fd = open("program", O_WRONLY);
	outcome("opened while it runs", "%s", describe_fd(fd));
	outcome("truncated while it runs", "%s", shown(truncate("program", 0)));
	fixture_build();
}

/* A thread with a table, a directory and a umask of its own. */
static void *run_private(void *unused)
{
	char path[PATH_MAX];
	int fd;

	(void)unused;
	outcome("private", "unshare %s",
		shown(unshare(CLONE_FS | CLONE_FILES)));
	(void)chdir("dir");
	(void)umask(077);
	fd = open("of-thread", O_CREAT | O_RDWR, 0666);
	outcome("private", "%s", describe_fd(dup(fd)));
	(void)close(0);
	outcome("private", "%s", describe_fd(open("../file", O_RDONLY)));
	outcome("private", "cwd %s", placeless(getcwd(path, sizeof(path))));
	outcome("private", "rename %s", shown(rename("inner", "../moved")));
	outcome("private", "mkdir %s", shown(mkdir("of-it", 0777)));
	return NULL;
}

/* One that shares the directory changes it for all. */
static void *run_sharing(void *unused)
{
	(void)chdir("dir");
	(void)umask(0);
	return unused;
}

static void *run_busy(void *data)
{
	char name[32], other[32];
	long done = 0;

	(void)snprintf(name, sizeof(name), "busy-%ld", (long)data);
	(void)snprintf(other, sizeof(other), "other-%ld", (long)data);
	for (int i = 0; i < ROUNDS; i++) {
		struct stat st;
		int fd = open(name, O_CREAT | O_EXCL | O_RDWR, 0600);

		done += fd >= 0 && write(fd, name, 6) == 6 && close(fd) == 0 &&
			rename(name, other) == 0 && stat(other, &st) == 0 &&
			st.st_size == 6 && link(other, name) == 0 &&
			unlink(other) == 0 && unlink(name) == 0;
	}
	return (void *)done;
}

static void in_thread(void *(*run)(void *), void *data, void **ret)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, data) == 0)
		(void)pthread_join(thread, ret);
}

static int run_vforked(void *unused)
{
	(void)unused;
	outcome("shares memory", "%s",
		describe_fd(open("of-child", O_CREAT | O_WRONLY, 0600)));
	return 0;
}

void run_threads(void)
{
	static char stack[65536] __attribute__((aligned(16)));
	pthread_t threads[THREADS];
	char path[PATH_MAX];
	void *done;
	long sum = 0;
	pid_t pid;

	in_thread(run_private, NULL, &done);
	changed("beside private", "", describe_fd(open("dir", O_RDONLY)));
	in_thread(run_sharing, NULL, &done);
	outcome("sharing", "%s", placeless(getcwd(path, sizeof(path))));
	outcome("sharing", "%s",
		describe_fd(open("made", O_CREAT | O_RDWR, 0666)));
	(void)umask(022);
	fixture_build();
	for (long i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, run_busy, (void *)i) != 0)
			_exit(4);
	for (size_t i = 0; i < THREADS; i++) {
		(void)pthread_join(threads[i], &done);
		sum += (long)done;
	}
	outcome("busy", "%ld %s", sum, fixture_changes());
	pid = clone(run_vforked, stack + sizeof(stack),
		    CLONE_VM | CLONE_FS | CLONE_FILES | SIGCHLD, NULL);
	changed("shares memory", "",
		pid > 0 && waitpid(pid, NULL, 0) == pid ? "ended" : "?");
}
