/* SPDX-License-Identifier: Apache-2.0 */
/* rename and link: what is judged is two names, and what moves between them. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervise/entry.h"
#include "supervise/judge.h"
#include "supervise/moves.h"

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

/*
 * Landlock sees to it that nothing is gained, but it knows no sockets, and no
 * reading that only we allow: the paths may be others by then.
 */
static bool is_for_kernel(const struct call *call, const struct entry *from,
			  const struct entry *to)
{
	const struct rules *rules = call->supervisor->rules;

	return from->is_class1 && to->is_class1 && !rules->has_unix &&
	       !rules->race_gains;
}

/* Is what was judged still there: nothing else, or at least no directory? */
static bool is_still_there(const struct entry *entry)
{
	const struct stat *old = &entry->object.st;
	char name[NAME_MAX + 1];
	struct stat st;

	/* Without the slash that it may have: that would follow a link. */
	(void)snprintf(name, sizeof(name), "%.*s",
		       (int)strcspn(entry->name, "/"), entry->name);
	/* What is missing fails by itself. */
	if (fstatat(entry->parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT || errno == ENOTDIR;
	return (st.st_mode & S_IFMT) == (old->st_mode & S_IFMT) &&
	       (!S_ISDIR(st.st_mode) ||
		(st.st_dev == old->st_dev && st.st_ino == old->st_ino));
}

/*
 * Pins both directories and moves, while no other move of ours can take one of
 * them elsewhere or exchange what was judged. The names are all that counts.
 */
static void move(struct call *call, struct entry *from, struct entry *to)
{
	unsigned flags = (unsigned)call->request.flags;
	int r = moves_begin();

	if (r < 0) {
		answer_error(&call->answer, r);
		return;
	}
	if (entry_pin(call, from) && entry_pin(call, to)) {
		if (is_still_there(from) &&
		    (!(flags & RENAME_EXCHANGE) || is_still_there(to)))
			answer_result(&call->answer,
				      renameat2(from->parent, from->name,
						to->parent, to->name, flags));
		else
			answer_error(&call->answer, EBUSY);
	}
	moves_end();
}

void handle_rename(struct call *call)
{
	struct entry from, to;

	to.parent = -1;
	object_init(&to.object);
	if (call->request.flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE) ||
	    call->request.flags == (RENAME_NOREPLACE | RENAME_EXCHANGE)) {
		answer_error(&call->answer, EINVAL);
		return;
	}
	if ((entry_find(call, 0, RESOLVE_LINK, EBUSY, &from) ||
	     judge_goes_on(call)) &&
	    entry_find(call, 1, RESOLVE_LINK, EBUSY, &to) && !call->is_denied &&
	    entry_is_present(call, &from) && check_gain(call, &from, &to) &&
	    (!(call->request.flags & RENAME_EXCHANGE) ||
	     check_gain(call, &to, &from))) {
		if (is_for_kernel(call, &from, &to))
			answer_continue(&call->answer);
		else
			move(call, &from, &to);
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
		return entry_find(
			call, 0,
			r->at_flags & AT_SYMLINK_FOLLOW ? 0 : RESOLVE_LINK, 0,
			entry);
	entry->parent = -1;
	entry->is_class1 = false;
	entry->has_slash = false;
	error = resolve_fd(&call->view, r->names[0].dirfd, &entry->object);
	if (error < 0) {
		answer_error(&call->answer, error);
		return false;
	}
	return judge(call, OPERATION_WRITE, &entry->object, &decision) &&
	       entry_may_move(call, &entry->object);
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
	    entry_find_new(call, 1, &to) && !call->is_denied &&
	    entry_is_present(call, &from) && check_source(call, &from, &to)) {
		if (is_for_kernel(call, &from, &to)) {
			answer_continue(&call->answer);
		} else if (entry_pin(call, &to)) {
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
