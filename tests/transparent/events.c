/* SPDX-License-Identifier: Apache-2.0 */
/* FIFOs, watches, and what is done with descriptors that an open gave. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "transparent.h"

static void read_fifo(void *unused)
{
	char text[32];
	ssize_t n;
	int fd;

	(void)unused;
	fd = open("fifo", O_RDONLY);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	outcome("reader", "got %s", n < 0 ? shown(n) : "something");
	n = read(fd, text, sizeof(text));
	outcome("reader", "then %s", shown(n));
}

static void write_fifo(void *unused)
{
	int fd;

	(void)unused;
	(void)usleep(100000); /* the reader waits by then */
	fd = open("fifo", O_WRONLY);
	outcome("writer", "wrote %s", shown(write(fd, "text", 4)));
}

static void run_pair(void *unused)
{
	pid_t pid;

	(void)unused;
	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		write_fifo(NULL);
		_exit(0);
	}
	read_fifo(NULL);
	(void)waitpid(pid, NULL, 0);
}

void run_fifos(void)
{
	struct pollfd pfd = { .events = POLLIN };
	int in, out;
	char c;

	(void)forked(run_pair, NULL);
	outcome("no reader", "%s", shown(open("fifo", O_WRONLY | O_NONBLOCK)));
	in = open("fifo", O_RDONLY | O_NONBLOCK);
	outcome("nonblocking", "%s", shown(read(in, &c, 1)));
	out = open("fifo", O_WRONLY | O_NONBLOCK);
	outcome("nonblocking", "%s", out < 0 ? shown(out) : "opened");
	outcome("nonblocking", "%s", shown(write(out, "ab", 2)));
	pfd.fd = in;
	outcome("nonblocking", "poll %d %x", poll(&pfd, 1, 1000), pfd.revents);
	outcome("nonblocking", "%s", shown(read(in, &c, 1)));
	(void)close(out);
	outcome("hung up", "poll %d %x", poll(&pfd, 1, 1000), pfd.revents);
	outcome("hung up", "%s", shown(read(in, &c, 1)));
	outcome("hung up", "%s", shown(read(in, &c, 1)));
	(void)close(in);
	in = open("fifo", O_RDWR);
	outcome("both", "%s", shown(write(in, "x", 1)));
	outcome("both", "%s", shown(read(in, &c, 1)));
	(void)close(in);
	fixture_build();
}

/* The events that are there, without what differs from run to run. */
static void show_events(const char *id, int fd)
{
	char buffer[4096] __attribute__((aligned(8)));
	char text[2048] = "";
	ssize_t n = read(fd, buffer, sizeof(buffer));
	unsigned int cookie = 0;

	for (ssize_t at = 0; at < n;) {
		const struct inotify_event *event = (void *)(buffer + at);

		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
			       " %d:%x%s%s%s", event->wd, event->mask,
			       event->len ? " " : "",
			       event->len ? event->name : "",
			       !event->cookie          ? "" :
			       event->cookie == cookie ? " same" :
							 " moved");
		cookie = event->cookie;
		at += (ssize_t)sizeof(*event) + event->len;
	}
	outcome(id, "%s%s", n < 0 ? shown(n) : "", text);
}

static void touch_things(void)
{
	char c;
	int fd = open("file", O_RDWR);

	(void)!read(fd, &c, 1);
	(void)!write(fd, "x", 1);
	(void)close(fd);
	fd = open("fresh", O_CREAT | O_WRONLY, 0600);
	(void)close(fd);
	(void)chmod("fresh", 0640);
	(void)truncate("fresh", 3);
	(void)link("fresh", "second");
	(void)symlink("fresh", "third");
	(void)rename("second", "dir/second");
	(void)rename("dir/second", "fresh");
	(void)mkdir("folder", 0755);
	(void)rmdir("folder");
	(void)mknod("pipe", S_IFIFO | 0600, 0);
	(void)unlink("pipe");
	(void)unlink("third");
	(void)unlink("fresh");
	(void)close(open("dir", O_RDONLY));
	(void)close(open("dir/inner", O_PATH));
	(void)unlink("dir/inner");
}

static void watch_one(const char *path, unsigned int mask)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	char id[96];
	int watch;

	(void)snprintf(id, sizeof(id), "'%s' %x", path, mask);
	watch = inotify_add_watch(fd, path, mask);
	outcome(id, "watch %s", shown(watch));
	outcome(id, "again %s",
		shown(inotify_add_watch(fd, path, mask | IN_MASK_ADD)));
	if (watch >= 0) {
		touch_things();
		show_events(id, fd);
		outcome(id, "removed %s", shown(inotify_rm_watch(fd, watch)));
		show_events(id, fd);
	}
	(void)close(fd);
	fixture_build();
}

void run_watches(void)
{
	static const char *const paths[] = { ".",       "file",      "dir",
					     "to-dir",  "to-file",   "dangling",
					     "missing", "dir/inner", "locked",
					     "fifo",    "closed" };

	for (size_t i = 0; i < COUNT(paths); i++) {
		watch_one(paths[i], IN_ALL_EVENTS);
		watch_one(paths[i], IN_ALL_EVENTS | IN_DONT_FOLLOW);
		watch_one(paths[i], IN_CREATE | IN_DELETE | IN_ONLYDIR);
		watch_one(paths[i], IN_OPEN | IN_ONESHOT);
		watch_one(paths[i], IN_ACCESS | IN_MASK_CREATE);
		watch_one(paths[i], IN_CLOSE | IN_EXCL_UNLINK);
	}
}

static void lock_in_child(void *data)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open("file", O_RDWR);

	outcome(data, "child, record lock %s",
		shown(fcntl(fd, F_SETLK, &lock)));
	outcome(data, "child, open file lock %s",
		shown(fcntl(fd, F_OFD_SETLK, &lock)));
	outcome(data, "child, flock %s", shown(flock(fd, LOCK_EX | LOCK_NB)));
}

static void try_locks(void)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open("file", O_RDWR), other = open("file", O_RDWR);

	outcome("locks", "%s", shown(fcntl(fd, F_SETLK, &lock)));
	outcome("locks", "again %s", shown(fcntl(other, F_SETLK, &lock)));
	(void)forked(lock_in_child, "record");
	(void)close(other); /* takes the process's record locks along */
	(void)forked(lock_in_child, "after close");
	outcome("locks", "%s", shown(fcntl(fd, F_OFD_SETLK, &lock)));
	(void)forked(lock_in_child, "open file");
	lock.l_type = F_UNLCK;
	outcome("locks", "%s", shown(fcntl(fd, F_OFD_SETLK, &lock)));
	outcome("locks", "flock %s", shown(flock(fd, LOCK_SH)));
	(void)forked(lock_in_child, "flock");
	outcome("lease", "%s", shown(fcntl(fd, F_SETLEASE, F_WRLCK)));
	outcome("lease", "%s", shown(fcntl(fd, F_GETLEASE)));
	(void)close(fd);
	fd = open("file", O_RDONLY);
	outcome("lease", "%s", shown(fcntl(fd, F_SETLEASE, F_RDLCK)));
	outcome("lease", "%s", shown(fcntl(fd, F_GETLEASE)));
	(void)close(fd);
}

static void try_again(const char *what, int fd)
{
	static const char *const folders[] = { "/proc/self/fd", "/dev/fd",
					       "/proc/thread-self/fd" };
	static const int flags[] = { O_RDONLY,
				     O_WRONLY,
				     O_RDWR | O_APPEND,
				     O_PATH,
				     O_RDONLY | O_DIRECTORY,
				     O_WRONLY | O_TRUNC,
				     O_CREAT | O_EXCL };
	char path[64], id[96];

	for (size_t i = 0; i < COUNT(folders); i++)
		for (size_t k = 0; k < COUNT(flags); k++) {
			(void)snprintf(path, sizeof(path), "%s/%d", folders[i],
				       fd);
			(void)snprintf(id, sizeof(id), "%s by %s %o", what,
				       folders[i], (unsigned int)flags[k]);
			outcome(id, "%s",
				describe_fd(open(path, flags[k], 0600)));
		}
	if (fd >= 0)
		(void)close(fd);
	fixture_build();
}

static void try_reopening(void)
{
	int ends[2], fd;

	try_again("file", open("file", O_RDWR));
	try_again("file for reading", open("file", O_RDONLY));
	try_again("directory", open("dir", O_RDONLY));
	try_again("O_PATH file", open("file", O_PATH));
	try_again("closed", 77);
	try_again("temporary", open(".", O_TMPFILE | O_RDWR, 0600));
	fd = open("file", O_RDWR);
	(void)unlink("file");
	(void)unlink("hard");
	try_again("deleted", fd);
	if (pipe(ends) == 0) {
		try_again("pipe", ends[0]);
		(void)close(ends[1]);
	}
}

static void try_temporary(void)
{
	int fd = open(".", O_TMPFILE | O_RDWR, 0640);
	char path[64];

	(void)!write(fd, "temporary", 9);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	changed("temporary", "link",
		shown(linkat(AT_FDCWD, path, AT_FDCWD, "kept",
			     AT_SYMLINK_FOLLOW)));
	(void)close(fd);
	fd = open(".", O_TMPFILE | O_RDWR, 0640);
	changed("temporary", "link by descriptor",
		shown(linkat(fd, "", AT_FDCWD, "kept", AT_EMPTY_PATH)));
	(void)close(fd);
	fd = open(".", O_TMPFILE | O_RDWR | O_EXCL, 0640);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	changed("temporary", "link of an exclusive one",
		shown(linkat(AT_FDCWD, path, AT_FDCWD, "kept",
			     AT_SYMLINK_FOLLOW)));
	(void)close(fd);
}

static void try_contents(void)
{
	int in = open("file", O_RDONLY), out;
	char *map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, in, 0);
	off_t at = 0;
	char text[8] = "";

	out = open("made", O_CREAT | O_RDWR, 0600);
	outcome("contents", "mapped %.7s", map == MAP_FAILED ? "no" : map);
	outcome("contents", "sendfile %s", shown(sendfile(out, in, &at, 100)));
	outcome("contents", "copy %s",
		shown(copy_file_range(in, NULL, out, NULL, 5, 0)));
	outcome("contents", "allocate %s", shown(fallocate(out, 0, 0, 100)));
	outcome("contents", "data %s", shown(lseek(out, 0, SEEK_DATA)));
	outcome("contents", "end %s", shown(lseek(out, 0, SEEK_END)));
	outcome("contents", "cut %s", shown(ftruncate(out, 7)));
	outcome("contents", "read %s %s", shown(pread(out, text, 7, 0)), text);
	outcome("contents", "sync %s", shown(fsync(out)));
	outcome("contents", "write to the other %s", shown(write(in, "x", 1)));
	(void)close(out);
	out = open("made", O_WRONLY | O_APPEND);
	outcome("contents", "append %s at %ld", shown(pwrite(out, "end", 3, 0)),
		(long)lseek(out, 0, SEEK_END));
	outcome("contents", "change %s",
		shown(fcntl(out, F_SETFL, O_NONBLOCK)));
	changed("contents", "", describe_fd(out));
	outcome("contents", "lowest %s", shown(open("file", O_RDONLY) - in));
	outcome("contents", "fchdir %s", shown(fchdir(open("dir", O_RDONLY))));
	outcome("contents", "inner %s", describe_fd(open("inner", O_RDONLY)));
	outcome("contents", "fchdir %s",
		shown(fchdir(open(fixture_path, O_PATH))));
}

void run_descriptors(void)
{
	try_locks();
	try_reopening();
	try_temporary();
	try_contents();
	fixture_build();
}
