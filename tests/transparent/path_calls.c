/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every call that takes a path, or that changes what a path names, with
 * arguments that make it succeed. Raw: the C library looks at arguments itself.
 */
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>
#include <utime.h>

#include "transparent.h"

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

struct how {
	unsigned long long flags, mode, resolve;
};

static const struct timespec two_times[2] = { { .tv_sec = 1100000000 },
					      { .tv_sec = 1200000000,
						.tv_nsec = 7 } };
static const struct timeval two_timevals[2] = { { .tv_sec = 1100000000 },
						{ .tv_sec = 1200000000,
						  .tv_usec = 7 } };
static const struct utimbuf two_seconds = { 1100000000, 1200000000 };
static const struct how how = { .flags = O_RDWR };
static const char *const arguments[] = { "program", "ran", NULL };
static const char *const variables[] = { "A=B", NULL };
unsigned char call_buffer[CALL_BUFFER];

#define AT                           \
	{                            \
		K_DIRFD, AT_FDCWD, 0 \
	}
#define PATH(name)                      \
	{                               \
		K_PATH, (long)(name), 0 \
	}
#define TEXT(text)                      \
	{                               \
		K_TEXT, (long)(text), 0 \
	}
#define FD                 \
	{                  \
		K_FD, 0, 0 \
	}
#define FLAGS(value)              \
	{                         \
		K_FLAGS, value, 0 \
	}
#define MODE(value)              \
	{                        \
		K_MODE, value, 0 \
	}
#define VALUE(value)              \
	{                         \
		K_VALUE, value, 0 \
	}
#define SIZE(value)              \
	{                        \
		K_SIZE, value, 0 \
	}
#define OUT(size)                              \
	{                                      \
		K_OUT, (long)call_buffer, size \
	}
#define IN(object)                                   \
	{                                            \
		K_IN, (long)(object), sizeof(object) \
	}
#define IN_ONE(object)                                \
	{                                             \
		K_IN, (long)&(object), sizeof(object) \
	}
#define ARGV(array)                                  \
	{                                            \
		K_ARGV, (long)(array), sizeof(array) \
	}
#define CALL(call) #call, SYS_##call

const struct path_call path_calls[] = {
	{ CALL(open), true, R_OPEN, { PATH("file"), FLAGS(O_RDONLY), MODE(0) } },
	{ CALL(creat), true, R_OPEN, { PATH("file"), MODE(0640) } },
	{ CALL(openat),
	  true,
	  R_OPEN,
	  { AT, PATH("new"), FLAGS(O_RDWR | O_CREAT), MODE(0660) } },
	{ CALL(openat2),
	  true,
	  R_OPEN,
	  { AT, PATH("file"), IN_ONE(how), SIZE(sizeof(how)) } },
	{ CALL(stat),
	  false,
	  R_STAT,
	  { PATH("file"), OUT(sizeof(struct stat)) } },
	{ CALL(lstat),
	  false,
	  R_STAT,
	  { PATH("to-file"), OUT(sizeof(struct stat)) } },
	{ CALL(newfstatat),
	  false,
	  R_STAT,
	  { AT, PATH("file"), OUT(sizeof(struct stat)), FLAGS(0) } },
	{ CALL(statx),
	  false,
	  R_STATX,
	  { AT, PATH("file"), FLAGS(0), VALUE(STATX_BASIC_STATS),
	    OUT(sizeof(struct statx)) } },
	{ CALL(statfs),
	  false,
	  R_STATFS,
	  { PATH("file"), OUT(sizeof(struct statfs)) } },
	{ CALL(access), false, R_STATUS, { PATH("file"), MODE(R_OK) } },
	{ CALL(faccessat), false, R_STATUS, { AT, PATH("file"), MODE(W_OK) } },
	{ CALL(faccessat2),
	  false,
	  R_STATUS,
	  { AT, PATH("file"), MODE(X_OK), FLAGS(0) } },
	{ CALL(readlink),
	  false,
	  R_BYTES,
	  { PATH("to-dots"), OUT(100), SIZE(100) } },
	{ CALL(readlinkat),
	  false,
	  R_BYTES,
	  { AT, PATH("to-file"), OUT(100), SIZE(3) } },
	{ CALL(chdir), false, R_CHDIR, { PATH("dir") } },
	{ CALL(getxattr),
	  false,
	  R_BYTES,
	  { PATH("file"), TEXT("user.one"), OUT(100), SIZE(100) } },
	{ CALL(lgetxattr),
	  false,
	  R_BYTES,
	  { PATH("file"), TEXT("user.one"), OUT(100), SIZE(100) } },
	{ CALL(listxattr),
	  false,
	  R_BYTES,
	  { PATH("file"), OUT(100), SIZE(100) } },
	{ CALL(llistxattr),
	  false,
	  R_BYTES,
	  { PATH("file"), OUT(100), SIZE(100) } },
	{ CALL(inotify_add_watch),
	  false,
	  R_WATCH,
	  { { K_INOTIFY, 0, 0 }, PATH("file"), FLAGS(IN_MODIFY) } },
	{ CALL(truncate), true, R_STATUS, { PATH("file"), VALUE(5) } },
	{ CALL(mkdir), true, R_STATUS, { PATH("new"), MODE(0777) } },
	{ CALL(mkdirat), true, R_STATUS, { AT, PATH("new"), MODE(01755) } },
	{ CALL(mknod),
	  true,
	  R_STATUS,
	  { PATH("new"), MODE(S_IFIFO | 0666), VALUE(0) } },
	{ CALL(mknodat),
	  true,
	  R_STATUS,
	  { AT, PATH("new"), MODE(S_IFREG | 0666), VALUE(0) } },
	{ CALL(rmdir), true, R_STATUS, { PATH("bare") } },
	{ CALL(unlink), true, R_STATUS, { PATH("file") } },
	{ CALL(unlinkat), true, R_STATUS, { AT, PATH("file"), FLAGS(0) } },
	{ "unlinkat directory",
	  SYS_unlinkat,
	  true,
	  R_STATUS,
	  { AT, PATH("bare"), FLAGS(AT_REMOVEDIR) } },
	{ CALL(symlink), true, R_STATUS, { TEXT("file"), PATH("new") } },
	{ CALL(symlinkat), true, R_STATUS, { TEXT("dir"), AT, PATH("new") } },
	{ CALL(link), true, R_STATUS, { PATH("file"), PATH("new") } },
	{ CALL(linkat),
	  true,
	  R_STATUS,
	  { AT, PATH("file"), AT, PATH("new"), FLAGS(0) } },
	{ "linkat follow",
	  SYS_linkat,
	  true,
	  R_STATUS,
	  { AT, PATH("to-file"), AT, PATH("new"), FLAGS(AT_SYMLINK_FOLLOW) } },
	{ CALL(rename), true, R_STATUS, { PATH("file"), PATH("new") } },
	{ CALL(renameat), true, R_STATUS, { AT, PATH("dir"), AT, PATH("new") } },
	{ CALL(renameat2),
	  true,
	  R_STATUS,
	  { AT, PATH("file"), AT, PATH("empty"), FLAGS(0) } },
	{ CALL(chmod), true, R_STATUS, { PATH("file"), MODE(0604) } },
	{ CALL(fchmod), true, R_STATUS, { FD, MODE(04711) } },
	{ CALL(fchmodat), true, R_STATUS, { AT, PATH("file"), MODE(0640) } },
	{ CALL(fchmodat2),
	  true,
	  R_STATUS,
	  { AT, PATH("file"), MODE(0600), FLAGS(AT_SYMLINK_NOFOLLOW) } },
	{ CALL(chown), true, R_STATUS, { PATH("file"), VALUE(-1), VALUE(-1) } },
	{ CALL(fchown), true, R_STATUS, { FD, VALUE(-1), VALUE(-1) } },
	{ CALL(lchown),
	  true,
	  R_STATUS,
	  { PATH("to-file"), VALUE(-1), VALUE(-1) } },
	{ CALL(fchownat),
	  true,
	  R_STATUS,
	  { AT, PATH("file"), VALUE(-1), VALUE(-1), FLAGS(0) } },
	{ CALL(utime), true, R_STATUS, { PATH("file"), IN_ONE(two_seconds) } },
	{ CALL(utimes), true, R_STATUS, { PATH("file"), IN(two_timevals) } },
	{ CALL(futimesat),
	  true,
	  R_STATUS,
	  { AT, PATH("file"), IN(two_timevals) } },
	{ CALL(utimensat),
	  true,
	  R_STATUS,
	  { AT, PATH("file"), IN(two_times), FLAGS(0) } },
	{ "utimensat of descriptor",
	  SYS_utimensat,
	  true,
	  R_STATUS,
	  { FD, { K_PATH, 0, 0 }, IN(two_times), FLAGS(0) } },
	{ CALL(setxattr),
	  true,
	  R_STATUS,
	  { PATH("file"), TEXT("user.two"), IN("value"), SIZE(5), FLAGS(0) } },
	{ CALL(lsetxattr),
	  true,
	  R_STATUS,
	  { PATH("file"), TEXT("user.one"), IN("value"), SIZE(5), FLAGS(0) } },
	{ CALL(fsetxattr),
	  true,
	  R_STATUS,
	  { FD, TEXT("user.two"), IN("value"), SIZE(3), FLAGS(0) } },
	{ CALL(removexattr),
	  true,
	  R_STATUS,
	  { PATH("file"), TEXT("user.one") } },
	{ CALL(lremovexattr),
	  true,
	  R_STATUS,
	  { PATH("file"), TEXT("user.one") } },
	{ CALL(fremovexattr), true, R_STATUS, { FD, TEXT("user.one") } },
	{ CALL(execve),
	  false,
	  R_EXEC,
	  { PATH("program"), ARGV(arguments), ARGV(variables) } },
	{ CALL(execveat),
	  false,
	  R_EXEC,
	  { AT, PATH("program"), ARGV(arguments), ARGV(variables), FLAGS(0) } },
	{ 0 },
};
