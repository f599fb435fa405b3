/* SPDX-License-Identifier: Apache-2.0 */
/* The threads that answer notifications, and the one that watches them. */
#include "supervise/supervise.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "supervise/answer.h"
#include "supervise/file_mask.h"
#include "supervise/receive.h"
#include "supervise/signals.h"
#include "supervise/supervisor.h"
#include "supervise/target.h"

#define RECEIVERS_MAX 256
#define STACK_SIZE (256UL * 1024)
#define TICK_MS 10
#define STUCK_US 20000 /* then another receiver takes over */
/* With several stuck already the next one is not waited for that long. */
#define CROWD 4
#define CROWD_US 2000
#define PATIENCE_US 8000000 /* then a call that waits (net_socket.h) returns */
#define DEADLINE_US 8500000 /* then the request is denied; promised: 10 s */
#define SLOW_MAX 192 /* requests that may be slow at a time, */
#define SLOW_SHARE 8 /* and what part of them one process may have then */
/* Ends a blocking call of a receiver; one that nobody sends to us. */
#define INTERRUPT (SIGRTMAX - 3)
#define GIVE_UP_AT_ONCE 8 /* when all threads are stuck */
#define IDLE_TICKS 50 /* then the watch sleeps until it is woken */

enum receiver_state {
	RECEIVER_FREE, /* no thread */
	RECEIVER_ACTIVE, /* receives, answers */
	RECEIVER_LEAVING, /* the same, while another one is started */
	RECEIVER_REPLACED, /* finishes its request, then ends */
};

struct receiver {
	_Atomic enum receiver_state state;
	_Atomic uint64_t busy_id; /* the request at hand; 0: none */
	_Atomic int64_t busy_since; /* as receive_now() */
	_Atomic int64_t waits_since; /* the same, for the target */
	_Atomic uint64_t given_up_id; /* answered by the watch */
	_Atomic pid_t tid;
	_Atomic pid_t asker; /* the target's thread */
	_Atomic pid_t process; /* its, once the request is slow */
	struct supervisor *supervisor;
	struct call call;
};

static struct receiver *_Atomic receivers[RECEIVERS_MAX];
static _Atomic uint64_t n_received;
static _Atomic bool is_watch_asleep;
static pthread_mutex_t watch_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t watch_wake = PTHREAD_COND_INITIALIZER;

static void wake_watch(void)
{
	(void)pthread_mutex_lock(&watch_lock);
	atomic_store(&is_watch_asleep, false);
	(void)pthread_cond_signal(&watch_wake);
	(void)pthread_mutex_unlock(&watch_lock);
}

static void deny(const struct receiver *receiver, uint64_t id)
{
	struct answer denial;

	answer_init(&denial);
	(void)notify_send(receiver->supervisor->listener, id, &denial);
}

/* The deadline passed, or nobody waits any more: let the thread go. */
static void give_up(struct receiver *receiver, uint64_t id)
{
	atomic_store(&receiver->given_up_id, id);
	deny(receiver, id);
	(void)tgkill(getpid(), atomic_load(&receiver->tid), INTERRUPT);
}

static bool receives(const struct receiver *receiver)
{
	enum receiver_state state = atomic_load(&receiver->state);

	return state == RECEIVER_ACTIVE || state == RECEIVER_LEAVING;
}

static void answer_request(struct receiver *receiver,
			   const struct seccomp_notif *req, int64_t since)
{
	int64_t start = receive_now();

	since = since ? since : start;
	atomic_store(&receiver->waits_since, since);
	atomic_store(&receiver->busy_since, start);
	atomic_store(&receiver->asker, (pid_t)req->pid);
	atomic_store(&receiver->process, 0);
	atomic_store(&receiver->busy_id, req->id);
	atomic_fetch_add(&n_received, 1);
	if (atomic_load(&is_watch_asleep))
		wake_watch();
	if (start - since < DEADLINE_US)
		call_answer(&receiver->call, receiver->supervisor, req);
	else
		deny(receiver, req->id);
	atomic_store_explicit(&receiver->busy_id, 0, memory_order_release);
	receive_took(receive_now() - start);
}

static void receive_loop(struct receiver *receiver)
{
	const struct supervisor *supervisor = receiver->supervisor;
	union notification notification;
	int64_t since;

	while (receives(receiver)) {
		int r = receive_next(supervisor, &notification, &since);

		if (r == -ENOENT && notify_is_finished(supervisor->listener))
			return;
		if (r < 0 && r != -ENOENT && r != -EINTR) {
			signals_fail(supervisor->signals,
				     "requests cannot be received", r);
			return;
		}
		if (r == 0)
			answer_request(receiver, &notification.req, since);
	}
}

static void *receiver_main(void *data)
{
	struct receiver *receiver = data;
	sigset_t interrupt;

	file_mask_own();
	(void)sigemptyset(&interrupt);
	(void)sigaddset(&interrupt, INTERRUPT);
	(void)pthread_sigmask(SIG_UNBLOCK, &interrupt, NULL);
	atomic_store(&receiver->tid, gettid());
	receive_loop(receiver);
	atomic_store(&receiver->state, RECEIVER_FREE);
	return NULL;
}

/* One that no other thread takes as well. */
static struct receiver *find_free(struct supervisor *supervisor)
{
	for (size_t i = 0; i < RECEIVERS_MAX; i++) {
		enum receiver_state state = RECEIVER_FREE;
		struct receiver *receiver = receivers[i];

		if (!receiver) {
			struct receiver *fresh = calloc(1, sizeof(*fresh));

			if (!fresh)
				return NULL;
			/* The watch looks at it as soon as it is there. */
			fresh->supervisor = supervisor;
			if (atomic_compare_exchange_strong(&receivers[i],
							   &receiver, fresh))
				receiver = fresh;
			else
				free(fresh);
		}
		if (atomic_compare_exchange_strong(&receiver->state, &state,
						   RECEIVER_ACTIVE))
			return receiver;
	}
	return NULL;
}

static int start_receiver(struct supervisor *supervisor)
{
	struct receiver *receiver = find_free(supervisor);
	pthread_attr_t attributes;
	pthread_t thread;
	int r;

	if (!receiver)
		return -EAGAIN;
	(void)pthread_attr_init(&attributes);
	(void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	(void)pthread_attr_setstacksize(&attributes, STACK_SIZE);
	r = -pthread_create(&thread, &attributes, receiver_main, receiver);
	(void)pthread_attr_destroy(&attributes);
	if (r < 0)
		atomic_store(&receiver->state, RECEIVER_FREE);
	return r;
}

#define PLACE(receiver) ((unsigned)(receiver)->process % RECEIVERS_MAX)

/* Is it in a request that is slow, and not given up yet? */
static bool is_slow(const struct receiver *receiver)
{
	uint64_t id = atomic_load(&receiver->busy_id);

	return atomic_load(&receiver->state) == RECEIVER_REPLACED && id != 0 &&
	       atomic_load(&receiver->given_up_id) != id;
}

/* How many are slow, and by which processes' fault. */
static size_t count_slow(uint16_t ret[RECEIVERS_MAX])
{
	size_t n = 0;

	memset(ret, 0, RECEIVERS_MAX * sizeof(*ret));
	for (size_t i = 0; i < RECEIVERS_MAX && receivers[i]; i++) {
		if (!is_slow(receivers[i]))
			continue;
		ret[PLACE(receivers[i])]++;
		n++;
	}
	return n;
}

/*
 * Too many are stuck: of the process that has most of them the one that waits
 * the longest makes room.
 */
static void give_up_oldest(void)
{
	uint16_t counts[RECEIVERS_MAX];
	struct receiver *found = NULL;

	(void)count_slow(counts);
	for (size_t i = 0; i < RECEIVERS_MAX && receivers[i]; i++) {
		struct receiver *receiver = receivers[i];
		int more;

		if (!is_slow(receiver))
			continue;
		more = found ? counts[PLACE(receiver)] - counts[PLACE(found)] :
			       1;
		if (more > 0 ||
		    (more == 0 && atomic_load(&receiver->busy_since) <
					  atomic_load(&found->busy_since)))
			found = receiver;
	}
	if (found)
		give_up(found, atomic_load(&found->busy_id));
}

static void find_process(struct receiver *receiver)
{
	struct target_status status;

	if (atomic_load(&receiver->process) == 0 &&
	    target_status(receiver->supervisor->proc_fd,
			  atomic_load(&receiver->asker), &status) == 0)
		atomic_store(&receiver->process, status.tgid);
}

/* Another one receives from now on. Return: 0, or -errno: none can. */
static int leave(struct receiver *receiver)
{
	struct supervisor *supervisor = receiver->supervisor;
	enum receiver_state state = RECEIVER_ACTIVE;
	int r;

	if (!atomic_compare_exchange_strong(&receiver->state, &state,
					    RECEIVER_LEAVING))
		return 0;
	r = start_receiver(supervisor);
	if (r == 0)
		find_process(receiver);
	atomic_store(&receiver->state,
		     r < 0 ? RECEIVER_ACTIVE : RECEIVER_REPLACED);
	return r;
}

bool call_is_slow(struct call *call)
{
	struct receiver *receiver =
		(struct receiver *)(void *)((char *)call -
					    offsetof(struct receiver, call));
	uint16_t counts[RECEIVERS_MAX];
	size_t n;

	if (atomic_load(&receiver->state) != RECEIVER_ACTIVE)
		return true;
	find_process(receiver);
	n = count_slow(counts);
	if (n >= SLOW_MAX && counts[PLACE(receiver)] >= n / SLOW_SHARE)
		return false;
	if (n >= SLOW_MAX)
		give_up_oldest();
	(void)leave(receiver);
	return true;
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
	int64_t waits = now - atomic_load(&receiver->waits_since);

	if (id == 0 || age < (is_crowd ? CROWD_US : STUCK_US))
		return;
	if (waits >= PATIENCE_US && atomic_load(&receiver->call.is_waiting))
		(void)tgkill(getpid(), atomic_load(&receiver->tid), INTERRUPT);
	/* Again and again: a signal before the call blocks is lost. */
	if (waits >= DEADLINE_US || atomic_load(&receiver->given_up_id) == id ||
	    !notify_is_valid(supervisor->listener, id))
		give_up(receiver, id);
	if (leave(receiver) < 0)
		for (int i = 0; i < GIVE_UP_AT_ONCE; i++)
			give_up_oldest();
}

static void watch_sleep(uint64_t seen)
{
	(void)pthread_mutex_lock(&watch_lock);
	atomic_store(&is_watch_asleep, true);
	while (atomic_load(&is_watch_asleep) &&
	       atomic_load(&n_received) == seen)
		(void)pthread_cond_wait(&watch_wake, &watch_lock);
	atomic_store(&is_watch_asleep, false);
	(void)pthread_mutex_unlock(&watch_lock);
}

static void *watch_main(void *data)
{
	struct supervisor *supervisor = data;
	uint64_t seen = 0;
	unsigned idle = 0, n_busy = 0;

	for (;;) {
		uint64_t received = atomic_load(&n_received);
		struct timespec tick = { .tv_nsec = 1000000L };
		bool is_crowd = n_busy > CROWD || receive_is_crowded();
		int64_t now = receive_now();

		atomic_store(&supervisor->is_wary, n_busy > CROWD);
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
	return NULL;
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
	r = -pthread_create(&watch, NULL, watch_main, supervisor);
	if (r == 0)
		(void)pthread_detach(watch);
	return r;
}
