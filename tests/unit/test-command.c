/* SPDX-License-Identifier: Apache-2.0 */
/* Which program a command runs: $PATH, `#!`, env(1), scripts and options. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervise/command.h"
#include "supervise/links.h"
#include "supervise/profile.h"
#include "supervise/shebang.h"
#include "tap.h"

#define WORDS_MAX 16

static char dir[] = "/tmp/test-command.XXXXXX";
static char *top; /* of the source tree: by hand, the current directory */
static struct command command;

static int resolve_in(const char *path_env, const char *line)
{
	static char copy[1024];
	char *argv[WORDS_MAX + 1];
	int argc = 0;

	command_done(&command);
	(void)snprintf(copy, sizeof(copy), "%s", line);
	for (char *s = strtok(copy, " "); s && argc < WORDS_MAX;
	     s = strtok(NULL, " "))
		argv[argc++] = strcmp(s, "''") == 0 ? s + 2 : s;
	argv[argc] = NULL;
	return command_resolve(argv, path_env, &command);
}

static int resolve(const char *line)
{
	static char path[64];

	(void)snprintf(path, sizeof(path), "%s/bin:/usr/bin:/bin", dir);
	return resolve_in(path, line);
}

/* The words of the command with a bar between them; @dir as "DIR". */
static const char *words(void)
{
	static char text[2048];
	size_t len = 0;

	text[0] = '\0';
	for (char **s = command.argv; s && *s; s++) {
		bool is_in = strncmp(*s, dir, strlen(dir)) == 0;

		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"%s%s%s", len ? "|" : "",
					is_in ? "DIR" : "",
					is_in ? *s + strlen(dir) : *s);
	}
	return text;
}

/* @path without @dir in front. */
static const char *inside(const char *path)
{
	if (!path || strncmp(path, dir, strlen(dir)) != 0)
		return path;
	return path + strlen(dir) + 1;
}

static void make(const char *name, const char *text, mode_t mode)
{
	FILE *f = fopen(name, "we");

	if (!f || fputs(text, f) < 0 || fclose(f) != 0 || chmod(name, mode) < 0)
		abort();
}

/* The header of an ELF program for @machine; 0: of no known format. */
static void make_elf(const char *name, unsigned char machine)
{
	unsigned char header[64] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };
	FILE *f = fopen(name, "we");

	if (machine == 0)
		header[0] = 'x';
	header[4] = machine == 62 ? 2 : 1;
	header[16] = 2;
	header[18] = machine;
	if (!f || fwrite(header, sizeof(header), 1, f) != 1 || fclose(f) != 0 ||
	    chmod(name, 0700) < 0)
		abort();
}

static void set_up(void)
{
	const char *variable = getenv("top_srcdir");

	top = realpath(variable ? variable : ".", NULL);
	if (!top || !mkdtemp(dir) || chdir(dir) < 0 || mkdir("bin", 0700) < 0 ||
	    mkdir("other", 0700) < 0 || mkdir("bin/folder", 0700) < 0)
		abort();
	make_elf("bin/run", 62);
	make_elf("bin/old", 3);
	make_elf("bin/binary", 0);
	make_elf("other/node", 62);
	if (symlink("run", "bin/link") < 0 ||
	    symlink("../bin/link", "bin/link2") < 0 ||
	    symlink("../other/app.js", "bin/app") < 0)
		abort();
	make("bin/plain", "echo hi\n", 0700);
	make("bin/data", "#!/bin/x\n", 0600);
	make("bin/empty", "#!\n", 0700);
	make("bin/gone", "#!/nonexistent/x\n", 0700);
	make("bin/script", "#! run  -a  b \t\n", 0700);
	make("bin/loop", "#!bin/loop\n", 0700);
	make("bin/one", "#!bin/run\n", 0700);
	make("bin/two", "#!bin/one x\n", 0700);
	make("bin/three", "#!bin/two\n", 0700);
	make("bin/four", "#!bin/three\n", 0700);
	make("bin/five", "#!bin/four\n", 0700);
	make("bin/env-run", "#!/usr/bin/env run\n", 0700);
	make("bin/env-split", "#!/usr/bin/env -S A=1 run -x 'a b'\n", 0700);
	make("bin/env-loop", "#!/usr/bin/env env-loop\n", 0700);
	make("bin/env-words", "#!/usr/bin/env run -x\n", 0700);
	make("bin/env-odd", "#!/usr/bin/env -S -v run\n", 0700);
	make("other/app.js", "#!/usr/bin/env node\n", 0700);
	make("other/main.js", "1\n", 0600);
}

static void clean_up(void)
{
	if (chdir("/") < 0 ||
	    execlp("rm", "rm", "-r", "-f", "--", dir, NULL) < 0)
		diag("cannot remove %s", dir);
}

static void path_is_searched_as_execvp_does(void)
{
	char want[128];

	is_int(resolve("run a"), 0, "a name in $PATH");
	is_str(inside(command.program), "bin/run", "is found");
	is_str(inside(command.asked), "bin/run", "and was asked for");
	is_str(words(), "run|a", "the words stay");
	is_int(resolve("link"), 0, "a link");
	is_str(inside(command.program), "bin/link", "is executed by its name");
	is_str(inside(command.runtime), "bin/run", "and is another file");
	ok(command.executables.n == 1 &&
		   strings_contain(&command.executables, command.runtime),
	   "which must be executable");
	ok(command.links.n == 1, "one link");
	is_int(resolve("link2"), 0, "a link to a link");
	ok(command.links.n == 2, "two links");
	is_str(inside(command.links.items[0]), "bin/link2", "the program");
	is_str(inside(command.links.items[1]), "bin/link",
	       "and what it points to");
	is_int(resolve("bin/run"), 0, "a relative path");
	(void)snprintf(want, sizeof(want), "%s/bin/run", dir);
	is_str(command.program, want, "becomes absolute");
	is_str(words(), "bin/run", "but not its word");
	is_int(resolve_in("nothing::other", "node"), 0, "relative directories");
	is_str(inside(command.program), "other/node", "are searched");
	is_int(resolve_in("", "node"), -ENOENT, "an empty $PATH");
	is_int(resolve_in(NULL, "sh"), 0, "no $PATH at all");
}

static void links_are_found_one_by_one(void)
{
	struct strings links = { 0 };

	if (symlink("../bin", "other/dir") < 0 ||
	    symlink("round", "other/round") < 0 ||
	    symlink("/nonexistent/x", "other/dead") < 0)
		abort();
	is_int(links_collect("other/./dir/../other/dir/link2", &links), 0,
	       "links in the middle and at the end");
	is_int(links.n, 3, "each once");
	is_str(inside(links.items[0]), "other/dir", "a directory");
	is_str(inside(links.items[1]), "bin/link2", "by its own path");
	is_str(inside(links.items[2]), "bin/link", "and the next");
	is_int(links_collect("other/round", &links), 0, "a circle ends");
	is_int(links_collect("other/dead", &links), 0, "and so does nowhere");
	is_int(links.n, 5, "both are links");
	is_int(links_collect("/", &links), 0, "the root is none");
	strings_done(&links);
}

static void failures_tell_the_status(void)
{
	is_int(resolve("nosuch"), -ENOENT, "not in $PATH");
	is_int(resolve("''"), -ENOENT, "an empty name");
	is_int(resolve("/nonexistent/x"), -ENOENT, "no such file");
	is_int(resolve("bin/run/x"), -ENOENT, "beneath a file");
	is_int(resolve("bin/data"), -EACCES, "not executable");
	is_int(resolve("data"), -EACCES, "not executable, in $PATH");
	is_int(resolve("./bin"), -EACCES, "a directory");
	is_int(resolve("folder"), -EACCES, "a directory in $PATH");
	is_int(resolve("binary"), -ENOEXEC, "neither ELF nor text");
	is_int(resolve("old"), -ENOEXEC, "ELF for another machine");
	is_int(resolve("empty"), -ENOEXEC, "#! and nothing");
	is_int(resolve("gone"), -ENOENT, "#! of what is not there");
	is_int(resolve("loop"), -ELOOP, "#! of itself");
	is_int(resolve("env-loop"), -ELOOP, "#!/usr/bin/env of itself");
}

static void scripts_are_given_to_their_interpreters(void)
{
	is_int(resolve("script c"), -ENOENT, "an interpreter without a slash");
	is_int(chdir("bin"), 0, "in its directory");
	is_int(resolve("script c"), 0, "is found there, not in $PATH");
	is_str(words(), "run|-a  b|DIR/bin/script|c",
	       "all behind it is one word");
	is_str(inside(command.asked), "bin/script", "the script was asked for");
	is_int(chdir(".."), 0, "back");
	is_int(resolve("bin/one c"), 0, "a relative script");
	is_str(words(), "bin/run|bin/one|c", "is given as it was written");
	is_int(resolve("four c"), 0, "four deep");
	is_str(words(), "bin/run|bin/one|x|bin/two|bin/three|DIR/bin/four|c",
	       "each gets the next");
	is_int(resolve("five"), -ELOOP, "five deep");
	is_int(resolve("plain a"), 0, "text without #!");
	is_str(words(), "/bin/sh|DIR/bin/plain|a", "is for the shell");
}

static void env_is_skipped(void)
{
	is_int(resolve("env-run a"), 0, "#!/usr/bin/env run");
	is_str(words(), "run|DIR/bin/env-run|a", "is run by run");
	is_int(resolve("env-split a"), 0, "#!/usr/bin/env -S");
	is_str(words(), "run|-x|a b|DIR/bin/env-split|a", "with its words");
	ok(command.env.n == 1 && strings_contain(&command.env, "A=1"),
	   "and its variable");
	is_int(resolve("env-words"), -ENOENT, "without -S it is one name");
	is_int(resolve("env -i -u X PATH=bin:/usr/bin env C=3 run env"), 0,
	       "env twice");
	is_str(words(), "run|env", "the program comes last");
	ok(command.env_clear && strings_contain(&command.env_unset, "X") &&
		   strings_contain(&command.env, "PATH=bin:/usr/bin") &&
		   strings_contain(&command.env, "C=3"),
	   "all of it counts");
	is_int(resolve("env -i run"), -ENOENT, "no $PATH behind env -i");
	is_int(resolve("env PATH=other node"), 0, "another $PATH");
	is_str(inside(command.program), "other/node", "is searched");
	is_int(resolve("env -v run"), 0, "an option that we do not know");
	is_str(words(), "env|-v|run", "is left to env itself");
	is_int(resolve("env-odd"), 0, "also behind #!");
	ok(strstr(command.runtime, "/env") || strstr(command.runtime, "box"),
	   "env is executed");
	is_int(resolve("env A=1"), 0, "env that prints");
	is_str(words(), "env|A=1", "is env");
}

static const struct {
	const char *text; /* of -S */
	const char *want; /* NULL: left to env */
} strings_of_env[] = {
	{ "a b  c", "a|b|c" },
	{ "  ", "" },
	{ "a # b", "a" },
	{ "a#b", "a#b" },
	{ "'a b'\"c d\"e", "a bc de" },
	{ "'' a", "|a" },
	{ "a\\ b", NULL },
	{ "'a\\'b' \"\\\"\"", "a'b|\"" },
	{ "\"\\_\"", " " },
	{ "'a\\nb'", "a\\nb" },
	{ "$X", NULL },
	{ "'$X'", "$X" },
	{ "\\$X", "$X" },
	{ "a\\", NULL },
	{ "'a", NULL },
	{ "\\c", NULL },
	{ "-S 'b c'", "b|c" },
	{ "-i A=1 b", "b" },
	{ "-z b", NULL },
};

static void split_strings_are_read_as_env_does(void)
{
	for (size_t i = 0;
	     i < sizeof(strings_of_env) / sizeof(strings_of_env[0]); i++) {
		struct strings args = { 0 };
		struct env_call call;
		char text[128] = "";
		size_t len = 0;
		int r;

		if (strings_add(&args, "-S") < 0 ||
		    strings_add(&args, strings_of_env[i].text) < 0)
			abort();
		r = env_parse(&args, &call);
		for (size_t j = 0; j < call.words.n; j++)
			len += (size_t)snprintf(text + len, sizeof(text) - len,
						"%s%s", j ? "|" : "",
						call.words.items[j]);
		is_str(r == 0 ? text : NULL, strings_of_env[i].want,
		       strings_of_env[i].text);
		env_done(&call);
		strings_done(&args);
	}
}

/* clang-format off */
static const struct {
	const char *profile;
	const char *line;
	bool has_script;
	const char *denied; /* what a manifest forbids, or NULL */
	const char *inspector;
} lines[] = {
	{ "node", "node other/main.js -e", true, NULL, NULL },
	{ "node", "node -r x --title y other/main.js", true, NULL, NULL },
	{ "node", "node --title=y --no-warnings other/main.js", true, NULL,
	  NULL },
	{ "node", "node --max_http_header_size 9 other/main.js", true, NULL,
	  NULL },
	{ "node", "node -- other/main.js", true, NULL, NULL },
	{ "node", "node -- -e", false, NULL, NULL },
	{ "node", "node other", false, NULL, NULL },
	{ "node", "node nosuch.js", false, NULL, NULL },
	{ "node", "node", false, "-", NULL },
	{ "node", "node -", false, "-", NULL },
	{ "node", "node --no-warnings", false, "-", NULL },
	{ "node", "node --", false, "-", NULL },
	{ "node", "node --version", false, NULL, NULL },
	{ "node", "node --test other/main.js", false, NULL, NULL },
	{ "node", "node -e code other/main.js", false, "-e", NULL },
	{ "node", "node --eval=code", false, "--eval=code", NULL },
	{ "node", "node -pe 1", false, "-pe", NULL },
	{ "node", "node -i other/main.js", false, "-i", NULL },
	{ "node", "node --import data:x other/main.js", true, "--import",
	  NULL },
	{ "node", "node --import=data:x other/main.js", true,
	  "--import=data:x", NULL },
	{ "node", "node --import ./x other/main.js", true, NULL, NULL },
	{ "node", "node --snapshot-blob x other/main.js", true,
	  "--snapshot-blob", NULL },
	{ "node", "node --inspect other/main.js", true, NULL, "--inspect" },
	{ "node", "node --inspect-brk=0 other/main.js", true, NULL,
	  "--inspect-brk=0" },
	{ "node", "node other/main.js --inspect", true, NULL, NULL },
	{ "node", "app --inspect", true, NULL, NULL },
	{ "python", "run -B -W default other/main.js -c", true, NULL, NULL },
	{ "python", "run -BWdefault -X dev other/main.js", true, NULL, NULL },
	{ "python", "run -Bc code other/main.js", false, "-Bc", NULL },
	{ "python", "run -cprint(1)", false, "-cprint(1)", NULL },
	{ "python", "run -m mod -c x", false, NULL, NULL },
	{ "python", "run -im mod", false, "-im", NULL },
	{ "python", "run", false, "-", NULL },
	{ "python", "run --version", false, NULL, NULL },
	{ "shell", "run -e other/main.js", true, NULL, NULL },
	{ "shell", "run -eo pipefail other/main.js", true, NULL, NULL },
	{ "shell", "run -ec code other/main.js", false, NULL, NULL },
	{ "shell", "run", false, NULL, NULL },
	{ "none", "run other/main.js", false, NULL, NULL },
};
/* clang-format on */

static void load_profile(const char *name, struct profile *ret)
{
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/policies/%s.json", top, name);
	if (profile_load(path, ret) < 0)
		abort();
}

static void the_runtimes_own_options_are_known(void)
{
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const char *denied = NULL;
		const char *inspector = NULL;
		struct profile profile;
		char path[64];

		(void)snprintf(path, sizeof(path), "%s/bin:%s/other", dir, dir);
		load_profile(lines[i].profile, &profile);
		is_int(resolve_in(path, lines[i].line), 0, lines[i].line);
		is_int(command_find_script(&command, &profile), 0,
		       "its script");
		ok(!command.script == !lines[i].has_script, "is %s",
		   lines[i].has_script ? "there" : "not there");
		if (command_find_arg(&command, &profile,
				     &profile.exec_deny_args, &denied) < 0 ||
		    command_find_arg(&command, &profile,
				     &profile.inspector_args, &inspector) < 0)
			abort();
		is_str(denied, lines[i].denied, "what a manifest forbids");
		is_str(inspector, lines[i].inspector, "a debugger");
		profile_done(&profile);
	}
}

static void arguments_are_inserted_behind_the_name(void)
{
	struct strings args = { 0 };

	is_int(resolve("run a b"), 0, "a command");
	is_int(command_insert_args(&command, &args), 0, "nothing to insert");
	is_str(words(), "run|a|b", "changes nothing");
	if (strings_add(&args, "-x") < 0 || strings_add(&args, "y") < 0)
		abort();
	is_int(command_insert_args(&command, &args), 0, "two words");
	is_str(words(), "run|-x|y|a|b", "are inserted");
	strings_done(&args);
}

int main(void)
{
	set_up();
	path_is_searched_as_execvp_does();
	links_are_found_one_by_one();
	failures_tell_the_status();
	scripts_are_given_to_their_interpreters();
	env_is_skipped();
	split_strings_are_read_as_env_does();
	the_runtimes_own_options_are_known();
	arguments_are_inserted_behind_the_name();
	command_done(&command);
	free(top);
	if (done() != EXIT_SUCCESS)
		return EXIT_FAILURE;
	clean_up();
	return EXIT_SUCCESS;
}
