/* SPDX-License-Identifier: Apache-2.0 */
/* What every request needs: /, /proc, our own descriptors. */
#include "supervise/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervise/target.h"

int reopen(const struct supervisor *supervisor, int pin, int flags)
{
	char name[16];
	int fd;

	(void)snprintf(name, sizeof(name), "%d", pin);
	fd = openat(supervisor->self_fd, name, flags | O_NOCTTY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

void pin_name(char *ret, int pin)
{
	(void)snprintf(ret, PIN_NAME_SIZE, "/proc/self/fd/%d", pin);
}

int supervisor_init(struct supervisor *supervisor)
{
	struct stat st;

	supervisor->pid = getpid();
	supervisor->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (supervisor->root_fd < 0)
		return -errno;
	supervisor->proc_fd = procfs_open();
	if (supervisor->proc_fd < 0)
		return supervisor->proc_fd;
	supervisor->self_fd = openat(supervisor->proc_fd, "self/fd",
				     O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (supervisor->self_fd < 0 || fstat(supervisor->proc_fd, &st) < 0)
		return -errno;
	supervisor->proc_dev = st.st_dev;
	return 0;
}
