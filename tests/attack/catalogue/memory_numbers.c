// SPDX-License-Identifier: Apache-2.0
/*
 * B, continued: what a thread has of its own, numbers with more bits than
 * count, flags that mean more than they say, and arguments in structures.
 */
#include "catalogue.h"
#include "flip.h"
#include "opens.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#define PLACE 100
#define STACK (256 * 1024)
#define ROUNDS 2000
#define HIGH 0x1234567800000000ULL

/*
 * From "write/from" this leads to a file of our own, from "read" to the
 * secret. The process is at the first, the thread at the second.
 */
static const char *upwards;
static int ours, theirs;

static void make_places(void)
{
	const char *name = strrchr(path_of("%s", world("secret")), '/') + 1;

	upwards = path_of("../%s/file", name);
	(void)mkdir(in_write("from"), 0700);
	(void)mkdir(in_write(name), 0700);
	(void)close(open(path_of("%s/file", in_write(name)), O_CREAT | O_RDWR,
			 0600));
	ours = open(in_write("from"), O_RDONLY | O_DIRECTORY);
	theirs = open(world("read"), O_RDONLY | O_DIRECTORY);
	(void)dup2(ours, PLACE);
	(void)fchdir(ours);
}

static void loot_at(int at)
{
	const struct open_how how = { .flags = O_RDONLY };

	loot_fd((int)syscall(SYS_openat, at, upwards, O_RDONLY));
	loot_fd((int)syscall(SYS_openat2, at, upwards, &how, sizeof(how)));
	if (at == AT_FDCWD)
		loot_fd((int)syscall(SYS_open, upwards, O_RDONLY));
	else
		loot_fd(open(path_of("/proc/thread-self/fd/%d/%s", at, upwards),
			     O_RDONLY));
}

static void *own_table(void *data)
{
	(void)data;
	note("unshare: %d", unshare(CLONE_FILES));
	(void)dup2(theirs, PLACE);
	loot_at(PLACE);
	return NULL;
}

static void *own_directory(void *data)
{
	(void)data;
	note("unshare: %d", unshare(CLONE_FS));
	(void)fchdir(theirs);
	loot_at(AT_FDCWD);
	return NULL;
}

static void in_thread(void *(*what)(void *data))
{
	pthread_t thread;

	make_places();
	if (pthread_create(&thread, NULL, what, NULL) == 0)
		(void)pthread_join(thread, NULL);
}

static void thread_table(void)
{
	in_thread(own_table);
}

static void thread_directory(void)
{
	in_thread(own_directory);
}

static int table_once(void *data)
{
	(void)own_table(data);
	_exit(0);
}

static int directory_once(void *data)
{
	(void)own_directory(data);
	_exit(0);
}

/* A process that shares the memory, but not the other two, or one of them. */
static void in_process(int (*what)(void *data), int flags)
{
	char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t child;

	make_places();
	child = clone(what, stack + STACK, flags | SIGCHLD, NULL);
	if (child > 0)
		(void)waitpid(child, NULL, 0);
}

static void process_table(void)
{
	in_process(table_once, CLONE_VM | CLONE_FS);
}

static void process_directory(void)
{
	in_process(directory_once, CLONE_VM | CLONE_FILES);
}

static void vfork_directory(void)
{
	in_process(directory_once, CLONE_VM | CLONE_VFORK);
}

/* The kernel looks at 32 bits of an int, whatever the register has. */
static void high_directory(void)
{
	loot_fd((int)syscall(SYS_openat, 0x12345678ffffff9cULL,
			     in_secret("file"), O_RDONLY));
	make_places();
	loot_fd((int)syscall(SYS_openat, HIGH | (unsigned int)theirs, upwards,
			     O_RDONLY));
}

static void high_flags(void)
{
	loot_fd((int)syscall(SYS_openat, AT_FDCWD, in_secret("file"),
			     HIGH | O_RDONLY));
	loot_fd((int)syscall(SYS_open, in_secret("file"), HIGH | O_RDONLY));
}

static void high_mode(void)
{
	(void)syscall(SYS_chmod, in_read("file"), HIGH | 0604);
	(void)syscall(SYS_fchmodat, 0x12345678ffffff9cULL, in_read("file"),
		      HIGH | 0640);
}

static void high_number(void)
{
	int fd = open(in_read("file"), O_RDONLY);

	(void)syscall(SYS_fchmod, HIGH | (unsigned int)fd, 0604);
	(void)syscall(SYS_fchown, HIGH | (unsigned int)fd, getuid(), getgid());
	(void)syscall(SYS_utimensat, HIGH | (unsigned int)fd, NULL, NULL, 0);
}

/* The number of the call itself. */
static void high_call(void)
{
#ifdef __x86_64__
	const char *path = in_secret("file");
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(HIGH | SYS_open), "D"(path), "S"(0L), "d"(0L)
			 : "rcx", "r11", "memory");
	note("%ld", result);
	loot_fd((int)result);
#endif
}

/* Every bit that has no meaning for open(2). */
static void unknown_flags(void)
{
	for (int bit = 23; bit < 32; bit++)
		loot_fd((int)syscall(SYS_openat, AT_FDCWD, in_secret("file"),
				     1U << bit));
}

static void truncates_for_reading(void)
{
	(void)syscall(SYS_openat, AT_FDCWD, in_read("file"),
		      O_RDONLY | O_TRUNC);
}

static void truncates_without_access(void)
{
	(void)syscall(SYS_openat, AT_FDCWD, in_read("file"),
		      O_ACCMODE | O_TRUNC);
}

static void truncates_by_openat2(void)
{
	const struct open_how how = { .flags = O_RDONLY | O_TRUNC };

	(void)syscall(SYS_openat2, AT_FDCWD, in_read("file"), &how,
		      sizeof(how));
}

static void creates_for_reading(void)
{
	(void)syscall(SYS_openat, AT_FDCWD, in_read("name"), O_RDONLY | O_CREAT,
		      0600);
	(void)syscall(SYS_open, in_secret("name"), O_RDONLY | O_CREAT, 0600);
}

/* A descriptor without rights changes what it refers to all the same. */
static void changes_without_access(void)
{
	int fd = open(in_read("file"), O_ACCMODE);

	(void)fchmod(fd, 0604);
}

static void creates_a_directory(void)
{
	(void)syscall(SYS_openat, AT_FDCWD, in_read("name"),
		      O_RDONLY | O_CREAT | O_DIRECTORY, 0600);
	(void)syscall(SYS_openat, AT_FDCWD, in_read("other"),
		      O_RDONLY | O_CREAT | O_NOCTTY | O_NONBLOCK, 0600);
}

/* A structure that is larger than anybody knows, as long as it is zero. */
static void large_structure(void)
{
	static struct {
		struct open_how how;
		char more[4096 - sizeof(struct open_how)];
	} how;

	loot_fd((int)syscall(SYS_openat2, AT_FDCWD, in_secret("file"), &how,
			     sizeof(how)));
	how.how.flags = O_RDWR | O_TRUNC;
	(void)syscall(SYS_openat2, AT_FDCWD, in_read("file"), &how,
		      sizeof(how));
}

static void race_how(const struct open_how *two)
{
	struct open_how *how = flip_bytes(&two[0], &two[1], sizeof(*two));
	int i = 0;

	watch_file(in_read("file"));
	do {
		int fd = (int)syscall(SYS_openat2, AT_FDCWD, in_read("file"),
				      how, sizeof(*how));

		flip_met(fd >= 0);
		(void)close(fd);
	} while (!is_changed() && flip_goes_on(i++, ROUNDS));
	flip_end();
}

static void race_truncation(void)
{
	const struct open_how two[2] = { { .flags = O_RDONLY },
					 { .flags = O_RDWR | O_TRUNC } };

	race_how(two);
}

/* How far a path may lead, in the same structure. */
static void race_resolution(void)
{
	const struct open_how two[2] = { { .resolve = RESOLVE_BENEATH },
					 { .resolve = 0 } };
	struct open_how *how;
	int i = 0;
	int fd = -1;

	make_places();
	how = flip_bytes(&two[0], &two[1], sizeof(two[0]));
	while (fd < 0 && flip_goes_on(i++, ROUNDS)) {
		fd = (int)syscall(SYS_openat2, theirs, upwards, how,
				  sizeof(*how));
		flip_met(fd >= 0);
	}
	flip_end();
	loot_fd(fd);
}

const struct attack number_attacks[] = {
	{ "T036", "a thread with descriptors of its own", "files", "worker", 0,
	  thread_table },
	{ "T036b", "a process that shares memory, not descriptors", "files",
	  "child", 0, process_table },
	{ "T037", "a thread with a working directory of its own", "files",
	  "worker", 0, thread_directory },
	{ "T037b", "a process that shares memory, not its directory", "files",
	  "child", 0, process_directory },
	{ "T037c", "the same by vfork", "files", "child", 0, vfork_directory },
	{ "T038", "high bits in the directory's number", "files", NULL, 0,
	  high_directory },
	{ "T038b", "high bits in the flags", "files", NULL, 0, high_flags },
	{ "T038c", "high bits in the mode", "files", NULL, 0, high_mode },
	{ "T038d", "high bits in a descriptor", "files", NULL, 0, high_number },
	{ "T038e", "high bits in the number of the call", "files", NULL, 0,
	  high_call },
	{ "T039", "flags that open(2) does not know", "files", NULL, 0,
	  unknown_flags },
	{ "T039b", "opened for reading, and truncated", "files", NULL, 0,
	  truncates_for_reading },
	{ "T039c", "opened for nothing, and truncated", "files", NULL, 0,
	  truncates_without_access },
	{ "T039d", "truncated by openat2", "files", NULL, 0,
	  truncates_by_openat2 },
	{ "T039e", "opened for reading, and created", "files", NULL, 0,
	  creates_for_reading },
	{ "T039f", "opened for nothing, and its mode changed", "files", NULL, 0,
	  changes_without_access },
	{ "T039g", "created as a directory", "files", NULL, 0,
	  creates_a_directory },
	{ "T043", "flags of openat2 exchanged", "files", "worker", 0,
	  race_truncation },
	{ "T043b", "restrictions of openat2 exchanged", "files", "worker", 0,
	  race_resolution },
	{ "T043c", "a structure larger than known", "files", NULL, 0,
	  large_structure },
	{ 0 },
};
