/* SPDX-License-Identifier: Apache-2.0 */
/* decide(), applied to a resolved object, with the denial reported. */
#include "supervise/judge.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "supervise/denial.h"
#include "supervise/proc_place.h"
#include "supervise/relatives.h"
#include "supervise/target.h"
#include "supervise/verifier.h"
#include "supervise/walk.h"

bool judge_may_pass(const void *context, const char *path)
{
	struct decision decision;

	decide(context, OPERATION_STAT, path, &decision);
	/* Who may write there learns it by writing. */
	if (!decision.is_allowed && !path_is_proc(path))
		decide(context, OPERATION_WRITE, path, &decision);
	return decision.is_allowed;
}

bool judge_goes_on(const struct call *call)
{
	return call->supervisor->report_only && call->is_denied;
}

bool judge_taken(struct call *call, const struct object *object)
{
	struct decision decision;

	if (object->kind != OBJECT_FILE)
		return false;
	decide(call->supervisor->rules, OPERATION_STAT, object->path,
	       &decision);
	if (!decision.is_allowed || object->hidden[0]) {
		if (!call->supervisor->report_only)
			return false;
		/* It fails by itself: all it learns is that it is there. */
		(void)judge(call, OPERATION_STAT, object, &decision);
	}
	answer_error(&call->answer, EEXIST);
	return true;
}

/*
 * How descriptor object->own_fd was opened, if it still is this very object:
 * the number may have been given to another file since the object was pinned.
 * Return: O_RDONLY, O_WRONLY, O_RDWR, or -1.
 */
static int own_mode(const struct call *call, const struct object *object)
{
	struct target_fd_info info;
	struct statx st;

	if (target_fd_info(call->view.proc_fd, object->own_tid, object->own_fd,
			   &info) < 0 ||
	    statx(object->fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st) < 0 ||
	    !(st.stx_mask & STATX_MNT_ID) || info.ino != object->st.st_ino ||
	    info.mnt_id != st.stx_mnt_id || (info.flags & O_PATH))
		return -1;
	return info.flags & O_ACCMODE;
}

/* The requester's own open file, asked for no more than it already has. */
static bool is_own(const struct call *call, enum operation operation,
		   const struct object *object)
{
	int mode;

	if (object->own_fd < 0) /* its executable or directory, deleted */
		return object->kind == OBJECT_OWN &&
		       operation != OPERATION_WRITE &&
		       operation != OPERATION_EXEC &&
		       operation != OPERATION_UNIX;
	mode = own_mode(call, object);
	switch (operation) {
	case OPERATION_STAT:
		return mode >= 0;
	case OPERATION_READ:
		return mode == O_RDONLY || mode == O_RDWR;
	case OPERATION_WRITE:
		return mode == O_WRONLY || mode == O_RDWR;
	case OPERATION_EXEC:
	case OPERATION_UNIX:
		return false;
	}
	return false;
}

/* The process that a path beneath /proc belongs to, or 0. */
static pid_t proc_owner(const struct call *call, const char *path)
{
	struct target_status status;
	long pid;

	if (strncmp(path, "/proc/", 6) != 0)
		return 0;
	pid = strtol(path + 6, NULL, 10);
	if (pid <= 0 || pid > INT_MAX)
		return 0;
	/* Any thread has an entry of its own, though it is not listed. */
	if (target_status(call->view.proc_fd, (pid_t)pid, &status) < 0)
		return -1;
	return status.tgid;
}

/* No flag and no grant reaches these. */
static bool is_own_process(const struct supervisor *supervisor, pid_t owner)
{
	return owner > 0 && (owner == supervisor->pid ||
			     (supervisor->verifier &&
			      verifier_is(supervisor->verifier, owner)));
}

/* The JVM sets which memory a core file would hold; there is none. */
static bool is_idle_write(enum operation operation, const char *path)
{
	const char *name = strrchr(path, '/');

	return operation == OPERATION_WRITE &&
	       strcmp(name, "/coredump_filter") == 0;
}

/*
 * procfs checks the opener, which would be us: only the requester's own
 * entries are served, read-only, whatever is granted; and no grant reaches the
 * supervisor or the verifier.
 */
static bool judge_proc(struct call *call, enum operation operation,
		       const struct object *object, struct decision *decision)
{
	const struct supervisor *supervisor = call->supervisor;
	pid_t owner = proc_owner(call, object->path);
	struct target_status status = { .tgid = -2 };
	bool is_self = strcmp(object->path, "/proc/self") == 0 ||
		       strcmp(object->path, "/proc/thread-self") == 0;

	*decision = (struct decision){ .error = EACCES };
	if (is_own_process(supervisor, owner)) {
		decision->reason = "the supervisor's own entries stay closed";
		call->is_kept = true;
	} else if (is_idle_write(operation, object->path)) {
		denial_hide(call, EACCES);
		return false;
	} else if (operation == OPERATION_WRITE ||
		   operation == OPERATION_EXEC || operation == OPERATION_UNIX) {
		decision->reason = "files of /proc are never written for it";
	} else {
		(void)target_status(call->view.proc_fd, call->request.tid,
				    &status);
		if (is_self ||
		    (owner > 0 && owner == status.tgid &&
		     !proc_place_host_state(object->path)) ||
		    relatives_may_see(call, object, owner)) {
			decision->is_allowed = true;
			return true;
		}
		decide(supervisor->rules, operation, object->path, decision);
		decision->is_class1 = false;
		if (decision->is_allowed)
			return true;
		denial_decided(call, object, operation, object->path, decision);
		return false;
	}
	judge_deny(call, object, operation_name(operation), decision->reason,
		   NULL);
	return false;
}

/*
 * An object that may be reached, but by way of a directory that may not be
 * known: that the way exists is as much as the target may not learn.
 */
static bool judge_way(struct call *call, const struct object *object)
{
	struct decision decision;

	if (object->hidden[0] == '\0')
		return true;
	decide(call->supervisor->rules, OPERATION_STAT, object->hidden,
	       &decision);
	denial_decided(call, object, OPERATION_STAT, object->hidden, &decision);
	return false;
}

bool judge(struct call *call, enum operation operation,
	   const struct object *object, struct decision *decision)
{
	bool is_proc = object->kind == OBJECT_PROC ||
		       path_is_proc(object->path);

	*decision = (struct decision){ .error = EACCES };
	if ((object->kind == OBJECT_OWN || is_proc) && !judge_way(call, object))
		return false;
	if (object->kind == OBJECT_OWN) {
		decision->is_allowed = is_own(call, operation, object);
		if (!decision->is_allowed)
			judge_deny(call, object, operation_name(operation),
				   "its own descriptor does not allow that",
				   NULL);
		return decision->is_allowed;
	}
	if (is_proc)
		return judge_proc(call, operation, object, decision);
	decide(call->supervisor->rules, operation, object->path, decision);
	if (object->own_fd >= 0 && !decision->is_allowed)
		decision->is_allowed = is_own(call, operation, object);
	if (decision->is_allowed)
		return judge_way(call, object);
	denial_decided(call, object, operation, object->path, decision);
	return false;
}

void judge_error(struct call *call, const struct object *object, int error)
{
	/* How far the walk came, and by which way, is not to be learned. */
	if (object->hidden[0] ||
	    (object->path[0] &&
	     !judge_may_pass(call->supervisor->rules, object->path)))
		denial_hide(call, EACCES);
	else
		answer_error(&call->answer, error);
}

bool judge_name(struct call *call, unsigned i, unsigned flags,
		enum operation operation, struct object *object,
		struct decision *decision)
{
	const struct request_name *name = &call->request.names[i];
	int r;

	object_init(object);
	if (name->is_null) {
		answer_error(&call->answer, EFAULT);
		return false;
	}
	r = resolve(&call->view, name->dirfd, name->text, flags, object);
	if (r < 0) {
		judge_error(call, object, r);
		return false;
	}
	return judge(call, operation, object, decision);
}
