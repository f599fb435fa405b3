/* SPDX-License-Identifier: Apache-2.0 */
/* Which files are the runtime's own code: its program and its libraries. */
#include "supervise/images.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"

/* Where a distribution and its administrator put libraries. */
static const char *const system_trees[] = {
	"/lib",         "/lib32",         "/lib64",           "/libx32",
	"/usr/lib",     "/usr/lib32",     "/usr/lib64",       "/usr/libx32",
	"/usr/libexec", "/usr/local/lib", "/usr/local/lib64",
};

static int add(struct strings *list, const char *path, struct strings *trees)
{
	_cleanup_free_ char *real = realpath(path, NULL);
	struct stat st;

	if (!real)
		return errno == ENOMEM ? -ENOMEM : 0;
	if (trees && stat(real, &st) == 0 && S_ISDIR(st.st_mode))
		list = trees;
	return strings_contain(list, real) ? 0 : strings_add(list, real);
}

int images_set_runtime(struct images *images, const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0) {
		images->dev = st.st_dev;
		images->ino = st.st_ino;
	}
	return images_add(images, path);
}

int images_add(struct images *images, const char *path)
{
	return add(&images->files, path, &images->trees);
}

int images_add_child(struct images *images, const char *path)
{
	return add(&images->child_files, path, NULL);
}

static bool is_beneath(const char *tree, const char *path)
{
	size_t len = strlen(tree);

	return strncmp(tree, path, len) == 0 && path[len] == '/';
}

static bool is_of_system(const char *path)
{
	size_t n = sizeof(system_trees) / sizeof(system_trees[0]);

	for (size_t i = 0; i < n; i++)
		if (is_beneath(system_trees[i], path))
			return true;
	return false;
}

bool images_are_of_runtime(const struct images *images, const char *path)
{
	if (strings_contain(&images->files, path))
		return true;
	for (size_t i = 0; i < images->trees.n; i++)
		if (is_beneath(images->trees.items[i], path))
			return true;
	return images->has_system && is_of_system(path);
}

bool images_are_of_child(const struct images *images, const char *path)
{
	return is_of_system(path) ||
	       strings_contain(&images->child_files, path);
}

void images_done(struct images *images)
{
	strings_done(&images->files);
	strings_done(&images->trees);
	strings_done(&images->child_files);
	*images = (struct images){ 0 };
}
