/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a program does with itself, for places.t and privilege.t:
 *   stack FILE SECRET      filters until the kernel takes no more, then opens
 *   limit FILE OTHER       a filter and a domain of its own, as browsers have
 *   trace                  traces its child, and asks to be traced
 *   maps                   parent and child read their own maps, and each other's
 *   deleted DIR SECRET     what is gone, beside links named as /proc names it
 *   hold DIR NAME          opens DIR; after a line of input, NAME beneath it
 *   many FILE N            opens FILE N times
 *   namespaces             every way that has a number
 *   container COMMAND...   runs it with the calls that containers refuse
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8u
#endif

#define MAX_FILTERS 20000
#define CLONE_TIME 0x80

static void say(const char *what, long result)
{
	printf("%s: %s\n", what, result < 0 ? strerrorname_np(errno) : "OK");
	(void)fflush(stdout);
}

/* The first word of @fd, which is closed. */
static void say_word(const char *what, int fd)
{
	char word[64] = "";

	if (fd < 0 || read(fd, word, sizeof(word) - 1) < 0) {
		say(what, -1);
	} else {
		word[strcspn(word, " \n")] = '\0';
		printf("%s: %s\n", what, word);
	}
	if (fd >= 0)
		(void)close(fd);
	(void)fflush(stdout);
}

static int add_filter(struct sock_filter *code, size_t n)
{
	struct sock_fprog program = { (unsigned short)n, code };

	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

static int stack(char **args)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	int n = 0;

	while (n < MAX_FILTERS && add_filter(&allow, 1) == 0)
		n++;
	printf("stacked: %s\n", n > 100 && n < MAX_FILTERS ? "many" : "few");
	say_word("file", open(args[0], O_RDONLY));
	say_word("secret", open(args[1], O_RDONLY));
	return 0;
}

/* Answers @error to each of @numbers. */
static int refuse(const int *numbers, size_t n, int error)
{
	struct sock_filter code[64];
	size_t at = 0;

	code[at++] = (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < n; i++) {
		code[at++] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)numbers[i], 0,
			1);
		code[at++] = (struct sock_filter)BPF_STMT(
			BPF_RET | BPF_K,
			SECCOMP_RET_ERRNO | (unsigned int)error);
	}
	code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
						  SECCOMP_RET_ALLOW);
	return add_filter(code, at);
}

static int limit(char **args)
{
	static const int numbers[] = { SYS_getppid };
	struct landlock_ruleset_attr attr = {
		.handled_access_fs = LANDLOCK_ACCESS_FS_READ_FILE
	};
	struct landlock_path_beneath_attr rule = {
		.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE
	};
	int domain = (int)syscall(SYS_landlock_create_ruleset, &attr,
				  sizeof(attr), 0);

	rule.parent_fd = open(args[0], O_PATH);
	say("rule", syscall(SYS_landlock_add_rule, domain,
			    LANDLOCK_RULE_PATH_BENEATH, &rule, 0));
	say("filter", refuse(numbers, 1, EPERM));
	say("domain", syscall(SYS_landlock_restrict_self, domain, 0));
	say("its call", syscall(SYS_getppid));
	say_word("file", open(args[0], O_RDONLY));
	say_word("other", open(args[1], O_RDONLY));
	return 0;
}

static int trace(char **args)
{
	pid_t pid = fork();

	(void)args;
	if (pid == 0) {
		(void)pause();
		_exit(0);
	}
	say("attach", ptrace(PTRACE_ATTACH, pid, NULL, NULL));
	say("seize", ptrace(PTRACE_SEIZE, pid, NULL, NULL));
	say("traceme", ptrace(PTRACE_TRACEME, 0, NULL, NULL));
	(void)kill(pid, SIGKILL);
	return waitpid(pid, NULL, 0) == pid ? 0 : 1;
}

static void say_maps(const char *what, pid_t pid)
{
	char path[64];
	char letter;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	fd = open(path, O_RDONLY);
	say(what, fd < 0 ? -1 : read(fd, &letter, 1));
	if (fd >= 0)
		(void)close(fd);
}

static int maps(char **args)
{
	pid_t parent = getpid();
	pid_t sibling = fork();
	pid_t pid;

	(void)args;
	if (sibling == 0) {
		(void)pause();
		_exit(0);
	}
	say_maps("own", parent);
	pid = fork();
	if (pid == 0) {
		say_maps("own of a child", getpid());
		say_maps("of its parent", parent);
		say_maps("of a sibling", sibling);
		_exit(0);
	}
	(void)waitpid(pid, NULL, 0);
	(void)kill(sibling, SIGKILL);
	return waitpid(sibling, NULL, 0) == sibling ? 0 : 1;
}

static const char *path_in(const char *directory, const char *name)
{
	static char paths[4][4096];
	static unsigned int next;
	char *ret = paths[next++ % 4];

	(void)snprintf(ret, sizeof(paths[0]), "%s/%s", directory, name);
	return ret;
}

static void reopen(const char *what, int fd, const char *below)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d%s", fd, below);
	say_word(what, open(path, O_RDONLY));
}

static int deleted(char **args)
{
	int dir, file, memory;

	(void)mkdir(path_in(args[0], "d"), 0755);
	dir = open(path_in(args[0], "d"), O_RDONLY | O_DIRECTORY);
	(void)rmdir(path_in(args[0], "d"));
	say("link", symlink(args[1], path_in(args[0], "d (deleted)")));
	say_word("directory", openat(dir, "file", O_RDONLY));
	reopen("directory again", dir, "/file");

	file = open(path_in(args[0], "f"), O_RDWR | O_CREAT, 0644);
	if (write(file, "old\n", 4) != 4)
		return 1;
	(void)unlink(path_in(args[0], "f"));
	say("link",
	    symlink(path_in(args[1], "file"), path_in(args[0], "f (deleted)")));
	reopen("file", file, "");

	memory = memfd_create("x", MFD_NOEXEC_SEAL);
	if (memory < 0 || write(memory, "memory\n", 7) != 7)
		return 1;
	reopen("memory", memory, "");
	return 0;
}

static int hold(char **args)
{
	int dir = open(args[0], O_RDONLY | O_DIRECTORY);
	char line[16];

	say("held", dir);
	if (read(STDIN_FILENO, line, sizeof(line)) <= 0)
		return 1;
	say_word("beneath", openat(dir, args[1], O_RDONLY));
	say("chdir", fchdir(dir));
	say_word("relative", open(args[1], O_RDONLY));
	return 0;
}

static int many(char **args)
{
	int refused = 0;

	for (int i = atoi(args[1]); i > 0; i--) {
		int fd = open(args[0], O_RDONLY);

		refused += fd < 0;
		if (fd >= 0)
			(void)close(fd);
	}
	printf("refused: %d\n", refused);
	return 0;
}

static int namespaces(char **args)
{
	static const int kinds[] = { CLONE_NEWUSER,   CLONE_NEWNS,
				     CLONE_NEWPID,    CLONE_NEWNET,
				     CLONE_NEWIPC,    CLONE_NEWUTS,
				     CLONE_NEWCGROUP, CLONE_TIME };

	(void)args;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		long pid = -1;

		say("unshare", unshare(kinds[i]));
		/* In clone() its bit is of the signal: there is no such kind. */
		if (kinds[i] != CLONE_TIME)
			pid = syscall(SYS_clone, kinds[i] | SIGCHLD, 0, 0, 0,
				      0);
		if (pid == 0)
			_exit(0);
		say("clone", pid);
	}
	return 0;
}

/* What container managers refuse by default, as far as we might want it. */
static int container(char **args)
{
	static const int refused[] = {
		SYS_pidfd_getfd,
		SYS_kcmp,
		SYS_process_madvise,
		SYS_ptrace,
		SYS_mount,
		SYS_umount2,
		SYS_unshare,
		SYS_setns,
		SYS_bpf,
		SYS_keyctl,
		SYS_add_key,
		SYS_perf_event_open,
		SYS_userfaultfd,
		SYS_name_to_handle_at,
	};
	static const int missing[] = { SYS_clone3, SYS_io_uring_setup };

	if (refuse(missing, sizeof(missing) / sizeof(missing[0]), ENOSYS) < 0 ||
	    refuse(refused, sizeof(refused) / sizeof(refused[0]), EPERM) < 0) {
		perror("seccomp");
		return 99;
	}
	(void)execv(args[0], args);
	perror(args[0]);
	return 99;
}

static const struct mode {
	const char *name;
	int n_args;
	int (*run)(char **args);
} modes[] = {
	{ "stack", 2, stack },         { "limit", 2, limit },
	{ "trace", 0, trace },         { "maps", 0, maps },
	{ "deleted", 2, deleted },     { "hold", 2, hold },
	{ "many", 2, many },           { "namespaces", 0, namespaces },
	{ "container", 1, container },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (argc >= 2 + modes[i].n_args &&
		    strcmp(argv[1], modes[i].name) == 0)
			return modes[i].run(argv + 2);
	fprintf(stderr, "usage: see the source\n");
	return 99;
}
