/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the user asked for: one table of options drives the command line, the
 * --config file, --help, the man page and the shell completion.
 */
#ifndef SUPERVISE_OPTIONS_H
#define SUPERVISE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "common/strlist.h"

enum explain_format {
	EXPLAIN_NONE,
	EXPLAIN_TEXT,
	EXPLAIN_JSON,
};

enum action {
	DO_RUN, /* there is a command */
	DO_EXPLAIN, /* there is a command */
	DO_WHY, /* options.why says what; there may be a command */
	DO_CHECK,
	DO_NOTHING, /* --help or --version was printed */
};

enum log_target {
	LOG_TO_STDERR,
	LOG_TO_FILE, /* options.log_file */
	LOG_TO_FD, /* options.log_fd, known to be open for writing */
	LOG_TO_JOURNAL,
};

/*
 * In the path lists an item is one PATH. Its escapes are kept: `\*` is a
 * literal star, `\\` a backslash, another `*` the wildcard, and a backslash
 * before any other character stands for itself. A comma is literal.
 */
struct options {
	enum action action;
	struct strings allow_fs_read;
	struct strings allow_fs_write;
	struct strings deny_fs_read;
	struct strings deny_fs_write;
	bool allow_fs_metadata;
	bool allow_child_process;
	struct strings child_programs; /* empty although allowed: any program */
	bool any_child_program; /* a list is empty then */
	bool allow_worker;
	bool allow_addons;
	bool allow_wasi;
	bool allow_inspector;
	bool allow_net; /* everything; else what net_rules say */
	struct strings net_rules; /* syntax checked, see net_rule.h */
	struct strings allow_unix; /* paths, and @NAME of abstract sockets */
	bool has_allow_env; /* pass only what allow_env names */
	struct strings allow_env; /* names and globs */
	char *policy; /* the manifest, or NULL */
	char *policy_integrity; /* its expected hash, or NULL */
	char *policy_key; /* file with the key that must have signed it, or NULL */
	char *verifier; /* socket of one that serves many runs, or NULL */
	char *runtime; /* "auto", a profile's name or a file; never NULL */
	char *why; /* "read:PATH" …, syntax checked, or NULL */
	enum explain_format explain;
	enum log_target log_target;
	char *log_file; /* with LOG_TO_FILE */
	int log_fd; /* with LOG_TO_FD, else -1 */
	bool log_json;
	int status_fd; /* known to be open for writing, or -1 */
	int *pass_fds; /* known to be open */
	size_t n_pass_fds;
	bool wait_all;
	bool report_only;
	char *learn; /* where the flags are written to, or NULL */
	bool landlock_only;
	bool degraded;
	bool quiet;
	bool verbose;
	char **argv; /* the command, NULL-terminated; never NULL itself */
	int argc; /* 0: no command was given */
	char **owned_argv; /* the command came from --config */
};

/**
 * options_parse() - read the command line, and the files that --config names
 * @ret: overwritten; to be freed by options_done() also after a failure.
 *       ret->argv points into @argv, unless the command came from a file.
 *
 * Prints --help and --version to stdout. Logs what is wrong.
 *
 * Return: 0, -EINVAL for a usage error, or -errno (-ENOMEM, or of the file).
 */
int options_parse(int argc, char **argv, struct options *ret);

/** options_has_net() - is there any TCP or UDP? */
static inline bool options_has_net(const struct options *options)
{
	return options->allow_net || options->net_rules.n > 0;
}

/** options_done() - free what options_parse() made */
void options_done(struct options *options);

#endif
