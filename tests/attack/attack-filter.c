/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack-filter DIR NAME: with a filter of its own that pretends chdir and close
 * worked, open NAME; a supervisor that kept books from what it saw would judge
 * it in DIR. Then ask for a listener of its own.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "attack.h"

static struct sock_filter pretend[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_chdir, 1, 0),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO),
};

static struct sock_filter notify[] = {
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

int main(int argc, char **argv)
{
	struct sock_fprog one = { 4, pretend };
	struct sock_fprog other = { 1, notify };
	long listener;
	int fd;

	if (argc != 3)
		return 99;
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &one) < 0)
		attack_die("seccomp");
	printf("chdir: %d\n", chdir(argv[1]));
	fd = open(argv[2], O_RDONLY);
	printf("open: %s\n", fd < 0 ? "refused" : "OK");
	listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			   SECCOMP_FILTER_FLAG_NEW_LISTENER, &other);
	printf("listener: %s\n", listener < 0 ? "refused" : "OK");
	return 0;
}
