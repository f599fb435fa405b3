/* SPDX-License-Identifier: Apache-2.0 */
/* The table is complete, ordered, and says what the kernel's headers say. */
#include "syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdlib.h>

#include "tap.h"

/*
 * Linux 6.17, x86_64: every call that takes a path or finds a file by a name
 * or handle. Written down from the kernel's list, not from our table, which
 * has the names.
 */
static const int path_calls[] = {
	2,   4,   6,   21,  59,  76,  80,  82,  83,  84,  85,  86,  87,  88,
	89,  90,  92,  94,  132, 133, 134, 137, 155, 161, 163, 165, 166, 167,
	168, 179, 188, 189, 191, 192, 194, 195, 197, 198, 235, 240, 241, 254,
	257, 258, 259, 260, 261, 262, 263, 264, 265, 266, 267, 268, 269, 280,
	301, 303, 304, 316, 321, 322, 332, 428, 429, 431, 433, 437, 439, 442,
	443, 452, 457, 458, 463, 464, 465, 466, 467, 468, 469,
};

/* Metadata writes through a descriptor: no path, the same permission. */
static const int descriptor_calls[] = {
	91, /* fchmod */
	93, /* fchown */
	190, /* fsetxattr */
	199, /* fremovexattr */
};

/*
 * The calls without a row, each looked at: they act on what the target holds
 * already (descriptors, memory, signals that Landlock scopes), or the kernel
 * has none of that number. Raise SYSCALL_REVIEWED_MAX only together with this.
 */
static const struct {
	int first, last;
} harmless[] = {
	{ 0, 1 }, /* read write */
	{ 3, 3 }, /* close */
	{ 5, 5 }, /* fstat */
	{ 7, 8 }, /* poll lseek */
	/* mprotect munmap brk rt_sigaction rt_sigprocmask rt_sigreturn */
	{ 10, 15 },
	{ 17, 20 }, /* pread64 pwrite64 readv writev */
	{ 22, 28 }, /* pipe select sched_yield mremap msync mincore madvise */
	/*
	 * dup dup2 pause nanosleep getitimer alarm setitimer getpid sendfile
	 */
	{ 32, 40 },
	{ 43, 43 }, /* accept */
	{ 45, 45 }, /* recvfrom */
	{ 47, 48 }, /* recvmsg shutdown */
	{ 51, 52 }, /* getsockname getpeername */
	{ 55, 55 }, /* getsockopt */
	{ 60, 63 }, /* exit wait4 kill uname */
	{ 72, 75 }, /* fcntl flock fsync fdatasync */
	{ 77, 79 }, /* ftruncate getdents getcwd */
	{ 81, 81 }, /* fchdir */
	{ 95, 100 }, /* umask gettimeofday getrlimit getrusage sysinfo times */
	{ 102, 102 }, /* getuid */
	/*
	 * getgid setuid setgid geteuid getegid setpgid getppid getpgrp setsid
	 * setreuid setregid getgroups setgroups setresuid getresuid setresgid
	 * getresgid getpgid setfsuid setfsgid getsid capget capset
	 * rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigsuspend
	 * sigaltstack
	 */
	{ 104, 131 },
	{ 138, 138 }, /* fstatfs */
	{ 140, 140 }, /* getpriority */
	{ 143, 143 }, /* sched_getparam */
	/*
	 * sched_getscheduler sched_get_priority_max sched_get_priority_min
	 * sched_rr_get_interval mlock munlock mlockall munlockall
	 */
	{ 145, 152 },
	{ 158, 158 }, /* arch_prctl */
	{ 160, 160 }, /* setrlimit */
	{ 162, 162 }, /* sync */
	{ 177, 178 }, /* get_kernel_syms query_module */
	/*
	 * getpmsg putpmsg afs_syscall tuxcall security gettid readahead
	 */
	{ 181, 187 },
	{ 193, 193 }, /* fgetxattr */
	{ 196, 196 }, /* flistxattr */
	{ 200, 202 }, /* tkill time futex */
	/*
	 * sched_getaffinity set_thread_area io_setup io_destroy io_getevents
	 * io_submit io_cancel get_thread_area
	 */
	{ 204, 211 },
	{ 213, 215 }, /* epoll_create epoll_ctl_old epoll_wait_old */
	{ 217, 219 }, /* getdents64 set_tid_address restart_syscall */
	/*
	 * fadvise64 timer_create timer_settime timer_gettime timer_getoverrun
	 * timer_delete
	 */
	{ 221, 226 },
	/*
	 * clock_gettime clock_getres clock_nanosleep exit_group epoll_wait
	 * epoll_ctl tgkill
	 */
	{ 228, 234 },
	{ 236, 236 }, /* vserver */
	{ 242, 245 }, /* mq_timedsend mq_timedreceive mq_notify mq_getsetattr */
	{ 247, 247 }, /* waitid */
	{ 252, 253 }, /* ioprio_get inotify_init */
	{ 255, 255 }, /* inotify_rm_watch */
	{ 270, 271 }, /* pselect6 ppoll */
	{ 273, 273 }, /* set_robust_list */
	{ 275, 278 }, /* splice tee sync_file_range vmsplice */
	/*
	 * epoll_pwait signalfd timerfd_create eventfd fallocate
	 * timerfd_settime timerfd_gettime accept4 signalfd4 eventfd2
	 * epoll_create1 dup3 pipe2 inotify_init1 preadv pwritev
	 * rt_tgsigqueueinfo
	 */
	{ 281, 297 },
	{ 299, 299 }, /* recvmmsg */
	{ 306, 306 }, /* syncfs */
	{ 309, 309 }, /* getcpu */
	{ 315, 315 }, /* sched_getattr */
	{ 318, 318 }, /* getrandom */
	/*
	 * membarrier mlock2 copy_file_range preadv2 pwritev2 pkey_mprotect
	 * pkey_alloc pkey_free
	 */
	{ 324, 331 },
	{ 333, 336 }, /* io_pgetevents rseq uretprobe uprobe */
	{ SYSCALL_GAP_FIRST, SYSCALL_GAP_LAST }, /* no such numbers: refused */
	{ 424, 424 }, /* pidfd_send_signal */
	{ 434, 434 }, /* pidfd_open */
	{ 436, 436 }, /* close_range */
	{ 441, 441 }, /* epoll_pwait2 */
	{ 445, 445 }, /* landlock_add_rule */
	{ 449, 449 }, /* futex_waitv */
	{ 451, 451 }, /* cachestat */
	{ 453, 456 }, /* map_shadow_stack futex_wake futex_wait futex_requeue */
	{ 459, 459 }, /* lsm_get_self_attr */
	{ 461, 462 }, /* lsm_list_modules mseal */
};

#define N(array) (sizeof(array) / sizeof((array)[0]))

static void table_is_ordered_and_unique(void)
{
	size_t n, n_bad = 0;
	const struct syscall_row *rows = syscall_table(&n);

	for (size_t i = 1; i < n; i++)
		if (rows[i].nr <= rows[i - 1].nr) {
			diag("%s after %s", rows[i].name, rows[i - 1].name);
			n_bad++;
		}
	is_int(n_bad, 0, "rows are ordered by number, each number once");
	ok(n > 0 && rows[n - 1].nr == SYSCALL_REVIEWED_MAX,
	   "the last row is the highest reviewed number");
}

static void find_returns_the_row_of_a_number(void)
{
	size_t n, n_found = 0, n_bad = 0;
	const struct syscall_row *rows = syscall_table(&n);

	for (int nr = -2; nr <= SYSCALL_REVIEWED_MAX + 2; nr++) {
		const struct syscall_row *row = syscall_find(nr);

		if (!row)
			continue;
		n_found++;
		if (row->nr != nr || row < rows || row >= rows + n)
			n_bad++;
	}
	is_int(n_bad, 0, "a row that is found has the number asked for");
	is_int(n_found, n, "every row is found by its number");
	ok(!syscall_find(-1) && !syscall_find(SYSCALL_REVIEWED_MAX + 1) &&
		   !syscall_find(0x40000000 | 257),
	   "nothing is found outside of 0 to the reviewed maximum");
	ok(!syscall_find(0) && !syscall_find(3), "read and close have no row");
}

/* libseccomp knows the names up to its own release; newer ones are unknown. */
static void names_are_those_of_the_kernel(void)
{
	size_t n, n_bad = 0, n_unknown = 0;
	const struct syscall_row *rows = syscall_table(&n);

	for (size_t i = 0; i < n; i++) {
		int nr = seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86_64,
							   rows[i].name);

		if (nr == __NR_SCMP_ERROR || nr < 0) {
			n_unknown++;
		} else if (nr != rows[i].nr) {
			diag("%s is %d", rows[i].name, nr);
			n_bad++;
		}
	}
	is_int(n_bad, 0, "a name that libseccomp knows has the row's number");
	ok(n_unknown < 20, "libseccomp knows all but %zu names", n_unknown);
}

static int last_role(const struct syscall_row *row)
{
	int last = -1;

	for (int i = 0; i < SYSCALL_ARGS; i++)
		if (row->roles[i] != ROLE_NONE)
			last = i;
	return last;
}

static bool has_role(const struct syscall_row *row, enum syscall_role role)
{
	for (int i = 0; i < SYSCALL_ARGS; i++)
		if (row->roles[i] == role)
			return true;
	return false;
}

static bool is_notify_row_sound(const struct syscall_row *row)
{
	/* No hole, an object to act on, and a size behind each struct. */
	for (int i = 0; i <= last_role(row); i++) {
		if (row->roles[i] == ROLE_NONE)
			return false;
		if (row->roles[i] == ROLE_HOW &&
		    (i + 1 == SYSCALL_ARGS || row->roles[i + 1] != ROLE_SIZE))
			return false;
		if (row->roles[i] == ROLE_DIRFD &&
		    row->roles[i + 1] != ROLE_PATH)
			return false;
		if (row->roles[i] == ROLE_DIRFD2 &&
		    row->roles[i + 1] != ROLE_PATH2)
			return false;
	}
	return (has_role(row, ROLE_PATH) || has_role(row, ROLE_FD) ||
		row->call == CALL_CLONE) &&
	       row->call != CALL_NONE && row->call < CALL_MAX &&
	       row->group != GROUP_NONE && row->error == EACCES &&
	       !(row->at_flags && has_role(row, ROLE_AT_FLAGS)) &&
	       !(row->flags && has_role(row, ROLE_FLAGS));
}

static void rows_are_sound(void)
{
	size_t n, n_bad = 0;
	const struct syscall_row *rows = syscall_table(&n);

	for (size_t i = 0; i < n; i++) {
		const struct syscall_row *row = &rows[i];
		bool is_sound = row->error > 0 && row->why && row->why[0];

		if (row->action == ACTION_NOTIFY)
			is_sound = is_sound && is_notify_row_sound(row);
		else
			is_sound = is_sound && last_role(row) == -1 &&
				   row->call == CALL_NONE;
		if (!is_sound)
			diag("the row of %s", row->name);
		n_bad += !is_sound;
	}
	is_int(n_bad, 0, "roles, call, group, errno and text of each row");
}

static void every_call_and_group_is_used(void)
{
	size_t n;
	const struct syscall_row *rows = syscall_table(&n);
	uint64_t calls = 1 << CALL_NONE;
	unsigned groups = 0;

	for (size_t i = 0; i < n; i++) {
		calls |= 1ULL << rows[i].call;
		groups |= rows[i].group;
	}
	is_int(calls, (1ULL << CALL_MAX) - 1, "every CALL_* has a row");
	is_int(groups, (GROUP_WATCH << 1) - 1, "every GROUP_* has a row");
}

static bool is_guarded(int nr)
{
	const struct syscall_row *row = syscall_find(nr);

	if (!row)
		diag("number %d has no row", nr);
	return row && row->action != ACTION_ARGS;
}

static void every_path_is_guarded(void)
{
	size_t n_bad = 0;

	for (size_t i = 0; i < N(path_calls); i++)
		n_bad += !is_guarded(path_calls[i]);
	is_int(n_bad, 0, "every call that takes a path is asked or denied");
	n_bad = 0;
	for (size_t i = 0; i < N(descriptor_calls); i++) {
		const struct syscall_row *row =
			syscall_find(descriptor_calls[i]);

		n_bad += !row || row->group != GROUP_ATTRS;
	}
	is_int(n_bad, 0, "metadata writes by descriptor are GROUP_ATTRS");
}

static void every_number_was_reviewed(void)
{
	size_t n_bad = 0;

	for (int nr = 0; nr <= SYSCALL_REVIEWED_MAX; nr++) {
		bool is_harmless = false;

		for (size_t i = 0; i < N(harmless); i++)
			is_harmless |= nr >= harmless[i].first &&
				       nr <= harmless[i].last;
		if (is_harmless != !syscall_find(nr)) {
			diag("number %d", nr);
			n_bad++;
		}
	}
	is_int(n_bad, 0, "each number has a row or is listed as harmless");
}

/* And the other way: a row with a path is one of those listed above. */
static void no_path_call_is_forgotten_here(void)
{
	size_t n, n_bad = 0;
	const struct syscall_row *rows = syscall_table(&n);

	for (size_t i = 0; i < n; i++) {
		bool is_listed = !has_role(&rows[i], ROLE_PATH);

		for (size_t j = 0; j < N(path_calls); j++)
			is_listed |= path_calls[j] == rows[i].nr;
		n_bad += !is_listed;
	}
	is_int(n_bad, 0, "every row with a path is in the list of this test");
}

static void implied_flags_are_those_of_the_name(void)
{
	is_int(syscall_find(85)->flags, O_CREAT | O_WRONLY | O_TRUNC,
	       "creat implies its flags");
	is_int(syscall_find(84)->at_flags, AT_REMOVEDIR,
	       "rmdir implies AT_REMOVEDIR");
	is_int(syscall_find(87)->at_flags, 0, "unlink implies nothing");
	is_int(syscall_find(6)->at_flags, AT_SYMLINK_NOFOLLOW,
	       "lstat implies AT_SYMLINK_NOFOLLOW");
	is_int(syscall_find(94)->at_flags, AT_SYMLINK_NOFOLLOW,
	       "lchown implies AT_SYMLINK_NOFOLLOW");
	is_int(syscall_find(267)->at_flags, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH,
	       "readlinkat may read a descriptor that is a link");
}

int main(void)
{
	table_is_ordered_and_unique();
	find_returns_the_row_of_a_number();
	names_are_those_of_the_kernel();
	rows_are_sound();
	every_call_and_group_is_used();
	every_path_is_guarded();
	every_number_was_reviewed();
	no_path_call_is_forgotten_here();
	implied_flags_are_those_of_the_name();
	return done();
}
