/* SPDX-License-Identifier: Apache-2.0 */
/* The file of --learn: there whole, or as it was. */
#ifndef SUPERVISE_LEARN_FILE_H
#define SUPERVISE_LEARN_FILE_H

#include <stddef.h>

struct learn_file {
	char *path;
	char *temporary; /* beside it, until it is finished */
	int fd; /* -EBADF: not open */
};

/**
 * learn_file_open() - make sure that @path can be written, at the end
 *
 * Call it with the rights of then. A link or a device is refused. Logs what is
 * wrong. Return: 0 or -errno.
 */
int learn_file_open(const char *path, struct learn_file *ret);

/** learn_file_write() - all of it, in place of @path. 0 or -errno. */
int learn_file_write(struct learn_file *file, const char *text, size_t len);

/** learn_file_done() - leaves nothing behind that was not finished */
void learn_file_done(struct learn_file *file);

#endif
