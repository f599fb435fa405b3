/* SPDX-License-Identifier: Apache-2.0 */
/* Ed25519 signatures of manifests. */
#ifndef VERIFY_SIGNATURE_H
#define VERIFY_SIGNATURE_H

#include <stddef.h>

#define SIGNATURE_TEXT_SIZE 96 /* base64 of 64 bytes, and the end */

/**
 * signature_check() - is @signature that of @data by the owner of @key?
 * @key: a public key in PEM ("-----BEGIN PUBLIC KEY-----")
 * @signature: base64; a line end behind it does not matter
 *
 * Return: 0; -EKEYREJECTED if it is not; -EINVAL if @key is no Ed25519 public
 * key; -EBADMSG if @signature is no signature; -ENOMEM.
 */
int signature_check(const char *key, const char *signature, const void *data,
		    size_t len);

/**
 * signature_make() - sign @data
 * @key: a private key in PEM, not encrypted
 * @ret: the text, without a line end
 *
 * Return: 0; -EINVAL if @key is no such Ed25519 key; -EIO; -ENOMEM.
 */
int signature_make(const char *key, const void *data, size_t len,
		   char ret[SIGNATURE_TEXT_SIZE]);

#endif
