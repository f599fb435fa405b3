/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is left when the supervisor is gone: clears the signal that would end it
 * then, says "ready", waits for another parent, and tries every way to a file
 * and a program. A line "CALL FILE: OK" or "CALL FILE: ERRNO" for each.
 *
 *   orphan FILE...
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TRIES 2000 /* of 10 ms */

static long try(int how, const char *file)
{
	struct open_how open_how = { .flags = O_RDONLY };
	char *argv[] = { (char *)file, NULL };
	struct stat st;

	switch (how) {
	case 0:
		return syscall(SYS_open, file, O_RDONLY);
	case 1:
		return syscall(SYS_openat, AT_FDCWD, file, O_RDONLY);
	case 2:
		return syscall(SYS_openat2, AT_FDCWD, file, &open_how,
			       sizeof(open_how));
	case 3:
		return syscall(SYS_creat, file, 0600);
	case 4:
		return syscall(SYS_stat, file, &st);
	case 5:
		return syscall(SYS_unlink, file);
	case 6:
		return syscall(SYS_truncate, file, 0L);
	case 7:
		return syscall(SYS_chmod, file, 0777);
	case 8:
		return syscall(SYS_name_to_handle_at, AT_FDCWD, file, NULL,
			       NULL, 0);
	case 9:
		return syscall(SYS_io_uring_setup, 1, NULL);
	case 10:
		return execve(file, argv, NULL);
	default:
		errno = ENOTSUP;
		return -1;
	}
}

static const char *const names[] = {
	"open",     "openat", "openat2",   "creat", "stat",   "unlink",
	"truncate", "chmod",  "handle_at", "uring", "execve",
};

int main(int argc, char **argv)
{
	pid_t parent = getppid();

	if (prctl(PR_SET_PDEATHSIG, 0) < 0)
		return 1;
	printf("ready\n");
	(void)fflush(stdout);
	for (int i = 0; i < TRIES && getppid() == parent; i++)
		(void)usleep(10000);
	for (int i = 1; i < argc; i++)
		for (int how = 0; how < (int)(sizeof(names) / sizeof(names[0]));
		     how++)
			printf("%s %s: %s\n", names[how], argv[i],
			       try(how, argv[i]) < 0 ? strerrorname_np(errno) :
						       "OK");
	printf("end\n");
	return 0;
}
