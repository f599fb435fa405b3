/* SPDX-License-Identifier: Apache-2.0 */
/*
 * execve: never done for the caller, and never decided by letting a checked
 * path through. The target's Landlock domain holds EXECUTE on exactly what may
 * run; the notification says why not, and lets the command itself start.
 */
#include <errno.h>

#include "supervise/judge.h"
#include "supervise/supervisor.h"

/* The command's own start: one thread, our own arguments, once. */
static bool is_launch(struct call *call)
{
	bool expected = false;

	return call->request.tid == call->supervisor->target_pid &&
	       atomic_compare_exchange_strong(&call->supervisor->is_launched,
					      &expected, true);
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
	if (r->names[0].text[0] == '\0') {
		/* execveat(fd, ""): a memfd would run without any EXECUTE. */
		answer_error(&call->answer, r->at_flags ? EACCES : ENOENT);
		return;
	}
	error = resolve(&call->view, r->names[0].dirfd, r->names[0].text, 0,
			&object);
	if (error < 0) {
		judge_error(call, &object, error);
	} else if (!call->supervisor->allow_child) {
		judge_deny(call, &object, "exec",
			   "starting programs needs --allow-child-process",
			   "to allow: --allow-child-process");
	} else if (object.kind == OBJECT_ABSENT) {
		/* A shell tries every directory of PATH: not worth a line. */
		decide(call->supervisor->rules, OPERATION_STAT, object.path,
		       &decision);
		if (decision.is_allowed && object.hidden[0] == '\0')
			answer_error(&call->answer, object.error);
	} else if (judge(call, OPERATION_EXEC, &object,
			 &decision)) {
		answer_continue(&call->answer);
	}
	object_done(&object);
}
