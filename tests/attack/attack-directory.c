/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack-directory DIR ROUNDS: open DIR/place/file while another thread
 * exchanges the directory "place" and the symlink "other" that leads to a
 * directory where the same name holds a SECRET.
 */
#include "attack.h"

static int dir = -1;
static int n_exchanged;

static void *exchange(void *data)
{
	struct flipper *f = data;

	while (!f->is_over) {
		n_exchanged += renameat2(dir, "place", dir, "other",
					 RENAME_EXCHANGE) == 0;
		flip_pause(f);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	static struct flipper f;
	int rounds = argc == 3 ? atoi(argv[2]) : 0;
	int allowed = 0;
	int refused = 0;
	int secret = 0;
	char path[4096];

	if (argc != 3)
		return 99;
	dir = open(argv[1], O_RDONLY | O_DIRECTORY);
	(void)snprintf(path, sizeof(path), "%s/place/file", argv[1]);
	if (dir < 0)
		attack_die(argv[1]);
	flipper_start(&f, exchange);
	for (int i = 0;
	     !flipper_is_done(&f, i, rounds, allowed && refused + secret);
	     i++) {
		int found = attack_starts_with(open(path, O_RDONLY), "SECRET");

		allowed += found == 0;
		secret += found == 1;
		refused += found == -1;
	}
	flipper_stop(&f);
	printf("allowed=%d refused=%d secret=%d exchanged=%s\n", allowed,
	       refused, secret, n_exchanged > 0 ? "yes" : "no");
	return 0;
}
