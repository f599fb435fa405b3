/* SPDX-License-Identifier: Apache-2.0 */
/* Starting nsverifyd on a socketpair. */
#include "supervise/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/kernel.h"
#include "common/proto.h"

#define VERIFIER "nsverifyd"

const char *spawn_verifier_path(void)
{
	static char path[PATH_MAX + sizeof(VERIFIER)];
	ssize_t n;
	char *slash;

	if (path[0])
		return path;
	n = readlink("/proc/self/exe", path, PATH_MAX);
	if (n <= 0 || n == PATH_MAX)
		return NULL;
	path[n] = '\0';
	slash = strrchr(path, '/');
	memcpy(slash + 1, VERIFIER, sizeof(VERIFIER));
	if (access(path, X_OK) == 0)
		return path;
	(void)snprintf(path, sizeof(path), "%s/%s", PKGLIBEXECDIR, VERIFIER);
	if (access(path, X_OK) == 0)
		return path;
	path[0] = '\0';
	return NULL;
}

bool spawned_is_wanted(int socket)
{
	struct pollfd pfd = { .fd = socket, .events = POLLIN };

	while (poll(&pfd, 1, -1) < 0)
		if (errno != EINTR)
			return false;
	return (pfd.revents & (POLLIN | POLLHUP)) == POLLIN;
}

/* Between fork and exec of a process with threads: plain system calls only. */
static void __attribute__((noreturn))
run_verifier(const char *path, int socket, bool is_spare)
{
	char name[] = VERIFIER;
	char *argv[] = { name, NULL };
	char *envp[] = { NULL };
	sigset_t none;
	int null;

	/* ^C is for the command; the verifier goes when its socket does. */
	(void)setpgid(0, 0);
	null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0)
		_exit(125);
	if (socket != NSV_SOCKET_FD) {
		if (dup2(socket, NSV_SOCKET_FD) < 0)
			_exit(125);
	} else if (fcntl(socket, F_SETFD, 0) < 0) {
		_exit(125);
	}
	(void)kernel_close_range(NSV_SOCKET_FD + 1, ~0u, 0);
	if (is_spare && !spawned_is_wanted(NSV_SOCKET_FD))
		_exit(0);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)execve(path, argv, envp);
	_exit(127);
}

int spawn_verifier(bool is_spare, struct spawned *ret)
{
	const char *path = spawn_verifier_path();
	int pair[2];
	pid_t pid;

	if (!path)
		return -ENOENT;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		run_verifier(path, pair[1], is_spare);
	(void)close(pair[1]);
	if (pid < 0) {
		(void)close(pair[0]);
		return -errno;
	}
	ret->socket = pair[0];
	ret->pid = pid;
	ret->pidfd = kernel_pidfd_open(pid, 0);
	return 0;
}

void spawned_end(struct spawned *spawned)
{
	if (spawned->socket >= 0)
		(void)close(take_fd(&spawned->socket));
	if (spawned->pidfd < 0)
		return;
	/* By handle: the main loop may have reaped it, the number be reused. */
	(void)kernel_pidfd_kill(spawned->pidfd, SIGKILL);
	(void)waitid(P_PIDFD, (id_t)spawned->pidfd, NULL, WEXITED);
	(void)close(take_fd(&spawned->pidfd));
}
