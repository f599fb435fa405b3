/* SPDX-License-Identifier: Apache-2.0 */
/* One supervisor's session with the verifier. */
#ifndef VERIFY_SESSION_H
#define VERIFY_SESSION_H

#include "common/proto.h"
#include "verify/serve.h"
#include "verify/store.h"

struct snapshot_tools;

struct session {
	int sock;
	struct serving serving;
	struct snapshot_tools *tools;
	struct loaded *loaded; /* NULL until there is a manifest */
	struct nsv_request request;
	struct nsv_reply reply;
};

/** session_refuse() - NSV_REFUSED with a text, after which it ends. 0. */
int session_refuse(struct session *session, const char *text);

/**
 * session_load() - NSV_LOAD: the manifest behind @fd
 * @ret_fd: with NSV_LOADED the index, owned by the caller
 *
 * The hash comes first: nothing unverified reaches the parser.
 *
 * Return: 0 with a reply, or -errno.
 */
int session_load(struct session *session, int fd, int *ret_fd);

/** session_unload() - gives the manifest back */
void session_unload(struct session *session);

#endif
