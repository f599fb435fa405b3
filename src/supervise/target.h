/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading and writing a waiting thread of the target: its memory, directory
 * and descriptors.
 *
 * Whatever is read here belongs to the requester only if the request is still
 * valid afterwards: the caller checks with notify_is_valid() before it uses
 * what it got (thread ids are reused). All are by thread id: a thread may have
 * its own descriptor table, working directory and umask.
 */
#ifndef SUPERVISE_TARGET_H
#define SUPERVISE_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

/**
 * procfs_open() - pin /proc, once, before anything could be mounted over it
 *
 * Return: an O_PATH descriptor, -ENOTDIR/-ENOENT, or -EINVAL when what is
 * there is not the root of a proc file system.
 */
int procfs_open(void);

/**
 * target_read() - copy @len bytes from the target
 *
 * Return: 0; -EFAULT for memory that is not readable there; -EACCES when the
 * target's memory is closed to us (never continue then).
 */
int target_read(int proc_fd, pid_t tid, uint64_t address, void *ret,
		size_t len);

/**
 * target_read_string() - copy a NUL-terminated string of the target
 * @size: of @ret; a string without NUL within @size bytes is too long
 *
 * Return: its length; -EFAULT; -ENAMETOOLONG; -EACCES as target_read().
 */
ssize_t target_read_string(int proc_fd, pid_t tid, uint64_t address, char *ret,
			   size_t size);

/**
 * target_write() - copy a result to the target's buffer
 *
 * Only with process_vm_writev(2): /proc/TID/mem would write to read-only
 * pages. Return: 0, -EFAULT, or -EACCES.
 */
int target_write(pid_t tid, uint64_t address, const void *data, size_t len);

/** target_cwd() - pin its working directory; O_PATH descriptor or -errno */
int target_cwd(int proc_fd, pid_t tid);

/**
 * target_fd() - pin what its descriptor @fd refers to
 *
 * Return: an O_PATH descriptor (for any type of file), -EBADF, or -errno.
 */
int target_fd(int proc_fd, pid_t tid, int fd);

struct target_fd_info {
	int flags; /* of open(2): the access mode, O_PATH */
	ino_t ino;
	uint64_t mnt_id; /* as statx(2) says it */
};

/**
 * target_fd_info() - what its descriptor @fd is, all from one look
 *
 * The number may be another file's by now: compare .ino and .mnt_id with the
 * object in question. Return: 0, or -EBADF (also where the kernel, before
 * Linux 5.14, does not tell the inode).
 */
int target_fd_info(int proc_fd, pid_t tid, int fd, struct target_fd_info *ret);

/** target_link() - the text of /proc/TID/@name ("cwd", "fd/3"); -errno */
ssize_t target_link(int proc_fd, pid_t tid, const char *name, char *ret,
		    size_t size);

/**
 * target_program() - which program @tid runs
 * @ret: its name as the kernel says it, with " (deleted)" if it is
 * @st: of the file itself
 *
 * Return: the length of the name, or -errno.
 */
ssize_t target_program(int proc_fd, pid_t tid, char *ret, size_t size,
		       struct stat *st);

struct target_status {
	pid_t tgid;
	pid_t ppid; /* 0: not known, or none that is visible */
	mode_t umask;
	char comm[17];
};

/** target_status() - of thread @tid, from its status file. 0 or -errno. */
int target_status(int proc_fd, pid_t tid, struct target_status *ret);

#endif
