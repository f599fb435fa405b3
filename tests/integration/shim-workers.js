// SPDX-License-Identifier: Apache-2.0
// Workers have the preload however they are started, and so have theirs.
// Prints what each says: the type of process.permission, what reading the
// secret gives, and whether a Worker of its own could be started.
'use strict';

const fs = require('fs');
const threads = require('worker_threads');

const { SHARE_ENV, Worker, isMainThread, parentPort, workerData } = threads;
const secret = workerData ?? process.argv[2];
const OPTIONS = process.env.NODE_OPTIONS;

function codeOf(action) {
  try {
    action();
    return 'done';
  } catch (error) {
    return error.code;
  }
}

function report(name, options) {
  return new Promise((resolve) => {
    new Worker(__filename, { workerData: secret, ...options })
      .on('message', (message) => console.log(name, message))
      .on('error', (error) => console.log(name, error))
      .on('exit', resolve);
  });
}

async function main() {
  const options = { execArgv: [], env: {} };

  await report('plain', {});
  await report('execArgv', { execArgv: [] });
  await report('env', { env: {} });
  await report('both', options);
  await report('shared', { env: SHARE_ENV });
  await report('own options',
               { env: { NODE_OPTIONS: '--no-warnings' }, execArgv: [] });
  delete process.env.NODE_OPTIONS;
  await report('without, plain', {});
  await report('without, execArgv', { execArgv: ['--no-warnings'] });
  await report('without, shared', { env: SHARE_ENV, execArgv: [] });
  process.env.NODE_OPTIONS = OPTIONS;
  console.log(JSON.stringify(options));

  class Derived extends Worker {}

  const worker = new Derived('0', { eval: true, execArgv: ['--no-warnings'] });

  console.log(worker instanceof Derived, worker instanceof Worker,
              worker.constructor === Derived, Worker.name, Worker.length,
              new Worker('0', { eval: true }).constructor === Worker);
  console.log(codeOf(() => new Worker(5)), codeOf(() => new Worker('x', 5)),
              codeOf(() => new Worker('0', { eval: true, execArgv: 5 })));
}

if (isMainThread) {
  main();
} else {
  parentPort.postMessage([
    typeof process.permission, codeOf(() => fs.readFileSync(secret)),
    codeOf(() => new Worker('0', { eval: true, execArgv: [], env: {} })),
  ].join());
}
