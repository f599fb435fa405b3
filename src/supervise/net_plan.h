/* SPDX-License-Identifier: Apache-2.0 */
/* The network rules of a run, from its options; and asking them. */
#ifndef SUPERVISE_NET_PLAN_H
#define SUPERVISE_NET_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "supervise/net_rule.h"

struct json_object;
struct options;
struct strings;

/**
 * net_plan_make() - the rules of --allow-net and --allow-unix=@NAME
 *
 * With a name to look up, the name servers of this machine are reachable too.
 * Return: 0 or -ENOMEM. Free it with net_rules_done().
 */
int net_plan_make(const struct options *options, struct net_rules *ret);

/**
 * net_plan_files() - what the supervisor reads to look names up itself
 *
 * Return: 0 or -ENOMEM.
 */
int net_plan_files(const struct net_rules *rules, struct strings *ret);

/**
 * net_plan_why() - may @asked, written like a rule, be reached?
 * @error: @size bytes, for -EINVAL
 * @ret: what allows it: NULL for --allow-net alone
 *
 * Return: 1 allowed, 0 denied, -EINVAL for a question that is none, -ENOMEM.
 */
int net_plan_why(const struct net_rules *rules, const char *asked,
		 const struct net_rule **ret, char *error, size_t size);

/** net_plan_show() - the rules, for --explain */
struct json_object *net_plan_show(const struct net_rules *rules);

/** net_plan_print() - what net_plan_show() made, for people */
void net_plan_print(struct json_object *list);

#endif
