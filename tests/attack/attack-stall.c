/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack-stall fifo FIFO FILE | attack-stall lease LEASED FILE: one thread waits in an open
 * that cannot end yet; meanwhile 100 opens of FILE must be served at once;
 * then the wait ends and the thread has what it asked for.
 */
#include <errno.h>
#include <signal.h>

#include "attack.h"

static const char *waited;
static volatile bool is_waiting, has_ended;
static int result;

static void *wait_in_open(void *unused)
{
	int fd;

	is_waiting = true;
	fd = open(waited, O_RDONLY);
	result = fd < 0 ? -errno : attack_starts_with(fd, "hello");
	has_ended = true;
	return unused;
}

static void sleep_ms(long ms)
{
	struct timespec time = { 0, ms * 1000000 };

	(void)nanosleep(&time, NULL);
}

/* The slowest of 100 opens of @path, in ms; negative when one failed. */
static double slowest(const char *path)
{
	double worst = 0;

	for (int i = 0; i < 100; i++) {
		double start = attack_ms();
		int fd = open(path, O_RDONLY);
		double took = attack_ms() - start;

		if (fd < 0)
			return -1;
		(void)close(fd);
		worst = took > worst ? took : worst;
	}
	return worst;
}

static void say_served(const char *path)
{
	double worst = slowest(path);

	printf("waiting: %s\n", has_ended ? "no" : "yes");
	printf("others: %s\n", worst < 0    ? "refused" :
			       worst < 1000 ? "served" :
					      "stalled");
}

static void end_fifo(void)
{
	int fd = open(waited, O_WRONLY);

	if (fd < 0 || write(fd, "hello\n", 6) != 6)
		printf("writer: refused\n");
	if (fd >= 0)
		(void)close(fd);
}

int main(int argc, char **argv)
{
	bool is_lease = argc == 4 && strcmp(argv[1], "lease") == 0;
	pthread_t thread;
	int leased = -1;

	if (argc != 4)
		return 99;
	setvbuf(stdout, NULL, _IOLBF, 0);
	waited = argv[2];
	(void)signal(SIGIO, SIG_IGN);
	if (is_lease) {
		leased = open(waited, O_RDWR);
		if (leased < 0 || fcntl(leased, F_SETLEASE, F_WRLCK) < 0)
			attack_die(waited);
	}
	if (pthread_create(&thread, NULL, wait_in_open, NULL) != 0)
		attack_die("pthread_create");
	while (!is_waiting)
		sleep_ms(1);
	sleep_ms(200);
	say_served(argv[3]);
	if (is_lease)
		(void)fcntl(leased, F_SETLEASE, F_UNLCK);
	else
		end_fifo();
	(void)pthread_join(thread, NULL);
	printf("result: %d\n", result);
	return 0;
}
