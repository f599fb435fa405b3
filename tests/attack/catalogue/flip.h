/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the races share: a value that somebody else exchanges all the time
 * while the attack has it used. Both values are harmless to look at: one is
 * allowed, one is not.
 */
#ifndef TESTS_ATTACK_CATALOGUE_FLIP_H
#define TESTS_ATTACK_CATALOGUE_FLIP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* Who exchanges it, and how. */
enum flip_how {
	BY_THREAD, /* stores from a thread */
	BY_PROCESS, /* stores from a process with the same memory */
	BY_CHILD, /* stores from a child, to memory that both map */
	BY_MAPPING, /* a thread maps another page over it */
	BY_FILE, /* a thread writes to the file that is mapped there */
};

/*
 * The two texts in turns, at the address returned, until flip_end(). Paths are
 * made equally long by slashes where they begin to differ.
 */
char *flip_paths(enum flip_how how, const char *one, const char *other);

/* As flip_paths() by a thread: @n bytes, whatever they are. */
void *flip_bytes(const void *one, const void *other, size_t n);

/* In turns what two calls with these numbers do, by a thread. */
void flip_calls(void (*call)(int number), int one, int other);

/*
 * Whether a race of @rounds goes on, at round @i: until @rounds; where only
 * one of the two was met, until ten times as many; at most 10 seconds.
 */
bool flip_goes_on(int i, int rounds);

/* What a round met; for the report. */
void flip_met(bool is_allowed);

void flip_end(void);

/* A file that may be read but not changed, and whether somebody did. */
void watch_file(const char *path);
bool is_changed(void);

#endif
