#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# nspolicy sign, verify, diff and explain; nssupervise --policy-key.
. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"

need_nssupervise
command -v openssl >/dev/null || skip_all 'no openssl here'
[ -x /usr/bin/python3 ] || skip_all 'no /usr/bin/python3 here'

dir=$USER_TMP/signed
mkdir "$dir"
cd "$dir" || exit 99
openssl genpkey -algorithm ed25519 -out private.pem 2>/dev/null
openssl pkey -in private.pem -pubout -out public.pem
openssl genpkey -algorithm ed25519 -out other.pem 2>/dev/null
openssl pkey -in other.pem -pubout -out other-public.pem
openssl genpkey -algorithm rsa -out rsa.pem 2>/dev/null
openssl pkey -in rsa.pem -pubout -out rsa-public.pem
echo 'print("ran")' >a.py
cat >p.json <<END
{ "resources": { "./a.py": { "integrity": "$(sri a.py)" } } }
END
chmod 644 ./*

# ---- sign and verify

run "$NSPOLICY" sign --key=private.pem p.json
is "$STATUS:$OUT:$ERR" '0::' 'sign'
chmod 644 p.json.sig
base64 -d p.json.sig >raw.sig
run openssl pkeyutl -verify -pubin -inkey public.pem -rawin -in p.json \
	-sigfile raw.sig
is "$STATUS" 0 'openssl verifies it'
run "$NSPOLICY" verify --key=public.pem p.json
is "$STATUS:$OUT" '0:signed    p.json' 'verify'
run "$NSPOLICY" verify --key=other-public.pem p.json
is "$STATUS:$OUT" '1:refused   p.json' 'verify: by another key'
cp p.json changed.json
echo >>changed.json
run "$NSPOLICY" verify --key=public.pem --signature=p.json.sig changed.json
is "$STATUS:$OUT" '1:refused   changed.json' 'verify: of another manifest'
for key in rsa-public.pem p.json private.pem; do
	run "$NSPOLICY" verify --key=$key p.json
	is "$STATUS" 125 "verify: $key is no public Ed25519 key"
	like "$ERR" "'$key': not a public Ed25519 key" 'and says so'
done
run "$NSPOLICY" sign --key=rsa.pem p.json
is "$STATUS" 125 'sign: not with RSA'
run "$NSPOLICY" sign --key=public.pem p.json
is "$STATUS" 125 'sign: not with a public key'
run "$NSPOLICY" sign p.json
is "$STATUS" 125 'sign: not without a key'
echo nonsense >bad.sig
run "$NSPOLICY" verify --key=public.pem --signature=bad.sig p.json
is "$STATUS" 125 'verify: not a signature'
run "$NSPOLICY" verify --key=public.pem --signature=none.sig p.json
is "$STATUS" 125 'verify: no signature'
like "$ERR" "cannot read 'none.sig'" 'and names it'

# ---- nssupervise --policy-key

try() { # FILES CHANGE...: in a copy
	rm -rf "$USER_TMP/copy"
	cp -r "$dir" "$USER_TMP/copy"
	cd "$USER_TMP/copy" || exit 99
	"$@"
	chmod -R a+rX .
	run sandbox --policy=p.json --policy-key=public.pem -- /usr/bin/python3 a.py
	cd "$dir" || exit 99
}

for WHO in $(identities); do
	try true
	is "$STATUS:$OUT" '0:ran' "$WHO: a signed manifest"
	try sh -c 'echo >>p.json'
	is "$STATUS:$OUT" '125:' "$WHO: a changed manifest"
	like "$ERR" '--policy-key: the signature in MANIFEST.sig is not' \
		'and says why'
	try cp other-public.pem public.pem
	is "$STATUS:$OUT" '125:' "$WHO: another key"
	try rm p.json.sig
	is "$STATUS:$OUT" '125:' "$WHO: no signature"
	like "$ERR" "signature 'p.json.sig' cannot be used: No such file" \
		'and says why'
	try sh -c ': >p.json.sig'
	is "$STATUS:$OUT" '125:' "$WHO: an empty signature"
	try sh -c 'printf "%064d\n" 0 >p.json.sig'
	is "$STATUS:$OUT" '125:' "$WHO: a malformed signature"
	like "$ERR" 'holds no signature' 'and says so'
	try cp rsa-public.pem public.pem
	is "$STATUS:$OUT" '125:' "$WHO: an RSA key"
	try sh -c 'head -c 9999 /dev/zero >public.pem'
	is "$STATUS:$OUT" '125:' "$WHO: a key that is none"
done
WHO=
run sandbox --policy-key=public.pem -- true
is "$STATUS" 125 'a key without a manifest'
like "$ERR" "'--policy-key' needs '--policy'" 'is a usage error'

# ---- diff

cat >old.json <<'END'
{ "resources": {
	"./same.js": { "integrity": true, "dependencies": { "fs": true } },
	"./gone.js": { "integrity": true },
	"./hash.js": { "integrity": "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=" },
	"./kind.js": { "integrity": true },
	"./deps.js": { "integrity": true, "dependencies": { "fs": true } }
  }, "scopes": { "./lib/": { "integrity": true } } }
END
cat >new.json <<END
{ "onerror": "exit", "scopes": { "./lib/": { "integrity": true, "cascade": true }, "data:": {} },
  "resources": {
	"./kind.js": { "cascade": true },
	"./deps.js": { "integrity": true, "dependencies": { "fs": "./x.js" } },
	"./hash.js": { "integrity": "$(sri a.py)" },
	"$PWD/same.js": { "dependencies": { "node:fs": true }, "integrity": true }
  } }
END
run "$NSPOLICY" diff old.json new.json
is "$STATUS" 1 'diff: differs'
is "$OUT" "onerror   new.json
dependencies  $PWD/deps.js
removed   $PWD/gone.js
content   $PWD/hash.js
integrity  $PWD/kind.js
cascade   $PWD/kind.js
cascade   $PWD/lib/
added     data:" 'diff: all that does, and nothing that means the same'
run "$NSPOLICY" diff new.json new.json
is "$STATUS:$OUT" '0:' 'diff: the same'
run "$NSPOLICY" diff new.json
is "$STATUS" 125 'diff: of one'

# ---- explain

cat >e.json <<END
{ "resources": {
	"./a.py": { "integrity": "$(sri a.py)", "dependencies": {
		"fs": "./other.js", "os": true, "no": null,
		"http": { "import": true } } },
	"./q.js?x": { "integrity": true } },
  "scopes": { "./": { "cascade": true }, "data:": { "integrity": true } },
  "dependencies": true }
END
run "$NSPOLICY" explain e.json a.py p.json 'data:text/javascript,1' \
	"file://$PWD/q.js?x" https://example.org/
is "$STATUS" 1 'explain: not all are accepted'
is "$OUT" "match     $PWD/a.py
          by e.json:2:12: resources[\"./a.py\"]
unlisted  $PWD/p.json
          by e.json: no entry and no scope for it
any       data:text/javascript,1
          by e.json:6:51: scopes[\"data:\"]
any       file:$PWD/q.js?x
          by e.json:5:14: resources[\"./q.js?x\"]
unlisted  https://example.org/
          by e.json: no entry and no scope for it" 'explain: what decides'
run "$NSPOLICY" explain --from=a.py e.json fs node:os no http ./b.js
is "$STATUS" 1 'explain --from: not all are allowed'
is "$OUT" "redirect  file://$PWD/other.js
          by e.json:2:12: resources[\"./a.py\"]
default   node:os
          by e.json:2:12: resources[\"./a.py\"]
invalid   ERR_MANIFEST_INVALID_RESOURCE_FIELD
          by e.json:2:12: resources[\"./a.py\"]
default   http
          by e.json:2:12: resources[\"./a.py\"]
missing   ./b.js
          by e.json:2:12: resources[\"./a.py\"]" 'explain --from: specifiers'
run "$NSPOLICY" explain --from=a.py --conditions=node,require e.json http
is "$STATUS:${OUT%% *}" '1:missing' 'explain --from: the conditions count'
run "$NSPOLICY" explain --from=p.json e.json fs
is "$STATUS:$OUT" "0:default   fs
          by e.json: the field \"dependencies\" at its top" \
	'explain --from: cascading to the top'

done_testing
