/* SPDX-License-Identifier: Apache-2.0 */
/* Where our own data lies: profiles, the shim. */
#include "supervise/data.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"

static int find_at(const char *directory, const char *folder, const char *name,
		   char **ret)
{
	_cleanup_free_ char *path = NULL;

	if (asprintf(&path, "%s/%s%s%s", directory, folder, name ? "/" : "",
		     name ? name : "") < 0)
		return -ENOMEM;
	if (access(path, F_OK) < 0)
		return -errno;
	*ret = take_ptr(&path);
	return 0;
}

static int find_in_tree(const char *folder, const char *name, char **ret)
{
	static const char *const above[] = { "", "/.." };
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe));
	char *slash;
	int r = -ENOENT;

	if (n <= 0 || (size_t)n >= sizeof(exe))
		return -ENOENT;
	exe[n] = '\0';
	slash = strrchr(exe, '/');
	if (!slash)
		return -ENOENT;
	*slash = '\0';
	if (strcmp(exe, BINDIR) == 0)
		return -ENOENT;
	for (size_t i = 0; i < sizeof(above) / sizeof(above[0]); i++) {
		char directory[PATH_MAX + 4];

		(void)snprintf(directory, sizeof(directory), "%s%s", exe,
			       above[i]);
		r = find_at(directory, folder, name, ret);
		if (r == 0 || r == -ENOMEM)
			return r;
	}
	return -ENOENT;
}

int data_find(const char *folder, const char *installed, const char *name,
	      char **ret)
{
	int r = find_in_tree(folder, name, ret);

	return r == -ENOENT ? find_at(PKGDATADIR, installed, name, ret) : r;
}
