/* SPDX-License-Identifier: Apache-2.0 */
/* Which variables pass, which are dropped, and what is set. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "supervise/command.h"
#include "supervise/environment.h"
#include "supervise/options.h"
#include "supervise/profile.h"
#include "tap.h"

/* One run: what goes in and what comes out, each as words in one text. */
struct run {
	const char *inherited;
	const char *allow_env; /* NULL: no --allow-env */
	bool allow_net;
	bool has_policy;
	const char *want;
	const char *dropped;
	const char *name;
};

/* clang-format off */
static const char *const injecting[] = {
	"LD_PRELOAD",	"LD_AUDIT",	    "LD_LIBRARY_PATH",
	"LD_BIND_NOW",	"GLIBC_TUNABLES",   "GCONV_PATH",
	"LOCPATH",	"NLSPATH",	    "NODE_OPTIONS",
	"NODE_PATH",	"NODE_COMPILE_CACHE", "NODE_REPL_EXTERNAL_MODULE",
	"ICU_DATA",	"NODE_ICU_DATA",    "OPENSSL_CONF",
	"OPENSSL_MODULES", "UV_USE_IO_URING", "NODE_PENDING_DEPRECATION",
	"PYTHONPATH",	"PYTHONHOME",	    "PYTHONSTARTUP",
	"PYTHONINSPECT", "PYTHONWARNINGS",  "BASH_ENV",
	"ENV",		"BASH_FUNC_ls%%",   "SHELLOPTS",
	"PERL5OPT",	"RUBYOPT",	    "GIT_SSH_COMMAND",
};

static const char *const harmless[] = {
	"PATH",	      "HOME",	  "LANG",	      "TZ",
	"NODE_ENV",   "TERM",	  "PYTHONUNBUFFERED", "NODE_NO_WARNINGS",
	"LC_ALL",     "PWD",	  "ENVIRONMENT",      "LDAP_HOST",
	"BASH",	      "TMPDIR",	  "XDG_RUNTIME_DIR",  "NOTIFY_SOCKET",
	"HTTP_PROXY", "NODE_EXTRA_CA_CERTS",
};

static const struct run runs[] = {
	{ "A=1 B=2", NULL, false, false, "A=1 B=2 SET=s", "", "all pass" },
	{ "A=1 A=2", NULL, false, false, "A=1 SET=s", "", "the first counts" },
	{ "A=1 B =x C=", NULL, false, false, "A=1 C= SET=s", "",
	  "what is no variable goes" },
	{ "LD_X=1 A=1 LD_X=2", NULL, false, false, "A=1 SET=s", "LD_X",
	  "a name is dropped once" },
	{ "Z=1 A=1 B=2", "A", false, false, "A=1 SET=s", "B Z",
	  "only what is named" },
	{ "AB=1 B=2 AC=3", "A*", false, false, "AB=1 AC=3 SET=s", "B",
	  "a glob" },
	{ "LD_X=1 A=1", "*", false, false, "A=1 SET=s", "LD_X",
	  "a glob does not pass what injects" },
	{ "LD_X=1 A=1", "LD_X", false, false, "LD_X=1 SET=s", "A",
	  "a full name does" },
	{ "LD_X=1 A=1", "*,LD_X", false, false, "LD_X=1 A=1 SET=s", "",
	  "both together" },
	{ "DROP1=1 A=1", NULL, false, false, "A=1 SET=s", "DROP1",
	  "the profile drops" },
	{ "DROP1=1", "DROP1", false, false, "DROP1=1 SET=s", "",
	  "unless it is named" },
	{ "OFF=1", NULL, false, false, "SET=s", "OFF", "without a network" },
	{ "OFF=1", NULL, true, false, "OFF=1 SET=s", "", "with one" },
	{ "SET=mine A=1", NULL, false, false, "A=1 SET=s", "",
	  "the profile's value wins" },
	{ "A=1", NULL, false, true, "A=1 SET=s POLICY=p", "",
	  "with a manifest" },
	{ "LISTEN_FDS=1 LISTEN_PID=9 WATCHDOG_PID=9 A=1", "B", false, false,
	  "LISTEN_FDS=1 LISTEN_PID=9 WATCHDOG_PID=9 SET=s", "A",
	  "what a service needs stays in its place" },
};
/* clang-format on */

static void split(const char *text, char separator, struct strings *ret)
{
	while (text && *text != '\0') {
		const char *end = strchrnul(text, separator);

		if (strings_add_n(ret, text, (size_t)(end - text)) < 0)
			abort();
		text = *end != '\0' ? end + 1 : end;
	}
}

static char *joined(char *const *items, size_t n)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		abort();
	for (size_t i = 0; i < n && items[i]; i++)
		(void)fprintf(f, "%s%s", i ? " " : "", items[i]);
	(void)fclose(f);
	return text;
}

static void fill(const struct run *run, struct options *options,
		 struct profile *profile, struct strings *inherited)
{
	static char policy[] = "p.json";

	split(run->inherited, ' ', inherited);
	/* A last NULL turns the list into a vector. */
	if (strings_add(inherited, "") < 0)
		abort();
	free(inherited->items[inherited->n - 1]);
	inherited->items[inherited->n - 1] = NULL;
	split(run->allow_env, ',', &options->allow_env);
	options->has_allow_env = run->allow_env;
	options->allow_net = run->allow_net;
	options->policy = run->has_policy ? policy : NULL;
	split("DROP*", ' ', &profile->env_drop);
	split("OFF", ' ', &profile->env_drop_offline);
	split("SET=s", ' ', &profile->env_set);
	split("POLICY=p", ' ', &profile->env_set_policy);
}

static void check(const struct run *run, const struct command *command)
{
	struct options options = { 0 };
	struct profile profile = { 0 };
	struct strings inherited = { 0 };
	struct environment environment;
	_cleanup_free_ char *got = NULL;
	_cleanup_free_ char *dropped = NULL;

	fill(run, &options, &profile, &inherited);
	is_int(environment_make(inherited.items, &options, &profile, command,
				&environment),
	       0, run->name);
	got = joined(environment.envp, SIZE_MAX);
	dropped = joined(environment.dropped.items, environment.dropped.n);
	is_str(got, run->want, "the environment");
	is_str(dropped, run->dropped, "what was dropped");
	environment_done(&environment);
	strings_done(&options.allow_env);
	profile_done(&profile);
	strings_done(&inherited);
}

static void rules_hold(void)
{
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
		check(&runs[i], NULL);
}

static bool passes(const char *name)
{
	struct options options = { 0 };
	struct profile profile = { 0 };
	struct environment environment;
	char line[128];
	char *inherited[] = { line, NULL };
	bool is_there;

	(void)snprintf(line, sizeof(line), "%s=x", name);
	if (environment_make(inherited, &options, &profile, NULL,
			     &environment) < 0)
		abort();
	is_there = environment.envp[0];
	environment_done(&environment);
	return is_there;
}

static void what_injects_code_is_dropped(void)
{
	for (size_t i = 0; i < sizeof(injecting) / sizeof(injecting[0]); i++)
		ok(!passes(injecting[i]), "%s is dropped", injecting[i]);
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		ok(passes(harmless[i]), "%s passes", harmless[i]);
}

static void env_in_the_command_has_its_say(void)
{
	static const struct run plain = { "A=1 B=2 C=3",
					  NULL,
					  false,
					  false,
					  "C=3 A=9 LD_X=1 SET=s",
					  "",
					  "env -u B A=9 LD_X=1 SET=x" };
	static const struct run clear = { "A=1 LD_X=2", NULL,        false,
					  false,        "D=4 SET=s", "LD_X",
					  "env -i D=4" };
	struct command command = { 0 };

	split("B", ' ', &command.env_unset);
	split("A=9 LD_X=1 SET=x", ' ', &command.env);
	check(&plain, &command);
	strings_done(&command.env_unset);
	strings_done(&command.env);
	command.env_clear = true;
	split("D=4", ' ', &command.env);
	check(&clear, &command);
	strings_done(&command.env);
}

/* What the profile puts in front of a variable, and how Node reads it again. */
static const struct {
	const char *inherited; /* NULL: not set */
	const char *word; /* of the profile */
	const char *want; /* the value */
	const char *words; /* joined by '|' */
} options_of[] = {
	{ NULL, "--require=/s.cjs", "--require=/s.cjs", "--require=/s.cjs" },
	{ "N=", "--a", "--a", "--a" },
	{ "N=--inspect  -r x", "--a", "--a --inspect  -r x",
	  "--a|--inspect|-r|x" },
	{ "N=\"--b=c d\" e", "--a", "--a \"--b=c d\" e", "--a|--b=c d|e" },
	{ NULL, "--a=/b c/\"d\\", "\"--a=/b c/\\\"d\\\\\"", "--a=/b c/\"d\\" },
	{ "N=--a_b=c_d -_x", "--e", "--e --a_b=c_d -_x", "--e|--a-b=c_d|-_x" },
	{ "N=--b\\ c \"--d", "--a", "--a --b\\ c \"--d", "--a|--b\\|c|--d" },
};

static void options_come_first(void)
{
	for (size_t i = 0; i < sizeof(options_of) / sizeof(options_of[0]);
	     i++) {
		struct options options = { 0 };
		struct profile profile = { 0 };
		struct environment environment;
		struct strings words = { 0 };
		char inherited_line[64], line[64];
		char *inherited[] = { NULL, NULL };
		_cleanup_free_ char *want = NULL;
		struct strings want_words = { 0 };
		bool is_same;

		if (options_of[i].inherited) {
			(void)snprintf(inherited_line, sizeof(inherited_line),
				       "%s", options_of[i].inherited);
			inherited[0] = inherited_line;
		}
		(void)snprintf(line, sizeof(line), "N=%s", options_of[i].word);
		if (strings_add(&profile.env_options, line) < 0 ||
		    asprintf(&want, "N=%s", options_of[i].want) < 0)
			abort();
		is_int(environment_make(inherited, &options, &profile, NULL,
					&environment),
		       0, options_of[i].want);
		is_str(environment.envp[0], want, "its value");
		is_int(environment_words(&environment, line, &words), 0,
		       "taken apart");
		split(options_of[i].words, '|', &want_words);
		is_same = words.n == want_words.n;
		for (size_t j = 0; is_same && j < words.n; j++)
			is_same = strcmp(words.items[j], want_words.items[j]) ==
				  0;
		ok(is_same, "its words");
		strings_done(&words);
		strings_done(&want_words);
		environment_done(&environment);
		profile_done(&profile);
	}
}

int main(void)
{
	rules_hold();
	options_come_first();
	what_injects_code_is_dropped();
	env_in_the_command_has_its_say();
	return done();
}
