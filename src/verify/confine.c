/* SPDX-License-Identifier: Apache-2.0 */
/* The verifier's own sandbox: Landlock, capabilities, limits, a filter. */
#include "verify/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/kernel.h"

/* One allowed system call, maybe with a test of one argument. */
struct row {
	struct scmp_arg_cmp test;
	int nr;
	unsigned n_tests;
};

#define ANY(name)                    \
	{                            \
		.nr = SCMP_SYS(name) \
	}
#define WHEN(name, ...)                                                     \
	{                                                                   \
		.nr = SCMP_SYS(name), .test = { __VA_ARGS__ }, .n_tests = 1 \
	}

static const struct row rows[] = {
	ANY(recvmsg), /* on the socket only, see add_row() */
	ANY(sendmsg),
	WHEN(write, 0, SCMP_CMP_MASKED_EQ, UINT32_MAX, STDERR_FILENO),
	ANY(pread64),
	ANY(pwrite64),
	ANY(close),
	ANY(memfd_create),
	WHEN(fcntl, 1, SCMP_CMP_MASKED_EQ, UINT32_MAX, F_ADD_SEALS),
	ANY(fstat),
	/* How some C libraries do fstat(); with a path it shows no content. */
	WHEN(newfstatat, 3, SCMP_CMP_MASKED_EQ, UINT32_MAX, AT_EMPTY_PATH),
	WHEN(mmap, 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
	WHEN(mprotect, 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
	ANY(munmap),
	ANY(mremap),
	ANY(madvise),
	ANY(brk),
	ANY(futex),
	ANY(getrandom),
	ANY(clock_gettime),
	ANY(sysinfo), /* glibc's qsort() asks how much memory there is */
	ANY(rt_sigprocmask),
	ANY(rt_sigreturn),
	ANY(restart_syscall),
	ANY(sigaltstack), /* AddressSanitizer, on the way out */
	ANY(exit),
	ANY(exit_group),
};

/*
 * Besides, for a service: its threads are there before the filter is. Its
 * sockets come and go, so these calls are not tied to one.
 */
static const struct row service_rows[] = {
	ANY(accept4), /* on the listening socket only, see add_row() */
	ANY(poll),
	ANY(ppoll),
	WHEN(fcntl, 1, SCMP_CMP_MASKED_EQ, UINT32_MAX, F_DUPFD_CLOEXEC),
	WHEN(getsockopt, 2, SCMP_CMP_MASKED_EQ, UINT32_MAX, SO_PEERCRED),
	ANY(clock_nanosleep),
	ANY(sched_yield),
};

/* The file system rights that Landlock ABI 1, 2, … know. */
static uint64_t fs_rights(int abi)
{
	static const unsigned n_bits[] = { 0, 13, 14, 15, 15, 16 };

	return (1ULL << n_bits[abi > 5 ? 5 : abi]) - 1;
}

static int drop_files(void)
{
	_cleanup_close_ int ruleset = -EBADF;
	int abi = kernel_landlock_create(NULL, 0,
					 LANDLOCK_CREATE_RULESET_VERSION);
	struct kernel_ruleset_attr attr = { 0 };

	/* Without Landlock the filter still allows no call with a path. */
	if (abi == -ENOSYS || abi == -EOPNOTSUPP)
		return 0;
	if (abi < 0)
		return abi;
	attr.handled_access_fs = fs_rights(abi);
	if (abi >= 4)
		attr.handled_access_net = LANDLOCK_ACCESS_NET_BIND_TCP |
					  LANDLOCK_ACCESS_NET_CONNECT_TCP;
	if (abi >= 6)
		attr.scoped = LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET |
			      LANDLOCK_SCOPE_SIGNAL;
	ruleset = kernel_landlock_create(&attr, sizeof(attr), 0);
	/* Kernels before ABI 6 know a shorter struct; trailing zeros are fine. */
	if (ruleset < 0)
		return ruleset;
	return kernel_landlock_restrict(ruleset, 0);
}

static int drop_privileges(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return 0;
}

static int drop_capabilities(void)
{
	cap_t none = cap_init();
	cap_t now = NULL;
	int r = 0;

	if (!none)
		return -errno;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 ||
	    cap_set_proc(none) < 0)
		r = -errno;
	/* Trust the kernel's word, not the call's. */
	if (r == 0) {
		now = cap_get_proc();
		r = now && cap_compare(now, none) == 0 ? 0 : -EPERM;
	}
	(void)cap_free(now);
	(void)cap_free(none);
	return r;
}

/*
 * The limit of descriptors is also what sendmsg(2) compares all that the user
 * has under way with, in whatever programs: unix(7), ETOOMANYREFS.
 */
static int set_limits(void)
{
	const struct rlimit no_core = { 0, 0 };
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return -errno;
	files.rlim_cur = files.rlim_max;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    setrlimit(RLIMIT_CORE, &no_core) < 0 ||
	    setrlimit(RLIMIT_NOFILE, &files) < 0)
		return -errno;
	return 0;
}

static int ignore(const int *signals, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (signal(signals[i], SIG_IGN) == SIG_ERR)
			return -errno;
	return 0;
}

static int ignore_signals(void)
{
	/* ^C and ^Z go to the whole group; the supervisor decides then. */
	static const int signals[] = { SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,
				       SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE,
				       SIGUSR1, SIGUSR2, SIGXFSZ };

	return ignore(signals, sizeof(signals) / sizeof(signals[0]));
}

/* A service ends when it is told to. */
static int ignore_few_signals(void)
{
	static const int signals[] = { SIGPIPE, SIGXFSZ, SIGHUP };

	return ignore(signals, sizeof(signals) / sizeof(signals[0]));
}

/*
 * json-c seeds its hash at first use, from whatever the system offers, which
 * may be a file: do that while it is possible.
 */
static int warm_up(void)
{
	struct json_object *object = json_object_new_object();
	int r = -ENOMEM;

	if (object && json_object_object_add(object, "a", NULL) == 0)
		r = 0;
	json_object_put(object);
	return r;
}

/* @sock: the only one for the calls that are about sockets; -1: any */
static int add_row(scmp_filter_ctx filter, const struct row *row, int sock)
{
	struct scmp_arg_cmp test = row->test;
	unsigned n = row->n_tests;
	bool is_tied = row->nr == SCMP_SYS(recvmsg) ||
		       row->nr == SCMP_SYS(sendmsg) ||
		       row->nr == SCMP_SYS(accept4);

	if (is_tied && sock >= 0) {
		test = (struct scmp_arg_cmp){ 0, SCMP_CMP_MASKED_EQ, UINT32_MAX,
					      (unsigned)sock };
		n = 1;
	}
	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, row->nr, n,
				      n > 0 ? &test : NULL);
}

static int install_filter(int sock, int listener)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	size_t n = sizeof(service_rows) / sizeof(service_rows[0]);
	int r = filter ? 0 : -ENOMEM;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && r == 0; i++)
		r = add_row(filter, &rows[i], sock);
	for (size_t i = 0; i < n && r == 0 && listener >= 0; i++)
		r = add_row(filter, &service_rows[i], listener);
	if (r == 0 && listener >= 0)
		r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (r == 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
	return r;
}

struct step {
	const char *name;
	int (*run)(void);
};

static int run_steps(const struct step *steps, size_t n, const char **ret_step)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		*ret_step = steps[i].name;
		r = steps[i].run();
	}
	return r;
}

int confine(int sock, const char **ret_step)
{
	static const struct step steps[] = {
		{ "signals", ignore_signals },
		{ "json-c", warm_up },
		{ "limits", set_limits },
		{ "no_new_privs", drop_privileges },
		{ "landlock", drop_files },
		{ "capabilities", drop_capabilities },
	};
	int r = run_steps(steps, sizeof(steps) / sizeof(steps[0]), ret_step);

	if (r < 0)
		return r;
	*ret_step = "seccomp";
	return install_filter(sock, -1);
}

int confine_service(const char **ret_step)
{
	static const struct step steps[] = {
		{ "limits", set_limits },
		{ "signals", ignore_few_signals },
		{ "json-c", warm_up },
		{ "no_new_privs", drop_privileges },
		{ "landlock", drop_files },
		{ "capabilities", drop_capabilities },
	};

	return run_steps(steps, sizeof(steps) / sizeof(steps[0]), ret_step);
}

int confine_calls(int listener)
{
#ifdef __SANITIZE_THREAD__
	/* It has a thread of its own that makes other calls. */
	return listener < 0 ? -EBADF : 0;
#else
	return install_filter(-1, listener);
#endif
}
