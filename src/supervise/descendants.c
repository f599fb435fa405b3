/* SPDX-License-Identifier: Apache-2.0 */
/* The processes that descend from this one, by what /proc says. */
#include "supervise/descendants.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"

struct process {
	pid_t pid;
	pid_t parent;
	bool is_ours;
};

struct processes {
	struct process *items;
	size_t n;
};

static void processes_done(struct processes *processes)
{
	free(processes->items);
}

/* The fourth field; the second is a name in brackets, with any characters. */
static pid_t read_parent(int proc_fd, const char *pid)
{
	_cleanup_close_ int fd = -1;
	char name[64], text[512];
	const char *end;
	long parent;
	ssize_t n;

	(void)snprintf(name, sizeof(name), "%.32s/stat", pid);
	fd = openat(proc_fd, name, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return -1;
	text[n] = '\0';
	end = strrchr(text, ')');
	/* ") S 123" */
	if (!end || strlen(end) < 4)
		return -1;
	parent = strtol(end + 4, NULL, 10);
	return parent > 0 && parent <= INT_MAX ? (pid_t)parent : -1;
}

static int add(struct processes *all, pid_t pid, pid_t parent)
{
	struct process *items;

	if ((all->n & (all->n - 1)) == 0) {
		items = reallocarray(all->items, all->n ? 2 * all->n : 64,
				     sizeof(*items));
		if (!items)
			return -ENOMEM;
		all->items = items;
	}
	all->items[all->n++] = (struct process){ .pid = pid, .parent = parent };
	return 0;
}

static int read_all(struct processes *all)
{
	_cleanup_closedir_ DIR *proc = opendir("/proc");
	struct dirent *entry;
	int r = 0;

	if (!proc)
		return -errno;
	for (errno = 0; r == 0 && (entry = readdir(proc)); errno = 0) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		pid_t parent =
			pid > 0 ? read_parent(dirfd(proc), entry->d_name) : -1;

		if (parent > 0)
			r = add(all, pid, parent);
	}
	return r == 0 && errno ? -errno : r;
}

static bool is_kept(const pid_t *keep, size_t n, pid_t pid)
{
	for (size_t i = 0; i < n; i++)
		if (keep[i] == pid)
			return true;
	return false;
}

static bool is_parent_ours(const struct processes *all, pid_t parent)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->items[i].pid == parent)
			return all->items[i].is_ours;
	return false;
}

/* Until nothing changes: a child's pid may be lower than its parent's. */
static void mark(struct processes *all, const pid_t *keep, size_t n_keep)
{
	pid_t self = getpid();
	bool again = true;

	while (again) {
		again = false;
		for (size_t i = 0; i < all->n; i++) {
			struct process *p = &all->items[i];

			if (p->is_ours || is_kept(keep, n_keep, p->pid))
				continue;
			p->is_ours = p->parent == self ||
				     is_parent_ours(all, p->parent);
			again |= p->is_ours;
		}
	}
}

int descendants_signal(const pid_t *keep, size_t n_keep, int signal)
{
	_cleanup_(processes_done) struct processes all = { 0 };
	int n = 0;
	int r = read_all(&all);

	if (r < 0)
		return r;
	mark(&all, keep, n_keep);
	for (size_t i = 0; i < all.n; i++)
		if (all.items[i].is_ours && kill(all.items[i].pid, signal) == 0)
			n++;
	return n;
}
