/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes of metadata, by path and by descriptor, done on the pinned object.
 * Landlock has no right for them: a read-only descriptor could change the mode
 * of its file, and a checked path or descriptor could be swapped.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

#include "common/cleanup.h"
#include "supervise/judge.h"
#include "supervise/supervisor.h"
#include "supervise/target.h"

#define KNOWN_AT_FLAGS (AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)
#define XATTR_VALUE_MAX 65536

static bool starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* fchmod(fd), utimensat(fd, NULL), fchownat(fd, "", AT_EMPTY_PATH). */
static bool is_by_fd(const struct request *r, int *ret_fd)
{
	const struct request_name *name = &r->names[0];

	*ret_fd = name->is_given ? name->dirfd : r->fd;
	if (!name->is_given)
		return true;
	if (name->is_null)
		return name->dirfd != AT_FDCWD &&
		       (starts(r->row->name, "utimensat") ||
			starts(r->row->name, "futimesat"));
	return name->text[0] == '\0' && (r->at_flags & AT_EMPTY_PATH) &&
	       name->dirfd != AT_FDCWD;
}

/* By number alone nothing can be changed that was opened with O_PATH. */
static int find_fd(struct call *call, int fd, struct object *object)
{
	const struct request *r = &call->request;
	struct target_fd_info info;

	if (!r->names[0].is_given || r->names[0].is_null) {
		if (r->at_flags)
			return -EINVAL;
		if (target_fd_info(call->view.proc_fd, r->tid, fd, &info) < 0 ||
		    info.flags & O_PATH)
			return -EBADF;
	}
	return resolve_fd(&call->view, fd, object);
}

/* "" of AT_FDCWD with AT_EMPTY_PATH: the working directory. */
static void name_directory(struct request *r)
{
	struct request_name *name = &r->names[0];

	if (name->is_given && !name->is_null && name->text[0] == '\0' &&
	    name->dirfd == AT_FDCWD && (r->at_flags & AT_EMPTY_PATH))
		memcpy(name->text, ".", 2);
}

/* The object, if its metadata may be changed; call->answer otherwise. */
static bool find_object(struct call *call, unsigned flags,
			struct object *object)
{
	struct request *r = &call->request;
	struct decision decision;
	int fd, error;

	object_init(object);
	if (r->at_flags & ~KNOWN_AT_FLAGS) {
		answer_error(&call->answer, EINVAL);
		return false;
	}
	name_directory(r);
	if (is_by_fd(r, &fd)) {
		error = find_fd(call, fd, object);
		if (error < 0) {
			answer_error(&call->answer, error);
			return false;
		}
		if (!judge(call, OPERATION_WRITE, object, &decision))
			return false;
	} else if (!judge_name(call, 0, flags, OPERATION_WRITE, object,
			       &decision)) {
		return false;
	}
	if (object->kind == OBJECT_ABSENT) {
		answer_error(&call->answer, object->error);
		return false;
	}
	if (object->kind == OBJECT_FILE &&
	    rules_is_listed(call->supervisor->rules, object->path)) {
		judge_deny(call, object, "write", "the manifest lists it",
			   NULL);
		return false;
	}
	return call_is_current(call);
}

static unsigned link_flag(const struct request *r)
{
	return r->at_flags & AT_SYMLINK_NOFOLLOW ? RESOLVE_LINK : 0;
}

void handle_chmod(struct call *call)
{
	const struct request *r = &call->request;
	char name[PIN_NAME_SIZE];
	struct object object;

	if (find_object(call, link_flag(r), &object)) {
		pin_name(name, object.fd);
		if (S_ISLNK(object.st.st_mode))
			answer_error(&call->answer, EOPNOTSUPP);
		else
			answer_result(&call->answer,
				      chmod(name, r->mode & 07777));
	}
	object_done(&object);
}

void handle_chown(struct call *call)
{
	const struct request *r = &call->request;
	bool is_at = starts(r->row->name, "fchownat");
	struct object object;

	if (find_object(call, link_flag(r), &object))
		answer_result(&call->answer,
			      fchownat(object.fd, "",
				       (uid_t)r->values[is_at ? 2 : 1],
				       (gid_t)r->values[is_at ? 3 : 2],
				       AT_EMPTY_PATH));
	object_done(&object);
}

/* The times of utime, utimes, futimesat and utimensat in one form. */
static int read_times(struct call *call, struct timespec ret[2], bool *ret_now)
{
	const struct request *r = &call->request;
	int proc_fd = call->view.proc_fd;
	bool is_at = strstr(r->row->name, "at") != NULL;
	uint64_t address = r->values[is_at ? 2 : 1];
	struct timeval tv[2];
	struct utimbuf old;
	int error;

	*ret_now = address == 0;
	if (*ret_now)
		return 0;
	if (starts(r->row->name, "utimensat"))
		return target_read(proc_fd, r->tid, address, ret,
				   2 * sizeof(*ret));
	if (strcmp(r->row->name, "utime") == 0) {
		error = target_read(proc_fd, r->tid, address, &old,
				    sizeof(old));
		ret[0] = (struct timespec){ .tv_sec = old.actime };
		ret[1] = (struct timespec){ .tv_sec = old.modtime };
		return error;
	}
	error = target_read(proc_fd, r->tid, address, tv, sizeof(tv));
	for (int i = 0; error == 0 && i < 2; i++) {
		if (tv[i].tv_usec < 0 || tv[i].tv_usec >= 1000000)
			return -EINVAL;
		ret[i].tv_sec = tv[i].tv_sec;
		ret[i].tv_nsec = tv[i].tv_usec * 1000;
	}
	return error;
}

void handle_utimes(struct call *call)
{
	struct timespec times[2] = { 0 };
	struct object object;
	bool is_now;
	int r;

	r = read_times(call, times, &is_now);
	if (r < 0) {
		answer_error(&call->answer, r);
		return;
	}
	/* Nothing to do: then not even the name is looked at. */
	if (times[0].tv_nsec == UTIME_OMIT && times[1].tv_nsec == UTIME_OMIT) {
		answer_value(&call->answer, 0);
		return;
	}
	if (find_object(call, link_flag(&call->request), &object))
		answer_result(&call->answer,
			      utimensat(object.fd, "", is_now ? NULL : times,
					AT_EMPTY_PATH));
	object_done(&object);
}

void handle_setxattr(struct call *call)
{
	const struct request *r = &call->request;
	_cleanup_free_ char *value = NULL;
	char name[PIN_NAME_SIZE];
	struct object object;
	int error;

	if (strstr(r->row->name, "xattrat")) {
		answer_error(&call->answer, ENOSYS);
		return;
	}
	if (r->flags & ~(XATTR_CREATE | XATTR_REPLACE)) {
		answer_error(&call->answer, EINVAL);
		return;
	}
	if (r->size > XATTR_VALUE_MAX) {
		answer_error(&call->answer, E2BIG);
		return;
	}
	value = malloc(r->size ? r->size : 1);
	error = value ? target_read(call->view.proc_fd, r->tid, r->values[2],
				    value, r->size) :
			-ENOMEM;
	if (error < 0) {
		answer_error(&call->answer, error);
		return;
	}
	if (find_object(call, link_flag(r), &object)) {
		pin_name(name, object.fd);
		answer_result(&call->answer, setxattr(name, r->text, value,
						      r->size, r->flags));
	}
	object_done(&object);
}

void handle_removexattr(struct call *call)
{
	const struct request *r = &call->request;
	char name[PIN_NAME_SIZE];
	struct object object;

	if (strstr(r->row->name, "xattrat")) {
		answer_error(&call->answer, ENOSYS);
		return;
	}
	if (find_object(call, link_flag(r), &object)) {
		pin_name(name, object.fd);
		answer_result(&call->answer, removexattr(name, r->text));
	}
	object_done(&object);
}

void handle_setattr(struct call *call)
{
	answer_error(&call->answer, ENOSYS);
}
