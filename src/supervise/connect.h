/* SPDX-License-Identifier: Apache-2.0 */
/* A verifier that serves many runs, instead of one of our own. */
#ifndef SUPERVISE_CONNECT_H
#define SUPERVISE_CONNECT_H

struct spawned;

/**
 * connect_verifier() - a session with the service at the socket @path
 * @wait_ms: try so long while it is not there, as during a restart
 * @ret: no process of ours: its pidfd is -1, its pid 0
 *
 * Who answers there decides what is trusted: it must have been made by our own
 * user or by root.
 *
 * Return: 0; -EPERM: it is somebody else's; -ENAMETOOLONG; or -errno of
 * connect(2).
 */
int connect_verifier(const char *path, int wait_ms, struct spawned *ret);

/**
 * connect_spare() - make a process that can connect when we no longer can
 *
 * It waits for connect_take() and ends with us. Return: 0 or -errno.
 */
int connect_spare(const char *path, struct spawned *ret);

/**
 * connect_take() - let the spare connect; it is used up then
 *
 * Return: as connect_verifier().
 */
int connect_take(struct spawned *spare, struct spawned *ret);

#endif
