/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock: rights as one table, and a ruleset from rules on paths. */
#ifndef SUPERVISE_RULESET_H
#define SUPERVISE_RULESET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What a rule gives, as sets of rights; ruleset_describe() names them. */
enum access_group {
	ACCESS_READ = 1 << 0, /* read files, list directories */
	ACCESS_WRITE = 1 << 1, /* write, truncate, create, remove, move */
	ACCESS_EXEC = 1 << 2, /* run; wants ACCESS_READ as well */
	ACCESS_DEVICE = 1 << 3, /* ioctl on devices */
	ACCESS_SOCK = 1 << 4, /* make sockets */
};

enum ruleset_flag {
	RULESET_SCOPES = 1 << 0, /* no signal, no abstract socket outwards */
	RULESET_DENY_NET = 1 << 1, /* no TCP bind, no TCP connect */
	RULESET_OPEN = 1 << 2, /* signals only: nothing else is denied */
	RULESET_PIN = 1 << 3, /* keep rules on /proc alive, see below */
};

/* A file, or a directory and everything beneath. */
struct domain_rule {
	const char *path;
	unsigned groups; /* enum access_group bits */
	/*
	 * The path was resolved before: a link that is on it now was put there
	 * since, and leads where nobody has asked for.
	 */
	bool is_resolved;
};

/* Where the text of all groups fits, see ruleset_describe(). */
#define RULESET_TEXT_SIZE 256

/**
 * landlock_abi() - the version of Landlock that the kernel speaks
 *
 * Return: 1 or more; -ENOSYS: built without; -EOPNOTSUPP: switched off at boot
 * ("lsm=" lacks landlock).
 */
int landlock_abi(void);

/**
 * ruleset_require() - is Landlock at least at @min_abi?
 *
 * Return: 0; as landlock_abi(); or -EPROTONOSUPPORT when it is older.
 */
int ruleset_require(unsigned min_abi);

/** ruleset_handled() - all filesystem rights of @abi that we know */
uint64_t ruleset_handled(unsigned abi);

/**
 * ruleset_create() - a ruleset that denies everything but @rules
 * @flags: enum ruleset_flag bits; what the kernel's ABI lacks is left out, so
 *	ask ruleset_require(6) for the scopes, (4) for TCP
 * @ret_fd: the ruleset, close-on-exec
 *
 * Every right of the kernel's ABI is handled, but with RULESET_OPEN. Rights that make sense for
 * directories only are dropped from a rule on another file. A path that leads
 * nowhere for us (missing, unreachable, resolved but now with a link), or to what
 * Landlock does not judge (a pipe, a socket), is skipped.
 *
 * A rule belongs to an inode, and /proc makes new ones when its names have
 * fallen out of the cache. RULESET_PIN keeps the names of rules beneath /proc
 * there: by descriptors (close-on-exec) that stay open for good.
 *
 * Return: the number of rules skipped; as landlock_abi(); or -errno of
 * opening or adding a path.
 */
int ruleset_create(const struct domain_rule *rules, size_t n, unsigned flags,
		   int *ret_fd);

/**
 * ruleset_add_process() - let process @pid be read by its entries of /proc
 *
 * All of them but net, which is the whole host's, and with it task. For the
 * same reason as with RULESET_PIN, @pin keeps a descriptor of each.
 *
 * Return: 0 or -errno.
 */
int ruleset_add_process(int ruleset_fd, pid_t pid, bool pin);

/**
 * ruleset_enforce() - enter the domain, for good
 *
 * Sets no_new_privs. Landlock restricts the calling thread and what it starts
 * later, so call it before there are threads.
 *
 * Return: 0, -E2BIG when 16 domains are nested already, or -errno.
 */
int ruleset_enforce(int ruleset_fd);

/**
 * ruleset_describe() - the rights of @groups under @abi: "read_file read_dir"
 * @ret: takes RULESET_TEXT_SIZE bytes
 */
void ruleset_describe(unsigned groups, unsigned abi,
		      char ret[RULESET_TEXT_SIZE]);

#endif
