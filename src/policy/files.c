/* SPDX-License-Identifier: Apache-2.0 */
/* A few threads that take one file after the other. */
#include "policy/files.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "common/readall.h"

#define CHUNK (256u << 10)
#define JOBS_MAX 64
#define PROGRESS_MS 200

struct pool {
	struct file *files;
	size_t n;
	bool is_regular_only;
	const struct hasher *hasher;
	atomic_size_t next; /* the first that nobody has taken */
	atomic_size_t n_done;
	atomic_size_t n_workers; /* that are still at it */
};

struct worker {
	struct pool *pool;
	struct hashing *hashing;
	struct hashing *without_bom;
	char *buffer;
};

static bool is_package_json(const char *path)
{
	const char *slash = strrchr(path, '/');

	return strcmp(slash ? slash + 1 : path, "package.json") == 0;
}

/* Opens without waiting: a FIFO may have taken the place of a file. */
static int open_file(const struct pool *pool, const char *path)
{
	int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY;
	struct stat st;
	int fd;

	if (!pool->is_regular_only && strcmp(path, "-") == 0)
		fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	else
		fd = open(path,
			  pool->is_regular_only ? flags | O_NONBLOCK : flags);
	if (fd < 0)
		return -errno;
	if (pool->is_regular_only &&
	    (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))) {
		(void)close(fd);
		return -EINVAL;
	}
	return fd;
}

static int hash_chunks(struct worker *w, int fd, struct file *file)
{
	bool is_first = true;
	ssize_t n;
	int r;

	do {
		bool has_bom;

		n = read_fully(fd, w->buffer, CHUNK);
		if (n < 0)
			return (int)n;
		has_bom = is_first && n >= 3 && is_package_json(file->path) &&
			  memcmp(w->buffer, "\xef\xbb\xbf", 3) == 0;
		r = hashing_update(w->hashing, w->buffer, (size_t)n);
		if (r == 0 && has_bom)
			r = hashing_begin(w->without_bom, file->algorithms);
		if (r == 0)
			r = hashing_update(w->without_bom,
					   w->buffer + (has_bom ? 3 : 0),
					   (size_t)n - (has_bom ? 3 : 0));
		is_first = false;
	} while (r == 0 && n == CHUNK);
	return r;
}

static int hash_file(struct worker *w, struct file *file)
{
	_cleanup_close_ int fd = open_file(w->pool, file->path);
	int r;

	if (fd < 0)
		return fd;
	r = hashing_begin(w->hashing, file->algorithms);
	if (r == 0)
		r = hashing_begin(w->without_bom, 0);
	if (r == 0)
		r = hash_chunks(w, fd, file);
	if (r == 0)
		r = hashing_end(w->hashing, &file->digests);
	if (r == 0)
		r = hashing_end(w->without_bom, &file->without_bom);
	return r;
}

static void worker_done(struct worker *w)
{
	hashing_free(w->hashing);
	hashing_free(w->without_bom);
	free(w->buffer);
}

/* Without memory a worker leaves all files to the others. */
static void *work(void *arg)
{
	struct pool *pool = arg;
	_cleanup_(worker_done) struct worker w = {
		.pool = pool,
		.hashing = hashing_new(pool->hasher),
		.without_bom = hashing_new(pool->hasher),
		.buffer = malloc(CHUNK),
	};

	if (w.hashing && w.without_bom && w.buffer) {
		size_t i = atomic_fetch_add(&pool->next, 1);

		while (i < pool->n) {
			pool->files[i].error = hash_file(&w, &pool->files[i]);
			atomic_fetch_add(&pool->n_done, 1);
			i = atomic_fetch_add(&pool->next, 1);
		}
	}
	atomic_fetch_sub(&pool->n_workers, 1);
	return NULL;
}

static void show_progress(struct pool *pool)
{
	const struct timespec pause = { .tv_nsec = PROGRESS_MS * 1000000L };
	bool is_shown = false;

	if (!isatty(STDERR_FILENO))
		return;
	while (atomic_load(&pool->n_workers) > 0) {
		(void)nanosleep(&pause, NULL);
		(void)fprintf(stderr, "\rnspolicy: %zu of %zu files",
			      atomic_load(&pool->n_done), pool->n);
		is_shown = true;
	}
	if (is_shown)
		(void)fputs("\r\033[K", stderr);
}

static unsigned processors(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 1;
	return (unsigned)CPU_COUNT(&set);
}

/* One thread must start; the others only help. */
static int run(struct pool *pool, unsigned jobs)
{
	pthread_t threads[JOBS_MAX];
	unsigned n = 0;
	int r = 0;

	while (n < jobs && r == 0) {
		atomic_fetch_add(&pool->n_workers, 1);
		r = -pthread_create(&threads[n], NULL, work, pool);
		if (r == 0)
			n++;
		else
			atomic_fetch_sub(&pool->n_workers, 1);
	}
	if (n > 0)
		show_progress(pool);
	for (unsigned i = 0; i < n; i++)
		(void)pthread_join(threads[i], NULL);
	if (atomic_load(&pool->n_done) == pool->n)
		return 0;
	return r < 0 ? r : -ENOMEM;
}

int files_hash(struct file *files, size_t n, unsigned jobs,
	       bool is_regular_only)
{
	struct hasher *hasher = hasher_new();
	struct pool pool = { .files = files,
			     .n = n,
			     .is_regular_only = is_regular_only,
			     .hasher = hasher };
	int r;

	if (!hasher)
		return -EIO;
	if (jobs == 0)
		jobs = processors();
	if (jobs > JOBS_MAX)
		jobs = JOBS_MAX;
	if (jobs > n)
		jobs = (unsigned)n;
	r = n > 0 ? run(&pool, jobs) : 0;
	hasher_free(hasher);
	return r;
}

const char *files_error(const struct file *file)
{
	if (file->error == -EINVAL)
		return "not a regular file";
	return strerror(-file->error);
}

int files_parse_jobs(const char *text, unsigned *ret)
{
	unsigned long value;
	char *end;

	*ret = 0;
	if (!text)
		return 0;
	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno != 0 || *end != '\0' || text[0] < '0' || text[0] > '9' ||
	    value < 1 || value > JOBS_MAX) {
		log_error("--jobs=%s: must be a number from 1 to %d", text,
			  JOBS_MAX);
		return -EINVAL;
	}
	*ret = (unsigned)value;
	return 0;
}

int files_parse_algorithm(const char *text)
{
	int algorithm = text ? algorithm_find(text) : ALGORITHM_SHA384;

	if (algorithm >= 0)
		return algorithm;
	log_error("--algorithm=%s: must be sha256, sha384 or sha512", text);
	return -EINVAL;
}
