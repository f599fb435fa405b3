/* SPDX-License-Identifier: Apache-2.0 */
/* What rows of several tables do. */
#ifndef TESTS_ATTACK_TRICKS_H
#define TESTS_ATTACK_TRICKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Leads from any directory to the root. */
#define UP "../../../../../../../../../../../../../../../.."

/* A text of a few static buffers, used in turn. */
const char *text(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The file with the secret. */
const char *secret_file(void);

/* A file in "write" with @content; its path. */
const char *put(const char *name, const char *content);

/* A symbolic link in "write" that leads to @to; its path. */
const char *link_to(const char *to, const char *name);

/* What a call answered, for who reads the report. */
long said(const char *what, long result);

/* The file @path beneath @dirfd, read. */
void loot_at(int dirfd, const char *path);

/* When the secret file was changed is a secret as well. */
void loot_time(int64_t seconds, uint32_t nanoseconds);

/*
 * Mounts of its own, in a user namespace where that takes one. Nothing that is
 * mounted after it is seen outside.
 */
int own_mounts(void);

/* Runs @action in a child, which ends with it. */
void in_child(void (*action)(void));

/* A thread that does @action until race_is_over(). */
void race_with(void (*action)(void));

/*
 * As race_goes_on(); now and then it waits until the thread had its turn: it
 * may share our processor.
 */
bool race_is_on(int i, int rounds);
void race_is_over(void);

#endif
