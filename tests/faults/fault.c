/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes one system call of nssupervise, of a child before its execve, or of
 * nsverifyd fail, and says how the run ended. By ptrace(2): it counts over all
 * threads of a process, needs no privilege, and lets the target run untraced
 * (from its execve on). x86-64, like the product.
 *
 *   fault [OPTION]... -- COMMAND [ARG]...
 *     -o FILE   the report; see below
 *     -r ROLE   start: nssupervise before the target's execve; after it
 *               receiver: its threads that answer, other: the rest of it;
 *               child: a forked process before its execve; verifier: nsverifyd
 *     -c CALL   the system call
 *     -n N      the N-th of these, from 1; without it nothing is done to any
 *     -a        and all after it
 *     -e ERROR  it fails with this errno, by name; nothing is carried out
 *     -z        it returns 0, and nothing is carried out
 *     -x        the thread jumps to address 0 after it: a crash
 *     -k        the process gets SIGKILL instead of it
 *     -h        the thread is never resumed: a hang. To wait for a request is
 *               none, and does not count
 *     -d MS     the thread is resumed MS later: slow
 *     -t S      after S seconds the run hangs, and is ended. Default: 20
 *
 * Report, a line each: "hit", "status N" or "signal N" or "hang", "left NAME"
 * for each process that was there when the command had ended; without -n
 * "calls ROLE CALL N" of each. The exit status is 0 unless it failed itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NUMBERS 512
#define TRACEES_MAX 512
#define GRACE_MS 6000 /* for what the command leaves behind */
#define TICK_US 20000
#define ERRORS_MAX 134
/* Filters of all three let it through, and it does nothing: close(-1). */
#define HARMLESS SYS_close
/* What the dynamic loader does is not ours; glibc asks for the stack's limit. */
#define LAST_OF_LOADER SYS_prlimit64

enum role { START, RECEIVER, OTHER, CHILD, VERIFIER, N_ROLES };
static const char *const role_names[] = { "start", "receiver", "other", "child",
					  "verifier" };

enum action { NOTHING, FAIL, CRASH, KILL, HANG, DELAY };

struct tracee {
	pid_t tid; /* 0: free */
	pid_t tgid;
	bool is_verifier;
	bool is_receiver; /* it has waited for a notification */
	bool is_failing; /* what it is in must end with .error */
	bool is_crashing;
	int64_t resume_at; /* 0: it is not held; -1: never */
	struct user_regs_struct regs; /* at the entry of what is failing */
};

static struct tracee tracees[TRACEES_MAX];
static unsigned long counts[N_ROLES][NUMBERS];
static FILE *out;
static pid_t command;
static bool is_running; /* the command has been executed */
static bool is_loaded; /* and its libraries are in place */
static bool is_launched; /* the target has been */
static int64_t deadline;

static struct {
	enum action action;
	enum role role;
	long call;
	unsigned long n;
	bool also_after;
	int error;
	long delay_ms;
} fault;

static void die(const char *what)
{
	fprintf(stderr, "fault: %s: %s\n", what, strerror(errno));
	if (command > 0)
		(void)kill(command, SIGKILL);
	exit(99);
}

static int64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static pid_t tgid_of(pid_t tid)
{
	char name[64], line[256];
	int tgid = tid;
	FILE *file;

	(void)snprintf(name, sizeof(name), "/proc/%d/status", tid);
	file = fopen(name, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "Tgid: %d", &tgid) == 1)
			break;
	if (file)
		(void)fclose(file);
	return tgid;
}

static struct tracee *find(pid_t tid)
{
	struct tracee *t = NULL;

	for (size_t i = 0; i < TRACEES_MAX; i++) {
		if (tracees[i].tid == tid)
			return &tracees[i];
		if (!t && tracees[i].tid == 0)
			t = &tracees[i];
	}
	if (!t)
		die("too many threads");
	*t = (struct tracee){ .tid = tid, .tgid = tgid_of(tid) };
	for (size_t i = 0; i < TRACEES_MAX; i++)
		t->is_verifier |= tracees[i].tid && tracees[i].is_verifier &&
				  tracees[i].tgid == t->tgid;
	return t;
}

static enum role role_of(const struct tracee *t)
{
	if (t->tgid == command && is_launched)
		return t->is_receiver ? RECEIVER : OTHER;
	if (t->tgid == command)
		return START;
	return t->is_verifier ? VERIFIER : CHILD;
}

/* Fails where it has been killed meanwhile, which is no matter. */
static void resume(struct tracee *t, int signal)
{
	(void)ptrace(PTRACE_SYSCALL, t->tid, NULL, (long)signal);
}

static void act(struct tracee *t)
{
	struct user_regs_struct regs;

	fprintf(out, "hit\n");
	(void)fflush(out);
	switch (fault.action) {
	case FAIL:
		if (ptrace(PTRACE_GETREGS, t->tid, NULL, &t->regs) < 0)
			break;
		regs = t->regs;
		regs.orig_rax = HARMLESS;
		regs.rdi = (unsigned long)-1;
		t->is_failing = ptrace(PTRACE_SETREGS, t->tid, NULL, &regs) ==
				0;
		break;
	case CRASH:
		t->is_crashing = true;
		break;
	case KILL:
		(void)kill(t->tgid, SIGKILL);
		break;
	case HANG:
		t->resume_at = -1;
		break;
	case DELAY:
		t->resume_at = now_ms() + fault.delay_ms;
		break;
	case NOTHING:
		break;
	}
}

static void on_entry(struct tracee *t, uint64_t nr, bool is_idle)
{
	enum role role = role_of(t);
	unsigned long n;

	if (nr >= NUMBERS || !is_running || (fault.action == HANG && is_idle))
		return;
	if (!is_loaded) {
		is_loaded = nr == LAST_OF_LOADER;
		return;
	}
	n = ++counts[role][nr];
	if (fault.action != NOTHING && role == fault.role &&
	    (long)nr == fault.call &&
	    (n == fault.n || (fault.also_after && n > fault.n)))
		act(t);
}

static void on_exit_of_call(struct tracee *t)
{
	struct user_regs_struct regs = t->regs;

	if (t->is_failing) {
		regs.rax = (unsigned long)-fault.error;
		(void)ptrace(PTRACE_SETREGS, t->tid, NULL, &regs);
	}
	if (t->is_crashing &&
	    ptrace(PTRACE_GETREGS, t->tid, NULL, &regs) == 0) {
		regs.rip = 0;
		(void)ptrace(PTRACE_SETREGS, t->tid, NULL, &regs);
	}
	t->is_failing = t->is_crashing = false;
}

static void on_syscall(struct tracee *t)
{
	struct __ptrace_syscall_info info = { 0 };
	bool waits;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, t->tid, sizeof(info), &info) <= 0)
		return;
	waits = info.op == PTRACE_SYSCALL_INFO_ENTRY &&
		info.entry.nr == SYS_ioctl &&
		info.entry.args[1] == SECCOMP_IOCTL_NOTIF_RECV;
	t->is_receiver |= waits;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		on_entry(t, info.entry.nr, waits);
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		on_exit_of_call(t);
}

/* Return: false when it is none of ours from here on. */
static bool on_exec(struct tracee *t)
{
	char name[64], path[4096];
	const char *base;
	ssize_t n;

	if (t->tgid == command && !is_running) {
		is_running = true;
		return true;
	}
	if (t->tgid == command)
		return false; /* --landlock-only */
	(void)snprintf(name, sizeof(name), "/proc/%d/exe", t->tid);
	n = readlink(name, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = '\0';
	base = strrchr(path, '/');
	t->is_verifier = base && strcmp(base, "/nsverifyd") == 0;
	is_launched |= !t->is_verifier;
	return t->is_verifier;
}

static void on_stop(pid_t tid, int status)
{
	struct tracee *t = find(tid);
	int signal = WSTOPSIG(status);
	int event = status >> 16;

	if (event == PTRACE_EVENT_EXEC && !on_exec(t)) {
		(void)ptrace(PTRACE_DETACH, tid, NULL, 0);
		t->tid = 0;
		return;
	}
	if (event == PTRACE_EVENT_STOP && signal != SIGTRAP) {
		(void)ptrace(PTRACE_LISTEN, tid, NULL, 0); /* it is stopped */
		return;
	}
	if (signal == (SIGTRAP | 0x80)) {
		on_syscall(t);
		signal = 0;
	} else if (event) {
		signal = 0;
	}
	if (t->resume_at == 0)
		resume(t, signal);
}

static void forget(pid_t tid)
{
	for (size_t i = 0; i < TRACEES_MAX; i++)
		if (tracees[i].tid == tid)
			tracees[i].tid = 0;
}

static void resume_held(void)
{
	for (size_t i = 0; i < TRACEES_MAX; i++) {
		struct tracee *t = &tracees[i];

		if (t->tid && t->resume_at > 0 && t->resume_at <= now_ms()) {
			t->resume_at = 0;
			resume(t, 0);
		}
	}
}

/* Each child of this process by its number, held or not, ours or inherited. */
static void end_children(bool is_told)
{
	char name[64], comm[64];
	int pid;
	FILE *children, *file;

	(void)snprintf(name, sizeof(name), "/proc/self/task/%d/children",
		       getpid());
	children = fopen(name, "re");
	while (children && fscanf(children, "%d", &pid) == 1) {
		(void)snprintf(name, sizeof(name), "/proc/%d/comm", pid);
		file = fopen(name, "re");
		if (is_told && file && fgets(comm, sizeof(comm), file))
			fprintf(out, "left %s", comm);
		if (file)
			(void)fclose(file);
		(void)kill(pid, SIGKILL);
	}
	if (children)
		(void)fclose(children);
}

static void on_end(pid_t tid, int status)
{
	forget(tid);
	if (tid != command)
		return;
	if (WIFSIGNALED(status))
		fprintf(out, "signal %d\n", WTERMSIG(status));
	else
		fprintf(out, "status %d\n", WEXITSTATUS(status));
	command = 0;
	deadline = now_ms() + GRACE_MS;
}

/* Return: false when there is nothing more to wait for. */
static bool is_in_time(void)
{
	if (now_ms() < deadline)
		return true;
	if (command)
		fprintf(out, "hang\n");
	end_children(/* is_told= */ command == 0);
	return false;
}

static void watch(void)
{
	int status;
	pid_t tid;

	for (;;) {
		tid = waitpid(-1, &status, __WALL);
		if (tid < 0 && errno != EINTR)
			return;
		resume_held();
		if (tid < 0) {
			if (!is_in_time())
				return;
			continue;
		}
		if (WIFSTOPPED(status))
			on_stop(tid, status);
		else
			on_end(tid, status);
	}
}

/* After the deadline, until all have ended: new ones may come to us. */
static void wait_for_end(void)
{
	for (int i = 0; i < 200; i++) {
		pid_t pid;

		do
			pid = waitpid(-1, NULL, __WALL | WNOHANG);
		while (pid > 0);
		if (pid < 0 && errno == ECHILD)
			return;
		end_children(/* is_told= */ false);
		(void)usleep(10000);
	}
}

static void on_tick(int signal)
{
	(void)signal; /* ends waitpid() */
}

static void start(char **argv)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE |
			     PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			     PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
	int gate[2];
	char c;

	if (pipe2(gate, O_CLOEXEC) < 0)
		die("pipe");
	command = fork();
	if (command == 0) {
		(void)close(gate[1]);
		if (read(gate[0], &c, 1) == 1)
			(void)execvp(argv[0], argv);
		_exit(127);
	}
	if (command < 0 || ptrace(PTRACE_SEIZE, command, NULL, options) < 0 ||
	    ptrace(PTRACE_INTERRUPT, command, NULL, NULL) < 0)
		die("cannot trace");
	if (write(gate[1], "x", 1) != 1)
		die("pipe");
	(void)close(gate[0]);
	(void)close(gate[1]);
}

static int error_of(const char *name)
{
	for (int i = 1; i < ERRORS_MAX; i++) {
		const char *known = strerrorname_np(i);

		if (known && strcmp(known, name) == 0)
			return i;
	}
	errno = EINVAL;
	die(name);
	return 0;
}

static enum role role_by_name(const char *name)
{
	for (int i = 0; i < N_ROLES; i++)
		if (strcmp(role_names[i], name) == 0)
			return (enum role)i;
	errno = EINVAL;
	die(name);
	return START;
}

static void report_calls(void)
{
	for (int role = 0; role < N_ROLES; role++) {
		for (int nr = 0; nr < NUMBERS; nr++) {
			char *name;

			if (counts[role][nr] == 0)
				continue;
			name = seccomp_syscall_resolve_num_arch(
				SCMP_ARCH_NATIVE, nr);
			if (name)
				fprintf(out, "calls %s %s %lu\n",
					role_names[role], name,
					counts[role][nr]);
			free(name);
		}
	}
}

static void parse(int argc, char **argv)
{
	long seconds = 20;
	int c;

	out = stderr;
	while ((c = getopt(argc, argv, "+o:r:c:n:ae:zxkhd:t:")) != -1) {
		switch (c) {
		case 'o':
			out = fopen(optarg, "we");
			if (!out)
				die(optarg);
			break;
		case 'r':
			fault.role = role_by_name(optarg);
			break;
		case 'c':
			fault.call = seccomp_syscall_resolve_name(optarg);
			break;
		case 'n':
			fault.n = strtoul(optarg, NULL, 10);
			break;
		case 'a':
			fault.also_after = true;
			break;
		case 'e':
			fault.error = error_of(optarg);
			fault.action = FAIL;
			break;
		case 'z':
			fault.action = FAIL;
			break;
		case 'x':
			fault.action = CRASH;
			break;
		case 'k':
			fault.action = KILL;
			break;
		case 'h':
			fault.action = HANG;
			break;
		case 'd':
			fault.delay_ms = strtol(optarg, NULL, 10);
			fault.action = DELAY;
			break;
		case 't':
			seconds = strtol(optarg, NULL, 10);
			break;
		default:
			exit(99);
		}
	}
	if (optind >= argc || (fault.action != NOTHING && fault.call <= 0 &&
			       fault.call != SYS_read))
		exit(99);
	deadline = now_ms() + seconds * 1000;
}

int main(int argc, char **argv)
{
	const struct itimerval tick = { { 0, TICK_US }, { 0, TICK_US } };
	struct sigaction action = { .sa_handler = on_tick };

	parse(argc, argv);
	(void)sigaction(SIGALRM, &action, NULL);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		die("subreaper");
	start(argv + optind);
	(void)setitimer(ITIMER_REAL, &tick, NULL);
	watch();
	wait_for_end();
	if (fault.action == NOTHING)
		report_calls();
	return fclose(out) == 0 ? 0 : 99;
}
