/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One thread takes connections, each other one serves a session at a time:
 * what is slow in a session, a large file or a peer that does not move, holds
 * up nobody else. The threads are there from the start, because the filter
 * lets none be made.
 */
#include "verify/service.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/fdpass.h"
#include "common/log.h"
#include "common/proto.h"
#include "verify/confine.h"
#include "verify/serve.h"
#include "verify/store.h"

#define STACK_SIZE (256u << 10)
#define FDS_SESSION 8 /* its socket, and what is in hand */
#define FDS_OURS 64
#define PAUSE_NS 100000000 /* after an accept(2) that failed */
#define LOG_EVERY_S 1 /* what a peer can cause is said that often */

struct guest {
	int sock;
	struct ucred who;
	struct user *user;
};

struct service {
	const struct service_options *options;
	struct serving serving; /* what all of them have in common */
	int listener;
	uid_t uid; /* our own */
	time_t last_log;

	pthread_mutex_t lock;
	pthread_cond_t wake; /* a guest waits, or a thread is ready */
	struct guest *guests; /* a stack: each gets a thread at once */
	unsigned n_guests;
	unsigned n_ready;
};

unsigned service_fds(const struct service_options *options)
{
	return options->n_snapshots + FDS_SESSION * options->n_sessions +
	       FDS_OURS;
}

static void serve_guest(struct service *service, const struct guest *guest)
{
	struct serving serving = service->serving;
	int r;

	serving.user = guest->user;
	r = serve_shared(guest->sock, &serving);
	/* A refused manifest is the supervisor's to report: it was told. */
	if (r == -EBADMSG)
		log_warning("process %d of user %u broke the protocol",
			    guest->who.pid, guest->who.uid);
	else if (r < 0 && r != -EINVAL)
		log_warning("session of process %d of user %u: %s",
			    guest->who.pid, guest->who.uid, strerror(-r));
	else
		log_info("session of process %d of user %u ended",
			 guest->who.pid, guest->who.uid);
	(void)close(guest->sock);
	store_leave(serving.store, guest->user);
}

static void *serve_guests(void *data)
{
	struct service *service = data;

	(void)pthread_mutex_lock(&service->lock);
	service->n_ready++;
	(void)pthread_cond_broadcast(&service->wake);
	for (;;) {
		struct guest guest;

		while (service->n_guests == 0)
			(void)pthread_cond_wait(&service->wake, &service->lock);
		guest = service->guests[--service->n_guests];
		(void)pthread_mutex_unlock(&service->lock);
		serve_guest(service, &guest);
		(void)pthread_mutex_lock(&service->lock);
	}
	return NULL;
}

static int make_threads(struct service *service)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int r = 0;

	(void)pthread_attr_init(&attributes);
	(void)pthread_attr_setstacksize(&attributes, STACK_SIZE);
	(void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	for (unsigned i = 0; i < service->options->n_sessions && r == 0; i++)
		r = -pthread_create(&thread, &attributes, serve_guests,
				    service);
	(void)pthread_attr_destroy(&attributes);
	if (r < 0)
		return r;
	/* How a thread starts is nothing that the filter lets pass. */
	(void)pthread_mutex_lock(&service->lock);
	while (service->n_ready < service->options->n_sessions)
		(void)pthread_cond_wait(&service->wake, &service->lock);
	(void)pthread_mutex_unlock(&service->lock);
	return 0;
}

static time_t now(void)
{
	struct timespec time = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

/* Nobody fills the log by being turned away. */
static void log_refused(struct service *service, const struct guest *guest,
			const char *text)
{
	time_t time = now();

	if (time - service->last_log < LOG_EVERY_S)
		return;
	service->last_log = time;
	log_warning("process %d of user %u is turned away: %s", guest->who.pid,
		    guest->who.uid, text);
}

static void turn_away(struct service *service, const struct guest *guest,
		      const char *text)
{
	struct nsv_reply reply = { .version = NSV_VERSION,
				   .verdict = NSV_REFUSED };

	log_refused(service, guest, text);
	memcpy(reply.text, text, strlen(text));
	(void)fdpass_send(guest->sock, &reply, sizeof(reply), -1);
	(void)close(guest->sock);
}

static void welcome(struct service *service, struct guest *guest)
{
	socklen_t len = sizeof(guest->who);

	if (getsockopt(guest->sock, SOL_SOCKET, SO_PEERCRED, &guest->who,
		       &len) < 0) {
		(void)close(guest->sock);
		return;
	}
	if (!service->options->any_user && guest->who.uid != service->uid) {
		turn_away(service, guest,
			  "the verifier service is another user's");
		return;
	}
	guest->user = store_enter(service->serving.store, guest->who.uid);
	if (!guest->user) {
		turn_away(
			service, guest,
			"the verifier service has as many sessions as it may: see --sessions in nsverifyd(8)");
		return;
	}
	log_info("session of process %d of user %u", guest->who.pid,
		 guest->who.uid);
	(void)pthread_mutex_lock(&service->lock);
	service->guests[service->n_guests++] = *guest;
	(void)pthread_cond_broadcast(&service->wake);
	(void)pthread_mutex_unlock(&service->lock);
}

static int take_guests(struct service *service)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };

	for (;;) {
		struct guest guest = {
			.sock = accept4(service->listener, NULL, NULL,
					SOCK_CLOEXEC | SOCK_NONBLOCK),
		};

		if (guest.sock >= 0) {
			welcome(service, &guest);
			continue;
		}
		switch (errno) {
		case EAGAIN:
			return 0;
		case EINTR:
		case ECONNABORTED:
		case EPERM:
			break;
		case EMFILE:
		case ENFILE:
		case ENOBUFS:
		case ENOMEM:
			(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
			return 0;
		default:
			return -errno;
		}
	}
}

/* Between two looks the last session may have ended. */
static int run(struct service *service)
{
	const int idle_s = (int)service->options->idle_s;
	struct pollfd pfd = { .fd = service->listener, .events = POLLIN };
	time_t busy = now();
	int r;

	for (;;) {
		r = poll(&pfd, 1, idle_s > 0 ? 1000 : -1);
		if (r < 0 && errno != EINTR)
			return -errno;
		if (r > 0) {
			r = take_guests(service);
			if (r < 0)
				return r;
			busy = now();
		}
		if (idle_s == 0)
			continue;
		if (store_count(service->serving.store) > 0)
			busy = now();
		else if (now() - busy >= idle_s)
			return 0;
	}
}

static int prepare(struct service *service)
{
	const struct service_options *options = service->options;
	const struct store_limits limits = {
		.memory = options->memory,
		.n_snapshots = options->n_snapshots,
		.n_sessions = options->n_sessions,
		/* Nobody keeps everybody else out. */
		.n_user_sessions = options->any_user ?
					   (options->n_sessions + 1) / 2 :
					   options->n_sessions,
	};

	(void)pthread_mutex_init(&service->lock, NULL);
	(void)pthread_cond_init(&service->wake, NULL);
	/* Others than the first would be shrunk after a look into /proc. */
	(void)mallopt(M_ARENA_MAX, 1);
	service->uid = geteuid();
	service->serving.pid = getpid();
	service->serving.store = store_new(&limits);
	service->guests = calloc(options->n_sessions, sizeof(struct guest));
	if (!service->serving.store || !service->guests)
		return -ENOMEM;
	return make_threads(service);
}

int service_run(int listener, const struct hasher *hasher,
		const struct service_options *options)
{
	/* Static: the threads outlive this function. */
	static struct service service;
	int r;

	service.options = options;
	service.serving.hasher = hasher;
	service.listener = listener;
	r = prepare(&service);
	if (r == 0)
		r = confine_calls(listener);
	return r < 0 ? r : run(&service);
}
