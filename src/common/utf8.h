/* SPDX-License-Identifier: Apache-2.0 */
/* The one UTF-8 decoder: strict, no overlong forms, no surrogates. */
#ifndef COMMON_UTF8_H
#define COMMON_UTF8_H

#include <stddef.h>
#include <stdint.h>

/**
 * utf8_decode() - the character at the start of @text (RFC 3629)
 * @ret: the code point; untouched when the bytes are not valid
 *
 * Return: its length in bytes (1 to 4), or 0 if the bytes are not valid UTF-8
 * or @len is 0.
 */
static inline size_t utf8_decode(const char *text, size_t len, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *s = (const unsigned char *)text;
	uint32_t c;
	size_t n;

	if (len == 0)
		return 0;
	if (s[0] < 0x80) {
		*ret = s[0];
		return 1;
	}
	n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : s[0] >= 0xc2 ? 2 : 0;
	if (n == 0 || s[0] > 0xf4 || n > len)
		return 0;
	c = s[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = (c << 6) | (s[i] & 0x3fu);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret = c;
	return n;
}

/**
 * utf8_printable() - length of a printable character at the start of @text
 *
 * Return: 1 to 4, or 0 for a control character (C0, DEL, C1) or bad UTF-8.
 */
static inline size_t utf8_printable(const char *text, size_t len)
{
	uint32_t c = 0;
	size_t n = utf8_decode(text, len, &c);

	return (c < 0x20 || (c >= 0x7f && c < 0xa0)) ? 0 : n;
}

#endif
