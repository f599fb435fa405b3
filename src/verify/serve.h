/* SPDX-License-Identifier: Apache-2.0 */
/* The verifier's side of common/proto.h. */
#ifndef VERIFY_SERVE_H
#define VERIFY_SERVE_H

#include <sys/types.h>

struct hasher;
struct store;
struct user;

/* What a session works with. */
struct serving {
	const struct hasher *hasher;
	struct store *store; /* shared with others, or NULL: it is alone */
	struct user *user; /* in the store */
	pid_t pid; /* told to the supervisor, which hides it; 0: it knows */
};

/**
 * serve() - answer requests until the peer goes
 * @sock: SOCK_SEQPACKET socket to the supervisor
 *
 * Return: 0 when the peer closed it, -EBADMSG after a request that breaks the
 * protocol, -EINVAL after a manifest that was refused (the peer was told), or
 * -errno.
 */
int serve(int sock, const struct hasher *hasher);

/**
 * serve_shared() - serve() as one of many
 * @sock: does not block
 *
 * A peer that sends no manifest, or does not take its answers, is left alone
 * after a while. Return: as serve(), or -ETIMEDOUT.
 */
int serve_shared(int sock, const struct serving *serving);

#endif
