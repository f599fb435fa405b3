/* SPDX-License-Identifier: Apache-2.0 */
/* What the dynamic linker reads in one ELF file. */
#include "supervise/elf_file.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"

#define PROGRAM_HEADERS_MAX 512
#define DYNAMIC_MAX 8192 /* entries */
#define NEEDED_MAX 1024

/* An open file and the tables that strings are found by. */
struct reader {
	int fd;
	Elf64_Phdr *segments;
	size_t n_segments;
	Elf64_Dyn *dynamic;
	size_t n_dynamic;
	uint64_t strings_at; /* file offset of DT_STRTAB */
	uint64_t strings_size;
};

/* Reads exactly @len bytes: a file that is shorter is not sound. */
static int read_at(int fd, void *buffer, size_t len, uint64_t offset)
{
	ssize_t n;

	if (offset > INT64_MAX - len)
		return -ENOEXEC;
	n = pread(fd, buffer, len, (off_t)offset);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -ENOEXEC;
}

static int open_regular(const char *path)
{
	_cleanup_close_ int fd = -1;
	struct stat st;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	return S_ISREG(st.st_mode) ? take_fd(&fd) : -ENOEXEC;
}

static int read_segments(struct reader *reader)
{
	Elf64_Ehdr header;
	int r = read_at(reader->fd, &header, sizeof(header), 0);

	if (r < 0)
		return r;
	if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
	    header.e_ident[EI_CLASS] != ELFCLASS64 ||
	    header.e_ident[EI_DATA] != ELFDATA2LSB ||
	    header.e_machine != EM_X86_64 ||
	    (header.e_type != ET_EXEC && header.e_type != ET_DYN) ||
	    header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum == 0 ||
	    header.e_phnum > PROGRAM_HEADERS_MAX)
		return -ENOEXEC;
	reader->n_segments = header.e_phnum;
	reader->segments = calloc(reader->n_segments, sizeof(Elf64_Phdr));
	if (!reader->segments)
		return -ENOMEM;
	return read_at(reader->fd, reader->segments,
		       reader->n_segments * sizeof(Elf64_Phdr), header.e_phoff);
}

static const Elf64_Phdr *find_segment(const struct reader *reader,
				      uint32_t type)
{
	for (size_t i = 0; i < reader->n_segments; i++)
		if (reader->segments[i].p_type == type)
			return &reader->segments[i];
	return NULL;
}

/* The file offset of a virtual address, and how many bytes follow there. */
static int to_offset(const struct reader *reader, uint64_t address,
		     uint64_t *ret_offset, uint64_t *ret_left)
{
	for (size_t i = 0; i < reader->n_segments; i++) {
		const Elf64_Phdr *s = &reader->segments[i];
		uint64_t into = address - s->p_vaddr;

		if (s->p_type != PT_LOAD || address < s->p_vaddr ||
		    into >= s->p_filesz || s->p_offset > INT64_MAX - into)
			continue;
		*ret_offset = s->p_offset + into;
		*ret_left = s->p_filesz - into;
		return 0;
	}
	return -ENOEXEC;
}

/* Reads the string of at most @left bytes at @offset, its NUL included. */
static int read_text(int fd, uint64_t offset, uint64_t left, char **ret)
{
	char text[PATH_MAX];
	ssize_t n;

	if (offset > INT64_MAX - PATH_MAX)
		return -ENOEXEC;
	n = pread(fd, text, left < sizeof(text) ? left : sizeof(text),
		  (off_t)offset);
	if (n < 0)
		return -errno;
	if (!memchr(text, '\0', (size_t)n))
		return -ENOEXEC;
	*ret = strdup(text);
	return *ret ? 0 : -ENOMEM;
}

/* The string at an index of DT_STRTAB. */
static int read_string(const struct reader *reader, uint64_t index, char **ret)
{
	if (index >= reader->strings_size)
		return -ENOEXEC;
	return read_text(reader->fd, reader->strings_at + index,
			 reader->strings_size - index, ret);
}

/* Return: 1, or 0 if there is no dynamic section (a static program). */
static int read_dynamic(struct reader *reader)
{
	const Elf64_Phdr *s = find_segment(reader, PT_DYNAMIC);
	uint64_t n;
	int r;

	if (!s)
		return 0;
	n = s->p_filesz / sizeof(Elf64_Dyn);
	if (n == 0 || n > DYNAMIC_MAX)
		return -ENOEXEC;
	reader->dynamic = calloc(n, sizeof(Elf64_Dyn));
	if (!reader->dynamic)
		return -ENOMEM;
	r = read_at(reader->fd, reader->dynamic, n * sizeof(Elf64_Dyn),
		    s->p_offset);
	if (r < 0)
		return r;
	while (reader->n_dynamic < n &&
	       reader->dynamic[reader->n_dynamic].d_tag != DT_NULL)
		reader->n_dynamic++;
	return 1;
}

static int find_strings(struct reader *reader)
{
	const Elf64_Dyn *table = NULL;
	uint64_t left = 0;
	int r;

	for (size_t i = 0; i < reader->n_dynamic; i++) {
		if (reader->dynamic[i].d_tag == DT_STRTAB)
			table = &reader->dynamic[i];
		else if (reader->dynamic[i].d_tag == DT_STRSZ)
			reader->strings_size = reader->dynamic[i].d_un.d_val;
	}
	if (!table)
		return -ENOEXEC;
	r = to_offset(reader, table->d_un.d_ptr, &reader->strings_at, &left);
	if (reader->strings_size > left)
		reader->strings_size = left;
	return r;
}

static int take_entry(const struct reader *reader, const Elf64_Dyn *entry,
		      struct elf_file *ret)
{
	_cleanup_free_ char *text = NULL;
	char **field = NULL;
	int r;

	switch (entry->d_tag) {
	case DT_NEEDED:
		break;
	case DT_SONAME:
		field = &ret->soname;
		break;
	case DT_RPATH:
		field = &ret->rpath;
		break;
	case DT_RUNPATH:
		field = &ret->runpath;
		break;
	case DT_FLAGS_1:
		ret->no_default = entry->d_un.d_val & DF_1_NODEFLIB;
		return 0;
	default:
		return 0;
	}
	r = read_string(reader, entry->d_un.d_val, &text);
	if (r < 0)
		return r;
	if (!field)
		return ret->needed.n >= NEEDED_MAX ?
			       -ENOEXEC :
			       strings_add_owned(&ret->needed, take_ptr(&text));
	free(*field);
	*field = take_ptr(&text);
	return 0;
}

static int read_file(struct reader *reader, struct elf_file *ret)
{
	const Elf64_Phdr *interp;
	int r = read_segments(reader);

	if (r < 0)
		return r;
	interp = find_segment(reader, PT_INTERP);
	if (interp)
		r = read_text(reader->fd, interp->p_offset, interp->p_filesz,
			      &ret->interp);
	if (r < 0)
		return r;
	r = read_dynamic(reader);
	if (r > 0)
		r = find_strings(reader);
	for (size_t i = 0; r == 0 && i < reader->n_dynamic; i++)
		r = take_entry(reader, &reader->dynamic[i], ret);
	return r;
}

int elf_file_read(const char *path, struct elf_file *ret)
{
	struct reader reader = { .fd = open_regular(path) };
	int r = reader.fd;

	*ret = (struct elf_file){ 0 };
	if (r < 0)
		return r;
	r = read_file(&reader, ret);
	free(reader.segments);
	free(reader.dynamic);
	(void)close(reader.fd);
	return r;
}

void elf_file_done(struct elf_file *file)
{
	free(file->interp);
	free(file->soname);
	free(file->rpath);
	free(file->runpath);
	strings_done(&file->needed);
	*file = (struct elf_file){ 0 };
}
