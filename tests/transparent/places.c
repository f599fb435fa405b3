/* SPDX-License-Identifier: Apache-2.0 */
/* Working directories that are odd, and calls with two names. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "transparent.h"

#define DEEP_NAME \
	"a-directory-with-a-name-of-some-length-so-that-few-are-enough"
#define DEEP_LEVELS 80 /* more than PATH_MAX bytes */

struct place {
	const char *label;
	bool (*enter)(void);
};

static bool enter_deleted(void)
{
	return mkdir("away", 0755) == 0 && chdir("away") == 0 &&
	       rmdir(in_fixture("away")) == 0;
}

static bool enter_moved(void)
{
	return chdir("dir") == 0 &&
	       rename(in_fixture("dir"), in_fixture("elsewhere")) == 0;
}

static bool enter_closed(void)
{
	return chdir("dir") == 0 && chmod(".", 0) == 0;
}

static bool enter_unsearchable(void)
{
	return chdir("dir") == 0 && chmod(".", 0600) == 0;
}

static bool enter_named_deleted(void)
{
	return mkdir("gone (deleted)", 0755) == 0 &&
	       chdir("gone (deleted)") == 0 && write_file("inner", "x", 0600);
}

static bool enter_newline(void)
{
	return mkdir("new\nline \\ \"\xff", 0755) == 0 &&
	       chdir("new\nline \\ \"\xff") == 0 &&
	       write_file("inner", "x", 0600);
}

static bool enter_deep(void)
{
	if (mkdir("deep", 0755) < 0 || chdir("deep") < 0)
		return false;
	for (int i = 0; i < DEEP_LEVELS; i++)
		if (mkdir(DEEP_NAME, 0755) < 0 || chdir(DEEP_NAME) < 0)
			return false;
	return write_file("inner", "x", 0600);
}

/* Just beneath the limit: with a name behind it, it is above. */
static bool enter_almost_deep(void)
{
	size_t len = strlen(fixture_path);

	while (len + sizeof(DEEP_NAME) + 1 < PATH_MAX - 8) {
		if (mkdir(DEEP_NAME, 0755) < 0 || chdir(DEEP_NAME) < 0)
			return false;
		len += sizeof(DEEP_NAME);
	}
	return write_file("inner", "x", 0600);
}

static bool enter_linked(void)
{
	return chdir("to-dir/sub/..") == 0;
}

static const struct place places[] = {
	{ "deleted directory", enter_deleted },
	{ "moved directory", enter_moved },
	{ "closed directory", enter_closed },
	{ "unsearchable directory", enter_unsearchable },
	{ "directory '(deleted)'", enter_named_deleted },
	{ "directory with a newline", enter_newline },
	{ "deep directory", enter_deep },
	{ "almost too deep directory", enter_almost_deep },
	{ "by a link", enter_linked },
};

static const char *tried(long r)
{
	return shown(r);
}

static void try_reads(const char *where, const char *path)
{
	char id[256], text[LONG_PATH];
	struct stat st;
	ssize_t n;

	(void)snprintf(id, sizeof(id), "%s: '%s'", where, path);
	errno = 0;
	outcome(id, "open %s", describe_fd(open(path, O_RDONLY)));
	outcome(id, "O_PATH %s", shown(open(path, O_PATH) < 0 ? -1 : 0));
	outcome(id, "stat %s",
		stat(path, &st) < 0 ? shown(-1) : describe_stat(&st));
	outcome(id, "access %s", tried(access(path, F_OK)));
	n = readlink(path, text, sizeof(text) - 1);
	outcome(id, "readlink %s", tried(n));
	outcome(id, "getcwd %s",
		getcwd(text, sizeof(text)) ? placeless(text) : shown(-1));
}

static void try_changes(const char *where, const char *path)
{
	char id[256];

	(void)snprintf(id, sizeof(id), "%s: '%s'", where, path);
	outcome(id, "create %s",
		describe_fd(open(path, O_RDWR | O_CREAT, 0640)));
	outcome(id, "chmod %s", tried(chmod(path, 0600)));
	outcome(id, "truncate %s", tried(truncate(path, 3)));
	outcome(id, "rename %s", tried(rename(path, "other")));
	outcome(id, "link %s", tried(link("other", path)));
	outcome(id, "unlink %s", tried(unlink(path)));
	outcome(id, "unlink other %s", tried(unlink("other")));
	outcome(id, "mkdir %s", tried(mkdir(path, 0755)));
	outcome(id, "rmdir %s", tried(rmdir(path)));
	outcome(id, "symlink %s", tried(symlink("to", path)));
	outcome(id, "unlink link %s", tried(unlink(path)));
	outcome(id, "mkfifo %s", tried(mknod(path, S_IFIFO | 0644, 0)));
	outcome(id, "unlink fifo %s", tried(unlink(path)));
}

struct visit {
	const struct place *place;
	const char *path;
	bool changes;
};

static void run_visit(void *data)
{
	const struct visit *visit = data;

	if (!visit->place->enter())
		outcome(visit->place->label, "cannot be entered: %m");
	else if (visit->changes)
		try_changes(visit->place->label, visit->path);
	else
		try_reads(visit->place->label, visit->path);
}

void run_places(void)
{
	static const char *const read[] = {
		".",       "..",      "./",           "inner",
		"sub",     "../file", "../../f/file", "/dev/null",
		"missing", "up",      "./inner"
	};
	static const char *const changed[] = { "inner",  "new",     "./new",
					       "../new", "sub/new", "." };
	struct visit visit;

	for (size_t i = 0; i < COUNT(places); i++) {
		visit.place = &places[i];
		visit.changes = false;
		for (size_t k = 0; k < COUNT(read); k++) {
			visit.path = read[k];
			(void)forked(run_visit, &visit);
			fixture_build();
		}
		visit.changes = true;
		for (size_t k = 0; k < COUNT(changed); k++) {
			visit.path = changed[k];
			(void)forked(run_visit, &visit);
			outcome(places[i].label, "%s",
				i >= 6 ? "left" : fixture_changes());
			fixture_build();
		}
	}
}

static const char *const from_names[] = {
	"file",     "hard",      "dir",    "bare",     "bare/",    "file/",
	"to-file",  "to-file/",  "to-dir", "to-bare/", "dangling", "fifo",
	"locked/x", "nowrite/x", "locked", "missing",  "missing/", "file/x",
	".",        "dir/..",    "/",      "",
};

static const char *const to_names[] = {
	"file",       "hard",      "dir",         "bare",      "bare/",
	"new",        "new/",      "file/",       "dir/new",   "dir/sub/new/",
	"to-file/",   "to-dir",    "to-bare/",    "dangling/", "fifo",
	"locked/new", "nowrite/x", "missing/new", "file/new",  ".",
	"dir/..",     "new/.",     "/",           "",
};

static void pair(const char *from, const char *to, const char *what,
		 unsigned int flags, bool is_link)
{
	const char *result;
	char id[160];
	long r;

	if (is_link)
		r = linkat(AT_FDCWD, from, AT_FDCWD, to, (int)flags);
	else
		r = syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags);
	(void)snprintf(id, sizeof(id), "%s '%s' '%s'", what, from, to);
	result = shown(r);
	outcome(id, "%s %s", result,
		r < 0 ? fixture_noticed() : fixture_changes());
}

void run_pairs(void)
{
	for (size_t i = 0; i < COUNT(from_names); i++)
		for (size_t k = 0; k < COUNT(to_names); k++) {
			const char *from = from_names[i], *to = to_names[k];

			pair(from, to, "rename", 0, false);
			pair(from, to, "rename no-replace", RENAME_NOREPLACE,
			     false);
			pair(from, to, "rename exchange", RENAME_EXCHANGE,
			     false);
			pair(from, to, "rename both",
			     RENAME_NOREPLACE | RENAME_EXCHANGE, false);
			pair(from, to, "rename whiteout", RENAME_WHITEOUT,
			     false);
			pair(from, to, "link", 0, true);
			pair(from, to, "link follow", AT_SYMLINK_FOLLOW, true);
		}
}
