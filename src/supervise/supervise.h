/* SPDX-License-Identifier: Apache-2.0 */
/* The threads that answer notifications, and the one that watches them. */
#ifndef SUPERVISE_SUPERVISE_H
#define SUPERVISE_SUPERVISE_H

struct supervisor;

/**
 * supervise_start() - start answering on supervisor->listener
 *
 * One receiver answers everything in turn. When it is stuck in one request (a
 * FIFO, a lease, a hung file system, a large hash), another one takes over,
 * so that a slow file stalls only its own request; a request that is not
 * answered after 10 s is denied.
 *
 * Return: 0 or -errno. The threads end with the process.
 */
int supervise_start(struct supervisor *supervisor);

#endif
