/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for another process that may be busy, or hung. */
#include "supervise/progress.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"

static int64_t read_ms(clockid_t clock)
{
	struct timespec time;

	if (clock_gettime(clock, &time) < 0)
		return 0;
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* What it has computed so far, all its threads together. */
static int64_t used_ms(pid_t pid)
{
	clockid_t clock;

	return pid > 0 && clock_getcpuclockid(pid, &clock) == 0 ?
		       read_ms(clock) :
		       0;
}

/* Does the thread wait for a processor or for a disk? */
static bool is_thread_held_up(int tasks, const char *tid)
{
	_cleanup_close_ int fd = -1;
	char name[NAME_MAX + 8], text[256];
	const char *state;
	ssize_t n;

	(void)snprintf(name, sizeof(name), "%s/stat", tid);
	fd = openat(tasks, name, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return false;
	text[n] = '\0';
	state = strrchr(text, ')');
	return state && state[1] && (state[2] == 'R' || state[2] == 'D');
}

/* Does any of its threads? */
static bool is_held_up(pid_t pid)
{
	bool is_found = false;
	struct dirent *entry;
	char name[32];
	DIR *tasks;

	(void)snprintf(name, sizeof(name), "/proc/%d/task", pid);
	tasks = pid > 0 ? opendir(name) : NULL;
	while (tasks && !is_found && (entry = readdir(tasks)))
		is_found = entry->d_name[0] != '.' &&
			   is_thread_held_up(dirfd(tasks), entry->d_name);
	if (tasks)
		(void)closedir(tasks);
	return is_found;
}

int progress_wait(int fd, pid_t pid, int patience_ms, int most_ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	int64_t start = read_ms(CLOCK_MONOTONIC), since = start;
	int64_t used = used_ms(pid);

	for (;;) {
		int64_t left = since + patience_ms - read_ms(CLOCK_MONOTONIC);
		int r = poll(&pfd, 1, left > 0 ? (int)left : 0);

		if (r > 0)
			return 0;
		if (r < 0 && errno != EINTR)
			return -errno;
		/* Signals that end other calls must not make this endless. */
		if (read_ms(CLOCK_MONOTONIC) - since < patience_ms)
			continue;
		if ((used_ms(pid) == used && !is_held_up(pid)) ||
		    read_ms(CLOCK_MONOTONIC) - start > most_ms)
			return -ETIMEDOUT;
		used = used_ms(pid);
		since = read_ms(CLOCK_MONOTONIC);
	}
}
