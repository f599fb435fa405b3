/* SPDX-License-Identifier: Apache-2.0 */
/* Names beneath /proc/PID: which of them are not what their text says. */
#include "supervise/proc_place.h"

#include <stdlib.h>
#include <string.h>

bool proc_place_parse(const char *path, struct proc_place *ret)
{
	char *end;

	*ret = (struct proc_place){ 0 };
	if (strncmp(path, "/proc/", 6) != 0)
		return false;
	ret->pid = (pid_t)strtol(path + 6, &end, 10);
	if (ret->pid <= 0)
		return false;
	ret->tid = ret->pid;
	if (strncmp(end, "/task/", 6) == 0) {
		ret->tid = (pid_t)strtol(end + 6, &end, 10);
		if (ret->tid <= 0)
			return false;
	}
	if (*end == '\0')
		return true;
	if (*end != '/' || strchr(end + 1, '/') ||
	    strlen(end + 1) >= sizeof(ret->directory))
		return false;
	memcpy(ret->directory, end + 1, strlen(end + 1) + 1);
	return true;
}

const char *proc_place_host_state(const char *path)
{
	const char *at;

	if (strncmp(path, "/proc/", 6) != 0)
		return NULL;
	at = path + 6 + strspn(path + 6, "0123456789");
	if (strncmp(at, "/task/", 6) == 0)
		at += 6 + strspn(at + 6, "0123456789");
	return at > path + 6 && strncmp(at, "/net", 4) == 0 &&
			       (at[4] == '/' || at[4] == '\0') ?
		       at :
		       NULL;
}

static bool is_number(const char *text)
{
	return *text && text[strspn(text, "0123456789")] == '\0';
}

bool proc_place_is_magic(const struct proc_place *place, const char *name)
{
	if (place->directory[0] == '\0')
		return strcmp(name, "cwd") == 0 || strcmp(name, "root") == 0 ||
		       strcmp(name, "exe") == 0;
	if (strcmp(place->directory, "fd") == 0)
		return is_number(name);
	return strcmp(place->directory, "ns") == 0 ||
	       strcmp(place->directory, "map_files") == 0;
}
