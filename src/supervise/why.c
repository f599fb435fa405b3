/* SPDX-License-Identifier: Apache-2.0 */
/* What enforcement would answer, asked before anything runs. */
#include "supervise/why.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervise/judge.h"
#include "supervise/target.h"

/* We stand in for the target: "self" and the working directory are ours. */
static int make_call(struct supervisor *supervisor, struct call *call)
{
	struct stat st;

	supervisor->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	supervisor->proc_fd = procfs_open();
	if (supervisor->root_fd < 0 || supervisor->proc_fd < 0 ||
	    fstat(supervisor->proc_fd, &st) < 0)
		return -EACCES;
	supervisor->proc_dev = st.st_dev;
	supervisor->pid = -1; /* not running: nothing of its own to hide */
	call->supervisor = supervisor;
	call->is_silent = true;
	call->request.row = syscall_find(SYS_open);
	call->request.tid = getpid();
	call->view = (struct view){
		.root_fd = supervisor->root_fd,
		.proc_fd = supervisor->proc_fd,
		.proc_dev = supervisor->proc_dev,
		.tid = getpid(),
		.may_pass = judge_may_pass,
		.context = supervisor->rules,
	};
	return 0;
}

static int judge_object(struct call *call, bool allow_child,
			enum operation operation, const char *path,
			struct object *object, struct decision *ret)
{
	int r = resolve(&call->view, AT_FDCWD, path, 0, object);

	if (r < 0) {
		judge_error(call, object, r);
		*ret = (struct decision){
			.error = EACCES,
			.reason = "the way to it may not be known",
		};
		return call->answer.error == EACCES ? 0 : r;
	}
	if (operation == OPERATION_EXEC && !allow_child)
		*ret = (struct decision){
			.error = EACCES,
			.reason =
				"starting programs needs --allow-child-process",
		};
	else if (!judge(call, operation, object, ret) && ret->is_allowed) {
		/* Not the object, but a directory that ".." leaves again. */
		decide(call->supervisor->rules, OPERATION_STAT, object->hidden,
		       ret);
		memcpy(object->path, object->hidden, sizeof(object->path));
	}
	if (!ret->is_allowed && !ret->reason)
		ret->reason = "its own descriptor does not allow that";
	return 0;
}

int why_decide(const struct rules *rules, bool allow_child,
	       enum operation operation, const char *path,
	       char ret_path[PATH_MAX], struct decision *ret)
{
	struct supervisor supervisor = { .rules = rules };
	struct call call = { 0 };
	struct object object;
	int r;

	object_init(&object);
	r = make_call(&supervisor, &call);
	if (r == 0)
		r = judge_object(&call, allow_child, operation, path, &object,
				 ret);
	memcpy(ret_path, object.path, sizeof(object.path));
	object_done(&object);
	if (supervisor.root_fd >= 0)
		(void)close(supervisor.root_fd);
	if (supervisor.proc_fd >= 0)
		(void)close(supervisor.proc_fd);
	return r;
}
