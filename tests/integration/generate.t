#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# nspolicy generate --lock: the registry's hashes and not those of a changed
# file; --run: what a run used and asked for; the schema of manifests.
. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"

[ -x "$NSPOLICY" ] || skip_all 'nspolicy is not built'
command -v python3 >/dev/null || skip_all 'no python3 to make tarballs'

dir=$USER_TMP/generate
mkdir "$dir"
cd "$dir" || exit 99
cache=$dir/cache

# pack.py CACHE LOCK DIR [NAME=DIR]...: makes a tarball of each directory and
# puts it into the cache as npm does; the lock gets its integrity at NAME.
cat >pack.py <<'END'
import base64, hashlib, io, json, os, sys, tarfile

cache, lock_file = sys.argv[1:3]
with open(lock_file) as file:
    lock = json.load(file)
for place, source in (item.split("=") for item in sys.argv[3:]):
    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode="w:gz") as tar:
        for top, dirs, files in sorted(os.walk(source)):
            # Those below are packages of their own, unless they are bundled.
            if "node_modules" in dirs and not os.path.exists(
                    os.path.join(top, "node_modules", ".bundled")):
                dirs.remove("node_modules")
            for name in files:
                path = os.path.join(top, name)
                tar.add(path, "package/" + os.path.relpath(path, source),
                        filter=lambda info: setattr(info, "mode", 0o644) or info)
    digest = hashlib.sha512(memory.getvalue())
    text = digest.hexdigest()
    path = os.path.join(cache, "_cacache/content-v2/sha512", text[:2],
                        text[2:4], text[4:])
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(memory.getvalue())
    lock["packages"].setdefault(place, {})["integrity"] = \
        "sha512-" + base64.b64encode(digest.digest()).decode()
with open(lock_file, "w") as file:
    json.dump(lock, file, indent=1)
END

# validate.py SCHEMA FILE...: prints the files that the schema does not accept.
cat >validate.py <<'END'
import json, re, sys

def is_type(value, name):
    return {"object": dict, "array": list, "string": str, "null": type(None),
            "boolean": bool}[name] is type(value)

def fits(schema, value):
    for key, rule in schema.items():
        if key == "$ref":
            at = root
            for step in rule.split("/")[1:]:
                at = at[step]
            good = fits(at, value)
        elif key == "type":
            good = any(is_type(value, name)
                       for name in ([rule] if type(rule) is str else rule))
        elif key == "const":
            good = type(value) is type(rule) and value == rule
        elif key == "enum":
            good = any(type(value) is type(one) and value == one for one in rule)
        elif key == "anyOf":
            good = any(fits(one, value) for one in rule)
        elif key == "pattern":
            good = type(value) is not str or re.search(rule, value) is not None
        elif key == "minLength":
            good = type(value) is not str or len(value) >= rule
        elif key == "items":
            good = type(value) is not list or all(fits(rule, v) for v in value)
        elif key == "propertyNames":
            good = type(value) is not dict or all(fits(rule, k) for k in value)
        elif key == "properties":
            good = type(value) is not dict or all(
                fits(rule[k], v) for k, v in value.items() if k in rule)
        elif key == "additionalProperties":
            known = schema.get("properties", {})
            good = type(value) is not dict or all(
                fits(rule, v) for k, v in value.items() if k not in known)
        else:
            assert key in ("$schema", "title", "description", "default", "$defs"), key
            good = True
        if not good:
            return False
    return True

with open(sys.argv[1]) as file:
    root = json.load(file)
for name in sys.argv[2:]:
    with open(name) as file:
        if not fits(root, json.load(file)):
            print(name)
END

valid() {
	is "$(python3 "$dir/validate.py" "$top_srcdir/policies/manifest.schema.json" "$1")" \
		'' "$2: fits the schema"
}

# listed KEY: the hash that m.json has for it; nothing if it is not listed.
listed() {
	python3 -c '
import json, sys
entry = json.load(open("m.json"))["resources"].get(sys.argv[1])
print(entry["integrity"] if entry else "")' "$1"
}

# ---- --lock: a project of every kind of package

make_project() {
	rm -rf project cache
	mkdir -p project/node_modules/a/bin project/node_modules/a/lib \
		project/node_modules/a/node_modules/b \
		project/node_modules/c/node_modules/d project/ws cache
	(
		cd project || exit 99
		echo 'require("a"); require("c"); require("./ws/w.js")' >main.js
		echo '{"name": "project"}' >package.json
		echo 'module.exports = "a"' >node_modules/a/index.js
		printf '\357\273\277{"name": "a"}\n' >node_modules/a/package.json
		printf '#!/usr/bin/env node\r\nrequire("..")\r\n' >node_modules/a/bin/a
		printf '#!/usr/bin/env node\r\nrequire("..")\r\n' >node_modules/a/bin/b
		echo text >node_modules/a/lib/readme.txt
		echo 'module.exports = "b"' >node_modules/a/node_modules/b/index.js
		echo 'module.exports = "c"' >node_modules/c/index.js
		echo 'module.exports = "d"' >node_modules/c/node_modules/d/index.js
		touch node_modules/c/node_modules/.bundled
		echo '{"name": "w"}' >ws/package.json
		echo 'module.exports = "w"' >ws/w.js
		ln -s ../ws node_modules/w
		echo '{}' >node_modules/.package-lock.json
		cat >package-lock.json <<-'END'
			{ "name": "project", "lockfileVersion": 3, "packages": {
				"": { "name": "project" },
				"node_modules/c/node_modules/d": { "inBundle": true },
				"node_modules/o": { "optional": true, "integrity":
					"sha512-AAAA" },
				"node_modules/w": { "resolved": "ws", "link": true },
				"ws": { "name": "w" } } }
		END
	)
	python3 pack.py cache project/package-lock.json \
		node_modules/a=project/node_modules/a \
		node_modules/a/node_modules/b=project/node_modules/a/node_modules/b \
		node_modules/c=project/node_modules/c
	# What npm does on the disk; one of the two was not linked.
	printf '#!/usr/bin/env node\nrequire("..")\r\n' >project/node_modules/a/bin/a
	chmod +x project/node_modules/a/bin/a
}

lock() {
	run "$NSPOLICY" generate --lock --root="$dir/project" --cache="$cache" \
		--output="$dir/m.json" "$@"
}

test_lock() {
	make_project
	lock --strict
	is "$STATUS:$OUT:$ERR" '0::' 'lock: all packages are as the registry has them'
	valid m.json lock
	is "$(python3 -c 'import json
for key in json.load(open("m.json"))["resources"]: print(key)')" \
		'./project/main.js
./project/node_modules/a/bin/a
./project/node_modules/a/bin/b
./project/node_modules/a/index.js
./project/node_modules/a/node_modules/b/index.js
./project/node_modules/a/package.json
./project/node_modules/c/index.js
./project/node_modules/c/node_modules/d/index.js
./project/package-lock.json
./project/package.json
./project/ws/package.json
./project/ws/w.js' 'lock: their code, the bundled one and that of the project'
	is "$(listed ./project/node_modules/a/bin/a)" \
		"$(sri project/node_modules/a/bin/a)" \
		'lock: a program whose first line npm has changed'
	is "$(listed ./project/node_modules/a/bin/b)" \
		"$(sri project/node_modules/a/bin/b)" 'lock: and one that it has not'
	tail -c +4 project/node_modules/a/package.json >without-bom
	is "$(listed ./project/node_modules/a/package.json)" "$(sri without-bom)" \
		'lock: a package.json without its mark'
	run "$NSPOLICY" check m.json
	is "$STATUS:$OUT" '0:12 good, 0 changed, 0 missing, 0 unlisted' \
		'lock: nspolicy check agrees'
	(cd project && npm_config_cache=$cache "$NSPOLICY" generate \
		--lock=package-lock.json --relative=.. --strict) >other.json
	ok 'lock: the same from the working directory, by the environment' \
		cmp m.json other.json
}

test_tampered() {
	make_project
	good=$(sri project/node_modules/a/index.js)
	echo '// evil' >>project/node_modules/a/index.js
	echo 'evil' >project/node_modules/a/lib/new.js
	mkdir project/node_modules/evil project/node_modules/a/node_modules/evil
	echo 'evil' >project/node_modules/evil/index.js
	echo 'evil' >project/node_modules/a/node_modules/evil/index.js
	printf '#!/usr/bin/env node\nevil\n' >project/node_modules/a/bin/b
	rm project/node_modules/c/node_modules/d/index.js
	lock
	is "$STATUS:$OUT" '1:' 'tampered: status 1'
	is "$ERR" "nspolicy: differs from the registry: $dir/project/node_modules/a/bin/b
nspolicy: differs from the registry: $dir/project/node_modules/a/index.js
nspolicy: not listed, because it is part of no package: $dir/project/node_modules/a/lib/new.js
nspolicy: not listed, because it is part of no package: $dir/project/node_modules/a/node_modules/evil/index.js
nspolicy: missing, but part of its package: $dir/project/node_modules/c/node_modules/d/index.js
nspolicy: not listed, because it is part of no package: $dir/project/node_modules/evil/index.js" \
		'tampered: each is named'
	is "$(listed ./project/node_modules/a/index.js)" "$good" \
		'tampered: what is listed is the hash of the registry'
	is "$(listed ./project/node_modules/a/lib/new.js)" '' \
		'tampered: and nothing that was added'
	run "$NSPOLICY" check m.json
	is "$STATUS" 1 'tampered: nspolicy check finds it, too'
	like "$OUT" "^changed   $dir/project/node_modules/a/index.js\$" \
		'tampered: with its name'
	lock --accept='*/evil/*' --accept=new.js
	unlike "$ERR" 'evil|new' 'tampered: --accept takes what is known'
	is "$(listed ./project/node_modules/a/lib/new.js)" \
		"$(sri project/node_modules/a/lib/new.js)" 'tampered: from the disk'
}

test_unverified() {
	make_project
	edit_json project/package-lock.json '
m["packages"]["node_modules/a"]["integrity"] = "sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA="
del m["packages"]["node_modules/a/node_modules/b"]["integrity"]'
	lock
	is "$STATUS:$ERR" '0:nspolicy: 2 packages not verified, listed as on the disk: the lock has no hash for it, or only SHA-1' \
		'unverified: no hash, or a broken one'
	is "$(listed ./project/node_modules/a/index.js)" \
		"$(sri project/node_modules/a/index.js)" 'unverified: as on the disk'
	rm m.json
	lock --strict
	is "$STATUS" 125 'unverified: --strict refuses'
	like "$ERR" "^nspolicy: not verified: $dir/project/node_modules/a: the lock has no hash" \
		'unverified: with the name'
	ok 'unverified: and writes nothing' test ! -e m.json
	make_project
	find cache -type f | sort | head -n 1 | while read -r file; do
		echo x >>"$file"
	done
	lock
	like "$ERR" '^nspolicy: 1 package not verified, .*: the tarball in the cache has another content' \
		'unverified: a tarball with another content'
	rm -rf cache
	lock
	is "$STATUS:$ERR" '0:nspolicy: 3 packages not verified, listed as on the disk: no tarball in the cache' \
		'unverified: an empty cache'
	rm -rf project/node_modules/c
	lock
	is "$STATUS" 1 'unverified: what the lock wants and is not installed'
	like "$ERR" "^nspolicy: not installed: $dir/project/node_modules/c\$" \
		'unverified: is named'
}

test_bad_locks() {
	make_project
	while read -r status text; do
		printf '%s' "$text" >project/package-lock.json
		lock
		is "$STATUS" "$status" "bad lock: $text"
	done <<-'END'
		125 {"lockfileVersion": 1, "dependencies": {}}
		125 []
		125 {"packages": []}
		125 {"packages"
		125 {"packages": {"../node_modules/x": {}}}
		125 {"packages": {"node_modules/../../x": {}}}
		125 {"packages": {"/node_modules/x": {}}}
		1 {"packages": {"node_modules/a": {"integrity": 5}, "node_modules/c": []}}
	END
	# Version 2 has a second tree, which may be deep.
	python3 -c '
tree = "{}"
for i in range(40):
    tree = "{\"dependencies\":{\"d\":" + tree + "}}"
print("{\"packages\":{}, \"dependencies\":{\"d\":" + tree + "}}")' \
		>project/package-lock.json
	rm -rf project/node_modules
	lock
	is "$STATUS:$ERR" '0:' 'lock: version 2'
	run "$NSPOLICY" generate --lock=/nonexistent
	is "$STATUS" 125 'bad lock: none'
	run "$NSPOLICY" generate --strict
	is "$STATUS:$ERR" '125:nspolicy: --strict is for --lock' 'usage: --strict'
	run "$NSPOLICY" generate --run=x --root=.
	is "$STATUS" 125 'usage: --run and --root'
}

# Names that npm does not unpack, or where the last one counts; and no archive.
test_hostile_tarballs() {
	make_project
	cat >hostile.py <<-'END'
		import base64, hashlib, io, json, os, sys, tarfile

		def put(data):
		    text = hashlib.sha512(data).hexdigest()
		    path = os.path.join("cache/_cacache/content-v2/sha512",
		                        text[:2], text[2:4], text[4:])
		    os.makedirs(os.path.dirname(path), exist_ok=True)
		    with open(path, "wb") as file:
		        file.write(data)
		    lock = json.load(open("project/package-lock.json"))
		    lock["packages"]["node_modules/a"]["integrity"] = "sha512-" + \
		        base64.b64encode(hashlib.sha512(data).digest()).decode()
		    json.dump(lock, open("project/package-lock.json", "w"))

		def add(tar, name, data, **fields):
		    info = tarfile.TarInfo(name)
		    info.size = len(data)
		    for key, value in fields.items():
		        setattr(info, key, value)
		    tar.addfile(info, io.BytesIO(data))

		if sys.argv[1] == "tar":
		    memory = io.BytesIO()
		    with tarfile.open(fileobj=memory, mode="w:gz") as tar:
		        add(tar, "package/../../../evil.js", b"evil")
		        add(tar, "package/lib/../up.js", b"evil")
		        add(tar, "package", b"evil")
		        add(tar, "package/link.js", b"", type=tarfile.SYMTYPE,
		            linkname="/etc/passwd")
		        add(tar, "package/hard.js", b"", type=tarfile.LNKTYPE,
		            linkname="package/index.js")
		        add(tar, "package/twice.js", b"first")
		        add(tar, "other//./twice.js", b"last")
		        add(tar, "package/" + "l" * 200 + ".js", b"long")
		        add(tar, "package/\u00e9.js", b"name")
		    put(memory.getvalue())
		else:
		    put(sys.argv[2].encode())
	END
	python3 hostile.py tar
	rm -rf project/node_modules/a/[!n]*
	printf last >project/node_modules/a/twice.js
	printf name >project/node_modules/a/é.js
	printf long >"project/node_modules/a/$(printf '%0200d' 0 | tr 0 l).js"
	lock
	is "$STATUS:$ERR" '0:' 'hostile tarball: what npm unpacks of it'
	is "$(grep -c '"./project/node_modules/a/[^n]' m.json)" 3 \
		'hostile tarball: and nothing else'
	unlike "$(cat m.json)" 'evil|up.js|link|hard' 'hostile tarball: no other place'
	for text in 'no archive' ''; do
		make_project
		python3 hostile.py text "$text"
		lock
		is "$STATUS" 125 "no tarball: '$text'"
		like "$ERR" "^nspolicy: that is the one of '$dir/project/node_modules/a'" \
			'no tarball: it is named'
	done
}

# The packages of tests/apps as they are installed: real ones, 113 of them.
test_real_packages() {
	apps=$(tap_cache)/apps
	if [ ! -d "$apps/node_modules/express" ]; then
		skip 'real packages: they are not in the cache of tools/setup'
		return
	fi
	rm -rf project cache
	mkdir project cache
	cp -R "$apps/." project/
	python3 - project/package-lock.json >places <<-'END'
		import json, os, sys
		for key in json.load(open(sys.argv[1]))["packages"]:
		    if key and os.path.isdir("project/" + key):
		        print(key + "=project/" + key)
	END
	xargs python3 pack.py cache project/package-lock.json <places
	lock --strict
	is "$STATUS:$ERR" '0:' 'real packages: all of them are verified'
	valid m.json 'real packages'
	"$NSPOLICY" generate --root=project --exclude=.package-lock.json \
		--output="$dir/tree.json"
	run "$NSPOLICY" diff tree.json m.json
	is "$OUT" '' 'real packages: the same as from the tree'
	node=$(default_node) || node=
	if [ -z "$node" ] || ! "$NSSUPERVISE" --check >/dev/null 2>&1; then
		skip 'real packages: no Node, or a kernel that cannot run nssupervise'
		return
	fi
	echo 'require("express"); console.log("ran")' >project/main.js
	lock --strict
	run "$NSSUPERVISE" --allow-fs-read="$dir" --policy="$dir/m.json" -- \
		"$node" "$dir/project/main.js"
	is "$STATUS:$OUT:$ERR" '0:ran:' 'real packages: they run by it'
	echo '// evil' >>project/node_modules/express/lib/express.js
	lock --strict
	is "$STATUS" 1 'real packages: one that was changed'
	run "$NSSUPERVISE" --allow-fs-read="$dir" --policy="$dir/m.json" -- \
		"$node" "$dir/project/main.js"
	is "$STATUS:$OUT" '1:' 'real packages: and it does not run'
}

# What npm itself puts into the cache, the lock and the tree.
test_npm() {
	if ! command -v npm >/dev/null; then
		skip 'npm: it is not here'
		return
	fi
	make_project
	rm -rf cache npm
	mkdir -p npm/package/bin npm/project
	echo '{"name": "pkg", "version": "1.0.0", "bin": {"pkg": "bin/pkg"}}' \
		>npm/package/package.json
	printf '#!/usr/bin/env node\r\nconsole.log(1)\r\n' >npm/package/bin/pkg
	echo 'module.exports = 1' >npm/package/index.js
	echo '{"name": "project"}' >npm/project/package.json
	tar -C npm -czf npm/pkg.tgz package
	(cd npm/project && npm install ../pkg.tgz --offline --ignore-scripts \
		--no-audit --no-fund --cache="$cache" >/dev/null 2>"$TMP/npm") || {
		diag "$(cat "$TMP/npm")"
		skip 'npm: it cannot install a tarball offline'
		return
	}
	run "$NSPOLICY" generate --lock --root=npm/project --cache="$cache" \
		--strict --output="$dir/m.json"
	is "$STATUS:$ERR" '0:' "npm: its cache, its lock and what it unpacks"
	is "$(listed ./npm/project/node_modules/pkg/bin/pkg)" \
		"$(sri npm/project/node_modules/pkg/bin/pkg)" \
		'npm: a program with its first line changed'
}

# ---- --run

make_app() {
	rm -rf app
	mkdir -p app/lib app/node_modules/p
	cat >app/main.cjs <<-'END'
		const fs = require('node:fs');
		const a = require('./lib/a.js');
		const p = require('p');
		if (process.argv[2]) require(process.argv[2]);
		import('./lib/m.mjs').then((m) =>
		  console.log(a, p, m.default, typeof fs.readFileSync));
	END
	echo "module.exports = require('../data.json').x + require('os').EOL.length;" \
		>app/lib/a.js
	echo "module.exports = 'other';" >app/lib/other.js
	echo '{ "x": 4 }' >app/data.json
	echo '{ "name": "app" }' >app/package.json
	echo "import fs from 'fs'; import q from './q.mjs'; import p from 'p'; export default fs ? q + p : 0;" \
		>app/lib/m.mjs
	echo 'export default 7;' >app/lib/q.mjs
	echo '{ "name": "p", "exports": { "import": "./i.mjs", "require": "./r.cjs" } }' \
		>app/node_modules/p/package.json
	echo 'export default 3;' >app/node_modules/p/i.mjs
	echo 'module.exports = 30;' >app/node_modules/p/r.cjs
}

# record START LOG NODE
record() {
	printf '%s' "$1" >start.json
	rm -f "$2"
	run "$NSSUPERVISE" --allow-fs-read="$dir" --policy="$dir/start.json" \
		--report-only --log="$dir/$2" --log-format=json -- \
		"$3" "$dir/app/main.cjs"
}

# enforce NODE [ARG]...
enforce() {
	rm -f log.enforce
	run "$NSSUPERVISE" --allow-fs-read="$dir" --policy="$dir/m.json" \
		--log="$dir/log.enforce" --log-format=json -- \
		"$1" "$dir/app/main.cjs" ${2+"$2"}
	DENIALS=$(grep -c '"event":"\(denied\|mismatch\)"' log.enforce)
}

test_run() {
	node=$(node_path "$1") || {
		skip "run: Node $1 is not in the cache of tools/setup"
		return
	}
	make_app
	record '{ "dependencies": {} }' log "$node"
	is "$STATUS:$OUT" '0:5 30 10 function' "run: recorded, Node $1"
	run "$NSPOLICY" generate --run=log --output="$dir/m.json"
	is "$STATUS:$OUT:$ERR" '0::' "run: a manifest of it, Node $1"
	valid m.json "run, Node $1"
	like "$(tr -d '\n\t' <m.json)" \
		"\"./app/lib/a.js\": { \"integrity\": \"$(ere "$(sri app/lib/a.js)")\", \"dependencies\": \{\"./app/data.json\": true,\"os\": true } }" \
		"run: exactly what it asked for, Node $1"
	like "$(tr -d '\n\t' <m.json)" \
		'"./app/lib/m.mjs": \{[^{]*\{"./app/lib/q.mjs": true,"fs": true,"p": true }' \
		"run: by import, too, Node $1"
	enforce "$node"
	is "$STATUS:$OUT:$DENIALS" '0:5 30 10 function:0' \
		"run: passes by it without a denial, Node $1"
	enforce "$node" child_process
	is "$STATUS:$OUT" '1:' "run: a new builtin is refused, Node $1"
	like "$ERR" ERR_MANIFEST_DEPENDENCY_MISSING "run: as Node does it, Node $1"
	enforce "$node" ./lib/other.js
	is "$STATUS:$OUT" '1:' "run: a new file is refused, Node $1"
	echo '// changed' >>app/lib/q.mjs
	enforce "$node"
	is "$STATUS:$OUT" '1:' "run: a changed file is refused, Node $1"
	run "$NSPOLICY" check m.json
	is "$STATUS:$OUT" "1:changed   $dir/app/lib/q.mjs
8 good, 1 changed, 0 missing, 0 unlisted" "run: nspolicy check finds it, Node $1"
}

test_run_files_only() {
	node=$(default_node) || {
		skip 'run: no Node here'
		return
	}
	make_app
	record '{}' log "$node"
	run "$NSPOLICY" generate --run=log --output="$dir/m.json"
	is "$STATUS" 0 'run: from {} the files only'
	like "$ERR" 'no dependency was recorded' 'run: and that is said'
	enforce "$node"
	is "$STATUS:$OUT:$DENIALS" '0:5 30 10 function:0' 'run: passes by it, too'
	rm app/lib/q.mjs
	run "$NSPOLICY" generate --run=log --run=log --output="$dir/m.json"
	is "$STATUS" 1 'run: a file that is gone'
	like "$ERR" "cannot read '$dir/app/lib/q.mjs'" 'run: is named'
}

event='{"time":"2026-01-01T00:00:00.000000Z","event":"denied","operation":"verify"'

test_logs() {
	make_app
	cat >log <<-END
		$event,"path":"$dir/app/lib/a.js","decision":"reported"}
		$event,"path":"x","parent":"file://$dir/app/lib/a.js","specifier":"./b*","conditions":"","decision":"reported"}
		$event,"path":"x","parent":"file://$dir/app/lib/a.js","specifier":"say \"hi\"","conditions":"require","decision":"reported"}
		$event,"path":"x","parent":"file://$dir/app/","specifier":"node:fs","conditions":"","decision":"reported"}
		$event,"path":"x","parent":"file://$dir/app/","specifier":"fs","conditions":"","decision":"reported"}
		$event,"path":"data:text/javascript,1","decision":"reported"}
		$event,"path":"file://$dir/app/lib/other.js?v=2","decision":"reported"}
		$event,"path":"https://example.org/x.js","decision":"reported"}
		{"event":"denied","operation":"read","path":"/etc/passwd","decision":"denied"}
	END
	run "$NSPOLICY" generate --run=- --relative="$dir" <log
	is "$STATUS" 1 'log: not all of it can be listed'
	is "$ERR" "nspolicy: not listed, because its content is not known: https://example.org/x.js
nspolicy: no manifest can list './b*' as a dependency of file://$dir/app/lib/a.js
nspolicy: the manifest does not allow './b*' from file://$dir/app/lib/a.js" \
		'log: which'
	printf '%s\n' "$OUT" >m.json
	valid m.json log
	like "$OUT" '^		"./app/": \{ "dependencies": \{$' \
		'log: a directory that asks, without content'
	is "$(grep -c '"fs": true' m.json)" 1 'log: two names of one module once'
	like "$OUT" 'say \\"hi\\"": true' 'log: a specifier with quotes'
	like "$OUT" '"data:text/javascript,1": \{ "integrity": true' \
		'log: a URL that is its content'
	like "$OUT" "other.js\\?v=2\": \\{ \"integrity\": \"$(ere "$(sri app/lib/other.js)")\"" \
		'log: a file with a query'
	run "$NSPOLICY" check m.json
	is "$STATUS:$OUT" '0:5 good, 0 changed, 0 missing, 0 unlisted' \
		'log: nspolicy check knows what is no file'
	echo '{"event":"exit","status":0,"denials":9,"lost":2}' >>log
	run "$NSPOLICY" generate --run=log
	is "$STATUS:$OUT:$ERR" "125::nspolicy: 'log' is not complete: 2 events were lost" \
		'log: one that lost events is refused'
	echo 'nssupervise: denied read' >log
	run "$NSPOLICY" generate --run=log
	like "$STATUS:$ERR" '^125:nspolicy: log:1:1: ' 'log: one of another format'
	: >log
	run "$NSPOLICY" generate --run=log
	is "$STATUS" 125 'log: an empty one'
}

# ---- the schema, compared with what loads

# judge TEXT: sets $loads (or refused) and $fits (valid or invalid).
judge() {
	printf '%s' "$1" >judged.json
	run "$NSPOLICY" explain judged.json judged.json
	[ "$STATUS" -ne 125 ] && loads=loads || loads=refused
	[ -z "$(python3 validate.py "$top_srcdir/policies/manifest.schema.json" \
		judged.json)" ] && fits=valid || fits=invalid
}

test_schema() {
	while IFS='	' read -r want text; do
		judge "$text"
		is "$loads $fits" "$want" "schema: $text"
	done <"$dir/table"
	for file in "$top_srcdir"/tests/fuzz/corpus/manifest/*; do
		judge "$(cat "$file")" 2>/dev/null
		[ "$loads" = loads ] || continue
		is "$fits" valid "schema: the corpus, ${file##*/}"
	done
}

hash='sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='
cat >table <<END
loads valid	{}
loads valid	{"\$schema": "x", "comment": [1], "onerror": "log"}
loads valid	{"resources": null, "scopes": null, "dependencies": null}
loads valid	{"resources": {"./a": {"integrity": "$hash $hash?x"}}}
loads valid	{"resources": {"/a": {"integrity": true, "cascade": true, "x": 1}}}
loads valid	{"resources": {"data:,x": {}, "file:///a?b": {"dependencies": null}}}
loads valid	{"resources": {"../a": {"integrity": ""}}}
loads valid	{"scopes": {"": {"integrity": null}, "file:": {"cascade": false}}}
loads valid	{"scopes": {"./": {"integrity": true, "dependencies": true}}}
loads valid	{"dependencies": {"fs": true, "./x": "./y", "no": null}}
loads valid	{"dependencies": {"p": {"import": "./i.mjs", "require": null, "node": {"x": true}}}}
loads valid	{"resources": {"./a": {"dependencies": {"p": {"default": "node:fs"}}}}}
refused invalid	null
refused invalid	{"onerror": "Exit"}
refused invalid	{"onerror": null}
refused invalid	{"resources": {"a.js": {}}}
refused invalid	{"resources": {"./a": {"integrity": "sha1-AAAA"}}}
refused invalid	{"resources": {"./a": {"integrity": null}}}
refused invalid	{"resources": {"./a": {"integrity": false}}}
refused invalid	{"resources": {"./a": {"cascade": null}}}
refused invalid	{"resources": {"./a": {"dependencies": false}}}
refused invalid	{"resources": {"./a": {"dependencies": []}}}
refused invalid	{"scopes": {"./": {"integrity": "$hash"}}}
refused invalid	{"scopes": {"lib/": {}}}
refused invalid	{"scopes": {"./": {"cascade": "true"}}}
refused invalid	{"dependencies": {"x/*": true}}
refused invalid	{"dependencies": "x"}
loads invalid	{"dependencies": {"x": 5}}
loads invalid	{"dependencies": {"x": false}}
loads invalid	{"resources": {"./a": true}}
END

test_lock
test_tampered
test_unverified
test_bad_locks
test_hostile_tarballs
test_real_packages
test_npm
if "$NSSUPERVISE" --check >/dev/null 2>&1; then
	test_run 20
	test_run 24
	test_run_files_only
else
	skip 'run: this kernel or place cannot run nssupervise'
fi
test_logs
test_schema
done_testing
