/* SPDX-License-Identifier: Apache-2.0 */
/* The loop of the verifier: a request, a look into the manifest, a verdict. */
#include "verify/serve.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/fdpass.h"
#include "common/proto.h"
#include "verify/answers.h"
#include "verify/manifest.h"
#include "verify/session.h"
#include "verify/snapshot.h"

#define LOAD_MS 10000 /* from connect(2) to the manifest */
#define TAKE_MS 10000 /* for one answer to be taken */

/* Cuts what does not fit: the field is for people. */
#define SET(field, text) (void)snprintf(field, sizeof(field), "%s", text)

static bool is_package_json(const char *path)
{
	const char *name = strrchr(path, '/');

	return name && strcmp(name + 1, "package.json") == 0;
}

static void set_error(struct session *s, int error)
{
	const char *text = strerror(-error);

	if (error == -EINVAL)
		text = "not a regular file";
	if (error == -EFBIG)
		text = "larger than 512 MiB";
	if (error == -EAGAIN)
		text = "its size changed while it was read";
	if (error == -EBUSY)
		text = "the verifier service has other large files in hand: try again";
	s->reply.verdict = NSV_ERROR;
	SET(s->reply.text, text);
}

static void set_match(struct session *s, int fd, int *ret_fd)
{
	s->reply.verdict = NSV_MATCH;
	*ret_fd = fd;
}

/* A listed file: copy it, and let its hash decide. */
static void copy_and_verify(struct session *s, const struct integrity *wanted,
			    int fd, size_t max, int *ret_fd)
{
	struct snapshot snapshot = { .fd = -EBADF };
	int r = snapshot_take(s->tools, fd, max, wanted->algorithms,
			      is_package_json(s->request.path), &snapshot);

	if (r < 0) {
		set_error(s, r);
		return;
	}
	/* Node.js hashes a package.json without its byte order mark. */
	if (integrity_match(wanted, &snapshot.digests) ||
	    integrity_match(wanted, &snapshot.without_bom)) {
		set_match(s, snapshot.fd, ret_fd);
		return;
	}
	s->reply.verdict = NSV_MISMATCH;
	SET(s->reply.expected, wanted->text);
	digests_format(&snapshot.digests, s->reply.actual);
	(void)close(snapshot.fd);
}

/* Who may not read the file gets no copy of it either (O_PATH). */
static bool may_read(int fd)
{
	char c;

	return pread(fd, &c, 1, 0) >= 0;
}

/* The same among others: what one of them had verified need not be again. */
static void verify_shared(struct session *s, const struct integrity *wanted,
			  int fd, int *ret_fd)
{
	struct store *store = s->serving.store;
	struct stat st;
	struct cache_key key = {
		.uid = store_uid(s->serving.user),
		.file = &st,
		.wanted = wanted->text,
		.has_text_bom = is_package_json(s->request.path),
	};
	size_t size;
	int r;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		set_error(s, -EINVAL);
		return;
	}
	r = may_read(fd) ? store_find_snapshot(store, &key) : -ENOENT;
	if (r >= 0) {
		set_match(s, r, ret_fd);
		return;
	}
	size = st.st_size > SNAPSHOT_SIZE_MAX ? 0 : (size_t)st.st_size;
	r = store_begin_copy(store, s->serving.user, size);
	if (r < 0) {
		set_error(s, r);
		return;
	}
	/* Not a byte more than there is room for. */
	copy_and_verify(s, wanted, fd, size, ret_fd);
	store_end_copy(store, s->serving.user, size);
	if (s->reply.verdict == NSV_MATCH)
		store_keep_snapshot(store, &key, *ret_fd);
}

static void verify(struct session *s, const struct resource *resource, int fd,
		   int *ret_fd)
{
	if (s->serving.store)
		verify_shared(s, &resource->integrity, fd, ret_fd);
	else
		copy_and_verify(s, &resource->integrity, fd, SNAPSHOT_SIZE_MAX,
				ret_fd);
}

/* NSV_CHECK and, without a descriptor, NSV_ASK. */
static void answer(struct session *s, int fd, int *ret_fd)
{
	const struct resource *resource;
	bool is_ask = s->request.kind == NSV_ASK;

	switch (manifest_decide(s->loaded->manifest, s->request.path,
				&resource)) {
	case ANSWER_HASHES:
		if (is_ask)
			s->reply.verdict = NSV_LISTED;
		else
			verify(s, resource, fd, ret_fd);
		return;
	case ANSWER_ANY:
		s->reply.verdict = NSV_ANY;
		return;
	case ANSWER_REFUSED:
		s->reply.verdict = is_ask ? NSV_LISTED : NSV_MISMATCH;
		SET(s->reply.text, "the manifest accepts no content for it");
		return;
	case ANSWER_UNLISTED:
		s->reply.verdict = NSV_UNLISTED;
		return;
	}
	abort();
}

/* Two texts, one behind the other, both with their end. */
static bool has_two_texts(const char *field, size_t size)
{
	const char *end = memchr(field, '\0', size);

	return end && memchr(end + 1, '\0', size - (size_t)(end + 1 - field));
}

/* What the request must be at this point of the session. */
static bool is_request_valid(const struct session *s, int fd)
{
	const struct nsv_request *q = &s->request;

	bool is_url = q->kind == NSV_URL || q->kind == NSV_RESOLVE;

	if (q->version != NSV_VERSION || (q->path[0] != '/' && !is_url) ||
	    !memchr(q->path, '\0', sizeof(q->path)) ||
	    !memchr(q->integrity, '\0', sizeof(q->integrity)) ||
	    !memchr(q->key, '\0', sizeof(q->key)) ||
	    !memchr(q->signature, '\0', sizeof(q->signature)))
		return false;
	switch (q->kind) {
	case NSV_LOAD:
		return !s->loaded && fd >= 0;
	case NSV_CHECK:
		return s->loaded && fd >= 0;
	case NSV_ASK:
	case NSV_URL:
		return s->loaded && fd < 0;
	case NSV_RESOLVE:
		return s->loaded && fd < 0 &&
		       has_two_texts(q->integrity, sizeof(q->integrity));
	default: /* a number from outside */
		return false;
	}
}

/* Among others: until there is something, or for as long as one may take. */
static int wait_for(const struct session *s, short events, int timeout_ms)
{
	struct pollfd pfd = { .fd = s->sock, .events = events };
	int r;

	if (!s->serving.store)
		return 0;
	do
		r = poll(&pfd, 1, timeout_ms);
	while (r < 0 && errno == EINTR);
	return r > 0 ? 0 : r < 0 ? -errno : -ETIMEDOUT;
}

static int receive(struct session *s, int *ret_fd)
{
	int r = wait_for(s, POLLIN, s->loaded ? -1 : LOAD_MS);

	return r < 0 ? r :
		       fdpass_recv(s->sock, &s->request, sizeof(s->request),
				   ret_fd);
}

static int reply(struct session *s, int fd)
{
	int r = fdpass_send(s->sock, &s->reply, sizeof(s->reply), fd);

	while (r == -EAGAIN) {
		r = wait_for(s, POLLOUT, TAKE_MS);
		if (r == 0)
			r = fdpass_send(s->sock, &s->reply, sizeof(s->reply),
					fd);
	}
	return r;
}

static int serve_one(struct session *s)
{
	_cleanup_close_ int fd = -EBADF;
	_cleanup_close_ int ret_fd = -EBADF;
	int r = receive(s, &fd);

	if (r < 0)
		return r;
	if (!is_request_valid(s, fd))
		return -EBADMSG;
	s->reply = (struct nsv_reply){ .version = NSV_VERSION,
				       .id = s->request.id };
	switch ((enum nsv_kind)s->request.kind) {
	case NSV_LOAD:
		r = session_load(s, fd, &ret_fd);
		break;
	case NSV_URL:
		r = answer_url(s->loaded->manifest, &s->request, &s->reply);
		break;
	case NSV_RESOLVE:
		r = answer_dependency(s->loaded->manifest, &s->request,
				      &s->reply);
		break;
	case NSV_CHECK:
	case NSV_ASK:
		answer(s, fd, &ret_fd);
		break;
	}
	if (r == 0)
		r = reply(s, ret_fd);
	/* Its user has too many descriptors under way: not our failure. */
	if (r == -ETOOMANYREFS) {
		set_error(s, r);
		r = reply(s, -EBADF);
	}
	if (r == 0 && s->reply.verdict == NSV_REFUSED)
		r = -EINVAL;
	return r;
}

int serve_shared(int sock, const struct serving *serving)
{
	struct session *s = calloc(1, sizeof(*s));
	int r = -ENOMEM;

	if (s) {
		s->sock = sock;
		s->serving = *serving;
		s->tools = snapshot_tools_new(serving->hasher);
	}
	if (s && s->tools)
		do
			r = serve_one(s);
		while (r == 0);
	if (r == -EPIPE || r == -ECONNRESET)
		r = 0;
	if (s) {
		session_unload(s);
		snapshot_tools_free(s->tools);
	}
	free(s);
	return r;
}

int serve(int sock, const struct hasher *hasher)
{
	return serve_shared(sock, &(struct serving){ .hasher = hasher });
}
