/* SPDX-License-Identifier: Apache-2.0 */
/* Which files the dynamic linker will map for a program, read from the ELF. */
#ifndef SUPERVISE_ELF_H
#define SUPERVISE_ELF_H

#include "common/strlist.h"

/**
 * elf_closure() - the interpreter and all libraries that @path needs
 * @path: a program or a shared library for x86-64; hostile content is safe
 * @closure: real paths are added that it does not have yet: PT_INTERP, then
 *           every DT_NEEDED, transitively, as ld.so(8) finds them (DT_RPATH,
 *           DT_RUNPATH, ld.so.cache, default directories; LD_LIBRARY_PATH is
 *           never passed on and not looked at)
 *
 * A library that is not found is left out: the linker will say so. Nothing is
 * added for a static program.
 *
 * Return: 0; -ENOEXEC: not such an ELF file; or -errno of open(2), read(2).
 */
int elf_closure(const char *path, struct strings *closure);

#endif
