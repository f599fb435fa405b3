// SPDX-License-Identifier: Apache-2.0
/*
 * catalogue list            every row: id, against, allowed, who, what
 * catalogue run ID WORLD    the attack ID; WORLD is the file of the world
 * catalogue work WORLD      what is granted: reads a file, writes another
 */
#include "catalogue.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define N_BUFFERS 8
#define MAX_LOOT (1 << 20)
#define RACE_SECONDS 10
#define RACE_LEAST 200
#define EXIT_NOT_SHOWN 77

static const struct attack *const tables[] = {
	protocol_attacks,
	change_attacks,
	memory_attacks,
	number_attacks,
	landlock_attacks,
	path_attacks,
	descriptor_attacks,
	program_attacks,
	network_attacks,
	supervisor_attacks,
	reach_attacks,
	filter_attacks,
	privilege_attacks,
	path_names_attacks,
	path_races_attacks,
	landlock_change_attacks,
	landlock_kernel_attacks,
	ipc_attacks,
	ring_attacks,
	network_unix_attacks,
};

static char text[16384];

static void read_world(const char *path)
{
	FILE *file = fopen(path, "re");

	if (!file) {
		perror(path);
		exit(99);
	}
	text[0] = '\n';
	text[1 + fread(text + 1, 1, sizeof(text) - 2, file)] = '\0';
	(void)fclose(file);
}

/* The file has lines "key=value"; values have no newline. */
const char *world(const char *key)
{
	static char values[N_BUFFERS][4096];
	static unsigned int next;
	char *value = values[next++ % N_BUFFERS];
	char start[64];
	const char *found;
	size_t n;

	(void)snprintf(start, sizeof(start), "\n%s=", key);
	found = strstr(text, start);
	if (!found) {
		fprintf(stderr, "the world has no %s\n", key);
		exit(99);
	}
	found += strlen(start);
	n = strcspn(found, "\n");
	if (n >= sizeof(values[0]))
		n = sizeof(values[0]) - 1;
	memcpy(value, found, n);
	value[n] = '\0';
	return value;
}

int world_number(const char *key)
{
	return atoi(world(key));
}

static const char *in(const char *key, const char *name)
{
	static char paths[N_BUFFERS][8192];
	static unsigned int next;
	char *path = paths[next++ % N_BUFFERS];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", world(key), name);
	return path;
}

const char *in_read(const char *name)
{
	return in("read", name);
}

const char *in_write(const char *name)
{
	return in("write", name);
}

const char *in_secret(const char *name)
{
	return in("secret", name);
}

void loot(const void *bytes, size_t n)
{
	const char *at = bytes;

	while (n > 0) {
		ssize_t done = write(STDOUT_FILENO, at, n);

		if (done <= 0)
			return;
		at += done;
		n -= (size_t)done;
	}
}

void loot_fd(int fd)
{
	char bytes[4096];
	size_t total = 0;
	ssize_t n;

	if (fd < 0)
		return;
	while (total < MAX_LOOT && (n = read(fd, bytes, sizeof(bytes))) > 0) {
		loot(bytes, (size_t)n);
		total += (size_t)n;
	}
	(void)close(fd);
}

void note(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vfprintf(stderr, format, arguments);
	va_end(arguments);
	(void)fputc('\n', stderr);
}

void cannot_show(const char *why)
{
	fprintf(stderr, "cannot show: %s\n", why);
	exit(EXIT_NOT_SHOWN);
}

static double now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

bool race_goes_on(int i, int rounds)
{
	static double start;

	if (i == 0)
		start = now();
	/* A busy machine gets through few rounds in the time it is given. */
	return i < rounds && now() < start + RACE_SECONDS &&
	       (i < RACE_LEAST || now() < start + world_number("race"));
}

static void list(void)
{
	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
		for (const struct attack *row = tables[t]; row->id; row++)
			printf("%s\t%s\t%s\t%s\t%s\n", row->id, row->against,
			       row->allowed ? row->allowed : "",
			       row->who == ONLY_ROOT ? "root" :
			       row->who == ONLY_USER ? "user" :
						       "all",
			       row->what);
	}
}

static void run(const char *id)
{
	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
		for (const struct attack *row = tables[t]; row->id; row++) {
			if (strcmp(row->id, id) != 0)
				continue;
			/* From here on a row that prints nothing has run. */
			note("attacking");
			row->run();
			exit(0);
		}
	}
	fprintf(stderr, "no attack %s\n", id);
	exit(99);
}

/* A sandbox in which this fails holds nothing: it only does not run. */
static int work(void)
{
	FILE *from = fopen(in_read("file"), "re");
	FILE *to = fopen(in_write("done"), "we");
	char line[256];

	if (!from || !to || !fgets(line, sizeof(line), from) ||
	    fputs(line, to) < 0 || fclose(to) != 0) {
		perror("what is granted");
		return 1;
	}
	loot(line, strlen(line));
	return 0;
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "list") == 0) {
		list();
		return 0;
	}
	if (argc == 3 && strcmp(argv[1], "work") == 0) {
		read_world(argv[2]);
		return work();
	}
	if (argc != 4 || strcmp(argv[1], "run") != 0) {
		fprintf(stderr,
			"usage: catalogue list | run ID WORLD | work WORLD\n");
		return 99;
	}
	read_world(argv[3]);
	run(argv[2]);
}
