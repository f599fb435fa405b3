/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests that wait to be answered, so that each process gets its turn: the
 * kernel hands them out in the order in which they came, and who asks with
 * hundreds of threads would be asked about hundreds of times before anybody
 * else. Not for several threads at once.
 */
#ifndef SUPERVISE_TURNS_H
#define SUPERVISE_TURNS_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define TURNS_MAX 2048 /* requests; the others wait in the kernel */
#define TURNS_BUCKETS 256

struct turn {
	struct seccomp_notif request;
	int64_t since; /* as the caller counts */
	struct turn *next; /* of the same process, or free */
};

/* Those that have their turns one after the other. */
struct ring {
	struct line *first, *last;
};

/* A process with requests that wait, or a group with such processes. */
struct line {
	pid_t id;
	struct line *group; /* NULL: it is one */
	struct ring members; /* of a group */
	struct turn *first, *last; /* of a process */
	struct line *next; /* in its ring, or free */
	struct line *in_bucket;
};

struct turns {
	struct turn pool[TURNS_MAX];
	struct line lines[2 * TURNS_MAX];
	struct line *buckets[TURNS_BUCKETS];
	struct turn *free_turns;
	struct line *free_lines;
	struct ring groups;
	size_t n; /* requests */
	size_t n_used; /* of the pool so far: the rest was never touched */
	size_t n_lines_used;
};

/**
 * turns_add() - @process asks
 * @group: its own, or another process's with which it shares its turns
 *
 * Return: false when there is no room.
 */
bool turns_add(struct turns *turns, pid_t group, pid_t process,
	       const struct seccomp_notif *request, int64_t since);

/**
 * turns_take() - the next request: of the group whose turn it is, in it of the
 * process whose turn it is, the oldest
 *
 * Return: false when none waits.
 */
bool turns_take(struct turns *turns, struct seccomp_notif *ret,
		int64_t *ret_since);

#endif
