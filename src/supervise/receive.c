/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The next request to be answered. A look whether more of them wait costs a
 * quarter of an answer, so nobody looks while few threads ask, each of them
 * for a short time: then the kernel's order is as good.
 */
#include "supervise/receive.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

#include "supervise/locks.h"
#include "supervise/supervisor.h"
#include "supervise/target.h"
#include "supervise/turns.h"

#define WINDOW 64 /* requests between two looks at how many ask */
#define CROWD 6 /* that many threads, about */
#define LONG_US 100 /* what one of them may take to be short */
#define LONG_MANY 8 /* of a window; a few are our own bad luck */
#define KNOWN 1024 /* threads whose process is remembered */
#define KNOWN_US 1000000 /* and for how long: numbers are used again */
#define TICKS 100 /* in a second, of /proc/PID/stat */
#define YOUNG_TICKS 100
#define ANCESTORS 4

/* Which process a thread belongs to. Wrong, it changes an order only. */
struct known {
	pid_t tid;
	pid_t process;
	pid_t group; /* the process, or the one that started it */
	int64_t since;
};

static struct {
	pthread_mutex_t lock; /* also held while waiting for the kernel */
	struct turns turns;
	struct known known[KNOWN];
	uint64_t askers; /* a bit for each thread that asked, by its hash */
	unsigned n_received;
	atomic_bool is_crowd;
	atomic_uint n_long;
} inbox = { .lock = PTHREAD_MUTEX_INITIALIZER };

int64_t receive_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

void receive_took(int64_t us)
{
	if (us >= LONG_US)
		(void)atomic_fetch_add_explicit(&inbox.n_long, 1,
						memory_order_relaxed);
}

bool receive_is_crowded(void)
{
	return atomic_load(&inbox.is_crowd);
}

static void note_asker(pid_t tid)
{
	unsigned hash = (unsigned)tid * 2654435761u;
	int n_askers;

	inbox.askers |= 1ULL << (hash >> 26);
	if (++inbox.n_received < WINDOW)
		return;
	n_askers = __builtin_popcountll(inbox.askers);
	atomic_store(&inbox.is_crowd,
		     n_askers > CROWD ||
			     (atomic_load(&inbox.n_long) >= LONG_MANY &&
			      n_askers > 1));
	atomic_store(&inbox.n_long, 0);
	inbox.askers = 0;
	inbox.n_received = 0;
}

static bool is_young(const struct supervisor *supervisor, pid_t pid)
{
	struct process process;
	struct timespec now;
	int64_t ticks;

	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	ticks = (int64_t)now.tv_sec * TICKS +
		now.tv_nsec / (1000000000 / TICKS);
	return process_read(supervisor->proc_fd, pid, &process) == 0 &&
	       ticks - (int64_t)process.start < YOUNG_TICKS;
}

/*
 * While a process is young it shares the turns of the one that started it:
 * else who starts many would have many.
 */
static void find_process(const struct supervisor *supervisor,
			 struct known *known)
{
	struct target_status status;
	pid_t pid = known->tid;

	known->process = pid;
	known->group = pid;
	for (int i = 0; i < ANCESTORS; i++) {
		if (target_status(supervisor->proc_fd, pid, &status) < 0)
			return;
		known->group = status.tgid;
		if (i == 0)
			known->process = status.tgid;
		if (status.ppid <= 0 || status.ppid == supervisor->pid ||
		    !is_young(supervisor, status.tgid))
			return;
		pid = status.ppid;
	}
}

static const struct known *look_up(const struct supervisor *supervisor,
				   pid_t tid, int64_t now)
{
	struct known *known = &inbox.known[(unsigned)tid % KNOWN];

	if (known->tid != tid || now - known->since >= KNOWN_US) {
		*known = (struct known){ .tid = tid, .since = now };
		find_process(supervisor, known);
	}
	return known;
}

static int receive_one(const struct supervisor *supervisor,
		       union notification *ret)
{
	int r = notify_receive(supervisor->listener, ret);

	if (r == 0)
		note_asker((pid_t)ret->req.pid);
	return r;
}

/* All that wait in the kernel, as far as there is room. */
static void collect(const struct supervisor *supervisor,
		    union notification *space)
{
	int64_t now = receive_now();

	while (inbox.turns.n < TURNS_MAX &&
	       notify_is_pending(supervisor->listener) &&
	       receive_one(supervisor, space) == 0) {
		const struct known *known =
			look_up(supervisor, (pid_t)space->req.pid, now);

		(void)turns_add(&inbox.turns, known->group, known->process,
				&space->req, now);
	}
}

int receive_next(const struct supervisor *supervisor, union notification *ret,
		 int64_t *ret_since)
{
	int r = 0;

	(void)pthread_mutex_lock(&inbox.lock);
	if (atomic_load_explicit(&inbox.is_crowd, memory_order_relaxed) ||
	    inbox.turns.n > 0)
		collect(supervisor, ret);
	if (!turns_take(&inbox.turns, &ret->req, ret_since)) {
		r = receive_one(supervisor, ret);
		*ret_since = 0;
	}
	(void)pthread_mutex_unlock(&inbox.lock);
	return r;
}
