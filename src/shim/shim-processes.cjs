// SPDX-License-Identifier: Apache-2.0
// Processes, threads, native code and debuggers: refused as Node's permission
// model refuses them, and what is started has the preload as well. Compiled by
// node-shim.cjs when it is needed.
'use strict';

const {
  Error, Module, apply, binding, construct, delegate, delegateClass, fail,
  granted, own, part, preload, uncurry,
} = module.shared;
const { accessDenied, mayRun, run } = part('answers');

const { Array, JSON, String, process } = globalThis;
const { isArray } = Array;
const { parse, stringify } = JSON;
const includes = uncurry(String.prototype.includes);
const startsWith = uncurry(String.prototype.startsWith);
const substring = uncurry(String.prototype.slice);

const UV_EACCES = -13;

const OPTIONS = 'NODE_OPTIONS';
const PREFIX = `${OPTIONS}=`;

// NODE_OPTIONS has the two escapes of JSON.
const OPTION = includes(preload, ' ') || includes(preload, '"') ?
  stringify(`--require=${preload}`) : `--require=${preload}`;

function withPreload(text) {
  if (text === undefined || text === '')
    return OPTION;
  return includes(`${text}`, preload) ? text : `${OPTION} ${text}`;
}

// ["NAME=value", ...] with the preload; the caller's own array stays as it is.
function withPreloadInPairs(pairs) {
  const changed = [];
  let isFound = false;

  for (let i = 0; i < pairs.length; i++) {
    const pair = `${pairs[i]}`;
    const isOptions = startsWith(pair, PREFIX);

    changed[i] = isOptions ?
      PREFIX + withPreload(substring(pair, PREFIX.length)) : pair;
    isFound ||= isOptions;
  }
  if (!isFound)
    changed[pairs.length] = PREFIX + OPTION;
  return changed;
}

function withPreloadInEnv(env) {
  return { ...env, [OPTIONS]: withPreload(env[OPTIONS]) };
}

function pathOf(pairs) {
  for (let i = 0; i < pairs.length; i++)
    if (startsWith(`${pairs[i]}`, 'PATH='))
      return substring(pairs[i], 'PATH='.length);
  return undefined;
}

function mustBeAllowed(file, above) {
  if (!granted.child)
    fail(accessDenied('ChildProcess', file), above);
}

// The kernel has said no: is it for the list of programs?
function mustBeListed(file, cwd, envPairs, above) {
  const path = envPairs === undefined ? process.env.PATH : pathOf(envPairs);

  if (granted.programs && !mayRun(file, path, cwd ?? undefined))
    fail(accessDenied('ChildProcess', file), above);
}

/** spawnSync() - beneath all that wait for a process */
function spawnSync(call, self, args, above) {
  const [options] = args;
  const { file, cwd, envPairs } = options;
  let result;

  mustBeAllowed(file, above);
  if (envPairs !== undefined)
    args[0] = { __proto__: options, envPairs: withPreloadInPairs(envPairs) };
  result = run(call, self, args);
  if (result === UV_EACCES || result?.error === UV_EACCES)
    mustBeListed(file, cwd, envPairs, above);
  return result;
}

/** spawn() - beneath all others, and cluster; newer versions give the options
 * one by one */
function spawn(call, self, args, above) {
  const [file, , cwd, envPairs] = args;
  let result;

  if (typeof file === 'object')
    return spawnSync(call, self, args, above);
  mustBeAllowed(file, above);
  if (envPairs !== undefined)
    args[3] = withPreloadInPairs(envPairs);
  result = run(call, self, args);
  if (result === UV_EACCES)
    mustBeListed(file, cwd, envPairs, above);
  return result;
}

// It ends the process when it fails, so what would fail is asked before.
function execve(call, self, args, above) {
  const [file, , env] = args;

  if (typeof file === 'string') {
    mustBeAllowed(file, above);
    mustBeListed(includes(file, '/') ? file : `./${file}`, '.', [], above);
  }
  if (env === undefined || (typeof env === 'object' && env !== null))
    args[2] = withPreloadInEnv(env ?? process.env);
  if (args[1] === undefined)
    args[1] = [];
  return run(call, self, args);
}

// A Worker takes its preloads from its environment and from its execArgv
// where these are given, else from its parent.
function workerOptions(options) {
  const { env, execArgv } = options;

  if (typeof env === 'object' && env !== null)
    return { __proto__: options, env: withPreloadInEnv(env) };
  if (isArray(execArgv) && !includes(`${process.env[OPTIONS]}`, preload)) {
    return {
      __proto__: options, execArgv: [`--require=${preload}`, ...execArgv],
    };
  }
  return options;
}

function refuseWorker(call, self, args, above) {
  fail(accessDenied('WorkerThreads', ''), above);
}

function worker(Worker, args, newTarget, above) {
  if (!granted.worker)
    refuseWorker(Worker, undefined, args, above);
  if (typeof args[1] === 'object' && args[1] !== null)
    args[1] = workerOptions(args[1]);
  return run(construct, undefined, [Worker, args, newTarget]);
}

/** runScript() - its options are the last argument */
function runScript(call, self, args, above) {
  const last = args.length - 1;
  const { breakOnSigint, timeout } = args[last] ?? {};

  if (timeout !== undefined)
    refuseWorker(call, self, args, above);
  if (breakOnSigint)
    args[last] = { __proto__: args[last], breakOnSigint: false };
  return apply(call, self, args);
}

function refuseWasi(WASI, args, newTarget, above) {
  fail(accessDenied('WASI', ''), above);
}

function dlopen(call, self, args, above) {
  const error = new Error(
    'Cannot load native addon because loading addons is disabled.');

  own(error, 'code', 'ERR_DLOPEN_DISABLED');
  fail(error, above);
}

function refuseInspector(call, self, args, above) {
  fail(accessDenied('Inspector', ''), above);
}

// The REPL asks the inspector for its previews and completions, and is not
// prepared for an exception: it gets answers without anything in them.
class NoConnection {
  #answer;

  constructor(answer) {
    this.#answer = answer;
  }

  dispatch(message) {
    const error = { code: -32000, message: 'The inspector is not allowed' };

    this.#answer(stringify({ id: parse(message).id, error }));
  }

  disconnect() {}
}

/** inspectorConnection() - of Session.prototype.connect() */
function inspectorConnection(Connection, args, newTarget, above) {
  if (includes(`${new Error().stack}`, 'sendInspectorCommand'))
    return new NoConnection(args[0]);
  return refuseInspector(Connection, undefined, args, above);
}

// Each when Node has loaded what it guards.

function guardSpawn() {
  delegate(binding('process_wrap')?.Process?.prototype, 'spawn', 'processes');
}

function guardSpawnSync() {
  delegate(binding('spawn_sync'), 'spawn', 'processes', 'spawnSync');
}

function guardWatch() {
  if (!granted.reportOnly)
    delegate(binding('fs_event_wrap')?.FSEvent?.prototype, 'start', 'files',
             'watch');
}

// Customization hooks run in a thread.
function guardHooks() {
  if (!granted.worker)
    delegate(Module, 'register', 'processes', 'refuseWorker');
}

function guardWasi() {
  if (!granted.wasi)
    delegateClass(require('wasi'), 'WASI', 'refuseWasi');
}

function guardWorkers() {
  delegateClass(require('worker_threads'), 'Worker', 'worker');
}

exports.dlopen = dlopen;
exports.execve = execve;
exports.guardHooks = guardHooks;
exports.guardSpawn = guardSpawn;
exports.guardSpawnSync = guardSpawnSync;
exports.guardWasi = guardWasi;
exports.guardWatch = guardWatch;
exports.guardWorkers = guardWorkers;
exports.inspectorConnection = inspectorConnection;
exports.refuseInspector = refuseInspector;
exports.refuseWasi = refuseWasi;
exports.refuseWorker = refuseWorker;
exports.runScript = runScript;
exports.spawn = spawn;
exports.spawnSync = spawnSync;
exports.worker = worker;
