// SPDX-License-Identifier: Apache-2.0
/* Ways to say a path that do not look like where they lead. */
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "catalogue.h"
#include "tricks.h"

#define READS(name, path)          \
	static void name(void)     \
	{                          \
		loot_at(-1, path); \
	}

static const char *through(const char *place)
{
	return text("%s/%s", place, secret_file());
}

READS(self_root, through("/proc/self/root"))
READS(thread_root, through("/proc/thread-self/root"))
READS(pid_root, through(text("/proc/%d/root", getpid())))
READS(task_root, through(text("/proc/self/task/%d/root", gettid())))
READS(pid_task_root, through(text("/proc/%d/task/%d/root", getpid(), gettid())))
READS(odd_root, through("//proc/./self/..//self/task/../root"))
READS(twice_root, through("/proc/self/root/proc/thread-self/root"))

static void below_proc(void)
{
	int proc = open("/proc", O_PATH | O_DIRECTORY);

	loot_at(proc, through("self/root"));
}

static void below_self(void)
{
	int self = open("/proc/self", O_PATH | O_DIRECTORY);

	loot_at(self, through("root"));
	loot_at(open("/proc/self/root", O_PATH | O_DIRECTORY),
		secret_file() + 1);
}

static void from_self(void)
{
	(void)said("chdir", chdir("/proc/self"));
	loot_at(AT_FDCWD, through("root"));
	(void)said("chdir", chdir("/proc/self/root"));
	loot_at(AT_FDCWD, secret_file() + 1);
}

/* The working directory of a thread is not that of its process. */
static void in_thread(void)
{
	if (unshare(CLONE_FS) != 0 || chdir(world("secret")) != 0)
		return;
	loot_at(-1, "/proc/thread-self/cwd/file");
}

static void thread_cwd(void)
{
	race_with(in_thread);
	(void)usleep(200000);
	race_is_over();
}

READS(link_self, link_to(through("/proc/self/root"), "x"))
READS(link_link, link_to(link_to(through("/proc/thread-self/root"), "y"), "x"))
READS(link_root, through(link_to("/proc/self/root", "x")))
READS(link_relative,
      link_to(text("%s/proc/self/root%s", UP, secret_file()), "x"))
READS(link_plain, link_to(secret_file(), "x"))
READS(link_short, text("%s/file", link_to(world("secret"), "x")))

/* A link to a descriptor of a directory, and on from there. */
static void link_fd(void)
{
	int fd = open(world("write"), O_RDONLY | O_DIRECTORY);

	loot_at(-1, text("%s/%s%s", link_to(text("/proc/self/fd/%d", fd), "x"),
			 UP, secret_file()));
}

static const char *behind(const char *format)
{
	int fd = open(world("write"), O_RDONLY | O_DIRECTORY);
	char name[64];

	(void)strcpy(name, format);
	return text("%s/%d/%s%s", name, fd, UP, secret_file());
}

READS(dev_fd, behind("/dev/fd"))
READS(self_fd, behind("/proc/self/fd"))
READS(thread_fd, behind("/proc/thread-self/fd"))
READS(pid_fd, behind(text("/proc/%d/fd", getpid())))
READS(task_fd, behind(text("/proc/self/task/%d/fd", gettid())))

static void dev_stdin(void)
{
	int fd = open(world("write"), O_RDONLY | O_DIRECTORY);

	(void)dup2(fd, STDIN_FILENO);
	loot_at(-1, text("/dev/stdin/%s%s", UP, secret_file()));
}

static void beside_fd(void)
{
	int fd = open(world("write"), O_RDONLY | O_DIRECTORY);

	loot_at(fd, text("%s%s", UP, secret_file()));
}

/* A path only marks the place; the descriptor is opened again. */
static void reopen(const char *format)
{
	int fd = (int)said("O_PATH", open(secret_file(), O_PATH));

	loot_at(-1, text("%s/%d", format, fd));
}

static void reopen_self(void)
{
	reopen("/proc/self/fd");
}

static void reopen_dev(void)
{
	reopen("/dev/fd");
}

READS(self_cwd, text("/proc/self/cwd/%s%s", UP, secret_file()))
READS(victim_root, through(text("/proc/%d/root", world_number("victim"))))
READS(victim_cwd,
      text("/proc/%d/cwd/%s%s", world_number("victim"), UP, secret_file()))
READS(victim_task,
      through(text("/proc/%1$d/task/%1$d/root", world_number("victim"))))
READS(parent_root, through(text("/proc/%d/root", getppid())))

static void cwd_there(void)
{
	(void)said("chdir", chdir(world("secret")));
	loot_at(-1, "/proc/self/cwd/file");
	loot_at(-1, "/proc/thread-self/cwd/file");
}

READS(dots_link, text("%s/../file", link_to(in_secret("dir"), "x")))
READS(dots_twice,
      text("%s/../dir/../sub/../file", link_to(in_secret("sub"), "x")))
READS(dots_plain, text("%s/%s%s", world("read"), UP, secret_file()))
READS(dots_sub, text("%s/%s%s", in_read("sub"), UP, secret_file()))

static void dots_at(void)
{
	int dir;

	(void)link_to(in_secret("dir"), "x");
	dir = open(world("write"), O_PATH | O_DIRECTORY);
	loot_at(dir, "x/../file");
}

static void dots_chdir(void)
{
	(void)said("chdir", chdir(link_to(in_secret("dir"), "x")));
	loot_at(AT_FDCWD, "../file");
}

/* A directory that is elsewhere than when it became the working directory. */
static void dots_moved(void)
{
	(void)mkdir(in_write("a"), 0755);
	(void)mkdir(in_write("a/b"), 0755);
	(void)said("chdir", chdir(in_write("a/b")));
	(void)rename(in_write("a/b"), in_write("b"));
	loot_at(AT_FDCWD, text("%s%s", UP, secret_file()));
}

static const char *padded(const char *pad, size_t n)
{
	static char path[8192];
	const char *directory = world("secret");
	size_t length = strlen(directory);

	(void)strcpy(path, directory);
	while (length + strlen(pad) + sizeof("/file") <= n) {
		(void)strcpy(path + length, pad);
		length += strlen(pad);
	}
	(void)strcpy(path + length, "/file");
	return path;
}

READS(long_dots, padded("/.", 4095))
READS(long_slashes, padded("/", 4095))
READS(long_back, padded("/dir/..", 4095))

static void many_links(void)
{
	const char *to = secret_file();

	for (int i = 0; i < 40; i++)
		to = link_to(to, text("x%d", i));
	loot_at(-1, to);
}

/* The prefix is that of what may be read. */
READS(prefix_back,
      text("%s/../%s/file", world("read"), strrchr(world("secret"), '/') + 1))
READS(prefix_sub, text("%s/../../%s/file", in_read("sub"),
		       strrchr(world("secret"), '/') + 1))

static void how(int dir, const char *path, uint64_t resolve, size_t size)
{
	struct {
		struct open_how how;
		uint64_t later;
	} wide = { { .flags = O_RDONLY, .resolve = resolve }, 0 };

	loot_fd((int)said("openat2",
			  syscall(SYS_openat2, dir, path, &wide, size)));
}

#define HOW sizeof(struct open_how)

static void how_plain(void)
{
	how(-1, secret_file(), 0, HOW);
}

static void how_wide(void)
{
	how(-1, secret_file(), 0, HOW + 8);
}

static void how_in_root(void)
{
	how(open("/", O_PATH), secret_file(), RESOLVE_IN_ROOT, HOW);
}

/* In the root of another directory ".." leads nowhere, but this is a link. */
static void how_in_root_link(void)
{
	(void)mkdir(in_write("r"), 0755);
	how(open("/", O_PATH), link_to(secret_file(), "x"), RESOLVE_IN_ROOT,
	    HOW);
}

static void how_beneath(void)
{
	how(open("/", O_PATH), secret_file() + 1, RESOLVE_BENEATH, HOW);
}

static void how_beneath_secret(void)
{
	how(open(world("secret"), O_PATH), "dir/../file", RESOLVE_BENEATH, HOW);
}

static void how_strict(void)
{
	how(-1, secret_file(), RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	    HOW);
}

static void how_cached(void)
{
	(void)access(secret_file(), F_OK);
	how(-1, secret_file(), RESOLVE_CACHED, HOW);
}

static void how_magic(void)
{
	how(-1, through("/proc/self/root"), 0, HOW);
}

const struct attack path_attacks[] = {
	{ "T044", "/proc/self/root", "files", NULL, 0, self_root },
	{ "T044b", "/proc/thread-self/root", "files", NULL, 0, thread_root },
	{ "T044c", "/proc/PID/root", "files", NULL, 0, pid_root },
	{ "T044d", "/proc/self/task/TID/root", "files", NULL, 0, task_root },
	{ "T044e", "/proc/PID/task/TID/root", "files", NULL, 0, pid_task_root },
	{ "T044f", "/proc/self/root with dots and slashes", "files", NULL, 0,
	  odd_root },
	{ "T044g", "the root by the root", "files", NULL, 0, twice_root },
	{ "T044h", "self/root beneath a descriptor of /proc", "files", NULL, 0,
	  below_proc },
	{ "T044i", "root beneath a descriptor of /proc/self", "files", NULL, 0,
	  below_self },
	{ "T044j", "/proc/self as working directory", "files", NULL, 0,
	  from_self },
	{ "T044k", "/proc/thread-self/cwd of a thread elsewhere", "files",
	  "worker", 0, thread_cwd },
	{ "T045", "a symlink to /proc/self/root", "files", NULL, 0, link_self },
	{ "T045b", "a symlink to a symlink to /proc/thread-self", "files", NULL,
	  0, link_link },
	{ "T045c", "a path through a symlink to /proc/self/root", "files", NULL,
	  0, link_root },
	{ "T045d", "a relative symlink to /proc", "files", NULL, 0,
	  link_relative },
	{ "T045e", "a symlink to a descriptor, and on", "files", NULL, 0,
	  link_fd },
	{ "T045f", "a symlink to the file", "files", NULL, 0, link_plain },
	{ "T045g", "a symlink to the directory", "files", NULL, 0, link_short },
	{ "T046", "/dev/fd/N/..", "files", NULL, 0, dev_fd },
	{ "T046b", "/proc/self/fd/N/..", "files", NULL, 0, self_fd },
	{ "T046c", "/proc/thread-self/fd/N/..", "files", NULL, 0, thread_fd },
	{ "T046d", "/proc/PID/fd/N/..", "files", NULL, 0, pid_fd },
	{ "T046e", "/proc/self/task/TID/fd/N/..", "files", NULL, 0, task_fd },
	{ "T046f", "/dev/stdin/..", "files", NULL, 0, dev_stdin },
	{ "T046g", ".. from a descriptor of a directory", "files", NULL, 0,
	  beside_fd },
	{ "T046h", "an O_PATH descriptor opened by /proc/self/fd", "files",
	  NULL, 0, reopen_self },
	{ "T046i", "an O_PATH descriptor opened by /dev/fd", "files", NULL, 0,
	  reopen_dev },
	{ "T047", "/proc/self/cwd/..", "files", NULL, 0, self_cwd },
	{ "T047b", "the root of another process", "files", NULL, 0,
	  victim_root },
	{ "T047c", "the working directory of another process", "files", NULL, 0,
	  victim_cwd },
	{ "T047d", "the root of another's thread", "files", NULL, 0,
	  victim_task },
	{ "T047e", "the root of the parent", "files", NULL, ONLY_ROOT,
	  parent_root },
	{ "T047f", "the working directory, there", "files", NULL, 0,
	  cwd_there },
	{ "T049", ".. behind a symlink", "files", NULL, 0, dots_link },
	{ "T049b", ".. behind a symlink, several", "files", NULL, 0,
	  dots_twice },
	{ "T049c", ".. behind a symlink beneath a descriptor", "files", NULL, 0,
	  dots_at },
	{ "T049d", ".. from a working directory behind a symlink", "files",
	  NULL, 0, dots_chdir },
	{ "T049e", ".. from a working directory that was moved", "files", NULL,
	  0, dots_moved },
	{ "T049f", ".. from what may be read", "files", NULL, 0, dots_plain },
	{ "T049g", ".. from beneath it", "files", NULL, 0, dots_sub },
	{ "T055", "a path of 4095 bytes of /.", "files", NULL, 0, long_dots },
	{ "T055b", "a path of 4095 slashes", "files", NULL, 0, long_slashes },
	{ "T055c", "a path of 4095 bytes of back and forth", "files", NULL, 0,
	  long_back },
	{ "T055d", "40 symlinks", "files", NULL, 0, many_links },
	{ "T067", "a directory beside, with the same start", "files", NULL, 0,
	  prefix_back },
	{ "T067b", "the same from beneath", "files", NULL, 0, prefix_sub },
	{ "T070", "openat2", "files", NULL, 0, how_plain },
	{ "T070b", "openat2, a longer struct", "files", NULL, 0, how_wide },
	{ "T070c", "openat2 in the root", "files", NULL, 0, how_in_root },
	{ "T070d", "openat2 in the root, a link", "files", NULL, 0,
	  how_in_root_link },
	{ "T070e", "openat2 beneath the root", "files", NULL, 0, how_beneath },
	{ "T070f", "openat2 beneath the directory", "files", NULL, 0,
	  how_beneath_secret },
	{ "T070g", "openat2 without links", "files", NULL, 0, how_strict },
	{ "T070h", "openat2 of what is cached", "files", NULL, 0, how_cached },
	{ "T070i", "openat2 through /proc/self/root", "files", NULL, 0,
	  how_magic },
	{ 0 },
};
