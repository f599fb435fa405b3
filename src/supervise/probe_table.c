/* SPDX-License-Identifier: Apache-2.0 */
/* What is looked for, what it is for, and what to say where it is missing. */
#include <errno.h>

#include "supervise/probe_checks.h"
#include "supervise/ruleset.h"

#define LANDLOCK_LACKS "Landlock is too old here, it does not limit "
#define LANDLOCK_WANTED "; Linux 6.12 or newer is needed"

/* By ABI, see landlock(7). */
static const char *const landlock_lacks[PROBE_LANDLOCK_ABI] = {
	[1] = LANDLOCK_LACKS "moves between directories, truncation, TCP, "
			     "device ioctls, signals and abstract "
			     "sockets" LANDLOCK_WANTED,
	[2] = LANDLOCK_LACKS "truncation, TCP, device ioctls, signals and "
			     "abstract sockets" LANDLOCK_WANTED,
	[3] = LANDLOCK_LACKS "TCP, device ioctls, signals and abstract "
			     "sockets" LANDLOCK_WANTED,
	[4] = LANDLOCK_LACKS "device ioctls, signals and abstract "
			     "sockets" LANDLOCK_WANTED,
	[5] = LANDLOCK_LACKS "signals and abstract sockets" LANDLOCK_WANTED,
};

/* A probe's better consequence for one error, or NULL. */
static const char *explain_landlock(int error)
{
	int abi = landlock_abi();

	if (error == EOPNOTSUPP)
		return "Landlock is switched off: add landlock to the list "
		       "lsm= of the kernel's command line; or a nssupervise "
		       "around this one opens files itself, which it could "
		       "not hold: grant that one whole directories only, and "
		       "neither / nor /proc";
	if (error == ENOSYS)
		return "this kernel has no Landlock, or a filter around us "
		       "hides it: it needs CONFIG_SECURITY_LANDLOCK";
	if (error == EPROTONOSUPPORT && abi > 0 && abi < PROBE_LANDLOCK_ABI)
		return landlock_lacks[abi];
	return NULL;
}

static const char *explain_layers(int error)
{
	return error == E2BIG ? "too many Landlock layers are around us: "
				"16 can be nested, and we need 3" :
				NULL;
}

static const char *explain_listener(int error)
{
	return error == EBUSY ? "another supervisor is active around us, and "
				"the kernel allows one: start nssupervise "
				"outside of it" :
				NULL;
}

static const char *explain_memory(int error)
{
	return error == EACCES ? "the supervisor cannot read what is asked "
				 "for: see kernel.yama.ptrace_scope, which "
				 "must be 0 or 1" :
				 NULL;
}

static const struct probe probes[] = {
	{ .name = "privileges",
	  .purpose = "the user who starts us decides, not the owner of a file",
	  .consequence = "started with raised privileges: remove the set-uid "
			 "or set-gid bit and file capabilities",
	  .run = probe_privileges,
	  .is_needed = true },
	{ .name = "procfs",
	  .purpose = "the target's memory, directory and descriptors",
	  .consequence = "/proc is not the proc file system of this PID "
			 "namespace: mount it (mount -t proc proc /proc)",
	  .run = probe_procfs,
	  .is_needed = true },
	{ .name = "openat2",
	  .purpose = "resolving a path without being led astray",
	  .consequence = "no path can be resolved safely: Linux 5.6 or a "
			 "filter around us that lets openat2 through is needed",
	  .is_supervision = true,
	  .run = probe_openat2,
	  .is_needed = true },
	{ .name = "landlock",
	  .purpose = "the kernel denies what no flag allows",
	  .consequence = "nothing can be denied by the kernel",
	  .is_landlock = true,
	  .run = probe_landlock,
	  .explain = explain_landlock,
	  .is_needed = true },
	{ .name = "landlock-errata",
	  .purpose = "known faults of Landlock are mended",
	  .consequence = "known faults of Landlock are not all mended: a "
			 "newer kernel is better",
	  .run = probe_landlock_errata },
	{ .name = "landlock-domain",
	  .purpose = "a process can give up files, signals and the network",
	  .consequence = "the target cannot be confined",
	  .is_landlock = true,
	  .run = probe_landlock_domain,
	  .explain = explain_layers,
	  .is_needed = true,
	  .is_forked = true },
	{ .name = "landlock-nesting",
	  .purpose = "the supervisor reads the target, never the reverse",
	  .consequence = "supervisor and target cannot be kept apart",
	  .is_landlock = true,
	  .is_supervision = true,
	  .run = probe_landlock_nesting,
	  .explain = explain_layers,
	  .is_needed = true,
	  .is_forked = true },
	{ .name = "no-new-privs",
	  .purpose = "no set-uid program raises the target",
	  .consequence = "set-uid programs would raise the target",
	  .run = probe_no_new_privs,
	  .is_needed = true,
	  .is_forked = true },
	{ .name = "capabilities",
	  .purpose = "root in the sandbox has no power over the kernel",
	  .consequence = "capabilities cannot be given up",
	  .run = probe_capabilities,
	  .is_needed = true,
	  .is_forked = true },
	{ .name = "seccomp-filter",
	  .purpose = "system calls that no flag allows are refused",
	  .consequence = "system calls cannot be refused: the kernel needs "
			 "CONFIG_SECCOMP_FILTER",
	  .run = probe_filter,
	  .is_needed = true,
	  .is_forked = true },
	{ .name = "seccomp-i386",
	  .purpose = "no way around the filter by 32-bit calls",
	  .consequence = "32-bit system calls would pass the filter",
	  .run = probe_filter_i386,
	  .is_needed = true,
	  .is_forked = true },
	{ .name = "seccomp-notify",
	  .purpose = "the kernel can ask the supervisor",
	  .consequence = "the kernel cannot ask the supervisor: Linux 5.19 or "
			 "newer is needed",
	  .is_supervision = true,
	  .run = probe_seccomp_notify,
	  .is_needed = true },
	{ .name = "seccomp-listener",
	  .purpose = "the supervisor is asked, and answers",
	  .consequence = "no call can be decided by the supervisor",
	  .is_supervision = true,
	  .run = probe_listener,
	  .explain = explain_listener,
	  .is_needed = true,
	  .is_forked = true },
	{ .name = "seccomp-wait-killable",
	  .purpose = "a signal does not undo a call that is being answered",
	  .consequence = "signals would repeat calls that were carried out: "
			 "Linux 5.19 or newer is needed",
	  .is_supervision = true,
	  .run = probe_wait_killable,
	  .explain = explain_listener,
	  .is_needed = true,
	  .is_forked = true },
	{ .name = "seccomp-wake-up",
	  .purpose = "an answer stays on its core",
	  .consequence = "answers are several times slower; Linux 6.6 has it",
	  .run = probe_wake_up,
	  .explain = explain_listener,
	  .is_forked = true },
	{ .name = "seccomp-addfd",
	  .purpose = "the file that was checked is the one the target gets",
	  .consequence = "no file can be handed to the target",
	  .is_supervision = true,
	  .run = probe_addfd,
	  .explain = explain_listener,
	  .is_needed = true,
	  .is_forked = true },
	{ .name = "seccomp-close",
	  .purpose = "when the supervisor dies, what it decides is refused",
	  .consequence = "calls would not fail when the supervisor dies",
	  .is_supervision = true,
	  .run = probe_listener_close,
	  .explain = explain_listener,
	  .is_needed = true,
	  .is_forked = true },
	{ .name = "target-memory",
	  .purpose = "reading the paths that the target asks for",
	  .consequence = "the supervisor cannot read what is asked for",
	  .is_supervision = true,
	  .run = probe_target_memory,
	  .explain = explain_memory,
	  .is_needed = true,
	  .is_forked = true },
	{ .name = "pidfd-getfd",
	  .purpose = "inotify watches, rules for the network",
	  .consequence =
		  "inotify watches are denied, and rules for the network "
		  "cannot be kept (containers often refuse pidfd_getfd)",
	  .run = probe_pidfd_getfd,
	  .is_forked = true },
	{ .name = "memfd-seals",
	  .purpose = "verified bytes cannot change any more",
	  .consequence = "no verified copy can be made",
	  .is_supervision = true,
	  .run = probe_memfd_seals,
	  .is_needed = true },
	{ .name = "memfd-noexec",
	  .purpose = "a verified copy is never executed itself",
	  .consequence = "only the system call filter keeps copies from being "
			 "executed; Linux 6.3 has it",
	  .run = probe_memfd_noexec },
};

const struct probe *probe_table(size_t *ret_n)
{
	*ret_n = sizeof(probes) / sizeof(probes[0]);
	return probes;
}
