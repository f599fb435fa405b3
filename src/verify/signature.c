/* SPDX-License-Identifier: Apache-2.0 */
/* Ed25519 by OpenSSL, in a context that no configuration file reaches. */
#include "verify/signature.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <stdbool.h>
#include <string.h>

#include "common/cleanup.h"

#define SIGNATURE_SIZE 64 /* RFC 8032 */
#define BASE64_SIZE 88

struct context {
	OSSL_LIB_CTX *library;
	OSSL_PROVIDER *provider;
	EVP_PKEY *key;
	EVP_MD_CTX *signing;
};

static void context_done(struct context *context)
{
	EVP_MD_CTX_free(context->signing);
	EVP_PKEY_free(context->key);
	if (context->provider)
		(void)OSSL_PROVIDER_unload(context->provider);
	OSSL_LIB_CTX_free(context->library);
}

/* A key with a passphrase is refused: there is nobody to ask for it. */
static int no_passphrase(char *buffer, int size, int rwflag, void *data)
{
	(void)buffer;
	(void)size;
	(void)rwflag;
	(void)data;
	return -1;
}

static int open_key(struct context *context, const char *pem, bool is_private)
{
	BIO *bio;

	context->library = OSSL_LIB_CTX_new();
	context->signing = EVP_MD_CTX_new();
	if (!context->library || !context->signing)
		return -ENOMEM;
	context->provider = OSSL_PROVIDER_load(context->library, "default");
	bio = BIO_new_mem_buf(pem, -1);
	if (!context->provider || !bio) {
		BIO_free(bio);
		return -ENOMEM;
	}
	context->key =
		is_private ?
			PEM_read_bio_PrivateKey_ex(bio, NULL, no_passphrase,
						   NULL, context->library,
						   NULL) :
			PEM_read_bio_PUBKEY_ex(bio, NULL, no_passphrase, NULL,
					       context->library, NULL);
	BIO_free(bio);
	return context->key && EVP_PKEY_is_a(context->key, "ED25519") ? 0 :
									-EINVAL;
}

/* Exactly one signature and at most a line end. */
static int decode(const char *text, unsigned char ret[SIGNATURE_SIZE])
{
	unsigned char bytes[BASE64_SIZE / 4 * 3];

	if (strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			 "0123456789+/") != BASE64_SIZE - 2 ||
	    strncmp(text + BASE64_SIZE - 2, "==", 2) != 0 ||
	    text[BASE64_SIZE + strspn(text + BASE64_SIZE, "\r\n")] != '\0' ||
	    EVP_DecodeBlock(bytes, (const unsigned char *)text, BASE64_SIZE) !=
		    (int)sizeof(bytes))
		return -EBADMSG;
	memcpy(ret, bytes, SIGNATURE_SIZE);
	return 0;
}

int signature_check(const char *key, const char *signature, const void *data,
		    size_t len)
{
	_cleanup_(context_done) struct context context = { 0 };
	unsigned char bytes[SIGNATURE_SIZE];
	int r = open_key(&context, key, /* is_private= */ false);

	if (r == 0)
		r = decode(signature, bytes);
	if (r < 0)
		return r;
	/* Only 1 is a yes; 0 and negative numbers are all kinds of no. */
	if (EVP_DigestVerifyInit_ex(context.signing, NULL, NULL,
				    context.library, NULL, context.key,
				    NULL) != 1)
		return -EINVAL;
	return EVP_DigestVerify(context.signing, bytes, sizeof(bytes), data,
				len) == 1 ?
		       0 :
		       -EKEYREJECTED;
}

int signature_make(const char *key, const void *data, size_t len,
		   char ret[SIGNATURE_TEXT_SIZE])
{
	_cleanup_(context_done) struct context context = { 0 };
	unsigned char bytes[SIGNATURE_SIZE];
	size_t n = sizeof(bytes);
	int r = open_key(&context, key, /* is_private= */ true);

	if (r < 0)
		return r;
	if (EVP_DigestSignInit_ex(context.signing, NULL, NULL, context.library,
				  NULL, context.key, NULL) != 1)
		return -EINVAL;
	if (EVP_DigestSign(context.signing, bytes, &n, data, len) != 1 ||
	    n != sizeof(bytes))
		return -EIO;
	(void)EVP_EncodeBlock((unsigned char *)ret, bytes, (int)n);
	return 0;
}
