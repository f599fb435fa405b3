/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The supervisor's side of the verifier: starts it, loads the manifest, asks,
 * keeps verified snapshots and works ahead of the target.
 */
#ifndef SUPERVISE_VERIFIER_H
#define SUPERVISE_VERIFIER_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "common/proto.h"

struct rules;
struct verifier;

/* What becomes of an open of a listed or a code file. */
enum verdict_kind {
	VERDICT_SNAPSHOT, /* inject ret_fd: a verified, sealed copy */
	VERDICT_PLAIN, /* any content is accepted: open the file itself */
	VERDICT_REFUSED, /* .text says why */
	VERDICT_ENDED, /* the verifier failed twice: the run must end */
};

enum onerror {
	ONERROR_THROW,
	ONERROR_LOG,
	ONERROR_EXIT,
};

struct verdict {
	enum verdict_kind kind;
	bool is_mismatch; /* refused because the bytes differ */
	char actual[NSV_SRI_SIZE]; /* … from these; "" if none was computed */
	char reason[2 * NSV_SRI_SIZE + 256]; /* refused: for people */
	const char *hint; /* refused: what to do next; static */
};

/**
 * verifier_start() - spawn nsverifyd or connect to it, hand it the manifest
 * @path: the manifest
 * @integrity: its expected hash, or NULL
 * @key: file with the key that must have signed it, or NULL
 * @socket: of a verifier that serves many runs, or NULL: one of our own
 *
 * Logs what is wrong. The verifier runs unrestricted by our own domain; it
 * confines itself to nothing. It loads while the caller goes on.
 *
 * Return: 0 or -errno (the command must not start).
 */
int verifier_start(const char *path, const char *integrity, const char *key,
		   const char *socket, struct verifier **ret);

/**
 * verifier_loaded() - wait until the manifest is loaded
 *
 * Logs the manifest's errors with their place. Return: 0 or -errno.
 */
int verifier_loaded(struct verifier *verifier);

/** verifier_spare() - make its replacement ready; see session_spare() */
int verifier_spare(struct verifier *verifier);

/** verifier_pids() - of nsverifyd and of its spare, which may be 0 */
void verifier_pids(const struct verifier *verifier, pid_t ret[2]);

/** verifier_is() - is process @pid one of them? Also after a restart. */
bool verifier_is(const struct verifier *verifier, pid_t pid);

/** verifier_path() - the resolved path of listed file @i, NULL at the end */
const char *verifier_path(const struct verifier *verifier, size_t i);

/** verifier_alias() - the listed path of a file with several names, or NULL */
const char *verifier_alias(struct verifier *verifier, const struct stat *st);

/** verifier_onerror() - as the manifest says */
enum onerror verifier_onerror(const struct verifier *verifier);

/** verifier_manifest() - the manifest's resolved path */
const char *verifier_manifest(const struct verifier *verifier);

/**
 * verifier_list() - tell @rules which files are listed
 *
 * Resolves the manifest's spelling of each; one that does not exist is listed
 * as it is spelt. Return: 0 or -ENOMEM.
 */
int verifier_list(struct verifier *verifier, struct rules *rules);

/**
 * verifier_check() - may the file behind @fd be delivered as @path?
 * @fd: open for reading (borrowed); its offset does not matter
 * @ret_fd: VERDICT_SNAPSHOT: a fresh descriptor of the sealed copy, owned by
 *          the caller
 *
 * Waits for the verifier unless a snapshot is at hand; within the deadline.
 */
void verifier_check(struct verifier *verifier, const char *path, int fd,
		    const struct stat *st, struct verdict *ret, int *ret_fd);

/**
 * verifier_cached() - a kept snapshot of @path that @st still fits
 *
 * Return: a fresh descriptor of it, owned by the caller, or -errno.
 */
int verifier_cached(struct verifier *verifier, const char *path,
		    const struct stat *st);

/**
 * verifier_blocked() - was a package.json above @path refused?
 * @ret: its path. Some runtimes go on without a description they cannot read;
 *       then the code that it describes must not load either.
 */
bool verifier_blocked(struct verifier *verifier, const char *path, char *ret,
		      size_t size);

/** verifier_block() - remember that the package.json at @path was refused */
void verifier_block(struct verifier *verifier, const char *path);

/**
 * verifier_ahead() - start the thread that verifies before it is asked
 * @script: the entry script or NULL: its directory comes first
 */
void verifier_ahead(struct verifier *verifier, const char *script);

/**
 * verifier_question() - ask about a URL: NSV_URL or NSV_RESOLVE
 *
 * Return: as session_question(); -EPIPE: the run must end.
 */
int verifier_question(struct verifier *verifier, enum nsv_kind kind,
		      const char *url, const char *text, size_t len,
		      struct nsv_reply *reply);

/** verifier_limits_dependencies() - is some specifier not simply allowed? */
bool verifier_limits_dependencies(const struct verifier *verifier);

/** verifier_has_urls() - is a key of it not that of a file? */
bool verifier_has_urls(const struct verifier *verifier);

/** verifier_lists_queries() - is a file listed with a query only? */
bool verifier_lists_queries(const struct verifier *verifier);

/** verifier_stop() - at the end: end the process; accepts NULL */
void verifier_stop(struct verifier *verifier);

#endif
