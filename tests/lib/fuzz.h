/* SPDX-License-Identifier: Apache-2.0 */
/* What fuzz targets share: the entry point, and ways to take input apart. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FUZZ_PATH_SIZE 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In fuzz-main.c, which says it; libFuzzer shows where abort() was called. */
void fuzz_failed(const char *what) __attribute__((weak));

#define FUZZ_TEXT_OF(x) #x
#define FUZZ_TEXT(x) FUZZ_TEXT_OF(x)

/* What no input may make false. */
#define FUZZ_CHECK(condition)                                       \
	do {                                                        \
		if (!(condition)) {                                 \
			if (fuzz_failed)                            \
				fuzz_failed(__FILE__ ":" FUZZ_TEXT( \
					__LINE__) ": " #condition); \
			abort();                                    \
		}                                                   \
	} while (0)

struct fuzz_input {
	const uint8_t *data;
	size_t size;
};

/* The next byte; 0 when there is none. */
static inline unsigned fuzz_byte(struct fuzz_input *in)
{
	if (in->size == 0)
		return 0;
	in->size--;
	return *in->data++;
}

/* The bytes up to a NUL or the end, as a string; freed by the caller. */
static inline char *fuzz_string(struct fuzz_input *in)
{
	size_t len = strnlen((const char *)in->data, in->size);
	char *text = malloc(len + 1);

	if (!text)
		abort();
	memcpy(text, in->data, len);
	text[len] = '\0';
	in->data += len;
	in->size -= len;
	(void)fuzz_byte(in);
	return text;
}

/* A file with these bytes, and a name by which it can be opened. */
static inline int fuzz_file(const void *data, size_t size,
			    char path[FUZZ_PATH_SIZE])
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	if (path)
		(void)snprintf(path, FUZZ_PATH_SIZE, "/proc/self/fd/%d", fd);
	return fd;
}

#endif
