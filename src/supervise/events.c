/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way of an event: events_emit() judges who wants it, counts denials and
 * copies it into a buffer; the writer thread (event_writer.c) makes the lines
 * (event_text.c) and writes them (event_sink.c). No caller ever waits for a
 * reader, and memory is bounded.
 */
#include "supervise/events.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "common/lock.h"
#include "common/log.h"
#include "supervise/event_writer.h"

#define MAX_DISTINCT 3072 /* lines; more denials are only counted */
#define DISTINCT_SLOTS 4096

static struct {
	/* Set by events_open(). */
	bool is_json;
	bool is_verbose;
	bool is_report; /* --report-only */
	uint64_t keys[2];
	/* Read by events_repeat() without the lock. */
	_Atomic unsigned places; /* that exist; 0 also when not open */
	_Atomic uint64_t n_denials;
	_Atomic uint64_t n_distinct;
	_Atomic bool has_more; /* denials than can be told apart */
	_Atomic bool has_status_denial;
	_Atomic uint64_t seen[DISTINCT_SLOTS]; /* hashes; 0: free */
	pthread_mutex_t mutex;
	char first[512];
} events = {
	.mutex = PTHREAD_MUTEX_INITIALIZER,
};

static bool is_event(const struct event *event, const char *name)
{
	return strcmp(event->event, name) == 0;
}

static bool is_denial(const struct event *event)
{
	return event->decision && (strcmp(event->decision, "denied") == 0 ||
				   strcmp(event->decision, "reported") == 0);
}

static const char *object_of(const struct event *event)
{
	if (event->resolved)
		return event->resolved;
	return event->path ? event->path : "";
}

static const char *operation_of(const struct event *event)
{
	return event->operation ? event->operation : event->event;
}

/* Keyed, so that no target can name a file that hides another denial. */
static uint64_t hash_string(uint64_t hash, const char *string)
{
	size_t len = strnlen(string, EVENT_STRING_MAX);

	for (size_t i = 0; i <= len; i += sizeof(uint64_t)) {
		size_t n = len - i < sizeof(uint64_t) ? len - i :
							sizeof(uint64_t);
		uint64_t word = 0;
		__uint128_t product;

		memcpy(&word, string + i, n);
		product = (__uint128_t)(hash ^ word) * events.keys[1];
		hash = (uint64_t)(product >> 64) ^ (uint64_t)product ^ len;
	}
	return hash;
}

static uint64_t hash_denial(const char *operation, const char *object)
{
	uint64_t hash = hash_string(events.keys[0], operation);

	return hash_string(hash, object) | 1;
}

/* Return: where @hash is, or belongs. There is always a free slot. */
static _Atomic uint64_t *find_slot(uint64_t hash)
{
	for (size_t i = hash >> 32;; i++) {
		_Atomic uint64_t *slot = &events.seen[i % DISTINCT_SLOTS];

		if (*slot == hash || *slot == 0)
			return slot;
	}
}

/* Return: true when it has not been there before, and can be remembered. */
static bool is_distinct(const struct event *event)
{
	/* No earlier denial of a file may hide that its content is wrong. */
	const char *kind = is_event(event, "mismatch") ? event->event :
							 operation_of(event);
	uint64_t hash = hash_denial(kind, object_of(event));
	_Atomic uint64_t *slot = find_slot(hash);

	if (*slot)
		return false;
	if (events.n_distinct >= MAX_DISTINCT) {
		events.has_more = true;
		return false;
	}
	*slot = hash;
	events.n_distinct++;
	return true;
}

static void count_denial(const struct event *event)
{
	if (events.n_denials++ == 0)
		(void)snprintf(events.first, sizeof(events.first), "%s %s",
			       operation_of(event), object_of(event));
}

bool events_repeat(const char *operation, const char *resolved)
{
	unsigned places = events.places;
	bool has_log = places & (EVENT_TO_LOG | EVENT_TO_SUMMARY);
	bool is_told = !(places & EVENT_TO_STATUS) || events.has_status_denial;

	if (has_log && (events.is_json || events.n_denials == 0))
		return false;
	if (has_log && !events.has_more)
		is_told = is_told &&
			  *find_slot(hash_denial(operation, resolved)) != 0;
	if (is_told)
		events.n_denials++;
	return is_told;
}

/* Text has each distinct denial once, JSON has all. */
static unsigned log_places(const struct event *event)
{
	if (events.is_json)
		return EVENT_TO_LOG;
	if (is_denial(event) || is_event(event, "mismatch"))
		return is_distinct(event) ? EVENT_TO_LOG : 0;
	if (is_event(event, "exit") && events.n_denials > 0)
		return EVENT_TO_SUMMARY |
		       (events.is_verbose ? EVENT_TO_LOG : 0);
	return events.is_verbose || is_event(event, "error") ? EVENT_TO_LOG : 0;
}

static unsigned status_places(const struct event *event)
{
	if (is_event(event, "denied")) {
		if (events.has_status_denial)
			return 0;
		events.has_status_denial = true;
		return EVENT_TO_STATUS;
	}
	return is_event(event, "verified") ? 0 : EVENT_TO_STATUS;
}

/* With the lock held. */
static void emit(const struct event *event)
{
	struct event_stamp stamp = { .first = events.first,
				     .is_report = events.is_report };
	unsigned places;

	if (is_denial(event))
		count_denial(event);
	places = (log_places(event) | status_places(event)) & events.places;
	stamp.n_denials = events.n_denials;
	stamp.n_distinct = events.n_distinct;
	stamp.has_more = events.has_more;
	if (places)
		event_writer_push(event, places, &stamp);
}

void events_emit(const struct event *event)
{
	(void)pthread_mutex_lock(&events.mutex);
	emit(event);
	(void)pthread_mutex_unlock(&events.mutex);
}

int events_open(const struct options *options)
{
	int places;

	if (getrandom(events.keys, sizeof(events.keys), 0) !=
	    (ssize_t)sizeof(events.keys)) {
		log_error("the log cannot be started: no random numbers");
		return -EIO;
	}
	events.keys[1] |= 1;
	events.is_json = options->log_json &&
			 options->log_target != LOG_TO_JOURNAL;
	events.is_verbose = options->verbose;
	events.is_report = options->report_only;
	places = event_writer_open(options);
	if (places < 0)
		return places;
	events.places = (unsigned)places;
	return 0;
}

void events_close(const struct event *exit_event, unsigned timeout_ms)
{
	struct timespec deadline = event_writer_deadline(timeout_ms);

	/* A thread that hangs may have the lock for ever. */
	if (lock_until(&events.mutex, &deadline) != 0)
		return;
	emit(exit_event);
	(void)pthread_mutex_unlock(&events.mutex);
	events.places = 0;
	event_writer_close(timeout_ms);
}

uint64_t events_denials(void)
{
	return events.n_denials;
}
