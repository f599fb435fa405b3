/* SPDX-License-Identifier: Apache-2.0 */
/* The environment of the command: what passes, what is dropped, what is set. */
#ifndef SUPERVISE_ENVIRONMENT_H
#define SUPERVISE_ENVIRONMENT_H

#include "common/strlist.h"

struct command;
struct options;
struct profile;

struct environment {
	char **envp; /* NULL-terminated, owned */
	struct strings dropped; /* names that did not pass, sorted */
};

/**
 * environment_make() - the environment that the command gets
 * @inherited: the environment of this process
 * @command: what `env` in the command adds and removes, or NULL
 *
 * Passes everything but what makes a loader or runtime run other code; with
 * --allow-env only what it names. A variable that injects code passes only if
 * --allow-env names it in full. Of a variable that is there twice the first
 * counts. What the profile sets comes last and wins; the options that it adds
 * to a variable come before those that are there. LISTEN_FDS, LISTEN_PID
 * and their like stay as they are; the launch rewrites the process ids.
 *
 * Return: 0 or -ENOMEM; @ret is to be freed by environment_done() in any case.
 */
int environment_make(char *const *inherited, const struct options *options,
		     const struct profile *profile,
		     const struct command *command, struct environment *ret);

/**
 * environment_words() - the words that a variable of options holds
 * @line: its name, or NAME=ANYTHING
 * @ret: words are added; as Node splits them: at blanks, but not within
 *       "double quotes", where a backslash takes the next character as it is
 *
 * Return: 0 or -ENOMEM.
 */
int environment_words(const struct environment *environment, const char *line,
		      struct strings *ret);

/** environment_done() - free everything; accepts a half-made one */
void environment_done(struct environment *environment);

#endif
