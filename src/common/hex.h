/* SPDX-License-Identifier: Apache-2.0 */
/* Hexadecimal digits. */
#ifndef COMMON_HEX_H
#define COMMON_HEX_H

/** hex_value() - of one digit, in small or capital letters; -1 if it is none */
static inline int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
