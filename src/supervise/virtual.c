/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual files: what the target may ask the supervisor by opening a name. */
#include "supervise/virtual.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/kernel.h"
#include "supervise/supervisor.h"

#define VIRTUAL_PREFIX "/.nssupervise/"

bool virtual_is_path(const char *text)
{
	return strncmp(text, VIRTUAL_PREFIX, strlen(VIRTUAL_PREFIX)) == 0;
}

static int make_file(const char *text)
{
	_cleanup_close_ int fd = -1;
	size_t len = strlen(text);

	fd = kernel_memfd_create("nssupervise",
				 MFD_CLOEXEC | MFD_ALLOW_SEALING |
					 MFD_NOEXEC_SEAL);
	if (fd == -EINVAL) /* before Linux 6.3 */
		fd = kernel_memfd_create("nssupervise",
					 MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return fd;
	if (pwrite(fd, text, len, 0) != (ssize_t)len ||
	    fcntl(fd, F_ADD_SEALS,
		  F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0)
		return -EIO;
	return take_fd(&fd);
}

void virtual_open(struct call *call, const char *text)
{
	_cleanup_close_ int fd = -1;
	int copy;

	if (strcmp(text, VIRTUAL_SELF_TEST_PATH) != 0) {
		answer_error(&call->answer, ENOENT);
		return;
	}
	fd = make_file(VIRTUAL_SELF_TEST_TEXT);
	copy = fd < 0 ? fd : reopen(call->supervisor, fd, O_RDONLY);
	if (copy < 0)
		answer_error(&call->answer, copy);
	else
		answer_fd(&call->answer, copy, true);
}
