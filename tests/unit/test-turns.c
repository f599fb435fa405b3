/* SPDX-License-Identifier: Apache-2.0 */
/* Turns: who asks often does not keep the others waiting. */
#include "supervise/turns.h"

#include <stdlib.h>

#include "tap.h"

#define FLOOD 1
#define NEIGHBOUR 2

static struct turns turns;
static uint64_t last_id;

static bool add_to(pid_t group, pid_t process)
{
	struct seccomp_notif request = { .id = ++last_id,
					 .pid = (uint32_t)process };

	return turns_add(&turns, group, process, &request,
			 (int64_t)last_id * 10);
}

static bool add(pid_t process)
{
	return add_to(process, process);
}

/* Return: the process, or 0. */
static unsigned take(uint64_t *ret_id)
{
	struct seccomp_notif request;
	int64_t since;

	if (!turns_take(&turns, &request, &since))
		return 0;
	if (since != (int64_t)request.id * 10)
		return 999;
	*ret_id = request.id;
	return request.pid;
}

static void test_order(void)
{
	uint64_t id = 0, before = 0;
	unsigned n = 0;
	bool in_order = true;

	for (int i = 0; i < 400; i++)
		(void)add(FLOOD);
	(void)add(NEIGHBOUR);
	ok(take(&id) == FLOOD && id == 1, "the first is the first");
	ok(take(&id) == NEIGHBOUR, "then it is the other's turn");
	(void)add(NEIGHBOUR);
	(void)add(3);
	ok(take(&id) == FLOOD && id == 2, "each has one turn");
	ok(take(&id) == NEIGHBOUR && take(&id) == 3, "in the order they came");
	while (take(&id) == FLOOD) {
		in_order = in_order && id > before;
		before = id;
		n++;
	}
	ok(n == 398 && in_order, "a process's own are answered in order");
	ok(turns.n == 0 && take(&id) == 0, "then none is left");
}

/* Sixteen young children of one process have half of the turns, not most. */
static void test_group(void)
{
	unsigned n_before = 0;
	uint64_t id;

	for (pid_t i = 100; i < 116; i++)
		(void)add_to(FLOOD, i);
	(void)add(FLOOD);
	(void)add(NEIGHBOUR);
	while (take(&id) != NEIGHBOUR)
		n_before++;
	ok(n_before == 1, "who starts many has no more turns by that");
	for (pid_t i = 101; i < 116; i++)
		n_before += take(&id) == (unsigned)i;
	ok(n_before == 16 && take(&id) == FLOOD && turns.n == 0,
	   "they have theirs one after the other");
	/* A child that floods shares with its parent, turn by turn. */
	for (int i = 0; i < 100; i++)
		(void)add_to(NEIGHBOUR, FLOOD);
	(void)add(NEIGHBOUR);
	ok(take(&id) == FLOOD && take(&id) == NEIGHBOUR,
	   "a parent has its turn beside its child");
	while (take(&id))
		;
}

static void test_full(void)
{
	uint64_t id;
	unsigned n = 0;

	while (add(FLOOD))
		n++;
	ok(n == TURNS_MAX, "there is an end to it");
	ok(take(&id) == FLOOD && add(NEIGHBOUR) && !add(3),
	   "what is taken makes room");
	ok(take(&id) == FLOOD && take(&id) == NEIGHBOUR,
	   "which may be another process's");
	while (take(&id))
		;
	ok(turns.n == 0, "all are taken");
}

/* Against a count: nothing is lost, nothing comes twice. */
static void test_random(void)
{
	unsigned waiting[600] = { 0 };
	unsigned n = 0;
	bool is_right = true;
	uint64_t id;

	srand(1);
	for (int i = 0; i < 200000; i++) {
		unsigned process = 1 + (unsigned)rand() % 599;

		if (rand() % 2) {
			bool has_room = n < TURNS_MAX;

			is_right = is_right && add((pid_t)process) == has_room;
			waiting[process] += has_room;
			n += has_room;
			continue;
		}
		process = take(&id);
		is_right = is_right && (process != 0) == (n > 0) &&
			   process < 600 && (!process || waiting[process] > 0);
		if (process && is_right) {
			waiting[process]--;
			n--;
		}
		is_right = is_right && turns.n == n;
	}
	ok(is_right, "random processes: as many as were added");
	while (take(&id))
		n--;
	ok(n == 0, "and all of them");
}

/* One for each process: more processes than buckets. */
static void test_many(void)
{
	bool is_right = true;
	uint64_t id;

	for (pid_t i = 1; i <= TURNS_MAX; i++)
		is_right = is_right && add(i);
	for (unsigned i = 1; i <= TURNS_MAX; i++)
		is_right = is_right && take(&id) == i;
	ok(is_right && turns.n == 0, "as many processes as requests");
}

int main(void)
{
	test_order();
	test_group();
	test_full();
	test_random();
	test_many();
	return done();
}
