/* SPDX-License-Identifier: Apache-2.0 */
/* Which program the command really runs, found as execvp(3) and `#!` do. */
#include "supervise/command.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "supervise/links.h"
#include "supervise/shebang.h"

#define SCRIPTS_MAX 4 /* `#!` inside `#!`; the kernel says ELOOP after five */
#define DEFAULT_PATH "/bin:/usr/bin" /* of execvp(3) without $PATH */

/* What is left to look at: the words of the command as known so far. */
struct search {
	struct strings words;
	bool is_direct; /* words[0] is a path, never searched in $PATH */
	char *path_env; /* NULL: not set */
};

/* Return: 0, or what execve(2) would say. */
static int check_executable(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EACCES;
	if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0)
		return -errno;
	return 0;
}

static int search_path(const char *name, const char *path_env, char **ret)
{
	const char *dir = path_env ? path_env : DEFAULT_PATH;
	int result = -ENOENT;

	for (;;) {
		_cleanup_free_ char *path = NULL;
		size_t n = strcspn(dir, ":");
		int r;

		/* An empty element is the working directory. */
		if (asprintf(&path, "%.*s%s%s", (int)n, dir, n > 0 ? "/" : "",
			     name) < 0)
			return -ENOMEM;
		r = check_executable(path);
		if (r == 0) {
			*ret = take_ptr(&path);
			return 0;
		}
		/* As execvp(3): what is there but not ours is remembered. */
		if (r == -EACCES)
			result = r;
		if (dir[n] == '\0')
			return result;
		dir += n + 1;
	}
}

/* @ret: the path as execve(2) would get it; may be relative. */
static int find_program(const struct search *search, char **ret)
{
	const char *name = search->words.items[0];
	int r;

	if (name[0] == '\0')
		return -ENOENT;
	if (!search->is_direct && !strchr(name, '/'))
		return search_path(name, search->path_env, ret);
	r = check_executable(name);
	if (r < 0)
		return r;
	*ret = strdup(name);
	return *ret ? 0 : -ENOMEM;
}

static int absolute(const char *path, char **ret)
{
	_cleanup_free_ char *cwd = NULL;

	if (path[0] == '/') {
		*ret = strdup(path);
		return *ret ? 0 : -ENOMEM;
	}
	cwd = getcwd(NULL, 0);
	if (!cwd)
		return -errno;
	if (asprintf(ret, "%s/%s", strcmp(cwd, "/") == 0 ? "" : cwd, path) <
	    0) {
		*ret = NULL;
		return -ENOMEM;
	}
	return 0;
}

/* Replaces the first word by @n others, which may be NULL. */
static int replace_first(struct search *search, const char *const *with,
			 size_t n)
{
	struct strings words = { 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		if (with[i])
			r = strings_add(&words, with[i]);
	for (size_t i = 1; r == 0 && i < search->words.n; i++)
		r = strings_add(&words, search->words.items[i]);
	strings_done(&search->words);
	search->words = words;
	return r;
}

/* Is it the system's env(1), or a link to a program of many names? */
static bool is_env(const char *path)
{
	static const char *const places[] = { "/usr/bin/env", "/bin/env" };
	const char *slash = strrchr(path, '/');
	_cleanup_free_ char *real = realpath(path, NULL);

	if (!real || strcmp(slash ? slash + 1 : path, "env") != 0)
		return false;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		_cleanup_free_ char *known = realpath(places[i], NULL);

		if (known && strcmp(known, real) == 0)
			return true;
	}
	return false;
}

static int move_all(struct strings *from, struct strings *to)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < from->n; i++)
		r = strings_add(to, from->items[i]);
	return r;
}

static int set_path_env(struct search *search, const struct env_call *call)
{
	for (size_t i = 0; i < call->set.n; i++) {
		if (strncmp(call->set.items[i], "PATH=", 5) != 0)
			continue;
		free(search->path_env);
		search->path_env = strdup(call->set.items[i] + 5);
		if (!search->path_env)
			return -ENOMEM;
	}
	return 0;
}

/*
 * Goes on with what env(1) would run. Return: 1; 0 if it must run itself, as
 * it prints something or has an option that we do not know; -ENOMEM.
 */
static int skip_env(struct search *search, struct command *command)
{
	struct strings args = { 0 };
	struct env_call call = { 0 };
	int r = 0;

	for (size_t i = 1; r == 0 && i < search->words.n; i++)
		r = strings_add(&args, search->words.items[i]);
	if (r == 0)
		r = env_parse(&args, &call);
	strings_done(&args);
	if (r == 0 && call.words.n > 0) {
		if (call.clear) {
			strings_done(&command->env);
			strings_done(&command->env_unset);
			command->env_clear = true;
		}
		if (call.clear || strings_contain(&call.unset, "PATH")) {
			free(search->path_env);
			search->path_env = NULL;
		}
		r = move_all(&call.unset, &command->env_unset);
		if (r == 0)
			r = move_all(&call.set, &command->env);
		if (r == 0)
			r = set_path_env(search, &call);
		strings_done(&search->words);
		search->words = call.words;
		call.words = (struct strings){ 0 };
		search->is_direct = false;
		if (r == 0)
			r = 1;
	}
	env_done(&call);
	return r == -ENOTSUP ? 0 : r;
}

/* Return: 1: look again, 0: this is the program, or an error. */
static int look(struct search *search, const char *found, int *n_scripts,
		struct command *command)
{
	const char *with[3] = { "/bin/sh", NULL, found };
	struct image image = { 0 };
	int r;

	if (is_env(found)) {
		r = skip_env(search, command);
		if (r != 0)
			return r;
	}
	r = shebang_read(found, &image);
	if (r == 0 && image.kind != IMAGE_ELF) {
		if (image.kind == IMAGE_SCRIPT) {
			with[0] = image.interpreter;
			with[1] = image.argument;
		}
		r = ++*n_scripts > SCRIPTS_MAX ? -ELOOP :
						 replace_first(search, with, 3);
		search->is_direct = true;
		if (r == 0)
			r = 1;
	}
	image_done(&image);
	return r;
}

static int to_argv(struct strings *words, struct command *command)
{
	int r = strings_add(words, "");

	if (r < 0)
		return r;
	free(words->items[words->n - 1]);
	words->items[words->n - 1] = NULL;
	command->argv = words->items;
	*words = (struct strings){ 0 };
	return 0;
}

static int resolve(struct search *search, struct command *command)
{
	int n_scripts = 0;

	for (;;) {
		_cleanup_free_ char *found = NULL;
		int r = find_program(search, &found);

		if (r == 0 && !command->asked)
			r = absolute(found, &command->asked);
		if (r == 0)
			r = look(search, found, &n_scripts, command);
		if (r < 0)
			return r;
		if (r > 0)
			continue;
		r = absolute(found, &command->program);
		if (r < 0)
			return r;
		command->runtime = realpath(found, NULL);
		if (!command->runtime)
			return -errno;
		r = strings_add(&command->executables, command->runtime);
		if (r == 0)
			r = links_collect(command->program, &command->links);
		return r < 0 ? r : to_argv(&search->words, command);
	}
}

int command_resolve(char *const *argv, const char *path_env,
		    struct command *ret)
{
	struct search search = { 0 };
	int r = 0;

	*ret = (struct command){ 0 };
	if (!argv[0])
		return -ENOENT;
	for (; r == 0 && *argv; argv++)
		r = strings_add(&search.words, *argv);
	if (r == 0 && path_env) {
		search.path_env = strdup(path_env);
		if (!search.path_env)
			r = -ENOMEM;
	}
	if (r == 0)
		r = resolve(&search, ret);
	strings_done(&search.words);
	free(search.path_env);
	/* A missing directory in a path is a missing program. */
	return r == -ENOTDIR ? -ENOENT : r;
}

int command_insert_args(struct command *command, const struct strings *args)
{
	struct strings words = { 0 };
	int r = strings_add(&words, command->argv[0]);
	char **old;

	for (size_t i = 0; r == 0 && i < args->n; i++)
		r = strings_add(&words, args->items[i]);
	for (char **s = command->argv + 1; r == 0 && *s; s++)
		r = strings_add(&words, *s);
	if (r < 0) {
		strings_done(&words);
		return r;
	}
	old = command->argv;
	r = to_argv(&words, command);
	strings_done(&words);
	if (r < 0)
		return r;
	for (char **s = old; *s; s++)
		free(*s);
	free(old);
	return 0;
}

void command_done(struct command *command)
{
	for (char **s = command->argv; s && *s; s++)
		free(*s);
	free(command->argv);
	free(command->asked);
	free(command->program);
	free(command->runtime);
	free(command->script);
	strings_done(&command->executables);
	strings_done(&command->links);
	strings_done(&command->env);
	strings_done(&command->env_unset);
	*command = (struct command){ 0 };
}
