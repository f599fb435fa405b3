/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzz target without libFuzzer: on each file named on the command
 * line, and with -mutations=N on N inputs made from these files. Which ones
 * depends on nothing but the files and the number, so that they can be had
 * again.
 */
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>

#include "common/cleanup.h"
#include "fuzz.h"

#define LARGEST ((size_t)4 << 20)
#define MUTANT_MAX ((size_t)8192)
#define STEPS_MAX 6
#define HANG_SECONDS 60
#define HEX_BYTES 32 /* on one line */

struct sample {
	const char *path;
	uint8_t *data;
	size_t size;
};

struct buffer {
	uint8_t data[MUTANT_MAX];
	size_t size;
};

/* Of AddressSanitizer and its like, where there is one. */
void __sanitizer_set_report_fd(void *fd) __attribute__((weak));
void __sanitizer_set_death_callback(void (*callback)(void))
	__attribute__((weak));

/* For the handler. */
static int report_fd = STDERR_FILENO;
static struct sample current;
static unsigned long current_number;

void fuzz_failed(const char *what)
{
	(void)dprintf(report_fd, "%s\n", what);
}

static void say_input(void)
{
	char line[2 * HEX_BYTES + 2];
	size_t n = current.size < MUTANT_MAX ? current.size : MUTANT_MAX;

	(void)dprintf(report_fd, "%s, mutation %lu, %zu bytes:\n", current.path,
		      current_number, current.size);
	for (size_t i = 0, at = 0; current_number > 0 && i < n; i++) {
		at += (size_t)snprintf(line + at, sizeof(line) - at, "%02x",
				       current.data[i]);
		if (at < 2 * HEX_BYTES && i + 1 < n)
			continue;
		(void)dprintf(report_fd, "%s\n", line);
		at = 0;
	}
}

static void die(int number)
{
	void *frames[16];

	/* For addr2line(1). */
	backtrace_symbols_fd(frames, backtrace(frames, 16), report_fd);
	say_input();
	(void)signal(number, SIG_DFL);
	(void)raise(number);
}

/* What targets print is of no interest a thousand times. */
static void be_quiet(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL };
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	report_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 100);
	if (null < 0 || report_fd < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    dup2(null, STDERR_FILENO) < 0)
		abort();
	(void)signal(SIGABRT, die);
	(void)signal(SIGALRM, die);
	if (__sanitizer_set_report_fd && __sanitizer_set_death_callback) {
		__sanitizer_set_report_fd((void *)(intptr_t)report_fd);
		__sanitizer_set_death_callback(say_input);
		return;
	}
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)signal(signals[i], die);
}

static void run(const struct sample *sample, unsigned long number)
{
	/* A copy of the exact size, so that a read beyond it is seen. */
	_cleanup_free_ uint8_t *exact = malloc(sample->size ? sample->size : 1);

	if (!exact)
		abort();
	memcpy(exact, sample->data, sample->size);
	current = (struct sample){ sample->path, exact, sample->size };
	current_number = number;
	(void)alarm(HANG_SECONDS);
	(void)LLVMFuzzerTestOneInput(exact, sample->size);
	(void)alarm(0);
}

/* splitmix64 */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static size_t below(uint64_t *state, size_t n)
{
	return n > 0 ? (size_t)(next_random(state) % n) : 0;
}

/* Puts @n bytes in at @at; what no longer fits is cut. */
static void insert(struct buffer *b, size_t at, const uint8_t *bytes, size_t n)
{
	size_t rest;

	if (n > MUTANT_MAX - at)
		n = MUTANT_MAX - at;
	rest = b->size - at;
	if (rest > MUTANT_MAX - at - n)
		rest = MUTANT_MAX - at - n;
	memmove(b->data + at + n, b->data + at, rest);
	memcpy(b->data + at, bytes, n);
	b->size = at + n + rest;
}

static void erase(struct buffer *b, size_t at, size_t n)
{
	if (n > b->size - at)
		n = b->size - at;
	memmove(b->data + at, b->data + at + n, b->size - at - n);
	b->size -= n;
}

/* A piece of @from goes in, or over what is there. */
static void mix(struct buffer *b, const struct sample *from, uint64_t *state)
{
	uint8_t piece[256];
	size_t start = below(state, from->size);
	size_t n = below(state, sizeof(piece)) + 1;
	size_t at = below(state, b->size + 1);

	if (n > from->size - start)
		n = from->size - start;
	memcpy(piece, from->data + start, n);
	if (below(state, 2))
		erase(b, at, n);
	insert(b, at, piece, n);
}

static void change_byte(struct buffer *b, uint64_t *state)
{
	static const uint8_t special[] = { 0x00, 0x01, 0x7f, 0x80, 0xff, 0x20,
					   '"',  '\\', '/',  '.',  '%',  '*',
					   '[',  '{',  ',',  '\n', '=',  '0' };
	size_t at = below(state, b->size);
	uint8_t byte = special[below(state, sizeof(special))];

	switch (below(state, 4)) {
	case 0:
		b->data[at] ^= (uint8_t)(1u << below(state, 8));
		break;
	case 1:
		b->data[at] = (uint8_t)next_random(state);
		break;
	case 2:
		b->data[at] = byte;
		break;
	default:
		insert(b, at, &byte, 1);
		break;
	}
}

static void mutate(struct buffer *b, const struct sample *samples, size_t n,
		   uint64_t *state)
{
	for (size_t i = below(state, STEPS_MAX) + 1; i > 0; i--) {
		struct sample self = { NULL, b->data, b->size };

		switch (below(state, 5)) {
		case 0:
			erase(b, below(state, b->size + 1),
			      below(state, b->size / 2 + 1));
			break;
		case 1:
			mix(b, &self, state);
			break;
		case 2:
			mix(b, &samples[below(state, n)], state);
			break;
		default:
			if (b->size > 0)
				change_byte(b, state);
			break;
		}
	}
}

static void run_mutations(const struct sample *samples, size_t n,
			  unsigned long count)
{
	static struct buffer b;

	for (unsigned long i = 1; i <= count && n > 0; i++) {
		const struct sample *from = &samples[i % n];
		uint64_t state = i;

		b.size = from->size < MUTANT_MAX ? from->size : MUTANT_MAX;
		memcpy(b.data, from->data, b.size);
		mutate(&b, samples, n, &state);
		run(&(struct sample){ from->path, b.data, b.size }, i);
	}
}

static int load(const char *path, struct sample *ret)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	_cleanup_free_ uint8_t *data = malloc(LARGEST);

	if (!f || !data)
		return -errno;
	ret->path = path;
	ret->size = fread(data, 1, LARGEST, f);
	if (ferror(f))
		return -EIO;
	ret->data = realloc(take_ptr(&data), ret->size + 1);
	return ret->data ? 0 : -ENOMEM;
}

int main(int argc, char **argv)
{
	static const char option[] = "-mutations=";
	struct sample *samples = calloc((size_t)argc, sizeof(*samples));
	unsigned long count = 0;
	size_t n = 0;
	int r = samples ? 0 : -ENOMEM;

	for (int i = 1; i < argc && r == 0; i++) {
		if (strncmp(argv[i], option, strlen(option)) == 0)
			count = strtoul(argv[i] + strlen(option), NULL, 10);
		else if ((r = load(argv[i], &samples[n])) == 0)
			n++;
		if (r < 0)
			fprintf(stderr, "%s: %s\n", argv[i], strerror(-r));
	}
	be_quiet();
	for (size_t i = 0; i < n && r == 0; i++)
		run(&samples[i], 0);
	if (r == 0)
		run_mutations(samples, n, count);
	for (size_t i = 0; i < n; i++)
		free(samples[i].data);
	free(samples);
	return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
