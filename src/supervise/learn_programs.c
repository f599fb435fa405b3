/* SPDX-License-Identifier: Apache-2.0 */
/* --allow-child-process: any program, or which. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervise/command.h"
#include "supervise/learn_emit.h"
#include "supervise/learn_needs.h"
#include "supervise/shebang.h"

#define OPTION "allow-child-process"
#define SHEBANG_MAX 4

static bool is_made(const struct learn_entry *entries, size_t n,
		    const char *path)
{
	for (size_t i = 0; i < n && entries[i].kind == LEARN_FILE; i++)
		if (entries[i].is_made && strcmp(entries[i].object, path) == 0)
			return true;
	return false;
}

static bool is_wanted(const struct learn_needs *needs, const char *path)
{
	return !strings_contain(&needs->options.child_programs, path);
}

/* The kernel runs the interpreter of a script without asking again. */
static int add_interpreters(struct learn_needs *needs, const char *script)
{
	_cleanup_free_ char *path = strdup(script);
	char text[PATH_MAX + 64];
	int r = path ? 0 : -ENOMEM;

	for (int i = 0; i < SHEBANG_MAX && r == 0; i++) {
		struct image image = { .kind = IMAGE_ELF };
		char *real = NULL;

		if (shebang_read(path, &image) == 0 && image.kind != IMAGE_ELF)
			real = realpath(image.kind == IMAGE_SCRIPT ?
						image.interpreter :
						"/bin/sh",
					NULL);
		image_done(&image);
		free(path);
		path = real;
		if (!path)
			break;
		(void)snprintf(text, sizeof(text), "runs the script %s",
			       script);
		if (is_wanted(needs, path))
			r = learn_needs_add(needs, OPTION, path, text);
	}
	return r;
}

/* Nothing can be said in advance about a program that is not there yet. */
static int add_made(struct learn_needs *needs, const char *path,
		    const struct learn_place *place)
{
	char reason[PATH_MAX + 64], *slash;
	char directory[PATH_MAX];
	_cleanup_free_ char *text = NULL;
	int r;

	(void)snprintf(directory, sizeof(directory), "%s", path);
	slash = strrchr(directory, '/');
	slash[slash == directory ? 1 : 0] = '\0';
	(void)snprintf(reason, sizeof(reason),
		       "any program: %s was made by the run itself", path);
	r = learn_needs_add(needs, OPTION, NULL, reason);
	if (r < 0)
		return r;
	if (learn_is_broad(place, directory)) {
		(void)snprintf(
			reason, sizeof(reason),
			"exec %s: made by the run, in a directory that is not granted as a whole",
			path);
		return strings_add(&needs->left_out, reason);
	}
	text = learn_escape(directory);
	(void)snprintf(reason, sizeof(reason),
		       "%s was made there, and run: it must exist before",
		       path);
	return text ? learn_needs_add(needs, "allow-fs-read", text, reason) :
		      -ENOMEM;
}

static int add_program(struct learn_needs *needs,
		       const struct learn_entry *entry)
{
	char who[64];
	int r;

	learn_describe(entry, who, sizeof(who));
	r = learn_needs_add(needs, OPTION, entry->object, who);
	return r < 0 ? r : add_interpreters(needs, entry->object);
}

/* Only the program itself: a list of it says that nothing else may run. */
static int add_fork(struct learn_needs *needs, const struct learn_entry *entry)
{
	struct command command = { 0 };
	char text[128], who[64];
	int r;

	learn_describe(entry, who, sizeof(who));
	(void)snprintf(text, sizeof(text), "%s; no other program was started",
		       who);
	r = command_resolve(needs->options.argv, getenv("PATH"), &command);
	if (r == 0)
		r = learn_needs_add(needs, OPTION, command.runtime, text);
	command_done(&command);
	return r;
}

int learn_programs(struct learn_needs *needs, const struct learn_entry *entries,
		   size_t n, const struct learn_place *place,
		   struct strings *readable)
{
	const struct learn_entry *fork = NULL;
	bool has_exec = false;
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		const struct learn_entry *entry = &entries[i];

		if (entry->kind == LEARN_FORK)
			fork = entry;
		if (entry->kind != LEARN_EXEC)
			continue;
		has_exec = true;
		if (access(entry->object, X_OK) < 0 ||
		    is_made(entries, n, entry->object))
			r = add_made(needs, entry->object, place);
		else if (needs->options.any_child_program)
			r = strings_add(readable, entry->object);
		else
			r = add_program(needs, entry);
	}
	if (r == 0 && fork && !has_exec && !needs->options.allow_child_process)
		r = add_fork(needs, fork);
	/* Where any program may run, each must be readable. */
	for (size_t i = 0; i < n && r == 0; i++)
		if (entries[i].kind == LEARN_EXEC &&
		    needs->options.any_child_program &&
		    access(entries[i].object, X_OK) == 0)
			r = strings_add(readable, entries[i].object);
	return r;
}
