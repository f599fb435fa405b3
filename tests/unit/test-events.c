/* SPDX-License-Identifier: Apache-2.0 */
/* Events: the exact lines, once each, to every place, and never a wait. */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A journal of our own. It must not outlive the test: see main(). */
static char scratch[] = "/tmp/test-events.XXXXXX";
#define JOURNAL_NAME "test-events-journal.socket"
#define EVENT_JOURNAL_SOCKET JOURNAL_NAME
#include "supervise/event_sink.c"

#include "common/json.h"
#include "supervise/events.h"
#include "tap.h"

#define CLOSE_MS 2000
#define OUTPUT_SIZE (1024 * 1024)

static const struct event shadow = {
	.event = "denied",
	.pid = 4211,
	.comm = "node",
	.syscall = "openat",
	.operation = "read",
	.path = "/srv/link",
	.resolved = "/etc/shadow",
	.decision = "denied",
	.reason = "no --allow-fs-read covers it",
	.hint = "to allow: --allow-fs-read=/etc/shadow",
};
static const struct event good_exit = { .event = "exit" };

#define SHADOW_LINE                                                      \
	"nssupervise: denied read /srv/link -> /etc/shadow (node[4211] " \
	"openat): no --allow-fs-read covers it; to allow: "              \
	"--allow-fs-read=/etc/shadow\n"

/* What a case wrote. */
static char err_text[OUTPUT_SIZE];
static char status_text[OUTPUT_SIZE];

static void read_back(int fd, char *text)
{
	ssize_t n = pread(fd, text, OUTPUT_SIZE - 1, 0);

	text[n > 0 ? n : 0] = '\0';
}

/*
 * Runs a case in a process of its own, with stderr and the status descriptor
 * being files that are read back. Return: its exit status.
 */
static int run(void (*emit)(void), struct options options)
{
	int err_fd = memfd_create("stderr", 0);
	int status_fd = memfd_create("status", 0);
	int status = -1;
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		(void)dup2(err_fd, STDERR_FILENO);
		if (options.status_fd >= 0)
			options.status_fd = status_fd;
		if (events_open(&options) < 0)
			_exit(2);
		emit();
		events_close(&good_exit, CLOSE_MS);
		_exit(0);
	}
	(void)waitpid(pid, &status, 0);
	read_back(err_fd, err_text);
	read_back(status_fd, status_text);
	(void)close(err_fd);
	(void)close(status_fd);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static const struct options text_options = { .status_fd = -1, .log_fd = -1 };
static const struct options json_options = { .status_fd = -1,
					     .log_fd = -1,
					     .log_json = true };

static size_t count_lines(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static struct json_object *schema;

static bool is_type(struct json_object *rule, struct json_object *value)
{
	struct json_object *type;

	if (!json_object_object_get_ex(rule, "type", &type))
		return true;
	if (strcmp(json_object_get_string(type), "integer") == 0)
		return json_object_is_type(value, json_type_int);
	return json_object_is_type(value, json_type_string);
}

static bool is_in_enum(struct json_object *rule, struct json_object *value)
{
	struct json_object *list;

	if (!json_object_object_get_ex(rule, "enum", &list))
		return true;
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		if (json_object_equal(json_object_array_get_idx(list, i),
				      value))
			return true;
	}
	return false;
}

/* As much of the schema language as our schema needs for its members. */
static bool fits_schema(struct json_object *object)
{
	struct json_object *properties;
	struct json_object *required;

	if (!json_object_object_get_ex(schema, "properties", &properties) ||
	    !json_object_object_get_ex(schema, "required", &required))
		return false;
	for (size_t i = 0; i < json_object_array_length(required); i++) {
		const char *name = json_object_get_string(
			json_object_array_get_idx(required, i));

		if (!json_object_object_get_ex(object, name, NULL))
			return false;
	}
	json_object_object_foreach(object, key, value)
	{
		struct json_object *rule;

		if (!json_object_object_get_ex(properties, key, &rule) ||
		    !is_type(rule, value) || !is_in_enum(rule, value))
			return false;
	}
	return true;
}

/* Return: the i-th line as an object, or NULL if it is not what it should be. */
static struct json_object *parse_line(const char *text, size_t i)
{
	struct json_object *object = NULL;
	struct json_error err;
	const char *end;

	for (; i > 0 && (text = strchr(text, '\n')); i--)
		text++;
	end = text ? strchr(text, '\n') : NULL;
	if (!end || json_load(text, (size_t)(end - text), &object, &err) < 0)
		return NULL;
	if (!fits_schema(object)) {
		json_object_put(object);
		return NULL;
	}
	return object;
}

static const char *member(struct json_object *object, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value))
		return NULL;
	return json_object_get_string(value);
}

static void emit_shadow(void)
{
	events_emit(&shadow);
}

static void a_denial_is_the_line_of_the_manual(void)
{
	is_int(run(emit_shadow, text_options), 0, "one denial");
	is_str(err_text,
	       SHADOW_LINE "nssupervise: 1 denial, 1 distinct; first: read "
			   "/etc/shadow\n",
	       "the line, and the summary");
}

static void emit_nothing(void)
{
	static const struct event start = { .event = "start", .pid = 7 };

	events_emit(&start);
}

static void without_a_denial_nothing_is_said(void)
{
	is_int(run(emit_nothing, text_options), 0, "no denial");
	is_str(err_text, "", "no line");
}

static void emit_repeated(void)
{
	struct event other = shadow;

	for (int i = 0; i < 4; i++)
		events_emit(&shadow);
	other.operation = "write";
	other.resolved = NULL;
	events_emit(&other);
	other.event = "mismatch";
	events_emit(&other);
	if (events_denials() != 6)
		_exit(4);
}

static void each_distinct_denial_is_shown_once(void)
{
	is_int(run(emit_repeated, text_options), 0, "six denials");
	is_int(count_lines(err_text), 4, "three lines and the summary");
	ok(strstr(err_text, "denied write /srv/link (node[4211] openat): "),
	   "a path that is its own object is shown once");
	ok(strstr(err_text, "nssupervise: 6 denials, 3 distinct; first: read "
			    "/etc/shadow\n"),
	   "the summary counts all");
}

static void emit_cheaply(void)
{
	if (events_repeat("read", "/etc/shadow"))
		_exit(3);
	events_emit(&shadow);
	if (!events_repeat("read", "/etc/shadow") ||
	    events_repeat("write", "/etc/shadow") ||
	    events_repeat("read", "/etc/shadow-"))
		_exit(4);
	if (events_denials() != 2)
		_exit(5);
}

static void emit_cheaply_for_json(void)
{
	events_emit(&shadow);
	if (events_repeat("read", "/etc/shadow"))
		_exit(3);
}

static void emit_cheaply_for_nobody(void)
{
	if (!events_repeat("read", "/etc/shadow") || events_denials() != 1)
		_exit(3);
}

static void a_repeated_denial_needs_no_event(void)
{
	struct options options = text_options;

	is_int(run(emit_cheaply, text_options), 0, "text: once is enough");
	ok(strstr(err_text, "nssupervise: 2 denials, 1 distinct"),
	   "and it is counted");
	is_int(run(emit_cheaply_for_json, json_options), 0, "JSON: never");
	options.quiet = true;
	is_int(run(emit_cheaply_for_nobody, options), 0, "quiet: always");
	options.status_fd = 0;
	is_int(run(emit_cheaply_for_json, options), 3,
	       "status descriptor: after the first");
}

static void quiet_silences_stderr_only(void)
{
	struct options options = text_options;

	options.quiet = true;
	options.status_fd = 0;
	is_int(run(emit_repeated, options), 0, "quiet");
	is_str(err_text, "", "nothing on stderr");
	is_int(count_lines(status_text), 3, "the status descriptor has all");
}

static void emit_hostile(void)
{
	static const struct event event = {
		.event = "denied",
		.pid = 1,
		.comm = "x\x1b[2J",
		.operation = "read",
		.path = "/a\n{\"event\":\"exit\"}\xff\"\\\xc2\x9b",
		.parent = "file:///a",
		.specifier = "\"b\n\"",
		.conditions = "require,node",
		.decision = "denied",
	};

	events_emit(&event);
}

static void a_name_cannot_forge_a_line(void)
{
	struct json_object *object;

	is_int(run(emit_hostile, text_options), 0, "text");
	is_int(count_lines(err_text), 2, "one line and the summary");
	ok(strstr(err_text, "denied read /a\\x0a{\"event\":\"exit\"}\\xff\"\\"
			    "\\xc2\\x9b (x\\x1b[2J[1])\n"),
	   "control characters are escaped");

	is_int(run(emit_hostile, json_options), 0, "JSON");
	is_int(count_lines(err_text), 2, "two objects");
	object = parse_line(err_text, 0);
	if (!ok(object, "the first one is valid"))
		return;
	is_str(member(object, "path"),
	       "/a\n{\"event\":\"exit\"}\xef\xbf\xbd\"\\\xc2\x9b",
	       "what is not UTF-8 is replaced");
	is_str(member(object, "path_bytes"),
	       "2f610a7b226576656e74223a2265786974227dff225cc29b",
	       "and the bytes are there");
	is_str(member(object, "comm"), "x\x1b[2J", "the rest is as it was");
	is_str(member(object, "parent"), "file:///a", "who asks");
	is_str(member(object, "specifier"), "\"b\n\"", "for what");
	is_str(member(object, "conditions"), "require,node", "and how");
	ok(!strchr(err_text, '\x1b'), "no raw control character");
	json_object_put(object);
}

static void json_has_every_event(void)
{
	struct json_object *object;
	size_t n = 0;

	is_int(run(emit_repeated, json_options), 0, "JSON");
	is_int(count_lines(err_text), 7, "six events and the exit");
	while ((object = parse_line(err_text, n))) {
		n++;
		if (n == 7) {
			is_str(member(object, "event"), "exit", "exit is last");
			is_str(member(object, "status"), "0", "has the status");
			is_str(member(object, "denials"), "6",
			       "has the number of denials");
		}
		json_object_put(object);
	}
	is_int(n, 7, "all fit the schema");
}

static void emit_reported(void)
{
	struct event event = shadow;

	event.decision = "reported";
	events_emit(&event);
	events_emit(&event);
	event.operation = "connect";
	event.path = "192.0.2.1:443";
	event.resolved = NULL;
	events_emit(&event);
}

static void what_would_be_denied_is_said_to_be(void)
{
	struct options options = text_options;
	struct json_object *object;

	options.report_only = true;
	is_int(run(emit_reported, options), 0, "report-only");
	is_int(count_lines(err_text), 3, "two distinct ones, and the summary");
	ok(strncmp(err_text, "nssupervise: would deny read /srv/link -> ",
		   strlen("nssupervise: would deny read /srv/link -> ")) == 0,
	   "it would have been denied");
	ok(strstr(err_text, "nssupervise: would deny connect 192.0.2.1:443 "),
	   "an address");
	ok(strstr(err_text, "nssupervise: 3 denials would have happened, "
			    "2 distinct; first: read /etc/shadow\n"),
	   "the summary");
	options = json_options;
	options.report_only = true;
	is_int(run(emit_reported, options), 0, "report-only, JSON");
	object = parse_line(err_text, 0);
	is_str(member(object, "event"), "denied", "the event");
	is_str(member(object, "decision"), "reported", "what became of it");
	json_object_put(object);
	object = parse_line(err_text, 3);
	is_str(member(object, "denials"), "3", "how many");
	json_object_put(object);
}

static void status_has_only_the_milestones(void)
{
	struct options options = text_options;
	struct json_object *object;

	options.status_fd = 0;
	is_int(run(emit_repeated, options), 0, "status");
	is_int(count_lines(status_text), 3, "three objects");
	object = parse_line(status_text, 0);
	is_str(member(object, "event"), "denied", "the first denial");
	is_str(member(object, "resolved"), "/etc/shadow", "its object");
	json_object_put(object);
	object = parse_line(status_text, 1);
	is_str(member(object, "event"), "mismatch", "the mismatch");
	json_object_put(object);
	object = parse_line(status_text, 2);
	is_str(member(object, "event"), "exit", "the exit");
	json_object_put(object);
}

static void emit_many(void)
{
	struct event event = shadow;
	char path[64];

	event.resolved = NULL;
	event.path = path;
	for (int i = 0; i < 20000; i++) {
		(void)snprintf(path, sizeof(path), "/srv/%d", i);
		events_emit(&event);
		if (i % 100 == 0)
			(void)usleep(1000);
	}
}

static void lines_are_limited(void)
{
	is_int(run(emit_many, text_options), 0, "20000 distinct denials");
	ok(count_lines(err_text) <= 3073, "at most 3072 lines");
	ok(strstr(err_text, "nssupervise: 20000 denials, more than 3072 "
			    "distinct; first: read /srv/0"),
	   "the summary tells");
}

static double seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int blocked_pipe[2];

static void emit_blocked(void)
{
	double begin = seconds();

	emit_many();
	if (seconds() - begin > 5)
		_exit(5);
	if (fcntl(blocked_pipe[1], F_GETFL) & O_NONBLOCK)
		_exit(6);
}

static void an_unread_pipe_blocks_nobody(void)
{
	struct options options = json_options;
	double begin = seconds();
	struct json_object *object;

	if (!ok(pipe(blocked_pipe) == 0, "a pipe that nobody reads"))
		return;
	options.log_target = LOG_TO_FD;
	options.log_fd = blocked_pipe[1];
	options.status_fd = 0;
	is_int(run(emit_blocked, options), 0, "events are lost");
	ok(seconds() - begin < 10, "the end comes in time");
	object = parse_line(status_text, 1);
	is_str(member(object, "event"), "exit", "others go on");
	is_str(member(object, "denials"), "20000", "and count");
	json_object_put(object);
	(void)close(blocked_pipe[0]);
	(void)close(blocked_pipe[1]);
}

static void emit_into_closed(void)
{
	(void)signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < 10; i++)
		events_emit(&shadow);
}

static void a_full_disk_and_a_closed_pipe_are_survived(void)
{
	struct options options = json_options;
	char full[] = "/dev/full";

	options.log_target = LOG_TO_FILE;
	options.log_file = full;
	is_int(run(emit_into_closed, options), 0, "/dev/full");
	if (!ok(pipe(blocked_pipe) == 0, "a pipe without a reader"))
		return;
	(void)close(blocked_pipe[0]);
	options.log_target = LOG_TO_FD;
	options.log_fd = blocked_pipe[1];
	is_int(run(emit_into_closed, options), 0, "a closed pipe");
	(void)close(blocked_pipe[1]);
}

static void a_log_file_is_appended_to(void)
{
	struct options options = text_options;
	char name[64];
	char text[4096] = "";
	struct stat st;
	FILE *file;

	(void)snprintf(name, sizeof(name), "%s/log", scratch);
	options.log_target = LOG_TO_FILE;
	options.log_file = name;
	options.quiet = true;
	is_int(run(emit_shadow, options), 0, "first run");
	is_int(run(emit_shadow, options), 0, "second run");
	is_str(err_text, "", "nothing on stderr");
	file = fopen(name, "r");
	if (!ok(file, "there is a file"))
		return;
	(void)fread(text, 1, sizeof(text) - 1, file);
	is_int(count_lines(text), 4, "with both runs");
	ok(fstat(fileno(file), &st) == 0 && (st.st_mode & 0777) == 0600,
	   "for its owner only");
	(void)fclose(file);
	(void)unlink(name);
}

static void a_fifo_without_a_reader_is_refused(void)
{
	struct options options = text_options;
	char name[64];

	(void)snprintf(name, sizeof(name), "%s/fifo", scratch);
	if (!ok(mkfifo(name, 0600) == 0, "a FIFO"))
		return;
	options.log_target = LOG_TO_FILE;
	options.log_file = name;
	is_int(run(emit_shadow, options), 2, "not opened");
	ok(strstr(err_text, "nobody reads the FIFO"), "and said");
	(void)unlink(name);
}

static int bind_journal(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX,
				       .sun_path = JOURNAL_NAME };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	return fd;
}

static void emit_with_newline(void)
{
	struct event event = shadow;

	event.path = "/a\nb";
	events_emit(&event);
}

static void the_journal_gets_fields(void)
{
	static const char want[] = "NSS_PATH\n\x04\0\0\0\0\0\0\0/a\nb\n";
	struct options options = text_options;
	char entry[8192];
	ssize_t n;
	int fd;

	options.log_target = LOG_TO_JOURNAL;
	is_int(run(emit_shadow, options), 2, "refused without a journal");
	fd = bind_journal();
	if (!ok(fd >= 0, "a socket like the journal's"))
		return;
	is_int(run(emit_with_newline, options), 0, "one denial");
	n = recv(fd, entry, sizeof(entry) - 1, MSG_DONTWAIT);
	entry[n > 0 ? n : 0] = '\0';
	ok(strncmp(entry, "MESSAGE=denied read /a\\x0ab -> /etc/shadow", 42) ==
		   0,
	   "the message");
	ok(strstr(entry, "\nPRIORITY=5\n"), "the priority");
	ok(strstr(entry, "\nSYSLOG_IDENTIFIER=nssupervise\n"), "the name");
	ok(n > 0 &&
		   memmem(entry, (size_t)n, "\nNSS_RESOLVED=/etc/shadow\n", 26),
	   "a field");
	ok(n > 0 && memmem(entry, (size_t)n, want, sizeof(want) - 1),
	   "a field with a newline has its length");
	ok(n > 0 && memmem(entry, (size_t)n, "NSS_PID=4211\n", 13), "the pid");
	n = recv(fd, entry, sizeof(entry) - 1, MSG_DONTWAIT);
	ok(n > 0 && memmem(entry, (size_t)n, "MESSAGE=1 denial, ", 18),
	   "and the summary");
	(void)close(fd);
	(void)unlink(JOURNAL_NAME);
}

static void *emit_from_thread(void *unused)
{
	(void)unused;
	for (int i = 0; i < 200; i++) {
		if (!events_repeat("read", "/etc/shadow"))
			events_emit(&shadow);
	}
	return NULL;
}

static void emit_from_threads(void)
{
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		(void)pthread_create(&threads[i], NULL, emit_from_thread, NULL);
	for (int i = 0; i < 4; i++)
		(void)pthread_join(threads[i], NULL);
}

static void any_thread_may_report(void)
{
	is_int(run(emit_from_threads, text_options), 0, "four threads");
	is_int(count_lines(err_text), 2, "one line");
	ok(strstr(err_text, ": 800 denials, 1 distinct"), "all are counted");
}

static void emit_long(void)
{
	struct event event = shadow;
	static char path[8192];

	memset(path, '\x01', sizeof(path) - 1);
	event.path = path;
	event.resolved = path;
	event.hint = path;
	event.reason = path;
	event.rule = path;
	events_emit(&event);
}

static void the_longest_event_is_a_whole_line(void)
{
	struct json_object *object;

	is_int(run(emit_long, json_options), 0, "JSON");
	object = parse_line(err_text, 0);
	ok(object, "is valid");
	json_object_put(object);
	is_int(run(emit_long, text_options), 0, "text");
	is_int(count_lines(err_text), 2, "is one line");
}

static void load_schema(void)
{
	const char *top = getenv("top_srcdir");
	char name[4096];

	(void)snprintf(name, sizeof(name), "%s/policies/events.schema.json",
		       top ? top : ".");
	schema = json_object_from_file(name);
}

int main(void)
{
	load_schema();
	ok(schema, "the schema can be read");
	if (!mkdtemp(scratch) || chdir(scratch) < 0)
		return EXIT_FAILURE;
	a_denial_is_the_line_of_the_manual();
	without_a_denial_nothing_is_said();
	each_distinct_denial_is_shown_once();
	a_repeated_denial_needs_no_event();
	quiet_silences_stderr_only();
	a_name_cannot_forge_a_line();
	json_has_every_event();
	what_would_be_denied_is_said_to_be();
	status_has_only_the_milestones();
	lines_are_limited();
	an_unread_pipe_blocks_nobody();
	a_full_disk_and_a_closed_pipe_are_survived();
	a_log_file_is_appended_to();
	a_fifo_without_a_reader_is_refused();
	the_journal_gets_fields();
	any_thread_may_report();
	the_longest_event_is_a_whole_line();
	json_object_put(schema);
	(void)rmdir(scratch);
	return done();
}
