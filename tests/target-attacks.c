/* SPDX-License-Identifier: Apache-2.0 */
/* Operations of the test target that nothing but an attack makes. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "target.h"

#define NOTIFY_ID_VALID _IOW('!', 2, uint64_t)

/* listeners, how many descriptors answer as a seccomp listener */
static int op_listeners(char **args)
{
	uint64_t id = 0;
	int n = 0;

	(void)args;
	for (int fd = 0; fd < 1024; fd++)
		if (ioctl(fd, NOTIFY_ID_VALID, &id) == 0 || errno == ENOENT)
			n++;
	target_say("%d", n);
	return 0;
}

/* int80:PATH, open(2) by the 32-bit entry */
static int op_int80(char **args)
{
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long result;

	if (low == MAP_FAILED)
		return -errno;
	(void)snprintf(low, 4096, "%s", args[0]);
	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(5L), "b"(low), "c"(0L), "d"(0L)
			 : "memory", "r8", "r9", "r10", "r11");
	if ((int)result >= 0)
		(void)close((int)result);
	return (int)result < 0 ? (int)result : 0;
}

static int op_x32(char **args)
{
	return target_close((int)syscall(SYS_open | 0x40000000L, args[0], 0));
}

/* call:NUMBER[:A:B:C], the raw system call */
static int op_call(char **args)
{
	return target_result(syscall(
		target_number(args[0]), target_number(args[1]),
		target_number(args[2]), target_number(args[3]), 0, 0, 0));
}

/* dumpable:PATH, hide the memory, then open */
static int op_dumpable(char **args)
{
	int hidden = prctl(PR_SET_DUMPABLE, 0);
	int error = target_close(open(args[0], O_RDONLY));

	(void)prctl(PR_SET_DUMPABLE, 1);
	if (error == 0)
		target_say("prctl %s, open OK", hidden ? "refused" : "OK");
	return error;
}

/* parent:HOW, an attack on the process that started this one */
static int attack_parent(const char *how, pid_t parent)
{
	struct rlimit three = { 3, 3 };
	struct sched_param param = { 0 };
	cpu_set_t cpus;
	char byte = 0;
	struct iovec mine = { &byte, 1 };
	struct iovec theirs = { (void *)0x400000, 1 };

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	if (strcmp(how, "kill") == 0)
		return kill(parent, 0);
	if (strcmp(how, "tgkill") == 0)
		return (int)syscall(SYS_tgkill, parent, parent, SIGURG);
	if (strcmp(how, "sigqueue") == 0)
		return sigqueue(parent, SIGURG, (union sigval){ 0 });
	if (strcmp(how, "ptrace") == 0)
		return (int)ptrace(PTRACE_SEIZE, parent, NULL, NULL);
	if (strcmp(how, "prlimit") == 0)
		return prlimit(parent, RLIMIT_NOFILE, &three, NULL);
	if (strcmp(how, "read") == 0)
		return (int)process_vm_readv(parent, &mine, 1, &theirs, 1, 0);
	if (strcmp(how, "write") == 0)
		return (int)process_vm_writev(parent, &mine, 1, &theirs, 1, 0);
	if (strcmp(how, "nice") == 0)
		return setpriority(PRIO_PROCESS, (id_t)parent, 19);
	if (strcmp(how, "scheduler") == 0)
		return sched_setscheduler(parent, SCHED_BATCH, &param);
	if (strcmp(how, "affinity") == 0)
		return sched_setaffinity(parent, sizeof(cpus), &cpus);
	if (strcmp(how, "ioprio") == 0)
		return (int)syscall(SYS_ioprio_set, 1, parent, 3 << 13);
	errno = EDOM;
	return -1;
}

static int op_parent(char **args)
{
	return target_result(attack_parent(args[0], getppid()));
}

/* parentfd, take a descriptor of the process that started this one */
static int op_parentfd(char **args)
{
	int pidfd = (int)syscall(SYS_pidfd_open, getppid(), 0);

	(void)args;
	if (pidfd < 0)
		return -errno;
	return target_close((int)syscall(SYS_pidfd_getfd, pidfd, 0, 0));
}

/* parentfile:NAME, open /proc/PARENT/NAME; reading or, with w, writing */
static int op_parentfile(char **args)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)getppid(),
		       args[0]);
	return target_close(open(path, args[1][0] ? O_WRONLY : O_RDONLY));
}

/* caps, all five sets as numbers */
static int op_caps(char **args)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];
	int bounding = 0;
	int ambient = 0;

	(void)args;
	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	for (int cap = 0; cap <= 40; cap++) {
		bounding += prctl(PR_CAPBSET_READ, cap) == 1;
		ambient += prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0,
				 0) == 1;
	}
	target_say("e=%x%x p=%x%x i=%x%x b=%d a=%d nnp=%d", data[1].effective,
		   data[0].effective, data[1].permitted, data[0].permitted,
		   data[1].inheritable, data[0].inheritable, bounding, ambient,
		   prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	return 0;
}

/* socket:FAMILY:TYPE:PROTOCOL, as numbers */
static int op_socket(char **args)
{
	return target_close(socket((int)target_number(args[0]),
				   (int)target_number(args[1]),
				   (int)target_number(args[2])));
}

static int op_socketpair(char **args)
{
	int fds[2];

	(void)args;
	return target_result(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
}

/* unix:PATH, connect a stream there */
static int op_unix(char **args)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int result;

	if (fd < 0)
		return -errno;
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s",
		       args[0]);
	result = target_result(
		connect(fd, (struct sockaddr *)&address, sizeof(address)));
	(void)close(fd);
	return result;
}

/* tiocsti[:high], type a letter into our terminal */
static int op_tiocsti(char **args)
{
	unsigned long request = TIOCSTI;
	char letter = 'x';

	if (args[0][0])
		request |= 1UL << 32;
	return target_result(syscall(SYS_ioctl, 0, request, &letter));
}

const struct target_op target_attacks[] = {
	{ "listeners", op_listeners },
	{ "int80", op_int80 },
	{ "x32", op_x32 },
	{ "call", op_call },
	{ "dumpable", op_dumpable },
	{ "parent", op_parent },
	{ "parentfd", op_parentfd },
	{ "parentfile", op_parentfile },
	{ "caps", op_caps },
	{ "socket", op_socket },
	{ "socketpair", op_socketpair },
	{ "unix", op_unix },
	{ "tiocsti", op_tiocsti },
	{ NULL, NULL },
};
