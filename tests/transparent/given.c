/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What belongs to others, what is full, what cannot be changed: made by root
 * before the run (given.sh). Every operation on each of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

#include "transparent.h"

struct operation {
	const char *name;
	long (*run)(const char *path);
};

static char beneath_path[2 * PATH_MAX];

static const char *beneath(const char *path)
{
	(void)snprintf(beneath_path, sizeof(beneath_path), "%s/new", path);
	return beneath_path;
}

/* Opened and closed again. */
static long opened(const char *path, int flags)
{
	int fd = open(path, flags | O_NONBLOCK, 0644);

	return fd < 0 ? fd : close(fd);
}

static long open_r(const char *path)
{
	return opened(path, O_RDONLY);
}

static long open_w(const char *path)
{
	return opened(path, O_WRONLY);
}

static long open_append(const char *path)
{
	return opened(path, O_WRONLY | O_APPEND);
}

static long open_creat(const char *path)
{
	return opened(path, O_RDWR | O_CREAT);
}

static long open_trunc(const char *path)
{
	return opened(path, O_RDONLY | O_TRUNC);
}

static long open_noatime(const char *path)
{
	return opened(path, O_RDONLY | O_NOATIME);
}

static long open_path(const char *path)
{
	return opened(path, O_PATH);
}

static long open_beneath(const char *path)
{
	return opened(beneath(path), O_RDWR | O_CREAT | O_EXCL);
}

static long open_tmpfile(const char *path)
{
	return opened(path, O_RDWR | O_TMPFILE);
}

static long write_some(const char *path)
{
	int fd = open(path, O_WRONLY | O_NONBLOCK);
	long r = fd < 0 ? fd : write(fd, "text", 4);
	int error = errno;

	if (fd >= 0)
		(void)close(fd);
	errno = error;
	return r;
}

/* Until it is full: the byte count is what has room. */
static long write_much(const char *path)
{
	static const char block[4096];
	int fd = open(beneath(path), O_WRONLY | O_CREAT, 0644);
	int error = 0;
	long n = 0;

	if (fd < 0)
		return fd;
	for (int i = 0; i < 64 && !error; i++)
		if (write(fd, block, sizeof(block)) == (ssize_t)sizeof(block))
			n++;
		else
			error = errno;
	(void)close(fd);
	outcome(path + strlen(world_path), "blocks written %ld", n);
	errno = error;
	return error ? -1 : n;
}

static long change_mode(const char *path)
{
	return chmod(path, 0666);
}

static long change_owner(const char *path)
{
	return chown(path, getuid(), getgid());
}

static long change_nothing(const char *path)
{
	return chown(path, (uid_t)-1, (gid_t)-1);
}

static long time_now(const char *path)
{
	return utime(path, NULL);
}

static long time_set(const char *path)
{
	const struct timespec both[2] = { { 9, 9 }, { 9, 9 } };

	return utimensat(AT_FDCWD, path, both, AT_SYMLINK_NOFOLLOW);
}

static long cut(const char *path)
{
	return truncate(path, 1);
}

static long attribute(const char *path)
{
	return setxattr(path, "user.a", "b", 1, 0);
}

static long get_attribute(const char *path)
{
	char value[16];

	return getxattr(path, "user.a", value, sizeof(value));
}

static long move_here(const char *path)
{
	return rename(path, in_fixture("moved"));
}

static long move_there(const char *path)
{
	return rename("file", beneath(path));
}

static long move_onto(const char *path)
{
	return rename("file", path);
}

static long move_directory_there(const char *path)
{
	return rename("dir", beneath(path));
}

static long link_here(const char *path)
{
	return link(path, in_fixture("linked"));
}

static long link_there(const char *path)
{
	return link("file", beneath(path));
}

static long make_directory(const char *path)
{
	return mkdir(beneath(path), 0755);
}

static long make_link(const char *path)
{
	return symlink("x", beneath(path));
}

static long make_fifo(const char *path)
{
	return mknod(beneath(path), S_IFIFO | 0644, 0);
}

static long make_device(const char *path)
{
	return mknod(beneath(path), S_IFCHR | 0644, 0x103);
}

static long remove_beneath(const char *path)
{
	return unlink(beneath(path));
}

static long remove_directory_beneath(const char *path)
{
	return rmdir(beneath(path));
}

static long remove_name(const char *path)
{
	return unlink(path);
}

static long remove_directory(const char *path)
{
	return rmdir(path);
}

static long access_r(const char *path)
{
	return access(path, R_OK);
}

static long access_w(const char *path)
{
	return access(path, W_OK);
}

static long access_x(const char *path)
{
	return access(path, X_OK);
}

static long look(const char *path)
{
	struct stat st;
	long r = stat(path, &st);

	if (r == 0)
		outcome(path + strlen(world_path), "%s", describe_stat(&st));
	return r;
}

static long file_system(const char *path)
{
	struct statvfs fs;
	long r = statvfs(path, &fs);

	return r < 0 ? r : (long)(fs.f_flag & 0xff);
}

static const struct operation operations[] = {
	{ "stat", look },
	{ "statvfs", file_system },
	{ "access r", access_r },
	{ "access w", access_w },
	{ "access x", access_x },
	{ "open r", open_r },
	{ "open w", open_w },
	{ "open append", open_append },
	{ "open creat", open_creat },
	{ "open noatime", open_noatime },
	{ "open path", open_path },
	{ "open tmpfile", open_tmpfile },
	{ "write", write_some },
	{ "getxattr", get_attribute },
	{ "setxattr", attribute },
	{ "chown to itself", change_nothing },
	{ "chown", change_owner },
	{ "utime now", time_now },
	{ "utime", time_set },
	{ "chmod", change_mode },
	{ "open new", open_beneath },
	{ "unlink new", remove_beneath },
	{ "mkdir", make_directory },
	{ "rmdir new", remove_directory_beneath },
	{ "mkfifo", make_fifo },
	{ "unlink fifo", remove_beneath },
	{ "mknod", make_device },
	{ "symlink", make_link },
	{ "unlink symlink", remove_beneath },
	{ "link there", link_there },
	{ "unlink link", remove_beneath },
	{ "rename there", move_there },
	{ "unlink file", remove_beneath },
	{ "rename directory there", move_directory_there },
	{ "write much", write_much },
	{ "unlink much", remove_beneath },
	{ "link here", link_here },
	{ "rename onto", move_onto },
	{ "open trunc", open_trunc },
	{ "truncate", cut },
	{ "rename here", move_here },
	{ "unlink", remove_name },
	{ "rmdir", remove_directory },
};

static void each_operation(const char *name, const char *path)
{
	char id[160];

	for (size_t i = 0; i < COUNT(operations); i++) {
		long r = operations[i].run(path);

		(void)snprintf(id, sizeof(id), "%s: %s", name,
			       operations[i].name);
		outcome(id, "%s", shown(r));
		(void)fixture_noticed();
	}
	fixture_build();
}

void run_given(void)
{
	static const char *const names[] = {
		"given/theirs",
		"given/secret",
		"given/theirs-dir",
		"given/theirs-dir/file",
		"given/secret-dir",
		"given/secret-dir/file",
		"given/sticky/theirs",
		"given/sticky/dir",
		"given/sticky/link",
		"given/sticky/fifo",
		"given/sticky",
		"given/group/file",
		"given/group",
		"given/acl/file",
		"given/acl",
		"given/null",
		"given/zero",
		"given/device",
		"given/program",
		"small/fixed",
		"small/appended",
		"small/fixed-dir",
		"fixed/file",
		"fixed/dir",
		"fixed/link",
		"fixed/fifo",
		"fixed/missing",
		"fixed",
		"small/missing",
		"small/file",
		"small",
		"given/open/theirs",
		"given/open",
	};

	if (access(in_given("theirs"), F_OK) < 0) {
		outcome("nothing", "is given");
		return;
	}
	for (size_t i = 0; i < COUNT(names); i++)
		each_operation(names[i], in_world(names[i]));
}
