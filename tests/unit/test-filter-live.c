/* SPDX-License-Identifier: Apache-2.0 */
/* The filter, loaded: each case in a child that ends with its result. */
#include "filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/kernel.h"
#include "tap.h"

#define CANNOT_LOAD 99

static bool load(const struct filter_spec *spec)
{
	struct sock_fprog filter;

	return filter_build(spec, &filter) == 0 &&
	       prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       kernel_seccomp(SECCOMP_SET_MODE_FILTER, 0, &filter) == 0;
}

/* The wait status of a child that runs @body behind the filter of @spec. */
static int status_behind(const struct filter_spec *spec, int (*body)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(load(spec) ? body() : CANNOT_LOAD);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

static void succeeds(const struct filter_spec *spec, int (*body)(void),
		     const char *name)
{
	int status = status_behind(spec, body);

	if (!ok(status == 0, "%s", name))
		diag("status 0x%x: see the body's return values", status);
}

/* A body returns 0, or the number of the check that failed. */

static bool fails_with(long result, int error)
{
	return result == -1 && errno == error;
}

static int denials_have_their_errno(void)
{
	int mine = getppid();
	struct rlimit limit = { 3, 3 };

	if (!fails_with(syscall(600), ENOSYS))
		return 1;
	if (!fails_with(syscall(0x40000000 | SYS_getpid), ENOSYS))
		return 2;
	if (!fails_with(syscall(SYS_clone3, NULL, 0), ENOSYS))
		return 3;
	if (!fails_with(ptrace(PTRACE_ATTACH, mine, 0, 0), EPERM))
		return 4;
	if (!fails_with(prlimit(mine, RLIMIT_NOFILE, &limit, NULL), EPERM))
		return 5;
	if (!fails_with(setpriority(PRIO_PROCESS, (id_t)mine, 19), EPERM))
		return 6;
	if (!fails_with(syscall(SYS_ioctl, 0, TIOCSTI | 1UL << 32, "x"), EPERM))
		return 7;
	if (!fails_with(fork(), EACCES))
		return 8;
	if (!fails_with(socket(AF_INET, SOCK_STREAM, 0), EACCES))
		return 9;
	if (!fails_with(fchmod(0, 0600), EACCES))
		return 10;
	if (!fails_with(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), EPERM))
		return 11;
	if (!fails_with(unshare(CLONE_NEWUSER), EPERM))
		return 12;
	if (!fails_with(kernel_memfd_create("x", 0) < 0 ? -1 : 0, ENOSYS))
		return 13;
	return 0;
}

static int nothing(void)
{
	return 0;
}

static void *thread_body(void *result)
{
	*(int *)result = 1;
	return NULL;
}

/* What each runtime does at its start. */
static int ordinary_calls_work(void)
{
	pthread_t thread;
	int result = 0, pair[2];
	struct rlimit limit;

	if (pthread_create(&thread, NULL, thread_body, &result) != 0 ||
	    pthread_join(thread, NULL) != 0 || result != 1)
		return 1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return 2;
	if (write(pair[0], "x", 1) != 1 || close(pair[0]) < 0)
		return 3;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 ||
	    setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 4;
	if (prctl(PR_SET_NAME, "test", 0, 0, 0) < 0 || kill(getpid(), 0) < 0)
		return 5;
	if (open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC) < 0)
		return 6;
	return 0;
}

static int child_runs(void)
{
	int status;
	pid_t pid = vfork();

	if (pid == 0) {
		(void)execl("/bin/true", "true", (char *)NULL);
		_exit(CANNOT_LOAD);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		return 1;
	return 0;
}

static int net_has_internet_sockets_only(void)
{
	if (socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) < 0 ||
	    socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP) < 0)
		return 1;
	if (!fails_with(socket(AF_UNIX, SOCK_STREAM, 0), EACCES))
		return 2;
	if (!fails_with(socket(AF_INET, SOCK_STREAM, 262), EPROTONOSUPPORT))
		return 3;
	if (!fails_with(socket(AF_VSOCK, SOCK_STREAM, 0), EACCES))
		return 4;
	return 0;
}

/* getpid of i386, by the gate that leads past a filter of numbers only. */
static int i386_call(void)
{
	uint32_t number = 20;

	__asm__ volatile("int $0x80" : "+a"(number) : : "memory");
	return 1;
}

static void i386_call_is_killed(void)
{
	const struct filter_spec spec = { .allow_fork = true };
	int status = status_behind(&spec, i386_call);

	/* SIGSEGV: this kernel has no such gate. */
	ok(WIFSIGNALED(status) &&
		   (WTERMSIG(status) == SIGSYS || WTERMSIG(status) == SIGSEGV),
	   "a system call of i386 ends the process");
}

int main(void)
{
	const struct filter_spec quiet = { 0 };
	const struct filter_spec children = { .allow_fork = true };
	const struct filter_spec net = { .allow_net = true };

	if (status_behind(&quiet, nothing) == CANNOT_LOAD << 8) {
		skip_all("no seccomp filter can be loaded here");
		return done();
	}
	succeeds(&quiet, denials_have_their_errno, "denials have their errno");
	succeeds(&quiet, ordinary_calls_work, "threads, pairs, limits work");
	succeeds(&children, child_runs, "a child process runs a program");
	succeeds(&net, net_has_internet_sockets_only, "internet sockets only");
	i386_call_is_killed();
	return done();
}
