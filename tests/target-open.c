/* SPDX-License-Identifier: Apache-2.0 */
/* Operations of the test target that open files. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "target.h"

static int open_close(const char *path, int flags)
{
	return target_close(open(path, flags, 0666));
}

/* The first line that @fd delivers; closes it. */
static int say_line(int fd)
{
	char text[4096];
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	if (n < 0) {
		int error = -errno;

		(void)close(fd);
		return error;
	}
	(void)close(fd);
	text[n] = '\0';
	for (ssize_t i = 0; i < n; i++)
		if (text[i] == '\n' || text[i] == '\0') {
			text[i] = '\0';
			break;
		}
	target_say("%s", text[0] ? text : "(empty)");
	return 0;
}

static int op_read(char **args)
{
	char text[4096];
	int fd = open(args[0], O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return -errno;
	while ((n = read(fd, text, sizeof(text))) > 0)
		;
	if (n < 0) {
		(void)close(fd);
		return -errno;
	}
	return target_close(fd);
}

static int op_line(char **args)
{
	return say_line(open(args[0], O_RDONLY));
}

static int write_text(int fd, const char *text)
{
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, text, strlen(text));
	if (n < 0) {
		(void)close(fd);
		return -errno;
	}
	return target_close(fd);
}

static int op_write(char **args)
{
	return write_text(open(args[0], O_WRONLY), args[1]);
}

static int op_append(char **args)
{
	return write_text(open(args[0], O_WRONLY | O_APPEND), args[1]);
}

/* create:PATH[:MODE], exclusively */
static int op_create(char **args)
{
	mode_t mode = args[1][0] ? (mode_t)target_number(args[1]) : 0666;

	return target_close(open(args[0], O_WRONLY | O_CREAT | O_EXCL, mode));
}

static int op_creat(char **args)
{
	return target_close(creat(args[0], 0666));
}

static int op_open_create(char **args)
{
	return open_close(args[0], O_WRONLY | O_CREAT);
}

static int op_trunc(char **args)
{
	return open_close(args[0], O_WRONLY | O_TRUNC);
}

static int op_trunc_read_only(char **args)
{
	return open_close(args[0], O_RDONLY | O_TRUNC);
}

static int op_truncate(char **args)
{
	return target_result(truncate(args[0], target_number(args[1])));
}

static int op_rdwr(char **args)
{
	return open_close(args[0], O_RDWR);
}

static int op_accmode3(char **args)
{
	return open_close(args[0], O_ACCMODE);
}

static int op_opath(char **args)
{
	return open_close(args[0], O_PATH);
}

static int op_nofollow(char **args)
{
	return open_close(args[0], O_RDONLY | O_NOFOLLOW);
}

static int op_directory(char **args)
{
	return open_close(args[0], O_RDONLY | O_DIRECTORY);
}

static int op_tmpfile(char **args)
{
	return open_close(args[0], O_TMPFILE | O_RDWR);
}

static int op_write_nonblock(char **args)
{
	return open_close(args[0], O_WRONLY | O_NONBLOCK);
}

/* flags:PATH, what F_GETFD and F_GETFL say of O_RDWR|O_APPEND|O_CLOEXEC */
static int op_flags(char **args)
{
	int fd = open(args[0], O_RDWR | O_APPEND | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	target_say("cloexec=%d append=%d nonblock=%d accmode=%d",
		   fcntl(fd, F_GETFD) & FD_CLOEXEC,
		   !!(fcntl(fd, F_GETFL) & O_APPEND),
		   !!(fcntl(fd, F_GETFL) & O_NONBLOCK),
		   fcntl(fd, F_GETFL) & O_ACCMODE);
	(void)close(fd);
	return 0;
}

/* getfl:PATH:FLAGS, all that F_GETFL says; FLAGS as a number */
static int op_getfl(char **args)
{
	int fd = open(args[0], (int)target_number(args[1]), 0600);

	if (fd < 0)
		return -errno;
	target_say("%#x", fcntl(fd, F_GETFL));
	(void)close(fd);
	return 0;
}

/* reopen:PATH:FLAGS:NEWFLAGS, by the name that /proc has for it */
static int op_reopen(char **args)
{
	char path[64];
	int fd = open(args[0], (int)target_number(args[1]));
	int result;

	if (fd < 0)
		return -errno;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	result = target_close(open(path, (int)target_number(args[2])));
	(void)close(fd);
	return result;
}

/* tmplink:DIR:NAME, give a name to a file that had none */
static int op_tmplink(char **args)
{
	char path[64];
	int fd = open(args[0], O_TMPFILE | O_RDWR, 0640);
	int result;

	if (fd < 0)
		return -errno;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	result = target_result(
		linkat(AT_FDCWD, path, AT_FDCWD, args[1], AT_SYMLINK_FOLLOW));
	(void)close(fd);
	return result;
}

/* openat:DIR:NAME, through a directory descriptor */
static int op_openat(char **args)
{
	int dir = open(args[0], O_RDONLY | O_DIRECTORY);
	int result;

	if (dir < 0)
		return -errno;
	result = say_line(openat(dir, args[1], O_RDONLY));
	(void)close(dir);
	return result;
}

/* dirty:PATH, junk in the upper half of every int argument */
static int op_dirty(char **args)
{
	long dirfd = (long)(0x1234ffffff9cUL);

	return target_close((int)syscall(SYS_openat, dirfd, args[0],
					 0x777700000000L | O_RDONLY, 0));
}

static const struct {
	const char *name;
	unsigned long long flag;
} resolve_names[] = {
	{ "beneath", RESOLVE_BENEATH },
	{ "in_root", RESOLVE_IN_ROOT },
	{ "no_symlinks", RESOLVE_NO_SYMLINKS },
	{ "no_magiclinks", RESOLVE_NO_MAGICLINKS },
	{ "no_xdev", RESOLVE_NO_XDEV },
	{ "cached", RESOLVE_CACHED },
	{ "bad", 1ULL << 40 },
	{ "none", 0 },
};

/* openat2:DIR:NAME:RESOLVE */
static int op_openat2(char **args)
{
	struct open_how how = { .flags = O_RDONLY };
	int dir = open(args[0], O_RDONLY | O_DIRECTORY);
	int result;

	if (dir < 0)
		return -errno;
	for (size_t i = 0; i < sizeof(resolve_names) / sizeof(*resolve_names);
	     i++)
		if (strcmp(resolve_names[i].name, args[2]) == 0)
			how.resolve = resolve_names[i].flag;
	result = say_line(
		(int)syscall(SYS_openat2, dir, args[1], &how, sizeof(how)));
	(void)close(dir);
	return result;
}

static int by_name(const void *one, const void *other)
{
	return strcmp(*(char *const *)one, *(char *const *)other);
}

/* list:DIR, its names, sorted; at most 64 */
static int op_list(char **args)
{
	char *names[64];
	char text[4096] = "";
	struct dirent *entry;
	size_t n = 0;
	DIR *dir = opendir(args[0]);

	if (!dir)
		return -errno;
	while (n < 64 && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			names[n++] = strdup(entry->d_name);
	(void)closedir(dir);
	qsort(names, n, sizeof(*names), by_name);
	for (size_t i = 0; i < n; i++) {
		strncat(text, names[i], sizeof(text) - strlen(text) - 2);
		strcat(text, i + 1 < n ? " " : "");
		free(names[i]);
	}
	target_say("%s", text[0] ? text : "(nothing)");
	return 0;
}

/* nofile:PATH, with no descriptor left */
static int op_nofile(char **args)
{
	struct rlimit old;
	struct rlimit none;
	int result;
	int fd = open("/dev/null", O_RDONLY);

	if (fd < 0 || getrlimit(RLIMIT_NOFILE, &old) < 0)
		return -errno;
	none = old;
	none.rlim_cur = (rlim_t)fd + 1;
	if (setrlimit(RLIMIT_NOFILE, &none) < 0)
		return -errno;
	result = target_close(open(args[0], O_RDONLY));
	(void)setrlimit(RLIMIT_NOFILE, &old);
	(void)close(fd);
	return result;
}

const struct target_op target_open[] = {
	{ "read", op_read },
	{ "line", op_line },
	{ "write", op_write },
	{ "append", op_append },
	{ "create", op_create },
	{ "creat", op_creat },
	{ "opencreate", op_open_create },
	{ "trunc", op_trunc },
	{ "truncro", op_trunc_read_only },
	{ "truncate", op_truncate },
	{ "rdwr", op_rdwr },
	{ "accmode3", op_accmode3 },
	{ "opath", op_opath },
	{ "nofollow", op_nofollow },
	{ "directory", op_directory },
	{ "tmpfile", op_tmpfile },
	{ "wnonblock", op_write_nonblock },
	{ "flags", op_flags },
	{ "getfl", op_getfl },
	{ "reopen", op_reopen },
	{ "tmplink", op_tmplink },
	{ "openat", op_openat },
	{ "dirty", op_dirty },
	{ "openat2", op_openat2 },
	{ "list", op_list },
	{ "nofile", op_nofile },
	{ NULL, NULL },
};
