/* SPDX-License-Identifier: Apache-2.0 */
/* A verifier that serves many runs, instead of one of our own. */
#include "supervise/connect.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/fdpass.h"
#include "common/kernel.h"
#include "supervise/spawn.h"

#define PAUSE_MS 50
/* A request that meets a restart is still answered within its deadline. */
#define RECONNECT_MS 1500
#define TAKE_MS 2500
#define SOCKET_FD 3 /* of the spare */

/* Who made the socket: systemd for its own units. */
static int check_peer(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return -errno;
	return peer.uid == geteuid() || peer.uid == 0 ? 0 : -EPERM;
}

static int try_connect(const struct sockaddr_un *address, int *ret)
{
	const struct sockaddr *any = (const struct sockaddr *)address;
	_cleanup_close_ int fd = socket(
		AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int r;

	if (fd < 0)
		return -errno;
	if (connect(fd, any, sizeof(*address)) < 0)
		return -errno;
	r = check_peer(fd);
	/* From here on it is waited for with poll(2). */
	if (r == 0 && fcntl(fd, F_SETFL, O_RDWR) < 0)
		r = -errno;
	if (r == 0)
		*ret = take_fd(&fd);
	return r;
}

/* A queue that is full, or nobody there yet. */
static bool is_passing(int error)
{
	return error == -EAGAIN || error == -ECONNREFUSED || error == -ENOENT;
}

int connect_verifier(const char *path, int wait_ms, struct spawned *ret)
{
	const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000L };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int r;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path) + 1);
	*ret = (struct spawned){ .socket = -1, .pidfd = -1 };
	r = try_connect(&address, &ret->socket);
	for (; wait_ms > 0 && is_passing(r); wait_ms -= PAUSE_MS) {
		(void)nanosleep(&pause, NULL);
		r = try_connect(&address, &ret->socket);
	}
	return r;
}

/* After fork() in a process that may have threads: plain system calls only. */
static void __attribute__((noreturn)) run_spare(const char *path, int socket)
{
	struct spawned made = { .socket = -1, .pidfd = -1 };
	int r, null = open("/dev/null", O_RDWR);
	char wish;

	/* ^C is for the command. */
	(void)setpgid(0, 0);
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
	    (socket != SOCKET_FD && dup2(socket, SOCKET_FD) < 0))
		_exit(125);
	(void)kernel_close_range(SOCKET_FD + 1, ~0u, 0);
	if (!spawned_is_wanted(SOCKET_FD))
		_exit(0);
	/* Unread, it would be an error that comes before our answer. */
	(void)fdpass_recv(SOCKET_FD, &wish, sizeof(wish), NULL);
	r = connect_verifier(path, RECONNECT_MS, &made);
	(void)fdpass_send(SOCKET_FD, &r, sizeof(r), made.socket);
	_exit(0);
}

int connect_spare(const char *path, struct spawned *ret)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		run_spare(path, pair[1]);
	(void)close(pair[1]);
	if (pid < 0) {
		(void)close(pair[0]);
		return -errno;
	}
	*ret = (struct spawned){ .socket = pair[0],
				 .pidfd = kernel_pidfd_open(pid, 0),
				 .pid = pid };
	return 0;
}

int connect_take(struct spawned *spare, struct spawned *ret)
{
	struct pollfd pfd = { .fd = spare->socket, .events = POLLIN };
	_cleanup_close_ int fd = -1;
	int result = -EPIPE;
	int r;

	*ret = (struct spawned){ .socket = -1, .pidfd = -1 };
	if (spare->socket < 0)
		return -EPIPE;
	r = fdpass_send(spare->socket, "", 1, -1);
	if (r == 0 && poll(&pfd, 1, TAKE_MS) <= 0)
		r = -ETIMEDOUT;
	if (r == 0)
		r = fdpass_recv(spare->socket, &result, sizeof(result), &fd);
	spawned_end(spare);
	if (r == 0 && result == 0 && fd >= 0)
		ret->socket = take_fd(&fd);
	return r < 0 ? r : result < 0 ? result : ret->socket < 0 ? -EPIPE : 0;
}
