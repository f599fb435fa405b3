/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What others may not do to us in directories like /tmp: fs.protected_symlinks,
 * fs.protected_regular and fs.protected_fifos. The kernel looks at these where
 * it walks, so what is walked or opened for the target needs the same look.
 */
#ifndef SUPERVISE_STICKY_H
#define SUPERVISE_STICKY_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

/** sticky_refuses_link() - may_follow_link() of the kernel; @level: its sysctl */
bool sticky_refuses_link(int level, uid_t self, const struct stat *dir,
			 const struct stat *link);

/** sticky_refuses_create() - may_create_in_sticky(), of what is there already */
bool sticky_refuses_create(int level, uid_t self, const struct stat *dir,
			   const struct stat *file);

/**
 * sticky_read_link() - the text of a link that is to be followed
 * @dir, @pin: O_PATH of its directory, and of the link itself
 * @is_last: the last component of a path; others the kernel does not look at
 *
 * Return: its length; -EACCES or, of a mount with "nosymfollow", -ELOOP where the
 * kernel would not follow it; or -errno.
 */
ssize_t sticky_read_link(int proc_fd, int dir, int pin, const struct stat *link,
			 bool is_last, char *ret, size_t size);

/** sticky_check_create() - 0, or -EACCES: an O_CREAT on @file is refused */
int sticky_check_create(int proc_fd, int dir, const struct stat *file);

#endif
