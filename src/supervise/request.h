/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A notification, decoded: every argument copied once. What follows uses the
 * copies only, because the target may change its memory at any time.
 */
#ifndef SUPERVISE_REQUEST_H
#define SUPERVISE_REQUEST_H

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "supervise/notify.h"
#include "syscalls.h"

/* One path argument and what it is relative to. */
struct request_name {
	bool is_given;
	bool is_null; /* a null pointer: some calls then act on the descriptor */
	int dirfd;
	char text[PATH_MAX];
};

struct request {
	uint64_t id;
	pid_t tid;
	const struct syscall_row *row;
	struct request_name names[2];
	char text[PATH_MAX]; /* ROLE_TEXT */
	int fd; /* ROLE_FD */
	int flags; /* ROLE_FLAGS */
	int at_flags; /* ROLE_AT_FLAGS */
	mode_t mode; /* ROLE_MODE */
	uint64_t buffer; /* ROLE_BUFFER: an address of the target */
	uint64_t size; /* ROLE_SIZE */
	uint64_t values[SYSCALL_ARGS]; /* all arguments, raw */
	struct open_how how; /* ROLE_HOW, and open flags of the older calls */
};

/**
 * request_decode() - copy the arguments of @req that its row describes
 *
 * The copies belong to the requester only if the request is still valid
 * afterwards (notify_is_valid()).
 *
 * Return: 0, or a negative errno for the target: -EFAULT, -ENAMETOOLONG,
 * -EINVAL, -E2BIG as the kernel says them; -ENOSYS for a call that is not in
 * the table; -EACCES when its memory is closed to us.
 */
int request_decode(int proc_fd, const struct seccomp_notif *req,
		   struct request *ret);

#endif
