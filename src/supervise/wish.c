/* SPDX-License-Identifier: Apache-2.0 */
/* The flags of an open, and which of them the kernel refuses: open(2), openat2(2). */
#include "supervise/wish.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "common/kernel.h"

/* Flags of open(2) that mean something; others it ignores. 0100000: large. */
#define OPEN_FLAGS                                                       \
	((uint64_t)(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC |  \
		    O_APPEND | O_NONBLOCK | O_DSYNC | O_SYNC | O_ASYNC | \
		    O_DIRECT | 0100000 | O_DIRECTORY | O_NOFOLLOW |      \
		    O_NOATIME | O_CLOEXEC | O_PATH | O_TMPFILE))

#define PATH_FLAGS ((uint64_t)(O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC))

#define TMPFILE_BIT (O_TMPFILE & ~O_DIRECTORY)

#define RESOLVE_KNOWN                                                         \
	((uint64_t)(RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS |                 \
		    RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH | RESOLVE_IN_ROOT | \
		    RESOLVE_CACHED))

/* What open(2) ignores, openat2(2) refuses. */
static int check_strictly(const struct open_how *how)
{
	uint64_t both = RESOLVE_BENEATH | RESOLVE_IN_ROOT;

	if (how->flags & ~OPEN_FLAGS || how->resolve & ~RESOLVE_KNOWN ||
	    (how->resolve & both) == both)
		return -EINVAL;
	if (how->mode & ~(how->flags & (O_CREAT | TMPFILE_BIT) ? 07777ULL : 0))
		return -EINVAL;
	if (how->flags & O_PATH && how->flags & ~PATH_FLAGS)
		return -EINVAL;
	return 0;
}

static int check_together(int flags)
{
	int made = flags & (TMPFILE_BIT | O_DIRECTORY | O_CREAT);

	/* Older than Linux 6.4 it made a file: no one relied on that. */
	if ((made & O_DIRECTORY) && (made & O_CREAT))
		return -EINVAL;
	if ((made & TMPFILE_BIT) &&
	    (made != O_TMPFILE || (flags & O_ACCMODE) == O_RDONLY))
		return -EINVAL;
	return 0;
}

int wish_read(const struct request *r, bool inject_all, struct wish *ret)
{
	bool is_strict = strcmp(r->row->name, "openat2") == 0;
	int error, flags = (int)((uint64_t)r->flags & OPEN_FLAGS);

	*ret = (struct wish){ .mode = r->mode & 07777 };
	if (is_strict) {
		error = check_strictly(&r->how);
		if (error < 0)
			return error;
		ret->restricted = r->how.resolve;
		flags = (int)r->how.flags;
		ret->mode = (mode_t)r->how.mode;
	}
	ret->is_path = flags & O_PATH;
	if (ret->is_path)
		flags &= (int)PATH_FLAGS; /* it looks at no other then */
	error = check_together(flags);
	if (error < 0)
		return error;
	/* "Only without waiting": the caller tries again without. */
	if (ret->restricted & RESOLVE_CACHED)
		return -EAGAIN;
	ret->flags = flags;
	if (ret->is_path) {
		/*
		 * ADDFD cannot install an O_PATH descriptor, and a readable one
		 * is no stand-in (FIFOs, links, mode 000). Nothing can be read
		 * through it, and what is opened from it is judged again, so
		 * the kernel goes on: see doc/ARCHITECTURE.md. Flags that lie
		 * in memory could be changed: not where D2 says too much.
		 */
		ret->by_kernel = !is_strict || !inject_all;
		ret->read = !ret->by_kernel;
		return 0;
	}
	ret->is_tmpfile = (flags & O_TMPFILE) == O_TMPFILE;
	ret->create = flags & O_CREAT;
	/* Access mode 3 wants both rights and gives neither. */
	ret->read = (flags & O_ACCMODE) != O_WRONLY;
	ret->write = (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC) ||
		     ret->is_tmpfile;
	return 0;
}
