// SPDX-License-Identifier: Apache-2.0
#include "opens.h"

#include "catalogue.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

const char *path_of(const char *format, ...)
{
	va_list arguments;
	char *path = NULL;

	va_start(arguments, format);
	if (vasprintf(&path, format, arguments) < 0)
		cannot_show("no memory");
	va_end(arguments);
	return path;
}

static int old_open(const char *path)
{
	return (int)syscall(SYS_open, path, O_RDONLY);
}

static int at(const char *path)
{
	return (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);
}

static int at2(const char *path)
{
	const struct open_how how = { .flags = O_RDONLY };

	return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
}

static int at_root(const char *path)
{
	int root = open("/", O_RDONLY | O_DIRECTORY);

	return openat(root, path + strspn(path, "/"), O_RDONLY);
}

static int read_write(const char *path)
{
	return open(path, O_RDWR);
}

static int created(const char *path)
{
	return open(path, O_RDWR | O_CREAT, 0600);
}

static int by_handle(const char *path)
{
	struct {
		struct file_handle head;
		char bytes[MAX_HANDLE_SZ];
	} handle = { .head.handle_bytes = MAX_HANDLE_SZ };
	int mount;

	if (name_to_handle_at(AT_FDCWD, path, &handle.head, &mount, 0) < 0)
		return -1;
	return open_by_handle_at(AT_FDCWD, &handle.head, O_RDONLY);
}

static int by_link(const char *path)
{
	const char *name = in_write("a-link");

	(void)unlink(name);
	return symlink(path, name) < 0 ? -1 : open(name, O_RDONLY);
}

static int by_hard_link(const char *path)
{
	const char *name = in_write("a-hard-link");

	(void)unlink(name);
	return link(path, name) < 0 ? -1 : open(name, O_RDONLY);
}

static int by_o_path(const char *path)
{
	int fd = open(path, O_PATH);

	if (fd < 0)
		return -1;
	return open(path_of("/proc/self/fd/%d", fd), O_RDONLY);
}

/* One entry, one answer; the kernel opens it in our name. */
static int by_ring(const char *path)
{
	struct io_uring_params params = { 0 };
	int ring = (int)syscall(SYS_io_uring_setup, 2, &params);
	unsigned int *sq, *cq;
	struct io_uring_sqe *entries;
	struct io_uring_cqe *answer;

	if (ring < 0)
		return -1;
	sq = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, ring,
		  IORING_OFF_SQ_RING);
	cq = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, ring,
		  IORING_OFF_CQ_RING);
	entries = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ring,
		       IORING_OFF_SQES);
	if (sq == MAP_FAILED || cq == MAP_FAILED || entries == MAP_FAILED)
		return -1;
	memset(entries, 0, sizeof(*entries));
	entries[0].opcode = IORING_OP_OPENAT;
	entries[0].fd = AT_FDCWD;
	entries[0].addr = (unsigned long)path;
	sq[params.sq_off.array / 4] = 0;
	sq[params.sq_off.tail / 4]++;
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS,
		    NULL, 0) < 0)
		return -1;
	answer = (void *)((char *)cq + params.cq_off.cqes);
	errno = answer->res < 0 ? -answer->res : 0;
	return answer->res < 0 ? -1 : answer->res;
}

const struct opener openers[] = {
	{ "open", old_open },
	{ "openat", at },
	{ "openat2", at2 },
	{ "openat from /", at_root },
	{ "open to read and write", read_write },
	{ "open to create", created },
	{ "a symbolic link", by_link },
	{ "a hard link", by_hard_link },
	{ "O_PATH", by_o_path },
	{ "a file handle", by_handle },
	{ "io_uring", by_ring },
	{ NULL, NULL },
};

int loot_by_any(const char *path)
{
	for (const struct opener *way = openers; way->name; way++) {
		int fd = way->open(path);

		if (fd >= 0) {
			note("opened by %s", way->name);
			loot_fd(fd);
			return 1;
		}
		note("%s: %s", way->name, strerrorname_np(errno));
	}
	return 0;
}
