/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/sticky.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/cleanup.h"

#define MOUNT_NOSYMFOLLOW 0x2000UL /* ST_NOSYMFOLLOW of linux/statfs.h */

bool sticky_refuses_link(int level, uid_t self, const struct stat *dir,
			 const struct stat *link)
{
	const mode_t shared = S_ISVTX | S_IWOTH;

	return level > 0 && link->st_uid != self &&
	       (dir->st_mode & shared) == shared && link->st_uid != dir->st_uid;
}

bool sticky_refuses_create(int level, uid_t self, const struct stat *dir,
			   const struct stat *file)
{
	if (level <= 0 || !(dir->st_mode & S_ISVTX) ||
	    file->st_uid == dir->st_uid || file->st_uid == self)
		return false;
	return (dir->st_mode & S_IWOTH) ||
	       ((dir->st_mode & S_IWGRP) && level > 1);
}

/* Where it cannot be read: as distributions have it. */
static int read_level(int proc_fd, const char *name)
{
	_cleanup_close_ int fd = openat(proc_fd, name, O_RDONLY | O_CLOEXEC);
	char text[16];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n <= 0)
		return 1;
	text[n] = '\0';
	return (int)strtol(text, NULL, 10);
}

ssize_t sticky_read_link(int proc_fd, int dir, int pin, const struct stat *link,
			 bool is_last, char *ret, size_t size)
{
	struct statfs fs;
	struct stat st;
	ssize_t n;

	/* pick_link() of the kernel, of any component. */
	if (fstatfs(pin, &fs) == 0 &&
	    ((unsigned long)fs.f_flags & MOUNT_NOSYMFOLLOW))
		return -ELOOP;
	if (is_last && fstat(dir, &st) < 0)
		return -errno;
	/* The sysctl last: it is seldom looked at. */
	if (is_last && sticky_refuses_link(1, geteuid(), &st, link) &&
	    read_level(proc_fd, "sys/fs/protected_symlinks") > 0)
		return -EACCES;
	n = readlinkat(pin, "", ret, size);
	if (n < 0)
		return -errno;
	return (size_t)n < size ? n : -ENAMETOOLONG;
}

int sticky_check_create(int proc_fd, int dir, const struct stat *file)
{
	struct stat st;
	int level = 1; /* of other types there is no sysctl */

	if (fstat(dir, &st) < 0)
		return -errno;
	if (!sticky_refuses_create(2, geteuid(), &st, file))
		return 0;
	if (S_ISREG(file->st_mode))
		level = read_level(proc_fd, "sys/fs/protected_regular");
	else if (S_ISFIFO(file->st_mode))
		level = read_level(proc_fd, "sys/fs/protected_fifos");
	return sticky_refuses_create(level, geteuid(), &st, file) ? -EACCES : 0;
}
