/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known about a runtime: a JSON file, policies/NAME.json, with what it
 * reads to start, what counts as its code and which of its probes may fail.
 */
#ifndef SUPERVISE_PROFILE_H
#define SUPERVISE_PROFILE_H

#include <stdbool.h>

#include "common/strlist.h"

struct profile {
	char *name;
	struct strings programs; /* globs on the basename of the program */
	/*
	 * Paths, absolute after profile_expand(): an existing directory means
	 * everything beneath it, what does not exist means itself.
	 */
	struct strings read;
	struct strings read_net; /* only with --allow-net */
	/*
	 * What dlopen(3) may load as part of the runtime: files, and after
	 * profile_expand() also the libraries they need; directories.
	 */
	struct strings libraries;
	struct strings own_code; /* code that a manifest need not list … */
	struct strings own_code_except; /* … but for these globs on the path */
	struct strings code; /* globs on the basename: what counts as code */
	struct strings probes; /* globs on the basename: denied is ENOENT */
	struct strings probe_dirs; /* a denied name right in there is ENOENT */
	struct strings env_drop; /* globs on the name */
	struct strings env_drop_offline; /* dropped without --allow-net */
	struct strings env_set; /* NAME=VALUE */
	struct strings env_set_policy; /* NAME=VALUE, only with a manifest */
	struct strings args; /* inserted after argv[0] */
	struct strings env_options; /* NAME=WORD: comes first in its value */
	struct strings preload; /* files that these load: must be there */
	/* Globs on "--option", "--option=value", or "-" for standard input. */
	struct strings value_args; /* options whose value may be the next word */
	struct strings mode_args; /* with these there is no script */
	struct strings exec_deny_args; /* refused with a manifest */
	struct strings inspector_args; /* open a debugger's port */
	struct strings inspector_ports; /* have [HOST:]PORT as their value */
	int inspector_port; /* without one; 0: there is no debugger */
	int threads; /* that the runtime starts for itself; 0: not known */
	/*
	 * What changes their number. --OPTION=N: its value, and N of them
	 * without it. VARIABLE=N: as many more, started when they are needed.
	 * NAME+N: N more when the option or variable is there.
	 */
	struct strings threads_settings;
	bool system_libraries; /* any of the system's may be its own */
	bool cluster_args; /* -abc is -a -b -c, as getopt(3) has it */
};

/**
 * profile_load() - read the profile of that name, or that file
 * @name: "node": searched in the profile directory; with a slash or ending in
 *        .json: a file
 * @ret: to be freed by profile_done() also after a failure
 *
 * Logs FILE:LINE:COLUMN: KEY: TEXT.
 *
 * Return: 0, -ENOENT, -EINVAL, or -errno.
 */
int profile_load(const char *name, struct profile *ret);

/**
 * profile_find() - load the profile for the program at @path
 *
 * The first whose `programs` match the basename of @path or of its real path;
 * "none" if no other does. Return: as profile_load().
 */
int profile_find(const char *path, struct profile *ret);

/**
 * profile_expand() - replace what depends on this machine and this run
 * @program: absolute path to be executed, links not resolved
 * @runtime: its real path
 * @path_env: $PATH, or NULL
 *
 * In path lists, {runtime_prefix} is the directory above that of @runtime
 * (/usr for /usr/bin/python3.11); {prefix} is the same and also that of
 * @program (a Python virtual environment); {cgroup} is the control group of
 * this process and each one above it; {path} every absolute directory of
 * $PATH; {shim} where our own preloaded files lie. Then globs are replaced by what exists; a glob without a match is
 * dropped. Here, unlike in options, a star does not match a slash. Arguments
 * and variables have no globs.
 *
 * Return: 0 or -ENOMEM.
 */
int profile_expand(struct profile *profile, const char *program,
		   const char *runtime, const char *path_env);

/** profile_is_for() - is the program at @path this runtime, by its name? */
bool profile_is_for(const struct profile *profile, const char *path);

/** profile_owns_code() - is @path code of the runtime itself? Pure. */
bool profile_owns_code(const struct profile *profile, const char *path);

/** profile_done() - free everything; accepts a half-made one */
void profile_done(struct profile *profile);

#endif
