/* SPDX-License-Identifier: Apache-2.0 */
/*
 * execve: never done for the caller, and never decided by letting a checked
 * path through. The target's Landlock domain holds EXECUTE on exactly what may
 * run; the notification says why not, and lets the command itself start.
 */
#include "supervise/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "supervise/judge.h"
#include "supervise/policy.h"
#include "supervise/shebang.h"
#include "supervise/supervisor.h"

#define SHEBANG_MAX 5 /* the kernel's */

bool exec_is_bare_linker(const struct call *call)
{
	const struct rules *rules = call->supervisor->rules;
	char name[32];
	struct stat exe, st;

	(void)snprintf(name, sizeof(name), "%d/exe", call->request.tid);
	if (fstatat(call->view.proc_fd, name, &exe, 0) < 0)
		return true;
	for (size_t i = 0; i < rules->n_grants; i++)
		if (rules->grants[i].is_interpreter &&
		    stat(rules->grants[i].path, &st) == 0 &&
		    st.st_dev == exe.st_dev && st.st_ino == exe.st_ino)
			return true;
	return false;
}

/* The command's own start: one thread, our own arguments, once. */
static bool is_launch(struct call *call)
{
	bool expected = false;

	return call->request.tid == call->supervisor->target_pid &&
	       atomic_compare_exchange_strong(&call->supervisor->is_launched,
					      &expected, true);
}

/*
 * execveat(fd, ""): a memory file would run without any EXECUTE. The filter
 * refuses it, but with --report-only.
 */
static void refuse_nameless(struct call *call)
{
	struct object object;

	if (!(call->request.at_flags & AT_EMPTY_PATH)) {
		answer_error(&call->answer, ENOENT);
		return;
	}
	if (resolve_fd(&call->view, call->request.names[0].dirfd, &object) == 0)
		judge_deny(call, &object, "exec",
			   "a program is started by its name only", NULL);
	object_done(&object);
}

/*
 * Whether the interpreter that script->path names may run. *@next: its pin,
 * where it may; -1: there is none, or the kernel says what is wrong with it.
 */
static bool may_run_interpreter(struct call *call, int script, int *next)
{
	struct image image = { .kind = IMAGE_ELF };
	struct decision decision;
	struct object object;
	char name[PIN_NAME_SIZE];
	bool is_allowed = true;
	int r;

	*next = -1;
	object_init(&object);
	pin_name(name, script);
	r = shebang_read(name, &image);
	if (r == 0 && image.kind == IMAGE_SCRIPT) {
		r = resolve(&call->view, AT_FDCWD, image.interpreter, 0,
			    &object);
		if (r < 0)
			judge_error(call, &object, r);
		is_allowed = r == 0 &&
			     judge(call, OPERATION_EXEC, &object, &decision) &&
			     policy_may_run(call, &object);
		if (is_allowed && object.fd >= 0 && S_ISREG(object.st.st_mode))
			*next = take_fd(&object.fd);
	} else if (r < 0 && r != -ENOEXEC && r != -EACCES) {
		/* What can be executed but not read the kernel reads. */
		answer_error(&call->answer, r);
		is_allowed = false;
	}
	object_done(&object);
	image_done(&image);
	return is_allowed;
}

/*
 * The interpreter of a script runs without another call. The target's domain
 * refuses what may not be executed; this says so, and holds without a domain.
 */
static bool may_interpret(struct call *call, struct object *script)
{
	bool is_file = script->fd >= 0 && S_ISREG(script->st.st_mode);
	int pin = is_file ? take_fd(&script->fd) : -1;
	bool is_allowed = true;

	for (int i = 0; i < SHEBANG_MAX && pin >= 0; i++) {
		_cleanup_close_ int now = pin;

		is_allowed = may_run_interpreter(call, now, &pin);
	}
	if (pin >= 0)
		(void)close(pin);
	return is_allowed;
}

void handle_exec(struct call *call)
{
	struct request *r = &call->request;
	struct decision decision;
	struct object object;
	int error;

	if (is_launch(call)) {
		answer_continue(&call->answer);
		return;
	}
	if (r->names[0].is_null) {
		answer_error(&call->answer, EFAULT);
		return;
	}
	if (r->names[0].text[0] == '\0') {
		refuse_nameless(call);
		return;
	}
	error = resolve(&call->view, r->names[0].dirfd, r->names[0].text, 0,
			&object);
	if (error < 0) {
		judge_error(call, &object, error);
	} else if (!call->supervisor->allow_child &&
		   (object.kind != OBJECT_ABSENT ||
		    !call->supervisor->report_only)) {
		judge_deny(call, &object, "exec",
			   "starting programs needs --allow-child-process",
			   "to allow: --allow-child-process");
	} else if (object.kind == OBJECT_ABSENT) {
		/* A shell tries every directory of PATH: not worth a line. */
		decide(call->supervisor->rules, OPERATION_STAT, object.path,
		       &decision);
		if (decision.is_allowed && object.hidden[0] == '\0')
			answer_error(&call->answer, object.error);
	} else if (judge(call, OPERATION_EXEC, &object, &decision) &&
		   policy_may_run(call, &object) &&
		   may_interpret(call, &object)) {
		answer_continue(&call->answer);
	}
	object_done(&object);
}
