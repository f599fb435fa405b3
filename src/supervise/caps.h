/* SPDX-License-Identifier: Apache-2.0 */
/* Capabilities: gone for good, also for a target that runs as root. */
#ifndef SUPERVISE_CAPS_H
#define SUPERVISE_CAPS_H

/**
 * caps_drop() - give up every capability, see capabilities(7)
 *
 * Clears ambient, inheritable, permitted and effective. Where CAP_SETPCAP is
 * there: also bounding, and the securebits that give root its capabilities
 * back are set and locked. Without it neither can be changed, and
 * no_new_privs (the launch sets it) keeps exec from adding any.
 *
 * Reads everything back. For the calling thread: call it before there are
 * others.
 *
 * Return: 0, -EPERM when something is left, or -errno.
 */
int caps_drop(void);

#endif
