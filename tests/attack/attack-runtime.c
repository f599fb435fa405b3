/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack-runtime WAY [ARG...]: what native code may do to a runtime's limits.
 *
 *   threads N KIB   starts N threads with stacks of KIB, prints how many ran
 *   lock N KIB      the same, after it said that it needs no more
 *   ended N KIB     the same, after some of those that it had have ended
 *   namespaces      threads that enter a namespace as well
 *   fork            a process
 *   load FILE       maps FILE as code
 *   memory FILE     ... a copy of it in memory
 *   removed FILE    ... a copy of it that was removed
 */
#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "attack.h"

#define THREADS_MAX 64
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8
#endif

static void *wait_for_ever(void *data)
{
	for (;;)
		(void)pause();
	return data;
}

static volatile bool may_end;

static void *wait_for_end(void *data)
{
	while (!may_end)
		(void)usleep(1000);
	return data;
}

static void lock(void)
{
	int fd = open("/.nssupervise/threads", O_RDONLY | O_CLOEXEC);

	printf("lock: %s\n", fd >= 0 ? "said" : strerror(errno));
	(void)close(fd);
}

/* Two that end, and one that stays. */
static void lock_and_end(void)
{
	pthread_t ending[2], staying;

	for (int i = 0; i < 2; i++)
		if (pthread_create(&ending[i], NULL, wait_for_end, NULL) != 0)
			attack_die("pthread_create");
	if (pthread_create(&staying, NULL, wait_for_ever, NULL) != 0)
		attack_die("pthread_create");
	lock();
	may_end = true;
	for (int i = 0; i < 2; i++)
		(void)pthread_join(ending[i], NULL);
}

static void threads(int n, size_t kib)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int made = 0, error = 0;

	(void)pthread_attr_init(&attributes);
	(void)pthread_attr_setstacksize(&attributes, kib * 1024);
	for (int i = 0; i < n && i < THREADS_MAX; i++) {
		int r = pthread_create(&thread, &attributes, wait_for_ever,
				       NULL);

		made += r == 0;
		error = r ? r : error;
	}
	printf("made=%d %s\n", made, error ? strerror(error) : "all");
}

static void namespaces(void)
{
	static const struct {
		unsigned long flag;
		const char *name;
	} all[] = { { CLONE_NEWNS, "mount" }, { CLONE_NEWUSER, "user" },
		    { CLONE_NEWPID, "pid" },  { CLONE_NEWNET, "net" },
		    { CLONE_NEWIPC, "ipc" },  { CLONE_NEWUTS, "uts" } };
	const unsigned long thread = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		long r = syscall(SYS_clone, thread | all[i].flag, NULL, NULL,
				 NULL, NULL);

		printf("%s: %s\n", all[i].name,
		       r < 0 ? strerror(errno) : "made");
	}
}

static void make_process(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	printf("fork: %s\n", pid < 0 ? strerror(errno) : "made");
	if (pid > 0)
		(void)waitpid(pid, NULL, 0);
}

static void load(int fd)
{
	void *code =
		mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);

	printf("load: %s\n", code == MAP_FAILED ? strerror(errno) : "mapped");
}

static void copy(int from, int to)
{
	char buffer[65536];
	ssize_t n;

	while ((n = read(from, buffer, sizeof(buffer))) > 0)
		if (write(to, buffer, (size_t)n) != n)
			attack_die("write");
}

static void load_file(const char *way, const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	int other = fd;
	char name[4096];

	if (fd < 0)
		attack_die(file);
	if (strcmp(way, "memory") == 0) {
		other = memfd_create("code", 0);
		/* Refused since it could be executed; this one cannot. */
		if (other < 0)
			other = memfd_create("code", MFD_NOEXEC_SEAL);
		if (other < 0) {
			printf("load: %s\n", strerror(errno));
			return;
		}
		copy(fd, other);
	} else if (strcmp(way, "removed") == 0) {
		(void)snprintf(name, sizeof(name), "%s.copy", file);
		other = open(name, O_RDWR | O_CREAT | O_EXCL, 0700);
		if (other < 0 || unlink(name) < 0)
			attack_die(name);
		copy(fd, other);
	}
	load(other);
}

int main(int argc, char **argv)
{
	const char *way;

	/* As "node" it is given options before its own arguments. */
	while (argc > 1 && argv[1][0] == '-') {
		argc--;
		argv++;
	}
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	way = argc > 1 ? argv[1] : "";
	if (strcmp(way, "namespaces") == 0) {
		namespaces();
	} else if (strcmp(way, "fork") == 0) {
		make_process();
	} else if (argc == 3) {
		load_file(way, argv[2]);
	} else if (argc == 4) {
		if (strcmp(way, "lock") == 0) {
			threads(2, 32);
			lock();
		} else if (strcmp(way, "ended") == 0) {
			lock_and_end();
		}
		threads(atoi(argv[2]), (size_t)atol(argv[3]));
	} else {
		return 99;
	}
	return 0;
}
