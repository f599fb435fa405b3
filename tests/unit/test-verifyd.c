/* SPDX-License-Identifier: Apache-2.0 */
/* The nsverifyd program: it works inside its own sandbox, and has one. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/fdpass.h"
#include "common/kernel.h"
#include "common/proto.h"
#include "tap.h"
#include "verify/confine.h"

static char program[PATH_MAX];

static int spawn(pid_t *ret_pid)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		abort();
	*ret_pid = fork();
	if (*ret_pid == 0) {
		/* Some of what a careless parent could leave behind. */
		(void)dup2(pair[1], NSV_SOCKET_FD);
		(void)dup2(STDERR_FILENO, 7);
		(void)execl(program, "nsverifyd", (char *)NULL);
		_exit(127);
	}
	(void)close(pair[1]);
	return pair[0];
}

static int memfd_with(const char *text)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		abort();
	return fd;
}

static uint32_t ask(int sock, uint32_t kind, const char *path, int fd)
{
	static struct nsv_request q;
	static struct nsv_reply reply;
	int got = -1;

	q = (struct nsv_request){ .version = NSV_VERSION, .kind = kind };
	(void)snprintf(q.path, sizeof(q.path), "%s", path);
	if (fdpass_send(sock, &q, sizeof(q), fd) < 0 ||
	    fdpass_recv(sock, &reply, sizeof(reply), &got) < 0)
		return 0;
	if (got >= 0)
		(void)close(got);
	if (reply.verdict == NSV_REFUSED)
		diag("%s", reply.text);
	return reply.verdict;
}

/* A field of /proc/PID/status. */
static void status_field(pid_t pid, const char *name, char *ret, size_t size)
{
	char path[64];
	char line[256];
	_cleanup_fclose_ FILE *f = NULL;

	ret[0] = '\0';
	(void)snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, name, strlen(name)) == 0 &&
		    line[strlen(name)] == ':')
			(void)sscanf(line + strlen(name) + 1, "%63s", ret);
	ret[size - 1] = '\0';
}

static void is_field(pid_t pid, const char *name, const char *want)
{
	char got[64];

	status_field(pid, name, got, sizeof(got));
	is_str(got, want, name);
}

/* 1.5 MB: json-c, qsort() and malloc() all do what they do for large ones. */
static char *large_manifest(void)
{
	size_t n = 10000;
	char *text = malloc(n * 160 + 256);
	char *p = text;

	p += sprintf(p,
		     "{\"x\":[0.5,-1e9,\"\\u00e9\"],\"resources\":{\"./abc\":"
		     "{\"integrity\":\"sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3"
		     "qctBD/YfIAFa0=\"}");
	for (size_t i = 0; i < n; i++)
		p += sprintf(p,
			     ",\"./lib/%zu.js\":{\"integrity\":\"sha384-"
			     "ywB1P0WjXou1oD1pmsZQBycsMqsO3tFjGotgWkP/W+2Ahg"
			     "croefMI1i67KE0yCWn\",\"dependencies\":true}",
			     i * 7919 % n);
	(void)sprintf(p, "}}");
	return text;
}

static void works_inside_its_sandbox(void)
{
	_cleanup_free_ char *text = large_manifest();
	_cleanup_close_ int manifest = memfd_with(text);
	_cleanup_close_ int abc = memfd_with("abc");
	_cleanup_close_ int other = memfd_with("abd");
	int status = 0;
	pid_t pid;
	int sock = spawn(&pid);

	is_int(ask(sock, NSV_LOAD, "/app/p.json", manifest), NSV_LOADED,
	       "loads a large manifest");
	is_int(ask(sock, NSV_CHECK, "/app/abc", abc), NSV_MATCH, "match");
	is_int(ask(sock, NSV_CHECK, "/app/abc", other), NSV_MISMATCH,
	       "mismatch");
	is_int(ask(sock, NSV_CHECK, "/app/lib/77.js", abc), NSV_MATCH,
	       "another algorithm");
	is_int(ask(sock, NSV_CHECK, "/app/x.js", abc), NSV_UNLISTED,
	       "unlisted");

	is_field(pid, "Seccomp", "2");
	is_field(pid, "NoNewPrivs", "1");
	is_field(pid, "CapEff", "0000000000000000");
	is_field(pid, "CapPrm", "0000000000000000");
	is_field(pid, "CapInh", "0000000000000000");
	is_field(pid, "CapAmb", "0000000000000000");

	for (int signal = 1; signal < 32; signal++)
		if (signal == SIGINT || signal == SIGTERM || signal == SIGHUP ||
		    signal == SIGTSTP || signal == SIGQUIT)
			(void)kill(pid, signal);
	is_int(ask(sock, NSV_CHECK, "/app/abc", abc), NSV_MATCH,
	       "signals meant for the command do not end it");
	(void)close(sock);
	ok(waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
		   WEXITSTATUS(status) == 0,
	   "ends with its peer, status 0");
}

static void keeps_no_other_descriptor(void)
{
	_cleanup_close_ int manifest = memfd_with("{}");
	char path[64];
	char target[64] = "";
	pid_t pid;
	int sock = spawn(&pid);

	is_int(ask(sock, NSV_LOAD, "/app/p.json", manifest), NSV_LOADED,
	       "loaded");
	(void)snprintf(path, sizeof(path), "/proc/%d/fd/7", pid);
	ok(readlink(path, target, sizeof(target) - 1) < 0, "7 is closed");
	(void)snprintf(path, sizeof(path), "/proc/%d/fd/1", pid);
	if (readlink(path, target, sizeof(target) - 1) > 0)
		is_str(target, "/dev/null", "1 is /dev/null");
	else
		skip("cannot look at its descriptors: not dumpable");
	(void)close(sock);
	(void)waitpid(pid, NULL, 0);
}

static void a_bad_manifest_is_125(void)
{
	_cleanup_close_ int manifest = memfd_with("{\"onerror\":0}");
	int status = 0;
	pid_t pid;
	int sock = spawn(&pid);

	is_int(ask(sock, NSV_LOAD, "/app/p.json", manifest), NSV_REFUSED,
	       "refused");
	ok(waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
		   WEXITSTATUS(status) == 125,
	   "status 125");
	(void)close(sock);
}

/* Each tries one thing inside the sandbox; it must not come back. */
static void try_open(void)
{
	(void)open("/etc/passwd", O_RDONLY);
}

static void try_fork(void)
{
	(void)fork();
}

static void try_socket(void)
{
	(void)socket(AF_INET, SOCK_STREAM, 0);
}

static void try_exec(void)
{
	(void)execl("/bin/true", "true", (char *)NULL);
}

static void try_ptrace(void)
{
	(void)kill(getppid(), 0);
}

static void try_exec_memory(void)
{
	(void)mmap(NULL, 4096, PROT_READ | PROT_EXEC,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void try_other_socket(void)
{
	char c;

	(void)recv(9, &c, 1, 0);
	(void)recvmsg(9, &(struct msghdr){ 0 }, 0);
}

static void try_write(void)
{
	(void)write(9, "x", 1);
}

/* As main() does it; a service may not get connections elsewhere either. */
static int confine_as_service(const char **step)
{
	int r = confine_service(step);

	return r < 0 ? r : confine_calls(NSV_SOCKET_FD);
}

static void *run_thread(void *data)
{
	return data;
}

static void try_thread(void)
{
	pthread_t thread;

	(void)pthread_create(&thread, NULL, run_thread, NULL);
}

static void try_accept(void)
{
	(void)accept4(9, NULL, NULL, 0);
}

static void try_connect(void)
{
	struct sockaddr address = { .sa_family = AF_UNIX };

	(void)connect(NSV_SOCKET_FD, &address, sizeof(address));
}

static void dies(bool is_service, const char *name, void (*attempt)(void))
{
	int status = 0;
	pid_t pid;

#ifdef __SANITIZE_THREAD__
	if (is_service) {
		skip("%s, service: ThreadSanitizer's thread cannot be confined",
		     name);
		return;
	}
#endif
	pid = fork();
	if (pid == 0) {
		const char *step;
		int r = is_service ? confine_as_service(&step) :
				     confine(NSV_SOCKET_FD, &step);

		if (r < 0)
			_exit(98);
		attempt();
		_exit(99);
	}
	(void)waitpid(pid, &status, 0);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "%s%s", name,
	   is_service ? ", service" : "");
	if (WIFEXITED(status))
		diag("status %d", WEXITSTATUS(status));
}

static void the_sandbox_kills_what_is_not_allowed(void)
{
	static const struct {
		const char *name;
		void (*attempt)(void);
		bool is_for_private; /* a service has several sockets */
	} cases[] = {
		{ "open", try_open, false },
		{ "fork", try_fork, false },
		{ "socket", try_socket, false },
		{ "exec", try_exec, false },
		{ "kill", try_ptrace, false },
		{ "executable memory", try_exec_memory, false },
		{ "another socket", try_other_socket, true },
		{ "write to a file", try_write, false },
		{ "thread", try_thread, false },
		{ "a connection from elsewhere", try_accept, false },
		{ "connect", try_connect, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		dies(false, cases[i].name, cases[i].attempt);
		if (!cases[i].is_for_private)
			dies(true, cases[i].name, cases[i].attempt);
	}
}

int main(void)
{
	const char *top = getenv("top_builddir");

	(void)snprintf(program, sizeof(program), "%s/nsverifyd",
		       top ? top : ".");
	if (access(program, X_OK) < 0) {
		skip_all("nsverifyd is not built");
		return done();
	}
	works_inside_its_sandbox();
	keeps_no_other_descriptor();
	a_bad_manifest_is_125();
	the_sandbox_kills_what_is_not_allowed();
	return done();
}
