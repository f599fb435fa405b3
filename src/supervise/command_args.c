/* SPDX-License-Identifier: Apache-2.0 */
/* The runtime's own options in the command: where they end, what they say. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "supervise/command.h"
#include "supervise/links.h"
#include "supervise/profile.h"

/* Where the reading of the options is. */
struct cursor {
	char *const *argv;
	const struct profile *profile;
	size_t i; /* the word that is being read; after the end: the script */
	const char *cluster; /* letters left of "-abc", or NULL */
	bool has_mode; /* an option was there that needs no script */
};

/* One option: "--name" and its value. */
struct arg {
	char name[128];
	const char *value; /* or NULL */
};

static void set_name(struct arg *arg, const char *text, size_t len)
{
	if (len >= sizeof(arg->name))
		len = sizeof(arg->name) - 1;
	memcpy(arg->name, text, len);
	arg->name[len] = '\0';
	/* Node takes --a_b for --a-b. */
	for (char *s = arg->name; *s != '\0'; s++)
		if (*s == '_' && arg->name[1] == '-')
			*s = '-';
}

static const char *next_word(struct cursor *c)
{
	return c->argv[c->i + 1] ? c->argv[++c->i] : NULL;
}

static void take_letter(struct cursor *c, struct arg *ret)
{
	const char letter[3] = { '-', *c->cluster++, '\0' };

	set_name(ret, letter, 2);
	if (strings_match(&c->profile->value_args, ret->name)) {
		ret->value = *c->cluster != '\0' ? c->cluster : next_word(c);
		c->cluster = NULL;
	}
}

static void take_word(struct cursor *c, const char *word, struct arg *ret)
{
	size_t n = strcspn(word, "=");

	set_name(ret, word, n);
	if (word[n] == '=')
		ret->value = word + n + 1;
	else if (strings_match(&c->profile->value_args, ret->name))
		ret->value = next_word(c);
}

/* Return: is there another option? If not, c->i is the script's word. */
static bool next_arg(struct cursor *c, struct arg *ret)
{
	bool is_mode;

	ret->value = NULL;
	if (!c->cluster || *c->cluster == '\0') {
		const char *word;

		c->cluster = NULL;
		/* As getopt(3) has it, the rest belongs to -c and -m. */
		if (c->has_mode && c->profile->cluster_args)
			return false;
		word = c->argv[c->i] ? c->argv[++c->i] : NULL;
		if (!word || word[0] != '-' || word[1] == '\0')
			return false;
		if (strcmp(word, "--") == 0) {
			c->i++;
			return false;
		}
		if (c->profile->cluster_args && word[1] != '-')
			c->cluster = word + 1;
		else
			take_word(c, word, ret);
	}
	if (c->cluster)
		take_letter(c, ret);
	is_mode = strings_match(&c->profile->mode_args, ret->name);
	c->has_mode = c->has_mode || is_mode;
	return true;
}

static struct cursor begin(const struct command *command,
			   const struct profile *profile)
{
	static char *const nothing[] = { NULL };
	bool is_single = command->is_single;

	return (struct cursor){ .argv = is_single ? nothing : command->argv,
				.has_mode = is_single,
				.profile = profile };
}

/* The word that names the script, "-" for none, or NULL with a mode. */
static const char *script_word(const struct cursor *c)
{
	if (c->has_mode)
		return NULL;
	return c->argv[c->i] ? c->argv[c->i] : "-";
}

int command_find_script(struct command *command, const struct profile *profile)
{
	struct cursor c = begin(command, profile);
	const char *word;
	struct stat st;
	struct arg arg;

	/* Whose code we do not know has no script: `cat` reads data. */
	if (profile->code.n == 0 || !command->argv[0])
		return 0;
	while (next_arg(&c, &arg))
		;
	word = script_word(&c);
	if (!word || stat(word, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	command->script = realpath(word, NULL);
	if (!command->script)
		return errno == ENOMEM ? -ENOMEM : 0;
	return links_collect(word, &command->links);
}

static int matches(const struct strings *globs, const struct arg *arg)
{
	_cleanup_free_ char *text = NULL;
	size_t size;

	if (strings_match(globs, arg->name))
		return 1;
	if (!arg->value)
		return 0;
	size = strlen(arg->name) + strlen(arg->value) + 2;
	text = malloc(size);
	if (!text)
		return -ENOMEM;
	(void)snprintf(text, size, "%s=%s", arg->name, arg->value);
	return strings_match(globs, text);
}

/* A pipe, /dev/stdin: what comes out of it no manifest lists. */
static bool is_stream(const char *word)
{
	struct stat st;

	return strcmp(word, "-") == 0 ||
	       (stat(word, &st) == 0 && !S_ISREG(st.st_mode) &&
		!S_ISDIR(st.st_mode));
}

int command_find_arg(const struct command *command,
		     const struct profile *profile, const struct strings *globs,
		     const char **ret)
{
	struct cursor c = begin(command, profile);
	const char *word;
	struct arg arg;

	*ret = NULL;
	if (!command->argv[0])
		return 0;
	while (next_arg(&c, &arg)) {
		/* The word in which it stands; its value may be the next. */
		size_t at = arg.value == c.argv[c.i] ? c.i - 1 : c.i;
		int r = matches(globs, &arg);

		if (r < 0)
			return r;
		if (r > 0) {
			*ret = c.argv[at];
			return 0;
		}
	}
	word = script_word(&c);
	if (word && strings_match(globs, "-") && is_stream(word))
		*ret = word;
	return 0;
}

int command_arg_words(const struct command *command,
		      const struct profile *profile, struct strings *ret)
{
	struct cursor c = begin(command, profile);
	struct arg arg;
	int r = 0;

	while (r == 0 && command->argv && command->argv[0] &&
	       next_arg(&c, &arg)) {
		char *word = NULL;

		if (asprintf(&word, "%s%s%s", arg.name, arg.value ? "=" : "",
			     arg.value ? arg.value : "") < 0)
			return -ENOMEM;
		r = strings_add_owned(ret, word);
	}
	return r;
}
