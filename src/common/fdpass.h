/* SPDX-License-Identifier: Apache-2.0 */
/* One datagram of a fixed size with at most one descriptor. */
#ifndef COMMON_FDPASS_H
#define COMMON_FDPASS_H

#include <stddef.h>

/**
 * fdpass_send() - send one message on a SOCK_SEQPACKET socket
 * @fd: a descriptor to go with it (borrowed), or -1
 *
 * Return: 0, -EPIPE if the peer is gone, or -errno of sendmsg(2). Never
 * raises SIGPIPE.
 */
int fdpass_send(int sock, const void *message, size_t len, int fd);

/**
 * fdpass_recv() - receive one message of exactly @len bytes
 * @ret_fd: the descriptor that came with it (close-on-exec, owned by the
 *          caller) or -1. NULL: a descriptor is not expected.
 *
 * Return: 0; -EPIPE at the end of the stream; -EBADMSG for a message of
 * another size, more than one descriptor, or one that was not expected (all
 * received descriptors are closed); -EMFILE when the message is in @message but
 * its descriptor found no room in our table; or -errno of recvmsg(2).
 */
int fdpass_recv(int sock, void *message, size_t len, int *ret_fd);

#endif
