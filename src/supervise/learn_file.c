/* SPDX-License-Identifier: Apache-2.0 */
/* The file of --learn: there whole, or as it was. */
#include "supervise/learn_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"

static int fail(const char *path, const char *reason, int error)
{
	log_error("--learn: cannot write '%s': %s", path, reason);
	return error;
}

int learn_file_open(const char *path, struct learn_file *ret)
{
	struct stat st;

	*ret = (struct learn_file){ .fd = -EBADF };
	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return fail(path, "it is there and is no regular file",
			    -EINVAL);
	ret->path = strdup(path);
	if (!ret->path || asprintf(&ret->temporary, "%s.XXXXXX", path) < 0) {
		ret->temporary = NULL;
		learn_file_done(ret);
		return -ENOMEM;
	}
	/* Mode 0600, and never through a link. */
	ret->fd = mkostemp(ret->temporary, O_CLOEXEC);
	if (ret->fd < 0) {
		int r = -errno;

		(void)fail(path, strerror(-r), r);
		free(take_ptr(&ret->temporary));
		learn_file_done(ret);
		return r;
	}
	return 0;
}

int learn_file_write(struct learn_file *file, const char *text, size_t len)
{
	int r = 0;

	while (len > 0 && r == 0) {
		ssize_t n = write(file->fd, text, len);

		if (n < 0 && errno != EINTR)
			r = -errno;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
	if (r == 0 &&
	    renameat2(AT_FDCWD, file->temporary, AT_FDCWD, file->path, 0) < 0)
		r = -errno;
	if (r == 0)
		free(take_ptr(&file->temporary));
	return r;
}

void learn_file_done(struct learn_file *file)
{
	cleanup_close_p(&file->fd);
	if (file->temporary)
		(void)unlinkat(AT_FDCWD, file->temporary, 0);
	free(file->temporary);
	free(file->path);
	*file = (struct learn_file){ .fd = -EBADF };
}
