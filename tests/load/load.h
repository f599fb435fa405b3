/* SPDX-License-Identifier: Apache-2.0 */
/* Load for a sandbox: what is asked, by how many, and what it has to answer. */
#ifndef TESTS_LOAD_H
#define TESTS_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the load works with; load.sh makes it and grants the parts of it. */
struct world {
	const char *root; /* its directory */
	bool is_listed; /* a manifest is in force */
	bool is_free; /* nothing is: forbidden things succeed */
	unsigned n_listed; /* small files that it lists */
};

extern struct world world;

/** die() - perror(@what), exit status 99 */
_Noreturn void die(const char *what);

/** now_us() - monotonic */
double now_us(void);

/** pause_us() - sleeps */
void pause_us(unsigned us);

/** in_world() - world.root/@name, in @ret of PATH_MAX bytes */
const char *in_world(char *ret, const char *name);

/** open_close() - Return: 0 or -errno */
int open_close(const char *path, int flags);

/** run_program() - fork, exec, wait. Return: its status or -errno of execve */
int run_program(const char *path, const char *argument);

/**
 * work_once() - each operation of the table, once
 * @worker: whose names are used where names are made
 * @wrong: names of operations whose result was not what it has to be: counted
 *
 * Return: how many operations there were.
 */
unsigned work_once(unsigned worker, unsigned *wrong);

/** flood() - as asked for, until the process is killed */
void flood(const char *kind);

/** flood_count() - how many kinds there are */
unsigned flood_count(void);

/** flood_name() - the kind @i, modulo how many there are */
const char *flood_name(unsigned i);

/** neighbour() - measures its own opens, alone and then beside a flood */
int neighbour(const char *file, const char *kind, unsigned n);

#endif
