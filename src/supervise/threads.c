/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threads: how many a runtime needs for itself, and no more. The flags and the
 * stack of clone(2) lie in registers, so what is judged is what is done.
 */
#include "supervise/threads.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/readall.h"
#include "supervise/judge.h"
#include "supervise/locks.h"
#include "supervise/runtimes.h"
#include "supervise/supervisor.h"
#include "supervise/target.h"
#include "supervise/verifier.h"

#define NAMESPACES                                                     \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | \
	 CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)
#define HINT "to allow: --allow-worker"
#define DEBUG_THREADS 2 /* the debugger's, and a profiler's */
#define WORDS_MAX (8UL << 20) /* more than execve(2) takes */
#define THREADS_MAX 1024 /* as libuv has it */

/* Thread stacks as the C library and libuv make them. */
#define STACK_ROUND (64ULL * 1024)
#define STACK_SMALL (256ULL * 1024) /* for signals and for profilers */
#define STACK_UNLIMITED (2ULL << 20) /* of the C library, without a limit */
#define STACK_POOL (8ULL << 20)

static FILE *open_entry(const struct call *call, const char *entry)
{
	char name[64];
	FILE *file;
	int fd;

	(void)snprintf(name, sizeof(name), "%d/%s", call->request.tid, entry);
	fd = openat(call->view.proc_fd, name, O_RDONLY | O_CLOEXEC);
	file = fd < 0 ? NULL : fdopen(fd, "r");
	if (!file && fd >= 0)
		(void)close(fd);
	return file;
}

/* The program of the process, as an object to be reported; its file. */
static int find_program(struct call *call, struct object *ret, struct stat *st)
{
	static const char gone[] = " (deleted)";
	ssize_t n;

	object_init(ret);
	n = target_program(call->view.proc_fd, call->request.tid, ret->path,
			   sizeof(ret->path), st);
	if (n < 0)
		return (int)n;
	if ((size_t)n > strlen(gone) &&
	    strcmp(ret->path + (size_t)n - strlen(gone), gone) == 0)
		ret->path[(size_t)n - strlen(gone)] = '\0';
	return 0;
}

/* As libuv has it, which takes a negative number for a very large one. */
static long number_of(const char *text)
{
	long number = strtol(text, NULL, 10);

	return number < 0 ? THREADS_MAX : number;
}

/*
 * The number in "NAME=NUMBER"; 0 for "NAME" alone, where the next word may be
 * it; -1 for any other word.
 */
static long value_of(const char *word, const char *name, size_t len,
		     bool *is_next)
{
	size_t i = 0;

	/* Node takes --a_b for --a-b. */
	while (i < len &&
	       (word[i] == name[i] || (word[i] == '_' && name[i] == '-')))
		i++;
	*is_next = i == len && word[i] == '\0';
	if (i < len || (word[i] != '=' && word[i] != '\0'))
		return -1;
	return *is_next ? 0 : number_of(word + i + 1);
}

/* What a process was started with: words, each with a NUL behind it. */
struct words {
	char *text; /* owned */
	size_t len;
};

static void free_words(struct words *words)
{
	free(words->text);
}
#define _cleanup_words_ __attribute__((cleanup(free_words)))

/* None where an entry ("cmdline", "environ") cannot be read. */
static struct words read_words(const struct call *call, const char *entry)
{
	_cleanup_fclose_ FILE *file = open_entry(call, entry);
	struct words words = { 0 };

	if (file &&
	    read_to_end(fileno(file), WORDS_MAX, &words.text, &words.len) < 0)
		words = (struct words){ 0 };
	/* NODE_OPTIONS has several. */
	for (size_t i = 0; i < words.len; i++)
		if (words.text[i] == ' ')
			words.text[i] = '\0';
	return words;
}

/*
 * The largest number that any of the words gives @name, or -1: too many rather
 * than too few, which would end the runtime.
 */
static long find_value(const struct words *words, const char *name, size_t len)
{
	const char *word = words->text;
	bool is_next = false;
	long value, found = -1;

	for (; word && word < words->text + words->len;
	     word += strlen(word) + 1) {
		/* NODE_OPTIONS=--name=8 */
		const char *option = name[0] == '-' ? strstr(word, "--") : word;

		if (*word == '\0')
			continue;
		value = is_next ? strtol(word, NULL, 10) : -1;
		is_next = false;
		if (option && value < 0)
			value = value_of(option, name, len, &is_next);
		if (value > found)
			found = value;
	}
	return found > THREADS_MAX ? THREADS_MAX : found;
}

/* How many more threads than usual an option or a variable makes. */
static unsigned count_more(const struct words *variables,
			   const struct words *cmdline, const char *setting)
{
	size_t len = strcspn(setting, "=+");
	long usual = setting[len] ? strtol(setting + len + 1, NULL, 10) : 0;
	bool is_option = setting[0] == '-';
	long value = find_value(variables, setting, len);
	long other = is_option ? find_value(cmdline, setting, len) : -1;

	if (other > value)
		value = other;
	if (setting[len] == '+') /* just by being there */
		return value < 0 ? 0 : (unsigned)usual;
	if (is_option) /* those are counted already */
		return value > usual ? (unsigned)(value - usual) : 0;
	return (unsigned)(value < 0 ? usual : value == 0 ? 1 : value);
}

/* How many threads beside the first the runtime may need. */
static unsigned count_needed(const struct call *call,
			     const struct runtime *runtime)
{
	_cleanup_words_ struct words variables = read_words(call, "environ");
	_cleanup_words_ struct words cmdline = read_words(call, "cmdline");
	unsigned needed = runtime->threads;

	for (size_t i = 0; i < runtime->settings.n; i++)
		needed += count_more(&variables, &cmdline,
				     runtime->settings.items[i]);
	return needed;
}

/* The size of its stack that a limit gives, as the C library has it. */
static uint64_t usual_stack(struct call *call)
{
	_cleanup_fclose_ FILE *file = open_entry(call, "limits");
	static const char key[] = "Max stack size";
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, key, strlen(key)) == 0)
			return strtoull(line + strlen(key), NULL, 10);
	return 0; /* "unlimited" is no number either */
}

/*
 * Is the stack beneath @top what the runtime's own threads have? Only then can
 * it not be a Worker's, who has one of another size, unless it says otherwise.
 */
static bool is_own_stack(struct call *call, uint64_t top)
{
	_cleanup_fclose_ FILE *file = open_entry(call, "maps");
	char line[PATH_MAX + 128], *dash;
	uint64_t size = 0, usual;

	while (file && size == 0 && fgets(line, sizeof(line), file)) {
		uint64_t start = strtoull(line, &dash, 16);

		if (*dash == '-' && start < top &&
		    top <= strtoull(dash + 1, NULL, 16))
			size = top - start;
	}
	if (size == 0)
		return false;
	/* The thread's own data lies above, a guard may lie beneath. */
	size = (size + STACK_ROUND - 1) / STACK_ROUND * STACK_ROUND;
	usual = usual_stack(call);
	if (usual == 0)
		usual = STACK_UNLIMITED;
	usual = (usual + STACK_ROUND - 1) / STACK_ROUND * STACK_ROUND;
	return size <= STACK_SMALL || size == usual || size == STACK_POOL;
}

static void deny(struct call *call, const struct object *program,
		 const char *reason)
{
	judge_deny(call, program, "thread", reason, HINT);
	/* What pthread_create(3) says itself when there are too many. */
	answer_error(&call->answer, EAGAIN);
}

static bool has_loader_thread(const struct call *call)
{
	const struct verifier *verifier = call->supervisor->verifier;

	return verifier && (verifier_limits_dependencies(verifier) ||
			    verifier_has_urls(verifier));
}

bool threads_may_load(const struct call *call)
{
	struct target_status status;
	struct process process;
	unsigned most;

	return has_loader_thread(call) &&
	       target_status(call->view.proc_fd, call->request.tid, &status) ==
		       0 &&
	       process_read(call->view.proc_fd, status.tgid, &process) == 0 &&
	       !locks_find(&process, &most);
}

static void judge_thread(struct call *call, const struct runtime *runtime,
			 const struct object *program)
{
	static const char too_many[] =
		"more threads than the runtime itself needs";
	unsigned debug = call->supervisor->allow_inspector ? DEBUG_THREADS : 0;
	bool is_locked, has_loader = has_loader_thread(call);
	struct target_status status;
	struct process process;
	unsigned most;

	if (target_status(call->view.proc_fd, call->request.tid, &status) < 0 ||
	    process_read(call->view.proc_fd, status.tgid, &process) < 0)
		return;
	/*
	 * One that has ended since leaves no place for another. A debugger's
	 * comes when it is asked for.
	 */
	is_locked = locks_find(&process, &most);
	if (is_locked)
		most = debug ? most + debug : 0;
	else
		most = 1 + count_needed(call, runtime) + debug + has_loader;
	if (process.threads >= most)
		deny(call, program, too_many);
	else if (!is_own_stack(call, call->request.values[1]) &&
		 (is_locked || !has_loader ||
		  process.threads > 1 + runtime->threads))
		deny(call, program,
		     "not a thread that the runtime itself needs");
	else
		answer_continue(&call->answer);
}

void handle_clone(struct call *call)
{
	bool is_thread = strcmp(call->request.row->name, "clone") == 0 &&
			 (call->request.values[0] & CLONE_THREAD);
	const struct runtime *runtime;
	struct object program;
	struct stat st;

	if (find_program(call, &program, &st) < 0)
		return;
	if (!is_thread) {
		judge_deny(call, &program, "fork",
			   "starting processes needs --allow-child-process",
			   "to allow: --allow-child-process");
		return;
	}
	if (call->request.values[0] & NAMESPACES) {
		answer_error(&call->answer, EPERM);
		return;
	}
	runtime = runtimes_find(call->supervisor->runtimes, program.path,
				st.st_dev, st.st_ino);
	if (runtime)
		judge_thread(call, runtime, &program);
	else
		answer_continue(&call->answer);
}

int threads_lock(struct call *call)
{
	struct target_status status;
	struct process process;
	int r;

	/* A process that is not limited has nothing to lock. */
	if (call->supervisor->allow_worker)
		return 0;
	r = target_status(call->view.proc_fd, call->request.tid, &status);
	if (r == 0)
		r = process_read(call->view.proc_fd, status.tgid, &process);
	if (r == 0)
		r = locks_add(call->view.proc_fd, &process);
	return r;
}
