/* SPDX-License-Identifier: Apache-2.0 */
/* The listener's ioctls, and an answer that is a denial until it is more. */
#ifndef SUPERVISE_NOTIFY_H
#define SUPERVISE_NOTIFY_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>

enum answer_kind {
	ANSWER_ERROR, /* the call fails with .error */
	ANSWER_VALUE, /* the call returns .value */
	ANSWER_FD, /* the call returns a duplicate of .fd */
	ANSWER_CONTINUE, /* the kernel goes on with the call: class 1 only */
	ANSWER_NONE, /* none: the run ends */
};

/* What will be sent. Made by answer_init(); handlers may only upgrade it. */
struct answer {
	enum answer_kind kind;
	int error; /* positive errno */
	int64_t value;
	int fd; /* owned; closed by answer_done() */
	bool is_cloexec;
};

/** answer_init() - a denial: EACCES, so that no forgotten path allows */
void answer_init(struct answer *answer);

/**
 * answer_error() - the call fails
 * @error: positive or negative errno; anything else becomes EACCES, because a
 *         response with a positive error is a success to the target (T013)
 */
void answer_error(struct answer *answer, int error);

/** answer_value() - the call returns @value (>= 0) */
void answer_value(struct answer *answer, int64_t value);

/** answer_result() - what a system call just returned; below zero: errno */
void answer_result(struct answer *answer, long result);

/** answer_fd() - the call returns a new descriptor; takes @fd over */
void answer_fd(struct answer *answer, int fd, bool is_cloexec);

/** answer_continue() - let the kernel do it; see the class rules */
void answer_continue(struct answer *answer);

/** answer_done() - close what it owns */
void answer_done(struct answer *answer);

/* A received notification, with room for what a newer kernel adds. */
union notification {
	struct seccomp_notif req;
	char space[512];
};

/**
 * notify_setup() - check the kernel's struct sizes, ask for synchronous
 * wake-ups (without them a wake-up crosses cores and costs seven times more)
 *
 * Return: 0, or -ENOSYS when this kernel's notifications do not fit.
 */
int notify_setup(int listener);

/**
 * notify_receive() - wait for the next notification
 *
 * Return: 0; -ENOENT when the target died meanwhile or none is left (call
 * again or poll); -EINTR; or -errno of the ioctl. See seccomp_unotify(2).
 */
int notify_receive(int listener, union notification *ret);

/** notify_is_pending() - would notify_receive() return at once? */
bool notify_is_pending(int listener);

/** notify_is_valid() - is request @id still waiting for its answer? */
bool notify_is_valid(int listener, uint64_t id);

/** notify_is_finished() - is no target left that could ask? */
bool notify_is_finished(int listener);

/**
 * notify_send() - send @answer to request @id, exactly once
 *
 * A descriptor that cannot be installed becomes the errno of that; any other
 * answer that cannot be sent becomes a denial. Return: 0, also when the request
 * is gone or was answered by the watch; or -errno: it waits still.
 */
int notify_send(int listener, uint64_t id, struct answer *answer);

#endif
