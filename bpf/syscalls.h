/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One row per system call that the filter does not simply allow. The filter,
 * the decoding of notifications, --explain and the tests all read this table.
 */
#ifndef BPF_SYSCALLS_H
#define BPF_SYSCALLS_H

#include <stddef.h>

/* The highest number that was reviewed; everything above answers ENOSYS. */
#define SYSCALL_REVIEWED_MAX 469 /* file_setattr, Linux 6.17 */

/* Between uprobe (Linux 6.18) and the numbers that all architectures share. */
#define SYSCALL_GAP_FIRST 337
#define SYSCALL_GAP_LAST 423

/*
 * Why a call is in the table. A group is switched as a whole: the planner
 * notifies it, or lets the kernel decide alone (struct filter_spec).
 */
enum syscall_group {
	GROUP_NONE = 0, /* static: see syscall_action */
	GROUP_OPEN = 1 << 0, /* open, creat, openat, openat2 */
	GROUP_METADATA = 1 << 1, /* stat, access, readlink, chdir, getxattr … */
	GROUP_NAMES =
		1
		<< 2, /* rename, link, symlink, unlink, mkdir, mknod, truncate */
	GROUP_ATTRS =
		1 << 3, /* chmod, chown, utimes, setxattr … by path and by fd */
	GROUP_EXEC = 1 << 4, /* execve, execveat */
	GROUP_FORK = 1 << 5, /* fork, vfork, clone without CLONE_THREAD */
	GROUP_NET = 1 << 6, /* connect, bind; socket() by its arguments */
	GROUP_SEND = 1 << 7, /* with GROUP_NET: sends with an address, listen */
	GROUP_THREADS = 1 << 8, /* clone with CLONE_THREAD */
	GROUP_IMAGE = 1 << 9, /* mmap of a file as code */
	/* A watch lists names: a read, and Landlock has no right for it. */
	GROUP_WATCH = 1 << 10,
};

/*
 * In the flags of openat(2): ask the supervisor even where opens are left to
 * the kernel. No flag of the kernel, which ignores what it does not know.
 */
#define OPEN_MARK 0x40000000

enum syscall_action {
	ACTION_DENY, /* with the row's errno, unless its group is allowed */
	ACTION_NOTIFY, /* when the group is notified; else see filter.h */
	ACTION_ARGS, /* RULE() lines on arguments, in syscalls.def */
};

/* What an argument is; the decoder fills struct request from it. */
enum syscall_role {
	ROLE_NONE,
	ROLE_DIRFD, /* anchor of the next ROLE_PATH */
	ROLE_PATH,
	ROLE_DIRFD2,
	ROLE_PATH2,
	ROLE_TEXT, /* a string that is not resolved (symlink content, xattr name) */
	ROLE_FD, /* a descriptor acted upon */
	ROLE_FLAGS, /* open flags, or the call's own flags */
	ROLE_AT_FLAGS, /* AT_* */
	ROLE_MODE,
	ROLE_HOW, /* struct open_how *, size in the next argument */
	ROLE_BUFFER, /* result, written by us */
	ROLE_SIZE, /* of the buffer or struct */
	ROLE_VALUE, /* any other word or pointer, used raw by its handler */
};

/* The meaning of a notified call: one handler each, in src/supervise. */
enum syscall_call {
	CALL_NONE,
	CALL_OPEN, /* open, creat, openat, openat2 */
	CALL_STAT, /* stat, lstat, newfstatat */
	CALL_STATX,
	CALL_ACCESS, /* access, faccessat, faccessat2 */
	CALL_READLINK,
	CALL_CHDIR,
	CALL_STATFS,
	CALL_WATCH, /* inotify_add_watch */
	CALL_GETXATTR, /* getxattr, lgetxattr, getxattrat */
	CALL_LISTXATTR,
	CALL_GETATTR, /* file_getattr */
	CALL_RENAME,
	CALL_LINK,
	CALL_SYMLINK,
	CALL_UNLINK, /* unlink, rmdir, unlinkat */
	CALL_MKDIR,
	CALL_MKNOD,
	CALL_TRUNCATE,
	CALL_CHMOD, /* chmod, fchmodat, fchmodat2, fchmod */
	CALL_CHOWN, /* chown, lchown, fchownat, fchown */
	CALL_UTIMES, /* utime, utimes, futimesat, utimensat */
	CALL_SETXATTR, /* setxattr, lsetxattr, fsetxattr, setxattrat */
	CALL_REMOVEXATTR,
	CALL_SETATTR, /* file_setattr */
	CALL_EXEC, /* execve, execveat */
	CALL_CLONE, /* fork, vfork, clone: a process or a thread */
	CALL_MMAP, /* of a file, executable */
	CALL_CONNECT,
	CALL_BIND,
	CALL_LISTEN,
	CALL_SENDTO,
	CALL_SENDMSG,
	CALL_SENDMMSG,
	CALL_MAX,
};

#define SYSCALL_ARGS 6

struct syscall_row {
	const char *name;
	int nr;
	enum syscall_action action;
	enum syscall_group group;
	enum syscall_call call;
	int error; /* positive errno when the filter itself denies it */
	int flags; /* what the name implies: creat is O_CREAT|… */
	int at_flags; /* lstat is AT_SYMLINK_NOFOLLOW, rmdir AT_REMOVEDIR */
	enum syscall_role roles[SYSCALL_ARGS];
	const char *why; /* for --explain: what it could do otherwise */
};

/** syscall_find() - the row of number @nr, or NULL; O(1) */
const struct syscall_row *syscall_find(int nr);

/** syscall_table() - all rows, ordered by number */
const struct syscall_row *syscall_table(size_t *ret_n);

#endif
