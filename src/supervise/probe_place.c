/* SPDX-License-Identifier: Apache-2.0 */
/* The cheap probes: they fork nothing, change nothing and cannot block. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/kernel.h"
#include "supervise/notify.h"
#include "supervise/probe_checks.h"
#include "supervise/ruleset.h"
#include "supervise/target.h"

/* All faults of Landlock that its interface can report as mended. */
#define ERRATUM_TCP (1 << 0) /* ABI 4: other streams were taken for TCP */
#define ERRATUM_SIGNAL (1 << 1) /* ABI 6: signals between own threads */
#define ERRATUM_DETACHED (1 << 2) /* directories moved out of their mount */
#define ERRATA (ERRATUM_TCP | ERRATUM_SIGNAL | ERRATUM_DETACHED)

#define SEALS (F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)

/* getauxval: file capabilities, or a change of domain by a security module. */
int probe_privileges(void)
{
	if (getuid() != geteuid() || getgid() != getegid() ||
	    getauxval(AT_SECURE))
		return -EPERM;
	return 0;
}

/* One of another PID namespace names other processes by the same numbers. */
int probe_procfs(void)
{
	_cleanup_close_ int fd = procfs_open();
	char self[16];
	ssize_t n;

	if (fd < 0)
		return fd;
	n = readlinkat(fd, "self", self, sizeof(self) - 1);
	if (n < 0)
		return -errno;
	self[n] = '\0';
	return strtol(self, NULL, 10) == getpid() ? 0 : -EXDEV;
}

int probe_openat2(void)
{
	_cleanup_close_ int fd =
		kernel_openat2(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC,
			       0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);

	return fd < 0 ? fd : 0;
}

int probe_landlock(void)
{
	return ruleset_require(PROBE_LANDLOCK_ABI);
}

int probe_landlock_errata(void)
{
	int errata =
		kernel_landlock_create(NULL, 0, LANDLOCK_CREATE_RULESET_ERRATA);

	if (errata < 0)
		return errata;
	return (errata & ERRATA) == ERRATA ? 0 : -EPROTONOSUPPORT;
}

int probe_seccomp_notify(void)
{
	const uint32_t action = SECCOMP_RET_USER_NOTIF;
	struct seccomp_notif_sizes sizes = { 0 };
	int r;

	r = kernel_seccomp(SECCOMP_GET_ACTION_AVAIL, 0, &action);
	if (r == 0)
		r = kernel_seccomp(SECCOMP_GET_NOTIF_SIZES, 0, &sizes);
	if (r < 0)
		return r;
	if (sizes.seccomp_notif > sizeof(union notification) ||
	    sizes.seccomp_notif_resp > sizeof(union notification))
		return -EMSGSIZE;
	return 0;
}

/* As the snapshots are made: without execution where the kernel knows it. */
static int make_memfd(void)
{
	const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd = kernel_memfd_create("probe", flags | MFD_NOEXEC_SEAL);

	return fd == -EINVAL ? kernel_memfd_create("probe", flags) : fd;
}

/* The target gets a descriptor of its own, with its own offset. */
static int can_reopen(int memfd)
{
	_cleanup_close_ int fd = -1;
	char path[32];
	char byte;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", memfd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return read(fd, &byte, 1) == 1 && byte == 'a' ? 0 : -ENOTRECOVERABLE;
}

int probe_memfd_seals(void)
{
	_cleanup_close_ int fd = make_memfd();

	if (fd < 0)
		return fd;
	if (write(fd, "a", 1) != 1 || fcntl(fd, F_ADD_SEALS, SEALS) < 0)
		return -errno;
	if (pwrite(fd, "b", 1, 0) >= 0 || ftruncate(fd, 0) == 0)
		return -ENOTRECOVERABLE;
	return can_reopen(fd);
}

int probe_memfd_noexec(void)
{
	_cleanup_close_ int fd = kernel_memfd_create(
		"probe", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);

	if (fd < 0)
		return fd;
	return fchmod(fd, 0700) < 0 ? 0 : -ENOTRECOVERABLE;
}
