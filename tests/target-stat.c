/* SPDX-License-Identifier: Apache-2.0 */
/* Operations of the test target that ask about files without reading them. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "target.h"

static int op_stat(char **args)
{
	struct stat st;

	return target_result(stat(args[0], &st));
}

static int op_lstat(char **args)
{
	struct stat st;

	return target_result(lstat(args[0], &st));
}

static int op_statx(char **args)
{
	struct statx st;

	return target_result(
		statx(AT_FDCWD, args[0], 0, STATX_BASIC_STATS, &st));
}

/* fstatat:DIR:NAME */
static int op_fstatat(char **args)
{
	struct stat st;
	int dir = open(args[0], O_RDONLY | O_DIRECTORY);
	int result;

	if (dir < 0)
		return -errno;
	result = target_result(fstatat(dir, args[1], &st, 0));
	(void)close(dir);
	return result;
}

/* statfd:PATH, the object of an open descriptor by an empty path */
static int op_statfd(char **args)
{
	struct stat st;
	int fd = open(args[0], O_RDONLY);
	int result;

	if (fd < 0)
		return -errno;
	result = target_result(fstatat(fd, "", &st, AT_EMPTY_PATH));
	(void)close(fd);
	return result;
}

static int op_mode(char **args)
{
	struct stat st;

	if (lstat(args[0], &st) < 0)
		return -errno;
	target_say("%o %u:%u %lld", st.st_mode, st.st_uid, st.st_gid,
		   (long long)st.st_size);
	return 0;
}

/* access:PATH[:r|w|x] */
static int access_mode(const char *word)
{
	switch (word[0]) {
	case 'r':
		return R_OK;
	case 'w':
		return W_OK;
	case 'x':
		return X_OK;
	}
	return F_OK;
}

static int op_access(char **args)
{
	return target_result(access(args[0], access_mode(args[1])));
}

static int op_faccessat2(char **args)
{
	return target_result(syscall(SYS_faccessat2, AT_FDCWD, args[0],
				     access_mode(args[1]), AT_EACCESS));
}

static int op_readlink(char **args)
{
	char text[PATH_MAX];
	ssize_t n = readlink(args[0], text, sizeof(text) - 1);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	target_say("%s", text);
	return 0;
}

static int op_chdir(char **args)
{
	return target_result(chdir(args[0]));
}

static int op_getcwd(char **args)
{
	char text[PATH_MAX];

	(void)args;
	if (!getcwd(text, sizeof(text)))
		return -errno;
	target_say("%s", text);
	return 0;
}

static int op_statfs(char **args)
{
	struct statfs st;

	return target_result(statfs(args[0], &st));
}

static int op_getxattr(char **args)
{
	char value[256];
	ssize_t n = getxattr(args[0], args[1], value, sizeof(value) - 1);

	if (n < 0)
		return -errno;
	value[n] = '\0';
	target_say("%s", value);
	return 0;
}

static int op_listxattr(char **args)
{
	char names[1024];

	return target_result(listxattr(args[0], names, sizeof(names)));
}

/* inotify:DIR:NAME, is the creation of NAME in it seen? */
static int op_inotify(char **args)
{
	char event[4096];
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	int result;
	int file;

	if (fd < 0)
		return -errno;
	result = target_result(inotify_add_watch(fd, args[0], IN_CREATE));
	if (result == 0 && args[1][0]) {
		int dir = open(args[0], O_RDONLY | O_DIRECTORY);

		file = openat(dir, args[1], O_WRONLY | O_CREAT | O_EXCL, 0600);
		target_say("%s", read(fd, event, sizeof(event)) > 0 ?
					 "seen" :
					 "not seen");
		(void)target_close(file);
		(void)target_close(dir);
	}
	(void)close(fd);
	return result;
}

const struct target_op target_stat[] = {
	{ "stat", op_stat },         { "lstat", op_lstat },
	{ "statx", op_statx },       { "fstatat", op_fstatat },
	{ "statfd", op_statfd },     { "mode", op_mode },
	{ "access", op_access },     { "faccessat2", op_faccessat2 },
	{ "readlink", op_readlink }, { "chdir", op_chdir },
	{ "getcwd", op_getcwd },     { "statfs", op_statfs },
	{ "getxattr", op_getxattr }, { "listxattr", op_listxattr },
	{ "inotify", op_inotify },   { NULL, NULL },
};
