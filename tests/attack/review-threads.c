/* SPDX-License-Identifier: Apache-2.0 */
/*
 * review-threads WAY FIFO FILE SECONDS: an open of FILE must be answered within
 * the deadline, whatever else the sandbox does. Prints the longest wait.
 *
 *   take   opens FIFO and takes every thread that the user may have
 *   block  opens FIFO in as many threads as there are
 */
#include "attack.h"

#define BLOCKED_THREADS 400

static const char *fifo;
static volatile bool is_over;

static void *wait_for_ever(void *data)
{
	while (!is_over)
		(void)usleep(100000);
	return data;
}

static void *open_fifo(void *data)
{
	while (!is_over) {
		int fd = open(fifo, O_RDONLY);

		if (fd >= 0)
			(void)close(fd);
	}
	return data;
}

static bool start(void *(*run)(void *))
{
	pthread_attr_t attributes;
	pthread_t thread;
	bool is_started;

	(void)pthread_attr_init(&attributes);
	(void)pthread_attr_setstacksize(&attributes, 16384);
	(void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	is_started = pthread_create(&thread, &attributes, run, NULL) == 0;
	(void)pthread_attr_destroy(&attributes);
	return is_started;
}

static void *take_threads(void *data)
{
	while (!is_over)
		if (!start(wait_for_ever))
			(void)usleep(50);
	return data;
}

static double worst;
static double since;
static volatile bool is_waiting;

static void *use_file(void *data)
{
	const char *file = data;

	while (!is_over) {
		double took;
		int fd;

		since = attack_ms();
		is_waiting = true;
		fd = open(file, O_RDONLY);
		is_waiting = false;
		took = attack_ms() - since;
		if (fd >= 0)
			(void)close(fd);
		if (took > worst)
			worst = took;
		(void)usleep(10000);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t user;

	if (argc != 5)
		return 99;
	fifo = argv[2];
	if (pthread_create(&user, NULL, use_file, argv[3]) != 0)
		attack_die("pthread_create");
	(void)usleep(50000);
	if (strcmp(argv[1], "take") == 0) {
		(void)start(open_fifo);
		(void)start(take_threads);
		(void)start(take_threads);
	} else {
		for (int i = 0; i < BLOCKED_THREADS; i++)
			(void)start(open_fifo);
	}
	(void)sleep((unsigned)atoi(argv[4]));
	/* Who still waits has waited at least that long. */
	if (is_waiting && attack_ms() - since > worst)
		worst = attack_ms() - since;
	printf("worst: %s\n",
	       worst < 10500 ? "within the deadline" : "too late");
	fprintf(stderr, "%.0f ms\n", worst);
	(void)fflush(stdout);
	_exit(0);
}
