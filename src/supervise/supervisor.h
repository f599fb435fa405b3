/* SPDX-License-Identifier: Apache-2.0 */
/* What every handler of a notification works with. */
#ifndef SUPERVISE_SUPERVISOR_H
#define SUPERVISE_SUPERVISOR_H

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#include "supervise/notify.h"
#include "supervise/request.h"
#include "supervise/resolve.h"
#include "supervise/rules.h"

struct learn;
struct images;
struct net_rules;
struct profile;
struct runtimes;
struct signals;
struct verifier;

/* One run. Set before the receivers start, then only read. */
struct supervisor {
	const struct rules *rules;
	const struct profile *profile;
	const struct runtimes *runtimes; /* whose threads are known */
	const struct images *images; /* whose code is the runtime's own */
	struct verifier *verifier; /* NULL without --policy */
	struct signals *signals; /* to end the run */
	int listener;
	int proc_fd; /* O_PATH of /proc */
	int self_fd; /* O_PATH of our own /proc/self/fd */
	int root_fd; /* O_PATH of "/" */
	dev_t proc_dev;
	pid_t pid; /* ours, hidden from the target */
	pid_t target_pid; /* the command's first process */
	bool allow_child; /* --allow-child-process */
	bool opens_alone; /* the kernel decides them: see alone.c */
	bool restrict_exec; /* ... but not everything that can be read */
	bool allow_worker;
	bool allow_addons;
	bool allow_wasi;
	bool allow_inspector;
	bool allow_net; /* all of it; else what net_rules say */
	bool report_only; /* decide and report, then let it through */
	struct learn *learn; /* --learn, or NULL */
	const struct net_rules *net_rules;
	atomic_bool is_launched; /* the command's own execve was let through */
	atomic_bool is_wary; /* many requests are stuck: look, then open */
};

/* One notification on its way; one per receiver thread, reused. */
struct call {
	struct supervisor *supervisor;
	struct view view;
	struct request request;
	struct answer answer;
	bool is_denied; /* by the rules, and not because it fails by itself */
	bool is_kept; /* ... and --report-only does not let it through either */
	bool is_silent; /* only asked: a denial is not reported */
	atomic_bool is_waiting; /* in a call that may block: end it by EINTR */
};

/**
 * call_is_slow() - the request at hand may take a while: let another thread
 * receive meanwhile
 *
 * What takes longer than expected is noticed anyway, but only after a while in
 * which everybody waits.
 *
 * Return: false when its process has too many such: to be denied.
 */
bool call_is_slow(struct call *call); /* supervise.c */

/* Fills in call->answer, which is a denial when the handler is entered. */
typedef void call_handler(struct call *call);

call_handler handle_open; /* open.c */
call_handler handle_exec; /* exec.c */
call_handler handle_stat, handle_statx, handle_access, handle_readlink,
	handle_chdir, handle_statfs, handle_watch, handle_getxattr,
	handle_listxattr, handle_getattr; /* metadata.c */
call_handler handle_rename, handle_link, handle_symlink, handle_unlink,
	handle_mkdir, handle_mknod, handle_truncate; /* names.c */
call_handler handle_clone; /* threads.c */
call_handler handle_mmap; /* image.c */
call_handler handle_connect, handle_bind, handle_listen; /* net.c */
call_handler handle_sendto, handle_sendmsg, handle_sendmmsg; /* net_send.c */
call_handler handle_chmod, handle_chown, handle_utimes, handle_setxattr,
	handle_removexattr, handle_setattr; /* attrs.c */

/**
 * call_is_current() - the last look before something is changed: does the
 * thread still wait for it? Otherwise there is nobody to answer either.
 */
static inline bool call_is_current(struct call *call)
{
	if (notify_is_valid(call->supervisor->listener, call->request.id))
		return true;
	/* Should it still be there, it must not wait for ever. */
	answer_error(&call->answer, EACCES);
	return false;
}

/**
 * supervisor_init() - pin what every request needs: /, /proc, our descriptors
 *
 * Before the own domain is entered. Return: 0 or -errno.
 */
int supervisor_init(struct supervisor *supervisor);

/**
 * reopen() - open what an O_PATH descriptor pins, for real
 *
 * Never creates and never follows: there is no name to race with. O_NOCTTY
 * and O_CLOEXEC are added. Return: a descriptor or -errno of open(2).
 */
int reopen(const struct supervisor *supervisor, int pin, int flags);

/** pin_name() - "/proc/self/fd/@pin", for calls that only take a path */
#define PIN_NAME_SIZE 32
void pin_name(char *ret, int pin);

#endif
