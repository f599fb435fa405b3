/* SPDX-License-Identifier: Apache-2.0 */
/* Which files are code: what a manifest has to list. */
#ifndef POLICY_CODE_H
#define POLICY_CODE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/strlist.h"

/** code_is_name() - is a file of this name code for one of our runtimes? */
bool code_is_name(const char *name);

/** code_is_start() - are these the first bytes of a program (#! or ELF)? */
bool code_is_start(const char *bytes, size_t len);

/**
 * code_is_program() - does the file begin like a program (#! or ELF)?
 *
 * Return: 1, 0, or -errno if it cannot be read.
 */
int code_is_program(int dir_fd, const char *name);

/** code_print() - all patterns on stdout, for --help */
void code_print(void);

#endif
