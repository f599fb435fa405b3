// SPDX-License-Identifier: Apache-2.0
/*
 * F: which program runs, and who goes on when nobody should.
 */
#include "catalogue.h"
#include "flip.h"
#include "opens.h"
#include "tricks.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 200
/* The catalogue ends so when it is not told what to do. */
#define WAS_ALLOWED 99
#define WAS_REFUSED 7

static const char *words[] = { "program", NULL };
static const char *none[] = { NULL };

/* The kernel's calls know no const. */
static char **plain(const char **list)
{
	return (char **)(uintptr_t)list;
}

static int by_execve(const char *path)
{
	return execve(path, plain(words), plain(none));
}

static int by_execveat(const char *path)
{
	return (int)syscall(SYS_execveat, AT_FDCWD, path, plain(words),
			    plain(none), 0);
}

/* Whether the program that prints the secret ran. */
static bool ran(int (*run)(const char *path), const char *path)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		(void)close(STDERR_FILENO);
		(void)run(path);
		_exit(WAS_REFUSED);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return false;
	flip_met(WEXITSTATUS(status) == WAS_ALLOWED);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void race_path(enum flip_how how, int (*run)(const char *path))
{
	const char *path =
		flip_paths(how, in_read("program"), in_secret("program"));
	int i = 0;

	while (flip_goes_on(i++, ROUNDS) && !ran(run, path))
		;
	flip_end();
}

static void race_execve(void)
{
	race_path(BY_THREAD, by_execve);
}

static void race_execveat(void)
{
	race_path(BY_THREAD, by_execveat);
}

static void race_by_process(void)
{
	race_path(BY_PROCESS, by_execve);
}

static void race_by_mapping(void)
{
	race_path(BY_MAPPING, by_execve);
}

/* The name stays, and is a link to one or the other. */
static const char *links[2], *link_name;

static void take_link(int i)
{
	const char *new_link = strdup(text("%s-new", link_name));

	(void)unlink(new_link);
	(void)symlink(links[i], new_link);
	(void)rename(new_link, link_name);
}

static void race_link(void)
{
	int i = 0;

	links[0] = strdup(in_read("program"));
	links[1] = strdup(in_secret("program"));
	link_name = strdup(in_write("link"));
	take_link(0);
	flip_calls(take_link, 0, 1);
	while (flip_goes_on(i++, ROUNDS) && !ran(by_execve, link_name))
		;
	flip_end();
}

/* The first line of the script names one or the other. */
static const char *lines[2];
static int script;

static void take_line(int i)
{
	(void)!pwrite(script, lines[i], strlen(lines[i]), 0);
}

static void race_line(void)
{
	const char *name = strdup(in_write("script"));
	size_t one = strlen(in_read("program"));
	size_t other = strlen(in_secret("program"));
	size_t n = one > other ? one : other;
	int i = 0;

	lines[0] = strdup(text("#!%s\n%*s\n", in_read("program"),
			       (int)(n - one) + 1, ""));
	lines[1] = strdup(text("#!%s\n%*s\n", in_secret("program"),
			       (int)(n - other) + 1, ""));
	script = open(name, O_CREAT | O_WRONLY, 0755);
	take_line(0);
	(void)close(script);
	/* While it is open for writing nobody can run it: from a second file. */
	while (race_goes_on(i, 2 * ROUNDS)) {
		script = open(name, O_WRONLY);
		take_line(i++ % 2);
		(void)close(script);
		if (ran(by_execve, name))
			break;
	}
}

static void plainly(void)
{
	(void)said("execve", by_execve(in_secret("program")));
}

static void plainly_at(void)
{
	(void)said("execveat", by_execveat(in_secret("program")));
}

static void by_descriptor(void)
{
	int fd = (int)said("O_PATH", open(in_secret("program"), O_PATH));

	(void)said("execveat", syscall(SYS_execveat, fd, "", plain(words),
				       plain(none), AT_EMPTY_PATH));
	(void)said("execve", by_execve(text("/proc/self/fd/%d", fd)));
}

static void by_directory(void)
{
	int fd = (int)said("O_PATH", open(world("secret"), O_PATH));

	(void)said("execveat", syscall(SYS_execveat, fd, "program",
				       plain(words), plain(none), 0));
}

static void upwards(void)
{
	(void)said("execve",
		   by_execve(text("%s/../%s/program", world("read"),
				  strrchr(world("secret"), '/') + 1)));
}

static void by_link(void)
{
	(void)said("execve",
		   by_execve(link_to(in_secret("program"), "program")));
}

static void by_hard_link(void)
{
	(void)said("link", link(in_secret("program"), in_write("program")));
	(void)said("execve", by_execve(in_write("program")));
}

static void by_root(void)
{
	(void)said("execve",
		   by_execve(text("/proc/self/root%s", in_secret("program"))));
}

static void its_script(void)
{
	(void)said("execve", by_execve(in_secret("script")));
}

static void its_shell(void)
{
	const char *command[] = { "sh", "-c", strdup(in_secret("program")),
				  NULL };

	(void)said("execve", execve("/bin/sh", plain(command), plain(none)));
}

/* The kernel itself opens what a program names. */
static void first_line(void)
{
	const char *name = put("script", text("#!%s\n", in_secret("program")));

	(void)chmod(name, 0755);
	(void)said("execve", by_execve(name));
}

static void two_lines(void)
{
	const char *inner = put("inner", text("#!%s\n", in_secret("program")));
	const char *outer = put("outer", text("#!%s\n", inner));

	(void)chmod(inner, 0755);
	(void)chmod(outer, 0755);
	(void)said("execve", by_execve(outer));
}

static void line_with_words(void)
{
	const char *name = put("script", text("#!/usr/bin/env -S %s\n",
					      in_secret("program")));

	(void)chmod(name, 0755);
	(void)said("execve", by_execve(name));
}

/* The child acts when its parent has gone, and does not want to be ended. */
static void outlives(void)
{
	const char *path = strdup(in_secret("file"));

	if (fork() != 0)
		return;
	for (int number = 1; number < NSIG; number++)
		(void)signal(number, SIG_IGN);
	(void)setsid();
	(void)usleep(60000);
	(void)loot_by_any(path);
	_exit(0);
}

static void outlives_twice(void)
{
	if (fork() == 0) {
		outlives();
		_exit(0);
	}
}

static void race_peer(void)
{
	const char *path =
		flip_paths(BY_PROCESS, in_read("file"), in_secret("file"));
	int i = 0;

	while (flip_goes_on(i++, 3000)) {
		int fd = open(path, O_RDONLY);

		flip_met(fd >= 0);
		loot_fd(fd);
	}
	flip_end();
}

/*
 * A thread that is not the first becomes another program and takes the number
 * of the first; the same attack as T028 follows.
 */
static void *become(void *data)
{
	const char *again[] = { "program", "run", "T028", NULL, NULL };

	(void)data;
	again[3] = strdup(in_read("world"));
	(void)execve(in_read("program"), plain(again), plain(none));
	note("execve: %s", strerrorname_np(errno));
	return NULL;
}

static void *look_for_ever(void *data)
{
	const char *path = data;

	for (;;)
		(void)close(open(path, O_RDONLY));
	return NULL;
}

static void thread_becomes(void)
{
	pthread_t first, second;

	(void)pthread_create(&first, NULL, look_for_ever,
			     strdup(in_read("file")));
	(void)usleep(20000);
	if (pthread_create(&second, NULL, become, NULL) == 0)
		(void)pthread_join(second, NULL);
	_exit(0);
}

#define ROW(id, what, allowed, run)                   \
	{                                             \
		id, what, "programs", allowed, 0, run \
	}

const struct attack program_attacks[] = {
	ROW("T111", "execve, its path rewritten", "child,worker", race_execve),
	ROW("T111b", "execveat", "child,worker", race_execveat),
	ROW("T111c", "another page is mapped over the path", "child,worker",
	    race_by_mapping),
	ROW("T111d", "a link that is replaced", "child,worker", race_link),
	ROW("T111e", "a first line that is rewritten", "child", race_line),
	ROW("T112", "its interpreter, by #!", "child", first_line),
	ROW("T112b", "by the #! of an interpreter", "child", two_lines),
	ROW("T112c", "by env in a #!", "child", line_with_words),
	ROW("T113", "execve", NULL, plainly),
	ROW("T113b", "execveat", NULL, plainly_at),
	ROW("T113c", "an O_PATH descriptor executed", NULL, by_descriptor),
	ROW("T113d", "beneath a descriptor", NULL, by_directory),
	ROW("T113e", ".. from what may be read", "child", upwards),
	ROW("T113f", "a symbolic link", "child", by_link),
	ROW("T113g", "a hard link", "child", by_hard_link),
	ROW("T113h", "by /proc/self/root", "child", by_root),
	ROW("T113i", "a script", "child", its_script),
	ROW("T113j", "by a shell", "child", its_shell),
	ROW("T113k", "execve, though children are allowed", "child", plainly),
	{ "T117", "a child goes on without its parent", "files", "child", 0,
	  outlives },
	{ "T117b", "an orphan goes on", "files", "child", 0, outlives_twice },
	{ "T122", "open, its path rewritten by a process", "files", "child", 0,
	  race_peer },
	ROW("T122b", "execve, its path rewritten by a process", "child",
	    race_by_process),
	{ "T123", "a thread becomes a program while others open", "files",
	  "child,worker", 0, thread_becomes },
	{ 0 },
};
