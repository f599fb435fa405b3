/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a denial: the answer, what is said, what is learned. */
#include "supervise/denial.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "supervise/events.h"
#include "supervise/judge.h"
#include "supervise/learn.h"
#include "supervise/learn_names.h"
#include "supervise/proc_place.h"
#include "supervise/profile.h"
#include "supervise/supervisor.h"
#include "supervise/target.h"

/*
 * OPTION=PATH, ready to be pasted: escaped as the option grammar wants it
 * (`,` `*` and `\` mean something there), quoted as a shell wants it.
 */
static void make_option(char *ret, size_t size, const char *option,
			const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789/._=:@%+-";
	const char *host = proc_place_host_state(path);
	bool quote = host || path[strspn(path, plain)] != '\0';
	/* The next process has another number. */
	size_t at = (size_t)snprintf(ret, size, "%s%s=%s", quote ? "'" : "",
				     option, host ? "/proc/*" : "");

	if (host)
		path = host;
	for (; *path && at + 8 < size; path++) {
		if (*path == ',' || *path == '*' || *path == '\\')
			ret[at++] = '\\';
		if (*path == '\'')
			at += (size_t)snprintf(ret + at, size - at, "'\\'");
		ret[at++] = *path;
	}
	(void)snprintf(ret + at, size - at, "%s", quote ? "'" : "");
}

/* How it was asked for, where that says more. */
static const char *object_asked(const struct object *object)
{
	return object->was_link || strstr(object->asked, "/..") ?
		       object->asked :
		       NULL;
}

/* Name resolution and certificates: one flag gives all of it. */
static bool is_for_network(const struct call *call, const char *path)
{
	const struct profile *profile = call->supervisor->profile;

	for (size_t i = 0; profile && i < profile->read_net.n; i++) {
		const char *item = profile->read_net.items[i];
		size_t len = strlen(item);

		if (strncmp(path, item, len) == 0 &&
		    (path[len] == '\0' || path[len] == '/'))
			return !call->supervisor->allow_net;
	}
	return false;
}

static void fill_item(const struct call *call, const struct object *object,
		      struct learn_item *item)
{
	const struct request *r = &call->request;
	bool is_open = r->row->call == CALL_OPEN;

	item->syscall = r->row->name;
	item->is_exclusive =
		is_open &&
		(((uint64_t)(unsigned)r->flags | r->how.flags) & O_EXCL);
	item->is_moved = r->row->call == CALL_RENAME ||
			 r->row->call == CALL_LINK;
	item->is_removed = r->row->call == CALL_UNLINK;
	if (!object)
		return;
	item->is_absent = object->kind == OBJECT_ABSENT;
	item->is_directory = !item->is_absent && S_ISDIR(object->st.st_mode);
}

static void learn(struct call *call, const struct object *object,
		  const struct learn_item *item)
{
	struct target_status status = { 0 };
	struct learn_item noted = *item;
	char path[PATH_MAX];

	if (!call->supervisor->learn || call->is_silent || call->is_kept)
		return;
	fill_item(call, object, &noted);
	if (target_status(call->view.proc_fd, call->request.tid, &status) == 0)
		noted.comm = status.comm;
	/* The next process has another number. */
	if (object && learn_hide_number(item->object, status.tgid, path))
		noted.object = path;
	learn_note(call->supervisor->learn, &noted);
}

static void tell(struct call *call, const struct event *said)
{
	struct target_status status = { 0 };
	struct event event = *said;

	if (call->is_silent)
		return;
	/* Reading the name costs more than the answer: only for new ones. */
	if (events_repeat(event.operation, event.resolved))
		return;
	if (target_status(call->view.proc_fd, call->request.tid, &status) == 0)
		event.comm = status.comm;
	event.pid = status.tgid;
	event.syscall = call->request.row->name;
	event.decision = call->supervisor->report_only && !call->is_kept ?
				 "reported" :
				 "denied";
	event.status = -1;
	events_emit(&event);
}

void judge_report(struct call *call, const char *name,
		  const struct object *object, const char *operation,
		  const char *reason, const char *hint)
{
	const char *asked = object_asked(object);
	struct event event = {
		.event = name,
		.operation = operation,
		.path = asked ? asked : object->path,
		.resolved = object->path,
		.reason = reason,
		.hint = hint,
	};
	/* What no flag allows no flag can be learned for. */
	struct learn_item item = { .operation = operation,
				   .object = object->path,
				   .is_hopeless = !hint };

	call->is_denied = true;
	learn(call, object, &item);
	tell(call, &event);
}

void judge_deny(struct call *call, const struct object *object,
		const char *operation, const char *reason, const char *hint)
{
	answer_error(&call->answer, EACCES);
	judge_report(call, "denied", object, operation, reason, hint);
}

void judge_dependency(struct call *call, const char *parent,
		      const char *specifier, const char *conditions)
{
	static const char hint[] =
		"add it to \"dependencies\" of that module or of a scope around it";
	char what[PATH_MAX], reason[512];
	struct event event = {
		.event = "denied",
		.operation = "verify",
		.path = what,
		.resolved = what,
		.parent = parent,
		.specifier = specifier,
		.conditions = conditions,
		.reason = reason,
		.hint = hint,
	};
	struct learn_item item = { .operation = "verify", .object = what };

	(void)snprintf(what, sizeof(what), "%.3000s -> %.1000s", parent,
		       specifier);
	(void)snprintf(
		reason, sizeof(reason),
		"the manifest does not list it as a dependency there (conditions %.200s)",
		conditions);
	call->is_denied = true;
	learn(call, NULL, &item);
	tell(call, &event);
}

void judge_refuse(struct call *call, const char *operation, const char *what,
		  const char *reason, const char *hint)
{
	struct event event = {
		.event = "denied",
		.operation = operation,
		.path = what,
		.resolved = what,
		.reason = reason,
		.hint = hint,
	};
	struct learn_item item = { .operation = operation,
				   .object = what,
				   .is_hopeless = !hint };

	answer_error(&call->answer, EACCES);
	call->is_denied = true;
	learn(call, NULL, &item);
	tell(call, &event);
}

void denial_hide(struct call *call, int error)
{
	answer_error(&call->answer, error);
	call->is_denied = true;
}

/* A name that was tried is missing; where it is there, it was looked at. */
static void hide_probe(struct call *call, const struct object *object,
		       enum operation operation, const char *path, int error)
{
	struct learn_item item = { .operation = operation_name(operation),
				   .object = path };

	denial_hide(call, error);
	if (object->kind != OBJECT_ABSENT)
		learn(call, object, &item);
}

void denial_decided(struct call *call, const struct object *object,
		    enum operation operation, const char *path,
		    const struct decision *decision)
{
	bool is_object = strcmp(path, object->path) == 0;
	char hint[2 * PATH_MAX], option[2 * PATH_MAX - 64];
	const char *asked = is_object ? object_asked(object) : object->asked;
	struct event event = {
		.event = "denied",
		.operation = operation_name(operation),
		.path = asked ? asked : path,
		.resolved = path,
		.reason = decision->reason,
		.hint = hint,
	};
	struct learn_item item = { .operation = event.operation,
				   .object = path,
				   .is_hopeless = decision->rule != NULL };

	/* A name that was tried; unless it was seen there, by stat. */
	if (decision->is_probe && (object->kind == OBJECT_ABSENT ||
				   !call->supervisor->rules->allow_metadata)) {
		hide_probe(call, object, operation, path, decision->error);
		return;
	}
	make_option(option, sizeof(option),
		    operation_flag(call->supervisor->rules, operation), path);
	if (decision->rule)
		(void)snprintf(hint, sizeof(hint), "to allow: take %s=%s away",
			       decision->rule->origin, decision->rule->text);
	else if (operation != OPERATION_WRITE && is_for_network(call, path))
		(void)snprintf(hint, sizeof(hint), "to allow: --allow-net");
	else
		(void)snprintf(hint, sizeof(hint), "to allow: %s", option);
	answer_error(&call->answer, decision->error);
	call->is_denied = true;
	learn(call, object, &item);
	tell(call, &event);
}

/* Where the kernel says EACCES as well, it says it again. */
void denial_let_through(struct call *call)
{
	struct answer *answer = &call->answer;
	bool is_refused = answer->kind == ANSWER_ERROR &&
			  answer->error == EACCES;

	if (call->is_kept || call->is_silent || answer->kind == ANSWER_NONE ||
	    !(call->is_denied || is_refused))
		return;
	answer_done(answer);
	answer_continue(answer);
}
