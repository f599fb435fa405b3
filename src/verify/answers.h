/* SPDX-License-Identifier: Apache-2.0 */
/* Answers about URLs, for the loop of the verifier. */
#ifndef VERIFY_ANSWERS_H
#define VERIFY_ANSWERS_H

#include "common/proto.h"

struct manifest;

/**
 * answer_url() - NSV_URL: of what has no file the asker hashed the content
 *
 * Return: 0 with the verdict set, or -ENOMEM.
 */
int answer_url(const struct manifest *manifest,
	       const struct nsv_request *request, struct nsv_reply *reply);

/** answer_dependency() - NSV_RESOLVE. Return: as answer_url(). */
int answer_dependency(const struct manifest *manifest,
		      const struct nsv_request *request,
		      struct nsv_reply *reply);

#endif
