/* SPDX-License-Identifier: Apache-2.0 */
/* The verifier's side of common/proto.h. */
#ifndef VERIFY_SERVE_H
#define VERIFY_SERVE_H

struct hasher;

/**
 * serve() - answer requests until the peer goes
 * @sock: SOCK_SEQPACKET socket to the supervisor
 *
 * Return: 0 when the peer closed it, -EBADMSG after a request that breaks the
 * protocol, -EINVAL after a manifest that was refused (the peer was told), or
 * -errno.
 */
int serve(int sock, const struct hasher *hasher);

#endif
