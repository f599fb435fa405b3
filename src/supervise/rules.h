/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The permissions as data, and the one pure function that judges by them.
 * Enforcement, --why, --explain and process.permission all call decide().
 */
#ifndef SUPERVISE_RULES_H
#define SUPERVISE_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "common/strlist.h"
#include "supervise/pattern.h"

enum right {
	RIGHT_READ = 1,
	RIGHT_WRITE = 2,
	RIGHT_EXEC = 4,
	RIGHT_UNIX = 8, /* connect to, send to and bind unix sockets */
};

enum shape {
	SHAPE_EXACT, /* this path only, also when it is created later */
	SHAPE_TREE, /* this directory and everything beneath */
	SHAPE_PATTERN, /* `*` matches any run of characters, `/` included */
};

/* One permission or carve-out, on a resolved absolute path. */
struct grant {
	char *path; /* SHAPE_PATTERN: a star is \001, other bytes are literal */
	char *text; /* as it was written, for messages; escaped */
	const char *
		origin; /* the flag ("--allow-fs-read") or why it is implicit */
	unsigned rights; /* enum right bits */
	enum shape shape;
	bool is_deny;
	bool is_implicit; /* from the profile or the launch, not from a flag */
	bool is_runtime; /* the runtime's own files: no manifest lists them */
	bool is_interpreter; /* ld.so: executed by the kernel only */
	bool is_late; /* a tree that was not there: it has no Landlock rule */
	bool is_class1; /* set by rules_finish(): Landlock alone says the same */
};

struct rules {
	struct grant *grants; /* owned, and what each of them points to */
	size_t n_grants;
	struct path_index *index; /* made by the first rules_add*() */
	size_t *patterns; /* which grants are patterns */
	size_t n_patterns;
	bool allow_metadata; /* --allow-fs-metadata, or read `*` */
	bool has_policy; /* a manifest is active: code must be listed */
	bool has_unix; /* set by rules_finish(): --allow-unix has a path */
	bool inject_all; /* the target's domain says more than the flags */
	bool race_gains; /* rules_race_gains() */
	bool runs_readable; /* --allow-child-process without a list */
	struct strings probes; /* names whose denial answers ENOENT */
	struct strings probe_dirs; /* so does any name right in these */
	const char *script; /* the entry: code whatever its name; borrowed */
	struct strings code; /* fnmatch(3) patterns of names that are code */
};

enum operation {
	OPERATION_READ,
	OPERATION_STAT, /* metadata: also of the ancestors of grants */
	OPERATION_WRITE,
	OPERATION_EXEC,
	OPERATION_UNIX,
};

struct decision {
	bool is_allowed;
	bool is_class1; /* Landlock alone says the same: the kernel may do it */
	int error; /* denied: positive errno for the target, EACCES or ENOENT */
	const struct grant *rule; /* what decided; NULL: nothing covers it */
	const char *reason; /* denied: for people, static text */
	bool is_probe; /* denied with ENOENT, and not worth a line */
};

/**
 * rules_add() - take one grant into @rules, before rules_finish()
 * @path: absolute and resolved (for a pattern: its stars as GRANT_STAR)
 *
 * Return: 0 or -ENOMEM.
 */
int rules_add(struct rules *rules, const struct grant *grant);

/**
 * rules_add_visible() - let the metadata of @path and its ancestors be read
 *
 * For ancestors of grants as they were written, before symlinks were resolved:
 * a runtime lstats every directory on the way to its entry.
 *
 * Return: 0 or -ENOMEM.
 */
int rules_add_visible(struct rules *rules, const char *path);

/**
 * rules_add_hole() - something lies at @path that is judged by other rules
 *
 * No hierarchy above it is class 1. Return: 0 or -ENOMEM.
 */
int rules_add_hole(struct rules *rules, const char *path);

/** rules_expect() - room for @n listed files at once. 0 or -ENOMEM. */
int rules_expect(struct rules *rules, size_t n);

/**
 * rules_add_listed() - a manifest names the file at @path
 *
 * It cannot be written, and no hierarchy above it is class 1.
 *
 * Return: 0 or -ENOMEM.
 */
int rules_add_listed(struct rules *rules, const char *path);

/** rules_finish() - build the index. Return: 0 or -ENOMEM. */
int rules_finish(struct rules *rules);

/** rules_done() - free everything; accepts a half-made @rules */
void rules_done(struct rules *rules);

/**
 * decide() - may the target do @operation on the object at @path?
 * @path: the object's resolved absolute path, without a trailing slash
 *
 * Pure: no system call, no state but @rules. O(components of the path), plus
 * the number of patterns.
 */
void decide(const struct rules *rules, enum operation operation,
	    const char *path, struct decision *ret);

/** rules_is_listed() - does the manifest name the file at @path? */
bool rules_is_listed(const struct rules *rules, const char *path);

/**
 * rules_is_above() - does a carve-out or a listed file lie beneath @path?
 *
 * Such a directory cannot be renamed or removed: the rules would follow the
 * name and not the files.
 */
bool rules_is_above(const struct rules *rules, const char *path);

/**
 * rules_is_carved() - does a --deny-fs-read lie in, or reach, the tree @path?
 *
 * What may be executed there Landlock cannot express.
 */
bool rules_is_carved(const struct rules *rules, const char *path);

/**
 * rules_gain() - would @to allow reading or executing what @from does not?
 *
 * Of a directory also beneath it, where patterns and single grants may speak
 * of the one name and not of the other; in doubt yes.
 */
bool rules_gain(const struct rules *rules, const char *from, const char *to,
		bool is_directory);

/**
 * rules_race_gains() - could a move give more than Landlock sees?
 *
 * What is written by the kernel alone is not all read so: then a move whose
 * paths are others by the time that the kernel looks could make something
 * readable.
 */
bool rules_race_gains(const struct rules *rules);

/** rules_gain_socket() - the same of a unix socket: could @to be connected to? */
bool rules_gain_socket(const struct rules *rules, const char *from,
		       const char *to);

/** rules_is_runtime() - is it a file that the runtime reads to start? */
bool rules_is_runtime(const struct rules *rules, const char *path);

/** rules_is_code() - is @path code by its name, as the profile says? */
bool rules_is_code(const struct rules *rules, const char *path);

/** operation_name() - "read", "stat", "write", "exec", "unix" */
const char *operation_name(enum operation operation);

/** operation_flag() - the option that would allow it: "--allow-fs-read" … */
const char *operation_flag(const struct rules *rules, enum operation operation);

#endif
