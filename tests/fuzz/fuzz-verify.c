/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verifier's side of the protocol against a hostile peer: whatever comes,
 * it answers what it was asked or ends; a sealed copy goes out only for bytes
 * that match.
 *
 * Input: records of one byte of flags, one of length, and that many bytes,
 * which are a whole message, or a path and the content of its file. The first
 * flags also say whether a good manifest comes first, and whether the session
 * is one of many.
 */
#include <fcntl.h>
#include <sys/socket.h>

#include "common/cleanup.h"
#include "common/fdpass.h"
#include "common/proto.h"
#include "fuzz.h"
#include "verify/integrity.h"
#include "verify/serve.h"
#include "verify/store.h"

#define MESSAGES_MAX 12 /* both directions fit into the socket's buffer */
#define URL_ID 1000 /* and more: of a question about no file */

enum flags {
	FLAG_KIND = 3, /* two bits */
	FLAG_FILE = 4,
	FLAG_RAW = 8,
	FLAG_LISTED = 16, /* the path is one that the first manifest lists */
	FLAG_URL = 32, /* NSV_URL, with FLAG_FILE NSV_RESOLVE: two texts */
	FLAG_SHARED = 64, /* of the first */
	FLAG_LOADED = 128, /* of the first */
};

static const char manifest[] =
	"{\"resources\":{\"./abc\":{\"integrity\":\"sha256-ungWv48Bz+pBQUDeXa4"
	"iI7ADYaOWF3qctBD/YfIAFa0=\"},\"./any\":{\"integrity\":true,"
	"\"dependencies\":{\"fs\":true,\"./b\":\"./abc\"}},\"data:,abc\":"
	"{\"integrity\":\"sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
	"\"},\"https://h/n\":{}},\"scopes\":{\"blob:\":{\"integrity\":true},"
	"\"file:\":{\"cascade\":true,\"dependencies\":{\"os\":\"path\"}}}}";

static int file_with(const void *data, size_t len)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		abort();
	return fd;
}

static int send_load(int sock)
{
	static struct nsv_request q;
	_cleanup_close_ int fd = file_with(manifest, sizeof(manifest) - 1);

	q = (struct nsv_request){ .version = NSV_VERSION, .kind = NSV_LOAD };
	(void)strcpy(q.path, "/app/p.json");
	return fdpass_send(sock, &q, sizeof(q), fd);
}

static void send_url(int sock, uint8_t flags, const uint8_t *data, size_t len)
{
	static struct nsv_request q;
	size_t path_len = strnlen((const char *)data, len);

	q = (struct nsv_request){
		.version = NSV_VERSION,
		.kind = flags & FLAG_FILE ? NSV_RESOLVE : NSV_URL,
		.id = URL_ID,
	};
	memcpy(q.path, data, path_len);
	if (path_len < len)
		memcpy(q.integrity, data + path_len + 1, len - path_len - 1);
	(void)fdpass_send(sock, &q, sizeof(q), -1);
}

static void send_one(int sock, uint8_t flags, const uint8_t *data, size_t len)
{
	static struct nsv_request q;
	_cleanup_close_ int fd = -1;

	if (flags & FLAG_URL) {
		send_url(sock, flags, data, len);
		return;
	}
	if (flags & FLAG_FILE)
		fd = file_with(data, len);
	if ((flags & FLAG_RAW) && len > 0) {
		(void)fdpass_send(sock, data, len, fd);
		return;
	}
	q = (struct nsv_request){ .version = NSV_VERSION,
				  .kind = flags & FLAG_KIND,
				  .id = len };
	if (flags & FLAG_LISTED)
		(void)strcpy(q.path, "/app/abc");
	else
		memcpy(q.path, data, len);
	(void)fdpass_send(sock, &q, sizeof(q), fd);
}

static void check_replies(int sock)
{
	static struct nsv_reply reply;
	int fd = -1;

	while (fdpass_recv(sock, &reply, sizeof(reply), &fd) == 0) {
		char text[8] = "";

		FUZZ_CHECK(reply.id != URL_ID || fd < 0);
		if (reply.id != URL_ID && reply.verdict == NSV_MATCH &&
		    (pread(fd, text, sizeof(text), 0) != 3 ||
		     strcmp(text, "abc") != 0))
			abort();
		if (fd >= 0 && reply.verdict != NSV_MATCH &&
		    reply.verdict != NSV_LOADED)
			abort();
		if (fd >= 0 && (fcntl(fd, F_GET_SEALS) & F_SEAL_WRITE) == 0)
			abort();
		if (fd >= 0)
			(void)close(fd);
		fd = -1;
	}
}

/* What is held for a session is given back with it. */
static void serve_among_others(int sock, const struct hasher *hasher)
{
	static const struct store_limits limits = { .memory = 4 << 20,
						    .n_snapshots = 4,
						    .n_sessions = 2,
						    .n_user_sessions = 2 };
	struct serving serving = { .hasher = hasher,
				   .store = store_new(&limits) };

	if (!serving.store)
		abort();
	serving.user = store_enter(serving.store, 1000);
	FUZZ_CHECK(serving.user && store_count(serving.store) == 1);
	(void)serve_shared(sock, &serving);
	store_leave(serving.store, serving.user);
	FUZZ_CHECK(store_count(serving.store) == 0);
	store_free(serving.store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct hasher *hasher;
	unsigned mode = size > 0 ? data[0] : 0;
	int pair[2];

	if (!hasher)
		hasher = hasher_new();
	if (!hasher ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		abort();
	if ((mode & FLAG_LOADED) && send_load(pair[0]) < 0)
		abort();
	for (int i = 0; i < MESSAGES_MAX && size >= 2; i++) {
		size_t len = data[1] < size - 2 ? data[1] : size - 2;

		send_one(pair[0], data[0], data + 2, len);
		data += 2 + len;
		size -= 2 + len;
	}
	(void)shutdown(pair[0], SHUT_WR);
	if (mode & FLAG_SHARED)
		serve_among_others(pair[1], hasher);
	else
		(void)serve(pair[1], hasher);
	(void)close(pair[1]);
	check_replies(pair[0]);
	(void)close(pair[0]);
	return 0;
}
