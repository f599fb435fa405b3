/* SPDX-License-Identifier: Apache-2.0 */
/* Signals, job control and leftovers, with real processes and a terminal. */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/kernel.h"
#include "supervise/scope.h"
#include "supervise/signals.h"
#include "tap.h"

#define KEY_INTERRUPT 3 /* ^C */
#define KEY_SUSPEND 26 /* ^Z */

/* What the processes of a case tell each other. */
struct shared {
	_Atomic int n_usr1;
	_Atomic int n_int;
	_Atomic int n_cont;
	_Atomic int has_term;
	_Atomic int value;
	_Atomic int is_ready;
	_Atomic int key; /* that the user types */
	_Atomic pid_t target;
	_Atomic pid_t pids[8];
};

static struct shared *shared;

static void sleep_ms(long ms)
{
	struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&time, &time) < 0 && errno == EINTR)
		;
}

/* Return: true when it is not 0 any more; waits for up to 5 s. */
static bool wait_for(_Atomic int *value)
{
	for (int i = 0; i < 5000 && !*value; i++)
		sleep_ms(1);
	return *value;
}

static double seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool is_alive(pid_t pid)
{
	return pid > 0 && kill(pid, 0) == 0;
}

static void count_signal(int signal, siginfo_t *info, void *context)
{
	(void)context;
	if (signal == SIGUSR1)
		shared->n_usr1++;
	if (signal == SIGINT)
		shared->n_int++;
	if (signal == SIGCONT)
		shared->n_cont++;
	if (signal == SIGTERM)
		shared->has_term = 1;
	if (info->si_code == SI_QUEUE)
		shared->value = info->si_value.sival_int;
}

static void count(int signal)
{
	struct sigaction action = { .sa_sigaction = count_signal,
				    .sa_flags = SA_SIGINFO | SA_RESTART };

	(void)sigaction(signal, &action, NULL);
}

/* The target has one seccomp filter more than its supervisor. */
static void enter_cage(void)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog prog = { 1, &allow };

	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	(void)kernel_seccomp(SECCOMP_SET_MODE_FILTER, 0, &prog);
}

struct target {
	struct signals signals;
	int (*run)(void);
	pid_t pid;
	int pidfd;
};

static void run_target(void *data)
{
	struct target *t = data;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (signals_restore(&t->signals) < 0)
		_exit(101);
	if (!scope_is_proven())
		_exit(103);
	enter_cage();
	shared->target = getpid();
	_exit(t->run());
}

static void start_target(struct target *t, int (*run)(void))
{
	t->run = run;
	if (signals_open(&t->signals) < 0 || scope_start(true) < 0)
		_exit(100);
	t->pid = scope_fork(run_target, t);
	t->pidfd = kernel_pidfd_open(t->pid, 0);
}

/* A supervisor in small; never returns. */
static void supervise(int (*run)(void))
{
	struct target t;
	int status;

	(void)alarm(30);
	start_target(&t, run);
	if (signals_wait(&t.signals, t.pid, t.pidfd, &status) != 0)
		_exit(102);
	_exit(exit_like(status));
}

static pid_t start(int (*run)(void))
{
	pid_t pid;

	memset(shared, 0, sizeof(*shared));
	pid = fork();
	if (pid == 0)
		supervise(run);
	return pid;
}

static int wait_end(pid_t pid)
{
	int status = -1;

	(void)waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int in_child(int (*run)(void))
{
	pid_t pid;

	memset(shared, 0, sizeof(*shared));
	pid = fork();
	if (pid == 0) {
		(void)alarm(30);
		_exit(run());
	}
	return wait_end(pid);
}

static int count_until_term(void)
{
	count(SIGUSR1);
	count(SIGINT);
	count(SIGCONT);
	count(SIGRTMIN);
	count(SIGTERM);
	shared->is_ready = 1;
	while (!shared->has_term)
		sleep_ms(1);
	return 5;
}

static void what_a_process_sends_arrives_once(void)
{
	union sigval value = { .sival_int = 4321 };
	pid_t pid = start(count_until_term);

	(void)wait_for(&shared->is_ready);
	(void)kill(pid, SIGUSR1);
	(void)wait_for(&shared->n_usr1);
	(void)sigqueue(pid, SIGRTMIN, value);
	(void)wait_for(&shared->value);
	(void)kill(pid, SIGTERM);
	is_int(wait_end(pid), 5, "SIGTERM ends the target as it likes");
	is_int(shared->n_usr1, 1, "SIGUSR1, once");
	is_int(shared->value, 4321, "sigqueue() keeps its value");
}

static int pause_for_ever(void)
{
	shared->is_ready = 1;
	for (;;)
		(void)pause();
	return 0;
}

static int exit_with_nine(void)
{
	return 9;
}

static int kill_self_by_quit(void)
{
	struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)kill(getpid(), SIGQUIT);
	return 0;
}

static void the_end_is_the_same(void)
{
	pid_t pid;

	is_int(wait_end(start(exit_with_nine)), 9, "exit status");
	is_int(wait_end(start(kill_self_by_quit)), 128 + SIGQUIT, "SIGQUIT");
	pid = start(pause_for_ever);
	(void)wait_for(&shared->is_ready);
	(void)kill(shared->target, SIGKILL);
	is_int(wait_end(pid), 128 + SIGKILL, "SIGKILL");
	pid = start(pause_for_ever);
	(void)wait_for(&shared->is_ready);
	(void)kill(pid, SIGHUP);
	is_int(wait_end(pid), 128 + SIGHUP, "SIGHUP, forwarded");
	is_int(exit_like(0x0300), 3, "a status is returned");
}

static int run_with_ignored_sigchld(void)
{
	(void)signal(SIGCHLD, SIG_IGN);
	supervise(exit_with_nine);
	return 1;
}

static int is_sigchld_ignored(void)
{
	struct sigaction action;

	(void)sigaction(SIGCHLD, NULL, &action);
	return action.sa_handler == SIG_IGN ? 0 : 1;
}

static int run_restored_sigchld(void)
{
	(void)signal(SIGCHLD, SIG_IGN);
	supervise(is_sigchld_ignored);
	return 1;
}

static void an_ignored_sigchld_is_no_obstacle(void)
{
	is_int(in_child(run_with_ignored_sigchld), 9, "the status is seen");
	is_int(in_child(run_restored_sigchld), 0, "the target inherits it");
}

static void *stop_later(void *signals)
{
	sleep_ms(50);
	signals_stop(signals, 42);
	signals_stop(signals, 43);
	return NULL;
}

static int run_stopped(void)
{
	pthread_t thread;
	struct target t;
	int status = -1;

	start_target(&t, pause_for_ever);
	(void)pthread_create(&thread, NULL, stop_later, &t.signals);
	if (signals_wait(&t.signals, t.pid, t.pidfd, &status) != 1)
		return 1;
	(void)pthread_join(thread, NULL);
	if (status != 42)
		return 2;
	if (sandbox_kill(&t.signals, NULL, 0) < 0)
		return 3;
	return is_alive(t.pid) ? 4 : 0;
}

static void a_thread_can_end_it(void)
{
	is_int(in_child(run_stopped), 0, "signals_stop(), sandbox_kill()");
}

/*
 * A shell with job control on a terminal of its own runs the supervisor as its
 * foreground job; we are the user. Return: the result of @script.
 */
static int on_terminal(int (*target)(void), int (*script)(pid_t job))
{
	int status = -1;
	int tty;
	pid_t shell;

	memset(shared, 0, sizeof(*shared));
	shell = forkpty(&tty, NULL, NULL, NULL);
	if (shell == 0) {
		pid_t job;

		(void)alarm(30);
		(void)signal(SIGTTOU, SIG_IGN);
		job = fork();
		if (job == 0) {
			(void)setpgid(0, 0);
			(void)tcsetpgrp(0, getpid());
			(void)signal(SIGTTOU, SIG_DFL);
			supervise(target);
		}
		(void)setpgid(job, job);
		(void)wait_for(&shared->is_ready);
		_exit(script(job));
	}
	while (waitpid(shell, &status, WNOHANG) == 0) {
		char key = (char)atomic_exchange(&shared->key, 0);

		if (key)
			(void)write(tty, &key, 1);
		sleep_ms(2);
	}
	(void)close(tty);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* Return: 0 when @job goes on and ends as count_until_term() does. */
static int end_job(pid_t job)
{
	(void)kill(job, SIGTERM);
	return wait_end(job) == 5 ? 0 : 50;
}

static int type_interrupt(pid_t job)
{
	shared->key = KEY_INTERRUPT;
	if (!wait_for(&shared->n_int))
		return 1;
	sleep_ms(50);
	if (shared->n_int != 1)
		return 2;
	return end_job(job);
}

/* Return: the signal that @job was stopped by. */
static int wait_stop(pid_t job)
{
	int status;

	if (waitpid(job, &status, WUNTRACED) != job || !WIFSTOPPED(status))
		return 0;
	return WSTOPSIG(status);
}

static int suspend_and_continue(pid_t job, pid_t whom)
{
	shared->key = KEY_SUSPEND;
	if (wait_stop(job) != SIGTSTP)
		return 1;
	(void)kill(whom, SIGCONT);
	if (!wait_for(&shared->n_cont))
		return 2;
	sleep_ms(60);
	if (shared->n_cont != 1)
		return 3;
	/* And again: nothing of the first time is left over. */
	shared->key = KEY_SUSPEND;
	if (wait_stop(job) != SIGTSTP)
		return 4;
	(void)kill(whom, SIGCONT);
	return end_job(job);
}

static int type_suspend(pid_t job)
{
	return suspend_and_continue(job, -job);
}

static int type_suspend_continue_one(pid_t job)
{
	return suspend_and_continue(job, job);
}

static int ignore_suspend(void)
{
	(void)signal(SIGTSTP, SIG_IGN);
	return count_until_term();
}

static int type_ignored_suspend(pid_t job)
{
	shared->key = KEY_SUSPEND;
	sleep_ms(100);
	if (waitpid(job, NULL, WUNTRACED | WNOHANG) != 0)
		return 1;
	return end_job(job);
}

static int stop_self(void)
{
	shared->is_ready = 1;
	(void)kill(getpid(), SIGSTOP);
	return count_until_term();
}

static int see_stop(pid_t job)
{
	if (wait_stop(job) != SIGSTOP)
		return 1;
	shared->is_ready = 0;
	(void)kill(-job, SIGCONT);
	if (!wait_for(&shared->is_ready))
		return 2;
	return end_job(job);
}

static int read_terminal(void)
{
	char byte;

	(void)setpgid(0, 0);
	shared->is_ready = 1;
	(void)read(0, &byte, 1);
	return count_until_term();
}

static int see_background_read(pid_t job)
{
	if (wait_stop(job) != SIGTTIN)
		return 1;
	shared->is_ready = 0;
	(void)kill(shared->target, SIGKILL);
	(void)kill(-job, SIGCONT);
	return wait_end(job) == 128 + SIGKILL ? 0 : 2;
}

static void the_terminal_works_as_without_us(void)
{
	is_int(on_terminal(count_until_term, type_interrupt), 0, "^C, once");
	is_int(on_terminal(count_until_term, type_suspend), 0,
	       "^Z and fg: the shell sees it, SIGCONT once");
	is_int(on_terminal(count_until_term, type_suspend_continue_one), 0,
	       "SIGCONT to the supervisor alone reaches the target");
	is_int(on_terminal(ignore_suspend, type_ignored_suspend), 0,
	       "^Z that the target ignores");
	is_int(on_terminal(stop_self, see_stop), 0,
	       "a target that stops itself");
	is_int(on_terminal(read_terminal, see_background_read), 0,
	       "a target that reads from the background");
}

static int stop_and_exit(void)
{
	shared->is_ready = 1;
	(void)kill(getpid(), SIGSTOP);
	return 6;
}

static int run_without_terminal(void)
{
	(void)setsid();
	supervise(stop_and_exit);
	return 1;
}

static void nobody_stops_without_job_control(void)
{
	int status;
	pid_t pid;

	memset(shared, 0, sizeof(*shared));
	pid = fork();
	if (pid == 0)
		_exit(run_without_terminal());
	(void)wait_for(&shared->is_ready);
	sleep_ms(50);
	is_int(waitpid(pid, &status, WUNTRACED | WNOHANG), 0,
	       "the supervisor still answers");
	(void)kill(shared->target, SIGCONT);
	is_int(wait_end(pid), 6, "the target goes on");
}

/* The i-th leftover; @depth more generations lie between it and the target. */
static void leave_behind(int i, int depth, void (*run)(void))
{
	pid_t pid = fork();

	if (pid != 0) {
		(void)wait_for((_Atomic int *)&shared->pids[i]);
		return;
	}
	if (depth > 0) {
		(void)setsid();
		leave_behind(i, depth - 1, run);
		_exit(0);
	}
	shared->pids[i] = getpid();
	run();
	_exit(0);
}

static void just_sleep(void)
{
	sleep_ms(20000);
}

static void ignore_term(void)
{
	(void)signal(SIGTERM, SIG_IGN);
	just_sleep();
}

static void stop_forever(void)
{
	(void)kill(getpid(), SIGSTOP);
}

static void *sleep_in_thread(void *unused)
{
	just_sleep();
	return unused;
}

/* Looks like a zombie in /proc, and is none. */
static void end_first_thread(void)
{
	pthread_t thread;

	(void)pthread_create(&thread, NULL, sleep_in_thread, NULL);
	(void)signal(SIGTERM, SIG_IGN);
	pthread_exit(NULL);
}

static int leave_polite(void)
{
	leave_behind(0, 0, just_sleep);
	leave_behind(1, 2, just_sleep);
	leave_behind(2, 0, stop_forever);
	return 8;
}

static int leave_stubborn(void)
{
	leave_behind(0, 0, ignore_term);
	leave_behind(1, 1, end_first_thread);
	return 8;
}

static int leave_short(void)
{
	leave_behind(0, 1, just_sleep);
	return 8;
}

static int count_alive(void)
{
	int n = 0;

	for (size_t i = 0; i < 8; i++)
		n += is_alive(shared->pids[i]);
	return n;
}

/* Return: 0 when all is as it has to be; *ret_seconds: how long it took. */
static int end_leftovers(int (*run)(void), bool wait_all, double *ret_seconds)
{
	struct target t;
	int status;
	double begin;

	start_target(&t, run);
	if (signals_wait(&t.signals, t.pid, t.pidfd, &status) != 0 ||
	    WEXITSTATUS(status) != 8)
		return 1;
	if (count_alive() == 0)
		return 2;
	begin = seconds();
	if (leftovers_end(&t.signals, NULL, 0, wait_all) < 0)
		return 3;
	*ret_seconds = seconds() - begin;
	return count_alive() == 0 ? 0 : 4;
}

static int end_polite(void)
{
	double time;
	int r = end_leftovers(leave_polite, false, &time);

	return r ? r : time < 1 ? 0 : 5;
}

static int end_stubborn(void)
{
	double time;
	int r = end_leftovers(leave_stubborn, false, &time);

	return r ? r : time > 1.9 && time < 4 ? 0 : 5;
}

static int wait_for_short(void)
{
	double time;
	pid_t self = getpid();

	/* Somebody asks us to end: they are to know. */
	if (fork() == 0) {
		(void)wait_for((_Atomic int *)&shared->pids[0]);
		sleep_ms(200);
		(void)kill(self, SIGTERM);
		_exit(0);
	}
	return end_leftovers(leave_short, true, &time);
}

static void what_is_left_is_ended(void)
{
	is_int(in_child(end_polite), 0,
	       "SIGTERM: a child, a daemon, a stopped one");
	is_int(in_child(end_stubborn), 0,
	       "SIGKILL after two seconds: also without a first thread");
	is_int(in_child(wait_for_short), 0,
	       "--wait-all waits, and passes signals on");
}

static int keep_others(void)
{
	struct target t;
	pid_t before;
	pid_t kept;
	int status;
	int r = 0;

	before = fork();
	if (before == 0) {
		just_sleep();
		_exit(0);
	}
	start_target(&t, leave_short);
	kept = fork();
	if (kept == 0) {
		enter_cage();
		just_sleep();
		_exit(0);
	}
	(void)signals_wait(&t.signals, t.pid, t.pidfd, &status);
	if (leftovers_end(&t.signals, &kept, 1, false) != 0)
		r = 1;
	else if (count_alive() > 0)
		r = 2;
	else if (!is_alive(before) || !is_alive(kept))
		r = 3;
	(void)kill(before, SIGKILL);
	(void)kill(kept, SIGKILL);
	return r;
}

static void others_are_left_alone(void)
{
	is_int(in_child(keep_others), 0,
	       "the verifier, and a child from before");
}

/* As many processes as it can have; each one replaces itself all the time. */
static int fork_storm(void)
{
	for (int i = 0; i < 20; i++) {
		if (fork() == 0) {
			/* Bounded, so that a failure cannot eat the machine. */
			for (int n = 0; n < 3000; n++) {
				pid_t pid = fork();

				if (pid != 0)
					_exit(0);
				sleep_ms(1);
			}
			_exit(0);
		}
	}
	sleep_ms(100);
	return 8;
}

static int end_storm(void)
{
	struct target t;
	int status;

	start_target(&t, fork_storm);
	if (signals_wait(&t.signals, t.pid, t.pidfd, &status) != 0)
		return 1;
	if (sandbox_kill(&t.signals, NULL, 0) < 0)
		return 2;
	return waitpid(-1, NULL, 0) < 0 && errno == ECHILD ? 0 : 3;
}

static void a_fork_storm_ends(void)
{
	is_int(in_child(end_storm), 0,
	       "twenty that fork and exit all the time");
}

int main(void)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return EXIT_FAILURE;
	what_a_process_sends_arrives_once();
	the_end_is_the_same();
	an_ignored_sigchld_is_no_obstacle();
	a_thread_can_end_it();
	the_terminal_works_as_without_us();
	nobody_stops_without_job_control();
	what_is_left_is_ended();
	others_are_left_alone();
	a_fork_storm_ends();
	return done();
}
