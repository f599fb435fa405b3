/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a path as the target says it to the object it names, in the target's
 * view, with a handle that pins the object and a path that is proven.
 *
 * Proven: one openat2(2) with RESOLVE_NO_SYMLINKS led from the root along
 * exactly this path to the pinned object. Text from readlink(2) only proposes;
 * it never decides.
 */
#ifndef SUPERVISE_RESOLVE_H
#define SUPERVISE_RESOLVE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

enum object_kind {
	OBJECT_ABSENT, /* .error says why; .path is where it would be */
	OBJECT_FILE, /* anything with a proven path outside procfs */
	OBJECT_PROC, /* on procfs */
	OBJECT_OWN, /* a descriptor of the target without a proven path */
};

struct object {
	enum object_kind kind;
	int fd; /* O_PATH pin, owned; -1 when absent */
	int error; /* OBJECT_ABSENT: positive errno, as the kernel would say */
	int own_fd; /* it is what descriptor N of own_tid refers to; else -1 */
	pid_t own_tid;
	bool is_directory_asked; /* the path ends in a slash */
	bool is_beyond; /* absent, and more of it is missing than its last name */
	bool was_link; /* a symbolic link was followed */
	struct stat st; /* of the pin */
	char path[PATH_MAX]; /* absolute, no symlinks, no trailing slash */
	char asked[2 * PATH_MAX]; /* as it was said, made absolute */
	char hidden[PATH_MAX]; /* left by `..` although it may not be known */
};

/* Where names are looked up from: one waiting thread of the target. */
struct view {
	int root_fd; /* O_PATH of "/"; chroot is refused, so there is one */
	int proc_fd; /* from procfs_open() */
	dev_t proc_dev;
	pid_t tid;
	pid_t tgid; /* 0: not known yet, read when it is needed */
	/*
	 * May the target learn that the directory @path exists? Asked for what
	 * a `..` leaves again: the final object says nothing about it.
	 */
	bool (*may_pass)(const void *context, const char *path);
	const void *context;
	/* Asked now and then when looking takes long; NULL: it goes on. */
	bool (*goes_on)(struct view *view);
};

enum resolve_flags {
	RESOLVE_LINK = 1, /* a final symbolic link is the object itself */
};

/**
 * resolve() - find and pin what @text names
 * @dirfd: AT_FDCWD or a descriptor of the target; for relative paths
 * @ret: freed by object_done(), also after an error
 *
 * An object that is not there is not an error: see OBJECT_ABSENT.
 *
 * Return: 0, or a negative errno for the target when the name cannot be
 * judged: -EBADF, -ENOTDIR (anchor), -ELOOP, -ENAMETOOLONG, -EACCES, -ENOENT
 * (empty path or deleted anchor).
 */
int resolve(struct view *view, int dirfd, const char *text, unsigned flags,
	    struct object *ret);

/**
 * resolve_within() - resolve() under the restrictions of openat2(2)
 * @how: RESOLVE_BENEATH, IN_ROOT, NO_SYMLINKS, NO_XDEV; the kernel's own walk
 * @is_create: what is missing may be made
 *
 * Return: as resolve(); the error of the walk only where the anchor may be
 * read (view->may_pass), else -EACCES. procfs is never reached so.
 */
int resolve_within(struct view *view, int dirfd, const char *text,
		   unsigned flags, unsigned long long how, bool is_create,
		   struct object *ret);

/**
 * resolve_fd() - what the target's descriptor @fd refers to
 *
 * OBJECT_FILE when its path can be proven, else OBJECT_OWN. Return: 0, -EBADF
 * or another negative errno.
 */
int resolve_fd(struct view *view, int fd, struct object *ret);

/**
 * resolve_parent() - pin the directory of @object
 * @ret_name: its last component, within @object->path
 *
 * Return: an O_PATH descriptor, or a negative errno.
 */
int resolve_parent(const struct view *view, const struct object *object,
		   const char **ret_name);

/**
 * view_is_plain() - is the file not on procfs?
 *
 * A proc file system mounted elsewhere shows our own "self", not theirs.
 */
bool view_is_plain(const struct view *view, int fd, const struct stat *st);

/** view_is_at() - is our descriptor @fd at @path, right now? */
bool view_is_at(const struct view *view, int fd, const char *path);

/** object_init() - an absent object, nothing to free */
void object_init(struct object *object);

/** object_done() - close the pin */
void object_done(struct object *object);

#endif
