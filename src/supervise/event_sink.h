/* SPDX-License-Identifier: Apache-2.0 */
/* Where events are written: a descriptor that may be slow, full or gone. */
#ifndef SUPERVISE_EVENT_SINK_H
#define SUPERVISE_EVENT_SINK_H

#include <stdbool.h>
#include <stdint.h>

#include "supervise/event_text.h"

#ifndef EVENT_JOURNAL_SOCKET
#define EVENT_JOURNAL_SOCKET "/run/systemd/journal/socket"
#endif

/* Used by one thread only. */
struct event_sink {
	int fd; /* -EBADF: this sink is not there */
	bool is_owned; /* closed by event_sink_done() */
	bool is_whole; /* a record is one write: a file or a datagram */
	bool is_stuck; /* it took nothing in time: do not wait again */
	bool is_torn; /* a line was begun and is never finished */
	uint64_t n_lost; /* lines that it did not take */
	size_t rest_len; /* of the line that is being written */
	size_t rest_pos;
	char rest[EVENT_LINE_SIZE + 1];
};

/**
 * event_sink_open_fd() - write to a descriptor that others may use too
 *
 * Its status flags are not touched; it is not inherited by programs any more.
 */
void event_sink_open_fd(struct event_sink *sink, int fd);

/** event_sink_open_file() - append to a file, made with mode 0600 */
int event_sink_open_file(struct event_sink *sink, const char *path);

/** event_sink_open_journal() - send to the journal. Return: 0 or -errno. */
int event_sink_open_journal(struct event_sink *sink);

/**
 * event_sink_write() - write a line, or lose it and count it
 * @timeout_ms: how long to wait for a reader, unless it was waited for before
 *
 * A line that was begun is finished first, or nothing else is written.
 */
void event_sink_write(struct event_sink *sink, const char *line, size_t len,
		      int timeout_ms);

/** event_sink_done() - close it; a sink that was never opened is fine */
void event_sink_done(struct event_sink *sink);

#endif
