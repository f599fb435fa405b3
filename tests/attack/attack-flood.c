/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack-flood ALLOWED FORBIDDEN THREADS: so many threads open FORBIDDEN as
 * fast as they can; meanwhile 200 opens of ALLOWED must be served, none of
 * them slowly. Then all of them fill the table of descriptors.
 */
#include <errno.h>

#include "attack.h"

static const char *allowed;
static const char *forbidden;
static volatile bool is_over;

static void *flood(void *unused)
{
	while (!is_over) {
		int fd = open(forbidden, O_RDONLY);

		if (fd >= 0)
			(void)close(fd);
	}
	return unused;
}

static void say_served(void)
{
	int n_failed = 0;
	double worst = 0;

	for (int i = 0; i < 200; i++) {
		double start = attack_ms();
		int fd = open(allowed, O_RDONLY);
		double took = attack_ms() - start;

		n_failed += fd < 0;
		if (fd >= 0)
			(void)close(fd);
		worst = took > worst ? took : worst;
	}
	printf("failed: %d\nslow: %s\n", n_failed, worst < 2000 ? "no" : "yes");
}

/* With every descriptor in use the answer is EMFILE, and then it works. */
static void say_full(void)
{
	int fds[4096];
	int n = 0;
	int error;

	while (n < 4096 && (fds[n] = open(allowed, O_RDONLY)) >= 0)
		n++;
	error = n < 4096 ? errno : EMFILE;
	for (int i = 0; i < n; i++)
		(void)close(fds[i]);
	n = open(allowed, O_RDONLY);
	printf("full: %s, then %s\n", error == EMFILE ? "EMFILE" : "other",
	       n < 0 ? "refused" : "OK");
}

int main(int argc, char **argv)
{
	int n_threads = argc == 4 ? atoi(argv[3]) : 0;
	pthread_t threads[256];

	if (n_threads < 1 || n_threads > 256)
		return 99;
	allowed = argv[1];
	forbidden = argv[2];
	for (int i = 0; i < n_threads; i++)
		if (pthread_create(&threads[i], NULL, flood, NULL) != 0)
			attack_die("pthread_create");
	say_served();
	is_over = true;
	for (int i = 0; i < n_threads; i++)
		(void)pthread_join(threads[i], NULL);
	say_full();
	return 0;
}
