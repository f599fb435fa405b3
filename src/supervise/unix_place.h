/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bind(2) to a path. The kernel keeps the text that it is given, and others
 * send answers there, so it should be the program's own text; but a text could
 * lead elsewhere by now.
 */
#ifndef SUPERVISE_UNIX_PLACE_H
#define SUPERVISE_UNIX_PLACE_H

#include <sys/types.h>

struct net_name;

struct unix_place {
	int socket;
	const struct net_name *name; /* relative to the parent, or proven */
	int parent; /* O_PATH of the directory that was judged */
	const char *base; /* the name in it */
	mode_t umask; /* the target's */
};

/**
 * unix_place_bind() - bind the socket to that text
 *
 * A thread does it that may make sockets in the judged directory alone: if the
 * text leads elsewhere by now, the kernel refuses. Where no such thread can be
 * had, the name is bound by way of the pinned directory, and shows that.
 *
 * Return: 0 or -errno of bind(2).
 */
int unix_place_bind(const struct unix_place *place);

#endif
