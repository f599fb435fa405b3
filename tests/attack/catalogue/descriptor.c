// SPDX-License-Identifier: Apache-2.0
#include "catalogue.h"

#include <fcntl.h>

static void descends(void)
{
	int dir = open(world("secret"), O_RDONLY | O_DIRECTORY);

	loot_fd(openat(dir, "file", O_RDONLY));
}

const struct attack descriptor_attacks[] = {
	{ "T106", "a file beneath a directory that is open", "files", NULL, 0,
	  descends },
	{ 0 },
};
