/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every system call that names a file or changes one, in every way to name it,
 * on a file of its own each:
 *
 *   families list                the calls, one a line
 *   families prepare DIRECTORY   makes what the calls work on
 *   families run DIRECTORY       performs them: "CALL FORM KIND: ERROR"
 *   families held DIRECTORY      the same; what goes by a descriptor, on
 *                                standard input's
 *   families show DIRECTORY      what has become of the files
 *
 * DIRECTORY is relative to the working directory. KIND is "read" or "write".
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

/* Newer than the headers of some systems. */
#define NR_FCHMODAT2 452
#define NR_SETXATTRAT 463
#define NR_GETXATTRAT 464
#define NR_LISTXATTRAT 465
#define NR_REMOVEXATTRAT 466
#define NR_FILE_GETATTR 468
#define NR_FILE_SETATTR 469

#define PAST 1000000000 /* the times of what was prepared */
#define SIZE 4096

/* What a row works on, by one of the ways to name it. */
struct place {
	int dirfd;
	const char *path;
	int flags; /* AT_EMPTY_PATH where the path is empty */
	int fd;
	int new_dirfd;
	const char *new_path; /* beside it; nothing is there */
};

enum form {
	PATH = 1,
	GONE = 2, /* nothing is there */
	LINK = 4, /* by way of a symbolic link */
	AT = 8, /* from a directory's descriptor */
	EMPTY = 16, /* AT_EMPTY_PATH */
	FD = 32,
	PROC = 64, /* /proc/self/fd/N */
};

#define N_FORMS 7
#define TEXT (PATH | GONE | LINK | PROC) /* of calls without a dirfd */
#define TEXT_AT (TEXT | AT)
#define NAME (PATH | GONE) /* of calls that change a name */
#define NAME_AT (NAME | AT)

static const char *const form_names[N_FORMS] = {
	"path", "gone", "link", "at", "empty", "fd", "proc",
};

typedef long run_call(const struct place *p);

static long openat2_with(const struct place *p, unsigned flags,
			 unsigned resolve)
{
	struct open_how how = { .flags = flags, .resolve = resolve };

	return syscall(SYS_openat2, p->dirfd, p->path, &how, sizeof(how));
}

#define CALL(name, expression)                  \
	static long name(const struct place *p) \
	{                                       \
		return (expression);            \
	}

static char buffer[SIZE];
static const struct timespec times[2] = { { 1111, 1 }, { 2222, 2 } };
static const struct timeval values[2] = { { 1111, 1 }, { 2222, 2 } };
static const struct utimbuf seconds = { 1111, 2222 };
/* What the *at calls of attributes are given. */
static struct {
	uint64_t value;
	uint32_t size, flags;
} write_args, read_args;
static char attributes[24]; /* struct file_attr */

CALL(open_read, syscall(SYS_open, p->path, O_RDONLY))
CALL(open_write, syscall(SYS_open, p->path, O_WRONLY))
CALL(open_trunc, syscall(SYS_open, p->path, O_RDONLY | O_TRUNC))
CALL(open_create, syscall(SYS_open, p->new_path, O_RDONLY | O_CREAT, 0666))
CALL(open_excl, syscall(SYS_open, p->new_path, O_RDWR | O_CREAT | O_EXCL, 0666))
CALL(open_place, syscall(SYS_open, p->path, O_PATH))
CALL(open_nameless, syscall(SYS_open, p->path, O_RDWR | O_TMPFILE, 0666))
CALL(do_creat, syscall(SYS_creat, p->path, 0666))
CALL(openat_read, syscall(SYS_openat, p->dirfd, p->path, O_RDONLY))
CALL(openat_append, syscall(SYS_openat, p->dirfd, p->path, O_RDWR | O_APPEND))
CALL(openat_create,
     syscall(SYS_openat, p->new_dirfd, p->new_path, O_WRONLY | O_CREAT, 0666))
CALL(openat2_read, openat2_with(p, O_RDONLY, 0))
CALL(openat2_strict, openat2_with(p, O_RDONLY, RESOLVE_NO_SYMLINKS))
CALL(openat2_write, openat2_with(p, O_RDWR, 0))
CALL(do_truncate, syscall(SYS_truncate, p->path, 2))
CALL(do_rename, syscall(SYS_rename, p->path, p->new_path))
CALL(do_renameat,
     syscall(SYS_renameat, p->dirfd, p->path, p->new_dirfd, p->new_path))
CALL(renameat2_keep, syscall(SYS_renameat2, p->dirfd, p->path, p->new_dirfd,
			     p->new_path, RENAME_NOREPLACE))
CALL(renameat2_swap, syscall(SYS_renameat2, p->dirfd, p->path, p->dirfd,
			     p->path, RENAME_EXCHANGE))
CALL(do_link, syscall(SYS_link, p->path, p->new_path))
CALL(do_linkat,
     syscall(SYS_linkat, p->dirfd, p->path, p->new_dirfd, p->new_path, 0))
CALL(linkat_follow, syscall(SYS_linkat, p->dirfd, p->path, p->new_dirfd,
			    p->new_path, AT_SYMLINK_FOLLOW))
CALL(do_symlink, syscall(SYS_symlink, "text", p->new_path))
CALL(do_symlinkat, syscall(SYS_symlinkat, "text", p->new_dirfd, p->new_path))
CALL(do_unlink, syscall(SYS_unlink, p->path))
CALL(do_unlinkat, syscall(SYS_unlinkat, p->dirfd, p->path, 0))
CALL(unlinkat_dir, syscall(SYS_unlinkat, p->dirfd, p->path, AT_REMOVEDIR))
CALL(do_rmdir, syscall(SYS_rmdir, p->path))
CALL(do_mkdir, syscall(SYS_mkdir, p->new_path, 0777))
CALL(do_mkdirat, syscall(SYS_mkdirat, p->new_dirfd, p->new_path, 01777))
CALL(do_mknod, syscall(SYS_mknod, p->new_path, S_IFIFO | 0666, 0))
CALL(do_mknodat,
     syscall(SYS_mknodat, p->new_dirfd, p->new_path, S_IFREG | 0666, 0))
CALL(do_chmod, syscall(SYS_chmod, p->path, 0604))
CALL(do_fchmod, syscall(SYS_fchmod, p->fd, 0604))
CALL(do_fchmodat, syscall(SYS_fchmodat, p->dirfd, p->path, 0604))
CALL(do_fchmodat2, syscall(NR_FCHMODAT2, p->dirfd, p->path, 04604, p->flags))
CALL(do_chown, syscall(SYS_chown, p->path, -1, getegid()))
CALL(do_fchown, syscall(SYS_fchown, p->fd, geteuid(), -1))
CALL(do_lchown, syscall(SYS_lchown, p->path, -1, getegid()))
CALL(do_fchownat,
     syscall(SYS_fchownat, p->dirfd, p->path, -1, getegid(), p->flags))
CALL(fchownat_link, syscall(SYS_fchownat, p->dirfd, p->path, geteuid(),
			    getegid(), AT_SYMLINK_NOFOLLOW))
CALL(do_utime, syscall(SYS_utime, p->path, &seconds))
CALL(utime_now, syscall(SYS_utime, p->path, NULL))
CALL(do_utimes, syscall(SYS_utimes, p->path, values))
CALL(do_futimesat, syscall(SYS_futimesat, p->dirfd, p->path, values))
CALL(futimesat_fd, syscall(SYS_futimesat, p->fd, NULL, values))
CALL(do_utimensat, syscall(SYS_utimensat, p->dirfd, p->path, times, p->flags))
CALL(utimensat_link,
     syscall(SYS_utimensat, p->dirfd, p->path, times, AT_SYMLINK_NOFOLLOW))
CALL(utimensat_fd, syscall(SYS_utimensat, p->fd, NULL, times, 0))
CALL(utimensat_now, syscall(SYS_utimensat, p->dirfd, p->path, NULL, 0))
CALL(do_setxattr, syscall(SYS_setxattr, p->path, "user.new", "v", 1, 0))
CALL(do_lsetxattr, syscall(SYS_lsetxattr, p->path, "user.new", "v", 1, 0))
CALL(do_fsetxattr,
     syscall(SYS_fsetxattr, p->fd, "user.new", "v", 1, XATTR_CREATE))
CALL(do_setxattrat, syscall(NR_SETXATTRAT, p->dirfd, p->path, p->flags,
			    "user.new", &write_args, sizeof(write_args)))
CALL(do_removexattr, syscall(SYS_removexattr, p->path, "user.old"))
CALL(do_lremovexattr, syscall(SYS_lremovexattr, p->path, "user.old"))
CALL(do_fremovexattr, syscall(SYS_fremovexattr, p->fd, "user.old"))
CALL(do_removexattrat,
     syscall(NR_REMOVEXATTRAT, p->dirfd, p->path, p->flags, "user.old"))
CALL(do_file_setattr, syscall(NR_FILE_SETATTR, p->dirfd, p->path, attributes,
			      sizeof(attributes), p->flags))
CALL(do_stat, syscall(SYS_stat, p->path, buffer))
CALL(do_lstat, syscall(SYS_lstat, p->path, buffer))
CALL(do_fstatat, syscall(SYS_newfstatat, p->dirfd, p->path, buffer, p->flags))
CALL(do_statx,
     syscall(SYS_statx, p->dirfd, p->path, p->flags, STATX_ALL, buffer))
CALL(do_access, syscall(SYS_access, p->path, R_OK))
CALL(access_write, syscall(SYS_access, p->path, W_OK))
CALL(do_faccessat, syscall(SYS_faccessat, p->dirfd, p->path, F_OK))
CALL(do_faccessat2, syscall(SYS_faccessat2, p->dirfd, p->path, R_OK, p->flags))
CALL(do_readlink, syscall(SYS_readlink, p->path, buffer, SIZE))
CALL(do_readlinkat, syscall(SYS_readlinkat, p->dirfd, p->path, buffer, SIZE))
CALL(do_chdir, syscall(SYS_chdir, p->path))
CALL(do_statfs, syscall(SYS_statfs, p->path, buffer))
CALL(do_getxattr, syscall(SYS_getxattr, p->path, "user.old", buffer, SIZE))
CALL(do_lgetxattr, syscall(SYS_lgetxattr, p->path, "user.old", buffer, SIZE))
CALL(do_getxattrat, syscall(NR_GETXATTRAT, p->dirfd, p->path, p->flags,
			    "user.old", &read_args, sizeof(read_args)))
CALL(do_listxattr, syscall(SYS_listxattr, p->path, buffer, SIZE))
CALL(do_llistxattr, syscall(SYS_llistxattr, p->path, buffer, SIZE))
CALL(do_listxattrat,
     syscall(NR_LISTXATTRAT, p->dirfd, p->path, p->flags, buffer, SIZE))
CALL(do_file_getattr, syscall(NR_FILE_GETATTR, p->dirfd, p->path, attributes,
			      sizeof(attributes), p->flags))
CALL(do_watch,
     syscall(SYS_inotify_add_watch, inotify_init(), p->path, IN_MODIFY))

#define READ false
#define WRITE true

/* Named as in the kernel; a word behind it tells several rows apart. */
static const struct row {
	const char *call;
	const char *detail;
	run_call *run;
	bool is_write;
	unsigned forms;
	const char *name; /* of what is there */
} rows[] = {
	{ "open", "read", open_read, READ, TEXT, "file" },
	{ "open", "write", open_write, WRITE, TEXT, "file" },
	{ "open", "truncate", open_trunc, WRITE, TEXT, "file" },
	{ "open", "create", open_create, WRITE, PATH, "file" },
	{ "open", "create-alone", open_excl, WRITE, PATH, "file" },
	{ "open", "place", open_place, READ, TEXT, "file" },
	{ "open", "nameless", open_nameless, WRITE, PATH | LINK, "dir" },
	{ "open", "list", open_read, READ, TEXT, "dir" },
	{ "creat", "", do_creat, WRITE, TEXT & ~GONE, "file" },
	{ "openat", "read", openat_read, READ, TEXT_AT, "file" },
	{ "openat", "append", openat_append, WRITE, TEXT_AT, "file" },
	{ "openat", "create", openat_create, WRITE, AT | PATH, "file" },
	{ "openat2", "read", openat2_read, READ, TEXT_AT, "file" },
	{ "openat2", "strict", openat2_strict, READ, NAME_AT, "file" },
	{ "openat2", "write", openat2_write, WRITE, TEXT_AT, "file" },
	{ "truncate", "", do_truncate, WRITE, TEXT, "file" },
	{ "rename", "", do_rename, WRITE, NAME | LINK, "file" },
	{ "rename", "directory", do_rename, WRITE, PATH, "dir" },
	{ "renameat", "", do_renameat, WRITE, NAME_AT, "file" },
	{ "renameat2", "keep", renameat2_keep, WRITE, NAME_AT, "file" },
	{ "renameat2", "swap", renameat2_swap, WRITE, NAME_AT, "file" },
	{ "link", "", do_link, WRITE, NAME | LINK, "file" },
	{ "linkat", "", do_linkat, WRITE, NAME_AT, "file" },
	{ "linkat", "follow", linkat_follow, WRITE, TEXT_AT, "file" },
	{ "symlink", "", do_symlink, WRITE, PATH, "file" },
	{ "symlinkat", "", do_symlinkat, WRITE, PATH | AT, "file" },
	{ "unlink", "", do_unlink, WRITE, NAME | LINK, "file" },
	{ "unlinkat", "", do_unlinkat, WRITE, NAME_AT | LINK, "file" },
	{ "unlinkat", "directory", unlinkat_dir, WRITE, NAME_AT, "dir" },
	{ "rmdir", "", do_rmdir, WRITE, NAME, "dir" },
	{ "mkdir", "", do_mkdir, WRITE, PATH, "file" },
	{ "mkdirat", "", do_mkdirat, WRITE, PATH | AT, "file" },
	{ "mknod", "", do_mknod, WRITE, PATH, "file" },
	{ "mknodat", "", do_mknodat, WRITE, PATH | AT, "file" },
	{ "chmod", "", do_chmod, WRITE, TEXT, "file" },
	{ "chmod", "directory", do_chmod, WRITE, TEXT, "dir" },
	{ "fchmod", "", do_fchmod, WRITE, FD, "file" },
	{ "fchmod", "directory", do_fchmod, WRITE, FD, "dir" },
	{ "fchmodat", "", do_fchmodat, WRITE, TEXT_AT, "file" },
	{ "fchmodat2", "", do_fchmodat2, WRITE, TEXT_AT | EMPTY, "file" },
	{ "chown", "", do_chown, WRITE, TEXT, "file" },
	{ "fchown", "", do_fchown, WRITE, FD, "file" },
	{ "lchown", "", do_lchown, WRITE, NAME | LINK, "file" },
	{ "fchownat", "", do_fchownat, WRITE, TEXT_AT | EMPTY, "file" },
	{ "fchownat", "itself", fchownat_link, WRITE, LINK | AT, "file" },
	{ "utime", "", do_utime, WRITE, TEXT, "file" },
	{ "utime", "now", utime_now, WRITE, TEXT, "file" },
	{ "utimes", "", do_utimes, WRITE, TEXT, "file" },
	{ "futimesat", "", do_futimesat, WRITE, TEXT_AT, "file" },
	{ "futimesat", "null", futimesat_fd, WRITE, FD, "file" },
	{ "utimensat", "", do_utimensat, WRITE, TEXT_AT | EMPTY, "file" },
	{ "utimensat", "itself", utimensat_link, WRITE, LINK, "file" },
	{ "utimensat", "null", utimensat_fd, WRITE, FD, "file" },
	{ "utimensat", "now", utimensat_now, WRITE, TEXT_AT, "dir" },
	{ "setxattr", "", do_setxattr, WRITE, TEXT, "file" },
	{ "lsetxattr", "", do_lsetxattr, WRITE, NAME, "file" },
	{ "fsetxattr", "", do_fsetxattr, WRITE, FD, "file" },
	{ "setxattrat", "", do_setxattrat, WRITE, NAME_AT | EMPTY, "file" },
	{ "removexattr", "", do_removexattr, WRITE, TEXT, "file" },
	{ "lremovexattr", "", do_lremovexattr, WRITE, NAME, "file" },
	{ "fremovexattr", "", do_fremovexattr, WRITE, FD, "file" },
	{ "removexattrat", "", do_removexattrat, WRITE, NAME_AT | EMPTY,
	  "file" },
	{ "file_setattr", "", do_file_setattr, WRITE, NAME_AT | EMPTY, "file" },
	{ "stat", "", do_stat, READ, TEXT, "file" },
	{ "lstat", "", do_lstat, READ, NAME | LINK, "file" },
	{ "newfstatat", "", do_fstatat, READ, TEXT_AT, "file" },
	{ "statx", "", do_statx, READ, TEXT_AT, "file" },
	{ "access", "", do_access, READ, TEXT, "file" },
	{ "access", "write", access_write, WRITE, PATH | LINK, "file" },
	{ "faccessat", "", do_faccessat, READ, TEXT_AT, "file" },
	{ "faccessat2", "", do_faccessat2, READ, TEXT_AT, "file" },
	{ "readlink", "", do_readlink, READ, NAME, "to-file" },
	{ "readlinkat", "", do_readlinkat, READ, NAME_AT, "to-file" },
	{ "chdir", "", do_chdir, READ, TEXT, "dir" },
	{ "statfs", "", do_statfs, READ, TEXT, "file" },
	{ "getxattr", "", do_getxattr, READ, TEXT, "file" },
	{ "lgetxattr", "", do_lgetxattr, READ, NAME, "file" },
	{ "getxattrat", "", do_getxattrat, READ, NAME_AT | EMPTY, "file" },
	{ "listxattr", "", do_listxattr, READ, TEXT, "file" },
	{ "llistxattr", "", do_llistxattr, READ, NAME | LINK, "file" },
	{ "listxattrat", "", do_listxattrat, READ, NAME_AT | EMPTY, "file" },
	{ "file_getattr", "", do_file_getattr, READ, NAME_AT | EMPTY, "file" },
	{ "inotify_add_watch", "", do_watch, READ, TEXT, "file" },
	{ "inotify_add_watch", "directory", do_watch, READ, TEXT, "dir" },
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

static char top[SIZE]; /* the working directory at the start */

static void die(const char *what)
{
	perror(what);
	exit(99);
}

/* The directory of a row in one form, from the working directory. */
static void row_directory(char *ret, const char *directory, size_t i,
			  unsigned form)
{
	(void)snprintf(ret, SIZE / 2, "%s/%s-%s-%s", directory, rows[i].call,
		       rows[i].detail, form_names[form]);
}

static void make_file(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0640);

	if (fd < 0 || write(fd, "text\n", 5) != 5)
		die(name);
	(void)fsetxattr(fd, "user.old", "value", 5, 0);
	(void)close(fd);
}

static void prepare(const char *directory, size_t i, unsigned form)
{
	static const char *const names[] = { "file", "dir", "to-file", "to-dir",
					     "to-to-file" };
	struct timespec past[2] = { { PAST, 0 }, { PAST, 0 } };
	char path[SIZE];

	row_directory(path, directory, i, form);
	if (mkdir(path, 0755) < 0 || chdir(path) < 0)
		die(path);
	make_file("file");
	if (mkdir("dir", 0750) < 0 || symlink("file", "to-file") < 0 ||
	    symlink("dir", "to-dir") < 0 ||
	    symlink("to-file", "to-to-file") < 0)
		die("prepare");
	for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++)
		if (utimensat(AT_FDCWD, names[k], past, AT_SYMLINK_NOFOLLOW) <
		    0)
			die(names[k]);
	if (chdir(top) < 0)
		die(top);
}

/* The descriptor that a form needs, or -1. */
static int open_held(const char *path, bool is_held)
{
	int fd;

	if (is_held)
		return dup(STDIN_FILENO);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	return fd;
}

static int perform(const char *directory, size_t i, unsigned form, bool is_held)
{
	static char path[SIZE], new_path[SIZE], held[64];
	struct place p = { .dirfd = AT_FDCWD,
			   .path = path,
			   .fd = -1,
			   .new_dirfd = AT_FDCWD,
			   .new_path = new_path };
	char place[SIZE], text[3 * SIZE];
	unsigned bit = 1u << form;
	long result;
	int top_fd = -1;

	row_directory(place, directory, i, form);
	(void)snprintf(text, sizeof(text), "%s%s/%s%s", bit == AT ? "" : top,
		       place, bit == LINK ? "to-" : "",
		       bit == GONE ? "gone" : rows[i].name);
	memcpy(path, text, SIZE);
	(void)snprintf(text, sizeof(text), "%s%s/new", bit == AT ? "" : top,
		       place);
	memcpy(new_path, text, SIZE);
	if (bit == AT) {
		top_fd = open(top, O_PATH | O_DIRECTORY);
		p.dirfd = p.new_dirfd = top_fd;
	} else if (bit & (EMPTY | FD | PROC)) {
		p.fd = open_held(path, is_held);
		if (p.fd < 0)
			return errno;
		(void)snprintf(held, sizeof(held), "/proc/self/fd/%d", p.fd);
		p.path = bit == PROC ? held : "";
		p.dirfd = bit == EMPTY ? p.fd : AT_FDCWD;
		p.flags = bit == EMPTY ? AT_EMPTY_PATH : 0;
	}
	errno = 0;
	result = rows[i].run(&p);
	result = result < 0 ? errno : 0;
	for (int fd = 3; fd < 16; fd++)
		(void)close(fd);
	return chdir(top) < 0 ? 255 : (int)result;
}

static const char *time_text(time_t seconds_since)
{
	static char texts[2][32];
	static int turn;

	turn = !turn;
	(void)snprintf(texts[turn], sizeof(texts[turn]), "%lld",
		       (long long)seconds_since);
	return seconds_since > PAST ? "now" : texts[turn];
}

static void show_one(const char *shown, const char *name)
{
	char text[SIZE] = "", list[SIZE] = "";
	struct stat st;
	ssize_t n;

	if (lstat(name, &st) < 0)
		die(name);
	n = llistxattr(name, list, sizeof(list));
	for (ssize_t k = 0; k < n - 1; k++)
		if (list[k] == '\0')
			list[k] = ',';
	if (S_ISLNK(st.st_mode))
		(void)readlink(name, text, sizeof(text) - 1);
	printf("%s/%s %o %u:%u links %lu size %ld atime %s mtime %s.%09ld xattr %s %s\n",
	       shown, name, st.st_mode, st.st_uid, st.st_gid,
	       (unsigned long)st.st_nlink,
	       S_ISDIR(st.st_mode) ? 0 : (long)st.st_size,
	       time_text(st.st_atime), time_text(st.st_mtime),
	       st.st_mtime > PAST ? 0 : st.st_mtim.tv_nsec, list, text);
}

static void show(const char *directory, size_t i, unsigned form)
{
	struct dirent **entries;
	char path[SIZE];
	int n;

	row_directory(path, directory, i, form);
	if (chdir(path) < 0)
		die(path);
	n = scandir(".", &entries, NULL, alphasort);
	for (int k = 0; k < n; k++)
		if (strcmp(entries[k]->d_name, "..") != 0 &&
		    strcmp(entries[k]->d_name, ".") != 0)
			show_one(strrchr(path, '/') + 1, entries[k]->d_name);
	if (chdir(top) < 0)
		die(top);
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	bool is_held = strcmp(mode, "held") == 0;

	if (!getcwd(top, sizeof(top) - 1))
		die("getcwd");
	strcat(top, "/");
	write_args.value = read_args.value = (uint64_t)(uintptr_t)buffer;
	write_args.size = 1;
	read_args.size = SIZE;
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	if (strcmp(mode, "list") != 0 && argc != 3)
		return 99;
	(void)umask(strcmp(mode, "prepare") == 0 ? 022 : 026);
	for (size_t i = 0; i < N_ROWS; i++) {
		if (strcmp(mode, "list") == 0)
			puts(rows[i].call);
		for (unsigned form = 0; argc == 3 && form < N_FORMS; form++) {
			int error;

			if (!(rows[i].forms & (1u << form)))
				continue;
			if (strcmp(mode, "prepare") == 0) {
				prepare(argv[2], i, form);
			} else if (strcmp(mode, "show") == 0) {
				show(argv[2], i, form);
			} else {
				error = perform(argv[2], i, form, is_held);
				printf("%s %s %s %s: %s\n", rows[i].call,
				       rows[i].detail[0] ? rows[i].detail : "-",
				       form_names[form],
				       rows[i].is_write ? "write" : "read",
				       error ? strerrorname_np(error) : "OK");
			}
		}
	}
	return 0;
}
