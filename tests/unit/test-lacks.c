/* SPDX-License-Identifier: Apache-2.0 */
/* What each older kernel loses, in words. */
#include "supervise/lacks.h"

#include <stdio.h>
#include <string.h>

#include "supervise/ruleset.h"
#include "tap.h"

/* Each of them once, by the ABI that still lacks it. */
static const struct {
	unsigned abi;
	const char *names;
} wanted[] = {
	{ 0, "landlock tcp device-ioctls signals abstract-sockets " },
	{ 1, "moving truncation tcp device-ioctls signals abstract-sockets " },
	{ 2, "truncation tcp device-ioctls signals abstract-sockets " },
	{ 3, "tcp device-ioctls signals abstract-sockets " },
	{ 4, "device-ioctls signals abstract-sockets " },
	{ 5, "signals abstract-sockets " },
	{ LACKS_FULL_ABI, "" },
	{ LACKS_FULL_ABI + 1, "" },
};

static void names_of(const struct lacks *lacks, bool alone, char *ret,
		     size_t size)
{
	struct lack list[LACKS_MAX];
	size_t n = lacks_list(lacks, alone, list);

	ret[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(ret);

		(void)snprintf(ret + len, size - len, "%s ", list[i].name);
	}
}

static void each_abi_loses_what_came_later(void)
{
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		const struct lacks lacks = { .landlock_abi = wanted[i].abi };
		char name[64], got[256];

		for (int alone = 0; alone < 2; alone++) {
			(void)snprintf(name, sizeof(name), "ABI %u%s",
				       wanted[i].abi, alone ? ", alone" : "");
			names_of(&lacks, alone, got, sizeof(got));
			is_str(got, wanted[i].names, name);
		}
	}
}

static void signals_matter_to_a_supervisor(void)
{
	const struct lacks lacks = { .landlock_abi = LACKS_FULL_ABI,
				     .no_killable = true };
	char got[256];

	names_of(&lacks, false, got, sizeof(got));
	is_str(got, "wait-killable ", "signals end a wait");
	names_of(&lacks, true, got, sizeof(got));
	is_str(got, "", "without a supervisor nothing waits");
}

/* What a ruleset can say must be lost where it cannot. */
static void every_right_that_came_later_is_told(void)
{
	for (unsigned abi = 1; abi < LACKS_FULL_ABI; abi++) {
		const struct lacks older = { .landlock_abi = abi };
		const struct lacks newer = { .landlock_abi = abi + 1 };
		struct lack list[LACKS_MAX];
		size_t n_older = lacks_list(&older, false, list);
		size_t n_newer = lacks_list(&newer, false, list);

		ok(ruleset_handled(abi) == ruleset_handled(abi + 1) ||
			   n_older > n_newer,
		   "ABI %u lacks a right", abi);
	}
}

int main(void)
{
	each_abi_loses_what_came_later();
	signals_matter_to_a_supervisor();
	every_right_that_came_later_is_told();
	return done();
}
