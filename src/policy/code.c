/* SPDX-License-Identifier: Apache-2.0 */
/* The names and the first bytes that make a file code. */
#include "policy/code.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"

/*
 * At least what the profiles in policies/ call code, so that a generated
 * manifest misses nothing that a runtime would be refused. Not .pyc and .pyo:
 * Python makes them anew from the source, which is listed.
 */
static const char *const patterns[] = {
	"*.js",  "*.cjs",  "*.mjs",  "*.jsx",  "*.ts",  "*.cts",  "*.mts",
	"*.tsx", "*.json", "*.node", "*.wasm", "*.so",  "*.so.*", "*.py",
	"*.pyw", "*.pyi",  "*.pyz",  "*.pth",  "*.zip", "*.egg",  "*.whl",
	"*.sh",  "*.bash", "*.ksh",  "*.zsh",
};

#define N_PATTERNS (sizeof(patterns) / sizeof(patterns[0]))

bool code_is_name(const char *name)
{
	for (size_t i = 0; i < N_PATTERNS; i++)
		if (fnmatch(patterns[i], name, 0) == 0)
			return true;
	return false;
}

bool code_is_start(const char *bytes, size_t len)
{
	return (len >= 2 && memcmp(bytes, "#!", 2) == 0) ||
	       (len >= 4 && memcmp(bytes, "\177ELF", 4) == 0);
}

int code_is_program(int dir_fd, const char *name)
{
	_cleanup_close_ int fd = openat(
		dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	char start[4];
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, start, sizeof(start));
	if (n < 0)
		return -errno;
	return code_is_start(start, (size_t)n);
}

void code_print(void)
{
	size_t column = 0;

	for (size_t i = 0; i < N_PATTERNS; i++) {
		if (column + strlen(patterns[i]) > 76) {
			putchar('\n');
			column = 0;
		}
		column += (size_t)printf("%s%s", column ? " " : "  ",
					 patterns[i]);
	}
	putchar('\n');
}
