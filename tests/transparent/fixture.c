/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fixture: a directory with one of each kind, with times that never are
 * now, and what has changed in it since it was built.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "transparent.h"

#define LINES_MAX 256
#define LONG_AGO 1000000000

struct listing {
	char *lines[LINES_MAX];
	size_t n;
};

static const struct timespec old_times[2] = { { .tv_sec = LONG_AGO },
					      { .tv_sec = LONG_AGO } };
static struct listing pristine;

static const struct {
	const char *name;
	mode_t mode; /* with its type */
	const char *content; /* of a file; where a link leads to */
} objects[] = {
	{ "file", S_IFREG | 0644, "content of the file\n" },
	{ "empty", S_IFREG | 0664, "" },
	{ "closed", S_IFREG, "nobody reads this one\n" },
	{ "script", S_IFREG | 0755, "#!/bin/sh\nexit 43\n" },
	{ "dir", S_IFDIR | 0755, NULL },
	{ "dir/inner", S_IFREG | 0600, "inner content\n" },
	{ "dir/sub", S_IFDIR | 0700, NULL },
	{ "dir/up", S_IFLNK, "../file" },
	{ "bare", S_IFDIR | 0750, NULL },
	{ "locked", S_IFDIR | 0700, NULL },
	{ "locked/x", S_IFREG | 0644, "behind a locked door\n" },
	{ "nowrite", S_IFDIR | 0700, NULL },
	{ "nowrite/x", S_IFREG | 0644, "in a directory that stays\n" },
	{ "noexec", S_IFDIR | 0700, NULL },
	{ "noexec/x", S_IFREG | 0644, "in a directory without x\n" },
	{ "to-file", S_IFLNK, "file" },
	{ "to-dir", S_IFLNK, "dir" },
	{ "to-bare", S_IFLNK, "bare/" },
	{ "to-dots", S_IFLNK, "dir/sub/../../dir/./inner" },
	{ "dangling", S_IFLNK, "nothing" },
	{ "dangling-far", S_IFLNK, "nothing/at/all" },
	{ "to-dangling", S_IFLNK, "dangling" },
	{ "loop", S_IFLNK, "loop" },
	{ "fifo", S_IFIFO | 0644, NULL },
	{ "socket", S_IFSOCK | 0644, NULL },
};

/* What is closed only when all of it is there. */
static const struct {
	const char *name;
	mode_t mode;
} last_modes[] = {
	{ "locked", 0 },
	{ "nowrite", 0555 },
	{ "noexec", 0666 },
};

bool write_file(const char *path, const char *content, mode_t mode)
{
	size_t len = strlen(content);
	bool done = false;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0)
		return false;
	done = write(fd, content, len) == (ssize_t)len && fchmod(fd, mode) == 0;
	return close(fd) == 0 && done;
}

static void remove_beneath(int parent, const char *name)
{
	struct dirent *entry;
	DIR *dir;
	int fd;

	if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
		return;
	(void)fchmodat(parent, name, 0700, 0);
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	dir = fd < 0 ? NULL : fdopendir(fd);
	while (dir && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			remove_beneath(dirfd(dir), entry->d_name);
	if (dir)
		(void)closedir(dir);
	(void)unlinkat(parent, name, AT_REMOVEDIR);
}

bool is_ours(const char *path)
{
	size_t len = strlen(fixture_path);
	char found[PATH_MAX], parent[LONG_PATH];
	const char *slash;

	if (!realpath(path, found)) {
		/* What is not there may be about to be made. */
		slash = strrchr(path, '/');
		(void)snprintf(parent, sizeof(parent), "%.*s",
			       slash ? (int)(slash - path) + 1 : 1,
			       slash ? path : ".");
		if (errno != ENOENT || !realpath(parent, found))
			return path[0] != '/';
	}
	return strncmp(found, fixture_path, len) == 0 &&
	       (found[len] == '/' || found[len] == '\0');
}

void remove_tree(const char *path)
{
	remove_beneath(AT_FDCWD, path);
}

static void empty_directory(void)
{
	struct dirent *entry;
	DIR *dir = opendir(".");

	while (dir && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			remove_beneath(AT_FDCWD, entry->d_name);
	if (dir)
		(void)closedir(dir);
}

static bool make_object(const char *name, mode_t mode, const char *content)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return write_file(name, content, mode & 07777);
	case S_IFDIR:
		return mkdir(name, mode & 07777) == 0;
	case S_IFLNK:
		return symlink(content, name) == 0;
	default:
		return mknod(name, mode, 0) == 0;
	}
}

static void need(bool done, const char *name)
{
	if (done)
		return;
	(void)fprintf(stderr, "fixture: %s: %m\n", name);
	printf("the fixture cannot be built\t%s\n", name);
	exit(3);
}

static void make_old(const char *name)
{
	(void)utimensat(AT_FDCWD, name, old_times, AT_SYMLINK_NOFOLLOW);
}

static void print_times(char *ret, size_t size, const struct timespec *ts)
{
	if (ts->tv_sec == LONG_AGO && ts->tv_nsec == 0)
		(void)snprintf(ret, size, "old");
	else if (labs((long)(ts->tv_sec - time(NULL))) < 3600)
		(void)snprintf(ret, size, "now");
	else
		(void)snprintf(ret, size, "%lld.%09ld", (long long)ts->tv_sec,
			       ts->tv_nsec);
}

static unsigned long hash(const char *text, size_t n)
{
	unsigned long h = 5381;

	for (size_t i = 0; i < n; i++)
		h = h * 33 + (unsigned char)text[i];
	return h & 0xffffffff;
}

static void print_content(char *ret, size_t size, const char *path,
			  const struct stat *st)
{
	char text[PATH_MAX];
	ssize_t n = -1;
	int fd;

	ret[0] = '\0';
	if (S_ISLNK(st->st_mode)) {
		n = readlink(path, text, sizeof(text) - 1);
		if (n > 60) /* a long one is told by its length and bytes */
			n = snprintf(text, sizeof(text), "%zd bytes %lx", n,
				     hash(text, (size_t)n));
		if (n >= 0)
			(void)snprintf(ret, size, " -> %.*s", (int)n,
				       placeless((text[n] = '\0', text)));
	} else if (S_ISREG(st->st_mode)) {
		fd = open(path, O_RDONLY | O_NOATIME);
		if (fd >= 0) {
			n = read(fd, text, sizeof(text));
			(void)close(fd);
		}
		if (n >= 0)
			(void)snprintf(ret, size, " %lx",
				       hash(text, (size_t)n));
	}
}

/* Of the attributes whose name starts with "user.", or that are ACLs. */
static void print_xattrs(char *ret, size_t size, const char *path)
{
	char list[1024], value[256];
	ssize_t n = llistxattr(path, list, sizeof(list));
	size_t done = 0;

	ret[0] = '\0';
	for (ssize_t at = 0; at < n; at += (ssize_t)strlen(list + at) + 1) {
		ssize_t len = lgetxattr(path, list + at, value, sizeof(value));

		done += (size_t)snprintf(
			ret + done, size - done, " [%s %lx]", list + at,
			len < 0 ? 0 : hash(value, (size_t)len));
		if (done >= size)
			return;
	}
}

static void add_line(struct listing *listing, const char *path)
{
	char line[1024], content[256], xattrs[256], mtime[48], atime[48];
	struct stat st;

	if (listing->n == LINES_MAX || lstat(path, &st) < 0)
		return;
	print_times(mtime, sizeof(mtime), &st.st_mtim);
	print_times(atime, sizeof(atime), &st.st_atim);
	print_content(content, sizeof(content), path, &st);
	print_xattrs(xattrs, sizeof(xattrs), path);
	(void)snprintf(line, sizeof(line),
		       "%.300s %06o %ld %d:%d %lld %s %s%s%s", path, st.st_mode,
		       (long)st.st_nlink, (int)st.st_uid, (int)st.st_gid,
		       S_ISREG(st.st_mode) ? (long long)st.st_size : 0, mtime,
		       S_ISREG(st.st_mode) ? atime : "-", content, xattrs);
	listing->lines[listing->n++] = strdup(line);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list_directory(struct listing *listing, const char *path)
{
	const char *head = strcmp(path, ".") == 0 ? "" : path;
	DIR *dir = opendir(path);
	struct dirent *entry;
	char full[PATH_MAX];

	while (dir && (entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		(void)snprintf(full, sizeof(full), "%s%s%s", head,
			       *head ? "/" : "", entry->d_name);
		add_line(listing, full);
		if (entry->d_type == DT_DIR)
			list_directory(listing, full);
	}
	if (dir)
		(void)closedir(dir);
}

static void look(struct listing *listing)
{
	for (size_t i = 0; i < listing->n; i++)
		free(listing->lines[i]);
	listing->n = 0;
	add_line(listing, ".");
	list_directory(listing, ".");
	qsort(listing->lines, listing->n, sizeof(listing->lines[0]),
	      compare_names);
}

void fixture_build(void)
{
	mode_t mask = umask(022);

	need(mkdir(fixture_path, 0755) == 0 || errno == EEXIST, "directory");
	(void)chmod(fixture_path, 0755);
	need(chdir(fixture_path) == 0, fixture_path);
	(void)removexattr(".", "user.one");
	(void)removexattr(".", "user.two");
	empty_directory();
	for (size_t i = 0; i < COUNT(objects); i++)
		need(make_object(objects[i].name, objects[i].mode,
				 objects[i].content),
		     objects[i].name);
	need(link("file", "hard") == 0, "hard");
	need(link(in_world("program"), "program") == 0, "program");
	(void)chmod("program", 0755); /* it is the same file each time */
	/* Not by the machine's security module, nor by a default of the place. */
	(void)setxattr("file", "user.one", "1", 1, 0);
	for (size_t i = COUNT(objects); i-- > 0;)
		make_old(objects[i].name);
	for (size_t i = 0; i < COUNT(last_modes); i++) {
		need(chmod(last_modes[i].name, last_modes[i].mode) == 0,
		     last_modes[i].name);
		make_old(last_modes[i].name);
	}
	make_old(".");
	look(&pristine);
	(void)umask(mask);
}

static void append(char *text, size_t size, const char *sign, const char *line)
{
	size_t len = strlen(text);

	(void)snprintf(text + len, size - len, "%s%s", sign, line);
}

const char *fixture_changes(void)
{
	static struct listing now;
	static char text[16384];
	size_t i = 0, j = 0;

	look(&now);
	text[0] = '\0';
	while (i < pristine.n || j < now.n) {
		int r = i == pristine.n ? 1 :
			j == now.n      ? -1 :
					  strcmp(pristine.lines[i], now.lines[j]);

		if (r == 0) {
			i++;
			j++;
			continue;
		}
		if (r < 0)
			append(text, sizeof(text), " -", pristine.lines[i++]);
		else
			append(text, sizeof(text), " +", now.lines[j++]);
	}
	if (text[0] == '\0')
		return "=";
	fixture_build();
	return text;
}

const char *fixture_noticed(void)
{
	struct stat st;

	if (stat(".", &st) == 0 && st.st_mtim.tv_sec == LONG_AGO)
		return "=";
	return fixture_changes();
}
