/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole filter in the simulator: every number against its row, golden
 * lists, and the rules of socket() and prctl() against a plain description
 * of what they allow.
 */
#include "filter.h"

#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "bpf-sim.h"
#include "common/cleanup.h"
#include "tap.h"

#define HIGH (1ULL << 32)
#define ALLOW SECCOMP_RET_ALLOW
#define NOTIFY SECCOMP_RET_USER_NOTIF
#define DENY(code) (SECCOMP_RET_ERRNO | (code))

#define EVERY_GROUP                                                \
	(GROUP_OPEN | GROUP_METADATA | GROUP_NAMES | GROUP_ATTRS | \
	 GROUP_EXEC | GROUP_WATCH)

/* Each has a golden list in bpf/golden. */
enum { GUARDED, QUIET, NET, NET_RULES, UNIX_RULES, LOOSE, N_SPECS };

static const struct {
	const char *name;
	struct filter_spec spec;
} specs[N_SPECS] = {
	[GUARDED] = { "guarded", { .notified = EVERY_GROUP } },
	[QUIET] = { "quiet", { .notified = 0 } },
	[NET] = { "net",
		  { .notified = EVERY_GROUP,
		    .allow_fork = true,
		    .allow_net = true } },
	[NET_RULES] = { "net-rules",
			{ .notified = EVERY_GROUP | GROUP_NET | GROUP_SEND,
			  .allow_net = true } },
	[UNIX_RULES] = { "unix-rules",
			 { .notified = EVERY_GROUP | GROUP_NET | GROUP_SEND,
			   .allow_fork = true,
			   .allow_unix = true } },
	[LOOSE] = { "loose",
		    { .allow_fork = true,
		      .allow_net = true,
		      .allow_unix = true,
		      .allow_attrs = true,
		      .allow_watch = true } },
};

static struct sock_fprog filters[N_SPECS];

static uint32_t effect_value(const struct syscall_row *row,
			     enum filter_effect effect)
{
	switch (effect) {
	case FILTER_ALLOWS:
		return ALLOW;
	case FILTER_DENIES:
		return DENY((uint32_t)row->error);
	case FILTER_ASKS:
		return NOTIFY;
	case FILTER_TESTS:
		break;
	}
	return BPF_SIM_INVALID;
}

/*
 * The number alone decides, but for rows with rules: then the kernel keeps the
 * answer in its cache, and a call that is allowed costs the same for any
 * length of the filter.
 */
static void number_decides_as_the_effect_says(int spec)
{
	size_t n_bad = 0;

	for (int nr = 0; nr <= SYSCALL_REVIEWED_MAX; nr++) {
		const struct syscall_row *row = syscall_find(nr);
		enum filter_effect effect =
			row ? filter_effect(&specs[spec].spec, row) :
			      FILTER_ALLOWS;
		bool reads_arguments;
		uint32_t value = bpf_sim_call(&filters[spec], nr, NULL,
					      &reads_arguments);

		if (nr >= SYSCALL_GAP_FIRST && nr <= SYSCALL_GAP_LAST) {
			n_bad += value != DENY(ENOSYS) || reads_arguments;
			continue;
		}
		if (effect != FILTER_TESTS &&
		    (reads_arguments || value != effect_value(row, effect))) {
			diag("number %d", nr);
			n_bad++;
		}
	}
	ok(n_bad == 0, "%s: each number is decided as its row says",
	   specs[spec].name);
}

/* "  number name              answer" for all that is not simply allowed. */
static void write_list(int spec, FILE *out)
{
	for (int nr = 0; nr <= SYSCALL_REVIEWED_MAX + 1; nr++) {
		const struct syscall_row *row = syscall_find(nr);
		char text[32];
		bool reads_arguments;
		uint32_t value = bpf_sim_call(&filters[spec], nr, NULL,
					      &reads_arguments);

		/* socket() is refused whatever its arguments without a flag. */
		if (reads_arguments)
			fprintf(out, "%3d %-24s by its arguments\n", nr,
				row->name);
		else if (value != ALLOW)
			fprintf(out, "%3d %-24s %s\n", nr,
				row                     ? row->name :
				nr == SYSCALL_GAP_FIRST ? "and all to 423" :
							  "and all above",
				bpf_sim_text(value, text, sizeof(text)));
		if (nr == SYSCALL_GAP_FIRST)
			nr = SYSCALL_GAP_LAST;
	}
}

static char *read_golden(const char *path)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	char *text = calloc(1, 65536);

	if (f && text)
		(void)!fread(text, 1, 65535, f);
	return text;
}

/* NSSUPERVISE_GOLDEN=write makes the lists anew; then read the difference. */
static void list_is_golden(int spec)
{
	const char *top = getenv("top_srcdir");
	const char *mode = getenv("NSSUPERVISE_GOLDEN");
	_cleanup_free_ char *path = NULL, *want = NULL, *got = NULL;
	FILE *out;
	size_t size;

	if (asprintf(&path, "%s/bpf/golden/%s.txt", top ? top : ".",
		     specs[spec].name) < 0)
		abort();
	if (mode && strcmp(mode, "write") == 0)
		out = fopen(path, "we");
	else
		out = open_memstream(&got, &size);
	if (!out)
		abort();
	write_list(spec, out);
	(void)fclose(out);
	if (got) {
		want = read_golden(path);
		is_str(got, want, specs[spec].name);
	}
}

static void dump_is_text(void)
{
	_cleanup_fclose_ FILE *out = tmpfile();
	char text[4096] = "";
	int r = out ? filter_dump(&specs[GUARDED].spec, out) : -errno;

	is_int(r, 0, "the filter is dumped");
	if (r < 0)
		return;
	rewind(out);
	(void)!fread(text, 1, sizeof(text) - 1, out);
	ok(strstr(text, "KILL_PROCESS") && strstr(text, "$syscall"),
	   "the dump is libseccomp's text");
}

static void empty_filter_may_be_freed(void)
{
	struct sock_fprog empty = { 0 };

	filter_done(&empty);
	ok(!empty.filter, "filter_done() accepts an empty filter");
}

/* Both internet families: streams and datagrams of TCP and UDP. */
static bool is_inet_allowed(uint32_t type, uint32_t protocol)
{
	uint32_t kind = type & 0xf;

	return kind <= SOCK_DGRAM &&
	       (protocol == 0 || protocol == IPPROTO_TCP ||
		protocol == IPPROTO_UDP);
}

static bool is_socket_allowed(const struct filter_spec *spec, uint32_t family,
			      uint32_t type, uint32_t protocol)
{
	switch (family) {
	case AF_UNIX:
		return spec->allow_unix;
	case AF_INET:
	case AF_INET6:
		return spec->allow_net && is_inet_allowed(type, protocol);
	case AF_NETLINK:
		return spec->allow_net && protocol == NETLINK_ROUTE;
	default:
		return false;
	}
}

/* What AF_UNIX does with a protocol is the kernel's: it takes 0 and 1. */
static bool is_judged(uint32_t family, uint32_t protocol)
{
	return family != AF_UNIX || protocol <= 1;
}

static size_t sockets_of(const struct filter_spec *spec,
			 const struct sock_fprog *filter, uint32_t family)
{
	size_t n_bad = 0;

	for (uint32_t type = 0; type < 16; type++)
		for (uint32_t protocol = 0; protocol < 300; protocol++) {
			uint64_t args[6] = { family, type | SOCK_CLOEXEC,
					     protocol };
			bool is_allowed = bpf_sim_call(filter, SYS_socket, args,
						       NULL) == ALLOW;

			if (is_judged(family, protocol) &&
			    is_allowed != is_socket_allowed(spec, family, type,
							    protocol)) {
				diag("socket(%u, %u, %u)", family, type,
				     protocol);
				n_bad++;
			}
		}
	return n_bad;
}

static void sockets_are_those_of_the_flags(void)
{
	for (unsigned flags = 0; flags < 4; flags++) {
		_cleanup_(filter_done) struct sock_fprog filter = { 0 };
		struct filter_spec spec = { .allow_net = flags & 1,
					    .allow_unix = flags & 2 };
		size_t n_bad = filter_build(&spec, &filter) < 0;

		for (uint32_t family = 0; family < 64; family++)
			n_bad += sockets_of(&spec, &filter, family);
		ok(n_bad == 0, "sockets%s%s: families, types, protocols",
		   spec.allow_net ? " net" : "",
		   spec.allow_unix ? " unix" : "");
	}
}

/* Garbage above an int must not pass a family that is refused below. */
static void high_bits_never_allow(void)
{
	size_t n_bad = 0;

	for (uint64_t family = 0; family < 64; family++) {
		uint64_t args[6] = { family, SOCK_DGRAM, 0 };
		uint64_t high[6] = { HIGH | family, HIGH | SOCK_DGRAM, HIGH };

		for (int i = 0; i < N_SPECS; i++)
			n_bad += bpf_sim_call(&filters[i], SYS_socket, high,
					      NULL) == ALLOW &&
				 bpf_sim_call(&filters[i], SYS_socket, args,
					      NULL) != ALLOW;
	}
	is_int(n_bad, 0, "high bits allow no socket that is refused without");
}

static bool is_prctl_allowed(uint32_t option)
{
	static const uint32_t refused[] = {
		PR_SET_TSC,     PR_SET_SECUREBITS,
		PR_SET_MM,      PR_TASK_PERF_EVENTS_DISABLE,
		PR_CAP_AMBIENT, PR_TASK_PERF_EVENTS_ENABLE,
		PR_SCHED_CORE,
	};

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (option == refused[i])
			return false;
	return option <= 78 || option == PR_SET_VMA;
}

static void prctl_is_reviewed(void)
{
	size_t n_bad = 0;

	/* The second argument is not 0, which PR_SET_DUMPABLE refuses. */
	for (uint64_t option = 0; option < 128; option++) {
		uint64_t args[6] = { option, 1 };
		bool is_allowed = bpf_sim_call(&filters[LOOSE], SYS_prctl, args,
					       NULL) == ALLOW;

		if (is_allowed != is_prctl_allowed((uint32_t)option)) {
			diag("prctl %u", (uint32_t)option);
			n_bad++;
		}
	}
	is_int(n_bad, 0, "prctl options 0 to 127 are those reviewed");
}

int main(void)
{
	for (int i = 0; i < N_SPECS; i++)
		if (!ok(filter_build(&specs[i].spec, &filters[i]) == 0,
			"%s: a filter is built", specs[i].name))
			return done();
	for (int i = 0; i < N_SPECS; i++) {
		number_decides_as_the_effect_says(i);
		list_is_golden(i);
	}
	sockets_are_those_of_the_flags();
	high_bits_never_allow();
	prctl_is_reviewed();
	dump_is_text();
	empty_filter_may_be_freed();
	for (int i = 0; i < N_SPECS; i++)
		filter_done(&filters[i]);
	return done();
}
