/* SPDX-License-Identifier: Apache-2.0 */
/* What the dynamic linker reads in one ELF file. */
#ifndef SUPERVISE_ELF_FILE_H
#define SUPERVISE_ELF_FILE_H

#include <stdbool.h>

#include "common/strlist.h"

struct elf_file {
	char *interp; /* PT_INTERP, or NULL */
	char *soname; /* DT_SONAME, or NULL */
	char *rpath; /* DT_RPATH, or NULL */
	char *runpath; /* DT_RUNPATH, or NULL */
	bool no_default; /* DF_1_NODEFLIB: neither cache nor default directories */
	struct strings needed; /* DT_NEEDED, in order */
};

/**
 * elf_file_read() - read the dynamic section of @path
 *
 * Any content is safe: every offset is checked against its table, every string
 * against its end.
 *
 * Return: 0; -ENOEXEC: not a sound 64-bit x86-64 program or library; -ENOMEM;
 * or -errno of open(2). @ret is to be freed by elf_file_done() in any case.
 */
int elf_file_read(const char *path, struct elf_file *ret);

/** elf_file_done() - free everything */
void elf_file_done(struct elf_file *file);

#endif
