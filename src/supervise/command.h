/* SPDX-License-Identifier: Apache-2.0 */
/* Which program the command really runs, found as execvp(3) and `#!` do. */
#ifndef SUPERVISE_COMMAND_H
#define SUPERVISE_COMMAND_H

#include <stdbool.h>

#include "common/strlist.h"

struct profile;

/*
 * A script is not given to the kernel: its interpreter is run directly, with
 * the arguments that `#!` and /usr/bin/env would have given it. So one execve(2)
 * is enough, also where a second one will be refused.
 */
struct command {
	char *asked; /* absolute path of what argv[0] named: /usr/bin/npm */
	char *program; /* absolute path to execute; links are not resolved */
	char **argv; /* for it, NULL-terminated, owned */
	struct strings executables; /* real paths of what is executed */
	char *runtime; /* real path of @program */
	struct strings links; /* followed to find @program and @script */
	char *script; /* real path of the entry script, or NULL */
	struct strings env; /* NAME=VALUE, set by `env NAME=VALUE` on the way */
	struct strings env_unset; /* names, by `env -u NAME` */
	bool env_clear; /* by `env -i` */
	bool is_single; /* runtime and script in one: no options, see single.h */
};

/**
 * command_resolve() - find the program of @argv
 * @path_env: $PATH to search, NULL if it is not set
 * @ret: to be freed by command_done() also after a failure. No script yet, see
 *       command_find_script().
 *
 * Does not log. Return: 0; -ENOENT: not found (status 127); -EACCES: found, but
 * not executable; -ENOEXEC: neither ELF nor script; -ELOOP: `#!` more than four
 * deep; -ENOMEM, or another errno (all status 126).
 */
int command_resolve(char *const *argv, const char *path_env,
		    struct command *ret);

/**
 * command_find_script() - set command->script, knowing the runtime's options
 *
 * It stays NULL if there is none or it does not exist.
 * Return: 0, -ENOMEM, or as links_collect().
 */
int command_find_script(struct command *command, const struct profile *profile);

/**
 * command_find_arg() - the first option of the runtime that @globs matches
 * @globs: profile->exec_deny_args or profile->inspector_args
 * @ret: the argument (borrowed), "-" also when the code comes from standard
 *       input because there is no script; NULL if there is none
 *
 * Return: 0 or -ENOMEM.
 */
int command_find_arg(const struct command *command,
		     const struct profile *profile, const struct strings *globs,
		     const char **ret);

/**
 * command_arg_words() - every option of the runtime, --name or --name=value
 *
 * Return: 0 or -ENOMEM.
 */
int command_arg_words(const struct command *command,
		      const struct profile *profile, struct strings *ret);

/**
 * command_insert_args() - put @args behind argv[0]
 *
 * Return: 0 or -ENOMEM.
 */
int command_insert_args(struct command *command, const struct strings *args);

/** command_done() - free everything; accepts a half-made one */
void command_done(struct command *command);

#endif
