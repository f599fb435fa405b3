// SPDX-License-Identifier: Apache-2.0
// Runs rows of the permission table in this process, and prints their
// outcomes as JSON. permission.js hands the text over with `node -e`, so that
// no file of ours needs a grant; $TABLE says which rows. An outcome is
//
//   ok [VALUE]                     it was done
//   denied PERMISSION [RESOURCE]   an ERR_ACCESS_DENIED
//   error CODE                     anything else
//
// and a row "NAME#shape" has the keys and the message of each denial.
'use strict';

/* global rows */
const fs = require('fs');

const table = JSON.parse(process.env.TABLE);
const { base } = table;
const outcomes = {};

function short(text) {
  return String(text).split(base).join('P');
}

function describe(error) {
  if (!(error instanceof Error)) return `threw ${short(error)}`;
  if (error.code === 'ERR_ACCESS_DENIED') {
    const shape = [error.name, Object.keys(error).sort().join(),
      error.permission, short(error.message)].join(' | ');
    outcomes.last = shape;
    return `denied ${error.permission} ${short(error.resource)}`.trimEnd();
  }
  return `error ${error.code ?? error.message}`;
}

// What a call throws where nobody can catch it belongs to the row as well.
let uncaught = () => {};

function limit(promise) {
  let timer;
  const late = new Promise((resolve) => {
    uncaught = (error) => resolve({ late: `uncaught ${describe(error)}` });
    timer = setTimeout(() => resolve({ late: 'hangs' }), 5000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function row(name, run) {
  let outcome;
  delete outcomes.last;
  try {
    const value = await limit((async () => run())());
    outcome = value?.late ??
      (value === undefined ? 'ok' : `ok ${short(value)}`.trimEnd());
  } catch (error) {
    outcome = describe(error);
  }
  const shape = outcomes.last;
  delete outcomes.last;
  outcomes[name] = outcome;
  if (shape) outcomes[`${name}#shape`] = shape;
}

async function zoneSet({ zones }) {
  for (const zone of zones) {
    for (const [name, , run] of rows.zoneRows) {
      await row(`${zone}/${name}`, () => run(`${base}/${zone}/${name}`));
    }
  }
  for (const from of zones) {
    for (const to of zones) {
      for (const [name, , run] of rows.pairRows) {
        await row(`${from}>${to}/${name}`, () => run(
          `${base}/${from}/${name}-${to}`,
          `${base}/${to}/${name}-from-${from}`));
      }
    }
  }
}

async function heavySet({ zones }) {
  for (const zone of zones) {
    for (const [name, , run] of rows.HEAVY) {
      await row(`${zone}/${name}`, () => run(`${base}/${zone}/${name}`));
    }
  }
}

// has() and what it speaks of say the same.
function really(path, right) {
  try {
    if (right === 'fs.write') {
      const fd = fs.openSync(path, fs.constants.O_WRONLY);
      fs.closeSync(fd);
    } else if (path.endsWith('/')) {
      fs.readdirSync(path);
    } else {
      fs.readFileSync(path);
    }
    return true;
  } catch (error) {
    return error.code !== 'ERR_ACCESS_DENIED' && error.code !== 'EACCES';
  }
}

async function hasSet({ right, paths }) {
  const { permission } = process;
  await row(`has(${right})`, () => String(permission.has(right)));
  for (const path of paths) {
    const full = path.replace(/^P/, base);
    await row(`has(${right}, ${path})`, () =>
      String(permission.has(right, full)));
    // Files of the system are not opened for writing.
    if (right === 'fs.read' || !path.startsWith('/')) {
      await row(`${right} ${path}`, () => String(really(full, right)));
    }
  }
}

const SCOPES = ['fs', 'fs.read', 'fs.write', 'child', 'worker', 'wasi', 'addon',
  'inspector', 'net', 'FS.READ', 'fs.', 'fs.read/', '', 'toString',
  '__proto__', 'no.such', 'fs.read\0'];

async function scopeSet() {
  const { permission } = process;
  for (const scope of SCOPES) {
    await row(`has(${JSON.stringify(scope)})`, () =>
      String(permission.has(scope)));
  }
  for (const scope of ['child', 'worker', 'wasi', 'addon', 'inspector',
    'net', 'no.such']) {
    await row(`has(${scope}, "/x")`, () => String(permission.has(scope, '/x')));
    await row(`has(${scope}, "")`, () => String(permission.has(scope, '')));
  }
}

async function typeSet() {
  const { permission } = process;
  const scopes = { undefined, null: null, number: 1, object: {}, array: [],
    symbol: Symbol('x'), Buffer: Buffer.from('fs.read') };
  for (const [name, scope] of Object.entries(scopes)) {
    await row(`has(${name})`, () => String(permission.has(scope)));
  }
  const inside = `${base}/dir/f.txt`;
  const references = { undefined, null: null, number: 1, object: {}, array: [],
    true: true, function: () => {}, Buffer: Buffer.from(inside),
    Uint8Array: new TextEncoder().encode(inside),
    URL: require('url').pathToFileURL(inside), String: new String(inside),
    empty: '', nul: `${inside}\0`, 'file: text': `file://${inside}` };
  for (const scope of ['fs.read', 'fs.write', 'child']) {
    for (const [name, reference] of Object.entries(references)) {
      await row(`has(${scope}, ${name})`, () =>
        String(permission.has(scope, reference)));
    }
  }
  const property = Object.getOwnPropertyDescriptor(process, 'permission');
  await row('property', () => JSON.stringify([property.configurable,
    property.writable, property.enumerable, typeof property.value]));
  await row('members', () => Object.keys(permission).sort().join());
  await row('delete', () => { delete process.permission; });
  await row('assign', () => { process.permission = { has: () => true }; });
  await row('still', () => String(process.permission.has('fs.read', '/etc')));
  await row('overwrite has', () => {
    process.permission.has = () => true;
    return String(process.permission.has('fs.read', '/etc'));
  });
}

function child(call, ...args) {
  return () => {
    const result = require('child_process')[call](...args);
    if (result && result.error) throw result.error;
    if (result && result.on) return rows.event(result, 'exit').then(() => {});
    return undefined;
  };
}

function execute(call, ...args) {
  return () => new Promise((resolve, reject) => {
    require('child_process')[call](...args, (error) =>
      (error ? reject(error) : resolve()));
  });
}

const promised = (call, ...args) => async () => {
  await require('util').promisify(require('child_process')[call])(...args);
};

const CHILD = {
  spawn: child('spawn', '/bin/true'),
  spawnSync: child('spawnSync', '/bin/true'),
  exec: execute('exec', '/bin/true'),
  'exec.promise': promised('exec', '/bin/true'),
  execSync: child('execSync', '/bin/true'),
  execFile: execute('execFile', '/bin/true'),
  'execFile.promise': promised('execFile', '/bin/true'),
  execFileSync: child('execFileSync', '/bin/true'),
  fork: () => child('fork', `${base}/code/empty.cjs`, { execArgv: [] })(),
  'cluster.fork': () => {
    const cluster = require('cluster');
    cluster.setupPrimary({ exec: `${base}/code/empty.cjs`, execArgv: [] });
    const worker = cluster.fork();
    return rows.event(worker, 'online').then(() => { worker.process.kill(); });
  },
};

// Never under a grant: it would end this process.
const EXECVE = { execve: () => process.execve('/bin/true', ['true'], {}) };

function inWorker(text, options) {
  const { Worker } = require('worker_threads');
  const worker = new Worker(text, { eval: true, ...options });
  return rows.event(worker, 'message').finally(() => worker.terminate());
}

const POST = 'require("worker_threads").parentPort.postMessage';

const WORKER = {
  Worker: async () => {
    await inWorker(`${POST}(1)`);
  },
  'Worker.file': async () => {
    const { Worker } = require('worker_threads');
    await rows.event(new Worker(`${base}/code/empty.cjs`), 'exit');
  },
};

const SINGLES = {
  wasi: () => {
    const { WASI } = require('wasi');
    new WASI({ version: 'preview1', args: [], env: {}, preopens: {} });
  },
  dlopen: () => {
    process.dlopen({ exports: {} }, `${base}/code/addon.node`);
  },
  'require.node': () => { require(`${base}/code/addon.node`); },
  'inspector.url': () => String(require('inspector').url()),
  'inspector.open': () => {
    require('inspector').open(0);
    require('inspector').close();
  },
  'Session.connect': () => {
    const session = new (require('inspector').Session)();
    session.connect();
    session.disconnect();
  },
  'process.binding': () => { process.binding('fs'); },
  'process.binding.tcp': () => { process.binding('tcp_wrap'); },
  setEngine: () => { require('crypto').setEngine('no-such-engine'); },
  'process.kill': () => { process.kill(process.pid, 0); },
  umask: () => String(process.umask(0o22)),
  setuid: () => { process.setuid(process.getuid()); },
  env: () => { process.env.CONFORMANCE = '1'; },
  'os.cpus': () => { require('os').cpus(); },
  'os.hostname': () => { require('os').hostname(); },
  'os.userInfo': () => { require('os').userInfo(); },
  getReport: () => { process.report.getReport(); },
  'crypto.async': () => new Promise((resolve, reject) => {
    require('crypto').randomBytes(8, (error) =>
      (error ? reject(error) : resolve()));
  }),
  'zlib.async': () => new Promise((resolve, reject) => {
    require('zlib').deflate('x', (error) =>
      (error ? reject(error) : resolve()));
  }),
  'sqlite.memory': () => {
    new (require('node:sqlite').DatabaseSync)(':memory:').close();
  },
};

function listening(server, ...args) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(...args, resolve);
  });
}

async function withServer(use) {
  const net = require('net');
  const server = net.createServer((socket) => socket.end());
  await listening(server, 0, '127.0.0.1');
  try {
    return await use(server.address().port);
  } finally {
    server.close();
  }
}

async function closed(server, ...args) {
  await listening(server, ...args);
  await new Promise((resolve) => { server.close(resolve); });
}

function connected(socket) {
  socket.resume?.();
  return rows.event(socket, 'connect').finally(() => socket.destroy());
}

function datagram(use) {
  return new Promise((resolve, reject) => {
    const socket = require('dgram').createSocket('udp4');
    const end = (error) => {
      socket.close();
      if (error) reject(error);
      else resolve();
    };
    socket.once('error', end);
    try {
      use(socket, end);
    } catch (error) {
      end(error);
    }
  });
}

const NET = {
  'net.connect': async () => {
    const { connect } = require('net');
    if (table.flags.includes('net')) {
      await withServer((port) => connected(connect(port, '127.0.0.1')));
    } else {
      await connected(connect(8, '127.0.0.1'));
    }
  },
  'net.connect.name': async () => {
    const { connect } = require('net');
    if (table.flags.includes('net')) {
      await withServer((port) => connected(connect({ port, host: 'localhost',
        family: 4 })));
    } else {
      await connected(connect(8, 'localhost'));
    }
  },
  'net.listen': () => closed(require('net').createServer(), 0, '127.0.0.1'),
  'net.listen.unix': () => closed(require('net').createServer(),
    `${base}/rw/listen.sock`),
  'net.listen.abstract': () => closed(require('net').createServer(),
    `\0${base}`),
  'net.connect.unix': () => connected(require('net').connect(
    `${base}/rw/no-such.sock`)),
  'http.listen': () => closed(require('http').createServer(), 0, '127.0.0.1'),
  'http.get': () => new Promise((resolve, reject) => {
    require('http').get('http://127.0.0.1:8/', resolve).on('error', reject);
  }),
  fetch: async () => {
    try {
      await fetch('http://127.0.0.1:8/');
    } catch (error) {
      throw error.cause ?? error;
    }
  },
  'tls.connect': () => connected(require('tls').connect(8, '127.0.0.1')),
  'dgram.bind': () => datagram((socket, end) =>
    socket.bind(0, '127.0.0.1', () => end())),
  'dgram.send': () => datagram((socket, end) =>
    socket.send('x', 8, '127.0.0.1', end)),
  'dgram.connect': () => datagram((socket, end) =>
    socket.connect(9, '127.0.0.1', end)),
  'dns.lookup': () => new Promise((resolve, reject) => {
    require('dns').lookup('localhost', (error) =>
      (error ? reject(error) : resolve()));
  }),
  'dns.promises.lookup': async () => {
    await require('dns').promises.lookup('localhost');
  },
  'dns.resolve': () => new Promise((resolve, reject) => {
    const resolver = new (require('dns').Resolver)({ timeout: 50, tries: 1 });
    resolver.setServers(['127.0.0.1:8']);
    resolver.resolve4('localhost.invalid', (error) =>
      (error ? reject(error) : resolve()));
  }),
};

async function flagSet({ flags }) {
  const all = { ...CHILD, ...(flags.includes('child') ? {} : EXECVE),
    ...WORKER, ...SINGLES, ...NET };
  for (const [name, run] of Object.entries(all)) await row(name, run);
}

// What a child or a Worker may: it prints or posts an outcome of its own.
function tryRead(path) {
  return `(() => { try { require("fs").readFileSync(${JSON.stringify(path)});
    return "read"; } catch (error) { return error.code; } })()`;
}

function output(file, args, options) {
  const result = require('child_process').spawnSync(file, args, {
    encoding: 'utf8', timeout: 20000, ...options });
  if (result.error) throw result.error;
  return result.stdout.trim() || `status ${result.status ?? result.signal}`;
}

async function childSet() {
  const node = process.execPath;
  const closedFile = `${base}/n/readFile.sync`;
  const openFile = `${base}/r/readFile.sync`;
  const say = (path) => ['-e', `console.log(${tryRead(path)})`];
  const on = process.version.startsWith('v20') ?
    '--experimental-permission' : '--permission';
  await row('child reads what is granted', () => output(node, say(openFile)));
  await row('child reads what is not', () => output(node, say(closedFile)));
  await row('child without environment', () =>
    output(node, say(closedFile), { env: {} }));
  await row('child without NODE_OPTIONS', () => output('/bin/sh', ['-c',
    'unset NODE_OPTIONS; exec "$@"', '-', node, ...say(closedFile)]));
  await row('child by env -i', () =>
    output('/usr/bin/env', ['-i', node, ...say(closedFile)]));
  await row('child with flags of its own', () => output(node,
    ['--no-warnings', on, '--allow-fs-read=*', ...say(closedFile)]));
  await row('another program', () => output('/bin/cat', [closedFile],
    { stdio: ['ignore', 'pipe', 'ignore'] }));
  await row('child has() granted', () => output(node, ['-p',
    `String(process.permission?.has("fs.read", ${JSON.stringify(openFile)}))`]));
  await row('child has() denied', () => output(node, ['-p',
    `String(process.permission?.has("fs.read", ${JSON.stringify(closedFile)}))`]));
  if (process.execve) {
    await row('execve without environment', () => output(node, ['-e',
      `process.execve(process.execPath, ["node", "-e",
        ${JSON.stringify(say(closedFile)[1])}], {})`]));
  }
}

async function workerSet() {
  const closedFile = `${base}/n/readFile.sync`;
  const openFile = `${base}/r/readFile.sync`;
  const post = (text) => `${POST}(${text})`;
  const kinds = { plain: {}, 'execArgv: []': { execArgv: [] },
    'env: {}': { env: {} }, both: { execArgv: [], env: {} } };
  for (const [kind, options] of Object.entries(kinds)) {
    await row(`Worker (${kind}) reads what is granted`, () =>
      inWorker(post(tryRead(openFile)), options));
    await row(`Worker (${kind}) reads what is not`, () =>
      inWorker(post(tryRead(closedFile)), options));
    for (const [name, path] of [['granted', openFile], ['denied', closedFile]]) {
      await row(`Worker (${kind}) has() ${name}`, () => inWorker(post(
        `String(process.permission.has("fs.read", ${JSON.stringify(path)}))`),
      options));
    }
  }
}

async function dropSet() {
  const { permission } = process;
  const file = `${base}/dir/f.txt`;
  await row('drop is', () => typeof permission.drop);
  if (!permission.drop) return;
  await row('drop below a grant', () => permission.drop('fs.read', file));
  await row('has after that', () => String(permission.has('fs.read', file)));
  await row('drop a grant', () => permission.drop('fs.read', `${base}/dir`));
  await row('has after it', () => String(permission.has('fs.read', file)));
  await row('read after it', () => String(really(file, 'fs.read')));
  await row('drop child', () => permission.drop('child'));
  await row('has child', () => String(permission.has('child')));
  await row('spawn after it', CHILD.spawn);
}

const sets = { zones: zoneSet, heavy: heavySet, has: hasSet, scopes: scopeSet,
  types: typeSet, flags: flagSet, child: childSet, worker: workerSet,
  drop: dropSet };

(async () => {
  process.on('uncaughtException', (error) => uncaught(error));
  for (const name of table.sets) await sets[name](table);
  fs.writeSync(1, JSON.stringify(outcomes));
  process.exit(0);
})();
