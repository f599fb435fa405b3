/* SPDX-License-Identifier: Apache-2.0 */
/* How soon a thread gets the processor when it wakes up. */
#ifndef SUPERVISE_SLICE_H
#define SUPERVISE_SLICE_H

/**
 * slice_shorten() - be awake soon, also beside many that compute
 *
 * With a short slice we get no more of the processor, but sooner. For the
 * calling thread and those that it makes later. The niceness stays; a kernel
 * before Linux 6.12 has no such thing.
 */
void slice_shorten(void);

#endif
