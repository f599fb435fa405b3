/* SPDX-License-Identifier: Apache-2.0 */
/* A script within Node.js is an ELF note of a certain name. */
#include "supervise/single.h"

#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"

#define SEGMENTS_MAX 512
#define NOTES_MAX 64 /* in one segment */
#define ALIGN(n) (((uint64_t)(n) + 3) & ~UINT64_C(3))

static const char note_name[] = "NODE_SEA_BLOB";

static bool read_at(int fd, void *buffer, size_t len, uint64_t offset)
{
	return offset <= INT64_MAX - len &&
	       pread(fd, buffer, len, (off_t)offset) == (ssize_t)len;
}

static bool is_in_notes(int fd, const Elf64_Phdr *segment)
{
	uint64_t at = 0;

	for (int i = 0; i < NOTES_MAX; i++) {
		char name[sizeof(note_name) + 4] = "";
		Elf64_Nhdr note;

		/* Of a blob only the start needs to be within the segment. */
		if (at > segment->p_filesz ||
		    segment->p_offset > INT64_MAX - at ||
		    !read_at(fd, &note, sizeof(note), segment->p_offset + at))
			return false;
		at += sizeof(note);
		if (note.n_namesz >= sizeof(note_name) - 1 &&
		    note.n_namesz < sizeof(name) &&
		    read_at(fd, name, note.n_namesz, segment->p_offset + at) &&
		    strcmp(name, note_name) == 0)
			return true;
		at += ALIGN(note.n_namesz) + ALIGN(note.n_descsz);
	}
	return false;
}

bool single_is_node(const char *path)
{
	_cleanup_close_ int fd =
		open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	Elf64_Ehdr header;

	if (fd < 0 || !read_at(fd, &header, sizeof(header), 0) ||
	    memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
	    header.e_ident[EI_CLASS] != ELFCLASS64 ||
	    header.e_phentsize != sizeof(Elf64_Phdr) ||
	    header.e_phnum > SEGMENTS_MAX)
		return false;
	for (unsigned i = 0; i < header.e_phnum; i++) {
		Elf64_Phdr segment;

		if (!read_at(fd, &segment, sizeof(segment),
			     header.e_phoff + i * sizeof(segment)))
			return false;
		if (segment.p_type == PT_NOTE && is_in_notes(fd, &segment))
			return true;
	}
	return false;
}
