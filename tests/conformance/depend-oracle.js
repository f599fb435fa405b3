// SPDX-License-Identifier: Apache-2.0
// Random dependency maps, judged by the Manifest class of Node.js 20 and by
// nspolicy.
//
//   node --expose-internals depend-oracle.js NSPOLICY DIR SEED COUNT
//
// Prints "decisions N", "loads N", one "kind N NAME" for each outcome, one
// "expected N NAME" for each deliberate difference that came up, and one
// "differs ..." for each other difference.
'use strict';

const { Manifest } = require('internal/policy/manifest');
const { spawnSync } = require('child_process');
const { pathToFileURL } = require('url');
const fs = require('fs');
const path = require('path');

const [nspolicy, dir, seedText, countText] = process.argv.slice(2);
const href = pathToFileURL(path.join(dir, 'p.json')).href;
const base = href.slice(0, -'p.json'.length);
const expected = new Map();
const kinds = new Map();
let seed = Number(seedText);

// A generator of our own, so that a seed means the same everywhere.
function random(n) {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * n);
}

function pick(list) {
  return list[random(list.length)];
}

function count(map, name) {
  map.set(name, (map.get(name) ?? 0) + 1);
}

const parents = [
  'a.js', 'lib/x.js', 'lib/deep/y.mjs', 'lib/x.js?q', 'lib/x.js#f', 'other/z.js',
].map((name) => base + name).concat([
  'file:///outside.js', 'data:text/javascript,1', 'https://n.org/lib/x.js',
  'blob:https://n.org/uuid', 'blob:nodedata:uuid',
]);

const specifiers = [
  'fs', 'node:fs', 'os', 'test', 'node:test', 'react', 'react/jsx', '@s/p',
  '#utils', '.', '..', '', 'toString', '__proto__', './y.js', './x.js',
  '../a.js', '../lib/x.js', './deep/y.mjs', '/outside.js', './y.js?q',
  './y.js#f', './a.js', `${base}a.js`, `${base}lib/y.js`, 'FILE:///outside.js',
  'https://n.org/lib/x.js', 'https://N.org:443/lib/x.js', 'data:text/javascript,1',
  'NODE:os', './a b.js', `${base}a%20b.js`, 'a b',
];

const keys = [
  'fs', 'node:fs', 'os', 'test', 'node:test', 'react', '@s/p', '#utils', '.',
  '..', '', 'toString', './lib/y.js', './a.js', `${base}a.js`, '/outside.js',
  './lib/x.js', './lib/deep/y.mjs', './lib/y.js?q', 'https://n.org/lib/x.js',
  'data:text/javascript,1', './a b.js', 'a b',
];

const scopeKeys = [
  '', 'file:', './', './lib/', './lib/deep/', '/', 'data:', 'blob:', 'https:',
  'https://n.org/', 'https://n.org/lib/', `${base}other/`,
];

const conditionSets = [
  ['require', 'node', 'node-addons'], ['node', 'import', 'node-addons'],
  ['require', 'node', 'custom'], ['unused'],
];

function target(depth) {
  const kind = random(depth > 2 ? 7 : 10);
  if (kind < 3)
    return true;
  if (kind < 6)
    return pick(['./a.js', './lib/y.js?q#f', '/outside.js', 'node:fs', 'https://n.org/r.js',
                 'data:text/javascript,2', './dir', './a b.js', 'fs', '.', '']);
  if (kind === 6)
    return pick([null, null, false, 5, []]);
  const result = {};
  for (let i = random(4); i > 0; i--)
    result[pick(['require', 'import', 'node', 'default', 'custom', 'nod', ''])] = target(depth + 1);
  return result;
}

function dependencies() {
  const kind = random(10);
  if (kind === 0)
    return undefined;
  if (kind === 1)
    return true;
  const result = {};
  for (let i = random(7); i > 0; i--)
    result[pick(keys)] = target(0);
  return result;
}

function descriptor() {
  const result = { dependencies: dependencies() };
  const cascade = pick([undefined, true, true, false]);
  if (cascade !== undefined)
    result.cascade = cascade;
  return result;
}

function manifest() {
  const result = { resources: {}, scopes: {} };
  if (random(3) !== 0)
    result.dependencies = dependencies();
  for (let i = random(5); i > 0; i--)
    result.resources[pick(parents)] = descriptor();
  for (let i = random(6); i > 0; i--)
    result.scopes[pick(scopeKeys)] = descriptor();
  return JSON.parse(JSON.stringify(result));
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function canonical(text, from) {
  try {
    return /^\.{0,2}\//.test(text) ? new URL(text, from).href : new URL(text).href;
  } catch {
    return text;
  }
}

// "fs" and "node:fs" are one module; node:test is not the package "test".
function alias(text) {
  return text.startsWith('node:') && text !== 'node:test' ? text.slice(5) : text;
}

function everyMap(document, change) {
  change(document, true);
  for (const section of ['resources', 'scopes'])
    for (const d of Object.values(document[section]))
      change(d, false);
}

// Do two keys of one map mean the same specifier? Then it is refused.
function hasTwins(document) {
  let found = false;
  everyMap(document, (d) => {
    if (!isObject(d.dependencies))
      return;
    const seen = Object.keys(d.dependencies).map((key) => alias(canonical(key, href)));
    found ||= new Set(seen).size !== seen.length;
  });
  return found;
}

// Two keys of one section that mean the same but say something else.
function hasRivals(document) {
  return ['resources', 'scopes'].some((section) => {
    const seen = new Map();
    return Object.entries(document[section]).some(([text, d]) => {
      const own = /^[a-z]*:?$/.test(text) ? text : canonical(text, href);
      const said = JSON.stringify(d);
      const before = seen.get(own);
      seen.set(own, said);
      return before !== undefined && before !== said;
    });
  });
}

// The same manifest, said so that the class does as the page says.
function documented(document) {
  const result = structuredClone(document);
  const top = isObject(document.dependencies) ? document.dependencies : {};
  const topByAlias = new Map(Object.entries(top).map(
    ([key, value]) => [alias(canonical(key, href)), value]));
  // true asks the field at the top, also within conditions.
  const follow = (key, value) => {
    if (value === true && topByAlias.has(key))
      return topByAlias.get(key);
    if (isObject(value))
      return Object.fromEntries(Object.entries(value).map(
        ([name, inner]) => [name, follow(key, inner)]));
    return value;
  };
  everyMap(result, (d, isTop) => {
    if (!isObject(d.dependencies))
      return;
    const map = {};
    for (const [key, value] of Object.entries(d.dependencies)) {
      const name = alias(canonical(key, href));
      const said = isTop ? value : follow(name, value);
      map[key] = said;
      if (name !== key && key.startsWith('node:'))
        map[name] = said;
      else if (!/[:/]/.test(name) && name !== 'test' && name !== '')
        map[`node:${name}`] = said;
    }
    d.dependencies = map;
  });
  return result;
}

function bare(value) {
  if (Array.isArray(value))
    return value.map(bare);
  if (!isObject(value))
    return value;
  const result = Object.create(null);
  for (const [name, item] of Object.entries(value))
    result[name] = bare(item);
  return result;
}

function ask(judge, parent, specifier, conditions) {
  try {
    const found = judge.getDependencyMapper(parent).resolve(specifier, new Set(conditions));
    if (found === true)
      return 'default';
    return found === null ? 'missing' : `redirect ${found.href}`;
  } catch (error) {
    return `invalid ${error.code}`;
  }
}

function oracle(judge, plain, parent, specifier, conditions) {
  const want = ask(judge, parent, specifier, conditions);
  const literal = ask(plain, parent, specifier, conditions);
  if (want !== literal)
    count(expected, /^(node:)?[a-z]+$/i.test(specifier) && literal === 'missing' ?
      'a builtin is the same with and without node:' :
      'true asks the dependencies at the top');
  return want;
}

function ours(parent, conditions) {
  const result = spawnSync(nspolicy, [
    'explain', `--from=${parent}`, `--conditions=${conditions.join(',')}`, '--', 'p.json',
    ...specifiers,
  ], { cwd: dir, encoding: 'utf8' });
  if (result.status !== 0 && result.status !== 1)
    return result.stderr.trim();
  return result.stdout.split('\n').filter((line) => /^[a-z]/.test(line))
    .map((line) => line.replace(/ +/, ' '));
}

let loads = 0;
let decisions = 0;
for (let i = 0; i < Number(countText); i++) {
  const document = manifest();
  const text = JSON.stringify(document);
  fs.writeFileSync(path.join(dir, 'p.json'), text);
  let judge, plain;
  try {
    plain = new Manifest(bare(document), href);
    judge = new Manifest(bare(documented(document)), href);
  } catch (error) {
    console.log(`differs ${text}\n  node ${error.message}`);
    continue;
  }
  const isTwin = hasTwins(document);
  const isRefused = isTwin || hasRivals(document);
  for (let j = 0; j < 3; j++) {
    const parent = pick(parents);
    const conditions = pick(conditionSets);
    const got = ours(parent, conditions);
    if (isRefused || typeof got === 'string') {
      if (isRefused !== (typeof got === 'string'))
        console.log(`differs ${text}\n  ours ${got}`);
      count(expected, isTwin ? 'keys of one specifier are refused' :
        'keys of one file with different values are refused');
      continue;
    }
    loads += j === 0;
    specifiers.forEach((specifier, k) => {
      const want = oracle(judge, plain, parent, specifier, conditions);
      const mine = /^(default|missing)/.test(got[k]) ? got[k].split(' ')[0] : got[k];
      decisions++;
      count(kinds, mine.split(' ')[0]);
      if (want === mine)
        return;
      if (want === 'invalid ERR_INVALID_URL' && mine === 'missing')
        count(expected, 'without an active condition it is missing');
      else
        console.log(`differs ${text}\n  ${parent} asks for '${specifier}' ` +
                    `[${conditions}]\n  node ${want}\n  ours ${got[k]}`);
    });
  }
}
for (const [name, n] of expected)
  console.log(`expected ${n} ${name}`);
for (const [name, n] of kinds)
  console.log(`kind ${n} ${name}`);
console.log(`loads ${loads}\ndecisions ${decisions}`);
