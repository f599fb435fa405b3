/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a --config file. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervise/config.h"
#include "supervise/options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_close_ int fd = memfd_create("config", MFD_CLOEXEC);
	struct options options = { .status_fd = -1, .log_fd = -1 };
	char path[64];

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (config_load(path, &options) == 0)
		for (size_t i = 0; i < options.allow_fs_read.n; i++)
			if (options.allow_fs_read.items[i][0] == '\0')
				abort();
	options_done(&options);
	return 0;
}
