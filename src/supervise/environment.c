/* SPDX-License-Identifier: Apache-2.0 */
/* The environment of the command: what passes, what is dropped, what is set. */
#include "supervise/environment.h"

#include <assert.h>
#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "common/cleanup.h"
#include "supervise/command.h"
#include "supervise/options.h"
#include "supervise/profile.h"

/*
 * Variables that make a loader, an interpreter or a tool run code, or take
 * data for code, that nobody asked for. All of them in every run, since a
 * child may be anything. Those that only tune or print are not here.
 */
/* clang-format off */
static const char *const injecting[] = {
	/* ld.so(8) and the parts of glibc that load objects or trusted data */
	"LD_*", "GLIBC_TUNABLES", "GCONV_PATH", "GETCONF_DIR", "LOCPATH",
	"NLSPATH", "MALLOC_TRACE",
	/* OpenSSL: its configuration loads engines and providers */
	"OPENSSL_CONF", "OPENSSL_CONF_INCLUDE", "OPENSSL_ENGINES",
	"OPENSSL_MODULES",
	/* JavaScript; V8 and ICU trust their caches and data */
	"NODE_OPTIONS", "NODE_PATH", "NODE_REPL_EXTERNAL_MODULE",
	"NODE_COMPILE_CACHE", "NODE_ICU_DATA", "ICU_DATA", "NODE_PENDING_*",
	"ELECTRON_RUN_AS_NODE", "npm_config_node_options",
	"NPM_CONFIG_NODE_OPTIONS", "npm_config_script_shell",
	"NPM_CONFIG_SCRIPT_SHELL", "DENO_DIR", "BUN_OPTIONS",
	/* Python */
	"PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONINSPECT",
	"PYTHONWARNINGS", "PYTHONUSERBASE", "PYTHONPLATLIBDIR",
	"PYTHONEXECUTABLE", "PYTHONBREAKPOINT", "PYTHONCASEOK",
	"PYTHONPYCACHEPREFIX", "PYTHON_PRESITE", "__PYVENV_LAUNCHER__",
	/* shells; an exported function hides a program, PS4 is expanded */
	"BASH_ENV", "ENV", "BASH_FUNC_*", "BASHOPTS", "SHELLOPTS",
	"BASH_LOADABLES_PATH", "BASH_XTRACEFD", "PS4", "PROMPT_COMMAND",
	"ZDOTDIR", "FPATH",
	/* other interpreters */
	"PERL5OPT", "PERL5LIB", "PERLLIB", "PERL5DB", "PERL5SHELL",
	"PERLIO_DEBUG", "RUBYOPT", "RUBYLIB", "RUBYSHELL", "GEM_HOME",
	"GEM_PATH", "BUNDLE_GEMFILE", "LUA_INIT*", "LUA_PATH*", "LUA_CPATH*",
	"PHPRC", "PHP_INI_SCAN_DIR", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS",
	"JDK_JAVA_OPTIONS", "CLASSPATH", "DOTNET_STARTUP_HOOKS", "CORECLR_*",
	"COR_PROFILER*", "TCLLIBPATH", "GUILE_LOAD_*", "ERL_*FLAGS",
	"R_PROFILE*", "R_ENVIRON*", "AWKPATH", "AWKLIBPATH",
	/* tools that run, or look for helpers, where a variable says */
	"GIT_EXEC_PATH", "GIT_TEMPLATE_DIR", "GIT_SSH", "GIT_SSH_COMMAND",
	"GIT_ASKPASS", "GIT_EXTERNAL_DIFF", "GIT_PROXY_COMMAND",
	"GIT_CONFIG*", "SSH_ASKPASS", "LESSOPEN", "LESSCLOSE",
	"GCC_EXEC_PREFIX", "COMPILER_PATH", "MAKEFLAGS", "GNUMAKEFLAGS",
	"MAKEFILES",
	/* with this, Node 20 opens files where no system call is seen */
	"UV_USE_IO_URING",
};
/* clang-format on */

/*
 * They describe descriptors that are passed along and the service's watchdog;
 * with --allow-env too, since a service cannot start without them.
 */
static const char *const service[] = {
	"LISTEN_FDS",   "LISTEN_FDNAMES", "LISTEN_PID",
	"WATCHDOG_PID", "WATCHDOG_USEC",
};

#define N(array) (sizeof(array) / sizeof((array)[0]))

static bool is_in(const char *const *globs, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (fnmatch(globs[i], name, 0) == 0)
			return true;
	return false;
}

static bool is_dropped(const char *name, const struct options *options,
		       const struct profile *profile)
{
	if (is_in(service, N(service), name))
		return false;
	if (strings_contain(&options->allow_env, name))
		return false;
	if (is_in(injecting, N(injecting), name) ||
	    strings_match(&profile->env_drop, name))
		return true;
	if (!options_has_net(options) &&
	    strings_match(&profile->env_drop_offline, name))
		return true;
	return options->has_allow_env &&
	       !strings_match(&options->allow_env, name);
}

static size_t name_len(const char *line)
{
	return strcspn(line, "=");
}

/* Where the variable that @line sets is in @lines, or lines->n. */
static size_t find(const struct strings *lines, const char *line)
{
	size_t n = name_len(line);
	size_t i;

	for (i = 0; i < lines->n; i++)
		if (strncmp(lines->items[i], line, n) == 0 &&
		    (lines->items[i][n] == '=' || lines->items[i][n] == '\0'))
			break;
	return i;
}

static void unset(struct strings *lines, const char *name)
{
	size_t i = find(lines, name);

	if (i == lines->n)
		return;
	assert(lines->items);
	free(lines->items[i]);
	lines->n--;
	memmove(&lines->items[i], &lines->items[i + 1],
		(lines->n - i) * sizeof(*lines->items));
}

static int set(struct strings *lines, const char *line)
{
	unset(lines, line);
	return strings_add(lines, line);
}

static int set_all(struct strings *lines, const struct strings *variables)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < variables->n; i++)
		r = set(lines, variables->items[i]);
	return r;
}

/* A word of options, quoted where it needs that. */
static char *quote_word(const char *word)
{
	char *quoted, *out;

	if (!strpbrk(word, " \"\\"))
		return strdup(word);
	quoted = malloc(2 * strlen(word) + 3);
	if (!quoted)
		return NULL;
	out = quoted;
	*out++ = '"';
	for (; *word != '\0'; word++) {
		if (*word == '"' || *word == '\\')
			*out++ = '\\';
		*out++ = *word;
	}
	*out++ = '"';
	*out = '\0';
	return quoted;
}

/* NAME=WORD: before the words that @lines have for NAME. */
static int set_options(struct strings *lines, const struct strings *options)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < options->n; i++) {
		const char *line = options->items[i];
		size_t n = name_len(line), at = find(lines, line);
		const char *old = at < lines->n ? lines->items[at] + n + 1 : "";
		_cleanup_free_ char *word = quote_word(line + n + 1);
		_cleanup_free_ char *text = NULL;

		if (!word || asprintf(&text, "%.*s=%s%s%s", (int)n, line, word,
				      *old ? " " : "", old) < 0)
			return -ENOMEM;
		r = set(lines, text);
	}
	return r;
}

static int pass(char *const *inherited, const struct options *options,
		const struct profile *profile, struct strings *lines,
		struct strings *dropped)
{
	for (; *inherited; inherited++) {
		size_t n = name_len(*inherited);
		_cleanup_free_ char *name = strndup(*inherited, n);
		int r = 0;

		if (!name)
			return -ENOMEM;
		/* Without a name or a value it is not a variable. */
		if (n == 0 || (*inherited)[n] == '\0')
			continue;
		if (is_dropped(name, options, profile)) {
			if (!strings_contain(dropped, name))
				r = strings_add_owned(dropped, take_ptr(&name));
		} else if (find(lines, *inherited) == lines->n) {
			r = strings_add(lines, *inherited);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

/* What env(1) would have done: the user wrote it, so nothing is dropped. */
static int apply_command(const struct command *command, struct strings *lines)
{
	if (command->env_clear)
		strings_done(lines);
	for (size_t i = 0; i < command->env_unset.n; i++)
		unset(lines, command->env_unset.items[i]);
	return set_all(lines, &command->env);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int environment_make(char *const *inherited, const struct options *options,
		     const struct profile *profile,
		     const struct command *command, struct environment *ret)
{
	struct strings lines = { 0 };
	int r;

	*ret = (struct environment){ 0 };
	r = pass(inherited, options, profile, &lines, &ret->dropped);
	if (r == 0 && command)
		r = apply_command(command, &lines);
	if (r == 0)
		r = set_all(&lines, &profile->env_set);
	if (r == 0 && options->policy)
		r = set_all(&lines, &profile->env_set_policy);
	if (r == 0)
		r = set_options(&lines, &profile->env_options);
	if (r == 0)
		r = strings_add(&lines, "");
	if (r < 0) {
		strings_done(&lines);
		return r;
	}
	/* A last NULL turns the list into a vector. */
	free(lines.items[lines.n - 1]);
	lines.items[lines.n - 1] = NULL;
	ret->envp = lines.items;
	if (ret->dropped.n > 0)
		qsort(ret->dropped.items, ret->dropped.n,
		      sizeof(*ret->dropped.items), compare);
	return 0;
}

/* One word of @at, unquoted into @ret. Return: where the next may begin. */
static const char *take_word(const char *at, char *ret)
{
	bool is_quoted = false;

	for (; *at != '\0' && (is_quoted || *at != ' '); at++) {
		if (*at == '"') {
			is_quoted = !is_quoted;
			continue;
		}
		if (*at == '\\' && is_quoted && at[1] != '\0')
			at++;
		*ret++ = *at;
	}
	*ret = '\0';
	return at;
}

int environment_words(const struct environment *environment, const char *line,
		      struct strings *ret)
{
	const char *at = NULL;
	size_t n = name_len(line);
	int r = 0;

	for (char **s = environment->envp; s && *s; s++)
		if (strncmp(*s, line, n) == 0 && (*s)[n] == '=')
			at = *s + n + 1;
	while (r == 0 && at && *at != '\0') {
		char *word = malloc(strlen(at) + 1);

		if (!word)
			return -ENOMEM;
		at = take_word(at, word);
		at += strspn(at, " ");
		/* Node takes --a_b for --a-b. */
		for (char *s = word; *s != '\0' && *s != '='; s++)
			if (*s == '_' && word[1] == '-')
				*s = '-';
		r = strings_add_owned(ret, word);
	}
	return r;
}

void environment_done(struct environment *environment)
{
	for (char **s = environment->envp; s && *s; s++)
		free(*s);
	free(environment->envp);
	strings_done(&environment->dropped);
	*environment = (struct environment){ 0 };
}
