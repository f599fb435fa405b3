/* SPDX-License-Identifier: Apache-2.0 */
/* Identities of URLs: of files their path, of all else a canonical text. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/cleanup.h"
#include "verify/url.h"
#include "verify/url_parts.h"

/* Schemes whose URLs have a host, and the port that goes without saying. */
static const struct {
	const char *name;
	const char *port;
} special[] = {
	{ "http", ":80" }, { "https", ":443" }, { "ws", ":80" },
	{ "wss", ":443" }, { "ftp", ":21" },
};

#define N_SPECIAL (sizeof(special) / sizeof(special[0]))

static size_t find_special(const char *scheme, size_t len)
{
	size_t i = 0;

	while (i < N_SPECIAL &&
	       (strlen(special[i].name) != len ||
		strncasecmp(scheme, special[i].name, len) != 0))
		i++;
	return i;
}

bool url_is_special(const char *scheme, size_t len)
{
	return find_special(scheme, len) < N_SPECIAL;
}

/*
 * A query, a fragment or an opaque path: controls and what is not ASCII are
 * escaped, as the URL standard does; a blank and quotes only in the former.
 */
static char *escape(const char *text, bool is_opaque)
{
	static const char hex[] = "0123456789ABCDEF";
	char *copy = calloc(3, strlen(text) + 1);
	char *out = copy;

	if (!copy)
		return NULL;
	for (const char *p = text; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;

		if (c >= ' ' && c < 0x7f &&
		    (is_opaque || !strchr(" \"<>", c))) {
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

static int join(char **ret, const char *head, const char *path,
		const char *rest)
{
	_cleanup_free_ char *encoded = url_encode_path(path);
	_cleanup_free_ char *tail = escape(rest, false);

	if (!encoded || !tail ||
	    asprintf(ret, "%s%s%s", head, encoded, tail) < 0)
		return -ENOMEM;
	return 1;
}

static int make_builder(struct builder *b, const char *text,
			const char *directory)
{
	size_t len = directory && strcmp(directory, "/") != 0 ?
			     strlen(directory) :
			     0;

	b->path = malloc(len + strlen(text) + 3);
	if (!b->path)
		return -ENOMEM;
	if (directory)
		memcpy(b->path, directory, len);
	b->len = len;
	return 0;
}

/* @p: what follows "file:", or a reference relative to @directory */
static int file_identity(const char *p, const char *directory, char **ret)
{
	_cleanup_free_ char *path = NULL;
	struct builder b;
	const char *rest = p + strcspn(p, "?#");
	int r = make_builder(&b, p, directory);

	if (r < 0)
		return r;
	path = b.path;
	r = url_parse_file(&b, p);
	if (r < 0)
		return r;
	if (r == 0) {
		*ret = NULL;
		return asprintf(ret, "file:%s", p) < 0 ? -ENOMEM : 1;
	}
	path[b.len] = '\0';
	if (*rest != '\0' || strstr(path, "//")) {
		/* A second slash at once would make a host of what follows. */
		return join(ret, path[1] == '/' ? "file://" : "file:", path,
			    rest);
	}
	*ret = take_ptr(&path);
	return 1;
}

/* "https://HOST/PATH": @p is what follows the colon. */
static int special_identity(size_t which, const char *p, char **ret)
{
	_cleanup_free_ char *head = NULL;
	_cleanup_free_ char *path = NULL;
	struct builder b;
	size_t host_len, port_len;
	char *host;
	int r;

	p += strspn(p, "/\\");
	host_len = strcspn(p, "/\\?#");
	if (host_len == 0)
		return -EINVAL;
	if (asprintf(&head, "%s://%.*s", special[which].name, (int)host_len,
		     p) < 0)
		return -ENOMEM;
	host = head + strlen(special[which].name);
	for (char *c = host; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	port_len = strlen(special[which].port);
	if (strlen(host) > port_len &&
	    strcmp(head + strlen(head) - port_len, special[which].port) == 0)
		head[strlen(head) - port_len] = '\0';
	p += host_len;
	r = make_builder(&b, p, NULL);
	if (r < 0)
		return r;
	path = b.path;
	r = url_parse_path(&b, *p == '/' || *p == '\\' ? p + 1 : p);
	if (r < 0)
		return r;
	path[b.len] = '\0';
	return join(ret, head, path, p + strcspn(p, "?#"));
}

/* "data:…", "node:fs": the text itself, the scheme in small letters. */
static int opaque_identity(const char *text, size_t scheme_len, char **ret)
{
	char *copy = escape(text, true);

	if (!copy)
		return -ENOMEM;
	for (size_t i = 0; i < scheme_len; i++)
		copy[i] = (char)tolower((unsigned char)copy[i]);
	*ret = copy;
	return 1;
}

int url_canonical(const char *text, const char *directory, char **ret)
{
	_cleanup_free_ char *cleaned = url_clean(text);
	size_t which, len;

	if (!cleaned)
		return -ENOMEM;
	if (url_is_relative(text))
		return directory ? file_identity(cleaned, directory, ret) :
				   -EINVAL;
	len = url_scheme_len(cleaned);
	if (len == 0)
		return -EINVAL;
	if (len == 4 && strncasecmp(cleaned, "file", 4) == 0)
		return file_identity(cleaned + 5, NULL, ret);
	which = find_special(cleaned, len);
	return which < N_SPECIAL ?
		       special_identity(which, cleaned + len + 1, ret) :
		       opaque_identity(cleaned, len, ret);
}

char *url_of(const char *identity)
{
	_cleanup_free_ char *encoded = NULL;
	char *text = NULL;

	if (identity[0] == '/') {
		encoded = url_encode_path(identity);
		if (!encoded || asprintf(&text, "file://%s", encoded) < 0)
			return NULL;
		return text;
	}
	if (strncmp(identity, "file:/", 6) == 0 && identity[6] != '/') {
		if (asprintf(&text, "file://%s", identity + 5) < 0)
			return NULL;
		return text;
	}
	return strdup(identity);
}
