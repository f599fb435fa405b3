/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A kernel that lacks something, for LD_PRELOAD: what this program asks for by
 * syscall(2) is answered as an older kernel, or one inside of a container,
 * would. The real one stays stricter or the same.
 *
 *   OLDER_LANDLOCK=N   Landlock speaks ABI N; 0: there is none
 *   OLDER_SECCOMP=busy|none|unkillable
 *                      a listener is there already; there are no
 *                      notifications; signals end the wait for an answer
 *   OLDER_GETFD=1      pidfd_getfd is refused
 */
#include <dlfcn.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define N_ARGS 6
#define ASKS_VERSION 1UL
#define LISTENER (1UL << 3)
#define WAIT_KILLABLE (1UL << 5)

static const char *setting(const char *name)
{
	const char *value = getenv(name);

	return value ? value : "";
}

static long fail(int error)
{
	errno = error;
	return -1;
}

/* What landlock_create_ruleset() is asked to handle, by the ABI that has it. */
static int is_too_new(const unsigned long *args, int abi)
{
	static const unsigned fs_bits[] = { 0, 13, 14, 15, 15, 16, 16 };
	uint64_t attr[3] = { 0 };

	memcpy(attr, (const void *)args[0],
	       args[1] < sizeof(attr) ? args[1] : sizeof(attr));
	return attr[0] >> fs_bits[abi] || (abi < 4 && attr[1]) ||
	       (abi < 6 && attr[2]);
}

static int landlock_error(const unsigned long *args, int abi, long *ret)
{
	if (abi < 1)
		return ENOSYS;
	if (args[2] == ASKS_VERSION) {
		*ret = abi;
		return -1;
	}
	if (args[2] || (abi < 7 && is_too_new(args, abi)))
		return EINVAL;
	return 0;
}

static int seccomp_error(const unsigned long *args)
{
	const char *how = setting("OLDER_SECCOMP");

	if (strcmp(how, "none") == 0 && args[0] == SECCOMP_GET_NOTIF_SIZES)
		return EINVAL;
	if (args[0] != SECCOMP_SET_MODE_FILTER || !(args[1] & LISTENER))
		return 0;
	if (strcmp(how, "none") == 0)
		return EINVAL;
	if (strcmp(how, "busy") == 0)
		return EBUSY;
	return strcmp(how, "unkillable") == 0 && (args[1] & WAIT_KILLABLE) ?
		       EINVAL :
		       0;
}

long syscall(long number, ...)
{
	static long (*real)(long number, ...);
	unsigned long a[N_ARGS];
	const char *abi = setting("OLDER_LANDLOCK");
	long result;
	int error = 0;
	va_list list;

	if (!real)
		real = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	va_start(list, number);
	for (int i = 0; i < N_ARGS; i++)
		a[i] = va_arg(list, unsigned long);
	va_end(list);
	if (number == SYS_landlock_create_ruleset && abi[0])
		error = landlock_error(a, atoi(abi), &result);
	if ((number == SYS_landlock_add_rule ||
	     number == SYS_landlock_restrict_self) &&
	    strcmp(abi, "0") == 0)
		error = ENOSYS;
	if (number == SYS_seccomp)
		error = seccomp_error(a);
	if (number == SYS_pidfd_getfd && setting("OLDER_GETFD")[0])
		error = EPERM;
	if (error < 0)
		return result;
	if (error)
		return fail(error);
	return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
