/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that wait to be answered, so that each process gets its turn. */
#include "supervise/turns.h"

static void push(struct ring *ring, struct line *line)
{
	line->next = NULL;
	if (ring->last)
		ring->last->next = line;
	else
		ring->first = line;
	ring->last = line;
}

static struct line *pop(struct ring *ring)
{
	struct line *line = ring->first;

	ring->first = line->next;
	if (!ring->first)
		ring->last = NULL;
	return line;
}

static struct line **bucket_of(struct turns *turns, pid_t id)
{
	return &turns->buckets[(unsigned)id % TURNS_BUCKETS];
}

static struct line *find_line(struct turns *turns, pid_t id, bool is_group)
{
	struct line *line = *bucket_of(turns, id);

	while (line && (line->id != id || !line->group != is_group))
		line = line->in_bucket;
	return line;
}

/* There are two for each request that there can be. */
static struct line *new_line(struct turns *turns, pid_t id, struct line *group)
{
	struct line **bucket = bucket_of(turns, id);
	struct line *line = turns->free_lines;

	if (line)
		turns->free_lines = line->next;
	else
		line = &turns->lines[turns->n_lines_used++];
	*line = (struct line){ .id = id, .group = group, .in_bucket = *bucket };
	*bucket = line;
	push(group ? &group->members : &turns->groups, line);
	return line;
}

static void drop_line(struct turns *turns, struct line *line)
{
	struct line **at = bucket_of(turns, line->id);

	while (*at != line)
		at = &(*at)->in_bucket;
	*at = line->in_bucket;
	line->next = turns->free_lines;
	turns->free_lines = line;
}

static struct line *process_line(struct turns *turns, pid_t group,
				 pid_t process)
{
	struct line *line = find_line(turns, process, false);
	struct line *others;

	if (line)
		return line;
	others = find_line(turns, group, true);
	if (!others)
		others = new_line(turns, group, NULL);
	return new_line(turns, process, others);
}

bool turns_add(struct turns *turns, pid_t group, pid_t process,
	       const struct seccomp_notif *request, int64_t since)
{
	struct turn *turn = turns->free_turns;
	struct line *line;

	if (turns->n == TURNS_MAX)
		return false;
	if (turn)
		turns->free_turns = turn->next;
	else
		turn = &turns->pool[turns->n_used++];
	*turn = (struct turn){ .request = *request, .since = since };
	line = process_line(turns, group, process);
	if (line->last)
		line->last->next = turn;
	else
		line->first = turn;
	line->last = turn;
	turns->n++;
	return true;
}

bool turns_take(struct turns *turns, struct seccomp_notif *ret,
		int64_t *ret_since)
{
	struct line *group, *line;
	struct turn *turn;

	if (turns->n == 0)
		return false;
	group = pop(&turns->groups);
	line = pop(&group->members);
	turn = line->first;
	line->first = turn->next;
	if (line->first)
		push(&group->members, line);
	else
		drop_line(turns, line);
	if (group->members.first)
		push(&turns->groups, group);
	else
		drop_line(turns, group);
	*ret = turn->request;
	*ret_since = turn->since;
	turn->next = turns->free_turns;
	turns->free_turns = turn;
	turns->n--;
	return true;
}
