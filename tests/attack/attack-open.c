/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack-open HOW ALLOWED FORBIDDEN ROUNDS: open a path that somebody rewrites
 * between two files, and see which file was opened. HOW says who rewrites:
 * "thread", or "process" that shares the memory. A file that begins with
 * SECRET must never be opened.
 */
#include <signal.h>
#include <sys/wait.h>

#include "attack.h"

struct counts {
	int allowed, refused, secret;
};

static char stack[65536] __attribute__((aligned(16)));

static int flip_in_process(void *data)
{
	(void)flip(data);
	return 0;
}

static pid_t start(const char *how, struct flipper *f)
{
	pid_t pid;

	if (strcmp(how, "thread") == 0) {
		flipper_start(f, flip);
		return 0;
	}
	pid = clone(flip_in_process, stack + sizeof(stack), CLONE_VM | SIGCHLD,
		    f);
	if (pid < 0)
		attack_die("clone");
	return pid;
}

static void stop(struct flipper *f, pid_t pid)
{
	if (pid == 0) {
		flipper_stop(f);
		return;
	}
	f->is_over = true;
	(void)waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
	static struct flipper f;
	struct counts n = { 0 };
	int rounds = argc == 5 ? atoi(argv[4]) : 0;
	pid_t pid;

	if (argc != 5)
		return 99;
	flipper_init(&f, argv[2], argv[3]);
	pid = start(argv[1], &f);
	for (int i = 0;
	     !flipper_is_done(&f, i, rounds, n.allowed && n.refused + n.secret);
	     i++) {
		switch (attack_starts_with(open(f.path, O_RDONLY | O_CLOEXEC),
					   "SECRET")) {
		case 0:
			n.allowed++;
			break;
		case 1:
			n.secret++;
			break;
		default:
			n.refused++;
		}
	}
	stop(&f, pid);
	printf("allowed=%d refused=%d secret=%d\n", n.allowed, n.refused,
	       n.secret);
	return 0;
}
