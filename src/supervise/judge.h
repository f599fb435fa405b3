/* SPDX-License-Identifier: Apache-2.0 */
/* decide(), applied to a resolved object, with the denial reported. */
#ifndef SUPERVISE_JUDGE_H
#define SUPERVISE_JUDGE_H

#include "supervise/supervisor.h"

/**
 * judge_name() - resolve name @i of the request and judge it
 * @flags: enum resolve_flags
 * @object: freed by the caller with object_done() whatever is returned
 *
 * Return: true if @operation is allowed on it. Otherwise call->answer holds
 * the error. An absent object may be allowed: the caller decides what that
 * means (object->error).
 */
bool judge_name(struct call *call, unsigned i, unsigned flags,
		enum operation operation, struct object *object,
		struct decision *decision);

/**
 * judge() - judge a resolved object
 *
 * Covers what decide() cannot know: procfs belongs to the requester only, and
 * what it holds a descriptor of it may open again no wider.
 */
bool judge(struct call *call, enum operation operation,
	   const struct object *object, struct decision *decision);

/**
 * judge_deny() - report a denial and answer EACCES
 * @reason: for people
 * @hint: what to do next, or NULL
 */
void judge_deny(struct call *call, const struct object *object,
		const char *operation, const char *reason, const char *hint);

/**
 * judge_report() - report what happened to a request, once for each object
 * @name: of the event: "denied", "mismatch"
 */
void judge_report(struct call *call, const char *name,
		  const struct object *object, const char *operation,
		  const char *reason, const char *hint);

/**
 * judge_dependency() - report that @specifier is no dependency of @parent
 * @conditions: under which it was asked for, separated by commas
 *
 * The answer is not touched.
 */
void judge_dependency(struct call *call, const char *parent,
		      const char *specifier, const char *conditions);

/**
 * judge_refuse() - judge_deny() for what is no file: an address, a thread
 * @what: the object, as the option's value would name it
 */
void judge_refuse(struct call *call, const char *operation, const char *what,
		  const char *reason, const char *hint);

/**
 * judge_goes_on() - it was denied: is the rest of the request judged as well?
 *
 * With --report-only a denial stops nothing, and all of them are to be known.
 */
bool judge_goes_on(const struct call *call);

/**
 * judge_error() - answer the error of a walk that did not reach an object
 *
 * EACCES where the walk was at a place that may not be known.
 */
void judge_error(struct call *call, const struct object *object, int error);

/**
 * judge_taken() - is there something already, which may be known?
 *
 * Then making it is answered EEXIST, whether or not it could be written: who
 * makes all parents of a path goes on only then.
 */
bool judge_taken(struct call *call, const struct object *object);

/** judge_may_pass() - for struct view: may this directory's existence show? */
bool judge_may_pass(const void *context, const char *path);

#endif
