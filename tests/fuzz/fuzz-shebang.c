/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the head of a script and as the argument of `env -S`. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervise/shebang.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_head(const char *path)
{
	struct image image;
	int r = shebang_read(path, &image);

	if (r == 0 && image.kind == IMAGE_SCRIPT &&
	    (!image.interpreter || image.interpreter[0] == '\0' ||
	     strpbrk(image.interpreter, " \t\n")))
		abort();
	image_done(&image);
}

static void check_env(const uint8_t *data, size_t size)
{
	struct strings args = { 0 };
	struct env_call call;
	int r;

	if (strings_add(&args, "-S") < 0 ||
	    strings_add_n(&args, (const char *)data, size) < 0)
		abort();
	r = env_parse(&args, &call);
	if (r < 0 && r != -ENOTSUP)
		abort();
	env_done(&call);
	strings_done(&args);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_close_ int fd = memfd_create("script", MFD_CLOEXEC);
	char path[64];

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	check_head(path);
	check_env(data, size);
	return 0;
}
