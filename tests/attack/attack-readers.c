/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack-readers twice FILE: two descriptors of one file are read in turns; each must
 * deliver the whole file, with flags of its own.
 * attack-readers loop FILE GOOD ROUNDS: read FILE again and again; count how often it
 * was the bytes of GOOD (a word), refused, or something else.
 */
#include <errno.h>

#include "attack.h"

static int twice(const char *path)
{
	int one = open(path, O_RDONLY);
	int other = open(path, O_RDONLY);
	int n[2] = { 0, 0 };
	char byte;

	if (one < 0 || other < 0)
		attack_die(path);
	(void)fcntl(one, F_SETFL, O_NONBLOCK);
	printf("flags: %s\n",
	       fcntl(other, F_GETFL) & O_NONBLOCK ? "shared" : "own");
	for (bool is_more = true; is_more;) {
		is_more = false;
		if (read(one, &byte, 1) == 1) {
			n[0]++;
			is_more = true;
		}
		if (read(other, &byte, 1) == 1) {
			n[1]++;
			is_more = true;
		}
	}
	printf("bytes: %d %d\n", n[0], n[1]);
	return 0;
}

/* 1 good, 0 something else, -1 refused */
static int read_once(const char *path, const char *good)
{
	char text[4096];
	int fd = open(path, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof(text));
	(void)close(fd);
	return n == (ssize_t)strlen(good) && memcmp(text, good, (size_t)n) == 0;
}

static int loop(const char *path, const char *good, int rounds)
{
	time_t deadline = attack_now() + ATTACK_SECONDS;
	int n[3] = { 0 };

	for (int i = 0; i < rounds && attack_now() < deadline; i++)
		n[1 + read_once(path, good)]++;
	printf("good=%d refused=%d other=%d\n", n[2], n[0], n[1]);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "twice") == 0)
		return twice(argv[2]);
	if (argc == 5 && strcmp(argv[1], "loop") == 0)
		return loop(argv[2], argv[3], atoi(argv[4]));
	return 99;
}
