/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hands the listener over where sendmsg(2) is notified: nobody could answer
 * that call yet. A process from before the filter, with the same descriptors,
 * makes it instead. Async-signal-safe.
 */
#ifndef SUPERVISE_MESSENGER_H
#define SUPERVISE_MESSENGER_H

#include <sys/types.h>

struct messenger {
	pid_t pid; /* 0: there is none */
	int fd; /* where it waits for the number */
};

/** messenger_start() - before the filter. Return: 0 or -errno. */
int messenger_start(struct messenger *messenger, int sock);

/**
 * messenger_send() - have descriptor @fd sent, as fdpass_send() does
 *
 * The messenger has ended when this returns. Return: 0 or -errno.
 */
int messenger_send(struct messenger *messenger, int fd);

#endif
