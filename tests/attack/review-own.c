/* SPDX-License-Identifier: Apache-2.0 */
/*
 * review-own WAY WORD...: more than a descriptor allows, by way of its entry
 * in /proc. Prints one line for each attempt, "NAME: OK" or "NAME: refused".
 *
 *   onward DIR REST         /proc/self/fd/N of DIR, and on from there
 *   table FILE              FILE, read-only in another thread's table under a
 *                           number that is read-write in ours
 *   swap MINE FILE ROUNDS   the same number, pointed elsewhere all the time
 *   unnamed FILE SPARE NEW  FILE written under a name that is gone: a new one
 *   cwd ONE OTHER ROUNDS    the working directory, changed all the time
 */
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "attack.h"

#define RACED_FD 50

static const char *other_file;
static volatile pid_t other_tid;
static volatile bool is_over;

static void say(const char *name, long result)
{
	printf("%s: %s\n", name, result < 0 ? "refused" : "OK");
}

static void say_open(const char *name, const char *path, int flags)
{
	int fd = open(path, flags);

	say(name, fd);
	if (fd >= 0)
		(void)close(fd);
}

static int onward(char **words)
{
	char path[4096];
	struct stat st;
	int fd = open(words[0], O_RDONLY | O_DIRECTORY);

	if (fd < 0)
		attack_die(words[0]);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", fd, words[1]);
	say("stat", stat(path, &st));
	say_open("read", path, O_RDONLY);
	(void)snprintf(path, sizeof(path), "/dev/fd/%d/%s", fd, words[1]);
	say_open("dev", path, O_RDONLY);
	(void)snprintf(path, sizeof(path), "/proc/thread-self/fd/%d/%s", fd,
		       words[1]);
	say_open("thread", path, O_RDONLY);
	return 0;
}

static void *hold_file(void *data)
{
	int fd;

	if (unshare(CLONE_FILES) < 0)
		attack_die("unshare");
	fd = open(other_file, O_RDONLY);
	if (fd < 0 || dup2(fd, RACED_FD) < 0)
		attack_die(other_file);
	other_tid = gettid();
	while (!is_over)
		(void)usleep(1000);
	return data;
}

static int table(char **words)
{
	pthread_t thread;
	char path[64];
	int fd = open("/dev/null", O_RDWR);

	if (fd < 0 || dup2(fd, RACED_FD) < 0)
		attack_die("/dev/null");
	other_file = words[0];
	if (pthread_create(&thread, NULL, hold_file, NULL) != 0)
		attack_die("pthread_create");
	while (other_tid == 0)
		(void)usleep(1000);
	(void)snprintf(path, sizeof(path), "/proc/self/task/%d/fd/%d",
		       other_tid, RACED_FD);
	say_open("read", path, O_RDONLY);
	say("mode", chmod(path, 0777));
	say("owner", chown(path, (uid_t)-1, getgid()));
	say("times", utimensat(AT_FDCWD, path, NULL, 0));
	say("size", truncate(path, 1));
	say_open("write", path, O_WRONLY);
	is_over = true;
	(void)pthread_join(thread, NULL);
	return 0;
}

static int swapped[2];

static void *point_elsewhere(void *data)
{
	struct flipper *f = data;

	while (!f->is_over) {
		(void)dup2(swapped[0], RACED_FD);
		flip_pause(f);
		(void)dup2(swapped[1], RACED_FD);
		flip_pause(f);
	}
	return NULL;
}

static int swap(char **words)
{
	static struct flipper f;
	int rounds = atoi(words[2]), n_done = 0, i;
	struct stat st;

	swapped[0] = open(words[0], O_RDWR);
	swapped[1] = open(words[1], O_RDONLY);
	if (swapped[0] < 0 || swapped[1] < 0 || dup2(swapped[1], RACED_FD) < 0)
		attack_die("review-own");
	flipper_start(&f, point_elsewhere);
	for (i = 0; !flipper_is_done(&f, i, rounds, n_done); i++)
		n_done += fchmod(RACED_FD, 0640) == 0;
	flipper_stop(&f);
	if (fstat(swapped[1], &st) < 0)
		attack_die(words[1]);
	printf("done=%d refused=%d secret=%d\n", n_done, i - n_done,
	       (st.st_mode & 0777) == 0640);
	return 0;
}

static int unnamed(char **words)
{
	char path[64];
	int fd = open(words[0], O_WRONLY);

	say("write", fd);
	say("spare", link(words[0], words[1]));
	say("unlink", unlink(words[0]));
	say("linkfd", linkat(fd, "", AT_FDCWD, words[2], AT_EMPTY_PATH));
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	say("linkproc",
	    linkat(AT_FDCWD, path, AT_FDCWD, words[2], AT_SYMLINK_FOLLOW));
	say_open("read", words[2], O_RDONLY);
	return 0;
}

static const char *places[2];

static void *change_directory(void *data)
{
	struct flipper *f = data;

	while (!f->is_over) {
		(void)chdir(places[0]);
		flip_pause(f);
		(void)chdir(places[1]);
		flip_pause(f);
	}
	return NULL;
}

/* 1: the directory has a file "secret", 0: not, -1: refused */
static int list_cwd(void)
{
	DIR *dir = opendir("/proc/self/cwd");
	struct dirent *entry;
	int found = 0;

	if (!dir)
		return -1;
	while ((entry = readdir(dir)))
		found |= strcmp(entry->d_name, "secret") == 0;
	(void)closedir(dir);
	return found;
}

static int cwd(char **words)
{
	static struct flipper f;
	int rounds = atoi(words[2]), n[3] = { 0 };

	places[0] = words[0];
	places[1] = words[1];
	flipper_start(&f, change_directory);
	for (int i = 0; !flipper_is_done(&f, i, rounds, n[1]); i++)
		n[list_cwd() + 1]++;
	flipper_stop(&f);
	printf("allowed=%d refused=%d secret=%d\n", n[1], n[0], n[2]);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int n_words;
		int (*run)(char **words);
	} ways[] = {
		{ "onward", 2, onward }, { "table", 1, table },
		{ "swap", 3, swap },     { "unnamed", 3, unnamed },
		{ "cwd", 3, cwd },
	};

	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; argc > 1 && i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strcmp(argv[1], ways[i].name) == 0 &&
		    argc == ways[i].n_words + 2)
			return ways[i].run(argv + 2);
	return 99;
}
