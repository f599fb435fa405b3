/* SPDX-License-Identifier: Apache-2.0 */
/* Operations of the test target on processes, signals and descriptors. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "target.h"

/* The exit status of @pid as text. */
static int say_status(pid_t pid)
{
	int status;

	if (pid < 0)
		return -errno;
	if (waitpid(pid, &status, 0) < 0)
		return -errno;
	if (WIFSIGNALED(status))
		target_say("signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status))
		target_say("status %d", WEXITSTATUS(status));
	return 0;
}

static int op_fork(char **args)
{
	pid_t pid = fork();

	(void)args;
	if (pid == 0)
		_exit(0);
	return say_status(pid);
}

static int op_vfork(char **args)
{
	pid_t pid = vfork();

	(void)args;
	if (pid == 0)
		_exit(0);
	return say_status(pid);
}

static void *do_nothing(void *unused)
{
	return unused;
}

static int op_thread(char **args)
{
	pthread_t thread;
	int error = pthread_create(&thread, NULL, do_nothing, NULL);

	(void)args;
	if (error)
		return -error;
	(void)pthread_join(thread, NULL);
	return 0;
}

static void exec_words(char **args)
{
	char *argv[TARGET_ARGS + 1] = { NULL };

	for (int i = 0; i < TARGET_ARGS && args[i][0]; i++)
		argv[i] = args[i];
	(void)execv(argv[0], argv);
}

/* exec:PROGRAM[:ARG]..., in a child; says why it could not */
static int op_exec(char **args)
{
	int fds[2];
	int error = 0;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		exec_words(args);
		error = errno;
		(void)!write(fds[1], &error, sizeof(error));
		_exit(127);
	}
	(void)close(fds[1]);
	if (pid > 0 && read(fds[0], &error, sizeof(error)) < 0)
		error = errno;
	(void)close(fds[0]);
	if (error)
		(void)waitpid(pid, NULL, 0);
	return error ? -error : say_status(pid);
}

/* become:PROGRAM[:ARG]..., in place */
static int op_become(char **args)
{
	exec_words(args);
	return -errno;
}

/* memfdexec:PROGRAM, from a copy in memory */
static int op_memfdexec(char **args)
{
	char *argv[] = { args[0], NULL };
	char text[65536];
	int from = open(args[0], O_RDONLY);
	int to = memfd_create("copy", 0);
	ssize_t n;

	if (from < 0 || to < 0)
		return -errno;
	while ((n = read(from, text, sizeof(text))) > 0)
		(void)!write(to, text, (size_t)n);
	(void)syscall(SYS_execveat, to, "", argv, argv, AT_EMPTY_PATH);
	return -errno;
}

static int op_exit(char **args)
{
	fflush(stdout);
	_exit((int)target_number(args[0]));
}

static int op_raise(char **args)
{
	(void)raise((int)target_number(args[0]));
	return 0;
}

static int op_sleep(char **args)
{
	long ms = target_number(args[0]);
	struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&time, &time) < 0 && errno == EINTR)
		;
	return 0;
}

static volatile sig_atomic_t n_signals;

static void count_signal(int number)
{
	(void)number;
	n_signals++;
}

/* count:SIGNAL:MS, how often it comes; says "ready" on stderr first */
static int op_count(char **args)
{
	(void)signal((int)target_number(args[0]), count_signal);
	fprintf(stderr, "ready\n");
	(void)op_sleep(args + 1);
	target_say("%d", (int)n_signals);
	return 0;
}

/* comm:NAME, what this thread is called */
static int op_comm(char **args)
{
	return target_result(prctl(PR_SET_NAME, args[0]));
}

/* kill:PID:SIGNAL */
static int op_kill(char **args)
{
	return target_result(kill((pid_t)target_number(args[0]),
				  (int)target_number(args[1])));
}

static int op_env(char **args)
{
	const char *value = getenv(args[0]);

	target_say("%s", value ? value : "(unset)");
	return 0;
}

static int op_pid(char **args)
{
	(void)args;
	target_say("%d", (int)getpid());
	return 0;
}

static int op_group(char **args)
{
	(void)args;
	target_say("%d %d", (int)getpgrp(), (int)getsid(0));
	return 0;
}

/* fds, which descriptors are open, below 1024 */
static int op_fds(char **args)
{
	char text[8192] = "";

	(void)args;
	for (int fd = 0; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			(void)snprintf(text + strlen(text),
				       sizeof(text) - strlen(text), "%s%d",
				       text[0] ? " " : "", fd);
	target_say("%s", text);
	return 0;
}

/* fdline:N, the first line that descriptor N delivers */
static int op_fdline(char **args)
{
	char text[256];
	ssize_t n = read((int)target_number(args[0]), text, sizeof(text) - 1);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	target_say("%s", text[0] ? text : "(empty)");
	return 0;
}

const struct target_op target_processes[] = {
	{ "fork", op_fork },     { "vfork", op_vfork },
	{ "thread", op_thread }, { "exec", op_exec },
	{ "become", op_become }, { "memfdexec", op_memfdexec },
	{ "exit", op_exit },     { "raise", op_raise },
	{ "sleep", op_sleep },   { "count", op_count },
	{ "comm", op_comm },     { "kill", op_kill },
	{ "env", op_env },       { "pid", op_pid },
	{ "group", op_group },   { "fds", op_fds },
	{ "fdline", op_fdline }, { NULL, NULL },
};
