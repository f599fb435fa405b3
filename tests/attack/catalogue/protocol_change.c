// SPDX-License-Identifier: Apache-2.0
/*
 * A, what changes files: the path, or the number of a descriptor, is exchanged
 * while somebody looks at the call. "read" may be read; nothing in it may
 * change.
 */
#include "catalogue.h"
#include "flip.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#ifndef SYS_setxattrat
#define SYS_setxattrat 463
#endif
#define ROUNDS 600
#define PLACE 50

static const struct {
	uint64_t value;
	uint32_t size;
	uint32_t flags;
} attribute = { (uintptr_t) "x", 1, 0 };
static const struct timespec then[2] = { { 1, 0 }, { 1, 0 } };
static const struct utimbuf long_ago = { 1, 1 };

static int made(const char *path)
{
	int fd = open(path, O_CREAT | O_RDWR, 0600);

	return fd < 0 ? -1 : close(fd);
}

/*
 * @path is of a file that may be changed, or of one that may not, and is there
 * again for each round.
 */
static void race_path(int (*change)(const char *path))
{
	const char *path;
	int i = 0;

	watch_file(in_read("file"));
	path = flip_paths(BY_THREAD, in_write("file"), in_read("file"));
	do {
		(void)made(in_write("file"));
		flip_met(change(path) >= 0);
	} while (!is_changed() && flip_goes_on(i++, ROUNDS));
	flip_end();
}

/* The same of a name that is not there yet. */
static void race_new(int (*change)(const char *path))
{
	const char *path;
	int i = 0;

	watch_file(world("read"));
	path = flip_paths(BY_THREAD, in_write("name"), in_read("name"));
	do {
		(void)made(in_write("source"));
		flip_met(change(path) >= 0);
		(void)remove(in_write("name"));
	} while (!is_changed() && flip_goes_on(i++, ROUNDS));
	flip_end();
}

/* The same of a name that is there, and should stay. */
static void race_old(int (*change)(const char *path))
{
	const char *path;
	int i = 0;

	watch_file(world("read"));
	path = flip_paths(BY_THREAD, in_write("file"), in_read("file"));
	do {
		(void)made(in_write("file"));
		(void)made(in_write("source"));
		(void)remove(in_write("other"));
		flip_met(change(path) >= 0);
	} while (!is_changed() && flip_goes_on(i++, ROUNDS));
	flip_end();
}

static int again(const char *path, const char *name)
{
	(void)remove(name);
	return link(path, name);
}

static void to_place(int fd)
{
	(void)dup2(fd, PLACE);
}

/* PLACE is a file that may be changed, or one that may not. */
static void race_number(int (*change)(int fd))
{
	int ours = open(in_write("file"), O_CREAT | O_RDWR, 0600);
	int theirs = open(in_read("file"), O_RDONLY);
	int i = 0;

	watch_file(in_read("file"));
	to_place(ours);
	flip_calls(to_place, ours, theirs);
	do {
		flip_met(change(PLACE) >= 0);
	} while (!is_changed() && flip_goes_on(i++, ROUNDS));
	flip_end();
}

#define RACE(race, name, what, call)  \
	static int name##_it(what)    \
	{                             \
		return (int)(call);   \
	}                             \
	static void race_##name(void) \
	{                             \
		race(name##_it);      \
	}
#define PATH const char *path
#define NUMBER int fd

RACE(race_path, chmod, PATH, chmod(path, 0604))
RACE(race_path, fchmodat, PATH, syscall(SYS_fchmodat, AT_FDCWD, path, 0604))
RACE(race_path, fchmodat2, PATH,
     syscall(SYS_fchmodat2, AT_FDCWD, path, 0604, 0))
RACE(race_path, chown, PATH, chown(path, getuid(), getgid()))
RACE(race_path, lchown, PATH, lchown(path, getuid(), getgid()))
RACE(race_path, fchownat, PATH, fchownat(AT_FDCWD, path, getuid(), getgid(), 0))
RACE(race_path, utime, PATH, utime(path, &long_ago))
RACE(race_path, utimes, PATH, syscall(SYS_utimes, path, NULL))
RACE(race_path, futimesat, PATH, syscall(SYS_futimesat, AT_FDCWD, path, NULL))
RACE(race_path, utimensat, PATH, utimensat(AT_FDCWD, path, then, 0))
RACE(race_path, setxattr, PATH, setxattr(path, "user.x", "x", 1, 0))
RACE(race_path, lsetxattr, PATH, lsetxattr(path, "user.x", "x", 1, 0))
RACE(race_path, setxattrat, PATH,
     syscall(SYS_setxattrat, AT_FDCWD, path, 0, "user.x", &attribute,
	     sizeof(attribute)))
RACE(race_path, truncate, PATH, truncate(path, 1))
RACE(race_path, creat, PATH, close(creat(path, 0600)))
RACE(race_path, link_away, PATH, again(path, in_write("other")))
RACE(race_path, open_truncate, PATH, close(open(path, O_RDONLY | O_TRUNC)))
RACE(race_new, create, PATH, made(path))
RACE(race_new, mkdir, PATH, mkdir(path, 0700))
RACE(race_new, mknod, PATH, mknod(path, S_IFIFO | 0600, 0))
RACE(race_new, symlink, PATH, symlink("x", path))
RACE(race_new, link, PATH, link(in_write("source"), path))
RACE(race_new, rename, PATH, rename(in_write("source"), path))
RACE(race_old, rename_over, PATH, rename(in_write("source"), path))
RACE(race_old, rename_away, PATH, rename(path, in_write("source")))
RACE(race_old, exchange, PATH,
     renameat2(AT_FDCWD, in_write("source"), AT_FDCWD, path, RENAME_EXCHANGE))
RACE(race_old, unlink, PATH, unlink(path))

RACE(race_number, fchmod, NUMBER, fchmod(fd, 0604))
RACE(race_number, fchown, NUMBER, fchown(fd, getuid(), getgid()))
RACE(race_number, futimens, NUMBER, futimens(fd, then))
RACE(race_number, empty_utimensat, NUMBER,
     utimensat(fd, "", then, AT_EMPTY_PATH))
RACE(race_number, fsetxattr, NUMBER, fsetxattr(fd, "user.x", "x", 1, 0))
RACE(race_number, empty_fchmodat2, NUMBER,
     syscall(SYS_fchmodat2, fd, "", 0604, AT_EMPTY_PATH))
RACE(race_number, empty_fchownat, NUMBER,
     fchownat(fd, "", getuid(), getgid(), AT_EMPTY_PATH))
RACE(race_number, empty_setxattrat, NUMBER,
     syscall(SYS_setxattrat, fd, "", AT_EMPTY_PATH, "user.x", &attribute,
	     sizeof(attribute)))

static int by_entry(int fd, int (*change)(const char *path))
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return change(path);
}

RACE(race_number, entry_chmod, NUMBER, by_entry(fd, chmod_it))
RACE(race_number, entry_truncate, NUMBER, by_entry(fd, truncate_it))
RACE(race_number, entry_open, NUMBER, by_entry(fd, creat_it))

#define ROW(id, what, name)                                 \
	{                                                   \
		id, what, "files", "worker", 0, race_##name \
	}

const struct attack change_attacks[] = {
	ROW("T003", "chmod, its path rewritten", chmod),
	ROW("T003b", "fchmodat", fchmodat),
	ROW("T003c", "fchmodat2", fchmodat2),
	ROW("T003d", "chown", chown),
	ROW("T003e", "lchown", lchown),
	ROW("T003f", "fchownat", fchownat),
	ROW("T003g", "utime", utime),
	ROW("T003h", "utimes", utimes),
	ROW("T003i", "futimesat", futimesat),
	ROW("T003j", "utimensat", utimensat),
	ROW("T003k", "setxattr", setxattr),
	ROW("T003l", "lsetxattr", lsetxattr),
	ROW("T003m", "setxattrat", setxattrat),
	ROW("T003n", "truncate", truncate),
	ROW("T003o", "creat", creat),
	ROW("T003p", "open that truncates", open_truncate),
	ROW("T003q", "open that creates", create),
	ROW("T003r", "mkdir", mkdir),
	ROW("T003s", "mknod", mknod),
	ROW("T003t", "symlink", symlink),
	ROW("T003u", "link", link),
	ROW("T003v", "link of what may not be changed", link_away),
	ROW("T003w", "rename to a new name", rename),
	ROW("T003x", "rename over a file", rename_over),
	ROW("T003y", "rename away", rename_away),
	ROW("T003z", "rename that exchanges", exchange),
	ROW("T003aa", "unlink", unlink),
	ROW("T004", "fchmod, its number of another file", fchmod),
	ROW("T004b", "fchown", fchown),
	ROW("T004c", "futimens", futimens),
	ROW("T004d", "fsetxattr", fsetxattr),
	ROW("T004e", "fchmodat2 of a descriptor", empty_fchmodat2),
	ROW("T004f", "fchownat of a descriptor", empty_fchownat),
	ROW("T004g", "utimensat of a descriptor", empty_utimensat),
	ROW("T004h", "setxattrat of a descriptor", empty_setxattrat),
	ROW("T004i", "chmod of /proc/self/fd", entry_chmod),
	ROW("T004j", "truncate of /proc/self/fd", entry_truncate),
	ROW("T004k", "open of /proc/self/fd to truncate", entry_open),
	{ 0 },
};
