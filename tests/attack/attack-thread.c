/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack-thread MINE THEIRS: a thread with its own descriptors, working
 * directory and umask opens "file" by a descriptor number and by a relative
 * path; what it gets must be THEIRS, never what the same names mean to the
 * main thread, and the umask must be its own.
 */
#include <sched.h>
#include <sys/stat.h>

#include "attack.h"

#define DIR_FD 100

static const char *theirs;

static void say(const char *what, int fd)
{
	char text[64] = "";

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0) {
		printf("%s: refused\n", what);
		return;
	}
	text[strcspn(text, "\n")] = '\0';
	printf("%s: %s\n", what, text);
	(void)close(fd);
}

static void *other_view(void *unused)
{
	struct stat st;
	int fd;

	if (unshare(CLONE_FILES | CLONE_FS) < 0)
		attack_die("unshare");
	fd = open(theirs, O_RDONLY | O_DIRECTORY);
	if (fd < 0 || dup2(fd, DIR_FD) < 0 || fchdir(fd) < 0)
		attack_die(theirs);
	(void)umask(077);
	say("by descriptor", openat(DIR_FD, "file", O_RDONLY));
	say("by path", open("file", O_RDONLY));
	say("upwards", open("../denied/file", O_RDONLY));
	fd = open("made", O_RDWR | O_CREAT | O_EXCL, 0666);
	if (fd >= 0 && fstat(fd, &st) == 0)
		printf("mode: %o\n", st.st_mode & 0777);
	(void)close(fd);
	fd = openat(DIR_FD, "file", O_RDONLY);
	printf("descriptor: %s\n", fcntl(fd, F_GETFD) >= 0 ? "here" : "lost");
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int fd;
	int before;

	if (argc != 3)
		return 99;
	theirs = argv[2];
	(void)umask(0);
	fd = open(argv[1], O_RDONLY | O_DIRECTORY);
	if (fd < 0 || dup2(fd, DIR_FD) < 0 || fchdir(fd) < 0)
		attack_die(argv[1]);
	before = dup(0);
	(void)close(before);
	if (pthread_create(&thread, NULL, other_view, NULL) != 0)
		attack_die("pthread_create");
	(void)pthread_join(thread, NULL);
	say("main", openat(DIR_FD, "file", O_RDONLY));
	fd = dup(0);
	printf("leaked: %s\n", fd == before ? "none" : "some");
	return 0;
}
