/* SPDX-License-Identifier: Apache-2.0 */
/* One operation of the test target: a name and what it does. */
#ifndef TESTS_TARGET_H
#define TESTS_TARGET_H

#define TARGET_ARGS 4

/*
 * An operation gets the words after its name ("" where there are none) and
 * returns 0 or -errno. What it prints with target_say() replaces "OK".
 */
struct target_op {
	const char *name;
	int (*run)(char **args);
};

extern const struct target_op target_open[];
extern const struct target_op target_stat[];
extern const struct target_op target_names[];
extern const struct target_op target_processes[];
extern const struct target_op target_attacks[];

void target_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The result of a call: 0, or -errno when it is negative. */
int target_result(long long result);

/* An fd or -1: close it; return 0 or -errno. */
int target_close(int fd);

/* A word as a number of any base; 0 for "". */
long target_number(const char *word);

#endif
