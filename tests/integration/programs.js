// SPDX-License-Identifier: Apache-2.0
// What Node programs do with files, processes and threads, in one run.
'use strict';

const { execFile, execFileSync, fork, spawn, spawnSync } =
  require('child_process');
const cluster = require('cluster');
const crypto = require('crypto');
const { once } = require('events');
const fs = require('fs');
const http = require('http');
const os = require('os');
const path = require('path');
const readline = require('readline');
const { pipeline } = require('stream/promises');
const { promisify } = require('util');
const { Worker, isMainThread, parentPort } = require('worker_threads');
const zlib = require('zlib');

const parts = {
  async promises() {
    const { promises: p } = fs;
    await p.mkdir('p/a/b', { recursive: true });
    await p.writeFile('p/a/file', 'text', { mode: 0o640 });
    await p.appendFile('p/a/file', ' more');
    await p.copyFile('p/a/file', 'p/copy', fs.constants.COPYFILE_EXCL);
    await p.symlink('a', 'p/link');
    await p.rename('p/copy', 'p/renamed');
    await p.link('p/renamed', 'p/hard');
    await p.chmod('p/renamed', 0o600);
    await p.utimes('p/renamed', 1, 2);
    await p.lutimes('p/link', 3, 4);
    await p.truncate('p/renamed', 3);
    const handle = await p.open('p/a/file', 'r+');
    await handle.write('TEXT', 0);
    await handle.sync();
    await handle.chmod(0o644);
    const { size } = await handle.stat();
    await handle.close();
    const names = await p.readdir('p', { withFileTypes: true });
    const opened = await p.opendir('p');
    let count = 0;
    for await (const entry of opened) count += entry.name.length > 0;
    const temporary = await p.mkdtemp(path.join(os.tmpdir(), 'x-'));
    await p.rmdir(temporary);
    await p.access('p/a/file', fs.constants.R_OK | fs.constants.W_OK);
    if (p.cp) await p.cp('p', 'q', { recursive: true, preserveTimestamps: true });
    await p.rm('q', { recursive: true });
    return [size, count, names.map((n) => [n.name, n.isSymbolicLink()]),
            await p.readlink('p/link'), path.basename(await p.realpath('p/link')),
            (await p.lstat('p/hard')).nlink, await p.readFile('p/link/file', 'utf8')];
  },

  async errors() {
    const result = [];
    for (const call of [
      () => fs.readFileSync('nothing'), () => fs.readdirSync('data/file'),
      () => fs.mkdirSync('data'), () => fs.rmdirSync('data'),
      () => fs.readFileSync('data'), () => fs.unlinkSync('nothing'),
      () => fs.renameSync('nothing', 'x'), () => fs.openSync('data/file', 'wx'),
      () => fs.statSync('data/loop'), () => fs.readlinkSync('data/file'),
      () => fs.accessSync('data/file', fs.constants.X_OK),
      () => require('./nothing'), () => process.chdir('nothing'),
    ]) {
      try {
        call();
        result.push('done');
      } catch (error) {
        result.push(`${error.code} ${error.syscall}`);
      }
    }
    return result;
  },

  async streams() {
    await pipeline(fs.createReadStream('data/words'), zlib.createGzip(),
                   fs.createWriteStream('words.gz'));
    await pipeline(fs.createReadStream('words.gz'), zlib.createGunzip(),
                   fs.createWriteStream('words'));
    fs.unlinkSync('words.gz');
    const lines = readline.createInterface({ input: fs.createReadStream('words') });
    const seen = [];
    for await (const line of lines) seen.push(line);
    return seen;
  },

  async watching() {
    fs.mkdirSync('watched');
    const watcher = fs.watch('watched');
    const change = once(watcher, 'change');
    setTimeout(() => fs.writeFileSync('watched/new', 'x'), 50);
    const [kind, name] = await change;
    watcher.close();
    fs.writeFileSync('polled', 'a');
    const polled = new Promise((done) => {
      fs.watchFile('polled', { interval: 20 }, (now) => done(now.size));
    });
    setTimeout(() => fs.appendFileSync('polled', 'bc'), 60);
    const size = await polled;
    fs.unwatchFile('polled');
    return [kind, name, size];
  },

  async workers() {
    const workers = [1, 2, 3].map((n) => {
      const worker = new Worker(__filename, { argv: ['worker'] });
      worker.postMessage(n);
      return once(worker, 'message').then(async ([value]) => {
        await worker.terminate();
        return value;
      });
    });
    return Promise.all(workers);
  },

  async children() {
    const { stdout } = await promisify(execFile)('ls', ['data/sub']);
    const shell = spawnSync('echo $0; exit 7', { shell: true });
    const child = spawn('tr', ['a-z', 'A-Z'], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end('upper');
    let text = '';
    for await (const chunk of child.stdout) text += chunk;
    const forked = fork(__filename, ['forked'], { stdio: 'inherit' });
    const [message] = await once(forked, 'message');
    await once(forked, 'exit');
    const missing = await new Promise((done) => {
      spawn('./nothing').on('error', (error) => done(error.code));
    });
    const killed = spawn('sleep', ['9']);
    killed.kill('SIGTERM');
    const [, signal] = await once(killed, 'exit');
    const detached = spawn('true', { detached: true, stdio: 'ignore' });
    const [code] = await once(detached, 'exit');
    return [stdout, shell.status, text, message, missing, signal, code,
            execFileSync(process.execPath, ['-p', '6*7'], { encoding: 'utf8' })];
  },

  async clustered() {
    cluster.setupPrimary({ exec: __filename, args: ['cluster'] });
    const workers = [cluster.fork(), cluster.fork()];
    const ports = await Promise.all(
      workers.map(async (worker) => (await once(worker, 'listening'))[0].port));
    const body = await get(ports[0], '/');
    workers.forEach((worker) => worker.process.disconnect());
    await Promise.all(workers.map((worker) => once(worker, 'exit')));
    return [ports[0] === ports[1], body];
  },

  async serving() {
    const server = http.createServer((request, response) => {
      fs.createReadStream(`data${request.url}`)
        .on('error', (error) => response.writeHead(404).end(error.code))
        .pipe(response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    const result = [await get(port, '/file'), await get(port, '/nothing')];
    server.close();
    return result;
  },

  async hashing() {
    const key = await promisify(crypto.scrypt)('secret', 'salt', 16);
    const { publicKey, privateKey } =
      crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const signature = crypto.sign('sha256', Buffer.from('x'), privateKey);
    return [key.toString('hex'), crypto.randomBytes(8).length,
            crypto.verify('sha256', Buffer.from('x'), publicKey, signature),
            crypto.createHash('sha512').update('x').digest('base64'),
            zlib.brotliDecompressSync(zlib.brotliCompressSync('b')).toString()];
  },

  async modules() {
    fs.mkdirSync('node_modules/box/lib', { recursive: true });
    fs.writeFileSync('node_modules/box/package.json',
      '{"name":"box","exports":{"import":"./lib/m.mjs","require":"./lib/c.js"}}');
    fs.writeFileSync('node_modules/box/lib/m.mjs', 'export default "esm";');
    fs.writeFileSync('node_modules/box/lib/c.js', 'module.exports = "cjs";');
    const { createRequire } = require('module');
    const local = createRequire(path.resolve('main.js'));
    fs.writeFileSync('main.mjs', 'export { default } from "box";');
    const missing = (() => {
      try {
        local('missing');
      } catch (error) {
        return error.code;
      }
    })();
    return [local('box'), (await import(path.resolve('main.mjs'))).default,
            missing, local('./data/data.json')];
  },

  async machine() {
    const user = os.userInfo().uid === process.getuid();
    return [user, os.cpus().length > 0, os.totalmem() > 0, os.uptime() > 0,
            process.memoryUsage().rss > 0, process.umask().toString(8),
            os.hostname().length > 0, typeof os.loadavg()[0],
            new Date(0).toLocaleString('de-DE', { timeZone: 'Europe/Berlin' })];
  },

  async database() {
    let sqlite;
    try {
      sqlite = require('node:sqlite');
    } catch {
      return 'none';
    }
    const base = new sqlite.DatabaseSync('node.db');
    base.exec('create table t (n integer); insert into t values (1), (2)');
    const row = base.prepare('select sum(n) as sum from t').get();
    base.close();
    fs.unlinkSync('node.db');
    return row.sum;
  },
};

function get(port, url) {
  return new Promise((done, fail) => {
    http.get({ port, path: url, host: '127.0.0.1', agent: false }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      done([response.statusCode, text]);
    }).on('error', fail);
  });
}

async function main() {
  for (const [name, part] of Object.entries(parts)) {
    let result;
    try {
      result = await part();
    } catch (error) {
      result = `${error.name} ${error.code} ${error.syscall}: ${error.message}`;
    }
    console.log(`${name}: ${JSON.stringify(result)}`);
  }
}

if (!isMainThread) {
  parentPort.on('message', (n) => {
    parentPort.postMessage([n * n, fs.readFileSync('data/file', 'utf8')]);
  });
} else if (process.argv[2] === 'forked') {
  process.send({ cwd: path.basename(process.cwd()) }, () => process.disconnect());
} else if (process.argv[2] === 'cluster') {
  http.createServer((request, response) => response.end('worker'))
    .listen(0, '127.0.0.1');
} else {
  process.removeAllListeners('warning');
  main();
}
