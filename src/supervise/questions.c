/* SPDX-License-Identifier: Apache-2.0 */
/* What the loader of a runtime asks about the manifest, by virtual files. */
#include "supervise/questions.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "common/hex.h"
#include "supervise/judge.h"
#include "supervise/policy.h"
#include "supervise/signals.h"
#include "supervise/verifier.h"

#define STATUS_EXIT 1 /* onerror "exit" */
#define STATUS_OWN 125 /* our own failure */

static const char *const onerror_names[] = { [ONERROR_THROW] = "throw",
					     [ONERROR_LOG] = "log",
					     [ONERROR_EXIT] = "exit" };

/*
 * Takes the component at *at and its slash. Return: its length without the
 * NUL; -EINVAL for a bad escape or a hidden NUL; -ENAMETOOLONG.
 */
static int take_component(const char **at, char *ret, size_t size)
{
	const char *p = *at;
	size_t n = 0;

	while (*p != '\0' && *p != '/') {
		bool is_escape = *p == '%';
		int high = is_escape ? hex_value(p[1]) : 0;
		int low = is_escape && high >= 0 ? hex_value(p[2]) : 0;

		if (high < 0 || low < 0 || (is_escape && high + low == 0))
			return -EINVAL;
		if (n + 1 >= size)
			return -ENAMETOOLONG;
		ret[n++] = (char)(is_escape ? 16 * high + low : *p);
		p += is_escape ? 3 : 1;
	}
	ret[n] = '\0';
	*at = *p == '/' ? p + 1 : p;
	return (int)n;
}

/* JSON's own escapes; other bytes are UTF-8 already, or the shim's trouble. */
static void quote(char *ret, size_t size, const char *text)
{
	size_t at = 0;

	for (; *text != '\0' && at + 8 < size; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			ret[at++] = '\\';
		if (c < ' ')
			at += (size_t)snprintf(ret + at, size - at, "\\u%04x",
					       c);
		else
			ret[at++] = (char)c;
	}
	ret[at] = '\0';
}

static void write_answer(const struct verifier *verifier, const char *kind,
			 const char *key, const char *value, char *ret,
			 size_t size)
{
	char quoted[2 * NSV_TEXT_SIZE];

	quote(quoted, sizeof(quoted), value);
	(void)snprintf(ret, size,
		       "{\"kind\":\"%s\",\"%s\":\"%s\",\"onerror\":\"%s\"}\n",
		       kind, key, quoted,
		       onerror_names[verifier_onerror(verifier)]);
}

/* Ends the run if onerror says so: the question is never answered then. */
static void obey_onerror(struct call *call)
{
	struct supervisor *supervisor = call->supervisor;

	if (verifier_onerror(supervisor->verifier) != ONERROR_EXIT ||
	    supervisor->report_only)
		return;
	call->answer.kind = ANSWER_NONE;
	signals_stop(supervisor->signals, STATUS_EXIT);
}

/* Says what the manifest refuses. */
static void refuse(struct call *call, const char *what, const char *reason,
		   const char *hint, bool is_mismatch)
{
	struct object object;

	object_init(&object);
	(void)snprintf(object.path, sizeof(object.path), "%s", what);
	judge_report(call, is_mismatch ? "mismatch" : "denied", &object,
		     "verify", reason, hint);
	object_done(&object);
	obey_onerror(call);
}

static int ask(struct call *call, enum nsv_kind kind, const char *url,
	       const char *text, size_t len, struct nsv_reply *reply)
{
	int r = verifier_question(call->supervisor->verifier, kind, url, text,
				  len, reply);

	if (r == -EPIPE) {
		call->answer.kind = ANSWER_NONE;
		signals_stop(call->supervisor->signals, STATUS_OWN);
	}
	return r;
}

int question_resolve(struct call *call, const char *rest, char *ret,
		     size_t size)
{
	const struct verifier *verifier = call->supervisor->verifier;
	struct nsv_reply reply = { 0 };
	char parent[NSV_PATH_SIZE], texts[NSV_TEXT_SIZE];
	const char *conditions;
	int n, m, r;

	if (!verifier)
		return -ENOENT;
	r = take_component(&rest, parent, sizeof(parent));
	if (r < 0)
		return r;
	n = take_component(&rest, texts, sizeof(texts) - 1);
	if (n < 0)
		return n;
	conditions = texts + n + 1;
	m = take_component(&rest, texts + n + 1, sizeof(texts) - (size_t)n - 1);
	if (m < 0)
		return m;
	r = ask(call, NSV_RESOLVE, parent, texts, (size_t)(n + 1 + m + 1) - 1,
		&reply);
	if (r < 0)
		return r;
	switch (reply.verdict) {
	case NSV_DEFAULT:
		write_answer(verifier, "default", "url", "", ret, size);
		return 0;
	case NSV_REDIRECT:
		write_answer(verifier, "redirect", "url", reply.text, ret,
			     size);
		return 0;
	case NSV_INVALID:
		write_answer(verifier, "invalid", "code", reply.text, ret,
			     size);
		return 0;
	default: /* missing, and what a verifier must not say here */
		judge_dependency(call, parent, texts, conditions);
		obey_onerror(call);
		write_answer(verifier, "missing", "url", "", ret, size);
		return 0;
	}
}

static void write_mismatch(struct call *call, const char *url,
			   const struct nsv_reply *reply, char *ret,
			   size_t size)
{
	const struct verifier *verifier = call->supervisor->verifier;
	char reason[2 * NSV_SRI_SIZE + 64];

	(void)snprintf(
		reason, sizeof(reason),
		reply->expected[0] ?
			"its content is %.500s but the manifest says %.500s" :
			"the manifest accepts no content for it",
		reply->actual, reply->expected);
	refuse(call, url, reason, NULL, true);
	write_answer(verifier, "mismatch", "expected", reply->expected, ret,
		     size);
}

int question_url(struct call *call, const char *rest, char *ret, size_t size)
{
	const struct verifier *verifier = call->supervisor->verifier;
	struct nsv_reply reply = { 0 };
	char url[NSV_PATH_SIZE], digests[NSV_TEXT_SIZE];
	int n, r;

	if (!verifier)
		return -ENOENT;
	r = take_component(&rest, url, sizeof(url));
	n = r < 0 ? r : take_component(&rest, digests, sizeof(digests));
	if (n < 0)
		return n;
	r = ask(call, NSV_URL, url, digests, (size_t)n, &reply);
	if (r < 0)
		return r;
	switch (reply.verdict) {
	case NSV_MATCH:
		write_answer(verifier, "match", "url", "", ret, size);
		return 0;
	case NSV_ANY:
		write_answer(verifier, "any", "url", "", ret, size);
		return 0;
	case NSV_LISTED:
		write_answer(verifier, "listed", "url", "", ret, size);
		return 0;
	case NSV_MISMATCH:
		write_mismatch(call, url, &reply, ret, size);
		return 0;
	default:
		refuse(call, url, "the manifest does not list it",
		       "add its URL to \"resources\", or a scope for it",
		       false);
		write_answer(verifier, "unlisted", "url", "", ret, size);
		return 0;
	}
}

/* What the manifest says to a file: @rest is its path. Return: 0 or -errno. */
static int explain(struct call *call, const char *rest, bool is_code,
		   struct object *object, const char **ret_kind,
		   char *ret_actual)
{
	struct decision decision;
	char path[PATH_MAX];
	int n;

	object_init(object);
	*ret_kind = "none";
	ret_actual[0] = '\0';
	if (!call->supervisor->verifier)
		return -ENOENT;
	path[0] = '/';
	n = take_component(&rest, path + 1, sizeof(path) - 1);
	if (n < 0)
		return n;
	call->is_silent = true;
	/* What may not be read has no digest either. */
	if (resolve(&call->view, AT_FDCWD, path, 0, object) == 0 &&
	    judge(call, OPERATION_READ, object, &decision))
		*ret_kind = policy_explain(call, object, is_code, ret_actual);
	call->is_silent = false;
	call->is_denied = false;
	return 0;
}

int question_verify(struct call *call, const char *rest, char *ret, size_t size)
{
	char actual[NSV_SRI_SIZE];
	struct object object;
	const char *kind;
	int r = explain(call, rest, false, &object, &kind, actual);

	object_done(&object);
	if (r == 0)
		write_answer(call->supervisor->verifier, kind, "actual", actual,
			     ret, size);
	return r;
}

int question_module(struct call *call, const char *rest, char *ret, size_t size)
{
	char actual[NSV_SRI_SIZE];
	struct object object;
	const char *kind;
	int r = explain(call, rest, true, &object, &kind, actual);

	/* What is listed is judged, and said to be wrong, when it is opened. */
	if (r == 0 && strcmp(kind, "unlisted") == 0)
		refuse(call, object.path,
		       "the manifest does not list it, and it is loaded as code",
		       "list it (nspolicy hash FILE) if it belongs there",
		       false);
	object_done(&object);
	if (r == 0)
		write_answer(call->supervisor->verifier, kind, "actual", actual,
			     ret, size);
	return r;
}
