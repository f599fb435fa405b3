// SPDX-License-Identifier: Apache-2.0
// Undoes what the preload does, or goes around it; the kernel still refuses.
// Run with --expose-internals. Prints what each attempt gives.
'use strict';

const fs = require('fs');

const [, , secret] = process.argv;
const { internalBinding } = require('internal/test/binding');
const { Worker } = require('internal/worker');

function attempt(name, action) {
  try {
    console.log(name, String(action()));
  } catch ({ code, message }) {
    console.log(name, code ?? message);
  }
}

const legacy = parseInt(process.versions.node, 10) < 20;
const calls = internalBinding('fs');

attempt('binding', () => {
  const context = { path: secret };
  const fd = legacy ? calls.open(secret, 0, 0, undefined, context) :
    calls.open(secret, 0, 0);

  return fs.readFileSync(fd, 'utf8');
});
for (const name of Object.keys(calls)) {
  if (typeof calls[name] === 'function' && !/Req|Handle|Watcher|Job/.test(name))
    calls[name] = calls[name].bind(calls);
}
attempt('rebound', () => fs.readFileSync(secret, 'utf8'));
Reflect.deleteProperty(process, 'permission');
Object.setPrototypeOf(process.moduleLoadList, Array.prototype);
attempt('worker', () => {
  new Worker('console.log("a Worker ran")', { eval: true });
  return 'started';
});
attempt('after the lock', () => {
  require('crypto').pbkdf2('a', 'b', 1, 8, 'sha1', (error) => {
    console.log('the pool', error ?? 'works');
  });
  return 'asked';
});
