/* SPDX-License-Identifier: Apache-2.0 */
/*
 * review-oracle UNKNOWN KNOWN: does any call tell what is in UNKNOWN, a
 * directory that may not be read? In it are "file", "dir", "fifo", "closed"
 * and nothing of the name "missing"; whatever is done to each of these must
 * answer the same. KNOWN is a directory that may be read and written, with
 * "file" and "loop", a link to itself. Prints a line for each difference and
 * their number.
 */
#include <errno.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#include "attack.h"

enum call {
	OPEN,
	OPENAT2,
	STAT,
	LSTAT,
	ACCESS,
	READLINK,
	CHDIR,
	STATFS,
	WATCH,
	GETXATTR,
	LISTXATTR,
	MKDIR,
	RMDIR,
	UNLINK,
	RENAME_FROM,
	RENAME_TO,
	LINK_FROM,
	LINK_TO,
	SYMLINK,
	MKNOD,
	TRUNCATE,
	CHMOD,
	CHOWN,
	TIMES,
	SETXATTR,
	EXEC,
};

static const struct {
	const char *name;
	enum call call;
	unsigned flags;
	unsigned resolve;
} calls[] = {
	{ "open", OPEN, O_RDONLY, 0 },
	{ "open for writing", OPEN, O_WRONLY, 0 },
	{ "open to create", OPEN, O_WRONLY | O_CREAT, 0 },
	{ "open to create it alone", OPEN, O_WRONLY | O_CREAT | O_EXCL, 0 },
	{ "open a directory", OPEN, O_RDONLY | O_DIRECTORY, 0 },
	{ "open no link", OPEN, O_RDONLY | O_NOFOLLOW, 0 },
	{ "open a place", OPEN, O_PATH, 0 },
	{ "open a nameless file", OPEN, O_RDWR | O_TMPFILE, 0 },
	{ "openat2 without links", OPENAT2, O_RDONLY, RESOLVE_NO_SYMLINKS },
	{ "openat2 on one mount", OPENAT2, O_RDONLY, RESOLVE_NO_XDEV },
	{ "openat2 in a root", OPENAT2, O_RDONLY, RESOLVE_IN_ROOT },
	{ "openat2 beneath", OPENAT2, O_RDONLY, RESOLVE_BENEATH },
	{ "openat2 to create", OPENAT2, O_WRONLY | O_CREAT,
	  RESOLVE_NO_SYMLINKS },
	{ "stat", STAT, 0, 0 },
	{ "lstat", LSTAT, 0, 0 },
	{ "access", ACCESS, F_OK, 0 },
	{ "access to read", ACCESS, R_OK, 0 },
	{ "access to execute", ACCESS, X_OK, 0 },
	{ "readlink", READLINK, 0, 0 },
	{ "chdir", CHDIR, 0, 0 },
	{ "statfs", STATFS, 0, 0 },
	{ "inotify_add_watch", WATCH, 0, 0 },
	{ "getxattr", GETXATTR, 0, 0 },
	{ "listxattr", LISTXATTR, 0, 0 },
	{ "mkdir", MKDIR, 0, 0 },
	{ "rmdir", RMDIR, 0, 0 },
	{ "unlink", UNLINK, 0, 0 },
	{ "rename", RENAME_FROM, 0, 0 },
	{ "rename to it", RENAME_TO, 0, 0 },
	{ "link", LINK_FROM, 0, 0 },
	{ "link to it", LINK_TO, 0, 0 },
	{ "symlink", SYMLINK, 0, 0 },
	{ "mknod", MKNOD, 0, 0 },
	{ "truncate", TRUNCATE, 0, 0 },
	{ "chmod", CHMOD, 0, 0 },
	{ "chown", CHOWN, 0, 0 },
	{ "utimensat", TIMES, 0, 0 },
	{ "setxattr", SETXATTR, 0, 0 },
	{ "execve", EXEC, 0, 0 },
};

#define N_CALLS (sizeof(calls) / sizeof(calls[0]))
#define UP "/../../../../../../../../../../../../.."

static char spare[4096], source[4096];

static long change(enum call call, const char *path)
{
	char name[] = "x";
	char *argv[] = { name, NULL };

	switch ((int)call) {
	case MKDIR:
		return mkdir(path, 0700);
	case RMDIR:
		return rmdir(path);
	case UNLINK:
		return unlink(path);
	case RENAME_FROM:
		return rename(path, spare);
	case RENAME_TO:
		return rename("/nothing there", path);
	case LINK_FROM:
		return link(path, spare);
	case LINK_TO:
		return link(source, path);
	case SYMLINK:
		return symlink("x", path);
	case MKNOD:
		return mknod(path, S_IFIFO | 0600, 0);
	case TRUNCATE:
		return truncate(path, 0);
	case CHMOD:
		return chmod(path, 0700);
	case CHOWN:
		return lchown(path, (uid_t)-1, getgid());
	case TIMES:
		return utimensat(AT_FDCWD, path, NULL, 0);
	case SETXATTR:
		return setxattr(path, "user.x", "y", 1, 0);
	case EXEC:
		return execve(path, argv, argv + 1);
	default:
		attack_die("call");
	}
	return -1;
}

static long look(size_t i, const char *path, int inotify)
{
	struct open_how how = { .flags = calls[i].flags,
				.resolve = calls[i].resolve };
	struct statfs fs;
	struct stat st;
	char text[64];

	switch ((int)calls[i].call) {
	case OPEN:
		return open(path, (int)calls[i].flags, 0600);
	case OPENAT2:
		/* Beneath the working directory, which is "/". */
		if (calls[i].resolve == RESOLVE_BENEATH)
			path++;
		return syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
	case STAT:
		return stat(path, &st);
	case LSTAT:
		return lstat(path, &st);
	case ACCESS:
		return access(path, (int)calls[i].flags);
	case READLINK:
		return readlink(path, text, sizeof(text));
	case CHDIR:
		return chdir(path);
	case STATFS:
		return statfs(path, &fs);
	case WATCH:
		return inotify_add_watch(inotify, path, IN_MODIFY);
	case GETXATTR:
		return getxattr(path, "user.x", text, sizeof(text));
	case LISTXATTR:
		return listxattr(path, text, sizeof(text));
	default:
		return change(calls[i].call, path);
	}
}

/* The errno, 0 for success. */
static int attempt(size_t i, const char *path, const char *start)
{
	int inotify = inotify_init();
	long result;
	int error;

	if (chdir(start) < 0)
		attack_die(start);
	errno = 0;
	result = look(i, path, inotify);
	error = result < 0 ? errno : 0;
	if (result > 2 && calls[i].call <= OPENAT2)
		(void)close((int)result);
	(void)close(inotify);
	return error;
}

/* What follows a name in the unknown directory. */
static const char *end(size_t shape, const char *known)
{
	static char text[4096];
	static const char *const ends[] = {
		"",
		"/",
		"/.",
		"/..",
		"/x",
		"/LONG",
		UP "/proc/self/status",
		UP "/proc/self/fd/0",
		UP "/usr/bin/nothing there",
		UP "KNOWN",
		UP "KNOWN/file",
		UP "KNOWN/missing",
		UP "KNOWN/loop",
	};
	const char *mark;

	if (shape >= sizeof(ends) / sizeof(ends[0]))
		return NULL;
	mark = strstr(ends[shape], "KNOWN");
	if (mark)
		(void)snprintf(text, sizeof(text), "%.*s%s%s",
			       (int)(mark - ends[shape]), ends[shape], known,
			       mark + strlen("KNOWN"));
	else if (strcmp(ends[shape], "/LONG") == 0)
		(void)snprintf(text, sizeof(text), "/%0300d", 0);
	else
		return ends[shape];
	return text;
}

static int compare(size_t i, const char *unknown, const char *after,
		   const char *start)
{
	static const char *const names[] = { "file", "dir", "fifo", "closed" };
	char path[8192];
	int wanted, n = 0;

	(void)snprintf(path, sizeof(path), "%s/missing%s", unknown, after);
	wanted = attempt(i, path, start);
	for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
		int got;

		(void)snprintf(path, sizeof(path), "%s/%s%s", unknown, names[k],
			       after);
		got = attempt(i, path, start);
		if (got == wanted)
			continue;
		n++;
		printf("%s of %s%.40s: %s, but %s where nothing is\n",
		       calls[i].name, names[k], after,
		       got ? strerrorname_np(got) : "OK",
		       wanted ? strerrorname_np(wanted) : "OK");
	}
	return n;
}

int main(int argc, char **argv)
{
	const char *after;
	int n = 0;

	if (argc != 3)
		return 99;
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	(void)snprintf(spare, sizeof(spare), "%s/spare", argv[2]);
	(void)snprintf(source, sizeof(source), "%s/file", argv[2]);
	for (size_t shape = 0; (after = end(shape, argv[2])); shape++)
		for (size_t i = 0; i < N_CALLS; i++) {
			/* A change where it is allowed changes the next one. */
			if (calls[i].call >= MKDIR &&
			    calls[i].call <= SETXATTR && strstr(after, argv[2]))
				continue;
			n += compare(i, argv[1], after, "/");
			n += calls[i].resolve == RESOLVE_BENEATH ?
				     0 :
				     compare(i, argv[1], after, argv[2]);
		}
	printf("differences: %d\n", n);
	return 0;
}
