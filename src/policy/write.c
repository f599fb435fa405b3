/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a manifest, and the way into its file. */
#include "policy/write.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "policy/source.h"
#include "verify/url.h"

/* The key of @path, escaped so that Node.js finds the same file by it. */
static char *make_key(const char *path, const char *base)
{
	size_t len = base && strcmp(base, "/") != 0 ? strlen(base) : 0;
	_cleanup_free_ char *encoded = NULL;
	char *key = NULL;

	if (!base || strncmp(path, base, len) != 0 ||
	    (path[len] != '/' && path[len] != '\0'))
		return url_encode_path(path);
	encoded = url_encode_path(path + len);
	if (!encoded)
		return NULL;
	if (asprintf(&key, ".%s", encoded[0] != '\0' ? encoded : "/") < 0)
		return NULL;
	return key;
}

static int add_roots(struct strings *ret, const struct strings *roots,
		     const char *base)
{
	for (size_t i = 0; i < roots->n; i++) {
		_cleanup_free_ char *key = make_key(roots->items[i], base);
		char *root;

		if (!key)
			return -ENOMEM;
		/* A directory, which a key shows by its last slash. */
		if (asprintf(&root, "%s%s", key,
			     key[strlen(key) - 1] == '/' ? "" : "/") < 0 ||
		    strings_add_owned(ret, root) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int add_list(struct json_object *object, const char *name,
		    const struct strings *list)
{
	struct json_object *array = list_to_json(list);

	if (!array)
		return -ENOMEM;
	if (json_object_object_add(object, name, array) < 0) {
		json_object_put(array);
		return -ENOMEM;
	}
	return 0;
}

static int write_origin(FILE *out, const struct origin *origin,
			const char *base)
{
	_cleanup_(strings_done) struct strings roots = { 0 };
	struct json_object *object = json_object_new_object();
	int r = object ? add_roots(&roots, origin->roots, base) : -ENOMEM;

	if (r == 0)
		r = add_list(object, "roots", &roots);
	if (r == 0 && origin->code->n > 0)
		r = add_list(object, "code", origin->code);
	if (r == 0 && origin->exclude->n > 0)
		r = add_list(object, "exclude", origin->exclude);
	if (r == 0)
		(void)fprintf(out, "\t\"%s\": %s,\n", ORIGIN_KEY,
			      json_object_to_json_string_ext(
				      object,
				      JSON_C_TO_STRING_SPACED |
					      JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
	return r;
}

/* In quotes, as JSON. */
static int write_string(FILE *out, const char *text)
{
	struct json_object *string = json_object_new_string(text);

	if (!string)
		return -ENOMEM;
	(void)fputs(json_object_to_json_string_ext(
			    string, JSON_C_TO_STRING_NOSLASHESCAPE),
		    out);
	json_object_put(string);
	return 0;
}

/* A file by its path, anything else by its URL; specifiers stay themselves. */
static int write_key(FILE *out, const char *identity, const char *base)
{
	_cleanup_free_ char *key = identity[0] == '/' ?
					   make_key(identity, base) :
					   strdup(identity);

	return key ? write_string(out, key) : -ENOMEM;
}

static int write_map(FILE *out, const struct strings *specifiers,
		     const char *base)
{
	int r = 0;

	(void)fputs("{", out);
	for (size_t i = 0; r == 0 && i < specifiers->n; i++) {
		(void)fputs(i > 0 ? ",\n\t\t\t" : "\n\t\t\t", out);
		r = write_key(out, specifiers->items[i], base);
		(void)fputs(": true", out);
	}
	(void)fputs(" }", out);
	return r;
}

/*
 * Without the field "dependencies" Node.js refuses every require(). Keys made
 * from paths hold nothing that JSON would escape; URLs and specifiers may.
 */
static int write_resource(FILE *out, const struct listed *item,
			  const char *base)
{
	const char *before = ", ";
	char sri[SRI_TEXT_SIZE];
	int r = write_key(out, item->path, base);

	(void)fputs(": { ", out);
	switch (item->kind) {
	case LISTED_HASH:
		digests_format(&item->digests, sri);
		(void)fprintf(out, "\"integrity\": \"%s\"", sri);
		break;
	case LISTED_ANY:
		(void)fputs("\"integrity\": true", out);
		break;
	case LISTED_NOTHING:
		before = "";
		break;
	}
	if (item->dependencies == LISTED_NO_FIELD || r < 0) {
		(void)fputs(" }", out);
		return r;
	}
	(void)fprintf(out, "%s\"dependencies\": ", before);
	if (item->dependencies == LISTED_ALL)
		(void)fputs("true", out);
	else
		r = write_map(out, &item->specifiers, base);
	(void)fputs(" }", out);
	return r;
}

static int write_resources(FILE *out, const struct listing *listing,
			   const char *base)
{
	int r = 0;

	(void)fputs("\t\"resources\": {", out);
	for (size_t i = 0; r == 0 && i < listing->n; i++) {
		(void)fputs(i > 0 ? ",\n\t\t" : "\n\t\t", out);
		r = write_resource(out, &listing->items[i], base);
	}
	(void)fputs(listing->n > 0 ? "\n\t}\n" : "}\n", out);
	return r;
}

int write_manifest(const struct listing *listing, const char *base,
		   const struct origin *origin, char **ret, size_t *ret_len)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int r;

	if (!out)
		return -ENOMEM;
	(void)fputs("{\n\t\"$schema\": \"" MANIFEST_SCHEMA "\",\n", out);
	r = write_origin(out, origin, base);
	if (r == 0)
		r = write_resources(out, listing, base);
	(void)fputs("}\n", out);
	if (fclose(out) != 0)
		r = -ENOMEM;
	if (r < 0) {
		free(text);
		return r;
	}
	*ret = text;
	*ret_len = len;
	return 0;
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_new(const char *path, const char *text, size_t len)
{
	_cleanup_free_ char *temporary = NULL;
	_cleanup_close_ int fd = -EBADF;
	mode_t mask = umask(0);
	int r;

	(void)umask(mask);
	if (asprintf(&temporary, "%s.XXXXXX", path) < 0) {
		temporary = NULL;
		return -ENOMEM;
	}
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = write_all(fd, text, len);
	if (r == 0 && (fchmod(fd, 0666 & ~mask) < 0 || fsync(fd) < 0 ||
		       rename(temporary, path) < 0))
		r = -errno;
	if (r < 0)
		(void)unlink(temporary); /* nothing half-written stays */
	return r;
}

int write_file(const char *path, const char *text, size_t len)
{
	_cleanup_free_ char *target = realpath(path, NULL);
	_cleanup_close_ int fd = -EBADF;
	struct stat st;
	int r;

	if (!target || (stat(target, &st) == 0 && S_ISREG(st.st_mode))) {
		r = write_new(target ? target : path, text, len);
	} else {
		fd = open(target, O_WRONLY | O_CLOEXEC | O_NOCTTY);
		r = fd < 0 ? -errno : write_all(fd, text, len);
	}
	if (r < 0)
		log_error("cannot write '%s': %s", path, strerror(-r));
	return r;
}
