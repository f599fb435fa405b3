/* SPDX-License-Identifier: Apache-2.0 */
/* One line per event on stderr, with control characters made visible. */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include <stddef.h>

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_NOTICE,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

/**
 * log_open() - name the program that the lines speak for
 * @program: static string, printed before each line
 *
 * The level becomes LOG_LEVEL_NOTICE.
 */
void log_open(const char *program);

/** log_set_level() - print lines up to and including @level */
void log_set_level(enum log_level level);

/**
 * log_set_patience() - for how long a line may wait for a reader of stderr
 * @ms: then the line is dropped; -1, the default: no limit
 */
void log_set_patience(int ms);

/** log_is_enabled() - would a line of @level be printed? */
int log_is_enabled(enum log_level level);

/**
 * log_line() - print one line, if its level is enabled
 *
 * Control characters and bytes that are not UTF-8 are written as \xNN, so
 * that a file name cannot forge a second line or drive the terminal. %m works.
 * errno is preserved. The line is written by one write(2).
 */
void log_line(enum log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...) log_line(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

/**
 * text_escape() - copy @text, making control characters visible
 * @ret: buffer, always NUL-terminated when @size > 0
 * @size: its size in bytes; what does not fit is cut at a whole escape
 *
 * Bytes below 0x20, 0x7f, C1 controls and bytes that are not part of valid
 * UTF-8 become \xNN. A backslash stays as it is.
 *
 * Return: the length of the result in bytes.
 */
size_t text_escape(char *ret, size_t size, const char *text, size_t len);

/**
 * text_print() - printf(3) to stdout of what text_escape() makes of it
 *
 * For lines with names that nobody chose for a terminal. A newline would be
 * escaped as well: it is printed by itself.
 */
void text_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
