/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the user is told while the target runs: denial lines, JSON events, the
 * status descriptor, the journal, the summary at exit. Never blocks a caller.
 */
#ifndef SUPERVISE_EVENTS_H
#define SUPERVISE_EVENTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "supervise/options.h"

/* All strings are borrowed for the time of the call. */
struct event {
	/* "start", "denied", "verified", "mismatch", "exit" or "error" */
	const char *event;
	pid_t pid; /* thread or process id of the target; 0: none */
	const char *comm; /* its name, or NULL */
	const char *syscall; /* "openat", or NULL */
	/* "read", "write", "stat", "exec", "verify", "connect", "fork" … */
	const char *operation;
	const char *path; /* as asked, absolute */
	const char *resolved; /* what was decided on; NULL: same as path */
	/* Of a dependency: who asks for what, and how; else NULL. */
	const char *parent; /* URL */
	const char *specifier;
	const char *conditions; /* separated by commas */
	/*
	 * "allowed", "denied", "reported" (would have been denied; both are
	 * counted), or NULL
	 */
	const char *decision;
	const char *rule; /* the flag or manifest entry that decided, or NULL */
	const char *reason; /* for people: "no --allow-fs-read covers it" */
	const char
		*hint; /* for people: "to allow: --allow-fs-read=/etc/shadow" */
	int status; /* "exit": exit status, or -1 */
	int signal; /* "exit": signal, or 0 */
};

/**
 * events_open() - open the log and the status descriptor as @options say
 *
 * The writer thread is started by the first event that is written, so a quiet
 * run has none. Logs what it cannot open. Return: 0 or -errno.
 */
int events_open(const struct options *options);

/**
 * events_emit() - report one event; any thread
 *
 * Copies into a bounded queue; a full queue drops the event and counts it.
 * A log for people gets denials, mismatches and errors, each distinct operation
 * and object once (with --verbose, all other events too), and a summary at
 * exit. A JSON log gets everything. The status descriptor gets start, the
 * first denial, every mismatch, errors and exit.
 */
void events_emit(const struct event *event);

/**
 * events_close() - flush within @timeout_ms, write the summary, stop
 *
 * Also writes the "exit" record with the number of denials. Call it once.
 */
void events_close(const struct event *exit_event, unsigned timeout_ms);

/**
 * events_repeat() - was this denial reported before? Then it is only counted.
 *
 * Cheap enough for a program that is denied in a loop: no lock, no queue.
 */
bool events_repeat(const char *operation, const char *resolved);

/**
 * events_denials() - how many denials so far, all and not only distinct ones
 *
 * With --report-only: how many there would have been.
 */
uint64_t events_denials(void);

#endif
