/* SPDX-License-Identifier: Apache-2.0 */
/* Ways to keep a supervisor busy, by one process with many threads. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "load.h"

#define STACK_SIZE (256 * 1024)

struct kind {
	const char *name;
	unsigned n_threads;
	void (*step)(const char *path, unsigned thread);
	const char *path; /* in the world, or NULL */
};

struct thread {
	const struct kind *kind;
	unsigned number;
};

static void open_it(const char *path, unsigned thread)
{
	(void)thread;
	(void)open_close(path, O_RDONLY);
}

/* "x/../x/../": each step is there, and has to be looked at. */
static void open_long(const char *path, unsigned thread)
{
	static _Thread_local char text[PATH_MAX];
	size_t len = strlen(path);

	(void)thread;
	if (text[0] == '\0') {
		memcpy(text, path, len);
		while (len + 16 < sizeof(text)) {
			memcpy(text + len, "/x/..", 5);
			len += 5;
		}
		memcpy(text + len, "/link", 6);
	}
	(void)open_close(text, O_RDONLY);
}

/* Nobody ever opens the other end. */
static void open_fifo(const char *path, unsigned thread)
{
	char name[PATH_MAX];

	(void)snprintf(name, sizeof(name), "%s%u", path, thread % 16);
	(void)open_close(name, O_RDONLY);
}

/* Each denial is a line of its own. */
static void deny_new(const char *path, unsigned thread)
{
	static _Thread_local unsigned n;
	char name[PATH_MAX];

	(void)snprintf(name, sizeof(name), "%s-%u-%u", path, thread, n++);
	(void)open_close(name, O_RDONLY);
}

static void walk_proc(const char *path, unsigned thread)
{
	static const char *const entries[] = { "stat", "status", "fd/0", "maps",
					       "task", "exe",    "cwd/x" };
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	(void)path;
	(void)thread;
	while (dir && (entry = readdir(dir))) {
		for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]);
		     i++) {
			char name[PATH_MAX];

			if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
				break;
			(void)snprintf(name, sizeof(name), "/proc/%s/%s",
				       entry->d_name, entries[i]);
			(void)open_close(name, O_RDONLY);
		}
		(void)open_close("/proc/self/stat", O_RDONLY);
	}
	if (dir)
		(void)closedir(dir);
	else
		(void)open_close("/proc/self/stat", O_RDONLY);
}

static void spin(const char *path, unsigned thread)
{
	(void)path;
	(void)thread;
	for (volatile unsigned i = 0; i < 1000000; i++)
		;
}

static void connect_denied(const char *path, unsigned thread)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons(10),
				       .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)path;
	(void)thread;
	if (fd < 0) {
		pause_us(1000);
		return;
	}
	(void)connect(fd, (struct sockaddr *)&address, sizeof(address));
	(void)close(fd);
}

static void start_program(const char *path, unsigned thread)
{
	(void)thread;
	(void)run_program(path, "exit");
}

static void move(const char *path, unsigned thread)
{
	char from[PATH_MAX], to[PATH_MAX];

	(void)snprintf(from, sizeof(from), "%s/flood%u-a", path, thread);
	(void)snprintf(to, sizeof(to), "%s/flood%u-b", path, thread);
	(void)mkdir(from, 0700);
	(void)rename(from, to);
	(void)rmdir(to);
}

static void look(const char *path, unsigned thread)
{
	struct stat st;

	(void)thread;
	(void)stat(path, &st);
}

/* What leaves most behind comes first: a soak warms up with it. */
static const struct kind kinds[] = {
	{ "fifo", 300, open_fifo, "carved/fifo" },
	{ "maze", 16, open_it, "carved/maze40" },
	{ "large", 4, open_it, "listed/changed.js" },
	{ "long", 64, open_long, "carved" },
	{ "log", 64, deny_new, "closed/none" },
	{ "denied", 400, open_it, "closed/plain" },
	{ "allowed", 400, open_it, "carved/plain" },
	{ "stat", 400, look, "closed/plain" },
	{ "links", 64, open_it, "carved/chain40" },
	{ "proc", 64, walk_proc, NULL },
	{ "spin", 64, spin, NULL },
	{ "connect", 64, connect_denied, NULL },
	{ "exec", 16, start_program, "program" },
	{ "names", 64, move, "new" },
	{ "none", 0, NULL, NULL },
};

static void *run(void *data)
{
	struct thread *thread = data;
	char path[PATH_MAX] = "";

	if (thread->kind->path)
		(void)in_world(path, thread->kind->path);
	for (;;)
		thread->kind->step(path, thread->number);
	return NULL;
}

void flood(const char *name)
{
	const struct kind *kind = kinds;
	pthread_attr_t attributes;
	struct thread *threads;
	pthread_t id;

	while (strcmp(kind->name, name) != 0)
		if (++kind == kinds + flood_count())
			die(name);
	threads = calloc(kind->n_threads + 1, sizeof(*threads));
	if (!threads)
		die("memory");
	(void)pthread_attr_init(&attributes);
	(void)pthread_attr_setstacksize(&attributes, STACK_SIZE);
	for (unsigned i = 0; i < kind->n_threads; i++) {
		threads[i] = (struct thread){ kind, i };
		if (pthread_create(&id, &attributes, run, &threads[i]) != 0)
			die("pthread_create");
	}
	for (;;)
		(void)pause();
}

unsigned flood_count(void)
{
	return sizeof(kinds) / sizeof(kinds[0]);
}

const char *flood_name(unsigned i)
{
	return kinds[i % flood_count()].name;
}
