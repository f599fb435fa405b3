/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that is printed from the table of options. */
#ifndef SUPERVISE_USAGE_H
#define SUPERVISE_USAGE_H

#include <stdio.h>

/**
 * usage_print() - print one form of the help
 * @what: NULL: --help; "version"; and what the build makes files of: "man" (a
 *        section in mdoc) and "completion" (for bash)
 *
 * Return: 0, -EINVAL for another @what, or -errno of writing.
 */
int usage_print(const char *what, FILE *out);

#endif
