// SPDX-License-Identifier: Apache-2.0
// Errors of file calls: an EACCES that a flag would have prevented becomes
// ERR_ACCESS_DENIED. One that comes from a file's mode stays as it is.
// Compiled by node-shim.cjs when it is needed.
'use strict';

const { Promise, bytes, fail, granted, part, stat, uncurry } = module.shared;
const { accessDenied, isURL, may, run } = part('answers');

const { accessSync, constants } = require('fs');
const { fileURLToPath } = require('url');
const { Buffer, String } = globalThis;
const bytesToText = uncurry(Buffer.prototype.toString);
const substring = uncurry(String.prototype.slice);

const { O_APPEND, O_CREAT, O_RDONLY, O_RDWR, O_TRUNC } = constants;
const O_ACCMODE = 3;

const UV_EACCES = -13;
const TEMPLATE = 'XXXXXX';

const READ = 1;
const WRITE = 2;
const READ_WRITE = READ | WRITE;

// What each call needs for its path, and for its second path; a function where
// the flags say so.
const NEEDS = {
  __proto__: null,
  CpDirJob: [READ, READ_WRITE],
  ReadFileJob: [READ],
  WriteFileJob: [WRITE],
  access: [READ],
  chmod: [WRITE],
  chown: [WRITE],
  copyFile: [READ, WRITE],
  cpSyncCheckPaths: [READ, READ_WRITE],
  cpSyncCopyDir: [READ, READ_WRITE],
  cpSyncOverrideFile: [READ, WRITE],
  lchown: [WRITE],
  link: [READ_WRITE, WRITE],
  lstat: [READ],
  lutimes: [WRITE],
  mkdir: [WRITE],
  mkdtemp: [WRITE],
  open: [(args) => needOfFlags(args[1])],
  openFileHandle: [(args) => needOfFlags(args[1])],
  opendir: [READ],
  readFileUtf8: [(args) => needOfFlags(args[1])],
  readdir: [READ],
  readdirRecursive: [READ],
  readlink: [READ],
  realpath: [READ],
  rename: [READ_WRITE, WRITE],
  rmSync: [WRITE],
  rmdir: [WRITE],
  stat: [READ],
  statfs: [READ],
  symlink: [0, WRITE],
  unlink: [WRITE],
  utimes: [WRITE],
  writeFileUtf8: [(args) => needOfFlags(args[2])],
};

function needOfFlags(flags) {
  const mode = flags & O_ACCMODE;
  const need = mode === O_RDONLY ? READ : mode === O_RDWR ? READ_WRITE : WRITE;

  return flags & (O_APPEND | O_CREAT | O_TRUNC) ? need | WRITE : need;
}

// A path as Node says it in errors.
function textOf(path) {
  if (typeof path === 'string' || path === undefined)
    return path;
  return isURL(path) ? fileURLToPath(path) : bytesToText(bytes(path));
}

// The permission for @path that is missing; Node looks for reading first.
function missing(path, need) {
  if (typeof path !== 'string')
    return undefined;
  if ((need & READ) && !may('fs.read', path))
    return 'FileSystemRead';
  if ((need & WRITE) && !may('fs.write', path))
    return 'FileSystemWrite';
  return undefined;
}

// What the call needs for the one path that its error names; copying a
// directory may name the second.
function needOf(needs, { dest, syscall }, path, args) {
  const [need, other] = needs;

  if (typeof need === 'function')
    return need(args);
  return other !== undefined && dest === undefined &&
    (syscall === 'mkdir' || path === textOf(args[1])) ? other : need;
}

/** convert() - what to report for @error, an EACCES of the call @name
 *
 * @above: called by nobody, as far as the stack says. */
function convert(error, name, args, above) {
  const { dest } = error;
  const needs = NEEDS[name];
  let path = textOf(error.path);
  let permission;

  // By a descriptor only changes of metadata are refused.
  if (needs === undefined)
    return accessDenied('FileSystemWrite', '', above);
  if (name === 'mkdtemp') // as asked, not as tried
    path = `${substring(path, 0, -TEMPLATE.length)}${TEMPLATE}`;
  permission = missing(path, needOf(needs, error, path, args));
  if (permission !== undefined)
    return accessDenied(permission, path, above);
  permission = missing(dest, needs[1]);
  if (permission !== undefined)
    return accessDenied(permission, dest, above);
  return granted.policy ? part('policy').refusal(error, path, above) : error;
}

/** convertContext() - where an error is made of @context later on */
function convertContext(context, name, args, above) {
  const error = convert(context, name, args);

  if (error !== context)
    fail(error, above);
}

/** isMissing() - existsSync() said so; Node throws where it may not know */
function isMissing(path, above) {
  try {
    stat(path, false, undefined, false /* do not throw ENOENT */);
  } catch (error) {
    if (error?.code === 'EACCES') {
      const converted = convert(error, 'stat');

      if (converted !== error)
        fail(converted, above);
    }
  }
  return false;
}

// For calls that do not say why they fail.
function mustBeReadable(path, above) {
  let denied;

  try {
    accessSync(path);
  } catch (error) {
    if (error.code === 'ERR_ACCESS_DENIED')
      denied = error;
  }
  if (denied !== undefined)
    fail(denied, above);
}

/** readPath() - of openAsBlob() and loadEnvFile() */
function readPath(call, self, args, above) {
  mustBeReadable(args[0] ?? '.env', above);
  return run(call, self, args);
}

/** watch() - of fs.watch(), which says it by a number */
function watch(start, self, args, above) {
  const result = run(start, self, args);

  if (result === UV_EACCES)
    mustBeReadable(args[0], above);
  return result;
}

/** watchFile() - it polls, and would never say that it sees nothing */
function watchFile(start, self, args, above) {
  mustBeReadable(args[0], above);
  return run(start, self, args);
}

function convertOpendir(error, above) {
  return error?.code === 'EACCES' ?
    convert(error, 'opendir', [], above) : error;
}

function opendir(call, self, args) {
  const last = args.length - 1;
  const callback = args[last];

  if (typeof callback === 'function') {
    args[last] = function converted(error, directory) {
      callback(convertOpendir(error, converted), directory);
    };
  }
  return run(call, self, args);
}

function opendirSync(call, self, args) {
  return run(call, self, args, (error) => {
    if (error?.code === 'EACCES' && error.path === undefined)
      error = { code: error.code, path: args[0], original: error };

    const converted = convertOpendir(error);

    return converted?.original ?? converted;
  });
}

function opendirPromised(call, args) {
  return new Promise((resolve, reject) => {
    args[args.length] = function converted(error, directory) {
      if (error)
        reject(convertOpendir(error, converted));
      else
        resolve(directory);
    };
    run(call, undefined, args);
  });
}

function chdir(call, self, args) {
  const [path] = args;

  return run(call, self, args, (error) =>
    (error?.code === 'EACCES' && missing(path, READ) !== undefined ?
      accessDenied('FileSystemRead', path) : error));
}

exports.chdir = chdir;
exports.convert = convert;
exports.convertContext = convertContext;
exports.isMissing = isMissing;
exports.opendir = opendir;
exports.opendirPromised = opendirPromised;
exports.opendirSync = opendirSync;
exports.readPath = readPath;
exports.watch = watch;
exports.watchFile = watchFile;
