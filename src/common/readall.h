/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files into memory. See read(2). */
#ifndef COMMON_READALL_H
#define COMMON_READALL_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Reads from where @fd is until @len bytes are there or the file ends.
 * Return: how many they are, or -errno.
 */
ssize_t read_fully(int fd, void *buffer, size_t len);

/*
 * Reads @fd to its end, at most @max bytes. *@ret is the caller's to free(); a
 * NUL stands behind its @ret_len bytes.
 * Return: 0, -EFBIG (there is more), -ENOMEM, or read's -errno.
 */
int read_to_end(int fd, size_t max, char **ret, size_t *ret_len);

/*
 * The same for the file @path, which has to be a regular one: nothing else is
 * waited for, or changed by being opened.
 * Return: also -EINVAL (not a regular file) and open's -errno.
 */
int read_regular(const char *path, size_t max, char **ret, size_t *ret_len);

#endif
