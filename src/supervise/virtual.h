/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtual files: what the target may ask the supervisor by opening a name
 * beneath /.nssupervise/. Works in every thread and child, and there is no
 * socket to inherit or to forge.
 */
#ifndef SUPERVISE_VIRTUAL_H
#define SUPERVISE_VIRTUAL_H

#include <stdbool.h>

/* What the launched child opens to see that its opens are answered. */
#define VIRTUAL_SELF_TEST_PATH "/.nssupervise/self-test"
#define VIRTUAL_SELF_TEST_TEXT "nssupervise self-test\n"

struct call;

/** virtual_is_path() - is @text the name of a virtual file? */
bool virtual_is_path(const char *text);

/** virtual_open() - answer with a small sealed memfd, or ENOENT */
void virtual_open(struct call *call, const char *text);

#endif
