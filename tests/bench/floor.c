/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The physical floor: the least that any supervisor of this design must do
 * for one open. It enforces nothing; nssupervise is measured against it.
 *
 *   continue  receive, let the kernel go on
 *   broker    receive, copy the path, check the id, open it here, inject it
 *   pin       the same with a pin first: O_PATH and fstat, then a reopen of it
 *   errno     receive, copy the path, answer EACCES if it is --deny=PATH
 *   landlock  no supervisor: one rule set (--read=DIR, --write=DIR), exec
 *
 * Every open(2) and openat(2) is notified. One thread blocks in RECV.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/fdpass.h"
#include "common/kernel.h"

#define PAGE 4096u
#define ALL_FS ((1ULL << 16) - 1) /* ABI 5: every file system right */
#define READ_FS                                                      \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | \
	 LANDLOCK_ACCESS_FS_READ_DIR)

enum mode {
	MODE_CONTINUE,
	MODE_BROKER,
	MODE_PIN,
	MODE_ERRNO,
	MODE_LANDLOCK,
};

static const char *const mode_names[] = {
	[MODE_CONTINUE] = "continue", [MODE_BROKER] = "broker",
	[MODE_PIN] = "pin",           [MODE_ERRNO] = "errno",
	[MODE_LANDLOCK] = "landlock",
};

struct floor {
	enum mode mode;
	bool is_sync;
	const char *denied;
	int ruleset_fd;
	int listener;
};

static int fail(const char *what)
{
	(void)fprintf(stderr, "floor: %s: %m\n", what);
	return 125;
}

/* Two reads at most: a path never spans more than two pages. */
static int read_path(const struct seccomp_notif *req, uint64_t address,
		     char path[PAGE])
{
	size_t done = 0;

	for (int i = 0; i < 2 && done < PAGE; i++) {
		size_t n = PAGE - (address + done) % PAGE;
		struct iovec to = { path + done, n };
		struct iovec from = { (void *)(uintptr_t)(address + done), n };
		ssize_t got;

		if (n > PAGE - done)
			to.iov_len = from.iov_len = PAGE - done;
		got = process_vm_readv((pid_t)req->pid, &to, 1, &from, 1, 0);
		if (got < 0)
			return -errno;
		if (memchr(path + done, '\0', (size_t)got))
			return 0;
		done += (size_t)got;
	}
	return -ENAMETOOLONG;
}

static int open_base(const struct seccomp_notif *req, int dirfd)
{
	char link[64];

	if (dirfd == AT_FDCWD)
		(void)snprintf(link, sizeof(link), "/proc/%u/cwd", req->pid);
	else
		(void)snprintf(link, sizeof(link), "/proc/%u/fd/%d", req->pid,
			       dirfd);
	return kernel_result(open(link, O_PATH | O_CLOEXEC));
}

/* Opens in two steps, so that a decision could be made on the pinned object. */
static int open_pinned(int base, const char *path, uint64_t flags)
{
	_cleanup_close_ int pin = -EBADF;
	char link[64];
	struct stat st;

	pin = kernel_openat2(base, path, O_PATH | O_CLOEXEC, 0, 0);
	if (pin < 0)
		return pin;
	if (fstat(pin, &st) < 0)
		return -errno;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", pin);
	return kernel_result(open(link, (int)flags | O_CLOEXEC));
}

/*
 * Two steps: with SECCOMP_ADDFD_FLAG_SEND the kernel takes the request for
 * answered before the descriptor is installed, and a supervisor interrupted
 * in between, if only by SIGSTOP, makes the call return 0: standard input.
 */
static int deliver(const struct floor *f, struct seccomp_notif_addfd *addfd)
{
	struct seccomp_notif_resp resp = { .id = addfd->id };
	int number;

	do
		number = ioctl(f->listener, SECCOMP_IOCTL_NOTIF_ADDFD, addfd);
	while (number < 0 && errno == EINTR);
	if (number < 0)
		return -errno;
	resp.val = number;
	(void)ioctl(f->listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);
	return 0;
}

/* Opens what the target asked for and injects it; -EAGAIN: continue instead. */
static int inject(const struct floor *f, const struct seccomp_notif *req,
		  int dirfd, const char *path, uint64_t flags, uint64_t mode)
{
	struct seccomp_notif_addfd addfd = {
		.id = req->id,
		.newfd_flags = (uint32_t)flags & O_CLOEXEC,
	};
	_cleanup_close_ int base = -EBADF;
	_cleanup_close_ int fd = -EBADF;

	if (strncmp(path, "/proc/", 6) == 0 || strncmp(path, "/dev/", 5) == 0)
		return -EAGAIN;
	if (path[0] != '/') {
		base = open_base(req, dirfd);
		if (base < 0)
			return base;
	}
	if ((flags & (O_CREAT | O_TMPFILE)) == 0)
		mode = 0;
	if (f->mode == MODE_PIN && mode == 0)
		fd = open_pinned(base, path, flags);
	else
		fd = kernel_openat2(base, path, flags | O_CLOEXEC, mode & 07777,
				    0);
	if (fd < 0)
		return fd;
	addfd.srcfd = (uint32_t)fd;
	return deliver(f, &addfd);
}

static void answer(const struct floor *f, const struct seccomp_notif *req)
{
	struct seccomp_notif_resp resp = {
		.id = req->id,
		.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE,
	};
	bool is_at = req->data.nr == SYS_openat;
	const __u64 *args = req->data.args + (is_at ? 1 : 0);
	char path[PAGE];
	int r = -EAGAIN;

	if (f->mode != MODE_CONTINUE) {
		r = read_path(req, args[0], path);
		if (r == 0)
			r = ioctl(f->listener, SECCOMP_IOCTL_NOTIF_ID_VALID,
				  &req->id) < 0 ?
				    -errno :
				    0;
		if (r == 0 && f->mode != MODE_ERRNO)
			r = inject(f, req,
				   is_at ? (int)req->data.args[0] : AT_FDCWD,
				   path, args[1], args[2]);
		else if (r == 0)
			r = f->denied && strcmp(path, f->denied) == 0 ?
				    -EACCES :
				    -EAGAIN;
		if (r == 0)
			return;
	}
	if (r != -EAGAIN) {
		resp.flags = 0;
		resp.error = r;
	}
	(void)ioctl(f->listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);
}

/* ENOENT is said for one request that is gone and when no target is left. */
static bool is_hung_up(int listener)
{
	struct pollfd pfd = { .fd = listener, .events = POLLIN };

	return poll(&pfd, 1, 0) > 0 && !(pfd.revents & POLLIN);
}

static void *receive(void *data)
{
	const struct floor *f = data;
	struct seccomp_notif req;

	for (;;) {
		memset(&req, 0, sizeof(req));
		if (ioctl(f->listener, SECCOMP_IOCTL_NOTIF_RECV, &req) == 0)
			answer(f, &req);
		else if (errno == ENOENT ? is_hung_up(f->listener) :
					   errno != EINTR)
			return NULL;
	}
}

static int install_filter(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_open, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
	};
	const struct sock_fprog prog = { .len = sizeof(code) / sizeof(code[0]),
					 .filter = code };

	return kernel_seccomp(SECCOMP_SET_MODE_FILTER,
			      SECCOMP_FILTER_FLAG_NEW_LISTENER |
				      SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
			      &prog);
}

static int start_target(const struct floor *f, int sock, char **argv)
{
	char go = 0;
	int listener;

	if (f->mode == MODE_LANDLOCK) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		    kernel_landlock_restrict(f->ruleset_fd, 0) < 0)
			return fail("landlock");
	} else {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
			return fail("no_new_privs");
		listener = install_filter();
		if (listener < 0 || fdpass_send(sock, &go, 1, listener) < 0)
			return fail("seccomp");
		(void)close(listener);
		(void)close(sock);
	}
	(void)execvp(argv[0], argv);
	return fail(argv[0]);
}

static int supervise(struct floor *f, char **argv)
{
	uint64_t sync = SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP;
	pthread_t thread;
	int socks[2], status = 0;
	char go;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, socks) < 0)
		return fail("socketpair");
	pid = fork();
	if (pid < 0)
		return fail("fork");
	if (pid == 0) {
		(void)close(socks[0]);
		_exit(start_target(f, socks[1], argv));
	}
	(void)close(socks[1]);
	if (fdpass_recv(socks[0], &go, 1, &f->listener) < 0 || f->listener < 0)
		return fail("listener");
	/* A kernel before 6.6 refuses the flag: then it is simply slower. */
	if (f->is_sync)
		(void)ioctl(f->listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, sync);
	if (pthread_create(&thread, NULL, receive, f) != 0)
		return fail("thread");
	if (waitpid(pid, &status, 0) < 0)
		return fail("waitpid");
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
				     WEXITSTATUS(status);
}

static int grant(struct floor *f, const char *path, uint64_t rights)
{
	struct kernel_ruleset_attr attr = { .handled_access_fs = ALL_FS };
	struct landlock_path_beneath_attr rule = { .allowed_access = rights };
	_cleanup_close_ int fd = -EBADF;

	if (f->ruleset_fd < 0)
		f->ruleset_fd =
			kernel_landlock_create(&attr, sizeof(uint64_t), 0);
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	rule.parent_fd = fd;
	return kernel_landlock_add_path(f->ruleset_fd, &rule);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "mode", required_argument, NULL, 'm' },
		{ "nosync", no_argument, NULL, 'n' },
		{ "deny", required_argument, NULL, 'd' },
		{ "read", required_argument, NULL, 'r' },
		{ "write", required_argument, NULL, 'w' },
		{ NULL, 0, NULL, 0 },
	};
	struct floor f = { .is_sync = true, .ruleset_fd = -1, .listener = -1 };
	int c;

	while ((c = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		if (c == 'n')
			f.is_sync = false;
		else if (c == 'd')
			f.denied = optarg;
		else if (c == 'r' || c == 'w') {
			if (grant(&f, optarg, c == 'r' ? READ_FS : ALL_FS) < 0)
				return fail(optarg);
		} else if (c == 'm') {
			f.mode = MODE_CONTINUE;
			while (f.mode < MODE_LANDLOCK &&
			       strcmp(optarg, mode_names[f.mode]) != 0)
				f.mode++;
		} else {
			return 125;
		}
	}
	if (optind == argc) {
		(void)fputs("floor: a command is missing\n", stderr);
		return 125;
	}
	if (f.mode == MODE_LANDLOCK)
		return start_target(&f, -1, argv + optind);
	return supervise(&f, argv + optind);
}
