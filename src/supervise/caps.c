/* SPDX-License-Identifier: Apache-2.0 */
/* The order matters: CAP_SETPCAP goes last, the other steps need it. */
#include "supervise/caps.h"

#include <errno.h>
#include <linux/securebits.h>
#include <stdbool.h>
#include <sys/capability.h>

#include "common/cleanup.h"

/* Root has no special meaning, now or after a change of user. */
#define SECUREBITS                                                       \
	(SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP | \
	 SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |       \
	 SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

static void free_caps(cap_t *caps)
{
	if (*caps)
		(void)cap_free(*caps);
}

#define _cleanup_caps_ _cleanup_(free_caps)

static int result(int r)
{
	return r < 0 ? -errno : 0;
}

/* Makes CAP_SETPCAP effective if it is permitted; 1 if so, 0 if not. */
static int raise_setpcap(void)
{
	static const cap_value_t setpcap = CAP_SETPCAP;
	_cleanup_caps_ cap_t caps = cap_get_proc();
	cap_flag_value_t is_permitted;

	if (!caps ||
	    cap_get_flag(caps, setpcap, CAP_PERMITTED, &is_permitted) < 0)
		return -errno;
	if (is_permitted != CAP_SET)
		return 0;
	if (cap_set_flag(caps, CAP_EFFECTIVE, 1, &setpcap, CAP_SET) < 0 ||
	    cap_set_proc(caps) < 0)
		return -errno;
	return 1;
}

static int drop_bounding(void)
{
	for (cap_value_t cap = 0; cap < cap_max_bits(); cap++)
		if (cap_drop_bound(cap) < 0)
			return -errno;
	/* A locked bit may only stay as it is. */
	return result(cap_set_secbits(cap_get_secbits() | SECUREBITS));
}

static int drop_all(void)
{
	_cleanup_caps_ cap_t none = cap_init();

	if (!none || cap_reset_ambient() < 0)
		return -errno;
	return result(cap_set_proc(none));
}

static int verify(bool has_setpcap)
{
	_cleanup_caps_ cap_t none = cap_init(), caps = cap_get_proc();

	if (!none || !caps)
		return -errno;
	if (cap_compare(none, caps) != 0)
		return -EPERM;
	for (cap_value_t cap = 0; cap < cap_max_bits(); cap++) {
		if (cap_get_ambient(cap) == CAP_SET)
			return -EPERM;
		if (has_setpcap && cap_get_bound(cap) != CAP_CLEAR)
			return -EPERM;
	}
	if (has_setpcap && (cap_get_secbits() & SECUREBITS) != SECUREBITS)
		return -EPERM;
	return 0;
}

int caps_drop(void)
{
	int r, has_setpcap = raise_setpcap();

	if (has_setpcap < 0)
		return has_setpcap;
	r = has_setpcap ? drop_bounding() : 0;
	if (r == 0)
		r = drop_all();
	return r < 0 ? r : verify(has_setpcap);
}
