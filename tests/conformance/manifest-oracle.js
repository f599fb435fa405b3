// SPDX-License-Identifier: Apache-2.0
// Random manifests, judged by the Manifest class of Node.js 20 and by nspolicy.
//
//   node --expose-internals manifest-oracle.js NSPOLICY DIR SEED COUNT
//
// Prints "decisions N", "loads N", one "expected NAME N" for each deliberate
// difference that came up, and one "differs ..." for each other difference.
'use strict';

const { Manifest } = require('internal/policy/manifest');
const { createHash } = require('crypto');
const { pathToFileURL } = require('url');
const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const [nspolicy, dir, seedText, countText] = process.argv.slice(2);
const href = pathToFileURL(path.join(dir, 'p.json')).href;
const counts = new Map();
let seed = Number(seedText);

// A generator of our own, so that a seed means the same everywhere.
function random(n) {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * n);
}

function pick(list) {
  return list[random(list.length)];
}

// Mostly the first part of a list of good values, sometimes a bad one.
function mostly(good, bad) {
  return random(40) === 0 ? pick(bad) : pick(good);
}

// Often one that is valid but unusual.
function choose(usual, odd, bad) {
  return random(4) === 0 ? pick(odd) : mostly(usual, bad);
}

function count(name) {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

const names = [
  'a.js', 'b.js', 'lib/a.js', 'lib/x/c.js', 'sp ace.js', '\u00e9.js',
  'pct%41.js', 'tilde~.js', 'br[1]^|.js', 'q?x.js', 'h#y.js', 'UP.JS',
  'back\\slash.js', 'package.json', 'lib/package.json', 'lib/x/d.json',
];

function content(name) {
  const bom = name === 'lib/package.json' ? '\ufeff' : '';
  return Buffer.from(`${bom}{"content":"of ${name}"}`);
}

// What Node.js hashes: a package.json without its byte order mark.
function hashed(name) {
  const bytes = content(name);
  return bytes[0] === 0xef ? bytes.subarray(3) : bytes;
}

function sri(algorithm, bytes) {
  return `${algorithm}-${createHash(algorithm).update(bytes).digest('base64')}`;
}

function integrity(name) {
  const algorithm = pick(['sha256', 'sha384', 'sha512']);
  const good = sri(algorithm, hashed(name));
  const bad = sri(algorithm, 'something else');
  return mostly([
    undefined, true, good, good, good, bad, `${bad} ${good}`,
    ` ${good}?x=y  ${bad}\t`, '', '  ', good.replace(/=+$/, ''), `${good}=`,
    `${algorithm}-AAAA ${good}`, `${good}A`,
  ].filter((x) => typeof x !== 'string' || !/={3}|=A/.test(x)),
  [null, false, 5, [], {}, 'sha1-AAAA', `${good}, ${bad}`, `${good} x`]);
}

function dependencies() {
  return mostly([undefined, undefined, true, null, {}, { fs: true }],
                [false, 'x', 5, [], { fs: './a.js' }, { 'a*': true },
                 { fs: null }]);
}

function cascade() {
  return mostly([undefined, undefined, true, false], [null, 0, 'true']);
}

function descriptor(value, cascades) {
  if (random(60) === 0)
    return pick([null, true, 5, 'x', []]);
  const result = { integrity: value, cascade: cascades,
                   dependencies: dependencies() };
  return JSON.parse(JSON.stringify(result));
}

function key(name) {
  const url = pathToFileURL(path.join(dir, name)).href;
  const encoded = url.slice(path.posix.dirname(href).length + 1);
  return choose([
    `./${encoded}`, `./${encoded}`, `./${encoded}`, url,
    url.slice('file://'.length), `./${name}`,
  ], [
    `./lib/../${encoded}`, `./lib/%2e%2E/${encoded}`, `././${encoded}`,
    url.replace('file:', 'FILE:'), url.replace('//', '//localhost'),
    url.replace('//', '//host'), url.replace('///', '/'), `./${encoded} `,
    `./\t${encoded}`, ` ${url}`, `./${encoded}/`, `./${encoded}?x`,
    `./${encoded}?`, `./${encoded}#y`, `.//${encoded}`, './%61.js',
    './a%2ejs', 'node:fs', 'data:text/plain,x', 'https://example.org/a.js',
    './100%', 'file:a.js', `./x\\..\\${encoded}`,
  ], [
    name, 'bare', '', 'https:', './a%2fb.js', './a%00b', `.\\${encoded}`,
  ]);
}

function scopeKey() {
  return choose([
    '', '', 'file:', 'file:', './', './lib/', './lib/x/', '../', '/', './lib/a.js/',
    pathToFileURL(dir).href + '/', 'file:///',
  ], [
    './lib', 'FILE:', ' file:', 'file: ', 'https:', 'data:', './lib/?q',
    './lib/#f', './%6cib/', './lib//', 'file://host/', 'file:/',
    './lib/../lib/', './lib/x/%2e%2e/', 'h2:',
  ], ['lib/', '*', '1a:', '..', './%2f/']);
}

function manifest() {
  const result = {};
  if (random(4) === 0)
    result.onerror = mostly(['throw', 'exit', 'log'], [null, '', 'Exit', 1]);
  if (random(4) === 0)
    result.dependencies = dependencies();
  if (random(30) === 0)
    result.dependencies = pick([false, 'x', 5, []]);
  if (random(10) !== 0) {
    result.resources = {};
    const used = new Set();
    for (let i = random(10); i > 0; i--) {
      const name = pick(names);
      if (used.has(name) && random(8) !== 0)
        continue;
      used.add(name);
      result.resources[key(name)] = descriptor(integrity(name), cascade());
    }
  }
  if (random(3) !== 0) {
    result.scopes = {};
    for (let i = random(4); i > 0; i--)
      result.scopes[scopeKey()] = descriptor(
        mostly([undefined, undefined, undefined, true, true, null],
               [false, 'sha256-AAAA']),
        random(2) === 0 ? true : cascade());
    if (random(10) === 0)
      result.scopes['file:'] = { cascade: true };
  }
  if (random(50) === 0)
    result[pick(['resources', 'scopes'])] = pick([[], [1], 5, 'x', '', null]);
  return random(200) === 0 ? pick([null, true, 5, 'x', []]) : result;
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function entries(map) {
  return isObject(map) ? Object.entries(map) : [];
}

// The URL of a key as Node.js resolves it, or null.
function resolve(text) {
  try {
    return /^\.{0,2}\//.test(text) ? new URL(text, href) : new URL(text);
  } catch {
    return null;
  }
}

// The decoded path of a URL that can be a file, as a binary string.
function decodedPath(url) {
  if (!url || url.protocol !== 'file:' || url.host !== '' ||
      /[?#]/.test(url.href) || url.pathname.includes('//'))
    return null;
  return Buffer.from(url.pathname).toString('latin1')
    .replace(/%([0-9a-fA-F]{2})/g,
             (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}

function isScheme(text) {
  return text === '' || (text.endsWith(':') &&
    /^[a-zA-Z][a-zA-Z+\-.]*:$/.test(text.replace(/^[\0-\x20]/, '')));
}

// ---- Deliberate differences: each says why nspolicy refuses the manifest.

const refusals = {
  'integrity strings are parsed at the start'(document) {
    return entries(document?.resources).some(([, d]) => {
      if (typeof d?.integrity !== 'string')
        return false;
      try {
        // A fresh parser each time: after an error it would skip a string.
        parseSri(d.integrity);
        return false;
      } catch {
        return true;
      }
    });
  },
  'dependencies at the top are checked like all others'(document) {
    const value = document?.dependencies;
    return isObject(document) && value !== undefined && value !== null &&
      value !== true && !isObject(value);
  },
  'an escaped slash or NUL in a key is refused'(document) {
    return ['resources', 'scopes'].some((section) =>
      entries(document?.[section]).some(([text]) => {
        const url = resolve(text);
        return url?.protocol === 'file:' && url.host === '' &&
          /%2f|%00/i.test(url.pathname);
      }));
  },
  'keys of one file with different values are refused'(document) {
    return ['resources', 'scopes'].some((section) => {
      const seen = new Map();
      return entries(document?.[section]).some(([text, d]) => {
        const own = section === 'scopes' && isScheme(text) ?
          text.trim() : decodedPath(resolve(text));
        if (own === null ||
            own.endsWith('/') !== (section === 'scopes' && !isScheme(text)))
          return false;
        const before = seen.get(own);
        seen.set(own, d);
        return before !== undefined && !isSame(before, d);
      });
    });
  },
};

function isSame(a, b) {
  return require('util').isDeepStrictEqual(a, b);
}

const token = /^[ \t]*sha(?:256|384|512)-[A-Za-z0-9+/]+={0,2}(?:\?[!-~]*)?/;

function parseSri(text) {
  for (let n = 0; !/^[ \t]*$/.test(text); n++) {
    const match = token.exec(text);
    if (!match || (n > 0 && !/^[ \t]/.test(text)))
      throw new SyntaxError(text);
    text = text.slice(match[0].length);
  }
}

// The same manifest without what the class does not do as documented.
function documented(document) {
  if (!isObject(document))
    return document;
  const result = { ...document };
  if (typeof result.onerror === 'string' &&
      ['log', 'exit'].includes(result.onerror))
    result.onerror = 'throw';
  if (isObject(result.resources)) {
    result.resources = {};
    for (const [text, d] of Object.entries(document.resources)) {
      const decoded = decodedPath(resolve(text));
      if (decoded === null || decoded.endsWith('/')) {
        result.resources[text] = d;
        continue;
      }
      const file = Buffer.from(decoded, 'latin1').toString();
      const canonical = pathToFileURL(file).href;
      if (canonical !== resolve(text).href)
        count('keys may be escaped in more than one way');
      result.resources[canonical] = d;
    }
  }
  if (isObject(result.scopes))
    result.scopes = documentedScopes(result.scopes);
  return result;
}

function documentedScopes(scopes) {
  const result = {};
  for (let [text, d] of Object.entries(scopes)) {
    if (isObject(d) && d.integrity === null) {
      count('a scope may have integrity null');
      d = { ...d, integrity: undefined, cascade: isBad(d.cascade) };
    }
    const decoded = isScheme(text) ? null : decodedPath(resolve(text));
    if (decoded?.endsWith('/')) {
      const file = Buffer.from(decoded, 'latin1').toString();
      text = pathToFileURL(file).href;
    }
    result[isScheme(text) ? text.trim() : text] = d;
  }
  // For files "" is what comes after "file:".
  if ('' in result) {
    const file = result['file:'];
    if (!('file:' in result) ||
        (isObject(file) && file.cascade === true &&
         file.integrity === undefined)) {
      if ('file:' in result)
        count('integrity cascades into the scope ""');
      result['file:'] = result[''];
    }
  }
  return result;
}

// Keeps a wrong value wrong.
function isBad(value) {
  return value === undefined || typeof value === 'boolean' ? false : value;
}

function bare(value) {
  if (Array.isArray(value))
    return value.map(bare);
  if (!isObject(value))
    return value;
  const result = Object.create(null);
  for (const [name, item] of Object.entries(value))
    if (item !== undefined)
      result[name] = bare(item);
  return result;
}

// "load" if the manifest is refused, else one word for each file.
function oracle(document) {
  for (const [name, isRefused] of Object.entries(refusals))
    if (isRefused(document)) {
      count(name);
      return 'load';
    }
  let judge;
  try {
    judge = new Manifest(bare(documented(document)), href);
  } catch {
    return 'load';
  }
  return names.map((name) => {
    try {
      const url = pathToFileURL(path.join(dir, name));
      return judge.assertIntegrity(url, hashed(name)) ? 'accepted' : 'refused';
    } catch (error) {
      if (error.code !== 'ERR_MANIFEST_ASSERT_INTEGRITY')
        throw error;
      return 'refused';
    }
  }).join(' ');
}

function ours(file) {
  const result = spawnSync(nspolicy, ['explain', file, ...names], {
    cwd: dir, encoding: 'utf8',
  });
  if (result.status !== 0 && result.status !== 1)
    return ['load', result.stderr.trim()];
  const words = result.stdout.split('\n').filter((line) => /^[a-z]/.test(line))
    .map((line) => /^(match|any) /.test(line) ? 'accepted' : 'refused');
  return [words.join(' '), ''];
}

for (const name of names) {
  fs.mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
  fs.writeFileSync(path.join(dir, name), content(name));
}

let loads = 0;
let decisions = 0;
let accepted = 0;
for (let i = 0; i < Number(countText); i++) {
  const document = manifest();
  const text = JSON.stringify(document);
  fs.writeFileSync(path.join(dir, 'p.json'), text);
  const want = oracle(document);
  const [got, why] = ours('p.json');
  if (want !== got)
    console.log(`differs ${text}\n  node ${want}\n  ours ${got} ${why}`);
  if (want === 'load')
    continue;
  loads++;
  decisions += names.length;
  accepted += want.split(' ').filter((word) => word === 'accepted').length;
}
for (const [name, n] of counts)
  console.log(`expected ${n} ${name}`);
console.log(`loads ${loads}\ndecisions ${decisions}\naccepted ${accepted}`);
