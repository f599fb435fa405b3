// SPDX-License-Identifier: Apache-2.0
/*
 * I, continued: memory and descriptors of another process, and signals to it.
 */
#include "catalogue.h"
#include "tricks.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HIGH 0x1234567800000000ULL
#define SECRET_SIZE 64
/* Not one that anybody sends by chance. */
#define NUMBER SIGURG
#define THREAD_ONLY O_EXCL /* of pidfd_open(2) */

static pid_t victim(void)
{
	return world_number("victim");
}

static char *address(void)
{
	return (char *)(uintptr_t)strtoull(world("address"), NULL, 10);
}

static void read_memory(void)
{
	char bytes[SECRET_SIZE];
	struct iovec mine = { bytes, sizeof(bytes) };
	struct iovec theirs = { address(), sizeof(bytes) };

	if (said("process_vm_readv",
		 process_vm_readv(victim(), &mine, 1, &theirs, 1, 0)) > 0)
		loot(bytes, sizeof(bytes));
}

static void read_memory_high(void)
{
	char bytes[SECRET_SIZE];
	struct iovec mine = { bytes, sizeof(bytes) };
	struct iovec theirs = { address(), sizeof(bytes) };

	if (said("process_vm_readv",
		 syscall(SYS_process_vm_readv, HIGH | (uint64_t)victim(), &mine,
			 1UL, &theirs, 1UL, 0UL)) > 0)
		loot(bytes, sizeof(bytes));
}

static void write_memory(void)
{
	struct iovec mine = { (void *)(uintptr_t) "changed", 7 };
	struct iovec theirs = { address(), 7 };

	(void)said("process_vm_writev",
		   process_vm_writev(victim(), &mine, 1, &theirs, 1, 0));
}

static int memory_file(const char *name, int flags)
{
	return (int)said(name,
			 open(text("/proc/%d/%s", victim(), name), flags));
}

static void read_file(const char *name)
{
	char bytes[SECRET_SIZE];

	if (said("pread", pread(memory_file(name, O_RDONLY), bytes,
				sizeof(bytes), (off_t)(uintptr_t)address())) >
	    0)
		loot(bytes, sizeof(bytes));
}

static void read_mem(void)
{
	read_file("mem");
}

static void read_mem_of_thread(void)
{
	read_file(text("task/%d/mem", victim()));
}

static void write_mem(void)
{
	(void)said("pwrite", pwrite(memory_file("mem", O_RDWR), "changed", 7,
				    (off_t)(uintptr_t)address()));
}

static void peek(void)
{
	long words[SECRET_SIZE / sizeof(long)];

	for (size_t i = 0; i < SECRET_SIZE / sizeof(long); i++)
		words[i] = ptrace(PTRACE_PEEKDATA, victim(),
				  address() + i * sizeof(long), NULL);
	loot(words, sizeof(words));
	(void)ptrace(PTRACE_DETACH, victim(), NULL, NULL);
}

/* It stops a moment later. */
static bool has_stopped(void)
{
	int status;

	return waitpid(victim(), &status, __WALL) == victim() &&
	       WIFSTOPPED(status);
}

static void attach(void)
{
	if (said("attach", ptrace(PTRACE_ATTACH, victim(), NULL, NULL)) == 0 &&
	    has_stopped())
		peek();
}

static void seize(void)
{
	if (said("seize", ptrace(PTRACE_SEIZE, victim(), NULL, NULL)) == 0 &&
	    ptrace(PTRACE_INTERRUPT, victim(), NULL, NULL) == 0 &&
	    has_stopped())
		peek();
}

static void attach_and_end(void)
{
	if (said("attach", ptrace(PTRACE_SEIZE, victim(), NULL,
				  (void *)PTRACE_O_EXITKILL)) < 0)
		return;
	/* Our end is its end. */
}

/* Its output goes to who judges. */
static void say(int fd)
{
	(void)said("write", write(fd, "the victim's output\n", 20));
}

static void take_descriptor(unsigned int flags)
{
	int pidfd = (int)syscall(SYS_pidfd_open, victim(), flags);

	say((int)said("pidfd_getfd",
		      syscall(SYS_pidfd_getfd, pidfd, STDOUT_FILENO, 0)));
}

static void take_output(void)
{
	take_descriptor(0);
}

static void take_output_of_thread(void)
{
	take_descriptor(THREAD_ONLY);
}

static void open_output(void)
{
	say(memory_file("fd/1", O_WRONLY));
}

static void sent(long result)
{
	(void)said("sent", result);
}

static void by_kill(void)
{
	sent(kill(victim(), NUMBER));
}

static void by_kill_high(void)
{
	sent(syscall(SYS_kill, HIGH | (uint64_t)victim(), HIGH | NUMBER));
}

static void by_kill_group(void)
{
	sent(kill(-victim(), NUMBER));
}

static void by_tkill(void)
{
	sent(syscall(SYS_tkill, victim(), NUMBER));
}

static void by_tgkill(void)
{
	sent(syscall(SYS_tgkill, victim(), victim(), NUMBER));
}

static siginfo_t queued(void)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_signo = NUMBER;
	info.si_code = SI_QUEUE;
	return info;
}

static void by_queue(void)
{
	siginfo_t info = queued();

	sent(syscall(SYS_rt_sigqueueinfo, victim(), NUMBER, &info));
}

static void by_thread_queue(void)
{
	siginfo_t info = queued();

	sent(syscall(SYS_rt_tgsigqueueinfo, victim(), victim(), NUMBER, &info));
}

static void by_pidfd_flags(unsigned int open_flags, unsigned int send_flags)
{
	int pidfd = (int)syscall(SYS_pidfd_open, victim(), open_flags);

	sent(syscall(SYS_pidfd_send_signal, pidfd, NUMBER, NULL, send_flags));
}

static void by_pidfd(void)
{
	by_pidfd_flags(0, 0);
}

static void by_pidfd_thread(void)
{
	by_pidfd_flags(THREAD_ONLY, 0);
}

static void by_pidfd_group(void)
{
	by_pidfd_flags(0, 1U << 2 /* PIDFD_SIGNAL_PROCESS_GROUP */);
}

/* Its directory in /proc is a pidfd as well. */
static void by_directory(void)
{
	int fd = open(text("/proc/%d", victim()), O_RDONLY | O_DIRECTORY);

	sent(syscall(SYS_pidfd_send_signal, fd, NUMBER, NULL, 0));
}

/* The kernel sends it, when something can be read, in the name of the owner. */
static void by_sigio(int (*own)(int fd))
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		return;
	sent(own(pair[0]));
	if (fcntl(pair[0], F_SETSIG, NUMBER) < 0 ||
	    fcntl(pair[0], F_SETFL, O_ASYNC) < 0 || write(pair[1], "x", 1) != 1)
		note("no SIGIO");
}

static int own_process(int fd)
{
	return fcntl(fd, F_SETOWN, victim());
}

static int own_group(int fd)
{
	return fcntl(fd, F_SETOWN, -victim());
}

static int own_thread(int fd)
{
	const struct f_owner_ex owner = { F_OWNER_TID, victim() };

	return fcntl(fd, F_SETOWN_EX, &owner);
}

static int own_by_ioctl(int fd)
{
	pid_t pid = victim();

	return ioctl(fd, FIOSETOWN, &pid);
}

static int own_by_socket(int fd)
{
	pid_t pid = victim();

	return ioctl(fd, SIOCSPGRP, &pid);
}

static void by_sigio_process(void)
{
	by_sigio(own_process);
}

static void by_sigio_group(void)
{
	by_sigio(own_group);
}

static void by_sigio_thread(void)
{
	by_sigio(own_thread);
}

static void by_sigio_ioctl(void)
{
	by_sigio(own_by_ioctl);
}

static void by_sigio_socket(void)
{
	by_sigio(own_by_socket);
}

/* Somebody opens a file on which there is a lease. */
static void by_lease(void)
{
	const char *path = put("leased", "x");
	int fd = open(path, O_RDONLY);

	sent(fcntl(fd, F_SETLEASE, F_RDLCK));
	sent(fcntl(fd, F_SETOWN, victim()));
	sent(fcntl(fd, F_SETSIG, NUMBER));
	(void)open(path, O_WRONLY | O_NONBLOCK);
}

static void by_notice(void)
{
	int fd = open(world("write"), O_RDONLY | O_DIRECTORY);

	sent(fcntl(fd, F_SETSIG, NUMBER));
	sent(fcntl(fd, F_NOTIFY, DN_CREATE | DN_MULTISHOT));
	sent(fcntl(fd, F_SETOWN, victim()));
	(void)put("new", "x");
}

static void by_stop(void)
{
	sent(kill(victim(), SIGSTOP));
}

static void by_end(void)
{
	sent(kill(victim(), SIGKILL));
}

static void by_end_of_thread(void)
{
	sent(syscall(SYS_tgkill, victim(), victim(), SIGKILL));
}

#define ROW(id, what, run)                          \
	{                                           \
		id, what, "processes", NULL, 0, run \
	}

const struct attack reach_attacks[] = {
	ROW("T167", "memory of another, by process_vm_readv", read_memory),
	ROW("T167b", "high bits in its number", read_memory_high),
	ROW("T167c", "its memory changed by process_vm_writev", write_memory),
	ROW("T167d", "/proc/PID/mem read", read_mem),
	ROW("T167e", "/proc/PID/task/TID/mem read", read_mem_of_thread),
	ROW("T167f", "/proc/PID/mem written", write_mem),
	ROW("T167g", "ptrace, attached", attach),
	ROW("T167h", "ptrace, seized", seize),
	ROW("T167i", "ended with its tracer", attach_and_end),
	ROW("T167j", "its descriptor by pidfd_getfd", take_output),
	ROW("T167k", "the same of its thread", take_output_of_thread),
	{ "T167l", "its descriptor by /proc/PID/fd", "processes", NULL,
	  ONLY_ROOT, open_output },
	ROW("T168", "a signal by kill", by_kill),
	ROW("T168b", "by kill, with high bits", by_kill_high),
	ROW("T168c", "by kill to its group", by_kill_group),
	ROW("T168d", "by tkill", by_tkill),
	ROW("T168e", "by tgkill", by_tgkill),
	ROW("T168f", "by rt_sigqueueinfo", by_queue),
	ROW("T168g", "by rt_tgsigqueueinfo", by_thread_queue),
	ROW("T168h", "by a pidfd", by_pidfd),
	ROW("T168i", "by a pidfd of its thread", by_pidfd_thread),
	ROW("T168j", "by a pidfd to its group", by_pidfd_group),
	ROW("T168k", "by its directory in /proc", by_directory),
	ROW("T168l", "SIGIO by F_SETOWN", by_sigio_process),
	ROW("T168m", "SIGIO to its group", by_sigio_group),
	ROW("T168n", "SIGIO by F_SETOWN_EX to its thread", by_sigio_thread),
	ROW("T168o", "SIGIO by FIOSETOWN", by_sigio_ioctl),
	ROW("T168p", "SIGIO by SIOCSPGRP", by_sigio_socket),
	ROW("T168q", "a lease that is broken", by_lease),
	ROW("T168r", "F_NOTIFY of a directory", by_notice),
	ROW("T168s", "SIGSTOP", by_stop),
	ROW("T168t", "SIGKILL", by_end),
	ROW("T168u", "SIGKILL to its thread", by_end_of_thread),
	{ 0 },
};
