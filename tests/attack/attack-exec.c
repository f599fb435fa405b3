/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack-exec ALLOWED FORBIDDEN ROUNDS: run a program whose path another thread
 * rewrites. ALLOWED ends with status 0, FORBIDDEN with 1, a refusal with 2.
 */
#include <spawn.h>
#include <sys/wait.h>

#include "attack.h"

/* The parent's thread goes on rewriting: vfork shares the memory. */
static int run(struct flipper *f)
{
	char *argv[] = { f->path, NULL };
	char *envp[] = { NULL };
	int status = -1;
	pid_t pid = vfork();

	if (pid == 0) {
		(void)execve(f->path, argv, envp);
		_exit(2);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		attack_die("vfork");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}

int main(int argc, char **argv)
{
	static struct flipper f;
	int n[4] = { 0 };
	int rounds = argc == 4 ? atoi(argv[3]) : 0;

	if (argc != 4)
		return 99;
	flipper_init(&f, argv[1], argv[2]);
	flipper_start(&f, flip);
	for (int i = 0; !flipper_is_done(&f, i, rounds, n[0] && n[1] + n[2]);
	     i++)
		n[run(&f) & 3]++;
	flipper_stop(&f);
	printf("allowed=%d refused=%d secret=%d killed=%d\n", n[0], n[2], n[1],
	       n[3]);
	return 0;
}
