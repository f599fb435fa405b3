/* SPDX-License-Identifier: Apache-2.0 */
/* What a new object gets, and what is set afterwards: modes, times, attributes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "transparent.h"

/* The binary form of an ACL: version 2, then tag, permissions, id. */
struct acl_entry {
	unsigned short tag, permissions;
	unsigned int id;
};

struct acl {
	unsigned int version;
	struct acl_entry entries[5];
};

static const struct acl default_acl = {
	2,
	{ { 0x01, 7, ~0U }, /* owner */
	  { 0x02, 6, 12345 }, /* a user */
	  { 0x04, 5, ~0U }, /* group */
	  { 0x10, 5, ~0U }, /* mask */
	  { 0x20, 0, ~0U } }, /* others */
};

static const char *const makers[] = { "open", "mkdir",   "fifo",
				      "file", "symlink", "tmpfile" };

static const char *make_one(size_t which, const char *where, mode_t mode)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "%s/new", where);
	switch (which) {
	case 0:
		return describe_fd(
			open(name, O_CREAT | O_EXCL | O_WRONLY, mode));
	case 1:
		return shown(mkdir(name, mode));
	case 2:
		return shown(mknod(name, S_IFIFO | mode, 0));
	case 3:
		return shown(mknod(name, S_IFREG | mode, 0));
	case 4:
		return shown(symlink("x", name));
	default:
		return describe_fd(open(where, O_TMPFILE | O_RDWR, mode));
	}
}

/* The group of "bare" and the ACL of "dir/acl" are passed on. */
static void make_directories(void)
{
	(void)chmod("bare", 02770);
	(void)mkdir("dir/acl", 0777);
	(void)setxattr("dir/acl", "system.posix_acl_default", &default_acl,
		       sizeof(default_acl), 0);
}

static void make_each(const char *where, mode_t mask, mode_t mode)
{
	const char *result;
	char id[96];

	(void)snprintf(id, sizeof(id), "%s, umask %o, mode %o", where, mask,
		       mode);
	for (size_t i = 0; i < COUNT(makers); i++) {
		make_directories();
		(void)umask(mask);
		result = make_one(i, where, mode);
		(void)umask(022);
		changed(id, makers[i], result);
	}
}

static void try_new_modes(void)
{
	static const mode_t masks[] = { 0, 022, 077, 0777, 0277 };
	static const mode_t modes[] = { 0,     0600,  0666,  0777,
					01777, 02775, 04755, 07777 };
	static const char *const places[] = { "dir", "bare", "dir/acl" };

	for (size_t i = 0; i < COUNT(places); i++)
		for (size_t k = 0; k < COUNT(masks); k++)
			for (size_t m = 0; m < COUNT(modes); m++) {
				/* A plain directory shows few of them as well. */
				if (i == 0 && m % 3)
					continue;
				make_each(places[i], masks[k], modes[m]);
			}
}

static void try_changed_modes(void)
{
	static const char *const names[] = { "file", "dir",     "to-file",
					     "fifo", "program", "." };
	char id[64];

	for (size_t i = 0; i < COUNT(names); i++)
		for (mode_t mode = 0; mode <= 010000;
		     mode = mode ? mode * 2 : 1) {
			(void)snprintf(id, sizeof(id), "chmod %s %o", names[i],
				       mode);
			changed(id, "", shown(chmod(names[i], mode | 0100)));
		}
}

/* What is taken away when somebody writes, or gives it to somebody else. */
static void try_lost_bits(void)
{
	static const mode_t modes[] = { 04755, 02755, 06711, 02644 };
	char id[64];
	int fd;

	for (size_t i = 0; i < COUNT(modes); i++) {
		(void)snprintf(id, sizeof(id), "lost of %o", modes[i]);
		(void)chmod("file", modes[i]);
		changed(id, "chown", shown(chown("file", getuid(), (gid_t)-1)));
		(void)chmod("file", modes[i]);
		changed(id, "chown nothing",
			shown(chown("file", (uid_t)-1, (gid_t)-1)));
		(void)chmod("file", modes[i]);
		changed(id, "truncate", shown(truncate("file", 1)));
		(void)chmod("file", modes[i]);
		fd = open("file", O_WRONLY | O_TRUNC);
		changed(id, "open", describe_fd(fd));
		(void)chmod("file", modes[i]);
		changed(id, "setxattr",
			shown(setxattr("file", "user.a", "b", 1, 0)));
	}
}

static void try_owners(void)
{
	static const int ids[] = { -1, 0, 1, 12345, 65534 };
	char id[64];

	for (size_t i = 0; i < COUNT(ids); i++)
		for (size_t k = 0; k < COUNT(ids); k++) {
			(void)snprintf(id, sizeof(id), "chown %d:%d", ids[i],
				       ids[k]);
			changed(id, "",
				shown(chown("file", (uid_t)ids[i],
					    (gid_t)ids[k])));
			changed(id, "link",
				shown(lchown("to-file", (uid_t)ids[i],
					     (gid_t)ids[k])));
		}
}

void run_modes(void)
{
	try_new_modes();
	try_changed_modes();
	try_lost_bits();
	try_owners();
}

void run_times(void)
{
	static const struct timespec values[] = {
		{ 1, 0 },
		{ -1, 999999999 },
		{ 0, UTIME_NOW },
		{ 7, UTIME_OMIT },
		{ 0, 1000000000 },
		{ 0, -1 },
		{ 1L << 33, 123456789 },
		{ LONG_MAX, 0 },
		{ 5, UTIME_NOW - 1 },
	};
	static const char *const names[] = { "file",     "to-file", "dir",
					     "dangling", "closed",  "fifo",
					     "dir/" };
	char id[96];

	for (size_t n = 0; n < COUNT(names); n++)
		for (size_t i = 0; i < COUNT(values); i++)
			for (size_t k = 0; k < 2 * COUNT(values); k++) {
				bool is_link = k >= COUNT(values);
				const struct timespec both[2] = {
					values[i], values[k % COUNT(values)]
				};

				if (n > 1 && i != k && i + k != 5)
					continue;
				(void)snprintf(id, sizeof(id),
					       "%s%s %ld.%ld %ld.%ld", names[n],
					       is_link ? " itself" : "",
					       both[0].tv_sec, both[0].tv_nsec,
					       both[1].tv_sec, both[1].tv_nsec);
				changed(id, "",
					shown(syscall(
						SYS_utimensat, AT_FDCWD,
						names[n], both,
						is_link ? AT_SYMLINK_NOFOLLOW :
							  0)));
			}
	for (size_t n = 0; n < COUNT(names); n++)
		changed(names[n], "now",
			shown(syscall(SYS_utimensat, AT_FDCWD, names[n], NULL,
				      0)));
}

static void try_attribute(const char *path, const char *name, size_t size,
			  int flags)
{
	static char value[70000], got[70000];
	char id[400];
	ssize_t n;

	memset(value, 'v', sizeof(value));
	(void)snprintf(id, sizeof(id), "%s %.40s (%zu) size %zu flags %d", path,
		       name, strlen(name), size, flags);
	outcome(id, "set %s", shown(setxattr(path, name, value, size, flags)));
	n = getxattr(path, name, got, sizeof(got));
	outcome(id, "get %s%s", shown(n),
		n > 0 && memcmp(got, value, (size_t)n) != 0 ? " other" : "");
	outcome(id, "length %s", shown(getxattr(path, name, NULL, 0)));
	outcome(id, "small %s", shown(getxattr(path, name, got, 1)));
	n = listxattr(path, got, sizeof(got));
	outcome(id, "list %s %lx", shown(n), n > 1 ? (long)got[n - 2] : 0);
	outcome(id, "list length %s", shown(listxattr(path, NULL, 0)));
	outcome(id, "list small %s", shown(listxattr(path, got, 1)));
	outcome(id, "lget %s", shown(lgetxattr(path, name, got, sizeof(got))));
	outcome(id, "remove %s", shown(removexattr(path, name)));
	outcome(id, "remove again %s", shown(removexattr(path, name)));
	(void)fixture_noticed();
}

void run_xattrs(void)
{
	static const char *const paths[] = { "file", "dir",      "to-file",
					     "fifo", "dangling", "closed",
					     "." };
	static const char *const names[] = {
		"user.a",
		"user.one",
		"user.",
		"user",
		"",
		"trusted.a",
		"security.a",
		"system.a",
		"system.posix_acl_access",
		"other.a",
		"user.with space/and\nline",
	};
	static const size_t sizes[] = { 0, 1, 100, 3000, 65536, 65537 };
	char longest[300] = "user.";

	for (size_t p = 0; p < COUNT(paths); p++)
		for (size_t i = 0; i < COUNT(names); i++)
			for (size_t k = 0; k < COUNT(sizes); k++) {
				if (k > 1 && i > 0)
					continue;
				try_attribute(paths[p], names[i], sizes[k], 0);
				try_attribute(paths[p], names[i], sizes[k],
					      XATTR_CREATE);
				try_attribute(paths[p], names[i], sizes[k],
					      XATTR_REPLACE);
				try_attribute(paths[p], names[i], sizes[k], 3);
				try_attribute(paths[p], names[i], sizes[k], 4);
			}
	memset(longest + 5, 'n', 250);
	try_attribute("file", longest, 1, 0);
	longest[255] = 'n';
	try_attribute("file", longest, 1, 0);
	fixture_build();
	changed("ACL", "",
		shown(setxattr("file", "system.posix_acl_access", &default_acl,
			       sizeof(default_acl), 0)));
}
