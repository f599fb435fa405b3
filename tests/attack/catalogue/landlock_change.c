// SPDX-License-Identifier: Apache-2.0
/*
 * Metadata changed, by path and by descriptor, and other ways to write to what
 * may only be read.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

#include "catalogue.h"
#include "tricks.h"

#define NR_FCHMODAT2 452
#define NR_SETXATTRAT 463
#define NR_REMOVEXATTRAT 466
#define NR_FILE_GETATTR 468
#define NR_FILE_SETATTR 469
#define FLAGS_NODUMP 0x40
#define XFLAGS_NODUMP 0x80

static const struct timespec times[2] = { { 1111, 1 }, { 2222, 2 } };
static const struct timeval values[2] = { { 1111, 1 }, { 2222, 2 } };
static const struct utimbuf seconds = { 1111, 2222 };

/* What may be read, by a descriptor for reading. */
static int readable(void)
{
	return open(in_read("file"), O_RDONLY);
}

static const char *own_fd(int fd)
{
	return text("/proc/self/fd/%d", fd);
}

#define TRIES(name, call)                        \
	static void name(void)                   \
	{                                        \
		(void)said(#name, (long)(call)); \
	}

TRIES(do_chmod, syscall(SYS_chmod, secret_file(), 0666))
TRIES(do_fchmodat, syscall(SYS_fchmodat, -1, secret_file(), 0666))
TRIES(do_fchmodat2, syscall(NR_FCHMODAT2, -1, secret_file(), 0666, 0))
TRIES(do_chown, syscall(SYS_chown, secret_file(), -1, getegid()))
TRIES(do_lchown, syscall(SYS_lchown, secret_file(), geteuid(), -1))
TRIES(do_fchownat, fchownat(-1, secret_file(), geteuid(), getegid(), 0))
TRIES(chown_link, lchown(in_secret("link"), geteuid(), getegid()))
TRIES(do_utime, syscall(SYS_utime, secret_file(), &seconds))
TRIES(do_utime_now, syscall(SYS_utime, secret_file(), NULL))
TRIES(do_utimes, syscall(SYS_utimes, secret_file(), values))
TRIES(do_futimesat, syscall(SYS_futimesat, AT_FDCWD, secret_file(), values))
TRIES(do_utimensat, utimensat(AT_FDCWD, secret_file(), times, 0))
TRIES(utimensat_link,
      utimensat(-1, in_secret("link"), times, AT_SYMLINK_NOFOLLOW))
TRIES(do_setxattr, setxattr(secret_file(), "user.new", "v", 1, 0))
TRIES(do_lsetxattr, lsetxattr(secret_file(), "user.new", "v", 1, 0))
TRIES(do_removexattr, removexattr(secret_file(), "user.secret"))
TRIES(do_lremovexattr, lremovexattr(secret_file(), "user.secret"))
TRIES(do_removexattrat,
      syscall(NR_REMOVEXATTRAT, AT_FDCWD, secret_file(), 0, "user.secret"))
TRIES(chmod_directory, chmod(world("secret"), 0777))
TRIES(chmod_link, chmod(link_to(secret_file(), "x"), 0666))
TRIES(chmod_proc, chmod(text("/proc/self/root%s", secret_file()), 0666))
TRIES(chmod_place, chmod(own_fd(open(secret_file(), O_PATH)), 0666))
TRIES(chmod_place_empty, syscall(NR_FCHMODAT2, open(secret_file(), O_PATH), "",
				 0666, AT_EMPTY_PATH))

TRIES(granted_chmod, chmod(in_read("file"), 0666))
TRIES(granted_chmod_directory, chmod(world("read"), 0777))
TRIES(granted_fchmod, fchmod(readable(), 0666))
TRIES(granted_fchmod_directory,
      fchmod(open(world("read"), O_RDONLY | O_DIRECTORY), 0777))
TRIES(granted_fchmod_proc, chmod(own_fd(readable()), 0666))
TRIES(granted_fchmodat2,
      syscall(NR_FCHMODAT2, readable(), "", 0666, AT_EMPTY_PATH))
TRIES(granted_fchmod_high,
      syscall(SYS_fchmod, readable() | 1L << 32, 0666 | 1L << 40))
TRIES(granted_fchown, fchown(readable(), geteuid(), getegid()))
TRIES(granted_fchownat,
      fchownat(readable(), "", geteuid(), getegid(), AT_EMPTY_PATH))
TRIES(granted_futimens, futimens(readable(), times))
TRIES(granted_utimensat, utimensat(readable(), "", times, AT_EMPTY_PATH))
TRIES(granted_futimesat, syscall(SYS_futimesat, readable(), NULL, values))
TRIES(granted_utime, utime(own_fd(readable()), &seconds))
TRIES(granted_fsetxattr, fsetxattr(readable(), "user.new", "v", 1, 0))
TRIES(granted_setxattr_proc,
      setxattr(own_fd(readable()), "user.new", "v", 1, 0))

static long setxattrat(int dir, const char *path, unsigned int flags)
{
	struct {
		uint64_t value;
		uint32_t size;
		uint32_t flags;
	} arguments = { (uintptr_t) "v", 1, 0 };

	return syscall(NR_SETXATTRAT, dir, path, flags, "user.new", &arguments,
		       sizeof(arguments));
}

TRIES(do_setxattrat, setxattrat(AT_FDCWD, secret_file(), 0))
TRIES(granted_setxattrat, setxattrat(readable(), "", AT_EMPTY_PATH))

/* A descriptor that somebody else of this process opened. */
static void granted_fremovexattr(void)
{
	(void)said("fremovexattr", fremovexattr(readable(), "user.there"));
}

static void set_flags(int fd)
{
	long flags = FLAGS_NODUMP;

	(void)said("FS_IOC_SETFLAGS", ioctl(fd, FS_IOC_SETFLAGS, &flags));
}

static void granted_flags(void)
{
	set_flags(readable());
}

static void granted_flags_directory(void)
{
	set_flags(open(world("read"), O_RDONLY | O_DIRECTORY));
}

static void granted_flags_high(void)
{
	long flags = FLAGS_NODUMP;

	(void)said("FS_IOC_SETFLAGS",
		   syscall(SYS_ioctl, readable() | 1L << 32,
			   FS_IOC_SETFLAGS | 1L << 32, &flags));
}

static void granted_fsxattr(void)
{
	struct fsxattr attributes = { 0 };
	int fd = readable();

	(void)ioctl(fd, FS_IOC_FSGETXATTR, &attributes);
	attributes.fsx_xflags |= XFLAGS_NODUMP;
	(void)said("FS_IOC_FSSETXATTR",
		   ioctl(fd, FS_IOC_FSSETXATTR, &attributes));
}

static void granted_version(void)
{
	long version = 12345;

	(void)said("FS_IOC_SETVERSION",
		   ioctl(readable(), FS_IOC_SETVERSION, &version));
}

static void file_setattr(int dir, const char *path, unsigned int flags)
{
	struct {
		uint64_t xflags;
		uint32_t extent, n_extents, project, extent_copied;
	} attributes = { 0 };

	(void)said("file_getattr",
		   syscall(NR_FILE_GETATTR, dir, path, &attributes,
			   sizeof(attributes), flags));
	attributes.xflags |= XFLAGS_NODUMP;
	(void)said("file_setattr",
		   syscall(NR_FILE_SETATTR, dir, path, &attributes,
			   sizeof(attributes), flags));
}

static void do_file_setattr(void)
{
	file_setattr(AT_FDCWD, secret_file(), 0);
}

static void granted_file_setattr(void)
{
	file_setattr(readable(), "", AT_EMPTY_PATH);
}

static void write_by(int fd)
{
	(void)said("write", write(fd, "evil", 4));
}

static void open_write(void)
{
	write_by((int)said("open", open(in_read("file"), O_WRONLY)));
}

static void open_both(void)
{
	write_by((int)said("open", open(in_read("file"), O_RDWR)));
}

static void open_append(void)
{
	write_by((int)said("open", open(in_read("file"), O_WRONLY | O_APPEND)));
}

static void reopen_write(void)
{
	write_by((int)said("open", open(own_fd(readable()), O_WRONLY)));
}

static void reopen_place(void)
{
	int fd = open(in_read("file"), O_PATH);

	write_by((int)said("open", open(own_fd(fd), O_RDWR)));
}

/* Mode 3 gives no right to write, but may be opened again. */
static void reopen_odd(void)
{
	int fd = (int)said("open", open(in_read("file"), O_ACCMODE));

	write_by((int)said("open", open(own_fd(fd), O_WRONLY)));
	set_flags(fd);
}

static void mapped(void)
{
	int fd = (int)said("open", open(in_read("file"), O_RDWR));
	char *map = mmap(NULL, 4, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (map != MAP_FAILED)
		map[0] = 'X';
}

static void spliced(void)
{
	int from = open(put("x", "evil"), O_RDONLY);
	int to = open(in_read("file"), O_WRONLY);

	(void)said("copy_file_range",
		   copy_file_range(from, NULL, to, NULL, 4, 0));
	(void)said("sendfile", sendfile(to, from, NULL, 4));
}

static void holes(void)
{
	int fd = open(in_read("file"), O_RDWR);

	(void)said("fallocate",
		   fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
			     4));
	(void)said("ftruncate", ftruncate(fd, 1));
}

#define METADATA "metadata", NULL, 0
#define FILES "files", NULL, 0

const struct attack landlock_change_attacks[] = {
	{ "T078", "chmod", METADATA, do_chmod },
	{ "T078b", "fchmodat", METADATA, do_fchmodat },
	{ "T078c", "fchmodat2", METADATA, do_fchmodat2 },
	{ "T078d", "chown", METADATA, do_chown },
	{ "T078e", "lchown", METADATA, do_lchown },
	{ "T078f", "fchownat", METADATA, do_fchownat },
	{ "T078g", "lchown of a symlink", METADATA, chown_link },
	{ "T078h", "utime", METADATA, do_utime },
	{ "T078i", "utime, now", METADATA, do_utime_now },
	{ "T078j", "utimes", METADATA, do_utimes },
	{ "T078k", "futimesat", METADATA, do_futimesat },
	{ "T078l", "utimensat", METADATA, do_utimensat },
	{ "T078m", "utimensat of a symlink", METADATA, utimensat_link },
	{ "T078n", "setxattr", METADATA, do_setxattr },
	{ "T078o", "lsetxattr", METADATA, do_lsetxattr },
	{ "T078p", "setxattrat", METADATA, do_setxattrat },
	{ "T078q", "removexattr", METADATA, do_removexattr },
	{ "T078r", "lremovexattr", METADATA, do_lremovexattr },
	{ "T078s", "removexattrat", METADATA, do_removexattrat },
	{ "T078t", "chmod of a directory", METADATA, chmod_directory },
	{ "T078u", "chmod through a symlink", METADATA, chmod_link },
	{ "T078v", "chmod by /proc/self/root", METADATA, chmod_proc },
	{ "T078w", "chmod of an O_PATH descriptor", METADATA, chmod_place },
	{ "T078x", "fchmodat2 of it with no path", METADATA,
	  chmod_place_empty },
	{ "T078ra", "readable: chmod", METADATA, granted_chmod },
	{ "T078rb", "readable: chmod of the directory", METADATA,
	  granted_chmod_directory },
	{ "T078rc", "readable: fchmod", METADATA, granted_fchmod },
	{ "T078rd", "readable: fchmod of the directory", METADATA,
	  granted_fchmod_directory },
	{ "T078re", "readable: chmod by /proc/self/fd", METADATA,
	  granted_fchmod_proc },
	{ "T078rf", "readable: fchmodat2 with no path", METADATA,
	  granted_fchmodat2 },
	{ "T078rg", "readable: fchown", METADATA, granted_fchown },
	{ "T078rh", "readable: fchownat with no path", METADATA,
	  granted_fchownat },
	{ "T078ri", "readable: futimens", METADATA, granted_futimens },
	{ "T078rj", "readable: utimensat with no path", METADATA,
	  granted_utimensat },
	{ "T078rk", "readable: futimesat without a path", METADATA,
	  granted_futimesat },
	{ "T078rl", "readable: utime by /proc/self/fd", METADATA,
	  granted_utime },
	{ "T078rm", "readable: fsetxattr", METADATA, granted_fsetxattr },
	{ "T078rn", "readable: setxattrat with no path", METADATA,
	  granted_setxattrat },
	{ "T078ro", "readable: setxattr by /proc/self/fd", METADATA,
	  granted_setxattr_proc },
	{ "T078rp", "readable: fremovexattr", METADATA, granted_fremovexattr },
	{ "T079", "FS_IOC_SETFLAGS of what may be read", METADATA,
	  granted_flags },
	{ "T079b", "FS_IOC_SETFLAGS of a directory", METADATA,
	  granted_flags_directory },
	{ "T079c", "FS_IOC_FSSETXATTR", METADATA, granted_fsxattr },
	{ "T079d", "FS_IOC_SETVERSION", METADATA, granted_version },
	{ "T079e", "file_setattr", METADATA, do_file_setattr },
	{ "T079f", "file_setattr with no path", METADATA,
	  granted_file_setattr },
	{ "T088", "written: O_WRONLY", FILES, open_write },
	{ "T088b", "written: O_RDWR", FILES, open_both },
	{ "T088c", "written: O_APPEND", FILES, open_append },
	{ "T088d", "written: opened again by /proc/self/fd", FILES,
	  reopen_write },
	{ "T088e", "written: an O_PATH descriptor opened again", FILES,
	  reopen_place },
	{ "T088f", "written: access mode 3", FILES, reopen_odd },
	{ "T088g", "written: a shared mapping", FILES, mapped },
	{ "T088h", "written: copy_file_range, sendfile", FILES, spliced },
	{ "T088i", "written: fallocate, ftruncate", FILES, holes },
	{ "T188", "fchmod, high bits set", METADATA, granted_fchmod_high },
	{ "T188b", "FS_IOC_SETFLAGS, high bits set", METADATA,
	  granted_flags_high },
	{ 0 },
};
