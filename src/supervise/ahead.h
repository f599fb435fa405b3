/* SPDX-License-Identifier: Apache-2.0 */
/* What is verified before it is asked for, and in which order. */
#ifndef SUPERVISE_AHEAD_H
#define SUPERVISE_AHEAD_H

#include <sys/stat.h>
#include <sys/types.h>

#define NODE_MODULES "/node_modules/"

/**
 * ahead_package() - the directory that is loaded together with @path:
 * its package beneath node_modules, or its own directory
 *
 * Return: with a trailing slash, owned; or NULL without memory.
 */
char *ahead_package(const char *path);

/* One file to verify before it is asked for. */
struct ahead_file {
	const char *path; /* borrowed */
	const char *spelling; /* borrowed */
	int fd; /* set by ahead_open(), owned by the caller */
	struct stat st;
};

/**
 * ahead_open() - open @file if it is a regular file of at most @max bytes
 *
 * Return: 0 or -errno.
 */
int ahead_open(struct ahead_file *file, off_t max);

#endif
