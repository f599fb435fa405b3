/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing a waiting thread of the target. */
#include "supervise/target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/kernel.h"

#define NAME_SIZE 64
#define PROC_ROOT_INO 1

int procfs_open(void)
{
	_cleanup_close_ int fd = -1;
	struct statfs fs;
	struct stat st;

	fd = open("/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstatfs(fd, &fs) < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (fs.f_type != PROC_SUPER_MAGIC || st.st_ino != PROC_ROOT_INO)
		return -EINVAL;
	return take_fd(&fd);
}

static void proc_name(char *ret, pid_t tid, const char *name)
{
	(void)snprintf(ret, NAME_SIZE, "%d/%s", tid, name);
}

/* Where process_vm_readv is refused by an outer filter (containers). */
static ssize_t read_mem_file(int proc_fd, pid_t tid, uint64_t address,
			     void *ret, size_t len)
{
	_cleanup_close_ int fd = -1;
	char name[NAME_SIZE];
	ssize_t n;

	proc_name(name, tid, "mem");
	fd = openat(proc_fd, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -EACCES;
	n = pread(fd, ret, len, (off_t)address);
	if (n < 0)
		return errno == EIO ? -EFAULT : -EACCES;
	return n == 0 ? -EFAULT : n;
}

static ssize_t read_some(int proc_fd, pid_t tid, uint64_t address, void *ret,
			 size_t len)
{
	struct iovec local = { ret, len };
	struct iovec remote = { (void *)(uintptr_t)address, len };
	ssize_t n = process_vm_readv(tid, &local, 1, &remote, 1, 0);

	if (n > 0)
		return n;
	if (n < 0 && (errno == ENOSYS || errno == EPERM))
		return read_mem_file(proc_fd, tid, address, ret, len);
	return n < 0 && errno != EFAULT ? -EACCES : -EFAULT;
}

int target_read(int proc_fd, pid_t tid, uint64_t address, void *ret, size_t len)
{
	char *out = ret;

	while (len > 0) {
		ssize_t n = read_some(proc_fd, tid, address, out, len);

		if (n < 0)
			return (int)n;
		out += n;
		address += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

ssize_t target_read_string(int proc_fd, pid_t tid, uint64_t address, char *ret,
			   size_t size)
{
	const size_t page = 4096;
	size_t done = 0;

	while (done < size) {
		/* To the end of the page: the next one may not be mapped. */
		size_t want = page - (size_t)((address + done) % page);
		const char *nul;
		ssize_t n;

		if (want > size - done)
			want = size - done;
		n = read_some(proc_fd, tid, address + done, ret + done, want);
		if (n < 0)
			return n;
		nul = memchr(ret + done, '\0', (size_t)n);
		if (nul)
			return nul - ret;
		done += (size_t)n;
	}
	return -ENAMETOOLONG;
}

int target_write(pid_t tid, uint64_t address, const void *data, size_t len)
{
	struct iovec local = { (void *)(uintptr_t)data, len };
	struct iovec remote = { (void *)(uintptr_t)address, len };
	ssize_t n;

	if (len == 0)
		return 0;
	n = process_vm_writev(tid, &local, 1, &remote, 1, 0);
	if (n < 0)
		return errno == EFAULT ? -EFAULT : -EACCES;
	return (size_t)n == len ? 0 : -EFAULT;
}

int target_cwd(int proc_fd, pid_t tid)
{
	char name[NAME_SIZE];
	int fd;

	proc_name(name, tid, "cwd");
	fd = openat(proc_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int target_fd(int proc_fd, pid_t tid, int fd)
{
	char name[NAME_SIZE];
	int pin;

	if (fd < 0)
		return -EBADF;
	(void)snprintf(name, sizeof(name), "%d/fd/%d", tid, fd);
	pin = openat(proc_fd, name, O_PATH | O_CLOEXEC);
	if (pin >= 0)
		return pin;
	return errno == ENOENT ? -EBADF : -errno;
}

ssize_t target_link(int proc_fd, pid_t tid, const char *name, char *ret,
		    size_t size)
{
	char full[NAME_SIZE];
	ssize_t n;

	proc_name(full, tid, name);
	n = readlinkat(proc_fd, full, ret, size - 1);
	if (n < 0)
		return -errno;
	ret[n] = '\0';
	return n;
}

/* "Key:\tvalue" of a status file; NULL when it is not there. */
static const char *status_value(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	return at ? at + strlen(key) : NULL;
}

int target_fd_info(int proc_fd, pid_t tid, int fd, struct target_fd_info *ret)
{
	_cleanup_close_ int info = -1;
	const char *flags, *mnt_id, *ino;
	char name[NAME_SIZE], text[1024];
	ssize_t n;

	if (fd < 0)
		return -EBADF;
	(void)snprintf(name, sizeof(name), "%d/fdinfo/%d", tid, fd);
	info = openat(proc_fd, name, O_RDONLY | O_CLOEXEC);
	n = info < 0 ? -1 : read(info, text, sizeof(text) - 1);
	if (n <= 0)
		return -EBADF;
	text[n] = '\0';
	flags = status_value(text, "\nflags:\t");
	mnt_id = status_value(text, "\nmnt_id:\t");
	ino = status_value(text, "\nino:\t");
	if (!flags || !mnt_id || !ino)
		return -EBADF;
	ret->flags = (int)strtoul(flags, NULL, 8);
	ret->mnt_id = strtoull(mnt_id, NULL, 10);
	ret->ino = (ino_t)strtoull(ino, NULL, 10);
	return 0;
}

ssize_t target_program(int proc_fd, pid_t tid, char *ret, size_t size,
		       struct stat *st)
{
	ssize_t n = target_link(proc_fd, tid, "exe", ret, size);
	char name[32];

	if (n < 0)
		return n;
	(void)snprintf(name, sizeof(name), "%d/exe", tid);
	return fstatat(proc_fd, name, st, 0) < 0 ? -errno : n;
}

int target_status(int proc_fd, pid_t tid, struct target_status *ret)
{
	_cleanup_close_ int fd = -1;
	char name[NAME_SIZE], text[2048];
	const char *umask_text, *tgid_text, *ppid_text;
	ssize_t n;

	*ret = (struct target_status){ .tgid = tid, .umask = 077 };
	proc_name(name, tid, "status");
	fd = openat(proc_fd, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return n < 0 ? -errno : -ESRCH;
	text[n] = '\0';
	/* The name comes first and escapes newlines, so keys cannot be forged. */
	if (strncmp(text, "Name:\t", 6) == 0) {
		size_t len = strcspn(text + 6, "\n");

		if (len >= sizeof(ret->comm))
			len = sizeof(ret->comm) - 1;
		memcpy(ret->comm, text + 6, len);
	}
	umask_text = status_value(text, "\nUmask:\t");
	tgid_text = status_value(text, "\nTgid:\t");
	ppid_text = status_value(text, "\nPPid:\t");
	if (!tgid_text)
		return -ESRCH;
	if (umask_text)
		ret->umask = (mode_t)strtoul(umask_text, NULL, 8);
	ret->tgid = (pid_t)strtol(tgid_text, NULL, 10);
	if (ppid_text)
		ret->ppid = (pid_t)strtol(ppid_text, NULL, 10);
	return 0;
}
