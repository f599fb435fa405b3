/* SPDX-License-Identifier: Apache-2.0 */
/* Ways to write a path: of each object of the fixture, and at the limits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "transparent.h"

struct shape *shapes, *limits;
size_t n_shapes, n_limits;

static const char *const objects[] = {
	"file",       "hard",         "closed",      "dir",
	"bare",       "dir/inner",    "dir/up",      "to-file",
	"to-dir",     "to-bare",      "to-dots",     "to-dir/inner",
	"dangling",   "dangling-far", "to-dangling", "loop",
	"fifo",       "socket",       "locked",      "locked/x",
	"locked/new", "nowrite",      "nowrite/x",   "nowrite/new",
	"noexec/x",   "missing",      "missing/x",   "file/x",
	"to-file/x",  "dangling/x",   "loop/x",      "bare/new",
	"dir/sub",    "program",      "new name",    ".",
	"..",
};

/* These are written in every way also in a short run. */
static const char *const main_objects[] = { "file",    "dir",      "to-dir",
					    "missing", "dangling", "." };

/*
 * %s is the object, $ the absolute path of the fixture. The first few are for
 * every object.
 */
#define SHORT_WAYS 3
static const char *const ways[] = {
	"%s",
	"%s/",
	"%s/.",
	"%s//",
	"%s/..",
	"%s/../",
	"./%s",
	"$/%s",
	"$//%s",
	"$/./dir/../%s/",
	"/..$/%s",
	"dir/../%s",
	"to-dir/../%s",
	"missing/../%s",
	"file/../%s",
	"locked/../%s",
	"dangling/../%s",
	"dir/sub/.././../%s",
};

static const char *const others[] = {
	"",
	"/",
	"//",
	"/.",
	"/..",
	"/../..",
	"...",
	" ",
	"/proc/self/cwd/file",
	"/proc/self/cwd",
	"/proc/self/cwd/",
	"/proc/self/cwd/../f/file",
	"/dev/null",
	"/dev/null/",
	"/dev/null/x",
};

static void fill(struct shape *shape, const char *way, const char *object)
{
	char *to = shape->path;

	(void)snprintf(shape->label, sizeof(shape->label), way, object);
	for (const char *from = shape->label; *from; from++)
		if (*from == '$')
			to = stpcpy(to, fixture_path);
		else
			*to++ = *from;
	*to = '\0';
}

static bool is_main(const char *object)
{
	for (size_t i = 0; i < COUNT(main_objects); i++)
		if (strcmp(object, main_objects[i]) == 0)
			return true;
	return false;
}

static struct shape *limit(const char *label)
{
	struct shape *shape = &limits[n_limits++];

	(void)snprintf(shape->label, sizeof(shape->label), "%s", label);
	shape->path[0] = '\0';
	return shape;
}

/* As many times as needed for @len bytes with @tail at the end. */
static void stretch(const char *label, const char *head, const char *part,
		    const char *tail, size_t len)
{
	struct shape *shape = limit(label);
	char *end = stpcpy(shape->path, head);
	size_t room = len - strlen(tail);

	while ((size_t)(end - shape->path) + strlen(part) <= room)
		end = stpcpy(end, part);
	while ((size_t)(end - shape->path) < room)
		*end++ = '/';
	(void)stpcpy(end, tail);
}

static void name_of(const char *label, const char *head, size_t len)
{
	struct shape *shape = limit(label);
	char *end = stpcpy(shape->path, head);

	memset(end, 'n', len);
	end[len] = '\0';
}

static void make_limits(void)
{
	char head[PATH_MAX + 2];

	(void)snprintf(head, sizeof(head), "%s/", fixture_path);
	name_of("name of 255", "", 255);
	name_of("name of 256", "", 256);
	name_of("name of 255 in dir", "dir/", 255);
	name_of("name of 256 in file", "file/", 256);
	name_of("name of 256 in missing", "missing/", 256);
	name_of("name of 256 in locked", "locked/", 256);
	name_of("name of 4000", "", 4000);
	stretch("file, 4094 bytes", "", "./", "file", 4094);
	stretch("file, 4095 bytes", "", "./", "file", 4095);
	stretch("file, 4096 bytes", "", "./", "file", 4096);
	stretch("file, 4097 bytes", "", "./", "file", 4097);
	stretch("new, 4095 bytes", "", "./", "new", 4095);
	stretch("new, 4096 bytes", "", "./", "new", 4096);
	stretch("absolute file, 4095 bytes", head, "./", "file", 4095);
	stretch("absolute file, 4096 bytes", head, "./", "file", 4096);
	stretch("bare by dots, 4095 bytes", "", "dir/../", "bare", 4095);
	stretch("file and slashes, 4095 bytes", "file", "/", "", 4095);
	stretch("bare and slashes, 4095 bytes", "bare", "/", "", 4095);
	stretch("by a link, 4095 bytes", "to-dir/", "../to-dir/", "inner", 300);
	/* Links, one after the other: run_limits() makes them. */
	(void)strcpy(limit("39 links to file")->path, "chain/39");
	(void)strcpy(limit("40 links to file")->path, "chain/40");
	(void)strcpy(limit("41 links to file")->path, "chain/41");
	(void)strcpy(limit("40 links to dir/")->path, "dirs/40/");
	(void)strcpy(limit("40 links to dir")->path, "dirs/40");
	(void)strcpy(limit("41 links to dir")->path, "dirs/41");
	(void)strcpy(limit("40 links on the way")->path, "dirs/40/inner");
	(void)strcpy(limit("41 links on the way")->path, "dirs/41/inner");
	(void)strcpy(limit("40 links on the way, one at the end")->path,
		     "dirs/40/up");
	(void)strcpy(limit("39 links on the way, one at the end")->path,
		     "dirs/39/up");
	(void)strcpy(limit("link of 4095 bytes to file")->path, "chain/long");
	(void)strcpy(limit("link of 4095 bytes and more")->path,
		     "dirs/long/inner");
}

void shapes_make(void)
{
	shapes = calloc(COUNT(objects) * COUNT(ways) + COUNT(others),
			sizeof(*shapes));
	limits = calloc(64, sizeof(*limits));
	if (!shapes || !limits)
		abort();
	for (size_t i = 0; i < COUNT(objects); i++)
		for (size_t j = 0; j < COUNT(ways); j++) {
			shapes[n_shapes].is_wide = j >= SHORT_WAYS &&
						   !is_main(objects[i]);
			fill(&shapes[n_shapes++], ways[j], objects[i]);
		}
	for (size_t i = 0; i < COUNT(others); i++)
		fill(&shapes[n_shapes++], "%s", others[i]);
	make_limits();
}
