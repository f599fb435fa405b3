// SPDX-License-Identifier: Apache-2.0
// Children have the preload however they are started. Prints what each says:
// the type of process.permission, and what reading the secret gives.
'use strict';

const childProcess = require('child_process');
const cluster = require('cluster');
const { once } = require('events');
const fs = require('fs');
const { promisify } = require('util');

const { exec, execFile, execFileSync, execSync, fork, spawn, spawnSync } =
  childProcess;
const [node, , secret, isChild] = process.argv;

function report() {
  let code = 'done';

  try {
    fs.readFileSync(secret);
  } catch (error) {
    ({ code } = error);
  }
  return `${typeof process.permission},${code}`;
}

async function main() {
  const args = [__filename, secret, 'child'];
  const command = `'${[node, ...args].join("' '")}'`;
  const options = { env: {}, encoding: 'utf8' };
  const forked = { execArgv: [], env: {} };
  const say = (name, text) => console.log(name, String(text).trim());

  say('execFileSync', execFileSync(node, args, options));
  say('execSync', execSync(command, options));
  say('spawnSync', spawnSync(node, args, options).stdout);
  say('spawnSync, shell', spawnSync(command, { ...options, shell: true })
    .stdout);
  say('execFile', (await promisify(execFile)(node, args, options)).stdout);
  say('exec', (await promisify(exec)(command, options)).stdout);
  say('spawn', (await once(spawn(node, args, options).stdout, 'data'))[0]);
  say('fork', (await once(fork(__filename, args.slice(1), forked),
                          'message'))[0]);
  cluster.setupPrimary({ args: args.slice(1), execArgv: [] });
  say('cluster', (await once(cluster.fork({ NODE_OPTIONS: '' }),
                             'message'))[0]);
  for (const text of ['', '--no-warnings']) {
    options.env = { NODE_OPTIONS: text };
    say(`NODE_OPTIONS=${text}`, execFileSync(node, args, options));
    say('the same', options.env.NODE_OPTIONS === text);
  }
  delete process.env.NODE_OPTIONS;
  say('deleted', execFileSync(node, args));
  say('the same', JSON.stringify(forked));
  if (process.execve !== undefined)
    process.execve(node, [node, '--no-warnings', ...args, 'execve'], {});
  else
    say('execve', 'object,ERR_ACCESS_DENIED');
}

if (isChild === undefined) {
  main();
} else if (process.send !== undefined) {
  process.send(report());
  process.disconnect();
} else {
  console.log(...process.argv.slice(4), report());
}
