/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one place for kernel interfaces newer than the oldest headers we build
 * with (Debian 12: Linux 6.1), and for system calls that libc does not wrap.
 * Numbers are the kernel's uapi and never change.
 */
#ifndef COMMON_KERNEL_H
#define COMMON_KERNEL_H

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Landlock: ABI 2 refer, 3 truncate, 4 TCP, 5 device ioctl, 6 scopes. */
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)
#endif
#ifndef LANDLOCK_ACCESS_NET_BIND_TCP
#define LANDLOCK_ACCESS_NET_BIND_TCP (1ULL << 0)
#define LANDLOCK_ACCESS_NET_CONNECT_TCP (1ULL << 1)
#endif
#ifndef LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET
#define LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0)
#define LANDLOCK_SCOPE_SIGNAL (1ULL << 1)
#endif
#ifndef LANDLOCK_CREATE_RULESET_ERRATA
#define LANDLOCK_CREATE_RULESET_ERRATA (1U << 1)
#endif
/* ABI 7: do not log denials of domains that the target makes itself. */
#ifndef LANDLOCK_RESTRICT_SELF_LOG_SUBDOMAINS_OFF
#define LANDLOCK_RESTRICT_SELF_LOG_SUBDOMAINS_OFF (1U << 2)
#endif

/* The newest struct landlock_ruleset_attr; the kernel is told its size. */
struct kernel_ruleset_attr {
	uint64_t handled_access_fs;
	uint64_t handled_access_net; /* ABI 4 */
	uint64_t scoped; /* ABI 6 */
};

/* Linux 5.19: only a fatal signal ends the wait for an answer. */
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif
/* Linux 6.6: wake the other side on this core. */
#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif
#ifndef SECCOMP_ADDFD_FLAG_SEND
#define SECCOMP_ADDFD_FLAG_SEND (1UL << 1)
#endif

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U /* Linux 6.3 */
#endif
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif
#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC 0x0020
#endif
#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL /* Linux 6.9 */
#endif
#ifndef AT_EXECVE_CHECK
#define AT_EXECVE_CHECK 0x10000 /* Linux 6.14 */
#endif
#ifndef PROC_SUPER_MAGIC
#define PROC_SUPER_MAGIC 0x9fa0
#endif

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

static inline int kernel_result(long result)
{
	return result < 0 ? -errno : (int)result;
}

/* Each returns a result >= 0 or -errno. */

static inline int kernel_landlock_create(const struct kernel_ruleset_attr *attr,
					 size_t size, uint32_t flags)
{
	return kernel_result(
		syscall(SYS_landlock_create_ruleset, attr, size, flags));
}

static inline int
kernel_landlock_add_path(int ruleset_fd,
			 const struct landlock_path_beneath_attr *attr)
{
	return kernel_result(syscall(SYS_landlock_add_rule, ruleset_fd,
				     LANDLOCK_RULE_PATH_BENEATH, attr, 0));
}

static inline int kernel_landlock_restrict(int ruleset_fd, uint32_t flags)
{
	return kernel_result(
		syscall(SYS_landlock_restrict_self, ruleset_fd, flags));
}

static inline int kernel_seccomp(unsigned int operation, unsigned int flags,
				 const void *args)
{
	return kernel_result(syscall(SYS_seccomp, operation, flags, args));
}

static inline int kernel_openat2(int dirfd, const char *path, uint64_t flags,
				 uint64_t mode, uint64_t resolve)
{
	struct open_how how = { .flags = flags,
				.mode = mode,
				.resolve = resolve };

	return kernel_result(
		syscall(SYS_openat2, dirfd, path, &how, sizeof(how)));
}

static inline int kernel_pidfd_open(int pid, unsigned int flags)
{
	return kernel_result(syscall(SYS_pidfd_open, pid, flags));
}

static inline int kernel_pidfd_getfd(int pidfd, int fd)
{
	return kernel_result(syscall(SYS_pidfd_getfd, pidfd, fd, 0));
}

static inline int kernel_pidfd_kill(int pidfd, int signal)
{
	return kernel_result(
		syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0));
}

static inline int kernel_memfd_create(const char *name, unsigned int flags)
{
	return kernel_result(syscall(SYS_memfd_create, name, flags));
}

static inline int kernel_close_range(unsigned int first, unsigned int last,
				     unsigned int flags)
{
	return kernel_result(syscall(SYS_close_range, first, last, flags));
}

#endif
