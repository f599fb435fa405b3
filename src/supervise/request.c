/* SPDX-License-Identifier: Apache-2.0 */
/* A notification, decoded: every argument copied once. */
#include "supervise/request.h"

#include <errno.h>
#include <linux/audit.h>
#include <string.h>

#include "supervise/target.h"

#define OPEN_HOW_SIZE_VER0 24
#define PAGE_SIZE 4096

static int copy_text(int proc_fd, pid_t tid, uint64_t address, char *ret)
{
	ssize_t n = target_read_string(proc_fd, tid, address, ret, PATH_MAX);

	return n < 0 ? (int)n : 0;
}

/* The name of an attribute: none, or a long one, has an error of its own. */
static int copy_attribute(const struct request *r, int proc_fd,
			  uint64_t address, char *ret)
{
	int error = copy_text(proc_fd, r->tid, address, ret);

	if (r->row->call == CALL_SYMLINK || (error == 0 && ret[0]))
		return error;
	return error == 0 || error == -ENAMETOOLONG ? -ERANGE : error;
}

static int copy_name(int proc_fd, pid_t tid, uint64_t address,
		     struct request_name *ret)
{
	ret->is_given = true;
	ret->is_null = address == 0;
	if (ret->is_null) {
		ret->text[0] = '\0';
		return 0;
	}
	return copy_text(proc_fd, tid, address, ret->text);
}

/* openat2(2): an extensible struct; what we do not know must be zero. */
static int copy_how(int proc_fd, pid_t tid, uint64_t address, uint64_t size,
		    struct open_how *ret)
{
	char raw[PAGE_SIZE] = { 0 };
	int r;

	if (size < OPEN_HOW_SIZE_VER0)
		return -EINVAL;
	if (size > sizeof(raw))
		return -E2BIG;
	r = target_read(proc_fd, tid, address, raw, size);
	if (r < 0)
		return r;
	for (size_t i = sizeof(*ret); i < size; i++)
		if (raw[i])
			return -E2BIG;
	memcpy(ret, raw, sizeof(*ret));
	return 0;
}

static int copy_argument(int proc_fd, struct request *r, unsigned i)
{
	uint64_t value = r->values[i];

	switch (r->row->roles[i]) {
	case ROLE_DIRFD:
		r->names[0].dirfd = (int)value; /* as the kernel cuts it */
		return 0;
	case ROLE_DIRFD2:
		r->names[1].dirfd = (int)value;
		return 0;
	case ROLE_PATH:
		return copy_name(proc_fd, r->tid, value, &r->names[0]);
	case ROLE_PATH2:
		return copy_name(proc_fd, r->tid, value, &r->names[1]);
	case ROLE_TEXT:
		return copy_attribute(r, proc_fd, value, r->text);
	case ROLE_FD:
		r->fd = (int)value;
		return 0;
	case ROLE_FLAGS:
		r->flags = (int)value;
		return 0;
	case ROLE_AT_FLAGS:
		r->at_flags = (int)value;
		return 0;
	case ROLE_MODE:
		r->mode = (mode_t)value;
		return 0;
	case ROLE_HOW:
		return copy_how(proc_fd, r->tid, value, r->values[i + 1],
				&r->how);
	case ROLE_BUFFER:
		r->buffer = value;
		return 0;
	case ROLE_SIZE:
		r->size = value;
		return 0;
	case ROLE_NONE:
	case ROLE_VALUE:
		return 0;
	}
	return -ENOSYS;
}

int request_decode(int proc_fd, const struct seccomp_notif *req,
		   struct request *ret)
{
	ret->row = syscall_find(req->data.nr);
	if (!ret->row || ret->row->action != ACTION_NOTIFY ||
	    req->data.arch != AUDIT_ARCH_X86_64)
		return -ENOSYS;
	/* Another PID namespace than ours: there is nobody we could ask. */
	if (req->pid == 0)
		return -EPERM;
	ret->id = req->id;
	ret->tid = (pid_t)req->pid;
	for (unsigned i = 0; i < 2; i++) {
		ret->names[i].is_given = false;
		ret->names[i].dirfd = AT_FDCWD;
		ret->names[i].text[0] = '\0';
	}
	ret->text[0] = '\0';
	ret->fd = -1;
	ret->flags = ret->row->flags;
	ret->at_flags = ret->row->at_flags;
	ret->mode = 0;
	ret->buffer = 0;
	ret->size = 0;
	memset(&ret->how, 0, sizeof(ret->how));
	for (unsigned i = 0; i < SYSCALL_ARGS; i++)
		ret->values[i] = req->data.args[i];
	for (unsigned i = 0; i < SYSCALL_ARGS; i++) {
		int r = copy_argument(proc_fd, ret, i);

		if (r < 0)
			return r;
	}
	return 0;
}
