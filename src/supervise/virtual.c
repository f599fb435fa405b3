/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual files: what the target may ask the supervisor by opening a name. */
#include "supervise/virtual.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/kernel.h"
#include "supervise/judge.h"
#include "supervise/net_rule.h"
#include "supervise/plan.h"
#include "supervise/questions.h"
#include "supervise/supervisor.h"
#include "supervise/threads.h"
#include "supervise/verifier.h"

#define VIRTUAL_PREFIX "/.nssupervise/"
#define VIRTUAL_SIZE_MAX 4096

/* Fills in what the file says; what it says is true for this run. */
typedef int make_text(struct call *call, const char *rest, char *ret,
		      size_t size);

bool virtual_is_path(const char *text)
{
	return strncmp(text, VIRTUAL_PREFIX, strlen(VIRTUAL_PREFIX)) == 0;
}

static int make_file(const char *text)
{
	_cleanup_close_ int fd = -1;
	size_t len = strlen(text);

	fd = kernel_memfd_create("nssupervise", MFD_CLOEXEC |
							MFD_ALLOW_SEALING |
							MFD_NOEXEC_SEAL);
	if (fd == -EINVAL) /* before Linux 6.3 */
		fd = kernel_memfd_create("nssupervise",
					 MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return fd;
	if (pwrite(fd, text, len, 0) != (ssize_t)len ||
	    fcntl(fd, F_ADD_SEALS,
		  F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0)
		return -EIO;
	return take_fd(&fd);
}

static int self_test(struct call *call, const char *rest, char *ret,
		     size_t size)
{
	(void)call;
	if (*rest)
		return -ENOENT;
	(void)snprintf(ret, size, "%s", VIRTUAL_SELF_TEST_TEXT);
	return 0;
}

static bool is_all(const struct call *call, unsigned right)
{
	return plan_is_all(call->supervisor->rules, right);
}

/* Does any flag give this right on anything? */
static bool is_any(const struct call *call, unsigned right)
{
	const struct rules *rules = call->supervisor->rules;

	for (size_t i = 0; i < rules->n_grants; i++)
		if ((rules->grants[i].rights & right) &&
		    !rules->grants[i].is_deny && !rules->grants[i].is_implicit)
			return true;
	return false;
}

static const char *boolean(bool value)
{
	return value ? "true" : "false";
}

static int permissions(struct call *call, const char *rest, char *ret,
		       size_t size)
{
	const struct supervisor *s = call->supervisor;
	const struct {
		const char *name;
		bool value;
	} members[] = {
		{ "child", s->allow_child },
		{ "programs", s->restrict_exec },
		{ "worker", s->allow_worker },
		{ "addon", s->allow_addons },
		{ "wasi", s->allow_wasi },
		{ "inspector", s->allow_inspector },
		{ "net", s->allow_net },
		{ "allRead", is_all(call, RIGHT_READ) },
		{ "allWrite", is_all(call, RIGHT_WRITE) },
		{ "anyRead", is_any(call, RIGHT_READ) },
		{ "anyWrite", is_any(call, RIGHT_WRITE) },
		{ "policy", s->verifier != NULL },
		{ "dependencies",
		  s->verifier && verifier_limits_dependencies(s->verifier) },
		{ "urls", s->verifier && verifier_has_urls(s->verifier) },
		{ "queries",
		  s->verifier && verifier_lists_queries(s->verifier) },
		{ "reportOnly", s->report_only },
	};
	size_t at = 0;

	if (*rest)
		return -ENOENT;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		at += (size_t)snprintf(ret + at, size - at, "%s\"%s\":%s",
				       i ? "," : "{", members[i].name,
				       boolean(members[i].value));
	(void)snprintf(ret + at, size - at, "}\n");
	return 0;
}

/* What enforcement would say to @operation on @path, without a line about it. */
static bool may(struct call *call, enum operation operation, const char *path)
{
	struct decision decision;
	struct object object;
	bool allowed;

	call->is_silent = true;
	allowed = resolve(&call->view, AT_FDCWD, path, 0, &object) == 0 &&
		  judge(call, operation, &object, &decision);
	object_done(&object);
	call->is_silent = false;
	call->is_denied = false;
	return allowed;
}

static bool has_read(struct call *call, const char *path)
{
	return path ? may(call, OPERATION_READ, path) :
		      is_all(call, RIGHT_READ);
}

static bool has_write(struct call *call, const char *path)
{
	return path ? may(call, OPERATION_WRITE, path) :
		      is_all(call, RIGHT_WRITE);
}

static bool has_fs(struct call *call, const char *path)
{
	return has_read(call, path) && has_write(call, path);
}

static bool has_child(struct call *call, const char *path)
{
	return call->supervisor->allow_child &&
	       (!path || may(call, OPERATION_EXEC, path));
}

static bool has_worker(struct call *call, const char *path)
{
	(void)path;
	return call->supervisor->allow_worker;
}

static bool has_addon(struct call *call, const char *path)
{
	(void)path;
	return call->supervisor->allow_addons;
}

static bool has_wasi(struct call *call, const char *path)
{
	(void)path;
	return call->supervisor->allow_wasi;
}

static bool has_inspector(struct call *call, const char *path)
{
	(void)path;
	return call->supervisor->allow_inspector;
}

/* "/RULE", as --allow-net would have it. */
static bool has_net(struct call *call, const char *path)
{
	const struct supervisor *supervisor = call->supervisor;
	struct net_rule question;
	char error[256];
	bool allowed;

	if (!path || supervisor->allow_net || !supervisor->net_rules)
		return supervisor->allow_net;
	if (net_rule_parse(path + 1, &question, error, sizeof(error)) < 0)
		return false;
	allowed = net_rules_find(supervisor->net_rules, &question, NULL, NULL);
	net_rule_done(&question);
	return allowed;
}

/* "SCOPE" or "SCOPE/REFERENCE", where the slash is part of a path. */
static int has(struct call *call, const char *rest, char *ret, size_t size)
{
	static const struct {
		const char *scope;
		bool (*has)(struct call *call, const char *path);
	} scopes[] = {
		{ "fs", has_fs },          { "fs.read", has_read },
		{ "fs.write", has_write }, { "child", has_child },
		{ "worker", has_worker },  { "addon", has_addon },
		{ "wasi", has_wasi },      { "inspector", has_inspector },
		{ "net", has_net },
	};
	size_t len = strcspn(rest, "/");

	(void)snprintf(ret, size, "%s", "");
	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++) {
		if (strncmp(scopes[i].scope, rest, len) != 0 ||
		    scopes[i].scope[len] != '\0')
			continue;
		return scopes[i].has(call, rest[len] ? rest + len : NULL) ?
			       0 :
			       -EACCES;
	}
	return -ENOENT;
}

static int lock_threads(struct call *call, const char *rest, char *ret,
			size_t size)
{
	(void)snprintf(ret, size, "%s", "");
	return *rest ? -ENOENT : threads_lock(call);
}

static const struct {
	const char *path; /* with a slash at the end: what follows is the rest */
	make_text *make;
} files[] = {
	{ VIRTUAL_SELF_TEST_PATH, self_test },
	{ VIRTUAL_PREFIX "permissions", permissions },
	{ VIRTUAL_PREFIX "has/", has },
	{ VIRTUAL_PREFIX "threads", lock_threads },
	{ VIRTUAL_PREFIX "resolve/", question_resolve },
	{ VIRTUAL_PREFIX "url/", question_url },
	{ VIRTUAL_PREFIX "verify/", question_verify },
	{ VIRTUAL_PREFIX "module/", question_module },
};

static int make(struct call *call, const char *text, char *ret, size_t size)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		size_t len = strlen(files[i].path);

		if (strncmp(files[i].path, text, len) == 0)
			return files[i].make(call, text + len, ret, size);
	}
	return -ENOENT;
}

void virtual_open(struct call *call, const char *text)
{
	_cleanup_close_ int fd = -1;
	char content[VIRTUAL_SIZE_MAX];
	int copy;

	copy = make(call, text, content, sizeof(content));
	if (call->answer.kind == ANSWER_NONE)
		return; /* the run ends */
	if (copy == 0)
		copy = fd = make_file(content);
	if (copy >= 0)
		copy = reopen(call->supervisor, fd, O_RDONLY);
	if (copy < 0)
		answer_error(&call->answer, copy);
	else
		answer_fd(&call->answer, copy, true);
}
