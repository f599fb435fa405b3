/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Probes of what holds the target, and of what the supervisor may do with it:
 * with the same calls and in the same order of processes as a run. They change
 * the process that calls them for good.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/kernel.h"
#include "filter.h"
#include "supervise/caps.h"
#include "supervise/probe_checks.h"
#include "supervise/ruleset.h"
#include "supervise/target.h"

#define UNKNOWN_SYSCALL 600
#define I386_GETPID 20

/* Differs from one process to the next: the text that the parent reads. */
static char text[] = "parent";
static const char child_text[] = "child!";

_Static_assert(sizeof(text) == sizeof(child_text), "one replaces the other");

static int expect(long result, int error)
{
	if (result >= 0)
		return -ENOTRECOVERABLE;
	return errno == error ? 0 : -errno;
}

int probe_no_new_privs(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 :
							     -ENOTRECOVERABLE;
}

int probe_capabilities(void)
{
	return caps_drop();
}

/* @rules may be NULL: a domain where no file can be opened. */
static int enter_domain(const struct domain_rule *rules, size_t n,
			unsigned flags)
{
	_cleanup_close_ int fd = -1;
	int r;

	r = ruleset_create(rules, n, flags, &fd);
	return r < 0 ? r : ruleset_enforce(fd);
}

static int enter_readable_domain(unsigned flags)
{
	static const struct domain_rule rule = { .path = "/",
						 .groups = ACCESS_READ };

	return enter_domain(&rule, 1, flags);
}

int probe_landlock_domain(void)
{
	_cleanup_close_ int fd = -1;
	int r;

	r = enter_domain(NULL, 0, RULESET_SCOPES | RULESET_DENY_NET);
	if (r < 0)
		return r;
	fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return expect(fd, EACCES);
}

/* Reads @text of the other process, which has it at the same address. */
static int read_text(int proc_fd, pid_t pid)
{
	char got[sizeof(text)];
	int r;

	r = target_read(proc_fd, pid, (uintptr_t)text, got, sizeof(got));
	if (r < 0)
		return r;
	return memcmp(got, child_text, sizeof(got)) == 0 ? 0 : -ENOTRECOVERABLE;
}

/* Lets the parent work on this process, and waits until it ends it. */
static int stay(int sock)
{
	int r;

	memcpy(text, child_text, sizeof(text));
	r = peer_say(sock);
	return r < 0 ? r : peer_listen(sock);
}

static int stay_body(int sock, void *unused)
{
	(void)unused;
	return stay(sock);
}

/* Where @body did not get to stay(), its reason counts. */
static int start_staying(int (*body)(int sock, void *data), struct peer *ret)
{
	int r, reason;

	r = peer_start(body, NULL, ret);
	if (r < 0)
		return r;
	r = peer_listen(ret->sock);
	if (r == 0)
		return 0;
	reason = peer_wait(ret);
	return reason < 0 ? reason : r;
}

/* Without capabilities, as in a run: root could read anything. */
int probe_target_memory(void)
{
	_cleanup_(peer_done) struct peer peer = { 0, -EBADF };
	_cleanup_close_ int proc_fd = procfs_open();
	int r;

	if (proc_fd < 0)
		return proc_fd;
	r = caps_drop();
	if (r == 0)
		r = start_staying(stay_body, &peer);
	return r < 0 ? r : read_text(proc_fd, peer.pid);
}

int probe_pidfd_getfd(void)
{
	_cleanup_(peer_done) struct peer peer = { 0, -EBADF };
	_cleanup_close_ int pidfd = -1, fd = -1;
	int r;

	r = caps_drop();
	if (r == 0)
		r = start_staying(stay_body, &peer);
	if (r < 0)
		return r;
	pidfd = kernel_pidfd_open(peer.pid, 0);
	if (pidfd < 0)
		return pidfd;
	fd = kernel_pidfd_getfd(pidfd, STDIN_FILENO);
	/* It looks at the descriptor last: EBADF if there is no such. */
	return fd < 0 && fd != -EBADF ? fd : 0;
}

/* Nothing may lead from the inner domain back to the parent's. */
static int nested_body(int sock, void *unused)
{
	struct iovec local = { &(char){ 0 }, 1 };
	struct iovec remote = { text, 1 };
	pid_t parent = getppid();
	int r;

	(void)unused;
	/* Two: the layer around the sandbox, and the target's own. */
	r = enter_readable_domain(RULESET_SCOPES);
	if (r == 0)
		r = enter_readable_domain(RULESET_SCOPES);
	if (r == 0)
		r = expect(kill(parent, 0), EPERM);
	/* Were it allowed, PTRACE_SEIZE would not stop the parent. */
	if (r == 0)
		r = expect(ptrace(PTRACE_SEIZE, parent, NULL, NULL), EPERM);
	if (r == 0 && process_vm_readv(parent, &local, 1, &remote, 1, 0) >= 0)
		r = -ENOTRECOVERABLE;
	return r < 0 ? r : stay(sock);
}

int probe_landlock_nesting(void)
{
	_cleanup_(peer_done) struct peer peer = { 0, -EBADF };
	_cleanup_close_ int proc_fd = procfs_open();
	int r;

	if (proc_fd < 0)
		return proc_fd;
	r = caps_drop();
	if (r == 0)
		r = enter_readable_domain(0);
	if (r == 0)
		r = start_staying(nested_body, &peer);
	return r < 0 ? r : read_text(proc_fd, peer.pid);
}

static int load_filter(const struct filter_spec *spec)
{
	_cleanup_(filter_done) struct sock_fprog filter = { 0 };
	int r;

	r = filter_build(spec, &filter);
	if (r < 0)
		return r;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return kernel_seccomp(SECCOMP_SET_MODE_FILTER, 0, &filter);
}

/* A call that is refused, one that is unknown, and one with its argument. */
int probe_filter(void)
{
	const struct filter_spec spec = { 0 };
	struct rlimit limit;
	int r;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return -errno;
	r = load_filter(&spec);
	if (r == 0)
		r = expect(ptrace(PTRACE_SEIZE, getppid(), NULL, NULL), EPERM);
	if (r == 0)
		r = expect(syscall(UNKNOWN_SYSCALL), ENOSYS);
	/* Were it allowed, it would set what is set already. */
	if (r == 0)
		r = expect(prlimit(getppid(), RLIMIT_NOFILE, &limit, NULL),
			   EPERM);
	return r;
}

/* By the gate that leads past a filter of numbers only. */
static int i386_body(int sock, void *unused)
{
	const struct filter_spec spec = { .allow_fork = true };
	uint32_t number = I386_GETPID;
	int r;

	(void)sock;
	(void)unused;
	/*
	 * The end by SIGSYS shall not leave a core file. Inside of another
	 * sandbox of ours this is refused, and there is none anyway.
	 */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	r = load_filter(&spec);
	if (r < 0)
		return r;
	__asm__ volatile("int $0x80"
			 : "+a"(number)
			 :
			 : "memory", "r8", "r9", "r10", "r11");
	return -ENOTRECOVERABLE;
}

/* SIGSEGV: this kernel has no such gate. */
int probe_filter_i386(void)
{
	_cleanup_(peer_done) struct peer peer = { 0, -EBADF };
	int status;

	status = peer_start(i386_body, NULL, &peer);
	if (status == 0)
		status = peer_status(&peer);
	if (status < 0)
		return status;
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGSYS ||
				       WTERMSIG(status) == SIGSEGV ?
			       0 :
			       -ECHILD;
	return -WEXITSTATUS(status);
}
