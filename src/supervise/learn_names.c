/* SPDX-License-Identifier: Apache-2.0 */
/* What the names of files say about what they are. */
#include "supervise/learn_names.h"

#include <ctype.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define RANDOM_MIN 6 /* mkstemp(3) */
#define DATE_MIN 10 /* digits of a date and a time */
#define PID_MIN 3 /* digits */
#define NUMBER_MIN 4 /* process ids, times */

static bool is_one_of(const char *text, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(text, list[i]) == 0)
			return true;
	return false;
}

#define IS_ONE_OF(text, list) \
	is_one_of(text, list, sizeof(list) / sizeof((list)[0]))

/* Is @path @directory, or above it? */
static bool is_at_or_above(const char *path, const char *directory)
{
	size_t len = strlen(path);

	if (!directory)
		return false;
	return strncmp(path, directory, len) == 0 &&
	       (directory[len] == '/' || directory[len] == '\0');
}

/* Keys and passwords, of which a new one must not be read by chance. */
static bool is_private(const char *home, const char *path)
{
	static const char *const names[] = { ".ssh",  ".gnupg",  ".aws",
					     ".kube", ".docker", ".config",
					     ".local" };
	size_t len = home ? strlen(home) : 0;

	return home && strncmp(path, home, len) == 0 && path[len] == '/' &&
	       IS_ONE_OF(path + len + 1, names);
}

bool learn_is_broad(const struct learn_place *place, const char *path)
{
	static const char *const broad[] = {
		"/",
		"/bin",
		"/boot",
		"/dev",
		"/dev/shm",
		"/etc",
		"/home",
		"/lib",
		"/lib32",
		"/lib64",
		"/media",
		"/mnt",
		"/opt",
		"/proc",
		"/root",
		"/run",
		"/run/user",
		"/sbin",
		"/srv",
		"/sys",
		"/tmp",
		"/usr",
		"/usr/bin",
		"/usr/lib",
		"/usr/lib32",
		"/usr/lib64",
		"/usr/libexec",
		"/usr/local",
		"/usr/local/bin",
		"/usr/local/lib",
		"/usr/sbin",
		"/usr/local/share",
		"/usr/share",
		"/var",
		"/var/cache",
		"/var/lib",
		"/var/log",
		"/var/run",
		"/var/spool",
		"/var/tmp",
	};

	if (IS_ONE_OF(path, broad) || is_at_or_above(path, place->home) ||
	    is_private(place->home, path))
		return true;
	if (strncmp(path, "/home/", 6) == 0 && !strchr(path + 6, '/'))
		return true;
	if (strncmp(path, "/proc/", 6) == 0)
		return true;
	return place->cwd && strcmp(path, place->cwd) != 0 &&
	       is_at_or_above(path, place->cwd);
}

bool learn_is_temporary(const struct learn_place *place, const char *path)
{
	static const char *const names[] = { "/tmp", "/var/tmp", "/dev/shm" };

	return IS_ONE_OF(path, names) ||
	       (place->tmpdir && strcmp(path, place->tmpdir) == 0);
}

bool learn_is_package(const char *name)
{
	static const char *const names[] = { "node_modules", "site-packages",
					     "dist-packages", "__pycache__",
					     ".git" };

	return IS_ONE_OF(name, names);
}

bool learn_is_number(const char *name)
{
	return *name && name[strspn(name, "0123456789")] == '\0';
}

bool learn_is_dated(const char *name)
{
	size_t n = 0;

	for (; *name; name++)
		n += isdigit((unsigned char)*name) != 0;
	return n >= DATE_MIN;
}

/* What a run of letters and digits has of each, and whether they mix. */
static bool is_mixed(const char *name, size_t len)
{
	size_t n_digits = 0, n_turns = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)name[i];

		n_digits += isdigit(c) != 0;
		/* From lower case or a digit to upper case, and so on. */
		if (i > 0 &&
		    (isdigit(c) != isdigit((unsigned char)name[i - 1]) ||
		     (isupper(c) && islower((unsigned char)name[i - 1]))))
			n_turns++;
	}
	return n_turns >= 2 || (n_turns > 0 && n_digits >= NUMBER_MIN);
}

bool learn_is_random(const char *name)
{
	while (*name) {
		size_t len = 0;

		while (isalnum((unsigned char)name[len]))
			len++;
		if ((len >= NUMBER_MIN && strspn(name, "0123456789") == len) ||
		    (len >= RANDOM_MIN && is_mixed(name, len)))
			return true;
		name += len ? len : 1;
	}
	return false;
}

bool learn_hide_number(const char *path, pid_t pid, char *ret)
{
	const char *name = strrchr(path, '/'), *at;
	char number[16];
	size_t len;

	len = (size_t)snprintf(number, sizeof(number), "%d", pid);
	if (!name || len < PID_MIN || strlen(path) >= PATH_MAX ||
	    strncmp(path, "/proc/", 6) == 0)
		return false;
	for (at = strstr(name, number); at; at = strstr(at + 1, number)) {
		if (isdigit((unsigned char)at[-1]) ||
		    isdigit((unsigned char)at[len]))
			continue;
		(void)snprintf(ret, PATH_MAX, "%.*s" LEARN_ANY "%s",
			       (int)(at - path), path, at + len);
		return true;
	}
	return false;
}
