/* SPDX-License-Identifier: Apache-2.0 */
/* Which processes have all the threads that they need. Any thread may ask. */
#ifndef SUPERVISE_LOCKS_H
#define SUPERVISE_LOCKS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* One life of a process id. */
struct process {
	pid_t pid;
	uint64_t start; /* field 22 of /proc/PID/stat */
	unsigned threads; /* how many it has now */
};

/** process_read() - what /proc says of process @pid. 0 or -errno. */
int process_read(int proc_fd, pid_t pid, struct process *ret);

/** locks_add() - no more threads than now. 0 or -ENOMEM. */
int locks_add(int proc_fd, const struct process *process);

/**
 * locks_find() - is it locked? Then @ret_threads it had
 *
 * With one thread left it executed a program since: the lock is void.
 */
bool locks_find(const struct process *process, unsigned *ret_threads);

#endif
