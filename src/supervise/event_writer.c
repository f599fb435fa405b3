/* SPDX-License-Identifier: Apache-2.0 */
/* Takes events from any thread and writes them in its own. */
#include "supervise/event_writer.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "supervise/event_sink.h"

#define BUFFER_SIZE ((size_t)256 * 1024)
#define WRITE_TIMEOUT_MS 100
#define N_STRINGS 13

/* In a buffer: this, those strings that are there, and padding. */
struct record {
	size_t size;
	unsigned places;
	unsigned strings; /* bit i: string_at(i) is there */
	pid_t pid;
	int status;
	int signal;
	struct event_stamp stamp;
};

struct buffer {
	size_t len;
	alignas(struct record) char bytes[BUFFER_SIZE];
};

static struct {
	pthread_mutex_t mutex; /* for all but what only the writer uses */
	pthread_cond_t has_work;
	pthread_cond_t has_ended;
	bool has_thread;
	bool is_closing;
	bool is_ended; /* the writer has written everything */
	int64_t deadline_ms; /* when closing */
	uint64_t n_lost; /* did not fit */
	struct buffer *front; /* being filled */
	struct buffer buffers[2];
	/* The writer's. */
	bool is_json;
	bool is_journal;
	struct event_sink log;
	struct event_sink status;
	char line[EVENT_LINE_SIZE];
	char entry[EVENT_LINE_SIZE];
} writer = {
	.mutex = PTHREAD_MUTEX_INITIALIZER,
	.has_work = PTHREAD_COND_INITIALIZER,
};

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static const char **string_at(struct event *event, size_t i)
{
	const char **strings[N_STRINGS] = {
		&event->event,      &event->comm,   &event->syscall,
		&event->operation,  &event->path,   &event->resolved,
		&event->decision,   &event->rule,   &event->reason,
		&event->hint,       &event->parent, &event->specifier,
		&event->conditions,
	};

	return strings[i];
}

static size_t packed_size(struct event *event)
{
	size_t align = alignof(struct record);
	size_t size = sizeof(struct record);

	for (size_t i = 0; i < N_STRINGS; i++) {
		const char *string = *string_at(event, i);

		if (string)
			size += strnlen(string, EVENT_STRING_MAX) + 1;
	}
	return (size + align - 1) / align * align;
}

static void pack(struct event *event, struct record *record)
{
	char *end = (char *)(record + 1);

	for (size_t i = 0; i < N_STRINGS; i++) {
		const char *string = *string_at(event, i);
		size_t len;

		if (!string)
			continue;
		len = strnlen(string, EVENT_STRING_MAX);
		record->strings |= 1U << i;
		memcpy(end, string, len);
		end[len] = '\0';
		end += len + 1;
	}
}

static void unpack(const struct record *record, struct event *ret)
{
	const char *string = (const char *)(record + 1);

	*ret = (struct event){ .pid = record->pid,
			       .status = record->status,
			       .signal = record->signal };
	for (size_t i = 0; i < N_STRINGS; i++) {
		if (!(record->strings & (1U << i)))
			continue;
		*string_at(ret, i) = string;
		string += strlen(string) + 1;
	}
}

static int timeout_ms(bool is_closing)
{
	int64_t left;

	if (!is_closing)
		return WRITE_TIMEOUT_MS;
	left = writer.deadline_ms - now_ms();
	return left > 0 ? (int)left : 0;
}

/* @len bytes of a line for people are in writer.line. */
static void write_text(const struct event *event, size_t len, int timeout)
{
	static const char prefix[] = "nssupervise: ";
	const char *line = writer.line;

	if (writer.is_journal) {
		/* It has the program's name and the end of the line itself. */
		len = event_journal(event, line + sizeof(prefix) - 1,
				    len - sizeof(prefix), writer.entry);
		line = writer.entry;
	}
	event_sink_write(&writer.log, line, len, timeout);
}

static void write_json(struct event_sink *sink, const struct event *event,
		       const struct event_stamp *stamp, int timeout)
{
	size_t len = event_json(event, stamp, writer.line);

	event_sink_write(sink, writer.line, len, timeout);
}

static void write_record(struct record *record, bool is_closing)
{
	struct event_stamp *stamp = &record->stamp;
	uint64_t n_lost = stamp->n_lost;
	struct event event;

	unpack(record, &event);
	stamp->n_lost = n_lost + writer.status.n_lost;
	if (record->places & EVENT_TO_STATUS)
		write_json(&writer.status, &event, stamp,
			   timeout_ms(is_closing));
	stamp->n_lost = n_lost + writer.log.n_lost;
	if (record->places & EVENT_TO_LOG) {
		if (writer.is_json)
			write_json(&writer.log, &event, stamp,
				   timeout_ms(is_closing));
		else
			write_text(&event, event_text(&event, writer.line),
				   timeout_ms(is_closing));
	}
	if (record->places & EVENT_TO_SUMMARY)
		write_text(&event, event_summary(stamp, writer.line),
			   timeout_ms(is_closing));
}

static void write_buffer(struct buffer *buffer, bool is_closing)
{
	for (size_t at = 0; at < buffer->len;) {
		struct record *record =
			(struct record *)(void *)(buffer->bytes + at);

		at += record->size;
		write_record(record, is_closing);
	}
}

static void *run(void *unused)
{
	(void)unused;
	(void)pthread_mutex_lock(&writer.mutex);
	for (;;) {
		struct buffer *full = writer.front;
		bool is_closing = writer.is_closing;

		if (full->len == 0 && is_closing)
			break;
		if (full->len == 0) {
			(void)pthread_cond_wait(&writer.has_work,
						&writer.mutex);
			continue;
		}
		writer.front = &writer.buffers[full == writer.buffers];
		(void)pthread_mutex_unlock(&writer.mutex);
		write_buffer(full, is_closing);
		(void)pthread_mutex_lock(&writer.mutex);
		full->len = 0;
	}
	writer.is_ended = true;
	(void)pthread_cond_signal(&writer.has_ended);
	(void)pthread_mutex_unlock(&writer.mutex);
	return NULL;
}

static bool start_thread(void)
{
	pthread_t thread;
	sigset_t all;
	sigset_t old;
	int r;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	r = pthread_create(&thread, NULL, run, NULL);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (r == 0)
		(void)pthread_detach(thread);
	return r == 0;
}

void event_writer_push(const struct event *event, unsigned places,
		       const struct event_stamp *stamp)
{
	struct event copy = *event;
	size_t size = packed_size(&copy);
	struct buffer *buffer;
	struct record *record;

	(void)pthread_mutex_lock(&writer.mutex);
	buffer = writer.front;
	if (!writer.has_thread)
		writer.has_thread = start_thread();
	if (!writer.has_thread || size > BUFFER_SIZE - buffer->len) {
		writer.n_lost++;
		(void)pthread_mutex_unlock(&writer.mutex);
		return;
	}
	record = (struct record *)(void *)(buffer->bytes + buffer->len);
	*record = (struct record){ .size = size,
				   .places = places,
				   .pid = event->pid,
				   .status = event->status,
				   .signal = event->signal,
				   .stamp = *stamp };
	record->stamp.n_lost = writer.n_lost;
	(void)clock_gettime(CLOCK_REALTIME, &record->stamp.time);
	pack(&copy, record);
	buffer->len += size;
	(void)pthread_cond_signal(&writer.has_work);
	(void)pthread_mutex_unlock(&writer.mutex);
}

static int open_log(const struct options *options)
{
	int r;

	switch (options->log_target) {
	case LOG_TO_STDERR:
		if (!options->quiet)
			event_sink_open_fd(&writer.log, STDERR_FILENO);
		return 0;
	case LOG_TO_FD:
		event_sink_open_fd(&writer.log, options->log_fd);
		return 0;
	case LOG_TO_FILE:
		r = event_sink_open_file(&writer.log, options->log_file);
		errno = -r;
		if (r == -ENXIO)
			log_error("--log: nobody reads the FIFO '%s'",
				  options->log_file);
		else if (r < 0)
			log_error("--log: cannot open '%s': %m",
				  options->log_file);
		return r;
	case LOG_TO_JOURNAL:
		r = event_sink_open_journal(&writer.log);
		errno = -r;
		if (r < 0)
			log_error("--log=journal: no journal at "
				  "'" EVENT_JOURNAL_SOCKET "': %m");
		return r;
	}
	abort();
}

int event_writer_open(const struct options *options)
{
	pthread_condattr_t attr;
	int places = 0;
	int r;

	writer.log.fd = -EBADF;
	writer.status.fd = -EBADF;
	writer.front = writer.buffers;
	writer.is_journal = options->log_target == LOG_TO_JOURNAL;
	writer.is_json = options->log_json && !writer.is_journal;
	/* The time of day may jump. */
	if (pthread_condattr_init(&attr) != 0 ||
	    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) != 0 ||
	    pthread_cond_init(&writer.has_ended, &attr) != 0) {
		log_error("the log cannot be started: %s", strerror(ENOMEM));
		return -ENOMEM;
	}
	(void)pthread_condattr_destroy(&attr);
	r = open_log(options);
	if (r < 0)
		return r;
	if (options->status_fd >= 0)
		event_sink_open_fd(&writer.status, options->status_fd);
	if (writer.log.fd >= 0)
		places |= EVENT_TO_LOG |
			  (writer.is_json ? 0 : EVENT_TO_SUMMARY);
	if (writer.status.fd >= 0)
		places |= EVENT_TO_STATUS;
	return places;
}

struct timespec event_writer_deadline(unsigned ms)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	time.tv_sec += ms / 1000;
	time.tv_nsec += ms % 1000 * 1000000L;
	if (time.tv_nsec >= 1000000000L) {
		time.tv_sec++;
		time.tv_nsec -= 1000000000L;
	}
	return time;
}

void event_writer_close(unsigned timeout_ms)
{
	struct timespec deadline = event_writer_deadline(timeout_ms);
	uint64_t n_lost = 0;
	int r = 0;

	(void)pthread_mutex_lock(&writer.mutex);
	writer.is_closing = true;
	writer.deadline_ms = now_ms() + timeout_ms;
	(void)pthread_cond_signal(&writer.has_work);
	while (writer.has_thread && !writer.is_ended && r == 0)
		r = pthread_cond_timedwait(&writer.has_ended, &writer.mutex,
					   &deadline);
	/* A writer that is stuck keeps what it uses; the process ends soon. */
	if (!writer.has_thread || writer.is_ended) {
		if (writer.log.fd >= 0 && writer.log.fd != STDERR_FILENO)
			n_lost = writer.n_lost + writer.log.n_lost;
		event_sink_done(&writer.log);
		event_sink_done(&writer.status);
		writer.has_thread = false;
		writer.is_closing = false;
		writer.is_ended = false;
		writer.n_lost = 0;
	}
	(void)pthread_mutex_unlock(&writer.mutex);
	if (n_lost > 0)
		log_warning(
			"--log: %llu events are missing from it: no room, or nobody reads it",
			(unsigned long long)n_lost);
}
