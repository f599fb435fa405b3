/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack-rewrite FILE ONE OTHER: from outside the sandbox, write the words ONE and
 * OTHER (of one length) over FILE in turns until it is ended, half a word at
 * a time so that torn content is common too.
 */
#include "attack.h"

static void write_word(int fd, const char *word)
{
	size_t half = strlen(word) / 2;

	if (pwrite(fd, word, half, 0) < 0 ||
	    pwrite(fd, word + half, strlen(word) - half, (off_t)half) < 0)
		attack_die("pwrite");
}

int main(int argc, char **argv)
{
	time_t deadline = attack_now() + 2 * ATTACK_SECONDS;
	struct timespec pause = { 0, 300000 };
	int fd = argc == 4 ? open(argv[1], O_WRONLY) : -1;

	if (fd < 0)
		return 99;
	while (attack_now() < deadline) {
		write_word(fd, argv[2]);
		(void)nanosleep(&pause, NULL);
		write_word(fd, argv[3]);
		(void)nanosleep(&pause, NULL);
	}
	return 0;
}
