/* SPDX-License-Identifier: Apache-2.0 */
/* What an open asks for, from its flags alone. */
#ifndef SUPERVISE_WISH_H
#define SUPERVISE_WISH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "supervise/request.h"

struct wish {
	int flags;
	mode_t mode;
	bool read;
	bool write; /* includes truncation and creation */
	bool create;
	bool is_tmpfile;
	bool is_path; /* O_PATH: only the metadata and an anchor */
	bool by_kernel; /* O_PATH, done by the kernel itself */
	uint64_t restricted; /* RESOLVE_* of openat2 */
};

/**
 * wish_read() - the flags of open, creat, openat or openat2
 * @inject_all: no open is answered with CONTINUE
 *
 * Return: 0, or the -errno with which the kernel refuses these flags.
 */
int wish_read(const struct request *request, bool inject_all, struct wish *ret);

#endif
