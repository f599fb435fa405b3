/* SPDX-License-Identifier: Apache-2.0 */
/* See landlock(7). Nothing here needs a privilege. */
#include "supervise/ruleset.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "common/kernel.h"

#define NET_SINCE_ABI 4
#define SCOPE_SINCE_ABI 6

/* The one table of rights. A group of 0: handled, and granted by no rule. */
static const struct right {
	const char *name;
	uint64_t bit;
	unsigned since_abi;
	bool is_for_files; /* not for directories alone */
	unsigned group;
} rights[] = {
	{ "execute", LANDLOCK_ACCESS_FS_EXECUTE, 1, true, ACCESS_EXEC },
	{ "write_file", LANDLOCK_ACCESS_FS_WRITE_FILE, 1, true, ACCESS_WRITE },
	{ "read_file", LANDLOCK_ACCESS_FS_READ_FILE, 1, true, ACCESS_READ },
	{ "read_dir", LANDLOCK_ACCESS_FS_READ_DIR, 1, false, ACCESS_READ },
	{ "remove_dir", LANDLOCK_ACCESS_FS_REMOVE_DIR, 1, false, ACCESS_WRITE },
	{ "remove_file", LANDLOCK_ACCESS_FS_REMOVE_FILE, 1, false,
	  ACCESS_WRITE },
	{ "make_char", LANDLOCK_ACCESS_FS_MAKE_CHAR, 1, false, 0 },
	{ "make_dir", LANDLOCK_ACCESS_FS_MAKE_DIR, 1, false, ACCESS_WRITE },
	{ "make_reg", LANDLOCK_ACCESS_FS_MAKE_REG, 1, false, ACCESS_WRITE },
	{ "make_sock", LANDLOCK_ACCESS_FS_MAKE_SOCK, 1, false,
	  ACCESS_WRITE | ACCESS_SOCK },
	{ "make_fifo", LANDLOCK_ACCESS_FS_MAKE_FIFO, 1, false, ACCESS_WRITE },
	{ "make_block", LANDLOCK_ACCESS_FS_MAKE_BLOCK, 1, false, 0 },
	{ "make_sym", LANDLOCK_ACCESS_FS_MAKE_SYM, 1, false, ACCESS_WRITE },
	{ "refer", LANDLOCK_ACCESS_FS_REFER, 2, false, ACCESS_WRITE },
	{ "truncate", LANDLOCK_ACCESS_FS_TRUNCATE, 3, true, ACCESS_WRITE },
	{ "ioctl_dev", LANDLOCK_ACCESS_FS_IOCTL_DEV, 5, true, ACCESS_DEVICE },
};

#define N_RIGHTS (sizeof(rights) / sizeof(rights[0]))

int landlock_abi(void)
{
	return kernel_landlock_create(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

int ruleset_require(unsigned min_abi)
{
	int abi = landlock_abi();

	if (abi < 0)
		return abi;
	return (unsigned)abi < min_abi ? -EPROTONOSUPPORT : 0;
}

uint64_t ruleset_handled(unsigned abi)
{
	uint64_t handled = 0;

	for (size_t i = 0; i < N_RIGHTS; i++)
		if (rights[i].since_abi <= abi)
			handled |= rights[i].bit;
	return handled;
}

static uint64_t access_of(unsigned groups, bool is_directory)
{
	uint64_t access = 0;

	for (size_t i = 0; i < N_RIGHTS; i++)
		if ((rights[i].group & groups) &&
		    (is_directory || rights[i].is_for_files))
			access |= rights[i].bit;
	return access;
}

/* Reasons for which the target could not use the path either. */
static bool is_nowhere(int error)
{
	return error == ENOENT || error == ENOTDIR || error == EACCES ||
	       error == ELOOP;
}

/* Return: 1 when the path was skipped. */
static int add_rule(int ruleset_fd, const struct domain_rule *rule,
		    uint64_t handled, bool pin)
{
	struct landlock_path_beneath_attr attr;
	_cleanup_close_ int fd = -1;
	struct stat st;
	int r;

	fd = kernel_openat2(AT_FDCWD, rule->path, O_PATH | O_CLOEXEC, 0,
			    rule->is_resolved ? RESOLVE_NO_SYMLINKS : 0);
	if (fd < 0)
		return is_nowhere(-fd) ? 1 : fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	attr.parent_fd = fd;
	attr.allowed_access = access_of(rule->groups, S_ISDIR(st.st_mode)) &
			      handled;
	/* Nothing that this kernel could deny; an empty rule is ENOMSG. */
	if (attr.allowed_access == 0)
		return 0;
	r = kernel_landlock_add_path(ruleset_fd, &attr);
	if (r == 0 && pin && strncmp(rule->path, "/proc/", 6) == 0)
		(void)take_fd(&fd);
	/* A pipe, a socket, a memory file: nobody can be kept from those. */
	return r == -EBADFD ? 1 : r;
}

/* A ruleset has to handle something: nothing grants devices to be made. */
static void open_up(struct kernel_ruleset_attr *attr)
{
	attr->scoped &= LANDLOCK_SCOPE_SIGNAL;
	attr->handled_access_net = 0;
	attr->handled_access_fs = attr->scoped ? 0 :
						 LANDLOCK_ACCESS_FS_MAKE_BLOCK;
}

int ruleset_create(const struct domain_rule *rules, size_t n, unsigned flags,
		   int *ret_fd)
{
	struct kernel_ruleset_attr attr = { 0 };
	_cleanup_close_ int fd = -1;
	int n_skipped = 0, abi = landlock_abi();

	if (abi < 0)
		return abi;
	attr.handled_access_fs = ruleset_handled((unsigned)abi);
	if ((flags & RULESET_DENY_NET) && abi >= NET_SINCE_ABI)
		attr.handled_access_net = LANDLOCK_ACCESS_NET_BIND_TCP |
					  LANDLOCK_ACCESS_NET_CONNECT_TCP;
	if ((flags & RULESET_SCOPES) && abi >= SCOPE_SINCE_ABI)
		attr.scoped = LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET |
			      LANDLOCK_SCOPE_SIGNAL;
	if (flags & RULESET_OPEN)
		open_up(&attr);
	/* An older kernel takes a longer struct if what it lacks is zero. */
	fd = kernel_landlock_create(&attr, sizeof(attr), 0);
	if (fd < 0)
		return fd;
	for (size_t i = 0; i < n; i++) {
		int r = add_rule(fd, &rules[i], attr.handled_access_fs,
				 flags & RULESET_PIN);

		if (r < 0)
			return r;
		n_skipped += r;
	}
	*ret_fd = take_fd(&fd);
	return n_skipped;
}

int ruleset_add_process(int ruleset_fd, pid_t pid, bool pin)
{
	/* See proc(5); what this kernel lacks is skipped. */
	static const char *const names[] = {
		"arch_status",     "attr",        "autogroup",  "auxv",
		"cgroup",          "clear_refs",  "cmdline",    "comm",
		"coredump_filter", "cpuset",      "environ",    "fd",
		"fdinfo",          "gid_map",     "io",         "limits",
		"loginuid",        "map_files",   "maps",       "mem",
		"mountinfo",       "mounts",      "mountstats", "ns",
		"numa_maps",       "oom_adj",     "oom_score",  "oom_score_adj",
		"pagemap",         "personality", "projid_map", "sched",
		"schedstat",       "sessionid",   "setgroups",  "smaps",
		"smaps_rollup",    "stack",       "stat",       "statm",
		"status",          "syscall",     "timers",     "timerslack_ns",
		"uid_map",         "wchan",
	};
	int r = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && r >= 0;
	     i++) {
		struct domain_rule rule = { .groups = ACCESS_READ };
		char path[64];

		(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid,
			       names[i]);
		rule.path = path;
		r = add_rule(ruleset_fd, &rule, ruleset_handled(1), pin);
	}
	return r < 0 ? r : 0;
}

int ruleset_enforce(int ruleset_fd)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return kernel_landlock_restrict(ruleset_fd, 0);
}

void ruleset_describe(unsigned groups, unsigned abi,
		      char ret[RULESET_TEXT_SIZE])
{
	size_t len = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < N_RIGHTS; i++) {
		int n;

		if (!(rights[i].group & groups) || rights[i].since_abi > abi)
			continue;
		n = snprintf(ret + len, RULESET_TEXT_SIZE - len, "%s%s",
			     len ? " " : "", rights[i].name);
		assert(n > 0 && (size_t)n < RULESET_TEXT_SIZE - len);
		len += (size_t)n;
	}
}
