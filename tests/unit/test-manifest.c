/* SPDX-License-Identifier: Apache-2.0 */
/* Manifests in /app: what is accepted, what is refused, what it then says. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "tap.h"
#include "verify/manifest.h"

#define SRI "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
#define H "{\"integrity\":\"" SRI "\"}"
#define ANY "{\"integrity\":true}"
#define CASCADE "{\"cascade\":true}"
#define RESOURCES(...) "{\"resources\":{" __VA_ARGS__ "}}"
#define SCOPES(...) "{\"scopes\":{" __VA_ARGS__ "}}"

static struct manifest *load(const char *text)
{
	struct manifest *manifest = NULL;
	struct json_error err;
	int r = manifest_load(text, strlen(text), "/app", &manifest, &err);

	if (!ok(r == 0, "loads %s", text))
		diag("%zu:%zu: %s: %s", err.line, err.column, err.key,
		     err.text);
	return manifest;
}

static const struct {
	const char *text;
	const char *place; /* LINE:COLUMN: KEY: */
	const char *problem; /* how the text begins */
} refused[] = {
	{ "{", "1:2: : ", "unexpected end" },
	{ "null", "1:1: : ", "must be an object" },
	{ RESOURCES("\"./a\":{},\"./a\":{}"),
	  "1:24: resources[\"./a\"]: ", "the key is there twice" },
	{ RESOURCES("\"./a\\u0000b\":{}"), "1:19: resources: ", "NUL" },
	{ "{\"onerror\":null}", "1:12: onerror: ",
	  "ERR_MANIFEST_UNKNOWN_ONERROR: Manifest specified unknown error "
	  "behavior null" },
	{ "{\"onerror\":\"Exit\"}",
	  "1:12: onerror: ", "ERR_MANIFEST_UNKNOWN_ONERROR: " },
	{ "{\"onerror\":\"\"}",
	  "1:12: onerror: ", "ERR_MANIFEST_UNKNOWN_ONERROR: " },
	{ "{\n\"resources\":{\n\"a.js\":{}}}",
	  "3:8: resources[\"a.js\"]: ", "ERR_INVALID_URL: " },
	{ RESOURCES("\"\":{}"),
	  "1:18: resources[\"\"]: ", "ERR_INVALID_URL: " },
	{ "{\"resources\":[1]}", "1:14: resources: ", "ERR_INVALID_URL: " },
	{ "{\"resources\":\"x\"}", "1:14: resources: ", "ERR_INVALID_URL: " },
	{ "{\"scopes\":[1]}", "1:11: scopes: ", "ERR_INVALID_URL: " },
	{ SCOPES("\"lib/\":{}"),
	  "1:19: scopes[\"lib/\"]: ", "ERR_INVALID_URL: " },
	{ SCOPES("\"1a:\":{}"),
	  "1:18: scopes[\"1a:\"]: ", "ERR_INVALID_URL: " },
	{ RESOURCES("\"./a%2fb\":{}"),
	  "1:25: resources[\"./a%2fb\"]: ", "the key must not hide a slash" },
	{ RESOURCES("\"./a\":null"),
	  "1:21: resources[\"./a\"]: ", "must be an object" },
	{ RESOURCES("\"./a\":{\"integrity\":null}"),
	  "1:34: resources[\"./a\"].integrity: ",
	  "ERR_MANIFEST_INVALID_RESOURCE_FIELD: must be true or an integrity" },
	{ RESOURCES("\"./a\":{\"integrity\":false}"),
	  "1:34: resources[\"./a\"].integrity: ",
	  "ERR_MANIFEST_INVALID_RESOURCE_FIELD: " },
	{ RESOURCES("\"node:fs\":{\"integrity\":5}"),
	  "1:38: resources[\"node:fs\"].integrity: ",
	  "ERR_MANIFEST_INVALID_RESOURCE_FIELD: " },
	{ RESOURCES("\"./a\":{\"cascade\":null}"),
	  "1:32: resources[\"./a\"].cascade: ",
	  "ERR_MANIFEST_INVALID_RESOURCE_FIELD: " },
	{ RESOURCES("\"./a\":{\"cascade\":\"true\"}"),
	  "1:32: resources[\"./a\"].cascade: ",
	  "ERR_MANIFEST_INVALID_RESOURCE_FIELD: " },
	{ RESOURCES("\"./a\":{\"integrity\":\"sha1-AAAA\"}"),
	  "1:34: resources[\"./a\"].integrity: ",
	  "ERR_SRI_PARSE: Subresource Integrity string \"sha1-AAAA\" had an "
	  "unexpected \"s\" at position 0" },
	{ RESOURCES("\"./a\":{\"integrity\":\"" SRI ", " SRI "\"}"),
	  "1:34: resources[\"./a\"].integrity: ",
	  "ERR_SRI_PARSE: Subresource Integrity string \"" SRI ", sha256-ungWv4"
	  "8Bz+pBQUDeXa4i...\" had an unexpected \",\" at position 51" },
	{ SCOPES("\"file:\":{\"integrity\":\"" SRI "\"}"),
	  "1:33: scopes[\"file:\"].integrity: ",
	  "ERR_MANIFEST_INVALID_RESOURCE_FIELD: must be true or null" },
	{ SCOPES("\"\":{\"integrity\":false}"),
	  "1:28: scopes[\"\"].integrity: ",
	  "ERR_MANIFEST_INVALID_RESOURCE_FIELD: " },
	{ SCOPES("\"\":{\"cascade\":0}"), "1:26: scopes[\"\"].cascade: ",
	  "ERR_MANIFEST_INVALID_RESOURCE_FIELD: " },
	/* Dependencies. */
	{ "{\"dependencies\":{\"fs\":true,\"node:fs\":null}}",
	  "1:38: dependencies[\"node:fs\"]: ", "another key means the same" },
	{ "{\"dependencies\":{\"./b\":true,\"/app/b\":null}}",
	  "1:38: dependencies[\"/app/b\"]: ", "another key means the same" },
	{ "{\"dependencies\":{\"a*\":true}}",
	  "1:23: dependencies[\"a*\"]: ", "ERR_MANIFEST_INVALID_SPECIFIER: " },
	{ RESOURCES("\"./a\":{\"dependencies\":false}"),
	  "1:37: resources[\"./a\"].dependencies: ",
	  "ERR_MANIFEST_INVALID_RESOURCE_FIELD: " },
	{ RESOURCES("\"./a\":{\"dependencies\":[]}"),
	  "1:37: resources[\"./a\"].dependencies: ",
	  "ERR_MANIFEST_INVALID_RESOURCE_FIELD: " },
	{ "{\"dependencies\":[\"fs\"]}",
	  "1:17: dependencies: ", "ERR_MANIFEST_INVALID_RESOURCE_FIELD: " },
	/* One file, two opinions. */
	{ RESOURCES("\"./a\":" ANY ",\"/app/a\":" H),
	  "1:49: resources[\"/app/a\"]: ",
	  "names the same file as \"./a\" but says something else" },
	{ RESOURCES("\"./%61\":{},\"./a\":{\"cascade\":true}"),
	  "1:32: resources[\"./a\"]: ", "names the same file" },
	{ SCOPES("\"./\":{},\"file:///app/\":" ANY),
	  "1:35: scopes[\"file:///app/\"]: ", "names the same file" },
};

static void refuses_and_says_where(void)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct manifest *manifest = NULL;
		struct json_error err;
		char place[512];
		const char *text = refused[i].text;

		is_int(manifest_load(text, strlen(text), "/app", &manifest,
				     &err),
		       -EINVAL, text);
		(void)snprintf(place, sizeof(place), "%zu:%zu: %s: ", err.line,
			       err.column, err.key);
		is_str(place, refused[i].place, "where");
		if (!ok(strncmp(err.text, refused[i].problem,
				strlen(refused[i].problem)) == 0,
			"why"))
			diag("%s", err.text);
		ok(manifest == NULL, "nothing is given back");
	}
}

static const char *const accepted[] = {
	"{}",
	"[]",
	"true",
	"5",
	"\"x\"",
	"{\"resources\":null,\"scopes\":null,\"dependencies\":null}",
	"{\"resources\":[],\"scopes\":\"\"}",
	"{\"resources\":5,\"scopes\":true}",
	"{\"version\":1,\"$schema\":\"x\",\"Dependencies\":{\"a*\":5}}",
	RESOURCES("\"./a\":true,\"./b\":5,\"./c\":\"s\",\"./d\":[]"),
	RESOURCES("\"./a\":{\"__proto__\":5,\"toString\":null}"),
	RESOURCES("\"./a\":{\"dependencies\":{\"fs\":true,\"\":true}}"),
	RESOURCES("\"./a\":{\"dependencies\":null,\"cascade\":false}"),
	RESOURCES("\"./a\":" H ",\"/app/./a\":" H),
	"{\"dependencies\":true}",
	"{\"dependencies\":{}}",
	"{\"onerror\":\"throw\"}",
	"\n\t{ }\r\n",
};

static void accepts_what_node_accepts(void)
{
	for (size_t i = 0; i < sizeof(accepted) / sizeof(accepted[0]); i++)
		manifest_free(load(accepted[i]));
}

static const struct {
	const char *text;
	const char *path;
	enum answer answer;
} decisions[] = {
	{ "{}", "/app/a", ANSWER_UNLISTED },
	{ "[]", "/app/a", ANSWER_UNLISTED },
	{ RESOURCES("\"./a\":" H), "/app/a", ANSWER_HASHES },
	{ RESOURCES("\"./a\":" H), "/app/b", ANSWER_UNLISTED },
	{ RESOURCES("\"./a\":" H), "/app/a/", ANSWER_UNLISTED },
	{ RESOURCES("\"./a\":" H), "/app", ANSWER_UNLISTED },
	{ RESOURCES("\"./a\":" ANY), "/app/a", ANSWER_ANY },
	{ RESOURCES("\"./a\":{}"), "/app/a", ANSWER_REFUSED },
	{ RESOURCES("\"./a\":true"), "/app/a", ANSWER_REFUSED },
	{ RESOURCES("\"./a\":{\"integrity\":\"\"}"), "/app/a", ANSWER_REFUSED },
	{ RESOURCES("\"./a\":{\"integrity\":\" \"}"), "/app/a",
	  ANSWER_REFUSED },
	{ RESOURCES("\"./a\":{\"integrity\":\"sha256-A\"}"), "/app/a",
	  ANSWER_HASHES },
	{ RESOURCES("\"./a\":" CASCADE), "/app/a", ANSWER_REFUSED },
	{ RESOURCES("\"./a?x\":" ANY), "/app/a", ANSWER_ANY },
	{ RESOURCES("\"data:,x\":" ANY), "/app/a", ANSWER_UNLISTED },
	{ RESOURCES("\"./a/\":" ANY), "/app/a", ANSWER_UNLISTED },
	/* A resource shadows the scopes unless it cascades. */
	{ "{\"resources\":{\"./a\":{}},\"scopes\":{\"file:\":" ANY "}}",
	  "/app/a", ANSWER_REFUSED },
	{ "{\"resources\":{\"./a\":" CASCADE "},\"scopes\":{\"file:\":" ANY
	  "}}",
	  "/app/a", ANSWER_ANY },
	{ "{\"resources\":{\"./a\":{\"cascade\":true,\"integrity\":\"" SRI
	  "\"}},\"scopes\":{\"file:\":" ANY "}}",
	  "/app/a", ANSWER_HASHES },
	{ "{\"resources\":{\"./a\":{\"cascade\":true,\"integrity\":\"\"}},"
	  "\"scopes\":{\"file:\":" ANY "}}",
	  "/app/a", ANSWER_REFUSED },
	/* Every key that matches, and some that do not. */
	{ SCOPES("\"\":" ANY), "/app/lib/x", ANSWER_ANY },
	{ SCOPES("\"file:\":" ANY), "/app/lib/x", ANSWER_ANY },
	{ SCOPES("\" file:\":" ANY), "/app/lib/x", ANSWER_ANY },
	{ SCOPES("\"file: \":" ANY), "/app/lib/x", ANSWER_ANY },
	{ SCOPES("\"file:/\":" ANY), "/app/lib/x", ANSWER_ANY },
	{ SCOPES("\"file://\":" ANY), "/app/lib/x", ANSWER_ANY },
	{ SCOPES("\"./\":" ANY), "/app/lib/x", ANSWER_ANY },
	{ SCOPES("\"/\":" ANY), "/app/lib/x", ANSWER_ANY },
	{ SCOPES("\"../\":" ANY), "/app/lib/x", ANSWER_ANY },
	{ SCOPES("\"./lib/\":" ANY), "/app/lib/x", ANSWER_ANY },
	{ SCOPES("\"./lib/../lib/\":" ANY), "/app/lib/x", ANSWER_ANY },
	{ SCOPES("\"./lib/x/\":" ANY), "/app/lib/x", ANSWER_ANY },
	{ SCOPES("\"./lib\":" ANY), "/app/lib/x", ANSWER_UNLISTED },
	{ SCOPES("\"./lib/x\":" ANY), "/app/lib/x", ANSWER_UNLISTED },
	{ SCOPES("\"./LIB/\":" ANY), "/app/lib/x", ANSWER_UNLISTED },
	{ SCOPES("\"./lib/*\":" ANY), "/app/lib/x", ANSWER_UNLISTED },
	{ SCOPES("\"./li/\":" ANY), "/app/lib/x", ANSWER_UNLISTED },
	{ SCOPES("\"file://host/app/\":" ANY), "/app/lib/x", ANSWER_UNLISTED },
	{ SCOPES("\"FILE:\":" ANY), "/app/lib/x", ANSWER_UNLISTED },
	{ SCOPES("\"./lib/?q\":" ANY), "/app/lib/x", ANSWER_UNLISTED },
	{ SCOPES("\"https:\":" ANY), "/app/lib/x", ANSWER_UNLISTED },
	/* The innermost scope decides, or hands on. */
	{ SCOPES("\"./\":{},\"file:\":" ANY), "/app/x", ANSWER_UNLISTED },
	{ SCOPES("\"./\":{\"integrity\":null},\"file:\":" ANY), "/app/x",
	  ANSWER_UNLISTED },
	{ SCOPES("\"./\":{\"integrity\":null,\"cascade\":true},\"\":" ANY),
	  "/app/x", ANSWER_UNLISTED },
	{ SCOPES("\"./\":" CASCADE ",\"/\":" ANY), "/app/x", ANSWER_ANY },
	{ SCOPES("\"./\":" CASCADE ",\"file:\":" ANY), "/app/x", ANSWER_ANY },
	{ SCOPES("\"./a/\":" CASCADE ",\"./\":{},\"\":" ANY), "/app/a/x",
	  ANSWER_UNLISTED },
	{ SCOPES("\"./\":" CASCADE), "/app/x", ANSWER_UNLISTED },
	{ SCOPES("\"./\":" ANY ",\"file:\":{}"), "/app/x", ANSWER_ANY },
	/* As documented; Node.js 20 forgets the empty scope here. */
	{ SCOPES("\"file:\":" CASCADE ",\"\":" ANY), "/app/x", ANSWER_ANY },
};

static void decides_as_documented(void)
{
	for (size_t i = 0; i < sizeof(decisions) / sizeof(decisions[0]); i++) {
		struct manifest *manifest = load(decisions[i].text);
		const struct resource *resource;

		if (!manifest)
			continue;
		is_int(manifest_decide(manifest, decisions[i].path, &resource),
		       decisions[i].answer, decisions[i].path);
		manifest_free(manifest);
	}
}

static void paths_that_are_too_long_are_unlisted(void)
{
	struct manifest *manifest = load(SCOPES("\"\":" ANY));
	const struct resource *resource;
	char path[8192];

	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	is_int(manifest_decide(manifest, path, &resource), ANSWER_UNLISTED,
	       "8191 bytes");
	manifest_free(manifest);
}

static void the_index_lists_all_resources(void)
{
	struct manifest *manifest = load(
		RESOURCES("\"./h\":" H ",\"./c\":" CASCADE ",\"./n\":{},"
			  "\"/\xc3\xa9\":" ANY ",\"./h?x\":{},\"./%68\":" H));
	static const char want[] = "c/app/c\0h/app/h\0n/app/n\0a/\xc3\xa9";
	_cleanup_free_ char *index = NULL;
	char notes[256];
	size_t len = 0;

	is_int(manifest_index(manifest, &index, &len), 0, "index");
	is_int(len, sizeof(want), "its length");
	ok(memcmp(index, want, sizeof(want)) == 0, "its content");
	is_int(manifest->n_resources, 5, "each file once, and a URL");
	manifest_notes(manifest, notes, sizeof(notes));
	is_str(notes,
	       "1 of its keys name no file: only Node.js can ask about them",
	       "notes");
	manifest_free(manifest);
}

/* Of a file that is listed with queries only, any of their contents opens. */
static void queries_alone_let_a_file_open(void)
{
	struct manifest *manifest = load(
		RESOURCES("\"./q?1\":" H ",\"./q#2\":" H ",\"./%61ny?\":" ANY
			  ",\"./both\":{},\"./both?1\":" ANY ",\"./no?1\":{}"));
	const struct resource *resource;
	static const char want[] = "n/app/both\0a/app/any\0h/app/q";
	_cleanup_free_ char *index = NULL;
	size_t len = 0;

	is_int(manifest->n_openings, 2, "two such files");
	is_int(manifest_decide(manifest, "/app/q", &resource), ANSWER_HASHES,
	       "by its hashes");
	is_int((long)resource->integrity.n_entries, 2, "two of them");
	is_int(manifest_decide(manifest, "/app/any", &resource), ANSWER_ANY,
	       "any content");
	is_int(manifest_decide(manifest, "/app/both", &resource),
	       ANSWER_REFUSED, "its own entry decides");
	is_int(manifest_decide(manifest, "/app/no", &resource), ANSWER_UNLISTED,
	       "no content at all");
	ok(!manifest_find(manifest, "/app/q"), "as a URL it is not listed");
	is_int(manifest_index(manifest, &index, &len), 0, "index");
	is_int(len, sizeof(want), "its length");
	ok(memcmp(index, want, sizeof(want)) == 0, "its content");
	manifest_free(manifest);
}

static void onerror_and_notes_are_kept(void)
{
	struct manifest *manifest =
		load("{\"onerror\":\"exit\",\"dependencies\":{\"fs\":true}}");
	char notes[256];

	is_int(manifest->onerror, ONERROR_EXIT, "exit");
	manifest_notes(manifest, notes, sizeof(notes));
	is_str(notes, "", "nothing to note");
	manifest_free(manifest);
	manifest = load("{\"onerror\":\"log\"}");
	is_int(manifest->onerror, ONERROR_LOG, "log");
	manifest_notes(manifest, notes, sizeof(notes));
	is_str(notes, "", "no notes");
	manifest_free(manifest);
	manifest = load("{}");
	is_int(manifest->onerror, ONERROR_THROW, "throw without the key");
	manifest_free(manifest);
}

static void many_resources_are_found(void)
{
	size_t n = 20000;
	_cleanup_free_ char *text = malloc(n * 128);
	struct manifest *manifest;
	size_t n_found = 0;
	char *p = text;

	p += sprintf(p, "{\"resources\":{\"./last\":{}");
	for (size_t i = 0; i < n; i++)
		p += sprintf(p, ",\"./%zx\":" H, i * 7919 % n);
	strcpy(p, "}}");
	manifest = NULL;
	{
		struct json_error err;

		is_int(manifest_load(text, strlen(text), "/app", &manifest,
				     &err),
		       0, "20001 resources");
	}
	for (size_t i = 0; i < n; i++) {
		const struct resource *resource;
		char path[64];

		(void)snprintf(path, sizeof(path), "/app/%zx", i);
		n_found += manifest_decide(manifest, path, &resource) ==
				   ANSWER_HASHES &&
			   strcmp(resource->path, path) == 0;
	}
	is_int(n_found, n, "all of them are found");
	manifest_free(manifest);
}

int main(void)
{
	refuses_and_says_where();
	accepts_what_node_accepts();
	decides_as_documented();
	paths_that_are_too_long_are_unlisted();
	the_index_lists_all_resources();
	queries_alone_let_a_file_open();
	onerror_and_notes_are_kept();
	many_resources_are_found();
	return done();
}
