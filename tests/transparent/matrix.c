/* SPDX-License-Identifier: Apache-2.0 */
/* Each call of calls.c with each of its arguments replaced, one at a time. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "transparent.h"

#define PAGE 4096

static void each_path(const struct shape *list, size_t n)
{
	char label[128];

	for (const struct path_call *call = path_calls; call->name; call++)
		for (int i = 0; i < 6; i++) {
			if (call->args[i].kind != K_PATH)
				continue;
			for (size_t k = 0; k < n; k++) {
				if (list[k].is_wide &&
				    !getenv("TRANSPARENT_ALL"))
					continue;
				(void)snprintf(label, sizeof(label),
					       "%d is '%s'", i, list[k].label);
				attempt(call, label, i, (long)list[k].path, -1,
					0);
			}
		}
}

/* Without the wide ones, but for a long run. */
void run_paths(void)
{
	each_path(shapes, n_shapes);
}

/* NAME/1 to NAME/41, each a link to the one before; NAME/1 leads to @end. */
static void make_chain(const char *name, const char *end)
{
	char path[64], target[64], text[PATH_MAX];

	(void)mkdir(name, 0755);
	for (int i = 1; i <= 41; i++) {
		(void)snprintf(path, sizeof(path), "%s/%d", name, i);
		(void)snprintf(target, sizeof(target), "%d", i - 1);
		if (symlink(i == 1 ? end : target, path) < 0)
			perror(path);
	}
	memset(text, '/', sizeof(text));
	for (size_t i = 0; i + 2 < sizeof(text); i += 2)
		text[i] = '.';
	(void)strcpy(text + sizeof(text) - 1 - strlen(end), end);
	(void)snprintf(path, sizeof(path), "%s/long", name);
	if (symlink(text, path) < 0)
		perror(path);
}

/* The chains lie outside of the fixture, which is built anew meanwhile. */
static void make_chains(void)
{
	if (chdir(world_path) < 0)
		return;
	remove_tree("chains");
	(void)mkdir("chains", 0755);
	if (chdir("chains") < 0)
		return;
	make_chain("chain", "../../f/file");
	make_chain("dirs", "../../f/dir");
	if (chdir(fixture_path) < 0)
		perror(fixture_path);
}

static void prefix(struct shape *shape, const char *head)
{
	size_t len = strlen(head);

	memmove(shape->path + len, shape->path, strlen(shape->path) + 1);
	memcpy(shape->path, head, len);
}

void run_limits(void)
{
	make_chains();
	for (size_t k = 0; k < n_limits; k++)
		if (strncmp(limits[k].path, "chain/", 6) == 0 ||
		    strncmp(limits[k].path, "dirs/", 5) == 0)
			prefix(&limits[k], "../chains/");
	each_path(limits, n_limits);
}

/* Two pages: one that may be used, one that may not. */
static char *two_pages(int protection)
{
	char *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		abort();
	memset(pages, 'x', PAGE);
	(void)mprotect(pages, PAGE, protection);
	(void)mprotect(pages + PAGE, PAGE, PROT_NONE);
	return pages;
}

static void try_pointer(const struct path_call *call, int i, const char *what,
			const void *pointer)
{
	char label[64];

	(void)snprintf(label, sizeof(label), "%d is %s", i, what);
	attempt(call, label, i, (long)pointer, -1, 0);
}

static void try_text(const struct path_call *call, int i, char *pages)
{
	const char *text = (const char *)call->args[i].value;
	size_t len = text ? strlen(text) + 1 : 1;

	memcpy(pages + PAGE - len, text ? text : "", len);
	try_pointer(call, i, "at the end of its page", pages + PAGE - len);
	memset(pages, 'x', PAGE);
	try_pointer(call, i, "without an end", pages + PAGE - 10);
	try_pointer(call, i, "a page without an end", pages);
}

static void try_memory(const struct path_call *call, int i, char *pages,
		       char *readable)
{
	size_t size = call->args[i].size;

	memcpy(pages, (const char *)call->args[i].value, size);
	memmove(pages + PAGE - size, pages, size);
	try_pointer(call, i, "at the end of its page", pages + PAGE - size);
	try_pointer(call, i, "one byte beyond its page",
		    pages + PAGE - size + 1);
	try_pointer(call, i, "beyond its page but for a byte",
		    pages + PAGE - 1);
	if (call->args[i].kind == K_OUT)
		try_pointer(call, i, "only readable", readable);
}

void run_pointers(void)
{
	static const struct {
		const char *what;
		uintptr_t address;
	} bad[] = {
		{ "NULL", 0 },
		{ "1", 1 },
		{ "-1", UINTPTR_MAX },
		{ "of the kernel", 0xffffffff81000000 },
		{ "not canonical", 0x8000000000000000 },
		{ "the last page", 0x7ffffffff000 },
	};
	char *pages = two_pages(PROT_READ | PROT_WRITE);
	char *readable = two_pages(PROT_READ);

	for (const struct path_call *call = path_calls; call->name; call++)
		for (int i = 0; i < 6; i++) {
			enum kind kind = call->args[i].kind;

			if (kind != K_PATH && kind != K_TEXT && kind != K_IN &&
			    kind != K_OUT && kind != K_ARGV)
				continue;
			for (size_t k = 0; k < COUNT(bad); k++)
				try_pointer(call, i, bad[k].what,
					    (const void *)bad[k].address);
			try_pointer(call, i, "closed", pages + PAGE);
			if (kind == K_PATH || kind == K_TEXT)
				try_text(call, i, pages);
			else if (kind != K_ARGV)
				try_memory(call, i, pages, readable);
		}
}

static void try_number(const struct path_call *call, int i, const char *what,
		       long value)
{
	char label[64];

	(void)snprintf(label, sizeof(label), "%d is %s", i, what);
	attempt(call, label, i, value, -1, 0);
}

static void try_bits(const struct path_call *call, int i)
{
	char what[32];

	for (int bit = 0; bit < 34; bit++) {
		(void)snprintf(what, sizeof(what), "with bit %d", bit);
		try_number(call, i, what, call->args[i].value | 1L << bit);
		(void)snprintf(what, sizeof(what), "bit %d alone", bit);
		try_number(call, i, what, 1L << bit);
	}
}

void run_numbers(void)
{
	static const long sizes[] = {
		0,        1,        4,          6,          8,
		19,       24,       25,         99,         100,
		144,      4095,     4096,       4097,       65535,
		65536,    65537,    0x7fffffff, 0x80000000, 0x100000000,
		1L << 40, LONG_MAX, LONG_MIN,   -1
	};
	char what[32];

	for (const struct path_call *call = path_calls; call->name; call++)
		for (int i = 0; i < 6; i++) {
			enum kind kind = call->args[i].kind;

			if (kind == K_FLAGS || kind == K_MODE)
				try_bits(call, i);
			if (kind != K_FLAGS && kind != K_MODE &&
			    kind != K_VALUE && kind != K_SIZE)
				continue;
			for (size_t k = 0; k < COUNT(sizes); k++) {
				(void)snprintf(what, sizeof(what), "%ld",
					       sizes[k]);
				try_number(call, i, what, sizes[k]);
			}
		}
}
