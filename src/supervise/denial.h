/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of a denial: the answer, what is said, what is learned. Of this
 * judge.h has what handlers use.
 */
#ifndef SUPERVISE_DENIAL_H
#define SUPERVISE_DENIAL_H

#include "supervise/supervisor.h"

/**
 * denial_decided() - decide() said no
 * @path: what was decided on: object->path, or object->hidden
 */
void denial_decided(struct call *call, const struct object *object,
		    enum operation operation, const char *path,
		    const struct decision *decision);

/** denial_hide() - deny with @error and say nothing: it is not worth a line */
void denial_hide(struct call *call, int error);

/**
 * denial_let_through() - --report-only: leave the request to the kernel
 *
 * If it was denied, or would be because something failed.
 */
void denial_let_through(struct call *call);

#endif
