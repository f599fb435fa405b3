// SPDX-License-Identifier: Apache-2.0
/* What root may do, in any sandbox, if it keeps its capabilities. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "catalogue.h"
#include "tricks.h"

#define SUPER_AT 1024
#define EXT4_MAGIC 0xef53
#define EXTENT_MAGIC 0xf30a
#define BLOCK 4096

/* The host name is that of the runner, which has one of its own. */
static void host_name(void)
{
	(void)said("sethostname", sethostname("attacked", 8));
}

static void mounted(void)
{
	(void)mkdir(in_write("m"), 0755);
	(void)said("mount", mount("none", in_write("m"), "tmpfs", 0, NULL));
}

/* It is a mount of the runner's own. */
static void remounted(void)
{
	struct statvfs fs = { 0 };
	unsigned long flags = MS_REMOUNT | MS_BIND;

	(void)statvfs("/proc", &fs);
	if (!(fs.f_flag & ST_NODIRATIME))
		flags |= MS_NODIRATIME;
	(void)said("mount", mount(NULL, "/proc", NULL, flags, NULL));
}

static void device(void)
{
	(void)said("mknod",
		   mknod(in_secret("new"), S_IFCHR | 0666, makedev(1, 3)));
}

static void device_granted(void)
{
	(void)said("mknod",
		   mknod(in_read("new"), S_IFBLK | 0600, makedev(7, 0)));
}

static void owner(void)
{
	(void)said("chown", chown(in_read("file"), 12345, 12345));
}

static void owner_link(void)
{
	(void)said("lchown", lchown(in_secret("link"), 12345, 12345));
}

/* Little-endian, as ext4 is. */
static uint32_t number(const unsigned char *at, size_t n)
{
	uint32_t ret = 0;

	while (n > 0)
		ret = ret << 8 | at[--n];
	return ret;
}

static bool read_at(int fd, void *ret, size_t n, uint64_t at)
{
	return said("pread", pread(fd, ret, n, (off_t)at)) == (long)n;
}

/* The first block of the file @inode in the ext4 of @disk; 0: not found. */
static uint64_t first_block(int disk, uint64_t inode)
{
	unsigned char super[SUPER_AT], group[64], body[160];
	uint32_t per_group, group_size, block_size;
	uint64_t table;

	if (!read_at(disk, super, sizeof(super), SUPER_AT) ||
	    number(super + 56, 2) != EXT4_MAGIC)
		return 0;
	block_size = SUPER_AT << number(super + 24, 4);
	per_group = number(super + 40, 4);
	group_size = number(super + 254, 2);
	if (block_size != BLOCK || per_group == 0)
		return 0;
	group_size = group_size < 32 ? 32 : group_size;
	if (!read_at(disk, group, group_size < 64 ? 32 : 64,
		     BLOCK + (inode - 1) / per_group * group_size))
		return 0;
	table = number(group + 8, 4);
	if (group_size >= 64)
		table |= (uint64_t)number(group + 0x28, 4) << 32;
	if (!read_at(disk, body, sizeof(body),
		     table * BLOCK +
			     (inode - 1) % per_group * number(super + 88, 2)) ||
	    number(body + 40, 2) != EXTENT_MAGIC || number(body + 46, 2) != 0)
		return 0;
	return (uint64_t)number(body + 58, 2) << 32 | number(body + 60, 4);
}

static void read_disk(int disk)
{
	static char block[BLOCK] __attribute__((aligned(BLOCK)));
	struct stat st;
	uint64_t at;

	if (disk < 0 && errno == EPERM)
		cannot_show("no device may be opened here");
	if (disk < 0 || said("stat", stat(secret_file(), &st)) < 0)
		return;
	at = first_block(disk, st.st_ino);
	/* What was written went past what is cached of the disk. */
	(void)fcntl(disk, F_SETFL, O_DIRECT);
	if (at > 0 && read_at(disk, block, sizeof(block), at * BLOCK))
		loot(block, sizeof(block));
}

static dev_t disk_of_files(void)
{
	int place = open(world("read"), O_RDONLY | O_DIRECTORY);
	struct stat st = { 0 };
	struct statfs fs;

	if (statfs(world("read"), &fs) == 0 && fs.f_type != EXT4_MAGIC)
		cannot_show("only ext4 is known here");
	(void)syncfs(place);
	(void)fstat(place, &st);
	return st.st_dev;
}

/* A device of one's own, for the disk that the files are on. */
static void disk_made(void)
{
	dev_t disk = disk_of_files();

	(void)said("mknod", mknod(in_write("x"), S_IFBLK | 0600, disk));
	read_disk((int)said("open", open(in_write("x"), O_RDONLY)));
}

/* The one that is there, found by its number. */
static void disk_there(void)
{
	dev_t disk = disk_of_files();
	char name[256] = "";
	int fd = (int)said("open", open(text("/sys/dev/block/%u:%u/uevent",
					     major(disk), minor(disk)),
					O_RDONLY));
	ssize_t n = read(fd, name, sizeof(name) - 1);
	char *found = n > 0 ? strstr(name, "DEVNAME=") : NULL;

	if (!found)
		return;
	found += strlen("DEVNAME=");
	found[strcspn(found, "\n")] = '\0';
	read_disk((int)said("open", open(text("/dev/%s", found), O_RDONLY)));
}

#define KERNEL "kernel", NULL, ONLY_ROOT

const struct attack privilege_attacks[] = {
	{ "T199", "the name of the machine", KERNEL, host_name },
	{ "T199b", "a file system mounted", KERNEL, mounted },
	{ "T199c", "a mount with other flags", KERNEL, remounted },
	{ "T199d", "a device made beneath the secret", "files", NULL, ONLY_ROOT,
	  device },
	{ "T199e", "a device made beneath what may be read", "files", NULL,
	  ONLY_ROOT, device_granted },
	{ "T199f", "what may be read given away", "metadata", NULL, ONLY_ROOT,
	  owner },
	{ "T199g", "a symlink given away", "metadata", NULL, ONLY_ROOT,
	  owner_link },
	{ "T201", "the disk, by a device of one's own", "files", NULL,
	  ONLY_ROOT, disk_made },
	{ "T201b", "the disk, by its device", "files", NULL, ONLY_ROOT,
	  disk_there },
	{ 0 },
};
