/* SPDX-License-Identifier: Apache-2.0 */
/* Steps of the child that try what must not be possible; see launch_child.c. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "supervise/launch_child.h"
#include "syscalls.h"

static int expect_eperm(long value)
{
	if (value >= 0)
		return -ENOTRECOVERABLE;
	return errno == EPERM ? 0 : -errno;
}

/*
 * The self-tests are real system calls, made in the finished cage: what the
 * target must not be able to do is tried, and has to fail as expected.
 */
int launch_test_signal(struct launch_child *child)
{
	if (child->launch->has_open_signals)
		return 0;
	return expect_eperm(kill(child->parent, 0));
}

/* Were it allowed, it would set what is set already. */
int launch_test_limits(struct launch_child *child)
{
	return expect_eperm(prlimit(child->parent, RLIMIT_NOFILE,
				    &child->parent_nofile, NULL));
}

/* Were it allowed, PTRACE_SEIZE would not stop the parent. */
int launch_test_ptrace(struct launch_child *child)
{
	return expect_eperm(ptrace(PTRACE_SEIZE, child->parent, NULL, NULL));
}

/* "close" kept it if --pass-fd names a descriptor that is not the user's. */
int launch_test_listener(struct launch_child *child)
{
	if (child->listener < 0)
		return 0;
	if (fcntl(child->listener, F_GETFD) >= 0)
		return -ENOTRECOVERABLE;
	return errno == EBADF ? 0 : -errno;
}

int launch_test_open(struct launch_child *child)
{
	static const char want[] = VIRTUAL_SELF_TEST_TEXT;
	char got[sizeof(want)];
	ssize_t n;
	int fd;

	if (!child->launch->is_open_notified)
		return 0;
	fd = open(VIRTUAL_SELF_TEST_PATH, O_RDONLY | O_CLOEXEC | OPEN_MARK);
	if (fd < 0)
		return -errno;
	n = read(fd, got, sizeof(got));
	if (n < 0)
		n = -errno;
	(void)close(fd);
	if (n < 0)
		return (int)n;
	if ((size_t)n != sizeof(want) - 1 || memcmp(got, want, (size_t)n) != 0)
		return -ENOTRECOVERABLE;
	return 0;
}

/* Nobody looks after this one: does the cage hold at all? */
int launch_test_landlock(struct launch_child *child)
{
	int fd;

	if (child->launch->is_root_granted)
		return 0;
	fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		return -ENOTRECOVERABLE;
	return errno == EACCES ? 0 : -errno;
}

int launch_test_filter(struct launch_child *child)
{
	(void)child;
	return expect_eperm(syscall(SYS_personality, 0UL));
}
