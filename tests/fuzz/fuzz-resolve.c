/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve() against the kernel: the same object, or the same error. This
 * process is the target, in a small tree of every kind of link.
 *
 * Input: a byte of flags, a byte for the anchor, then a name: its bytes, or
 * one component for each byte.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/kernel.h"
#include "supervise/resolve.h"
#include "supervise/target.h"

#define LINKS 42 /* the kernel follows 40 */
/* resolve() makes a name absolute, and that must fit into PATH_MAX. */
#define NAME_SIZE 2048
#define FD_DIRECTORY 60
#define FD_FILE 61
#define FD_CLOSED 62

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum flags {
	FLAG_LINK = 1,
	FLAG_RAW = 2,
	FLAG_WITHIN = 4,
	FLAG_RESOLVE = 0xf0, /* of openat2(2) */
};

static char top[] = "/tmp/fuzz-resolve-XXXXXX";
static pid_t owner;
static int outside, inside; /* working directories */
static struct view view;

static const struct {
	const char *name;
	const char *text;
} links[] = {
	{ "dir/up", ".." },
	{ "loop", "loop" },
	{ "one", "two" },
	{ "two", "one" },
	{ "dangling", "nowhere" },
	{ "self", "/proc/self" },
	{ "away", "dir/sub" },
	{ "slash", "dir//sub/." },
	{ "trail", "dir/file/" },
	{ "root", "/" },
	{ "dots", "../../.." },
	{ "fd", "/proc/self/fd/60" },
	{ "dir/sub/back", "../../away/../file" },
};

static bool allow_all(const void *context, const char *path)
{
	(void)context;
	(void)path;
	return true;
}

static void tear_down(void)
{
	char command[128];

	if (getpid() != owner)
		return;
	(void)snprintf(command, sizeof(command), "rm -rf %s", top);
	if (system(command) != 0)
		fprintf(stderr, "%s is left over\n", top);
}

static void make_file(const char *name)
{
	int fd = open(name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	if (fd < 0 || close(fd) < 0)
		abort();
}

static void make_chain(void)
{
	char name[16], text[16] = "dir";

	for (int i = 0; i < LINKS; i++) {
		(void)snprintf(name, sizeof(name), "c%d", i);
		if (symlink(text, name) < 0)
			abort();
		strcpy(text, name);
	}
}

static void set_up(void)
{
	struct stat st;

	if (owner)
		return;
	outside = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (outside < 0 || !mkdtemp(top) || chdir(top) < 0)
		abort();
	inside = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	owner = getpid();
	(void)atexit(tear_down);
	if (mkdir("dir", 0700) < 0 || mkdir("dir/sub", 0700) < 0 ||
	    mkfifo("fifo", 0600) < 0)
		abort();
	make_file("dir/file");
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (symlink(links[i].text, links[i].name) < 0)
			abort();
	make_chain();
	if (dup2(open("dir", O_RDONLY | O_DIRECTORY), FD_DIRECTORY) < 0 ||
	    dup2(open("dir/file", O_RDONLY), FD_FILE) < 0)
		abort();
	view = (struct view){ .root_fd = open("/", O_PATH | O_DIRECTORY),
			      .proc_fd = procfs_open(),
			      .tid = gettid(),
			      .may_pass = allow_all };
	if (view.root_fd < 0 || view.proc_fd < 0 ||
	    fstat(view.proc_fd, &st) < 0)
		abort();
	view.proc_dev = st.st_dev;
	if (fchdir(outside) < 0)
		abort();
}

static void make_name(const uint8_t *data, size_t size, char *ret, size_t max)
{
	static const char *const parts[] = {
		"dir",  "file",  "sub",        "..",         ".",    "/",
		"/",    "/",     "/",          "up",         "loop", "one",
		"away", "slash", "trail",      "root",       "dots", "dangling",
		"self", "fd",    "fifo",       "back",       "c0",   "c38",
		"c39",  "c40",   "c41",        "none",       "proc", "tmp",
		"cwd",  "60",    "task",       "exe",        "../",  "dir/",
		"/../", "./",    "self/fd/60", "/proc/self",
	};
	size_t len = 0;

	for (size_t i = 0; i < size; i++) {
		const char *part =
			parts[data[i] % (sizeof(parts) / sizeof(parts[0]))];
		size_t n = strlen(part);

		/* Sometimes the tree's own absolute path, or a long name. */
		if (data[i] >= 250) {
			part = top;
			n = strlen(top);
		}
		if (len + n + 256 >= max)
			break;
		if (data[i] == 249) {
			memset(ret + len, 'n', 256);
			len += 256;
			continue;
		}
		memcpy(ret + len, part, n);
		len += n;
	}
	ret[len] = '\0';
}

/* The path that is said must lead, without any link, to the object. */
static void check_path(const struct object *object)
{
	_cleanup_close_ int fd = -1;
	size_t len = strlen(object->path);
	struct stat st;

	if (object->path[0] != '/' || strstr(object->path, "//") ||
	    strstr(object->path, "/../") || strstr(object->path, "/./") ||
	    (len > 1 && object->path[len - 1] == '/'))
		abort();
	fd = kernel_openat2(AT_FDCWD, object->path,
			    O_PATH | O_NOFOLLOW | O_CLOEXEC, 0,
			    RESOLVE_NO_SYMLINKS);
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_ino != object->st.st_ino ||
	    st.st_dev != object->st.st_dev)
		abort();
}

/* On procfs what is shown depends on who looks, and when. */
static bool is_proc(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_dev == view.proc_dev;
}

static void check_found(const struct object *object, int fd)
{
	struct stat st;

	if (object->kind == OBJECT_FILE)
		check_path(object);
	if (object->kind == OBJECT_ABSENT || fstat(fd, &st) < 0)
		abort();
	if (st.st_ino != object->st.st_ino || st.st_dev != object->st.st_dev)
		abort();
}

/* A name into procfs may be refused for more reasons than the kernel has. */
static bool is_into_proc(const char *text)
{
	return strstr(text, "proc") || strstr(text, "self") ||
	       strstr(text, "fd");
}

/* The machine's trouble, not the name's: the next look may meet another one. */
static bool is_passing(int error)
{
	return error == ENFILE || error == ENOMEM || error == EINTR;
}

static void compare(const char *text, unsigned flags, int dirfd)
{
	_cleanup_close_ int fd = openat(
		dirfd, text,
		O_PATH | O_CLOEXEC | (flags & FLAG_LINK ? O_NOFOLLOW : 0));
	int error = fd < 0 ? errno : 0;
	struct object object;
	int r = resolve(&view, dirfd, text,
			flags & FLAG_LINK ? RESOLVE_LINK : 0, &object);

	/* What a number means may have changed from one look to the other. */
	if (r == 0 && is_into_proc(text) && object.kind == OBJECT_FILE)
		check_path(&object);
	else if (r == 0 && is_into_proc(text))
		;
	else if (r == 0 && fd >= 0)
		check_found(&object, fd);
	else if (r == 0 && object.kind != OBJECT_ABSENT)
		abort();
	else if (fd >= 0 && !is_proc(fd) && !is_into_proc(text) &&
		 !is_passing(-r))
		abort();
	else if (fd < 0 && !is_into_proc(text) && !is_passing(error) &&
		 !is_passing(-r) && error != (r < 0 ? -r : object.error))
		abort();
	object_done(&object);
}

/* Only where the kernel's own restricted walk gets to may this one get. */
static void compare_within(const char *text, unsigned flags, int dirfd)
{
	uint64_t how = 0;
	_cleanup_close_ int fd = -1;
	struct object object;
	int r;

	how |= flags & 0x10 ? RESOLVE_BENEATH : 0;
	how |= flags & 0x20 ? RESOLVE_IN_ROOT : 0;
	how |= flags & 0x40 ? RESOLVE_NO_SYMLINKS : 0;
	how |= flags & 0x80 ? RESOLVE_NO_XDEV : 0;
	if (how == 0 || (flags & 0x30) == 0x30)
		return;
	fd = kernel_openat2(dirfd, text,
			    O_PATH | O_CLOEXEC |
				    (flags & FLAG_LINK ? O_NOFOLLOW : 0),
			    0, how | RESOLVE_NO_MAGICLINKS);
	r = resolve_within(&view, dirfd, text,
			   flags & FLAG_LINK ? RESOLVE_LINK : 0, how,
			   /* is_create= */ false, &object);
	if (r == 0 && object.kind != OBJECT_ABSENT) {
		if (fd < 0)
			abort();
		check_found(&object, fd);
	} else if (fd >= 0 && !is_proc(fd) && !is_into_proc(text)) {
		abort();
	}
	object_done(&object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int anchors[] = { AT_FDCWD, FD_DIRECTORY, FD_FILE,
				       FD_CLOSED };
	char text[NAME_SIZE];
	size_t len;

	set_up();
	if (size < 2)
		return 0;
	if (data[0] & FLAG_RAW) {
		len = size - 2 < sizeof(text) - 1 ? size - 2 : sizeof(text) - 1;
		memcpy(text, data + 2, len);
		text[len] = '\0';
	} else {
		make_name(data + 2, size - 2, text, sizeof(text));
	}
	if (fchdir(inside) < 0)
		abort();
	if (data[0] & FLAG_WITHIN)
		compare_within(text, data[0], anchors[data[1] % 4]);
	else
		compare(text, data[0], anchors[data[1] % 4]);
	if (fchdir(outside) < 0)
		abort();
	return 0;
}
