/* SPDX-License-Identifier: Apache-2.0 */
/* The restricted walks of openat2(2), done by the kernel from a pinned anchor. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/kernel.h"
#include "supervise/resolve.h"
#include "supervise/target.h"
#include "supervise/walk.h"

#define PIN (O_PATH | O_CLOEXEC)

/* The anchor, and its proven path in @object. */
static int pin_anchor(struct view *view, int dirfd, struct object *object)
{
	int r;

	r = dirfd == AT_FDCWD ? resolve(view, AT_FDCWD, ".", 0, object) :
				resolve_fd(view, dirfd, object);
	if (r < 0)
		return r;
	if (object->kind != OBJECT_FILE)
		return -EACCES;
	if (!S_ISDIR(object->st.st_mode))
		return -ENOTDIR;
	/* Errors of the walk tell what is there. */
	if (view->may_pass && !view->may_pass(view->context, object->path))
		return -EACCES;
	return 0;
}

/* From a pinned object to its proven path: the text only proposes. */
static int prove_pin(struct view *view, int pin, struct object *ret)
{
	char link[32], path[PATH_MAX];
	struct stat st;
	ssize_t n;
	int r;

	(void)snprintf(link, sizeof(link), "self/fd/%d", pin);
	n = readlinkat(view->proc_fd, link, path, sizeof(path) - 1);
	if (n <= 0 || path[0] != '/' || fstat(pin, &st) < 0)
		return -EACCES;
	path[n] = '\0';
	r = resolve(view, AT_FDCWD, path, RESOLVE_LINK, ret);
	if (r < 0)
		return r;
	if (ret->kind != OBJECT_FILE || ret->st.st_dev != st.st_dev ||
	    ret->st.st_ino != st.st_ino)
		return -EACCES;
	return 0;
}

/* What is to be made: the parent is walked to, the name must be free. */
static int resolve_new(struct view *view, int anchor, const char *text,
		       unsigned long long how, struct object *ret)
{
	_cleanup_close_ int parent = -1, taken = -1;
	const char *slash = strrchr(text, '/');
	const char *name = slash ? slash + 1 : text;
	char head[PATH_MAX];
	size_t len;
	int r;

	if (name[0] == '\0' || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0)
		return -EISDIR;
	(void)snprintf(head, sizeof(head), "%.*s",
		       slash ? (int)(slash - text) + 1 : 1, slash ? text : ".");
	parent = kernel_openat2(anchor, head, PIN | O_DIRECTORY, 0, how);
	if (parent < 0)
		return parent;
	taken = openat(parent, name, PIN | O_NOFOLLOW);
	if (taken >= 0)
		return -ELOOP; /* a link that leads nowhere */
	r = prove_pin(view, parent, ret);
	if (r < 0)
		return r;
	len = strlen(ret->path);
	if (len + strlen(name) + 2 > sizeof(ret->path))
		return -ENAMETOOLONG;
	(void)snprintf(ret->path + len, sizeof(ret->path) - len, "%s%s",
		       len > 1 ? "/" : "", name);
	object_done(ret);
	ret->kind = OBJECT_ABSENT;
	ret->error = ENOENT;
	return 0;
}

/* The name that was asked for; and where an error happened, to judge it. */
static void note_asked(const struct object *anchor, const char *text, int error,
		       struct object *ret)
{
	(void)snprintf(ret->asked, sizeof(ret->asked), "%s/%s", anchor->path,
		       text);
	if (error >= 0)
		return;
	if (path_normalise(ret->asked, ret->path, sizeof(ret->path),
			   &(struct view){ 0 }) < 0)
		memcpy(ret->path, "/", 2);
}

/*
 * The errors of the kernel's walk tell what lies on its way. They are passed on
 * only where the ordinary walk leads to a place that may be known, by a way
 * that may be known; elsewhere its result stands, and will be denied.
 */
static bool is_known(struct view *view, int dirfd, const char *text,
		     unsigned flags, unsigned long long how, struct object *ret,
		     int *ret_error)
{
	if (how & RESOLVE_IN_ROOT)
		text += strspn(text, "/");
	*ret_error = resolve(view, dirfd, text[0] ? text : ".", flags, ret);
	if (*ret_error < 0 || ret->hidden[0])
		return false;
	return !view->may_pass || view->may_pass(view->context, ret->path);
}

/*
 * What is served although its path may not be known, its own entries of procfs,
 * was found by the ordinary walk: it must not have gone where it should not.
 */
static int check_unwalked(const struct object *object, unsigned long long how)
{
	if (object->kind != OBJECT_PROC && object->kind != OBJECT_OWN)
		return 0;
	if ((how & RESOLVE_NO_SYMLINKS) && object->was_link)
		return -ELOOP;
	if ((how & RESOLVE_NO_MAGICLINKS) && object->own_fd >= 0)
		return -ELOOP;
	if (how & RESOLVE_NO_XDEV)
		return -EXDEV;
	return how & (RESOLVE_BENEATH | RESOLVE_IN_ROOT) ? -EACCES : 0;
}

/* Both walks found nothing: what that may tell is judged by its path. */
static int keep_absent(const char *path, int error, struct object *ret)
{
	memcpy(ret->path, path, strlen(path) + 1);
	ret->kind = OBJECT_ABSENT;
	ret->error = error;
	return 0;
}

int resolve_within(struct view *view, int dirfd, const char *text,
		   unsigned flags, unsigned long long how, bool is_create,
		   struct object *ret)
{
	_cleanup_close_ int pin = -1;
	struct object anchor;
	char absent[PATH_MAX];
	int error, r;

	/* Says nothing of what is there. */
	if ((how & RESOLVE_BENEATH) && text[0] == '/') {
		object_init(ret);
		return -EXDEV;
	}
	if (!is_known(view, dirfd, text, flags, how, ret, &r))
		return r < 0 ? r : check_unwalked(ret, how);
	error = ret->kind == OBJECT_ABSENT && !(how & RESOLVE_IN_ROOT) ?
			ret->error :
			0;
	memcpy(absent, ret->path, sizeof(absent));
	object_done(ret);
	object_init(ret);
	object_init(&anchor);
	/* An absolute path has no anchor, as long as the root stays the root. */
	if (text[0] == '/' && !(how & RESOLVE_IN_ROOT))
		dirfd = AT_FDCWD;
	how |= RESOLVE_NO_MAGICLINKS;
	r = text[0] == '\0' ? -ENOENT : pin_anchor(view, dirfd, &anchor);
	if (r == 0) {
		pin = kernel_openat2(
			anchor.fd, text,
			PIN | (flags & RESOLVE_LINK ? O_NOFOLLOW : 0), 0, how);
		if (pin >= 0)
			r = prove_pin(view, pin, ret);
		else if (pin == -ENOENT && is_create)
			r = resolve_new(view, anchor.fd, text, how, ret);
		else if (error && pin == -error)
			r = keep_absent(absent, error, ret);
		else
			r = pin;
		note_asked(&anchor, text, r, ret);
	}
	object_done(&anchor);
	return r;
}
