// SPDX-License-Identifier: Apache-2.0
// What Node.js needs to behave under nssupervise as under its own permission
// model: process.permission and the errors ERR_ACCESS_DENIED. A preload
// (--require); without nssupervise it does nothing.
//
// It protects nothing: the kernel and the supervisor refuse, this explains.
// What is patched are the functions beneath Node's public ones (what
// process.binding() shows) where there are any, so that public functions stay
// what they are and no module is loaded before the program asks for it.
//
// This file is in the way of every start: it only puts the guards in place.
// What they do is in parts that are read now (the program may change what a
// file name means) and compiled when they are needed.
'use strict';

const fs = require('fs');

// Ask also where opens are left to the kernel: OPEN_MARK of bpf/syscalls.h.
const ASK = 0x40000000;
const PARTS = ['answers', 'files', 'processes', 'start'];
const POLICY = ['policy', 'refusals'];

const { Array, Buffer, Error, Object, Promise, Proxy, Symbol } = globalThis;
const {
  apply, construct, defineProperty, getOwnPropertyDescriptor, getPrototypeOf,
  ownKeys, setPrototypeOf,
} = Reflect;
const { prototype: { then } } = Promise;
const { captureStackTrace } = Error;
const { constructor: Module } = module;
const { prototype: { _compile } } = Module;

// f(self, ...args) as self.f(...args), whatever becomes of the prototypes.
const uncurry = (f) => (self, ...args) => apply(f, self, args);
const includes = uncurry(Array.prototype.includes);
const slice = uncurry(Array.prototype.slice);

const major = parseInt(process.versions.node, 10);

// Before Node 20 the bindings fill in an object, later they throw.
const fillsContext = major < 20;
const UV_EACCES = -13;

const sources = { __proto__: null };
const compiled = { __proto__: null };

// What the parts share, captured before the program can replace it.
const shared = {
  Error, Module, Object, Promise, apply, binding, captureStackTrace, construct,
  delegate, delegateClass, fail, fillsContext, own, part, preload: __filename,
  major, uncurry, ASK,
  joinAll: uncurry(Array.prototype.join),
  slice: uncurry(String.prototype.slice),
  concat: Buffer.concat, bytes: Buffer.from, // and more, in start()
};

function permissions() {
  try {
    return JSON.parse(fs.readFileSync('/.nssupervise/permissions', {
      encoding: 'utf8', flag: ASK,
    }));
  } catch {
    return undefined;
  }
}

/** part() - what the file shim-@name.cjs exports */
function part(name) {
  if (compiled[name] === undefined) {
    const filename = `${__dirname}/shim-${name}.cjs`;
    const made = new Module(filename, module);

    made.filename = filename; // no manifest lists what we load ourselves
    made.shared = shared;
    apply(_compile, made, [sources[name], filename, 'commonjs']);
    compiled[name] = made.exports;
  }
  return compiled[name];
}

/** binding() - functions beneath public modules, undefined where unknown
 *
 * Without a word about what is deprecated: it is not the program's doing. */
function binding(name) {
  const { emitWarning } = process;

  process.emitWarning = () => {};
  try {
    return process.binding(name);
  } catch {
    return undefined;
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** own() - sets a property, whatever the prototype has */
function own(object, name, value) {
  defineProperty(object, name, {
    __proto__: null, value, configurable: true, enumerable: true,
    writable: true,
  });
}

/** looksLike() - gives @wrapper the name, length and properties of @wrapped */
function looksLike(wrapper, wrapped) {
  const keys = ownKeys(wrapped);

  for (let i = 0; i < keys.length; i++) {
    defineProperty(wrapper, keys[i],
                   getOwnPropertyDescriptor(wrapped, keys[i]));
  }
  return wrapper;
}

/** fail() - throws, as if @above had not been called
 *
 * Node shows the line that throws unless the line says this. */
function fail(error, above) {
  captureStackTrace(error, above);
  throw error; // node-do-not-add-exception-line
}

/** delegate() - lets part(@name)[@handler] do what @object[@method] does
 *
 * It is called with the method, its this, its arguments, and the function to
 * leave out of stack traces. */
function delegate(object, method, name, handler = method) {
  const original = object?.[method];

  if (typeof original !== 'function')
    return;
  object[method] = looksLike(function guarded(...args) {
    return part(name)[handler](original, this, args, guarded);
  }, original);
}

// The calls with paths: where the request is among the arguments. It is
// undefined in a synchronous call, a symbol where a promise is wanted, else an
// object with a callback.
const NEVER = 99;
const REQUESTS = {
  __proto__: null,
  access: 2, chmod: 2, chown: 3, copyFile: 3, cpSyncCheckPaths: NEVER,
  cpSyncCopyDir: NEVER, cpSyncOverrideFile: NEVER, fchmod: 2, fchown: 3,
  futimes: 3, lchown: 3, link: 2, lstat: 2, lutimes: 3, mkdir: 3, mkdtemp: 2,
  open: 3, openFileHandle: 3, readFileUtf8: NEVER, readdir: 3,
  readdirRecursive: 3, readlink: 2, realpath: 2, rename: 2, rmSync: NEVER,
  rmdir: 1, stat: 2, statfs: 2, symlink: 3, unlink: 1, utimes: 3,
  writeFileUtf8: NEVER,
};

function guardCall(calls, name, at) {
  const original = calls[name];

  if (original === undefined)
    return;
  calls[name] = function guarded(...args) {
    const request = args[at];
    let result;

    if (typeof request === 'object' && request !== null)
      guardCallback(request, 'oncomplete', name, args);
    try {
      result = apply(original, this, args);
    } catch (error) {
      fail(error?.code === 'EACCES' ?
        part('files').convert(error, name, args) : error, guarded);
    }
    if (typeof request === 'symbol') {
      return apply(then, result, [undefined, function failed(error) {
        throw error?.code === 'EACCES' ?
          part('files').convert(error, name, args, failed) : error;
      }]);
    }
    if (fillsContext && args[at + 1]?.errno === UV_EACCES)
      part('files').convertContext(args[at + 1], name, args, guarded);
    return result;
  };
}

function guardCallback(request, property, name, args) {
  const callback = request[property];

  request[property] = function(...results) {
    if (results[0]?.code === 'EACCES')
      results[0] = part('files').convert(results[0], name, args,
                                         request[property]);
    return apply(callback, this, results);
  };
}

// One request for open, read or write, and close (Node 26).
function guardJob(Job, name) {
  const run = Job?.prototype.run;

  if (run === undefined)
    return;
  Job.prototype.run = function(...args) {
    guardCallback(this, 'ondone', name, args);
    return apply(run, this, args);
  };
}

function guardFiles(calls) {
  const { CpDirJob, ReadFileJob, StatWatcher, WriteFileJob, existsSync } =
    calls;

  for (const name in REQUESTS)
    guardCall(calls, name, REQUESTS[name]);
  if (existsSync !== undefined) { // it only says no
    calls.existsSync = function guarded(path) {
      return existsSync(path) || part('files').isMissing(path, guarded);
    };
  }
  guardJob(CpDirJob, 'CpDirJob');
  guardJob(ReadFileJob, 'ReadFileJob');
  guardJob(WriteFileJob, 'WriteFileJob');
  delegate(StatWatcher.prototype, 'start', 'files', 'watchFile');
  guardOpendir();
  delegate(fs, 'openAsBlob', 'files', 'readPath');
  delegate(process, 'loadEnvFile', 'files', 'readPath');
  delegate(process, 'chdir', 'files');
}

// The functions beneath these cannot be reached. fs.promises.opendir is
// promisify(opendir), made when it is first needed.
function guardOpendir() {
  const { opendir } = fs;
  const custom = Symbol.for('nodejs.util.promisify.custom');
  const promised = looksLike(function(...args) {
    return part('files').opendirPromised(opendir, args);
  }, opendir);

  delegate(fs, 'opendir', 'files');
  delegate(fs, 'opendirSync', 'files');
  defineProperty(promised, custom, {
    __proto__: null, configurable: true, value: promised,
  });
  if (isLoaded('NativeModule internal/fs/promises'))
    fs.promises.opendir = promised;
  else
    opendir[custom] = promised;
}

function isLoaded(name) {
  return includes(process.moduleLoadList, name);
}

// new of a public class; the class itself stays the same to instanceof.
function delegateClass(object, name, handler) {
  const original = object?.[name];
  const handlers = {
    __proto__: null,
    construct(target, args, newTarget) {
      return part('processes')[handler](
        target, args, newTarget === guarded ? target : newTarget,
        handlers.construct);
    },
  };
  let guarded;

  if (original === undefined)
    return;
  guarded = new Proxy(original, handlers);
  original.prototype.constructor = guarded;
  object[name] = guarded;
}

// What to guard when Node loads it, by its name in process.moduleLoadList.
const LATER = {
  '__proto__': null,
  'Internal Binding fs_event_wrap': 'guardWatch',
  'Internal Binding process_wrap': 'guardSpawn',
  'Internal Binding spawn_sync': 'guardSpawnSync',
  'NativeModule module': 'guardHooks',
  'NativeModule wasi': 'guardWasi',
  'NativeModule worker_threads': 'guardWorkers',
};

/*
 * Node notes each built-in module and binding in process.moduleLoadList when
 * it is loaded, just before it hands it out, to require() or to import. The
 * list asks us, as its prototype, where to put the note.
 */
function guardLater() {
  const list = process.moduleLoadList;
  const loaded = slice(list);
  const guard = (name) => {
    if (LATER[name] !== undefined)
      part('processes')[LATER[name]]();
  };

  setPrototypeOf(list, new Proxy(getPrototypeOf(list), {
    __proto__: null,
    set(target, key, value, receiver) {
      own(receiver, key, value);
      guard(value);
      return true;
    },
  }));
  for (let i = 0; i < loaded.length; i++)
    guard(loaded[i]);
}

// As enumerable and as fixed as Node's own.
function definePermission() {
  const has = (scope, reference) => part('answers').has(scope, reference, has);
  const drop = (scope, reference) =>
    part('answers').drop(scope, reference, drop);

  defineProperty(process, 'permission', {
    __proto__: null, enumerable: true,
    value: major < 24 ? { has } : { has, drop },
  });
}

function start(granted) {
  const calls = binding('fs');
  const { close, open, stat } = calls;

  for (const name of granted.policy ? [...PARTS, ...POLICY] : PARTS)
    sources[name] = fs.readFileSync(`${__dirname}/shim-${name}.cjs`, 'utf8');
  Object.assign(shared, { close, granted, open, read: fs.readFileSync, stat });
  definePermission();
  if (granted.policy)
    part('policy').install();
  part('start').guard();
  if (!granted.reportOnly)
    guardFiles(calls);
  delegate(process, 'execve', 'processes');
  if (!granted.addon)
    delegate(process, 'dlopen', 'processes');
  guardLater();
  // Where an import has seen what we have replaced: before Node 20 everything
  // that is loaded, later what a Worker has from the start.
  if (fillsContext || isLoaded('NativeModule worker_threads'))
    Module.syncBuiltinESMExports();
}

const granted = permissions();

// Under Node's own permission model its checks and errors are in force, and
// process.binding() throws: the preload stays out of their way.
if (granted !== undefined && process.permission === undefined) {
  start(granted.reportOnly ? {
    dependencies: granted.dependencies, policy: granted.policy,
    queries: granted.queries, urls: granted.urls,
    reportOnly: true, addon: true, child: true, inspector: true, wasi: true,
    worker: true,
  } : granted);
}
