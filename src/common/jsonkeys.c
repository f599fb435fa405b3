/* SPDX-License-Identifier: Apache-2.0 */
/* The set of all keys of a JSON text, to find the ones an object has twice. */
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "common/jsonscan.h"
#include "common/utf8.h"

/* An empty slot has start 0: a brace comes before every key. */
struct slot {
	uint64_t hash;
	uint32_t serial;
	uint32_t start;
	uint32_t len;
};

struct json_keys {
	const char *text;
	uint64_t seed[2];
	struct slot *slots;
	size_t n_slots; /* a power of two, at most half of them used */
	size_t n_used;
};

static uint32_t hex4(const char *p)
{
	uint32_t value = 0;

	for (int i = 0; i < 4; i++) {
		char c = p[i];

		value = value * 16 +
			(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return value;
}

uint32_t json_next_char(const char **p)
{
	static const char escapes[] = "b\bf\fn\nr\rt\t";
	const char *s = *p;
	uint32_t c = 0;

	if (*s != '\\') {
		*p += utf8_decode(s, 4, &c);
		return c;
	}
	*p += 2;
	for (size_t i = 0; i < sizeof(escapes) - 1; i += 2)
		if (escapes[i] == s[1])
			return (uint32_t)escapes[i + 1];
	if (s[1] != 'u')
		return (uint32_t)s[1];
	*p += 4;
	c = hex4(s + 2);
	if (c < 0xd800 || c > 0xdfff)
		return c;
	*p += 6;
	return 0x10000 + ((c - 0xd800) << 10) + (hex4(s + 8) - 0xdc00);
}

static uint64_t rotate(uint64_t x, int by)
{
	return (x << by) | (x >> (64 - by));
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
}

/*
 * SipHash-1-3 over the decoded characters, so that "a" and "\u0061" meet and
 * nobody can choose keys that all fall into one slot.
 */
static uint64_t hash_key(const struct json_keys *keys, uint32_t serial,
			 struct json_span key)
{
	uint64_t v[4] = { keys->seed[0] ^ 0x736f6d6570736575,
			  keys->seed[1] ^ 0x646f72616e646f6d,
			  keys->seed[0] ^ 0x6c7967656e657261,
			  keys->seed[1] ^ 0x7465646279746573 };
	const char *p = keys->text + key.start;
	const char *end = p + key.len;

	sip_word(v, serial);
	while (p < end)
		sip_word(v, json_next_char(&p));
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static bool is_same_key(const struct json_keys *keys, const struct slot *slot,
			struct json_span key)
{
	const char *a = keys->text + slot->start;
	const char *a_end = a + slot->len;
	const char *b = keys->text + key.start;
	const char *b_end = b + key.len;

	while (a < a_end && b < b_end)
		if (json_next_char(&a) != json_next_char(&b))
			return false;
	return a == a_end && b == b_end;
}

struct json_keys *json_keys_new(const char *text)
{
	struct json_keys *keys = calloc(1, sizeof(*keys));

	if (!keys)
		return NULL;
	keys->text = text;
	/* A failure leaves a fixed seed: slower at worst, never wrong. */
	(void)getrandom(keys->seed, sizeof(keys->seed), GRND_NONBLOCK);
	return keys;
}

void json_keys_free(struct json_keys *keys)
{
	if (keys)
		free(keys->slots);
	free(keys);
}

static void place(struct json_keys *keys, const struct slot *slot)
{
	size_t i = slot->hash & (keys->n_slots - 1);

	while (keys->slots[i].start != 0)
		i = (i + 1) & (keys->n_slots - 1);
	keys->slots[i] = *slot;
}

static int grow(struct json_keys *keys)
{
	struct json_keys bigger = *keys;

	bigger.n_slots = keys->n_slots ? 2 * keys->n_slots : 64;
	bigger.slots = calloc(bigger.n_slots, sizeof(*bigger.slots));
	if (!bigger.slots)
		return -ENOMEM;
	for (size_t i = 0; i < keys->n_slots; i++)
		if (keys->slots[i].start != 0)
			place(&bigger, &keys->slots[i]);
	free(keys->slots);
	*keys = bigger;
	return 0;
}

int json_keys_add(struct json_keys *keys, uint32_t serial, struct json_span key)
{
	struct slot slot = { .hash = hash_key(keys, serial, key),
			     .serial = serial,
			     .start = (uint32_t)key.start,
			     .len = (uint32_t)key.len };

	if (2 * (keys->n_used + 1) > keys->n_slots && grow(keys) < 0)
		return -ENOMEM;
	for (size_t i = slot.hash & (keys->n_slots - 1);
	     keys->slots[i].start != 0; i = (i + 1) & (keys->n_slots - 1)) {
		const struct slot *other = &keys->slots[i];

		if (other->hash == slot.hash && other->serial == serial &&
		    is_same_key(keys, other, key))
			return -EEXIST;
	}
	place(keys, &slot);
	keys->n_used++;
	return 0;
}
