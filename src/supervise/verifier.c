/* SPDX-License-Identifier: Apache-2.0 */
/* The supervisor's side of the verifier: questions, snapshots, work ahead. */
#include "supervise/verifier.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "supervise/ahead.h"
#include "supervise/resources.h"
#include "supervise/rules.h"
#include "supervise/session.h"

#define AHEAD_BATCH 16 /* that many questions fit in the socket's buffers */
#define AHEAD_SIZE_MAX (1 << 20)
#define BLOCKED_MAX 256

struct verifier {
	struct resources *resources;

	pthread_mutex_t session_lock; /* questions and their answers */
	struct session session;
	pthread_mutex_t state_lock; /* what follows, and the resources' copies */
	pthread_cond_t wake;
	struct strings blocked; /* directories of refused package.json files */
	char *ahead; /* a directory to verify next, owned */
};

int verifier_start(const char *path, const char *integrity, const char *key,
		   const char *socket, struct verifier **ret)
{
	struct verifier *v = calloc(1, sizeof(*v));
	int r;

	if (!v)
		return -ENOMEM;
	(void)pthread_mutex_init(&v->session_lock, NULL);
	(void)pthread_mutex_init(&v->state_lock, NULL);
	(void)pthread_cond_init(&v->wake, NULL);
	r = session_start(&v->session, path, integrity, key, socket);
	if (r == 0) {
		*ret = v;
		return 0;
	}
	session_done(&v->session);
	free(v);
	return r;
}

int verifier_loaded(struct verifier *v)
{
	_cleanup_close_ int index = -1;
	int r;

	r = session_loaded(&v->session, &index);
	if (r < 0)
		return r;
	r = resources_read(index, &v->resources);
	if (r < 0)
		log_error("the verifier's index: %s", strerror(-r));
	return r;
}

void verifier_stop(struct verifier *v)
{
	/*
	 * Not while somebody waits for an answer. And threads may look at all
	 * the rest until the process ends, which is soon.
	 */
	if (v && pthread_mutex_trylock(&v->session_lock) == 0)
		session_done(&v->session);
}

int verifier_spare(struct verifier *v)
{
	return session_spare(&v->session);
}

void verifier_pids(const struct verifier *v, pid_t ret[2])
{
	/* Another one after a restart, by another thread. */
	ret[0] = __atomic_load_n(&v->session.process.pid, __ATOMIC_RELAXED);
	ret[1] = v->session.spare.pid;
}

bool verifier_is(const struct verifier *v, pid_t pid)
{
	pid_t pids[2];

	verifier_pids(v, pids);
	return pid == pids[0] || pid == pids[1];
}

enum onerror verifier_onerror(const struct verifier *v)
{
	return v->session.flags & NSV_ONERROR_LOG  ? ONERROR_LOG :
	       v->session.flags & NSV_ONERROR_EXIT ? ONERROR_EXIT :
						     ONERROR_THROW;
}

const char *verifier_manifest(const struct verifier *v)
{
	return v->session.manifest;
}

const char *verifier_path(const struct verifier *v, size_t i)
{
	return resources_path(v->resources, i);
}

const char *verifier_alias(struct verifier *v, const struct stat *st)
{
	const char *path;

	(void)pthread_mutex_lock(&v->state_lock);
	path = resources_alias(v->resources, st);
	(void)pthread_mutex_unlock(&v->state_lock);
	return path;
}

int verifier_list(struct verifier *v, struct rules *rules)
{
	return resources_list(v->resources, rules);
}

int verifier_cached(struct verifier *v, const char *path, const struct stat *st)
{
	int fd;

	(void)pthread_mutex_lock(&v->state_lock);
	fd = resources_open_copy(v->resources, path, st);
	(void)pthread_mutex_unlock(&v->state_lock);
	return fd;
}

static void keep(struct verifier *v, const char *path, const struct stat *st,
		 int *snapshot)
{
	(void)pthread_mutex_lock(&v->state_lock);
	resources_keep_copy(v->resources, path, st, snapshot);
	(void)pthread_mutex_unlock(&v->state_lock);
}

static void set_refused(struct verdict *ret, const char *hint,
			const char *reason)
{
	ret->kind = VERDICT_REFUSED;
	ret->hint = hint;
	(void)snprintf(ret->reason, sizeof(ret->reason), "%s", reason);
}

/* What the verifier said, in the words of the open that waits for it. */
static void read_reply(const struct nsv_reply *reply, struct verdict *ret)
{
	switch ((enum nsv_verdict)reply->verdict) {
	case NSV_MATCH:
		ret->kind = VERDICT_SNAPSHOT;
		return;
	case NSV_ANY:
		ret->kind = VERDICT_PLAIN;
		return;
	case NSV_MISMATCH:
		ret->is_mismatch = true;
		memcpy(ret->actual, reply->actual, sizeof(ret->actual));
		/* A resource without any hash accepts nothing: no digest then. */
		if (reply->text[0])
			set_refused(ret, NULL, reply->text);
		else
			(void)snprintf(
				ret->reason, sizeof(ret->reason),
				"its content is %s but the manifest says %s",
				reply->actual, reply->expected);
		ret->hint =
			"restore the file, or list its new hash (nspolicy hash FILE) if the change is meant";
		return;
	case NSV_UNLISTED:
		set_refused(ret, NULL,
			    "the manifest does not list this code file");
		ret->hint =
			"list it (nspolicy generate, or nspolicy hash FILE) if it belongs there";
		return;
	case NSV_ERROR:
		set_refused(ret, NULL, reply->text);
		return;
	case NSV_LOADED:
	case NSV_REFUSED:
	case NSV_LISTED:
	case NSV_DEFAULT:
	case NSV_REDIRECT:
	case NSV_MISSING:
	case NSV_INVALID:
		break;
	}
	set_refused(ret, NULL, "the verifier gave no verdict");
}

static void want_ahead(struct verifier *v, const char *path)
{
	(void)pthread_mutex_lock(&v->state_lock);
	if (!v->ahead) {
		v->ahead = ahead_package(path);
		(void)pthread_cond_signal(&v->wake);
	}
	(void)pthread_mutex_unlock(&v->state_lock);
}

void verifier_check(struct verifier *v, const char *path, int fd,
		    const struct stat *st, struct verdict *ret, int *ret_fd)
{
	_cleanup_close_ int snapshot = -1;
	struct nsv_reply reply = { .verdict = NSV_UNLISTED };
	const char *spelling = resources_spelling(v->resources, path);
	int r = 0;

	*ret = (struct verdict){ .kind = VERDICT_REFUSED };
	*ret_fd = -1;
	/* Without scopes the index has the answer for what is not listed. */
	if (!spelling && !(v->session.flags & NSV_HAS_SCOPES)) {
		read_reply(&reply, ret);
		return;
	}
	(void)pthread_mutex_lock(&v->session_lock);
	/* The work ahead may have had this very file in hand. */
	*ret_fd = verifier_cached(v, path, st);
	if (*ret_fd < 0)
		r = session_check(&v->session, spelling ? spelling : path, fd,
				  &reply, &snapshot);
	(void)pthread_mutex_unlock(&v->session_lock);
	if (*ret_fd >= 0) {
		ret->kind = VERDICT_SNAPSHOT;
		return;
	}
	if (r < 0) {
		ret->kind = VERDICT_ENDED;
		return;
	}
	read_reply(&reply, ret);
	if (ret->kind != VERDICT_SNAPSHOT)
		return;
	*ret_fd = resources_reopen(v->resources, snapshot);
	if (*ret_fd < 0)
		set_refused(ret, NULL, strerror(-*ret_fd));
	keep(v, path, st, &snapshot);
	want_ahead(v, path);
}

int verifier_question(struct verifier *v, enum nsv_kind kind, const char *url,
		      const char *text, size_t len, struct nsv_reply *reply)
{
	int r;

	(void)pthread_mutex_lock(&v->session_lock);
	r = session_question(&v->session, kind, url, text, len, reply);
	(void)pthread_mutex_unlock(&v->session_lock);
	return r == -ENAMETOOLONG ? r : r < 0 ? -EPIPE : 0;
}

bool verifier_limits_dependencies(const struct verifier *v)
{
	return v->session.flags & NSV_HAS_DEPENDENCIES;
}

bool verifier_has_urls(const struct verifier *v)
{
	return v->session.flags & NSV_HAS_URLS;
}

bool verifier_lists_queries(const struct verifier *v)
{
	return v->session.flags & NSV_HAS_QUERIES;
}

void verifier_block(struct verifier *v, const char *path)
{
	const char *slash = strrchr(path, '/');

	(void)pthread_mutex_lock(&v->state_lock);
	/* More than could be by accident: then no code loads at all. */
	if (v->blocked.n == BLOCKED_MAX - 1)
		(void)strings_add(&v->blocked, "/");
	if (v->blocked.n < BLOCKED_MAX && slash) {
		char *directory = strndup(path, (size_t)(slash - path) + 1);

		if (directory && strings_contain(&v->blocked, directory))
			free(directory);
		else
			(void)strings_add_owned(&v->blocked, directory);
	}
	(void)pthread_mutex_unlock(&v->state_lock);
}

bool verifier_blocked(struct verifier *v, const char *path, char *ret,
		      size_t size)
{
	bool is_blocked = false;

	(void)pthread_mutex_lock(&v->state_lock);
	for (size_t i = 0; i < v->blocked.n && !is_blocked; i++) {
		const char *directory = v->blocked.items[i];

		if (strncmp(path, directory, strlen(directory)) != 0)
			continue;
		is_blocked = true;
		(void)snprintf(ret, size, "%spackage.json", directory);
	}
	(void)pthread_mutex_unlock(&v->state_lock);
	return is_blocked;
}

/* A batch in flight: the verifier hashes one while the next is opened. */
struct batch {
	struct ahead_file files[AHEAD_BATCH];
	uint64_t ids[AHEAD_BATCH];
	size_t n;
};

static void run_batch(struct verifier *v, struct batch *batch)
{
	struct nsv_reply reply;
	size_t n_asked = 0;
	int r;

	(void)pthread_mutex_lock(&v->session_lock);
	r = v->session.is_ended || v->session.process.socket < 0 ? -EPIPE : 0;
	for (; n_asked < batch->n && r == 0; n_asked += r == 0)
		r = session_ask(&v->session, NSV_CHECK,
				batch->files[n_asked].spelling,
				batch->files[n_asked].fd, &batch->ids[n_asked]);
	r = r == -ETOOMANYREFS ? 0 : r; /* asked again when it is wanted */
	for (size_t i = 0; i < n_asked && r == 0; i++) {
		_cleanup_close_ int snapshot = -1;
		r = session_receive(&v->session, batch->ids[i], &reply,
				    &snapshot);
		r = r < 0 ? r : session_verdict(&reply, snapshot);
		if (r == 0 && snapshot >= 0)
			keep(v, batch->files[i].path, &batch->files[i].st,
			     &snapshot);
	}
	if (r < 0)
		session_break(&v->session, r);
	(void)pthread_mutex_unlock(&v->session_lock);
	for (size_t i = 0; i < batch->n; i++)
		(void)close(batch->files[i].fd);
	batch->n = 0;
}

static void verify_directory(struct verifier *v, const char *directory)
{
	struct batch batch = { .n = 0 };
	size_t at = resources_first(v->resources, directory);

	for (;;) {
		struct ahead_file *file = &batch.files[batch.n];
		int r;

		(void)pthread_mutex_lock(&v->state_lock);
		r = resources_next(v->resources, directory, &at, file);
		(void)pthread_mutex_unlock(&v->state_lock);
		if (r < 0)
			break;
		if (r > 0 && ahead_open(file, AHEAD_SIZE_MAX) == 0)
			batch.n++;
		if (batch.n == AHEAD_BATCH)
			run_batch(v, &batch);
	}
	if (batch.n > 0)
		run_batch(v, &batch);
}

static void *ahead_main(void *data)
{
	struct verifier *v = data;

	for (;;) {
		_cleanup_free_ char *directory = NULL;

		(void)pthread_mutex_lock(&v->state_lock);
		while (!v->ahead)
			(void)pthread_cond_wait(&v->wake, &v->state_lock);
		directory = take_ptr(&v->ahead);
		(void)pthread_mutex_unlock(&v->state_lock);
		verify_directory(v, directory);
	}
	return NULL;
}

void verifier_ahead(struct verifier *v, const char *script)
{
	pthread_t thread;

	if (script)
		want_ahead(v, script);
	if (pthread_create(&thread, NULL, ahead_main, v) == 0)
		(void)pthread_detach(thread);
}
