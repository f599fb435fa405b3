/* SPDX-License-Identifier: Apache-2.0 */
/* The operations, each with the one result that it may have. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "load.h"

#define LATE_US 8e6
#define PORT_ALLOWED 9
#define PORT_FORBIDDEN 10
#define LINK_TO "link-to-" /* and the name that is found */

struct operation {
	const char *name;
	int (*run)(const char *path, unsigned worker);
	const char *path; /* in the world */
	int want; /* of run() */
	enum { ALWAYS, LISTED, UNLISTED } when;
};

/* A file says its own name, so that no other one can be taken for it. */
static int read_own(const char *path, unsigned worker)
{
	char text[PATH_MAX] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const char *name = strrchr(path, '/') + 1;
	ssize_t n;

	(void)worker;
	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	text[strcspn(text, " ")] = '\0';
	if (strncmp(name, LINK_TO, strlen(LINK_TO)) == 0)
		name += strlen(LINK_TO);
	return n > 0 && strcmp(text, name) == 0 ? 0 : -EBADMSG;
}

static int read_listed(const char *path, unsigned worker)
{
	char name[PATH_MAX];

	(void)snprintf(name, sizeof(name), "%s/m%u.js", path,
		       worker * 7 % world.n_listed);
	return read_own(name, worker);
}

static int open_write(const char *path, unsigned worker)
{
	(void)worker;
	return open_close(path, O_WRONLY);
}

static int stat_file(const char *path, unsigned worker)
{
	struct stat st;

	(void)worker;
	if (stat(path, &st) < 0)
		return -errno;
	return S_ISREG(st.st_mode) ? (int)st.st_nlink : -EBADMSG;
}

static int look(const char *path, unsigned worker)
{
	(void)worker;
	return access(path, R_OK) < 0 ? -errno : 0;
}

static int read_link(const char *path, unsigned worker)
{
	char text[PATH_MAX];
	ssize_t n = readlink(path, text, sizeof(text));

	(void)worker;
	return n < 0                                   ? -errno :
	       n == 5 && memcmp(text, "plain", 5) == 0 ? 0 :
							 -EBADMSG;
}

/* mkdir, rename, rmdir: all of it, and nothing is left. */
static int move_directory(const char *path, unsigned worker)
{
	char from[PATH_MAX], to[PATH_MAX];

	(void)snprintf(from, sizeof(from), "%s/d%u-from", path, worker);
	(void)snprintf(to, sizeof(to), "%s/d%u-to", path, worker);
	if (mkdir(from, 0700) < 0 || rename(from, to) < 0)
		return -errno;
	if (rmdir(from) == 0 || errno != ENOENT)
		return -EBADMSG;
	return rmdir(to) < 0 ? -errno : 0;
}

static int make_file(const char *path, unsigned worker)
{
	char from[PATH_MAX], to[PATH_MAX], text[32];
	int fd;
	ssize_t n;

	(void)snprintf(from, sizeof(from), "%s/f%u-from", path, worker);
	(void)snprintf(to, sizeof(to), "%s/f%u-to", path, worker);
	fd = open(from, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	n = snprintf(text, sizeof(text), "%u", worker);
	if (write(fd, text, (size_t)n) != n || close(fd) < 0)
		return -EIO;
	if (open(from, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600) >= 0)
		return -EEXIST;
	if (link(from, to) < 0 || unlink(from) < 0)
		return -errno;
	fd = open(to, O_RDONLY | O_CLOEXEC);
	memset(text, 0, sizeof(text));
	n = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	if (n <= 0 || (unsigned)strtoul(text, NULL, 10) != worker)
		return -EBADMSG;
	return unlink(to) < 0 ? -errno : 0;
}

static int make_link(const char *path, unsigned worker)
{
	char name[PATH_MAX], text[PATH_MAX];
	ssize_t n;

	(void)snprintf(name, sizeof(name), "%s/l%u", path, worker);
	if (symlink("../tree/plain", name) < 0)
		return -errno;
	n = readlink(name, text, sizeof(text));
	if (n != 13 || open_close(name, O_RDONLY) != 0)
		return -EBADMSG;
	return unlink(name) < 0 ? -errno : 0;
}

static int remove_file(const char *path, unsigned worker)
{
	(void)worker;
	return unlink(path) < 0 ? -errno : 0;
}

static int connect_unix(const char *path, unsigned worker)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int r;

	(void)worker;
	if (fd < 0)
		return -errno;
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	r = connect(fd, (struct sockaddr *)&address, sizeof(address));
	r = r < 0 ? -errno : 0;
	(void)close(fd);
	return r;
}

/* A datagram's connect(2) says only where to: nobody need be there. */
static int connect_port(in_port_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons(port),
				       .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int r;

	if (fd < 0)
		return -errno;
	r = connect(fd, (struct sockaddr *)&address, sizeof(address));
	r = r < 0 ? -errno : 0;
	(void)close(fd);
	return r;
}

static int connect_allowed(const char *path, unsigned worker)
{
	(void)path;
	(void)worker;
	return connect_port(PORT_ALLOWED);
}

static int connect_forbidden(const char *path, unsigned worker)
{
	(void)path;
	(void)worker;
	return connect_port(PORT_FORBIDDEN);
}

static int run_it(const char *path, unsigned worker)
{
	(void)worker;
	return run_program(path, "exit");
}

static const struct operation operations[] = {
	{ "read, by the kernel", read_own, "tree/plain", 0, UNLISTED },
	{ "read, beside a carve-out", read_own, "carved/plain", 0, ALWAYS },
	{ "read, by a pattern", read_own, "pattern-a/plain", 0, ALWAYS },
	{ "read, a single file", read_own, "single", 0, ALWAYS },
	{ "read, through links", read_own, "carved/link-to-plain", 0, ALWAYS },
	{ "read, the carve-out", read_own, "carved/out/plain", -EACCES,
	  ALWAYS },
	{ "read, denied", read_own, "closed/plain", -EACCES, ALWAYS },
	{ "read, denied, absent", read_own, "closed/none", -EACCES, ALWAYS },
	{ "read, absent", read_own, "tree/none", -ENOENT, ALWAYS },
	{ "read, through a link out", read_own, "tree/out", -EACCES, ALWAYS },
	{ "write, denied", open_write, "tree/plain", -EACCES, ALWAYS },
	{ "write, allowed", open_write, "new/plain", 0, ALWAYS },
	{ "read, listed", read_listed, "listed", 0, LISTED },
	{ "read, tampered", read_own, "listed/tampered.js", -EACCES, LISTED },
	{ "read, unlisted code", read_own, "listed/unlisted.js", -EACCES,
	  LISTED },
	{ "write, listed", open_write, "listed/m1.js", -EACCES, LISTED },
	{ "stat", stat_file, "tree/plain", 1, ALWAYS },
	{ "stat, two names", stat_file, "carved/two", 2, ALWAYS },
	{ "stat, denied", stat_file, "closed/plain", -EACCES, ALWAYS },
	{ "access", look, "tree/plain", 0, ALWAYS },
	{ "access, denied", look, "closed/plain", -EACCES, ALWAYS },
	{ "readlink", read_link, "carved/link", 0, ALWAYS },
	{ "directory", move_directory, "new", 0, ALWAYS },
	{ "file", make_file, "new", 0, ALWAYS },
	{ "link", make_link, "new", 0, ALWAYS },
	{ "unlink, denied", remove_file, "tree/plain", -EACCES, ALWAYS },
	{ "connect", connect_unix, "socket", 0, ALWAYS },
	{ "connect, denied", connect_unix, "closed/socket", -EACCES, ALWAYS },
	{ "connect, port", connect_allowed, "", 0, ALWAYS },
	{ "connect, port, denied", connect_forbidden, "", -EACCES, ALWAYS },
	{ "exec", run_it, "program", 7, ALWAYS },
	{ "exec, denied", run_it, "tree/program", -EACCES, ALWAYS },
};

static void judge(const struct operation *o, unsigned worker, int r,
		  double took, unsigned *wrong)
{
	if (r == o->want)
		return;
	/* Its deadline has passed, on a machine with too much to do. */
	if (took > LATE_US) {
		printf("# late: %s: %d\n", o->name, r);
		return;
	}
	(*wrong)++;
	printf("# %u: %s: %d, not %d\n", worker, o->name, r, o->want);
}

unsigned work_once(unsigned worker, unsigned *wrong)
{
	static atomic_uint serial; /* what one that was late left is no matter */
	unsigned done = 0;

	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]);
	     i++) {
		const struct operation *o = &operations[i];
		char path[PATH_MAX];
		double start;
		int r;

		if ((o->when == LISTED && !world.is_listed) ||
		    (o->when == UNLISTED && world.is_listed))
			continue;
		start = now_us();
		r = o->run(in_world(path, o->path),
			   worker + (serial++ % 1000) * 1000000);
		judge(o, worker, r, now_us() - start, wrong);
		done++;
	}
	return done;
}
