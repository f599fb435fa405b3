/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a log for `nspolicy generate --run`; and what the supervisor
 * writes of a denial is read again as the very same names.
 */
#include "common/cleanup.h"
#include "fuzz.h"
#include "policy/record.h"
#include "supervise/event_text.h"

static void load(const void *text, size_t len, struct record *ret, int want)
{
	char path[FUZZ_PATH_SIZE];
	int fd = fuzz_file(text, len, path);
	int r = record_load(path, ret);

	(void)close(fd);
	FUZZ_CHECK(r == want || want > 0);
	for (size_t i = 0; i < ret->objects.n; i++)
		FUZZ_CHECK(ret->objects.items[i]);
	for (size_t i = 0; i < ret->n_asked; i++)
		FUZZ_CHECK(ret->asked[i].parent && ret->asked[i].specifier &&
			   ret->asked[i].conditions);
}

static bool is_text(const char *text)
{
	for (; *text; text++)
		if (*text & 0x80)
			return false;
	return true;
}

/* Through a line of the log and back. */
static void check_again(const char *name, const char *other)
{
	static char line[EVENT_LINE_SIZE];
	struct event_stamp stamp = { .time = { 1700000000, 5 } };
	struct event event = { .event = "denied",
			       .syscall = "openat",
			       .operation = "verify",
			       .decision = "denied",
			       .reason = "the manifest does not list it",
			       .pid = 4711,
			       .status = -1,
			       .path = name,
			       .resolved = name };
	struct record record = { 0 };

	/* A line holds names of any length that a path can have. */
	if (strlen(name) + strlen(other) > 4096)
		return;
	load(line, event_json(&event, &stamp, line), &record, 0);
	FUZZ_CHECK(record.objects.n == 1 && record.n_asked == 0 &&
		   strcmp(record.objects.items[0], name) == 0);
	record_done(&record);
	event.parent = name;
	event.specifier = other;
	load(line, event_json(&event, &stamp, line), &record, 0);
	FUZZ_CHECK(record.n_asked == 1 && record.objects.n == 0);
	/* Bytes that are not UTF-8 become U+FFFD there. */
	FUZZ_CHECK(!is_text(name) || strcmp(record.asked[0].parent, name) == 0);
	FUZZ_CHECK(!is_text(other) ||
		   strcmp(record.asked[0].specifier, other) == 0);
	record_done(&record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct record record = { 0 };
	_cleanup_free_ char *name = NULL;
	_cleanup_free_ char *other = NULL;

	load(data, size, &record, 1);
	record_done(&record);
	name = fuzz_string(&in);
	other = fuzz_string(&in);
	if (name[0] && other[0])
		check_again(name, other);
	return 0;
}
