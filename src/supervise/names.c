/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names: symlink, unlink, mkdir, mknod, truncate; rename.c has the others.
 * Landlock knows these, so a class 1 call goes on in the kernel; the others are
 * done here on pinned directories.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervise/entry.h"
#include "supervise/file_mask.h"
#include "supervise/supervisor.h"
#include "supervise/target.h"

void handle_symlink(struct call *call)
{
	struct entry entry;

	/* A write where the link lies; following it is judged by its target. */
	if (entry_find_new(call, 0, &entry)) {
		if (entry.is_class1)
			answer_continue(&call->answer);
		else if (entry_pin(call, &entry))
			answer_result(&call->answer,
				      symlinkat(call->request.text,
						entry.parent, entry.name));
	}
	entry_done(&entry);
}

void handle_unlink(struct call *call)
{
	bool is_rmdir = call->request.at_flags & AT_REMOVEDIR;
	struct entry entry;

	if (call->request.at_flags & ~AT_REMOVEDIR) {
		answer_error(&call->answer, EINVAL);
		return;
	}
	if (entry_find(call, 0, RESOLVE_LINK, is_rmdir ? EINVAL : EISDIR,
		       &entry) &&
	    entry_is_present(call, &entry)) {
		if (entry.is_class1)
			answer_continue(&call->answer);
		else if (entry_pin(call, &entry))
			answer_result(&call->answer,
				      unlinkat(entry.parent, entry.name,
					       is_rmdir ? AT_REMOVEDIR : 0));
	}
	entry_done(&entry);
}

/* What is made now has the requester's umask, until file_mask_drop(). */
static bool take_umask(struct call *call)
{
	struct target_status status;
	int r = target_status(call->view.proc_fd, call->request.tid, &status);

	if (r < 0) {
		answer_error(&call->answer, EACCES);
		return false;
	}
	file_mask_take(status.umask);
	return true;
}

void handle_mkdir(struct call *call)
{
	struct entry entry;

	if (entry_find_new(call, 0, &entry)) {
		if (entry.is_class1)
			answer_continue(&call->answer);
		else if (strcmp(entry.object.path, "/") == 0)
			answer_error(&call->answer, EEXIST);
		else if (take_umask(call) && entry_pin(call, &entry))
			answer_result(&call->answer,
				      mkdirat(entry.parent, entry.name,
					      call->request.mode & 07777));
	}
	file_mask_drop();
	entry_done(&entry);
}

void handle_mknod(struct call *call)
{
	const struct request *r = &call->request;
	mode_t type = r->mode & S_IFMT;
	struct entry entry;

	if (type == S_IFCHR || type == S_IFBLK) {
		answer_error(&call->answer, EPERM);
		return;
	}
	if (entry_find_new(call, 0, &entry)) {
		if (entry.is_class1)
			answer_continue(&call->answer);
		else if (take_umask(call) && entry_pin(call, &entry))
			answer_result(&call->answer,
				      mknodat(entry.parent, entry.name, r->mode,
					      0));
	}
	file_mask_drop();
	entry_done(&entry);
}

void handle_truncate(struct call *call)
{
	char name[PIN_NAME_SIZE];
	struct entry entry;

	if (entry_find(call, 0, 0, 0, &entry) &&
	    entry_is_present(call, &entry)) {
		pin_name(name, entry.object.fd);
		if (entry.is_class1)
			answer_continue(&call->answer);
		else if (call_is_current(call))
			answer_result(&call->answer,
				      truncate(name,
					       (off_t)call->request.values[1]));
	}
	entry_done(&entry);
}
