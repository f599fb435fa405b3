// SPDX-License-Identifier: Apache-2.0
/*
 * "write/place" is a directory and a symlink to the secret by turns, or
 * "write/name" a file and such a symlink, while a call uses a path through it.
 */
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "catalogue.h"
#include "tricks.h"

#define ROUNDS 3000
#define CHANGES 800

static char one[4096];
static char other[4096];

static void exchange(void)
{
	(void)syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, other,
		      RENAME_EXCHANGE);
}

static void prepare(const char *name)
{
	(void)snprintf(one, sizeof(one), "%s/%s", world("write"), name);
	(void)snprintf(other, sizeof(other), "%s/other", world("write"));
	(void)mkdir(in_write("place"), 0755);
	(void)mkdir(in_write("place/dir"), 0755);
	(void)put("place/file", "harmless");
	(void)put("name", "harmless");
}

/* Reads @path by @opener until it got what is not harmless. */
static void read_race(const char *path, int (*opener)(const char *path))
{
	char bytes[256];
	bool is_secret = false;

	race_with(exchange);
	for (int i = 0; !is_secret && race_is_on(i, ROUNDS); i++) {
		int fd = opener(path);
		ssize_t n = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));

		is_secret = n > 0 && bytes[0] != 'h';
		if (is_secret)
			loot(bytes, (size_t)n);
		if (fd >= 0)
			(void)close(fd);
	}
	race_is_over();
}

/* Changes by @action; who looks from outside sees whether it hit. */
static void change_race(void (*action)(void))
{
	race_with(exchange);
	for (int i = 0; race_is_on(i, CHANGES); i++)
		action();
	race_is_over();
}

static int plain(const char *path)
{
	return open(path, O_RDONLY);
}

static int nonblocking(const char *path)
{
	return open(path, O_RDONLY | O_NONBLOCK | O_NOATIME);
}

static int how(const char *path)
{
	struct open_how how = { .flags = O_RDONLY };

	return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
}

/* Looked at first, as a program that is careful would. */
static int checked(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0 || S_ISLNK(st.st_mode) || st.st_size > 8)
		return -1;
	return open(path, O_RDONLY);
}

static int beneath(const char *path)
{
	int dir = open(world("write"), O_PATH | O_DIRECTORY);
	int fd = openat(dir, "place/file", O_RDONLY);

	(void)path;
	(void)close(dir);
	return fd;
}

static int from_place(const char *path)
{
	int fd;

	(void)path;
	if (chdir(in_write("place")) < 0)
		return -1;
	fd = open("file", O_RDONLY);
	(void)chdir("/");
	return fd;
}

static int through_dot_dot(const char *path)
{
	(void)path;
	return open(in_write("place/dir/../file"), O_RDONLY);
}

static int through_proc(const char *path)
{
	(void)path;
	if (chdir(world("write")) < 0)
		return -1;
	return open("/proc/self/cwd/place/file", O_RDONLY);
}

/* Race over the last name, or over the directory above it. */
#define READ_RACE(what, name, opener)                            \
	static void what(void)                                   \
	{                                                        \
		static char path[4096];                          \
                                                                 \
		prepare(name);                                   \
		(void)link_to(name[0] == 'p' ? world("secret") : \
					       secret_file(),    \
			      "other");                          \
		(void)snprintf(path, sizeof(path), "%s%s", one,  \
			       name[0] == 'p' ? "/file" : "");   \
		read_race(path, opener);                         \
	}

READ_RACE(dir_plain, "place", plain)
READ_RACE(dir_nonblocking, "place", nonblocking)
READ_RACE(dir_how, "place", how)
READ_RACE(dir_checked, "place", checked)
READ_RACE(dir_beneath, "place", beneath)
READ_RACE(dir_from, "place", from_place)
READ_RACE(dir_dots, "place", through_dot_dot)
READ_RACE(dir_proc, "place", through_proc)
READ_RACE(name_plain, "name", plain)
READ_RACE(name_how, "name", how)
READ_RACE(name_checked, "name", checked)

#define CHANGE_RACE(what, call)                          \
	static void do_##what(void)                      \
	{                                                \
		(void)!(call);                           \
	}                                                \
	static void what(void)                           \
	{                                                \
		prepare("place");                        \
		(void)link_to(world("secret"), "other"); \
		change_race(do_##what);                  \
	}

CHANGE_RACE(race_create,
	    close(open(in_write("place/new"), O_RDWR | O_CREAT, 0644)))
CHANGE_RACE(race_trunc, close(open(in_write("place/file"), O_WRONLY | O_TRUNC)))
CHANGE_RACE(race_truncate, truncate(in_write("place/file"), 3))
CHANGE_RACE(race_chmod, chmod(in_write("place/file"), 0666))
CHANGE_RACE(race_chown, chown(in_write("place/file"), geteuid(), getegid()))
CHANGE_RACE(race_times, utimensat(-1, in_write("place/file"), NULL, 0))
CHANGE_RACE(race_attribute,
	    setxattr(in_write("place/file"), "user.new", "v", 1, 0))
CHANGE_RACE(race_mkdir, mkdir(in_write("place/new"), 0755))
CHANGE_RACE(race_mknod, mknod(in_write("place/new"), S_IFIFO | 0644, 0))
CHANGE_RACE(race_symlink, symlink("x", in_write("place/new")))
CHANGE_RACE(race_link, link(in_write("name"), in_write("place/new")))
CHANGE_RACE(race_unlink, unlink(in_write("place/link")))
CHANGE_RACE(race_rmdir, rmdir(in_write("place/dir")))
CHANGE_RACE(race_rename_in, rename(put("new", ""), in_write("place/file")))
CHANGE_RACE(race_rename_out,
	    rename(in_write("place/program"), in_write("program")))
CHANGE_RACE(race_link_out, link(in_write("place/script"), in_write("script")))

#define RACE "files", "worker", 0

const struct attack path_races_attacks[] = {
	{ "T048", "a directory against a symlink", RACE, dir_plain },
	{ "T048b", "the same, O_NONBLOCK and O_NOATIME", RACE,
	  dir_nonblocking },
	{ "T048c", "the same by openat2", RACE, dir_how },
	{ "T048d", "the same after a look", RACE, dir_checked },
	{ "T048e", "the same beneath a descriptor", RACE, dir_beneath },
	{ "T048f", "the same as working directory", RACE, dir_from },
	{ "T048g", "the same and ..", RACE, dir_dots },
	{ "T048h", "the same by /proc/self/cwd", RACE, dir_proc },
	{ "T048i", "a file against a symlink", RACE, name_plain },
	{ "T048j", "the same by openat2", RACE, name_how },
	{ "T048k", "the same after a look", RACE, name_checked },
	{ "T048l", "a file created through it", RACE, race_create },
	{ "T048m", "O_TRUNC through it", RACE, race_trunc },
	{ "T048n", "truncate through it", RACE, race_truncate },
	{ "T048o", "chmod through it", RACE, race_chmod },
	{ "T048p", "chown through it", RACE, race_chown },
	{ "T048q", "times through it", RACE, race_times },
	{ "T048r", "an attribute through it", RACE, race_attribute },
	{ "T048s", "mkdir through it", RACE, race_mkdir },
	{ "T048t", "mknod through it", RACE, race_mknod },
	{ "T048u", "symlink through it", RACE, race_symlink },
	{ "T048v", "link through it", RACE, race_link },
	{ "T048w", "unlink through it", RACE, race_unlink },
	{ "T048x", "rmdir through it", RACE, race_rmdir },
	{ "T048y", "renamed into it", RACE, race_rename_in },
	{ "T048z", "renamed out of it", RACE, race_rename_out },
	{ "T048za", "linked out of it", RACE, race_link_out },
	{ 0 },
};
