/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names: rename, link, symlink, unlink, mkdir, mknod, truncate. Landlock knows
 * these, so a class 1 call goes on in the kernel; the others are done here on
 * pinned directories.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervise/judge.h"
#include "supervise/supervisor.h"
#include "supervise/target.h"

/* One name that a call changes. */
struct entry {
	struct object object;
	int parent; /* O_PATH of its directory, owned; -1 until it is needed */
	const char *name;
	bool is_class1;
};

static void entry_done(struct entry *entry)
{
	object_done(&entry->object);
	if (entry->parent >= 0)
		(void)close(entry->parent);
	entry->parent = -1;
}

/* "." and ".." name a directory that cannot be made, moved or removed so. */
static bool ends_in_dots(const char *text)
{
	size_t len = strlen(text);
	const char *last;

	while (len > 1 && text[len - 1] == '/')
		len--;
	last = memrchr(text, '/', len);
	last = last ? last + 1 : text;
	len -= (size_t)(last - text);
	return (len == 1 && last[0] == '.') ||
	       (len == 2 && last[0] == '.' && last[1] == '.');
}

/*
 * A rule goes by name: what moves a directory above a carve-out or a listed
 * file, or the listed file itself, would take it out of the rule.
 */
static bool check_moved(struct call *call, const struct object *object)
{
	const struct rules *rules = call->supervisor->rules;

	if (object->kind != OBJECT_FILE)
		return true;
	if (rules_is_listed(rules, object->path)) {
		judge_deny(call, object, "write", "the manifest lists it",
			   NULL);
		return false;
	}
	if (S_ISDIR(object->st.st_mode) &&
	    rules_is_above(rules, object->path)) {
		judge_deny(call, object, "write",
			   "a carve-out or a listed file lies beneath it",
			   NULL);
		return false;
	}
	return true;
}

/*
 * Resolves name @i and judges that it may change.
 * @is_new: it is about to be made; what is there and may be known is in the way
 */
static bool find_name(struct call *call, unsigned i, unsigned flags,
		      int dots_error, bool is_new, struct entry *entry)
{
	const struct request_name *name = &call->request.names[i];
	struct object *object = &entry->object;
	struct decision decision;
	int r;

	object_init(object);
	entry->parent = -1;
	if (name->is_null || ends_in_dots(name->text)) {
		answer_error(&call->answer,
			     name->is_null ? EFAULT : dots_error);
		return false;
	}
	r = resolve(&call->view, name->dirfd, name->text, flags, object);
	if (r < 0) {
		judge_error(call, object, r);
		return false;
	}
	if ((is_new && judge_taken(call, object)) ||
	    !judge(call, OPERATION_WRITE, object, &decision))
		return false;
	entry->is_class1 = decision.is_class1;
	return check_moved(call, object);
}

static bool find_entry(struct call *call, unsigned i, unsigned flags,
		       int dots_error, struct entry *entry)
{
	return find_name(call, i, flags, dots_error, false, entry);
}

static bool find_new(struct call *call, unsigned i, struct entry *entry)
{
	return find_name(call, i, RESOLVE_LINK, EEXIST, true, entry);
}

/* The last look before something is changed. */
static bool pin_entry(struct call *call, struct entry *entry)
{
	entry->parent =
		resolve_parent(&call->view, &entry->object, &entry->name);
	if (entry->parent < 0) {
		answer_error(&call->answer, entry->parent);
		return false;
	}
	return call_is_current(call);
}

static bool is_present(struct call *call, const struct entry *entry)
{
	if (entry->object.kind != OBJECT_ABSENT)
		return true;
	answer_error(&call->answer, entry->object.error);
	return false;
}

/*
 * A move or a second name must not give rights that the object does not have
 * where it is: what may not be read here may not be read there.
 */
static bool check_gain(struct call *call, const struct entry *from,
		       const struct entry *to)
{
	const struct rules *rules = call->supervisor->rules;
	const struct object *object = &from->object;

	if (!rules_gain(rules, object->path, to->object.path,
			S_ISDIR(object->st.st_mode)) &&
	    !(S_ISSOCK(object->st.st_mode) &&
	      rules_gain_socket(rules, object->path, to->object.path)))
		return true;
	judge_deny(call, &from->object, "write",
		   "its new name would allow more than its old one", NULL);
	return false;
}

/* Landlock sees to it that nothing is gained, but it knows no sockets. */
static bool is_for_kernel(const struct call *call, const struct entry *from,
			  const struct entry *to)
{
	return from->is_class1 && to->is_class1 &&
	       !call->supervisor->rules->has_unix;
}

void handle_rename(struct call *call)
{
	struct entry from, to;
	long r;

	to.parent = -1;
	object_init(&to.object);
	if (call->request.flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE)) {
		answer_error(&call->answer, EINVAL);
		return;
	}
	if ((find_entry(call, 0, RESOLVE_LINK, EBUSY, &from) ||
	     judge_goes_on(call)) &&
	    find_entry(call, 1, RESOLVE_LINK, EBUSY, &to) && !call->is_denied &&
	    is_present(call, &from) && check_gain(call, &from, &to) &&
	    (!(call->request.flags & RENAME_EXCHANGE) ||
	     check_gain(call, &to, &from))) {
		if (is_for_kernel(call, &from, &to)) {
			answer_continue(&call->answer);
		} else if (pin_entry(call, &from) && pin_entry(call, &to)) {
			r = renameat2(from.parent, from.name, to.parent,
				      to.name, (unsigned)call->request.flags);
			answer_result(&call->answer, r);
		}
	}
	entry_done(&from);
	entry_done(&to);
}

/* linkat(fd, "", AT_EMPTY_PATH) and links to a file made by O_TMPFILE. */
static bool find_source(struct call *call, struct entry *entry)
{
	const struct request *r = &call->request;
	struct decision decision;
	int error;

	if (!(r->at_flags & AT_EMPTY_PATH) || r->names[0].text[0])
		return find_entry(
			call, 0,
			r->at_flags & AT_SYMLINK_FOLLOW ? 0 : RESOLVE_LINK,
			EPERM, entry);
	entry->parent = -1;
	entry->is_class1 = false;
	error = resolve_fd(&call->view, r->names[0].dirfd, &entry->object);
	if (error < 0) {
		answer_error(&call->answer, error);
		return false;
	}
	return judge(call, OPERATION_WRITE, &entry->object, &decision) &&
	       check_moved(call, &entry->object);
}

/*
 * Without a proven name nobody knows what the file's rules are: only what never
 * had a name (O_TMPFILE) may get one.
 */
static bool check_source(struct call *call, const struct entry *from,
			 const struct entry *to)
{
	if (from->object.kind != OBJECT_OWN)
		return check_gain(call, from, to);
	if (from->object.st.st_nlink == 0)
		return true;
	judge_deny(call, &from->object, "write",
		   "a file whose name is not known gets no other name", NULL);
	return false;
}

void handle_link(struct call *call)
{
	struct entry from, to;
	char name[PIN_NAME_SIZE];

	to.parent = -1;
	object_init(&to.object);
	if (call->request.at_flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH)) {
		answer_error(&call->answer, EINVAL);
		return;
	}
	if ((find_source(call, &from) || judge_goes_on(call)) &&
	    find_new(call, 1, &to) && !call->is_denied &&
	    is_present(call, &from) && check_source(call, &from, &to)) {
		if (is_for_kernel(call, &from, &to)) {
			answer_continue(&call->answer);
		} else if (pin_entry(call, &to)) {
			/* The pinned object itself, whatever its name is now. */
			pin_name(name, from.object.fd);
			answer_result(&call->answer,
				      linkat(AT_FDCWD, name, to.parent, to.name,
					     AT_SYMLINK_FOLLOW));
		}
	}
	entry_done(&from);
	entry_done(&to);
}

void handle_symlink(struct call *call)
{
	struct entry entry;

	/* A write where the link lies; following it is judged by its target. */
	if (find_new(call, 0, &entry)) {
		if (entry.is_class1)
			answer_continue(&call->answer);
		else if (pin_entry(call, &entry))
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
	if (find_entry(call, 0, RESOLVE_LINK, is_rmdir ? EINVAL : EISDIR,
		       &entry) &&
	    is_present(call, &entry)) {
		if (entry.is_class1)
			answer_continue(&call->answer);
		else if (pin_entry(call, &entry))
			answer_result(&call->answer,
				      unlinkat(entry.parent, entry.name,
					       is_rmdir ? AT_REMOVEDIR : 0));
	}
	entry_done(&entry);
}

/* This thread's umask becomes the requester's (CLONE_FS is unshared). */
static bool take_umask(struct call *call)
{
	struct target_status status;
	int r = target_status(call->view.proc_fd, call->request.tid, &status);

	if (r < 0) {
		answer_error(&call->answer, EACCES);
		return false;
	}
	(void)umask(status.umask);
	return true;
}

void handle_mkdir(struct call *call)
{
	struct entry entry;

	if (find_new(call, 0, &entry)) {
		if (entry.is_class1)
			answer_continue(&call->answer);
		else if (strcmp(entry.object.path, "/") == 0)
			answer_error(&call->answer, EEXIST);
		else if (take_umask(call) && pin_entry(call, &entry))
			answer_result(&call->answer,
				      mkdirat(entry.parent, entry.name,
					      call->request.mode & 07777));
	}
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
	if (find_new(call, 0, &entry)) {
		if (entry.is_class1)
			answer_continue(&call->answer);
		else if (take_umask(call) && pin_entry(call, &entry))
			answer_result(&call->answer,
				      mknodat(entry.parent, entry.name, r->mode,
					      0));
	}
	entry_done(&entry);
}

void handle_truncate(struct call *call)
{
	char name[PIN_NAME_SIZE];
	struct entry entry;

	if (find_entry(call, 0, 0, EISDIR, &entry) &&
	    is_present(call, &entry)) {
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
