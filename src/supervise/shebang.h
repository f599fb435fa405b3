/* SPDX-License-Identifier: Apache-2.0 */
/* The first line of a script, and the arguments of env(1). */
#ifndef SUPERVISE_SHEBANG_H
#define SUPERVISE_SHEBANG_H

#include <stdbool.h>

#include "common/strlist.h"

enum image_kind {
	IMAGE_ELF,
	IMAGE_SCRIPT, /* begins with #! */
	IMAGE_TEXT, /* execvp(3) gives it to /bin/sh */
};

struct image {
	enum image_kind kind;
	char *interpreter; /* IMAGE_SCRIPT: as it is written there */
	char *argument; /* everything behind it as one word, or NULL */
};

/**
 * shebang_read() - what kind of program is @path?
 *
 * Return: 0; -ENOEXEC if no kernel would run it; or -errno. @ret is to be
 * freed by image_done() in any case.
 */
int shebang_read(const char *path, struct image *ret);

/** image_done() - free everything */
void image_done(struct image *image);

/* What env(1) was told to do. */
struct env_call {
	struct strings set; /* NAME=VALUE */
	struct strings unset;
	bool clear;
	struct strings words; /* the command and its arguments; may be empty */
};

/**
 * env_parse() - read the arguments of env(1) (without its own name)
 *
 * Knows -i, -u, -S, --, their long forms and NAME=VALUE.
 *
 * Return: 0; -ENOTSUP for any other option, or for what -S can only do at run
 * time; -ENOMEM. @ret is to be freed by env_done() in any case.
 */
int env_parse(const struct strings *args, struct env_call *ret);

/** env_done() - free everything */
void env_done(struct env_call *call);

#endif
