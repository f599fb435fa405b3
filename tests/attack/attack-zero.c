/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack-zero FILE ROUNDS: opens FILE again and again and says how often the
 * descriptor was 0, which is open already, and how often the open failed.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long rounds = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
	long n_zero = 0, n_failed = 0;

	for (long i = 0; i < rounds; i++) {
		int fd = open(argv[1], O_RDONLY | O_CLOEXEC);

		n_zero += fd == 0;
		n_failed += fd < 0;
		if (fd > 2)
			(void)close(fd);
	}
	printf("rounds=%ld zero=%ld failed=%ld\n", rounds, n_zero, n_failed);
	return 0;
}
