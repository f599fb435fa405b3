/* SPDX-License-Identifier: Apache-2.0 */
/* The system call table as data, and the way from a number to its row. */
#include "syscalls.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>

#include "common/kernel.h"

#ifndef __x86_64__
#error "the numbers of bpf/syscalls.def are those of x86_64"
#endif

#define RULE(name, when, error, tests)

/* A row is named by its call, to find its index below. */
enum row_index {
#define DENY(nr, name, ...) ROW_##name,
#define ARGS(nr, name, ...) ROW_##name,
#define NOTIFY(nr, name, ...) ROW_##name,
#include "syscalls.def"
#undef DENY
#undef ARGS
#undef NOTIFY
	ROW_COUNT,
};

static_assert(ROW_COUNT < UINT8_MAX, "an index + 1 fits in a byte");

/* The short names of the roles, for the table only. */
#define DIRFD ROLE_DIRFD
#define PATH ROLE_PATH
#define DIRFD2 ROLE_DIRFD2
#define PATH2 ROLE_PATH2
#define TEXT ROLE_TEXT
#define FD ROLE_FD
#define FLAGS ROLE_FLAGS
#define AT_FLAGS ROLE_AT_FLAGS
#define MODE ROLE_MODE
#define HOW ROLE_HOW
#define BUFFER ROLE_BUFFER
#define SIZE ROLE_SIZE
#define VALUE ROLE_VALUE
#define NONE ROLE_NONE
#define ROLES(...)          \
	{                   \
		__VA_ARGS__ \
	}

static const struct syscall_row rows[] = {
#define ROW(number, text, does, which, code, reason, ...) \
	[ROW_##text] = { .name = #text,                   \
			 .nr = (number),                  \
			 .action = (does),                \
			 .group = (which),                \
			 .error = (code),                 \
			 .why = (reason),                 \
			 __VA_ARGS__ },
#define DENY(number, text, which, code, reason) \
	ROW(number, text, ACTION_DENY, GROUP_##which, code, reason, )
#define ARGS(number, text, which, code, reason) \
	ROW(number, text, ACTION_ARGS, GROUP_##which, code, reason, )
/* Braces need no parentheses. NOLINTBEGIN(bugprone-macro-parentheses) */
#define NOTIFY(number, text, which, what, open, at, takes, reason)      \
	ROW(number, text, ACTION_NOTIFY, GROUP_##which, EACCES, reason, \
	    .call = CALL_##what, .flags = (open), .at_flags = (at),     \
	    .roles = takes)
/* NOLINTEND(bugprone-macro-parentheses) */
#include "syscalls.def"
#undef DENY
#undef ARGS
#undef NOTIFY
#undef ROW
};

/* 0: not in the table. */
static const uint8_t index_plus_1[SYSCALL_REVIEWED_MAX + 1] = {
#define DENY(nr, name, ...) [nr] = ROW_##name + 1,
#define ARGS(nr, name, ...) [nr] = ROW_##name + 1,
#define NOTIFY(nr, name, ...) [nr] = ROW_##name + 1,
#include "syscalls.def"
};

const struct syscall_row *syscall_find(int nr)
{
	if (nr < 0 || nr > SYSCALL_REVIEWED_MAX || index_plus_1[nr] == 0)
		return NULL;
	return &rows[index_plus_1[nr] - 1];
}

const struct syscall_row *syscall_table(size_t *ret_n)
{
	*ret_n = ROW_COUNT;
	return rows;
}
