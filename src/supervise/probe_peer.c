/* SPDX-License-Identifier: Apache-2.0 */
/* A second process for a probe; it never outlives the first one. */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/fdpass.h"
#include "supervise/probe_checks.h"

/* An exit status is 8 bits wide, and so is every errno. */
static int run_body(int (*body)(int sock, void *data), void *data, int sock,
		    pid_t parent)
{
	int r;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return errno;
	if (getppid() != parent)
		return ESRCH;
	r = body(sock, data);
	return r < 0 ? -r : 0;
}

int peer_start(int (*body)(int sock, void *data), void *data, struct peer *ret)
{
	pid_t parent = getpid();
	int socks[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, socks) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		(void)close(socks[0]);
		_exit(run_body(body, data, socks[1], parent));
	}
	if (pid < 0) {
		int r = -errno;

		(void)close(socks[0]);
		(void)close(socks[1]);
		return r;
	}
	(void)close(socks[1]);
	ret->pid = pid;
	ret->sock = socks[0];
	return 0;
}

int peer_say(int sock)
{
	return fdpass_send(sock, "", 1, -1);
}

int peer_listen(int sock)
{
	char message;

	return fdpass_recv(sock, &message, sizeof(message), NULL);
}

int peer_status(struct peer *peer)
{
	int status;
	pid_t r;

	do
		r = waitpid(peer->pid, &status, 0);
	while (r < 0 && errno == EINTR);
	peer->pid = 0;
	return r < 0 ? -errno : status;
}

int peer_wait(struct peer *peer)
{
	int status = peer_status(peer);

	if (status < 0)
		return status;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -ECHILD;
}

void peer_done(struct peer *peer)
{
	if (peer->pid > 0) {
		(void)kill(peer->pid, SIGKILL);
		(void)peer_status(peer);
	}
	cleanup_close_p(&peer->sock);
	peer->sock = -EBADF;
}
