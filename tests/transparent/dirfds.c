/* SPDX-License-Identifier: Apache-2.0 */
/* Each descriptor argument of each call, replaced by every kind of descriptor. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "transparent.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8u
#endif

enum descriptor {
	D_CLOSED,
	D_NEGATIVE,
	D_LOWEST,
	D_CWD_GARBAGE,
	D_DIR,
	D_DIR_GARBAGE,
	D_DIR_PATH,
	D_INNER,
	D_FILE,
	D_FILE_READ,
	D_FILE_WRITE,
	D_FILE_APPEND,
	D_FILE_PATH,
	D_LINK_PATH,
	D_FIFO_PATH,
	D_LOCKED,
	D_DELETED,
	D_DELETED_DIR,
	D_PIPE,
	D_SOCKET,
	D_MEMORY,
	D_TMPFILE,
};

static const char *const descriptor_names[] = {
	"closed",
	"-1",
	"INT_MIN",
	"CWD with garbage above",
	"directory",
	"directory with garbage above",
	"O_PATH directory",
	"inner directory",
	"file",
	"file for reading",
	"file for writing",
	"file for appending",
	"O_PATH file",
	"O_PATH link",
	"O_PATH fifo",
	"locked directory",
	"deleted file",
	"deleted directory",
	"pipe",
	"socket",
	"memory file",
	"file without a name",
};

static int open_deleted(void)
{
	int fd;

	(void)write_file("away", "gone\n", 0600);
	fd = open("away", O_RDWR | O_CLOEXEC);
	(void)unlink("away");
	return fd;
}

static int open_deleted_dir(void)
{
	int fd;

	(void)mkdir("away", 0700);
	fd = open("away", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	(void)rmdir("away");
	return fd;
}

static int one_end(bool is_socket)
{
	int ends[2] = { -1, -1 };

	if (is_socket ?
		    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) :
		    pipe2(ends, O_CLOEXEC))
		return -1;
	(void)close(ends[1]);
	return ends[0];
}

static int open_descriptor(enum descriptor which)
{
	static const struct {
		const char *path;
		int flags;
	} opened[] = {
		[D_DIR] = { ".", O_RDONLY | O_DIRECTORY },
		[D_DIR_GARBAGE] = { ".", O_RDONLY | O_DIRECTORY },
		[D_DIR_PATH] = { ".", O_PATH },
		[D_INNER] = { "dir", O_RDONLY },
		[D_FILE] = { "file", O_RDWR },
		[D_FILE_READ] = { "file", O_RDONLY },
		[D_FILE_WRITE] = { "file", O_WRONLY },
		[D_FILE_APPEND] = { "file", O_WRONLY | O_APPEND },
		[D_FILE_PATH] = { "file", O_PATH },
		[D_LINK_PATH] = { "to-file", O_PATH | O_NOFOLLOW },
		[D_FIFO_PATH] = { "fifo", O_PATH },
		[D_LOCKED] = { "locked", O_PATH },
		[D_TMPFILE] = { ".", O_TMPFILE | O_RDWR },
	};

	if (which == D_CLOSED)
		return 999;
	if (which == D_NEGATIVE)
		return -1;
	if (which == D_LOWEST)
		return INT_MIN;
	if (which == D_CWD_GARBAGE)
		return AT_FDCWD;
	if (which == D_DELETED)
		return open_deleted();
	if (which == D_DELETED_DIR)
		return open_deleted_dir();
	if (which == D_PIPE || which == D_SOCKET)
		return one_end(which == D_SOCKET);
	if (which == D_MEMORY)
		return memfd_create("memory", MFD_CLOEXEC | MFD_NOEXEC_SEAL);
	return open(opened[which].path, opened[which].flags | O_CLOEXEC, 0600);
}

static void try_descriptor(const struct path_call *call, int i,
			   enum descriptor which, const char *path)
{
	bool is_garbage = which == D_CWD_GARBAGE || which == D_DIR_GARBAGE;
	char label[128];
	int fd = open_descriptor(which);
	long value = fd;
	int j = -1;

	if (is_garbage)
		value = (long)((unsigned long)(unsigned int)fd |
			       0x7777777700000000);
	if (path && call->args[i].kind == K_DIRFD)
		for (j = i; j < 6 && call->args[j].kind != K_PATH;)
			j++;
	(void)snprintf(label, sizeof(label), "%d is %s%s%s", i,
		       descriptor_names[which], path ? ", path " : "",
		       path ? placeless(path) : "");
	attempt(call, label, i, value, j, (long)path);
	if (fd >= 0 && which != D_CLOSED)
		(void)close(fd);
	/* Making it has changed the directory's times. */
	if (which == D_DELETED || which == D_DELETED_DIR || which == D_TMPFILE)
		fixture_build();
}

/* The call with AT_EMPTY_PATH in its flags, if it has any. */
static struct path_call with_empty_path(const struct path_call *call)
{
	struct path_call ret = *call;

	for (int i = 0; i < 6; i++)
		if (ret.args[i].kind == K_FLAGS)
			ret.args[i].value |= AT_EMPTY_PATH;
	return ret;
}

static void each_descriptor(const struct path_call *call, int i)
{
	char absolute[PATH_MAX + 8];
	const char *const paths[] = { NULL,     absolute, "",  ".",
				      "dir/..", "inner",  "x", ".." };
	struct path_call by_fd = with_empty_path(call);
	char name[64];

	(void)snprintf(name, sizeof(name), "%s with AT_EMPTY_PATH", call->name);
	by_fd.name = name;
	(void)snprintf(absolute, sizeof(absolute), "%s/file", fixture_path);
	for (size_t which = 0; which < COUNT(descriptor_names); which++) {
		if (call->args[i].kind != K_DIRFD) {
			/* What AT_FDCWD means then has changed with the kernels. */
			if (which != D_CWD_GARBAGE)
				try_descriptor(call, i, which, NULL);
			continue;
		}
		/* The last one would lead out of the fixture. */
		for (size_t k = 0; k < COUNT(paths) - call->changes; k++)
			try_descriptor(call, i, which, paths[k]);
		if (call->result != R_OPEN) {
			try_descriptor(&by_fd, i, which, "");
			try_descriptor(&by_fd, i, which, "file");
		}
	}
}

void run_dirfds(void)
{
	for (const struct path_call *call = path_calls; call->name; call++)
		for (int i = 0; i < 6; i++)
			if (call->args[i].kind == K_DIRFD ||
			    call->args[i].kind == K_FD ||
			    call->args[i].kind == K_INOTIFY)
				each_descriptor(call, i);
}
