/* SPDX-License-Identifier: Apache-2.0 */
/* Integrity strings ("sha384-…") and the digests they are compared with. */
#ifndef VERIFY_INTEGRITY_H
#define VERIFY_INTEGRITY_H

#include <stdbool.h>
#include <stddef.h>

#define DIGEST_SIZE_MAX 64 /* bytes, SHA-512 */
#define SRI_TEXT_SIZE 256 /* enough for one entry of each algorithm */

enum algorithm {
	ALGORITHM_SHA256,
	ALGORITHM_SHA384,
	ALGORITHM_SHA512,
	N_ALGORITHMS,
};

struct integrity_entry {
	enum algorithm algorithm;
	bool can_match; /* the base64 text is as long as the digest */
	unsigned char digest[DIGEST_SIZE_MAX];
};

/* A parsed integrity string; any entry that matches accepts. */
struct integrity {
	char *text; /* as written */
	struct integrity_entry *entries;
	size_t n_entries; /* 0 is valid and matches nothing */
	unsigned algorithms; /* bit 1 << algorithm for each that is needed */
};

/* Why a string was refused: what stood where. */
struct integrity_error {
	size_t position; /* in characters, from 0 */
	char unexpected[8]; /* one character; "" at the end of the string */
};

/**
 * integrity_parse() - parse a list of "ALGORITHM-BASE64[?OPTIONS]"
 * @err: filled for -EINVAL
 *
 * Entries are separated by blanks or tabs. As in Node.js an unknown algorithm
 * anywhere is an error, padding may be missing, and a value of another length
 * than the digest is accepted but never matches.
 *
 * Return: 0, -EINVAL, or -ENOMEM.
 */
int integrity_parse(const char *text, struct integrity *ret,
		    struct integrity_error *err);

/** integrity_meets() - does any entry of @actual match one of @wanted? */
bool integrity_meets(const struct integrity *wanted,
		     const struct integrity *actual);

/** integrity_done() - free what integrity_parse() made */
void integrity_done(struct integrity *integrity);

/** algorithm_find() - by its name ("sha384"). Return: or -1. */
int algorithm_find(const char *name);

/* The digests of one content; those in @algorithms are set. */
struct digests {
	unsigned algorithms;
	unsigned char value[N_ALGORITHMS][DIGEST_SIZE_MAX];
};

/** integrity_match() - does any entry match? In constant time for each. */
bool integrity_match(const struct integrity *integrity,
		     const struct digests *digests);

/**
 * digests_format() - the digests as an integrity string
 * @ret: buffer of at least SRI_TEXT_SIZE bytes
 */
void digests_format(const struct digests *digests, char *ret);

/**
 * hasher_new() - the hash functions of OpenSSL's own default provider
 *
 * No configuration file, no environment, no other provider takes part. Each
 * function is tried on a known answer. Call before any other use of OpenSSL.
 *
 * Return: NULL if any of that fails.
 */
struct hasher *hasher_new(void);

/** hasher_free() - accepts NULL */
void hasher_free(struct hasher *hasher);

/**
 * hashing_new() - room to hash one content after another, with @hasher
 *
 * One for each thread; @hasher may be shared. Return: NULL: no memory.
 */
struct hashing *hashing_new(const struct hasher *hasher);

/** hashing_free() - accepts NULL */
void hashing_free(struct hashing *hashing);

/** hashing_begin() - start anew, for the set @wanted. Return: 0 or -EIO. */
int hashing_begin(struct hashing *hashing, unsigned wanted);

/** hashing_update() - more content. Return: 0 or -EIO. */
int hashing_update(struct hashing *hashing, const void *data, size_t len);

/** hashing_end() - the result. Return: 0 or -EIO. */
int hashing_end(struct hashing *hashing, struct digests *ret);

/** hash_buffer() - begin, update and end in one */
int hash_buffer(struct hashing *hashing, unsigned wanted, const void *data,
		size_t len, struct digests *ret);

#endif
