/* SPDX-License-Identifier: Apache-2.0 */
/* Names of unix sockets: paths, and abstract ones. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervise/denial.h"
#include "supervise/judge.h"
#include "supervise/net_rule.h"
#include "supervise/net_socket.h"
#include "supervise/target.h"
#include "supervise/unix_place.h"

#define PATH_AT offsetof(struct sockaddr_un, sun_path)
#define TEXT_SIZE (sizeof(struct sockaddr_un) + 1)

/* As unix_validate_addr() of the kernel. */
static bool check_form(struct call *call, const struct net_name *name)
{
	if (name->len > PATH_AT && name->len <= sizeof(struct sockaddr_un) &&
	    name->any.sa_family == AF_UNIX)
		return true;
	answer_error(&call->answer, EINVAL);
	return false;
}

static bool is_abstract(const struct net_name *name)
{
	return name->un.sun_path[0] == '\0';
}

/* The path ends with the address, or with a NUL before that. */
static void copy_path(const struct net_name *name, char ret[TEXT_SIZE])
{
	size_t len = strnlen(name->un.sun_path, name->len - PATH_AT);

	memcpy(ret, name->un.sun_path, len);
	ret[len] = '\0';
}

/*
 * "@NAME". Some programs fill the whole address with zeros, which are then part
 * of the name: those at its end are not written.
 */
static void copy_abstract(const struct net_name *name, char ret[TEXT_SIZE])
{
	size_t len = name->len - PATH_AT;

	while (len > 1 && name->un.sun_path[len - 1] == '\0')
		len--;
	memcpy(ret, name->un.sun_path, len);
	ret[0] = '@';
	ret[len] = '\0';
	for (size_t i = 1; i < len; i++)
		if (ret[i] == '\0')
			ret[i] = '\001';
}

static bool judge_abstract(struct call *call, const struct net_name *name)
{
	const struct net_rules *rules = call->supervisor->net_rules;
	char text[TEXT_SIZE], hint[TEXT_SIZE + 32];

	copy_abstract(name, text);
	if (rules && net_rules_abstract(rules, text))
		return true;
	(void)snprintf(hint, sizeof(hint), "to allow: '--allow-unix=%s'", text);
	judge_refuse(call, operation_name(OPERATION_UNIX), text,
		     "no --allow-unix covers it",
		     strpbrk(text, "',*\\\001") ? NULL : hint);
	return false;
}

/* glibc asks this daemon for names, and goes on without it. */
static bool is_nscd(const struct object *object)
{
	return strcmp(object->path, "/run/nscd/socket") == 0 ||
	       strcmp(object->path, "/var/run/nscd/socket") == 0;
}

/* The socket at the path, pinned: where the path leads later says nothing. */
static bool find_path(struct call *call, struct net_name *name,
		      struct object *object)
{
	struct decision decision;
	char text[TEXT_SIZE];
	int r;

	copy_path(name, text);
	r = resolve(&call->view, AT_FDCWD, text, 0, object);
	if (r < 0) {
		judge_error(call, object, r);
		return false;
	}
	decide(call->supervisor->rules, OPERATION_UNIX, object->path,
	       &decision);
	if (!decision.is_allowed && is_nscd(object)) {
		denial_hide(call, ENOENT);
		return false;
	}
	if (!judge(call, OPERATION_UNIX, object, &decision))
		return false;
	if (object->kind == OBJECT_ABSENT) {
		answer_error(&call->answer, object->error);
		return false;
	}
	name->pin = take_fd(&object->fd);
	memset(name->un.sun_path, 0, sizeof(name->un.sun_path));
	pin_name(name->un.sun_path, name->pin);
	name->len = sizeof(name->un);
	return true;
}

bool unix_find(struct call *call, struct net_name *name)
{
	struct object object;
	bool found;

	if (!check_form(call, name))
		return false;
	if (is_abstract(name))
		return judge_abstract(call, name);
	object_init(&object);
	found = find_path(call, name, &object);
	object_done(&object);
	return found;
}

/* A name is made there: what carves out of writing carves out of this. */
static bool judge_new(struct call *call, const struct object *object)
{
	struct decision decision;

	if (!judge(call, OPERATION_UNIX, object, &decision))
		return false;
	decide(call->supervisor->rules, OPERATION_WRITE, object->path,
	       &decision);
	if (decision.rule && decision.rule->is_deny) {
		judge_deny(call, object, operation_name(OPERATION_UNIX),
			   "--deny-fs-write covers it", NULL);
		return false;
	}
	if (object->kind != OBJECT_ABSENT)
		answer_error(&call->answer, EADDRINUSE);
	else if (object->error != ENOENT || object->is_directory_asked)
		answer_error(&call->answer, object->error);
	else
		return true;
	return false;
}

/*
 * The address to bind, for a thread whose working directory is the parent. What
 * was said is kept only where no link, no dots and no other directory can lead
 * it elsewhere meanwhile: the name alone, or the path as it was proven.
 */
static void choose_address(const struct net_name *name,
			   const struct object *object, const char *base,
			   struct net_name *ret)
{
	const char *path = object->path;
	char text[TEXT_SIZE];

	*ret = *name;
	copy_path(name, text);
	if (strcmp(text, path) == 0 || strcmp(text, base) == 0)
		return;
	if (strlen(path) >= sizeof(ret->un.sun_path))
		path = base; /* the end of what was said, so it fits */
	memset(ret->un.sun_path, 0, sizeof(ret->un.sun_path));
	memcpy(ret->un.sun_path, path,
	       strnlen(path, sizeof(ret->un.sun_path) - 1));
	ret->len = (socklen_t)(PATH_AT + strlen(ret->un.sun_path) + 1);
}

static void make(struct call *call, const struct net_socket *socket,
		 const struct net_name *name, const struct object *object)
{
	_cleanup_close_ int parent = -EBADF;
	struct net_name address;
	struct unix_place place = { .socket = socket->fd, .name = &address };
	struct target_status status;
	struct stat st;
	int r;

	parent = resolve_parent(&call->view, object, &place.base);
	r = target_status(call->view.proc_fd, call->request.tid, &status);
	if (parent < 0 || r < 0) {
		answer_error(&call->answer, parent < 0 ? parent : EACCES);
		return;
	}
	choose_address(name, object, place.base, &address);
	place.parent = parent;
	place.umask = status.umask;
	if (!call_is_current(call))
		return;
	r = unix_place_bind(&place);
	if (r < 0)
		answer_error(&call->answer, r == -EEXIST ? EADDRINUSE : -r);
	else if (fstatat(parent, place.base, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		 !S_ISSOCK(st.st_mode))
		judge_deny(call, object, operation_name(OPERATION_UNIX),
			   "its directory changed meanwhile", NULL);
	else
		answer_value(&call->answer, 0);
}

static void bind_path(struct call *call, const struct net_socket *socket,
		      const struct net_name *name)
{
	struct object object;
	char text[TEXT_SIZE];
	int r;

	copy_path(name, text);
	object_init(&object);
	r = resolve(&call->view, AT_FDCWD, text, RESOLVE_LINK, &object);
	if (r < 0)
		judge_error(call, &object, r);
	else if (judge_new(call, &object))
		make(call, socket, name, &object);
	object_done(&object);
}

/*
 * The kernel picks an abstract name: what a client of datagrams needs to get
 * an answer. A stream there could be connected to by anybody.
 */
static bool judge_autobind(struct call *call, const struct net_socket *socket)
{
	const struct net_rules *rules = call->supervisor->net_rules;

	if (rules && rules->has_unix &&
	    (socket->type == SOCK_DGRAM || net_rules_abstract(rules, "@")))
		return true;
	judge_refuse(call, operation_name(OPERATION_UNIX), "@",
		     "no --allow-unix covers it",
		     "to allow: '--allow-unix=@*'");
	return false;
}

void unix_bind(struct call *call, const struct net_socket *socket,
	       const struct net_name *name)
{
	bool is_auto = name->len == sizeof(name->any.sa_family) &&
		       name->any.sa_family == AF_UNIX;

	if (!is_auto && !check_form(call, name))
		return;
	if (!is_auto && !is_abstract(name)) {
		bind_path(call, socket, name);
		return;
	}
	if (is_auto ? !judge_autobind(call, socket) :
		      !judge_abstract(call, name))
		return;
	if (!call_is_current(call))
		return;
	if (bind(socket->fd, &name->any, name->len) < 0)
		answer_error(&call->answer, errno);
	else
		answer_value(&call->answer, 0);
}

bool unix_may_listen(struct call *call, const struct net_socket *socket)
{
	struct net_name name = { .len = sizeof(name.raw), .pin = -EBADF };

	if (getsockname(socket->fd, &name.any, &name.len) < 0) {
		answer_error(&call->answer, errno);
		return false;
	}
	/* A path was judged when it was bound. */
	return name.len <= PATH_AT || !is_abstract(&name) ||
	       judge_abstract(call, &name);
}
