/* SPDX-License-Identifier: Apache-2.0 */
/* Starting nsverifyd on a socketpair. */
#ifndef SUPERVISE_SPAWN_H
#define SUPERVISE_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

/**
 * spawn_verifier_path() - where nsverifyd is: beside our own program when it
 * runs from a build tree, else in the libexec directory
 *
 * Return: a static string, or NULL when it is nowhere.
 */
const char *spawn_verifier_path(void);

struct spawned {
	int socket; /* ours, owned; -1: none */
	int pidfd;
	pid_t pid; /* for people and to hide it; never to signal it */
};

/**
 * spawn_verifier() - start it, with an empty environment and no descriptors
 * but its socket and stderr
 * @is_spare: only fork; the program is executed when the first message comes
 *
 * Safe in a process with threads. Return: 0 or -errno; -ENOENT when the
 * program is missing.
 */
int spawn_verifier(bool is_spare, struct spawned *ret);

/**
 * spawned_is_wanted() - in a spare: wait for the first message
 *
 * Return: true when it has come, false when nobody will ever send one.
 */
bool spawned_is_wanted(int socket);

/** spawned_end() - kill and reap it; accepts one that is gone */
void spawned_end(struct spawned *spawned);

#endif
