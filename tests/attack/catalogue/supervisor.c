// SPDX-License-Identifier: Apache-2.0
/*
 * I: what one process can do to another of the same user. The victim stands
 * for whoever is outside: what reaches it would reach a supervisor. What only
 * a supervisor has is tried in supervisor.t. Signals and memory are in
 * supervisor_reach.c.
 */
#include "catalogue.h"
#include "tricks.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ioprio.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel looks at 32 bits of an int. */
#define HIGH 0x1234567800000000ULL

static long victim(void)
{
	return world_number("victim");
}

static void limit(long pid, int resource, rlim_t soft)
{
	struct rlimit now = { soft, RLIM_INFINITY };

	(void)said("prlimit",
		   syscall(SYS_prlimit64, pid, resource, NULL, &now));
	now.rlim_cur = soft;
	(void)said("prlimit",
		   syscall(SYS_prlimit64, pid, resource, &now, NULL));
}

static void limit_files(void)
{
	limit(victim(), RLIMIT_NOFILE, 64);
}

static void limit_memory(void)
{
	limit(victim(), RLIMIT_MEMLOCK, 0);
}

static void limit_time(void)
{
	limit(victim(), RLIMIT_CPU, 10000);
}

static void limit_high(void)
{
	limit((long)(HIGH | (uint64_t)victim()), RLIMIT_NOFILE, 64);
}

static void nice_process(void)
{
	(void)said("setpriority",
		   setpriority(PRIO_PROCESS, (id_t)victim(), 19));
}

static void nice_group(void)
{
	(void)said("setpriority", setpriority(PRIO_PGRP, (id_t)victim(), 19));
}

static void nice_high(void)
{
	(void)said("setpriority",
		   syscall(SYS_setpriority, HIGH | PRIO_PROCESS,
			   HIGH | (uint64_t)victim(), HIGH | 19));
}

static void scheduler(void)
{
	const struct sched_param param = { 0 };

	(void)said("sched_setscheduler",
		   sched_setscheduler((pid_t)victim(), SCHED_IDLE, &param));
}

static void scheduler_high(void)
{
	const struct sched_param param = { 0 };

	(void)said("sched_setscheduler",
		   syscall(SYS_sched_setscheduler, HIGH | (uint64_t)victim(),
			   HIGH | SCHED_BATCH, &param));
}

static void scheduler_attributes(void)
{
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime, deadline, period;
	} attributes = { .size = 48, .policy = SCHED_BATCH, .nice = 10 };

	(void)said("sched_setattr",
		   syscall(SYS_sched_setattr, victim(), &attributes, 0));
}

/* To one processor; where there is one only, nothing can be shown. */
static void affinity(void)
{
	cpu_set_t cpus;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		cannot_show("there is one processor");
	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	(void)said("sched_setaffinity",
		   sched_setaffinity((pid_t)victim(), sizeof(cpus), &cpus));
}

static void io_class(void)
{
	(void)said("ioprio_set", syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS,
					 victim(), IOPRIO_CLASS_IDLE << 13));
}

static void io_class_group(void)
{
	(void)said("ioprio_set", syscall(SYS_ioprio_set, IOPRIO_WHO_PGRP,
					 victim(), IOPRIO_CLASS_IDLE << 13));
}

static void io_class_high(void)
{
	(void)said("ioprio_set",
		   syscall(SYS_ioprio_set, HIGH | IOPRIO_WHO_PROCESS,
			   HIGH | (uint64_t)victim(),
			   HIGH | (IOPRIO_CLASS_IDLE << 13)));
}

/* What can be changed of a process by writing to its entries. */
static void tell(const char *path, const char *value)
{
	int fd = (int)said(path, open(path, O_WRONLY));

	if (fd < 0)
		return;
	(void)said("write", write(fd, value, strlen(value)));
	(void)close(fd);
}

static const char *entry(const char *name)
{
	return text("/proc/%ld/%s", victim(), name);
}

static void tell_oom_score(void)
{
	tell(entry("oom_score_adj"), "900");
}

static void tell_oom_score_of_thread(void)
{
	tell(text("/proc/%ld/task/%ld/oom_score_adj", victim(), victim()),
	     "900");
}

static void tell_oom_old(void)
{
	tell(entry("oom_adj"), "10");
}

static void tell_autogroup(void)
{
	if (access(entry("autogroup"), F_OK) < 0 && errno == ENOENT)
		cannot_show("this kernel has no autogroups");
	tell(entry("autogroup"), "10");
}

static void tell_coredump(void)
{
	tell(entry("coredump_filter"), "0x7f");
}

static void tell_slack(void)
{
	tell(entry("timerslack_ns"), "5000000");
}

static void tell_from_self(void)
{
	tell(text("/proc/self/../%ld/oom_score_adj", victim()), "850");
	tell(text("/proc/thread-self/../../../%ld/oom_score_adj", victim()),
	     "860");
}

static void tell_beneath(void)
{
	int directory = open(text("/proc/%ld", victim()), O_PATH);
	int fd = openat(directory, "oom_score_adj", O_WRONLY);

	(void)said("write", write(fd, "800", 3));
}

static void tell_by_link(void)
{
	(void)link_to(entry("oom_score_adj"), "link");
	tell(in_write("link"), "800");
}

#define ROW(id, what, run)                          \
	{                                           \
		id, what, "processes", NULL, 0, run \
	}

const struct attack supervisor_attacks[] = {
	ROW("T164", "how many files another may open", limit_files),
	ROW("T164b", "how much memory it may lock", limit_memory),
	ROW("T164c", "how long it may run", limit_time),
	ROW("T164d", "high bits in its number", limit_high),
	ROW("T165", "its priority", nice_process),
	ROW("T165b", "its group's priority", nice_group),
	ROW("T165c", "high bits in every argument", nice_high),
	ROW("T165d", "its scheduler", scheduler),
	ROW("T165e", "its scheduler, with high bits", scheduler_high),
	ROW("T165f", "its scheduler by attributes", scheduler_attributes),
	ROW("T165g", "its processors", affinity),
	ROW("T165h", "its I/O class", io_class),
	ROW("T165i", "its group's I/O class", io_class_group),
	ROW("T165j", "its I/O class, with high bits", io_class_high),
	ROW("T166", "oom_score_adj", tell_oom_score),
	ROW("T166b", "oom_score_adj of its thread", tell_oom_score_of_thread),
	ROW("T166c", "oom_adj", tell_oom_old),
	ROW("T166d", "autogroup", tell_autogroup),
	ROW("T166e", "coredump_filter", tell_coredump),
	{ "T166f", "timerslack_ns", "processes", NULL, ONLY_ROOT, tell_slack },
	ROW("T166g", "oom_score_adj beneath a descriptor", tell_beneath),
	ROW("T166h", "oom_score_adj by a link", tell_by_link),
	ROW("T166i", "oom_score_adj from the own entry", tell_from_self),
	{ 0 },
};
