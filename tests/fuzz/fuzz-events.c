/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of the target's choice in a denial: one line, no control character,
 * valid JSON, and in a journal entry no field but ours.
 *
 * Input: strings that end in NUL: comm, path, resolved, hint.
 */
#include <json-c/json.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "supervise/event_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *next(const char **at, const char *end)
{
	const char *start = *at;

	if (start >= end)
		return NULL;
	*at += strlen(start) + 1;
	return start;
}

/* One line, its end included, that can be shown on a terminal. */
static void check_line(const char *line, size_t len)
{
	if (len == 0 || line[len - 1] != '\n')
		abort();
	for (size_t i = 0; i + 1 < len; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			abort();
}

static void check_json(const char *line, size_t len)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *object;

	if (!tokener)
		abort();
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT |
						JSON_TOKENER_VALIDATE_UTF8);
	object = json_tokener_parse_ex(tokener, line, (int)len - 1);
	if (!json_object_is_type(object, json_type_object) ||
	    json_tokener_get_parse_end(tokener) != len - 1)
		abort();
	json_object_put(object);
	json_tokener_free(tokener);
}

/* NAME=VALUE lines; a value with a newline has its length in front. */
static void check_journal(const char *entry, size_t len)
{
	const char *end = entry + len;

	while (entry < end) {
		const char *line = memchr(entry, '\n', (size_t)(end - entry));
		const char *equals;
		uint64_t size;

		if (!line)
			abort();
		equals = memchr(entry, '=', (size_t)(line - entry));
		if (!equals) {
			if ((size_t)(end - line) < 1 + sizeof(size))
				abort();
			memcpy(&size, line + 1, sizeof(size));
			line += 1 + sizeof(size);
			if (size >= (uint64_t)(end - line))
				abort();
			line += size;
			if (*line != '\n')
				abort();
		}
		for (const char *s = entry; s < line && *s != '=' && *s != '\n';
		     s++)
			if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789",
				    *s))
				abort();
		entry = line + 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char line[EVENT_LINE_SIZE], entry[EVENT_LINE_SIZE];
	struct event_stamp stamp = { .time = { 1700000000, 5 } };
	char *text = malloc(size + 1);
	struct event event = { .event = "denied",
			       .syscall = "openat",
			       .operation = "read",
			       .decision = "denied",
			       .reason = "no --allow-fs-read covers it",
			       .pid = 4711,
			       .status = -1 };
	const char *at = text;
	size_t len;

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	event.comm = next(&at, text + size);
	event.path = next(&at, text + size);
	event.resolved = next(&at, text + size);
	event.hint = next(&at, text + size);
	len = event_text(&event, line);
	check_line(line, len);
	len = event_journal(&event, line, len - 1, entry);
	check_journal(entry, len);
	len = event_json(&event, &stamp, line);
	check_line(line, len);
	check_json(line, len);
	free(text);
	return 0;
}
