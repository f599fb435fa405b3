/* SPDX-License-Identifier: Apache-2.0 */
/* A Landlock layer around the whole sandbox; see scope.h. */
#include "supervise/scope.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/kernel.h"
#include "supervise/descendants.h"

/* ABI 7: do not log what our own kill(-1) is refused. */
#ifndef LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF
#define LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF (1U << 0)
#endif

enum order {
	ORDER_NONE,
	ORDER_ENTER,
	ORDER_FORK,
	ORDER_COUNT,
	ORDER_KILL,
};

static struct {
	pthread_mutex_t mutex;
	pthread_cond_t change;
	bool is_started; /* the thread is in the layer */
	bool has_no_layer; /* --degraded: descendants instead */
	const pid_t *keep;
	size_t n_keep;
	_Atomic bool *is_proven; /* shared with the child, which sets it */
	enum order order; /* ORDER_NONE: it was carried out */
	int result;
	int signal;
	void (*child)(void *data);
	void *data;
} scope = {
	.mutex = PTHREAD_MUTEX_INITIALIZER,
	.change = PTHREAD_COND_INITIALIZER,
};

static int enter_layer(void)
{
	/*
	 * A layer that does not handle REFER denies it (landlock(7)): then no
	 * file could change its directory. So it is handled, and granted.
	 */
	const struct kernel_ruleset_attr attr = {
		.handled_access_fs = LANDLOCK_ACCESS_FS_REFER,
		.scoped = LANDLOCK_SCOPE_SIGNAL,
	};
	_cleanup_close_ int fd = -EBADF, root = -EBADF;
	struct landlock_path_beneath_attr rule = {
		.allowed_access = LANDLOCK_ACCESS_FS_REFER,
	};
	uint32_t flags = 0;
	int abi, r;

	abi = kernel_landlock_create(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (abi < 0)
		return abi;
	if (abi >= 7)
		flags = LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	fd = kernel_landlock_create(&attr, sizeof(attr), 0);
	if (fd < 0)
		return fd;
	root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -errno;
	rule.parent_fd = root;
	r = kernel_landlock_add_path(fd, &rule);
	return r < 0 ? r : kernel_landlock_restrict(fd, flags);
}

/*
 * Without the layer, kill(-1) would hit all that the user runs. So it is not
 * done before a child has found out that it cannot signal this process, whose
 * first thread is not in the layer.
 */
static void prove(void)
{
	if (kill(getppid(), 0) < 0 && errno == EPERM)
		*scope.is_proven = true;
}

static int fork_child(void)
{
	pid_t pid;

	if (!scope.is_proven) {
		void *page = mmap(NULL, sizeof(*scope.is_proven),
				  PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

		if (page == MAP_FAILED)
			return -errno;
		scope.is_proven = page;
	}
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		prove();
		scope.child(scope.data);
		_exit(125);
	}
	return pid;
}

bool scope_is_proven(void)
{
	return scope.is_proven && *scope.is_proven;
}

/* From here, a process outside of the layer cannot be signalled. */
static int count_processes(void)
{
	_cleanup_closedir_ DIR *proc = opendir("/proc");
	struct dirent *entry;
	pid_t self = getpid();
	int n = 0;

	if (!proc)
		return -errno;
	for (errno = 0; (entry = readdir(proc)); errno = 0) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid > 0 && pid != self && kill(pid, 0) == 0)
			n++;
	}
	return errno ? -errno : n;
}

static int carry_out(enum order order)
{
	int r;

	switch (order) {
	case ORDER_FORK:
		return fork_child();
	case ORDER_COUNT:
		if (scope.has_no_layer)
			return descendants_signal(scope.keep, scope.n_keep, 0);
		return scope_is_proven() ? count_processes() : -ESRCH;
	case ORDER_KILL:
		if (scope.has_no_layer) {
			r = descendants_signal(scope.keep, scope.n_keep,
					       scope.signal);
			return r < 0 ? r : 0;
		}
		if (!scope_is_proven())
			return -ESRCH;
		/* It spares the process that calls it, with all threads. */
		return kill(-1, scope.signal) < 0 ? -errno : 0;
	case ORDER_ENTER:
		r = scope.has_no_layer ? 0 : enter_layer();
		scope.is_started = r == 0;
		return r;
	case ORDER_NONE:
		break;
	}
	return 0;
}

static void *run(void *unused)
{
	(void)pthread_mutex_lock(&scope.mutex);
	do {
		while (scope.order == ORDER_NONE)
			(void)pthread_cond_wait(&scope.change, &scope.mutex);
		scope.result = carry_out(scope.order);
		scope.order = ORDER_NONE;
		(void)pthread_cond_broadcast(&scope.change);
	} while (scope.is_started);
	(void)pthread_mutex_unlock(&scope.mutex);
	return unused;
}

/* With the lock held. Return: what the thread made of the order. */
static int wait_result(void)
{
	while (scope.order != ORDER_NONE)
		(void)pthread_cond_wait(&scope.change, &scope.mutex);
	return scope.result;
}

void scope_keep(const pid_t *pids, size_t n)
{
	scope.keep = pids;
	scope.n_keep = n;
}

int scope_start(bool has_signals)
{
	pthread_t thread;
	sigset_t all;
	sigset_t old;
	int r;

	scope.has_no_layer = !has_signals;
	(void)sigfillset(&all);
	scope.order = ORDER_ENTER;
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	r = -pthread_create(&thread, NULL, run, NULL);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (r < 0)
		return r;
	(void)pthread_detach(thread);
	(void)pthread_mutex_lock(&scope.mutex);
	r = wait_result();
	(void)pthread_mutex_unlock(&scope.mutex);
	return r;
}

static int give_order(enum order order)
{
	int r = -ESRCH;

	if (scope.is_started) {
		scope.order = order;
		(void)pthread_cond_broadcast(&scope.change);
		r = wait_result();
	}
	(void)pthread_mutex_unlock(&scope.mutex);
	return r;
}

pid_t scope_fork(void (*child)(void *data), void *data)
{
	(void)pthread_mutex_lock(&scope.mutex);
	scope.child = child;
	scope.data = data;
	return give_order(ORDER_FORK);
}

int scope_count(void)
{
	(void)pthread_mutex_lock(&scope.mutex);
	return give_order(ORDER_COUNT);
}

int scope_kill(int signal)
{
	(void)pthread_mutex_lock(&scope.mutex);
	scope.signal = signal;
	return give_order(ORDER_KILL);
}
