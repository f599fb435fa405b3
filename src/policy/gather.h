/* SPDX-License-Identifier: Apache-2.0 */
/* Which files nspolicy generate lists, and with which hashes. */
#ifndef POLICY_GATHER_H
#define POLICY_GATHER_H

#include "policy/listing.h"
#include "policy/registry.h"
#include "policy/tree.h"

struct gather {
	const struct strings *roots; /* absolute, resolved */
	const struct tree_filter *filter;
	const struct strings *objects; /* only these; NULL: what the roots have */
	const struct registry *registry; /* or NULL */
	const struct strings *accept; /* patterns; see --accept */
	enum algorithm algorithm;
	unsigned jobs;
	size_t n_differing; /* out: each has had its line */
};

/**
 * gather_files() - all resources, sorted
 *
 * What the registry has is listed with the registry's hash, whatever lies on
 * the disk. Logs.
 *
 * Return: 0 or -errno.
 */
int gather_files(struct gather *g, struct listing *ret);

#endif
