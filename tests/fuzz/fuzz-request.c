/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decoding of a notification whose arguments point anywhere: into memory
 * that ends, that is closed, that is the kernel's. This process is the target,
 * so what must come out is known.
 *
 * Input: the system call's row, flags, six arguments of three bytes (a kind
 * and a value), and what lies at the end of the memory.
 */
#include <fcntl.h>
#include <linux/audit.h>
#include <pthread.h>
#include <stdatomic.h>

#include "fuzz.h"
#include "supervise/request.h"
#include "supervise/target.h"

#define PAGE ((size_t)4096)
#define ARENA_SIZE (3 * PAGE) /* and a page that cannot be read */
#define HEADER (2 + 3 * SYSCALL_ARGS)

enum flags {
	FLAG_FILLED = 1, /* no NUL before the input's own bytes */
	FLAG_ARCH = 2, /* another architecture */
	FLAG_NO_PID = 4,
	FLAG_RAW_NUMBER = 8, /* any number, not one of the table */
	FLAG_RACE = 16, /* a thread changes the memory meanwhile */
};

static char *arena;
static int proc_fd;

static void set_up(void)
{
	if (arena)
		return;
	arena = mmap(NULL, ARENA_SIZE + PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (arena == MAP_FAILED ||
	    mprotect(arena + ARENA_SIZE, PAGE, PROT_NONE) < 0)
		abort();
	proc_fd = procfs_open();
	if (proc_fd < 0)
		abort();
}

static uint64_t make_argument(const uint8_t *bytes)
{
	uint64_t value = bytes[1] | (uint64_t)bytes[2] << 8;
	uint64_t start = (uint64_t)(uintptr_t)arena;

	switch (bytes[0] % 7) {
	case 0:
		return value;
	case 1:
		return start + value % ARENA_SIZE;
	case 2:
		return start + ARENA_SIZE - value % 256;
	case 3:
		return 0;
	case 4:
		return 0xffff800000000000 | value;
	case 5:
		return value << 48 | value;
	default:
		return (uint64_t)(int16_t)value;
	}
}

/* How many bytes can be read at @address. */
static size_t readable(uint64_t address)
{
	uint64_t start = (uint64_t)(uintptr_t)arena;

	return address >= start && address < start + ARENA_SIZE ?
		       start + ARENA_SIZE - address :
		       0;
}

/* What the kernel would say of the string at @address, or @got is it. */
static int expect_text(uint64_t address, const char *got, bool is_done,
		       int too_long)
{
	size_t n = readable(address);
	const char *text = (const char *)(uintptr_t)address;
	size_t max = n < PATH_MAX ? n : PATH_MAX;
	size_t len = n > 0 ? strnlen(text, max) : 0;

	if (len == max)
		return max == PATH_MAX ? -too_long : -EFAULT;
	if (is_done && strcmp(text, got) != 0)
		abort();
	/* An attribute without a name is as wrong as one with a long one. */
	return len == 0 && too_long == ERANGE ? -ERANGE : 0;
}

static int expect_how(uint64_t address, uint64_t size,
		      const struct open_how *got, bool is_done)
{
	const char *raw = (const char *)(uintptr_t)address;

	if (size < 24)
		return -EINVAL;
	if (size > PAGE)
		return -E2BIG;
	if (readable(address) < size)
		return -EFAULT;
	for (size_t i = sizeof(*got); i < size; i++)
		if (raw[i])
			return -E2BIG;
	if (is_done && memcmp(raw, got, sizeof(*got)) != 0)
		abort();
	return 0;
}

static int expect_argument(const struct request *r,
			   const struct syscall_row *row, const uint64_t *args,
			   unsigned i, bool is_done)
{
	switch (row->roles[i]) {
	case ROLE_PATH:
	case ROLE_PATH2:
		if (args[i] == 0)
			return 0;
		return expect_text(args[i],
				   r->names[row->roles[i] == ROLE_PATH2].text,
				   is_done, ENAMETOOLONG);
	case ROLE_TEXT: /* of a link, or the name of an attribute */
		return expect_text(args[i], r->text, is_done,
				   row->call == CALL_SYMLINK ? ENAMETOOLONG :
							       ERANGE);
	case ROLE_HOW:
		return expect_how(args[i], args[i + 1], &r->how, is_done);
	case ROLE_NONE:
	case ROLE_DIRFD:
	case ROLE_DIRFD2:
	case ROLE_FD:
	case ROLE_FLAGS:
	case ROLE_AT_FLAGS:
	case ROLE_MODE:
	case ROLE_BUFFER:
	case ROLE_SIZE:
	case ROLE_VALUE:
		break;
	}
	return 0;
}

static void check(const struct seccomp_notif *req, const struct request *r,
		  int got)
{
	const struct syscall_row *row = syscall_find(req->data.nr);
	uint64_t args[SYSCALL_ARGS];
	int want = 0;

	for (unsigned i = 0; i < SYSCALL_ARGS; i++)
		args[i] = req->data.args[i];
	if (!row || row->action != ACTION_NOTIFY ||
	    req->data.arch != AUDIT_ARCH_X86_64)
		want = -ENOSYS;
	else if (req->pid == 0)
		want = -EPERM;
	for (unsigned i = 0; i < SYSCALL_ARGS && want == 0; i++)
		want = expect_argument(r, row, args, i, got == 0);
	if (got != want)
		abort();
}

static atomic_bool is_over;

/* Ends what had no end, and takes ends away. */
static void *change(void *context)
{
	uint32_t random = 2463534242;

	while (!is_over) {
		random ^= random << 13;
		random ^= random >> 17;
		random ^= random << 5;
		__atomic_store_n(&arena[random % ARENA_SIZE],
				 random & 0x10000 ? 'x' : '\0',
				 __ATOMIC_RELAXED);
	}
	return context;
}

/* Whatever was read, it is a whole copy of its own. */
static void check_copies(const struct request *r)
{
	const char *const texts[] = { r->names[0].text, r->names[1].text,
				      r->text };

	for (unsigned i = 0; i < SYSCALL_ARGS; i++) {
		enum syscall_role role = r->row->roles[i];
		unsigned at = role == ROLE_PATH  ? 0 :
			      role == ROLE_PATH2 ? 1 :
						   2;

		if (role != ROLE_PATH && role != ROLE_PATH2 &&
		    role != ROLE_TEXT)
			continue;
		if (at == 2 || !r->names[at].is_null)
			FUZZ_CHECK(memchr(texts[at], '\0', PATH_MAX));
	}
}

static void check_race(const struct seccomp_notif *req, struct request *request)
{
	pthread_t thread;

	is_over = false;
	if (pthread_create(&thread, NULL, change, NULL) != 0)
		abort();
	for (int i = 0; i < 20; i++) {
		memset(request, 0xa5, sizeof(*request));
		if (request_decode(proc_fd, req, request) == 0)
			check_copies(request);
	}
	is_over = true;
	(void)pthread_join(thread, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct request request;
	struct seccomp_notif req = { .id = 1 };
	const struct syscall_row *table;
	size_t n, rest;

	set_up();
	if (size < HEADER)
		return 0;
	table = syscall_table(&n);
	req.data.nr = data[1] & FLAG_RAW_NUMBER ? data[0] * 4 :
						  table[data[0] % n].nr;
	req.data.arch = data[1] & FLAG_ARCH ? AUDIT_ARCH_I386 :
					      AUDIT_ARCH_X86_64;
	req.pid = data[1] & FLAG_NO_PID ? 0 : (uint32_t)gettid();
	for (unsigned i = 0; i < SYSCALL_ARGS; i++)
		req.data.args[i] = make_argument(data + 2 + 3 * i);
	memset(arena, data[1] & FLAG_FILLED ? 'x' : '\0', ARENA_SIZE);
	rest = size - HEADER < ARENA_SIZE ? size - HEADER : ARENA_SIZE;
	memcpy(arena + ARENA_SIZE - rest, data + HEADER, rest);
	memset(&request, 0xa5, sizeof(request));
	check(&req, &request, request_decode(proc_fd, &req, &request));
	if (data[1] & FLAG_RACE)
		check_race(&req, &request);
	return 0;
}
