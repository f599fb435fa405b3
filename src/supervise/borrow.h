/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The target's own open files, for calls that have to be made on them. What is
 * borrowed is the same open file: a change made through it shows there.
 */
#ifndef SUPERVISE_BORROW_H
#define SUPERVISE_BORROW_H

#include <stdbool.h>
#include <sys/types.h>

/* One waiting thread of the target. */
struct borrow {
	int pidfd; /* owned; -1: not open */
	int proc_fd;
	pid_t tid;
	bool is_leader; /* .pidfd is the leader's: its table may be another one */
};

/**
 * borrow_open() - get hold of thread @tid
 *
 * Return: 0 or -errno. Close it with borrow_close(), also after a failure.
 */
int borrow_open(int proc_fd, pid_t tid, struct borrow *ret);

/** borrow_close() - let it go */
void borrow_close(struct borrow *borrow);

/**
 * borrow_fd() - a descriptor for what the thread's descriptor @fd refers to
 *
 * It is the requester's only if the request is still valid afterwards.
 *
 * Return: a descriptor (close-on-exec), -EBADF, or -EACCES for every reason
 * that is not the target's.
 */
int borrow_fd(const struct borrow *borrow, int fd);

/** borrow_signal() - send a signal to the thread */
void borrow_signal(const struct borrow *borrow, int signal);

/**
 * borrow_probe() - can descriptors be borrowed in this place?
 *
 * Return: 0, or -errno: -EPERM where a container's filter refuses it.
 */
int borrow_probe(void);

#endif
