/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a granted directory does for a program, written down: the program runs
 * alone and in the sandbox, and the two texts have to be equal.
 *
 * Each outcome is one line, "ID<tab>OUTCOME". The world:
 *   WORLD/f        the fixture (fixture.c), the working directory
 *   WORLD/given    what only root can make; made from outside for each run
 *   WORLD/program  this program
 */
#ifndef TESTS_TRANSPARENT_H
#define TESTS_TRANSPARENT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LONG_PATH (PATH_MAX + 512)

struct group {
	const char *name;
	void (*run)(void);
};

extern const struct group groups[]; /* ends with a row without a name */

extern char world_path[PATH_MAX], fixture_path[PATH_MAX];

/* main.c: what is written down. */
void outcome(const char *id, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The same, with what has changed in the fixture since. */
void changed(const char *id, const char *what, const char *result);
/* The name of errno where @result is negative, else the number. */
const char *shown(long result);
/* A path in one of a few static buffers, used in turn. */
const char *in_fixture(const char *name);
const char *in_given(const char *name);
const char *in_world(const char *name);
/* @text with what depends on the place replaced. */
const char *placeless(const char *text);
const char *describe_stat(const struct stat *st);
/* Mode, status flags, position, object of a descriptor; closes it. */
const char *describe_fd(int fd);
/* Runs @run in a process of its own; how it ended, in words. */
const char *forked(void (*run)(void *), void *data);

/* fixture.c */
/* Whether the path leads into the fixture; nothing else is ever changed. */
bool is_ours(const char *path);
void fixture_build(void);
/* What is different now; "=" when nothing is. Builds it anew if so. */
const char *fixture_changes(void);
/* The same, looked at only where its directory shows a change. */
const char *fixture_noticed(void);
bool write_file(const char *path, const char *content, mode_t mode);
void remove_tree(const char *path);

/* shapes.c: ways to write a path. */
struct shape {
	char label[64];
	char path[LONG_PATH];
	bool is_wide; /* one of the many that a short run leaves out */
};
extern struct shape *shapes; /* objects of the fixture, decorated */
extern size_t n_shapes;
extern struct shape *limits; /* long names and paths, many links */
extern size_t n_limits;
void shapes_make(void);

/* calls.c: every call that takes a path or changes what a path names. */
enum kind {
	K_NONE,
	K_DIRFD,
	K_PATH,
	K_TEXT,
	K_FD, /* of "file", open for reading and writing */
	K_INOTIFY,
	K_FLAGS,
	K_MODE,
	K_VALUE,
	K_SIZE,
	K_OUT, /* memory that is written */
	K_IN, /* memory that is read */
	K_ARGV,
};

struct argument {
	enum kind kind;
	long value;
	size_t size; /* of K_OUT and K_IN */
};

enum result {
	R_STATUS,
	R_STAT,
	R_STATX,
	R_STATFS,
	R_BYTES,
	R_OPEN,
	R_CHDIR,
	R_EXEC,
	R_WATCH,
};

struct path_call {
	const char *name;
	long number;
	bool changes;
	enum result result;
	struct argument args[6];
};

#define CALL_BUFFER 512 /* what the calls write to */
extern unsigned char call_buffer[CALL_BUFFER];
extern const struct path_call path_calls[]; /* ends with a row without a name */

/*
 * Makes the call with argument @i replaced (-1: none) by @value and, where
 * @j is not -1, argument @j by @other, and writes the outcome down.
 */
void attempt(const struct path_call *call, const char *label, int i, long value,
	     int j, long other);

/* The groups. */
void run_paths(void);
void run_limits(void);
void run_pointers(void);
void run_numbers(void);
void run_dirfds(void);
void run_places(void);
void run_pairs(void);
void run_open(void);
void run_open_chains(void);
void run_openat2(void);
void run_modes(void);
void run_times(void);
void run_xattrs(void);
void run_given(void);
void run_errnos(void);
void run_exec(void);
void run_threads(void);
void run_signals(void);
void run_resources(void);
void run_fifos(void);
void run_watches(void);
void run_descriptors(void);
void run_net(void);

#endif
