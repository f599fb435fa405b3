/* SPDX-License-Identifier: Apache-2.0 */
/* What fs.protected_* says: may_follow_link(), may_create_in_sticky(). */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "supervise/sticky.h"
#include "supervise/target.h"
#include "tap.h"

#define ROOT 0
#define SELF 1000
#define OTHER 2000
#define SHARED 01777

static const struct {
	const char *name;
	int level;
	mode_t dir_mode;
	uid_t dir;
	uid_t file;
	bool refuses_link;
	bool refuses_create;
} cases[] = {
	{ "somebody else's in /tmp", 1, SHARED, ROOT, OTHER, true, true },
	{ "its own in /tmp", 1, SHARED, ROOT, SELF, false, false },
	{ "the directory's owner's", 1, SHARED, ROOT, ROOT, false, false },
	{ "switched off", 0, SHARED, ROOT, OTHER, false, false },
	{ "not sticky", 1, 0777, ROOT, OTHER, false, false },
	{ "sticky, not for all", 1, 01755, ROOT, OTHER, false, false },
	{ "sticky, for a group", 1, 01775, ROOT, OTHER, false, false },
	{ "the same, at 2", 2, 01775, ROOT, OTHER, false, true },
	{ "in its own directory", 1, SHARED, SELF, OTHER, true, true },
};

static void test_rules(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct stat dir = { .st_mode = S_IFDIR | cases[i].dir_mode,
				    .st_uid = cases[i].dir };
		struct stat file = { .st_mode = S_IFREG | 0666,
				     .st_uid = cases[i].file };

		is_int(sticky_refuses_link(cases[i].level, SELF, &dir, &file),
		       cases[i].refuses_link, cases[i].name);
		is_int(sticky_refuses_create(cases[i].level, SELF, &dir, &file),
		       cases[i].refuses_create, cases[i].name);
	}
}

static int reads(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[8] = "1";

	if (fd >= 0) {
		(void)read(fd, text, sizeof(text) - 1);
		(void)close(fd);
	}
	return (int)strtol(text, NULL, 10);
}

/* Whatever this system says, of a link that somebody else made. */
static void test_live(void)
{
	char top[] = "/tmp/test-sticky.XXXXXX", text[64];
	int proc_fd = procfs_open(), dir, pin;
	struct stat link, file = { .st_mode = S_IFREG | 0666 };
	bool protects = reads("/proc/sys/fs/protected_symlinks") > 0;

	if (!mkdtemp(top)) {
		ok(false, "a directory");
		return;
	}
	dir = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	ok(dir >= 0 && chmod(top, SHARED) == 0, "a directory for all");
	ok(symlinkat("target", dir, "link") == 0, "a link in it");
	pin = openat(dir, "link", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	ok(pin >= 0 && fstat(pin, &link) == 0, "pinned");
	is_int(sticky_read_link(proc_fd, dir, pin, &link, true, text,
				sizeof(text)),
	       6, "its own link is read");
	is_int(sticky_read_link(proc_fd, dir, pin, &link, true, text, 6),
	       -ENAMETOOLONG, "not into too little room");
	link.st_uid = geteuid() + 1;
	is_int(sticky_read_link(proc_fd, dir, pin, &link, true, text,
				sizeof(text)),
	       protects ? -EACCES : 6, "another's as the kernel has it");
	is_int(sticky_read_link(proc_fd, dir, pin, &link, false, text,
				sizeof(text)),
	       6, "on the way it does not look");
	file.st_uid = geteuid() + 1;
	is_int(sticky_check_create(proc_fd, dir, &file),
	       reads("/proc/sys/fs/protected_regular") > 0 ? -EACCES : 0,
	       "another's file as the kernel has it");
	file.st_uid = geteuid();
	is_int(sticky_check_create(proc_fd, dir, &file), 0, "its own file");
	(void)close(pin);
	(void)unlinkat(dir, "link", 0);
	(void)close(dir);
	(void)rmdir(top);
	(void)close(proc_fd);
}

int main(void)
{
	test_rules();
	test_live();
	return done();
}
