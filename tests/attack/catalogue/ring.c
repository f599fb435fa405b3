// SPDX-License-Identifier: Apache-2.0
/* io_uring: calls that no system call number is seen of. */
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "catalogue.h"
#include "tricks.h"

#define PAGES 16384

static int ring = -1;
static struct io_uring_params params;
static char *queue;
static struct io_uring_sqe *entries;

static void make_ring(unsigned int flags)
{
	params.flags = flags;
	ring = (int)said("io_uring_setup",
			 syscall(SYS_io_uring_setup, 4, &params));
	if (ring < 0)
		return;
	queue = mmap(NULL, PAGES, PROT_READ | PROT_WRITE, MAP_SHARED, ring,
		     IORING_OFF_SQ_RING);
	entries = mmap(NULL, PAGES / 4, PROT_READ | PROT_WRITE, MAP_SHARED,
		       ring, IORING_OFF_SQES);
	if (queue == MAP_FAILED || entries == MAP_FAILED)
		ring = -1;
}

static unsigned int *at(unsigned int offset)
{
	return (unsigned int *)(queue + offset);
}

/* One entry in, its answer out. */
static int submit(const struct io_uring_sqe *entry)
{
	unsigned int tail, head;
	const struct io_uring_cqe *answers;

	if (ring < 0)
		return -ENOSYS;
	tail = *at(params.sq_off.tail);
	head = *at(params.cq_off.head);
	entries[tail & 3] = *entry;
	at(params.sq_off.array)[tail & 3] = tail & 3;
	__atomic_store_n(at(params.sq_off.tail), tail + 1, __ATOMIC_RELEASE);
	/* The kernel's own thread may have gone to sleep on a busy machine. */
	if (said("io_uring_enter",
		 syscall(SYS_io_uring_enter, ring, 1, 1,
			 IORING_ENTER_GETEVENTS | IORING_ENTER_SQ_WAKEUP, NULL,
			 0)) < 0)
		return -errno;
	answers = (const void *)(queue + params.cq_off.cqes);
	__atomic_store_n(at(params.cq_off.head), head + 1, __ATOMIC_RELEASE);
	note("answer: %d", answers[head & (params.cq_entries - 1)].res);
	return answers[head & (params.cq_entries - 1)].res;
}

static struct io_uring_sqe path_entry(unsigned char opcode, const char *path)
{
	return (struct io_uring_sqe){ .opcode = opcode,
				      .fd = AT_FDCWD,
				      .addr = (uintptr_t)path };
}

static void ring_open(void)
{
	struct io_uring_sqe entry = path_entry(IORING_OP_OPENAT, secret_file());

	make_ring(0);
	loot_fd(submit(&entry));
}

static void ring_open2(void)
{
	struct open_how how = { .flags = O_RDONLY };
	struct io_uring_sqe entry =
		path_entry(IORING_OP_OPENAT2, secret_file());

	entry.len = sizeof(how);
	entry.off = (uintptr_t)&how;
	make_ring(0);
	loot_fd(submit(&entry));
}

/* The kernel's own thread works, nobody makes a call. */
static void ring_polled(void)
{
	struct io_uring_sqe entry = path_entry(IORING_OP_OPENAT, secret_file());

	make_ring(IORING_SETUP_SQPOLL);
	loot_fd(submit(&entry));
}

static void ring_stat(void)
{
	struct statx st = { 0 };
	struct io_uring_sqe entry = path_entry(IORING_OP_STATX, secret_file());

	entry.len = STATX_ALL;
	entry.off = (uintptr_t)&st;
	make_ring(0);
	if (submit(&entry) == 0)
		loot_time(st.stx_mtime.tv_sec, st.stx_mtime.tv_nsec);
}

static void ring_unlink(void)
{
	struct io_uring_sqe entry =
		path_entry(IORING_OP_UNLINKAT, secret_file());

	make_ring(0);
	(void)submit(&entry);
}

static void ring_rename(void)
{
	struct io_uring_sqe entry =
		path_entry(IORING_OP_RENAMEAT, secret_file());

	entry.len = (unsigned int)AT_FDCWD;
	entry.off = (uintptr_t)in_write("x");
	make_ring(0);
	(void)submit(&entry);
}

static void ring_link(void)
{
	struct io_uring_sqe entry = path_entry(IORING_OP_LINKAT, secret_file());

	entry.len = (unsigned int)AT_FDCWD;
	entry.off = (uintptr_t)in_write("x");
	make_ring(0);
	(void)submit(&entry);
}

static void ring_mkdir(void)
{
	struct io_uring_sqe entry =
		path_entry(IORING_OP_MKDIRAT, in_secret("new"));

	entry.len = 0755;
	make_ring(0);
	(void)submit(&entry);
}

static void ring_attribute(void)
{
	struct io_uring_sqe entry = path_entry(IORING_OP_SETXATTR, "user.new");

	entry.addr2 = (uintptr_t) "v";
	entry.addr3 = (uintptr_t)secret_file();
	entry.len = 1;
	make_ring(0);
	(void)submit(&entry);
}

static void ring_connect(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)world_number("tcp")),
		.sin_addr = { htonl(INADDR_LOOPBACK) },
	};
	const struct io_uring_sqe make = {
		.opcode = IORING_OP_SOCKET,
		.fd = AF_INET,
		.off = SOCK_STREAM,
	};
	struct io_uring_sqe entry = {
		.opcode = IORING_OP_CONNECT,
		.addr = (uintptr_t)&address,
		.off = sizeof(address),
	};

	make_ring(0);
	entry.fd = submit(&make);
	if (entry.fd >= 0)
		(void)submit(&entry);
}

#define FILES "files", NULL, 0

const struct attack ring_attacks[] = {
	{ "T101", "io_uring: openat", FILES, ring_open },
	{ "T101b", "io_uring: openat2", FILES, ring_open2 },
	{ "T101c", "io_uring: openat by the kernel's thread", FILES,
	  ring_polled },
	{ "T101d", "io_uring: statx", "metadata", NULL, 0, ring_stat },
	{ "T101e", "io_uring: unlinkat", FILES, ring_unlink },
	{ "T101f", "io_uring: renameat", FILES, ring_rename },
	{ "T101g", "io_uring: linkat", FILES, ring_link },
	{ "T101h", "io_uring: mkdirat", FILES, ring_mkdir },
	{ "T101i", "io_uring: setxattr", "metadata", NULL, 0, ring_attribute },
	{ "T101j", "io_uring: socket and connect", "network", NULL, 0,
	  ring_connect },
	{ 0 },
};
