// SPDX-License-Identifier: Apache-2.0
/* Other entries into the kernel, and every number of what changes a name. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
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

#define LOW_SIZE 32768

/* Numbers of the 32-bit entry. */
enum {
	I386_OPEN = 5,
	I386_CREAT = 8,
	I386_LINK = 9,
	I386_UNLINK = 10,
	I386_CHMOD = 15,
	I386_RENAME = 38,
	I386_IOCTL = 54,
	I386_TRUNCATE = 92,
	I386_SOCKETCALL = 102,
	I386_OPENAT = 295,
	I386_SOCKET = 359,
	I386_CONNECT = 362,
	I386_OPENAT2 = 437,
};

#define FLAGS_NODUMP 0x40
#define I386_SETFLAGS 0x40046602

/* Memory that a 32-bit program can name. */
static char *low(void)
{
	static char *memory;

	if (!memory)
		memory = mmap(NULL, LOW_SIZE,
			      PROT_READ | PROT_WRITE | PROT_EXEC,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (memory == MAP_FAILED)
		cannot_show("no memory below 4 GiB");
	return memory;
}

static uint32_t low_text(const char *text)
{
	static size_t used;
	char *ret = low() + used;

	(void)snprintf(ret, 4096, "%s", text);
	used += 4096;
	return (uint32_t)(uintptr_t)ret;
}

static int int80(uint32_t number, uint32_t b, uint32_t c, uint32_t d)
{
#ifdef __x86_64__
	int result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(b), "c"(c), "d"(d), "S"(0)
			 : "memory", "r8", "r9", "r10", "r11");
	note("int 0x80, %u: %d", number, result);
	return result;
#else
	(void)number, (void)b, (void)c, (void)d;
	cannot_show("this processor has no 32-bit entry of that kind");
#endif
}

/*
 * The same from a 32-bit code segment: there and back by far returns. The code
 * is "int $0x80; push $0x33; push back; lret", and at back "jmp *%r13".
 */
static int far80(uint32_t number, uint32_t b, uint32_t c)
{
#ifdef __x86_64__
	unsigned char *code = (unsigned char *)low() + LOW_SIZE - 64;
	uint32_t back = (uint32_t)(uintptr_t)code + 16;
	uint64_t stack = (uintptr_t)code - 64;
	static const unsigned char start[] = { 0xcd, 0x80, 0x6a, 0x33, 0x68 };
	static const unsigned char end[] = { 0x41, 0xff, 0xe5 };
	int result;

	memcpy(code, start, sizeof(start));
	memcpy(code + sizeof(start), &back, sizeof(back));
	code[sizeof(start) + sizeof(back)] = 0xcb;
	memcpy(code + 16, end, sizeof(end));
	__asm__ volatile(
		"mov %%rsp, %%r12\n\t"
		"lea 1f(%%rip), %%r13\n\t"
		"mov %[stack], %%rsp\n\t"
		"push $0x23\n\t"
		"push %[code]\n\t"
		"lretq\n"
		"1:\n\t"
		"mov %%r12, %%rsp\n\t"
		: "=a"(result)
		: "a"(number), "b"(b), "c"(c),
		  "d"(0), [stack] "r"(stack), [code] "r"((uint64_t)code)
		: "memory", "r8", "r9", "r10", "r11", "r12", "r13", "cc");
	note("int 0x80 of 32-bit code, %u: %d", number, result);
	return result;
#else
	(void)number, (void)b, (void)c;
	cannot_show("this processor has no 32-bit segments");
#endif
}

static void old_open(void)
{
	loot_fd(int80(I386_OPEN, low_text(secret_file()), O_RDONLY, 0));
}

static void old_openat(void)
{
	loot_fd(int80(I386_OPENAT, (uint32_t)AT_FDCWD, low_text(secret_file()),
		      O_RDONLY));
}

static void old_far(void)
{
	loot_fd(far80(I386_OPEN, low_text(secret_file()), O_RDONLY));
}

static void old_creat(void)
{
	(void)int80(I386_CREAT, low_text(secret_file()), 0600, 0);
}

static void old_link(void)
{
	(void)int80(I386_LINK, low_text(secret_file()), low_text(in_write("x")),
		    0);
}

static void old_unlink(void)
{
	(void)int80(I386_UNLINK, low_text(secret_file()), 0, 0);
}

static void old_chmod(void)
{
	(void)int80(I386_CHMOD, low_text(in_read("file")), 0666, 0);
}

static void old_rename(void)
{
	(void)int80(I386_RENAME, low_text(secret_file()),
		    low_text(in_write("x")), 0);
}

static void old_truncate(void)
{
	(void)int80(I386_TRUNCATE, low_text(in_read("file")), 1, 0);
}

static void old_ioctl(void)
{
	uint32_t flags = low_text("");
	int fd = open(in_read("file"), O_RDONLY);

	low()[0] = FLAGS_NODUMP;
	(void)int80(I386_IOCTL, (uint32_t)fd, I386_SETFLAGS, flags);
}

static uint32_t old_address(void)
{
	uint32_t ret = low_text("");
	uint16_t port = (uint16_t)world_number("tcp");
	const unsigned char bytes[] = { 2,
					0,
					(unsigned char)(port >> 8),
					(unsigned char)port,
					127,
					0,
					0,
					1,
					0,
					0,
					0,
					0,
					0,
					0,
					0,
					0 };

	memcpy(low(), bytes, sizeof(bytes));
	return ret;
}

static void old_connect(void)
{
	uint32_t address = old_address();
	int fd = int80(I386_SOCKET, AF_INET, SOCK_STREAM, 0);

	(void)int80(I386_CONNECT, (uint32_t)fd, address, 16);
}

/* One number for all that is about sockets: 1 is socket, 3 is connect. */
static void old_socketcall(void)
{
	uint32_t address = old_address();
	uint32_t arguments[3] = { AF_INET, SOCK_STREAM, 0 };
	uint32_t place = low_text("");

	memcpy(low() + 4096, arguments, sizeof(arguments));
	arguments[0] = (uint32_t)int80(I386_SOCKETCALL, 1, place, 0);
	arguments[1] = address;
	arguments[2] = 16;
	memcpy(low() + 4096, arguments, sizeof(arguments));
	(void)int80(I386_SOCKETCALL, 3, place, 0);
}

#define TRIES(name, call)                        \
	static void name(void)                   \
	{                                        \
		(void)said(#name, (long)(call)); \
	}

static void do_open(void)
{
	loot_fd((int)said("open", syscall(SYS_open, secret_file(), O_RDONLY)));
}

static void do_openat_high(void)
{
	loot_fd((int)said("openat", syscall(SYS_openat, 1L << 32 | 5,
					    secret_file(), 1L << 32)));
}

TRIES(do_unlink, syscall(SYS_unlink, secret_file()))
TRIES(do_unlinkat, syscall(SYS_unlinkat, -1, secret_file(), 0))
TRIES(do_rmdir, syscall(SYS_rmdir, in_secret("dir")))
TRIES(do_unlinkat_dir,
      syscall(SYS_unlinkat, -1, in_secret("dir"), AT_REMOVEDIR))
TRIES(do_mkdir, syscall(SYS_mkdir, in_secret("new"), 0755))
TRIES(do_mkdirat, syscall(SYS_mkdirat, -1, in_secret("new"), 0755))
TRIES(do_mknod, syscall(SYS_mknod, in_secret("new"), S_IFIFO | 0644, 0))
TRIES(do_mknodat, syscall(SYS_mknodat, -1, in_secret("new"), S_IFREG, 0))
TRIES(do_mknod_plain, syscall(SYS_mknod, in_read("new"), 0644, 0))
TRIES(do_rename, syscall(SYS_rename, secret_file(), in_secret("new")))
TRIES(do_renameat, syscall(SYS_renameat, -1, secret_file(), -1, in_write("x")))
TRIES(do_renameat2,
      syscall(SYS_renameat2, -1, secret_file(), -1, in_write("x"), 0))
TRIES(do_link, syscall(SYS_link, secret_file(), in_write("x")))
TRIES(do_linkat, syscall(SYS_linkat, -1, secret_file(), -1, in_write("x"), 0))
TRIES(do_symlink, syscall(SYS_symlink, "x", in_secret("new")))
TRIES(do_symlinkat, syscall(SYS_symlinkat, "x", -1, in_secret("new")))
TRIES(do_truncate, syscall(SYS_truncate, secret_file(), 3))
TRIES(granted_unlink, unlink(in_read("file")))
TRIES(granted_rmdir, rmdir(in_read("sub")))
TRIES(granted_mkdir, mkdir(in_read("new"), 0755))
TRIES(granted_mknod, mknod(in_read("new"), S_IFIFO | 0644, 0))

static void bind_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(address.sun_path))
		cannot_show("the path is too long for a socket");
	(void)strcpy(address.sun_path, path);
	(void)said("bind", bind(socket(AF_UNIX, SOCK_STREAM, 0),
				(void *)&address, sizeof(address)));
}

static void do_bind(void)
{
	bind_at(in_secret("new"));
}

static void granted_bind(void)
{
	bind_at(in_read("new"));
}

/* A pair needs no socket(), and gets a name all the same. */
static void bind_pair(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fds[2] = { -1, -1 };

	(void)socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	(void)strncpy(address.sun_path, in_read("new"),
		      sizeof(address.sun_path) - 1);
	(void)said("bind", bind(fds[0], (void *)&address, sizeof(address)));
}

#define FILES "files", NULL, 0

const struct attack filter_attacks[] = {
	{ "T184", "int 0x80: open", FILES, old_open },
	{ "T184b", "int 0x80: openat", FILES, old_openat },
	{ "T184c", "int 0x80 of a 32-bit code segment", FILES, old_far },
	{ "T184d", "int 0x80: creat", FILES, old_creat },
	{ "T184e", "int 0x80: link", FILES, old_link },
	{ "T184f", "int 0x80: unlink", FILES, old_unlink },
	{ "T184g", "int 0x80: chmod", "metadata", NULL, 0, old_chmod },
	{ "T184h", "int 0x80: rename", FILES, old_rename },
	{ "T184i", "int 0x80: truncate", FILES, old_truncate },
	{ "T184j", "int 0x80: ioctl", "metadata", NULL, 0, old_ioctl },
	{ "T184k", "int 0x80: connect", "network", NULL, 0, old_connect },
	{ "T184l", "int 0x80: socketcall", "network", NULL, 0, old_socketcall },
	{ "T186", "open", FILES, do_open },
	{ "T186b", "unlink", FILES, do_unlink },
	{ "T186c", "unlinkat", FILES, do_unlinkat },
	{ "T186d", "rmdir", FILES, do_rmdir },
	{ "T186e", "unlinkat of a directory", FILES, do_unlinkat_dir },
	{ "T186f", "mkdir", FILES, do_mkdir },
	{ "T186g", "mkdirat", FILES, do_mkdirat },
	{ "T186h", "mknod", FILES, do_mknod },
	{ "T186i", "mknodat", FILES, do_mknodat },
	{ "T186j", "mknod of a plain file", FILES, do_mknod_plain },
	{ "T186k", "rename", FILES, do_rename },
	{ "T186l", "renameat", FILES, do_renameat },
	{ "T186m", "renameat2", FILES, do_renameat2 },
	{ "T186n", "link", FILES, do_link },
	{ "T186o", "linkat", FILES, do_linkat },
	{ "T186p", "symlink", FILES, do_symlink },
	{ "T186q", "symlinkat", FILES, do_symlinkat },
	{ "T186r", "truncate", FILES, do_truncate },
	{ "T186s", "bind of a socket", FILES, do_bind },
	{ "T186t", "readable: unlink", FILES, granted_unlink },
	{ "T186u", "readable: rmdir", FILES, granted_rmdir },
	{ "T186v", "readable: mkdir", FILES, granted_mkdir },
	{ "T186w", "readable: mknod", FILES, granted_mknod },
	{ "T186x", "readable: bind of a socket", FILES, granted_bind },
	{ "T186y", "readable: bind of one of a pair", FILES, bind_pair },
	{ "T188e", "openat, high bits set", FILES, do_openat_high },
	{ 0 },
};
