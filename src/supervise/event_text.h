/* SPDX-License-Identifier: Apache-2.0 */
/* Events as text: a line for people, a JSON object, a journal entry. */
#ifndef SUPERVISE_EVENT_TEXT_H
#define SUPERVISE_EVENT_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "supervise/events.h"

/* Longer strings in an event are cut to this. */
#define EVENT_STRING_MAX 4096
/* Enough for an event of such strings in each of the three forms. */
#define EVENT_LINE_SIZE ((size_t)160 * 1024)

/* What an event gets on its way to the log; all but the time for "exit". */
struct event_stamp {
	struct timespec time; /* CLOCK_REALTIME */
	uint64_t n_denials;
	uint64_t n_distinct;
	bool has_more; /* than n_distinct: they were not told apart any more */
	bool is_report; /* --report-only: nothing was denied */
	const char *first; /* the first denial; static */
	uint64_t n_lost; /* events that could not be written */
};

/**
 * event_text() - "nssupervise: denied read /srv/x (node[12] openat): …\n"
 * @ret: EVENT_LINE_SIZE bytes
 *
 * Control characters and bytes that are not UTF-8 are written as \xNN.
 *
 * Return: the length of the line.
 */
size_t event_text(const struct event *event, char *ret);

/**
 * event_json() - one JSON object and a newline
 * @ret: EVENT_LINE_SIZE bytes
 *
 * Always valid UTF-8. What is not in a string becomes U+FFFD, and for the two
 * paths a second member ("path_bytes") has all bytes in hexadecimal then.
 *
 * Return: the length of the line.
 */
size_t event_json(const struct event *event, const struct event_stamp *stamp,
		  char *ret);

/**
 * event_summary() - "nssupervise: 3 denials, 1 distinct; first: read /x\n"
 *
 * With stamp->is_report "3 denials would have happened, …".
 *
 * @ret: EVENT_LINE_SIZE bytes
 *
 * Return: the length of the line.
 */
size_t event_summary(const struct event_stamp *stamp, char *ret);

/**
 * event_journal() - one datagram of the journal's native protocol
 * @message: what journalctl shows, one line without its newline
 * @ret: EVENT_LINE_SIZE bytes
 *
 * Return: its length.
 */
size_t event_journal(const struct event *event, const char *message,
		     size_t message_len, char *ret);

#endif
