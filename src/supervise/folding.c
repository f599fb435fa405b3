/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/folding.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "supervise/rules.h"

/* FAT, exFAT, SMB 1 and 2, HFS, HFS+: also where no name can be tried. */
static const unsigned folding_types[] = { 0x4d44,     0x2011bab0, 0xff534d42,
					  0xfe534d42, 0x4244,     0x482b };

#define ENTRIES_MAX 64 /* that are tried, where the name itself says nothing */

enum answer { NO, YES, UNKNOWN };

/* Is the last component of @path found in the other case, too? */
static enum answer try_name(const char *path)
{
	char swapped[PATH_MAX];
	struct stat st, other;
	char *at;

	if (strlen(path) >= sizeof(swapped) || lstat(path, &st) < 0)
		return UNKNOWN;
	memcpy(swapped, path, strlen(path) + 1);
	at = strrchr(swapped, '/');
	for (; at && *at; at++) {
		unsigned char c = (unsigned char)*at;

		if (c < 0x80 && isalpha(c))
			*at = (char)(c ^ 0x20);
	}
	/* Two hard links can be called so anywhere. */
	if (strcmp(swapped, path) == 0 ||
	    (!S_ISDIR(st.st_mode) && st.st_nlink != 1))
		return UNKNOWN;
	return lstat(swapped, &other) == 0 && st.st_dev == other.st_dev &&
			       st.st_ino == other.st_ino ?
		       YES :
		       NO;
}

/* The same of the first name in @directory that says something. */
static enum answer try_entries(const char *directory)
{
	_cleanup_closedir_ DIR *dir = opendir(directory);
	enum answer answer = UNKNOWN;
	struct dirent *entry;
	char path[PATH_MAX];

	for (int i = 0; answer == UNKNOWN && i < ENTRIES_MAX && dir &&
			(entry = readdir(dir));
	     i++)
		if (snprintf(path, sizeof(path), "%s/%s", directory,
			     entry->d_name) < (int)sizeof(path))
			answer = try_name(path);
	return answer;
}

static bool is_marked(const char *path)
{
	_cleanup_close_ int fd =
		open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
	struct statfs fs;
	int flags = 0;

	if (statfs(path, &fs) == 0)
		for (size_t i = 0;
		     i < sizeof(folding_types) / sizeof(folding_types[0]); i++)
			if ((unsigned)fs.f_type == folding_types[i])
				return true;
	return fd >= 0 && ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 &&
	       (flags & FS_CASEFOLD_FL);
}

bool folding_is_on(const char *path)
{
	char prefix[PATH_MAX];
	size_t len = strlen(path);

	if (len >= sizeof(prefix))
		return false;
	memcpy(prefix, path, len + 1);
	for (char *slash; (slash = strrchr(prefix, '/')) && slash[1];) {
		enum answer answer = try_name(prefix);

		*slash = '\0';
		if (answer == UNKNOWN)
			answer = try_entries(prefix[0] ? prefix : "/");
		if (answer == YES || is_marked(prefix[0] ? prefix : "/"))
			return true;
	}
	return false;
}

int folding_check(const struct rules *rules)
{
	for (size_t i = 0; i < rules->n_grants; i++) {
		const struct grant *grant = &rules->grants[i];
		char path[PATH_MAX];
		size_t len = strcspn(grant->path, (char[]){ GRANT_STAR, 0 });

		if (!grant->is_deny || len + 2 > sizeof(path))
			continue;
		/* Of a pattern what is before the star, which may be missing. */
		memcpy(path, grant->path, len);
		path[len] = '\0';
		if (len > 0 && path[len - 1] == '/' && grant->path[len])
			memcpy(path + len, "*", 2);
		if (!folding_is_on(path))
			continue;
		log_error(
			"%s=%s: upper and lower case are the same there, so that it has other names: nothing can be carved out",
			grant->origin, grant->text);
		return -EINVAL;
	}
	return 0;
}
