/* SPDX-License-Identifier: Apache-2.0 */
/* Which files the dynamic linker will map for a program, read from the ELF. */
#include "supervise/elf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "common/cleanup.h"
#include "supervise/elf_file.h"
#include "supervise/ldcache.h"

#define OBJECTS_MAX 2048
#define NO_PARENT ((size_t)-1)

/* ldconfig's cache is of the system, whatever the program. */
#define CACHE_FILE "/etc/ld.so.cache"
#define PRELOAD_FILE "/etc/ld.so.preload"

/*
 * glibc's own directories: Debian's come first, then those of the others. A
 * directory that another system uses has nothing in it here.
 */
static const char *const default_dirs[] = {
	"/lib/x86_64-linux-gnu",
	"/usr/lib/x86_64-linux-gnu",
	"/lib64",
	"/usr/lib64",
	"/lib",
	"/usr/lib",
};

/* Tried before the directory itself; the processor decides, so take all. */
static const char *const levels[] = {
	"/glibc-hwcaps/x86-64-v4/",
	"/glibc-hwcaps/x86-64-v3/",
	"/glibc-hwcaps/x86-64-v2/",
	"/",
};

/* What $LIB stands for: it depends on how glibc was built. */
static const char *const lib_names[] = { "lib/x86_64-linux-gnu", "lib64",
					 "lib" };

struct object {
	struct elf_file file;
	size_t parent; /* who needed it first */
};

/* Breadth first, as ld.so(8): a name is looked up once. */
struct search {
	struct object *objects;
	size_t n;
	struct strings paths; /* of the objects, as found, for $ORIGIN */
	struct strings names; /* found, or given up */
	struct ldcache cache;
	struct strings *closure;
};

static int add_object(struct search *search, const char *path,
		      struct elf_file *file, size_t parent)
{
	struct object *o;
	int r;

	if (search->n >= OBJECTS_MAX)
		return -ENOEXEC;
	if ((search->n & (search->n - 1)) == 0) {
		o = reallocarray(search->objects, search->n ? 2 * search->n : 1,
				 sizeof(*o));
		if (!o)
			return -ENOMEM;
		search->objects = o;
	}
	r = strings_add(&search->paths, path);
	if (r < 0)
		return r;
	o = &search->objects[search->n++];
	*o = (struct object){ .file = *file, .parent = parent };
	*file = (struct elf_file){ 0 };
	return o->file.soname ? strings_add(&search->names, o->file.soname) : 0;
}

static int add_closure(struct search *search, const char *path)
{
	_cleanup_free_ char *real = realpath(path, NULL);

	if (!real)
		return errno == ENOMEM ? -ENOMEM : 0;
	if (strings_contain(search->closure, real))
		return 0;
	return strings_add(search->closure, real);
}

/* Takes the library if it is one. Return: 1, 0: not a library, -ENOMEM. */
static int try_path(struct search *search, const char *path, size_t parent)
{
	struct elf_file file;
	int r = elf_file_read(path, &file);

	if (r == 0)
		r = add_object(search, path, &file, parent);
	elf_file_done(&file);
	if (r == 0)
		r = add_closure(search, path);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	return 1;
}

static int try_dir(struct search *search, const char *dir, const char *name,
		   size_t parent)
{
	int found = 0;

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		_cleanup_free_ char *path = NULL;
		int r;

		if (asprintf(&path, "%s%s%s", dir, levels[i], name) < 0)
			return -ENOMEM;
		r = try_path(search, path, parent);
		if (r < 0)
			return r;
		found |= r;
	}
	return found;
}

/* Replaces $NAME or ${NAME} at @text; how many bytes it was, or 0. */
static size_t token_len(const char *text, const char *name)
{
	size_t n = strlen(name);
	bool is_braced = text[1] == '{';
	const char *start = text + 1 + is_braced;

	if (text[0] != '$' || strncmp(start, name, n) != 0)
		return 0;
	if (is_braced)
		return start[n] == '}' ? n + 3 : 0;
	return n + 1;
}

static char *expand(const char *text, size_t len, const char *origin,
		    const char *lib)
{
	const struct {
		const char *name;
		const char *value;
	} tokens[] = { { "ORIGIN", origin },
		       { "LIB", lib },
		       { "PLATFORM", "x86_64" } };
	char *out = NULL;
	size_t out_len = 0;
	FILE *f = open_memstream(&out, &out_len);

	if (!f)
		return NULL;
	for (size_t i = 0; i < len;) {
		size_t n = 0;

		for (size_t t = 0; n == 0 && t < 3; t++) {
			n = token_len(text + i, tokens[t].name);
			if (n > 0)
				(void)fputs(tokens[t].value, f);
		}
		if (n == 0)
			(void)fputc(text[i++], f);
		i += n;
	}
	if (fclose(f) != 0) {
		free(out);
		return NULL;
	}
	return out;
}

/* All that a directory or name in the object at @path may stand for. */
static int expand_all(const char *path, const char *text, size_t len,
		      struct strings *ret)
{
	const char *slash = strrchr(path, '/');
	_cleanup_free_ char *origin = NULL;
	bool has_lib = memmem(text, len, "LIB", 3);
	int r = 0;

	if (!slash)
		return 0;
	origin = strndup(path, (size_t)(slash - path));
	if (!origin)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < (has_lib ? 3 : 1); i++)
		r = strings_add_owned(ret,
				      expand(text, len, origin, lib_names[i]));
	return r;
}

/* @list: directories with colons between them, of @owner. */
static int try_list(struct search *search, size_t owner, const char *list,
		    const char *name, size_t parent)
{
	int r = 0;

	while (r == 0 && list) {
		struct strings dirs = { 0 };
		size_t n = strcspn(list, ":");

		r = expand_all(search->paths.items[owner], list, n, &dirs);
		for (size_t i = 0; r == 0 && i < dirs.n; i++)
			/* An empty one would be the working directory. */
			if (dirs.items[i][0] == '/')
				r = try_dir(search, dirs.items[i], name,
					    parent);
		strings_done(&dirs);
		list = list[n] == ':' ? list + n + 1 : NULL;
	}
	return r;
}

/* DT_RPATH counts for what is needed further down too; DT_RUNPATH does not. */
static int try_rpaths(struct search *search, size_t i, const char *name)
{
	int r = 0;

	if (search->objects[i].file.runpath)
		return 0;
	for (size_t at = i; r == 0 && at != NO_PARENT;
	     at = search->objects[at].parent)
		if (search->objects[at].file.rpath &&
		    !search->objects[at].file.runpath)
			r = try_list(search, at, search->objects[at].file.rpath,
				     name, i);
	return r;
}

static int try_system(struct search *search, const char *name, size_t parent)
{
	struct strings paths = { 0 };
	int found = 0;
	int r = ldcache_find(&search->cache, name, &paths);

	for (size_t i = 0; r >= 0 && i < paths.n; i++) {
		r = try_path(search, paths.items[i], parent);
		found |= r > 0;
	}
	strings_done(&paths);
	for (size_t i = 0; r >= 0 && !found &&
			   i < sizeof(default_dirs) / sizeof(default_dirs[0]);
	     i++) {
		r = try_dir(search, default_dirs[i], name, parent);
		found |= r > 0;
	}
	return r < 0 ? r : found;
}

/* A name with a slash is a path; it may have $ORIGIN in it. */
static int try_direct(struct search *search, size_t i, const char *name)
{
	struct strings paths = { 0 };
	int r = expand_all(search->paths.items[i], name, strlen(name), &paths);

	for (size_t j = 0; r == 0 && j < paths.n; j++)
		if (paths.items[j][0] == '/')
			r = try_path(search, paths.items[j], i);
	strings_done(&paths);
	return r;
}

/* The library @name that object number @i needs. Return: 0 or -ENOMEM. */
static int find_needed(struct search *search, size_t i, const char *name)
{
	int r;

	if (strings_contain(&search->names, name))
		return 0;
	r = strings_add(&search->names, name);
	if (r < 0)
		return r;
	if (strchr(name, '/')) {
		r = try_direct(search, i, name);
		return r < 0 ? r : 0;
	}
	r = try_rpaths(search, i, name);
	if (r == 0)
		r = try_list(search, i, search->objects[i].file.runpath, name,
			     i);
	if (r == 0 && !search->objects[i].file.no_default)
		r = try_system(search, name, i);
	return r < 0 ? r : 0;
}

/* The system may load libraries into every program; mostly it does not. */
static int find_preloads(struct search *search)
{
	_cleanup_fclose_ FILE *f = fopen(PRELOAD_FILE, "re");
	char line[PATH_MAX];
	int r = 0;

	while (f && r == 0 && fgets(line, sizeof(line), f)) {
		char *rest = line;
		char *name;

		line[strcspn(line, "#\n")] = '\0';
		while (r == 0 && (name = strsep(&rest, " \t:")))
			if (*name != '\0')
				r = find_needed(search, 0, name);
	}
	return r;
}

static int find_all(struct search *search)
{
	int r = 0;

	if (search->objects[0].file.interp) {
		r = add_closure(search, search->objects[0].file.interp);
		if (r == 0)
			r = find_preloads(search);
	}
	/* The array grows, and moves, while the loop runs. */
	for (size_t i = 0; r == 0 && i < search->n; i++)
		for (size_t j = 0;
		     r == 0 && j < search->objects[i].file.needed.n; j++)
			r = find_needed(
				search, i,
				search->objects[i].file.needed.items[j]);
	return r;
}

int elf_closure(const char *path, struct strings *closure)
{
	struct search search = { .closure = closure };
	_cleanup_free_ char *real = realpath(path, NULL);
	struct elf_file file = { 0 };
	int r;

	if (!real)
		return -errno;
	r = elf_file_read(real, &file);
	if (r == 0)
		r = add_object(&search, real, &file, NO_PARENT);
	elf_file_done(&file);
	/* Without a cache, ld.so has the default directories. */
	if (r == 0 && ldcache_load(CACHE_FILE, &search.cache) == -ENOMEM)
		r = -ENOMEM;
	if (r == 0)
		r = find_all(&search);
	for (size_t i = 0; i < search.n; i++)
		elf_file_done(&search.objects[i].file);
	free(search.objects);
	strings_done(&search.paths);
	strings_done(&search.names);
	ldcache_done(&search.cache);
	return r;
}
