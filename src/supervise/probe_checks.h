/* SPDX-License-Identifier: Apache-2.0 */
/* The single probes of probe.c's table; only probe*.c need this. */
#ifndef SUPERVISE_PROBE_CHECKS_H
#define SUPERVISE_PROBE_CHECKS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "supervise/lacks.h"

#define PROBE_LANDLOCK_ABI LACKS_FULL_ABI

/* One row of probe_table.c. */
struct probe {
	const char *name;
	const char *purpose;
	const char *consequence; /* when it is missing, and what to do */
	int (*run)(void); /* see probe_checks.h */
	const char *(*explain)(int error);
	bool is_needed;
	bool is_forked; /* else it is part of probe_required() */
	bool is_supervision; /* not needed where there is no supervisor */
	bool is_landlock; /* judged by its ABI: see lacks.h */
};

enum probe_use {
	PROBE_NOTHING,
	PROBE_ALONE, /* without a supervisor */
	PROBE_SUPERVISED,
};

/**
 * probe_missing() - the first that fails of those that @use needs
 * @also: the name of one more, or NULL
 * @ret_text: what follows from it; static
 *
 * Return: NULL when all work.
 */
const struct probe *probe_missing(enum probe_use use, const char *also,
				  const char **ret_text);

/** probe_table() - all of them, in the order of --check */
const struct probe *probe_table(size_t *ret_n);

/* A probe returns 0, or -errno; -ENOTRECOVERABLE: it works, but wrongly. */

/* Those change nothing and cannot block (probe_place.c). */
int probe_privileges(void);
int probe_procfs(void);
int probe_openat2(void);
int probe_landlock(void);
int probe_landlock_errata(void);
int probe_seccomp_notify(void);
int probe_memfd_seals(void);
int probe_memfd_noexec(void);

/* Each of the others wants a process of its own (probe_cage.c). */
int probe_landlock_domain(void);
int probe_landlock_nesting(void);
int probe_no_new_privs(void);
int probe_capabilities(void);
int probe_filter(void);
int probe_filter_i386(void);
int probe_target_memory(void);
int probe_pidfd_getfd(void);

/* The same, with a listener (probe_listener.c). */
int probe_listener(void);
int probe_wait_killable(void);
int probe_wake_up(void);
int probe_addfd(void);
int probe_listener_close(void);

/* A child of the probing process, and a socket to it (probe_peer.c). */
struct peer {
	pid_t pid; /* 0: there is none (any more) */
	int sock;
};

/**
 * peer_start() - fork, and run @body in the child
 * @body: returns 0 or -errno: what peer_wait() returns. Its end of the
 *	socket is @sock.
 *
 * The child dies with this process. Return: 0 or -errno.
 */
int peer_start(int (*body)(int sock, void *data), void *data, struct peer *ret);

/** peer_say() - wake the other side, see peer_listen(). 0 or -errno. */
int peer_say(int sock);

/** peer_listen() - wait for peer_say(); -EPIPE: the other side is gone */
int peer_listen(int sock);

/** peer_status() - wait for its end; the wait status, or -errno */
int peer_status(struct peer *peer);

/** peer_wait() - the same, as what @body returned; -ECHILD: it was killed */
int peer_wait(struct peer *peer);

/** peer_done() - kill it if it is still there, close the socket */
void peer_done(struct peer *peer);

#endif
