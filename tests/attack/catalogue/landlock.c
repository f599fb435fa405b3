// SPDX-License-Identifier: Apache-2.0
/* What Landlock has no right for: reading metadata, and watching. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "catalogue.h"
#include "tricks.h"

#define NR_GETXATTRAT 464
#define NR_LISTXATTRAT 465
#define WATCH_MS 2000

/* The attribute of the secret file that holds the secret. */
#define ATTRIBUTE "user.secret"

static void loot_stat(int result, const struct stat *st)
{
	if (said("stat", result) == 0)
		loot_time(st->st_mtim.tv_sec, (uint32_t)st->st_mtim.tv_nsec);
}

#define STATS(name, call)               \
	static void name(void)          \
	{                               \
		struct stat st;         \
                                        \
		loot_stat((call), &st); \
	}

STATS(by_stat, (int)syscall(SYS_stat, secret_file(), &st))
STATS(by_lstat, (int)syscall(SYS_lstat, secret_file(), &st))
STATS(by_fstatat, fstatat(-1, secret_file(), &st, 0))
STATS(by_fstatat_link, fstatat(AT_FDCWD, link_to(secret_file(), "x"), &st, 0))
STATS(by_fstatat_auto, fstatat(AT_FDCWD, secret_file(), &st, AT_NO_AUTOMOUNT))
STATS(by_proc, stat(text("/proc/self/root%s", secret_file()), &st))
STATS(by_dots, stat(text("%s/%s%s", world("read"), UP, secret_file()), &st))
STATS(by_place, fstat(open(secret_file(), O_PATH), &st))
STATS(by_place_link,
      fstat(open(link_to(secret_file(), "x"), O_PATH | O_CLOEXEC), &st))
STATS(by_place_empty,
      fstatat(open(secret_file(), O_PATH), "", &st, AT_EMPTY_PATH))

static void by_cwd(void)
{
	struct stat st;

	(void)said("chdir", chdir(world("secret")));
	loot_stat(stat("file", &st), &st);
}

static void below_place(void)
{
	int dir = (int)said("O_PATH", open(world("secret"), O_PATH));
	struct stat st;

	loot_stat(fstatat(dir, "file", &st, 0), &st);
}

static void loot_statx(int dir, const char *path, int flags)
{
	struct statx st;

	if (said("statx", statx(dir, path, flags, STATX_ALL, &st)) == 0)
		loot_time(st.stx_mtime.tv_sec, st.stx_mtime.tv_nsec);
}

static void by_statx(void)
{
	loot_statx(AT_FDCWD, secret_file(), 0);
}

static void by_statx_cached(void)
{
	loot_statx(AT_FDCWD, secret_file(), AT_STATX_DONT_SYNC);
}

static void by_statx_empty(void)
{
	loot_statx(open(secret_file(), O_PATH), "", AT_EMPTY_PATH);
}

static void loot_text(long n, const char *bytes)
{
	if (said("it", n) > 0)
		loot(bytes, (size_t)n);
}

#define READS_TEXT(name, call)                  \
	static void name(void)                  \
	{                                       \
		char bytes[512];                \
                                                \
		loot_text((long)(call), bytes); \
	}

READS_TEXT(by_readlink,
	   syscall(SYS_readlink, in_secret("pointer"), bytes, sizeof(bytes)))
READS_TEXT(by_readlinkat,
	   readlinkat(-1, in_secret("pointer"), bytes, sizeof(bytes)))
READS_TEXT(by_readlink_place,
	   readlinkat(open(in_secret("pointer"), O_PATH | O_NOFOLLOW), "",
		      bytes, sizeof(bytes)))
READS_TEXT(by_getxattr,
	   getxattr(secret_file(), ATTRIBUTE, bytes, sizeof(bytes)))
READS_TEXT(by_lgetxattr,
	   lgetxattr(secret_file(), ATTRIBUTE, bytes, sizeof(bytes)))
READS_TEXT(by_getxattr_link, getxattr(link_to(secret_file(), "x"), ATTRIBUTE,
				      bytes, sizeof(bytes)))
READS_TEXT(by_getxattr_proc,
	   getxattr(text("/proc/self/fd/%d", open(secret_file(), O_PATH)),
		    ATTRIBUTE, bytes, sizeof(bytes)))
READS_TEXT(by_listxattr, listxattr(secret_file(), bytes, sizeof(bytes)))
READS_TEXT(by_llistxattr, llistxattr(secret_file(), bytes, sizeof(bytes)))
READS_TEXT(by_listxattrat, syscall(NR_LISTXATTRAT, AT_FDCWD, secret_file(), 0,
				   bytes, sizeof(bytes)))

static void getxattrat(int dir, const char *path, unsigned int flags)
{
	char bytes[512];
	struct {
		uint64_t value;
		uint32_t size;
		uint32_t flags;
	} arguments = { (uintptr_t)bytes, sizeof(bytes), 0 };

	loot_text(syscall(NR_GETXATTRAT, dir, path, flags, ATTRIBUTE,
			  &arguments, sizeof(arguments)),
		  bytes);
}

static void by_getxattrat(void)
{
	getxattrat(AT_FDCWD, secret_file(), 0);
}

static void by_getxattrat_place(void)
{
	getxattrat(open(world("secret"), O_PATH), "file", 0);
}

/* The name that is opened again and again is in a directory of its own. */
static void watch(const char *directory)
{
	int fd = inotify_init1(IN_CLOEXEC);
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	char bytes[4096];

	if (said("inotify_add_watch",
		 inotify_add_watch(fd, directory, IN_ALL_EVENTS)) >= 0 &&
	    poll(&ready, 1, WATCH_MS) > 0)
		loot_text(read(fd, bytes, sizeof(bytes)), bytes);
}

static void by_inotify(void)
{
	watch(in_secret("names"));
}

static void by_inotify_link(void)
{
	watch(link_to(in_secret("names"), "x"));
}

static void by_inotify_proc(void)
{
	watch(text("/proc/self/fd/%d", open(in_secret("names"), O_PATH)));
}

static void by_inotify_cwd(void)
{
	(void)said("chdir", chdir(in_secret("names")));
	watch(".");
}

/* An event brings a descriptor of what was opened, or its handle and name. */
static void fanotify(unsigned int class, uint64_t mask, unsigned int mark,
		     const char *path)
{
	int fd = (int)said("fanotify_init", fanotify_init(class, O_RDONLY));
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	static char bytes[4096];
	const struct fanotify_event_metadata *event = (const void *)bytes;
	ssize_t n;

	if (fd < 0 ||
	    said("fanotify_mark", fanotify_mark(fd, FAN_MARK_ADD | mark, mask,
						AT_FDCWD, path)) < 0 ||
	    poll(&ready, 1, WATCH_MS) <= 0)
		return;
	n = read(fd, bytes, sizeof(bytes));
	if (n <= 0)
		return;
	loot(bytes, (size_t)n);
	if (event->fd < 0)
		return;
	n = readlink(text("/proc/self/fd/%d", event->fd), bytes, sizeof(bytes));
	if (n > 0)
		loot(bytes, (size_t)n);
}

static void by_fanotify(void)
{
	fanotify(FAN_CLASS_NOTIF, FAN_OPEN | FAN_EVENT_ON_CHILD, 0,
		 in_secret("names"));
}

static void by_fanotify_mount(void)
{
	fanotify(FAN_CLASS_NOTIF, FAN_OPEN, FAN_MARK_MOUNT, in_secret("names"));
}

static void by_fanotify_name(void)
{
	fanotify(FAN_CLASS_NOTIF | FAN_REPORT_DFID_NAME,
		 FAN_OPEN | FAN_EVENT_ON_CHILD, 0, in_secret("names"));
}

static void list(int fd)
{
	static char bytes[32768];

	loot_text(syscall(SYS_getdents64, fd, bytes, sizeof(bytes)), bytes);
}

static void by_list(void)
{
	list(open(in_secret("names"), O_RDONLY | O_DIRECTORY));
}

static void by_old_list(void)
{
	static char bytes[32768];
	int fd = open(in_secret("names"), O_RDONLY);

	loot_text(syscall(SYS_getdents, fd, bytes, sizeof(bytes)), bytes);
}

static void list_from_cwd(void)
{
	(void)said("chdir", chdir(in_secret("names")));
	list(open(".", O_RDONLY | O_DIRECTORY));
}

static void list_from_place(void)
{
	int place = (int)said("O_PATH", open(in_secret("names"), O_PATH));

	list(openat(place, ".", O_RDONLY | O_DIRECTORY));
}

static void chdir_read(void)
{
	(void)said("chdir", chdir(world("secret")));
	loot_at(AT_FDCWD, "file");
	loot_at(AT_FDCWD, "./dir/../file");
}

static void fchdir_read(void)
{
	(void)said("fchdir", fchdir(open(world("secret"), O_PATH)));
	loot_at(AT_FDCWD, "file");
}

static void chdir_link(void)
{
	(void)said("chdir", chdir(link_to(world("secret"), "x")));
	loot_at(AT_FDCWD, "file");
}

static void chdir_change(void)
{
	(void)said("chdir", chdir(world("secret")));
	(void)said("unlink", unlink("file"));
	(void)said("mkdir", mkdir("new", 0755));
}

/* To a directory that was granted when one stood in it. */
static void chdir_swapped(void)
{
	(void)mkdir(in_write("a"), 0755);
	(void)said("chdir", chdir(in_write("a")));
	(void)rmdir(in_write("a"));
	(void)link_to(world("secret"), "a");
	loot_at(AT_FDCWD, "../a/file");
}

#define METADATA "metadata", NULL, 0

const struct attack landlock_attacks[] = {
	{ "T077", "stat", METADATA, by_stat },
	{ "T077b", "lstat", METADATA, by_lstat },
	{ "T077c", "newfstatat", METADATA, by_fstatat },
	{ "T077d", "newfstatat through a symlink", METADATA, by_fstatat_link },
	{ "T077e", "newfstatat, AT_NO_AUTOMOUNT", METADATA, by_fstatat_auto },
	{ "T077f", "stat by /proc/self/root", METADATA, by_proc },
	{ "T077g", "stat by ..", METADATA, by_dots },
	{ "T077h", "stat from the working directory", METADATA, by_cwd },
	{ "T077i", "statx", METADATA, by_statx },
	{ "T077j", "statx, AT_STATX_DONT_SYNC", METADATA, by_statx_cached },
	{ "T077k", "readlink", METADATA, by_readlink },
	{ "T077l", "readlinkat", METADATA, by_readlinkat },
	{ "T077m", "getxattr", METADATA, by_getxattr },
	{ "T077n", "lgetxattr", METADATA, by_lgetxattr },
	{ "T077o", "getxattr through a symlink", METADATA, by_getxattr_link },
	{ "T077p", "getxattrat", METADATA, by_getxattrat },
	{ "T077q", "listxattr", METADATA, by_listxattr },
	{ "T077r", "llistxattr", METADATA, by_llistxattr },
	{ "T077s", "listxattrat", METADATA, by_listxattrat },
	{ "T077t", "a directory listed", "files", NULL, 0, by_list },
	{ "T077u", "a directory listed by getdents", "files", NULL, 0,
	  by_old_list },
	{ "T080", "fstat of an O_PATH descriptor", METADATA, by_place },
	{ "T080b", "the same through a symlink", METADATA, by_place_link },
	{ "T080c", "newfstatat of it with no path", METADATA, by_place_empty },
	{ "T080d", "statx of it with no path", METADATA, by_statx_empty },
	{ "T080e", "newfstatat beneath an O_PATH directory", METADATA,
	  below_place },
	{ "T080f", "readlinkat of an O_PATH symlink", METADATA,
	  by_readlink_place },
	{ "T080g", "getxattrat beneath an O_PATH directory", METADATA,
	  by_getxattrat_place },
	{ "T080h", "getxattr of it by /proc/self/fd", METADATA,
	  by_getxattr_proc },
	{ "T080i", "an O_PATH directory listed", "files", NULL, 0,
	  list_from_place },
	{ "T081", "inotify", METADATA, by_inotify },
	{ "T081b", "inotify through a symlink", METADATA, by_inotify_link },
	{ "T081c", "inotify of an O_PATH descriptor", METADATA,
	  by_inotify_proc },
	{ "T081d", "inotify of the working directory", METADATA,
	  by_inotify_cwd },
	{ "T081e", "fanotify, descriptors", "metadata", NULL, ONLY_ROOT,
	  by_fanotify },
	{ "T081f", "fanotify of the whole mount", "metadata", NULL, ONLY_ROOT,
	  by_fanotify_mount },
	{ "T081g", "fanotify, names", METADATA, by_fanotify_name },
	{ "T103", "chdir, then a name", "files", NULL, 0, chdir_read },
	{ "T103b", "fchdir to an O_PATH directory", "files", NULL, 0,
	  fchdir_read },
	{ "T103c", "chdir through a symlink", "files", NULL, 0, chdir_link },
	{ "T103d", "chdir, then changes", "files", NULL, 0, chdir_change },
	{ "T103e", "the directory above a removed one", "files", NULL, 0,
	  chdir_swapped },
	{ "T103f", "chdir, then a list", "files", NULL, 0, list_from_cwd },
	{ 0 },
};
