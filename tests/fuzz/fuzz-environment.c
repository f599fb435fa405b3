/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inherited environment: nothing passes that is not there, nothing that
 * makes a loader run code, no name twice; and words of options are read as
 * they were written.
 *
 * Input: a byte of flags, then strings that end in NUL: variables.
 */
#include "common/cleanup.h"
#include "fuzz.h"
#include "supervise/environment.h"
#include "supervise/options.h"
#include "supervise/profile.h"

#define VARIABLES_MAX 32

enum flags {
	FLAG_ALLOW = 1, /* --allow-env: the first variable's name */
	FLAG_STAR = 2, /* ... and all others */
	FLAG_WORD = 4, /* the profile adds the first variable to OPTIONS */
};

static const char *const never[] = {
	"LD_PRELOAD=", "LD_AUDIT=",   "NODE_OPTIONS=", "BASH_ENV=",
	"PYTHONPATH=", "GCONV_PATH=", "NODE_PATH="
};

static bool is_among(const char *line, char *const *lines)
{
	for (; *lines; lines++)
		if (strcmp(line, *lines) == 0)
			return true;
	return false;
}

/* The line with the name of @line, or NULL; the first or the last one. */
static const char *find(const char *line, char *const *lines)
{
	size_t n = strcspn(line, "=") + 1;

	for (; *lines; lines++)
		if (strncmp(line, *lines, n) == 0)
			return *lines;
	return NULL;
}

static void check(char *const *inherited, char *const *envp,
		  const struct options *options, bool has_word)
{
	for (char *const *s = envp; *s; s++) {
		bool is_own = has_word && strncmp(*s, "OPTIONS=", 8) == 0;

		FUZZ_CHECK(is_own || is_among(*s, inherited));
		FUZZ_CHECK(strchr(*s, '=') && **s != '=');
		FUZZ_CHECK(find(*s, envp) == *s);
		/* Of several the first counts. */
		FUZZ_CHECK(is_own || strcmp(find(*s, inherited), *s) == 0);
	}
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
		_cleanup_free_ char *name =
			strndup(never[i], strcspn(never[i], "="));

		FUZZ_CHECK(!find(never[i], envp) ||
			   strings_contain(&options->allow_env, name));
	}
	for (char *const *s = inherited; *s && !options->has_allow_env; s++)
		if (strncmp(*s, "HARMLESS", 8) == 0 && strchr(*s, '='))
			FUZZ_CHECK(find(*s, envp));
}

/* It comes first, whatever it holds; Node takes --a_b for --a-b. */
static void check_word(const struct environment *environment, const char *word)
{
	struct strings words = { 0 };
	size_t name = strcspn(word, "=");

	FUZZ_CHECK(environment_words(environment, "OPTIONS", &words) == 0);
	if (*word && word[strspn(word, " ")]) {
		FUZZ_CHECK(words.n > 0);
		FUZZ_CHECK(strlen(words.items[0]) == strlen(word));
		FUZZ_CHECK(strcmp(words.items[0] + name, word + name) == 0);
	}
	strings_done(&words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	unsigned flags = fuzz_byte(&in);
	char *inherited[VARIABLES_MAX + 1] = { NULL };
	struct options options = { .has_allow_env = flags &
						    (FLAG_ALLOW | FLAG_STAR) };
	struct profile profile = { 0 };
	struct environment environment;
	_cleanup_free_ char *line = NULL;
	size_t n = 0;

	while (n < VARIABLES_MAX && in.size > 0)
		inherited[n++] = fuzz_string(&in);
	if ((flags & FLAG_ALLOW) && n > 0 &&
	    strings_add_n(&options.allow_env, inherited[0],
			  strcspn(inherited[0], "=")) < 0)
		abort();
	if ((flags & FLAG_STAR) && strings_add(&options.allow_env, "*") < 0)
		abort();
	if ((flags & FLAG_WORD) && n > 0) {
		if (asprintf(&line, "OPTIONS=%s", inherited[0]) < 0 ||
		    strings_add(&profile.env_options, line) < 0)
			abort();
	}
	if (environment_make(inherited, &options, &profile, NULL,
			     &environment) < 0)
		abort();
	check(inherited, environment.envp, &options, line != NULL);
	if (line)
		check_word(&environment, inherited[0]);
	environment_done(&environment);
	strings_done(&options.allow_env);
	strings_done(&profile.env_options);
	for (size_t i = 0; i < n; i++)
		free(inherited[i]);
	return 0;
}
