/* SPDX-License-Identifier: Apache-2.0 */
/* The component walk: symbolic links and /proc as the target sees them. */
#include "supervise/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/cleanup.h"
#include "common/kernel.h"
#include "common/lock.h"
#include "supervise/path_text.h"
#include "supervise/proc_place.h"
#include "supervise/sticky.h"
#include "supervise/target.h"

#define STEPS_MANY 100 /* then others need not wait for it */
#define LONG_WAIT_S 2 /* a directory may hang */
#define PIN (O_PATH | O_NOFOLLOW | O_CLOEXEC)

static pthread_mutex_t long_walk = PTHREAD_MUTEX_INITIALIZER;

/* The walk so far. */
struct steps {
	struct view *view;
	struct object *object; /* .path is what was walked, "" for the root */
	int fd; /* O_PATH of it, owned */
	struct stat st;
	unsigned flags;
	unsigned n_links, n_steps;
	bool is_long; /* holds long_walk */
	char rest[2 * PATH_MAX]; /* still to walk */
	char name[NAME_MAX + 1]; /* the component at hand */
	bool is_last;
};

enum step {
	STEP_ON, /* go on with the rest */
	STEP_END, /* the object is filled in */
};

/* Takes the next component off the rest. false: nothing is left. */
static int next_name(struct steps *s, bool *ret_more)
{
	char *at = s->rest + strspn(s->rest, "/");
	size_t len = strcspn(at, "/");

	*ret_more = len > 0;
	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(s->name, at, len);
	s->name[len] = '\0';
	at += len;
	s->is_last = at[strspn(at, "/")] == '\0';
	memmove(s->rest, at, strlen(at) + 1);
	return 0;
}

/* Puts @text in front of the rest. */
static int prepend(struct steps *s, const char *text, size_t len)
{
	size_t rest = strlen(s->rest);

	if (len + 1 + rest + 1 > sizeof(s->rest))
		return -ENAMETOOLONG;
	memmove(s->rest + len + 1, s->rest, rest + 1);
	memcpy(s->rest, text, len);
	s->rest[len] = '/';
	if (rest == 0)
		s->rest[len] = '\0';
	return 0;
}

static int go_to(struct steps *s, const char *path)
{
	int fd = kernel_openat2(s->view->root_fd, *path ? path : "/",
				O_PATH | O_DIRECTORY | O_CLOEXEC, 0,
				RESOLVE_NO_SYMLINKS);

	if (fd < 0)
		return fd == -ELOOP ? -EACCES : fd;
	if (s->fd >= 0)
		(void)close(s->fd);
	s->fd = fd;
	return 0;
}

static int view_tgid(struct view *view)
{
	struct target_status status;
	int r;

	if (view->tgid > 0)
		return 0;
	r = target_status(view->proc_fd, view->tid, &status);
	if (r < 0)
		return -EACCES;
	view->tgid = status.tgid;
	return 0;
}

/* Its own entries of /proc are no secret. */
static bool may_show(struct view *view, const char *path)
{
	struct proc_place place;

	return !view->may_pass || path[0] == '\0' ||
	       view->may_pass(view->context, path) ||
	       (proc_place_parse(path, &place) && view_tgid(view) == 0 &&
		place.pid == view->tgid);
}

/* Remembers the first directory that `..` leaves and that may not show. */
static void note_hidden(struct steps *s, const char *path)
{
	if (!s->object->hidden[0] && !may_show(s->view, path))
		memcpy(s->object->hidden, path, strlen(path) + 1);
}

/* What is missing lies here; the rest is appended as it was said. */
static int end_absent(struct steps *s, int error, enum step *ret)
{
	struct object *object = s->object;
	char full[4 * PATH_MAX];

	/* "missing/.." must look the same as "there/.." does. */
	memcpy(full, object->path, strlen(object->path) + 1);
	if (path_goes_up(s->rest) &&
	    path_append(full, PATH_MAX, s->name, strlen(s->name)) == 0)
		note_hidden(s, full);
	(void)snprintf(full, sizeof(full), "%s/%s/%s", object->path, s->name,
		       s->rest);
	object->kind = OBJECT_ABSENT;
	object->error = error;
	object->is_beyond = s->rest[strspn(s->rest, "/")] != '\0';
	*ret = STEP_END;
	if (path_normalise(full, object->path, sizeof(object->path),
			   &(struct view){ 0 }) < 0)
		return -ENAMETOOLONG;
	return 0;
}

static int follow(struct steps *s, const char *text, size_t len)
{
	if (++s->n_links > WALK_LINKS_MAX)
		return -ELOOP;
	if (len == 0)
		return -ENOENT;
	s->object->was_link = true;
	if (text[0] == '/') {
		s->object->path[0] = '\0';
		if (go_to(s, "") < 0)
			return -EACCES;
	}
	return prepend(s, text, len);
}

/* An ordinary component of the directory s->fd. */
static int step_plain(struct steps *s, enum step *ret)
{
	_cleanup_close_ int pin = -1;
	char text[PATH_MAX];
	ssize_t n;

	pin = openat(s->fd, s->name, PIN);
	if (pin < 0)
		return end_absent(s, errno, ret);
	if (fstat(pin, &s->st) < 0)
		return -errno;
	if (S_ISLNK(s->st.st_mode) &&
	    (!s->is_last || !(s->flags & RESOLVE_LINK) || s->rest[0])) {
		n = sticky_read_link(s->view->proc_fd, s->fd, pin, &s->st,
				     s->is_last, text, sizeof(text));
		return n < 0 ? (int)n : follow(s, text, (size_t)n);
	}
	if (!S_ISDIR(s->st.st_mode) && (!s->is_last || s->rest[0]))
		return end_absent(s, ENOTDIR, ret);
	if (path_append(s->object->path, sizeof(s->object->path), s->name,
			strlen(s->name)) < 0)
		return -ENAMETOOLONG;
	(void)close(s->fd);
	s->fd = take_fd(&pin);
	return 0;
}

/* The object behind a magic link has no name that could be walked. */
static int end_own(struct steps *s, const struct proc_place *place, int *pin,
		   enum step *ret)
{
	struct object *object = s->object;

	/* Text and pin of cwd are of two moments: who races gets nothing. */
	if (!s->is_last || (strcmp(place->directory, "fd") != 0 &&
			    strcmp(s->name, "exe") != 0))
		return -EACCES;
	object->kind = OBJECT_OWN;
	object->st = s->st;
	object->fd = take_fd(pin);
	(void)snprintf(object->path, sizeof(object->path), "/proc/%d%s%s/%s",
		       place->pid, place->directory[0] ? "/" : "",
		       place->directory, s->name);
	*ret = STEP_END;
	return 0;
}

/*
 * Expanded only for the requester itself, from a pinned handle, and only to
 * where the proven path of that handle lies (T044-T047).
 */
static int step_magic(struct steps *s, const struct proc_place *place,
		      enum step *ret)
{
	_cleanup_close_ int pin = -1, proof = -1;
	char link[NAME_MAX + 64], text[PATH_MAX];
	struct stat st;

	if (view_tgid(s->view) < 0 || place->pid != s->view->tgid ||
	    strcmp(place->directory, "ns") == 0 ||
	    strcmp(place->directory, "map_files") == 0)
		return -EACCES;
	if (++s->n_links > WALK_LINKS_MAX)
		return -ELOOP;
	s->object->was_link = true;
	if (strcmp(s->name, "root") == 0) {
		s->object->path[0] = '\0';
		return go_to(s, "");
	}
	(void)snprintf(link, sizeof(link), "%s%s%s", place->directory,
		       place->directory[0] ? "/" : "", s->name);
	if (target_link(s->view->proc_fd, place->tid, link, text,
			sizeof(text)) < 0)
		return end_absent(s, ENOENT, ret);
	(void)snprintf(link, sizeof(link), "%d/%s%s%s", place->tid,
		       place->directory, place->directory[0] ? "/" : "",
		       s->name);
	pin = openat(s->view->proc_fd, link, O_PATH | O_CLOEXEC);
	if (pin < 0 || fstat(pin, &s->st) < 0)
		return -EACCES;
	/* Only of what it refers to itself, not of what the path goes on to. */
	if (place->directory[0] && s->is_last) {
		s->object->own_fd = (int)strtol(s->name, NULL, 10);
		s->object->own_tid = place->tid;
	}
	proof = kernel_openat2(s->view->root_fd, text, PIN, 0,
			       RESOLVE_NO_SYMLINKS);
	if (text[0] != '/' || proof < 0 || fstat(proof, &st) < 0 ||
	    st.st_dev != s->st.st_dev || st.st_ino != s->st.st_ino)
		return end_own(s, place, &pin, ret);
	if (!S_ISDIR(st.st_mode) && !s->is_last)
		return end_absent(s, ENOTDIR, ret);
	memcpy(s->object->path, text, strlen(text) + 1);
	if (strcmp(text, "/") == 0)
		s->object->path[0] = '\0';
	(void)close(s->fd);
	s->fd = take_fd(&pin);
	return 0;
}

/* A component on procfs, where "self" must be the requester, not us. */
static int step_proc(struct steps *s, enum step *ret)
{
	bool is_end = s->is_last && (s->flags & RESOLVE_LINK) && !s->rest[0];
	struct proc_place place;
	char text[64];
	int n = 0;

	if (strcmp(s->object->path, "/proc") == 0 && !is_end) {
		if (view_tgid(s->view) < 0)
			return -EACCES;
		if (strcmp(s->name, "self") == 0)
			n = snprintf(text, sizeof(text), "%d", s->view->tgid);
		else if (strcmp(s->name, "thread-self") == 0)
			n = snprintf(text, sizeof(text), "%d/task/%d",
				     s->view->tgid, s->view->tid);
		if (n > 0)
			return follow(s, text, (size_t)n);
	}
	if (!is_end && proc_place_parse(s->object->path, &place) &&
	    proc_place_is_magic(&place, s->name))
		return step_magic(s, &place, ret);
	return step_plain(s, ret);
}

/*
 * To go on from a directory, to itself or upwards, takes its search bit. Not
 * looked at where the error would tell that it is there.
 */
static int check_search(const struct steps *s)
{
	bool may = !s->object->hidden[0] && may_show(s->view, s->object->path);
	struct stat st;

	return may && fstatat(s->fd, ".", &st, 0) < 0 ? -errno : 0;
}

static int step_up(struct steps *s)
{
	/* Kernel: `..` of the root is the root. */
	note_hidden(s, s->object->path);
	path_cut(s->object->path);
	return go_to(s, s->object->path);
}

static int finish(struct steps *s)
{
	struct object *object = s->object;

	if (object->path[0] == '\0')
		memcpy(object->path, "/", 2);
	if (fstat(s->fd, &object->st) < 0)
		return -errno;
	object->kind = OBJECT_FILE;
	if (object->st.st_dev == s->view->proc_dev)
		object->kind = OBJECT_PROC;
	/* A second mount of it would go round the rules for /proc. */
	if (object->kind == OBJECT_PROC && !path_is_proc(object->path))
		return -EACCES;
	object->fd = take_fd(&s->fd);
	return 0;
}

/* One at a time computes for long: the processors are for the others. */
static void enter_long(struct steps *s)
{
	struct timespec end;

	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += LONG_WAIT_S;
	s->is_long = lock_until(&long_walk, &end) == 0;
}

static int check_long(struct steps *s)
{
	if (!s->view->goes_on || ++s->n_steps % STEPS_MANY != 0)
		return 0;
	if (!s->view->goes_on(s->view))
		return -EACCES;
	if (s->n_steps > STEPS_MANY)
		return 0;
	enter_long(s);
	return s->view->goes_on(s->view) ? 0 : -EACCES;
}

static int run(struct steps *s)
{
	enum step step = STEP_ON;
	bool more = true;
	int r;

	r = go_to(s, "");
	while (r == 0) {
		r = next_name(s, &more);
		if (r < 0 || !more)
			break;
		r = check_long(s);
		if (r == 0 && path_ends_in_dots(s->name))
			r = check_search(s);
		if (r < 0 || strcmp(s->name, ".") == 0)
			continue;
		if (strcmp(s->name, "..") == 0)
			r = step_up(s);
		else if (path_is_proc(s->object->path))
			r = step_proc(s, &step);
		else
			r = step_plain(s, &step);
		if (step == STEP_END)
			return r;
	}
	return r < 0 ? r : finish(s);
}

int walk(struct view *view, const char *full, unsigned flags,
	 struct object *ret)
{
	struct steps s = {
		.view = view, .object = ret, .fd = -1, .flags = flags
	};
	size_t len = strlen(full);
	int r;

	object_done(ret);
	ret->path[0] = '\0';
	if (len >= sizeof(s.rest))
		return -ENAMETOOLONG;
	memcpy(s.rest, full, len + 1);
	r = run(&s);
	if (s.is_long)
		(void)pthread_mutex_unlock(&long_walk);
	if (s.fd >= 0)
		(void)close(s.fd);
	return r;
}
