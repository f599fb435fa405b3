/* SPDX-License-Identifier: Apache-2.0 */
/* A conversation with nsverifyd, which is replaced once if it fails. */
#include "supervise/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/fdpass.h"
#include "common/log.h"
#include "supervise/connect.h"
#include "supervise/progress.h"
#include "supervise/resources.h"

/* Twice, with a restart between: a request is answered within 10 s. */
#define REPLY_MS 4000
#define BUSY_MS 30000 /* and so long only while it computes */
#define LOAD_MS 60000 /* at the start nobody waits but the user */
#define RESTARTS_MAX 1

int session_receive(struct session *s, uint64_t id, struct nsv_reply *reply,
		    int *ret_fd)
{
	pid_t pid = __atomic_load_n(&s->process.pid, __ATOMIC_RELAXED);
	/* Who asked has his answer, a denial, before: see supervise.c. */
	int r = progress_wait(s->process.socket, pid,
			      s->is_loaded ? REPLY_MS : LOAD_MS, BUSY_MS);

	if (r < 0)
		return r;
	r = fdpass_recv(s->process.socket, reply, sizeof(*reply), ret_fd);
	/* Closed with our question unread; what it said before is still there. */
	if (r == -ECONNRESET && s->socket)
		r = fdpass_recv(s->process.socket, reply, sizeof(*reply),
				ret_fd);
	/* We are in step all the same, and what it said cannot be used. */
	if (r == -EMFILE) {
		reply->verdict = NSV_ERROR;
		strcpy(reply->text, "no descriptor is left for its copy");
		r = 0;
	}
	if (r < 0)
		return r;
	if (s->socket && reply->id == 0 && reply->verdict == NSV_REFUSED)
		reply->id = id;
	if (reply->version != NSV_VERSION || reply->id != id ||
	    (reply->pid != 0 && reply->verdict != NSV_LOADED)) {
		if (*ret_fd >= 0)
			(void)close(take_fd(ret_fd));
		return -EBADMSG;
	}
	reply->expected[NSV_SRI_SIZE - 1] = '\0';
	reply->actual[NSV_SRI_SIZE - 1] = '\0';
	reply->text[NSV_TEXT_SIZE - 1] = '\0';
	return 0;
}

int session_ask(struct session *s, enum nsv_kind kind, const char *path, int fd,
		uint64_t *ret_id)
{
	struct nsv_request request = { .version = NSV_VERSION,
				       .kind = kind,
				       .id = ++s->last_id };

	if (strlen(path) >= sizeof(request.path))
		return -ENAMETOOLONG;
	memcpy(request.path, path, strlen(path) + 1);
	if (kind == NSV_LOAD) {
		memcpy(request.key, s->key, sizeof(request.key));
		memcpy(request.signature, s->signature,
		       sizeof(request.signature));
	}
	if (kind == NSV_LOAD && s->integrity) {
		if (strlen(s->integrity) >= sizeof(request.integrity))
			return -EINVAL;
		memcpy(request.integrity, s->integrity,
		       strlen(s->integrity) + 1);
	}
	*ret_id = request.id;
	return fdpass_send(s->process.socket, &request, sizeof(request), fd);
}

int session_loaded(struct session *s, int *ret_index)
{
	struct nsv_reply reply;
	int r;

	r = session_receive(s, s->last_id, &reply, ret_index);
	if (r < 0) {
		log_error("the verifier did not take the manifest '%s': %s",
			  s->manifest, strerror(-r));
		return r;
	}
	if (reply.verdict != NSV_LOADED || *ret_index < 0) {
		log_error("%s", reply.text[0] ? reply.text :
						"the manifest was refused");
		return -EINVAL;
	}
	if (reply.text[0] && s->n_restarts == 0)
		log_warning("%s", reply.text);
	s->flags = reply.flags;
	/* Who accepted may be another than who listens: systemd does. */
	if (s->socket)
		__atomic_store_n(&s->process.pid, (pid_t)reply.pid,
				 __ATOMIC_RELAXED);
	s->is_loaded = true;
	return 0;
}

static int ask_load(struct session *s)
{
	uint64_t id;
	int r = session_ask(s, NSV_LOAD, s->manifest, s->manifest_fd, &id);

	/* Why a service does not want to hear us it may have said. */
	return r == -EPIPE && s->socket ? 0 : r;
}

/* Not a moment for fork(): the filter may have taken it away. */
static int replace(struct session *s)
{
	if (s->socket && s->spare.socket < 0)
		return connect_verifier(s->socket, 0, &s->process);
	if (s->socket)
		return connect_take(&s->spare, &s->process);
	if (s->spare.socket < 0)
		return spawn_verifier(/* is_spare= */ false, &s->process);
	s->process = s->spare;
	s->spare.socket = -1;
	s->spare.pidfd = -1;
	return 0;
}

/* Logs. */
static void end(struct session *s, const char *why)
{
	if (!s->is_ended)
		log_error(
			"the verifier of '%s' cannot be relied on: %s; the run ends",
			s->manifest, why);
	s->is_ended = true;
}

/*
 * A dead or hung verifier is replaced once, with the manifest that was read at
 * the start. A second failure ends the run: somebody is working on it.
 */
static int restart(struct session *s)
{
	_cleanup_close_ int index = -1;
	int r;

	spawned_end(&s->process);
	if (s->n_restarts++ >= RESTARTS_MAX) {
		end(s, "it failed again");
		return -EPIPE;
	}
	log_warning(s->socket ?
			    "the verifier service failed; connecting again" :
			    "the verifier failed; starting another one");
	r = replace(s);
	if (r == 0)
		r = ask_load(s);
	if (r == 0)
		r = session_loaded(s, &index);
	if (r < 0)
		end(s, "the other one cannot be used");
	return r;
}

/* A malformed answer is as good as a hostile one: no second try. */
static int retry(struct session *s, int error)
{
	if (error != -EBADMSG)
		return restart(s);
	end(s, "what it answers is malformed");
	return error;
}

static int open_manifest(struct session *s, const char *path)
{
	s->manifest = realpath(path, NULL);
	if (!s->manifest)
		return -errno;
	s->manifest_fd = open(s->manifest, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return s->manifest_fd < 0 ? -errno : 0;
}

/* A small text file, whole. Logs. */
static int read_text(const char *path, const char *what, char *ret, size_t size)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, ret, size - 1);
	int r = n < 0 ? -errno : 0;

	if (r == 0 &&
	    (n == 0 || (size_t)n == size - 1 || memchr(ret, '\0', (size_t)n)))
		r = -EINVAL;
	if (r < 0) {
		log_error("%s '%s' cannot be used: %s", what, path,
			  r == -EINVAL ?
				  "it is empty, too large or not a text" :
				  strerror(-r));
		return r;
	}
	ret[n] = '\0';
	return 0;
}

/* Both are read once: a verifier that is started again gets the same. */
static int read_signature(struct session *s, const char *path, const char *key)
{
	_cleanup_free_ char *name = NULL;
	int r;

	if (!key)
		return 0;
	if (asprintf(&name, "%s.sig", path) < 0)
		return -ENOMEM;
	r = read_text(key, "--policy-key", s->key, sizeof(s->key));
	return r < 0 ? r :
		       read_text(name, "the manifest's signature", s->signature,
				 sizeof(s->signature));
}

/* Logs. */
static int connect_first(struct session *s, const char *path)
{
	const char *text;
	int r;

	s->socket = realpath(path, NULL);
	r = s->socket ? connect_verifier(s->socket, 0, &s->process) : -errno;
	if (r == 0)
		return 0;
	text = r == -EPERM ?
		       "it is another user's: who answers there decides what is trusted" :
		       strerror(-r);
	log_error("the verifier service '%s' cannot be used: %s", path, text);
	return r;
}

/* Logs. */
static int spawn_first(struct session *s)
{
	int r = spawn_verifier(/* is_spare= */ false, &s->process);

	if (r < 0)
		log_error("the verifier cannot be started: %s", strerror(-r));
	return r;
}

int session_start(struct session *s, const char *path, const char *integrity,
		  const char *key, const char *socket)
{
	int r;

	*s = (struct session){ .process = { .socket = -1, .pidfd = -1 },
			       .spare = { .socket = -1, .pidfd = -1 },
			       .manifest_fd = -1 };
	r = open_manifest(s, path);
	if (r < 0) {
		log_error("the manifest '%s' cannot be read: %s", path,
			  strerror(-r));
		return r;
	}
	if (integrity) {
		s->integrity = strdup(integrity);
		if (!s->integrity)
			return -ENOMEM;
	}
	r = read_signature(s, path, key);
	if (r < 0)
		return r;
	r = socket ? connect_first(s, socket) : spawn_first(s);
	if (r < 0)
		return r;
	r = ask_load(s);
	if (r < 0)
		log_error(
			"the verifier cannot be asked to take the manifest '%s': %s",
			s->manifest, strerror(-r));
	return r;
}

int session_spare(struct session *s)
{
	return s->socket ? connect_spare(s->socket, &s->spare) :
			   spawn_verifier(/* is_spare= */ true, &s->spare);
}

static int question_once(struct session *s, struct nsv_request *request,
			 struct nsv_reply *reply)
{
	int fd = -1;
	int r;

	request->id = ++s->last_id;
	r = s->process.socket < 0 ? -EPIPE :
				    fdpass_send(s->process.socket, request,
						sizeof(*request), -1);
	if (r == 0)
		r = session_receive(s, request->id, reply, &fd);
	if (r == 0 && fd >= 0) {
		(void)close(fd);
		r = -EBADMSG;
	}
	return r;
}

int session_question(struct session *s, enum nsv_kind kind, const char *url,
		     const char *text, size_t len, struct nsv_reply *reply)
{
	struct nsv_request request = { .version = NSV_VERSION, .kind = kind };
	int r;

	if (strlen(url) >= sizeof(request.path) ||
	    len >= sizeof(request.integrity))
		return -ENAMETOOLONG;
	if (s->is_ended)
		return -EPIPE;
	memcpy(request.path, url, strlen(url) + 1);
	memcpy(request.integrity, text, len);
	r = question_once(s, &request, reply);
	if (r == 0)
		return 0;
	r = retry(s, r);
	if (r == 0)
		r = question_once(s, &request, reply);
	if (r < 0)
		end(s, "it failed again");
	return r;
}

void session_done(struct session *s)
{
	spawned_end(&s->process);
	spawned_end(&s->spare);
	if (s->manifest_fd >= 0)
		(void)close(s->manifest_fd);
	free(s->manifest);
	free(s->integrity);
	free(s->socket);
}

void session_break(struct session *s, int error)
{
	if (error == -EBADMSG)
		(void)retry(s, error);
	if (s->process.socket >= 0)
		(void)close(take_fd(&s->process.socket));
}

static int check_once(struct session *s, const char *spelling, int fd,
		      struct nsv_reply *reply, int *ret_snapshot)
{
	uint64_t id;
	int r;

	r = s->process.socket < 0 ?
		    -EPIPE :
		    session_ask(s, NSV_CHECK, spelling, fd, &id);
	if (r == -ETOOMANYREFS) {
		/* Its user, the target for one, has too many under way. */
		*reply = (struct nsv_reply){ .verdict = NSV_ERROR };
		(void)snprintf(reply->text, sizeof(reply->text), "%s",
			       strerror(-r));
		return 0;
	}
	if (r == 0)
		r = session_receive(s, id, reply, ret_snapshot);
	return r < 0 ? r : session_verdict(reply, *ret_snapshot);
}

int session_check(struct session *s, const char *spelling, int fd,
		  struct nsv_reply *reply, int *ret_snapshot)
{
	int r;

	*ret_snapshot = -1;
	if (s->is_ended)
		return -EPIPE;
	r = check_once(s, spelling, fd, reply, ret_snapshot);
	if (r == 0)
		return 0;
	if (*ret_snapshot >= 0)
		(void)close(take_fd(ret_snapshot));
	r = retry(s, r);
	if (r == 0)
		r = check_once(s, spelling, fd, reply, ret_snapshot);
	if (r < 0)
		end(s, "it failed again");
	return r;
}
