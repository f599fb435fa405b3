/* SPDX-License-Identifier: Apache-2.0 */
/* A session's manifest: checked, then parsed or found. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "verify/manifest.h"
#include "verify/session.h"
#include "verify/signature.h"
#include "verify/snapshot.h"

/* A parsed manifest takes that many times its text, about. */
#define PARSED_FACTOR 4

/* Cuts what does not fit: the field is for people. */
#define SET(field, text) (void)snprintf(field, sizeof(field), "%s", text)

int session_refuse(struct session *s, const char *text)
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
	return session_refuse(s, why);
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
	return session_refuse(s, why);
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
	hashing = r == 0 ? hashing_new(s->serving.hasher) : NULL;
	r = hashing ? hash_buffer(hashing, wanted.algorithms, text, len,
				  &digests) :
		      -ENOMEM;
	if (r == 0 && !integrity_match(&wanted, &digests))
		r = refuse_content(s, &wanted, &digests);
	hashing_free(hashing);
	integrity_done(&wanted);
	return r;
}

/* Refuses unless the owner of --policy-key has signed the manifest. */
static int check_signature(struct session *s, const char *text, size_t len)
{
	static const struct {
		int error;
		const char *text;
	} reasons[] = {
		{ -EINVAL,
		  "--policy-key: not an Ed25519 public key in PEM form (openssl genpkey -algorithm ed25519, openssl pkey -pubout)" },
		{ -EBADMSG,
		  "--policy-key: the file MANIFEST.sig holds no signature: make it with nspolicy sign" },
		{ -EKEYREJECTED,
		  "--policy-key: the signature in MANIFEST.sig is not that of this manifest by this key: sign it again if the change is meant" },
	};
	int r;

	if (s->request.key[0] == '\0')
		return 0;
	r = signature_check(s->request.key, s->request.signature, text, len);
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].error == r)
			return session_refuse(s, reasons[i].text);
	return r;
}

static int parse_manifest(struct session *s, struct loaded *loaded,
			  const char *text, size_t len)
{
	struct json_error err;
	char line[NSV_TEXT_SIZE];
	int r = manifest_load(text, len, loaded->directory, &loaded->manifest,
			      &err);

	if (r < 0) {
		json_error_format(&err, s->request.path, line, sizeof(line));
		return session_refuse(s, line);
	}
	return 0;
}

static int make_index(struct loaded *loaded)
{
	_cleanup_free_ char *index = NULL;
	size_t len;
	int r = manifest_index(loaded->manifest, &index, &len);

	if (r == 0)
		r = snapshot_make(index, len);
	if (r < 0)
		return r;
	loaded->index = r;
	return 0;
}

static void describe_manifest(struct session *s)
{
	static const uint32_t flags[] = { [ONERROR_THROW] = 0,
					  [ONERROR_LOG] = NSV_ONERROR_LOG,
					  [ONERROR_EXIT] = NSV_ONERROR_EXIT };
	const struct manifest *manifest = s->loaded->manifest;

	s->reply.verdict = NSV_LOADED;
	s->reply.pid = (uint32_t)s->serving.pid;
	s->reply.flags = flags[manifest->onerror];
	if (manifest->n_scopes > 0)
		s->reply.flags |= NSV_HAS_SCOPES;
	if (manifest_limits_dependencies(manifest))
		s->reply.flags |= NSV_HAS_DEPENDENCIES;
	if (manifest->n_foreign > 0)
		s->reply.flags |= NSV_HAS_URLS;
	if (manifest->n_openings > 0)
		s->reply.flags |= NSV_HAS_QUERIES;
	manifest_notes(manifest, s->reply.text, sizeof(s->reply.text));
}

/* Without the slash and what follows; "/" stays. */
static char *directory_of(const char *path)
{
	char *directory = strdup(path);
	char *slash = directory ? strrchr(directory, '/') : NULL;

	if (slash)
		slash[slash == directory] = '\0';
	return directory;
}

static int fill(struct session *s, struct loaded *loaded, const char *text,
		size_t len)
{
	int r;

	loaded->directory = directory_of(s->request.path);
	if (!loaded->directory)
		return -ENOMEM;
	r = parse_manifest(s, loaded, text, len);
	return r < 0 || s->reply.verdict == NSV_REFUSED ? r :
							  make_index(loaded);
}

/* A new one, or NULL with a reply or an error. */
static struct loaded *load_new(struct session *s, const char *text, size_t len,
			       int *ret_error)
{
	struct loaded *loaded = calloc(1, sizeof(*loaded));

	*ret_error = -ENOMEM;
	if (!loaded)
		return NULL;
	loaded->index = -EBADF;
	*ret_error = fill(s, loaded, text, len);
	if (*ret_error == 0 && s->reply.verdict != NSV_REFUSED)
		return loaded;
	loaded_free(loaded);
	return NULL;
}

/* What another session of the same user has parsed, or for the next one. */
static int load_shared(struct session *s, const char *text, size_t len)
{
	_cleanup_free_ char *directory = directory_of(s->request.path);
	struct store *store = s->serving.store;
	struct hashing *hashing = hashing_new(s->serving.hasher);
	struct digests digests;
	struct loaded *loaded;
	size_t size = len * PARSED_FACTOR + sizeof(*loaded);
	int r = -ENOMEM;

	if (directory && hashing)
		r = hash_buffer(hashing, 1u << ALGORITHM_SHA256, text, len,
				&digests);
	hashing_free(hashing);
	if (r < 0)
		return r;
	s->loaded = store_find_manifest(store, s->serving.user, &digests,
					directory);
	if (s->loaded)
		return 0;
	if (store_hold(store, size) < 0)
		return session_refuse(
			s,
			"the verifier service has no memory left for this manifest: see --memory in nsverifyd(8)");
	loaded = load_new(s, text, len, &r);
	if (!loaded) {
		store_unhold(store, size);
		return r;
	}
	loaded->digests = digests;
	loaded->held = size;
	s->loaded = store_share_manifest(store, s->serving.user, loaded);
	return 0;
}

static int load_text(struct session *s, const char *text, size_t len,
		     int *ret_fd)
{
	int r;

	if (s->serving.store)
		r = load_shared(s, text, len);
	else
		s->loaded = load_new(s, text, len, &r);
	if (!s->loaded)
		return r;
	/* Alone nobody else will ask for it. */
	*ret_fd = s->serving.store ?
			  fcntl(s->loaded->index, F_DUPFD_CLOEXEC, 0) :
			  take_fd(&s->loaded->index);
	if (*ret_fd < 0)
		return -errno;
	describe_manifest(s);
	return 0;
}

int session_load(struct session *s, int fd, int *ret_fd)
{
	_cleanup_free_ char *text = NULL;
	size_t len = 0;
	int r = snapshot_read(fd, JSON_SIZE_MAX, &text, &len);
	char why[NSV_TEXT_SIZE];

	if (r < 0) {
		(void)snprintf(why, sizeof(why), "%.500s: %s", s->request.path,
			       r == -EINVAL ? "not a regular file" :
					      strerror(-r));
		return session_refuse(s, why);
	}
	r = check_policy_integrity(s, text, len);
	if (r == 0 && s->reply.verdict != NSV_REFUSED)
		r = check_signature(s, text, len);
	if (r == 0 && s->reply.verdict != NSV_REFUSED)
		r = load_text(s, text, len, ret_fd);
	return r;
}

void session_unload(struct session *s)
{
	if (s->serving.store)
		store_drop_manifest(s->serving.store, s->loaded);
	else
		loaded_free(s->loaded);
	s->loaded = NULL;
}
