/* SPDX-License-Identifier: Apache-2.0 */
/* One name that a call changes: found, judged, its directory pinned. */
#include "supervise/entry.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervise/judge.h"
#include "supervise/path_text.h"

void entry_done(struct entry *entry)
{
	object_done(&entry->object);
	if (entry->parent >= 0)
		(void)close(entry->parent);
	entry->parent = -1;
}

/*
 * "." and ".." name a directory that cannot be made, moved or removed so. What
 * leads there is looked at first, and said where it may be known.
 */
static void answer_dots(struct call *call, const struct request_name *name,
			int dots_error)
{
	struct object object;
	int r = resolve(&call->view, name->dirfd, name->text, 0, &object);
	bool is_known = object.hidden[0] == '\0' &&
			(object.path[0] == '\0' ||
			 judge_may_pass(call->supervisor->rules, object.path));

	if (is_known && r < 0)
		answer_error(&call->answer, r);
	else if (is_known && object.kind == OBJECT_ABSENT)
		answer_error(&call->answer, object.error);
	else if (dots_error == EINVAL && path_ends_in_dots(name->text) == 2)
		answer_error(&call->answer, ENOTEMPTY); /* rmdir(2) of ".." */
	else
		answer_error(&call->answer, dots_error);
	object_done(&object);
}

bool entry_may_move(struct call *call, const struct object *object)
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
 * @dots_error: for a name that ends in dots; 0: it is looked up as any path,
 *              else the last component is an entry of its directory
 * @is_new: it is about to be made; what is there and may be known is in the way
 */
static bool find_name(struct call *call, unsigned i, unsigned flags,
		      int dots_error, bool is_new, struct entry *entry)
{
	struct request_name *name = &call->request.names[i];
	struct object *object = &entry->object;
	struct decision decision;
	int r;

	object_init(object);
	entry->parent = -1;
	if (name->is_null) {
		answer_error(&call->answer, EFAULT);
		return false;
	}
	if (dots_error && path_ends_in_dots(name->text)) {
		answer_dots(call, name, dots_error);
		return false;
	}
	entry->has_slash = dots_error && path_cut_slashes(name->text);
	r = resolve(&call->view, name->dirfd, name->text, flags, object);
	if (r < 0) {
		judge_error(call, object, r);
		return false;
	}
	if ((is_new && judge_taken(call, object)) ||
	    !judge(call, OPERATION_WRITE, object, &decision))
		return false;
	entry->is_class1 = decision.is_class1;
	if (object->kind == OBJECT_ABSENT && object->is_beyond) {
		answer_error(&call->answer, object->error);
		return false;
	}
	return entry_may_move(call, object);
}

bool entry_find(struct call *call, unsigned i, unsigned flags, int dots_error,
		struct entry *entry)
{
	return find_name(call, i, flags, dots_error, false, entry);
}

bool entry_find_new(struct call *call, unsigned i, struct entry *entry)
{
	return find_name(call, i, RESOLVE_LINK, EEXIST, true, entry);
}

bool entry_pin(struct call *call, struct entry *entry)
{
	char *path = entry->object.path;
	size_t len = strlen(path);

	entry->parent =
		resolve_parent(&call->view, &entry->object, &entry->name);
	if (entry->parent < 0) {
		answer_error(&call->answer, entry->parent);
		return false;
	}
	/* The name is the end of the path. */
	if (entry->has_slash && len + 1 < sizeof(entry->object.path))
		memcpy(path + len, "/", 2);
	return call_is_current(call);
}

bool entry_is_present(struct call *call, const struct entry *entry)
{
	if (entry->object.kind != OBJECT_ABSENT)
		return true;
	answer_error(&call->answer, entry->object.error);
	return false;
}
