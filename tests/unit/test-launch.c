/* SPDX-License-Identifier: Apache-2.0 */
/* The launch: what the target gets, what it does not get, what is reported. */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/kernel.h"
#include "supervise/launch.h"
#include "tap.h"

#define N_FILTER_MAX 24
#define NUMBER (uint32_t) offsetof(struct seccomp_data, nr)
#define ARG0 (uint32_t) offsetof(struct seccomp_data, args[0])

/* What is wrong with the cage of a case. */
enum {
	ALLOW_PRLIMIT = 1,
	NOTIFY_OPEN = 2,
	KILL_CLOSE_RANGE = 4,
	ALLOW_KILL = 8,
	KEEP_CAPABILITIES = 16,
};

struct filter {
	struct sock_filter code[N_FILTER_MAX];
	struct sock_fprog prog;
};

static void add(struct filter *f, uint16_t code, uint8_t jt, uint8_t jf,
		uint32_t k)
{
	f->code[f->prog.len++] = (struct sock_filter){ code, jt, jf, k };
}

static void add_rule(struct filter *f, uint32_t nr, uint32_t action)
{
	add(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, nr);
	add(f, BPF_RET | BPF_K, 0, 0, action);
}

static void make_filter(struct filter *f, unsigned flaws)
{
	memset(f, 0, sizeof(*f));
	f->prog.filter = f->code;
	add(f, BPF_LD | BPF_W | BPF_ABS, 0, 0, NUMBER);
	add_rule(f, SYS_ptrace, SECCOMP_RET_ERRNO | EPERM);
	if (flaws & NOTIFY_OPEN)
		add_rule(f, SYS_openat, SECCOMP_RET_USER_NOTIF);
	if (flaws & KILL_CLOSE_RANGE)
		add_rule(f, SYS_close_range, SECCOMP_RET_KILL_PROCESS);
	if (!(flaws & ALLOW_PRLIMIT)) {
		add(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 3, SYS_prlimit64);
		add(f, BPF_LD | BPF_W | BPF_ABS, 0, 0, ARG0);
		add(f, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 0);
		add(f, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EPERM);
	}
	add(f, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
}

static int make_ruleset(unsigned flaws)
{
	struct kernel_ruleset_attr attr = {
		.handled_access_fs = LANDLOCK_ACCESS_FS_MAKE_SOCK,
		.scoped = LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET,
	};

	if (!(flaws & ALLOW_KILL))
		attr.scoped |= LANDLOCK_SCOPE_SIGNAL;
	return kernel_landlock_create(&attr, sizeof(attr), 0);
}

/* As the supervisor does before it launches. */
static void drop_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	(void)syscall(SYS_capset, &header, data);
}

static const char *self_test_text = VIRTUAL_SELF_TEST_TEXT;

/* Answers the one path with text, and lets the kernel do everything else. */
static void answer(int listener, const struct seccomp_notif *request)
{
	struct seccomp_notif_resp response = {
		.id = request->id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE
	};
	char path[sizeof(VIRTUAL_SELF_TEST_PATH)] = "";
	struct iovec here = { path, sizeof(path) };
	struct iovec there = { (void *)(uintptr_t)request->data.args[1],
			       sizeof(path) };
	int fd;

	if (process_vm_readv((pid_t)request->pid, &here, 1, &there, 1, 0) > 0 &&
	    memcmp(path, VIRTUAL_SELF_TEST_PATH, sizeof(path)) == 0) {
		struct seccomp_notif_addfd addfd = {
			.id = request->id,
			.flags = SECCOMP_ADDFD_FLAG_SEND,
		};

		fd = memfd_create("self-test", MFD_CLOEXEC);
		(void)dprintf(fd, "%s", self_test_text);
		(void)lseek(fd, 0, SEEK_SET);
		addfd.srcfd = (uint32_t)fd;
		(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &addfd);
		(void)close(fd);
		return;
	}
	(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

static void *receive(void *arg)
{
	int listener = (int)(intptr_t)arg;
	struct pollfd pollfd = { .fd = listener, .events = POLLIN };
	struct seccomp_notif request;

	while (poll(&pollfd, 1, -1) >= 0 && (pollfd.revents & POLLIN)) {
		memset(&request, 0, sizeof(request));
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request) == 0)
			answer(listener, &request);
	}
	return NULL;
}

static const char *const default_env[] = { "PATH=/usr/bin:/bin", NULL };

/* A launch of `sh -c SCRIPT`, to be changed by the case. */
struct fixture {
	struct signals signals;
	struct filter filter;
	struct launch launch;
	struct launched launched;
	struct launch_error err;
	const char *argv[5];
};

static void prepare(struct fixture *f, const char *script, unsigned flaws)
{
	memset(f, 0, sizeof(*f));
	if (!(flaws & KEEP_CAPABILITIES))
		drop_capabilities();
	if (signals_open(&f->signals) < 0)
		_exit(100);
	make_filter(&f->filter, flaws);
	f->argv[0] = "sh";
	f->argv[1] = "-c";
	f->argv[2] = script;
	f->launch = (struct launch){
		.program = "/bin/sh",
		.argv = (char *const *)(uintptr_t)f->argv,
		.envp = (char *const *)(uintptr_t)default_env,
		.signals = &f->signals,
		.ruleset_fd = make_ruleset(flaws),
		.filter = &f->filter.prog,
		.is_open_notified = flaws & NOTIFY_OPEN,
	};
}

/* Return: the exit status of the command, or -errno. */
static int launch(struct fixture *f)
{
	pthread_t receiver;
	int status;
	int r;

	r = launch_start(&f->launch, &f->launched, &f->err);
	if (r < 0)
		return r;
	if (f->launched.listener >= 0 &&
	    pthread_create(&receiver, NULL, receive,
			   (void *)(intptr_t)f->launched.listener) == 0)
		(void)pthread_detach(receiver);
	r = launch_finish(&f->launched, &f->err);
	if (r < 0)
		return r;
	if (waitpid(f->launched.pid, &status, 0) < 0)
		return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Each case runs in a process of its own: its exit status is the result. */
static int in_child(int (*run)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		(void)alarm(20);
		_exit(run());
	}
	(void)waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run_script(const char *script, unsigned flaws)
{
	struct fixture f;
	int r;

	prepare(&f, script, flaws);
	r = launch(&f);
	if (r < 0)
		fprintf(stderr, "# %s: %s (%s)\n", f.err.step,
			strerror(f.err.error), f.err.hint ? f.err.hint : "");
	return r < 0 ? 99 : r;
}

static int exit_seven(void)
{
	return run_script("exit 7", 0);
}

static int exit_seven_notified(void)
{
	return run_script("read line </etc/passwd; exit 7", NOTIFY_OPEN);
}

static void the_command_runs(void)
{
	is_int(in_child(exit_seven), 7, "the exit status comes back");
	is_int(in_child(exit_seven_notified), 7,
	       "also when its opens are notified, and the self-test is");
}

static int run_without_listener(void)
{
	struct fixture f;

	prepare(&f, "exit 7", 0);
	f.launch.has_no_listener = true;
	if (launch(&f) != 7 || f.launched.listener >= 0)
		return 1;
	return 0;
}

/* Reading only what a program needs to start. */
static int make_reading_ruleset(void)
{
	static const char *const places[] = { "/usr", "/etc" };
	struct kernel_ruleset_attr attr = {
		.handled_access_fs = LANDLOCK_ACCESS_FS_READ_FILE |
				     LANDLOCK_ACCESS_FS_READ_DIR,
		.scoped = LANDLOCK_SCOPE_SIGNAL,
	};
	int ruleset = kernel_landlock_create(&attr, sizeof(attr), 0);

	for (size_t i = 0; i < 2; i++) {
		struct landlock_path_beneath_attr rule = {
			.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE,
			.parent_fd = open(places[i], O_PATH | O_CLOEXEC),
		};

		(void)kernel_landlock_add_path(ruleset, &rule);
		(void)close(rule.parent_fd);
	}
	return ruleset;
}

/* Without grants it reads its own entries, and no others. */
static int run_with_own_entries(void)
{
	struct fixture f;

	prepare(&f,
		"read a </proc/self/stat && ! read a </proc/1/stat && "
		"! read a </proc/uptime && exit 7",
		0);
	f.launch.ruleset_fd = make_reading_ruleset();
	f.launch.has_own_entries = true;
	return launch(&f);
}

/* The caller becomes the program: the same process. */
static int run_alone(void)
{
	struct launch_error err;
	struct fixture f;

	memset(&f, 0, sizeof(f));
	drop_capabilities();
	make_filter(&f.filter, 0);
	/* What the self-test tries. */
	f.filter.prog.len--;
	add_rule(&f.filter, SYS_personality, SECCOMP_RET_ERRNO | EPERM);
	add(&f.filter, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
	f.argv[0] = "sh";
	f.argv[1] = "-c";
	f.argv[2] = "exit 7";
	f.launch = (struct launch){
		.program = "/bin/sh",
		.argv = (char *const *)(uintptr_t)f.argv,
		.envp = (char *const *)(uintptr_t)default_env,
		.ruleset_fd = make_reading_ruleset(),
		.filter = &f.filter.prog,
		.has_no_listener = true,
	};
	(void)launch_alone(&f.launch, &err);
	fprintf(stderr, "# %s: %s\n", err.step, strerror(err.error));
	return 99;
}

static void a_launch_needs_no_supervisor(void)
{
	is_int(in_child(run_with_own_entries), 7,
	       "the kernel lets it read its own entries");
	is_int(in_child(run_alone), 7, "without any supervisor");
}

static void a_filter_may_notify_nothing(void)
{
	is_int(in_child(run_without_listener), 0, "there is no listener then");
}

/* Passed are 0 1 2, the two listening ones 3 4, and 5 9 500: eight. */
static int run_with_descriptors(void)
{
	int pass[] = { 9, 500, 5, 5, 1 };
	int ends[2];
	struct fixture f;

	for (int fd = 3; fd < 20; fd++)
		(void)dup2(0, fd);
	(void)dup2(0, 500);
	(void)fcntl(9, F_SETFD, FD_CLOEXEC);
	(void)pipe(ends);
	prepare(&f,
		"for fd in 3 4 5 6 7 8 9; do"
		" if (: <&$fd) 2>/dev/null; then printf $fd; fi;"
		" done; ls -l /proc/$$/fd | grep -c -- '->'",
		NOTIFY_OPEN);
	(void)dup2(ends[1], 1);
	f.launch.pass_fds = pass;
	f.launch.n_pass_fds = 5;
	f.launch.listen_fds = 2;
	if (launch(&f) == 0) {
		char text[64] = "";

		if (read(ends[0], text, sizeof(text) - 1) > 0 &&
		    strcmp(text, "34598\n") == 0)
			return 0;
		fprintf(stderr, "# got %s\n", text);
	}
	return 1;
}

static void only_named_descriptors_are_passed(void)
{
	is_int(in_child(run_with_descriptors), 0,
	       "0-2, LISTEN_FDS and --pass-fd, nothing else");
}

static int run_environment(void)
{
	char mine[64];
	const char *env[] = { mine, "WATCHDOG_PID=1", "A=b", NULL };
	struct fixture f;

	(void)snprintf(mine, sizeof(mine), "LISTEN_PID=%d", getpid());
	prepare(&f,
		"test $LISTEN_PID = $$ && test $WATCHDOG_PID = 1 &&"
		" test $A = b",
		0);
	f.launch.envp = (char *const *)(uintptr_t)env;
	return launch(&f);
}

static int run_both_pids(void)
{
	char listen_pid[64];
	char watchdog_pid[64];
	const char *env[] = { "A=b", listen_pid, watchdog_pid, NULL };
	struct fixture f;

	(void)snprintf(listen_pid, sizeof(listen_pid), "LISTEN_PID=%d",
		       getpid());
	(void)snprintf(watchdog_pid, sizeof(watchdog_pid), "WATCHDOG_PID=%d",
		       getpid());
	prepare(&f, "test $LISTEN_PID = $$ && test $WATCHDOG_PID = $$", 0);
	f.launch.envp = (char *const *)(uintptr_t)env;
	return launch(&f);
}

static void pids_are_rewritten_where_they_name_us(void)
{
	is_int(in_child(run_environment), 0, "LISTEN_PID, and not another's");
	is_int(in_child(run_both_pids), 0, "both");
}

static int count_listen_fds(void)
{
	char pid[64];
	char *env[] = { pid, (char[]){ "LISTEN_FDS=3" }, NULL };
	char *bad[] = { pid, (char[]){ "LISTEN_FDS=3x" }, NULL };
	char *many[] = { pid, (char[]){ "LISTEN_FDS=99999999999" }, NULL };

	(void)snprintf(pid, sizeof(pid), "LISTEN_PID=%d", getpid());
	if (launch_listen_fds(env) != 3 || launch_listen_fds(bad) != 0 ||
	    launch_listen_fds(many) != 0 || launch_listen_fds(&env[1]) != 0)
		return 1;
	(void)snprintf(pid, sizeof(pid), "LISTEN_PID=%d", getpid() + 1);
	return launch_listen_fds(env) == 0 ? 0 : 2;
}

static void listen_fds_are_counted_for_us_only(void)
{
	is_int(in_child(count_listen_fds), 0, "LISTEN_FDS");
}

static int run_signals(void)
{
	sigset_t set;
	struct fixture f;

	/* Whoever started the tests may ignore some, SIGPIPE above all. */
	for (int i = 1; i < NSIG; i++)
		(void)signal(i, SIG_DFL);
	(void)signal(SIGCHLD, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGUSR2);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	/*
	 * A shell would change them. Bits 1 and 17: HUP, CHLD; 12: USR2. Bits
	 * 32 and 33 are of the C library, which never sets them back.
	 */
	prepare(&f, "SigBlk:.0*800.SigIgn:.[0-9a-f]*10001.", 0);
	f.launch.program = "/bin/grep";
	f.argv[1] = "-qz";
	f.argv[3] = "/proc/self/status";
	return launch(&f);
}

static void signals_are_as_inherited(void)
{
	is_int(in_child(run_signals), 0, "ignored and blocked ones");
}

static int run_limits(void)
{
	struct rlimit user = { 77, 88 };
	struct rlimit more = { 88, 88 };
	struct fixture f;

	(void)setrlimit(RLIMIT_NOFILE, &more);
	prepare(&f,
		"test $(ulimit -n) = 77 && test $(ulimit -c) = 0 &&"
		" grep -q '^NoNewPrivs:.*1$' /proc/self/status &&"
		" grep -q '^Seccomp:.*2$' /proc/self/status",
		0);
	f.launch.nofile = &user;
	return launch(&f);
}

static void the_cage_is_on(void)
{
	is_int(in_child(run_limits), 0,
	       "limits of the user, no core, no_new_privs, seccomp");
}

static int expect_failure(struct fixture *f, const char *step, int error)
{
	int r = launch(f);

	if (r != -error || f->err.error != error ||
	    strcmp(f->err.step, step) != 0) {
		fprintf(stderr, "# got %d, %s: %s\n", r,
			f->err.step ? f->err.step : "-",
			strerror(f->err.error));
		return 1;
	}
	/* No child is left. */
	return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0 : 2;
}

static char scratch[] = "/tmp/test-launch.XXXXXX";

static int run_missing(void)
{
	struct fixture f;

	prepare(&f, "", 0);
	f.launch.program = "/nonexistent";
	return expect_failure(&f, "exec", ENOENT);
}

static int run_directory(void)
{
	struct fixture f;

	prepare(&f, "", 0);
	f.launch.program = "/";
	return expect_failure(&f, "exec", EACCES);
}

static int run_empty(void)
{
	char name[64];
	struct fixture f;

	(void)snprintf(name, sizeof(name), "%s/empty", scratch);
	(void)close(open(name, O_CREAT | O_WRONLY | O_CLOEXEC, 0755));
	prepare(&f, "", 0);
	f.launch.program = name;
	return expect_failure(&f, "exec", ENOEXEC);
}

static void exec_failures_are_reported(void)
{
	is_int(in_child(run_missing), 0, "not found: 127");
	is_int(in_child(run_directory), 0, "not executable: 126");
	is_int(in_child(run_empty), 0, "no known format: 126");
}

static int run_open_kill(void)
{
	return run_script("exit 7", ALLOW_KILL);
}

static int run_open_prlimit(void)
{
	struct fixture f;

	prepare(&f, "", ALLOW_PRLIMIT);
	return expect_failure(&f, "self-test limits", ENOTRECOVERABLE);
}

static int run_wrong_answer(void)
{
	struct fixture f;

	self_test_text = "something else, and longer than it should be\n";
	prepare(&f, "", NOTIFY_OPEN);
	return expect_failure(&f, "self-test open", ENOTRECOVERABLE);
}

static int run_no_answer(void)
{
	struct fixture f;

	prepare(&f, "", 0);
	f.launch.is_open_notified = true;
	return expect_failure(&f, "self-test open", ENOENT);
}

static void a_hole_in_the_cage_stops_the_launch(void)
{
	is_int(in_child(run_open_kill), 7,
	       "signals: one of two layers is enough");
	is_int(in_child(run_open_prlimit), 0, "limits");
	is_int(in_child(run_wrong_answer), 0, "a wrong answer");
	is_int(in_child(run_no_answer), 0, "the kernel answers");
}

static int run_killed(void)
{
	struct fixture f;

	prepare(&f, "", KILL_CLOSE_RANGE);
	return expect_failure(&f, "close", ECHILD);
}

static int run_bad_ruleset(void)
{
	struct fixture f;

	prepare(&f, "", 0);
	f.launch.ruleset_fd = 0;
	return expect_failure(&f, "landlock", EBADFD);
}

static int run_bad_filter(void)
{
	struct fixture f;

	prepare(&f, "", 0);
	f.filter.prog.len = 0;
	return expect_failure(&f, "seccomp", EINVAL);
}

static int run_bad_pass_fd(void)
{
	int fd = 333;
	struct fixture f;

	prepare(&f, "", 0);
	f.launch.pass_fds = &fd;
	f.launch.n_pass_fds = 1;
	return expect_failure(&f, "descriptors", EBADF);
}

static int run_nested(void)
{
	struct filter filter;
	struct fixture f;

	prepare(&f, "", 0);
	make_filter(&filter, 0);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    kernel_seccomp(SECCOMP_SET_MODE_FILTER,
			   SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter.prog) < 0)
		return 9;
	if (expect_failure(&f, "seccomp", EBUSY) != 0)
		return 1;
	return strstr(f.err.hint, "a supervisor already") ? 0 : 2;
}

static void set_up_failures_name_the_step(void)
{
	is_int(in_child(run_killed), 0, "killed in a step");
	is_int(in_child(run_bad_ruleset), 0, "landlock");
	is_int(in_child(run_bad_filter), 0, "seccomp");
	is_int(in_child(run_bad_pass_fd), 0, "a descriptor that is not open");
	is_int(in_child(run_nested), 0, "nested: says so");
}

static int run_with_capabilities(void)
{
	struct fixture f;

	prepare(&f, "", KEEP_CAPABILITIES);
	return expect_failure(&f, "capabilities", EPERM);
}

static void capabilities_are_refused(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data) < 0 || !data[0].permitted) {
		skip("needs a capability to start with");
		return;
	}
	is_int(in_child(run_with_capabilities), 0, "capabilities");
}

/* Launches `sleep`, writes its pid to the pipe, and waits to be killed. */
static void launch_and_wait(int fd)
{
	struct fixture f;

	prepare(&f, "exec sleep 60", 0);
	if (launch_start(&f.launch, &f.launched, &f.err) < 0 ||
	    launch_finish(&f.launched, &f.err) < 0)
		_exit(1);
	(void)write(fd, &f.launched.pid, sizeof(f.launched.pid));
	for (;;)
		(void)pause();
}

static void the_target_dies_with_the_supervisor(void)
{
	int ends[2];
	pid_t supervisor;
	pid_t target = 0;
	int pidfd;

	(void)pipe(ends);
	supervisor = fork();
	if (supervisor == 0)
		launch_and_wait(ends[1]);
	(void)read(ends[0], &target, sizeof(target));
	pidfd = kernel_pidfd_open(target, 0);
	if (ok(target > 0 && pidfd >= 0, "there is a target")) {
		struct pollfd pollfd = { .fd = pidfd, .events = POLLIN };

		(void)kill(supervisor, SIGKILL);
		is_int(poll(&pollfd, 1, 2000), 1, "SIGKILL: it ends as well");
		(void)close(pidfd);
	}
	(void)waitpid(supervisor, NULL, 0);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

/* ThreadSanitizer takes a second to end a process. */
#ifdef __SANITIZE_THREAD__
#define N_OFTEN 10
#else
#define N_OFTEN 300
#endif

/* A filter that notifies something the launch itself needs would hang it. */
static int run_often(void)
{
	for (int i = 0; i < N_OFTEN; i++) {
		int r = in_child(i % 2 ? exit_seven : exit_seven_notified);

		if (r != 7)
			return 1;
	}
	return 0;
}

static void it_never_hangs(void)
{
	is_int(run_often(), 0, "many launches");
}

static int start_with_closed(void)
{
	struct stat st;
	int fd;

	(void)close(0);
	(void)close(2);
	if (launch_std_fds(&fd) != 0)
		return 1;
	for (fd = 0; fd <= 2; fd += 2) {
		if (fstat(fd, &st) < 0 || !S_ISCHR(st.st_mode) ||
		    st.st_rdev != makedev(1, 3) || fcntl(fd, F_GETFD) != 0)
			return 2;
	}
	return 0;
}

static int start_with_directory(void)
{
	int fd = -1;

	(void)close(0);
	(void)open("/", O_RDONLY);
	return launch_std_fds(&fd) == -EISDIR && fd == 0 ? 0 : 1;
}

static int start_with_block_device(void)
{
	char name[64];
	int fd = -1;

	(void)snprintf(name, sizeof(name), "%s/block", scratch);
	if (mknod(name, S_IFBLK | 0600, makedev(1, 0)) < 0)
		return 77;
	(void)close(1);
	/* There need not be such a device: the node alone can be opened so. */
	if (open(name, O_PATH) < 0)
		return 77;
	return launch_std_fds(&fd) == -ENOTBLK && fd == 1 ? 0 : 1;
}

static void standard_descriptors_are_checked(void)
{
	int r;

	is_int(in_child(start_with_closed), 0, "missing ones: /dev/null");
	is_int(in_child(start_with_directory), 0, "a directory is refused");
	r = in_child(start_with_block_device);
	if (r == 77)
		skip("making a device needs root");
	else
		is_int(r, 0, "a block device is refused");
}

static void clean_up(void)
{
	static const char *const names[] = { "empty", "block" };
	char name[64];

	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(name, sizeof(name), "%s/%s", scratch, names[i]);
		(void)unlink(name);
	}
	(void)rmdir(scratch);
}

int main(void)
{
	if (!mkdtemp(scratch))
		return EXIT_FAILURE;
	the_command_runs();
	a_filter_may_notify_nothing();
	a_launch_needs_no_supervisor();
	only_named_descriptors_are_passed();
	pids_are_rewritten_where_they_name_us();
	listen_fds_are_counted_for_us_only();
	signals_are_as_inherited();
	the_cage_is_on();
	exec_failures_are_reported();
	a_hole_in_the_cage_stops_the_launch();
	set_up_failures_name_the_step();
	capabilities_are_refused();
	the_target_dies_with_the_supervisor();
	it_never_hangs();
	standard_descriptors_are_checked();
	clean_up();
	return done();
}
