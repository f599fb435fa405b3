/* SPDX-License-Identifier: Apache-2.0 */
/* npm's cache names content by its hash; libarchive reads it. */
#include "policy/tarball.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "common/readall.h"
#include "verify/algorithms.h"
#include "verify/integrity.h"

#define TARBALL_MAX ((size_t)1 << 30)
#define CHUNK ((size_t)64 << 10)

/* _cacache/content-v2/sha512/ab/cd/ef0123... */
static char *content_path(const char *cache, const struct integrity_entry *e)
{
	const struct algorithm_row *row = &algorithms[e->algorithm];
	char hex[2 * DIGEST_SIZE_MAX + 1];
	char *path = NULL;

	for (size_t i = 0; i < row->size; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", e->digest[i]);
	if (asprintf(&path, "%s/_cacache/content-v2/%s/%.2s/%.2s/%s", cache,
		     row->name, hex, hex + 2, hex + 4) < 0)
		return NULL;
	return path;
}

static int find_entry(const char *cache, struct integrity *wanted,
		      struct hashing *hashing, char **ret, size_t *ret_len)
{
	_cleanup_free_ char *path = content_path(cache, wanted->entries);
	_cleanup_free_ char *bytes = NULL;
	struct digests digests = { 0 };
	size_t len = 0;
	/* All of it at once: what is hashed is what is read as an archive. */
	int r = path ? read_regular(path, TARBALL_MAX, &bytes, &len) : -ENOMEM;

	if (r == -EINVAL || r == -EFBIG)
		r = -EBADMSG;
	if (r == 0)
		r = hash_buffer(hashing, wanted->algorithms, bytes, len,
				&digests);
	if (r < 0)
		return r;
	if (!integrity_match(wanted, &digests))
		return -EBADMSG;
	*ret = take_ptr(&bytes);
	*ret_len = len;
	return 0;
}

/* Tokens that are not ours are skipped, as npm does it. */
static int find_token(const char *cache, const char *token, int algorithm,
		      struct hashing *hashing, char **ret, size_t *ret_len)
{
	_cleanup_(integrity_done) struct integrity wanted = { 0 };
	struct integrity_error err;
	int r = integrity_parse(token, &wanted, &err);

	if (r == -ENOMEM)
		return r;
	if (r < 0 || wanted.n_entries != 1 || !wanted.entries[0].can_match ||
	    (int)wanted.entries[0].algorithm != algorithm)
		return -EOPNOTSUPP;
	return find_entry(cache, &wanted, hashing, ret, ret_len);
}

int tarball_find(const char *cache, const char *integrity,
		 struct hashing *hashing, char **ret, size_t *ret_len)
{
	int result = -EOPNOTSUPP;

	for (int a = N_ALGORITHMS - 1; a >= 0; a--) {
		_cleanup_free_ char *copy = strdup(integrity);
		char *rest = NULL;
		char *token = copy ? strtok_r(copy, " \t\r\n", &rest) : NULL;

		if (!copy)
			return -ENOMEM;
		for (; token; token = strtok_r(NULL, " \t\r\n", &rest)) {
			int r = find_token(cache, token, a, hashing, ret,
					   ret_len);

			if (r == 0)
				return 0;
			if (r != -EOPNOTSUPP)
				result = r;
		}
		/* A weaker function must not help out. */
		if (result != -EOPNOTSUPP)
			break;
	}
	return result;
}

/* Return: the name below the package; NULL: npm does not unpack it. */
static char *unpacked_name(const char *name)
{
	const char *at = strchr(name, '/');
	char *ret = malloc(strlen(name) + 1);
	size_t len = 0;

	while (ret && at) {
		size_t n;

		at++;
		n = strcspn(at, "/");
		if (n == 2 && strncmp(at, "..", 2) == 0)
			break;
		if (n > 0 && !(n == 1 && at[0] == '.')) {
			if (len > 0)
				ret[len++] = '/';
			memcpy(ret + len, at, n);
			len += n;
		}
		at = at[n] == '/' ? at + n : NULL;
	}
	if (ret)
		ret[len] = '\0';
	if (!at && len > 0)
		return ret;
	free(ret);
	return NULL;
}

static int read_content(struct archive *archive, char **ret, size_t *ret_len)
{
	_cleanup_free_ char *bytes = NULL;
	size_t size = 0, len = 0;

	for (;;) {
		la_ssize_t n;

		if (size - len < CHUNK) {
			char *more = realloc(bytes, 2 * size + CHUNK);

			if (!more)
				return -ENOMEM;
			bytes = more;
			size = 2 * size + CHUNK;
		}
		n = archive_read_data(archive, bytes + len, size - len);
		if (n == ARCHIVE_RETRY)
			continue;
		if (n < 0)
			return -EBADMSG;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	*ret = take_ptr(&bytes);
	*ret_len = len;
	return 0;
}

static int take_entry(struct archive *archive, struct archive_entry *entry,
		      tarball_take *take, void *context)
{
	const char *full = archive_entry_pathname(entry);
	_cleanup_free_ char *name = NULL;
	_cleanup_free_ char *bytes = NULL;
	size_t len;
	int r;

	if (!full)
		full = archive_entry_pathname_utf8(entry);
	if (!full || archive_entry_filetype(entry) != AE_IFREG ||
	    archive_entry_hardlink(entry))
		return 0;
	name = unpacked_name(full);
	if (!name)
		return 0;
	r = read_content(archive, &bytes, &len);
	return r < 0 ? r : take(context, name, bytes, len);
}

static void archive_done(struct archive **archive)
{
	if (*archive)
		(void)archive_read_free(*archive);
}

int tarball_read(const char *bytes, size_t len, tarball_take *take,
		 void *context)
{
	_cleanup_(archive_done) struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	int r = 0, status;

	if (!archive)
		return -ENOMEM;
	(void)archive_read_support_filter_gzip(archive);
	(void)archive_read_support_format_tar(archive);
	status = archive_read_open_memory(archive, bytes, len);
	while (r == 0 && status >= ARCHIVE_WARN) {
		status = archive_read_next_header(archive, &entry);
		if (status == ARCHIVE_EOF)
			return 0;
		if (status >= ARCHIVE_WARN)
			r = take_entry(archive, entry, take, context);
	}
	if (r == 0 || r == -EBADMSG) {
		log_error("cannot read a tarball: %s",
			  archive_error_string(archive));
		r = -EBADMSG;
	}
	return r;
}
