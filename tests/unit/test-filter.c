/* SPDX-License-Identifier: Apache-2.0 */
/* The filter, run in the simulator: a table of calls with their answers. */
#include "filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "bpf-sim.h"
#include "common/cleanup.h"
#include "common/kernel.h"
#include "tap.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define HIGH (1ULL << 32)
#define I386 AUDIT_ARCH_I386
#define X32 0x40000000

#define ALLOW SECCOMP_RET_ALLOW
#define NOTIFY SECCOMP_RET_USER_NOTIF
#define KILL SECCOMP_RET_KILL_PROCESS
#define DENY(code) (SECCOMP_RET_ERRNO | (code))

#define EVERY_GROUP \
	(GROUP_OPEN | GROUP_METADATA | GROUP_NAMES | GROUP_ATTRS | GROUP_EXEC)

enum { GUARDED, QUIET, CHILDREN, NET, UNIX, BOTH, LOOSE, N_SPECS };

static const struct {
	const char *name;
	struct filter_spec spec;
} specs[N_SPECS] = {
	[GUARDED] = { "guarded", { .notified = EVERY_GROUP } },
	[QUIET] = { "quiet", { .notified = 0 } },
	[CHILDREN] = { "children",
		       { .notified = GROUP_OPEN, .allow_fork = true } },
	[NET] = { "net", { .notified = EVERY_GROUP, .allow_net = true } },
	[UNIX] = { "unix", { .notified = EVERY_GROUP, .allow_unix = true } },
	[BOTH] = { "both", { .allow_net = true, .allow_unix = true } },
	[LOOSE] = { "loose",
		    { .allow_fork = true,
		      .allow_net = true,
		      .allow_unix = true,
		      .allow_attrs = true } },
};

static struct sock_fprog filters[N_SPECS];

static const struct {
	const char *name;
	int spec;
	int nr;
	uint64_t args[6];
	uint32_t want;
	uint32_t arch; /* 0: x86_64 */
} cases[] = {
	{ "read", GUARDED, 0, { 0 }, ALLOW, 0 },
	{ "openat", GUARDED, SYS_openat, { 0 }, NOTIFY, 0 },
	{ "openat, not notified", QUIET, SYS_openat, { 0 }, ALLOW, 0 },
	{ "openat2", CHILDREN, SYS_openat2, { 0 }, NOTIFY, 0 },
	{ "stat, not notified", CHILDREN, SYS_stat, { 0 }, ALLOW, 0 },
	{ "watch, opens notified",
	  CHILDREN,
	  SYS_inotify_add_watch,
	  { 0 },
	  NOTIFY,
	  0 },
	{ "watch, not notified", QUIET, SYS_inotify_add_watch, { 0 }, ALLOW, 0 },
	{ "setxattrat", GUARDED, 463, { 0 }, NOTIFY, 0 },
	{ "file_setattr", GUARDED, 469, { 0 }, NOTIFY, 0 },
	{ "open_tree_attr", LOOSE, 467, { 0 }, DENY(ENOSYS), 0 },
	{ "the next number", LOOSE, 470, { 0 }, DENY(ENOSYS), 0 },
	{ "a far number", LOOSE, 600, { 0 }, DENY(ENOSYS), 0 },
	{ "number -1", LOOSE, -1, { 0 }, DENY(ENOSYS), 0 },
	{ "x32 read", LOOSE, X32 | 0, { 0 }, DENY(ENOSYS), 0 },
	{ "x32 openat", GUARDED, X32 | 257, { 0 }, DENY(ENOSYS), 0 },
	{ "x32 execve", LOOSE, X32 | 520, { 0 }, DENY(ENOSYS), 0 },
	{ "i386 open", GUARDED, 5, { 0 }, KILL, I386 },
	{ "i386 number above all", LOOSE, 600, { 0 }, KILL, I386 },
	{ "aarch64", LOOSE, 56, { 0 }, KILL, AUDIT_ARCH_AARCH64 },

	{ "chmod, no write grant", QUIET, SYS_chmod, { 0 }, DENY(EACCES), 0 },
	{ "fchmod, no write grant", QUIET, SYS_fchmod, { 0 }, DENY(EACCES), 0 },
	{ "chmod, write *", LOOSE, SYS_chmod, { 0 }, ALLOW, 0 },
	{ "rename, not notified", QUIET, SYS_rename, { 0 }, ALLOW, 0 },

	{ "fork", GUARDED, SYS_fork, { 0 }, DENY(EACCES), 0 },
	{ "vfork", QUIET, SYS_vfork, { 0 }, DENY(EACCES), 0 },
	{ "fork, children", CHILDREN, SYS_fork, { 0 }, ALLOW, 0 },
	{ "clone3", LOOSE, SYS_clone3, { 0 }, DENY(ENOSYS), 0 },
	{ "a thread", GUARDED, SYS_clone, { 0x3d0f00 }, ALLOW, 0 },
	{ "a process", GUARDED, SYS_clone, { 0x1200011 }, DENY(EACCES), 0 },
	{ "a process, children", CHILDREN, SYS_clone, { 0x1200011 }, ALLOW, 0 },
	{ "CLONE_VM|VFORK", GUARDED, SYS_clone, { 0x4111 }, DENY(EACCES), 0 },
	{ "thread bit above",
	  GUARDED,
	  SYS_clone,
	  { HIGH * CLONE_THREAD },
	  DENY(EACCES),
	  0 },
	{ "NEWUSER", LOOSE, SYS_clone, { CLONE_NEWUSER | 17 }, DENY(EPERM), 0 },
	{ "NEWNET, high bits",
	  LOOSE,
	  SYS_clone,
	  { HIGH | CLONE_NEWNET },
	  DENY(EPERM),
	  0 },
	{ "NEWNS with a thread",
	  GUARDED,
	  SYS_clone,
	  { CLONE_NEWNS | CLONE_THREAD },
	  DENY(EPERM),
	  0 },
	{ "unshare FILES", GUARDED, SYS_unshare, { CLONE_FILES }, ALLOW, 0 },
	{ "unshare FS|SYSVSEM",
	  GUARDED,
	  SYS_unshare,
	  { CLONE_FS | CLONE_SYSVSEM },
	  ALLOW,
	  0 },
	{ "unshare NEWUSER",
	  LOOSE,
	  SYS_unshare,
	  { CLONE_NEWUSER },
	  DENY(EPERM),
	  0 },
	{ "unshare NEWTIME",
	  LOOSE,
	  SYS_unshare,
	  { CLONE_NEWTIME },
	  DENY(EPERM),
	  0 },
	{ "unshare NEWNS|FS",
	  LOOSE,
	  SYS_unshare,
	  { CLONE_NEWNS | CLONE_FS },
	  DENY(EPERM),
	  0 },
	{ "setns", LOOSE, SYS_setns, { 0 }, DENY(EPERM), 0 },

	{ "execve", GUARDED, SYS_execve, { 0 }, NOTIFY, 0 },
	{ "execve, not notified", QUIET, SYS_execve, { 0 }, ALLOW, 0 },
	{ "execveat path", GUARDED, SYS_execveat, { 0 }, NOTIFY, 0 },
	{ "execveat NOFOLLOW",
	  GUARDED,
	  SYS_execveat,
	  { 0, 0, 0, 0, 0x100 },
	  NOTIFY,
	  0 },
	{ "execveat EMPTY",
	  GUARDED,
	  SYS_execveat,
	  { 0, 0, 0, 0, 0x1000 },
	  DENY(EACCES),
	  0 },
	{ "execveat EMPTY, high",
	  GUARDED,
	  SYS_execveat,
	  { 0, 0, 0, 0, HIGH | 0x1100 },
	  DENY(EACCES),
	  0 },
	{ "execveat EMPTY, no child",
	  QUIET,
	  SYS_execveat,
	  { 0, 0, 0, 0, 0x1000 },
	  DENY(EACCES),
	  0 },
	{ "execveat EMPTY, any",
	  CHILDREN,
	  SYS_execveat,
	  { 0, 0, 0, 0, 0x1000 },
	  ALLOW,
	  0 },
	{ "memfd", GUARDED, SYS_memfd_create, { 0, 1 }, DENY(ENOSYS), 0 },
	{ "memfd NOEXEC_SEAL", GUARDED, SYS_memfd_create, { 0, 9 }, ALLOW, 0 },
	{ "memfd NOEXEC_SEAL|EXEC",
	  GUARDED,
	  SYS_memfd_create,
	  { 0, 0x18 },
	  DENY(ENOSYS),
	  0 },
	{ "memfd EXEC, no child",
	  QUIET,
	  SYS_memfd_create,
	  { 0, 0x10 },
	  DENY(ENOSYS),
	  0 },
	{ "memfd, children", CHILDREN, SYS_memfd_create, { 0, 1 }, ALLOW, 0 },

	{ "TIOCSTI", LOOSE, SYS_ioctl, { 0, TIOCSTI }, DENY(EPERM), 0 },
	{ "TIOCSTI, high bits",
	  GUARDED,
	  SYS_ioctl,
	  { 0, HIGH | TIOCSTI },
	  DENY(EPERM),
	  0 },
	{ "TIOCLINUX", LOOSE, SYS_ioctl, { 0, TIOCLINUX }, DENY(EPERM), 0 },
	{ "TIOCSETD", LOOSE, SYS_ioctl, { 0, TIOCSETD }, DENY(EPERM), 0 },
	{ "TIOCCONS", LOOSE, SYS_ioctl, { 0, TIOCCONS }, DENY(EPERM), 0 },
	{ "TIOCSCTTY", LOOSE, SYS_ioctl, { 0, TIOCSCTTY, 0 }, ALLOW, 0 },
	{ "TIOCSCTTY, steal",
	  LOOSE,
	  SYS_ioctl,
	  { 0, TIOCSCTTY, 1 },
	  DENY(EPERM),
	  0 },
	{ "KDSKBSENT", LOOSE, SYS_ioctl, { 0, 0x4b49 }, DENY(EPERM), 0 },
	{ "VT_ACTIVATE", LOOSE, SYS_ioctl, { 0, 0x5606 }, DENY(EPERM), 0 },
	{ "NOTIF_SEND",
	  LOOSE,
	  SYS_ioctl,
	  { 0, SECCOMP_IOCTL_NOTIF_SEND },
	  DENY(EPERM),
	  0 },
	{ "TCGETS", GUARDED, SYS_ioctl, { 0, TCGETS }, ALLOW, 0 },
	{ "FIONREAD", GUARDED, SYS_ioctl, { 0, FIONREAD }, ALLOW, 0 },
	{ "FS_IOC_GETFLAGS", GUARDED, SYS_ioctl, { 0, 0x80086601 }, ALLOW, 0 },
	{ "FIEMAP", GUARDED, SYS_ioctl, { 0, 0xc020660b }, ALLOW, 0 },
	{ "FICLONE", GUARDED, SYS_ioctl, { 0, 0x40049409 }, ALLOW, 0 },
	{ "SETFLAGS", GUARDED, SYS_ioctl, { 0, 0x40086602 }, DENY(EPERM), 0 },
	{ "SETFLAGS, high",
	  QUIET,
	  SYS_ioctl,
	  { 0, HIGH | 0x40086602 },
	  DENY(EPERM),
	  0 },
	{ "SETFLAGS, write *", LOOSE, SYS_ioctl, { 0, 0x40086602 }, ALLOW, 0 },
	{ "FSSETXATTR", QUIET, SYS_ioctl, { 0, 0x401c5820 }, DENY(EPERM), 0 },
	{ "ENABLE_VERITY", QUIET, SYS_ioctl, { 0, 0x40806685 }, DENY(EPERM), 0 },
	{ "SUBVOL_CREATE", QUIET, SYS_ioctl, { 0, 0x5000940e }, DENY(EPERM), 0 },

	{ "DUMPABLE 0",
	  LOOSE,
	  SYS_prctl,
	  { PR_SET_DUMPABLE, 0 },
	  DENY(EPERM),
	  0 },
	{ "DUMPABLE 0, high",
	  LOOSE,
	  SYS_prctl,
	  { HIGH | PR_SET_DUMPABLE, 0 },
	  DENY(EPERM),
	  0 },
	{ "DUMPABLE 1", GUARDED, SYS_prctl, { PR_SET_DUMPABLE, 1 }, ALLOW, 0 },
	{ "SET_MM", LOOSE, SYS_prctl, { PR_SET_MM }, DENY(EPERM), 0 },
	{ "SET_PTRACER", LOOSE, SYS_prctl, { PR_SET_PTRACER }, DENY(EINVAL), 0 },
	{ "SET_VMA", GUARDED, SYS_prctl, { PR_SET_VMA }, ALLOW, 0 },
	{ "SET_NAME", GUARDED, SYS_prctl, { PR_SET_NAME }, ALLOW, 0 },
	{ "prctl 79", LOOSE, SYS_prctl, { 79 }, DENY(EINVAL), 0 },

	{ "prlimit64 own", GUARDED, SYS_prlimit64, { 0, 7, 1, 1 }, ALLOW, 0 },
	{ "prlimit64 read", GUARDED, SYS_prlimit64, { 5, 7, 0, 1 }, ALLOW, 0 },
	{ "prlimit64 other",
	  LOOSE,
	  SYS_prlimit64,
	  { 5, 7, 1, 0 },
	  DENY(EPERM),
	  0 },
	{ "setpriority own", GUARDED, SYS_setpriority, { 0, 0, 5 }, ALLOW, 0 },
	{ "setpriority other",
	  LOOSE,
	  SYS_setpriority,
	  { 0, 9, 5 },
	  DENY(EPERM),
	  0 },
	{ "setpriority group",
	  LOOSE,
	  SYS_setpriority,
	  { 1, 0, 5 },
	  DENY(EPERM),
	  0 },
	{ "setaffinity other",
	  LOOSE,
	  SYS_sched_setaffinity,
	  { 9 },
	  DENY(EPERM),
	  0 },
	{ "setscheduler own", GUARDED, SYS_sched_setscheduler, { 0 }, ALLOW, 0 },
	{ "setattr other", LOOSE, SYS_sched_setattr, { 9 }, DENY(EPERM), 0 },
	{ "ioprio own", GUARDED, SYS_ioprio_set, { 1, 0 }, ALLOW, 0 },
	{ "ioprio user", LOOSE, SYS_ioprio_set, { 3, 0 }, DENY(EPERM), 0 },

	{ "personality query",
	  GUARDED,
	  SYS_personality,
	  { 0xffffffff },
	  ALLOW,
	  0 },
	{ "READ_IMPLIES_EXEC",
	  LOOSE,
	  SYS_personality,
	  { 0x400000 },
	  DENY(EPERM),
	  0 },
	{ "a filter of its own", GUARDED, SYS_seccomp, { 1, 0 }, ALLOW, 0 },
	{ "a listener of its own",
	  LOOSE,
	  SYS_seccomp,
	  { 1, 0x18 },
	  DENY(EBUSY),
	  0 },
	{ "kill", GUARDED, SYS_kill, { 1, 9 }, ALLOW, 0 },
	{ "ptrace", LOOSE, SYS_ptrace, { 0 }, DENY(EPERM), 0 },
	{ "io_uring", LOOSE, SYS_io_uring_setup, { 0 }, DENY(ENOSYS), 0 },
	{ "shmget", LOOSE, SYS_shmget, { 0 }, DENY(EPERM), 0 },
	{ "mq_open", LOOSE, SYS_mq_open, { 0 }, DENY(EACCES), 0 },

	{ "connect, no sockets", GUARDED, SYS_connect, { 0 }, DENY(EACCES), 0 },
	{ "connect, net", NET, SYS_connect, { 0 }, ALLOW, 0 },
	{ "bind, unix", UNIX, SYS_bind, { 0 }, ALLOW, 0 },
	{ "MPTCP",
	  NET,
	  SYS_socket,
	  { AF_INET, SOCK_STREAM, 262 },
	  DENY(EPROTONOSUPPORT),
	  0 },
	{ "pair", GUARDED, SYS_socketpair, { 1, SOCK_STREAM }, ALLOW, 0 },
	{ "pair, flags",
	  GUARDED,
	  SYS_socketpair,
	  { 1, 5 | SOCK_CLOEXEC },
	  ALLOW,
	  0 },
	{ "pair of datagrams",
	  NET,
	  SYS_socketpair,
	  { 1, 2 | SOCK_CLOEXEC },
	  DENY(EACCES),
	  0 },
	{ "pair, raw", GUARDED, SYS_socketpair, { 1, 3 }, DENY(EACCES), 0 },
	{ "pair of datagrams, unix", UNIX, SYS_socketpair, { 1, 2 }, ALLOW, 0 },
	{ "pair, TIPC", GUARDED, SYS_socketpair, { 30, 1 }, DENY(EACCES), 0 },
};

static void table_of_cases(void)
{
	char got[32], want[32];

	for (size_t i = 0; i < N(cases); i++) {
		const struct sock_fprog *filter = &filters[cases[i].spec];
		struct seccomp_data data = {
			.nr = cases[i].nr,
			.arch = cases[i].arch ? cases[i].arch :
						AUDIT_ARCH_X86_64,
		};
		uint32_t value;

		memcpy(data.args, cases[i].args, sizeof(data.args));
		value = bpf_sim(filter, &data, NULL);

		if (!ok(value == cases[i].want, "%s: %s: %s",
			specs[cases[i].spec].name, cases[i].name,
			bpf_sim_text(cases[i].want, want, sizeof(want))))
			diag("got %s", bpf_sim_text(value, got, sizeof(got)));
	}
}

int main(void)
{
	for (int i = 0; i < N_SPECS; i++)
		if (!ok(filter_build(&specs[i].spec, &filters[i]) == 0,
			"%s: a filter is built", specs[i].name))
			return done();
	table_of_cases();
	for (int i = 0; i < N_SPECS; i++)
		filter_done(&filters[i]);
	return done();
}
