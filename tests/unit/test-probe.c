/* SPDX-License-Identifier: Apache-2.0 */
/* --check and its cheap part: what is taken away is missed, and nothing else. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "common/kernel.h"
#include "common/log.h"
#include "supervise/probe.h"
#include "supervise/ruleset.h"
#include "tap.h"

#define NUMBER (uint32_t) offsetof(struct seccomp_data, nr)
/* The low half: all that a flag or an ioctl's number has. */
#define ARG(n) (uint32_t)(offsetof(struct seccomp_data, args) + 8 * (n))
#define NOBODY 65534
#define ALARM_SECONDS 60
#define WANTED_ABI 6

enum { CANNOT_PREPARE = 77, OWN_FAILURE = 125 };

/* Of one case, from its process. */
static struct outcome {
	int n_missing;
	int required;
} * outcome;

static char output[16384];
static bool is_user; /* the cases run as NOBODY */

static int load(struct sock_filter *code, unsigned short len, unsigned flags)
{
	struct sock_fprog prog = { len, code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		_exit(CANNOT_PREPARE);
	return kernel_seccomp(SECCOMP_SET_MODE_FILTER, flags, &prog);
}

/* What a container does: @action for one system call. The listener, if any. */
static int answer_call(uint32_t nr, uint32_t action)
{
	bool is_notified = action == SECCOMP_RET_USER_NOTIF;
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, NUMBER),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	int fd = load(code, 4,
		      is_notified ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0);

	if (fd < 0)
		_exit(CANNOT_PREPARE);
	return fd;
}

/* The same, where the argument @n is @value. */
static void answer_argument(uint32_t nr, unsigned n, uint32_t value,
			    uint32_t action)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, NUMBER),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARG(n)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	if (load(code, 6, 0) < 0)
		_exit(CANNOT_PREPARE);
}

static void refuse(uint32_t nr, uint32_t error)
{
	(void)answer_call(nr, SECCOMP_RET_ERRNO | error);
}

static void take_nothing(void)
{
}

static void take_landlock(void)
{
	refuse(SYS_landlock_create_ruleset, ENOSYS);
}

static void switch_landlock_off(void)
{
	refuse(SYS_landlock_create_ruleset, EOPNOTSUPP);
}

static int pretended_abi;

/* A filter cannot answer a positive number, but a handler of SIGSYS can. */
static void answer_abi(int signal, siginfo_t *info, void *data)
{
	ucontext_t *context = data;

	(void)signal;
	(void)info;
	context->uc_mcontext.gregs[REG_RAX] = pretended_abi;
}

static void pretend_abi(void)
{
	const struct sigaction action = { .sa_sigaction = answer_abi,
					  .sa_flags = SA_SIGINFO };

	(void)sigaction(SIGSYS, &action, NULL);
	answer_argument(SYS_landlock_create_ruleset, 2,
			LANDLOCK_CREATE_RULESET_VERSION, SECCOMP_RET_TRAP);
}

static void take_openat2(void)
{
	refuse(SYS_openat2, ENOSYS);
}

static void take_memfd(void)
{
	refuse(SYS_memfd_create, ENOSYS);
}

static void take_seccomp(void)
{
	refuse(SYS_seccomp, EINVAL);
}

static void take_getfd(void)
{
	refuse(SYS_pidfd_getfd, EPERM);
}

static void refuse_readv(void)
{
	refuse(SYS_process_vm_readv, EPERM);
}

static void take_readv(void)
{
	refuse(SYS_process_vm_readv, ENOSYS);
}

/* What Yama and other modules do has no second way. */
static void forbid_reading(void)
{
	refuse(SYS_process_vm_readv, EACCES);
}

/* Also of a program that is executed: closed, it would not be in the way. */
static void take_listener(void)
{
	int fd = answer_call(UINT16_MAX, SECCOMP_RET_USER_NOTIF);

	(void)fcntl(fd, F_SETFD, 0);
}

static void never_answer(void)
{
	(void)answer_call(SYS_pidfd_getfd, SECCOMP_RET_USER_NOTIF);
}

static void take_receiving(void)
{
	answer_argument(SYS_ioctl, 1, (uint32_t)SECCOMP_IOCTL_NOTIF_RECV,
			SECCOMP_RET_ERRNO | EPERM);
}

static void take_fork(void)
{
	refuse(SYS_clone, EAGAIN);
}

static void kill_tracers(void)
{
	(void)answer_call(SYS_ptrace, SECCOMP_RET_KILL_PROCESS);
}

static void nest(int n_layers)
{
	const struct kernel_ruleset_attr attr = {
		.handled_access_fs = LANDLOCK_ACCESS_FS_MAKE_SOCK
	};

	for (int i = 0; i < n_layers; i++) {
		int fd = kernel_landlock_create(&attr, sizeof(attr), 0);

		if (fd < 0 || ruleset_enforce(fd) < 0)
			_exit(CANNOT_PREPARE);
		(void)close(fd);
	}
}

static void nest_fourteen(void)
{
	nest(14);
}

static void nest_sixteen(void)
{
	nest(16);
}

static void raise_user(void)
{
	if (seteuid(NOBODY) < 0)
		_exit(CANNOT_PREPARE);
}

static void cover_proc(void)
{
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", "/proc", "tmpfs", 0, NULL) < 0)
		_exit(CANNOT_PREPARE);
}

/* The next child is there, and /proc stays the one of this namespace. */
static void leave_pid_namespace(void)
{
	int status;
	pid_t pid;

	if (unshare(CLONE_NEWPID) < 0)
		_exit(CANNOT_PREPARE);
	pid = fork();
	if (pid == 0) {
		(void)alarm(ALARM_SECONDS);
		return;
	}
	(void)waitpid(pid, &status, 0);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : OWN_FAILURE);
}

static void become_nobody(void)
{
	if (setgroups(0, NULL) < 0 || setgid(NOBODY) < 0 || setuid(NOBODY) < 0)
		_exit(CANNOT_PREPARE);
	/* A change of user closes /proc/PID; a new program would open it. */
	(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

/* Forks @body with its messages in output[]. Its exit status; 128: killed. */
static int run(int (*body)(const void *data), const void *data)
{
	int fd = memfd_create("output", MFD_CLOEXEC);
	int status = -1;
	ssize_t n;
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		(void)alarm(ALARM_SECONDS);
		if (dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0)
			_exit(CANNOT_PREPARE);
		if (is_user && geteuid() == 0)
			become_nobody();
		_exit(body(data));
	}
	(void)waitpid(pid, &status, 0);
	/* Each line is looked for by the newline before it. */
	output[0] = '\n';
	n = pread(fd, output + 1, sizeof(output) - 2, 0);
	output[n > 0 ? n + 1 : 1] = '\0';
	(void)close(fd);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

struct place {
	void (*prepare)(void);
	bool is_verbose;
};

static int check_body(const void *data)
{
	const struct place *place = data;

	place->prepare();
	outcome->n_missing = probe_run(stdout, place->is_verbose);
	outcome->required = probe_required(false);
	return 0;
}

/* Return: how many needed features are missing; -1: it did not come to that */
static int check(void (*prepare)(void))
{
	const struct place place = { .prepare = prepare };
	int status;

	*outcome = (struct outcome){ -1, 1 };
	status = run(check_body, &place);
	if (status != 0)
		diag("status %d", status);
	return status == 0 ? outcome->n_missing : -1;
}

/* A line that starts with @state and @name and contains @text is there. */
static bool says(const char *state, const char *name, const char *text)
{
	char start[128];
	const char *line, *end;

	(void)snprintf(start, sizeof(start), "\n%s%s", state, name);
	line = strstr(output, start);
	end = line ? strchr(line + 1, '\n') : NULL;
	if (end && memmem(line, (size_t)(end - line), text, strlen(text)))
		return true;
	diag("no line '%s%s … %s' in: %s", state, name, text, output);
	return false;
}

#define OK "ok      "
#define MISSING "missing "

static void everything_works_here(void)
{
	const struct place place = { take_nothing, .is_verbose = true };

	is_int(check(take_nothing), 0, "nothing is missing");
	is_int(outcome->required, 0, "nor for a run");
	ok(!strstr(output, "missing "), "every line says ok");
	is_int(run(check_body, &place), 0, "verbose");
	ok(says(OK, "memfd-seals: ", "verified bytes cannot change any more"),
	   "it tells what for");
}

static void landlock_is_missed(void)
{
	char name[64];

	is_int(check(take_landlock), 3, "no Landlock");
	ok(says(MISSING, "landlock: ", "this kernel has no Landlock"), "why");
	is_int(outcome->required, -ENOTSUP, "a run is refused");
	ok(says("nssupervise: ", "landlock: ", "--check tells more"),
	   "by a line");
	is_int(check(switch_landlock_off), 3, "Landlock switched off");
	ok(says(MISSING, "landlock: ", "add landlock to the list lsm="),
	   "what to do");
	for (pretended_abi = 1; pretended_abi < WANTED_ABI; pretended_abi++) {
		/* Nothing keeps the inner domain's signals. */
		(void)snprintf(name, sizeof(name), "ABI %d", pretended_abi);
		is_int(check(pretend_abi), 2, name);
		is_int(outcome->required, -ENOTSUP, "a run is refused");
		ok(says(MISSING, "landlock: ", "abstract sockets; Linux 6.12 "),
		   "what it lacks, and what is needed");
		ok(says(MISSING, "landlock-nesting: ", "(it has no effect)"),
		   "that was tried, too");
	}
	is_int(check(pretend_abi), 0, "ABI 6 is enough");
	is_int(check(nest_fourteen), 1, "too many layers for both domains");
	ok(says(MISSING, "landlock-nesting: ", "too many Landlock layers"),
	   "says so");
	is_int(check(nest_sixteen), 2, "too many layers for one");
	ok(says(MISSING, "landlock-domain: ", "too many Landlock layers"),
	   "says so");
}

static void the_listener_is_missed(void)
{
	static const char *const names[] = {
		"seccomp-listener: ", "seccomp-wait-killable: ",
		"seccomp-addfd: ", "seccomp-close: "
	};

	is_int(check(take_listener), 4, "another supervisor around us");
	for (size_t i = 0; i < 4; i++)
		ok(says(MISSING, names[i], "another supervisor is active"),
		   "%ssays so", names[i]);
	is_int(outcome->required, 0, "the cheap part cannot see it");
	/* The reason counts, not that the child is never answered. */
	is_int(check(take_receiving), 4, "a listener that cannot be used");
	for (size_t i = 0; i < 3; i++)
		ok(says(MISSING, names[i], "(Operation not permitted)"),
		   "%ssays why", names[i]);
	is_int(check(take_seccomp), 7, "no seccomp()");
	is_int(outcome->required, -ENOTSUP, "a run is refused");
	ok(says("nssupervise: ", "seccomp-notify: ", "--check tells more"),
	   "by a line");
}

static void other_things_are_missed(void)
{
	/* Landlock's rules are opened by it as well. */
	is_int(check(take_openat2), 2, "no openat2()");
	is_int(outcome->required, -ENOTSUP, "a run is refused");
	ok(says(MISSING, "openat2: ", "Linux 5.6 or a filter"), "says why");
	/* libseccomp writes its filters to one. */
	is_int(check(take_memfd), 7, "no memfd_create()");
	is_int(outcome->required, -ENOTSUP, "a run is refused");
	ok(says(MISSING, "memfd-seals: ", "no verified copy can be made"),
	   "says what cannot be done");
	ok(says(MISSING, "memfd-noexec: ", "; not needed "),
	   "and what can be done without");
	is_int(check(forbid_reading), 2, "its memory cannot be read");
	ok(says(MISSING, "target-memory: ", "see kernel.yama.ptrace_scope"),
	   "says why");
	is_int(check(take_fork), 11, "no process can be made");
	ok(says(MISSING,
		"capabilities: ", "(Resource temporarily unavailable)"),
	   "says why");
	is_int(check(kill_tracers), 2, "a probe that is killed");
	ok(says(MISSING, "seccomp-filter: ", "(the probe was killed)"),
	   "says so");
}

static void what_has_a_substitute_is_not_missed(void)
{
	is_int(check(refuse_readv), 0, "process_vm_readv() is refused");
	ok(says(OK, "target-memory", ""), "/proc/PID/mem replaces it");
	is_int(check(take_readv), 0, "process_vm_readv() is not there");
	ok(says(OK, "landlock-nesting", ""), "/proc/PID/mem replaces it");
	is_int(check(take_getfd), 0, "pidfd_getfd() is refused");
	ok(says(MISSING, "pidfd-getfd: ",
		"inotify watches are denied, and rules for the network "
		"cannot be kept (containers often refuse pidfd_getfd); "
		"not needed (Operation not permitted)"),
	   "it is not needed");
}

static void a_probe_that_hangs_is_given_up(void)
{
	is_int(check(never_answer), 4, "a call that is never answered");
	ok(says(MISSING, "pidfd-getfd: ", "(no result in time)"), "says so");
}

/* One that needs root to prepare: @n_missing of them, first of all @name. */
static void check_as_root(void (*prepare)(void), int n_missing,
			  const char *name, int required)
{
	const struct place place = { .prepare = prepare };
	int status;

	*outcome = (struct outcome){ -1, 1 };
	status = run(check_body, &place);
	if (status == CANNOT_PREPARE) {
		skip("%scannot be prepared here", name);
		return;
	}
	is_int(outcome->n_missing, n_missing, name);
	is_int(outcome->required, required, "a run is refused");
	ok(says(MISSING, name, "") && says("nssupervise: ", name, ""),
	   "and both say so");
}

static void what_root_can_take_is_missed(void)
{
	/* The memory of a process of mixed users is closed as well. */
	check_as_root(raise_user, 3, "privileges: ", -EPERM);
	/* Everything that reads the target, and the copies' second opening. */
	check_as_root(cover_proc, 4, "procfs: ", -ENOTSUP);
	check_as_root(leave_pid_namespace, 1, "procfs: ", -ENOTSUP);
}

static bool copy_self(const char *name)
{
	char buffer[65536];
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int to = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	ssize_t n;

	while ((n = read(from, buffer, sizeof(buffer))) > 0) {
		if (write(to, buffer, (size_t)n) != n)
			break;
	}
	(void)close(from);
	return close(to) == 0 && n == 0;
}

static int required_body(const void *program)
{
	(void)execl(program, "test-probe", "required", (char *)NULL);
	return CANNOT_PREPARE;
}

static void run_raised(const char *program)
{
	cap_t caps = cap_from_text("cap_net_raw=ep");

	is_int(run(required_body, program), 0, "a copy runs");
	(void)chmod(program, 04755);
	is_int(run(required_body, program), EPERM, "set-user-ID, it does not");
	(void)chmod(program, 0755);
	if (cap_set_file(program, caps) == 0)
		is_int(run(required_body, program), EPERM,
		       "nor with file capabilities");
	else
		skip("no file capabilities here");
	(void)cap_free(caps);
}

static void raised_privileges_are_refused(void)
{
	char directory[] = "/tmp/test-probe.XXXXXX";
	struct statvfs fs;
	char name[64];

	if (geteuid() != 0 || !mkdtemp(directory)) {
		skip("set-user-ID: wants root");
		return;
	}
	(void)snprintf(name, sizeof(name), "%s/test-probe", directory);
	if (statvfs(directory, &fs) < 0 || (fs.f_flag & ST_NOSUID))
		skip("set-user-ID: not on this file system");
	else if (ok(chmod(directory, 0755) == 0 && copy_self(name), "a copy"))
		run_raised(name);
	(void)unlink(name);
	(void)rmdir(directory);
}

struct command {
	void (*prepare)(void);
	char program[4096];
	const char *argument;
};

static int command_body(const void *data)
{
	const struct command *command = data;

	if (access(command->program, X_OK) < 0)
		return CANNOT_PREPARE;
	command->prepare();
	(void)execl(command->program, "nssupervise", command->argument,
		    (char *)NULL);
	return CANNOT_PREPARE;
}

static void program_exits(void (*prepare)(void), const char *argument, int want,
			  const char *name)
{
	struct command command = { .prepare = prepare, .argument = argument };
	const char *top = getenv("top_builddir");
	int status;

	(void)snprintf(command.program, sizeof(command.program),
		       "%s/nssupervise", top ? top : ".");
	status = run(command_body, &command);
	if (status == CANNOT_PREPARE)
		skip("%s: this user cannot run the program", name);
	else if (!is_int(status, want, name))
		diag("%s", output);
}

static void the_program_tells_by_its_status(void)
{
	program_exits(take_nothing, "--check", 0, "--check");
	program_exits(take_listener, "--check", 1, "--check, no listener");
	program_exits(take_getfd, "--check", 1, "--check, no pidfd_getfd");
	program_exits(take_landlock, "--check", 1, "--check, no Landlock");
	program_exits(take_landlock, "/bin/true", OWN_FAILURE,
		      "a run without Landlock");
}

static void check_all(const char *name)
{
	diag("as %s", name);
	everything_works_here();
	landlock_is_missed();
	the_listener_is_missed();
	other_things_are_missed();
	what_has_a_substitute_is_not_missed();
	the_program_tells_by_its_status();
}

static int listen_body(const void *data)
{
	(void)data;
	take_listener();
	return 0;
}

int main(int argc, char **argv)
{
	log_open("nssupervise");
	if (argc == 2 && strcmp(argv[1], "required") == 0)
		_exit(-probe_required(false));
	outcome = mmap(NULL, sizeof(*outcome), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (outcome == MAP_FAILED)
		return EXIT_FAILURE;
	if (landlock_abi() < WANTED_ABI || run(listen_body, NULL) != 0) {
		skip_all("this kernel or place cannot run nssupervise");
		return done();
	}
	if (geteuid() == 0) {
		check_all("root");
		what_root_can_take_is_missed();
	}
	is_user = true;
	check_all("an ordinary user");
	a_probe_that_hangs_is_given_up();
	raised_privileges_are_refused();
	return done();
}
