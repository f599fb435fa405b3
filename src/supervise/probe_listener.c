/* SPDX-License-Identifier: Apache-2.0 */
/* Probes of seccomp's notifications: a child asks by openat(), we answer. */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/fdpass.h"
#include "common/kernel.h"
#include "filter.h"
#include "supervise/launch.h"
#include "supervise/notify.h"
#include "supervise/probe_checks.h"

/* Long enough for a signal to end a call, if it can. */
#define SETTLE_MS 20
/* An error that neither the kernel nor the filter has for openat(). */
#define ANSWER EXDEV

struct watched {
	struct sock_fprog filter;
	unsigned flags;
	int (*body)(void); /* in the child, after the handover */
	struct peer peer;
	int listener;
};

#define WATCHED_INIT                                           \
	{                                                      \
		.peer = { .sock = -EBADF }, .listener = -EBADF \
	}

static void watched_done(struct watched *watched)
{
	cleanup_close_p(&watched->listener);
	peer_done(&watched->peer);
	filter_done(&watched->filter);
}

#define _cleanup_watched_ _cleanup_(watched_done)

static int watched_body(int sock, void *data)
{
	const struct watched *watched = data;
	_cleanup_close_ int fd = -1;
	int r;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	fd = kernel_seccomp(SECCOMP_SET_MODE_FILTER,
			    SECCOMP_FILTER_FLAG_NEW_LISTENER | watched->flags,
			    &watched->filter);
	if (fd < 0)
		return fd;
	r = fdpass_send(sock, "", 1, fd);
	if (r < 0)
		return r;
	/* Only the supervisor's may be left when it closes its own. */
	(void)close(take_fd(&fd));
	return watched->body();
}

/* Where the child did not get to the handover, its reason counts. */
static int watched_start(struct watched *watched, unsigned flags,
			 int (*body)(void))
{
	const struct filter_spec spec = { .notified = GROUP_OPEN };
	char message;
	int r, reason;

	watched->flags = flags;
	watched->body = body;
	r = filter_build(&spec, &watched->filter);
	if (r == 0)
		r = peer_start(watched_body, watched, &watched->peer);
	if (r < 0)
		return r;
	r = fdpass_recv(watched->peer.sock, &message, sizeof(message),
			&watched->listener);
	if (r == 0)
		return watched->listener < 0 ? -EBADMSG : 0;
	reason = peer_wait(&watched->peer);
	return reason < 0 ? reason : r;
}

/*
 * ENOENT: the request is gone, and the child knows why. After another error it
 * waits for an answer that never comes; watched_done() ends it.
 */
static int watched_end(struct watched *watched, int r)
{
	int reason;

	if (r < 0 && r != -ENOENT)
		return r;
	reason = peer_wait(&watched->peer);
	return reason < 0 ? reason : r;
}

static int ask(void)
{
	return kernel_result(syscall(SYS_openat, AT_FDCWD,
				     VIRTUAL_SELF_TEST_PATH,
				     O_RDONLY | O_CLOEXEC));
}

static int expect(int error)
{
	int r = ask();

	if (r >= 0)
		return -ENOTRECOVERABLE;
	return r == -error ? 0 : r;
}

static int ask_body(void)
{
	return expect(ANSWER);
}

/*
 * Takes one request and answers it.
 * @fd: what the call returns; negative: it fails with ANSWER
 * @signal: sent to the child while it waits; 0: none
 */
static int serve(const struct watched *watched, int fd, int signal)
{
	union notification notification;
	struct answer answer;
	int r;

	r = notify_receive(watched->listener, &notification);
	if (r < 0)
		return r;
	if (signal) {
		if (kill(watched->peer.pid, signal) < 0)
			return -errno;
		(void)poll(NULL, 0, SETTLE_MS);
	}
	answer_init(&answer);
	if (fd < 0)
		answer_error(&answer, ANSWER);
	else
		answer_fd(&answer, fd, /* is_cloexec= */ true);
	return notify_send(watched->listener, notification.req.id, &answer);
}

int probe_listener(void)
{
	_cleanup_watched_ struct watched watched = WATCHED_INIT;
	int r;

	r = watched_start(&watched, 0, ask_body);
	return r < 0 ? r : watched_end(&watched, serve(&watched, -1, 0));
}

static void ignore(int signal)
{
	(void)signal;
}

/* The handler would end the call with EINTR. */
static int killable_body(void)
{
	const struct sigaction action = { .sa_handler = ignore };

	if (sigaction(SIGUSR1, &action, NULL) < 0)
		return -errno;
	return expect(ANSWER);
}

int probe_wait_killable(void)
{
	_cleanup_watched_ struct watched watched = WATCHED_INIT;
	int r;

	r = watched_start(&watched, SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
			  killable_body);
	return r < 0 ? r : watched_end(&watched, serve(&watched, -1, SIGUSR1));
}

static int nothing(void)
{
	return 0;
}

int probe_wake_up(void)
{
	_cleanup_watched_ struct watched watched = WATCHED_INIT;
	int r;

	r = watched_start(&watched, 0, nothing);
	if (r < 0)
		return r;
	return kernel_result(ioctl(watched.listener,
				   SECCOMP_IOCTL_NOTIF_SET_FLAGS,
				   SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP));
}

static int addfd_body(void)
{
	_cleanup_close_ int fd = ask();
	char byte;

	if (fd < 0)
		return fd;
	return read(fd, &byte, 1) == 1 && byte == 'a' ? 0 : -ENOTRECOVERABLE;
}

int probe_addfd(void)
{
	_cleanup_watched_ struct watched watched = WATCHED_INIT;
	_cleanup_close_ int fd = -1, other = -1;
	int pipes[2];
	int r;

	/* After the fork: the child has it from the answer only. */
	r = watched_start(&watched, 0, addfd_body);
	if (r < 0)
		return r;
	if (pipe2(pipes, O_CLOEXEC) < 0)
		return -errno;
	fd = pipes[0];
	other = pipes[1];
	if (write(other, "a", 1) != 1)
		return -errno;
	return watched_end(&watched, serve(&watched, fd, 0));
}

/* The call that waits, and the next one. */
static int close_body(void)
{
	int r = expect(ENOSYS);

	return r < 0 ? r : expect(ENOSYS);
}

int probe_listener_close(void)
{
	_cleanup_watched_ struct watched watched = WATCHED_INIT;
	union notification notification;
	int r;

	r = watched_start(&watched, 0, close_body);
	if (r < 0)
		return r;
	r = notify_receive(watched.listener, &notification);
	(void)close(take_fd(&watched.listener));
	return watched_end(&watched, r);
}
