// SPDX-License-Identifier: Apache-2.0
// The API rows of the permission table: a call and the object that it is made
// for. Read by permission.js, which makes the objects, and run under the
// permissions by permission-driver.js.
//
// A row is [NAME, KIND, FUNCTION]: KIND says what is made at the path that the
// function gets (file, dir, link, absent, code). Where the function is a string it is
// an API of fs, and there is a row for each of its forms: sync, cb, promise.
'use strict';

const fs = require('fs');
const { constants } = fs;

const uid = process.getuid();
const gid = process.getgid();
const none = () => [];

// What takes one path: [name, kind, the arguments after the path].
const SINGLE = [
  ['access', 'file', none],
  ['access', 'file', () => [constants.W_OK], 'access-w'],
  ['exists', 'file', none],
  ['stat', 'file', none],
  ['lstat', 'file', none],
  ['statfs', 'file', none],
  ['readFile', 'file', none],
  ['readdir', 'dir', none],
  ['readdir', 'dir', () => [{ recursive: true }], 'readdir-r'],
  ['opendir', 'dir', none],
  ['readlink', 'link', none],
  ['open', 'file', () => ['r'], 'open-r'],
  ['open', 'dir', () => [constants.O_DIRECTORY], 'open-directory'],
  ['open', 'file', () => ['w'], 'open-w'],
  ['open', 'absent', () => ['wx'], 'open-wx'],
  ['open', 'file', () => ['a'], 'open-a'],
  ['open', 'file', () => [constants.O_WRONLY], 'open-wronly'],
  ['open', 'file', () => ['r+'], 'open-r+'],
  ['open', 'file', () => ['rs+'], 'open-rs+'],
  ['open', 'file', () => ['w+'], 'open-w+'],
  ['open', 'file', () => ['a+'], 'open-a+'],
  ['open', 'absent', () => [constants.O_CREAT | constants.O_RDONLY],
    'open-creat'],
  ['open', 'file', () => [constants.O_RDONLY | constants.O_TRUNC],
    'open-trunc'],
  ['open', 'dir', () => [0o20200000 | constants.O_RDWR], 'open-tmpfile'],
  ['writeFile', 'file', () => ['x']],
  ['writeFile', 'absent', () => ['x'], 'writeFile-new'],
  ['appendFile', 'file', () => ['x']],
  ['truncate', 'file', () => [1]],
  ['mkdir', 'absent', none],
  ['mkdir', 'absent', () => [{ recursive: true }], 'mkdir-r'],
  ['mkdtemp', 'absent', none],
  ['mkdtempDisposable', 'absent', none],
  ['chmod', 'file', () => [0o600]],
  ['chown', 'file', () => [uid, gid]],
  ['lchown', 'file', () => [uid, gid]],
  ['utimes', 'file', () => [1, 1]],
  ['lutimes', 'file', () => [1, 1]],
  ['unlink', 'file', none],
  ['rmdir', 'dir0', none],
  ['rm', 'file', none],
  ['rm', 'dir', () => [{ recursive: true }], 'rm-r'],
  ['rm', 'absent', () => [{ force: true }], 'rm-f'],
];

// What takes two: made for every pair of zones.
const DOUBLE = [
  ['rename', 'file'],
  ['link', 'file'],
  ['symlink', 'file'],
  ['copyFile', 'file'],
  ['cp', 'file'],
];

async function settle(call, result) {
  if (call === 'exists') return result;
  if (result && typeof result.close === 'function') await result.close();
  else if (typeof result === 'number') fs.closeSync(result);
  if (result instanceof Buffer) return result.toString();
  return undefined;
}

function formsOf(call) {
  const forms = [];
  if (fs[`${call}Sync`]) {
    forms.push(['sync', (...args) => settle(call, fs[`${call}Sync`](...args))]);
  }
  if (fs[call]) {
    forms.push(['cb', (...args) => new Promise((resolve, reject) => {
      fs[call](...args, (error, result) => {
        if (call === 'exists') resolve(error);
        else if (error) reject(error);
        else resolve(settle(call, result));
      });
    })]);
  }
  if (fs.promises[call]) {
    forms.push(['promise', async (...args) =>
      settle(call, await fs.promises[call](...args))]);
  }
  return forms;
}

function event(emitter, name) {
  return new Promise((resolve, reject) => {
    emitter.once(name, resolve);
    emitter.once('error', reject);
  });
}

function nextTurn() {
  return new Promise((resolve) => { setTimeout(resolve, 2); });
}

// By descriptor: opened in the way given, then used.
function byDescriptor(name, flags, use) {
  return [`${name}.${flags}`, 'file', async (p) => {
    const fd = fs.openSync(p, flags);
    try {
      await use(fd);
    } finally {
      fs.closeSync(fd);
    }
  }];
}

function byHandle(name, flags, use) {
  return [`FileHandle.${name}.${flags}`, 'file', async (p) => {
    const handle = await fs.promises.open(p, flags);
    try {
      await use(handle);
    } finally {
      await handle.close();
    }
  }];
}

function called(name, ...args) {
  return (fd) => new Promise((resolve, reject) => {
    fs[name](fd, ...args, (error) => (error ? reject(error) : resolve()));
  });
}

const DESCRIPTORS = [];
for (const flags of ['r', 'r+', 'w']) {
  for (const [name, ...args] of [['fchmod', 0o600], ['fchown', uid, gid],
    ['futimes', 1, 1], ['fsync'], ['fdatasync']]) {
    DESCRIPTORS.push(byDescriptor(`${name}.sync`, flags,
      (fd) => fs[`${name}Sync`](fd, ...args)));
    DESCRIPTORS.push(byDescriptor(`${name}.cb`, flags, called(name, ...args)));
  }
  for (const [name, ...args] of [['chmod', 0o600], ['chown', uid, gid],
    ['utimes', 1, 1], ['sync'], ['datasync'], ['stat']]) {
    DESCRIPTORS.push(byHandle(name, flags, (handle) => handle[name](...args)));
  }
  DESCRIPTORS.push(byDescriptor('fstat', flags, (fd) => fs.fstatSync(fd)));
}
DESCRIPTORS.push(byDescriptor('ftruncate', 'r+',
  (fd) => fs.ftruncateSync(fd, 1)));
DESCRIPTORS.push(byDescriptor('read', 'r',
  (fd) => fs.readSync(fd, Buffer.alloc(4))));
DESCRIPTORS.push(byDescriptor('write', 'w',
  (fd) => fs.writeSync(fd, 'text')));

// The rest, each in its own words.
const OTHERS = [
  ['realpath.sync', 'link', (p) => { fs.realpathSync(p); }],
  ['realpath.cb', 'link', (p) => new Promise((resolve, reject) => {
    fs.realpath(p, (error) => (error ? reject(error) : resolve()));
  })],
  ['realpath.promise', 'link', async (p) => { await fs.promises.realpath(p); }],
  ['realpath.native.sync', 'link', (p) => { fs.realpathSync.native(p); }],
  ['realpath.native.cb', 'link', (p) => new Promise((resolve, reject) => {
    fs.realpath.native(p, (error) => (error ? reject(error) : resolve()));
  })],
  ['watch', 'file', async (p) => {
    const watcher = fs.watch(p);
    const problem = new Promise((_, reject) => watcher.once('error', reject));
    await Promise.race([problem, nextTurn()]);
    watcher.close();
  }],
  ['watch.promise', 'file', async (p) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 5);
    try {
      // eslint-disable-next-line no-unused-vars
      for await (const _ of fs.promises.watch(p, controller));
    } catch (error) {
      if (error.name !== 'AbortError') throw error;
    }
  }],
  ['watchFile', 'file', async (p) => {
    fs.watchFile(p, { persistent: false }, () => {});
    fs.unwatchFile(p);
  }],
  ['createReadStream', 'file', async (p) => {
    const stream = fs.createReadStream(p);
    stream.resume();
    await event(stream, 'close');
  }],
  ['createWriteStream', 'file', async (p) => {
    const stream = fs.createWriteStream(p);
    stream.end('x');
    await event(stream, 'close');
  }],
  ['openAsBlob', 'file', async (p) => {
    await (await fs.openAsBlob(p)).text();
  }],
  ['loadEnvFile', 'file', (p) => { process.loadEnvFile(p); }],
  ['glob.sync', 'dir', (p) => String(fs.globSync(`${p}/*`).length)],
  ['glob.promise', 'dir', async (p) => {
    let count = 0;
    // eslint-disable-next-line no-unused-vars
    for await (const _ of fs.promises.glob(`${p}/*`)) count++;
    return String(count);
  }],
  ['require', 'code', (p) => require(`${p}.cjs`)],
  ['require.resolve', 'code', (p) => { require.resolve(`${p}.cjs`); }],
  ['require.json', 'code', (p) => require(`${p}.json`).name],
  ['import', 'code', async (p) => (await import(`${p}.mjs`)).default],
  ['chdir', 'dir', (p) => { process.chdir(p); }],
  ['stat-missing.sync', 'absent', (p) => {
    fs.statSync(p, { throwIfNoEntry: false });
  }],
  ['stat-missing.cb', 'absent', (p) => new Promise((resolve, reject) => {
    fs.stat(p, (error) => (error ? reject(error) : resolve()));
  })],
  ['readFile-missing.sync', 'absent', (p) => fs.readFileSync(p)],
  ['readFile-missing.promise', 'absent', (p) => fs.promises.readFile(p)],
  ['readFile-relative', 'file', (p) => {
    fs.readFileSync(require('path').relative(process.cwd(), p));
  }],
  ['readFile-dots', 'file', (p) => {
    const { dirname, basename } = require('path');
    fs.readFileSync(`${dirname(p)}//../${basename(dirname(p))}/${basename(p)}`);
  }],
  ['readFile-buffer', 'file', (p) => { fs.readFileSync(Buffer.from(p)); }],
  ['readFile-url', 'file', (p) => {
    fs.readFileSync(require('url').pathToFileURL(p));
  }],
  ['readFile-bytes', 'file', (p) => {
    fs.readFileSync(new TextEncoder().encode(p));
  }],
  ['writeFile-buffer', 'file', (p) => { fs.writeFileSync(Buffer.from(p), 'x'); }],
  ['FileHandle.readFile', 'file', async (p) => {
    const handle = await fs.promises.open(p);
    try {
      return String(await handle.readFile());
    } finally {
      await handle.close();
    }
  }],
  ['readdir-file-types', 'dir', (p) => {
    fs.readdirSync(p, { withFileTypes: true });
  }],
  ['writev', 'file', (p) => {
    const fd = fs.openSync(p, 'w');
    fs.writevSync(fd, [Buffer.from('x')]);
    fs.closeSync(fd);
  }],
  ['cp-r.sync', 'dir', (p) => { fs.cpSync(p, `${p}.2`, { recursive: true }); }],
  ['cp-r.promise', 'dir', async (p) => {
    await fs.promises.cp(p, `${p}.2`, { recursive: true });
  }],
  ['report', 'absent', (p) => { process.report.writeReport(p); }],
  ['sqlite', 'absent', (p) => {
    new (require('node:sqlite').DatabaseSync)(p).close();
  }],
];

// Slow: made in two zones only.
const HEAVY = [
  ['v8.writeHeapSnapshot', 'absent', (p) => {
    require('v8').writeHeapSnapshot(p);
  }],
];

function single() {
  const rows = [];
  for (const [call, kind, args, name = call] of SINGLE) {
    for (const [form, run] of formsOf(call)) {
      rows.push([`${name}.${form}`, kind, (p) => run(p, ...args())]);
    }
  }
  return rows;
}

// Every row of one zone.
const zoneRows = [...single(), ...DESCRIPTORS, ...OTHERS];

function double() {
  const rows = [];
  for (const [call, kind] of DOUBLE) {
    for (const [form, run] of formsOf(call)) {
      rows.push([`${call}.${form}`, kind, run]);
    }
  }
  return rows;
}

const pairRows = double();

function makeObject(kind, path) {
  switch (kind) {
    case 'file':
      fs.writeFileSync(path, 'A=1\n');
      break;
    case 'dir':
      fs.mkdirSync(path);
      fs.writeFileSync(`${path}/inside`, 'x');
      break;
    case 'dir0':
      fs.mkdirSync(path);
      break;
    case 'link':
      fs.writeFileSync(`${path}.to`, 'x');
      fs.symlinkSync(`${path}.to`, path);
      break;
    case 'code':
      fs.writeFileSync(`${path}.cjs`, 'module.exports = "cjs";');
      fs.writeFileSync(`${path}.mjs`, 'export default "mjs";');
      fs.writeFileSync(`${path}.json`, '{"name":"json"}');
      break;
    default:
  }
}

// The objects of all rows in a zone; the pairs start from @sources zones.
function makeZone(dir, zones) {
  fs.mkdirSync(dir);
  for (const [name, kind] of [...zoneRows, ...HEAVY]) {
    makeObject(kind, `${dir}/${name}`);
  }
  for (const [name, kind] of pairRows) {
    for (const zone of zones) makeObject(kind, `${dir}/${name}-${zone}`);
  }
}

module.exports = { zoneRows, pairRows, HEAVY, makeZone, event };
