// SPDX-License-Identifier: Apache-2.0
// What is refused without its flag, by require() and by import. Prints a line
// for each kind: what it was refused with.
'use strict';

const { inspect } = require('util');

const seen = new Map();

function thrown(action) {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

// Many ways of the same kind must say the same.
function refused(kind, action) {
  const error = thrown(action);
  const said = error instanceof Error && error.code !== undefined ?
    [error.name, error.code, Object.keys(error).join(), error.permission,
     inspect(error.resource), error.message].join('; ') : 'not refused';
  const all = seen.get(kind) ?? new Set();

  all.add(said);
  if (/(^|\/)(node-)?shim(-answers|-files|-processes)?\.cjs/m
    .test(error?.stack))
    all.add(`the shim shows in ${error.stack}`);
  seen.set(kind, all);
}

function tryChildren({ exec, execFile, execFileSync, execSync, fork, spawn,
                       spawnSync }) {
  for (const call of [execFile, execFileSync, spawn, spawnSync])
    refused('child', () => call('program', ['argument']));
  for (const call of [exec, execSync])
    refused('shell', () => call('true'));
  refused('fork', () => fork(__filename, { execPath: 'program' }));
  if (process.execve !== undefined)
    refused('child', () => process.execve('program', []));
}

function tryThreads({ Worker }, { register }) {
  class Derived extends Worker {}

  refused('worker', () => new Worker('0', { eval: true }));
  refused('worker', () => new Derived(__filename));
  if (register !== undefined)
    refused('worker', () => register('data:text/javascript,'));
}

function tryOthers({ Session, open }, { WASI }) {
  refused('inspector', () => open(0));
  refused('inspector', () => new Session().connect());
  refused('wasi', () => new WASI({ version: 'preview1' }));
}

(async () => {
  tryChildren(require('child_process'));
  tryThreads(require('worker_threads'), require('module'));
  tryOthers(require('inspector'), require('wasi'));
  tryChildren(await import('node:child_process'));
  tryThreads(await import('node:worker_threads'), await import('node:module'));
  tryOthers(await import('node:inspector'), await import('node:wasi'));
  if (process.getBuiltinModule !== undefined)
    tryThreads(process.getBuiltinModule('worker_threads'), {});
  refused('cluster', () => {
    require('cluster').setupPrimary({ execArgv: [], exec: __filename });
    Object.defineProperty(process, 'execPath', { value: 'program' });
    require('cluster').fork();
  });
  refused('addon', () => process.dlopen({ exports: {} }, '/none.node'));
  refused('addon', () => module.constructor._extensions['.node'](
    { exports: {} }, '/none.node'));
  for (const [kind, all] of seen)
    console.log(`${kind}: ${[...all].join(' | ')}`);
  process.exit();
})();
