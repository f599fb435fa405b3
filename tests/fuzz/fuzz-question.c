/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names beneath /.nssupervise/: whatever is asked, the answer is an error or a
 * small read-only file, in JSON where it is a question about the manifest. The
 * verifier is the real one, in a thread.
 */
#include <fcntl.h>
#include <json-c/json.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "fuzz.h"
#include "supervise/judge.h"
#include "supervise/target.h"
#include "supervise/verifier.h"
#include "supervise/virtual.h"
#include "syscalls.h"
#include "verify/integrity.h"
#include "verify/serve.h"

#define PREFIX "/.nssupervise/"

static const char manifest[] =
	"{\"resources\":{"
	"\"./a.js\":{\"integrity\":true,\"dependencies\":{\"fs\":true,"
	"\"./b.js\":\"./c.js\",\"no\":null,\"url\":\"not a url\\\"\","
	"\"if\":{\"import\":\"./i.js\",\"default\":true}}},"
	"\"data:,x\":{\"integrity\":\"sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qct"
	"BD/YfIAFa0=\"},\"https://h/any\":{\"integrity\":true}},"
	"\"scopes\":{\"blob:\":{\"integrity\":true}}}";

static char directory[] = "/tmp/fuzz-question-XXXXXX";
static pid_t owner;
static struct supervisor supervisor;
static struct rules rules;
static struct call call;

static void *serve_thread(void *context)
{
	int *sock = context;
	int fd = accept4(*sock, NULL, NULL, SOCK_CLOEXEC);
	struct hasher *hasher = hasher_new();

	if (fd >= 0 && hasher)
		(void)serve(fd, hasher);
	if (fd >= 0)
		(void)close(fd);
	hasher_free(hasher);
	return NULL;
}

static void tear_down(void)
{
	char name[sizeof(directory) + 8];

	if (getpid() != owner)
		return;
	verifier_stop(supervisor.verifier);
	rules_done(&rules);
	(void)snprintf(name, sizeof(name), "%s/s", directory);
	(void)unlink(name);
	(void)snprintf(name, sizeof(name), "%s/p.json", directory);
	(void)unlink(name);
	(void)rmdir(directory);
}

static void start_verifier(void)
{
	static int sock;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char name[sizeof(directory) + 8];
	pthread_t thread;
	FILE *file;

	if (!mkdtemp(directory))
		abort();
	owner = getpid();
	(void)atexit(tear_down);
	(void)snprintf(name, sizeof(name), "%s/p.json", directory);
	file = fopen(name, "we");
	if (!file || fputs(manifest, file) < 0 || fclose(file) != 0)
		abort();
	sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/s",
		       directory);
	if (bind(sock, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(sock, 1) < 0 ||
	    pthread_create(&thread, NULL, serve_thread, &sock) != 0 ||
	    pthread_detach(thread) != 0 ||
	    verifier_start(name, NULL, NULL, address.sun_path,
			   &supervisor.verifier) < 0 ||
	    verifier_loaded(supervisor.verifier) < 0)
		abort();
}

static void set_up(void)
{
	static char usr[] = "/usr";
	struct grant grant = { .path = usr,
			       .rights = RIGHT_READ,
			       .shape = SHAPE_TREE,
			       .origin = "a flag" };
	struct stat st;

	if (owner)
		return;
	log_set_level(LOG_LEVEL_ERROR);
	if (rules_add(&rules, &grant) < 0 || rules_finish(&rules) < 0)
		abort();
	supervisor.rules = &rules;
	supervisor.listener = -1;
	supervisor.proc_fd = procfs_open();
	supervisor.root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	supervisor.self_fd =
		open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	supervisor.pid = getpid();
	if (fstat(supervisor.proc_fd, &st) < 0 || supervisor.self_fd < 0)
		abort();
	supervisor.proc_dev = st.st_dev;
	call.supervisor = &supervisor;
	call.view = (struct view){ .root_fd = supervisor.root_fd,
				   .proc_fd = supervisor.proc_fd,
				   .proc_dev = supervisor.proc_dev,
				   .tid = gettid(),
				   .may_pass = judge_may_pass,
				   .context = &rules };
	call.request.tid = gettid();
	call.request.row = syscall_find(SYS_openat);
	start_verifier();
}

static void check_json(const char *text, size_t len)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *object;

	FUZZ_CHECK(tokener && text[len - 1] == '\n');
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	object = json_tokener_parse_ex(tokener, text, (int)len - 1);
	FUZZ_CHECK(json_object_is_type(object, json_type_object));
	FUZZ_CHECK(json_tokener_get_parse_end(tokener) == len - 1);
	json_object_put(object);
	json_tokener_free(tokener);
}

static void check_file(int fd)
{
	char text[8192];
	ssize_t len = pread(fd, text, sizeof(text), 0);
	int seals = fcntl(fd, F_GET_SEALS);

	FUZZ_CHECK(len >= 0 && (size_t)len < sizeof(text));
	FUZZ_CHECK((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY);
	FUZZ_CHECK((seals & F_SEAL_WRITE) && (seals & F_SEAL_SEAL));
	if (len > 0 && text[0] == '{')
		check_json(text, (size_t)len);
}

static void ask(const char *name)
{
	answer_init(&call.answer);
	call.is_denied = false;
	call.is_silent = false;
	FUZZ_CHECK(virtual_is_path(name));
	virtual_open(&call, name);
	/* onerror is "throw": no question ends the run. */
	FUZZ_CHECK(call.answer.kind == ANSWER_FD ||
		   (call.answer.kind == ANSWER_ERROR && call.answer.error > 0));
	if (call.answer.kind == ANSWER_FD)
		check_file(call.answer.fd);
	answer_done(&call.answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	_cleanup_free_ char *rest = fuzz_string(&in);
	_cleanup_free_ char *name = NULL;

	set_up();
	/* Where decided by the number of threads it is not the name's affair. */
	if (strncmp(rest, "threads", 7) == 0)
		return 0;
	if (asprintf(&name, "%s%s", PREFIX, rest) < 0)
		abort();
	ask(name);
	return 0;
}
