// SPDX-License-Identifier: Apache-2.0
// The grants of the permission table, and which rows run under each. "P" at
// the start of a path is the directory of the run.
'use strict';

const { makeZone } = require('./permission-rows.js');
const fs = require('fs');
const path = require('path');

const ZONES = ['n', 'r', 'w', 'rw'];
const ZONE_GRANTS = ['r:P/r', 'r:P/rw', 'w:P/w', 'w:P/rw'];
const FLAGS = ['child', 'worker', 'wasi', 'addons', 'inspector', 'net'];

// What has() and a real call are asked for under each grant.
const ASKED = ['P', 'P/', '/', 'P/di', 'P/dir', 'P/dir/', 'P/dir/f.txt',
  'P/dir/sub', 'P/dir/sub/g.txt', 'P/dir/absent', 'P/dir/absent/x', 'P/dir2',
  'P/dir2/f.txt', 'P/dirfile.txt', 'P//dir//f.txt', 'P/dir/../dir2/f.txt',
  'P/dir2/../dir/f.txt', 'P/dir/./f.txt', 'dir/f.txt', './dir/sub/../f.txt',
  'P/link', 'P/link/f.txt', 'P/flink', 'P/out', 'P/out/readable',
  'P/dir/leak', 'P/dir/up/other/readable',
  'P/new', 'P/new/', 'P/new/x', 'P/logs', 'P/logs/a.log', 'P/logs/key.pem',
  'P/a,b', 'P/a', 'P/allowed/f.txt', '/usr', '/usr/share', '/usr/lib',
  '/etc/passwd', '/etc/passwd.new', '/etc/hostname'];

// name: the grants
const GRAMMAR = {
  'a directory': ['P/dir'],
  'a directory and a slash': ['P/dir/'],
  'a directory and /*': ['P/dir/*'],
  'a relative path': ['dir'],
  'a relative path with dots': ['./dir/'],
  'doubled slashes': ['P//dir//'],
  'dots inside': ['P/dir/../dir'],
  'a prefix': ['P/dir*'],
  'a file': ['P/dir/f.txt'],
  'two paths in one flag': ['P/dir,P/dir2'],
  'two flags': ['P/dir', 'P/dir2'],
  'a name with a comma': ['P/a,b'],
  'a link to a directory': ['P/link'],
  'a link to a file': ['P/flink'],
  'the directory of a link': ['P/dir', 'P/out'],
  'a path that does not exist': ['P/new'],
  'a path that does not exist and a slash': ['P/new/'],
  'a path that does not exist and /*': ['P/new/*'],
  'text after the star': ['P/logs/*.log'],
  'a star in the middle': ['P/d*/f.txt'],
  'a star after a dot': ['/etc/passwd.*'],
  'a question mark': ['P/di?'],
  'the root': ['/'],
  'the star': ['*'],
  'the star and more': ['*', 'P/dir'],
  'more and the star': ['P/dir', '*'],
  'three grants that meet at the root': ['/usr/lib', 'P/allowed',
    '/usr/share'],
  'nothing': [],
};

// One grammar for both: for writing some of each kind.
const ALSO_WRITTEN = ['a directory', 'a prefix', 'a file', 'two flags',
  'two paths in one flag', 'a link to a directory', 'text after the star',
  'a path that does not exist', 'the root', 'the star',
  'three grants that meet at the root', 'nothing'];

function cases() {
  const list = [
    { name: 'zones', grants: ZONE_GRANTS, sets: ['zones'], zones: ZONES },
    { name: 'everything', grants: ['r:*', 'w:*'], sets: ['zones'],
      zones: ['n'] },
    { name: 'read everything', grants: ['r:*'], sets: ['zones'],
      zones: ['n'] },
    { name: 'write everything', grants: ['w:*'], sets: ['zones'],
      zones: ['n'] },
    { name: 'heavy', grants: ZONE_GRANTS, sets: ['heavy'], zones: ['n', 'w'] },
    { name: 'types', grants: ['r:P/dir'], sets: ['types'] },
    { name: 'drop', grants: ['r:P/dir'], flags: ['child'], sets: ['drop'] },
    { name: 'inherit child', grants: ['r:P/r'], flags: ['child'],
      sets: ['child'] },
    { name: 'inherit worker', grants: ['r:P/r'], flags: ['worker'],
      sets: ['worker'] },
    { name: 'no flag', grants: ['r:P/code', 'r:P/rw', 'w:P/rw'],
      sets: ['flags', 'scopes'] },
    { name: 'every flag', flags: FLAGS, sets: ['flags', 'scopes'],
      grants: ['r:*', 'w:*'] },
  ];
  for (const flag of FLAGS) {
    list.push({ name: `flag ${flag}`, flags: [flag], sets: ['flags', 'scopes'],
      grants: ['r:P/code', 'r:P/rw', 'w:P/rw'] });
  }
  for (const [name, grants] of Object.entries(GRAMMAR)) {
    list.push(grammarCase('fs.read', name, grants));
    if (ALSO_WRITTEN.includes(name)) {
      list.push(grammarCase('fs.write', name, grants));
    }
  }
  return [...list, ...entries()];
}

function grammarCase(right, name, grants) {
  const letter = right === 'fs.read' ? 'r' : 'w';
  return { name: `${right} ${name}`, sets: ['has'], right, paths: ASKED,
    grants: grants.map((grant) => `${letter}:${grant}`) };
}

// How Node is started, and what it may read without a grant. The scripts say
// what they can read.
function entries() {
  const list = [];
  const add = (name, args, extra) => list.push({ name: `entry ${name}`, args,
    grants: [], ...extra });
  add('by path', ['P/entry/main.js']);
  add('relative', ['entry/main.js']);
  add('without extension', ['P/entry/main']);
  add('through a link', ['P/entry/link.js']);
  add('of a directory', ['.'], { cwd: 'P/entry' });
  add('on standard input', [], { cwd: 'P/entry', stdin: 'P/entry/main.js' });
  add('on standard input by -', ['-'],
    { cwd: 'P/entry', stdin: 'P/entry/main.js' });
  add('after --require', ['--require', 'P/entry/pre.js', 'P/entry/main.js']);
  add('after --import', ['--import', 'P/entry/pre.mjs', 'P/entry/main.js']);
  add('as a module', ['P/entry/main.mjs']);
  add('with a grant', ['P/entry/main.js'], { grants: ['r:P/entry'] });
  add('without an entry', ['-p', '1']);
  add('and an empty grant', ['P/entry/main.js'], { grants: ['r:'] });
  add('and an empty write grant', ['P/entry/main.js'], { grants: ['w:'] });
  return list;
}

const MAIN = `
const fs = require('fs');
const say = (name) => {
  let result;
  try {
    fs.readFileSync(process.env.ENTRY + '/' + name);
    result = 'read';
  } catch (error) {
    result = error.code;
  }
  return name + ': ' + result;
};
const names = ['main.js', 'main.mjs', 'link.js', 'sibling.txt', 'pre.js',
  'pre.mjs', 'sub/deep.txt', '../dir/f.txt', 'package.json'];
console.log(names.map(say).join('\\n'));
`;

function makeTree(base, { zones = [], secrets = true }) {
  const file = (name, text = 'text\n') => {
    fs.mkdirSync(path.dirname(`${base}/${name}`), { recursive: true });
    fs.writeFileSync(`${base}/${name}`, text);
  };
  for (const name of ['dir/f.txt', 'dir/sub/g.txt', 'dir2/f.txt',
    'dirfile.txt', 'di', 'logs/a.log', 'logs/key.pem', 'a,b', 'a',
    'allowed/f.txt', 'other/readable', 'entry/sibling.txt',
    'entry/sub/deep.txt', 'code/empty.cjs']) file(name);
  file('code/empty.cjs', '');
  file('entry/main.js', MAIN);
  file('entry/main.mjs', MAIN.replace("const fs = require('fs')",
    "import fs from 'fs'"));
  file('entry/pre.js', '');
  file('entry/pre.mjs', '');
  file('entry/package.json', '{"main": "main.js"}');
  fs.symlinkSync('main.js', `${base}/entry/link.js`);
  fs.symlinkSync('dir', `${base}/link`);
  fs.symlinkSync('dir/f.txt', `${base}/flink`);
  fs.symlinkSync('other', `${base}/out`);
  fs.symlinkSync('../other/readable', `${base}/dir/leak`);
  fs.symlinkSync('..', `${base}/dir/up`);
  for (const zone of zones) makeZone(`${base}/${zone}`, zones);
  if (!zones.length && secrets) {
    for (const zone of ['n', 'r', 'w', 'rw']) file(`${zone}/readFile.sync`);
  }
}

module.exports = { cases, makeTree };
