// SPDX-License-Identifier: Apache-2.0
#include "common/readall.h"

#include "common/cleanup.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#define FIRST_SIZE 4096u

ssize_t read_fully(int fd, void *buffer, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = read(fd, (char *)buffer + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

/* @expected is only a guess, for files that tell: how much there may be. */
static int read_expected(int fd, size_t expected, size_t max, char **ret,
			 size_t *ret_len)
{
	_cleanup_free_ char *bytes = NULL;
	size_t size = 0, len = 0;
	ssize_t n;

	/* There is room for one byte too many, and for the NUL. */
	do {
		size_t bigger = size ? 2 * size : expected + 2;
		char *more = realloc(bytes, bigger);

		if (!more)
			return -ENOMEM;
		bytes = more;
		size = bigger;
		n = read_fully(fd, bytes + len, size - len - 1);
		if (n < 0)
			return (int)n;
		len += (size_t)n;
		if (len > max)
			return -EFBIG;
	} while (len == size - 1);
	bytes[len] = '\0';
	*ret = take_ptr(&bytes);
	*ret_len = len;
	return 0;
}

int read_to_end(int fd, size_t max, char **ret, size_t *ret_len)
{
	return read_expected(fd, FIRST_SIZE, max, ret, ret_len);
}

int read_regular(const char *path, size_t max, char **ret, size_t *ret_len)
{
	_cleanup_close_ int fd =
		open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if ((unsigned long long)st.st_size > max)
		return -EFBIG;
	return read_expected(fd, (size_t)st.st_size, max, ret, ret_len);
}
