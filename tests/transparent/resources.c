/* SPDX-License-Identifier: Apache-2.0 */
/* Limits that are reached: descriptors, sizes. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "transparent.h"

static void without_descriptors(void *unused)
{
	struct rlimit limit;
	int fd, last = -1;

	(void)unused;
	(void)getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = 20;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	while ((fd = dup(0)) >= 0)
		last = fd;
	outcome("no descriptors", "last %d", last);
	outcome("no descriptors", "open %s", shown(open("file", O_RDONLY)));
	outcome("no descriptors", "new %s",
		shown(open("new", O_CREAT | O_RDWR, 0600)));
	outcome("no descriptors", "exclusive %s",
		shown(open("newer", O_CREAT | O_EXCL | O_RDWR, 0600)));
	outcome("no descriptors", "trunc %s",
		shown(open("hard", O_WRONLY | O_TRUNC)));
	outcome("no descriptors", "missing %s",
		shown(open("missing", O_RDONLY)));
	outcome("no descriptors", "path %s", shown(open("file", O_PATH)));
	outcome("no descriptors", "tmpfile %s",
		shown(open(".", O_TMPFILE | O_RDWR, 0600)));
	outcome("no descriptors", "rename %s",
		shown(rename("file", "new name")));
	(void)close(last);
	outcome("one descriptor", "open %s",
		describe_fd(open("empty", O_RDONLY)));
}

static void limit_size(int disposition)
{
	const struct rlimit limit = { 1000, 1000 };

	(void)signal(SIGXFSZ, disposition ? SIG_IGN : SIG_DFL);
	(void)setrlimit(RLIMIT_FSIZE, &limit);
}

static void truncate_large(void *data)
{
	limit_size(*(int *)data);
	outcome("small files", "truncate %s", shown(truncate("file", 1001)));
}

static void truncate_small(void *data)
{
	limit_size(*(int *)data);
	outcome("small files", "truncate to the limit %s",
		shown(truncate("file", 1000)));
}

static void ftruncate_large(void *data)
{
	int fd;

	limit_size(*(int *)data);
	fd = open("file", O_RDWR);
	outcome("small files", "ftruncate %s", shown(ftruncate(fd, 1001)));
}

static void write_large(void *data)
{
	static const char block[600];
	int fd;

	limit_size(*(int *)data);
	fd = open("new", O_CREAT | O_WRONLY, 0600);
	outcome("small files", "write %s",
		shown(write(fd, block, sizeof(block))));
	outcome("small files", "write %s",
		shown(write(fd, block, sizeof(block))));
	outcome("small files", "write %s",
		shown(write(fd, block, sizeof(block))));
}

void run_resources(void)
{
	static void (*const large[])(void *) = { truncate_large, truncate_small,
						 ftruncate_large, write_large };
	static int ignored = 1, deadly = 0;
	const char *how;

	how = forked(without_descriptors, NULL);
	changed("no descriptors", "", how);
	for (size_t i = 0; i < COUNT(large); i++) {
		how = forked(large[i], &ignored);
		outcome("small files", "%zu %s %s", i, how, fixture_changes());
		how = forked(large[i], &deadly);
		outcome("small files, deadly", "%zu %s %s", i, how,
			fixture_changes());
	}
}
