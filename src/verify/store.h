/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the sessions of a service share, and the limits that it keeps: parsed
 * manifests, verified snapshots, memory. Sessions of different users share
 * nothing. Any thread may call.
 */
#ifndef VERIFY_STORE_H
#define VERIFY_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "verify/cache.h"
#include "verify/integrity.h"

struct manifest;
struct store;
struct user;

struct store_limits {
	size_t memory; /* bytes: manifests, snapshots, copies being made */
	size_t n_snapshots;
	unsigned n_sessions; /* of all users */
	unsigned n_user_sessions; /* of one user */
};

/* A manifest that was loaded, with its index. */
struct loaded {
	struct loaded *next;
	unsigned n_users; /* sessions */
	uid_t uid;
	struct digests digests; /* SHA-256 of its text */
	char *directory; /* where its relative keys start */
	size_t held; /* memory that it stands for */
	struct manifest *manifest;
	int index; /* sealed memfd, or -1 */
};

/** store_new() - an empty one. NULL: no memory. */
struct store *store_new(const struct store_limits *limits);

/** store_free() - when no session is left; accepts NULL */
void store_free(struct store *store);

/** store_enter() - a session of @uid begins. NULL: there are too many. */
struct user *store_enter(struct store *store, uid_t uid);

/** store_leave() - it ends */
void store_leave(struct store *store, struct user *user);

/** store_count() - sessions */
unsigned store_count(struct store *store);

/** store_uid() - of whom @user is */
uid_t store_uid(const struct user *user);

/**
 * store_hold() - memory for a manifest
 *
 * Snapshots make room for it. Return: 0 or -ENOSPC.
 */
int store_hold(struct store *store, size_t size);

/** store_unhold() - give back what store_hold() gave */
void store_unhold(struct store *store, size_t size);

/** loaded_free() - of one that is not shared; accepts NULL */
void loaded_free(struct loaded *loaded);

/**
 * store_find_manifest() - one that a session of the same user has loaded
 *
 * Return: to be given back by store_drop_manifest(), or NULL.
 */
struct loaded *store_find_manifest(struct store *store, const struct user *user,
				   const struct digests *digests,
				   const char *directory);

/**
 * store_share_manifest() - let others find @loaded, which is the store's then
 *
 * Return: @loaded, or the one that another session has shared meanwhile; to
 * be given back by store_drop_manifest().
 */
struct loaded *store_share_manifest(struct store *store,
				    const struct user *user,
				    struct loaded *loaded);

/** store_drop_manifest() - accepts NULL */
void store_drop_manifest(struct store *store, struct loaded *loaded);

/**
 * store_find_snapshot() - a copy that was verified before
 *
 * Return: a descriptor, owned by the caller, or -ENOENT.
 */
int store_find_snapshot(struct store *store, const struct cache_key *key);

/** store_keep_snapshot() - for who asks next; @fd stays the caller's */
void store_keep_snapshot(struct store *store, const struct cache_key *key,
			 int fd);

/**
 * store_begin_copy() - room for a copy of @size bytes
 *
 * Large ones of all sessions together stay within the memory; who would go
 * beyond waits for a while. Return: 0 or -EBUSY; then no store_end_copy().
 */
int store_begin_copy(struct store *store, struct user *user, size_t size);

/** store_end_copy() - it was sent, kept or given up */
void store_end_copy(struct store *store, struct user *user, size_t size);

/** store_used() - memory that is held, kept or being filled */
size_t store_used(struct store *store);

#endif
