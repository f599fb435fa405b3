/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the supervisor and the verifier say to each other: one fixed struct
 * per SOCK_SEQPACKET message, at most one descriptor with it.
 *
 *   NSV_LOAD   + the manifest, open for reading  -> NSV_LOADED + index memfd,
 *                                                   or NSV_REFUSED with a text
 *   NSV_CHECK  + the resource, open for reading  -> NSV_MATCH + sealed memfd,
 *                                                   NSV_ANY, NSV_MISMATCH,
 *                                                   NSV_UNLISTED, NSV_ERROR
 *   NSV_ASK    (no descriptor)                   -> what NSV_CHECK would need:
 *                                                   NSV_LISTED (a hash decides),
 *                                                   NSV_ANY, NSV_UNLISTED
 *   NSV_URL     path: a URL, integrity: digests  -> as NSV_CHECK; as NSV_ASK
 *               of its content, or ""               without digests
 *   NSV_RESOLVE path: the URL of a module,       -> NSV_DEFAULT, NSV_REDIRECT
 *               integrity: a specifier, NUL, the    (text: the URL), NSV_MISSING,
 *               active conditions, commas between   NSV_INVALID (text: a code)
 *
 * Requests may be sent ahead; replies come in order and echo the id. Both ends
 * treat any other size, version, id or descriptor as the end of the session.
 * A shared verifier that has too many sessions sends NSV_REFUSED with id 0,
 * unasked, and closes.
 *
 * The index is the list of file resources, for the supervisor to know which
 * paths to ask about: records of one kind byte and a NUL-terminated absolute
 * path: 'h' hashes, 'a' any content, 'n' nothing accepted, 'c' scopes decide.
 */
#ifndef COMMON_PROTO_H
#define COMMON_PROTO_H

#include <assert.h>
#include <stdint.h>

#define NSV_VERSION 1u
#define NSV_SOCKET_FD 3 /* where the private verifier finds its socket */
#define NSV_PATH_SIZE 4096
#define NSV_SRI_SIZE 512
#define NSV_TEXT_SIZE 1024
#define NSV_KEY_SIZE 512
#define NSV_SIGNATURE_SIZE 128

enum nsv_kind {
	NSV_LOAD = 1,
	NSV_CHECK,
	NSV_ASK,
	NSV_URL,
	NSV_RESOLVE,
};

enum nsv_verdict {
	NSV_LOADED = 1,
	NSV_REFUSED,
	NSV_MATCH,
	NSV_ANY,
	NSV_LISTED,
	NSV_MISMATCH,
	NSV_UNLISTED,
	NSV_ERROR,
	NSV_DEFAULT,
	NSV_REDIRECT,
	NSV_MISSING,
	NSV_INVALID,
};

/* Flags of NSV_LOADED. */
enum nsv_flags {
	NSV_ONERROR_LOG = 1, /* neither: throw */
	NSV_ONERROR_EXIT = 2,
	NSV_HAS_SCOPES = 4, /* an unlisted file may still be allowed */
	NSV_HAS_DEPENDENCIES = 8, /* some specifier is not simply allowed */
	NSV_HAS_QUERIES =
		16, /* a file is listed with a query or fragment only */
	NSV_HAS_URLS = 32, /* some key is not that of a file */
};

struct nsv_request {
	uint32_t version;
	uint32_t kind;
	uint64_t id;
	char path[NSV_PATH_SIZE]; /* absolute, resolved, NUL-terminated */
	char integrity[NSV_TEXT_SIZE]; /* NSV_LOAD: --policy-integrity or "" */
	char key[NSV_KEY_SIZE]; /* NSV_LOAD: --policy-key, PEM, or "" */
	char signature[NSV_SIGNATURE_SIZE]; /* NSV_LOAD: with a key */
};

struct nsv_reply {
	uint32_t version;
	uint32_t verdict;
	uint64_t id;
	uint32_t flags;
	uint32_t pid; /* NSV_LOADED: of a shared verifier; else 0 */
	char expected[NSV_SRI_SIZE]; /* NSV_MISMATCH: from the manifest */
	char actual[NSV_SRI_SIZE]; /* NSV_MISMATCH: of the bytes, same algorithm */
	char text[NSV_TEXT_SIZE]; /* one line for people: NSV_REFUSED, NSV_ERROR */
};

static_assert(sizeof(struct nsv_request) == 16 + NSV_PATH_SIZE + NSV_TEXT_SIZE +
						    NSV_KEY_SIZE +
						    NSV_SIGNATURE_SIZE,
	      "the request has no padding");
static_assert(sizeof(struct nsv_reply) == 24 + 2 * NSV_SRI_SIZE + NSV_TEXT_SIZE,
	      "the reply has no padding");

#endif
