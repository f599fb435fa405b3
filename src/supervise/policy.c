/* SPDX-License-Identifier: Apache-2.0 */
/* What a manifest adds to an open: listed and code files need a verdict. */
#include "supervise/policy.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervise/judge.h"
#include "supervise/profile.h"
#include "supervise/signals.h"
#include "supervise/supervisor.h"
#include "supervise/verifier.h"

#define REGULAR_ONLY "code is loaded from regular files only"
#define DESCRIPTION "package.json"
#define LARGE (1 << 20) /* bytes, which take some milliseconds */
#define STATUS_EXIT 1 /* onerror "exit" */
#define STATUS_OWN 125 /* our own failure */

static bool is_description(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && strcmp(slash + 1, DESCRIPTION) == 0;
}

/*
 * Ends the run. The request is never answered: its process would go on between
 * the answer and the kill.
 */
static void stop(struct call *call, int status)
{
	call->answer.kind = ANSWER_NONE;
	signals_stop(call->supervisor->signals, status);
}

/* Outside of what may be read it is nothing but a name that was tried. */
static bool is_probe(const struct call *call, const char *path)
{
	struct decision decision;

	decide(call->supervisor->rules, OPERATION_READ, path, &decision);
	return !decision.is_allowed;
}

/* Acts on a refusal as the manifest's onerror says. true: let it through. */
static bool refuse(struct call *call, const struct object *object,
		   const struct verdict *verdict)
{
	struct supervisor *supervisor = call->supervisor;
	static const char *const ends[] = {
		[ONERROR_THROW] = "",
		[ONERROR_LOG] = "loaded all the same, as onerror says",
		[ONERROR_EXIT] = "the run ends, as onerror says",
	};
	/* With --report-only nothing ends: the kernel goes on with the file. */
	enum onerror onerror = supervisor->report_only ?
				       ONERROR_THROW :
				       verifier_onerror(supervisor->verifier);
	char hint[256];

	answer_error(&call->answer, EACCES);
	(void)snprintf(hint, sizeof(hint), "%s%s%s", ends[onerror],
		       verdict->hint && ends[onerror][0] ? "; " : "",
		       verdict->hint ? verdict->hint : "");
	judge_report(call, verdict->is_mismatch ? "mismatch" : "denied", object,
		     "verify", verdict->reason, hint[0] ? hint : NULL);
	if (onerror == ONERROR_LOG)
		return true;
	if (onerror == ONERROR_EXIT)
		stop(call, STATUS_EXIT);
	return false;
}

static bool is_blocked(struct call *call, const struct object *object)
{
	char description[PATH_MAX];
	struct verdict verdict = {
		.hint = "restore that file, or list it in the manifest",
	};

	if (!verifier_blocked(call->supervisor->verifier, object->path,
			      description, sizeof(description)))
		return false;
	(void)snprintf(verdict.reason, sizeof(verdict.reason),
		       "its description %.400s was refused", description);
	return !refuse(call, object, &verdict);
}

/*
 * Some Node versions go on without a package.json that they cannot read, so
 * the code that it describes must not load either. By the name asked for:
 * whatever became of the file, a link, a FIFO, nothing at all.
 */
void policy_note_failure(struct call *call, const struct object *object)
{
	const struct supervisor *supervisor = call->supervisor;
	char path[PATH_MAX + sizeof(DESCRIPTION)];
	struct object directory;
	char *slash;

	if (!supervisor->verifier || supervisor->report_only ||
	    call->answer.kind != ANSWER_ERROR ||
	    !is_description(object->asked) || object->hidden[0] ||
	    verifier_onerror(supervisor->verifier) != ONERROR_THROW)
		return;
	slash = strrchr(object->asked, '/');
	(void)snprintf(path, sizeof(path), "%.*s/.",
		       (int)(slash - object->asked), object->asked);
	if (resolve(&call->view, AT_FDCWD, path, 0, &directory) == 0 &&
	    directory.kind == OBJECT_FILE) {
		(void)snprintf(path, sizeof(path), "%s/" DESCRIPTION,
			       directory.path[1] ? directory.path : "");
		/* Missing without an entry: there never was one. */
		if (rules_is_listed(supervisor->rules, path) ||
		    (object->kind != OBJECT_ABSENT && !is_probe(call, path)))
			verifier_block(supervisor->verifier, path);
	}
	object_done(&directory);
}

/*
 * Large files one after the other: a small one waits for one of them at most,
 * and what is not code for none. Return: false when nobody wants it any more.
 */
static bool check(struct call *call, const char *path, int fd,
		  const struct stat *st, struct verdict *ret, int *ret_snapshot)
{
	static pthread_mutex_t large = PTHREAD_MUTEX_INITIALIZER;
	static atomic_uint n_large;
	bool is_large = st->st_size >= LARGE;
	bool is_wanted = true;

	if ((is_large || atomic_load(&n_large) > 0) && !call_is_slow(call))
		return false;
	if (is_large) {
		(void)atomic_fetch_add(&n_large, 1);
		(void)pthread_mutex_lock(&large);
		is_wanted = call_is_current(call);
	}
	if (is_wanted)
		verifier_check(call->supervisor->verifier, path, fd, st, ret,
			       ret_snapshot);
	if (is_large) {
		(void)pthread_mutex_unlock(&large);
		(void)atomic_fetch_sub(&n_large, 1);
	}
	return is_wanted;
}

/*
 * Asks for the verdict on a file, which is listed as @listed, or not if that is
 * NULL. true: it may be used, and *ret_snapshot is its copy, where there is one.
 */
static bool verify(struct call *call, const struct object *object,
		   const char *listed, int *ret_snapshot)
{
	struct supervisor *supervisor = call->supervisor;
	const char *path = listed ? listed : object->path;
	_cleanup_close_ int fd = -1;
	struct verdict verdict;
	int snapshot;

	*ret_snapshot = -1;
	if (!S_ISREG(object->st.st_mode) || object->kind != OBJECT_FILE) {
		judge_deny(call, object, "verify", REGULAR_ONLY, NULL);
		return false;
	}
	if (is_blocked(call, object))
		return false;
	snapshot = verifier_cached(supervisor->verifier, path, &object->st);
	if (snapshot < 0) {
		fd = reopen(supervisor, object->fd, O_RDONLY);
		if (fd < 0) {
			answer_error(&call->answer, fd);
			return false;
		}
		if (!check(call, path, fd, &object->st, &verdict, &snapshot))
			return false;
		switch (verdict.kind) {
		case VERDICT_SNAPSHOT:
			break;
		case VERDICT_PLAIN:
			return true;
		case VERDICT_REFUSED:
			return refuse(call, object, &verdict);
		case VERDICT_ENDED:
			stop(call, STATUS_OWN);
			return false;
		}
	}
	if (snapshot < 0) {
		answer_error(&call->answer, snapshot);
		return false;
	}
	*ret_snapshot = snapshot;
	return true;
}

/*
 * What belongs to the runtime is not the application's code: its libraries,
 * file by file, and the directories that its profile names.
 */
static bool is_runtime_own(const struct supervisor *supervisor,
			   const struct object *object)
{
	return profile_owns_code(supervisor->profile, object->path) ||
	       rules_is_runtime(supervisor->rules, object->path);
}

/* The path that the manifest lists it by: its own, or of another hard link. */
static const char *listed_path(const struct supervisor *supervisor,
			       const struct object *object)
{
	bool has_names = object->kind == OBJECT_FILE &&
			 S_ISREG(object->st.st_mode) && object->st.st_nlink > 1;

	if (rules_is_listed(supervisor->rules, object->path))
		return object->path;
	return has_names ? verifier_alias(supervisor->verifier, &object->st) :
			   NULL;
}

/* Of what is not listed: is it code that a manifest would have to list? */
static bool is_foreign_code(const struct supervisor *supervisor,
			    const struct object *object)
{
	return (rules_is_code(supervisor->rules, object->path) ||
		rules_is_code(supervisor->rules, object->asked)) &&
	       !is_runtime_own(supervisor, object);
}

bool policy_may_run(struct call *call, const struct object *object)
{
	const struct supervisor *supervisor = call->supervisor;
	_cleanup_close_ int snapshot = -1;
	const char *listed;

	if (!supervisor->verifier)
		return true;
	listed = listed_path(supervisor, object);
	if (!listed && !is_foreign_code(supervisor, object))
		return true;
	return verify(call, object, listed, &snapshot);
}

bool policy_allows(struct call *call, bool read, bool write, bool truncates,
		   const struct object *object)
{
	const struct supervisor *supervisor = call->supervisor;
	const char *listed;
	int snapshot;

	if (!supervisor->verifier)
		return true;
	if (object->kind != OBJECT_ABSENT && S_ISDIR(object->st.st_mode)) {
		if (!rules_is_listed(supervisor->rules, object->path))
			return true;
		judge_deny(call, object, "verify", REGULAR_ONLY, NULL);
		return false;
	}
	listed = listed_path(supervisor, object);
	if (listed && write) {
		judge_deny(call, object, "write", "the manifest lists it",
			   NULL);
		return false;
	}
	/* What it makes or empties itself is output until it is read again. */
	if (!read || truncates || object->kind == OBJECT_ABSENT)
		return true;
	if (!listed && !is_foreign_code(supervisor, object))
		return true;
	if (!verify(call, object, listed, &snapshot))
		return false;
	if (snapshot < 0)
		return true;
	answer_fd(&call->answer, snapshot,
		  call->request.flags & O_CLOEXEC ||
			  call->request.how.flags & O_CLOEXEC);
	return false;
}

const char *policy_explain(struct call *call, const struct object *object,
			   bool is_code, char *ret_actual)
{
	struct supervisor *supervisor = call->supervisor;
	_cleanup_close_ int fd = -1;
	const char *listed;
	struct verdict verdict;
	int snapshot;

	ret_actual[0] = '\0';
	if (object->kind != OBJECT_FILE || !S_ISREG(object->st.st_mode))
		return is_code ? "unlisted" : "none";
	listed = listed_path(supervisor, object);
	if (!listed && !is_foreign_code(supervisor, object) &&
	    (!is_code || is_runtime_own(supervisor, object)))
		return "none";
	fd = reopen(supervisor, object->fd, O_RDONLY);
	if (fd < 0)
		return "none"; /* by its mode */
	verifier_check(supervisor->verifier, listed ? listed : object->path, fd,
		       &object->st, &verdict, &snapshot);
	switch (verdict.kind) {
	case VERDICT_SNAPSHOT:
		(void)close(snapshot);
		return "match";
	case VERDICT_PLAIN:
		return "match";
	case VERDICT_REFUSED:
		(void)snprintf(ret_actual, NSV_SRI_SIZE, "%s", verdict.actual);
		return verdict.is_mismatch ? "mismatch" : "unlisted";
	case VERDICT_ENDED:
		stop(call, STATUS_OWN);
		return "none";
	}
	return "none";
}
