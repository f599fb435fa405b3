// SPDX-License-Identifier: Apache-2.0
// Asking the supervisor, by opening names beneath /.nssupervise/; and what is
// made of the answers: errors, and process.permission. Compiled by
// node-shim.cjs when it is needed.
'use strict';

const {
  Error, Object, apply, bytes, captureStackTrace, close, concat, fail,
  fillsContext, open, own, uncurry,
} = module.shared;
const { Boolean, Buffer, String, Symbol, Uint8Array, process } = globalThis;
const { cwd } = process;

const { basename, resolve } = require('path');
const { fileURLToPath } = require('url');

const includes = uncurry(String.prototype.includes);
const replaceText = uncurry(String.prototype.replace);
const split = uncurry(String.prototype.split);
const bytesInclude = uncurry(Buffer.prototype.includes);
const typedArrayName = uncurry(Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get);

// Ask also where opens are left to the kernel: OPEN_MARK of bpf/syscalls.h.
const ASK = 0x40000000;
const DEFAULT_PATH = '/bin:/usr/bin'; // of glibc, without PATH

const FLAGS = {
  __proto__: null,
  ChildProcess: '--allow-child-process',
  FileSystemRead: '--allow-fs-read',
  FileSystemWrite: '--allow-fs-write',
  Inspector: '--allow-inspector',
  WASI: '--allow-wasi',
  WorkerThreads: '--allow-worker',
};

/** ask() - does a name beneath /.nssupervise/ (text or bytes) open? */
function ask(question) {
  try {
    if (fillsContext) {
      const context = {};
      const fd = open(question, ASK, 0, undefined, context);

      if (context.errno !== undefined)
        return false;
      close(fd, undefined, {});
    } else {
      close(open(question, ASK, 0));
    }
    return true;
  } catch {
    return false;
  }
}

function directory() {
  const here = cwd();

  return here === '/' ? here : `${here}/`;
}

/** may() - is @scope allowed, in general or for a path: text or bytes? */
function may(scope, path) {
  const question = `/.nssupervise/has/${scope}`;

  if (path === undefined)
    return ask(question);
  if (path.length === 0)
    return false;
  try {
    if (typeof path === 'string') {
      // The kernel's path would end at a NUL.
      return !includes(path, '\0') &&
        ask(question + (path[0] === '/' ? path : directory() + path));
    }
    return !bytesInclude(path, 0) && ask(concat([
      bytes(path[0] === 0x2f ? question : question + directory()), path,
    ]));
  } catch {
    return false;
  }
}

/** accessDenied() - an error of Node's permission model */
function accessDenied(permission, resource, above) {
  const error = new Error('Access to this API has been restricted. ' +
    `Use ${FLAGS[permission]} to manage permissions.`);

  if (above !== undefined)
    captureStackTrace(error, above);
  own(error, 'code', 'ERR_ACCESS_DENIED');
  own(error, 'permission', permission);
  own(error, 'resource', resource);
  return error;
}

/** run() - calls Node's function; nothing of us shows in what it throws
 *
 * @convert: makes another error of it. */
function run(call, self, args, convert) {
  try {
    return apply(call, self, args);
  } catch (error) {
    const converted = convert === undefined ? error : convert(error);

    if (typeof converted?.stack === 'string')
      hideShim(converted);
    throw converted; // node-do-not-add-exception-line
  }
}

function hideShim(error) {
  const lines = split(error.stack, '\n');
  let stack = lines[0];

  for (let i = 1; i < lines.length; i++)
    if (!includes(lines[i], __dirname))
      stack += `\n${lines[i]}`;
  if (stack !== error.stack)
    error.stack = stack;
}

/** mayRun() - may the program that execvp() would find be executed?
 *
 * @path: the PATH it is looked up in; @from: where relative names begin */
function mayRun(file, path = DEFAULT_PATH, from = '.') {
  const places = includes(file, '/') ? [''] : split(path, ':');

  for (let i = 0; i < places.length; i++)
    if (may('child', resolve(from, places[i], file)))
      return true;
  return false;
}

// As Node tells a URL of this realm or another from url.parse()'s result.
function isURL(value) {
  return Boolean(value?.href && value.protocol && value.auth === undefined &&
    value.path === undefined);
}

// Node's own error, with our argument's name: it alone knows how to say what
// it has received.
function failType(name, value, above) {
  try {
    basename(value);
  } catch (error) {
    error.message = replaceText(error.message, '"path"', `"${name}"`);
    fail(error, above);
  }
}

function mayPath(scope, reference) {
  return may(scope, isURL(reference) ? fileURLToPath(reference) : reference);
}

// Only text says something in the next two, and nothing does in the others.
function mayProgram(scope, reference) {
  if (typeof reference !== 'string')
    return may(scope);
  return reference !== '' && mayRun(reference, process.env.PATH);
}

function mayAddress(scope, reference) {
  if (typeof reference !== 'string')
    return may(scope);
  return reference !== '' && !includes(reference, '\0') &&
    ask(`/.nssupervise/has/${scope}/${reference}`);
}

function mayScope(scope) {
  return may(scope);
}

const SCOPES = {
  '__proto__': null,
  'addon': mayScope,
  'child': mayProgram,
  'fs': mayPath,
  'fs.read': mayPath,
  'fs.write': mayPath,
  'inspector': mayScope,
  'net': mayAddress,
  'wasi': mayScope,
  'worker': mayScope,
};

/** has() - process.permission.has() */
function has(scope, reference, above) {
  if (typeof scope !== 'string')
    failType('scope', scope, above);
  if (reference === null || reference === undefined)
    return SCOPES[scope] !== undefined && may(scope);
  if (typeof reference !== 'string' && !isURL(reference) &&
      typedArrayName(reference) !== 'Uint8Array')
    failType('reference', reference, above);
  return SCOPES[scope] !== undefined && SCOPES[scope](scope, reference);
}

/** drop() - process.permission.drop(): nothing can be given up later */
function drop(scope, reference, above) {
  const error = new Error('The drop() method does nothing under nssupervise: ' +
    'permissions are fixed when the program is started');

  own(error, 'code', 'ERR_METHOD_NOT_IMPLEMENTED');
  fail(error, above);
}

exports.accessDenied = accessDenied;
exports.ask = ask;
exports.drop = drop;
exports.has = has;
exports.isURL = isURL;
exports.may = may;
exports.mayRun = mayRun;
exports.run = run;
