/* SPDX-License-Identifier: Apache-2.0 */
/* The system call table, turned into a BPF program by libseccomp. */
#include "filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/btrfs.h>
#include <linux/fs.h>
#include <linux/ioprio.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "common/cleanup.h"
#include "common/kernel.h"

/* What a RULE() of the table needs of the specification: all of its bits. */
enum when {
	WHEN_ALWAYS = 0,
	WHEN_NO_FORK = 1 << 0,
	WHEN_NO_ATTRS = 1 << 1,
	WHEN_NO_UNIX = 1 << 2,
	WHEN_NO_SOCKETS = 1 << 3,
	WHEN_UNIX_ONLY = 1 << 4,
	WHEN_NET = 1 << 5,
	WHEN_EXEC_LIMITED = 1 << 6,
	WHEN_EXEC_ASKED = 1 << 7,
	WHEN_FORK_ASKED = 1 << 8,
	WHEN_THREADS_ASKED = 1 << 9,
	WHEN_IMAGE_ASKED = 1 << 10,
	WHEN_SEND_ASKED = 1 << 11,
	WHEN_OPEN_MARKED = 1 << 12, /* opens are not asked, but others are */
	WHEN_MEMORY_ASKED = 1 << 13,
	WHEN_NO_LANDLOCK = 1 << 14,
	WHEN_NO_FASTOPEN = 1 << 15, /* no network, and nobody to ask */
};

#define API_LEVEL 5 /* libseccomp's number for "has notifications" */
#define RULE_TESTS_MAX 2
#define ASK 0 /* in place of an errno */

struct argument_rule {
	int nr;
	unsigned when;
	int error;
	struct scmp_arg_cmp tests[RULE_TESTS_MAX]; /* ends at the first unset */
};

/*
 * Masked, because the kernel ignores the upper half of an int argument: a
 * comparison of all 64 bits is passed by TIOCSTI | 1 << 32.
 */
#define MASK(arg, mask, value)                             \
	{                                                  \
		(arg), SCMP_CMP_MASKED_EQ, (mask), (value) \
	}
#define SAME(arg, value) MASK(arg, 0xffffffffU, value)
#define BIT(arg, bit) MASK(arg, bit, bit)
#define CLEAR(arg, bit) MASK(arg, bit, 0)
#define WHOLE(arg, value)                      \
	{                                      \
		(arg), SCMP_CMP_EQ, (value), 0 \
	}
#define NOT(arg, value)                        \
	{                                      \
		(arg), SCMP_CMP_NE, (value), 0 \
	}
#define ABOVE(arg, value)                      \
	{                                      \
		(arg), SCMP_CMP_GT, (value), 0 \
	}
#define TESTS(...)          \
	{                   \
		__VA_ARGS__ \
	}

static const struct argument_rule argument_rules[] = {
#define DENY(...)
#define ARGS(...)
#define NOTIFY(...)
/* Braces need no parentheses. NOLINTBEGIN(bugprone-macro-parentheses) */
#define RULE(name, needs, code, all) \
	{ .nr = SYS_##name, .when = (needs), .error = (code), .tests = all },
/* NOLINTEND(bugprone-macro-parentheses) */
#include "syscalls.def"
#undef DENY
#undef ARGS
#undef NOTIFY
#undef RULE
};

#define N_RULES (sizeof(argument_rules) / sizeof(argument_rules[0]))

/*
 * What libseccomp cannot express stands before its program: ranges of
 * numbers. x32 numbers are above every reviewed one, so ENOSYS answers both.
 */
static const struct sock_filter prefix[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, SYSCALL_REVIEWED_MAX, 2, 0),
	BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, SYSCALL_GAP_LAST, 2, 0),
	BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, SYSCALL_GAP_FIRST, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
};

#define N_PREFIX (sizeof(prefix) / sizeof(prefix[0]))

static unsigned spec_state(const struct filter_spec *spec)
{
	bool is_asked = spec->notified & GROUP_EXEC;
	unsigned state = WHEN_ALWAYS;

	if (spec->notified & GROUP_FORK)
		state |= WHEN_FORK_ASKED;
	else if (!spec->allow_fork)
		state |= WHEN_NO_FORK;
	if (spec->notified & GROUP_THREADS)
		state |= WHEN_THREADS_ASKED;
	if (spec->notified & GROUP_IMAGE)
		state |= WHEN_IMAGE_ASKED;
	if (spec->notified & GROUP_SEND)
		state |= WHEN_SEND_ASKED;
	else if (!spec->allow_net)
		state |= WHEN_NO_FASTOPEN;
	if (!spec->allow_attrs)
		state |= WHEN_NO_ATTRS;
	if (!spec->allow_unix)
		state |= WHEN_NO_UNIX;
	if (!spec->allow_unix && !spec->allow_net)
		state |= WHEN_NO_SOCKETS;
	if (spec->allow_unix && !spec->allow_net)
		state |= WHEN_UNIX_ONLY;
	if (spec->allow_net)
		state |= WHEN_NET;
	if (!spec->allow_memory_programs &&
	    (!spec->allow_fork || is_asked || spec->deny_memory_programs))
		state |= WHEN_EXEC_LIMITED;
	if (spec->notified && !(spec->notified & GROUP_OPEN))
		state |= WHEN_OPEN_MARKED;
	if (spec->deny_landlock)
		state |= WHEN_NO_LANDLOCK;
	if (is_asked)
		state |= WHEN_EXEC_ASKED;
	if (is_asked && spec->allow_memory_programs)
		state |= WHEN_MEMORY_ASKED;
	return state;
}

static bool has_rule(int nr, unsigned state)
{
	for (size_t i = 0; i < N_RULES; i++) {
		const struct argument_rule *rule = &argument_rules[i];

		if (rule->nr == nr && (rule->when & state) == rule->when)
			return true;
	}
	return false;
}

/* Only what a permission switches off has a group among the static denials. */
static bool is_group_allowed(const struct filter_spec *spec,
			     enum syscall_group group)
{
	switch (group) {
	case GROUP_FORK:
		return spec->allow_fork;
	case GROUP_NET:
		return spec->allow_net || spec->allow_unix;
	case GROUP_ATTRS:
		return spec->allow_attrs;
	case GROUP_WATCH:
		return spec->allow_watch;
	case GROUP_OPEN:
	case GROUP_METADATA:
	case GROUP_NAMES:
	case GROUP_EXEC:
	case GROUP_SEND:
	case GROUP_THREADS:
	case GROUP_IMAGE:
		return true;
	case GROUP_NONE:
		return false;
	}
	abort();
}

enum filter_effect filter_effect(const struct filter_spec *spec,
				 const struct syscall_row *row)
{
	if (spec->exec_once && row->group == GROUP_EXEC &&
	    row->action == ACTION_NOTIFY)
		return row->nr == SYS_execve ? FILTER_TESTS : FILTER_DENIES;
	if (has_rule(row->nr, spec_state(spec)))
		return FILTER_TESTS;
	if (row->action == ACTION_ARGS)
		return FILTER_ALLOWS;
	if (row->action == ACTION_NOTIFY && (spec->notified & row->group))
		return FILTER_ASKS;
	return is_group_allowed(spec, row->group) ? FILTER_ALLOWS :
						    FILTER_DENIES;
}

static int add(scmp_filter_ctx context, uint32_t action, int nr,
	       const struct scmp_arg_cmp *tests, unsigned n)
{
	int r = seccomp_rule_add_exact_array(context, action, nr, n, tests);

	return r == -ENOMEM || r == 0 ? r : -EINVAL;
}

static int add_rule(scmp_filter_ctx context, const struct argument_rule *rule)
{
	uint32_t action = rule->error == ASK ?
				  SCMP_ACT_NOTIFY :
				  SCMP_ACT_ERRNO((unsigned)rule->error);
	unsigned n = 0;

	while (n < RULE_TESTS_MAX && rule->tests[n].op != _SCMP_CMP_MIN)
		n++;
	return add(context, action, rule->nr, rule->tests, n);
}

static int add_row(scmp_filter_ctx context, const struct filter_spec *spec,
		   const struct syscall_row *row)
{
	switch (filter_effect(spec, row)) {
	case FILTER_ALLOWS:
	case FILTER_TESTS: /* by add_rule() */
		return 0;
	case FILTER_DENIES:
		return add(context, SCMP_ACT_ERRNO((unsigned)row->error),
			   row->nr, NULL, 0);
	case FILTER_ASKS:
		return add(context, SCMP_ACT_NOTIFY, row->nr, NULL, 0);
	}
	abort();
}

static int add_secrets(scmp_filter_ctx context, const struct filter_spec *spec)
{
	int r = 0;

	for (unsigned i = 0; i < FILTER_SECRETS && r == 0; i++) {
		const struct scmp_arg_cmp test =
			NOT(SYSCALL_ARGS - FILTER_SECRETS + i, spec->secret[i]);

		r = add(context, SCMP_ACT_ERRNO(EACCES), SYS_execve, &test, 1);
	}
	return r;
}

/*
 * From the highest number to the lowest: libseccomp keeps the calls in a
 * list by number and walks it for each insertion, so that the other order
 * takes twice as long.
 */
static int add_all(scmp_filter_ctx context, const struct filter_spec *spec)
{
	unsigned state = spec_state(spec);
	size_t n_rows;
	const struct syscall_row *rows = syscall_table(&n_rows);
	int r = 0;

	for (size_t i = n_rows; r == 0 && i-- > 0;)
		r = add_row(context, spec, &rows[i]);
	for (size_t i = N_RULES; r == 0 && i-- > 0;) {
		const struct argument_rule *rule = &argument_rules[i];

		if (spec->exec_once && rule->nr == SYS_execveat)
			continue; /* denied as a whole */
		if ((rule->when & state) == rule->when)
			r = add_rule(context, rule);
	}
	return r < 0 || !spec->exec_once ? r : add_secrets(context, spec);
}

static void release_context(scmp_filter_ctx *context)
{
	if (*context)
		seccomp_release(*context);
}

/*
 * The program depends on the table and @spec alone. Without a level set,
 * libseccomp asks the kernel (or the filter around us) what it would take.
 */
static int make_context(const struct filter_spec *spec, scmp_filter_ctx *ret)
{
	_cleanup_(release_context) scmp_filter_ctx context = NULL;
	int r;

	if (seccomp_api_set(API_LEVEL) < 0)
		return -EINVAL;
	context = seccomp_init(SCMP_ACT_ALLOW);
	if (!context)
		return -ENOMEM;
	/* 2: a search instead of a list, for the calls that have rules. */
	if (seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH,
			     SCMP_ACT_KILL_PROCESS) < 0 ||
	    seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2) < 0)
		return -EINVAL;
	r = add_all(context, spec);
	if (r < 0)
		return r;
	*ret = take_ptr(&context);
	return 0;
}

/*
 * A file in memory, because libseccomp 2.5 exports to a descriptor only. Not
 * executable, or a filter of ours around us would refuse it; before Linux 6.3
 * the flag is unknown.
 */
static int open_memory(void)
{
	int fd = kernel_memfd_create("filter", MFD_CLOEXEC | MFD_NOEXEC_SEAL);

	if (fd == -EINVAL)
		fd = kernel_memfd_create("filter", MFD_CLOEXEC);
	return fd;
}

/* Behind the prefix, the program that libseccomp wrote to @fd. */
static int read_program(int fd, struct sock_fprog *ret)
{
	_cleanup_free_ struct sock_filter *program = NULL;
	struct stat st;
	size_t n;

	if (fstat(fd, &st) < 0)
		return -errno;
	n = (size_t)st.st_size / sizeof(program[0]);
	if (n == 0 || n * sizeof(program[0]) != (size_t)st.st_size ||
	    N_PREFIX + n > BPF_MAXINSNS)
		return -EINVAL;
	program = calloc(N_PREFIX + n, sizeof(program[0]));
	if (!program)
		return -ENOMEM;
	memcpy(program, prefix, sizeof(prefix));
	if (pread(fd, program + N_PREFIX, (size_t)st.st_size, 0) != st.st_size)
		return -EIO;
	ret->len = (unsigned short)(N_PREFIX + n);
	ret->filter = take_ptr(&program);
	return 0;
}

int filter_build(const struct filter_spec *spec, struct sock_fprog *ret)
{
	_cleanup_(release_context) scmp_filter_ctx context = NULL;
	_cleanup_close_ int fd = -1;
	int r = make_context(spec, &context);

	if (r < 0)
		return r;
	fd = open_memory();
	if (fd < 0)
		return fd;
	if (seccomp_export_bpf(context, fd) < 0)
		return -EINVAL;
	return read_program(fd, ret);
}

void filter_done(struct sock_fprog *filter)
{
	free(filter->filter);
	filter->filter = NULL;
	filter->len = 0;
}

int filter_dump(const struct filter_spec *spec, FILE *out)
{
	_cleanup_(release_context) scmp_filter_ctx context = NULL;
	int r = make_context(spec, &context);

	if (r < 0)
		return r;
	(void)fprintf(out,
		      "# before it: if ($arch != %u) action KILL_PROCESS;\n"
		      "#            if ($syscall > %d) action ERRNO(%d);\n",
		      AUDIT_ARCH_X86_64, SYSCALL_REVIEWED_MAX, ENOSYS);
	if (fflush(out) != 0)
		return -errno;
	return seccomp_export_pfc(context, fileno(out)) < 0 ? -EIO : 0;
}
