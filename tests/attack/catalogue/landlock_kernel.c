// SPDX-License-Identifier: Apache-2.0
/*
 * Ways around the tree of files: handles, mounts and namespaces.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "catalogue.h"
#include "tricks.h"

#define NR_OPEN_TREE_ATTR 467
#define CLONE3_SIZE 88
#define EXT4_MAGIC 0xef53
#define EXT4_ROOT 2
#define HANDLE_INO_GENERATION 1

/* See mount.h of the kernel; the C library may be older. */
struct set_attributes {
	uint64_t set, clear, propagation, userns;
};

struct handle {
	struct file_handle head;
	unsigned char bytes[MAX_HANDLE_SZ];
};

static bool find_handle(struct handle *ret, const char *path)
{
	int mount;

	ret->head.handle_bytes = sizeof(ret->bytes);
	return said("name_to_handle_at",
		    name_to_handle_at(AT_FDCWD, path, &ret->head, &mount, 0)) ==
	       0;
}

static void open_handle(struct handle *handle, int flags, const char *below)
{
	int place = open(world("read"), O_RDONLY | O_DIRECTORY);
	int fd = (int)said("open_by_handle_at",
			   open_by_handle_at(place, &handle->head, flags));

	if (below)
		loot_at(fd, below);
	else
		loot_fd(fd);
}

static void handle_file(void)
{
	struct handle handle;

	if (find_handle(&handle, secret_file()))
		open_handle(&handle, O_RDONLY, NULL);
}

static void handle_directory(void)
{
	struct handle handle;

	if (find_handle(&handle, world("secret")))
		open_handle(&handle, O_PATH, "file");
}

/* The root of the file system, which everybody knows the handle of. */
static void handle_made(void)
{
	struct handle handle = { .head = { 8, HANDLE_INO_GENERATION } };
	const uint32_t root[2] = { EXT4_ROOT, 0 };
	struct statfs fs;

	if (statfs(world("read"), &fs) == 0 && fs.f_type != EXT4_MAGIC)
		cannot_show("the handle is known for ext4 only");
	memcpy(handle.bytes, root, sizeof(root));
	open_handle(&handle, O_RDONLY | O_DIRECTORY, secret_file() + 1);
}

static int tree_of(const char *path, unsigned int flags)
{
	return (int)said("open_tree", syscall(SYS_open_tree, AT_FDCWD, path,
					      flags | OPEN_TREE_CLOEXEC));
}

static void tree_plain(void)
{
	loot_at(tree_of(world("secret"), 0), "file");
}

static void tree_clone(void)
{
	if (own_mounts() == 0)
		loot_at(tree_of(world("secret"), OPEN_TREE_CLONE), "file");
}

static void tree_moved(void)
{
	int tree;

	(void)mkdir(in_write("m"), 0755);
	if (own_mounts() < 0)
		return;
	tree = tree_of(world("secret"), OPEN_TREE_CLONE);
	(void)said("move_mount",
		   syscall(SYS_move_mount, tree, "", AT_FDCWD, in_write("m"),
			   MOVE_MOUNT_F_EMPTY_PATH));
	loot_at(-1, in_write("m/file"));
}

static void tree_attributes(void)
{
	struct set_attributes none = { 0 };

	if (own_mounts() == 0)
		loot_at((int)said("open_tree_attr",
				  syscall(NR_OPEN_TREE_ATTR, AT_FDCWD,
					  world("secret"),
					  OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC,
					  &none, sizeof(none))),
			"file");
}

static void new_overlay(void)
{
	int fs;

	if (own_mounts() < 0)
		return;
	(void)mkdir(in_write("lower"), 0755);
	fs = (int)said("fsopen", syscall(SYS_fsopen, "overlay", 0));
	(void)said("fsconfig",
		   syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "lowerdir",
			   text("%s:%s", world("secret"), in_write("lower")),
			   0));
	(void)said("fsconfig", syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE,
				       NULL, NULL, 0));
	loot_at((int)said("fsmount", syscall(SYS_fsmount, fs, 0, 0)), "file");
}

/* The flags of a mount that others see; it is one of the runner's own. */
static void mount_flags(void)
{
	struct set_attributes attributes = { 0 };
	struct statvfs fs = { 0 };

	(void)statvfs("/proc", &fs);
	if (fs.f_flag & ST_NODIRATIME)
		attributes.clear = MOUNT_ATTR_NODIRATIME;
	else
		attributes.set = MOUNT_ATTR_NODIRATIME;
	(void)said("mount_setattr",
		   syscall(SYS_mount_setattr, AT_FDCWD, "/proc", 0, &attributes,
			   sizeof(attributes)));
}

static void bind_and_read(void)
{
	(void)mkdir(in_write("m"), 0755);
	(void)said("mount", mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	(void)said("mount",
		   mount(world("secret"), in_write("m"), NULL, MS_BIND, NULL));
	loot_at(-1, in_write("m/file"));
	_exit(0);
}

static void new_unshare(void)
{
	if (said("unshare", unshare(CLONE_NEWUSER | CLONE_NEWNS)) == 0)
		bind_and_read();
}

static void new_clone(void)
{
	long pid = said("clone", syscall(SYS_clone,
					 CLONE_NEWUSER | CLONE_NEWNS | SIGCHLD,
					 0, 0, 0, 0));

	if (pid == 0)
		bind_and_read();
	if (pid > 0)
		(void)waitpid((pid_t)pid, NULL, 0);
}

/* Nobody looks at more than the lower half. */
static void new_clone_high(void)
{
	long pid = said("clone", syscall(SYS_clone,
					 1L << 32 | CLONE_NEWUSER |
						 CLONE_NEWNS | SIGCHLD,
					 0, 0, 0, 0));

	if (pid == 0)
		bind_and_read();
	if (pid > 0)
		(void)waitpid((pid_t)pid, NULL, 0);
}

static void new_clone3(void)
{
	uint64_t arguments[CLONE3_SIZE / 8] = {
		[0] = CLONE_NEWUSER | CLONE_NEWNS,
		[4] = SIGCHLD,
	};
	long pid = said("clone3",
			syscall(SYS_clone3, arguments, sizeof(arguments)));

	if (pid == 0)
		bind_and_read();
	if (pid > 0)
		(void)waitpid((pid_t)pid, NULL, 0);
}

/* First the user namespace, then what it gives a right to. */
static void new_twice(void)
{
	if (said("unshare", unshare(CLONE_NEWUSER)) == 0 &&
	    said("unshare", unshare(CLONE_NEWNS)) == 0)
		bind_and_read();
}

static void other_mounts(void)
{
	int fd =
		open(text("/proc/%d/ns/mnt", world_number("victim")), O_RDONLY);

	if (said("setns", setns(fd, CLONE_NEWNS)) == 0)
		loot_at(-1, secret_file());
}

static void other_mounts_pidfd(void)
{
	int fd = (int)syscall(SYS_pidfd_open, world_number("victim"), 0);

	if (said("setns", setns(fd, CLONE_NEWNS | CLONE_NEWUTS)) == 0)
		loot_at(-1, secret_file());
}

static void chroot_there(void)
{
	if (said("chroot", chroot(world("secret"))) == 0)
		loot_at(-1, "/file");
}

static void chroot_out(void)
{
	int root = open("/", O_PATH | O_DIRECTORY);

	if (said("chroot", chroot(world("write"))) < 0)
		return;
	(void)said("fchdir", fchdir(root));
	loot_at(AT_FDCWD, secret_file() + 1);
}

static void chroot_namespace(void)
{
	if (said("unshare", unshare(CLONE_NEWUSER)) == 0)
		chroot_there();
}

static void pivot(void)
{
	(void)mkdir(in_write("m"), 0755);
	if (own_mounts() < 0)
		return;
	(void)said("mount",
		   mount(world("secret"), in_write("m"), NULL, MS_BIND, NULL));
	(void)said("chdir", chdir(in_write("m")));
	(void)said("pivot_root", syscall(SYS_pivot_root, ".", "."));
	loot_at(AT_FDCWD, "/file");
}

#define FILES "files", NULL, 0
#define FILES_ROOT "files", NULL, ONLY_ROOT

const struct attack landlock_kernel_attacks[] = {
	{ "T056", "chroot to the secret", FILES_ROOT, chroot_there },
	{ "T056b", "out of a chroot by a descriptor", FILES_ROOT, chroot_out },
	{ "T056c", "chroot in a user namespace", FILES, chroot_namespace },
	{ "T057", "the mounts of another process", FILES_ROOT, other_mounts },
	{ "T057b", "the same by its pidfd", FILES_ROOT, other_mounts_pidfd },
	{ "T082", "a file handle", FILES_ROOT, handle_file },
	{ "T082b", "the handle of a directory, O_PATH", FILES_ROOT,
	  handle_directory },
	{ "T082c", "the handle of the root, made by hand", FILES_ROOT,
	  handle_made },
	{ "T083", "open_tree_attr", FILES, tree_attributes },
	{ "T083b", "the flags of a mount", "kernel", NULL, ONLY_ROOT,
	  mount_flags },
	{ "T084", "open_tree", FILES, tree_plain },
	{ "T084b", "open_tree, a copy", FILES, tree_clone },
	{ "T084c", "open_tree and move_mount", FILES, tree_moved },
	{ "T084d", "fsopen, fsconfig, fsmount", FILES, new_overlay },
	{ "T084e", "pivot_root", FILES, pivot },
	{ "T085", "unshare: user and mount namespace", FILES, new_unshare },
	{ "T085b", "unshare, one after the other", FILES, new_twice },
	{ "T188c", "clone, high bits set", "files", "child", 0,
	  new_clone_high },
	{ "T189", "clone3: user and mount namespace", "files", "child", 0,
	  new_clone3 },
	{ "T190", "clone: user and mount namespace", "files", "child", 0,
	  new_clone },
	{ 0 },
};
