/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The supervisor's side of the protocol against a verifier that has been taken
 * over: whatever it answers, a descriptor is accepted only with a match and
 * sealed, and an index only when it is one.
 *
 * Input: a byte of flags, then answers: a byte of flags, the verdict, a
 * length, and that many bytes, the answer's texts, its whole, or the content
 * of the descriptor that comes along.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/fdpass.h"
#include "common/log.h"
#include "common/proto.h"
#include "supervise/resources.h"
#include "supervise/rules.h"
#include "supervise/session.h"

#define ANSWERS_MAX 8
#define MANY_RESTARTS 100 /* none is left */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum flags {
	FLAG_LOADING = 1,
	/* of an answer */
	FLAG_FILE = 1,
	FLAG_SEALED = 2,
	FLAG_OTHER_ID = 4,
	FLAG_RAW = 8, /* the bytes are the whole message */
	FLAG_READ_ONLY = 16, /* a descriptor of no memfd */
};

static int file_with(const uint8_t *data, size_t len, unsigned flags)
{
	int fd;

	if (flags & FLAG_READ_ONLY)
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	fd = memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		abort();
	if ((flags & FLAG_SEALED) &&
	    fcntl(fd, F_ADD_SEALS,
		  F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0)
		abort();
	return fd;
}

static void answer(int sock, uint64_t id, const uint8_t *data, size_t len)
{
	static struct nsv_reply reply;
	_cleanup_close_ int fd = -1;
	unsigned flags = data[0];
	const uint8_t *text = data + 3;

	if (flags & FLAG_FILE)
		fd = file_with(text, len, flags);
	if (flags & FLAG_RAW) {
		if (len > 0)
			(void)fdpass_send(sock, text, len, fd);
		return;
	}
	reply = (struct nsv_reply){ .version = NSV_VERSION,
				    .verdict = data[1] % 16,
				    .id = flags & FLAG_OTHER_ID ? id + 1 : id,
				    .flags = data[1] >> 4 };
	/* Without an end, sometimes. */
	memset(reply.text, len > 0 ? text[0] : 0, sizeof(reply.text));
	memcpy(reply.expected, text, len);
	memcpy(reply.actual, text, len);
	(void)fdpass_send(sock, &reply, sizeof(reply), fd);
}

static void check_index(int index)
{
	struct rules rules = { 0 };
	struct resources *resources = NULL;

	if (resources_read(index, &resources) == 0) {
		if (resources_list(resources, &rules) < 0)
			abort();
		for (size_t i = 0; resources_path(resources, i); i++)
			if (resources_path(resources, i)[0] != '/' ||
			    !resources_spelling(resources,
						resources_path(resources, i)))
				abort();
	}
	rules_done(&rules);
	resources_free(resources);
}

static void load(struct session *session)
{
	_cleanup_close_ int index = -1;

	session->last_id = 1;
	if (session_loaded(session, &index) == 0)
		check_index(index);
}

static void ask(struct session *session)
{
	struct nsv_reply reply;
	int snapshot = -1;
	int r = session_check(session, "/a/file", STDIN_FILENO, &reply,
			      &snapshot);

	if (r == 0 && (reply.verdict == NSV_MATCH) != (snapshot >= 0))
		abort();
	if (r < 0 && (snapshot >= 0 || !session->is_ended))
		abort();
	if (r == 0 && (strlen(reply.expected) >= NSV_SRI_SIZE ||
		       strlen(reply.actual) >= NSV_SRI_SIZE ||
		       strlen(reply.text) >= NSV_TEXT_SIZE))
		abort();
	if (snapshot >= 0) {
		if (!resources_is_sealed(snapshot))
			abort();
		(void)close(snapshot);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char manifest[] = "/a/p.json";
	struct session session = {
		.manifest = manifest,
		.process = { .socket = -1, .pidfd = -1 },
		.spare = { .socket = -1, .pidfd = -1 },
		.manifest_fd = -1,
		.is_loaded = true,
		.n_restarts = MANY_RESTARTS,
	};
	unsigned mode;
	int pair[2];

	if (size == 0)
		return 0;
	mode = *data++;
	size--;
	log_set_level(LOG_LEVEL_ERROR);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		abort();
	session.process.socket = pair[0];
	for (uint64_t i = 1; i <= ANSWERS_MAX && size >= 3; i++) {
		size_t len = data[2] < size - 3 ? data[2] : size - 3;

		answer(pair[1], i, data, len);
		data += 3 + len;
		size -= 3 + len;
	}
	/* Then the other side is silent for good: no answer is waited for. */
	(void)shutdown(pair[1], SHUT_WR);
	if (mode & FLAG_LOADING) {
		load(&session);
	} else {
		for (int i = 0; i < ANSWERS_MAX && !session.is_ended; i++)
			ask(&session);
	}
	spawned_end(&session.process);
	(void)close(pair[1]);
	return 0;
}
