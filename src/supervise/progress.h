/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for another process that may be busy, or hung. */
#ifndef SUPERVISE_PROGRESS_H
#define SUPERVISE_PROGRESS_H

#include <sys/types.h>

/**
 * progress_wait() - until @fd can be read
 * @pid: who will write; 0 when that is not known
 * @patience_ms: so long for one that does nothing,
 * @most_ms: and so long while it computes or waits for a disk
 *
 * Return: 0, -ETIMEDOUT, or -errno of poll(2).
 */
int progress_wait(int fd, pid_t pid, int patience_ms, int most_ms);

#endif
