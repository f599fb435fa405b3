/* SPDX-License-Identifier: Apache-2.0 */
/* One notification: which handler, and its answer. */
#include "supervise/answer.h"

#include <errno.h>
#include <stddef.h>

#include "supervise/denial.h"
#include "supervise/judge.h"
#include "supervise/signals.h"
#include "supervise/supervisor.h"

static call_handler *const handlers[CALL_MAX] = {
	[CALL_OPEN] = handle_open,
	[CALL_STAT] = handle_stat,
	[CALL_STATX] = handle_statx,
	[CALL_ACCESS] = handle_access,
	[CALL_READLINK] = handle_readlink,
	[CALL_CHDIR] = handle_chdir,
	[CALL_STATFS] = handle_statfs,
	[CALL_WATCH] = handle_watch,
	[CALL_GETXATTR] = handle_getxattr,
	[CALL_LISTXATTR] = handle_listxattr,
	[CALL_GETATTR] = handle_getattr,
	[CALL_RENAME] = handle_rename,
	[CALL_LINK] = handle_link,
	[CALL_SYMLINK] = handle_symlink,
	[CALL_UNLINK] = handle_unlink,
	[CALL_MKDIR] = handle_mkdir,
	[CALL_MKNOD] = handle_mknod,
	[CALL_TRUNCATE] = handle_truncate,
	[CALL_CHMOD] = handle_chmod,
	[CALL_CHOWN] = handle_chown,
	[CALL_UTIMES] = handle_utimes,
	[CALL_SETXATTR] = handle_setxattr,
	[CALL_REMOVEXATTR] = handle_removexattr,
	[CALL_SETATTR] = handle_setattr,
	[CALL_EXEC] = handle_exec,
	[CALL_CLONE] = handle_clone,
	[CALL_MMAP] = handle_mmap,
	[CALL_CONNECT] = handle_connect,
	[CALL_BIND] = handle_bind,
	[CALL_LISTEN] = handle_listen,
	[CALL_SENDTO] = handle_sendto,
	[CALL_SENDMSG] = handle_sendmsg,
	[CALL_SENDMMSG] = handle_sendmmsg,
};

/* Nobody may want to know any more. */
static bool view_goes_on(struct view *view)
{
	struct call *call =
		(struct call *)(void *)((char *)view -
					offsetof(struct call, view));

	return call_is_slow(call) &&
	       notify_is_valid(call->supervisor->listener, call->request.id);
}

/* The steps of one notification; doc/ARCHITECTURE.md numbers them. */
void call_answer(struct call *call, struct supervisor *supervisor,
		 const struct seccomp_notif *req)
{
	int r;

	answer_init(&call->answer);
	call->supervisor = supervisor;
	call->is_denied = false;
	call->is_kept = false;
	call->is_silent = false;
	atomic_store(&call->is_waiting, false);
	call->view = (struct view){
		.root_fd = supervisor->root_fd,
		.proc_fd = supervisor->proc_fd,
		.proc_dev = supervisor->proc_dev,
		.tid = (pid_t)req->pid,
		.may_pass = judge_may_pass,
		.context = supervisor->rules,
		.goes_on = view_goes_on,
	};
	r = request_decode(supervisor->proc_fd, req, &call->request);
	/* Only now do the copies surely come from the requester. */
	if (!notify_is_valid(supervisor->listener, req->id))
		answer_error(&call->answer, EACCES);
	else if (r < 0)
		answer_error(&call->answer, r);
	else if (handlers[call->request.row->call])
		handlers[call->request.row->call](call);
	else
		answer_error(&call->answer, ENOSYS);
	if (supervisor->report_only)
		denial_let_through(call);
	/* Too late is harmless: the kernel takes one answer for each id. */
	r = notify_send(supervisor->listener, req->id, &call->answer);
	if (r < 0)
		signals_fail(supervisor->signals,
			     "a request cannot be answered", r);
	answer_done(&call->answer);
}
