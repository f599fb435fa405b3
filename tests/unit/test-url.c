/* SPDX-License-Identifier: Apache-2.0 */
/* Which file a key of a manifest names, seen from /app. */
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "tap.h"
#include "verify/url.h"

static const struct {
	const char *key;
	const char *path; /* NULL: it names no file */
} valid[] = {
	{ "./a.js", "/app/a.js" },
	{ "././a.js", "/app/a.js" },
	{ "./sub/../a.js", "/app/a.js" },
	{ "./sub/%2e%2E/a.js", "/app/a.js" },
	{ "./sub//../a.js", "/app/sub/a.js" },
	{ "./sub/.%2e/a.js", "/app/a.js" },
	{ "./%2e/a.js", "/app/a.js" },
	{ "../app/a.js", "/app/a.js" },
	{ "../../../a.js", "/a.js" },
	{ "/app/a.js", "/app/a.js" },
	{ "/", "/" },
	{ "./", "/app/" },
	{ "../", "/" },
	{ "./lib/", "/app/lib/" },
	{ "./lib/.", "/app/lib/" },
	{ "./lib/..", "/app/" },
	{ "./lib/x/..", "/app/lib/" },
	{ "./...", "/app/..." },
	{ "file:///app/a.js", "/app/a.js" },
	{ "file:/app/a.js", "/app/a.js" },
	{ "FILE:///app/a.js", "/app/a.js" },
	{ "file://localhost/app/a.js", "/app/a.js" },
	{ "file://LocalHost/app/a.js", "/app/a.js" },
	{ "file://loc%61lhost/app/a.js", "/app/a.js" },
	{ "file:a.js", "/a.js" },
	{ "file:", "/" },
	{ "file:/", "/" },
	{ "file://", "/" },
	{ "file:///", "/" },
	{ "file:\\\\\\app\\a.js", "/app/a.js" },
	{ " file:///app/a.js \n", "/app/a.js" },
	{ "./a.js ", "/app/a.js" },
	{ "./\ta.js", "/app/a.js" },
	{ "./a\n.js", "/app/a.js" },
	{ "./.\\a.js", "/app/a.js" },
	{ "./lib\\..\\a.js", "/app/a.js" },
	{ "./%61.js", "/app/a.js" },
	{ "./a%2ejs", "/app/a.js" },
	{ "./sp ace.js", "/app/sp ace.js" },
	{ "./sp%20ace.js", "/app/sp ace.js" },
	{ "./\xc3\xa9.js", "/app/\xc3\xa9.js" },
	{ "./%c3%A9.js", "/app/\xc3\xa9.js" },
	{ "./%ff", "/app/\xff" },
	{ "./tilde~[1]^|.js", "/app/tilde~[1]^|.js" },
	{ "./tilde%7E%5B1%5D.js", "/app/tilde~[1].js" },
	{ "./pct%2541.js", "/app/pct%41.js" },
	{ "./100%.js", "/app/100%.js" },
	{ "./%4", "/app/%4" },
	{ "./%zz", "/app/%zz" },
	{ "./%5C", "/app/\\" },
	{ "./a%3Fb%23c", "/app/a?b#c" },
	/* Drives, which the URL standard knows on every system. */
	{ "/C|/x", "/C:/x" },
	{ "file:///c:/..", "/c:/" },
	{ "file:///c:/../..//x", NULL },
	{ "file://c:/x", "/c:/x" },
	{ "./c|/x", "/app/c|/x" },
	/* Valid, but never a file of this machine. */
	{ "./a.js?", NULL },
	{ "./a.js#", NULL },
	{ "./a.js?x", NULL },
	{ "/?x#y", NULL },
	{ ".//a.js", NULL },
	{ "file:////app/a.js", NULL },
	{ "//host/a.js", NULL },
	{ "/\\host/a.js", NULL },
	{ "file://host/app/a.js", NULL },
	{ "file://[::1]/a.js", NULL },
	{ "https://example.org/a.js", NULL },
	{ "https:example.org", NULL },
	{ "data:text/javascript,x", NULL },
	{ "blob:x", NULL },
	{ "node:fs", NULL },
	{ "a+b-c.1:x", NULL },
};

static const char *const invalid[] = {
	"",
	"a.js",
	".",
	"..",
	"#x",
	"?x",
	" ./a.js",
	".\\a.js",
	"\\a.js",
	".../a.js",
	".\t/a.js",
	"1a:",
	"lib/",
	"*",
	":x",
	"-a:x",
	"https:",
	"http://",
	"ws:///?x",
	"file://ho st/x",
	"file://a:80/x",
	"file://u@h/x",
	"file://a|b/x",
	"file://%00/x",
};

static const char *const hidden[] = {
	"./a%2fb.js", "./a%2Fb.js",       "./%2f",        "/app%2f..%2fx",
	"./a%00.js",  "file:///a%2f../b", "./%2e%2e%2fx",
};

static void keys_name_files_as_urls_do(void)
{
	for (size_t i = 0; i < sizeof(valid) / sizeof(valid[0]); i++) {
		_cleanup_free_ char *path = NULL;

		is_int(url_resolve(valid[i].key, "/app", &path),
		       valid[i].path != NULL, valid[i].key);
		is_str(path, valid[i].path, "the file");
	}
}

static void what_is_no_url_is_refused(void)
{
	char *path = NULL;

	for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++)
		is_int(url_resolve(invalid[i], "/app", &path), -EINVAL,
		       invalid[i]);
	ok(path == NULL, "nothing is given back");
}

static void escaped_separators_are_refused(void)
{
	char *path = NULL;

	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		is_int(url_resolve(hidden[i], "/app", &path), -EILSEQ,
		       hidden[i]);
	ok(path == NULL, "nothing is given back");
}

static void other_directories_work_too(void)
{
	static const char *const cases[][3] = {
		{ "/", "./a", "/a" },
		{ "/", "../a", "/a" },
		{ "/a%20b", "./c", "/a%20b/c" },
		{ "/d", "../e/./f", "/e/f" },
		{ "/C:/d", "../../../x", "/C:/x" },
		{ "/C:/d", "/x", "/C:/x" },
		{ "/C:/d", "/D:/x", "/D:/x" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_free_ char *path = NULL;

		is_int(url_resolve(cases[i][1], cases[i][0], &path), 1,
		       cases[i][1]);
		is_str(path, cases[i][2], cases[i][0]);
	}
}

/* Every byte a name can have comes back from the key it is written as. */
static void encoded_paths_name_the_same_file(void)
{
	for (int c = 1; c < 256; c++) {
		char name[] = { '/', 'x', (char)c, 'y', '\0' };
		_cleanup_free_ char *key = NULL;
		_cleanup_free_ char *path = NULL;

		if (c == '/')
			continue;
		key = url_encode_path(name);
		ok(key && url_resolve(key, "/app", &path) == 1 &&
			   strcmp(path, name) == 0,
		   "byte %d", c);
	}
}

static void escapes_are_those_of_node(void)
{
	_cleanup_free_ char *key = url_encode_path(
		"/a \"#%<>?[\\]^`{|}~!$&'()*+,-./:;=@_\x7f\xc3\xa9\n");

	is_str(key,
	       "/a%20%22%23%25%3C%3E%3F%5B%5C%5D%5E%60%7B%7C%7D%7E"
	       "!$&'()*+,-./:;=@_%7F%C3%A9%0A",
	       "encoded");
}

int main(void)
{
	keys_name_files_as_urls_do();
	what_is_no_url_is_refused();
	escaped_separators_are_refused();
	other_directories_work_too();
	encoded_paths_name_the_same_file();
	escapes_are_those_of_node();
	return done();
}
