// SPDX-License-Identifier: Apache-2.0
#include "flip.h"

#include "catalogue.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096
#define STACK (256 * 1024)

/* In memory that a child shares. */
struct flip {
	volatile bool is_over;
	volatile int n_flips;
	enum flip_how how;
	char *at; /* the differing bytes, in what the calls are given */
	size_t n;
	char values[2][2 * PAGE];
	void (*call)(int number);
	int numbers[2];
	int file; /* BY_MAPPING, BY_FILE */
	size_t offset; /* of the differing bytes, in the page */
	char *page;
};

static struct flip *flip;
static pthread_t thread;
static pid_t child;
static int n_allowed, n_refused;

static void *shared(size_t n)
{
	void *memory = mmap(NULL, n, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		cannot_show("no memory");
	return memory;
}

/* One store where the bytes lie in one word: nobody sees half of a value. */
static void store(char *at, const char *value, size_t n)
{
	uintptr_t start = (uintptr_t)at & ~(uintptr_t)7;
	uint64_t word;

	if ((uintptr_t)at + n > start + 8) {
		memcpy(at, value, n);
		return;
	}
	memcpy(&word, (void *)start, 8);
	memcpy((char *)&word + ((uintptr_t)at - start), value, n);
	__atomic_store_n((uint64_t *)start, word, __ATOMIC_SEQ_CST);
}

static void flip_to(int i)
{
	if (flip->how == BY_MAPPING)
		(void)mmap(flip->page, PAGE, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_FIXED, flip->file, i * PAGE);
	else if (flip->how == BY_FILE)
		(void)!pwrite(flip->file, flip->values[i], flip->n,
			      (off_t)flip->offset);
	else if (flip->call)
		flip->call(flip->numbers[i]);
	else
		store(flip->at, flip->values[i], flip->n);
	for (volatile int pause = 0; pause < 50; pause++)
		;
	flip->n_flips = flip->n_flips + 1;
}

static void *go_on(void *data)
{
	(void)data;
	while (!flip->is_over) {
		flip_to(0);
		flip_to(1);
	}
	return NULL;
}

static int go_on_as_process(void *data)
{
	(void)data;
	(void)go_on(NULL);
	_exit(0);
}

static void start(void)
{
	if (flip->how == BY_PROCESS)
		child = clone(go_on_as_process, (char *)shared(STACK) + STACK,
			      CLONE_VM | SIGCHLD, NULL);
	else if (flip->how == BY_CHILD)
		child = fork();
	else if (pthread_create(&thread, NULL, go_on, NULL) != 0)
		note("no thread");
	if (flip->how == BY_CHILD && child == 0)
		_exit((int)(intptr_t)go_on(NULL));
	if (child < 0) {
		note("no child");
		child = 0;
	}
}

static void init(enum flip_how how)
{
	if (!flip)
		flip = shared(sizeof(*flip));
	memset(flip, 0, sizeof(*flip));
	flip->how = how;
	flip->file = -1;
	n_allowed = n_refused = 0;
}

/* One page for each value, in a file: the bytes that differ are in it. */
static void open_file(const char *start, size_t size)
{
	char pages[2 * PAGE] = "";

	flip->file = open(in_write("pages"), O_RDWR | O_CREAT, 0600);
	for (int i = 0; i < 2; i++) {
		memcpy(pages + i * PAGE, start, size);
		memcpy(pages + i * PAGE + flip->offset, flip->values[i],
		       flip->n);
	}
	if (flip->file < 0 ||
	    pwrite(flip->file, pages, sizeof(pages), 0) != sizeof(pages) ||
	    mmap(flip->page, PAGE, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_FIXED, flip->file, 0) == MAP_FAILED)
		note("no file to map");
}

static size_t common(const char *one, const char *other)
{
	size_t n = 0;

	while (one[n] && one[n] == other[n])
		n++;
	while (n > 0 && one[n - 1] != '/')
		n--;
	return n;
}

char *flip_paths(enum flip_how how, const char *one, const char *other)
{
	size_t at = common(one, other);
	size_t long_one = strlen(one), long_other = strlen(other);
	size_t n = long_one > long_other ? long_one : long_other;
	/* So that what differs starts at a word. */
	size_t place = 8 - at % 8;
	char *text;

	if (n >= PAGE - 16)
		cannot_show("the paths are too long");
	init(how);
	flip->page = shared(PAGE);
	text = flip->page + place;
	memset(text, '/', n);
	memcpy(text, one, at);
	memcpy(text + n - (long_one - at), one + at, long_one - at);
	memcpy(flip->values[0], text + at, n - at);
	memset(flip->values[1], '/', n - at);
	memcpy(flip->values[1] + n - long_other, other + at, long_other - at);
	flip->n = n - at;
	/* Without the end that is common. */
	while (flip->n > 0 &&
	       flip->values[0][flip->n - 1] == flip->values[1][flip->n - 1])
		flip->n--;
	flip->at = text + at;
	flip->offset = place + at;
	if (how == BY_MAPPING || how == BY_FILE)
		open_file(flip->page, place + n);
	start();
	return text;
}

void *flip_bytes(const void *one, const void *other, size_t n)
{
	init(BY_THREAD);
	flip->page = shared(PAGE);
	flip->at = flip->page;
	flip->n = n;
	memcpy(flip->values[0], one, n);
	memcpy(flip->values[1], other, n);
	memcpy(flip->page, one, n);
	start();
	return flip->page;
}

void flip_calls(void (*call)(int number), int one, int other)
{
	init(BY_THREAD);
	flip->call = call;
	flip->numbers[0] = one;
	flip->numbers[1] = other;
	start();
}

bool flip_goes_on(int i, int rounds)
{
	int before = flip->n_flips;

	if ((!thread && !child) || !race_goes_on(i, i + 1))
		return false;
	/* The other one may share our processor. */
	while (i % 8 == 0 && flip->n_flips == before &&
	       race_goes_on(i + 1, i + 2))
		(void)sched_yield();
	return i < rounds || ((!n_allowed || !n_refused) && i < 10 * rounds);
}

void flip_met(bool is_allowed)
{
	if (is_allowed)
		n_allowed++;
	else
		n_refused++;
}

void flip_end(void)
{
	flip->is_over = true;
	if (child > 0)
		(void)waitpid(child, NULL, 0);
	else if (thread)
		(void)pthread_join(thread, NULL);
	child = 0;
	thread = 0;
	note("%s: allowed %d, refused %d, exchanged %d times",
	     n_allowed && n_refused ? "a race" : "no race", n_allowed,
	     n_refused, flip->n_flips);
}

static char *watched;
static struct stat before;

void watch_file(const char *path)
{
	watched = strdup(path);
	if (stat(path, &before) < 0)
		note("cannot look at %s", path);
}

bool is_changed(void)
{
	struct stat now;

	return stat(watched, &now) == 0 &&
	       (now.st_mode != before.st_mode ||
		now.st_size != before.st_size || now.st_uid != before.st_uid ||
		now.st_gid != before.st_gid ||
		now.st_nlink != before.st_nlink ||
		now.st_ctim.tv_sec != before.st_ctim.tv_sec ||
		now.st_ctim.tv_nsec != before.st_ctim.tv_nsec);
}
