/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack-lives OP ARG...: processes and threads that begin and end where
 * nobody expects it.
 *   check PROGRAM        asks whether it could be executed (AT_EXECVE_CHECK)
 *   become FIFO PROGRAM  a thread waits for the FIFO, another one becomes
 *                        the program
 *   bomb N FILE          N processes that fork and open FILE, for a moment
 *   sibling              one that is the child of our parent, and stays
 *   lock FILE            a lock ends with its descriptor
 *   cloexec FILE         on exec what is asked for is closed
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "attack.h"

#define CHECK_ONLY 0x10000 /* AT_EXECVE_CHECK, Linux 6.14 */
#define STACK (64 * 1024)
#define BOMB_MOST 1000

static int say(const char *what, long result)
{
	printf("%s: %s\n", what, result < 0 ? strerrorname_np(errno) : "OK");
	fflush(stdout);
	return 0;
}

static char *const no_words[] = { NULL };

static int check(char **args)
{
	char *const words[] = { args[0], NULL };

	return say("check", syscall(SYS_execveat, AT_FDCWD, args[0], words,
				    no_words, CHECK_ONLY));
}

static void *wait_for_fifo(void *path)
{
	(void)open(path, O_RDONLY);
	return NULL;
}

static void *become(void *program)
{
	char *const words[] = { program, NULL };

	(void)execve(program, words, no_words);
	(void)say("become", -1);
	exit(1);
}

static int become_by_thread(char **args)
{
	pthread_t waits, becomes;

	if (pthread_create(&waits, NULL, wait_for_fifo, args[0]) != 0)
		attack_die("pthread_create");
	(void)usleep(200000);
	if (pthread_create(&becomes, NULL, become, args[1]) != 0)
		attack_die("pthread_create");
	(void)pthread_join(becomes, NULL);
	return 1;
}

static void open_for_a_moment(const char *path)
{
	double end = attack_ms() + 500;

	while (attack_ms() < end) {
		int fd = open(path, O_RDONLY);

		if (fd >= 0)
			(void)close(fd);
	}
}

/* Each makes two more, until there were as many as are allowed. */
static void explode(atomic_int *left, const char *path)
{
	for (int i = 0; i < 2 && atomic_fetch_sub(left, 1) > 0; i++) {
		pid_t child = fork();

		if (child != 0)
			continue;
		explode(left, path);
		open_for_a_moment(path);
		while (wait(NULL) > 0)
			;
		_exit(0);
	}
}

static int bomb(char **args)
{
	int n = atoi(args[0]);
	atomic_int *left = mmap(NULL, sizeof(*left), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (left == MAP_FAILED)
		attack_die("mmap");
	atomic_store(left, n < BOMB_MOST ? n : BOMB_MOST);
	explode(left, args[1]);
	open_for_a_moment(args[1]);
	while (wait(NULL) > 0)
		;
	printf("made: %s\n", atomic_load(left) <= 0 ? "all" : "not all");
	return say("after it", open(args[1], O_RDONLY));
}

static int end_at_once(void *data)
{
	(void)data;
	_exit(42);
}

static int stay(void *data)
{
	(void)data;
	for (int number = 1; number < NSIG; number++)
		(void)signal(number, SIG_IGN);
	for (int i = 0; i < 60; i++)
		(void)sleep(1);
	_exit(0);
}

static int sibling(char **args)
{
	static char stacks[2][STACK];
	pid_t one, other;

	(void)args;
	one = clone(end_at_once, stacks[0] + STACK, CLONE_PARENT | SIGCHLD,
		    NULL);
	other = clone(stay, stacks[1] + STACK, CLONE_PARENT | SIGCHLD, NULL);
	if (one < 0 || other < 0)
		attack_die("clone");
	printf("sibling: %d\n", (int)other);
	fflush(stdout);
	(void)usleep(500000);
	return 7;
}

static int lock(char **args)
{
	int one = open(args[0], O_RDONLY), other = open(args[0], O_RDONLY);

	(void)say("one", flock(one, LOCK_EX | LOCK_NB));
	(void)say("other", flock(other, LOCK_EX | LOCK_NB));
	(void)close(one);
	return say("other then", flock(other, LOCK_EX | LOCK_NB));
}

static int cloexec(char **args)
{
	printf("cloexec: %d %d\n",
	       fcntl(open(args[0], O_RDONLY | O_CLOEXEC), F_GETFD),
	       fcntl(open(args[0], O_RDONLY), F_GETFD));
	return 0;
}

static const struct {
	const char *name;
	int n_args;
	int (*run)(char **args);
} ops[] = {
	{ "check", 1, check }, { "become", 2, become_by_thread },
	{ "bomb", 2, bomb },   { "sibling", 0, sibling },
	{ "lock", 1, lock },   { "cloexec", 1, cloexec },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(ops) / sizeof(ops[0]); i++)
		if (strcmp(ops[i].name, argv[1]) == 0 &&
		    argc == ops[i].n_args + 2)
			return ops[i].run(argv + 2);
	return 99;
}
