/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stat and its family. Landlock has no right for them, so the kernel is never
 * told to go on with a checked path (another thread may change it meanwhile):
 * the answer is read from the pinned object and written to the caller.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/kernel.h"
#include "supervise/borrow.h"
#include "supervise/judge.h"
#include "supervise/supervisor.h"
#include "supervise/target.h"

#define STAT_AT_FLAGS                                            \
	(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | \
	 AT_STATX_SYNC_TYPE)
#define XATTR_MAX 65536 /* XATTR_SIZE_MAX and XATTR_LIST_MAX */

/* Writes a result while the caller surely still waits for it. */
static void write_result(struct call *call, uint64_t address, const void *data,
			 size_t len, int64_t value)
{
	int r;

	if (!call_is_current(call))
		return;
	r = target_write(call->request.tid, address, data, len);
	if (r < 0)
		answer_error(&call->answer, r);
	else
		answer_value(&call->answer, value);
}

/* "" or NULL with AT_EMPTY_PATH: the descriptor itself, which it holds. */
static bool is_by_fd(const struct request *r)
{
	return (r->at_flags & AT_EMPTY_PATH) && r->names[0].text[0] == '\0' &&
	       r->names[0].dirfd != AT_FDCWD;
}

/*
 * The object of a metadata read. What is behind an open descriptor was judged
 * when it was opened, as with fstat(2), which is not notified at all.
 */
static bool find_object(struct call *call, unsigned flags,
			enum operation operation, struct object *object)
{
	const struct request *r = &call->request;
	struct decision decision;
	int error;

	object_init(object);
	if (is_by_fd(r)) {
		object->fd = target_fd(call->view.proc_fd, r->tid,
				       r->names[0].dirfd);
		object->kind = OBJECT_OWN;
		error = object->fd;
		if (error >= 0 && fstat(object->fd, &object->st) < 0)
			error = -errno;
		if (error < 0)
			answer_error(&call->answer, error);
		return error >= 0;
	}
	if ((r->at_flags & AT_EMPTY_PATH) && r->names[0].text[0] == '\0') {
		/* Of AT_FDCWD: the working directory. */
		memcpy(call->request.names[0].text, ".", 2);
		call->request.names[0].is_null = false;
	}
	if (!judge_name(call, 0, flags, operation, object, &decision))
		return false;
	if (object->kind == OBJECT_ABSENT) {
		answer_error(&call->answer, object->error);
		return false;
	}
	return true;
}

static unsigned link_flag(int at_flags)
{
	return at_flags & AT_SYMLINK_NOFOLLOW ? RESOLVE_LINK : 0;
}

static bool has_unknown(struct call *call, int known)
{
	if (!(call->request.at_flags & ~known))
		return false;
	answer_error(&call->answer, EINVAL);
	return true;
}

void handle_stat(struct call *call)
{
	struct object object;

	if (has_unknown(call, STAT_AT_FLAGS))
		return;
	if (find_object(call, link_flag(call->request.at_flags), OPERATION_STAT,
			&object))
		write_result(call, call->request.buffer, &object.st,
			     sizeof(object.st), 0);
	object_done(&object);
}

void handle_statx(struct call *call)
{
	const struct request *r = &call->request;
	struct object object;
	struct statx st;

	if (has_unknown(call, STAT_AT_FLAGS))
		return;
	if (find_object(call, link_flag(r->at_flags), OPERATION_STAT,
			&object)) {
		if (statx(object.fd, "",
			  AT_EMPTY_PATH | (r->at_flags & AT_STATX_SYNC_TYPE),
			  (unsigned)r->values[3], &st) < 0)
			answer_error(&call->answer, errno);
		else
			write_result(call, r->buffer, &st, sizeof(st), 0);
	}
	object_done(&object);
}

/* What access(2) asks is what an open would be told. */
static bool may_access(const struct call *call, const struct object *object,
		       unsigned mode)
{
	static const struct {
		unsigned bit;
		enum operation operation;
	} needs[] = {
		{ R_OK, OPERATION_READ },
		{ W_OK, OPERATION_WRITE },
		{ X_OK, OPERATION_EXEC },
	};
	struct decision decision;

	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		if (!(mode & needs[i].bit) || object->kind != OBJECT_FILE)
			continue;
		/* On a directory X_OK is search, which is not restricted. */
		if (needs[i].bit == X_OK && S_ISDIR(object->st.st_mode))
			continue;
		decide(call->supervisor->rules, needs[i].operation,
		       object->path, &decision);
		if (!decision.is_allowed)
			return false;
	}
	return true;
}

void handle_access(struct call *call)
{
	const struct request *r = &call->request;
	struct object object;

	if (has_unknown(call, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_EACCESS))
		return;
	if (r->mode & ~(mode_t)(R_OK | W_OK | X_OK)) {
		answer_error(&call->answer, EINVAL);
		return;
	}
	if (find_object(call, link_flag(r->at_flags), OPERATION_STAT,
			&object)) {
		long result =
			syscall(SYS_faccessat2, object.fd, "", r->mode,
				AT_EMPTY_PATH | (r->at_flags & AT_EACCESS));

		if (result < 0)
			answer_error(&call->answer, errno);
		else if (may_access(call, &object, r->mode))
			answer_value(&call->answer, 0);
	}
	object_done(&object);
}

/* /proc/self as the requester reads it; our own readlink would say our pid. */
static ssize_t read_proc_self(const struct call *call,
			      const struct object *object, char *ret,
			      size_t size)
{
	struct target_status status;
	bool is_thread = strcmp(object->path, "/proc/thread-self") == 0;
	int n;

	if (!is_thread && strcmp(object->path, "/proc/self") != 0)
		return readlinkat(object->fd, "", ret, size);
	if (target_status(call->view.proc_fd, call->request.tid, &status) < 0) {
		errno = EACCES;
		return -1;
	}
	n = is_thread ? snprintf(ret, size, "%d/task/%d", status.tgid,
				 call->request.tid) :
			snprintf(ret, size, "%d", status.tgid);
	return n;
}

void handle_readlink(struct call *call)
{
	const struct request *r = &call->request;
	struct object object;
	char text[PATH_MAX];
	bool is_nameless;
	ssize_t n;

	if ((int)r->size <= 0) {
		answer_error(&call->answer, EINVAL);
		return;
	}
	if (r->names[0].is_null) {
		answer_error(&call->answer, EFAULT);
		return;
	}
	is_nameless = r->names[0].text[0] == '\0';
	if (find_object(call, RESOLVE_LINK, OPERATION_STAT, &object)) {
		n = -1;
		errno = is_nameless ? ENOENT : EINVAL;
		if (S_ISLNK(object.st.st_mode))
			n = read_proc_self(call, &object, text, sizeof(text));
		if (n < 0)
			answer_error(&call->answer, errno);
		else if ((size_t)n > (size_t)(int)r->size)
			n = (int)r->size;
		if (n >= 0)
			write_result(call, r->buffer, text, (size_t)n, n);
	}
	object_done(&object);
}

/*
 * The one call of this family that only the kernel can do for the caller. A
 * race can learn that a directory exists, but what is opened or looked at from
 * there is judged again (doc/ARCHITECTURE.md).
 */
void handle_chdir(struct call *call)
{
	struct object object;

	if (find_object(call, 0, OPERATION_STAT, &object)) {
		if (S_ISDIR(object.st.st_mode))
			answer_continue(&call->answer);
		else
			answer_error(&call->answer, ENOTDIR);
	}
	object_done(&object);
}

void handle_statfs(struct call *call)
{
	struct object object;
	struct statfs fs;

	if (find_object(call, 0, OPERATION_STAT, &object)) {
		if (fstatfs(object.fd, &fs) < 0)
			answer_error(&call->answer, errno);
		else
			write_result(call, call->request.buffer, &fs,
				     sizeof(fs), 0);
	}
	object_done(&object);
}

/* Adds it to the requester's own inotify instance. */
static void add_watch(struct call *call, const struct object *object,
		      uint32_t mask)
{
	const struct request *r = &call->request;
	_cleanup_(borrow_close) struct borrow borrow = { .pidfd = -EBADF };
	_cleanup_close_ int inotify =
		borrow_open(call->view.proc_fd, r->tid, &borrow) < 0 ?
			-EACCES :
			borrow_fd(&borrow, r->fd);
	char name[PIN_NAME_SIZE];

	/* Containers may refuse pidfd_getfd: then there is no watching. */
	if (inotify < 0) {
		answer_error(&call->answer, inotify);
	} else if (call_is_current(call)) {
		pin_name(name, object->fd);
		answer_result(&call->answer,
			      inotify_add_watch(inotify, name, mask));
	}
}

void handle_watch(struct call *call)
{
	uint32_t mask = (uint32_t)call->request.values[2];
	struct object object;

	if (find_object(call, mask & IN_DONT_FOLLOW ? RESOLVE_LINK : 0,
			OPERATION_READ, &object))
		/* That one alone asks for no event, but is no error. */
		add_watch(call, &object,
			  mask == IN_DONT_FOLLOW ?
				  IN_UNMOUNT :
				  mask & ~(uint32_t)IN_DONT_FOLLOW);
	object_done(&object);
}

/* A text list or value of an extended attribute, of at most the asked size. */
static void answer_xattr(struct call *call, const char *name)
{
	const struct request *r = &call->request;
	char path[PIN_NAME_SIZE];
	_cleanup_free_ char *data = NULL;
	struct object object;
	size_t size;
	ssize_t n;

	size = r->size < XATTR_MAX ? (size_t)r->size : XATTR_MAX;
	if (find_object(call, link_flag(r->at_flags), OPERATION_STAT,
			&object)) {
		data = malloc(size ? size : 1);
		pin_name(path, object.fd);
		if (!data) {
			errno = ENOMEM;
			n = -1;
		} else {
			n = name ? getxattr(path, name, data, size) :
				   listxattr(path, data, size);
		}
		if (n < 0)
			answer_error(&call->answer, errno);
		else if (size == 0)
			answer_value(&call->answer, n);
		else
			write_result(call, r->buffer, data, (size_t)n, n);
	}
	object_done(&object);
}

static bool is_at_call(struct call *call)
{
	/* The *at forms (Linux 6.13) have older twins: callers fall back. */
	if (!strstr(call->request.row->name, "xattrat"))
		return false;
	answer_error(&call->answer, ENOSYS);
	return true;
}

void handle_getxattr(struct call *call)
{
	if (!is_at_call(call))
		answer_xattr(call, call->request.text);
}

void handle_listxattr(struct call *call)
{
	if (!is_at_call(call))
		answer_xattr(call, NULL);
}

void handle_getattr(struct call *call)
{
	answer_error(&call->answer, ENOSYS);
}
