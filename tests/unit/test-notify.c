/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notifications of a real listener: what arrives of an answer, whatever it is;
 * and whoever asked may be somebody else by then.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/fdpass.h"
#include "common/kernel.h"
#include "supervise/answer.h"
#include "supervise/notify.h"
#include "supervise/request.h"
#include "supervise/rules.h"
#include "supervise/supervisor.h"
#include "tests/lib/tap.h"

#define NO_ANSWER (-1000000)
#define TOO_LONG 60 /* seconds; nothing here waits */

/* A process that makes the directory `path` each time it is told to. */
struct asker {
	pid_t pid;
	int socket;
	int listener;
};

static char directory[64];
/* At the same place in every process. */
static char path[PATH_MAX];

static int filter_call(int number, unsigned int action, unsigned int flags)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { sizeof(code) / sizeof(code[0]),
					    code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return kernel_seccomp(SECCOMP_SET_MODE_FILTER, flags, &program);
}

static void ask(int sock)
{
	int listener =
		filter_call(SYS_mkdir, SECCOMP_RET_USER_NOTIF,
			    SECCOMP_FILTER_FLAG_NEW_LISTENER |
				    SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
	char byte = 0;

	if (listener < 0 || fdpass_send(sock, &byte, 1, listener) < 0)
		_exit(1);
	(void)close(listener);
	while (read(sock, &byte, 1) == 1) {
		long result = syscall(SYS_mkdir, path, 0700);

		if (result < 0)
			result = -errno;
		if (write(sock, &result, sizeof(result)) != sizeof(result))
			_exit(1);
	}
	_exit(0);
}

static void asker_tell(const struct asker *asker)
{
	if (write(asker->socket, "", 1) != 1)
		abort();
}

static void asker_start(struct asker *asker)
{
	int pair[2];
	char byte;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		abort();
	asker->pid = fork();
	if (asker->pid == 0) {
		(void)close(pair[0]);
		ask(pair[1]);
	}
	(void)close(pair[1]);
	asker->socket = pair[0];
	if (asker->pid < 0 ||
	    fdpass_recv(asker->socket, &byte, 1, &asker->listener) < 0)
		abort();
	asker_tell(asker);
}

static long asker_result(const struct asker *asker)
{
	struct pollfd pfd = { asker->socket, POLLIN, 0 };
	long result = NO_ANSWER;

	if (poll(&pfd, 1, 5000) == 1 &&
	    read(asker->socket, &result, sizeof(result)) != sizeof(result))
		return NO_ANSWER;
	return result;
}

static void asker_kill(const struct asker *asker)
{
	(void)kill(asker->pid, SIGKILL);
	(void)waitpid(asker->pid, NULL, 0);
}

static void asker_end(const struct asker *asker)
{
	asker_kill(asker);
	(void)close(asker->socket);
	(void)close(asker->listener);
}

/* The next request; its buffer is as dirty as can be. */
static void receive(const struct asker *asker, union notification *ret)
{
	memset(ret, 0xff, sizeof(*ret));
	is_int(notify_receive(asker->listener, ret), 0, "received");
	for (size_t i = sizeof(ret->req); i < sizeof(*ret); i++)
		if (ret->space[i])
			ok(false, "what the kernel does not fill is zero");
}

static int open_for(int flags)
{
	int fd = open("/", flags | O_CLOEXEC);

	if (fd < 0)
		abort();
	return fd;
}

/* What the asker gets by an answer that @prepare makes. */
static long result_of(void (*prepare)(struct answer *answer, int error),
		      int error)
{
	struct asker asker;
	union notification n;
	struct answer answer;
	long result;

	asker_start(&asker);
	receive(&asker, &n);
	answer_init(&answer);
	if (prepare)
		prepare(&answer, error);
	is_int(notify_send(asker.listener, n.req.id, &answer), 0, "sent");
	is_int(notify_send(asker.listener, n.req.id, &answer), 0,
	       "a second answer is none");
	answer_done(&answer);
	result = asker_result(&asker);
	asker_end(&asker);
	return result;
}

static void with_value(struct answer *answer, int value)
{
	answer_value(answer, value);
}

static void with_descriptor(struct answer *answer, int flags)
{
	answer_fd(answer, open_for(flags), true);
}

static void with_none(struct answer *answer, int fd)
{
	answer_fd(answer, fd, false);
}

static void with_failure(struct answer *answer, int value)
{
	errno = EXDEV;
	answer_result(answer, value);
}

static void only_errors_are_denials(void)
{
	is_int(result_of(NULL, 0), -EACCES, "T014: no answer is a denial");
	is_int(result_of(answer_error, ENOENT), -ENOENT, "T013: an error");
	is_int(result_of(answer_error, -ENOENT), -ENOENT, "T013: negative");
	is_int(result_of(answer_error, 0), -EACCES, "T013: none is one");
	is_int(result_of(answer_error, 4096), -EACCES, "T013: too large");
	is_int(result_of(answer_error, -100000), -EACCES, "T013: too small");
	is_int(result_of(with_failure, -1), -EXDEV, "T014: a call that failed");
	is_int(result_of(with_value, 7), 7, "a value only when it is said");
	is_int(result_of(with_none, -1), -EACCES, "T015: no descriptor");
	is_int(result_of(with_none, 987), -EACCES, "T015: one that is closed");
	is_int(result_of(with_descriptor, O_PATH), -EACCES,
	       "T016: one that cannot be given");
	ok(result_of(with_descriptor, O_RDONLY | O_DIRECTORY) > 2,
	   "one that can");
}

static void two_listeners_are_two(void)
{
	struct asker one, other;
	union notification n, m;
	struct answer answer;

	asker_start(&one);
	asker_start(&other);
	receive(&one, &n);
	receive(&other, &m);
	answer_init(&answer);
	answer_value(&answer, 1);
	is_int(notify_send(one.listener, n.req.id, &answer), 0, "one");
	is_int(asker_result(&one), 1, "T026: one has its answer");
	answer_value(&answer, 2);
	if (m.req.id != n.req.id) {
		(void)notify_send(one.listener, m.req.id, &answer);
		ok(notify_is_valid(other.listener, m.req.id),
		   "T026: an answer to another's listener is nobody's");
	}
	is_int(notify_send(other.listener, m.req.id, &answer), 0, "other");
	is_int(asker_result(&other), 2, "T026: the other has its own");
	asker_end(&one);
	asker_end(&other);
}

static void the_end_is_noticed(void)
{
	struct asker asker;
	union notification n;
	struct answer answer;

	asker_start(&asker);
	receive(&asker, &n);
	ok(notify_is_valid(asker.listener, n.req.id), "it waits");
	ok(!notify_is_finished(asker.listener), "and may ask again");
	asker_kill(&asker);
	ok(!notify_is_valid(asker.listener, n.req.id), "killed: nobody waits");
	answer_init(&answer);
	is_int(notify_send(asker.listener, n.req.id, &answer), 0,
	       "its answer is dropped");
	is_int(notify_receive(asker.listener, &n), -ENOENT,
	       "T011: nothing more is received");
	ok(notify_is_finished(asker.listener), "T011: and that is the end");
	asker_end(&asker);
}

/* One that may make directory/new, by a rule that the kernel does not know. */
static void supervisor_start(struct supervisor *supervisor, struct rules *rules,
			     const struct asker *asker)
{
	static char granted[PATH_MAX];
	const struct grant grant = { .path = granted,
				     .text = granted,
				     .origin = "--allow-fs-write",
				     .rights = RIGHT_READ | RIGHT_WRITE,
				     .shape = SHAPE_EXACT };

	(void)snprintf(granted, sizeof(granted), "%s/new", directory);
	*rules = (struct rules){ 0 };
	*supervisor = (struct supervisor){ .rules = rules,
					   .listener = asker->listener };
	if (rules_add(rules, &grant) < 0 || rules_finish(rules) < 0 ||
	    supervisor_init(supervisor) < 0)
		abort();
}

static void supervisor_end(struct supervisor *supervisor, struct rules *rules)
{
	(void)close(supervisor->root_fd);
	(void)close(supervisor->proc_fd);
	(void)close(supervisor->self_fd);
	rules_done(rules);
}

static void set_path(const char *name)
{
	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
}

static bool is_made(const char *name)
{
	char full[PATH_MAX];

	(void)snprintf(full, sizeof(full), "%s/%s", directory, name);
	return rmdir(full) == 0;
}

/* The request is another than the kernel said, as @change makes it. */
static void changed_request(void (*change)(struct seccomp_notif *req), int want,
			    const char *name)
{
	static struct call call;
	struct supervisor supervisor;
	struct rules rules;
	union notification n;
	struct asker asker;

	set_path("new");
	asker_start(&asker);
	supervisor_start(&supervisor, &rules, &asker);
	receive(&asker, &n);
	if (change)
		change(&n.req);
	call_answer(&call, &supervisor, &n.req);
	is_int(asker_result(&asker), want, name);
	is_int(is_made("new"), want == 0, "made if it was allowed");
	asker_end(&asker);
	supervisor_end(&supervisor, &rules);
}

static void without_pid(struct seccomp_notif *req)
{
	req->pid = 0;
}

static void of_another_architecture(struct seccomp_notif *req)
{
	req->data.arch = AUDIT_ARCH_I386;
}

static void of_no_known_number(struct seccomp_notif *req)
{
	req->data.nr = 9999;
}

static void by_a_null_pointer(struct seccomp_notif *req)
{
	req->data.args[0] = 0;
}

static void whoever_asks_is_known(void)
{
	changed_request(NULL, 0, "as it is: allowed");
	changed_request(without_pid, -EPERM, "T024: of nobody");
	changed_request(of_another_architecture, -ENOSYS,
			"T184: of another architecture");
	changed_request(of_no_known_number, -ENOSYS, "T187: of no known call");
	changed_request(by_a_null_pointer, -EFAULT, "T027: without a path");
}

/* A process with the number @pid, which must be free; below zero: errno. */
static pid_t process_with(pid_t pid)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = (uint64_t)(uintptr_t)&pid,
		.set_tid_size = 1,
	};
	long r = syscall(SYS_clone3, &args, sizeof(args));

	if (r == 0)
		for (;;)
			(void)pause();
	return r < 0 ? -errno : (pid_t)r;
}

/* Whoever asked was killed after we heard of it; its number is taken. */
static void another_has_its_number(void)
{
	static struct call call;
	struct supervisor supervisor;
	struct rules rules;
	union notification n;
	struct asker asker;
	pid_t stranger;

	set_path("asked");
	asker_start(&asker);
	supervisor_start(&supervisor, &rules, &asker);
	receive(&asker, &n);
	asker_kill(&asker);
	/* The stranger has what is allowed where the other had what is not. */
	set_path("new");
	stranger = process_with(asker.pid);
	if (stranger < 0) {
		skip("T006: no number can be chosen: %s", strerror(-stranger));
	} else {
		is_int(stranger, asker.pid, "T006: another has its number");
		is_int(request_decode(supervisor.proc_fd, &n.req,
				      &call.request),
		       0, "T006: its memory is read");
		is_str(call.request.names[0].text, path, "T006: and is its");
		call_answer(&call, &supervisor, &n.req);
		ok(!is_made("new"), "T006: nothing is done in its name");
		is_int(kill(stranger, SIGKILL), 0, "T006: and it is alive");
		(void)waitpid(stranger, NULL, 0);
	}
	asker_end(&asker);
	supervisor_end(&supervisor, &rules);
}

static int read_without_readv(unsigned int action)
{
	static struct request request;
	union notification n;
	struct asker asker;
	int proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r;

	set_path("new");
	if (filter_call(SYS_process_vm_readv, action, 0) < 0)
		return 1;
	asker_start(&asker);
	memset(&n, 0, sizeof(n));
	r = notify_receive(asker.listener, &n);
	if (r == 0)
		r = request_decode(proc_fd, &n.req, &request);
	asker_end(&asker);
	return r == 0 && strcmp(request.names[0].text, path) == 0 ? 0 : 2;
}

static void memory_is_read_without_readv(void)
{
	static const int errors[] = { ENOSYS, EPERM };

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		int status = -1;
		pid_t child = fork();

		if (child == 0)
			_exit(read_without_readv(SECCOMP_RET_ERRNO |
						 (unsigned int)errors[i]));
		(void)waitpid(child, &status, 0);
		is_int(status, 0, "T041: process_vm_readv is refused");
	}
}

int main(void)
{
	(void)alarm(TOO_LONG);
	(void)strcpy(directory, "/tmp/test-notify.XXXXXX");
	if (!mkdtemp(directory))
		abort();
	set_path("new");
	only_errors_are_denials();
	two_listeners_are_two();
	the_end_is_noticed();
	whoever_asks_is_known();
	another_has_its_number();
	memory_is_read_without_readv();
	ok(rmdir(directory) == 0, "nothing is left");
	return done();
}
