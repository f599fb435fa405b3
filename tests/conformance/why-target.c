/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Performs what it is told on standard input, one operation after the other,
 * and writes the error number of each (0: it worked) to standard output.
 *
 * A record: the operation's letter, the path, a NUL byte.
 *   r w     open for reading, for writing
 *   c       give it the owner that it has
 *   s l     stat, lstat
 *   o k a   open as a place only (O_PATH), readlink, access for reading
 *   x       execute it
 *   g t     open for reading, for writing: 4096 and the inode number
 *   n e h y rename, exchange, link, symlink: and the other path, a NUL byte
 *   d u v   mkdir, unlink, rmdir
 *   R W X   ask the supervisor: has fs.read, fs.write, child; absolute paths
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ABOVE_ERRORS 4096

static int try_open(const char *path, int flags)
{
	int fd = open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	(void)close(fd);
	return 0;
}

static int try_exec(const char *path)
{
	char name[] = "why";
	char *argv[] = { name, NULL };
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return errno;
	if (pid == 0) {
		(void)execve(path, argv, argv + 1);
		_exit(errno);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 255;
	return WEXITSTATUS(status);
}

static int ask(const char *scope, const char *path)
{
	char name[2 * PATH_MAX];

	(void)snprintf(name, sizeof(name), "/.nssupervise/has/%s%s", scope,
		       path);
	return try_open(name, O_RDONLY);
}

static int ask_or_open(char operation, const char *path)
{
	struct stat st;
	char text[64];

	switch (operation) {
	case 'r':
		return try_open(path, O_RDONLY);
	case 'w':
		return try_open(path, O_WRONLY);
	case 'c':
		return chown(path, (uid_t)-1, (gid_t)-1) < 0 ? errno : 0;
	case 'o':
		return try_open(path, O_PATH);
	case 'k':
		return readlink(path, text, sizeof(text)) < 0 ? errno : 0;
	case 'a':
		return access(path, R_OK) < 0 ? errno : 0;
	case 's':
		return stat(path, &st) < 0 ? errno : 0;
	case 'l':
		return lstat(path, &st) < 0 ? errno : 0;
	case 'x':
		return try_exec(path);
	case 'R':
		return ask("fs.read", path);
	case 'W':
		return ask("fs.write", path);
	case 'X':
		return ask("child", path);
	default:
		return 254;
	}
}

/* Which regular file it is, above all error numbers. */
static int try_number(const char *path, int flags)
{
	int fd = open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		st.st_ino = 0;
	(void)close(fd);
	return ABOVE_ERRORS + (int)(st.st_ino & 0x3fffffff);
}

static int change(char operation, const char *path, const char *other)
{
	int r = -1;

	switch (operation) {
	case 'n':
		r = rename(path, other);
		break;
	case 'e':
		r = renameat2(AT_FDCWD, path, AT_FDCWD, other, RENAME_EXCHANGE);
		break;
	case 'h':
		r = link(path, other);
		break;
	case 'y':
		r = symlink(other, path);
		break;
	case 'd':
		r = mkdir(path, 0755);
		break;
	case 'u':
		r = unlink(path);
		break;
	case 'v':
		r = rmdir(path);
		break;
	}
	return r < 0 ? errno : 0;
}

static int perform(char operation, const char *path, const char *other)
{
	switch (operation) {
	case 'g':
		return try_number(path, O_RDONLY);
	case 't':
		return try_number(path, O_WRONLY);
	case 'n':
	case 'e':
	case 'h':
	case 'y':
	case 'd':
	case 'u':
	case 'v':
		return change(operation, path, other);
	default:
		return ask_or_open(operation, path);
	}
}

int main(void)
{
	char *record = NULL, *other = NULL;
	size_t size = 0, other_size = 0;

	while (getdelim(&record, &size, '\0', stdin) > 1) {
		int32_t answer;

		if (strchr("nehy", record[0]) &&
		    getdelim(&other, &other_size, '\0', stdin) < 0)
			return 98;
		answer = perform(record[0], record + 1, other);
		if (write(STDOUT_FILENO, &answer, sizeof(answer)) !=
		    (ssize_t)sizeof(answer))
			return 99;
	}
	free(record);
	free(other);
	return 0;
}
