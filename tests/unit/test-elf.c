/* SPDX-License-Identifier: Apache-2.0 */
/* The libraries of a program: the same as ldd(1) finds, and hostile files. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervise/elf.h"
#include "supervise/elf_file.h"
#include "supervise/ldcache.h"
#include "tap.h"

static char dir[] = "/tmp/test-elf.XXXXXX";

/* Is each library of ldd's answer for @path in @closure? */
static void compare(const char *path, const struct strings *closure)
{
	_cleanup_free_ char *command = NULL;
	char line[4096];
	size_t n_seen = 0;
	FILE *f;

	if (asprintf(&command, "ldd '%s' 2>/dev/null", path) < 0)
		abort();
	f = popen(command, "re");
	while (f && fgets(line, sizeof(line), f)) {
		char *name = strchr(line, '/');
		_cleanup_free_ char *real = NULL;

		if (!name)
			continue;
		name[strcspn(name, " \n")] = '\0';
		real = realpath(name, NULL);
		n_seen++;
		if (!real || !strings_contain(closure, real))
			ok(false, "%s needs %s", path, name);
	}
	if (f)
		(void)pclose(f);
	is_int(closure->n, n_seen, "as many as ldd says");
}

static void programs_need_what_ldd_says(void)
{
	static const char *const names[] = { "node", "python3.11", "bash",
					     "git",  "perl",       "ls",
					     "gcc",  "openssl" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct strings closure = { 0 };
		char path[64];

		(void)snprintf(path, sizeof(path), "/usr/bin/%s", names[i]);
		if (access(path, X_OK) < 0 ||
		    access("/usr/bin/ldd", X_OK) < 0) {
			skip("%s or ldd is not installed", path);
			continue;
		}
		if (elf_closure(path, &closure) == -ENOEXEC)
			skip("%s is not ELF", path);
		else
			compare(path, &closure);
		strings_done(&closure);
	}
}

static void this_program_needs_an_interpreter_first(void)
{
	struct strings closure = { 0 };
	_cleanup_free_ char *interp =
		realpath("/lib64/ld-linux-x86-64.so.2", NULL);
	size_t n;

	is_int(elf_closure("/proc/self/exe", &closure), 0, "this test");
	ok(closure.n >= 2, "is linked dynamically");
	if (interp)
		is_str(closure.items[0], interp, "the interpreter comes first");
	n = closure.n;
	is_int(elf_closure("/proc/self/exe", &closure), 0, "once more");
	is_int(closure.n, n, "adds nothing");
	strings_done(&closure);
}

static void what_is_not_elf_is_refused(void)
{
	struct strings closure = { 0 };

	is_int(elf_closure("/etc/passwd", &closure), -ENOEXEC, "a text");
	is_int(elf_closure("/dev/null", &closure), -ENOEXEC, "a device");
	is_int(elf_closure("/", &closure), -ENOEXEC, "a directory");
	is_int(elf_closure("/nonexistent", &closure), -ENOENT, "nothing");
	is_int(closure.n, 0, "nothing is added");
	strings_done(&closure);
}

/*
 * A file of our own: header, three segments, the dynamic section, strings;
 * addresses are offsets in the file.
 */
struct image {
	Elf64_Ehdr header;
	Elf64_Phdr segments[3]; /* the file, its interpreter, the table */
	Elf64_Dyn dynamic[6];
	char strings[256];
};

static struct image make_image(void)
{
	struct image image = { 0 };

	memcpy(image.header.e_ident, ELFMAG, SELFMAG);
	image.header.e_ident[EI_CLASS] = ELFCLASS64;
	image.header.e_ident[EI_DATA] = ELFDATA2LSB;
	image.header.e_ident[EI_VERSION] = EV_CURRENT;
	image.header.e_type = ET_DYN;
	image.header.e_machine = EM_X86_64;
	image.header.e_phoff = offsetof(struct image, segments);
	image.header.e_phentsize = sizeof(Elf64_Phdr);
	image.header.e_phnum = 3;
	image.segments[0] =
		(Elf64_Phdr){ .p_type = PT_LOAD, .p_filesz = sizeof(image) };
	image.segments[1] = (Elf64_Phdr){ .p_type = PT_NULL };
	image.segments[2] =
		(Elf64_Phdr){ .p_type = PT_DYNAMIC,
			      .p_offset = offsetof(struct image, dynamic),
			      .p_filesz = sizeof(image.dynamic) };
	image.dynamic[0].d_tag = DT_STRTAB;
	image.dynamic[0].d_un.d_ptr = offsetof(struct image, strings);
	image.dynamic[1].d_tag = DT_STRSZ;
	image.dynamic[1].d_un.d_val = sizeof(image.strings);
	return image;
}

/* Adds a dynamic entry whose string is @text. */
static void add(struct image *image, int64_t tag, const char *text)
{
	static size_t used;
	size_t i = 2;

	while (image->dynamic[i].d_tag != DT_NULL)
		i++;
	if (i == 2)
		used = 1;
	if (i >= 5 || used + strlen(text) >= sizeof(image->strings))
		abort();
	image->dynamic[i].d_tag = tag;
	image->dynamic[i].d_un.d_val = used;
	memcpy(image->strings + used, text, strlen(text) + 1);
	used += strlen(text) + 1;
}

static void save(const char *name, const struct image *image, size_t len)
{
	FILE *f = fopen(name, "we");

	if (!f || fwrite(image, len, 1, f) != 1 || fclose(f) != 0)
		abort();
}

static void make_library(const char *name, int64_t tag, const char *text,
			 const char *needed)
{
	struct image image = make_image();

	if (text)
		add(&image, tag, text);
	if (needed)
		add(&image, DT_NEEDED, needed);
	save(name, &image, sizeof(image));
}

/* The names beneath @dir of what @path needs, with a bar between them. */
static const char *needs(const char *path)
{
	static char text[1024];
	struct strings closure = { 0 };
	size_t len = 0;

	text[0] = '\0';
	if (elf_closure(path, &closure) < 0)
		return "error";
	for (size_t i = 0; i < closure.n; i++)
		if (strncmp(closure.items[i], dir, strlen(dir)) == 0)
			len += (size_t)snprintf(text + len, sizeof(text) - len,
						"%s%s", len ? "|" : "",
						closure.items[i] + strlen(dir) +
							1);
	strings_done(&closure);
	return text;
}

static void search_paths_are_followed(void)
{
	make_library("lib/a.so", DT_NULL, NULL, "b.so");
	make_library("lib/b.so", DT_SONAME, "c.so", NULL);
	make_library("deep/lib64/d.so", DT_NULL, NULL, NULL);
	make_library("lib/glibc-hwcaps/x86-64-v2/e.so", DT_NULL, NULL, NULL);
	make_library("lib/e.so", DT_NULL, NULL, NULL);
	make_library("x", DT_RPATH, "$ORIGIN/lib", "a.so");
	is_str(needs("x"), "lib/a.so|lib/b.so", "DT_RPATH is inherited");
	make_library("x", DT_RUNPATH, "/nonexistent:${ORIGIN}/lib", "a.so");
	is_str(needs("x"), "lib/a.so", "DT_RUNPATH is not");
	make_library("x", DT_RUNPATH, "$ORIGIN/deep/$LIB", "d.so");
	is_str(needs("x"), "deep/lib64/d.so", "$LIB may be lib64");
	make_library("x", DT_RUNPATH, "$ORIGIN/lib", "e.so");
	is_str(needs("x"), "lib/glibc-hwcaps/x86-64-v2/e.so|lib/e.so",
	       "all levels of the processor");
	make_library("x", DT_NULL, NULL, "$ORIGIN/lib/b.so");
	is_str(needs("x"), "lib/b.so", "a name with a slash is a path");
	make_library("x", DT_RUNPATH, "lib:", "a.so");
	is_str(needs("x"), "", "relative directories are not searched");
	make_library("x", DT_RPATH, "$ORIGINAL/lib:$ORIGI/lib", "a.so");
	is_str(needs("x"), "", "other names are no tokens");
	make_library("x", DT_SONAME, "x.so", "x.so");
	is_str(needs("x"), "", "what needs itself ends");
	make_library("x", DT_RPATH, "$ORIGIN/lib", "c.so");
	make_library("lib/c.so", DT_NULL, NULL, "a.so");
	is_str(needs("x"), "lib/c.so|lib/a.so|lib/b.so",
	       "breadth first, each once");
}

/* Reads a damaged copy of a sound file; it must not be taken. */
static void refuse(const struct image *image, const char *name)
{
	struct elf_file file;

	save("bad", image, sizeof(*image));
	is_int(elf_file_read("bad", &file), -ENOEXEC, name);
	elf_file_done(&file);
}

static void damaged_files_are_refused(void)
{
	struct image sound = make_image();
	struct image image;

	add(&sound, DT_NEEDED, "x.so");
#define DAMAGE(change)                   \
	do {                             \
		image = sound;           \
		image.change;            \
		refuse(&image, #change); \
	} while (0)
	DAMAGE(header.e_ident[EI_CLASS] = ELFCLASS32);
	DAMAGE(header.e_ident[EI_DATA] = ELFDATA2MSB);
	DAMAGE(header.e_machine = EM_386);
	DAMAGE(header.e_type = ET_CORE);
	DAMAGE(header.e_phentsize = 1);
	DAMAGE(header.e_phnum = 0);
	DAMAGE(header.e_phnum = 0xffff);
	DAMAGE(header.e_phoff = sizeof(image));
	DAMAGE(header.e_phoff = UINT64_MAX);
	DAMAGE(segments[0].p_filesz = 8);
	DAMAGE(segments[0].p_vaddr = UINT64_MAX);
	DAMAGE(segments[0].p_offset = UINT64_MAX - 1);
	DAMAGE(segments[0].p_offset = 1 << 20);
	DAMAGE(segments[1].p_type = PT_INTERP);
	DAMAGE(segments[2].p_filesz = 0);
	DAMAGE(segments[2].p_filesz = UINT64_MAX);
	DAMAGE(segments[2].p_offset = UINT64_MAX);
	DAMAGE(dynamic[0].d_un.d_ptr = UINT64_MAX);
	DAMAGE(dynamic[0].d_tag = DT_DEBUG);
	DAMAGE(dynamic[1].d_un.d_val = 0);
	DAMAGE(dynamic[1].d_un.d_val = 3);
	DAMAGE(dynamic[2].d_un.d_val = UINT64_MAX);
	DAMAGE(dynamic[2].d_un.d_val = 256);
#undef DAMAGE
	image = sound;
	memset(image.strings, 'x', sizeof(image.strings));
	refuse(&image, "a string without an end");
	for (size_t len = 1; len < sizeof(image); len += 97) {
		struct elf_file file;

		save("bad", &sound, len);
		if (elf_file_read("bad", &file) == 0 && file.needed.n > 0 &&
		    len < offsetof(struct image, strings))
			ok(false, "cut after %zu bytes", len);
		elf_file_done(&file);
	}
}

static void the_cache_of_this_system_is_read(void)
{
	struct ldcache cache;
	struct strings paths = { 0 };

	if (ldcache_load("/etc/ld.so.cache", &cache) < 0) {
		skip("there is no cache in glibc's format");
	} else {
		ok(ldcache_find(&cache, "libc.so.6", &paths) == 0 &&
			   paths.n > 0 && paths.items[0][0] == '/',
		   "it has the C library");
		is_int(ldcache_find(&cache, "nosuch.so", &paths), 0,
		       "another name is no error");
	}
	strings_done(&paths);
	ldcache_done(&cache);
	is_int(ldcache_load("/etc/passwd", &cache), -EBADMSG, "another file");
	ldcache_done(&cache);
	is_int(ldcache_load("/nonexistent", &cache), -ENOENT, "no file");
	ldcache_done(&cache);
}

int main(void)
{
	if (!mkdtemp(dir) || chdir(dir) < 0 || mkdir("lib", 0700) < 0 ||
	    mkdir("lib/glibc-hwcaps", 0700) < 0 ||
	    mkdir("lib/glibc-hwcaps/x86-64-v2", 0700) < 0 ||
	    mkdir("deep", 0700) < 0 || mkdir("deep/lib64", 0700) < 0)
		abort();
	this_program_needs_an_interpreter_first();
	programs_need_what_ldd_says();
	what_is_not_elf_is_refused();
	search_paths_are_followed();
	damaged_files_are_refused();
	the_cache_of_this_system_is_read();
	if (done() != EXIT_SUCCESS)
		return EXIT_FAILURE;
	if (chdir("/") < 0 ||
	    execlp("rm", "rm", "-r", "-f", "--", dir, NULL) < 0)
		diag("cannot remove %s", dir);
	return EXIT_SUCCESS;
}
