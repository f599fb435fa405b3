/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean …?": the nearest of some known names. */
#ifndef SUPERVISE_SUGGEST_H
#define SUPERVISE_SUGGEST_H

#include <stddef.h>

/**
 * suggest_nearest() - the known name that @name was probably meant to be
 * @len: length of @name, which need not be NUL-terminated
 * @known: gives the known name number @i, or NULL at the end
 *
 * Return: one of the known names, or NULL if none is near.
 */
const char *suggest_nearest(const char *name, size_t len,
			    const char *(*known)(size_t i));

#endif
