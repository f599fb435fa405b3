/* SPDX-License-Identifier: Apache-2.0 */
/* Test Anything Protocol for unit tests: ok(), is_int(), is_str(), done(). */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Call these in the process that calls done() only: a forked case tells its
 * parent the result by its exit status. Every line is flushed at once, so a
 * fork never prints it twice and a crash does not lose it.
 */
#define TAP_UNUSED __attribute__((unused))
#define TAP_PRINTF(where, first) \
	__attribute__((unused, format(printf, where, first)))

struct tap {
	int n_run;
	int n_failed;
	bool is_all_skipped;
};

static TAP_UNUSED struct tap *tap_state(void)
{
	static struct tap tap;

	return &tap;
}

/* A '#' would start a directive and a newline the next line. */
static TAP_UNUSED void tap_text(const char *text)
{
	for (; *text; text++) {
		if (*text == '#')
			fputc('\\', stdout);
		fputc((unsigned char)*text < ' ' ? '?' : *text, stdout);
	}
}

static TAP_UNUSED void tap_line(bool is_good, const char *name)
{
	struct tap *tap = tap_state();

	tap->n_run++;
	if (!is_good)
		tap->n_failed++;
	printf("%s %d - ", is_good ? "ok" : "not ok", tap->n_run);
	tap_text(name);
	fputc('\n', stdout);
	fflush(stdout);
}

/** diag() - a line of explanation; never a result */
static TAP_PRINTF(1, 2) void diag(const char *format, ...)
{
	char text[4096];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	printf("# ");
	tap_text(text);
	fputc('\n', stdout);
	fflush(stdout);
}

static TAP_PRINTF(4, 5) bool tap_ok(bool is_good, const char *file, int line,
				    const char *format, ...)
{
	char name[1024];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(name, sizeof(name), format, args);
	va_end(args);
	tap_line(is_good, name);
	if (!is_good)
		diag("at %s:%d", file, line);
	return is_good;
}

/** ok() - one test, named by a format; returns the condition */
#define ok(condition, ...) \
	tap_ok(!!(condition), __FILE__, __LINE__, __VA_ARGS__)

static TAP_UNUSED bool tap_is_int(long long got, long long want,
				  const char *file, int line, const char *name)
{
	bool is_good = tap_ok(got == want, file, line, "%s", name);

	if (!is_good)
		diag("got %lld, want %lld", got, want);
	return is_good;
}

/** is_int() - two integers are equal (compared as long long) */
#define is_int(got, want, name)                                             \
	tap_is_int((long long)(got), (long long)(want), __FILE__, __LINE__, \
		   (name))

static TAP_UNUSED bool tap_is_str(const char *got, const char *want,
				  const char *file, int line, const char *name)
{
	bool is_same = got && want ? strcmp(got, want) == 0 : got == want;
	bool is_good = tap_ok(is_same, file, line, "%s", name);

	if (!is_good)
		diag("got '%s', want '%s'", got ? got : "(null)",
		     want ? want : "(null)");
	return is_good;
}

/** is_str() - two strings are equal; NULL equals only NULL */
#define is_str(got, want, name) \
	tap_is_str((got), (want), __FILE__, __LINE__, (name))

/** skip() - one test that cannot run here, and why */
static TAP_PRINTF(1, 2) void skip(const char *format, ...)
{
	char reason[1024];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	printf("ok %d # SKIP ", ++tap_state()->n_run);
	tap_text(reason);
	fputc('\n', stdout);
	fflush(stdout);
}

/** skip_all() - nothing of this program can run here; call before any test */
static TAP_UNUSED void skip_all(const char *reason)
{
	tap_state()->is_all_skipped = true;
	printf("1..0 # SKIP ");
	tap_text(reason);
	fputc('\n', stdout);
	fflush(stdout);
}

/** done() - print the plan; return the exit status for main() */
static TAP_UNUSED int done(void)
{
	const struct tap *tap = tap_state();

	if (tap->is_all_skipped)
		return EXIT_SUCCESS;
	printf("1..%d\n", tap->n_run);
	fflush(stdout);
	return tap->n_failed == 0 && tap->n_run > 0 ? EXIT_SUCCESS :
						      EXIT_FAILURE;
}

#endif
