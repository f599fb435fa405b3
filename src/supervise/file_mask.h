/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files are created with the umask of who asks. The kernel applies it, as it
 * would for him: default ACLs are in its place where a directory has them.
 */
#ifndef SUPERVISE_FILE_MASK_H
#define SUPERVISE_FILE_MASK_H

#include <sys/types.h>

/**
 * file_mask_own() - give the calling thread a umask of its own
 *
 * Containers refuse unshare(2): then all threads share one, and one after the
 * other takes it.
 */
void file_mask_own(void);

/**
 * file_mask_take() - what this thread creates from here on has @mask
 *
 * file_mask_drop() has to follow what is created. It does nothing where no mask
 * was taken.
 */
void file_mask_take(mode_t mask);
void file_mask_drop(void);

#endif
