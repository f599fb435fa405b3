/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the races share. Two paths of one length that differ in one byte are
 * flipped by another thread while the main thread uses them: every value the
 * kernel or a supervisor can fetch is one of the two.
 *
 * A race ends after ROUNDS rounds and when both paths were met, or after ATTACK_SECONDS. It prints its counts; the shell judges them.
 */
#ifndef TESTS_ATTACK_H
#define TESTS_ATTACK_H

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ATTACK_SECONDS 20
#define ATTACK_UNUSED __attribute__((unused))

struct flipper {
	char path[4096]; /* what the system calls are given */
	size_t place; /* of the byte that differs */
	char bytes[2];
	volatile bool is_over;
	volatile int n_flips;
	pthread_t thread;
	time_t deadline;
};

static ATTACK_UNUSED void attack_die(const char *what)
{
	perror(what);
	exit(99);
}

static ATTACK_UNUSED time_t attack_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static ATTACK_UNUSED double attack_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* A short while, in which the other thread may see the value as it is. */
static ATTACK_UNUSED void flip_pause(struct flipper *f)
{
	for (volatile int i = 0; i < 50; i++)
		;
	f->n_flips = f->n_flips + 1;
}

static ATTACK_UNUSED void *flip(void *data)
{
	struct flipper *f = data;
	volatile char *byte = &f->path[f->place];

	while (!f->is_over) {
		*byte = f->bytes[0];
		flip_pause(f);
		*byte = f->bytes[1];
		flip_pause(f);
	}
	return NULL;
}

/* Two paths into @f, not yet flipping. */
static ATTACK_UNUSED void flipper_init(struct flipper *f, const char *one,
				       const char *other)
{
	size_t place = 0;

	memset(f, 0, sizeof(*f));
	while (one[place] && one[place] == other[place])
		place++;
	if (!one[place] || strlen(one) >= sizeof(f->path) ||
	    strcmp(one + place + 1, other + place + 1) != 0) {
		fprintf(stderr, "two paths that differ in one byte\n");
		exit(99);
	}
	strcpy(f->path, one);
	f->place = place;
	f->bytes[0] = one[place];
	f->bytes[1] = other[place];
}

/* @run, given @f, flips until f->is_over and counts in f->n_flips. */
static ATTACK_UNUSED void flipper_start(struct flipper *f, void *(*run)(void *))
{
	if (pthread_create(&f->thread, NULL, run, f) != 0)
		attack_die("pthread_create");
}

static ATTACK_UNUSED void flipper_stop(struct flipper *f)
{
	f->is_over = true;
	(void)pthread_join(f->thread, NULL);
}

/*
 * Whether a race of @rounds that is at round @i is decided, or too late. Now
 * and then it lets the other thread run: it may share our processor.
 */
static ATTACK_UNUSED bool flipper_is_done(struct flipper *f, int i, int rounds,
					  bool met_both)
{
	int before = f->n_flips;

	if (i == 0)
		f->deadline = attack_now() + ATTACK_SECONDS;
	while (i % 8 == 0 && f->n_flips == before && attack_now() < f->deadline)
		(void)sched_yield();
	if (attack_now() >= f->deadline)
		return true;
	return i >= rounds && met_both;
}

/* Whether the file @fd, which is closed, starts with @word; -1: no file. */
static ATTACK_UNUSED int attack_starts_with(int fd, const char *word)
{
	char text[64] = "";
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	if (n < 0)
		return -1;
	text[n] = '\0';
	return strncmp(text, word, strlen(word)) == 0;
}

#endif
