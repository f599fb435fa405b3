/* SPDX-License-Identifier: Apache-2.0 */
/* From a path as the target says it to the object it names. */
#include "supervise/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "common/cleanup.h"
#include "common/kernel.h"
#include "supervise/moves.h"
#include "supervise/target.h"
#include "supervise/walk.h"

#define PROOF_TRIES 3

void object_init(struct object *object)
{
	object->kind = OBJECT_ABSENT;
	object->fd = -1;
	object->error = ENOENT;
	object->own_fd = -1;
	object->is_directory_asked = false;
	object->is_beyond = false;
	object->was_link = false;
	object->path[0] = '\0';
	object->asked[0] = '\0';
	object->hidden[0] = '\0';
}

void object_done(struct object *object)
{
	if (object->fd >= 0)
		(void)close(object->fd);
	object->fd = -1;
}

bool view_is_plain(const struct view *view, int fd, const struct stat *st)
{
	struct statfs fs;

	if (major(st->st_dev) != 0)
		return true;
	if (st->st_dev == view->proc_dev)
		return false;
	return fstatfs(fd, &fs) == 0 && fs.f_type != PROC_SUPER_MAGIC;
}

bool view_is_at(const struct view *view, int fd, const char *path)
{
	char link[32], text[PATH_MAX];
	ssize_t n;

	(void)snprintf(link, sizeof(link), "self/fd/%d", fd);
	n = readlinkat(view->proc_fd, link, text, sizeof(text));
	return n > 0 && (size_t)n < sizeof(text) && (size_t)n == strlen(path) &&
	       memcmp(text, path, (size_t)n) == 0;
}

/* Pins what is at object->path now, without following anything. */
static int prove(const struct view *view, struct object *object)
{
	uint64_t now = moves_now();
	int fd = kernel_openat2(view->root_fd, object->path,
				O_PATH | O_NOFOLLOW | O_CLOEXEC, 0,
				RESOLVE_NO_SYMLINKS);

	if (fd < 0)
		return fd;
	if (moves_since(now) && !view_is_at(view, fd, object->path)) {
		(void)close(fd);
		return -EAGAIN;
	}
	object_done(object);
	object->fd = fd;
	if (fstat(fd, &object->st) < 0)
		return -errno;
	object->kind = OBJECT_FILE;
	/* A second mount of it would go round the rules for /proc. */
	if (object->st.st_dev == view->proc_dev && !path_is_proc(object->path))
		return -EACCES;
	if (object->st.st_dev == view->proc_dev)
		object->kind = OBJECT_PROC;
	else if (!view_is_plain(view, object->fd, &object->st))
		return -EACCES;
	return 0;
}

static int make_absent(struct object *object, int error)
{
	object_done(object);
	object->kind = OBJECT_ABSENT;
	object->error = error;
	return 0;
}

/*
 * With dots inside, the normal form is the path only if what the text leaves
 * again is there, may be searched, and is no link: up to the last dot it must
 * lead somewhere.
 */
static bool dots_exist(const struct view *view, const char *full)
{
	_cleanup_close_ int fd = -1;
	char head[2 * PATH_MAX];
	const char *at = full, *last = NULL;
	size_t len;

	while ((at = strstr(at, "/."))) {
		at += at[2] == '.' ? 3 : 2;
		if (*at == '/' || *at == '\0')
			last = at;
	}
	if (!last)
		return true;
	len = (size_t)(last - full);
	memcpy(head, full, len);
	head[len] = '\0';
	fd = kernel_openat2(view->root_fd, head, O_PATH | O_CLOEXEC, 0,
			    RESOLVE_NO_SYMLINKS);
	return fd >= 0;
}

/*
 * The fast path: without a symbolic link anywhere, the normal form of the
 * text is the path, and one openat2() proves it.
 *
 * Return: 1 when it did, 0 when the walk has to look closer, or -errno.
 */
static int resolve_plain(struct view *view, const char *full, unsigned flags,
			 struct object *ret)
{
	bool is_link;
	int r;

	r = path_normalise(full, ret->path, sizeof(ret->path), view);
	if (r <= 0)
		return r;
	if (path_is_proc(ret->path))
		return 0;
	r = prove(view, ret);
	if (r == -ENOENT || r == -ENOTDIR) {
		/* "a/../b" without a is ENOENT although "b" may be there. */
		if (!dots_exist(view, full))
			return 0;
		return make_absent(ret, -r) < 0 ? 0 : 1;
	}
	if (r < 0)
		return r == -EACCES && ret->fd >= 0 ? r : 0;
	is_link = S_ISLNK(ret->st.st_mode);
	if (is_link && (!(flags & RESOLVE_LINK) || ret->is_directory_asked))
		return 0;
	return dots_exist(view, full);
}

/* The slow path proposes a path; prove() makes sure that it is still true. */
static int resolve_links(struct view *view, const char *full, unsigned flags,
			 struct object *ret)
{
	for (int try = 0; try < PROOF_TRIES; try++) {
		struct stat seen;
		int r;

		ret->was_link = false;
		ret->own_fd = -1;
		ret->hidden[0] = '\0';
		r = walk(view, full, flags, ret);
		if (r < 0 || ret->kind != OBJECT_FILE)
			return r;
		seen = ret->st;
		r = prove(view, ret);
		if (r == 0 && ret->own_fd >= 0 &&
		    (ret->st.st_dev != seen.st_dev ||
		     ret->st.st_ino != seen.st_ino))
			r = -EAGAIN; /* no longer what that descriptor is */
		if (r == 0 &&
		    (!S_ISLNK(ret->st.st_mode) ||
		     ((flags & RESOLVE_LINK) && !ret->is_directory_asked)))
			return 0;
		/* Changed under our feet: look again, then give up. */
	}
	return -EACCES;
}

/* Proposes the path of a pinned directory and proves it. */
static int anchor_path(const struct view *view, int pin, const char *link,
		       char *ret, size_t size)
{
	_cleanup_close_ int fd = -1;
	struct stat want, got;
	ssize_t n;

	n = target_link(view->proc_fd, view->tid, link, ret, size);
	if (n < 0)
		return (int)n;
	if (fstat(pin, &want) < 0)
		return -errno;
	if (!S_ISDIR(want.st_mode))
		return -ENOTDIR;
	if (want.st_nlink == 0)
		return -ENOENT; /* deleted: so says the kernel too */
	fd = kernel_openat2(view->root_fd, ret, O_PATH | O_NOFOLLOW | O_CLOEXEC,
			    0, RESOLVE_NO_SYMLINKS);
	if (fd < 0 || fstat(fd, &got) < 0)
		return -EACCES;
	if (got.st_dev != want.st_dev || got.st_ino != want.st_ino)
		return -EACCES;
	return 0;
}

/* @text made absolute: PATH of the anchor, a slash, @text. */
static int make_full(const struct view *view, int dirfd, const char *text,
		     char *ret, size_t size)
{
	_cleanup_close_ int pin = -1;
	char link[32] = "cwd";
	size_t len = 0;
	int r;

	if (text[0] != '/') {
		if (dirfd == AT_FDCWD) {
			pin = target_cwd(view->proc_fd, view->tid);
		} else {
			(void)snprintf(link, sizeof(link), "fd/%d", dirfd);
			pin = target_fd(view->proc_fd, view->tid, dirfd);
		}
		if (pin < 0)
			return pin;
		r = anchor_path(view, pin, link, ret, size);
		if (r < 0)
			return r;
		len = strlen(ret);
	}
	if (len + 1 + strlen(text) >= size)
		return -ENAMETOOLONG;
	if (len > 0)
		ret[len++] = '/';
	memcpy(ret + len, text, strlen(text) + 1);
	return 0;
}

int resolve(struct view *view, int dirfd, const char *text, unsigned flags,
	    struct object *ret)
{
	size_t len = strlen(text);
	int r;

	object_init(ret);
	if (len == 0)
		return -ENOENT;
	r = make_full(view, dirfd, text, ret->asked, sizeof(ret->asked));
	if (r < 0)
		return r;
	ret->is_directory_asked =
		text[len - 1] == '/' || strcmp(text, ".") == 0 ||
		(len > 1 && strcmp(text + len - 2, "/.") == 0);
	r = resolve_plain(view, ret->asked, flags, ret);
	if (r == 0)
		r = resolve_links(view, ret->asked, flags, ret);
	if (r < 0)
		return r;
	if (ret->kind != OBJECT_ABSENT && ret->is_directory_asked &&
	    !S_ISDIR(ret->st.st_mode))
		return make_absent(ret, ENOTDIR);
	return 0;
}

int resolve_fd(struct view *view, int fd, struct object *ret)
{
	_cleanup_close_ int pin = -1;
	struct stat st;
	char link[32];
	ssize_t n;

	object_init(ret);
	pin = target_fd(view->proc_fd, view->tid, fd);
	if (pin < 0)
		return pin;
	if (fstat(pin, &st) < 0)
		return -errno;
	(void)snprintf(link, sizeof(link), "fd/%d", fd);
	n = target_link(view->proc_fd, view->tid, link, ret->path,
			sizeof(ret->path));
	if (n < 0)
		return (int)n;
	if (ret->path[0] == '/' && prove(view, ret) == 0 &&
	    ret->st.st_dev == st.st_dev && ret->st.st_ino == st.st_ino) {
		ret->own_fd = fd;
		ret->own_tid = view->tid;
		return 0;
	}
	object_done(ret);
	ret->kind = OBJECT_OWN;
	ret->fd = take_fd(&pin);
	ret->st = st;
	ret->own_fd = fd;
	ret->own_tid = view->tid;
	return 0;
}

int resolve_parent(const struct view *view, const struct object *object,
		   const char **ret_name)
{
	const char *slash = strrchr(object->path, '/');
	char parent[PATH_MAX];
	size_t len;

	if (!slash || slash[1] == '\0')
		return -EBUSY; /* the root has no name */
	len = (size_t)(slash - object->path);
	memcpy(parent, object->path, len);
	parent[len] = '\0';
	*ret_name = slash + 1;
	return kernel_openat2(view->root_fd, len ? parent : "/",
			      O_PATH | O_DIRECTORY | O_CLOEXEC, 0,
			      RESOLVE_NO_SYMLINKS);
}
