/* SPDX-License-Identifier: Apache-2.0 */
/* The next request to be answered: in order, or in turn when many ask. */
#ifndef SUPERVISE_RECEIVE_H
#define SUPERVISE_RECEIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "supervise/notify.h"

struct supervisor;

/**
 * receive_next() - wait for the next request
 * @ret_since: when it was taken from the kernel (receive_now()); 0: just now
 *
 * Any thread may call; one at a time waits, the others wait for that one.
 * When many threads of the sandbox ask, all that wait are taken from the
 * kernel, and their processes get their turns.
 *
 * Return: 0, or as notify_receive().
 */
int receive_next(const struct supervisor *supervisor, union notification *ret,
		 int64_t *ret_since);

/** receive_took() - a request kept a receiver busy for @us microseconds */
void receive_took(int64_t us);

/** receive_is_crowded() - do many ask, or for long? */
bool receive_is_crowded(void);

/** receive_now() - microseconds, monotonic */
int64_t receive_now(void);

#endif
