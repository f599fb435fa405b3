/* SPDX-License-Identifier: Apache-2.0 */
/* The part of a profile that depends on this machine and this run. */
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <string.h>

#include "common/cleanup.h"
#include "supervise/data.h"
#include "supervise/elf.h"
#include "supervise/profile.h"

/* The values of one {placeholder}; an item is repeated for each. */
struct placeholder {
	const char *name;
	struct strings values;
};

enum { RUNTIME_PREFIX, PREFIX, CGROUP, PATHS, SHIM, N_PLACEHOLDERS };

/* "/usr/bin/node" gives "/usr". */
static int add_prefix(const char *program, struct strings *values)
{
	_cleanup_free_ char *prefix = strdup(program);

	for (int up = 0; prefix && up < 2; up++) {
		char *slash = strrchr(prefix, '/');

		if (slash)
			*slash = '\0';
	}
	if (prefix && strings_contain(values, prefix))
		return 0;
	return strings_add_owned(values, take_ptr(&prefix));
}

/* "/a/b" gives "/a/b", "/a" and "". */
static int add_with_parents(char *path, struct strings *values)
{
	for (;;) {
		char *slash = strrchr(path, '/');
		int r = strings_add(values, strcmp(path, "/") == 0 ? "" : path);

		if (r < 0 || !slash || strcmp(path, "/") == 0)
			return r;
		*slash = '\0';
		if (path[0] == '\0')
			return strings_add(values, "");
	}
}

/*
 * The group of this process and those above it, below the place where the
 * hierarchy is mounted: V8 sizes its heap by their memory limits.
 */
static int add_cgroups(struct strings *values)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/self/cgroup", "re");
	char line[PATH_MAX + 64];

	/* Without it there are no limits to read. */
	while (f && fgets(line, sizeof(line), f)) {
		char *path = strchr(line, '/');
		int r;

		line[strcspn(line, "\n")] = '\0';
		if (!path || (!strstr(line, "::/") && !strstr(line, "memory:")))
			continue;
		r = add_with_parents(path, values);
		if (r < 0)
			return r;
	}
	return 0;
}

static int add_search_path(const char *path_env, struct strings *values)
{
	while (path_env && *path_env != '\0') {
		size_t n = strcspn(path_env, ":");
		size_t len = n;

		while (len > 1 && path_env[len - 1] == '/')
			len--;
		if (n > 0 && path_env[0] == '/') {
			int r = strings_add_n(values, path_env, len);

			if (r < 0)
				return r;
		}
		path_env += n + (path_env[n] == ':');
	}
	return 0;
}

/* Adds what exists, if @text is a glob; else @text itself. */
static int add_matches(const char *text, bool is_glob, struct strings *ret)
{
	glob_t matches = { 0 };
	int r = 0;

	if (!is_glob)
		return strings_contain(ret, text) ? 0 : strings_add(ret, text);
	switch (glob(text, 0, NULL, &matches)) {
	case GLOB_NOSPACE:
		return -ENOMEM;
	case GLOB_NOMATCH:
	case GLOB_ABORTED:
		return 0;
	}
	for (size_t i = 0; r == 0 && i < matches.gl_pathc; i++)
		if (!strings_contain(ret, matches.gl_pathv[i]))
			r = strings_add(ret, matches.gl_pathv[i]);
	globfree(&matches);
	return r;
}

/* A value is text, not a pattern: its special characters are quoted. */
static char *quote(const char *text, bool is_glob)
{
	char *quoted = malloc(2 * strlen(text) + 1);
	char *out = quoted;

	if (!quoted)
		return NULL;
	for (; *text != '\0'; text++) {
		if (is_glob && strchr("*?[\\", *text))
			*out++ = '\\';
		*out++ = *text;
	}
	*out = '\0';
	return quoted;
}

static int expand_item(const char *item, const struct placeholder *placeholders,
		       bool may_glob, struct strings *ret)
{
	bool is_glob = may_glob && strpbrk(item, "*?[");

	for (int i = 0; i < N_PLACEHOLDERS; i++) {
		const struct placeholder *p = &placeholders[i];
		const char *at = strstr(item, p->name);

		if (!at)
			continue;
		for (size_t j = 0; j < p->values.n; j++) {
			_cleanup_free_ char *value =
				quote(p->values.items[j], is_glob);
			_cleanup_free_ char *text = NULL;
			int r;

			if (!value ||
			    asprintf(&text, "%.*s%s%s", (int)(at - item), item,
				     value, at + strlen(p->name)) < 0)
				return -ENOMEM;
			r = may_glob ? add_matches(text, is_glob, ret) :
				       strings_add(ret, text);
			if (r < 0)
				return r;
		}
		return 0;
	}
	return may_glob ? add_matches(item, is_glob, ret) :
			  strings_add(ret, item);
}

static int expand_list(struct strings *list,
		       const struct placeholder *placeholders, bool may_glob)
{
	struct strings expanded = { 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < list->n; i++)
		r = expand_item(list->items[i], placeholders, may_glob,
				&expanded);
	strings_done(list);
	*list = expanded;
	return r;
}

/* Where the preloaded files lie; where they would be, if they are missing. */
static int add_shim(struct strings *values)
{
	_cleanup_free_ char *path = NULL;
	int r = data_find("src/shim", "shim", NULL, &path);
	char *real = r == 0 ? realpath(path, NULL) : NULL;

	if (r == -ENOMEM || (r == 0 && !real && errno == ENOMEM))
		return -ENOMEM;
	return real ? strings_add_owned(values, real) :
		      strings_add(values, PKGDATADIR "/shim");
}

/* What the libraries need is loaded with them. Directories hold plugins only. */
static int add_needed(struct strings *libraries)
{
	size_t n = libraries->n;
	int r = 0;

	for (size_t i = 0; r != -ENOMEM && i < n; i++)
		r = elf_closure(libraries->items[i], libraries);
	return r == -ENOMEM ? r : 0;
}

int profile_expand(struct profile *profile, const char *program,
		   const char *runtime, const char *path_env)
{
	struct placeholder placeholders[N_PLACEHOLDERS] = {
		[RUNTIME_PREFIX] = { .name = "{runtime_prefix}" },
		[PREFIX] = { .name = "{prefix}" },
		[CGROUP] = { .name = "{cgroup}" },
		[PATHS] = { .name = "{path}" },
		[SHIM] = { .name = "{shim}" },
	};
	struct strings *lists[] = { &profile->read,       &profile->read_net,
				    &profile->libraries,  &profile->own_code,
				    &profile->probe_dirs, &profile->preload };
	struct strings *texts[] = { &profile->args, &profile->env_options };
	int r = add_prefix(runtime, &placeholders[RUNTIME_PREFIX].values);

	if (r == 0)
		r = add_prefix(runtime, &placeholders[PREFIX].values);
	if (r == 0)
		r = add_prefix(program, &placeholders[PREFIX].values);
	if (r == 0)
		r = add_cgroups(&placeholders[CGROUP].values);
	if (r == 0)
		r = add_search_path(path_env, &placeholders[PATHS].values);
	if (r == 0)
		r = add_shim(&placeholders[SHIM].values);
	for (size_t i = 0; r == 0 && i < sizeof(lists) / sizeof(lists[0]); i++)
		r = expand_list(lists[i], placeholders, true);
	for (size_t i = 0; r == 0 && i < sizeof(texts) / sizeof(texts[0]); i++)
		r = expand_list(texts[i], placeholders, false);
	if (r == 0)
		r = add_needed(&profile->libraries);
	for (int i = 0; i < N_PLACEHOLDERS; i++)
		strings_done(&placeholders[i].values);
	return r;
}

bool profile_owns_code(const struct profile *profile, const char *path)
{
	if (strings_match(&profile->own_code_except, path))
		return false;
	for (size_t i = 0; i < profile->own_code.n; i++) {
		const char *tree = profile->own_code.items[i];
		size_t n = strlen(tree);

		while (n > 0 && tree[n - 1] == '/')
			n--;
		if (strncmp(tree, path, n) == 0 &&
		    (path[n] == '/' || path[n] == '\0'))
			return true;
	}
	return false;
}
