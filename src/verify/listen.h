/* SPDX-License-Identifier: Apache-2.0 */
/* The socket that a service is reached at. */
#ifndef VERIFY_LISTEN_H
#define VERIFY_LISTEN_H

#include <stdbool.h>

/** listen_is() - is @fd a listening SOCK_SEQPACKET unix socket? */
bool listen_is(int fd);

/**
 * listen_at() - make one at @path
 * @any_user: others may connect, too
 *
 * A socket that nobody listens on any more is replaced. Return: the descriptor
 * or -errno; -EADDRINUSE: somebody does.
 */
int listen_at(const char *path, bool any_user);

#endif
