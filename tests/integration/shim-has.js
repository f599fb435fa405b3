// SPDX-License-Identifier: Apache-2.0
// process.permission: what it is, what it takes and what it says. With a
// directory that may be read, one that may be written beneath it, and one that
// is closed. Prints what is not as it should be.
'use strict';

const fs = require('fs');
const { pathToFileURL } = require('url');

const [, , open, write, closed] = process.argv;
const { permission } = process;
const major = parseInt(process.versions.node, 10);
const problems = [];

function is(got, want, name) {
  if (got !== want)
    problems.push(`${name}: ${got}`);
}

function thrown(action) {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

function checkShape() {
  const { configurable, enumerable, value, writable } =
    Object.getOwnPropertyDescriptor(process, 'permission');

  is(`${configurable} ${enumerable} ${writable}`, 'false true false',
     'property');
  is(Object.keys(value).join(), major < 24 ? 'has' : 'has,drop', 'methods');
  is(`${value.has.name} ${value.has.length}`, 'has 2', 'has');
  if (major >= 24) {
    is(thrown(() => value.drop('fs.read')).code, 'ERR_METHOD_NOT_IMPLEMENTED',
       'drop');
  }
}

function checkArguments() {
  for (const [scope, received] of [
    [5, 'type number (5)'], [undefined, 'undefined'], [null, 'null'],
    [{}, 'an instance of Object'],
  ]) {
    const error = thrown(() => permission.has(scope));

    is(`${error.name} ${error.code} ${error.message} ${error instanceof
      TypeError}`, 'TypeError ERR_INVALID_ARG_TYPE The "scope" argument must ' +
      `be of type string. Received ${received} true`, 'scope');
    is(error.stack.split('\n')[0], `TypeError [ERR_INVALID_ARG_TYPE]: ${
      error.message}`, 'its stack');
  }
  for (const [reference, received] of [
    [5, 'type number (5)'], [true, 'type boolean (true)'],
    [{}, 'an instance of Object'], [[open], 'an instance of Array'],
    [new Uint16Array(2), 'an instance of Uint16Array'],
  ]) {
    for (const scope of ['fs.read', 'child', 'none']) {
      const error = thrown(() => permission.has(scope, reference));

      is(`${error.code} ${error.message}`, 'ERR_INVALID_ARG_TYPE The ' +
        '"reference" argument must be of type string. Received ' +
        `${received}`, `reference for ${scope}`);
    }
  }
  is(thrown(() => permission.has('fs.read', new URL('http://x/y'))).code,
     'ERR_INVALID_URL_SCHEME', 'http URL');
}

function checkScopes() {
  const answers = ['fs', 'fs.read', 'fs.write', 'child', 'worker', 'wasi',
                   'addon', 'inspector', 'net', 'ffi', 'FS.READ', '', 'none',
                   'toString', '__proto__', `fs.read${open}`, '../threads']
    .filter((scope) => permission.has(scope));

  is(answers.join(), '', 'scopes without a grant');
  for (const scope of ['worker', 'child', 'net', 'addon', 'none'])
    is(permission.has(scope, '/x'), false, `${scope} with a reference`);
}

function checkPaths() {
  for (const [scope, path, want] of [
    ['fs.read', open, true], ['fs.read', `${open}/`, true],
    ['fs.read', `${open}/file`, true], ['fs.read', `${open}/none`, true],
    ['fs.read', closed, false], ['fs.read', `${closed}/secret`, false],
    ['fs.read', `${open}/../closed/secret`, false],
    ['fs.read', `${open}/link`, false], // leads to the secret
    ['fs.read', `${open}x`, false], ['fs.read', '', false],
    ['fs.read', `${open}/file\0`, false],
    ['fs.read', 'file', true], ['fs.read', './file', true],
    ['fs.read', '../closed/secret', false], ['fs.read', '.', true],
    ['fs.read', Buffer.from(`${open}/file`), true],
    ['fs.read', Buffer.from('file'), true],
    ['fs.read', new Uint8Array(Buffer.from(`${closed}/secret`)), false],
    ['fs.read', new Uint8Array(Buffer.from(`${open}/file`)), true],
    ['fs.read', Buffer.alloc(0), false],
    ['fs.read', pathToFileURL(`${open}/file`), true],
    ['fs.read', pathToFileURL(`${closed}/secret`), false],
    ['fs.read', null, false], ['fs.read', undefined, false],
    ['fs.write', `${write}/new`, true], ['fs.write', open, false],
    ['fs', `${write}/new`, true], ['fs', `${open}/file`, false],
  ]) {
    is(permission.has(scope, path), want, `${scope} ${path}`);
  }
}

// It is the answer of enforcement.
function checkEnforcement() {
  for (const path of [open, `${open}/file`, `${open}/link`, `${open}/none`,
                      closed, `${closed}/secret`, '/etc/passwd', '/',
                      `${open}/../closed`, '/proc/1/environ']) {
    let isRead = true;

    try {
      fs.closeSync(fs.openSync(path));
    } catch (error) {
      isRead = error.code === 'ENOENT';
    }
    is(permission.has('fs.read', path), isRead, `enforcement of ${path}`);
  }
}

// The program may change what is public.
function checkPatched() {
  const { includes } = String.prototype;
  const { openSync } = fs;

  fs.openSync = fs.readFileSync = fs.existsSync = () => 1;
  String.prototype.includes = () => true;
  Buffer.prototype.includes = Buffer.concat = Array.prototype.push =
    () => { throw new Error('ours'); };
  is(permission.has('fs.read', `${closed}/secret`), false, 'patched');
  is(permission.has('fs.read', Buffer.from(`${open}/file`)), true, 'patched');
  String.prototype.includes = includes;
  fs.openSync = openSync;
}

process.chdir(open);
checkShape();
checkArguments();
checkScopes();
checkPaths();
checkEnforcement();
checkPatched();
console.log(problems.length === 0 ? 'all as in Node' : problems.join('\n'));
