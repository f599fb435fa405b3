/* SPDX-License-Identifier: Apache-2.0 */
/* Operations of the test target on names and metadata, and bad pointers. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "target.h"

static int op_unlink(char **args)
{
	return target_result(unlink(args[0]));
}

static int op_rmdir(char **args)
{
	return target_result(rmdir(args[0]));
}

static int op_rename(char **args)
{
	return target_result(rename(args[0], args[1]));
}

static int op_exchange(char **args)
{
	return target_result(renameat2(AT_FDCWD, args[0], AT_FDCWD, args[1],
				       RENAME_EXCHANGE));
}

static int op_link(char **args)
{
	return target_result(link(args[0], args[1]));
}

/* linkfd:FROM:TO, by the descriptor of an open file */
static int op_linkfd(char **args)
{
	char path[64];
	int fd = open(args[0], O_RDONLY);
	int result;

	if (fd < 0)
		return -errno;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	result = target_result(
		linkat(AT_FDCWD, path, AT_FDCWD, args[1], AT_SYMLINK_FOLLOW));
	(void)close(fd);
	return result;
}

static int op_symlink(char **args)
{
	return target_result(symlink(args[0], args[1]));
}

static int op_mkdir(char **args)
{
	return target_result(mkdir(args[0], 0777));
}

static int op_mkfifo(char **args)
{
	return target_result(mkfifo(args[0], 0666));
}

static int op_mknod(char **args)
{
	return target_result(mknod(args[0], S_IFCHR | 0666, 0x103));
}

static int op_chmod(char **args)
{
	return target_result(chmod(args[0], (mode_t)target_number(args[1])));
}

static int op_fchmodat2(char **args)
{
	return target_result(
		syscall(452, AT_FDCWD, args[0], target_number(args[1]), 0));
}

/* The operation @change on a read-only descriptor of @path. */
static int on_descriptor(const char *path, int (*change)(int fd))
{
	int fd = open(path, O_RDONLY);
	int result;

	if (fd < 0)
		return -errno;
	result = target_result(change(fd));
	(void)close(fd);
	return result;
}

static int change_mode(int fd)
{
	return fchmod(fd, 0777);
}

static int change_owner(int fd)
{
	return fchown(fd, getuid(), getgid());
}

static int change_times(int fd)
{
	return futimens(fd, NULL);
}

static int change_xattr(int fd)
{
	return fsetxattr(fd, "user.target", "x", 1, 0);
}

static int change_inode_flags(int fd)
{
	int flags = 0;

	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
		return -1;
	flags ^= FS_NODUMP_FL;
	return ioctl(fd, FS_IOC_SETFLAGS, &flags);
}

static int change_size(int fd)
{
	return ftruncate(fd, 0);
}

static int op_fchmod(char **args)
{
	return on_descriptor(args[0], change_mode);
}

static int op_fchown(char **args)
{
	return on_descriptor(args[0], change_owner);
}

static int op_futimens(char **args)
{
	return on_descriptor(args[0], change_times);
}

static int op_fsetxattr(char **args)
{
	return on_descriptor(args[0], change_xattr);
}

static int op_setflags(char **args)
{
	return on_descriptor(args[0], change_inode_flags);
}

static int op_ftruncate(char **args)
{
	return on_descriptor(args[0], change_size);
}

static int op_chown(char **args)
{
	return target_result(chown(args[0], getuid(), getgid()));
}

static int op_lchown(char **args)
{
	return target_result(lchown(args[0], getuid(), getgid()));
}

static int op_utimens(char **args)
{
	return target_result(utimensat(AT_FDCWD, args[0], NULL, 0));
}

static int op_setxattr(char **args)
{
	return target_result(
		setxattr(args[0], "user.target", args[1], strlen(args[1]), 0));
}

static int op_removexattr(char **args)
{
	return target_result(removexattr(args[0], "user.target"));
}

static int op_umask(char **args)
{
	(void)umask((mode_t)target_number(args[0]));
	return 0;
}

static char *map_pages(size_t n, int protection)
{
	char *pages = mmap(NULL, n * 4096, protection,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		abort();
	return pages;
}

/* The last bytes of a page that is followed by nothing. */
static char *at_page_end(const char *text, size_t n)
{
	char *pages = map_pages(2, PROT_READ | PROT_WRITE);
	char *place = pages + 4096 - n;

	memcpy(place, text, n);
	(void)munmap(pages + 4096, 4096);
	return place;
}

/* A pointer that names @kind of bad memory, or PATH at the end of a page. */
static const char *bad_pointer(const char *kind, const char *path)
{
	static const struct {
		const char *kind;
		uintptr_t address;
	} fixed[] = {
		{ "null", 0 },
		{ "low", 1 },
		{ "kernel", 0xffffffff81000000 },
		{ "noncanonical", 0x8000000000000000 },
		{ "wrap", 0xffffffffffffffff },
	};

	for (size_t i = 0; i < sizeof(fixed) / sizeof(*fixed); i++)
		if (strcmp(kind, fixed[i].kind) == 0)
			return (const char *)fixed[i].address;
	if (strcmp(kind, "unmapped") == 0) {
		char *page = map_pages(1, PROT_READ);

		(void)munmap(page, 4096);
		return page;
	}
	if (strcmp(kind, "none") == 0)
		return map_pages(1, PROT_NONE);
	if (strcmp(kind, "unterminated") == 0)
		return at_page_end(path, strlen(path));
	return at_page_end(path, strlen(path) + 1);
}

/* badopen:KIND[:PATH]; also badstat, badmkdir, badchmod */
static int op_badopen(char **args)
{
	return target_close((int)syscall(SYS_openat, AT_FDCWD,
					 bad_pointer(args[0], args[1]),
					 O_RDONLY, 0));
}

static int op_badstat(char **args)
{
	struct stat st;

	return target_result(syscall(SYS_newfstatat, AT_FDCWD,
				     bad_pointer(args[0], args[1]), &st, 0));
}

static int op_badmkdir(char **args)
{
	return target_result(
		syscall(SYS_mkdir, bad_pointer(args[0], args[1]), 0777));
}

static int op_badchmod(char **args)
{
	return target_result(
		syscall(SYS_chmod, bad_pointer(args[0], args[1]), 0777));
}

/* statinto:PATH, the result goes to memory that cannot be written */
static int op_statinto(char **args)
{
	char *page = map_pages(1, PROT_READ);
	long result = syscall(SYS_newfstatat, AT_FDCWD, args[0], page, 0);
	int error = target_result(result);

	for (int i = 0; i < 4096; i++)
		if (page[i])
			target_say("written");
	return error;
}

/* pathlen:N, a path of N bytes that names the working directory */
static int op_pathlen(char **args)
{
	size_t n = (size_t)target_number(args[0]);
	char *path = malloc(n + 1);
	int error;

	if (!path)
		abort();
	for (size_t i = 0; i < n; i++)
		path[i] = i % 2 ? '/' : '.';
	path[n] = '\0';
	error = target_close(
		(int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 0));
	free(path);
	return error;
}

/* component:N, a name of N bytes in the directory WORD */
static int op_component(char **args)
{
	char path[PATH_MAX + 512];
	size_t n = (size_t)target_number(args[0]);
	size_t used = (size_t)snprintf(path, PATH_MAX, "%s/", args[1]);

	if (n > 500)
		n = 500;
	memset(path + used, 'n', n);
	path[used + n] = '\0';
	return target_close(open(path, O_RDONLY));
}

const struct target_op target_names[] = {
	{ "unlink", op_unlink },
	{ "rmdir", op_rmdir },
	{ "rename", op_rename },
	{ "exchange", op_exchange },
	{ "link", op_link },
	{ "linkfd", op_linkfd },
	{ "symlink", op_symlink },
	{ "mkdir", op_mkdir },
	{ "mkfifo", op_mkfifo },
	{ "mknod", op_mknod },
	{ "chmod", op_chmod },
	{ "fchmodat2", op_fchmodat2 },
	{ "fchmod", op_fchmod },
	{ "fchown", op_fchown },
	{ "futimens", op_futimens },
	{ "fsetxattr", op_fsetxattr },
	{ "setflags", op_setflags },
	{ "ftruncate", op_ftruncate },
	{ "chown", op_chown },
	{ "lchown", op_lchown },
	{ "utimens", op_utimens },
	{ "setxattr", op_setxattr },
	{ "removexattr", op_removexattr },
	{ "umask", op_umask },
	{ "badopen", op_badopen },
	{ "badstat", op_badstat },
	{ "badmkdir", op_badmkdir },
	{ "badchmod", op_badchmod },
	{ "statinto", op_statinto },
	{ "pathlen", op_pathlen },
	{ "component", op_component },
	{ NULL, NULL },
};
