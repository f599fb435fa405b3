/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A name that gives more than it should.
 *
 *   review-gain rename|link SECRET READABLE OTHER
 *
 * SECRET must not be read, READABLE may be, OTHER neither; all may be written.
 * SECRET gets the name that is said, which another thread flips between
 * READABLE and OTHER. First line: "leak" or "none"; then the counts.
 *
 *   review-gain descriptor DIRECTORY
 *
 * DIRECTORY, which must not be read, is opened with O_PATH and removed; then its
 * descriptor is opened again for reading, as a name and as a directory's.
 *
 *   review-gain bind DIRECTORY
 *
 * DIRECTORY/ro must not be written. A socket is bound through a link to
 * DIRECTORY, which another thread exchanges for one to DIRECTORY/ro. First line:
 * "leak" or "none"; then the counts, and the name that the first socket has.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "attack.h"

#define ROUNDS 3000
#define BINDS 20000
#define SECRET "SECRET"

static const char *as_said(int r)
{
	return r < 0 ? strerrorname_np(errno) : "OK";
}

static int flip_name(bool is_link, const char *secret, const char *readable,
		     const char *other)
{
	int n_done = 0, n_denied = 0, i;
	bool is_leak = false;
	struct flipper f;

	flipper_init(&f, readable, other);
	flipper_start(&f, flip);
	for (i = 0; !is_leak &&
		    !flipper_is_done(&f, i, ROUNDS, n_done > 0 && n_denied > 0);
	     i++) {
		int r = is_link ? link(secret, f.path) : rename(secret, f.path);

		n_denied += r < 0;
		n_done += r == 0;
		if (r < 0)
			continue;
		is_leak = attack_starts_with(open(readable, O_RDONLY),
					     SECRET) == 1;
		if (is_link)
			(void)unlink(other);
		else
			(void)rename(other, secret);
	}
	flipper_stop(&f);
	(void)printf("%s\nrounds %d, done %d, denied %d\n",
		     is_leak ? "leak" : "none", i, n_done, n_denied);
	return n_done > 0 && n_denied > 0 ? 0 : 1;
}

static int reopen(const char *directory)
{
	int fd = open(directory, O_PATH | O_DIRECTORY);
	char name[64];

	if (fd < 0 || rmdir(directory) < 0)
		attack_die(directory);
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	(void)printf("name: %s\n", as_said(open(name, O_RDONLY | O_DIRECTORY)));
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d/", fd);
	(void)printf("directory: %s\n",
		     as_said(open(name, O_RDONLY | O_DIRECTORY)));
	return 0;
}

static void *exchange(void *data)
{
	struct flipper *f = data;
	char other[sizeof(f->path) + 1];

	(void)snprintf(other, sizeof(other), "%s2", f->path);
	while (!f->is_over) {
		(void)renameat2(AT_FDCWD, f->path, AT_FDCWD, other,
				RENAME_EXCHANGE);
		f->n_flips = f->n_flips + 1;
	}
	return NULL;
}

/* The name of a socket bound to @path; NULL: it was refused. */
static const char *bind_to(const char *path)
{
	static struct sockaddr_un un;
	socklen_t len = sizeof(un);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), r;

	un = (struct sockaddr_un){ .sun_family = AF_UNIX };
	(void)snprintf(un.sun_path, sizeof(un.sun_path), "%.100s", path);
	r = bind(fd, (struct sockaddr *)&un, sizeof(un));
	if (r == 0)
		r = getsockname(fd, (struct sockaddr *)&un, &len);
	(void)close(fd);
	return r < 0 ? NULL : un.sun_path;
}

static int bind_through_link(const char *directory)
{
	char name[128] = "", path[128];
	int n_done = 0, n_denied = 0, i;
	struct flipper f = { 0 };
	bool is_leak = false;

	if (chdir(directory) < 0 || symlink(".", "link") < 0 ||
	    symlink("ro", "link2") < 0)
		attack_die(directory);
	(void)snprintf(f.path, sizeof(f.path), "%s/link", directory);
	(void)snprintf(path, sizeof(path), "%.100s/link/s", directory);
	flipper_start(&f, exchange);
	for (i = 0; !is_leak &&
		    !flipper_is_done(&f, i, BINDS, n_done > 0 && n_denied > 0);
	     i++) {
		const char *said = bind_to(path);

		n_denied += !said;
		n_done += said != NULL;
		if (said && !name[0])
			(void)snprintf(name, sizeof(name), "%s", said);
		(void)unlink("s");
		is_leak = access("ro/s", F_OK) == 0;
	}
	flipper_stop(&f);
	(void)printf("%s\nrounds %d, done %d, denied %d\nname: %s\n",
		     is_leak ? "leak" : "none", i, n_done, n_denied, name);
	return n_done > 0 && n_denied > 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "bind") == 0)
		return bind_through_link(argv[2]);
	if (argc == 3 && strcmp(argv[1], "descriptor") == 0)
		return reopen(argv[2]);
	if (argc == 5)
		return flip_name(strcmp(argv[1], "link") == 0, argv[2], argv[3],
				 argv[4]);
	return 99;
}
