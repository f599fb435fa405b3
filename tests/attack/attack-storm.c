/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack-storm DIR N: create N files exclusively, and open each again, while a timer
 * interrupts every millisecond with a handler that restarts system calls. Each
 * must be made exactly once, and no descriptor may be left over.
 */
#include <errno.h>
#include <signal.h>
#include <sys/time.h>

#include "attack.h"

static volatile sig_atomic_t n_alarms;

static void on_alarm(int number)
{
	(void)number;
	n_alarms++;
}

static int count_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void start_timer(void)
{
	struct itimerval every = { { 0, 1000 }, { 0, 1000 } };
	struct sigaction action = { .sa_handler = on_alarm,
				    .sa_flags = SA_RESTART };

	if (sigaction(SIGALRM, &action, NULL) < 0 ||
	    setitimer(ITIMER_REAL, &every, NULL) < 0)
		attack_die("setitimer");
}

/* Create and reopen one file; whether both worked at once. */
static bool make(const char *dir, int i)
{
	char path[4096];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%d", dir, i);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd < 0) {
		printf("create %d: %s\n", i, strerror(errno));
		return false;
	}
	(void)close(fd);
	fd = open(path, O_RDONLY);
	if (fd < 0) {
		printf("open %d: %s\n", i, strerror(errno));
		return false;
	}
	(void)close(fd);
	return true;
}

int main(int argc, char **argv)
{
	int n_made = 0;
	int before = count_descriptors();

	if (argc != 3)
		return 99;
	start_timer();
	for (int i = 0; i < atoi(argv[2]) || n_alarms < 10; i++) {
		if (!make(argv[1], i))
			break;
		n_made = i + 1;
	}
	printf("made: %s\n", n_made >= atoi(argv[2]) ? "all" : "not all");
	printf("left over: %d\n", count_descriptors() - before);
	return 0;
}
