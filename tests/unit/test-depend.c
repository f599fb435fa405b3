/* SPDX-License-Identifier: Apache-2.0 */
/* Dependency decisions of manifests in /app, and the identities of URLs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "tap.h"
#include "verify/depend.h"
#include "verify/manifest.h"
#include "verify/url.h"

#define X "file:///app/lib/x.js"
#define OF_X(map) "{\"resources\":{\"./lib/x.js\":{\"dependencies\":" map "}}}"

static const struct {
	const char *manifest;
	const char *parent;
	const char *specifier;
	const char *conditions;
	const char *want; /* a URL, or the kind: "default", "missing", a code */
} cases[] = {
	/* Who decides. */
	{ "{\"dependencies\":true}", X, "fs", "require", "default" },
	{ "{\"dependencies\":true,\"scopes\":{\"file:\":{}}}", X, "fs", "",
	  "missing" },
	{ "{\"dependencies\":true,\"scopes\":{\"file:\":{\"cascade\":true}}}",
	  X, "fs", "", "default" },
	{ "{\"dependencies\":{\"fs\":\"./top.js\"},\"resources\":{\"./lib/x.js\":{\"cascade\":true}}}",
	  X, "fs", "", "file:///app/top.js" },
	{ "{\"dependencies\":true,\"resources\":{\"./lib/x.js\":{}}}", X, "fs",
	  "", "missing" },
	{ "{\"dependencies\":{},\"scopes\":{\"./lib/\":{\"cascade\":true,\"dependencies\":{\"fs\":true}},\"./\":{\"dependencies\":{\"os\":true}}}}",
	  X, "os", "", "default" },
	{ "{\"scopes\":{\"./lib/\":{\"cascade\":true},\"\":{\"dependencies\":{\"fs\":true}}}}",
	  X, "fs", "", "default" },
	{ "{\"scopes\":{\"./lib/\":{\"dependencies\":{}},\"\":{\"dependencies\":true}}}",
	  X, "fs", "", "missing" },
	{ "{\"scopes\":{\"data:\":{\"dependencies\":{\"fs\":true}}}}",
	  "data:text/javascript,import('node:fs');", "node:fs", "import",
	  "default" },
	{ "{\"scopes\":{\"data:\":{\"dependencies\":{\"fs\":true}}}}",
	  "data:text/javascript,1", "os", "import", "missing" },
	{ "{\"scopes\":{\"https://n.org/\":{\"dependencies\":true}}}",
	  "blob:https://n.org/uuid", "os", "import", "default" },
	{ "{\"scopes\":{\"blob:\":{\"dependencies\":true}}}",
	  "blob:nodedata:uuid", "os", "import", "default" },
	{ "{\"scopes\":{\"https://N.org:443/lib/\":{\"dependencies\":true}}}",
	  "https://n.org/lib/a/b.js?q", "os", "import", "default" },
	{ "{\"resources\":{\"./lib/x.js?q\":{\"dependencies\":true}}}", X "?q",
	  "os", "import", "default" },
	{ "{\"resources\":{\"./lib/x.js?q\":{\"dependencies\":true}}}", X, "os",
	  "import", "missing" },
	{ "{\"resources\":{\"./lib/x.js\":{\"dependencies\":true}}}", X "?q",
	  "os", "import", "missing" },
	{ "{\"scopes\":{\"./lib/\":{\"dependencies\":true}}}", X "?q/../#a",
	  "os", "import", "default" },
	/* Which specifiers are the same. */
	{ OF_X("{\"./lib/y.js\":true}"), X, "./y.js", "", "default" },
	{ OF_X("{\"./lib/y.js\":true}"), X, "././y.js", "", "default" },
	{ OF_X("{\"./lib/y.js\":true}"), X, "/app/lib/y.js", "", "default" },
	{ OF_X("{\"./lib/y.js\":true}"), X, "FILE:///app/lib/y.js", "",
	  "default" },
	{ OF_X("{\"./y.js\":true}"), X, "./y.js", "", "missing" },
	{ OF_X("{\"./lib/y.js\":true}"), X, "./y", "", "missing" },
	{ OF_X("{\"./lib/y.js\":true}"), X, "./y.js?q", "", "missing" },
	{ OF_X("{\"fs\":true}"), X, "node:fs", "", "default" },
	{ OF_X("{\"node:fs\":true}"), X, "fs", "", "default" },
	{ OF_X("{\"test\":true}"), X, "node:test", "", "missing" },
	{ OF_X("{\"node:test\":true}"), X, "test", "", "missing" },
	{ OF_X("{\"react\":true}"), X, "react/jsx", "", "missing" },
	{ OF_X("{\"#utils\":true,\"@s/p\":true,\"\":true}"), X, "#utils", "",
	  "default" },
	{ OF_X("{\"#utils\":true,\"@s/p\":true,\"\":true}"), X, "@s/p", "",
	  "default" },
	{ OF_X("{}"), X, "toString", "", "missing" },
	/* Where they lead. */
	{ OF_X("{\"os\":\"./app/alt os\"}"), X, "os", "",
	  "file:///app/app/alt%20os" },
	{ OF_X("{\"os\":\"./a.js?q#f\"}"), X, "os", "",
	  "file:///app/a.js?q#f" },
	{ OF_X("{\"os\":\"node:fs\"}"), X, "os", "", "node:fs" },
	{ OF_X("{\"os\":\"data:text/javascript,1\"}"), X, "os", "",
	  "data:text/javascript,1" },
	{ OF_X("{\"os\":\"fs\"}"), X, "os", "", "ERR_INVALID_URL" },
	{ OF_X("{\"os\":null}"), X, "os", "",
	  "ERR_MANIFEST_INVALID_RESOURCE_FIELD" },
	{ OF_X("{\"os\":[\"./a\"]}"), X, "os", "",
	  "ERR_MANIFEST_INVALID_RESOURCE_FIELD" },
	{ OF_X("{\"os\":false}"), X, "os", "",
	  "ERR_MANIFEST_INVALID_RESOURCE_FIELD" },
	/* Conditions. */
	{ OF_X("{\"os\":{\"import\":\"./i.js\",\"require\":\"./r.js\"}}"), X,
	  "os", "require,node,node-addons", "file:///app/r.js" },
	{ OF_X("{\"os\":{\"import\":\"./i.js\",\"require\":\"./r.js\"}}"), X,
	  "os", "node,import", "file:///app/i.js" },
	{ OF_X("{\"os\":{\"node\":\"./n\",\"require\":\"./r\"}}"), X, "os",
	  "require,node", "file:///app/n" },
	{ OF_X("{\"os\":{\"require\":{\"import\":\"./x\"},\"node\":\"./n\"}}"),
	  X, "os", "require,node", "file:///app/n" },
	{ OF_X("{\"os\":{\"default\":\"./d\"}}"), X, "os", "require,node",
	  "missing" },
	{ OF_X("{\"os\":{}}"), X, "os", "require", "missing" },
	{ OF_X("{\"os\":{\"require\":null,\"node\":true}}"), X, "os",
	  "require,node", "ERR_MANIFEST_INVALID_RESOURCE_FIELD" },
	{ OF_X("{\"os\":{\"nod\":true}}"), X, "os", "require,node", "missing" },
	/* The page: true asks the field at the top. */
	{ "{\"resources\":{\"./lib/x.js\":{\"dependencies\":{\"fs\":true}}},\"dependencies\":{\"fs\":\"./top.js\"}}",
	  X, "fs", "", "file:///app/top.js" },
	{ "{\"resources\":{\"./lib/x.js\":{\"dependencies\":{\"fs\":true}}},\"dependencies\":{\"fs\":true}}",
	  X, "fs", "", "default" },
	{ "{\"resources\":{\"./lib/x.js\":{\"dependencies\":{\"fs\":true}}},\"dependencies\":{}}",
	  X, "fs", "", "default" },
	/* What a map says is final. */
	{ "{\"resources\":{\"./lib/x.js\":{\"cascade\":true,\"dependencies\":{\"fs\":null}}},\"scopes\":{\"file:\":{\"dependencies\":{\"fs\":true}}}}",
	  X, "fs", "", "ERR_MANIFEST_INVALID_RESOURCE_FIELD" },
	{ "{\"dependencies\":{\"fs\":true}}", "not a url", "fs", "",
	  "missing" },
	/* The import map of the page. */
	{ "{\"dependencies\":true,\"scopes\":{\"\":{\"cascade\":true,\"dependencies\":{\"react\":\"./app/node_modules/react/index.js\"}},\"./ssr/\":{\"cascade\":true,\"dependencies\":{\"react\":\"./app/node_modules/server-side-react/index.js\"}}}}",
	  "file:///app/ssr/s.js", "react", "import",
	  "file:///app/app/node_modules/server-side-react/index.js" },
	{ "{\"dependencies\":true,\"scopes\":{\"\":{\"cascade\":true,\"dependencies\":{\"react\":\"./app/node_modules/react/index.js\"}},\"./ssr/\":{\"cascade\":true,\"dependencies\":{\"react\":\"./app/node_modules/server-side-react/index.js\"}}}}",
	  "file:///app/main.js", "react", "import",
	  "file:///app/app/node_modules/react/index.js" },
	{ "{\"dependencies\":true,\"scopes\":{\"\":{\"cascade\":true,\"dependencies\":{\"react\":\"./app/node_modules/react/index.js\"}}}}",
	  "file:///app/main.js", "vue", "import", "default" },
};

static const char *describe(const struct resolution *resolution)
{
	switch (resolution->kind) {
	case RESOLUTION_DEFAULT:
		return "default";
	case RESOLUTION_REDIRECT:
		return resolution->url;
	case RESOLUTION_MISSING:
		return "missing";
	case RESOLUTION_INVALID:
		return resolution->code;
	}
	return "?";
}

static void decides(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct manifest *manifest = NULL;
		struct json_error err;
		struct resolution resolution;

		if (!ok(manifest_load(cases[i].manifest,
				      strlen(cases[i].manifest), "/app",
				      &manifest, &err) == 0,
			"loads %s", cases[i].manifest)) {
			diag("%s: %s", err.key, err.text);
			continue;
		}
		is_int(depend_resolve(manifest, cases[i].parent,
				      cases[i].specifier, cases[i].conditions,
				      &resolution),
		       0, "decides");
		if (!ok(strcmp(describe(&resolution), cases[i].want) == 0,
			"%s asks for %s [%s] under %s", cases[i].parent,
			cases[i].specifier, cases[i].conditions,
			cases[i].manifest))
			diag("got %s, want %s", describe(&resolution),
			     cases[i].want);
		manifest_free(manifest);
	}
}

/* Must the loader of the runtime ask at all? */
static void limits_are_seen(void)
{
	static const struct {
		const char *manifest;
		bool limits;
	} manifests[] = {
		{ "{\"resources\":{\"./a\":{\"integrity\":true}}}", false },
		{ "{\"dependencies\":true}", false },
		{ "{\"dependencies\":{}}", true },
		{ "{\"dependencies\":true,\"resources\":{\"./a\":{\"integrity\":true}}}",
		  true },
		{ "{\"dependencies\":true,\"resources\":{\"./a\":{\"cascade\":true}}}",
		  false },
		{ "{\"resources\":{\"./a\":{\"dependencies\":true}}}", false },
		{ "{\"resources\":{\"./a\":{\"dependencies\":{\"b\":true}}}}",
		  true },
		{ "{\"scopes\":{\"\":{\"dependencies\":true}},\"resources\":{\"./a\":{\"cascade\":true}}}",
		  false },
		{ "{\"scopes\":{\"\":{\"dependencies\":{}}}}", true },
	};

	for (size_t i = 0; i < sizeof(manifests) / sizeof(manifests[0]); i++) {
		struct manifest *manifest = NULL;
		struct json_error err;

		is_int(manifest_load(manifests[i].manifest,
				     strlen(manifests[i].manifest), "/app",
				     &manifest, &err),
		       0, "loads");
		ok(manifest && manifest_limits_dependencies(manifest) ==
				       manifests[i].limits,
		   "limits or not: %s", manifests[i].manifest);
		manifest_free(manifest);
	}
}

static void identities(void)
{
	static const struct {
		const char *text;
		const char *want; /* NULL: no URL */
		const char *url;
	} urls[] = {
		{ "./a.js", "/app/a.js", "file:///app/a.js" },
		{ "file:///a%20b", "/a b", "file:///a%20b" },
		{ "FILE:///a/../b", "/b", "file:///b" },
		{ "./a?x y", "file:/app/a?x%20y", "file:///app/a?x%20y" },
		{ "./%61?x", "file:/app/a?x", "file:///app/a?x" },
		{ ".//a", "file:/app//a", "file:///app//a" },
		{ "file://host/a", "file://host/a", "file://host/a" },
		{ "HTTPS://Ex.org:443/a/../b?q#f", "https://ex.org/b?q#f",
		  "https://ex.org/b?q#f" },
		{ "http://ex.org", "http://ex.org/", "http://ex.org/" },
		{ "https:", NULL, NULL },
		{ "NODE:fs", "node:fs", "node:fs" },
		{ "data:text/javascript,a b", "data:text/javascript,a b",
		  "data:text/javascript,a b" },
		{ "data:,\xc3\xa9", "data:,%C3%A9", "data:,%C3%A9" },
		{ " data:,x ", "data:,x", "data:,x" },
		{ "bare", NULL, NULL },
		{ "", NULL, NULL },
	};

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		_cleanup_free_ char *identity = NULL;
		_cleanup_free_ char *url = NULL;
		int r = url_canonical(urls[i].text, "/app", &identity);

		ok(r == (urls[i].want ? 1 : -EINVAL), "'%s'", urls[i].text);
		is_str(identity, urls[i].want, "its identity");
		if (!identity)
			continue;
		url = url_of(identity);
		is_str(url, urls[i].url, "its URL");
	}
}

int main(void)
{
	decides();
	limits_are_seen();
	identities();
	return done();
}
