/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program under test: one operation for each argument OP[:WORD]..., one
 * line "OP WORDS: OK" or "OP WORDS: EACCES" for each. Runs them in order, in
 * one process, so that chdir or umask holds for those after it. Never built
 * with sanitizers: they make system calls of their own.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "target.h"

static char said[65536];

void target_say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(said, sizeof(said), format, args);
	va_end(args);
}

int target_result(long long result)
{
	return result < 0 ? -errno : 0;
}

int target_close(int fd)
{
	if (fd < 0)
		return -errno;
	(void)close(fd);
	return 0;
}

long target_number(const char *word)
{
	return strtol(word, NULL, 0);
}

#define NAME(code)          \
	{                   \
		code, #code \
	}

static const struct {
	int code;
	const char *name;
} error_names[] = {
	NAME(E2BIG),
	NAME(EACCES),
	NAME(EADDRINUSE),
	NAME(EAFNOSUPPORT),
	NAME(EAGAIN),
	NAME(EBADF),
	NAME(EBUSY),
	NAME(ECHILD),
	NAME(ECONNREFUSED),
	NAME(EDOM),
	NAME(EEXIST),
	NAME(EFAULT),
	NAME(EFBIG),
	NAME(EHOSTUNREACH),
	NAME(EINTR),
	NAME(EINVAL),
	NAME(EIO),
	NAME(EISDIR),
	NAME(ELOOP),
	NAME(EMFILE),
	NAME(EMLINK),
	NAME(ENAMETOOLONG),
	NAME(ENETUNREACH),
	NAME(ENFILE),
	NAME(ENODATA),
	NAME(ENODEV),
	NAME(ENOENT),
	NAME(ENOEXEC),
	NAME(ENOKEY),
	NAME(ENOLCK),
	NAME(ENOMEM),
	NAME(ENOSPC),
	NAME(ENOSYS),
	NAME(ENOTDIR),
	NAME(ENOTEMPTY),
	NAME(ENOTTY),
	NAME(ENXIO),
	NAME(EOPNOTSUPP),
	NAME(EPERM),
	NAME(EPIPE),
	NAME(EPROTONOSUPPORT),
	NAME(ERANGE),
	NAME(EROFS),
	NAME(ESPIPE),
	NAME(ESRCH),
	NAME(ETIMEDOUT),
	NAME(ETXTBSY),
	NAME(EXDEV),
};

static const char *error_name(int code)
{
	static char number[32];

	for (size_t i = 0; i < sizeof(error_names) / sizeof(*error_names); i++)
		if (error_names[i].code == code)
			return error_names[i].name;
	(void)snprintf(number, sizeof(number), "errno-%d", code);
	return number;
}

static const struct target_op *find(const struct target_op *ops,
				    const char *name)
{
	for (; ops->name; ops++)
		if (strcmp(ops->name, name) == 0)
			return ops;
	return NULL;
}

static const struct target_op *find_any(const char *name)
{
	static const struct target_op *const tables[] = {
		target_open,      target_stat,    target_names,
		target_processes, target_attacks,
	};
	const struct target_op *op = NULL;

	for (size_t i = 0; !op && i < sizeof(tables) / sizeof(*tables); i++)
		op = find(tables[i], name);
	return op;
}

/* Cut @text at its colons, at most into the name and TARGET_ARGS words. */
static void split(char *text, char **words)
{
	static char empty[] = "";

	for (int i = 0; i <= TARGET_ARGS; i++) {
		words[i] = text ? text : empty;
		text = text && i < TARGET_ARGS ? strchr(text, ':') : NULL;
		if (text)
			*text++ = '\0';
	}
}

static void run(const char *argument)
{
	char *text = strdup(argument);
	char *words[TARGET_ARGS + 1];
	const struct target_op *op;
	int error;

	if (!text)
		abort();
	split(text, words);
	op = find_any(words[0]);
	if (!op) {
		fprintf(stderr, "target: no operation '%s'\n", words[0]);
		exit(99);
	}
	said[0] = '\0';
	error = op->run(words + 1);
	fputs(words[0], stdout);
	for (int i = 1; i <= TARGET_ARGS && words[i][0]; i++)
		printf(" %s", words[i]);
	if (error < 0)
		printf(": %s\n", error_name(-error));
	else
		printf(": %s\n", said[0] ? said : "OK");
	fflush(stdout);
	free(text);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		run(argv[i]);
	return EXIT_SUCCESS;
}
