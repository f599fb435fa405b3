/* SPDX-License-Identifier: Apache-2.0 */
/* One line per event on stderr, with control characters made visible. */
#include "common/log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/utf8.h"

#define LINE_SIZE 16384

static const char *log_program = "nssupervise";
static enum log_level log_level = LOG_LEVEL_NOTICE;
static int log_patience_ms = -1;

void log_open(const char *program)
{
	log_program = program;
	log_level = LOG_LEVEL_NOTICE;
}

void log_set_level(enum log_level level)
{
	log_level = level;
}

void log_set_patience(int ms)
{
	log_patience_ms = ms;
}

int log_is_enabled(enum log_level level)
{
	return level <= log_level;
}

size_t text_escape(char *ret, size_t size, const char *text, size_t len)
{
	size_t out = 0;
	size_t in = 0;

	if (size == 0)
		return 0;
	while (in < len) {
		size_t n = utf8_printable(text + in, len - in);
		char hex[5];

		if (n > 0) {
			if (out + n >= size)
				break;
			memcpy(ret + out, text + in, n);
			out += n;
			in += n;
			continue;
		}
		if (out + 4 >= size)
			break;
		(void)snprintf(hex, sizeof(hex), "\\x%02x",
			       (unsigned char)text[in]);
		memcpy(ret + out, hex, 4);
		out += 4;
		in++;
	}
	ret[out] = '\0';
	return out;
}

void text_print(const char *format, ...)
{
	_cleanup_free_ char *raw = NULL;
	_cleanup_free_ char *shown = NULL;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vasprintf(&raw, format, ap);
	va_end(ap);
	if (n < 0) {
		raw = NULL;
		return;
	}
	shown = malloc(4 * (size_t)n + 1);
	if (!shown)
		return;
	(void)text_escape(shown, 4 * (size_t)n + 1, raw, (size_t)n);
	(void)fputs(shown, stdout);
}

/* What polls as writable takes a line of PIPE_BUF bytes without waiting. */
static bool has_room(void)
{
	struct pollfd pfd = { .fd = STDERR_FILENO, .events = POLLOUT };

	return log_patience_ms < 0 || poll(&pfd, 1, log_patience_ms) != 0;
}

void log_line(enum log_level level, const char *format, ...)
{
	char raw[LINE_SIZE / 4];
	char line[LINE_SIZE];
	int saved = errno;
	size_t len;
	va_list ap;
	int n;

	if (!log_is_enabled(level))
		return;
	n = snprintf(raw, sizeof(raw), "%s: ", log_program);
	if (n < 0 || (size_t)n >= sizeof(raw))
		return;
	errno = saved;
	va_start(ap, format);
	(void)vsnprintf(raw + n, sizeof(raw) - (size_t)n, format, ap);
	va_end(ap);
	len = text_escape(line, sizeof(line) - 1, raw, strlen(raw));
	line[len++] = '\n';
	/* Nobody is left to tell when stderr itself fails. */
	if (has_room() && write(STDERR_FILENO, line, len) < 0)
		errno = saved;
	errno = saved;
}
