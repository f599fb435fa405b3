/* SPDX-License-Identifier: Apache-2.0 */
/* Opening: every flag on every object, openat2 with every restriction. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "transparent.h"

#define CREATE (O_CREAT | O_RDWR)

static const struct {
	const char *label;
	int flags;
} flag_sets[] = {
	{ "r", O_RDONLY },
	{ "w", O_WRONLY },
	{ "rw", O_RDWR },
	{ "mode 3", 3 },
	{ "cloexec", O_RDONLY | O_CLOEXEC },
	{ "append", O_WRONLY | O_APPEND },
	{ "r trunc", O_RDONLY | O_TRUNC },
	{ "w trunc", O_WRONLY | O_TRUNC },
	{ "mode 3 trunc", 3 | O_TRUNC },
	{ "append trunc", O_RDWR | O_APPEND | O_TRUNC },
	{ "r creat", O_RDONLY | O_CREAT },
	{ "creat", CREATE },
	{ "creat trunc", CREATE | O_TRUNC },
	{ "creat excl", CREATE | O_EXCL },
	{ "excl alone", O_RDWR | O_EXCL },
	{ "creat excl nofollow", CREATE | O_EXCL | O_NOFOLLOW },
	{ "creat nofollow", CREATE | O_NOFOLLOW },
	{ "creat directory", CREATE | O_DIRECTORY },
	{ "creat excl directory", CREATE | O_EXCL | O_DIRECTORY },
	{ "creat append cloexec", CREATE | O_APPEND | O_CLOEXEC },
	{ "creat mode 3", O_CREAT | 3 },
	{ "directory", O_RDONLY | O_DIRECTORY },
	{ "directory w", O_WRONLY | O_DIRECTORY },
	{ "directory nofollow", O_RDONLY | O_DIRECTORY | O_NOFOLLOW },
	{ "directory trunc", O_RDONLY | O_DIRECTORY | O_TRUNC },
	{ "nofollow", O_RDONLY | O_NOFOLLOW },
	{ "nofollow w trunc", O_WRONLY | O_NOFOLLOW | O_TRUNC },
	{ "path", O_PATH },
	{ "path nofollow", O_PATH | O_NOFOLLOW },
	{ "path directory", O_PATH | O_DIRECTORY },
	{ "path cloexec", O_PATH | O_CLOEXEC },
	{ "path rw", O_PATH | O_RDWR },
	{ "path creat excl", O_PATH | O_CREAT | O_EXCL },
	{ "path directory nofollow", O_PATH | O_DIRECTORY | O_NOFOLLOW },
	{ "tmpfile w", O_TMPFILE | O_WRONLY },
	{ "tmpfile rw excl", O_TMPFILE | O_RDWR | O_EXCL },
	{ "tmpfile r", O_TMPFILE | O_RDONLY },
	{ "tmpfile mode 3", O_TMPFILE | 3 },
	{ "tmpfile creat", O_TMPFILE | CREATE },
	{ "tmpfile path", O_TMPFILE | O_RDWR | O_PATH },
	{ "half of tmpfile", (O_TMPFILE & ~O_DIRECTORY) | O_RDWR },
	{ "tmpfile nofollow trunc", O_TMPFILE | O_RDWR | O_NOFOLLOW | O_TRUNC },
	{ "direct", O_RDONLY | O_DIRECT },
	{ "direct w", O_WRONLY | O_DIRECT },
	{ "sync", O_RDWR | O_SYNC },
	{ "dsync", O_RDWR | O_DSYNC },
	{ "creat sync direct", CREATE | O_SYNC | O_DIRECT },
	{ "noatime", O_RDONLY | O_NOATIME },
	{ "nonblock", O_RDONLY | O_NONBLOCK },
	{ "nonblock w", O_WRONLY | O_NONBLOCK },
	{ "nonblock rw", O_RDWR | O_NONBLOCK },
	{ "async", O_RDWR | O_ASYNC },
	{ "noctty", O_RDWR | O_NOCTTY },
	{ "everything", 0x7fffffff },
	{ "unknown bits", (int)0x80000000 | 0x8 | 0x10 | 0x20 },
};

/* Not "$/...": $/X is told from X by run_paths(). */
static const char *const opened[] = {
	"file",
	"file/",
	"file/.",
	"empty",
	"closed",
	"hard",
	"dir",
	"dir/",
	"dir/.",
	"dir/..",
	"bare",
	"dir/sub",
	"to-file",
	"to-file/",
	"to-dir",
	"to-dir/",
	"to-bare",
	"to-bare/.",
	"dir/up",
	"to-dots",
	"dangling",
	"dangling/",
	"dangling-far",
	"to-dangling",
	"loop",
	"fifo",
	"fifo/",
	"socket",
	"locked",
	"locked/x",
	"locked/new",
	"nowrite",
	"nowrite/x",
	"nowrite/new",
	"noexec",
	"noexec/x",
	"missing",
	"missing/",
	"missing/x",
	"missing/.",
	"file/x",
	"dir/new",
	"dir/new/",
	".",
	"..",
	"./new",
	"",
	"program",
	"/dev/null",
	"/proc/self/cwd/new",
	"/dev/fd/0",
	"/proc/self/status",
	"/proc/self/exe",
};

static void open_one(const char *path, const char *label, int flags, int mode)
{
	static const char *result;
	char id[128];
	int fd;

	if (strncmp(path, "fifo", 4) == 0)
		flags |= O_NONBLOCK;
	(void)umask(027);
	fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
	(void)umask(022);
	result = fd < 0 ? shown(fd) : describe_fd(fd);
	(void)snprintf(id, sizeof(id), "'%s' %s %o", path, label,
		       (unsigned int)mode);
	outcome(id, "%s %s", result,
		fd >= 0 && flags & (O_CREAT | O_TRUNC | O_TMPFILE) ?
			fixture_changes() :
			fixture_noticed());
}

void run_open(void)
{
	for (size_t i = 0; i < COUNT(opened); i++)
		for (size_t k = 0; k < COUNT(flag_sets); k++)
			open_one(opened[i], flag_sets[k].label,
				 flag_sets[k].flags, 0666);
	for (int mode = 0; mode <= 0200000; mode = mode ? mode * 2 : 1) {
		open_one("new", "creat", CREATE, mode);
		open_one("new", "creat r", O_CREAT, mode);
		open_one(".", "tmpfile", O_TMPFILE | O_RDWR, mode);
	}
}

/* The kernel counts links twice when it has to look again. */
#define PATIENTLY(expression)                                           \
	({                                                              \
		long r_ = -1;                                           \
		for (int try = 0; try < 4; try++)                       \
			if ((r_ = (expression)) >= 0 || errno != ELOOP) \
				break;                                  \
		r_;                                                     \
	})

static const char *opens(const char *path, int flags)
{
	int fd = (int)PATIENTLY(open(path, flags));

	if (fd < 0)
		return shown(fd);
	(void)close(fd);
	return "opened";
}

static void try_chain(const char *id, const char *path)
{
	struct stat st;

	outcome(id, "open %s", opens(path, O_RDONLY));
	outcome(id, "nofollow %s", opens(path, O_RDONLY | O_NOFOLLOW));
	outcome(id, "creat %s",
		describe_fd(
			(int)PATIENTLY(open(path, O_CREAT | O_RDWR, 0600))));
	outcome(id, "stat %s", shown(PATIENTLY(stat(path, &st))));
	outcome(id, "lstat %s", shown(lstat(path, &st)));
	outcome(id, "chmod %s", shown(PATIENTLY(chmod(path, 0600))));
	outcome(id, "truncate %s", shown(PATIENTLY(truncate(path, 1))));
	outcome(id, "unlink %s", shown(unlink(path)));
}

static void chain(const char *what, const char *end)
{
	char id[64], path[64];

	for (int i = 37; i <= 44; i++) {
		(void)unlink("link0");
		(void)symlink(end, "link0");
		for (int k = 1; k < i; k++) {
			char from[32];

			(void)snprintf(from, sizeof(from), "link%d", k - 1);
			(void)snprintf(path, sizeof(path), "link%d", k);
			(void)unlink(path);
			(void)symlink(from, path);
		}
		(void)snprintf(id, sizeof(id), "%d links to %s", i, what);
		try_chain(id, path);
	}
	fixture_build();
}

void run_open_chains(void)
{
	chain("a file", "file");
	chain("a directory", "dir/sub/");
	chain("nothing", "not-there");
	chain("the path itself", in_fixture("file"));
}

static void open_how(const char *id, int dirfd, const char *path,
		     const struct open_how *how, size_t size)
{
	const char *result;
	long fd = -1;

	/* A rename anywhere disturbs a walk that must stay beneath. */
	for (int try = 0; try < 1000; try++) {
		fd = syscall(SYS_openat2, dirfd, path, how, size);
		if (fd >= 0 || errno != EAGAIN || size < sizeof(*how) ||
		    how->resolve & RESOLVE_CACHED)
			break;
	}
	result = fd < 0 ? shown(fd) : describe_fd((int)fd);
	outcome(id, "%s %s", result,
		fd >= 0 && how->flags & O_CREAT ? fixture_changes() :
						  fixture_noticed());
}

static void restrict_one(const char *path, unsigned int resolve, int flags,
			 const char *label)
{
	struct open_how how = { .flags = (unsigned int)flags,
				.resolve = resolve,
				.mode = flags & O_CREAT ? 0640 : 0 };
	char id[160];
	int dir;

	(void)snprintf(id, sizeof(id), "'%s' %s, %x", path, label, resolve);
	open_how(id, AT_FDCWD, path, &how, sizeof(how));
	if (flags != O_RDONLY)
		return;
	dir = open("dir", O_RDONLY | O_DIRECTORY);
	(void)snprintf(id, sizeof(id), "dir, '%s' %s, %x", path, label,
		       resolve);
	open_how(id, dir, path, &how, sizeof(how));
	(void)close(dir);
}

static void bad_hows(void)
{
	static char space[8192];
	struct open_how how = { .flags = O_RDONLY };
	static const size_t sizes[] = { 0, 8, 23, 24, 25, 32, 4096, 4097, 8192 };
	char id[64];

	for (int bit = 0; bit < 64; bit++) {
		how = (struct open_how){ .flags = 1ULL << bit };
		if (how.flags & (O_CREAT | O_TMPFILE))
			how.mode = 0600;
		(void)snprintf(id, sizeof(id), "how: flag bit %d", bit);
		open_how(id, AT_FDCWD, "file", &how, sizeof(how));
		how = (struct open_how){ .mode = 1ULL << bit };
		(void)snprintf(id, sizeof(id), "how: mode bit %d", bit);
		open_how(id, AT_FDCWD, "file", &how, sizeof(how));
		how.flags = O_CREAT | O_RDWR;
		(void)snprintf(id, sizeof(id), "how: new, mode bit %d", bit);
		open_how(id, AT_FDCWD, "new", &how, sizeof(how));
		how = (struct open_how){ .resolve = 1ULL << bit };
		(void)snprintf(id, sizeof(id), "how: resolve bit %d", bit);
		open_how(id, AT_FDCWD, "file", &how, sizeof(how));
		how.flags = O_PATH | 1ULL << bit;
		how.resolve = 0;
		(void)snprintf(id, sizeof(id), "how: path and flag bit %d",
			       bit);
		open_how(id, AT_FDCWD, "file", &how, sizeof(how));
	}
	how = (struct open_how){ .flags = O_RDONLY };
	memcpy(space, &how, sizeof(how));
	for (size_t i = 0; i < COUNT(sizes); i++) {
		(void)snprintf(id, sizeof(id), "how: size %zu", sizes[i]);
		open_how(id, AT_FDCWD, "file", (void *)space, sizes[i]);
		space[sizes[i] ? sizes[i] - 1 : 0] |= sizes[i] > 24;
		(void)snprintf(id, sizeof(id), "how: size %zu, not zero",
			       sizes[i]);
		open_how(id, AT_FDCWD, "file", (void *)space, sizes[i]);
		memset(space + sizeof(how), 0, sizeof(space) - sizeof(how));
	}
}

void run_openat2(void)
{
	static const char *const paths[] = {
		"file",
		"file/",
		"dir/inner",
		"dir/up",
		"to-file",
		"to-dir/inner",
		"to-dir",
		"to-dir/",
		"dangling",
		"missing",
		"missing/x",
		".",
		"..",
		"dir/../file",
		"dir/../../f/file",
		"../f/file",
		"dir/sub/../inner",
		"inner",
		"up",
		"sub/../../file",
		"/",
		"/dev/null",
		"/file",
		"/inner",
		"/..",
		"/../inner",
		"file/x",
		"loop",
		"locked/x",
		"dir/..",
		"/proc/self/exe",
		"/proc/self/cwd/file",
		"/proc/self/fd/0",
		"",
		"/dev/fd",
		"dir/new",
		"new",
		"to-dots",
		"bare/../to-file",
		"/usr/bin/env",
	};
	static const unsigned int restrictions[] = {
		0,
		RESOLVE_NO_XDEV,
		RESOLVE_NO_MAGICLINKS,
		RESOLVE_NO_SYMLINKS,
		RESOLVE_BENEATH,
		RESOLVE_IN_ROOT,
		RESOLVE_CACHED,
		RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
		RESOLVE_BENEATH | RESOLVE_IN_ROOT,
		RESOLVE_IN_ROOT | RESOLVE_NO_XDEV,
	};

	for (size_t i = 0; i < COUNT(paths); i++)
		for (size_t k = 0; k < COUNT(restrictions); k++) {
			unsigned int resolve = restrictions[k];

			restrict_one(paths[i], resolve, O_RDONLY, "r");
			restrict_one(paths[i], resolve, O_PATH | O_NOFOLLOW,
				     "path");
			/* It could lead out of the fixture. */
			if (!(resolve & RESOLVE_IN_ROOT) && !is_ours(paths[i]))
				continue;
			restrict_one(paths[i], resolve, O_CREAT | O_WRONLY,
				     "creat");
			restrict_one(paths[i], resolve,
				     O_CREAT | O_EXCL | O_RDWR, "excl");
			restrict_one(paths[i], resolve, O_RDWR | O_NOFOLLOW,
				     "nofollow");
			restrict_one(paths[i], resolve,
				     O_TMPFILE | O_RDWR | O_CREAT, "tmpfile");
		}
	bad_hows();
}
