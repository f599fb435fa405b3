// SPDX-License-Identifier: Apache-2.0
// What has to be in order before the program starts: threads, the debugger.
'use strict';

const { ASK, binding, delegate, delegateClass, granted, major } =
  module.shared;

const fs = require('fs');
const { process } = globalThis;

// 'inspector' takes these when it is loaded.
function guardInspector() {
  const calls = binding('inspector');

  delegate(calls, 'open', 'processes', 'refuseInspector');
  delegateClass(calls, 'Connection', 'inspectorConnection');
  delegateClass(calls, 'MainThreadConnection', 'inspectorConnection');
}

/*
 * SIGUSR1 starts the debugger unless the event loop watches the signal, and
 * ends the process when it no longer does. The watch is Node's own without a
 * listener: nothing shows in listenerCount(), and it is taken up again when
 * the program removes its last listener.
 */
function guardSignal() {
  const watch = process.listeners('newListener').find(
    ({ name }) => name === 'startListeningIfSignal');

  if (watch === undefined) // a Worker
    return;
  watch('SIGUSR1');
  process.on('removeListener', (name) => {
    if (name === 'SIGUSR1' && process.listenerCount(name) === 0)
      watch(name);
  });
}

/*
 * From Node 22.19 on, certificates that are not built in are loaded by threads
 * of their own, which are started with the module tls.
 */
function loadsCertificates() {
  const { NODE_EXTRA_CA_CERTS, NODE_OPTIONS, NODE_USE_SYSTEM_CA } = process.env;

  return major >= 22 && (
    NODE_EXTRA_CA_CERTS !== undefined || NODE_USE_SYSTEM_CA === '1' ||
    /--use[-_]system[-_]ca/.test(`${NODE_OPTIONS} ${process.execArgv}`));
}

/*
 * Tells the supervisor that this process has its threads. libuv's pool is
 * started by the first request, and the process aborts when it cannot be: it
 * must be there before no thread can be made any more.
 */
function lockThreads() {
  fs.fstat(0x7fffffff /* none */, () => {});
  if (loadsCertificates())
    require('tls');
  try {
    fs.closeSync(fs.openSync('/.nssupervise/threads', ASK));
  } catch {
    // Nobody limits them.
  }
}

/*
 * What would start a thread, and the process may not survive that it cannot:
 * a script's timeout, and being interrupted. The REPL goes without.
 */
function guardScripts() {
  const { Script } = require('vm');
  const calls = binding('contextify') ?? {};

  calls.startSigintWatchdog = () => true;
  calls.stopSigintWatchdog = () => false;
  delegate(Script.prototype, 'runInContext', 'processes', 'runScript');
  delegate(Script.prototype, 'runInThisContext', 'processes', 'runScript');
}

/** guard() - as far as the flags want it */
exports.guard = function() {
  if (!granted.worker) {
    lockThreads();
    guardScripts();
  }
  if (!granted.inspector) {
    guardInspector();
    guardSignal();
  }
};
