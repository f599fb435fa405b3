// SPDX-License-Identifier: Apache-2.0
/*
 * E: more by a descriptor than it was opened for. "read" may be read, so its
 * descriptors are easily had.
 */
#include "catalogue.h"
#include "tricks.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

static int directory(void)
{
	return open(world("read"), O_RDONLY | O_DIRECTORY);
}

static int file(void)
{
	return open(in_read("file"), O_RDONLY);
}

/* As little as can be had. */
static int pin(const char *path)
{
	return (int)said("O_PATH", open(path, O_PATH));
}

static void overwrite(int fd)
{
	(void)said("write", write(fd, "changed\n", 8));
	(void)close(fd);
}

/* The name of the secret beside "read", which a path may go on with. */
static const char *beside(void)
{
	return text("../%s/file", strrchr(world("secret"), '/') + 1);
}

static void dir_unlink(void)
{
	(void)said("unlinkat", unlinkat(directory(), "file", 0));
}

static void dir_rmdir(void)
{
	(void)said("unlinkat", unlinkat(directory(), "sub", AT_REMOVEDIR));
}

static void dir_mkdir(void)
{
	(void)said("mkdirat", mkdirat(directory(), "new", 0755));
}

static void dir_create(void)
{
	(void)said("openat",
		   openat(directory(), "new", O_CREAT | O_WRONLY, 0644));
}

static void dir_temporary(void)
{
	int fd = (int)said("open",
			   openat(directory(), ".", O_TMPFILE | O_RDWR, 0644));

	(void)said("linkat", linkat(AT_FDCWD, text("/proc/self/fd/%d", fd),
				    directory(), "new", AT_SYMLINK_FOLLOW));
}

static void dir_rename(void)
{
	(void)said("renameat",
		   renameat(directory(), "file", AT_FDCWD, in_write("taken")));
}

static void dir_exchange(void)
{
	(void)put("mine", "mine\n");
	(void)said("renameat2",
		   renameat2(AT_FDCWD, in_write("mine"), directory(), "file",
			     RENAME_EXCHANGE));
}

static void dir_link(void)
{
	(void)put("mine", "mine\n");
	(void)said("linkat",
		   linkat(AT_FDCWD, in_write("mine"), directory(), "new", 0));
}

static void dir_symlink(void)
{
	(void)said("symlinkat", symlinkat("x", directory(), "new"));
}

static void dir_truncate(void)
{
	overwrite((int)said("openat",
			    openat(directory(), "file", O_WRONLY | O_TRUNC)));
}

static void dir_mode(void)
{
	(void)said("fchmod", fchmod(directory(), 0700));
}

static void dir_times(void)
{
	(void)said("utimensat", utimensat(directory(), "file", NULL, 0));
}

static void dir_owner(void)
{
	(void)said("fchownat",
		   fchownat(directory(), "file", getuid(), getgid(), 0));
}

static void dir_attribute(void)
{
	(void)said("fsetxattr", fsetxattr(directory(), "user.x", "x", 1, 0));
}

static void descends(void)
{
	loot_at(open(world("secret"), O_RDONLY | O_DIRECTORY), "file");
}

static void descends_from_pin(void)
{
	loot_at(pin(world("secret")), "file");
}

static void ascends(void)
{
	loot_at(directory(), beside());
}

static void ascends_from_pin(void)
{
	loot_at(pin(world("read")), beside());
}

static void ascends_by_openat2(void)
{
	const struct open_how how = { .flags = O_RDONLY,
				      .resolve = RESOLVE_NO_MAGICLINKS };

	loot_fd((int)said("openat2", syscall(SYS_openat2, directory(), beside(),
					     &how, sizeof(how))));
}

static void ascends_in_steps(void)
{
	int above = openat(directory(), "..", O_PATH | O_DIRECTORY);
	int there = openat(above, strrchr(world("secret"), '/') + 1,
			   O_PATH | O_DIRECTORY);

	loot_at(there, "file");
	loot_at(above, beside() + 3);
}

static void ascends_by_fchdir(void)
{
	(void)said("fchdir", fchdir(pin(world("secret"))));
	loot_at(AT_FDCWD, "file");
	(void)said("fchdir", fchdir(directory()));
	(void)said("chdir", chdir(".."));
	loot_at(AT_FDCWD, beside() + 3);
}

/* A descriptor from somebody else, by a socket; from a child, in a sandbox. */
static int pass(int fd, int to)
{
	char byte = 0;
	struct iovec data = { &byte, 1 };
	char space[CMSG_SPACE(sizeof(int))] = { 0 };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = space,
				  .msg_controllen = sizeof(space) };
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &fd, sizeof(int));
	return (int)said("sendmsg", sendmsg(to, &message, 0));
}

static int take(int from)
{
	char byte;
	struct iovec data = { &byte, 1 };
	char space[CMSG_SPACE(sizeof(int))];
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = space,
				  .msg_controllen = sizeof(space) };
	int fd = -1;

	if (said("recvmsg", recvmsg(from, &message, MSG_DONTWAIT)) == 1 &&
	    CMSG_FIRSTHDR(&message))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

static void passed(void)
{
	int pair[2];

	if (said("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) < 0)
		return;
	(void)pass(pin(world("secret")), pair[0]);
	loot_at(take(pair[1]), "file");
	(void)pass(pin(in_secret("file")), pair[0]);
	loot_at(AT_FDCWD, text("/proc/self/fd/%d", take(pair[1])));
	(void)pass(file(), pair[0]);
	overwrite(open(text("/proc/self/fd/%d", take(pair[1])), O_WRONLY));
}

/* A second opening of what is open for reading, for writing. */
static void reopen(const char *path)
{
	overwrite((int)said("open", open(path, O_RDWR)));
	overwrite((int)said("open", open(path, O_WRONLY | O_TRUNC)));
}

static void reopen_self(void)
{
	reopen(text("/proc/self/fd/%d", file()));
}

static void reopen_thread(void)
{
	reopen(text("/proc/thread-self/fd/%d", file()));
}

static void reopen_number(void)
{
	reopen(text("/proc/%d/fd/%d", (int)getpid(), file()));
}

static void reopen_task(void)
{
	reopen(text("/proc/self/task/%d/fd/%d", (int)gettid(), file()));
}

static void reopen_dev(void)
{
	reopen(text("/dev/fd/%d", file()));
}

static void reopen_stdin(void)
{
	(void)dup2(file(), STDIN_FILENO);
	reopen("/dev/stdin");
}

static void reopen_link(void)
{
	reopen(link_to(text("/proc/self/fd/%d", file()), "link"));
}

static void reopen_beneath(void)
{
	int table = open("/proc/self/fd", O_RDONLY | O_DIRECTORY);

	overwrite((int)said("openat",
			    openat(table, text("%d", file()), O_WRONLY)));
}

static void reopen_pin(void)
{
	reopen(text("/proc/self/fd/%d", pin(in_read("file"))));
}

static void reopen_openat2(void)
{
	const struct open_how how = { .flags = O_WRONLY | O_TRUNC };

	overwrite((int)said("openat2", syscall(SYS_openat2, AT_FDCWD,
					       text("/proc/self/fd/%d", file()),
					       &how, sizeof(how))));
}

static void reopen_truncate(void)
{
	(void)said("truncate", truncate(text("/proc/self/fd/%d", file()), 1));
}

static void reopen_mode(void)
{
	(void)said("chmod", chmod(text("/proc/self/fd/%d", file()), 0604));
}

/* A name for it where writing is allowed. */
static void new_name(int result)
{
	(void)said("linkat", result);
	overwrite((int)said("open", open(in_write("name"), O_WRONLY)));
}

static void linked(void)
{
	new_name(linkat(AT_FDCWD, text("/proc/self/fd/%d", file()), AT_FDCWD,
			in_write("name"), AT_SYMLINK_FOLLOW));
}

static void linked_empty(void)
{
	new_name(linkat(file(), "", AT_FDCWD, in_write("name"), AT_EMPTY_PATH));
}

static void linked_plainly(void)
{
	new_name(link(in_read("file"), in_write("name")));
}

static int of_parent;

static void reopen_of_parent(void)
{
	reopen(text("/proc/%d/fd/%d", (int)getppid(), of_parent));
}

static void reopen_parent(void)
{
	of_parent = file();
	in_child(reopen_of_parent);
}

#define ROW(id, what, run)                      \
	{                                       \
		id, what, "files", NULL, 0, run \
	}

const struct attack descriptor_attacks[] = {
	ROW("T105", "unlinkat in a directory opened to read", dir_unlink),
	ROW("T105b", "rmdir there", dir_rmdir),
	ROW("T105c", "mkdirat there", dir_mkdir),
	ROW("T105d", "openat there that creates", dir_create),
	ROW("T105e", "a file without a name there, then its name",
	    dir_temporary),
	ROW("T105f", "renameat out of there", dir_rename),
	ROW("T105g", "renameat2 that exchanges", dir_exchange),
	ROW("T105h", "linkat into it", dir_link),
	ROW("T105i", "symlinkat there", dir_symlink),
	ROW("T105j", "openat there that truncates", dir_truncate),
	ROW("T105k", "fchmod of it", dir_mode),
	ROW("T105l", "utimensat there", dir_times),
	ROW("T105m", "fchownat there", dir_owner),
	ROW("T105n", "fsetxattr of it", dir_attribute),
	ROW("T106", "a file beneath a directory that is open", descends),
	ROW("T106b", "beneath one that is open by O_PATH", descends_from_pin),
	ROW("T106c", "..  from a directory that may be read", ascends),
	ROW("T106d", "the same from O_PATH", ascends_from_pin),
	ROW("T106e", "the same by openat2", ascends_by_openat2),
	ROW("T106f", "the same in steps", ascends_in_steps),
	ROW("T106g", "the same by fchdir", ascends_by_fchdir),
	ROW("T106h", "descriptors that came by a socket", passed),
	ROW("T107", "/proc/self/fd, opened again to write", reopen_self),
	ROW("T107b", "/proc/thread-self/fd", reopen_thread),
	ROW("T107c", "/proc/PID/fd", reopen_number),
	ROW("T107d", "/proc/self/task/TID/fd", reopen_task),
	ROW("T107e", "/dev/fd", reopen_dev),
	ROW("T107f", "/dev/stdin", reopen_stdin),
	ROW("T107g", "a link to /proc/self/fd", reopen_link),
	ROW("T107h", "beneath a descriptor of /proc/self/fd", reopen_beneath),
	ROW("T107i", "an O_PATH descriptor", reopen_pin),
	ROW("T107j", "/proc/self/fd by openat2", reopen_openat2),
	ROW("T107k", "truncate of /proc/self/fd", reopen_truncate),
	ROW("T107l", "chmod of /proc/self/fd", reopen_mode),
	ROW("T107m", "a name by linkat of /proc/self/fd", linked),
	{ "T107n", "a name by linkat of the descriptor", "files", NULL,
	  ONLY_ROOT, linked_empty },
	ROW("T107o", "a name by link", linked_plainly),
	{ "T107p", "the descriptor of the parent", "files", "child", 0,
	  reopen_parent },
	{ 0 },
};
