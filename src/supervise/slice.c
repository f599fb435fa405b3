/* SPDX-License-Identifier: Apache-2.0 */
/* How soon a thread gets the processor when it wakes up. */
#include "supervise/slice.h"

#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SLICE_NS 100000 /* the least there is */

/* struct sched_attr of the kernel, whose header does not go with <sched.h>. */
struct kernel_sched_attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

void slice_shorten(void)
{
	struct kernel_sched_attr attr = {
		.size = sizeof(attr),
		.runtime = SLICE_NS,
	};

	errno = 0;
	attr.nice = getpriority(PRIO_PROCESS, 0);
	if (errno == 0 && sched_getscheduler(0) == SCHED_OTHER)
		(void)syscall(SYS_sched_setattr, 0, &attr, 0);
}
