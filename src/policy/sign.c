/* SPDX-License-Identifier: Apache-2.0 */
/* nspolicy sign, nspolicy verify: who stands for a manifest. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "common/log.h"
#include "common/readall.h"
#include "policy/arguments.h"
#include "policy/commands.h"
#include "policy/report.h"
#include "policy/write.h"
#include "verify/signature.h"

#define SMALL_MAX 4096 /* keys and signatures */

struct sign_options {
	const char *key;
	const char *signature;
};

static int print_help(const struct argument *table, const char *usage)
{
	printf("%s\n", usage);
	arguments_help(table);
	printf("\nMake a pair of keys:\n\n"
	       "  openssl genpkey -algorithm ed25519 -out private.pem\n"
	       "  openssl pkey -in private.pem -pubout -out public.pem\n");
	return finish_output(STATUS_SAME);
}

/* The whole file and a NUL. Logs. */
static int read_file(const char *path, size_t max, char **ret, size_t *ret_len)
{
	int r = read_regular(path, max, ret, ret_len);

	if (r < 0)
		log_error("cannot read '%s': %s", path, strerror(-r));
	return r;
}

/* What both commands need: the manifest, the key, the signature's name. */
struct job {
	char *text;
	size_t len;
	char *key;
	char *signature; /* the name of its file */
};

static void job_done(struct job *job)
{
	free(job->text);
	free(job->key);
	free(job->signature);
}

static int prepare(const struct sign_options *o, const struct strings *operands,
		   const char *usage, struct job *ret)
{
	size_t len;

	if (!o->key || operands->n != 1) {
		log_error("a key and one manifest are needed: %s", usage);
		return -EINVAL;
	}
	if (o->signature)
		ret->signature = strdup(o->signature);
	else if (asprintf(&ret->signature, "%s.sig", operands->items[0]) < 0)
		ret->signature = NULL;
	if (!ret->signature)
		return -ENOMEM;
	if (read_file(operands->items[0], JSON_SIZE_MAX, &ret->text,
		      &ret->len) < 0)
		return -EINVAL;
	return read_file(o->key, SMALL_MAX, &ret->key, &len);
}

static int sign(const struct sign_options *o, const struct strings *operands)
{
	_cleanup_(job_done) struct job job = { 0 };
	char text[SIGNATURE_TEXT_SIZE + 1];
	size_t len;
	int r = prepare(o, operands, "nspolicy sign --key=FILE MANIFEST", &job);

	if (r < 0)
		return STATUS_FAILED;
	r = signature_make(job.key, job.text, job.len, text);
	if (r < 0) {
		log_error(
			"'%s': %s", o->key,
			r == -EINVAL ?
				"not a private Ed25519 key in PEM form without a passphrase" :
				strerror(-r));
		return STATUS_FAILED;
	}
	len = strlen(text);
	text[len++] = '\n';
	return write_file(job.signature, text, len) < 0 ? STATUS_FAILED :
							  STATUS_SAME;
}

static int verify(const struct sign_options *o, const struct strings *operands)
{
	_cleanup_(job_done) struct job job = { 0 };
	_cleanup_free_ char *signature = NULL;
	size_t len;
	int r = prepare(o, operands, "nspolicy verify --key=FILE MANIFEST",
			&job);

	if (r < 0 || read_file(job.signature, SMALL_MAX, &signature, &len) < 0)
		return STATUS_FAILED;
	r = signature_check(job.key, signature, job.text, job.len);
	switch (r) {
	case 0:
		report("signed", operands->items[0]);
		return finish_output(STATUS_SAME);
	case -EKEYREJECTED:
		report("refused", operands->items[0]);
		return finish_output(STATUS_DIFFERS);
	case -EINVAL:
		log_error("'%s': not a public Ed25519 key in PEM form", o->key);
		return STATUS_FAILED;
	case -EBADMSG:
		log_error("'%s': not a signature", job.signature);
		return STATUS_FAILED;
	default:
		log_error("cannot verify: %s", strerror(-r));
		return STATUS_FAILED;
	}
}

static int run(int argc, char **argv, const char *usage, const char *key_help,
	       int (*work)(const struct sign_options *o,
			   const struct strings *operands))
{
	_cleanup_(strings_done) struct strings operands = { 0 };
	struct sign_options o = { 0 };
	const struct argument table[] = {
		{ "key", "FILE", ARGUMENT_TEXT, &o.key, key_help },
		{ "signature", "FILE", ARGUMENT_TEXT, &o.signature,
		  "where the signature is (MANIFEST.sig)" },
		{ "help", NULL, ARGUMENT_FLAG, NULL, "print this text" },
		{ 0 },
	};
	int r = arguments_parse(table, argc, argv, &operands);

	if (r > 0)
		return print_help(table, usage);
	return r < 0 ? STATUS_FAILED : work(&o, &operands);
}

int command_sign(int argc, char **argv)
{
	return run(argc, argv,
		   "Usage: nspolicy sign --key=FILE MANIFEST\n\n"
		   "Signs a manifest with Ed25519, for nssupervise "
		   "--policy-key=FILE.\n",
		   "the private key (PEM)", sign);
}

int command_verify(int argc, char **argv)
{
	return run(
		argc, argv,
		"Usage: nspolicy verify --key=FILE MANIFEST\n\n"
		"Prints \"signed\" if the signature is that of the manifest "
		"by this key; else\n\"refused\", and the exit status is 1.\n",
		"the public key (PEM)", verify);
}
