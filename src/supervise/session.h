/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A conversation with nsverifyd. Not locked: one caller at a time.
 */
#ifndef SUPERVISE_SESSION_H
#define SUPERVISE_SESSION_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/proto.h"
#include "supervise/resources.h"
#include "supervise/spawn.h"

struct session {
	char *manifest; /* its resolved path */
	int manifest_fd; /* the text that a restart loads again */
	char *integrity; /* its expected hash, or NULL */
	char key[NSV_KEY_SIZE]; /* who must have signed it; "": nobody */
	char signature[NSV_SIGNATURE_SIZE];
	char *socket; /* of a service, resolved; NULL: a process of our own */
	uint32_t flags; /* enum nsv_flags */
	struct spawned process;
	struct spawned spare; /* takes its place; its pid stays known */
	unsigned n_restarts;
	bool is_loaded; /* once, so that answers come fast */
	bool is_ended; /* failed twice, or spoke nonsense */
	uint64_t last_id;
};

/**
 * session_start() - spawn nsverifyd, or connect to one, and hand it the
 * manifest at @path
 * @key: file with the public key that must have signed it, or NULL; the
 *       signature is in the file @path.sig
 * @socket: of a verifier that serves many, or NULL to spawn one
 *
 * Does not wait: there is much to do meanwhile. Logs what is wrong.
 * Return: 0 or -errno; session_done() in any case.
 */
int session_start(struct session *session, const char *path,
		  const char *integrity, const char *key, const char *socket);

/**
 * session_loaded() - wait until the manifest is loaded
 * @ret_index: memfd with the list of resources (common/proto.h), owned
 *
 * Logs the manifest's errors. Return: 0 or -errno.
 */
int session_loaded(struct session *session, int *ret_index);

/**
 * session_spare() - make ready what replaces a verifier that fails
 *
 * From now on no process is made: the caller may give up the right to.
 * Return: 0 or -errno.
 */
int session_spare(struct session *session);

/** session_done() - end the process, free everything */
void session_done(struct session *session);

/**
 * session_check() - one question about one file, one answer
 * @ret_snapshot: with NSV_MATCH the sealed copy, owned; else -1
 *
 * A verifier that died or hangs is replaced once. Return: 0, or -errno when
 * the session has ended: then the run must end, too.
 */
int session_check(struct session *session, const char *spelling, int fd,
		  struct nsv_reply *reply, int *ret_snapshot);

/** session_ask() - send a question without waiting. 0 or -errno. */
int session_ask(struct session *session, enum nsv_kind kind, const char *path,
		int fd, uint64_t *ret_id);

/** session_receive() - the answer to the oldest open question, @id */
int session_receive(struct session *session, uint64_t id,
		    struct nsv_reply *reply, int *ret_fd);

/**
 * session_question() - NSV_URL or NSV_RESOLVE
 * @text: @len bytes for the field integrity
 *
 * Return: 0 with @reply; -ENAMETOOLONG; -EPIPE when the verifier failed twice;
 * or another -errno, after which it has ended.
 */
int session_question(struct session *s, enum nsv_kind kind, const char *url,
		     const char *text, size_t len, struct nsv_reply *reply);

/** session_verdict() - 0, or -EBADMSG: a match has a sealed copy, and only it */
static inline int session_verdict(const struct nsv_reply *reply, int snapshot)
{
	if ((reply->verdict == NSV_MATCH) != (snapshot >= 0))
		return -EBADMSG;
	return snapshot < 0 || resources_is_sealed(snapshot) ? 0 : -EBADMSG;
}

/**
 * session_break() - out of step: the next session_check() starts anew
 * @error: -EBADMSG, what was answered is malformed: there is no next one
 */
void session_break(struct session *session, int error);

#endif
