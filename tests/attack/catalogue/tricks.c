// SPDX-License-Identifier: Apache-2.0
#include "tricks.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "catalogue.h"

#define N_BUFFERS 8
#define TURN 8

static pthread_t racer;
static void (*race_action)(void);
static atomic_bool race_ends;
static atomic_int race_turns;

const char *text(const char *format, ...)
{
	static char texts[N_BUFFERS][16384];
	static unsigned int next;
	char *ret = texts[next++ % N_BUFFERS];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(ret, sizeof(texts[0]), format, arguments);
	va_end(arguments);
	return ret;
}

const char *secret_file(void)
{
	return in_secret("file");
}

long said(const char *what, long result)
{
	if (result < 0)
		note("%s: %s", what, strerror(errno));
	else
		note("%s: %ld", what, result);
	return result;
}

const char *put(const char *name, const char *content)
{
	const char *path = in_write(name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, content, strlen(content)) < 0)
		note("%s: %s", path, strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return path;
}

const char *link_to(const char *to, const char *name)
{
	const char *path = in_write(name);

	(void)said("symlink", symlink(to, path));
	return path;
}

void loot_at(int dirfd, const char *path)
{
	loot_fd((int)said("openat", openat(dirfd, path, O_RDONLY)));
}

void loot_time(int64_t seconds, uint32_t nanoseconds)
{
	const char *time = text("changed at %" PRId64 ".%09" PRIu32 "\n",
				seconds, nanoseconds);

	loot(time, strlen(time));
}

static void write_own(const char *name, const char *content)
{
	int fd = open(text("/proc/self/%s", name), O_WRONLY);

	if (fd < 0)
		return;
	(void)!write(fd, content, strlen(content));
	(void)close(fd);
}

/* Who made a user namespace is root in it. */
static int own_users(void)
{
	const char *users = text("0 %u 1", geteuid());
	const char *groups = text("0 %u 1", getegid());
	int r = (int)said("unshare", unshare(CLONE_NEWUSER | CLONE_NEWNS));

	if (r < 0)
		return r;
	write_own("uid_map", users);
	write_own("setgroups", "deny");
	write_own("gid_map", groups);
	return 0;
}

int own_mounts(void)
{
	int r = unshare(CLONE_NEWNS);

	if (r < 0)
		r = own_users();
	if (r == 0)
		r = (int)said("mount", mount(NULL, "/", NULL,
					     MS_REC | MS_PRIVATE, NULL));
	return r;
}

void in_child(void (*action)(void))
{
	pid_t pid = (pid_t)said("fork", fork());

	if (pid == 0) {
		action();
		_exit(0);
	}
	if (pid > 0)
		(void)waitpid(pid, NULL, 0);
}

static void *race(void *data)
{
	(void)data;
	while (!atomic_load(&race_ends)) {
		race_action();
		atomic_fetch_add(&race_turns, 1);
		/* A short while in which others see it as it is. */
		for (volatile int i = 0; i < 50; i++)
			;
	}
	return NULL;
}

void race_with(void (*action)(void))
{
	race_action = action;
	atomic_store(&race_ends, false);
	if (pthread_create(&racer, NULL, race, NULL) != 0) {
		note("pthread_create: it failed");
		_exit(1);
	}
}

bool race_is_on(int i, int rounds)
{
	int before = atomic_load(&race_turns);
	bool is_on = race_goes_on(i, rounds);

	while (is_on && i % TURN == 0 && atomic_load(&race_turns) == before) {
		(void)sched_yield();
		is_on = race_goes_on(1, rounds);
	}
	return is_on;
}

void race_is_over(void)
{
	atomic_store(&race_ends, true);
	(void)pthread_join(racer, NULL);
}
