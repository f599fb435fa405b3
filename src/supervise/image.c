/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Code from files: what a process may map as executable. The kernel looks at
 * the descriptor again when it goes on, so a second thread that exchanges it
 * in between gets another file mapped: doc/ says so.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "supervise/images.h"
#include "supervise/judge.h"
#include "supervise/runtimes.h"
#include "supervise/supervisor.h"
#include "supervise/target.h"
#include "supervise/threads.h"

/* Which program the requester is. */
struct program {
	char path[PATH_MAX];
	struct stat st;
};

/*
 * A runtime maps itself a second time for each isolate. In another thread than
 * the first that is a Worker's.
 */
static bool is_worker(const struct call *call, const struct program *program)
{
	const struct supervisor *supervisor = call->supervisor;
	struct target_status status;

	if (supervisor->allow_worker ||
	    !runtimes_find(supervisor->runtimes, program->path,
			   program->st.st_dev, program->st.st_ino))
		return false;
	return target_status(call->view.proc_fd, call->request.tid, &status) <
		       0 ||
	       status.tgid != call->request.tid;
}

static bool is_readable(const struct call *call, const char *path)
{
	struct decision decision;

	decide(call->supervisor->rules, OPERATION_READ, path, &decision);
	return decision.is_allowed;
}

/* What may be executed may be loaded as well; and libraries of the system. */
static bool is_for_child(const struct call *call, const char *path)
{
	const struct supervisor *supervisor = call->supervisor;
	struct decision decision;

	/* To start it would have been denied, and that was reported. */
	if (!supervisor->allow_child)
		return supervisor->report_only &&
		       images_are_of_child(supervisor->images, path);
	decide(supervisor->rules, OPERATION_EXEC, path, &decision);
	return decision.is_allowed ||
	       (images_are_of_child(supervisor->images, path) &&
		is_readable(call, path));
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool may_load(struct call *call, const struct program *program,
		     const struct object *object)
{
	const struct images *images = call->supervisor->images;
	bool is_runtime = program->st.st_dev == images->dev &&
			  program->st.st_ino == images->ino;

	/* In memory or removed: nobody can say what it is. */
	if (object->kind != OBJECT_FILE)
		return false;
	if (is_runtime)
		return images_are_of_runtime(images, object->path) &&
		       is_readable(call, object->path);
	return is_for_child(call, object->path);
}

void handle_mmap(struct call *call)
{
	struct program program;
	struct object object;
	bool is_own;
	int r;

	if (target_program(call->view.proc_fd, call->request.tid, program.path,
			   sizeof(program.path), &program.st) < 0)
		return;
	r = resolve_fd(&call->view, call->request.fd, &object);
	if (r < 0) {
		answer_error(&call->answer, r);
		object_done(&object);
		return;
	}
	is_own = is_same(&program.st, &object.st);
	if (is_own && is_worker(call, &program) && !threads_may_load(call))
		judge_deny(call, &object, "thread",
			   "more threads than the runtime itself needs",
			   "to allow: --allow-worker");
	else if (is_own || may_load(call, &program, &object))
		answer_continue(&call->answer);
	else
		judge_deny(call, &object, "load",
			   "code that is not the program's own",
			   "to allow: --allow-addons");
	object_done(&object);
}
