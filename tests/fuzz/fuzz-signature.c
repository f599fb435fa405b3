/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys and signatures of anybody's making: one signature counts, that of the
 * key's owner, for these bytes and no others.
 *
 * Input: a byte of flags, then strings that end in NUL: a key, a signature;
 * the rest is the manifest.
 */
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "common/cleanup.h"
#include "fuzz.h"
#include "verify/signature.h"

#define PEM_SIZE 512

enum flags {
	FLAG_KEY = 1, /* a real key in place of the input's */
	FLAG_SIGNATURE = 2, /* a real signature ... */
	FLAG_CHANGED = 4, /* ... with one bit changed ... */
	FLAG_TAIL = 8, /* ... and the input's behind it */
};

static struct {
	char private[PEM_SIZE];
	char public[PEM_SIZE];
} pem;

static void make_keys(void)
{
	EVP_PKEY *key;
	BIO *bio;

	if (pem.public[0])
		return;
	key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	bio = BIO_new(BIO_s_mem());
	if (!key || !bio ||
	    PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) !=
		    1 ||
	    BIO_read(bio, pem.private, PEM_SIZE - 1) <= 0 ||
	    PEM_write_bio_PUBKEY(bio, key) != 1 ||
	    BIO_read(bio, pem.public, PEM_SIZE - 1) <= 0)
		abort();
	BIO_free(bio);
	EVP_PKEY_free(key);
}

/* Only line ends may follow a signature. */
static bool is_plain_end(const char *text)
{
	return text[strspn(text, "\r\n")] == '\0';
}

static void check_real(unsigned flags, const char *tail,
		       const struct fuzz_input *in)
{
	char made[SIGNATURE_TEXT_SIZE];
	_cleanup_free_ char *text = NULL;
	bool is_good = !(flags & FLAG_CHANGED);
	int r;

	FUZZ_CHECK(signature_make(pem.private, in->data, in->size, made) == 0);
	/* The last digit but the padding has bits that do not count. */
	if (flags & FLAG_CHANGED)
		made[flags % 80] = made[flags % 80] == 'A' ? 'B' : 'A';
	if (asprintf(&text, "%s%s", made, flags & FLAG_TAIL ? tail : "") < 0)
		abort();
	r = signature_check(pem.public, text, in->data, in->size);
	if ((flags & FLAG_TAIL) && !is_plain_end(tail))
		FUZZ_CHECK(r == -EBADMSG);
	else
		FUZZ_CHECK(r == (is_good ? 0 : -EKEYREJECTED));
	if (r == 0 && in->size > 0)
		FUZZ_CHECK(signature_check(pem.public, text, in->data,
					   in->size - 1) == -EKEYREJECTED);
	FUZZ_CHECK(signature_check(pem.private, text, in->data, in->size) ==
		   -EINVAL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	unsigned flags = fuzz_byte(&in);
	_cleanup_free_ char *key = fuzz_string(&in);
	_cleanup_free_ char *signature = fuzz_string(&in);
	char ignored[SIGNATURE_TEXT_SIZE];
	int r;

	make_keys();
	if ((flags & FLAG_KEY) && (flags & FLAG_SIGNATURE)) {
		check_real(flags, signature, &in);
		return 0;
	}
	r = signature_check(flags & FLAG_KEY ? pem.public : key, signature,
			    in.data, in.size);
	/* Nobody but its owner can sign for the real key. */
	FUZZ_CHECK(r < 0 || !(flags & FLAG_KEY));
	FUZZ_CHECK(r == 0 || r == -EKEYREJECTED || r == -EINVAL ||
		   r == -EBADMSG);
	r = signature_make(key, in.data, in.size, ignored);
	FUZZ_CHECK(r == 0 || r == -EINVAL);
	return 0;
}
