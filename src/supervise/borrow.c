/* SPDX-License-Identifier: Apache-2.0 */
/* The target's own open files, see pidfd_getfd(2). */
#include "supervise/borrow.h"

#include <errno.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/kernel.h"
#include "supervise/target.h"

int borrow_open(int proc_fd, pid_t tid, struct borrow *ret)
{
	struct target_status status;
	int r;

	*ret = (struct borrow){ .pidfd = -EBADF,
				.proc_fd = proc_fd,
				.tid = tid };
	ret->pidfd = kernel_pidfd_open(tid, PIDFD_THREAD);
	if (ret->pidfd >= 0)
		return 0;
	/* Before Linux 6.9 only the first thread of a process can be held. */
	r = target_status(proc_fd, tid, &status);
	if (r < 0)
		return r;
	ret->is_leader = status.tgid != tid;
	ret->pidfd = kernel_pidfd_open(status.tgid, 0);
	return ret->pidfd < 0 ? ret->pidfd : 0;
}

void borrow_close(struct borrow *borrow)
{
	if (borrow->pidfd >= 0)
		(void)close(borrow->pidfd);
	borrow->pidfd = -EBADF;
}

/* A thread may have left the table that its process began with. */
static bool is_same(const struct borrow *borrow, int fd, int borrowed)
{
	_cleanup_close_ int pin = target_fd(borrow->proc_fd, borrow->tid, fd);
	struct stat want, got;

	return pin >= 0 && fstat(pin, &want) == 0 &&
	       fstat(borrowed, &got) == 0 && want.st_dev == got.st_dev &&
	       want.st_ino == got.st_ino;
}

int borrow_fd(const struct borrow *borrow, int fd)
{
	_cleanup_close_ int borrowed = -EBADF;

	if (fd < 0)
		return -EBADF;
	borrowed = kernel_pidfd_getfd(borrow->pidfd, fd);
	if (borrowed < 0)
		return borrowed == -EBADF ? -EBADF : -EACCES;
	if (borrow->is_leader && !is_same(borrow, fd, borrowed))
		return -EACCES;
	return take_fd(&borrowed);
}

void borrow_signal(const struct borrow *borrow, int signal)
{
	/* With PIDFD_THREAD it goes to this thread. */
	(void)kernel_pidfd_kill(borrow->pidfd, signal);
}

int borrow_probe(void)
{
	_cleanup_close_ int pidfd = kernel_pidfd_open(getpid(), 0);
	_cleanup_close_ int copy = -EBADF;

	if (pidfd < 0)
		return pidfd;
	copy = kernel_pidfd_getfd(pidfd, pidfd);
	return copy < 0 ? copy : 0;
}
