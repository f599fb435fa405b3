/* SPDX-License-Identifier: Apache-2.0 */
/* Many sessions at once: who may have one, and a thread for each. */
#ifndef VERIFY_SERVICE_H
#define VERIFY_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

struct hasher;

struct service_options {
	size_t memory; /* bytes */
	unsigned n_sessions;
	unsigned n_snapshots;
	unsigned idle_s; /* end after so long without a session; 0: never */
	bool any_user; /* else only our own */
};

/** service_fds() - the descriptors that it may need */
unsigned service_fds(const struct service_options *options);

/**
 * service_run() - take connections until there is no more to do
 * @listener: does not block
 *
 * Makes its threads, then gives up all system calls that it does not need.
 * Return: 0 after the idle time, or -errno.
 */
int service_run(int listener, const struct hasher *hasher,
		const struct service_options *options);

#endif
