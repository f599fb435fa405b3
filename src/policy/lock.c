/* SPDX-License-Identifier: Apache-2.0 */
/* package-lock.json, from version 2 on: the member "packages". */
#include "policy/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "policy/source.h"

/* Version 2 also has the nested tree of version 1. */
#define DEPTH_MAX 512
#define MODULES "node_modules/"

static bool is_set(struct json_object *object, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(object, name, &value) &&
	       json_object_get_boolean(value);
}

static const char *get_text(struct json_object *object, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(object, name, &value) &&
			       json_object_is_type(value, json_type_string) ?
		       json_object_get_string(value) :
		       NULL;
}

/* Relative, and below the project: no empty, "." or ".." part. */
static bool is_place(const char *key)
{
	for (const char *part = key;; part++) {
		size_t len = strcspn(part, "/");

		if (len == 0 || (len <= 2 && strspn(part, ".") == len))
			return false;
		part += len;
		if (*part == '\0')
			return true;
	}
}

static bool is_installed_place(const char *key)
{
	const char *at = strstr(key, MODULES);

	/* "my_node_modules/" is none. */
	while (at && at != key && at[-1] != '/')
		at = strstr(at + 1, MODULES);
	return at;
}

static int add_package(struct lock *lock, const char *key,
		       struct json_object *value)
{
	const char *integrity = get_text(value, "integrity");
	struct package *package = &lock->packages[lock->n];

	if (!json_object_is_type(value, json_type_object) ||
	    !is_installed_place(key) || is_set(value, "link") ||
	    is_set(value, "inBundle"))
		return 0;
	if (!is_place(key)) {
		log_error(
			"the lock names '%s', which is no place for a package",
			key);
		return -EINVAL;
	}
	if (asprintf(&package->path, "%s/%s",
		     lock->directory[1] ? lock->directory : "", key) < 0) {
		package->path = NULL;
		return -ENOMEM;
	}
	lock->n++;
	package->integrity = integrity ? strdup(integrity) : NULL;
	package->is_optional =
		is_set(value, "optional") || is_set(value, "dev") ||
		is_set(value, "devOptional") || is_set(value, "peer");
	return integrity && !package->integrity ? -ENOMEM : 0;
}

static int compare(const void *left, const void *right)
{
	return strcmp(((const struct package *)left)->path,
		      ((const struct package *)right)->path);
}

static int take_packages(const char *file, struct json_object *document,
			 struct lock *lock)
{
	struct json_object *packages;
	int r = 0;

	if (!json_object_is_type(document, json_type_object) ||
	    !json_object_object_get_ex(document, "packages", &packages) ||
	    !json_object_is_type(packages, json_type_object)) {
		log_error("'%s' has no \"packages\": it must be a lock file of "
			  "version 2 or 3, as npm 7 and newer write it",
			  file);
		return -EINVAL;
	}
	lock->packages = calloc((size_t)json_object_object_length(packages) + 1,
				sizeof(*lock->packages));
	if (!lock->packages)
		return -ENOMEM;
	json_object_object_foreach(packages, key, value)
	{
		if (r == 0)
			r = add_package(lock, key, value);
	}
	qsort(lock->packages, lock->n, sizeof(*lock->packages), compare);
	return r;
}

int lock_load(const char *file, struct lock *ret)
{
	_cleanup_close_ int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct json_object *document;
	int r;

	if (fd < 0) {
		r = -errno;
		log_error("cannot open '%s': %m", file);
		return r;
	}
	ret->directory = resolve_directory(file);
	if (!ret->directory)
		return -ENOENT;
	document = json_object_from_fd_ex(fd, DEPTH_MAX);
	if (!document) {
		log_error("'%s' is not JSON: %s", file,
			  json_util_get_last_err());
		return -EINVAL;
	}
	r = take_packages(file, document, ret);
	json_object_put(document);
	if (r == -ENOMEM)
		log_error("%s", strerror(ENOMEM));
	return r;
}

const struct package *lock_package(const struct lock *lock, const char *path)
{
	_cleanup_free_ char *copy = strdup(path);
	const struct package *found = NULL;
	char *slash;

	while (!found && lock->n > 0 && copy && (slash = strrchr(copy, '/'))) {
		const struct package key = { .path = copy };

		*slash = '\0';
		found = bsearch(&key, lock->packages, lock->n,
				sizeof(*lock->packages), compare);
	}
	return found;
}

bool lock_is_stray(const struct lock *lock, const char *path)
{
	size_t len = lock->directory[1] ? strlen(lock->directory) : 0;

	return strncmp(path, lock->directory, len) == 0 && path[len] == '/' &&
	       is_installed_place(path + len + 1) && !lock_package(lock, path);
}

void lock_done(struct lock *lock)
{
	for (size_t i = 0; i < lock->n; i++) {
		free(lock->packages[i].path);
		free(lock->packages[i].integrity);
	}
	free(lock->packages);
	free(lock->directory);
	*lock = (struct lock){ 0 };
}
