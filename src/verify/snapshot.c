/* SPDX-License-Identifier: Apache-2.0 */
/* Copy, hash, seal. */
#include "verify/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/kernel.h"

#define CHUNK (128u << 10) /* stays in the second-level cache */
#define SEALS (F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)

struct snapshot_tools {
	struct hashing *hashing;
	struct hashing *without_bom;
	char buffer[CHUNK];
};

struct snapshot_tools *snapshot_tools_new(const struct hasher *hasher)
{
	struct snapshot_tools *tools = calloc(1, sizeof(*tools));

	if (!tools)
		return NULL;
	tools->hashing = hashing_new(hasher);
	tools->without_bom = hashing_new(hasher);
	if (!tools->hashing || !tools->without_bom) {
		snapshot_tools_free(tools);
		return NULL;
	}
	return tools;
}

void snapshot_tools_free(struct snapshot_tools *tools)
{
	if (!tools)
		return;
	hashing_free(tools->hashing);
	hashing_free(tools->without_bom);
	free(tools);
}

static int create_memfd(void)
{
	static const char name[] = "nssupervise-verified";
	unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd = kernel_memfd_create(name, flags | MFD_NOEXEC_SEAL);

	/* Linux before 6.3: without the seal on the execute bit. */
	return fd == -EINVAL ? kernel_memfd_create(name, flags) : fd;
}

static int write_all(int fd, const char *data, size_t len, size_t offset)
{
	while (len > 0) {
		ssize_t n = pwrite(fd, data, len, (off_t)offset);

		if (n < 0)
			return -errno;
		data += n;
		offset += (size_t)n;
		len -= (size_t)n;
	}
	return 0;
}

static int seal(int fd)
{
	return fcntl(fd, F_ADD_SEALS, SEALS) < 0 ? -errno : 0;
}

/* The size of a regular file, or -errno. */
static ssize_t regular_size(int fd, size_t max)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	return (size_t)st.st_size > max ? -EFBIG : (ssize_t)st.st_size;
}

/* @len bytes at @offset; fewer are -EAGAIN. */
static int read_exactly(int fd, char *data, size_t len, size_t offset)
{
	while (len > 0) {
		ssize_t n = pread(fd, data, len, (off_t)offset);

		if (n < 0)
			return -errno;
		if (n == 0)
			return -EAGAIN;
		data += n;
		offset += (size_t)n;
		len -= (size_t)n;
	}
	return 0;
}

/* Is there nothing at @offset any more? A file may grow while it is read. */
static int check_end(int fd, size_t offset)
{
	char c;
	ssize_t n = pread(fd, &c, 1, (off_t)offset);

	if (n < 0)
		return -errno;
	return n == 0 ? 0 : -EAGAIN;
}

static int start_hashing(struct snapshot_tools *t, unsigned algorithms,
			 const char *start, size_t len, bool has_text_bom)
{
	bool has_bom = has_text_bom && len >= 3 &&
		       memcmp(start, "\xef\xbb\xbf", 3) == 0;
	int r = hashing_begin(t->hashing, algorithms);

	if (r == 0)
		r = hashing_begin(t->without_bom, has_bom ? algorithms : 0);
	/* The mark is taken back here: it never reaches the second hash. */
	if (r == 0 && has_bom)
		r = hashing_update(t->without_bom, start + 3, len - 3);
	return r;
}

/*
 * What is hashed is what is sealed: both come from one pass over the buffer,
 * which is private memory of this process and cannot change in between, and
 * nobody else has the memfd before its seals are on. Mapping the sealed memfd
 * to hash it again costs more than the hash of a usual module.
 */
static int copy_and_hash(struct snapshot_tools *t, int from, size_t size,
			 unsigned algorithms, bool has_text_bom, int to)
{
	size_t done = 0;
	int r;

	do {
		size_t n = size - done < CHUNK ? size - done : CHUNK;

		r = read_exactly(from, t->buffer, n, done);
		if (r == 0 && done == 0)
			r = start_hashing(t, algorithms, t->buffer, n,
					  has_text_bom);
		else if (r == 0)
			r = hashing_update(t->without_bom, t->buffer, n);
		if (r == 0)
			r = hashing_update(t->hashing, t->buffer, n);
		if (r == 0)
			r = write_all(to, t->buffer, n, done);
		if (r < 0)
			return r;
		done += n;
	} while (done < size);
	return check_end(from, size);
}

int snapshot_take(struct snapshot_tools *tools, int fd, size_t max,
		  unsigned algorithms, bool has_text_bom, struct snapshot *ret)
{
	_cleanup_close_ int memfd = -EBADF;
	struct snapshot taken = { .fd = -EBADF };
	ssize_t size = regular_size(fd, SNAPSHOT_SIZE_MAX);
	int r;

	if (size < 0)
		return (int)size;
	if ((size_t)size > max)
		return -EAGAIN;
	memfd = create_memfd();
	if (memfd < 0)
		return memfd;
	r = copy_and_hash(tools, fd, (size_t)size, algorithms, has_text_bom,
			  memfd);
	if (r == 0)
		r = seal(memfd);
	if (r == 0)
		r = hashing_end(tools->hashing, &taken.digests);
	if (r == 0)
		r = hashing_end(tools->without_bom, &taken.without_bom);
	if (r < 0)
		return r;
	taken.fd = take_fd(&memfd);
	*ret = taken;
	return 0;
}

int snapshot_make(const void *data, size_t len)
{
	_cleanup_close_ int memfd = create_memfd();
	int r;

	if (memfd < 0)
		return memfd;
	r = write_all(memfd, data, len, 0);
	if (r == 0)
		r = seal(memfd);
	return r < 0 ? r : take_fd(&memfd);
}

int snapshot_read(int fd, size_t max, char **ret, size_t *ret_len)
{
	_cleanup_free_ char *data = NULL;
	ssize_t size = regular_size(fd, max);
	int r;

	if (size < 0)
		return (int)size;
	data = malloc((size_t)size + 1);
	if (!data)
		return -ENOMEM;
	r = read_exactly(fd, data, (size_t)size, 0);
	if (r == 0)
		r = check_end(fd, (size_t)size);
	if (r < 0)
		return r;
	data[size] = '\0';
	*ret = take_ptr(&data);
	*ret_len = (size_t)size;
	return 0;
}
