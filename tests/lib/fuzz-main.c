/* SPDX-License-Identifier: Apache-2.0 */
/* Gives each file named on the command line to a fuzz target, without libFuzzer. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

#define LARGEST (4U << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	_cleanup_free_ uint8_t *data = malloc(LARGEST);
	_cleanup_free_ uint8_t *exact = NULL;
	size_t size;

	if (!f || !data)
		return -errno;
	size = fread(data, 1, LARGEST, f);
	if (ferror(f))
		return -EIO;
	/* A copy of the exact size, so that a read beyond it is seen. */
	exact = malloc(size > 0 ? size : 1);
	if (!exact)
		return -ENOMEM;
	memcpy(exact, data, size);
	(void)LLVMFuzzerTestOneInput(exact, size);
	return 0;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		int r = replay(argv[i]);

		if (r < 0) {
			fprintf(stderr, "%s: %s\n", argv[i], strerror(-r));
			return EXIT_FAILURE;
		}
	}
	return EXIT_SUCCESS;
}
