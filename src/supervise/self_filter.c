/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One list, compiled by hand: libseccomp would need half a millisecond of
 * every start for it. First the calls that are judged by an argument, ioctl(2)
 * before all others; then a binary search, which the kernel runs once for
 * each number and remembers.
 */
#include "supervise/self_filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "common/kernel.h"

#define NUMBERS 512 /* of system calls; the highest is 469 today */
#define INSNS_MAX 1024
#define JUMP_MAX 255

#define ALLOWED SECCOMP_RET_ALLOW
#define UNKNOWN (SECCOMP_RET_ERRNO | ENOSYS)
#define REFUSED (SECCOMP_RET_ERRNO | EPERM)
#define ENDED SECCOMP_RET_KILL_PROCESS

/* Of clone(2): a thread, and nothing that gets a namespace. */
#define CLONE_SPACES                                                   \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | \
	 CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)
#define CLONE_AS_THREAD (CLONE_THREAD | CLONE_VM | CLONE_SIGHAND)

enum operand {
	VALUE,
	SELF, /* our own process */
	TARGET,
	WITH_NET, /* .value, but only where the network is ours to use */
	WITH_SIGNALS, /* .value, where processes are signalled one by one */
};

/* TEST() of self_calls.def */
struct test {
	short nr;
	unsigned char arg;
	enum operand operand;
	uint32_t mask;
	uint32_t value;
	uint32_t otherwise;
};

#define WHOLE UINT32_MAX

/* Allowed without a look at its arguments, or hostile. */
struct listed {
	short nr;
	bool is_for_net;
	uint32_t answer;
};

static const struct listed calls[] = {
#define ALLOW(call) { SYS_##call, false, ALLOWED },
#define NET(call) { SYS_##call, true, ALLOWED },
#define HOSTILE(call) { SYS_##call, false, ENDED },
#define TEST(...)
#include "supervise/self_calls.def"
#undef ALLOW
#undef NET
#undef HOSTILE
#undef TEST
};

static const struct test tests[] = {
#define ALLOW(call)
#define NET(call)
#define HOSTILE(call)
#define TEST(call, arg, operand, mask, value, otherwise) \
	{ SYS_##call, arg, operand, mask, value, otherwise },
#include "supervise/self_calls.def"
#undef ALLOW
#undef NET
#undef HOSTILE
#undef TEST
};

#define N(array) (sizeof(array) / sizeof((array)[0]))

struct builder {
	const struct self_filter *spec;
	struct sock_filter *insns;
	size_t n;
	bool is_too_big;
};

/* Numbers from .first on, up to the next run's, have one answer. */
struct run {
	uint32_t first;
	uint32_t answer;
};

static void emit(struct builder *b, unsigned code, uint32_t k, size_t yes,
		 size_t no)
{
	if (b->n >= INSNS_MAX || yes > JUMP_MAX || no > JUMP_MAX) {
		b->is_too_big = true;
		return;
	}
	b->insns[b->n++] = (struct sock_filter)BPF_JUMP(
		(uint16_t)code, k, (uint8_t)yes, (uint8_t)no);
}

static void emit_load(struct builder *b, size_t offset)
{
	emit(b, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void emit_answer(struct builder *b, uint32_t answer)
{
	emit(b, BPF_RET | BPF_K, answer, 0, 0);
}

static void emit_test(struct builder *b, const struct test *test)
{
	uint32_t value = test->value;

	if (test->operand == WITH_NET && !b->spec->allow_net)
		return;
	if (test->operand == WITH_SIGNALS && !b->spec->may_signal)
		return;
	if (test->operand == SELF)
		value = (uint32_t)b->spec->self;
	if (test->operand == TARGET)
		value = (uint32_t)b->spec->target;
	/* Little endian: the lower half comes first. */
	emit_load(b, offsetof(struct seccomp_data, args) +
			     test->arg * sizeof(uint64_t));
	if (test->mask != WHOLE)
		emit(b, BPF_ALU | BPF_AND | BPF_K, test->mask, 0, 0);
	emit(b, BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
	emit_answer(b, ALLOWED);
}

/* All tests of one number; returns how many. Each way through ends. */
static size_t emit_group(struct builder *b, const struct test *first, size_t n)
{
	size_t at = b->n;
	size_t i = 0;

	emit(b, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)first->nr, 0, 0);
	for (; i < n && first[i].nr == first->nr; i++)
		emit_test(b, &first[i]);
	emit_answer(b, first[i - 1].otherwise);
	if (b->n - at - 1 > JUMP_MAX)
		b->is_too_big = true;
	else
		b->insns[at].jf = (uint8_t)(b->n - at - 1);
	return i;
}

/* NOLINTNEXTLINE(misc-no-recursion): halves a list of a few hundred */
static void emit_search(struct builder *b, const struct run *runs, size_t n)
{
	size_t half = n / 2;
	size_t at = b->n;

	if (n == 1) {
		emit_answer(b, runs->answer);
		return;
	}
	emit(b, BPF_JMP | BPF_JGE | BPF_K, runs[half].first, 0, 0);
	emit_search(b, runs, half);
	if (b->n - at - 1 > JUMP_MAX)
		b->is_too_big = true;
	else
		b->insns[at].jt = (uint8_t)(b->n - at - 1);
	emit_search(b, runs + half, n - half);
}

/* Everything above the last number is unknown, x32 calls included. */
static size_t find_runs(const struct self_filter *spec, struct run *ret)
{
	uint32_t answers[NUMBERS];
	size_t n = 0;

	for (size_t i = 0; i < NUMBERS; i++)
		answers[i] = UNKNOWN;
	for (size_t i = 0; i < N(calls); i++)
		if (!calls[i].is_for_net || spec->allow_net)
			answers[calls[i].nr] = calls[i].answer;
	for (uint32_t i = 0; i < NUMBERS; i++)
		if (i == 0 || answers[i] != answers[i - 1])
			ret[n++] = (struct run){ i, answers[i] };
	return n;
}

int self_filter_build(const struct self_filter *spec, struct sock_fprog *ret)
{
	struct run runs[NUMBERS];
	size_t n_runs = find_runs(spec, runs);
	struct builder b = { .spec = spec };

	b.insns = calloc(INSNS_MAX, sizeof(*b.insns));
	if (!b.insns)
		return -ENOMEM;
	emit_load(&b, offsetof(struct seccomp_data, arch));
	emit(&b, BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0);
	emit_answer(&b, ENDED);
	emit_load(&b, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < N(tests);)
		i += emit_group(&b, &tests[i], N(tests) - i);
	emit_search(&b, runs, n_runs);
	if (b.is_too_big) {
		free(b.insns);
		return -E2BIG;
	}
	*ret = (struct sock_fprog){ .len = (unsigned short)b.n,
				    .filter = b.insns };
	return 0;
}

void self_filter_done(struct sock_fprog *filter)
{
	free(filter->filter);
	*filter = (struct sock_fprog){ 0 };
}

/* Both compilers say so, each in its own way. */
static bool is_sanitized(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	return true;
#elif defined(__has_feature)
	return __has_feature(address_sanitizer) ||
	       __has_feature(thread_sanitizer);
#else
	return false;
#endif
}

int self_filter_install(const struct self_filter *spec)
{
	unsigned flags = SECCOMP_FILTER_FLAG_TSYNC;
	struct sock_fprog filter;
	int r;

	if (is_sanitized())
		return 0;
	if (spec->is_logged)
		flags |= SECCOMP_FILTER_FLAG_LOG;
	r = self_filter_build(spec, &filter);
	if (r < 0)
		return r;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		r = -errno;
	if (r == 0)
		r = kernel_seccomp(SECCOMP_SET_MODE_FILTER, flags, &filter);
	self_filter_done(&filter);
	/* Above zero it is the thread that could not be included. */
	return r > 0 ? -EBUSY : r;
}
