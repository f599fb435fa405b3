/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack-supervisor [--gently]: reads numbers, one a line, of a process and
 * then of its threads, and tries on each of them whatever one process can do to
 * another of the same user. Prints "NUMBER ATTACK RESULT". With --gently nothing that would end or
 * stop it. At the end of the input it goes on as an honest program.
 */
#include <errno.h>
#include <linux/ioprio.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "attack.h"

#ifndef PR_SCHED_CORE
#define PR_SCHED_CORE 62
#endif
#define SHARE_TO 2
#define THREAD_ONLY O_EXCL /* of pidfd_open(2) */

static bool is_gentle;
static pid_t process; /* the first number */

/* Harmless to whoever gets it, or the end. */
static int signal_sent(void)
{
	return is_gentle ? SIGURG : SIGKILL;
}

static int attack_kill(pid_t id)
{
	return kill(id, signal_sent());
}

static int attack_stop(pid_t id)
{
	return kill(id, is_gentle ? SIGURG : SIGSTOP);
}

static int attack_exists(pid_t id)
{
	return kill(id, 0);
}

static int attack_tkill(pid_t id)
{
	return (int)syscall(SYS_tkill, id, signal_sent());
}

static int attack_tgkill(pid_t id)
{
	return (int)syscall(SYS_tgkill, process, id, signal_sent());
}

static int attack_sigqueue(pid_t id)
{
	return sigqueue(id, signal_sent(), (union sigval){ 0 });
}

static int attack_tgsigqueue(pid_t id)
{
	siginfo_t info = { .si_code = SI_QUEUE };

	return (int)syscall(SYS_rt_tgsigqueueinfo, process, id, signal_sent(),
			    &info);
}

static int attack_group(pid_t id)
{
	pid_t group = getpgid(id);

	/* Ours as well: only a signal that does nothing. */
	if (group <= 1)
		return -1;
	return kill(-group, SIGURG);
}

/* Each pidfd is of the process or, where there are such, of the thread. */
static int with_pidfd(pid_t id, int (*attack)(int pidfd))
{
	int pidfd = (int)syscall(SYS_pidfd_open, id, 0);
	int result, error;

	if (pidfd < 0)
		pidfd = (int)syscall(SYS_pidfd_open, id, THREAD_ONLY);
	if (pidfd < 0)
		return -1;
	result = attack(pidfd);
	error = errno;
	(void)close(pidfd);
	errno = error;
	return result;
}

static int pidfd_signal(int pidfd)
{
	return (int)syscall(SYS_pidfd_send_signal, pidfd, signal_sent(), NULL,
			    0);
}

static int attack_pidfd_signal(pid_t id)
{
	return with_pidfd(id, pidfd_signal);
}

static int pidfd_take(int pidfd)
{
	return (int)syscall(SYS_pidfd_getfd, pidfd, 3, 0);
}

static int attack_take_descriptor(pid_t id)
{
	return with_pidfd(id, pidfd_take);
}

static int pidfd_advise(int pidfd)
{
	struct iovec page = { (void *)0x400000, 4096 };

	return (int)syscall(SYS_process_madvise, pidfd, &page, 1, 20, 0);
}

static int attack_madvise(pid_t id)
{
	return with_pidfd(id, pidfd_advise);
}

/* The kernel sends it when something can be read, in our name. */
static int attack_sigio(pid_t id)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		return -1;
	if (fcntl(pair[0], F_SETOWN, id) < 0 ||
	    fcntl(pair[0], 10 /* F_SETSIG */, signal_sent()) < 0 ||
	    fcntl(pair[0], F_SETFL, O_ASYNC) < 0 || write(pair[1], "x", 1) != 1)
		return -1;
	(void)close(pair[0]);
	(void)close(pair[1]);
	/* Nobody tells whether it arrived: the shell looks. */
	errno = EINPROGRESS;
	return -1;
}

static int attack_ptrace(pid_t id)
{
	int result = (int)ptrace(PTRACE_SEIZE, id, NULL, NULL);

	if (result == 0) {
		(void)ptrace(PTRACE_INTERRUPT, id, NULL, NULL);
		(void)ptrace(PTRACE_DETACH, id, NULL, NULL);
	}
	return result;
}

static int attack_read(pid_t id)
{
	char byte;
	struct iovec mine = { &byte, 1 };
	struct iovec theirs = { (void *)0x400000, 1 };
	int result = (int)process_vm_readv(id, &mine, 1, &theirs, 1, 0);

	/* Nothing lies there, but we were let in. */
	return result < 0 && errno == EFAULT ? 0 : result;
}

static int attack_write(pid_t id)
{
	char byte = 0;
	struct iovec mine = { &byte, 1 };
	struct iovec theirs = { (void *)0x400000, 1 };
	int result = (int)process_vm_writev(id, &mine, 1, &theirs, 1, 0);

	return result < 0 && errno == EFAULT ? 0 : result;
}

static int attack_compare(pid_t id)
{
	return (int)syscall(SYS_kcmp, getpid(), id, 2, 0, 0) < 0 ? -1 : 0;
}

static int attack_pages(pid_t id)
{
	void *page = (void *)0x400000;
	int node = 0, status = 0;

	return (int)syscall(SYS_move_pages, id, 1, &page, &node, &status, 2);
}

static int attack_migrate(pid_t id)
{
	unsigned long nodes = 1;

	return (int)syscall(SYS_migrate_pages, id, 2, &nodes, &nodes) < 0 ? -1 :
									    0;
}

static int attack_robust(pid_t id)
{
	void *head;
	size_t len;

	return (int)syscall(SYS_get_robust_list, id, &head, &len);
}

static int attack_core(pid_t id)
{
	return prctl(PR_SCHED_CORE, SHARE_TO, id, 0, 0);
}

static int attack_limits(pid_t id)
{
	struct rlimit limit;

	/* As few as it has, or too few to answer. */
	if (prlimit(id, RLIMIT_NOFILE, NULL, &limit) < 0)
		limit.rlim_max = limit.rlim_cur = 64;
	if (!is_gentle)
		limit.rlim_cur = 3;
	return prlimit(id, RLIMIT_NOFILE, &limit, NULL);
}

static int attack_read_limits(pid_t id)
{
	struct rlimit limit;

	return prlimit(id, RLIMIT_NOFILE, NULL, &limit);
}

static int attack_cpu_limit(pid_t id)
{
	struct rlimit limit = { 1, 1 };

	if (is_gentle)
		limit = (struct rlimit){ RLIM_INFINITY, RLIM_INFINITY };
	return prlimit(id, RLIMIT_CPU, &limit, NULL);
}

static int attack_nice(pid_t id)
{
	return setpriority(PRIO_PROCESS, (id_t)id, 19);
}

static int attack_nice_group(pid_t id)
{
	return setpriority(PRIO_PGRP, (id_t)getpgid(id), 19);
}

static int attack_nice_user(pid_t id)
{
	(void)id;
	/* All that the user runs, so not where it would work. */
	errno = ECANCELED;
	return is_gentle ? -1 : setpriority(PRIO_USER, getuid(), 19);
}

static int attack_io(pid_t id)
{
	return (int)syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, id,
			    IOPRIO_CLASS_IDLE << 13);
}

static int attack_io_group(pid_t id)
{
	return (int)syscall(SYS_ioprio_set, IOPRIO_WHO_PGRP, getpgid(id),
			    IOPRIO_CLASS_IDLE << 13);
}

static int attack_io_user(pid_t id)
{
	(void)id;
	errno = ECANCELED;
	return is_gentle ? -1 :
			   (int)syscall(SYS_ioprio_set, IOPRIO_WHO_USER,
					getuid(), IOPRIO_CLASS_IDLE << 13);
}

static int attack_affinity(pid_t id)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	return sched_setaffinity(id, sizeof(cpus), &cpus);
}

static int attack_scheduler(pid_t id)
{
	const struct sched_param param = { 0 };

	return sched_setscheduler(id, SCHED_IDLE, &param);
}

static int attack_parameters(pid_t id)
{
	const struct sched_param param = { 0 };

	return sched_setparam(id, &param);
}

static int attack_attributes(pid_t id)
{
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime, deadline, period;
	} attr = { .size = 48,
		   .policy = SCHED_BATCH,
		   /* A lower one would need a right of its own. */
		   .nice = getpriority(PRIO_PROCESS, 0) };

	return (int)syscall(SYS_sched_setattr, id, &attr, 0);
}

static const struct {
	const char *name;
	int (*run)(pid_t id);
} attacks[] = {
	{ "exists", attack_exists },
	{ "kill", attack_kill },
	{ "stop", attack_stop },
	{ "tkill", attack_tkill },
	{ "tgkill", attack_tgkill },
	{ "sigqueue", attack_sigqueue },
	{ "tgsigqueue", attack_tgsigqueue },
	{ "pidfd-signal", attack_pidfd_signal },
	{ "sigio", attack_sigio },
	{ "ptrace", attack_ptrace },
	{ "read-memory", attack_read },
	{ "write-memory", attack_write },
	{ "take-descriptor", attack_take_descriptor },
	{ "madvise", attack_madvise },
	{ "compare", attack_compare },
	{ "move-pages", attack_pages },
	{ "migrate-pages", attack_migrate },
	{ "robust-list", attack_robust },
	{ "share-core", attack_core },
	{ "limits", attack_limits },
	{ "cpu-limit", attack_cpu_limit },
	{ "sched-attr", attack_attributes },
	{ "nice", attack_nice },
	{ "io-priority", attack_io },
	{ "affinity", attack_affinity },
	{ "scheduler", attack_scheduler },
	{ "sched-param", attack_parameters },
	/* These succeed on us: tried, but not counted. */
	{ "own-read-limits", attack_read_limits },
	{ "own-group", attack_group },
	{ "own-nice-group", attack_nice_group },
	{ "own-nice-user", attack_nice_user },
	{ "own-io-group", attack_io_group },
	{ "own-io-user", attack_io_user },
};

/* What a process can change of another by writing, or see by reading. */
static const struct {
	const char *name;
	int flags;
	const char *text;
} files[] = {
	{ "oom_score_adj", O_WRONLY, "1000" },
	{ "oom_adj", O_WRONLY, "15" },
	{ "timerslack_ns", O_WRONLY, "4000000000" },
	{ "autogroup", O_WRONLY, "19" },
	{ "coredump_filter", O_WRONLY, "0x7f" },
	{ "clear_refs", O_WRONLY, "1" },
	{ "comm", O_WRONLY, "victim" },
	{ "sched", O_WRONLY, "0" },
	{ "mem", O_RDWR, NULL },
	{ "environ", O_RDONLY, NULL },
	{ "maps", O_RDONLY, NULL },
	{ "pagemap", O_RDONLY, NULL },
	{ "fd/3", O_RDONLY, NULL },
	{ "cwd/.", O_RDONLY, NULL },
	{ "root/.", O_RDONLY, NULL },
	{ "auxv", O_RDONLY, NULL },
	{ "status", O_RDONLY, NULL },
	{ "cmdline", O_RDONLY, NULL },
	{ "syscall", O_RDONLY, NULL },
	{ "stack", O_RDONLY, NULL },
	{ "io", O_RDONLY, NULL },
};

static void say(int id, const char *name, const char *what, int result)
{
	const char *error = result >= 0 ? "OK" : strerrorname_np(errno);

	printf("%d %s%s %s\n", id, what, name, error ? error : "?");
	fflush(stdout);
}

static int try_file(pid_t id, size_t i)
{
	char path[64];
	int result, fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)id,
		       files[i].name);
	fd = open(path, files[i].flags | O_CLOEXEC);
	if (fd < 0)
		return fd;
	result = files[i].text ?
			 (int)write(fd, files[i].text, strlen(files[i].text)) :
			 0;
	(void)close(fd);
	return result;
}

static void attack(pid_t id)
{
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		errno = 0;
		say(id, attacks[i].name, "", attacks[i].run(id));
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		say(id, files[i].name, "/proc/PID/", try_file(id, i));
}

int main(int argc, char **argv)
{
	char line[32];

	is_gentle = argc > 1 && strcmp(argv[1], "--gently") == 0;
	(void)signal(SIGURG, SIG_IGN);
	printf("ready\n");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		if (atoi(line) <= 1)
			break;
		if (!process)
			process = atoi(line);
		attack(atoi(line));
	}
	if (!is_gentle)
		say(0, "own-all", "", kill(-1, SIGURG));
	printf("over\n");
	return 7;
}
