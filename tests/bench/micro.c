/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one system call costs, as the program inside the sandbox sees it.
 *
 *   micro [--ms=MS] [--think=US] [--threads=N] [--hold] OP...
 *
 *   open=PATH    open and close a file that must open
 *   denied=PATH  open a file; whether it is refused is not looked at
 *   load=PATH    open, fstat, read up to 64 KiB, close: a module loader
 *   stat=PATH    stat a path; the result is not looked at
 *   getppid      a call that nothing filters
 *
 * Prints one line for each: "OP NANOSECONDS". Alone, the number is the median
 * of short batches, or of single calls with --think, which computes for US
 * microseconds between them as a program does. With --threads it is the time
 * divided by the calls of all threads together. --hold waits for the end of
 * standard input before exiting, so that somebody can look at the processes.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define BATCH 16
#define WARM_UP 8
#define MAX_SAMPLES 65536
#define MAX_THREADS 64

struct operation {
	const char *name;
	int (*call)(const char *path); /* < 0: print why and give up */
};

struct plan {
	uint64_t window_ns;
	uint64_t think_ns;
	long n_threads;
};

struct worker {
	const struct plan *plan;
	const struct operation *op;
	const char *path;
	uint64_t calls;
};

static uint64_t samples[MAX_SAMPLES];
static atomic_bool is_running;

static int do_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -1 : close(fd);
}

static int do_denied(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		(void)close(fd);
	return 0;
}

static int do_load(const char *path)
{
	static _Thread_local char buffer[65536];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		n = -1;
	else
		n = read(fd, buffer, sizeof(buffer));
	(void)close(fd);
	return n < 0 ? -1 : 0;
}

static int do_stat(const char *path)
{
	struct stat st;

	(void)stat(path, &st);
	return 0;
}

static int do_getppid(const char *path)
{
	(void)path;
	(void)syscall(SYS_getppid);
	return 0;
}

static const struct operation operations[] = {
	{ "open", do_open }, { "denied", do_denied },   { "load", do_load },
	{ "stat", do_stat }, { "getppid", do_getppid },
};

static uint64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void compute(uint64_t ns)
{
	uint64_t end = now_ns() + ns;

	while (now_ns() < end)
		;
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Median nanoseconds of one call, or -1 with errno. */
static double measure_alone(const struct worker *w)
{
	uint64_t end = now_ns() + w->plan->window_ns;
	int batch = w->plan->think_ns ? 1 : BATCH;
	size_t n = 0;

	while (n < MAX_SAMPLES && (n == 0 || now_ns() < end)) {
		uint64_t start;

		if (w->plan->think_ns)
			compute(w->plan->think_ns);
		start = now_ns();
		for (int i = 0; i < batch; i++) {
			if (w->op->call(w->path) < 0)
				return -1;
		}
		samples[n++] = now_ns() - start;
	}
	qsort(samples, n, sizeof(samples[0]), compare);
	return (double)samples[n / 2] / batch;
}

static void *run_worker(void *data)
{
	struct worker *w = data;

	/* At least once: on a busy machine a thread may start late. */
	do {
		if (w->plan->think_ns)
			compute(w->plan->think_ns);
		(void)w->op->call(w->path);
		w->calls++;
	} while (atomic_load_explicit(&is_running, memory_order_relaxed));
	return NULL;
}

/* Nanoseconds divided by the calls of all threads, or -1 with errno. */
static double measure_threads(const struct worker *model)
{
	struct worker workers[MAX_THREADS];
	pthread_t threads[MAX_THREADS];
	uint64_t start = now_ns(), calls = 0;
	long n = model->plan->n_threads;
	int r = 0;

	atomic_store(&is_running, true);
	for (long i = 0; i < n; i++) {
		workers[i] = *model;
		r = pthread_create(&threads[i], NULL, run_worker, &workers[i]);
		if (r != 0) {
			n = i;
			break;
		}
	}
	if (r == 0)
		(void)nanosleep(
			&(struct timespec){
				(time_t)(model->plan->window_ns / 1000000000u),
				(long)(model->plan->window_ns % 1000000000u) },
			NULL);
	atomic_store(&is_running, false);
	for (long i = 0; i < n; i++) {
		(void)pthread_join(threads[i], NULL);
		calls += workers[i].calls;
	}
	errno = r;
	return r != 0 || calls == 0 ?
		       -1 :
		       (double)(now_ns() - start) / (double)calls;
}

static int run(const struct plan *plan, char *text)
{
	struct worker w = { .plan = plan, .path = "" };
	char *path = strchr(text, '=');
	double ns;

	if (path) {
		*path = '\0';
		w.path = path + 1;
	}
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]);
	     i++) {
		if (strcmp(text, operations[i].name) == 0)
			w.op = &operations[i];
	}
	if (!w.op) {
		(void)fprintf(stderr, "micro: unknown operation '%s'\n", text);
		return 2;
	}
	for (int i = 0; i < WARM_UP; i++) {
		if (w.op->call(w.path) < 0) {
			(void)fprintf(stderr, "micro: %s %s: %m\n", text,
				      w.path);
			return 1;
		}
	}
	ns = plan->n_threads ? measure_threads(&w) : measure_alone(&w);
	if (ns < 0) {
		(void)fprintf(stderr, "micro: %s %s: %m\n", text, w.path);
		return 1;
	}
	(void)printf("%s %.1f\n", text, ns);
	return 0;
}

static bool parse_number(const char *text, long max, long *ret_number)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || number < 0 ||
	    number > max)
		return false;
	*ret_number = number;
	return true;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "ms", required_argument, NULL, 'm' },
		{ "think", required_argument, NULL, 'u' },
		{ "threads", required_argument, NULL, 't' },
		{ "hold", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct plan plan = { .window_ns = 50 * 1000000u };
	bool is_held = false;
	long number = 0;
	int c, r = 0;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == '?' ||
		    (c != 'h' &&
		     !parse_number(optarg, c == 't' ? MAX_THREADS : 100000,
				   &number)))
			return 2;
		if (c == 'm')
			plan.window_ns = (uint64_t)number * 1000000u;
		else if (c == 'u')
			plan.think_ns = (uint64_t)number * 1000u;
		else if (c == 't')
			plan.n_threads = number;
		else
			is_held = true;
	}
	for (int i = optind; i < argc && r == 0; i++)
		r = run(&plan, argv[i]);
	(void)fflush(stdout);
	while (is_held && getchar() != EOF)
		;
	return r;
}
