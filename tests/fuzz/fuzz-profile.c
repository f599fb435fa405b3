/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a runtime profile. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervise/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_close_ int fd = memfd_create("profile", MFD_CLOEXEC);
	struct profile profile;
	char path[64];

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (profile_load(path, &profile) == 0) {
		if (!profile.name)
			abort();
		(void)profile_owns_code(&profile, "/usr/lib/x/y.py");
		/* A pattern would walk the file system of this machine. */
		if (!memchr(data, '*', size) && !memchr(data, '?', size) &&
		    !memchr(data, '[', size) &&
		    profile_expand(&profile, "/a/b/c", "/d/e", "/f:g") < 0)
			abort();
	}
	profile_done(&profile);
	return 0;
}
