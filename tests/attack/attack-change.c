/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack-change OP ALLOWED FORBIDDEN ROUNDS: change metadata or names under a
 * path that another thread rewrites; with OP "fd-mode", through a descriptor
 * number that another thread points elsewhere. The shell looks at FORBIDDEN.
 */
#include <sys/stat.h>
#include <sys/xattr.h>

#include "attack.h"

#define RACED_FD 50

static int raced[2];

static int change(const char *op, const char *path)
{
	if (strcmp(op, "mode") == 0)
		return chmod(path, 0777);
	if (strcmp(op, "times") == 0)
		return utimensat(AT_FDCWD, path, NULL, 0);
	if (strcmp(op, "xattr") == 0)
		return setxattr(path, "user.raced", "x", 1, 0);
	if (strcmp(op, "truncate") == 0)
		return truncate(path, 1);
	if (strcmp(op, "stat") == 0) {
		struct stat st;

		/* The forbidden file is the one of 7 bytes. */
		if (stat(path, &st) == 0)
			return st.st_size == 7 ? 1 : 0;
	}
	return -1;
}

static void *point_elsewhere(void *data)
{
	struct flipper *f = data;

	while (!f->is_over) {
		(void)dup2(raced[0], RACED_FD);
		flip_pause(f);
		(void)dup2(raced[1], RACED_FD);
		flip_pause(f);
	}
	return NULL;
}

static int race_descriptor(const char *allowed, const char *forbidden,
			   int rounds)
{
	static struct flipper f;
	int n_done = 0;
	int i;

	raced[0] = open(allowed, O_RDONLY);
	raced[1] = open(forbidden, O_RDONLY);
	if (raced[0] < 0 || raced[1] < 0)
		attack_die("attack-change");
	flipper_start(&f, point_elsewhere);
	for (i = 0; !flipper_is_done(&f, i, rounds, n_done); i++)
		n_done += fchmod(RACED_FD, 0777) == 0;
	flipper_stop(&f);
	printf("done=%d refused=%d secret=0\n", n_done, i - n_done);
	return 0;
}

int main(int argc, char **argv)
{
	static struct flipper f;
	int n_done = 0;
	int n_refused = 0;
	int n_secret = 0;
	int rounds = argc == 5 ? atoi(argv[4]) : 0;

	if (argc != 5)
		return 99;
	if (strcmp(argv[1], "fd-mode") == 0)
		return race_descriptor(argv[2], argv[3], rounds);
	flipper_init(&f, argv[2], argv[3]);
	flipper_start(&f, flip);
	for (int i = 0; !flipper_is_done(&f, i, rounds, n_done); i++) {
		int result = change(argv[1], f.path);

		n_done += result == 0;
		n_refused += result < 0;
		n_secret += result > 0;
	}
	flipper_stop(&f);
	printf("done=%d refused=%d secret=%d\n", n_done, n_refused, n_secret);
	return 0;
}
