/* SPDX-License-Identifier: Apache-2.0 */
/* Which processes have all the threads that they need. */
#include "supervise/locks.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"

#define FIRST_SIZE 64
/* Of /proc/PID/stat. */
#define FIELD_THREADS 20
#define FIELD_START 22

/* Short: the runtimes that are alive. Those that ended go when it is full. */
static struct process *locks;
static size_t n_locks, size_locks;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* From a field, or what ends it, to the one @n further on. */
static char *skip_fields(char *field, int n)
{
	for (; field && n > 0; n--) {
		field = strchr(field, ' ');
		if (field)
			field++;
	}
	return field;
}

int process_read(int proc_fd, pid_t pid, struct process *ret)
{
	_cleanup_close_ int fd = -1;
	char name[32], text[1024], *field;
	ssize_t n;

	*ret = (struct process){ .pid = pid };
	(void)snprintf(name, sizeof(name), "%d/stat", pid);
	fd = openat(proc_fd, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return -ESRCH;
	text[n] = '\0';
	/* The name may hold anything, parentheses too. */
	field = strrchr(text, ')');
	/* The name is field 2: proc_pid_stat(5). */
	field = skip_fields(field, FIELD_THREADS - 2);
	ret->threads = field ? (unsigned)strtoul(field, NULL, 10) : 0;
	field = skip_fields(field, FIELD_START - FIELD_THREADS);
	if (!field)
		return -ESRCH;
	ret->start = strtoull(field, NULL, 10);
	return ret->threads > 0 && ret->start > 0 ? 0 : -ESRCH;
}

static bool is_same(const struct process *a, const struct process *b)
{
	return a->pid == b->pid && a->start == b->start;
}

static void forget_ended(int proc_fd)
{
	struct process now;
	size_t n = 0;

	for (size_t i = 0; i < n_locks; i++)
		if (process_read(proc_fd, locks[i].pid, &now) == 0 &&
		    is_same(&now, &locks[i]))
			locks[n++] = locks[i];
	n_locks = n;
}

static int make_room(int proc_fd)
{
	size_t size = size_locks ? 2 * size_locks : FIRST_SIZE;
	struct process *new;

	if (n_locks < size_locks)
		return 0;
	forget_ended(proc_fd);
	/* Not full again at once. */
	if (n_locks < size_locks / 2)
		return 0;
	new = reallocarray(locks, size, sizeof(*new));
	if (!new)
		return -ENOMEM;
	locks = new;
	size_locks = size;
	return 0;
}

static size_t find(const struct process *process)
{
	size_t i = 0;

	while (i < n_locks && !is_same(&locks[i], process))
		i++;
	return i;
}

int locks_add(int proc_fd, const struct process *process)
{
	int r = 0;

	(void)pthread_mutex_lock(&lock);
	if (find(process) == n_locks) {
		r = make_room(proc_fd);
		if (r == 0)
			locks[n_locks++] = *process;
	}
	(void)pthread_mutex_unlock(&lock);
	return r;
}

bool locks_find(const struct process *process, unsigned *ret_threads)
{
	bool is_locked;
	size_t i;

	(void)pthread_mutex_lock(&lock);
	i = find(process);
	is_locked = i < n_locks;
	if (is_locked && process->threads <= 1) {
		locks[i] = locks[--n_locks];
		is_locked = false;
	}
	if (is_locked)
		*ret_threads = locks[i].threads;
	(void)pthread_mutex_unlock(&lock);
	return is_locked;
}
