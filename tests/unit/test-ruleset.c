/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every right is tried with every single group and with all of them; each
 * case in a child, because a domain cannot be left.
 */
#include "supervise/ruleset.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/kernel.h"
#include "tap.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define ALL (ACCESS_READ | ACCESS_WRITE | ACCESS_EXEC | ACCESS_DEVICE)

static char top[] = "/tmp/test-ruleset-XXXXXX";
static int abi;

/* Operations inside of the granted directory: 0 or the errno. */

static int try_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno;
	(void)close(fd);
	return 0;
}

static int try_read_file(void)
{
	return try_open("in/file", O_RDONLY);
}

static int try_write_file(void)
{
	return try_open("in/file", O_WRONLY);
}

static int try_truncate(void)
{
	return truncate("in/file", 0) < 0 ? errno : 0;
}

static int try_read_dir(void)
{
	return try_open("in", O_RDONLY | O_DIRECTORY);
}

static int try_remove_dir(void)
{
	return rmdir("in/empty") < 0 ? errno : 0;
}

static int try_remove_file(void)
{
	return unlink("in/file") < 0 ? errno : 0;
}

static int try_make_dir(void)
{
	return mkdir("in/new", 0700) < 0 ? errno : 0;
}

static int try_make_reg(void)
{
	return mknod("in/new", S_IFREG | 0600, 0) < 0 ? errno : 0;
}

static int try_make_fifo(void)
{
	return mkfifo("in/new", 0600) < 0 ? errno : 0;
}

static int try_make_sym(void)
{
	return symlink("file", "in/new") < 0 ? errno : 0;
}

static int try_make_sock(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX,
				       .sun_path = "in/new" };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	return bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ?
		       errno :
		       0;
}

static int try_make_char(void)
{
	return mknod("in/new", S_IFCHR | 0600, 0) < 0 ? errno : 0;
}

static int try_make_block(void)
{
	return mknod("in/new", S_IFBLK | 0600, 0) < 0 ? errno : 0;
}

static int try_refer(void)
{
	return rename("in/file", "in/empty/file") < 0 ? errno : 0;
}

/* Starts from a forked child: exec does not come back when it succeeds. */
static int try_execute(void)
{
	(void)execl("in/true", "true", (char *)NULL);
	return errno;
}

static const struct operation {
	const char *name;
	int (*try)(void);
	unsigned groups; /* needed, all of them; 0: never allowed */
	int since_abi;
} operations[] = {
	{ "read_file", try_read_file, ACCESS_READ, 1 },
	{ "read_dir", try_read_dir, ACCESS_READ, 1 },
	{ "write_file", try_write_file, ACCESS_WRITE, 1 },
	{ "truncate", try_truncate, ACCESS_WRITE, 3 },
	{ "remove_dir", try_remove_dir, ACCESS_WRITE, 1 },
	{ "remove_file", try_remove_file, ACCESS_WRITE, 1 },
	{ "make_dir", try_make_dir, ACCESS_WRITE, 1 },
	{ "make_reg", try_make_reg, ACCESS_WRITE, 1 },
	{ "make_fifo", try_make_fifo, ACCESS_WRITE, 1 },
	{ "make_sym", try_make_sym, ACCESS_WRITE, 1 },
	{ "make_sock", try_make_sock, ACCESS_WRITE, 1 },
	{ "make_char", try_make_char, 0, 1 },
	{ "make_block", try_make_block, 0, 1 },
	{ "refer", try_refer, ACCESS_WRITE, 2 },
	{ "execute", try_execute, ACCESS_READ | ACCESS_EXEC, 1 },
};

static void fill_directory(void)
{
	if (chdir(top) < 0 ||
	    system("rm -rf in out && mkdir -p in/empty out &&"
		   " echo text >in/file && echo text >out/file &&"
		   " cp /bin/true in/true") != 0)
		abort();
}

static void remove_directory(void)
{
	char command[sizeof(top) + sizeof("rm -rf ")];

	(void)snprintf(command, sizeof(command), "rm -rf %s", top);
	if (chdir("/") < 0 || system(command) != 0)
		diag("%s is left", top);
}

/* What runs needs its libraries, whatever the case is about. */
static const struct domain_rule libraries[] = {
	{ .path = "/lib", .groups = ACCESS_READ | ACCESS_EXEC },
	{ .path = "/lib64", .groups = ACCESS_READ | ACCESS_EXEC },
	{ .path = "/usr/lib", .groups = ACCESS_READ | ACCESS_EXEC },
	{ .path = "/etc/ld.so.cache", .groups = ACCESS_READ },
};

/* The exit status of @body in a child that is in the domain of @rules. */
static int inside(const struct domain_rule *rules, size_t n, unsigned flags,
		  int (*body)(void))
{
	int status, fd;
	pid_t pid = fork();

	if (pid == 0) {
		if (ruleset_create(rules, n, flags, &fd) < 0 ||
		    ruleset_enforce(fd) != 0)
			_exit(255);
		_exit(body());
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static void right_follows_its_group(const struct operation *operation,
				    unsigned groups)
{
	struct domain_rule rules[N(libraries) + 1] = { { .path = "in",
							 .groups = groups } };
	bool is_granted = operation->groups &&
			  (operation->groups & ~groups) == 0;
	int got;

	if (operation->since_abi > abi) {
		skip("%s: wants ABI %d", operation->name, operation->since_abi);
		return;
	}
	memcpy(rules + 1, libraries, sizeof(libraries));
	fill_directory();
	got = inside(rules, N(rules), 0, operation->try);
	/* Moving elsewhere without the right is "another file system". */
	if (!ok(is_granted ? got == 0 :
			     got == EACCES || (got == EXDEV && groups == 0),
		"%s with groups %u", operation->name, groups))
		diag("got %d", got);
}

static void every_right_follows_its_group(void)
{
	for (size_t i = 0; i < N(operations); i++) {
		right_follows_its_group(&operations[i], 0);
		for (unsigned group = 1; group <= ACCESS_DEVICE; group <<= 1)
			right_follows_its_group(&operations[i], group);
		right_follows_its_group(&operations[i], ALL);
	}
}

static int try_device(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct winsize size;

	if (fd < 0)
		return 200;
	return ioctl(fd, TIOCGWINSZ, &size) < 0 ? errno : 0;
}

static void device_ioctl_follows_its_group(void)
{
	const struct domain_rule read = { .path = "/dev/null",
					  .groups = ACCESS_READ };
	const struct domain_rule both = {
		.path = "/dev/null", .groups = ACCESS_READ | ACCESS_DEVICE
	};

	if (abi < 5) {
		skip("ioctl_dev: wants ABI 5");
		return;
	}
	is_int(inside(&read, 1, 0, try_device), EACCES, "ioctl_dev denied");
	is_int(inside(&both, 1, 0, try_device), ENOTTY, "ioctl_dev allowed");
}

static int try_file_rule(void)
{
	if (try_open("in/file", O_RDWR | O_TRUNC) != 0)
		return 1;
	if (try_open("in/true", O_RDONLY) != EACCES)
		return 2;
	if (try_open("in", O_RDONLY) != EACCES)
		return 3;
	return unlink("in/file") == 0 || errno != EACCES ? 4 : 0;
}

static void rule_on_a_file_is_for_that_file(void)
{
	const struct domain_rule rule = { .path = "in/file", .groups = ALL };

	fill_directory();
	is_int(inside(&rule, 1, 0, try_file_rule), 0,
	       "a rule on a file is for that file");
}

static int try_outside(void)
{
	return try_open("out/file", O_RDONLY);
}

static void nothing_is_allowed_outside(void)
{
	const struct domain_rule rule = { .path = "in", .groups = ALL };

	fill_directory();
	is_int(inside(&rule, 1, 0, try_outside), EACCES, "outside is denied");
	is_int(inside(NULL, 0, 0, try_outside), EACCES, "no rule: all denied");
}

static void paths_to_nowhere_are_counted(void)
{
	const struct domain_rule rules[] = {
		{ .path = "in", .groups = ACCESS_READ },
		{ .path = "in/missing", .groups = ALL },
		{ .path = "in/file/below", .groups = ALL },
		{ .path = "/proc/self/fd/0", .groups = ALL },
		{ .path = "in/file", .groups = 0 },
	};
	int fd, pipes[2];

	fill_directory();
	if (pipe2(pipes, O_CLOEXEC) < 0 || dup2(pipes[0], 0) < 0)
		abort();
	is_int(ruleset_create(rules, N(rules), 0, &fd), 3,
	       "missing paths and pipes are skipped and counted");
	ok(fcntl(fd, F_GETFD) == FD_CLOEXEC, "the ruleset is close-on-exec");
	(void)close(fd);
}

static void abi_decides_what_is_handled(void)
{
	char text[RULESET_TEXT_SIZE];

	is_int(ruleset_handled(1), (1 << 13) - 1, "ABI 1 has 13 rights");
	is_int(ruleset_handled(2), (1 << 14) - 1, "ABI 2 adds refer");
	is_int(ruleset_handled(3), (1 << 15) - 1, "ABI 3 adds truncate");
	is_int(ruleset_handled(4), (1 << 15) - 1, "ABI 4 adds none");
	is_int(ruleset_handled(5), (1 << 16) - 1, "ABI 5 adds ioctl_dev");
	is_int(ruleset_handled(99), (1 << 16) - 1, "a later ABI adds none");
	is_int(ruleset_require((unsigned)abi), 0, "this ABI is enough");
	is_int(ruleset_require((unsigned)abi + 1), -EPROTONOSUPPORT,
	       "the next ABI is not there");
	ruleset_describe(ACCESS_READ | ACCESS_EXEC, 7, text);
	is_str(text, "execute read_file read_dir", "rights have names");
	ruleset_describe(ACCESS_DEVICE, 4, text);
	is_str(text, "", "rights that the ABI lacks are not named");
	ruleset_describe(ALL, 7, text);
	ok(strstr(text, "ioctl_dev") && !strstr(text, "make_char"),
	   "devices are made by no group");
}

static void many_rules_are_accepted(void)
{
	enum { MANY = 10000 };
	struct domain_rule *rules = calloc(MANY, sizeof(*rules));
	int fd = -1;

	fill_directory();
	for (size_t i = 0; rules && i < MANY; i++)
		rules[i] = (struct domain_rule){ .path = i % 2 ? "in/file" :
								 "in/empty",
						 .groups = ACCESS_READ };
	is_int(rules ? ruleset_create(rules, MANY, 0, &fd) : -ENOMEM, 0,
	       "10,000 rules are accepted");
	(void)close(fd);
	free(rules);
}

/* A process may be read by its own entries, but for what is the host's. */
static void a_process_is_added_by_its_entries(void)
{
	static const struct {
		const char *path;
		int want;
	} cases[] = {
		{ "/proc/self/stat", 0 },
		{ "/proc/self/maps", 0 },
		{ "/proc/self/fd", 0 },
		{ "/proc/self/fd/..", EACCES },
		{ "/proc/self", EACCES },
		{ "/proc/self/net/dev", EACCES },
		{ "/proc/thread-self/net/dev", EACCES },
		{ "/proc/self/task", EACCES },
		{ "/proc/meminfo", EACCES },
		{ "/proc/1/stat", EACCES },
	};
	int fd = -1, status = -1;
	pid_t pid;

	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (ruleset_create(NULL, 0, RULESET_PIN, &fd) != 0 ||
		    ruleset_add_process(fd, getpid(), true) != 0 ||
		    ruleset_enforce(fd) != 0)
			_exit(100);
		for (size_t i = 0; i < N(cases); i++)
			if (try_open(cases[i].path, O_RDONLY) != cases[i].want)
				_exit((int)i + 1);
		_exit(0);
	}
	(void)waitpid(pid, &status, 0);
	is_int(WEXITSTATUS(status), 0, "entries of a process");
}

int main(void)
{
	abi = landlock_abi();
	if (abi < 1) {
		skip_all("this kernel has no Landlock");
		return done();
	}
	if (!mkdtemp(top))
		abort();
	every_right_follows_its_group();
	device_ioctl_follows_its_group();
	rule_on_a_file_is_for_that_file();
	nothing_is_allowed_outside();
	abi_decides_what_is_handled();
	many_rules_are_accepted();
	a_process_is_added_by_its_entries();
	paths_to_nowhere_are_counted();
	remove_directory();
	return done();
}
