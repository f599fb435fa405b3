/* SPDX-License-Identifier: Apache-2.0 */
/* Signals that arrive during calls. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "transparent.h"

#define ROUNDS 300

static volatile sig_atomic_t n_signals;

static void count_signal(int number)
{
	(void)number;
	n_signals++;
}

static void ring(int flags, int first_us, int then_us)
{
	const struct itimerval interval = { { 0, then_us }, { 0, first_us } };
	struct sigaction action = { .sa_handler = count_signal,
				    .sa_flags = flags };

	n_signals = 0;
	(void)sigaction(SIGALRM, &action, NULL);
	(void)setitimer(ITIMER_REAL, &interval, NULL);
}

/* The errors of a round, told apart. */
static char errors[256];

static void check(const char *what, long r)
{
	size_t len = strlen(errors);

	if (r < 0)
		(void)snprintf(errors + len, sizeof(errors) - len, " %s %s",
			       what, shown(r));
}

static void under_signals(void *data)
{
	const bool *is_restarting = data;
	long done = 0;

	ring(*is_restarting ? SA_RESTART : 0, 500, 500);
	for (int i = 0; i < ROUNDS; i++) {
		struct stat st;
		int fd = open("new", O_CREAT | O_EXCL | O_RDWR, 0600);

		check("open", fd);
		check("close", close(fd));
		check("rename", rename("new", "newer"));
		check("mkdir", mkdir("made", 0700));
		check("stat", stat("newer", &st));
		check("chmod", chmod("newer", 0640));
		check("unlink", unlink("newer"));
		check("rmdir", rmdir("made"));
		done++;
		if (errors[0] && *is_restarting)
			break;
	}
	ring(0, 0, 0);
	outcome(*is_restarting ? "restarting" : "interrupting", "%ld rounds,%s",
		done, errors);
}

/* A FIFO without another end: the signal ends the wait, or does not. */
static void wait_for_fifo(void *data)
{
	const bool *is_restarting = data;
	int fd;

	ring(*is_restarting ? SA_RESTART : 0, 300000, 0);
	if (*is_restarting && fork() == 0) {
		(void)usleep(900000);
		_exit(open("fifo", O_WRONLY) < 0);
	}
	fd = open("fifo", O_RDONLY);
	outcome(*is_restarting ? "FIFO, restarting" : "FIFO, interrupting",
		"%s, signals %s", fd < 0 ? shown(fd) : "opened",
		n_signals == 1 ? "1" : "other");
}

void run_signals(void)
{
	static bool yes = true, no = false;

	(void)forked(under_signals, &no);
	fixture_build(); /* what was interrupted is still there */
	(void)forked(under_signals, &yes);
	outcome("after", "%s", fixture_changes());
	(void)forked(wait_for_fifo, &no);
	(void)forked(wait_for_fifo, &yes);
}
