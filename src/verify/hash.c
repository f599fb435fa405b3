/* SPDX-License-Identifier: Apache-2.0 */
/* Hashing by OpenSSL, without anything that could configure OpenSSL. */
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <stdlib.h>
#include <string.h>

#include "verify/algorithms.h"
#include "verify/integrity.h"

#define ROW(text, provider, bytes, ...)                     \
	{                                                   \
		.name = text, .name_len = sizeof(text) - 1, \
		.provider_name = provider, .size = bytes,   \
		.known = { __VA_ARGS__ },                   \
	}

const struct algorithm_row algorithms[N_ALGORITHMS] = {
	[ALGORITHM_SHA256] =
		ROW("sha256", "SHA2-256", 32, 0xba, 0x78, 0x16, 0xbf),
	[ALGORITHM_SHA384] =
		ROW("sha384", "SHA2-384", 48, 0xcb, 0x00, 0x75, 0x3f),
	[ALGORITHM_SHA512] =
		ROW("sha512", "SHA2-512", 64, 0xdd, 0xaf, 0x35, 0xa1),
};

struct hasher {
	OSSL_LIB_CTX *library;
	OSSL_PROVIDER *provider;
	EVP_MD *functions[N_ALGORITHMS]; /* fetched once: a fetch costs µs */
};

struct hashing {
	const struct hasher *hasher;
	EVP_MD_CTX *contexts[N_ALGORITHMS];
	unsigned algorithms; /* of the content at hand */
};

static int fetch_functions(struct hasher *hasher)
{
	for (size_t i = 0; i < N_ALGORITHMS; i++) {
		EVP_MD *md = EVP_MD_fetch(hasher->library,
					  algorithms[i].provider_name,
					  "provider=default");

		hasher->functions[i] = md;
		if (!md || EVP_MD_get_size(md) != (int)algorithms[i].size)
			return -EIO;
	}
	return 0;
}

/* A provider that answers nonsense must not get to judge anything. */
static int try_known_answers(const struct hasher *hasher)
{
	struct hashing *hashing = hashing_new(hasher);
	struct digests digests = { 0 };
	int r = -EIO;

	if (hashing)
		r = hash_buffer(hashing, (1u << N_ALGORITHMS) - 1, "abc", 3,
				&digests);
	for (size_t i = 0; i < N_ALGORITHMS && r == 0; i++)
		if (memcmp(digests.value[i], algorithms[i].known,
			   sizeof(algorithms[i].known)) != 0)
			r = -EIO;
	hashing_free(hashing);
	return r;
}

struct hasher *hasher_new(void)
{
	struct hasher *hasher = calloc(1, sizeof(*hasher));

	if (!hasher)
		return NULL;
	/*
	 * OPENSSL_CONF and friends may name code to load (OPENSSL_MODULES):
	 * the library's own start must not read them, and the private context
	 * has never seen a configuration.
	 */
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) == 1)
		hasher->library = OSSL_LIB_CTX_new();
	if (hasher->library)
		hasher->provider =
			OSSL_PROVIDER_load(hasher->library, "default");
	if (!hasher->provider || fetch_functions(hasher) < 0 ||
	    try_known_answers(hasher) < 0) {
		hasher_free(hasher);
		return NULL;
	}
	return hasher;
}

void hasher_free(struct hasher *hasher)
{
	if (!hasher)
		return;
	for (size_t i = 0; i < N_ALGORITHMS; i++)
		EVP_MD_free(hasher->functions[i]);
	if (hasher->provider)
		(void)OSSL_PROVIDER_unload(hasher->provider); /* at the end */
	OSSL_LIB_CTX_free(hasher->library);
	free(hasher);
}

struct hashing *hashing_new(const struct hasher *hasher)
{
	struct hashing *hashing = calloc(1, sizeof(*hashing));

	if (!hashing)
		return NULL;
	hashing->hasher = hasher;
	for (size_t i = 0; i < N_ALGORITHMS; i++) {
		hashing->contexts[i] = EVP_MD_CTX_new();
		if (!hashing->contexts[i]) {
			hashing_free(hashing);
			return NULL;
		}
	}
	return hashing;
}

void hashing_free(struct hashing *hashing)
{
	if (!hashing)
		return;
	for (size_t i = 0; i < N_ALGORITHMS; i++)
		EVP_MD_CTX_free(hashing->contexts[i]);
	free(hashing);
}

int hashing_begin(struct hashing *hashing, unsigned wanted)
{
	hashing->algorithms = wanted;
	for (size_t i = 0; i < N_ALGORITHMS; i++)
		if ((wanted & (1u << i)) &&
		    EVP_DigestInit_ex2(hashing->contexts[i],
				       hashing->hasher->functions[i],
				       NULL) != 1)
			return -EIO;
	return 0;
}

int hashing_update(struct hashing *hashing, const void *data, size_t len)
{
	for (size_t i = 0; i < N_ALGORITHMS; i++)
		if ((hashing->algorithms & (1u << i)) &&
		    EVP_DigestUpdate(hashing->contexts[i], data, len) != 1)
			return -EIO;
	return 0;
}

int hashing_end(struct hashing *hashing, struct digests *ret)
{
	*ret = (struct digests){ 0 };
	for (size_t i = 0; i < N_ALGORITHMS; i++) {
		unsigned len = 0;

		if ((hashing->algorithms & (1u << i)) == 0)
			continue;
		if (EVP_DigestFinal_ex(hashing->contexts[i], ret->value[i],
				       &len) != 1 ||
		    len != algorithms[i].size) {
			*ret = (struct digests){ 0 };
			return -EIO;
		}
		/* Set last: a digest that failed cannot match anything. */
		ret->algorithms |= 1u << i;
	}
	return 0;
}

int hash_buffer(struct hashing *hashing, unsigned wanted, const void *data,
		size_t len, struct digests *ret)
{
	int r = hashing_begin(hashing, wanted);

	if (r == 0)
		r = hashing_update(hashing, data, len);
	if (r == 0)
		r = hashing_end(hashing, ret);
	return r;
}
