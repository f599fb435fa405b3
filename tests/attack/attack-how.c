/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack-how FILE ROUNDS: openat2 whose flags another thread rewrites between
 * reading and truncating. FILE is granted for reading; its size may not
 * change.
 */
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "attack.h"

static volatile struct open_how how;

static void *flip_flags(void *data)
{
	struct flipper *f = data;

	while (!f->is_over) {
		how.flags = O_RDONLY;
		flip_pause(f);
		how.flags = O_RDWR | O_TRUNC;
		flip_pause(f);
	}
	return NULL;
}

/* 0 open for reading, 1 open for writing, 2 refused */
static int open_raced(const char *path)
{
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
	int flags;

	if (fd < 0)
		return 2;
	flags = fcntl(fd, F_GETFL);
	(void)close(fd);
	return (flags & O_ACCMODE) != O_RDONLY;
}

int main(int argc, char **argv)
{
	static struct flipper f;
	int rounds = argc == 3 ? atoi(argv[2]) : 0;
	int n[3] = { 0 };

	if (argc != 3)
		return 99;
	flipper_start(&f, flip_flags);
	for (int i = 0; !flipper_is_done(&f, i, rounds, n[0] && n[1] + n[2]);
	     i++)
		n[open_raced(argv[1])]++;
	flipper_stop(&f);
	printf("allowed=%d refused=%d secret=%d\n", n[0], n[2], n[1]);
	return 0;
}
