/* SPDX-License-Identifier: Apache-2.0 */
/* Hands the listener over where sendmsg(2) is notified. */
#include "supervise/messenger.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/fdpass.h"

static void run(int from, int sock) __attribute__((noreturn));

/* Descriptors are shared, so it sees what the other one opens. */
static void run(int from, int sock)
{
	static const char message = 'L';
	int fd = -1, r = -1;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (read(from, &fd, sizeof(fd)) == (ssize_t)sizeof(fd))
		r = fdpass_send(sock, &message, sizeof(message), fd);
	_exit(r == 0 ? 0 : 1);
}

int messenger_start(struct messenger *messenger, int sock)
{
	int pipes[2];
	long pid;

	if (pipe2(pipes, O_CLOEXEC) < 0)
		return -errno;
	/* Without CLONE_VM: a stack of its own, as after fork(2). */
	pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	if (pid < 0)
		return -errno;
	if (pid == 0)
		run(pipes[0], sock);
	messenger->pid = (pid_t)pid;
	messenger->fd = pipes[1];
	return 0;
}

int messenger_send(struct messenger *messenger, int fd)
{
	int status = -1;

	/* Both ends of the pipe are closed with everything else, later. */
	if (write(messenger->fd, &fd, sizeof(fd)) != (ssize_t)sizeof(fd))
		return -errno;
	while (waitpid(messenger->pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	messenger->pid = 0;
	return status == 0 ? 0 : -EPIPE;
}
