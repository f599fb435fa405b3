/* SPDX-License-Identifier: Apache-2.0 */
/* The loop of the verifier: a request, a look into the manifest, a verdict. */
#include "verify/serve.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/fdpass.h"
#include "common/proto.h"
#include "verify/manifest.h"
#include "verify/snapshot.h"

struct session {
	int sock;
	const struct hasher *hasher;
	struct snapshot_tools *tools;
	struct manifest *manifest; /* NULL until loaded */
	struct nsv_request request;
	struct nsv_reply reply;
};

/* Cuts what does not fit: the field is for people. */
static void set(char *field, size_t size, const char *text)
{
	(void)snprintf(field, size, "%s", text);
}

#define SET(field, text) set(field, sizeof(field), text)

static int refuse(struct session *s, const char *text)
{
	s->reply.verdict = NSV_REFUSED;
	SET(s->reply.text, text);
	return 0;
}

static int refuse_syntax(struct session *s, const struct integrity_error *err)
{
	char why[NSV_TEXT_SIZE];

	(void)snprintf(
		why, sizeof(why),
		"--policy-integrity: ERR_SRI_PARSE: Subresource "
		"Integrity string \"%.500s\" had an unexpected \"%s\" at "
		"position %zu",
		s->request.integrity, err->unexpected, err->position);
	return refuse(s, why);
}

static int refuse_content(struct session *s, const struct integrity *wanted,
			  const struct digests *digests)
{
	char actual[SRI_TEXT_SIZE];
	char why[NSV_TEXT_SIZE];

	digests_format(digests, actual);
	SET(s->reply.expected, wanted->text);
	SET(s->reply.actual, actual);
	(void)snprintf(why, sizeof(why),
		       "--policy-integrity: ERR_MANIFEST_ASSERT_INTEGRITY: The "
		       "content of \"%.400s\" does not match the expected "
		       "integrity.%s%s",
		       s->request.path,
		       wanted->n_entries > 0 ? " Integrities found are: " :
					       " It names no hash.",
		       actual);
	return refuse(s, why);
}

/* Refuses unless the manifest is the one that --policy-integrity names. */
static int check_policy_integrity(struct session *s, const char *text,
				  size_t len)
{
	struct integrity wanted = { 0 };
	struct integrity_error err;
	struct hashing *hashing;
	struct digests digests = { 0 };
	int r;

	if (s->request.integrity[0] == '\0')
		return 0;
	r = integrity_parse(s->request.integrity, &wanted, &err);
	if (r == -EINVAL)
		return refuse_syntax(s, &err);
	hashing = r == 0 ? hashing_new(s->hasher) : NULL;
	r = hashing ? hash_buffer(hashing, wanted.algorithms, text, len,
				  &digests) :
		      -ENOMEM;
	if (r == 0 && !integrity_match(&wanted, &digests))
		r = refuse_content(s, &wanted, &digests);
	hashing_free(hashing);
	integrity_done(&wanted);
	return r;
}

static int parse_manifest(struct session *s, const char *text, size_t len)
{
	_cleanup_free_ char *directory = strdup(s->request.path);
	struct json_error err;
	char line[NSV_TEXT_SIZE];
	char *slash;
	int r;

	if (!directory)
		return -ENOMEM;
	slash = strrchr(directory, '/');
	slash[slash == directory] = '\0';
	r = manifest_load(text, len, directory, &s->manifest, &err);
	if (r < 0) {
		json_error_format(&err, s->request.path, line, sizeof(line));
		return refuse(s, line);
	}
	return 0;
}

static int describe_manifest(struct session *s, int *ret_fd)
{
	static const uint32_t flags[] = { [ONERROR_THROW] = 0,
					  [ONERROR_LOG] = NSV_ONERROR_LOG,
					  [ONERROR_EXIT] = NSV_ONERROR_EXIT };
	_cleanup_free_ char *index = NULL;
	size_t len;
	int r = manifest_index(s->manifest, &index, &len);

	if (r == 0)
		r = snapshot_make(index, len);
	if (r < 0)
		return r;
	*ret_fd = r;
	s->reply.verdict = NSV_LOADED;
	s->reply.flags = flags[s->manifest->onerror];
	if (s->manifest->n_scopes > 0)
		s->reply.flags |= NSV_HAS_SCOPES;
	manifest_notes(s->manifest, s->reply.text, sizeof(s->reply.text));
	return 0;
}

/* NSV_LOAD. The hash comes first: nothing unverified reaches the parser. */
static int load(struct session *s, int fd, int *ret_fd)
{
	_cleanup_free_ char *text = NULL;
	size_t len = 0;
	int r = snapshot_read(fd, JSON_SIZE_MAX, &text, &len);
	char why[NSV_TEXT_SIZE];

	if (r < 0) {
		(void)snprintf(why, sizeof(why), "%.500s: %s", s->request.path,
			       r == -EINVAL ? "not a regular file" :
					      strerror(-r));
		return refuse(s, why);
	}
	r = check_policy_integrity(s, text, len);
	if (r == 0 && s->reply.verdict != NSV_REFUSED)
		r = parse_manifest(s, text, len);
	if (r == 0 && s->reply.verdict != NSV_REFUSED)
		r = describe_manifest(s, ret_fd);
	return r;
}

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
	s->reply.verdict = NSV_ERROR;
	SET(s->reply.text, text);
}

/* A listed file: copy it, and let its hash decide. */
static void verify(struct session *s, const struct resource *resource, int fd,
		   int *ret_fd)
{
	const struct integrity *wanted = &resource->integrity;
	struct snapshot snapshot = { .fd = -EBADF };
	int r = snapshot_take(s->tools, fd, wanted->algorithms,
			      is_package_json(s->request.path), &snapshot);

	if (r < 0) {
		set_error(s, r);
		return;
	}
	/* Node.js hashes a package.json without its byte order mark. */
	if (integrity_match(wanted, &snapshot.digests) ||
	    integrity_match(wanted, &snapshot.without_bom)) {
		s->reply.verdict = NSV_MATCH;
		*ret_fd = snapshot.fd;
		return;
	}
	s->reply.verdict = NSV_MISMATCH;
	SET(s->reply.expected, wanted->text);
	digests_format(&snapshot.digests, s->reply.actual);
	(void)close(snapshot.fd);
}

/* NSV_CHECK and, without a descriptor, NSV_ASK. */
static void answer(struct session *s, int fd, int *ret_fd)
{
	const struct resource *resource;
	bool is_ask = s->request.kind == NSV_ASK;

	switch (manifest_decide(s->manifest, s->request.path, &resource)) {
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

/* What the request must be at this point of the session. */
static bool is_request_valid(const struct session *s, int fd)
{
	const struct nsv_request *q = &s->request;

	if (q->version != NSV_VERSION || q->path[0] != '/' ||
	    !memchr(q->path, '\0', sizeof(q->path)) ||
	    !memchr(q->integrity, '\0', sizeof(q->integrity)))
		return false;
	switch (q->kind) {
	case NSV_LOAD:
		return !s->manifest && fd >= 0;
	case NSV_CHECK:
		return s->manifest && fd >= 0;
	case NSV_ASK:
		return s->manifest && fd < 0;
	default: /* a number from outside */
		return false;
	}
}

static int serve_one(struct session *s)
{
	_cleanup_close_ int fd = -EBADF;
	_cleanup_close_ int ret_fd = -EBADF;
	int r = fdpass_recv(s->sock, &s->request, sizeof(s->request), &fd);

	if (r < 0)
		return r;
	if (!is_request_valid(s, fd))
		return -EBADMSG;
	s->reply = (struct nsv_reply){ .version = NSV_VERSION,
				       .id = s->request.id };
	if (s->request.kind == NSV_LOAD)
		r = load(s, fd, &ret_fd);
	else
		answer(s, fd, &ret_fd);
	if (r == 0)
		r = fdpass_send(s->sock, &s->reply, sizeof(s->reply), ret_fd);
	if (r == 0 && s->reply.verdict == NSV_REFUSED)
		r = -EINVAL;
	return r;
}

int serve(int sock, const struct hasher *hasher)
{
	struct session *s = calloc(1, sizeof(*s));
	int r = -ENOMEM;

	if (s) {
		s->sock = sock;
		s->hasher = hasher;
		s->tools = snapshot_tools_new(hasher);
	}
	if (s && s->tools)
		do
			r = serve_one(s);
		while (r == 0);
	if (r == -EPIPE || r == -ECONNRESET)
		r = 0;
	if (s) {
		manifest_free(s->manifest);
		snapshot_tools_free(s->tools);
	}
	free(s);
	return r;
}
