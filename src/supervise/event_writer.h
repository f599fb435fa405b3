/* SPDX-License-Identifier: Apache-2.0 */
/* Takes events from any thread and writes them in its own; see events.c. */
#ifndef SUPERVISE_EVENT_WRITER_H
#define SUPERVISE_EVENT_WRITER_H

#include "supervise/event_text.h"
#include "supervise/options.h"

/* What becomes of an event. */
enum event_place {
	EVENT_TO_LOG = 1,
	EVENT_TO_STATUS = 2,
	EVENT_TO_SUMMARY = 4, /* the last line of a log for people */
};

/**
 * event_writer_open() - open what @options name; logs what cannot be opened
 *
 * Return: the places that are there (0: nothing is written), or -errno.
 */
int event_writer_open(const struct options *options);

/**
 * event_writer_push() - have an event written; never blocks
 * @places: enum event_place bits
 * @stamp: the time is set here
 *
 * The writer thread is started by the first event. An event for which there
 * is no room is lost, and counted.
 */
void event_writer_push(const struct event *event, unsigned places,
		       const struct event_stamp *stamp);

/** event_writer_deadline() - @ms from here, of CLOCK_MONOTONIC */
struct timespec event_writer_deadline(unsigned ms);

/** event_writer_close() - write what is there, for at most @timeout_ms */
void event_writer_close(unsigned timeout_ms);

#endif
