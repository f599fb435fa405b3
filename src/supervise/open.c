/* SPDX-License-Identifier: Apache-2.0 */
/* open, creat, openat, openat2: the answer is the file itself. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/kernel.h"
#include "supervise/exec.h"
#include "supervise/file_mask.h"
#include "supervise/judge.h"
#include "supervise/moves.h"
#include "supervise/path_text.h"
#include "supervise/policy.h"
#include "supervise/sticky.h"
#include "supervise/supervisor.h"
#include "supervise/target.h"
#include "supervise/virtual.h"
#include "supervise/wish.h"

#define CREATE_TRIES 8

/* UNIX98 slaves: kernel Documentation/admin-guide/devices.txt */
#define PTY_MAJOR_FIRST 136
#define PTY_MAJOR_LAST 143

/* Judges every right that the wish needs on the object. */
static bool judge_wish(struct call *call, const struct wish *wish,
		       const struct object *object, bool *ret_class1)
{
	bool write = wish->write ||
		     (wish->create && object->kind == OBJECT_ABSENT);
	struct decision decision = { 0 };
	bool class1 = true;

	if (wish->is_path && wish->by_kernel) {
		*ret_class1 = true;
		return judge(call, OPERATION_STAT, object, &decision);
	}
	if (wish->read) {
		if (!judge(call, OPERATION_READ, object, &decision) &&
		    !judge_goes_on(call))
			return false;
		class1 &= decision.is_class1;
	}
	if (write) {
		if (!judge(call, OPERATION_WRITE, object, &decision))
			return false;
		class1 &= decision.is_class1;
	}
	*ret_class1 = class1 && object->kind != OBJECT_PROC;
	return !judge_goes_on(call);
}

/* Errors that do not depend on any permission, in the kernel's order. */
static int check_type(const struct wish *wish, const struct object *object)
{
	if (object->kind == OBJECT_ABSENT)
		return wish->create && object->error == ENOENT &&
				       !object->is_beyond ?
			       0 :
			       object->error;
	if (wish->create && (wish->flags & O_EXCL))
		return EEXIST;
	if ((wish->flags & O_DIRECTORY) && !S_ISDIR(object->st.st_mode))
		return ENOTDIR;
	if (S_ISLNK(object->st.st_mode) && !wish->by_kernel)
		return ELOOP;
	if (S_ISDIR(object->st.st_mode) && !wish->is_tmpfile &&
	    (wish->write || wish->create))
		return EISDIR;
	if (S_ISSOCK(object->st.st_mode) && !wish->is_path)
		return ENXIO;
	return 0;
}

/* O_CREAT on what somebody else made in a directory that all may write to. */
static int check_sticky(struct call *call, const struct wish *wish,
			const struct object *object)
{
	_cleanup_close_ int parent = -1;
	const char *name;

	if (!wish->create || object->kind != OBJECT_FILE || object->own_fd >= 0)
		return 0;
	parent = resolve_parent(&call->view, object, &name);
	if (parent < 0)
		return parent;
	return sticky_check_create(call->view.proc_fd, parent, &object->st);
}

/*
 * Runs with the requester's umask, so the kernel applies it, and default ACLs,
 * as it would to the requester.
 */
static int create(struct call *call, const struct wish *wish,
		  const struct object *object)
{
	_cleanup_close_ int parent = -1;
	struct target_status status;
	const char *name;
	int fd;

	if (target_status(call->view.proc_fd, call->request.tid, &status) < 0)
		return -EACCES;
	parent = resolve_parent(&call->view, object, &name);
	if (parent < 0)
		return parent;
	if (!notify_is_valid(call->supervisor->listener, call->request.id))
		return -ENOENT;
	/*
	 * O_EXCL: what somebody moved there meanwhile was never judged. Not
	 * O_NOFOLLOW: that would be seen by F_GETFL.
	 */
	file_mask_take(status.umask);
	fd = kernel_openat2(parent, name,
			    (uint64_t)(wish->flags | O_EXCL | O_NOCTTY |
				       O_CLOEXEC),
			    wish->mode, RESOLVE_NO_SYMLINKS);
	file_mask_drop();
	return fd;
}

static int open_tmpfile(struct call *call, const struct wish *wish,
			const struct object *object)
{
	struct target_status status;
	int fd;

	if (target_status(call->view.proc_fd, call->request.tid, &status) < 0)
		return -EACCES;
	file_mask_take(status.umask);
	fd = openat(object->fd, ".", wish->flags | O_CLOEXEC, wish->mode);
	if (fd < 0)
		fd = -errno;
	file_mask_drop();
	return fd;
}

/* Devices that may be opened for the target: theirs are the same as ours. */
static int check_device(struct call *call, const struct object *object)
{
	static const char *const shared[] = {
		"/dev/null",    "/dev/zero", "/dev/full", "/dev/random",
		"/dev/urandom", "/dev/ptmx", /* a new one, its own */
	};

	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++)
		if (strcmp(object->path, shared[i]) == 0)
			return 0;
	/* A granted pseudo-terminal is itself, whoever opens it. */
	if (S_ISCHR(object->st.st_mode) &&
	    major(object->st.st_rdev) >= PTY_MAJOR_FIRST &&
	    major(object->st.st_rdev) <= PTY_MAJOR_LAST)
		return 0;
	/* Our controlling terminal is the requester's in the same session. */
	if (object->own_fd >= 0 || strcmp(object->path, "/dev/tty") == 0)
		return getsid(call->request.tid) == getsid(0) ? 0 : ENXIO;
	judge_deny(
		call, object, "open device",
		"a device is opened only from a directory granted as a whole",
		NULL);
	return EACCES;
}

static void deliver(struct call *call, const struct wish *wish, int fd)
{
	if (fd < 0) {
		answer_error(&call->answer, fd);
		return;
	}
	answer_fd(&call->answer, fd, wish->flags & O_CLOEXEC);
}

/* Opens what is there and gives it to the target. */
static void inject(struct call *call, const struct wish *wish,
		   const struct object *object)
{
	int flags = wish->flags & ~(O_CREAT | O_EXCL | O_NOFOLLOW);
	int error;

	if (S_ISCHR(object->st.st_mode) || S_ISBLK(object->st.st_mode)) {
		error = check_device(call, object);
		if (error) {
			answer_error(&call->answer, error);
			return;
		}
	}
	/*
	 * An O_PATH descriptor cannot be injected: a readable one can. A FIFO
	 * is not waited for then.
	 */
	if (wish->is_path)
		flags = (flags & O_DIRECTORY) | O_RDONLY | O_NONBLOCK;
	if (S_ISFIFO(object->st.st_mode) && !(flags & O_NONBLOCK) &&
	    !call_is_slow(call))
		return;
	/* Emptying changes it. */
	if ((flags & O_TRUNC) && !call_is_current(call))
		return;
	deliver(call, wish, reopen(call->supervisor, object->fd, flags));
}

/* Return: true when something appeared where we were about to create. */
static bool open_object(struct call *call, const struct wish *wish,
			struct object *object)
{
	bool is_class1 = false;
	int fd, error;

	if (wish->create && (wish->flags & O_EXCL) && judge_taken(call, object))
		return false;
	if (!judge_wish(call, wish, object, &is_class1) && !judge_goes_on(call))
		return false;
	error = check_type(wish, object);
	if (error == 0 && !is_class1)
		error = check_sticky(call, wish, object);
	if (error) {
		answer_error(&call->answer, error);
		return false;
	}
	if (!policy_allows(call, wish->read, wish->write, wish->flags & O_TRUNC,
			   object) ||
	    judge_goes_on(call))
		return false;
	if (is_class1) {
		answer_continue(&call->answer);
	} else if (wish->is_tmpfile) {
		deliver(call, wish, open_tmpfile(call, wish, object));
	} else if (object->kind == OBJECT_ABSENT) {
		fd = create(call, wish, object);
		deliver(call, wish, fd);
		return fd == -EEXIST && !(wish->flags & O_EXCL);
	} else {
		inject(call, wish, object);
	}
	return false;
}

/* A FIFO as well: to open it a second time would show at its other end. */
static bool is_plain_type(mode_t mode)
{
	return S_ISREG(mode) || S_ISDIR(mode) || S_ISFIFO(mode);
}

/* Is there a symbolic link on the way, or at its end? */
static bool has_link(const struct supervisor *supervisor, const char *path)
{
	_cleanup_close_ int fd = -1;

	fd = kernel_openat2(supervisor->root_fd, path, O_PATH | O_CLOEXEC, 0,
			    RESOLVE_NO_SYMLINKS);
	return fd == -ELOOP;
}

/*
 * The usual case in fewer steps: a plain open for reading whose text already
 * says which path it is, unless there is a link on the way. openat2() proves
 * that there is none while it opens.
 *
 * Return: true when it was answered.
 */
static bool open_plain(struct call *call, const struct wish *wish)
{
	const struct supervisor *supervisor = call->supervisor;
	const char *text = call->request.names[0].text;
	_cleanup_close_ int fd = -1;
	struct decision decision;
	char path[PATH_MAX];
	struct stat st;
	uint64_t now;

	if (atomic_load(&supervisor->is_wary) || text[0] != '/' ||
	    wish->write || wish->create || wish->is_path || wish->restricted ||
	    supervisor->verifier || strstr(text, "/.") ||
	    text[strlen(text) - 1] == '/' ||
	    path_normalise(text, path, sizeof(path), &call->view) <= 0 ||
	    strncmp(path, "/proc", 5) == 0 || strncmp(path, "/dev", 4) == 0)
		return false;
	decide(supervisor->rules, OPERATION_READ, path, &decision);
	if (!decision.is_allowed)
		return false;
	if (decision.is_class1) {
		/* A link may lead to what only we can open: look closer. */
		if (!supervisor->rules->allow_metadata ||
		    has_link(supervisor, path))
			return false;
		answer_continue(&call->answer);
		return true;
	}
	now = moves_now();
	fd = kernel_openat2(supervisor->root_fd, path,
			    (uint64_t)(wish->flags | O_NOCTTY | O_CLOEXEC), 0,
			    RESOLVE_NO_SYMLINKS);
	if (fd >= 0 && moves_since(now) && !view_is_at(&call->view, fd, path))
		return true; /* denied: who races gets nothing */
	if (fd < 0 || fstat(fd, &st) < 0 || !is_plain_type(st.st_mode) ||
	    !view_is_plain(&call->view, fd, &st))
		return false;
	deliver(call, wish, take_fd(&fd));
	return true;
}

/* O_CREAT never makes a directory: said with a slash it fails, once it is found. */
static void refuse_slash(struct call *call)
{
	_cleanup_close_ int parent = -1, proof = -1;
	struct decision decision;
	struct object object;
	const char *name;

	(void)path_cut_slashes(call->request.names[0].text);
	if (judge_name(call, 0, RESOLVE_LINK, OPERATION_STAT, &object,
		       &decision)) {
		parent = resolve_parent(&call->view, &object, &name);
		if (object.kind == OBJECT_ABSENT && object.is_beyond)
			parent = -object.error;
		if (parent >= 0)
			proof = kernel_openat2(parent, ".", O_PATH | O_CLOEXEC,
					       0, 0); /* may it be searched? */
		answer_error(&call->answer, parent < 0 ? parent :
					    proof < 0  ? proof :
							 EISDIR);
	}
	object_done(&object);
}

void handle_open(struct call *call)
{
	const struct request_name *name = &call->request.names[0];
	struct object object;
	struct wish wish;
	unsigned flags = 0;
	bool again = true;
	int r;

	r = wish_read(&call->request, call->supervisor->rules->inject_all,
		      &wish);
	if (r < 0) {
		answer_error(&call->answer, r);
		return;
	}
	if (name->is_null) {
		answer_error(&call->answer, EFAULT);
		return;
	}
	if (call->supervisor->restrict_exec && exec_is_bare_linker(call))
		return;
	if (virtual_is_path(name->text)) {
		virtual_open(call, name->text);
		call->is_kept = true; /* an answer, whatever it says */
		return;
	}
	if (call->supervisor->opens_alone) {
		answer_continue(&call->answer); /* only marked ones come here */
		return;
	}
	if (wish.create && wish.restricted == 0 && name->text[0] &&
	    name->text[strlen(name->text) - 1] == '/') {
		refuse_slash(call);
		return;
	}
	if (open_plain(call, &wish))
		return;
	if ((wish.flags & O_NOFOLLOW) || (wish.create && (wish.flags & O_EXCL)))
		flags |= RESOLVE_LINK;
	for (int try = 0; again && try < CREATE_TRIES; try++) {
		again = false;
		r = wish.restricted ?
			    resolve_within(&call->view, name->dirfd, name->text,
					   flags, wish.restricted, wish.create,
					   &object) :
			    resolve(&call->view, name->dirfd, name->text, flags,
				    &object);
		if (r < 0)
			judge_error(call, &object, r);
		else
			again = open_object(call, &wish, &object);
		if (wish.read && !wish.write)
			policy_note_failure(call, &object);
		object_done(&object);
	}
}
