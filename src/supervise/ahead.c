/* SPDX-License-Identifier: Apache-2.0 */
/* What is verified before it is asked for, and in which order. */
#include "supervise/ahead.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/kernel.h"

static const char *last_package(const char *path)
{
	const char *found = NULL;

	for (const char *at = path; (at = strstr(at, NODE_MODULES)); at++)
		found = at + strlen(NODE_MODULES);
	return found;
}

char *ahead_package(const char *path)
{
	const char *name = last_package(path);
	const char *end;

	if (name) {
		end = strchr(name, '/');
		if (end && name[0] == '@') /* @scope/name */
			end = strchr(end + 1, '/');
	} else {
		end = strrchr(path, '/');
	}
	if (!end)
		end = path + strlen(path) - 1;
	return strndup(path, (size_t)(end - path) + 1);
}

int ahead_open(struct ahead_file *file, off_t max)
{
	_cleanup_close_ int fd = -1;

	fd = kernel_openat2(AT_FDCWD, file->path,
			    O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY |
				    O_CLOEXEC,
			    0, RESOLVE_NO_SYMLINKS);
	if (fd < 0)
		return fd;
	if (fstat(fd, &file->st) < 0)
		return -errno;
	if (!S_ISREG(file->st.st_mode) || file->st.st_size > max)
		return -EFBIG;
	file->fd = take_fd(&fd);
	return 0;
}
