/* SPDX-License-Identifier: Apache-2.0 */
/* What processes of the sandbox may know about each other without a flag. */
#include "supervise/relatives.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervise/target.h"

#define GENERATIONS_MAX 64

/* The parents of @pid up to the command's first process; 0: not of those. */
static size_t find_parents(const struct call *call, pid_t pid,
			   pid_t ret[GENERATIONS_MAX])
{
	struct target_status status;
	size_t n = 0;

	while (pid != call->supervisor->target_pid && n < GENERATIONS_MAX) {
		if (pid <= 1 ||
		    target_status(call->view.proc_fd, pid, &status) < 0)
			return 0;
		ret[n++] = pid;
		pid = status.ppid;
	}
	if (n == GENERATIONS_MAX)
		return 0;
	ret[n++] = pid;
	return n;
}

/*
 * Numbers are used again, so the way up is gone back down. Who has the same
 * parent at both times had it all the time between them, and so that was one
 * process, whose parent was read twice in that time, and so on. The first one
 * is the object's, if that still is alive afterwards.
 */
static bool is_descendant(const struct call *call, pid_t pid)
{
	pid_t parents[GENERATIONS_MAX];
	size_t n = find_parents(call, pid, parents);
	struct target_status status;

	for (size_t i = n; i-- > 1;)
		if (target_status(call->view.proc_fd, parents[i - 1], &status) <
			    0 ||
		    status.ppid != parents[i])
			return false;
	return n > 0;
}

/* A pin of procfs belongs to one process for good: of a dead one it is empty. */
static bool is_alive(const struct call *call, const struct object *object)
{
	_cleanup_close_ int fd = -1;
	char byte;

	if (S_ISDIR(object->st.st_mode))
		fd = openat(object->fd, "stat", O_RDONLY | O_CLOEXEC);
	else
		fd = reopen(call->supervisor, object->fd, O_RDONLY);
	return fd >= 0 && read(fd, &byte, 1) == 1;
}

static bool is_harmless(const struct object *object, pid_t owner)
{
	static const char *const names[] = { "",        "/stat", "/statm",
					     "/status", "/comm", "/cmdline" };
	char prefix[32];
	size_t len;

	len = (size_t)snprintf(prefix, sizeof(prefix), "/proc/%d", owner);
	if (strncmp(object->path, prefix, len) != 0)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(object->path + len, names[i]) == 0)
			return true;
	return false;
}

bool relatives_may_see(const struct call *call, const struct object *object,
		       pid_t owner)
{
	return owner > 0 && object->kind == OBJECT_PROC &&
	       is_harmless(object, owner) && is_descendant(call, owner) &&
	       is_alive(call, object);
}
