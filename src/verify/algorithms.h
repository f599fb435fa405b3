/* SPDX-License-Identifier: Apache-2.0 */
/* The hash functions an integrity string may name. */
#ifndef VERIFY_ALGORITHMS_H
#define VERIFY_ALGORITHMS_H

#include "verify/integrity.h"

struct algorithm_row {
	const char *name; /* in integrity strings */
	size_t name_len;
	const char *provider_name; /* OpenSSL's */
	size_t size; /* of a digest, in bytes */
	unsigned char known[4]; /* how the digest of "abc" begins (FIPS 180-4) */
};

/* Indexed by enum algorithm. */
extern const struct algorithm_row algorithms[N_ALGORITHMS];

#endif
