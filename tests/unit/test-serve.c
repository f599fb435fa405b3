/* SPDX-License-Identifier: Apache-2.0 */
/* The verifier's side of the protocol, over a socketpair, without its sandbox. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/fdpass.h"
#include "common/proto.h"
#include "tap.h"
#include "verify/integrity.h"
#include "verify/serve.h"

#define SRI_ABC "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
#define SEALS (F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)

struct peer {
	int sock;
	pid_t pid;
	uint64_t last_id;
};

static char dir[] = "/tmp/test-serve.XXXXXX";

static struct peer start(void)
{
	struct peer peer = { .last_id = 0x1122334455667788 };
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		abort();
	peer.pid = fork();
	if (peer.pid == 0) {
		struct hasher *hasher = hasher_new();
		int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

		(void)close(pair[0]);
		(void)dup2(null, STDERR_FILENO);
		_exit(hasher ? -serve(pair[1], hasher) : 99);
	}
	(void)close(pair[1]);
	peer.sock = pair[0];
	return peer;
}

/* What serve() returned. */
static int end(struct peer *peer)
{
	int status = 0;

	(void)close(peer->sock);
	if (waitpid(peer->pid, &status, 0) < 0 || !WIFEXITED(status))
		return 1;
	return -WEXITSTATUS(status);
}

static int file_with(const char *text, size_t len)
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/file", dir);
	(void)unlink(path);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		abort();
	return fd;
}

static struct nsv_request *request(struct peer *peer, uint32_t kind,
				   const char *path)
{
	static struct nsv_request q;

	memset(&q, 0, sizeof(q));
	q.version = NSV_VERSION;
	q.kind = kind;
	q.id = ++peer->last_id;
	(void)snprintf(q.path, sizeof(q.path), "%s", path);
	return &q;
}

static int send_request(struct peer *peer, const struct nsv_request *q, int fd)
{
	return fdpass_send(peer->sock, q, sizeof(*q), fd);
}

/* Receives; checks what every reply must have. Return: 0 or -errno. */
static int receive(struct peer *peer, struct nsv_reply *ret, int *ret_fd)
{
	int r = fdpass_recv(peer->sock, ret, sizeof(*ret), ret_fd);

	if (r == 0)
		ok(ret->version == NSV_VERSION && ret->pid == 0,
		   "reply: version, no pid");
	return r;
}

static struct nsv_reply ask(struct peer *peer, uint32_t kind, const char *path,
			    int fd, int *ret_fd)
{
	struct nsv_reply reply = { 0 };

	*ret_fd = -1;
	if (send_request(peer, request(peer, kind, path), fd) < 0 ||
	    receive(peer, &reply, ret_fd) < 0)
		reply.verdict = 0;
	else
		ok(reply.id == peer->last_id, "reply: the id is echoed");
	return reply;
}

static struct nsv_reply load(struct peer *peer, const char *text,
			     const char *integrity, int *ret_index)
{
	_cleanup_close_ int fd = file_with(text, strlen(text));
	struct nsv_request *q = request(peer, NSV_LOAD, "/app/p.json");
	struct nsv_reply reply = { 0 };
	int index = -1;

	(void)snprintf(q->integrity, sizeof(q->integrity), "%s", integrity);
	/* The offset of the descriptor is not ours to rely on. */
	(void)lseek(fd, 5, SEEK_SET);
	if (send_request(peer, q, fd) < 0 || receive(peer, &reply, &index) < 0)
		reply.verdict = 0;
	if (ret_index)
		*ret_index = index;
	else if (index >= 0)
		(void)close(index);
	return reply;
}

static struct nsv_reply check(struct peer *peer, const char *path,
			      const char *text, size_t len, int *ret_fd)
{
	_cleanup_close_ int fd = file_with(text, len);

	return ask(peer, NSV_CHECK, path, fd, ret_fd);
}

static const char manifest[] =
	"{\"onerror\":\"log\",\"resources\":{"
	"\"./abc\":{\"integrity\":\"" SRI_ABC "\"},"
	"\"./package.json\":{\"integrity\":\"" SRI_ABC "\"},"
	"\"./any\":{\"integrity\":true},"
	"\"./none\":{}},\"scopes\":{\"./lib/\":{\"integrity\":true}}}";

static void load_answers_with_a_sealed_index(void)
{
	static const char want[] =
		"h/app/abc\0a/app/any\0n/app/none\0h/app/package.json";
	struct peer peer = start();
	_cleanup_close_ int index = -1;
	struct nsv_reply reply = load(&peer, manifest, "", &index);
	char text[256];

	is_int(reply.verdict, NSV_LOADED, "loaded");
	is_int(reply.flags, NSV_ONERROR_LOG | NSV_HAS_SCOPES, "flags");
	is_str(reply.text, "", "nothing to say");
	is_int(fcntl(index, F_GET_SEALS) & SEALS, SEALS, "index: seals");
	is_int(pread(index, text, sizeof(text), 0), sizeof(want),
	       "index: size");
	ok(memcmp(text, want, sizeof(want)) == 0, "index: content");
	is_int(end(&peer), 0, "the session ends with the peer");
}

static void matching_bytes_come_back_sealed(void)
{
	struct peer peer = start();
	_cleanup_close_ int fd = -1;
	struct nsv_reply reply;
	char text[8] = "";

	(void)load(&peer, manifest, "", NULL);
	reply = check(&peer, "/app/abc", "abc", 3, &fd);
	is_int(reply.verdict, NSV_MATCH, "match");
	ok(fd >= 0, "with a descriptor");
	is_int(fcntl(fd, F_GET_SEALS) & SEALS, SEALS, "sealed");
	is_int(pread(fd, text, sizeof(text), 0), 3, "three bytes");
	is_str(text, "abc", "the content");
	ok(pwrite(fd, "x", 1, 0) < 0 && errno == EPERM, "cannot be written");
	ok(ftruncate(fd, 0) < 0 && errno == EPERM, "cannot be truncated");
	is_int(end(&peer), 0, "end");
}

static void other_bytes_do_not(void)
{
	struct peer peer = start();
	struct nsv_reply reply;
	int fd;

	(void)load(&peer, manifest, "", NULL);
	reply = check(&peer, "/app/abc", "abd", 3, &fd);
	is_int(reply.verdict, NSV_MISMATCH, "mismatch");
	is_int(fd, -1, "no descriptor");
	is_str(reply.expected, SRI_ABC, "expected");
	is_str(reply.actual,
	       "sha256-pS0VnyYrLG3bckphhAvvw26zDIiHekAwtly+himESck=", "actual");
	reply = check(&peer, "/app/abc", "", 0, &fd);
	is_int(reply.verdict, NSV_MISMATCH, "an empty file");
	reply = check(&peer, "/app/abc", "abc\n", 4, &fd);
	is_int(reply.verdict, NSV_MISMATCH, "one byte more");
	reply = check(&peer, "/app/abc",
		      "\xef\xbb\xbf"
		      "abc",
		      6, &fd);
	is_int(reply.verdict, NSV_MISMATCH, "a byte order mark before it");
	is_int(end(&peer), 0, "end");
}

static void a_byte_order_mark_counts_not_in_package_json(void)
{
	struct peer peer = start();
	_cleanup_close_ int fd = -1;
	_cleanup_close_ int plain_fd = -1;
	struct nsv_reply reply;
	char text[8] = "";

	(void)load(&peer, manifest, "", NULL);
	reply = check(&peer, "/app/package.json",
		      "\xef\xbb\xbf"
		      "abc",
		      6, &fd);
	is_int(reply.verdict, NSV_MATCH, "with a mark");
	is_int(pread(fd, text, sizeof(text), 0), 6, "delivered with it");
	reply = check(&peer, "/app/package.json", "abc", 3, &plain_fd);
	is_int(reply.verdict, NSV_MATCH, "without a mark");
	is_int(end(&peer), 0, "end");
}

static void other_answers_carry_no_descriptor(void)
{
	struct peer peer = start();
	struct nsv_reply reply;
	int fd;

	(void)load(&peer, manifest, "", NULL);
	reply = check(&peer, "/app/any", "x", 1, &fd);
	ok(reply.verdict == NSV_ANY && fd < 0, "any");
	reply = check(&peer, "/app/lib/x", "x", 1, &fd);
	ok(reply.verdict == NSV_ANY && fd < 0, "any by a scope");
	reply = check(&peer, "/app/x", "x", 1, &fd);
	ok(reply.verdict == NSV_UNLISTED && fd < 0, "unlisted");
	reply = check(&peer, "/app/none", "x", 1, &fd);
	ok(reply.verdict == NSV_MISMATCH && fd < 0, "listed, never accepted");
	ok(reply.text[0] != '\0', "and says why");
	is_int(end(&peer), 0, "end");
}

static void ask_needs_no_file(void)
{
	struct peer peer = start();
	int fd;

	(void)load(&peer, manifest, "", NULL);
	is_int(ask(&peer, NSV_ASK, "/app/abc", -1, &fd).verdict, NSV_LISTED,
	       "a hash decides");
	is_int(ask(&peer, NSV_ASK, "/app/none", -1, &fd).verdict, NSV_LISTED,
	       "never accepted");
	is_int(ask(&peer, NSV_ASK, "/app/any", -1, &fd).verdict, NSV_ANY,
	       "any");
	is_int(ask(&peer, NSV_ASK, "/app/lib/x", -1, &fd).verdict, NSV_ANY,
	       "any by a scope");
	is_int(ask(&peer, NSV_ASK, "/app/x", -1, &fd).verdict, NSV_UNLISTED,
	       "unlisted");
	is_int(end(&peer), 0, "end");
}

static void what_is_no_regular_file_is_an_error(void)
{
	struct peer peer = start();
	_cleanup_close_ int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	_cleanup_close_ int folder = open(dir, O_RDONLY | O_CLOEXEC);
	_cleanup_close_ int huge = file_with("", 0);
	_cleanup_close_ int path_only = open(dir, O_PATH | O_CLOEXEC);
	int fds[2];
	int fd;
	bool is_huge;

	/* A limit (ulimit -f) shall be an error. */
	(void)signal(SIGXFSZ, SIG_IGN);
	is_huge = ftruncate(huge, 1L << 40) == 0;
	if (pipe2(fds, O_CLOEXEC) < 0)
		abort();
	(void)load(&peer, manifest, "", NULL);
	is_int(ask(&peer, NSV_CHECK, "/app/abc", null, &fd).verdict, NSV_ERROR,
	       "a device");
	is_int(ask(&peer, NSV_CHECK, "/app/abc", folder, &fd).verdict,
	       NSV_ERROR, "a directory");
	is_int(ask(&peer, NSV_CHECK, "/app/abc", fds[0], &fd).verdict,
	       NSV_ERROR, "a pipe");
	is_int(ask(&peer, NSV_CHECK, "/app/abc", peer.sock, &fd).verdict,
	       NSV_ERROR, "a socket");
	is_int(ask(&peer, NSV_CHECK, "/app/abc", path_only, &fd).verdict,
	       NSV_ERROR, "a path without a file");
	if (is_huge)
		is_str(ask(&peer, NSV_CHECK, "/app/abc", huge, &fd).text,
		       "larger than 512 MiB", "a sparse terabyte");
	else
		skip("no file can be as large as a terabyte");
	is_int(end(&peer), 0, "the session goes on until the peer ends it");
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void a_size_that_lies_is_an_error(void)
{
	struct peer peer = start();
	/* Says 0 bytes, delivers some. */
	_cleanup_close_ int proc =
		open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	struct nsv_reply reply;
	int fd;

	(void)load(&peer, manifest, "", NULL);
	reply = ask(&peer, NSV_CHECK, "/app/abc", proc, &fd);
	is_int(reply.verdict, NSV_ERROR, "error");
	is_str(reply.text, "its size changed while it was read", "why");
	is_int(end(&peer), 0, "end");
}

static void large_files_are_hashed_in_pieces(void)
{
	size_t len = 3 * 128 * 1024 + 17;
	_cleanup_free_ char *text = calloc(1, len);
	struct hasher *hasher = hasher_new();
	struct hashing *hashing = hashing_new(hasher);
	struct peer peer = start();
	struct digests digests;
	char sri[SRI_TEXT_SIZE];
	char json[1024];
	struct stat st;
	int fd;

	for (size_t i = 0; i < len; i++)
		text[i] = (char)(i * 7 % 251);
	if (hash_buffer(hashing, 7, text, len, &digests) < 0)
		abort();
	digests_format(&digests, sri);
	(void)snprintf(json, sizeof(json),
		       "{\"resources\":{\"./big\":{\"integrity\":\"%s\"}}}",
		       sri);
	(void)load(&peer, json, "", NULL);
	is_int(check(&peer, "/app/big", text, len, &fd).verdict, NSV_MATCH,
	       "match");
	ok(fstat(fd, &st) == 0 && st.st_size == (off_t)len, "all of it");
	(void)close(fd);
	text[len - 1] ^= 1;
	is_int(check(&peer, "/app/big", text, len, &fd).verdict, NSV_MISMATCH,
	       "the last bit counts");
	is_int(end(&peer), 0, "end");
	hashing_free(hashing);
	hasher_free(hasher);
}

static void requests_may_be_sent_ahead(void)
{
	struct peer peer = start();
	_cleanup_close_ int file = file_with("abc", 3);
	struct nsv_reply reply;
	uint64_t first;
	int good = 0;
	int fd = -1;

	(void)load(&peer, manifest, "", NULL);
	first = peer.last_id + 1;
	for (int i = 0; i < 20; i++)
		if (send_request(&peer,
				 request(&peer, i % 2 ? NSV_ASK : NSV_CHECK,
					 "/app/abc"),
				 i % 2 ? -1 : file) < 0)
			abort();
	for (uint64_t i = 0; i < 20; i++) {
		if (fdpass_recv(peer.sock, &reply, sizeof(reply), &fd) < 0)
			break;
		good += reply.id == first + i &&
			reply.verdict == (i % 2 ? NSV_LISTED : NSV_MATCH) &&
			(fd >= 0) == (i % 2 == 0);
		if (fd >= 0)
			(void)close(fd);
	}
	is_int(good, 20, "replies come in order");
	is_int(end(&peer), 0, "end");
}

static void a_refused_manifest_ends_the_session(void)
{
	struct peer peer = start();
	struct nsv_reply reply = load(&peer, "{\n \"onerror\": 1}", "", NULL);

	is_int(reply.verdict, NSV_REFUSED, "refused");
	is_str(reply.text,
	       "/app/p.json:2:13: onerror: ERR_MANIFEST_UNKNOWN_ONERROR: "
	       "Manifest specified unknown error behavior 1, not \"throw\", "
	       "\"log\" or \"exit\"",
	       "says where and why");
	is_int(fdpass_recv(peer.sock, &reply, sizeof(reply), NULL), -EPIPE,
	       "and ends");
	is_int(end(&peer), -EINVAL, "so it says");
}

static void the_manifest_itself_must_match(void)
{
	static const char text[] = "not even JSON";
	struct peer peer = start();
	struct nsv_reply reply = load(&peer, text, SRI_ABC, NULL);

	is_int(reply.verdict, NSV_REFUSED, "another hash");
	ok(strstr(reply.text, "ERR_MANIFEST_ASSERT_INTEGRITY: The content of "
			      "\"/app/p.json\" does not match the expected "
			      "integrity. Integrities found are: sha256-"),
	   "before it is parsed");
	is_str(reply.expected, SRI_ABC, "expected");
	is_int(end(&peer), -EINVAL, "end");
	peer = start();
	reply = load(&peer, "{}", " ", NULL);
	is_int(reply.verdict, NSV_REFUSED, "no hash at all");
	is_int(end(&peer), -EINVAL, "end");
	peer = start();
	reply = load(&peer, "{}", "sha1-AAAA", NULL);
	ok(strstr(reply.text, "--policy-integrity: ERR_SRI_PARSE: "),
	   "no integrity string");
	is_int(end(&peer), -EINVAL, "end");
	peer = start();
	reply = load(&peer, "{}",
		     "sha512-AAAA "
		     "sha256-RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=",
		     NULL);
	is_int(reply.verdict, NSV_LOADED, "any hash that matches will do");
	is_int(end(&peer), 0, "end");
}

/* Sends one bad message; serve() must end, without an answer. */
static void breaks(const char *name, bool is_loaded, const void *message,
		   size_t len, int fd)
{
	struct peer peer = start();
	struct nsv_reply reply;

	if (is_loaded)
		(void)load(&peer, manifest, "", NULL);
	if (fdpass_send(peer.sock, message, len, fd) < 0)
		abort();
	ok(fdpass_recv(peer.sock, &reply, sizeof(reply), NULL) < 0,
	   "%s: no answer", name);
	is_int(end(&peer), -EBADMSG, "the session ends");
}

static void whatever_breaks_the_protocol_ends_the_session(void)
{
	struct peer none = { 0 };
	struct nsv_request q = *request(&none, NSV_CHECK, "/app/abc");
	_cleanup_close_ int fd = file_with("{}", 2);
	struct nsv_request bad;

	breaks("CHECK before LOAD", false, &q, sizeof(q), fd);
	breaks("short message", true, &q, sizeof(q) - 1, fd);
	breaks("one byte", true, "x", 1, -1);
	breaks("CHECK without a file", true, &q, sizeof(q), -1);
	bad = q;
	bad.kind = NSV_ASK;
	breaks("ASK before LOAD", false, &bad, sizeof(bad), -1);
	breaks("ASK with a file", true, &bad, sizeof(bad), fd);
	bad.kind = NSV_LOAD;
	breaks("LOAD without a file", false, &bad, sizeof(bad), -1);
	breaks("LOAD twice", true, &bad, sizeof(bad), fd);
	bad.kind = 0;
	breaks("kind 0", true, &bad, sizeof(bad), fd);
	bad.kind = 77;
	breaks("kind 77", true, &bad, sizeof(bad), fd);
	bad = q;
	bad.version++;
	breaks("version", true, &bad, sizeof(bad), fd);
	bad = q;
	memset(bad.path, '/', sizeof(bad.path));
	breaks("path without an end", true, &bad, sizeof(bad), fd);
	bad = q;
	memset(bad.integrity, 'x', sizeof(bad.integrity));
	breaks("integrity without an end", true, &bad, sizeof(bad), fd);
	bad = q;
	bad.path[0] = '.';
	breaks("relative path", true, &bad, sizeof(bad), fd);
	bad.path[0] = '\0';
	breaks("no path", true, &bad, sizeof(bad), fd);
}

static int count_fds(struct peer *peer)
{
	_cleanup_closedir_ DIR *fds = NULL;
	char path[64];
	int fd;
	int n = 0;

	/* With this answer, all descriptors of earlier requests are closed. */
	(void)ask(peer, NSV_ASK, "/app/abc", -1, &fd);
	(void)snprintf(path, sizeof(path), "/proc/%d/fd", peer->pid);
	fds = opendir(path);
	while (fds && readdir(fds))
		n++;
	return n;
}

static void no_descriptor_is_lost(void)
{
	struct peer peer = start();
	int before;
	int fd;

	(void)load(&peer, manifest, "", NULL);
	before = count_fds(&peer);
	for (int i = 0; i < 20; i++) {
		(void)check(&peer, "/app/abc", "abc", 3, &fd);
		(void)close(fd);
		(void)check(&peer, "/app/abc", "x", 1, &fd);
		(void)check(&peer, "/app/x", "x", 1, &fd);
	}
	is_int(count_fds(&peer), before, "the same number after 60 checks");
	is_int(end(&peer), 0, "end");
}

int main(void)
{
	char path[64];

	(void)signal(SIGPIPE, SIG_IGN);
	if (!mkdtemp(dir))
		return 99;
	load_answers_with_a_sealed_index();
	matching_bytes_come_back_sealed();
	other_bytes_do_not();
	a_byte_order_mark_counts_not_in_package_json();
	other_answers_carry_no_descriptor();
	ask_needs_no_file();
	what_is_no_regular_file_is_an_error();
	a_size_that_lies_is_an_error();
	large_files_are_hashed_in_pieces();
	requests_may_be_sent_ahead();
	a_refused_manifest_ends_the_session();
	the_manifest_itself_must_match();
	whatever_breaks_the_protocol_ends_the_session();
	no_descriptor_is_lost();
	(void)snprintf(path, sizeof(path), "%s/file", dir);
	(void)unlink(path);
	(void)rmdir(dir);
	return done();
}
