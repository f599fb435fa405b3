/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve(), with this very process as the target: the same object and path
 * that realpath(3) and the kernel say, and /proc/self as the requester's.
 *
 *   top/
 *     dir/file  dir/sub/  dir/up -> ..  dir/abs -> top/dir/file
 *     loop -> loop  dangling -> nowhere  self -> /proc/self
 *     away -> dir/sub  fifo
 */
#include "supervise/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/kernel.h"
#include "supervise/target.h"
#include "supervise/walk.h"
#include "tap.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static char top[] = "/tmp/test-resolve-XXXXXX";
static struct view view;

static void make_file(const char *name)
{
	int fd = open(name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	if (fd < 0)
		abort();
	(void)close(fd);
}

static void make_tree(void)
{
	char text[64];

	if (!mkdtemp(top) || chdir(top) < 0 || mkdir("dir", 0700) < 0 ||
	    mkdir("dir/sub", 0700) < 0 || symlink("..", "dir/up") < 0 ||
	    symlink("loop", "loop") < 0 || symlink("nowhere", "dangling") < 0 ||
	    symlink("/proc/self", "self") < 0 ||
	    symlink("dir/sub", "away") < 0 || mkfifo("fifo", 0600) < 0)
		abort();
	make_file("dir/file");
	(void)snprintf(text, sizeof(text), "%s/dir/file", top);
	if (symlink(text, "dir/abs") < 0)
		abort();
}

static void remove_tree(void)
{
	static const char *const files[] = { "dir/file", "dir/up",   "dir/abs",
					     "loop",     "dangling", "self",
					     "away",     "fifo" };

	for (size_t i = 0; i < N(files); i++)
		(void)unlink(files[i]);
	(void)rmdir("dir/sub");
	(void)rmdir("dir");
	(void)chdir("/");
	(void)rmdir(top);
}

static const struct {
	const char *text;
	unsigned flags;
	int error; /* of resolve(), negative */
	enum object_kind kind;
	int absent; /* OBJECT_ABSENT: errno */
	const char *path; /* beneath top, or absolute */
} cases[] = {
	{ "dir/file", 0, 0, OBJECT_FILE, 0, "dir/file" },
	{ "./dir//./file", 0, 0, OBJECT_FILE, 0, "dir/file" },
	{ "dir/sub/../file", 0, 0, OBJECT_FILE, 0, "dir/file" },
	{ "dir/", 0, 0, OBJECT_FILE, 0, "dir" },
	{ "dir/file/", 0, 0, OBJECT_ABSENT, ENOTDIR, "dir/file" },
	{ "dir/file/x", 0, 0, OBJECT_ABSENT, ENOTDIR, "dir/file/x" },
	{ "dir/none", 0, 0, OBJECT_ABSENT, ENOENT, "dir/none" },
	{ "none/../dir", 0, 0, OBJECT_ABSENT, ENOENT, "dir" },
	{ "dir/up/dir/file", 0, 0, OBJECT_FILE, 0, "dir/file" },
	{ "away/../file", 0, 0, OBJECT_FILE, 0, "dir/file" },
	{ "dir/abs", 0, 0, OBJECT_FILE, 0, "dir/file" },
	{ "dir/abs", RESOLVE_LINK, 0, OBJECT_FILE, 0, "dir/abs" },
	{ "dir/up", RESOLVE_LINK, 0, OBJECT_FILE, 0, "dir/up" },
	{ "dir/up/", RESOLVE_LINK, 0, OBJECT_FILE, 0, "" },
	{ "loop", 0, -ELOOP, OBJECT_ABSENT, 0, NULL },
	{ "loop", RESOLVE_LINK, 0, OBJECT_FILE, 0, "loop" },
	{ "dangling", 0, 0, OBJECT_ABSENT, ENOENT, "nowhere" },
	{ "dangling", RESOLVE_LINK, 0, OBJECT_FILE, 0, "dangling" },
	{ "fifo", 0, 0, OBJECT_FILE, 0, "fifo" },
	{ "", 0, -ENOENT, OBJECT_ABSENT, 0, NULL },
	{ "/", 0, 0, OBJECT_FILE, 0, "/" },
	{ "/..", 0, 0, OBJECT_FILE, 0, "/" },
	{ "/proc/self/cwd/dir/file", 0, 0, OBJECT_FILE, 0, "dir/file" },
	{ "/proc/self/root/etc", 0, 0, OBJECT_FILE, 0, "/etc" },
	{ "/proc/self/ns/mnt", 0, -EACCES, OBJECT_ABSENT, 0, NULL },
	{ "/proc/1/cwd", 0, -EACCES, OBJECT_ABSENT, 0, NULL },
	{ "self/cwd/dir", 0, 0, OBJECT_FILE, 0, "dir" },
};

static void paths_resolve_as_in_the_kernel(void)
{
	for (size_t i = 0; i < N(cases); i++) {
		char want[128] = "";
		struct object object;
		int r;

		r = resolve(&view, AT_FDCWD, cases[i].text, cases[i].flags,
			    &object);
		is_int(r, cases[i].error, cases[i].text);
		if (cases[i].path) {
			(void)snprintf(want, sizeof(want), "%s%s%s",
				       cases[i].path[0] == '/' ? "" : top,
				       cases[i].path[0] == '/' ||
						       !cases[i].path[0] ?
					       "" :
					       "/",
				       cases[i].path);
			is_int(object.kind, cases[i].kind, "... its kind");
			is_str(object.path, want, "... its path");
			if (cases[i].kind == OBJECT_ABSENT)
				is_int(object.error, cases[i].absent,
				       "... why it is absent");
			else
				ok(object.fd >= 0, "... is pinned");
		}
		object_done(&object);
	}
}

static void proc_is_the_requesters(void)
{
	struct object object;
	char want[64];

	(void)snprintf(want, sizeof(want), "/proc/%d/status", getpid());
	is_int(resolve(&view, AT_FDCWD, "/proc/self/status", 0, &object), 0,
	       "/proc/self/status");
	is_int(object.kind, OBJECT_PROC, "... is on procfs");
	is_str(object.path, want, "... of the requester");
	object_done(&object);
	is_int(resolve(&view, AT_FDCWD, "self/status", 0, &object), 0,
	       "through a link of one's own");
	is_str(object.path, want, "... the same");
	object_done(&object);
	is_int(resolve(&view, AT_FDCWD, "/proc/self", RESOLVE_LINK, &object), 0,
	       "the link itself");
	is_str(object.path, "/proc/self", "... keeps its name");
	object_done(&object);
}

static void descriptors_are_the_requesters(void)
{
	int fd = open("dir/file", O_RDONLY | O_CLOEXEC);
	int memory = kernel_memfd_create("x", MFD_CLOEXEC);
	struct target_fd_info info;
	struct object object;
	struct stat st;
	char text[64];

	(void)snprintf(text, sizeof(text), "/dev/fd/%d", fd);
	is_int(resolve(&view, AT_FDCWD, text, 0, &object), 0, "/dev/fd/N");
	is_int(object.kind, OBJECT_FILE, "... has a path");
	is_int(object.own_fd, fd, "... and is known as a descriptor");
	object_done(&object);
	(void)snprintf(text, sizeof(text), "/proc/self/fd/%d", memory);
	is_int(resolve(&view, AT_FDCWD, text, 0, &object), 0, "a memfd");
	is_int(object.kind, OBJECT_OWN, "... has no path to prove");
	is_int(object.own_fd, memory, "... but is its own");
	object_done(&object);
	is_int(target_fd_info(view.proc_fd, view.tid, fd, &info), 0,
	       "a descriptor is known");
	is_int(info.flags & O_ACCMODE, O_RDONLY, "... with its mode");
	ok(fstat(fd, &st) == 0 && info.ino == st.st_ino, "... and its inode");
	is_int(target_fd_info(view.proc_fd, view.tid, memory, &info), 0,
	       "so is a memfd");
	is_int(info.flags & O_ACCMODE, O_RDWR, "... with its mode");
	(void)snprintf(text, sizeof(text), "/proc/self/fd/%d/../sub",
		       open("dir/sub", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	is_int(resolve(&view, AT_FDCWD, text, 0, &object), 0,
	       "a path that goes on behind a descriptor");
	is_int(object.own_fd, -1, "... is not the descriptor's object");
	object_done(&object);
	is_int(resolve_fd(&view, 999, &object), -EBADF, "a closed descriptor");
	object_done(&object);
	(void)close(fd);
	(void)close(memory);
}

static void a_deleted_directory_is_no_anchor(void)
{
	struct object object;
	int fd;

	if (mkdir("gone", 0700) < 0)
		abort();
	fd = open("gone", O_PATH | O_DIRECTORY | O_CLOEXEC);
	(void)rmdir("gone");
	is_int(resolve(&view, fd, "x", 0, &object), -ENOENT,
	       "a name in a deleted directory");
	object_done(&object);
	(void)close(fd);
	is_int(resolve(&view, 999, "x", 0, &object), -EBADF, "a closed anchor");
	object_done(&object);
	fd = open("dir/file", O_RDONLY | O_CLOEXEC);
	is_int(resolve(&view, fd, "x", 0, &object), -ENOTDIR,
	       "a file as anchor");
	object_done(&object);
	(void)close(fd);
}

static bool may_not_pass(const void *context, const char *path)
{
	return strcmp(path, context) != 0;
}

static void what_dots_leave_is_asked_for(void)
{
	struct object object;
	char hidden[64];

	(void)snprintf(hidden, sizeof(hidden), "%s/dir/sub", top);
	view.may_pass = may_not_pass;
	view.context = hidden;
	is_int(resolve(&view, AT_FDCWD, "dir/sub/../file", 0, &object), 0,
	       "`..` out of a hidden directory");
	is_str(object.hidden, hidden, "... is remembered");
	object_done(&object);
	(void)snprintf(hidden, sizeof(hidden), "%s/none", top);
	is_int(resolve(&view, AT_FDCWD, "none/../dir/file", 0, &object), 0,
	       "`..` out of a hidden one that is not there");
	is_str(object.hidden, hidden, "... looks the same");
	object_done(&object);
	(void)snprintf(hidden, sizeof(hidden), "%s/dir/sub", top);
	is_int(resolve(&view, AT_FDCWD, "dir/../dir/file", 0, &object), 0,
	       "`..` out of another one");
	is_str(object.hidden, "", "... is not");
	object_done(&object);
	view.may_pass = NULL;
}

static void long_paths_have_an_end(void)
{
	static char text[PATH_MAX];
	struct object object;

	memset(text, 'a', sizeof(text) - 1);
	is_int(resolve(&view, AT_FDCWD, text, 0, &object), -ENAMETOOLONG,
	       "a name of 4095 bytes");
	object_done(&object);
	for (size_t i = 0; i + 1 < sizeof(text) - 1; i += 2)
		memcpy(text + i, "./", 2);
	text[sizeof(text) - 2] = '.';
	is_int(resolve(&view, AT_FDCWD, text, 0, &object), 0,
	       "2,047 components");
	is_str(object.path, top, "... that lead nowhere else");
	object_done(&object);
}

int main(void)
{
	struct stat st;

	make_tree();
	view = (struct view){ .root_fd = open("/", O_PATH | O_CLOEXEC),
			      .proc_fd = procfs_open(),
			      .tid = getpid() };
	if (view.proc_fd < 0 || fstat(view.proc_fd, &st) < 0)
		abort();
	view.proc_dev = st.st_dev;
	paths_resolve_as_in_the_kernel();
	proc_is_the_requesters();
	descriptors_are_the_requesters();
	a_deleted_directory_is_no_anchor();
	what_dots_leave_is_asked_for();
	long_paths_have_an_end();
	remove_tree();
	return done();
}
