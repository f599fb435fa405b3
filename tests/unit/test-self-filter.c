/* SPDX-License-Identifier: Apache-2.0 */
/* The supervisor's own filter: simulated call by call, and loaded. */
#include "supervise/self_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bpf-sim.h"
#include "common/kernel.h"
#include "tap.h"

#define SELF 1000
#define TARGET 1001
#define OTHER 1002
#define THREAD_FLAGS                                                        \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | \
	 CLONE_SYSVSEM | CLONE_SETTLS)

struct sample {
	const char *want;
	const char *name;
	long nr;
	uint64_t args[6];
};

#define SAMPLE(result, number, ...)                                 \
	{                                                           \
		.want = (result), .name = #number " " #__VA_ARGS__, \
		.nr = SYS_##number, .args = {                       \
			__VA_ARGS__                                 \
		}                                                   \
	}

static const struct sample samples[] = {
	/* What answering takes. */
	SAMPLE("allow", ioctl, 3, SECCOMP_IOCTL_NOTIF_RECV),
	SAMPLE("allow", ioctl, 3, SECCOMP_IOCTL_NOTIF_SEND),
	SAMPLE("allow", ioctl, 3, SECCOMP_IOCTL_NOTIF_ADDFD),
	SAMPLE("allow", ioctl, 3, SECCOMP_IOCTL_NOTIF_ID_VALID),
	SAMPLE("allow", openat, 0),
	SAMPLE("allow", openat2, 0),
	SAMPLE("allow", process_vm_readv, OTHER),
	SAMPLE("allow", mmap, 0, 4096, PROT_READ | PROT_WRITE),
	SAMPLE("allow", mprotect, 0, 4096, PROT_READ),
	SAMPLE("allow", clone, THREAD_FLAGS),
	SAMPLE("allow", unshare, CLONE_FS),
	SAMPLE("allow", seccomp, SECCOMP_GET_NOTIF_SIZES),
	SAMPLE("allow", kill, SELF, SIGSTOP),
	SAMPLE("allow", kill, OTHER, 0),
	SAMPLE("allow", kill, TARGET, SIGKILL),
	SAMPLE("allow", kill, (uint64_t)-1, SIGTERM),
	SAMPLE("allow", tgkill, SELF, 5, SIGURG),
	SAMPLE("allow", prlimit64, 0, RLIMIT_CORE, 1),
	SAMPLE("allow", fcntl, 3, F_GET_SEALS),
	SAMPLE("allow", exit_group, 0),
	/* New processes, programs, code. */
	SAMPLE("kill", execve, 0),
	SAMPLE("kill", execveat, 0),
	SAMPLE("kill", fork, 0),
	SAMPLE("kill", vfork, 0),
	SAMPLE("kill", clone, SIGCHLD),
	SAMPLE("kill", clone, THREAD_FLAGS | CLONE_NEWUSER),
	SAMPLE("kill", clone, CLONE_VM | CLONE_VFORK | SIGCHLD),
	SAMPLE("errno ENOSYS", clone3, 1, 88),
	SAMPLE("errno EPERM", mmap, 0, 4096, PROT_READ | PROT_EXEC),
	SAMPLE("errno EPERM", mprotect, 0, 4096, PROT_WRITE | PROT_EXEC),
	SAMPLE("kill", pkey_mprotect, 0, 4096, PROT_EXEC),
	/* Others' memory, credentials, the kernel. */
	SAMPLE("kill", ptrace, PTRACE_ATTACH, OTHER),
	SAMPLE("kill", bpf, 0),
	SAMPLE("kill", mount, 0),
	SAMPLE("kill", setns, 3),
	SAMPLE("kill", unshare, CLONE_NEWUSER),
	SAMPLE("kill", unshare, CLONE_FS | CLONE_NEWNS),
	SAMPLE("kill", io_uring_setup, 8),
	SAMPLE("kill", userfaultfd, 0),
	SAMPLE("kill", init_module, 0),
	SAMPLE("kill", kexec_load, 0),
	SAMPLE("kill", keyctl, 0),
	SAMPLE("kill", setuid, 0),
	SAMPLE("kill", capset, 0),
	SAMPLE("kill", chroot, 0),
	SAMPLE("kill", open_by_handle_at, 3),
	SAMPLE("kill", reboot, 0),
	SAMPLE("kill", perf_event_open, 0),
	SAMPLE("kill", personality, 0),
	SAMPLE("kill", seccomp, SECCOMP_SET_MODE_FILTER),
	SAMPLE("kill", prlimit64, OTHER, RLIMIT_NOFILE, 1),
	/* Signals and terminals of others. */
	SAMPLE("errno EPERM", kill, OTHER, SIGKILL),
	SAMPLE("errno EPERM", kill, 0, SIGKILL),
	SAMPLE("errno EPERM", tgkill, OTHER, OTHER, SIGKILL),
	SAMPLE("errno ENOSYS", rt_sigqueueinfo, OTHER, SIGKILL),
	SAMPLE("errno EPERM", ioctl, 0, TIOCSTI),
	SAMPLE("errno EPERM", ioctl, 0, TIOCSTI | 1UL << 32),
	SAMPLE("errno EPERM", fcntl, 3, F_SETOWN),
	SAMPLE("errno ENOSYS", setpriority, 0),
	SAMPLE("errno ENOSYS", setsid, 0),
	SAMPLE("errno ENOSYS", prctl, 4, 1),
	SAMPLE("errno ENOSYS", sched_setscheduler, OTHER),
	/* What nobody has thought of. */
	{ "errno ENOSYS", "a number of tomorrow", 600, { 0 } },
	{ "errno ENOSYS", "an x32 number", 0x40000000 | SYS_read, { 0 } },
	{ "errno ENOSYS", "no number", -1, { 0 } },
};

/* Differs: without the network, and with it. */
static const struct sample net_samples[] = {
	SAMPLE("errno EPERM", socket, AF_INET),
	SAMPLE("errno EPERM", socket, AF_UNIX),
	SAMPLE("errno EPERM", socket, AF_NETLINK),
	SAMPLE("errno ENOSYS", connect, 3),
	SAMPLE("errno ENOSYS", bind, 3),
	SAMPLE("errno ENOSYS", sendto, 3),
	SAMPLE("errno EPERM", ioctl, 3, FIONREAD),
};

/* Differs in neither. */
static const struct sample other_samples[] = {
	SAMPLE("errno EPERM", socket, AF_PACKET),
	SAMPLE("errno EPERM", socket, AF_ALG),
	SAMPLE("errno EPERM", socket, AF_VSOCK),
	SAMPLE("errno ENOSYS", accept4, 3),
};

static void check(const struct sock_fprog *filter, const struct sample *sample,
		  const char *want, const char *where)
{
	char buffer[64];
	uint32_t value =
		bpf_sim_call(filter, (int)sample->nr, sample->args, NULL);
	const char *got = bpf_sim_text(value, buffer, sizeof(buffer));

	if (!ok(strcmp(got, want) == 0, "%s%s: %s", sample->name, where, want))
		diag("got %s", got);
}

static void check_samples(void)
{
	struct self_filter spec = { .self = SELF, .target = TARGET };
	struct sock_fprog filter, net;

	if (!ok(self_filter_build(&spec, &filter) == 0, "a filter is made"))
		return;
	spec.allow_net = true;
	if (!ok(self_filter_build(&spec, &net) == 0, "one with the network"))
		return;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		check(&filter, &samples[i], samples[i].want, "");
	for (size_t i = 0; i < sizeof(net_samples) / sizeof(net_samples[0]);
	     i++) {
		check(&filter, &net_samples[i], net_samples[i].want, "");
		check(&net, &net_samples[i], "allow", ", network");
	}
	for (size_t i = 0; i < sizeof(other_samples) / sizeof(other_samples[0]);
	     i++) {
		check(&filter, &other_samples[i], other_samples[i].want, "");
		check(&net, &other_samples[i], other_samples[i].want,
		      ", network");
	}
	self_filter_done(&filter);
	self_filter_done(&net);
}

static void check_form(void)
{
	/* With each request; the kernel must not run the program for them. */
	static const int hot[] = { SYS_openat2,    SYS_process_vm_readv,
				   SYS_close,      SYS_newfstatat,
				   SYS_readlinkat, SYS_read };
	struct self_filter spec = { .self = SELF, .target = TARGET };
	struct seccomp_data data = { .nr = SYS_read, .arch = AUDIT_ARCH_I386 };
	struct sock_fprog filter;
	bool reads = false, any = false;

	if (self_filter_build(&spec, &filter) < 0)
		return;
	ok(bpf_sim(&filter, &data, NULL) == SECCOMP_RET_KILL_PROCESS,
	   "a foreign architecture is the end");
	for (size_t i = 0; i < sizeof(hot) / sizeof(hot[0]); i++) {
		(void)bpf_sim_call(&filter, hot[i], NULL, &reads);
		any = any || reads;
	}
	ok(!any, "the kernel may remember the answers that matter");
	any = false;
	for (int nr = 0; nr < 1024; nr++)
		any = any ||
		      bpf_sim_call(&filter, nr, NULL, NULL) == BPF_SIM_INVALID;
	ok(!any, "every number has an answer");
	self_filter_done(&filter);
}

/* The rest is tried: each case in a child behind the filter. */

static int status_behind(int (*body)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		const struct rlimit none = { 0, 0 };
		struct self_filter spec = { .self = getpid(),
					    .target = getppid() };

		(void)setrlimit(RLIMIT_CORE, &none);
		_exit(self_filter_install(&spec) == 0 ? body() : 99);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

/* Behind the filter prctl(2) is not answered at all. */
static int has_no_filter(void)
{
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 0;
}

static int try_fork(void)
{
	return fork() == 0 ? 0 : 1;
}

static int try_exec(void)
{
	char *argv[] = { NULL };

	return execve("/bin/true", argv, argv);
}

static int try_ptrace(void)
{
	return (int)ptrace(PTRACE_SEIZE, getppid(), NULL, NULL);
}

static int try_user_namespace(void)
{
	return (int)syscall(SYS_unshare, CLONE_NEWUSER);
}

static int try_bpf(void)
{
	return (int)syscall(SYS_bpf, 0, NULL, 0);
}

static int try_limits(void)
{
	const struct rlimit limit = { 3, 3 };

	return prlimit(getppid(), RLIMIT_NOFILE, &limit, NULL);
}

static int try_filter(void)
{
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL);
}

static bool fails_with(long result, int error)
{
	return result == -1 && errno == error;
}

static int refusals(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return 1;
	if (!fails_with(mprotect(page, 4096, PROT_READ | PROT_EXEC), EPERM))
		return 2;
	if (mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
		 -1, 0) != MAP_FAILED)
		return 3;
	if (!fails_with(socket(AF_INET, SOCK_STREAM, 0), EPERM))
		return 4;
	if (!fails_with(ioctl(0, TIOCSTI, "x"), EPERM))
		return 5;
	if (!fails_with(syscall(SYS_tgkill, 1, 1, SIGKILL), EPERM))
		return 6;
	if (!fails_with(setpriority(PRIO_PROCESS, 0, 1), ENOSYS))
		return 7;
	if (!fails_with(fcntl(0, F_SETOWN, 1), EPERM))
		return 8;
	return 0;
}

static void *allocate(void *ret)
{
	*(void **)ret = malloc(1 << 20);
	return NULL;
}

static int ordinary_work(void)
{
	int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	void *block = NULL;
	pthread_t thread;
	char name[64];
	int copy;

	if (pthread_create(&thread, NULL, allocate, &block) != 0 ||
	    pthread_join(thread, NULL) != 0 || !block)
		return 1;
	if (fd < 0 || write(fd, "x", 1) != 1 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) < 0)
		return 2;
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	copy = open(name, O_RDONLY | O_CLOEXEC);
	if (copy < 0 || close(copy) < 0)
		return 3;
	if (unshare(CLONE_FS) < 0 || kill(getpid(), 0) < 0)
		return 4;
	free(block);
	return 0;
}

static atomic_int stage;

static void *wait_and_fork(void *unused)
{
	while (atomic_load(&stage) == 0)
		(void)sched_yield();
	(void)fork();
	return unused;
}

/* A thread that was there before is behind the filter as well. */
static int status_of_older_thread(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		const struct rlimit none = { 0, 0 };
		struct self_filter spec = { .self = getpid(),
					    .target = getppid() };
		pthread_t thread;

		(void)setrlimit(RLIMIT_CORE, &none);
		if (pthread_create(&thread, NULL, wait_and_fork, NULL) != 0 ||
		    self_filter_install(&spec) < 0)
			_exit(99);
		atomic_store(&stage, 1);
		(void)pthread_join(thread, NULL);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

static void ends(int (*body)(void), const char *name)
{
	int status = status_behind(body);

	if (!ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS,
		"%s is the end", name))
		diag("status 0x%x", status);
}

static void check_live(void)
{
	if (status_behind(has_no_filter) == 1 << 8) {
		skip("a build with sanitizers has no filter");
		return;
	}
	ends(try_fork, "fork");
	ends(try_exec, "execve");
	ends(try_ptrace, "ptrace");
	ends(try_user_namespace, "a user namespace");
	ends(try_bpf, "bpf");
	ends(try_limits, "another's limits");
	ends(try_filter, "another filter");
	is_int(status_behind(refusals), 0, "what is refused has its errno");
	is_int(status_behind(ordinary_work), 0, "threads, memory, files work");
	ok(WIFSIGNALED(status_of_older_thread()),
	   "it holds for threads that were there before");
}

int main(void)
{
	check_samples();
	check_form();
	check_live();
	return done();
}
