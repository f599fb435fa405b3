/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: every option, every mistake, and what is printed. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "supervise/optable.h"
#include "supervise/options.h"
#include "supervise/usage.h"
#include "tap.h"

#define ARGS_MAX 16

static struct options options;
static char message[4096]; /* what the last parse() logged */

/* Parses @line, split at blanks, with stderr going into @message. */
static int parse(const char *line)
{
	static char copy[4096];
	static char *argv[ARGS_MAX + 1];
	_cleanup_close_ int saved = dup(STDERR_FILENO);
	_cleanup_close_ int log = memfd_create("log", MFD_CLOEXEC);
	int argc = 0;
	ssize_t n;
	int r;

	options_done(&options);
	(void)snprintf(copy, sizeof(copy), "nssupervise %s", line);
	for (char *s = strtok(copy, " "); s && argc < ARGS_MAX;
	     s = strtok(NULL, " "))
		argv[argc++] = strcmp(s, "''") == 0 ? s + 2 : s;
	argv[argc] = NULL;
	if (saved < 0 || log < 0 || dup2(log, STDERR_FILENO) < 0)
		abort();
	r = options_parse(argc, argv, &options);
	if (dup2(saved, STDERR_FILENO) < 0)
		abort();
	n = pread(log, message, sizeof(message) - 1, 0);
	message[n > 0 ? n : 0] = '\0';
	return r;
}

/* The items of a list with a bar between them. */
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

static void a_command_needs_no_option(void)
{
	is_int(parse("node app.js --policy=x"), 0,
	       "options end at the command");
	ok(options.action == DO_RUN && options.argc == 3, "three words");
	is_str(options.argv[2], "--policy=x", "the command's own option");
	ok(options.argv[3] == NULL, "the vector ends with NULL");
	is_str(options.runtime, "auto", "the runtime is found by itself");
	ok(options.status_fd == -1 && options.log_fd == -1, "no descriptors");
	is_int(parse("-- --policy=x"), 0, "-- ends the options");
	is_str(options.argv[0], "--policy=x", "the command may look like one");
	is_int(parse("- x"), 0, "a single dash is a command");
	is_int(parse("--quiet -- -- x"), 0, "only the first -- counts");
	is_str(options.argv[0], "--", "the second is the command");
}

static void flags_and_scalars_are_taken(void)
{
	is_int(parse("--allow-fs-metadata --allow-net "
		     "--wait-all --verbose --policy=p.json "
		     "--policy-integrity=sha256-x --runtime=node x"),
	       0, "many options");
	ok(options.allow_fs_metadata && options.allow_net && options.wait_all &&
		   options.verbose,
	   "flags are set");
	ok(!options.quiet && !options.allow_child_process && !options.log_json,
	   "others are not");
	is_str(options.policy, "p.json", "the policy");
	is_str(options.policy_integrity, "sha256-x", "its hash");
	is_str(options.runtime, "node", "the runtime");
	is_int(parse("--quiet --quiet x"), 0, "a flag may be repeated");
	is_int(parse("--allow-net=:80,h:443 --allow-unix=/s,@n x"), 0,
	       "rules of the network");
	ok(!options.allow_net && options_has_net(&options) &&
		   options.net_rules.n == 2,
	   "they are not all of it");
	is_int(options.allow_unix.n, 2, "unix sockets");
}

static void lists_add_up(void)
{
	is_int(parse("--allow-fs-read=/a --allow-fs-read=/b,/c "
		     "--deny-fs-read=/c --allow-fs-write=* x"),
	       0, "lists may be repeated");
	is_str(joined(&options.allow_fs_read), "/a|/b|/c", "in order");
	is_str(joined(&options.deny_fs_read), "/c", "a denial");
	is_str(joined(&options.allow_fs_write), "*", "a lone star");
	is_int(parse("--allow-env=A,B_*,C x"), 0, "variables");
	ok(options.has_allow_env, "there is a list");
	is_str(joined(&options.allow_env), "A|B_*|C", "names and globs");
}

static void escapes_are_kept_for_who_needs_them(void)
{
	is_int(parse("--allow-fs-read=/a\\,b,/c\\*d,/e\\\\f,/g\\h,/i\\ x"), 0,
	       "escapes");
	is_str(joined(&options.allow_fs_read), "/a,b|/c\\*d|/e\\\\f|/g\\h|/i\\",
	       "only the comma's is resolved");
	is_int(parse("--allow-fs-read=/a\\\\,b x"), 0,
	       "a comma behind an escaped backslash");
	is_str(joined(&options.allow_fs_read), "/a\\\\|b", "separates");
}

static void touch(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	if (fd < 0 || close(fd) < 0)
		abort();
}

static void an_existing_path_with_a_comma_wins(void)
{
	char dir[] = "/tmp/test-options.XXXXXX";

	if (!mkdtemp(dir) || chdir(dir) < 0 || mkdir("d,e", 0700) < 0)
		abort();
	touch("a,b");
	touch("a,b,c");
	touch("d,e/f,g");
	is_int(parse("--allow-fs-read=a,b,x x"), 0, "an existing a,b");
	is_str(joined(&options.allow_fs_read), "a,b|x", "is one path");
	is_int(parse("--allow-fs-read=a,b,c,y x"), 0, "an existing a,b,c");
	is_str(joined(&options.allow_fs_read), "a,b,c|y", "the longest wins");
	is_int(parse("--allow-fs-read=x,d,e/f,g,d,e/new x"), 0,
	       "in directories");
	is_str(joined(&options.allow_fs_read), "x|d,e/f,g|d|e/new",
	       "each component must exist");
	is_int(parse("--allow-fs-read=a,* x"), 0, "a star");
	is_str(joined(&options.allow_fs_read), "a|*", "is never a name");
	is_int(parse("--allow-env=a,b x"), 0, "a list that is not of paths");
	is_str(joined(&options.allow_env), "a|b", "looks at no file");
	(void)unlink("a,b");
	(void)unlink("a,b,c");
	(void)unlink("d,e/f,g");
	(void)rmdir("d,e");
	if (chdir("/") < 0 || rmdir(dir) < 0)
		diag("cannot remove %s", dir);
}

static void child_processes_may_be_any_or_some(void)
{
	is_int(parse("--allow-child-process=git,make x"), 0, "some programs");
	ok(options.allow_child_process && !options.any_child_program,
	   "a list limits them");
	is_str(joined(&options.child_programs), "git|make", "their names");
	is_int(parse("--allow-child-process=git --allow-child-process x"), 0,
	       "some and any");
	ok(options.any_child_program && options.child_programs.n == 0,
	   "together are any");
	is_int(parse("--allow-child-process=* x"), 0, "a star");
	ok(options.any_child_program, "is any");
}

static void descriptors_must_be_open(void)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int low = dup2(fd, 70);

	is_int(low, 70, "a descriptor to use");
	is_int(parse("--status-fd=70 --log=fd:70 --pass-fd=70 x"), -EINVAL,
	       "what is ours is not passed on");
	is_int(parse("--status-fd=70 --log=fd:70 x"), 0, "open ones are taken");
	ok(options.status_fd == 70 && options.log_fd == 70 &&
		   options.log_target == LOG_TO_FD,
	   "both");
	is_int(parse("--pass-fd=70,1 --pass-fd=70 x"), 0, "to pass");
	ok(options.n_pass_fds == 2 && options.pass_fds[0] == 70 &&
		   options.pass_fds[1] == 1,
	   "each once");
	(void)close(70);
	(void)close(fd);
}

static void logs_go_where_they_should(void)
{
	is_int(parse("--log=journal --log-format=json x"), 0, "the journal");
	ok(options.log_target == LOG_TO_JOURNAL && options.log_json, "as JSON");
	is_int(parse("--log=/var/log/x --log-format=text x"), 0, "a file");
	is_str(options.log_file, "/var/log/x", "its name");
	is_int(parse("--log=stderr x"), 0, "standard error");
	ok(options.log_target == LOG_TO_STDERR && !options.log_file, "no file");
}

static void asking_needs_no_run(void)
{
	is_int(parse("--explain node x"), 0, "--explain");
	ok(options.action == DO_EXPLAIN && options.explain == EXPLAIN_TEXT,
	   "is text");
	is_int(parse("--explain=json node x"), 0, "--explain=json");
	ok(options.explain == EXPLAIN_JSON, "is JSON");
	is_int(parse("--why=read:/etc/passwd"), 0, "--why needs no command");
	ok(options.action == DO_WHY && options.argc == 0 && options.argv &&
		   !options.argv[0],
	   "there is none");
	is_str(options.why, "read:/etc/passwd", "the question");
	is_int(parse("--why=net::80 x"), 0, "--why may have one");
	is_int(parse("--check"), 0, "--check needs no command");
	ok(options.action == DO_CHECK, "is its own action");
}

/* clang-format off */
static const struct {
	const char *line;
	const char *text; /* part of the message */
} mistakes[] = {
	{ "", "no command" },
	{ "--", "no command" },
	{ "--quiet", "no command" },
	{ "--explain", "no command" },
	{ "''", "the command is empty" },
	{ "--alow-fs-read=/ x", "did you mean '--allow-fs-read'?" },
	{ "--allow-read=/ x", "did you mean '--allow-fs-read'?" },
	{ "--qqqqqqqqqqqq x", "unknown option '--qqqqqqqqqqqq', see" },
	{ "--=x x", "unknown option '--'" },
	{ "-x x", "unknown option '-x'" },
	{ "-policy=p x", "did you mean '--policy'?" },
	{ "-h", "did you mean '--help'?" },
	{ "--allow-fs-read /srv -- x", "'--allow-fs-read=/srv'" },
	{ "--allow-fs-read -- x", "needs a value" },
	{ "--allow-fs-read", "needs a value" },
	{ "--allow-fs-read= x", "the value is empty" },
	{ "--allow-fs-read=a,,b x", "an item is empty" },
	{ "--allow-fs-read=a, x", "an item is empty" },
	{ "--allow-fs-read=,a x", "an item is empty" },
	{ "--policy= x", "the value is empty" },
	{ "--allow-child-process= x", "the value is empty" },
	{ "--explain= x", "the value is empty" },
	{ "--quiet=1 x", "takes no value" },
	{ "--quiet= x", "takes no value" },
	{ "--help=x", "takes no value" },
	{ "--version=x", "takes no value" },
	{ "--policy=a --policy=b x", "given twice" },
	{ "--runtime=a --runtime=a x", "given twice" },
	{ "--explain=xml x", "neither text nor json" },
	{ "--log-format=xml x", "neither text nor json" },
	{ "--why=x", "does not begin with read:" },
	{ "--why=read:", "nothing follows" },
	{ "--status-fd=x x", "is not a descriptor number" },
	{ "--status-fd=-1 x", "is not a descriptor number" },
	{ "--status-fd=99999999999999999999 x", "is not a descriptor number" },
	{ "--status-fd=77 x", "descriptor 77 is not open" },
	{ "--log=fd: x", "is not a descriptor number" },
	{ "--log=fd:77 x", "descriptor 77 is not open" },
	{ "--pass-fd=77 x", "descriptor 77 is not open" },
	{ "--pass-fd=0,77 x", "descriptor 77 is not open" },
	{ "--quiet --verbose x", "contradict" },
	{ "--policy-integrity=sha256-x x", "needs '--policy'" },
	{ "--why=read:/ --explain x", "goes with neither" },
	{ "--check --explain x", "does not go with '--check'" },
	{ "--allow-env=A=b x", "is not a name" },
	{ "--allow-net=https://h/ x", "write HOST:PORT, as in h:443" },
	{ "--allow-net=:80,10.0.0.1:0 x", "'10.0.0.1:0': '0' is not a port" },
	{ "--config=/nonexistent x", "cannot open '/nonexistent'" },
};
/* clang-format on */

static void each_mistake_is_named(void)
{
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		int r = parse(mistakes[i].line);

		ok(r < 0 && strstr(message, mistakes[i].text), "'%s': %s",
		   mistakes[i].line, mistakes[i].text);
		ok(strncmp(message, "nssupervise: ", 13) == 0 &&
			   strchr(message, '\n') == strrchr(message, '\n'),
		   "in one line");
	}
}

static void what_is_not_available_is_refused(void)
{
	size_t n;
	const struct option_row *rows = optable_rows(&n);

	for (size_t i = 0; i < n; i++) {
		char line[128];

		if (!rows[i].refusal)
			continue;
		(void)snprintf(line, sizeof(line), "--%s%s x", rows[i].name,
			       rows[i].value ? "=y" : "");
		is_int(parse(line), -EINVAL, line);
		(void)snprintf(line, sizeof(line),
			       "--%s is not available in this version: ",
			       rows[i].name);
		ok(strstr(message, line), "%s", line);
	}
}

static void the_table_is_sound(void)
{
	size_t n;
	const struct option_row *rows = optable_rows(&n);

	for (size_t i = 0; i < n; i++) {
		bool is_good = rows[i].refusal || rows[i].help;

		ok(optable_find(rows[i].name, strlen(rows[i].name)) == &rows[i],
		   "--%s is there once", rows[i].name);
		is_good = is_good &&
			  !rows[i].value == (rows[i].kind == OPTION_FLAG);
		is_good = is_good &&
			  (i == 0 || rows[i].group >= rows[i - 1].group);
		ok(is_good,
		   "--%s has a help text, a value's name and its place",
		   rows[i].name);
	}
	ok(!optable_find("allow-fs-rea", 12) && !optable_find("", 0),
	   "no part of a name is a name");
}

/* What usage_print() prints; to be freed. */
static char *printed(const char *what)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		abort();
	is_int(usage_print(what, f), 0, what ? what : "help");
	(void)fclose(f);
	return text;
}

static void help_fits_a_terminal(void)
{
	_cleanup_free_ char *text = printed(NULL);
	size_t n;
	const struct option_row *rows = optable_rows(&n);
	size_t longest = 0;
	bool has_all = true;

	for (const char *s = text; *s; s += strcspn(s, "\n") + 1)
		if (strcspn(s, "\n") > longest)
			longest = strcspn(s, "\n");
	ok(longest <= 80, "no line is longer than 80 (%zu)", longest);
	for (size_t i = 0; i < n; i++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "  --%s", rows[i].name);
		if (!rows[i].refusal && !strstr(text, name))
			has_all = false;
	}
	ok(has_all, "every option is there");
}

static void other_forms_come_from_the_same_table(void)
{
	_cleanup_free_ char *man = printed("man");
	_cleanup_free_ char *completion = printed("completion");
	_cleanup_free_ char *version = printed("version");

	ok(strstr(man, ".It Fl \\-policy-integrity Ns = Ns Ar SRI"),
	   "the manual has options");
	ok(strstr(man, ".It Fl \\-verifier"), "all of them");
	ok(strstr(completion, "--policy-integrity="), "so has the completion");
	ok(strstr(completion, "--verifier="), "all of them");
	is_str(version, "nssupervise " PACKAGE_VERSION "\n", "the version");
	is_int(usage_print("xml", stdout), -EINVAL, "no other form");
}

static void help_wins_over_every_mistake(void)
{
	_cleanup_close_ int saved = dup(STDOUT_FILENO);
	_cleanup_close_ int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int r[3];

	(void)fflush(stdout);
	if (saved < 0 || dup2(null, STDOUT_FILENO) < 0)
		abort();
	r[0] = parse("--nonsense --help --config=/nonexistent");
	r[1] = options.action == DO_NOTHING;
	r[2] = parse("--version");
	if (dup2(saved, STDOUT_FILENO) < 0)
		abort();
	ok(r[0] == 0 && r[1] && r[2] == 0, "--help and --version succeed");
	ok(parse("-- --help") == 0 && options.action == DO_RUN,
	   "not the command's own");
}

int main(void)
{
	log_open("nssupervise");
	a_command_needs_no_option();
	flags_and_scalars_are_taken();
	lists_add_up();
	escapes_are_kept_for_who_needs_them();
	an_existing_path_with_a_comma_wins();
	child_processes_may_be_any_or_some();
	descriptors_must_be_open();
	logs_go_where_they_should();
	asking_needs_no_run();
	each_mistake_is_named();
	what_is_not_available_is_refused();
	the_table_is_sound();
	help_fits_a_terminal();
	other_forms_come_from_the_same_table();
	help_wins_over_every_mistake();
	options_done(&options);
	return done();
}
