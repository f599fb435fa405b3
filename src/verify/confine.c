/* SPDX-License-Identifier: Apache-2.0 */
/* The verifier's own sandbox: Landlock, capabilities, limits, a filter. */
#include "verify/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/kernel.h"

#define N_FDS_MAX 32 /* more than a session ever holds */

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

static int set_limits(void)
{
	const struct rlimit no_core = { 0, 0 };
	const struct rlimit files = { N_FDS_MAX, N_FDS_MAX };

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    setrlimit(RLIMIT_CORE, &no_core) < 0 ||
	    setrlimit(RLIMIT_NOFILE, &files) < 0)
		return -errno;
	return 0;
}

static int ignore_signals(void)
{
	/* ^C and ^Z go to the whole group; the supervisor decides then. */
	static const int signals[] = { SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,
				       SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE,
				       SIGUSR1, SIGUSR2, SIGXFSZ };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (signal(signals[i], SIG_IGN) == SIG_ERR)
			return -errno;
	return 0;
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

static int add_row(scmp_filter_ctx filter, const struct row *row, int sock)
{
	struct scmp_arg_cmp test = row->test;
	unsigned n = row->n_tests;

	if (row->nr == SCMP_SYS(recvmsg) || row->nr == SCMP_SYS(sendmsg)) {
		test = (struct scmp_arg_cmp){ 0, SCMP_CMP_MASKED_EQ, UINT32_MAX,
					      (unsigned)sock };
		n = 1;
	}
	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, row->nr, n,
				      n > 0 ? &test : NULL);
}

static int install_filter(int sock)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int r = filter ? 0 : -ENOMEM;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && r == 0; i++)
		r = add_row(filter, &rows[i], sock);
	if (r == 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
	return r;
}

int confine(int sock, const char **ret_step)
{
	static const struct {
		const char *name;
		int (*step)(void);
	} steps[] = {
		{ "signals", ignore_signals },
		{ "json-c", warm_up },
		{ "limits", set_limits },
		{ "no_new_privs", drop_privileges },
		{ "landlock", drop_files },
		{ "capabilities", drop_capabilities },
	};
	int r;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		*ret_step = steps[i].name;
		r = steps[i].step();
		if (r < 0)
			return r;
	}
	*ret_step = "seccomp";
	return install_filter(sock);
}
