/* SPDX-License-Identifier: Apache-2.0 */
/* --config files: every kind of key, every mistake with its place. */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "supervise/optable.h"
#include "supervise/options.h"
#include "tap.h"

static struct options options;
static char message[4096]; /* what the last parse() logged */
static char file[64]; /* where the last parse() had its text */

/* Parses "--config=<@text> <@line>", with stderr going into @message. */
static int parse(const char *text, const char *line)
{
	static char words[1024];
	static char option[128];
	static char *argv[16];
	_cleanup_close_ int saved = dup(STDERR_FILENO);
	_cleanup_close_ int log = memfd_create("log", MFD_CLOEXEC);
	_cleanup_close_ int fd = memfd_create("config", MFD_CLOEXEC);
	int argc = 2;
	ssize_t n;
	int r;

	options_done(&options);
	if (saved < 0 || log < 0 || fd < 0 || write(fd, text, strlen(text)) < 0)
		abort();
	(void)snprintf(file, sizeof(file), "/proc/self/fd/%d", fd);
	(void)snprintf(option, sizeof(option), "--config=%s", file);
	(void)snprintf(words, sizeof(words), "%s", line);
	argv[0] = words;
	argv[1] = option;
	for (char *s = strtok(words, " "); s; s = strtok(NULL, " "))
		argv[argc++] = s;
	argv[argc] = NULL;
	if (dup2(log, STDERR_FILENO) < 0)
		abort();
	r = options_parse(argc, argv, &options);
	if (dup2(saved, STDERR_FILENO) < 0)
		abort();
	n = pread(log, message, sizeof(message) - 1, 0);
	message[n > 0 ? n : 0] = '\0';
	return r;
}

static const char *joined(const struct strings *list)
{
	static char text[1024];
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < list->n && len < sizeof(text); i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
					i ? "|" : "", list->items[i]);
	return text;
}

static void values_reach_the_options(void)
{
	is_int(parse("{\"allow-fs-read\": [\"/srv\", \"/a,b\", \"/c\\\\*d\"],"
		     "\"allow-child-process\": [\"git\"],"
		     "\"allow-net\": true,"
		     "\"wait-all\": false, \"allow-worker\": false,"
		     "\"allow-env\": [\"A\", \"B_*\"], \"comment\": 1,"
		     "\"policy\": \"p.json\", \"explain\": \"json\","
		     "\"log\": \"journal\", \"log-format\": \"json\","
		     "\"pass-fd\": [1, 2]}",
		     "x"),
	       0, "a file with every kind of key");
	is_str(joined(&options.allow_fs_read), "/srv|/a,b|/c\\*d",
	       "commas in items are literal, escapes are kept");
	ok(options.allow_child_process && !options.any_child_program &&
		   options.child_programs.n == 1,
	   "a list of programs");
	ok(options.allow_net && !options.wait_all, "booleans");
	ok(options.has_allow_env && options.allow_env.n == 2, "variables");
	is_str(options.policy, "p.json", "a text");
	ok(options.explain == EXPLAIN_JSON && options.log_json &&
		   options.log_target == LOG_TO_JOURNAL,
	   "choices");
	ok(options.n_pass_fds == 2, "numbers");
	is_int(parse("{\"status-fd\": 2, \"allow-child-process\": true,"
		     "\"explain\": true}",
		     "x"),
	       0, "optional values may be true");
	ok(options.status_fd == 2 && options.any_child_program &&
		   options.explain == EXPLAIN_TEXT,
	   "which is the option alone");
	is_int(parse("{\"allow-child-process\": false, \"explain\": false,"
		     "\"allow-net\": false}",
		     "x"),
	       0, "or false");
	ok(!options.allow_child_process && options.action == DO_RUN &&
		   !options.allow_net,
	   "which is nothing");
}

static void the_command_line_adds_and_wins(void)
{
	const char *text = "{\"allow-fs-read\": [\"/a\"], \"policy\": \"a\","
			   "\"log\": \"/a\", \"command\": [\"node\", \"\"]}";

	is_int(parse(text, ""), 0, "the command of the file");
	ok(options.argc == 2 && strcmp(options.argv[0], "node") == 0 &&
		   options.argv[1][0] == '\0' && !options.argv[2],
	   "with an empty argument");
	is_int(parse(text, "--allow-fs-read=/b --policy=b --log=stderr -- x y"),
	       0, "both");
	is_str(joined(&options.allow_fs_read), "/a|/b", "lists are joined");
	is_str(options.policy, "b", "the command line has the last word");
	ok(options.log_target == LOG_TO_STDERR && !options.log_file,
	   "also where it says the default");
	ok(options.argc == 2 && strcmp(options.argv[0], "x") == 0,
	   "and its command");
	is_int(parse(text, "--config=/dev/null x"), -EINVAL, "two files");
}

/* clang-format off */
static const struct {
	const char *text;
	const char *problem; /* behind the name of the file */
} mistakes[] = {
	{ "", ":1:1: unexpected end of the text" },
	{ "[]", ":1:1: must be an object" },
	{ "{\"quiet\": true,}", ":1:16: a key in double quotes was expected" },
	{ "{\"quiet\": true,\n \"quiet\": true}", ":2:2: quiet: " },
	{ "{\n\"alow-net\": true}",
	  ":2:13: alow-net: unknown key, did you mean 'allow-net'?" },
	{ "{\"comand\": []}",
	  ":1:12: comand: unknown key, did you mean 'command'?" },
	{ "{\"zzzzzzzzzzzz\": 1}", ":1:18: zzzzzzzzzzzz: unknown key\n" },
	{ "{\"--quiet\": true}", ": unknown key, did you mean 'quiet'?" },
	{ "{\"config\": \"x\"}", ":1:12: config: only possible on" },
	{ "{\"help\": true}", ": help: only possible on" },
	{ "{\"quiet\": 1}", ":1:11: quiet: must be true or false" },
	{ "{\"quiet\": null}", ":1:11: quiet: must be true or false" },
	{ "{\"quiet\": \"true\"}", ":1:11: quiet: must be true or false" },
	{ "{\"policy\": [\"x\"]}", ":1:12: policy: must be a string" },
	{ "{\"policy\": true}", ":1:12: policy: must be a string" },
	{ "{\"policy\": \"\"}", ":1:12: policy: the value is empty" },
	{ "{\"allow-fs-read\": \"/a\"}", ": must be an array of strings" },
	{ "{\"allow-fs-read\": true}", ": must be an array of strings" },
	{ "{\"allow-fs-read\": [\"/a\", 1]}",
	  ":1:26: allow-fs-read[1]: must be a string" },
	{ "{\"allow-fs-read\": [[\"/a\"]]}",
	  ":1:20: allow-fs-read[0]: must be a string" },
	{ "{\"allow-fs-read\": [\"\"]}",
	  ":1:20: allow-fs-read[0]: an item is empty" },
	{ "{\"allow-child-process\": []}", ": the list is empty" },
	{ "{\"allow-child-process\": 1}",
	  ": must be true, false or an array of strings" },
	{ "{\"allow-net\": [\":80\", \"80\"]}", ":1:23: allow-net[1]: '80': " },
	{ "{\"explain\": \"xml\"}", ": 'xml' is neither text nor json" },
	{ "{\"explain\": 1}", ": must be true, false or a string" },
	{ "{\"status-fd\": \"2\"}", ": must be an integer" },
	{ "{\"status-fd\": 2.0}", ": must be an integer" },
	{ "{\"status-fd\": -1}", ": '-1' is not a descriptor number" },
	{ "{\"status-fd\": 77}", ": descriptor 77 is not open" },
	{ "{\"pass-fd\": 1}", ": must be an array of integers" },
	{ "{\"pass-fd\": [1, \"2\"]}", "pass-fd[1]: must be an integer" },
	{ "{\"pass-fd\": [1, 77]}", "pass-fd[1]: descriptor 77 is not" },
	{ "{\"command\": \"x\"}", ":1:13: command: must be an array" },
	{ "{\"command\": []}", ":1:13: command: the command is empty" },
	{ "{\"command\": [\"x\", 1]}", "command[1]: must be a string" },
	{ "{\"allow-env\": [\"A=b\"]}", "allow-env[0]: 'A=b' is not a name" },
	{ "{\"why\": \"x\"}", ": 'x' does not begin with read:" },
};
/* clang-format on */

static void each_mistake_has_its_place(void)
{
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		char start[128];

		is_int(parse(mistakes[i].text, "x"), -EINVAL, mistakes[i].text);
		(void)snprintf(start, sizeof(start), "nssupervise: %s:", file);
		if (!ok(strncmp(message, start, strlen(start)) == 0 &&
				strstr(message, mistakes[i].problem) &&
				strchr(message, '\n') == strrchr(message, '\n'),
			"%s", mistakes[i].problem))
			diag("%s", message);
	}
}

/* The object @key of @parent. */
static struct json_object *child(struct json_object *parent, const char *key)
{
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(parent, key, &value))
		abort();
	return value;
}

/* $top_srcdir is where the tests find files; by hand, the current directory. */
static struct json_object *load_policy(const char *name)
{
	const char *top = getenv("top_srcdir");
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/policies/%s", top ? top : ".",
		       name);
	return json_object_from_file(path);
}

static void the_schema_has_the_options_of_the_table(void)
{
	struct json_object *schema = load_policy("config.schema.json");
	struct json_object *properties;
	size_t n;
	const struct option_row *rows = optable_rows(&n);

	if (!ok(schema != NULL, "the schema can be read"))
		return;
	properties = child(schema, "properties");
	for (size_t i = 0; i < n; i++)
		is_int(json_object_object_get_ex(properties, rows[i].name,
						 NULL),
		       !rows[i].refusal && !rows[i].is_line_only, rows[i].name);
	json_object_object_foreach(properties, key, value)
	{
		(void)value;
		ok(optable_find(key, strlen(key)) ||
			   strcmp(key, "command") == 0 ||
			   strcmp(key, "comment") == 0 ||
			   strcmp(key, "$schema") == 0,
		   "%s is a key", key);
	}
	json_object_put(schema);
}

static void the_preset_is_valid(void)
{
	struct json_object *preset = load_policy("http-server.json");

	if (!ok(preset != NULL, "the preset can be read"))
		return;
	is_int(parse(json_object_to_json_string(preset), "node server.js"), 0,
	       "http-server.json");
	ok(options.allow_net && options.allow_fs_read.n == 1 &&
		   options.allow_fs_write.n == 0,
	   "serves and writes nothing");
	json_object_put(preset);
}

int main(void)
{
	log_open("nssupervise");
	values_reach_the_options();
	the_command_line_adds_and_wins();
	each_mistake_has_its_place();
	the_schema_has_the_options_of_the_table();
	the_preset_is_valid();
	options_done(&options);
	return done();
}
