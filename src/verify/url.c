/* SPDX-License-Identifier: Apache-2.0 */
/* The part of the URL standard that decides which file a key names. */
#include "verify/url.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/hex.h"
#include "verify/url_parts.h"

/* In URLs of the special schemes a backslash is a slash. */
static bool is_slash(char c)
{
	return c == '/' || c == '\\';
}

static bool is_path_end(char c)
{
	return c == '\0' || c == '?' || c == '#';
}

/* "C:" or "C|", which URLs treat as a drive on every system. */
static bool is_drive(const char *p, size_t len)
{
	return len == 2 && isalpha((unsigned char)p[0]) &&
	       (p[1] == ':' || p[1] == '|');
}

static bool starts_with_drive(const char *p)
{
	return p[0] != '\0' && is_drive(p, p[1] != '\0' ? 2 : 1) &&
	       (is_slash(p[2]) || is_path_end(p[2]));
}

/* Are the first @len bytes "/C:" or go on beneath it? */
static bool is_on_drive(const char *path, size_t len)
{
	return len >= 3 && is_drive(path + 1, 2) && path[2] == ':' &&
	       (len == 3 || path[3] == '/');
}

static void shorten(struct builder *b)
{
	/* A drive alone cannot be left. */
	if (b->len == 3 && is_on_drive(b->path, b->len))
		return;
	while (b->len > 0 && b->path[--b->len] != '/')
		;
}

/* The length of one dot at @p, plain or encoded; 0 if there is none. */
static size_t dot_len(const char *p, size_t len)
{
	if (len >= 1 && p[0] == '.')
		return 1;
	if (len >= 3 && strncasecmp(p, "%2e", 3) == 0)
		return 3;
	return 0;
}

/* How many dots is the segment made of? 0 if of anything else. */
static int count_dots(const char *p, size_t len)
{
	int dots = 0;

	while (len > 0) {
		size_t n = dot_len(p, len);

		if (n == 0)
			return 0;
		p += n;
		len -= n;
		dots++;
	}
	return dots;
}

/* Decodes one character at @p. Returns its length, or -EILSEQ. */
static int decode_char(const char *p, size_t len, char *ret)
{
	int high = len >= 3 && p[0] == '%' ? hex_value(p[1]) : -1;
	int low = high >= 0 ? hex_value(p[2]) : -1;

	*ret = p[0];
	if (low < 0)
		return 1;
	*ret = (char)(high * 16 + low);
	return *ret == '/' || *ret == '\0' ? -EILSEQ : 3;
}

static int append(struct builder *b, const char *p, size_t len)
{
	bool is_first = b->len == 0;

	b->path[b->len++] = '/';
	if (is_first && is_drive(p, len)) {
		b->path[b->len++] = p[0];
		b->path[b->len++] = ':';
		return 0;
	}
	for (size_t i = 0; i < len;) {
		int n = decode_char(p + i, len - i, &b->path[b->len]);

		if (n < 0)
			return n;
		b->len++;
		i += (size_t)n;
	}
	return 0;
}

int url_parse_path(struct builder *b, const char *p)
{
	for (;;) {
		size_t len = strcspn(p, "/\\?#");
		bool is_last = is_path_end(p[len]);
		int dots = count_dots(p, len);
		int r = 0;

		if (dots == 2)
			shorten(b);
		if (dots != 1 && dots != 2)
			r = append(b, p, len);
		else if (is_last)
			r = append(b, "", 0);
		if (r < 0)
			return r;
		if (is_last)
			break;
		p += len + 1;
	}
	return 0;
}

/*
 * A host at @p: only none or "localhost" mean this machine.
 * Return: 1 this machine, 0 another one, -EINVAL not a host.
 */
static int judge_host(const char *p, size_t len)
{
	static const char local[] = "localhost";
	size_t n = 0;
	bool is_local = true;

	if (len > 0 && p[0] == '[')
		return 0;
	for (size_t i = 0; i < len; n++) {
		char c;
		int step = decode_char(p + i, len - i, &c);

		if (step < 0 || (unsigned char)c <= ' ' || c == 0x7f ||
		    strchr("#/:<>?@[\\]^|%", c))
			return -EINVAL;
		if (n >= sizeof(local) - 1 || tolower(c) != local[n])
			is_local = false;
		i += (size_t)step;
	}
	return n == 0 || (is_local && n == sizeof(local) - 1);
}

/* What follows "//" in a file URL. */
static int parse_host(struct builder *b, const char *p)
{
	size_t len = strcspn(p, "/\\?#");
	int r = 1;

	b->len = 0;
	if (!is_drive(p, len)) {
		r = judge_host(p, len);
		p += len;
		if (is_slash(*p))
			p++;
	}
	if (r <= 0)
		return r;
	r = url_parse_path(b, p);
	return r < 0 ? r : 1;
}

int url_parse_file(struct builder *b, const char *p)
{
	int r;

	if (is_slash(p[0]) && is_slash(p[1]))
		return parse_host(b, p + 2);
	if (is_slash(p[0])) {
		p++;
		b->len = !starts_with_drive(p) && is_on_drive(b->path, b->len) ?
				 3 :
				 0;
	}
	r = url_parse_path(b, p);
	return r < 0 ? r : 1;
}

size_t url_scheme_len(const char *p)
{
	size_t n = 0;

	if (!isalpha((unsigned char)p[0]))
		return 0;
	while (isalnum((unsigned char)p[n]) || p[n] == '+' || p[n] == '-' ||
	       p[n] == '.')
		n++;
	return p[n] == ':' ? n : 0;
}

/* Other schemes name no file; the special ones are invalid without a host. */
static int judge_other_scheme(const char *p, size_t len)
{
	const char *rest = p + len + 1;

	return url_is_special(p, len) &&
			       is_path_end(rest[strspn(rest, "/\\")]) ?
		       -EINVAL :
		       0;
}

char *url_clean(const char *key)
{
	size_t len = strlen(key);
	char *copy = calloc(1, len + 1);
	char *out = copy;

	if (!copy)
		return NULL;
	while (len > 0 && (unsigned char)key[len - 1] <= ' ')
		len--;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)key[i];

		if (c == '\t' || c == '\n' || c == '\r' ||
		    (out == copy && c <= ' '))
			continue;
		*out++ = key[i];
	}
	*out = '\0';
	return copy;
}

bool url_is_relative(const char *key)
{
	return key[strspn(key, ".")] == '/' && strspn(key, ".") <= 2;
}

int url_resolve(const char *key, const char *directory, char **ret_path)
{
	_cleanup_free_ char *text = url_clean(key);
	_cleanup_free_ char *path = NULL;
	struct builder b = { 0 };
	const char *p = text;
	int r;

	if (!text)
		return -ENOMEM;
	path = malloc(strlen(directory) + strlen(text) + 3);
	if (!path)
		return -ENOMEM;
	b.path = path;
	if (url_is_relative(key)) {
		b.len = strcmp(directory, "/") == 0 ? 0 : strlen(directory);
		memcpy(b.path, directory, b.len);
	} else {
		size_t n = url_scheme_len(text);

		if (n == 0)
			return -EINVAL;
		if (n != 4 || strncasecmp(text, "file", 4) != 0)
			return judge_other_scheme(text, n);
		p = text + n + 1;
	}
	r = url_parse_file(&b, p);
	if (r <= 0)
		return r;
	b.path[b.len] = '\0';
	if (strchr(p, '?') || strchr(p, '#') || strstr(b.path, "//"))
		return 0;
	*ret_path = take_ptr(&path);
	return 1;
}

char *url_encode_path(const char *path)
{
	static const char hex[] = "0123456789ABCDEF";
	char *copy = malloc(3 * strlen(path) + 1);
	char *out = copy;

	if (!copy)
		return NULL;
	for (const char *p = path; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;

		if (c > ' ' && c < 0x7f && !strchr("\"#%<>?[\\]^`{|}~", c)) {
			*out++ = *p;
			continue;
		}
		*out++ = '%';
		*out++ = hex[c >> 4];
		*out++ = hex[c & 15];
	}
	*out = '\0';
	return copy;
}
