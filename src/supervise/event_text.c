/* SPDX-License-Identifier: Apache-2.0 */
/* Events as text: a line for people, a JSON object, a journal entry. */
#include "supervise/event_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "common/utf8.h"

/* Raw text before escaping makes each byte up to four. */
#define RAW_SIZE (EVENT_LINE_SIZE / 4 - 64)

struct text {
	char *bytes;
	size_t size;
	size_t len;
};

static void add_bytes(struct text *t, const void *bytes, size_t len)
{
	if (len > t->size - t->len)
		len = t->size - t->len;
	memcpy(t->bytes + t->len, bytes, len);
	t->len += len;
}

static void add(struct text *t, const char *string)
{
	add_bytes(t, string, strlen(string));
}

static void add_format(struct text *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* For numbers and our own words only: short. */
static void add_format(struct text *t, const char *format, ...)
{
	char part[128];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(part, sizeof(part), format, ap);
	va_end(ap);
	add(t, part);
}

static size_t string_len(const char *string)
{
	return strnlen(string, EVENT_STRING_MAX);
}

static void add_string(struct text *t, const char *string)
{
	add_bytes(t, string, string_len(string));
}

static bool is_same(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static void add_word(struct text *t, const char *word)
{
	if (!word)
		return;
	add(t, " ");
	add_string(t, word);
}

/* " (node[4211] openat)" */
static void add_who(struct text *t, const struct event *event)
{
	if (event->pid <= 0)
		return;
	add(t, " (");
	if (event->comm)
		add_string(t, event->comm);
	add_format(t, "[%d]", event->pid);
	add_word(t, event->syscall);
	add(t, ")");
}

static void add_end(struct text *t, const struct event *event)
{
	if (!is_same(event->event, "exit"))
		return;
	if (event->signal)
		add_format(t, " by signal %d", event->signal);
	else
		add_format(t, " with status %d", event->status);
}

static size_t escape_line(const struct text *t, char *ret)
{
	size_t len = text_escape(ret, EVENT_LINE_SIZE - 1, t->bytes, t->len);

	ret[len++] = '\n';
	return len;
}

size_t event_text(const struct event *event, char *ret)
{
	char raw[RAW_SIZE];
	struct text t = { raw, sizeof(raw), 0 };
	const char *what = event->event;

	if (event->decision && is_same(event->decision, "denied"))
		what = event->decision;
	if (event->decision && is_same(event->decision, "reported"))
		what = "would deny";
	add(&t, "nssupervise: ");
	add(&t, what);
	add_word(&t, event->operation);
	add_word(&t, event->path);
	if (event->path && event->resolved &&
	    !is_same(event->path, event->resolved)) {
		add(&t, " ->");
		add_word(&t, event->resolved);
	}
	add_end(&t, event);
	add_who(&t, event);
	if (event->reason) {
		add(&t, ": ");
		add_string(&t, event->reason);
	}
	if (event->hint) {
		add(&t, "; ");
		add_string(&t, event->hint);
	}
	return escape_line(&t, ret);
}

size_t event_summary(const struct event_stamp *stamp, char *ret)
{
	char raw[RAW_SIZE];
	struct text t = { raw, sizeof(raw), 0 };

	add_format(&t, "nssupervise: %llu denial%s%s, %s%llu distinct",
		   (unsigned long long)stamp->n_denials,
		   stamp->n_denials == 1 ? "" : "s",
		   stamp->is_report ? " would have happened" : "",
		   stamp->has_more ? "more than " : "",
		   (unsigned long long)stamp->n_distinct);
	if (stamp->first) {
		add(&t, "; first: ");
		add_string(&t, stamp->first);
	}
	if (stamp->n_lost)
		add_format(&t, "; %llu lines lost",
			   (unsigned long long)stamp->n_lost);
	return escape_line(&t, ret);
}

/* Return: false if there was something that is not UTF-8. */
static bool add_json_string(struct text *t, const char *string)
{
	size_t len = string_len(string);
	bool is_utf8 = true;

	add(t, "\"");
	for (size_t i = 0; i < len;) {
		uint32_t c = 0;
		size_t n = utf8_printable(string + i, len - i);

		if (n > 0) {
			if (string[i] == '"' || string[i] == '\\')
				add(t, "\\");
			add_bytes(t, string + i, n);
			i += n;
			continue;
		}
		n = utf8_decode(string + i, len - i, &c);
		if (n == 0)
			is_utf8 = false;
		add_format(t, "\\u%04x", n ? (unsigned)c : 0xfffdU);
		i += n ? n : 1;
	}
	add(t, "\"");
	return is_utf8;
}

static void add_key(struct text *t, const char *key)
{
	add(t, t->len > 1 ? ",\"" : "\"");
	add(t, key);
	add(t, "\":");
}

static void add_member(struct text *t, const char *key, const char *value)
{
	if (!value)
		return;
	add_key(t, key);
	(void)add_json_string(t, value);
}

static void add_path_member(struct text *t, const char *key, const char *value)
{
	if (!value)
		return;
	add_key(t, key);
	if (add_json_string(t, value))
		return;
	add(t, ",\"");
	add(t, key);
	add(t, "_bytes\":\"");
	for (size_t i = 0; i < string_len(value); i++)
		add_format(t, "%02x", (unsigned char)value[i]);
	add(t, "\"");
}

/* RFC 3339, UTC, microseconds. */
static void add_time(struct text *t, const struct timespec *time)
{
	char date[32];
	struct tm tm;

	if (!gmtime_r(&time->tv_sec, &tm) ||
	    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		return;
	add_key(t, "time");
	add_format(t, "\"%s.%06ldZ\"", date, time->tv_nsec / 1000);
}

static void add_number(struct text *t, const char *key, uint64_t value)
{
	add_key(t, key);
	add_format(t, "%llu", (unsigned long long)value);
}

static void add_exit_members(struct text *t, const struct event *event,
			     const struct event_stamp *stamp)
{
	if (!is_same(event->event, "exit"))
		return;
	if (event->signal)
		add_number(t, "signal", (uint64_t)event->signal);
	else
		add_number(t, "status", (uint64_t)event->status);
	add_number(t, "denials", stamp->n_denials);
	if (stamp->n_lost)
		add_number(t, "lost", stamp->n_lost);
}

size_t event_json(const struct event *event, const struct event_stamp *stamp,
		  char *ret)
{
	/* Room for the end of the line is kept. */
	struct text t = { ret, EVENT_LINE_SIZE - 2, 0 };

	add(&t, "{");
	add_time(&t, &stamp->time);
	add_member(&t, "event", event->event);
	if (event->pid > 0)
		add_number(&t, "pid", (uint64_t)event->pid);
	add_member(&t, "comm", event->comm);
	add_member(&t, "syscall", event->syscall);
	add_member(&t, "operation", event->operation);
	add_path_member(&t, "path", event->path);
	add_path_member(&t, "resolved", event->resolved);
	add_member(&t, "parent", event->parent);
	add_member(&t, "specifier", event->specifier);
	add_member(&t, "conditions", event->conditions);
	add_member(&t, "decision", event->decision);
	add_member(&t, "rule", event->rule);
	add_member(&t, "reason", event->reason);
	add_member(&t, "hint", event->hint);
	add_exit_members(&t, event, stamp);
	t.size = EVENT_LINE_SIZE;
	add(&t, "}\n");
	return t.len;
}

/* A value with a newline needs its length in front: see systemd's
 * "Native Journal Protocol". */
static void add_field(struct text *t, const char *name, const char *value,
		      size_t len)
{
	add(t, name);
	if (memchr(value, '\n', len)) {
		uint64_t size = len; /* little-endian, as all we run on */

		add(t, "\n");
		add_bytes(t, &size, sizeof(size));
	} else {
		add(t, "=");
	}
	add_bytes(t, value, len);
	add(t, "\n");
}

static void add_optional(struct text *t, const char *name, const char *value)
{
	if (value)
		add_field(t, name, value, string_len(value));
}

/* For `journalctl MESSAGE_ID=`; they never change. */
static const char *message_id(const struct event *event)
{
	if (is_same(event->event, "denied"))
		return "d8f35c90b3d34d599de6644fdf0bc9b0";
	if (is_same(event->event, "mismatch"))
		return "ed7ad76f3d6f4385a325625f088701de";
	return "f643f38edec140519c40caa7aaa73e65";
}

size_t event_journal(const struct event *event, const char *message,
		     size_t message_len, char *ret)
{
	struct text t = { ret, EVENT_LINE_SIZE, 0 };
	bool is_bad = is_same(event->event, "mismatch") ||
		      is_same(event->event, "error");

	add_field(&t, "MESSAGE", message, message_len);
	add_optional(&t, "MESSAGE_ID", message_id(event));
	add_optional(&t, "PRIORITY", is_bad ? "3" : "5");
	add_optional(&t, "SYSLOG_IDENTIFIER", "nssupervise");
	add_optional(&t, "NSS_EVENT", event->event);
	add_optional(&t, "NSS_OPERATION", event->operation);
	add_optional(&t, "NSS_PATH", event->path);
	add_optional(&t, "NSS_RESOLVED", event->resolved);
	add_optional(&t, "NSS_DECISION", event->decision);
	add_optional(&t, "NSS_RULE", event->rule);
	add_optional(&t, "NSS_SYSCALL", event->syscall);
	add_optional(&t, "NSS_COMM", event->comm);
	if (event->pid > 0)
		add_format(&t, "NSS_PID=%d\n", event->pid);
	return t.len;
}
