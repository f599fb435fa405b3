/* SPDX-License-Identifier: Apache-2.0 */
/* Runtime profiles: the format, what is shipped, and what a run makes of it. */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "supervise/profile.h"
#include "tap.h"

static struct profile profile;
static char message[4096]; /* what the last load() logged */
static char file[64]; /* where the last load_text() had its text */

/* Loads @name, with stderr going into @message. */
static int load(const char *name)
{
	_cleanup_close_ int saved = dup(STDERR_FILENO);
	_cleanup_close_ int log = memfd_create("log", MFD_CLOEXEC);
	ssize_t n;
	int r;

	profile_done(&profile);
	if (saved < 0 || log < 0 || dup2(log, STDERR_FILENO) < 0)
		abort();
	r = profile_load(name, &profile);
	if (dup2(saved, STDERR_FILENO) < 0)
		abort();
	n = pread(log, message, sizeof(message) - 1, 0);
	message[n > 0 ? n : 0] = '\0';
	return r;
}

static int load_text(const char *text)
{
	_cleanup_close_ int fd = memfd_create("profile", MFD_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		abort();
	(void)snprintf(file, sizeof(file), "/proc/self/fd/%d", fd);
	return load(file);
}

/* The path of a file in policies/; by hand, of the current directory. */
static const char *shipped(const char *name)
{
	static char path[4096];
	const char *top = getenv("top_srcdir");

	(void)snprintf(path, sizeof(path), "%s/policies/%s", top ? top : ".",
		       name);
	return path;
}

static const char *joined(const struct strings *list)
{
	static char text[4096];
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < list->n && len < sizeof(text); i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
					i ? "|" : "", list->items[i]);
	return text;
}

static void a_small_profile_is_enough(void)
{
	is_int(load_text("{\"name\": \"x\"}"), 0, "a name alone");
	is_str(profile.name, "x", "the name");
	ok(profile.read.n == 0 && !profile.cluster_args, "nothing else");
	is_int(load_text("{\"$schema\": 1, \"comment\": [1], \"name\": \"x\","
			 "\"read\": [\"/a\", \"/b\"], \"cluster_args\": true,"
			 "\"env_set\": {\"A\": \"1\", \"comment\": 2,"
			 "\"B\": \"\"}}"),
	       0, "every kind of key");
	is_str(joined(&profile.read), "/a|/b", "a list");
	is_str(joined(&profile.env_set), "A=1|B=", "variables");
	ok(profile.cluster_args, "a boolean");
	is_int(load_text("{\"name\": \"x\", \"threads\": 6}"), 0, "a number");
	is_int(profile.threads, 6, "its value");
}

/* clang-format off */
static const struct {
	const char *text;
	const char *problem; /* behind the name of the file */
} mistakes[] = {
	{ "{}", ":1:1: the key 'name' is missing" },
	{ "[]", ":1:1: must be an object" },
	{ "{\"name\": 1}", ":1:10: name: must be a string" },
	{ "{\"name\": \"\"}", ":1:10: name: must be a string" },
	{ "{\"name\": \"x\",\n\"raed\": []}",
	  ":2:9: raed: unknown key, did you mean 'read'?" },
	{ "{\"name\": \"x\", \"read\": \"/a\"}", ": must be an array of" },
	{ "{\"name\": \"x\", \"read\": [1]}", ":1:24: read[0]: must be a" },
	{ "{\"name\": \"x\", \"read\": [\"\"]}", ": must not be empty" },
	{ "{\"name\": \"x\", \"env_set\": [\"A=1\"]}", ": must be an object of" },
	{ "{\"name\": \"x\", \"env_set\": {\"A\": 1}}", ": 'A' must be" },
	{ "{\"name\": \"x\", \"env_set\": {\"A=\": \"\"}}", ": 'A=' must be" },
	{ "{\"name\": \"x\", \"env_set\": {\"\": \"\"}}", ": '' must be" },
	{ "{\"name\": \"x\", \"cluster_args\": 1}", ": must be true or false" },
	{ "{\"name\": \"x\", \"threads\": -1}", ": must be a number from 0" },
	{ "{\"name\": \"x\", \"threads\": 65536}", ": must be a number" },
	{ "{\"name\": \"x\", \"threads\": 1.5}", ": must be a number" },
	{ "{\"name\": \"x\", \"threads\": \"6\"}", ": must be a number" },
	{ "{\"name\": \"x\", \"threads\": 9e99}", ": must be a number" },
	{ "{\"name\": \"x\", \"extends\": 1}", ":1:26: extends: must be" },
	{ "{\"name\": \"x\", \"extends\": \"../x\"}", ": extends: must be" },
	{ "{\"name\": \"x\", \"extends\": \"nosuch\"}",
	  ": extends: there is no profile 'nosuch'" },
};
/* clang-format on */

static void each_mistake_has_its_place(void)
{
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		char start[128];

		is_int(load_text(mistakes[i].text), -EINVAL, mistakes[i].text);
		(void)snprintf(start, sizeof(start), "nssupervise: %s:", file);
		if (!ok(strncmp(message, start, strlen(start)) == 0 &&
				strstr(message, mistakes[i].problem),
			"%s", mistakes[i].problem))
			diag("%s", message);
	}
	is_int(load("nosuch"), -ENOENT, "a name that is not known");
	ok(strstr(message, "there is no runtime profile 'nosuch'"), "says so");
	is_int(load("/nonexistent.json"), -ENOENT, "a file that is not there");
}

static void write_file(const char *path, const char *text)
{
	_cleanup_fclose_ FILE *f = fopen(path, "we");

	if (!f || fputs(text, f) < 0)
		abort();
}

static void a_base_comes_first_and_is_the_last(void)
{
	char dir[] = "/tmp/test-profile.XXXXXX";

	if (!mkdtemp(dir) || chdir(dir) < 0)
		abort();
	write_file("base.json", "{\"name\": \"b\", \"read\": [\"/b\"],"
				"\"code\": [\"*.b\"]}");
	write_file("x.json", "{\"name\": \"x\", \"extends\": \"base\","
			     "\"read\": [\"/x\"]}");
	write_file("y.json", "{\"name\": \"y\", \"extends\": \"x\"}");
	is_int(load("./x.json"), 0, "a profile with a base beside it");
	is_str(profile.name, "x", "has its own name");
	is_str(joined(&profile.read), "/b|/x", "and both lists");
	is_str(joined(&profile.code), "*.b", "also those it does not name");
	is_int(load("x.json"), 0, "a name that ends in .json is a file");
	is_int(load("y.json"), -EINVAL, "a base with a base");
	ok(strstr(message, "cannot itself extend"), "is refused");
	(void)unlink("base.json");
	(void)unlink("x.json");
	(void)unlink("y.json");
	if (chdir("/") < 0 || rmdir(dir) < 0)
		diag("cannot remove %s", dir);
}

static void placeholders_and_globs_are_replaced(void)
{
	char dir[] = "/tmp/test-profile.XXXXXX";
	char runtime[64];
	char program[64];
	char want[256];

	if (!mkdtemp(dir) || chdir(dir) < 0 || mkdir("lib", 0700) < 0 ||
	    mkdir("lib/p3.1", 0700) < 0 || mkdir("lib/p3.2", 0700) < 0)
		abort();
	(void)snprintf(runtime, sizeof(runtime), "%s/bin/p", dir);
	(void)snprintf(program, sizeof(program), "%s/lib/venv/bin/p", dir);
	is_int(load_text("{\"name\": \"x\", \"read\": [\"/exact\","
			 "\"{prefix}/lib/p3.*\", \"{prefix}/cfg\","
			 "\"/nonexistent/*\", \"/exact\"],"
			 "\"own_code\": [\"{runtime_prefix}/lib/p3.1\"],"
			 "\"probe_dirs\": [\"{path}\"]}"),
	       0, "a profile with all of them");
	is_int(profile_expand(&profile, program, runtime, "/a:.::b:/c/:/"), 0,
	       "expanded");
	(void)snprintf(want, sizeof(want),
		       "/exact|%s/lib/p3.1|%s/lib/p3.2|%s/cfg|%s/lib/venv/cfg",
		       dir, dir, dir, dir);
	is_str(joined(&profile.read), want,
	       "what does not exist stays, a glob without a match goes");
	is_str(joined(&profile.probe_dirs), "/a|/c|/",
	       "absolute directories of $PATH");
	(void)snprintf(want, sizeof(want), "%s/lib/p3.1", dir);
	is_str(joined(&profile.own_code), want, "the runtime's own prefix");
	is_int(rmdir("lib/p3.1") | rmdir("lib/p3.2") | rmdir("lib"), 0,
	       "cleaned up");
	if (chdir("/") < 0 || rmdir(dir) < 0)
		diag("cannot remove %s", dir);
}

static void a_value_is_not_a_pattern(void)
{
	char dir[] = "/tmp/test-profile[*]XXXXXX";
	char runtime[64];
	char want[64];

	if (!mkdtemp(dir))
		abort();
	(void)snprintf(runtime, sizeof(runtime), "%s/bin/p", dir);
	is_int(load_text("{\"name\": \"x\", \"read\": [\"{prefix}/b*\","
			 "\"{prefix}\"]}"),
	       0, "a prefix with special characters");
	(void)snprintf(want, sizeof(want), "%s/bin", dir);
	is_int(mkdir(want, 0700), 0, "a directory in it");
	is_int(profile_expand(&profile, runtime, runtime, NULL), 0, "expanded");
	(void)snprintf(want, sizeof(want), "%s/bin|%s", dir, dir);
	is_str(joined(&profile.read), want, "is found");
	want[strlen(dir) + 4] = '\0';
	if (rmdir(want) < 0 || rmdir(dir) < 0)
		diag("cannot remove %s", dir);
}

static void control_groups_come_with_their_parents(void)
{
	is_int(load_text("{\"name\": \"x\", \"read\": [\"/g{cgroup}/max\"]}"),
	       0, "a profile with {cgroup}");
	is_int(profile_expand(&profile, "/bin/x", "/bin/x", NULL), 0,
	       "expanded");
	if (access("/proc/self/cgroup", R_OK) < 0)
		skip("there is no /proc/self/cgroup");
	else
		ok(strings_contain(&profile.read, "/g/max"),
		   "the root of the hierarchy is there");
	for (size_t i = 0; i < profile.read.n; i++)
		ok(!strstr(profile.read.items[i], "//") &&
			   strncmp(profile.read.items[i], "/g/", 3) == 0,
		   "%s is a path", profile.read.items[i]);
}

static void what_is_preloaded_is_found(void)
{
	is_int(load_text("{\"name\": \"x\", \"args\": [\"-r\", \"{shim}/a*\","
			 "\"-r\", \"b\"], \"preload\": [\"{shim}\"],"
			 "\"env_options\": {\"N\": \"--r={shim}/a\"}}"),
	       0, "a profile with {shim}");
	is_int(profile_expand(&profile, "/bin/x", "/bin/x", NULL), 0,
	       "expanded");
	ok(profile.args.n == 4 && strstr(profile.args.items[1], "/a*") &&
		   profile.args.items[1][0] == '/' &&
		   strcmp(profile.args.items[2], "-r") == 0,
	   "arguments have no globs, and may come twice");
	ok(profile.env_options.n == 1 &&
		   strncmp(profile.env_options.items[0], "N=--r=/", 7) == 0,
	   "nor have variables");
	ok(profile.preload.n == 1 && profile.preload.items[0][0] == '/' &&
		   !strstr(profile.preload.items[0], ".."),
	   "the folder has a real path");
}

static void own_code_is_found_by_its_tree(void)
{
	is_int(load_text(
		       "{\"name\": \"x\", \"own_code\": [\"/lib/p/\", \"/f\"],"
		       "\"own_code_except\": [\"*/site-packages/*\"]}"),
	       0, "a runtime with code of its own");
	ok(profile_owns_code(&profile, "/lib/p/os.py"), "a file in the tree");
	ok(profile_owns_code(&profile, "/lib/p"), "the tree itself");
	ok(profile_owns_code(&profile, "/f"), "a single file");
	ok(!profile_owns_code(&profile, "/lib/python.py"), "not a longer name");
	ok(!profile_owns_code(&profile, "/fx") &&
		   !profile_owns_code(&profile, "/lib"),
	   "nor another file");
	ok(!profile_owns_code(&profile, "/lib/p/site-packages/a.py"),
	   "nor what is excepted");
}

static void what_is_shipped_is_sound(void)
{
	static const struct {
		const char *file;
		const char *name;
		const char *program;
		bool has_code;
	} all[] = {
		{ "none.json", "none", NULL, false },
		{ "node.json", "node", "node", true },
		{ "node.json", "node", "nodejs", true },
		{ "python.json", "python", "python3.11", true },
		{ "python.json", "python", "python", true },
		{ "shell.json", "shell", "dash", true },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		const char *path = shipped(all[i].file);

		is_int(load(path), 0, all[i].file);
		is_str(profile.name, all[i].name, "its name");
		ok(!all[i].program ||
			   strings_match(&profile.programs, all[i].program),
		   "it is for %s", all[i].program ? all[i].program : "others");
		ok((profile.code.n > 0) == all[i].has_code,
		   "it knows code or not");
		ok(strings_contain(&profile.read, "/etc/ld.so.cache"),
		   "what every program reads");
		is_int(profile_expand(&profile, "/usr/bin/x", "/usr/bin/x",
				      "/usr/bin"),
		       0, "expanded");
		for (size_t j = 0; j < profile.read.n; j++)
			if (profile.read.items[j][0] != '/' ||
			    strpbrk(profile.read.items[j], "{}*?["))
				ok(false, "%s is no path",
				   profile.read.items[j]);
	}
	is_int(load(shipped("python.json")), 0, "python");
	ok(!strings_match(&profile.programs, "python3-config"),
	   "python3-config is another program");
	ok(!strings_match(&profile.mode_args, "-B"),
	   "a question mark in a list of options is quoted");
	is_int(load(shipped("node.json")), 0, "node");
	ok(strings_match(&profile.code, "x.cts") &&
		   strings_match(&profile.code, "package.json") &&
		   !strings_match(&profile.code, "x.txt"),
	   "what Node loads as a module is code");
}

/* One sound value for each type of the schema. */
static const char *sample(struct json_object *property)
{
	struct json_object *ref = NULL;
	const char *text;

	if (!json_object_object_get_ex(property, "$ref", &ref)) {
		text = json_object_to_json_string(property);
		return strstr(text, "boolean")    ? "true" :
		       strstr(text, "\"string\"") ? "\"x\"" :
						    "1";
	}
	return strstr(json_object_get_string(ref), "list") ? "[\"x\"]" :
							     "{\"X\": \"\"}";
}

static void the_schema_has_the_keys_of_the_table(void)
{
	struct json_object *schema =
		json_object_from_file(shipped("profile.schema.json"));
	struct json_object *properties = NULL;

	if (!ok(schema && json_object_object_get_ex(schema, "properties",
						    &properties),
		"the schema can be read"))
		return;
	json_object_object_foreach(properties, key, value)
	{
		char text[256];

		if (strcmp(key, "extends") == 0)
			continue;
		(void)snprintf(text, sizeof(text), "{%s\"%s\": %s}",
			       strcmp(key, "name") == 0 ? "" :
							  "\"name\": \"x\", ",
			       key, sample(value));
		is_int(load_text(text), 0, text);
	}
	json_object_put(schema);
}

int main(void)
{
	log_open("nssupervise");
	what_is_shipped_is_sound();
	the_schema_has_the_keys_of_the_table();
	a_small_profile_is_enough();
	each_mistake_has_its_place();
	a_base_comes_first_and_is_the_last();
	placeholders_and_globs_are_replaced();
	a_value_is_not_a_pattern();
	control_groups_come_with_their_parents();
	what_is_preloaded_is_found();
	own_code_is_found_by_its_tree();
	profile_done(&profile);
	return done();
}
