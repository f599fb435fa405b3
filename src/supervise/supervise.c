/* SPDX-License-Identifier: Apache-2.0 */
/* The threads that answer notifications, and the one that watches them. */
#include "supervise/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "supervise/denial.h"
#include "supervise/judge.h"
#include "supervise/supervisor.h"
#include "supervise/target.h"

#define RECEIVERS_MAX 256
#define STACK_SIZE (256 * 1024)
#define TICK_MS 10
#define STUCK_MS 20 /* then another receiver takes over */
/* With several stuck already the next one is not waited for that long. */
#define CROWD 4
#define CROWD_MS 2
#define PATIENCE_MS 8000 /* then a call that waits (net_socket.h) returns */
#define DEADLINE_MS 8500 /* then the request is denied; promised: 10 s */
/* Ends a blocking call of a receiver; one that nobody sends to us. */
#define INTERRUPT (SIGRTMAX - 3)
#define GIVE_UP_AT_ONCE 8 /* when all threads are stuck */
#define IDLE_TICKS 50 /* then the watch sleeps until it is woken */

enum receiver_state {
	RECEIVER_FREE, /* no thread */
	RECEIVER_ACTIVE, /* receives, answers */
	RECEIVER_REPLACED, /* finishes its request, then ends */
};

struct receiver {
	_Atomic enum receiver_state state;
	_Atomic uint64_t busy_id; /* the request at hand; 0: none */
	_Atomic int64_t busy_since; /* ms, monotonic */
	_Atomic uint64_t given_up_id; /* answered by the watch */
	_Atomic pid_t tid;
	struct supervisor *supervisor;
	struct call call;
};

static struct receiver *receivers[RECEIVERS_MAX];
static _Atomic uint64_t n_received;
static _Atomic bool is_watch_asleep;
static pthread_mutex_t watch_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t watch_wake = PTHREAD_COND_INITIALIZER;

static call_handler *const handlers[CALL_MAX] = {
	[CALL_OPEN] = handle_open,
	[CALL_STAT] = handle_stat,
	[CALL_STATX] = handle_statx,
	[CALL_ACCESS] = handle_access,
	[CALL_READLINK] = handle_readlink,
	[CALL_CHDIR] = handle_chdir,
	[CALL_STATFS] = handle_statfs,
	[CALL_WATCH] = handle_watch,
	[CALL_GETXATTR] = handle_getxattr,
	[CALL_LISTXATTR] = handle_listxattr,
	[CALL_GETATTR] = handle_getattr,
	[CALL_RENAME] = handle_rename,
	[CALL_LINK] = handle_link,
	[CALL_SYMLINK] = handle_symlink,
	[CALL_UNLINK] = handle_unlink,
	[CALL_MKDIR] = handle_mkdir,
	[CALL_MKNOD] = handle_mknod,
	[CALL_TRUNCATE] = handle_truncate,
	[CALL_CHMOD] = handle_chmod,
	[CALL_CHOWN] = handle_chown,
	[CALL_UTIMES] = handle_utimes,
	[CALL_SETXATTR] = handle_setxattr,
	[CALL_REMOVEXATTR] = handle_removexattr,
	[CALL_SETATTR] = handle_setattr,
	[CALL_EXEC] = handle_exec,
	[CALL_CLONE] = handle_clone,
	[CALL_MMAP] = handle_mmap,
	[CALL_CONNECT] = handle_connect,
	[CALL_BIND] = handle_bind,
	[CALL_LISTEN] = handle_listen,
	[CALL_SENDTO] = handle_sendto,
	[CALL_SENDMSG] = handle_sendmsg,
	[CALL_SENDMMSG] = handle_sendmmsg,
};

static int64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int reopen(const struct supervisor *supervisor, int pin, int flags)
{
	char name[16];
	int fd;

	(void)snprintf(name, sizeof(name), "%d", pin);
	fd = openat(supervisor->self_fd, name, flags | O_NOCTTY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

void pin_name(char *ret, int pin)
{
	(void)snprintf(ret, PIN_NAME_SIZE, "/proc/self/fd/%d", pin);
}

int supervisor_init(struct supervisor *supervisor)
{
	struct stat st;

	supervisor->pid = getpid();
	supervisor->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (supervisor->root_fd < 0)
		return -errno;
	supervisor->proc_fd = procfs_open();
	if (supervisor->proc_fd < 0)
		return supervisor->proc_fd;
	supervisor->self_fd = openat(supervisor->proc_fd, "self/fd",
				     O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (supervisor->self_fd < 0 || fstat(supervisor->proc_fd, &st) < 0)
		return -errno;
	supervisor->proc_dev = st.st_dev;
	return 0;
}

/* The steps of one notification; doc/ARCHITECTURE.md numbers them. */
static void handle(struct receiver *receiver, const struct seccomp_notif *req)
{
	struct supervisor *supervisor = receiver->supervisor;
	struct call *call = &receiver->call;
	int r;

	answer_init(&call->answer);
	call->supervisor = supervisor;
	call->is_denied = false;
	call->is_kept = false;
	call->is_silent = false;
	atomic_store(&call->is_waiting, false);
	call->view = (struct view){
		.root_fd = supervisor->root_fd,
		.proc_fd = supervisor->proc_fd,
		.proc_dev = supervisor->proc_dev,
		.tid = (pid_t)req->pid,
		.may_pass = judge_may_pass,
		.context = supervisor->rules,
	};
	r = request_decode(supervisor->proc_fd, req, &call->request);
	/* Only now do the copies surely come from the requester. */
	if (!notify_is_valid(supervisor->listener, req->id))
		call->answer.kind = ANSWER_NONE;
	else if (r < 0)
		answer_error(&call->answer, r);
	else if (handlers[call->request.row->call])
		handlers[call->request.row->call](call);
	else
		answer_error(&call->answer, ENOSYS);
	if (supervisor->report_only)
		denial_let_through(call);
	/* Too late is harmless: the kernel takes one answer for each id. */
	(void)notify_send(supervisor->listener, req->id, &call->answer);
	answer_done(&call->answer);
}

static void wake_watch(void)
{
	(void)pthread_mutex_lock(&watch_lock);
	atomic_store(&is_watch_asleep, false);
	(void)pthread_cond_signal(&watch_wake);
	(void)pthread_mutex_unlock(&watch_lock);
}

/* true: the listener is finished, no target is left. */
static bool is_hung_up(int listener)
{
	struct pollfd pfd = { .fd = listener, .events = POLLIN };

	return poll(&pfd, 1, 0) > 0 && (pfd.revents & (POLLHUP | POLLERR)) &&
	       !(pfd.revents & POLLIN);
}

static void receive_loop(struct receiver *receiver)
{
	union notification notification;
	int listener = receiver->supervisor->listener;

	while (atomic_load(&receiver->state) == RECEIVER_ACTIVE) {
		int r = notify_receive(listener, &notification);

		if (r == -ENOENT && is_hung_up(listener))
			return;
		if (r < 0 && r != -ENOENT && r != -EINTR)
			return;
		if (r < 0)
			continue;
		atomic_store(&receiver->busy_since, now_ms());
		atomic_store(&receiver->busy_id, notification.req.id);
		atomic_fetch_add(&n_received, 1);
		if (atomic_load(&is_watch_asleep))
			wake_watch();
		handle(receiver, &notification.req);
		atomic_store(&receiver->busy_id, 0);
	}
}

static void *receiver_main(void *data)
{
	struct receiver *receiver = data;
	sigset_t interrupt;

	/* A umask of our own: files are created with the requester's. */
	if (unshare(CLONE_FS) < 0)
		abort();
	(void)sigemptyset(&interrupt);
	(void)sigaddset(&interrupt, INTERRUPT);
	(void)pthread_sigmask(SIG_UNBLOCK, &interrupt, NULL);
	atomic_store(&receiver->tid, gettid());
	receive_loop(receiver);
	atomic_store(&receiver->state, RECEIVER_FREE);
	return NULL;
}

static int start_receiver(struct supervisor *supervisor)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int r = -EAGAIN;

	for (size_t i = 0; i < RECEIVERS_MAX; i++) {
		struct receiver *receiver = receivers[i];

		if (!receiver) {
			receiver = calloc(1, sizeof(*receiver));
			if (!receiver)
				return -ENOMEM;
			receivers[i] = receiver;
		}
		if (atomic_load(&receiver->state) != RECEIVER_FREE)
			continue;
		receiver->supervisor = supervisor;
		atomic_store(&receiver->state, RECEIVER_ACTIVE);
		(void)pthread_attr_init(&attributes);
		(void)pthread_attr_setdetachstate(&attributes,
						  PTHREAD_CREATE_DETACHED);
		(void)pthread_attr_setstacksize(&attributes, STACK_SIZE);
		r = -pthread_create(&thread, &attributes, receiver_main,
				    receiver);
		(void)pthread_attr_destroy(&attributes);
		if (r < 0)
			atomic_store(&receiver->state, RECEIVER_FREE);
		return r;
	}
	return r;
}

/* The deadline passed, or nobody waits any more: let the thread go. */
static void give_up(struct receiver *receiver, uint64_t id)
{
	struct answer denial;

	atomic_store(&receiver->given_up_id, id);
	answer_init(&denial);
	(void)notify_send(receiver->supervisor->listener, id, &denial);
	(void)tgkill(getpid(), atomic_load(&receiver->tid), INTERRUPT);
}

/* All threads are stuck: the one that waits the longest makes room. */
static void give_up_oldest(void)
{
	struct receiver *oldest = NULL;

	for (size_t i = 0; i < RECEIVERS_MAX && receivers[i]; i++) {
		struct receiver *receiver = receivers[i];

		if (atomic_load(&receiver->state) == RECEIVER_REPLACED &&
		    atomic_load(&receiver->busy_id) != 0 &&
		    atomic_load(&receiver->given_up_id) !=
			    atomic_load(&receiver->busy_id) &&
		    (!oldest || atomic_load(&receiver->busy_since) <
					atomic_load(&oldest->busy_since)))
			oldest = receiver;
	}
	if (oldest)
		give_up(oldest, atomic_load(&oldest->busy_id));
}

/*
 * Looks after one receiver. A stuck one stays active until another one runs:
 * the sandbox may have taken the last thread that there was, and without any
 * receiver nobody would be answered again.
 */
static void watch_receiver(struct receiver *receiver, int64_t now,
			   bool is_crowd)
{
	struct supervisor *supervisor = receiver->supervisor;
	uint64_t id = atomic_load(&receiver->busy_id);
	int64_t age = now - atomic_load(&receiver->busy_since);
	enum receiver_state active = RECEIVER_ACTIVE;

	if (id == 0 || age < (is_crowd ? CROWD_MS : STUCK_MS))
		return;
	if (age >= PATIENCE_MS && atomic_load(&receiver->call.is_waiting))
		(void)tgkill(getpid(), atomic_load(&receiver->tid), INTERRUPT);
	/* Again and again: a signal before the call blocks is lost. */
	if (age >= DEADLINE_MS || atomic_load(&receiver->given_up_id) == id ||
	    !notify_is_valid(supervisor->listener, id))
		give_up(receiver, id);
	if (atomic_load(&receiver->state) != RECEIVER_ACTIVE)
		return;
	if (start_receiver(supervisor) < 0)
		for (int i = 0; i < GIVE_UP_AT_ONCE; i++)
			give_up_oldest();
	else
		(void)atomic_compare_exchange_strong(
			&receiver->state, &active, RECEIVER_REPLACED);
}

static void watch_sleep(uint64_t seen)
{
	(void)pthread_mutex_lock(&watch_lock);
	atomic_store(&is_watch_asleep, true);
	while (atomic_load(&is_watch_asleep) && atomic_load(&n_received) == seen)
		(void)pthread_cond_wait(&watch_wake, &watch_lock);
	atomic_store(&is_watch_asleep, false);
	(void)pthread_mutex_unlock(&watch_lock);
}

static void *watch_main(void *unused)
{
	uint64_t seen = 0;
	unsigned idle = 0, n_busy = 0;

	for (;;) {
		uint64_t received = atomic_load(&n_received);
		struct timespec tick = { .tv_nsec = 1000000L };
		bool is_crowd = n_busy > CROWD;
		int64_t now = now_ms();

		n_busy = 0;
		if (!is_crowd)
			tick.tv_nsec *= TICK_MS;

		for (size_t i = 0; i < RECEIVERS_MAX && receivers[i]; i++) {
			struct receiver *receiver = receivers[i];

			if (atomic_load(&receiver->state) == RECEIVER_FREE)
				continue;
			n_busy += atomic_load(&receiver->busy_id) != 0;
			watch_receiver(receiver, now, is_crowd);
		}
		idle = n_busy || received != seen ? 0 : idle + 1;
		seen = received;
		if (idle > IDLE_TICKS)
			watch_sleep(seen);
		else
			(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &tick, NULL);
	}
	return unused;
}

static void on_interrupt(int signal)
{
	(void)signal; /* only ends a blocking system call */
}

int supervise_start(struct supervisor *supervisor)
{
	struct sigaction action = { .sa_handler = on_interrupt };
	pthread_t watch;
	int r;

	r = notify_setup(supervisor->listener);
	if (r < 0)
		return r;
	/* No SA_RESTART: a stuck open has to return. */
	if (sigaction(INTERRUPT, &action, NULL) < 0)
		return -errno;
	r = start_receiver(supervisor);
	if (r < 0)
		return r;
	r = -pthread_create(&watch, NULL, watch_main, NULL);
	if (r == 0)
		(void)pthread_detach(watch);
	return r;
}
