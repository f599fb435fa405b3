/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load [--free] [--listed=N] DIR COMMAND
 *
 *   storm THREADS PROCESSES ROUNDS  every operation, by all of them at once;
 *                                   prints how many results were wrong
 *   neighbour FILE FLOOD N          N opens of FILE, alone and beside a flood;
 *                                   "echo": a byte to a process and back
 *   floods                          which there are
 *   soak THREADS PROCESSES          for each line of standard input a storm
 *                                   and a short flood, of another kind each
 *                                   time; prints "cycle: N wrong"
 *   flood KIND SECONDS
 *   read FILE N                     by N threads at once: size and sum of each
 *   exit                            what a program that is started does
 *
 * DIR is made by load.sh. --free: without a sandbox. --listed: a manifest is
 * in force and lists so many small files.
 */
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HANGS_S 150 /* whatever it does takes less */
#define SOAK_FLOOD_US 300000

struct world world;

/* Counted by all processes. */
struct counts {
	atomic_uint done;
	atomic_uint wrong;
	atomic_uint ready;
	atomic_bool is_started;
};

struct worker {
	pthread_t thread;
	struct counts *counts;
	unsigned number;
	unsigned rounds;
};

void die(const char *what)
{
	perror(what);
	exit(99);
}

double now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

void pause_us(unsigned us)
{
	const struct timespec time = { us / 1000000, us % 1000000 * 1000L };

	(void)nanosleep(&time, NULL);
}

const char *in_world(char *ret, const char *name)
{
	(void)snprintf(ret, PATH_MAX, "%s/%s", world.root, name);
	return ret;
}

int open_close(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	(void)close(fd);
	return 0;
}

int run_program(const char *path, const char *argument)
{
	char *const argv[] = { (char *)(uintptr_t)path, (char *)(uintptr_t) "-",
			       (char *)(uintptr_t)argument, NULL };
	char *const envp[] = { NULL };
	int status = 0;
	/* Another thread may hold a lock of the C library just now. */
	pid_t pid = vfork();

	if (pid == 0) {
		(void)execve(path, argv, envp);
		_exit(200 + (errno == EACCES));
	}
	if (pid < 0)
		return -errno;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (!WIFEXITED(status))
		return -ECHILD;
	status = WEXITSTATUS(status);
	return status == 201 ? -EACCES : status == 200 ? -ENOEXEC : status;
}

static void hangs(int signal)
{
	static const char text[] = "it hangs\n";

	(void)signal;
	(void)!write(STDOUT_FILENO, text, sizeof(text) - 1);
	_exit(98);
}

static void *storm_worker(void *data)
{
	struct worker *worker = data;
	unsigned wrong = 0, done = 0;

	(void)atomic_fetch_add(&worker->counts->ready, 1);
	while (!worker->counts->is_started)
		pause_us(1000);
	for (unsigned i = 0; i < worker->rounds; i++)
		done += work_once(worker->number, &wrong);
	(void)atomic_fetch_add(&worker->counts->done, done);
	(void)atomic_fetch_add(&worker->counts->wrong, wrong);
	return NULL;
}

static void start_processes(struct worker *workers, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (pid == 0) {
			(void)storm_worker(&workers[i]);
			(void)fflush(stdout);
			_exit(0);
		}
	}
}

static void start_threads(struct worker *workers, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (pthread_create(&workers[i].thread, NULL, storm_worker,
				   &workers[i]) != 0)
			die("pthread_create");
}

/* All of them begin at the same moment. Return: results that are not right. */
static unsigned storm(unsigned n_threads, unsigned n_processes, unsigned rounds)
{
	struct counts *counts = mmap(NULL, sizeof(*counts),
				     PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct worker *workers =
		calloc(n_threads + n_processes + 1, sizeof(*workers));
	/* Names that no other sandbox in this world makes. */
	unsigned base = (unsigned)getpid() * 1000;
	unsigned n_failed = 0, wrong = 0, n_operations;
	int status;

	if (counts == MAP_FAILED || !workers)
		die("memory");
	n_operations = work_once(base, &wrong);
	(void)fflush(stdout);
	for (unsigned i = 0; i < n_threads + n_processes; i++)
		workers[i] = (struct worker){ .counts = counts,
					      .number = base + 1 + i,
					      .rounds = rounds };
	start_processes(workers + n_threads, n_processes);
	start_threads(workers, n_threads);
	while (counts->ready < n_threads + n_processes)
		pause_us(1000);
	counts->is_started = true;
	for (unsigned i = 0; i < n_threads; i++)
		(void)pthread_join(workers[i].thread, NULL);
	for (unsigned i = 0; i < n_processes; i++)
		n_failed += wait(&status) < 0 || status != 0;
	n_operations *= rounds * (n_threads + n_processes);
	printf("# %u operations, %u processes failed\n", n_operations,
	       n_failed);
	wrong += counts->wrong + n_failed + (n_operations != counts->done);
	free(workers);
	(void)munmap(counts, sizeof(*counts));
	return wrong;
}

static int say_storm(unsigned n_threads, unsigned n_processes, unsigned rounds)
{
	(void)alarm(HANGS_S);
	printf("wrong: %u\n", storm(n_threads, n_processes, rounds));
	return 0;
}

static void *read_whole(void *data)
{
	static _Thread_local char buffer[65536];
	const char *path = data;
	uint64_t sum = 0, size = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int error = errno;
	ssize_t n;

	while (fd >= 0 && (n = read(fd, buffer, sizeof(buffer))) > 0) {
		for (ssize_t i = 0; i < n; i += 512)
			sum = sum * 31 + (unsigned char)buffer[i];
		size += (uint64_t)n;
	}
	if (fd < 0)
		printf("%s\n", strerrorname_np(error));
	else
		printf("%llu %llx\n", (unsigned long long)size,
		       (unsigned long long)sum);
	if (fd >= 0)
		(void)close(fd);
	return NULL;
}

static int read_by(char *path, unsigned n)
{
	pthread_t *threads = calloc(n + 1, sizeof(*threads));

	if (!threads)
		die("memory");
	for (unsigned i = 0; i < n; i++)
		if (pthread_create(&threads[i], NULL, read_whole, path) != 0)
			die("pthread_create");
	for (unsigned i = 0; i < n; i++)
		(void)pthread_join(threads[i], NULL);
	free(threads);
	return 0;
}

static void flood_for(const char *kind, unsigned us)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid == 0) {
		flood(kind);
		_exit(0);
	}
	pause_us(us);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

static int soak(unsigned n_threads, unsigned n_processes)
{
	char line[16];

	for (unsigned i = 0; fgets(line, sizeof(line), stdin); i++) {
		unsigned wrong;

		(void)alarm(HANGS_S);
		wrong = storm(n_threads, n_processes, 1);
		flood_for(flood_name(i), SOAK_FLOOD_US);
		printf("cycle: %u wrong\n", wrong);
		(void)fflush(stdout);
	}
	return 0;
}

static unsigned number(const char *text)
{
	return (unsigned)strtoul(text, NULL, 10);
}

static int command(char **argv, int argc)
{
	const char *name = argv[0];

	if (strcmp(name, "exit") == 0)
		return 7;
	if (strcmp(name, "floods") == 0) {
		for (unsigned i = 0; i < flood_count(); i++)
			printf("%s\n", flood_name(i));
		return 0;
	}
	(void)signal(SIGALRM, hangs);
	if (argc == 4 && strcmp(name, "storm") == 0)
		return say_storm(number(argv[1]), number(argv[2]),
				 number(argv[3]));
	if (argc == 4 && strcmp(name, "neighbour") == 0)
		return neighbour(argv[1], argv[2], number(argv[3]));
	if (argc == 3 && strcmp(name, "flood") == 0) {
		flood_for(argv[1], number(argv[2]) * 1000000);
		return 0;
	}
	if (argc == 3 && strcmp(name, "soak") == 0)
		return soak(number(argv[1]), number(argv[2]));
	if (argc == 3 && strcmp(name, "read") == 0)
		return read_by(argv[1], number(argv[2]));
	fprintf(stderr, "load: unknown command\n");
	return 99;
}

int main(int argc, char **argv)
{
	int i = 1;

	for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
		if (strcmp(argv[i], "--free") == 0)
			world.is_free = true;
		if (strncmp(argv[i], "--listed=", 9) == 0) {
			world.is_listed = true;
			world.n_listed = number(argv[i] + 9);
		}
	}
	if (argc - i < 2) {
		fprintf(stderr, "usage: load [OPTION]... DIR COMMAND...\n");
		return 99;
	}
	world.root = argv[i];
	return command(argv + i + 1, argc - i - 1);
}
