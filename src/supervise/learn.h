/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run would have needed: every distinct denial, kept until its end. Any
 * thread; memory is bounded.
 */
#ifndef SUPERVISE_LEARN_H
#define SUPERVISE_LEARN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Which flag would allow it. */
enum learn_kind {
	LEARN_FILE, /* --allow-fs-read, --allow-fs-write: see rights */
	LEARN_EXEC, /* --allow-child-process=PROGRAM */
	LEARN_FORK, /* --allow-child-process */
	LEARN_THREAD, /* --allow-worker */
	LEARN_LOAD, /* --allow-addons */
	LEARN_INSPECTOR, /* --allow-inspector */
	LEARN_NET, /* --allow-net=ADDRESS:PORT */
	LEARN_LISTEN, /* --allow-net=listen:PORT */
	LEARN_UNIX, /* --allow-unix */
	LEARN_HOPELESS, /* no flag */
	LEARN_KINDS,
};

enum learn_right {
	LEARN_READ = 1,
	LEARN_WRITE = 2,
	LEARN_STAT = 4,
};

/* One denial; strings are borrowed. */
struct learn_item {
	const char *operation; /* "read", "write", "stat", "exec", "connect" … */
	const char *object; /* resolved path, ADDRESS:PORT … */
	const char *syscall; /* static */
	const char *comm; /* NULL: not known */
	bool is_directory;
	bool is_absent; /* it was not there (yet) */
	bool is_exclusive; /* O_EXCL: a new name, as mkstemp(3) makes them */
	bool is_moved; /* by rename or link */
	bool is_removed;
	bool is_hopeless; /* no flag would have allowed it */
};

/* All that happened to one object. */
struct learn_entry {
	enum learn_kind kind;
	char *object;
	const char *operation; /* the first; static */
	const char *syscall; /* the same */
	char comm[17];
	unsigned rights; /* LEARN_FILE: enum learn_right bits */
	unsigned is_directory : 1;
	unsigned is_listed : 1; /* a directory that was read itself */
	unsigned is_made : 1; /* written when it was not there */
	unsigned is_exclusive : 1;
	unsigned is_moved : 1;
	unsigned is_replaced : 1; /* there at first, and then removed or moved */
	unsigned is_new : 1; /* not there when it was first asked for */
	unsigned n; /* how often */
};

struct learn;

/** learn_new() - NULL when there is no memory */
struct learn *learn_new(void);

/** learn_note() - keep it; what does not fit is counted */
void learn_note(struct learn *learn, const struct learn_item *item);

/**
 * learn_entries() - all entries, sorted by kind and object
 * @ret_lost: denials of objects for which there was no room
 *
 * Nothing may be noted any more. Owned by @learn.
 */
struct learn_entry *learn_entries(struct learn *learn, size_t *ret_n,
				  uint64_t *ret_lost);

/** learn_free() - accepts NULL */
void learn_free(struct learn *learn);

#endif
