/* SPDX-License-Identifier: Apache-2.0 */
/* An honest program: how long its opens take, alone and beside a flood. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "load.h"

#define WARM_UP 200
#define REST_US 300 /* what it computes between two opens, say */
#define SETTLE_US 700000 /* the flood needs to rise */
#define LONGEST_US 40e6 /* one phase; then it has been starved */

static int compare(const void *left, const void *right)
{
	const double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

/* A byte to another process and back: what any answer takes at least. */
static int ask_echo(void)
{
	static int to[2], from[2];
	char c = 'x';

	if (to[1] == 0) {
		if (pipe(to) < 0 || pipe(from) < 0)
			die("pipe");
		switch (fork()) {
		case -1:
			die("fork");
			break;
		case 0:
			(void)close(to[1]);
			while (read(to[0], &c, 1) == 1 &&
			       write(from[1], &c, 1) == 1)
				;
			_exit(0);
		}
	}
	return write(to[1], &c, 1) == 1 && read(from[0], &c, 1) == 1 ? 0 : -EIO;
}

static int ask(const char *file)
{
	return strcmp(file, "echo") == 0 ? ask_echo() :
					   open_close(file, O_RDONLY);
}

/* Prints the figures of at most @n opens. Return: how many failed. */
static unsigned measure(const char *file, const char *name, unsigned n,
			double *took)
{
	double end = now_us() + LONGEST_US;
	unsigned failed = 0, done = 0;

	while (done < n && now_us() < end) {
		double start = now_us();

		failed += ask(file) != 0;
		took[done++] = now_us() - start;
		pause_us(REST_US);
	}
	qsort(took, done, sizeof(*took), compare);
	printf("%s: n %u failed %u p50 %.1f p99 %.1f max %.1f\n", name, done,
	       failed, took[done / 2], took[done * 99 / 100], took[done - 1]);
	(void)fflush(stdout);
	return failed;
}

int neighbour(const char *file, const char *kind, unsigned n)
{
	double *took = calloc(n + WARM_UP, sizeof(*took));
	unsigned failed;
	pid_t pid;

	if (!took || n == 0) {
		(void)fputs("neighbour: no opens to time\n", stderr);
		free(took);
		return 99;
	}
	for (int i = 0; i < WARM_UP; i++)
		(void)ask(file);
	failed = measure(file, "quiet", n, took);
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		flood(kind);
		_exit(0);
	}
	pause_us(SETTLE_US);
	failed += measure(file, "flood", n, took);
	if (waitpid(pid, NULL, WNOHANG) != 0) {
		printf("the flood has ended by itself\n");
		failed++;
	}
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	printf("failed: %u\n", failed);
	free(took);
	return 0;
}
