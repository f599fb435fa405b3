/* SPDX-License-Identifier: Apache-2.0 */
/* Each case drops in a child; the kernel's own status tells what is left. */
#include "supervise/caps.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define ORDINARY_UID 65534

/* A field of /proc/self/status, as "CapEff"; all ones if it is not there. */
static unsigned long long status_field(const char *name)
{
	FILE *f = fopen("/proc/self/status", "re");
	char line[256];
	unsigned long long value = ~0ULL;
	size_t len = strlen(name);

	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, name, len) == 0 && line[len] == ':')
			value = strtoull(line + len + 1, NULL, 16);
	if (f)
		(void)fclose(f);
	return value;
}

static bool has_nothing(void)
{
	return status_field("CapInh") == 0 && status_field("CapPrm") == 0 &&
	       status_field("CapEff") == 0 && status_field("CapAmb") == 0;
}

/* A body returns 0, or the number of the check that failed. */
static void in_child(int (*body)(void), const char *name)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(body());
	if (pid > 0)
		(void)waitpid(pid, &status, 0);
	if (!ok(status == 0, "%s", name))
		diag("status 0x%x", status);
}

static int root_keeps_nothing(void)
{
	if (caps_drop() != 0)
		return 1;
	if (!has_nothing() || status_field("CapBnd") != 0)
		return 2;
	if (mount("none", "/", NULL, MS_REMOUNT, NULL) == 0 || errno != EPERM)
		return 3;
	/* Neither the securebits nor the bounding set can be changed again. */
	if (prctl(PR_SET_SECUREBITS, 0, 0, 0, 0) == 0)
		return 4;
	return 0;
}

/* Without no_new_privs: the locked securebits alone must do it. */
static int exec_gives_root_nothing(void)
{
	if (caps_drop() != 0)
		return 1;
	(void)execl("/bin/sh", "sh", "-c",
		    "while read -r name value; do"
		    " case $name in CapPrm:|CapEff:|CapBnd:|CapAmb:)"
		    " test $value = 0000000000000000 || exit 2;; esac;"
		    " done </proc/self/status",
		    (char *)NULL);
	return 3;
}

static int setuid_restores_nothing(void)
{
	if (caps_drop() != 0)
		return 1;
	/* Of this thread: libc ends a process whose threads are not alike. */
	if (syscall(SYS_setuid, ORDINARY_UID) == 0)
		return 2;
	return has_nothing() ? 0 : 3;
}

static int second_drop_succeeds(void)
{
	return caps_drop() != 0 || caps_drop() != 0 || !has_nothing();
}

static int ordinary_user_has_nothing(void)
{
	/* Root without CAP_SETUID stays root, and must end the same. */
	(void)!setuid(ORDINARY_UID);
	if (caps_drop() != 0)
		return 1;
	return has_nothing() ? 0 : 2;
}

/* An ordinary user with one capability in all four sets, as pam_cap gives. */
static int ambient_is_dropped(void)
{
	static const cap_value_t one = CAP_CHOWN;
	cap_t caps = cap_init();

	if (!caps || prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 ||
	    setuid(ORDINARY_UID) < 0 ||
	    cap_set_flag(caps, CAP_PERMITTED, 1, &one, CAP_SET) < 0 ||
	    cap_set_flag(caps, CAP_INHERITABLE, 1, &one, CAP_SET) < 0 ||
	    cap_set_proc(caps) < 0 || cap_set_ambient(one, CAP_SET) < 0)
		return 1;
	(void)cap_free(caps);
	if (status_field("CapAmb") == 0)
		return 2;
	if (caps_drop() != 0)
		return 3;
	return has_nothing() ? 0 : 4;
}

/* Permitted, not effective: as after a set-up that lowered everything. */
static int setpcap_is_raised_to_be_used(void)
{
	cap_t caps = cap_get_proc();

	if (!caps || cap_clear_flag(caps, CAP_EFFECTIVE) < 0 ||
	    cap_set_proc(caps) < 0)
		return 1;
	(void)cap_free(caps);
	if (caps_drop() != 0)
		return 2;
	return has_nothing() && status_field("CapBnd") == 0 ? 0 : 3;
}

static bool has_setpcap(void)
{
	unsigned long long effective = status_field("CapEff");

	return getuid() == 0 && effective >> CAP_SETPCAP & 1 &&
	       effective >> CAP_SETUID & 1;
}

int main(void)
{
	static const struct {
		int (*body)(void);
		const char *name;
	} cases[] = {
		{ root_keeps_nothing, "root keeps nothing" },
		{ exec_gives_root_nothing, "exec gives root nothing back" },
		{ setuid_restores_nothing, "setuid restores nothing" },
		{ second_drop_succeeds, "a second drop succeeds" },
		{ ambient_is_dropped, "ambient capabilities are dropped" },
		{ setpcap_is_raised_to_be_used, "CAP_SETPCAP may be lowered" },
	};

	in_child(ordinary_user_has_nothing, "an ordinary user has nothing");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (has_setpcap())
			in_child(cases[i].body, cases[i].name);
		else
			skip("%s: wants root", cases[i].name);
	return done();
}
