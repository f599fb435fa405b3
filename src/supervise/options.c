/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: `--name`, `--name=value`, then the command. */
#include "supervise/options.h"

#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "supervise/config.h"
#include "supervise/optset.h"
#include "supervise/usage.h"

/* One word of the command line before the command. */
struct word {
	const char *text; /* "--name=value" */
	const char *name; /* behind the dashes, not NUL-terminated */
	size_t name_len;
	const char *value; /* behind the '=', or NULL */
};

static bool is_option(const char *text)
{
	return text[0] == '-' && text[1] != '\0' && strcmp(text, "--") != 0;
}

static struct word split_word(const char *text)
{
	size_t dashes = text[1] == '-' ? 2 : 1;
	struct word word = { .text = text, .name = text + dashes };

	word.name_len = strcspn(word.name, "=");
	if (word.name[word.name_len] == '=')
		word.value = word.name + word.name_len + 1;
	return word;
}

static const struct option_row *find(const struct word *word)
{
	/* There are no short options: `-policy=x` is not `--policy=x`. */
	if (word->text[1] != '-')
		return NULL;
	return optable_find(word->name, word->name_len);
}

static bool is_named(const struct word *word, const char *name)
{
	const struct option_row *row = find(word);

	return row && strcmp(row->name, name) == 0;
}

static int unknown_option(const struct word *word)
{
	const char *near = optable_nearest(word->name, word->name_len);
	int len = (int)(word->name - word->text) + (int)word->name_len;

	if (near)
		log_error("unknown option '%.*s', did you mean '--%s'?", len,
			  word->text, near);
	else
		log_error("unknown option '%.*s', see 'nssupervise --help'",
			  len, word->text);
	return -EINVAL;
}

/* @next: the word behind it, which others take for the value; or NULL. */
static int check_value(const struct option_row *row, const struct word *word,
		       const char *next)
{
	if (!row->value) {
		if (!word->value)
			return 0;
		log_error("option '--%s' takes no value", row->name);
	} else {
		if (word->value || row->is_optional)
			return 0;
		if (next && next[0] != '-')
			log_error(
				"option '--%s' needs its value behind an equals sign: '--%s=%s'",
				row->name, row->name, next);
		else
			log_error("option '--%s' needs a value: '--%s=%s'",
				  row->name, row->name, row->value);
	}
	return -EINVAL;
}

static int parse_option(struct option_source *source, const char *text,
			const char *next)
{
	struct word word = split_word(text);
	const struct option_row *row = find(&word);
	int r;

	if (!row)
		return unknown_option(&word);
	if (row->refusal) {
		log_error("--%s is not available in this version: %s",
			  row->name, row->refusal);
		return -EINVAL;
	}
	r = option_check(source, row);
	if (r == 0) {
		r = check_value(row, &word, next);
		if (r < 0)
			return r;
		r = option_take_value(source, row, word.value);
	}
	if (r == -EINVAL)
		log_error("option '--%s': %s", row->name, source->error);
	else if (r < 0)
		log_error("out of memory");
	return r;
}

/* Files first: the command line adds to them and has the last word. */
static int load_configs(int n, char **argv, struct options *options)
{
	for (int i = 1; i < n; i++) {
		struct word word = split_word(argv[i]);
		int r;

		if (!is_named(&word, "config") || !word.value ||
		    word.value[0] == '\0')
			continue;
		r = config_load(word.value, options);
		if (r < 0)
			return r;
	}
	return 0;
}

/* --help and --version do what they say whatever else is there. */
static int answer(int n, char **argv, struct options *options)
{
	for (int i = 1; i < n; i++) {
		struct word word = split_word(argv[i]);
		int r;

		if (is_named(&word, "help"))
			r = usage_print(word.value, stdout);
		else if (is_named(&word, "version") && !word.value)
			r = usage_print("version", stdout);
		else
			continue;
		if (r == -EINVAL)
			return 0; /* parse_option() refuses it */
		if (r < 0)
			log_error("cannot write to standard output: %s",
				  strerror(-r));
		options->action = DO_NOTHING;
		return r;
	}
	return 0;
}

static bool is_passed(const struct options *options, int fd)
{
	for (size_t i = 0; i < options->n_pass_fds; i++)
		if (options->pass_fds[i] == fd)
			return fd > STDERR_FILENO;
	return false;
}

/* What no option can know alone. */
static int check_together(const struct options *o)
{
	const char *text = NULL;

	if (o->quiet && o->verbose)
		text = "options '--quiet' and '--verbose' contradict each other";
	else if (o->report_only && o->landlock_only)
		text = "option '--report-only' does not go with '--landlock-only': nothing would be there to report";
	else if (o->policy_integrity && !o->policy)
		text = "option '--policy-integrity' needs '--policy'";
	else if (o->policy_key && !o->policy)
		text = "option '--policy-key' needs '--policy'";
	else if (o->verifier && !o->policy)
		text = "option '--verifier' needs '--policy'";
	else if (o->why &&
		 (o->explain != EXPLAIN_NONE || o->action == DO_CHECK))
		text = "option '--why' goes with neither '--explain' nor '--check'";
	else if (o->explain != EXPLAIN_NONE && o->action == DO_CHECK)
		text = "option '--explain' does not go with '--check'";
	else if (is_passed(o, o->status_fd))
		text = "the descriptor of '--status-fd' cannot be passed on";
	else if (is_passed(o, o->log_fd))
		text = "the descriptor of '--log' cannot be passed on";
	else if (o->argc > 0 && o->argv[0][0] == '\0')
		text = "the command is empty";
	if (!text)
		return 0;
	log_error("%s", text);
	return -EINVAL;
}

static int finish(struct options *options)
{
	int r;

	options->report_only |= options->learn != NULL;
	r = check_together(options);
	if (r < 0)
		return r;
	/* Any program is more than some: both together are any. */
	if (options->any_child_program)
		strings_done(&options->child_programs);
	if (options->action == DO_CHECK)
		return 0;
	if (options->why)
		options->action = DO_WHY;
	else if (options->explain != EXPLAIN_NONE)
		options->action = DO_EXPLAIN;
	if (options->argc > 0 || options->action == DO_WHY)
		return 0;
	log_error(
		"no command: nssupervise [OPTION]... [--] COMMAND [ARG]..., see 'nssupervise --help'");
	return -EINVAL;
}

static void set_command(struct options *options, int argc, char **argv)
{
	if (argc > 0 || !options->owned_argv) {
		options->argc = argc;
		options->argv = argv;
		return;
	}
	options->argv = options->owned_argv;
	while (options->argv[options->argc])
		options->argc++;
}

int options_parse(int argc, char **argv, struct options *ret)
{
	struct option_source line = { .options = ret };
	int n = 1;
	int r;

	*ret = (struct options){ .status_fd = -1, .log_fd = -1 };
	ret->argv = argv + argc;
	ret->runtime = strdup("auto");
	if (!ret->runtime)
		return -ENOMEM;
	while (n < argc && is_option(argv[n]))
		n++;
	r = answer(n, argv, ret);
	if (r < 0 || ret->action == DO_NOTHING)
		return r;
	r = load_configs(n, argv, ret);
	for (int i = 1; r == 0 && i < n; i++)
		r = parse_option(&line, argv[i], argv[i + 1]);
	if (r < 0)
		return r;
	if (n < argc && strcmp(argv[n], "--") == 0)
		n++;
	set_command(ret, argc > n ? argc - n : 0, argv + (argc > n ? n : argc));
	return finish(ret);
}

void options_done(struct options *options)
{
	strings_done(&options->allow_fs_read);
	strings_done(&options->allow_fs_write);
	strings_done(&options->deny_fs_read);
	strings_done(&options->deny_fs_write);
	strings_done(&options->child_programs);
	strings_done(&options->allow_env);
	strings_done(&options->net_rules);
	strings_done(&options->allow_unix);
	free(options->learn);
	free(options->policy);
	free(options->policy_integrity);
	free(options->policy_key);
	free(options->verifier);
	free(options->runtime);
	free(options->why);
	free(options->log_file);
	free(options->pass_fds);
	for (char **s = options->owned_argv; s && *s; s++)
		free(*s);
	free(options->owned_argv);
	*options = (struct options){ .status_fd = -1, .log_fd = -1 };
}
