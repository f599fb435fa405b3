// SPDX-License-Identifier: Apache-2.0
// What all file functions give in the current directory, where everything is
// allowed: the same with the preload as without. Prints it.
'use strict';

const fs = require('fs');
const path = require('path');
const { promisify, inspect } = require('util');

const { promises } = fs;
const here = process.cwd();
const VOLATILE =
  /(atime|mtime|ctime|birthtime|ino|dev|blocks|bfree|bavail|files|ffree)/i;

function simple(value) {
  if (value instanceof fs.Stats || value?.constructor?.name === 'BigIntStats' ||
      value?.constructor?.name === 'StatFs') {
    return Object.entries(value).filter(([name]) => !VOLATILE.test(name))
      .map(([name, field]) => `${name}=${field}`).join();
  }
  if (value instanceof fs.Dir)
    return `Dir ${value.path}`;
  if (Array.isArray(value))
    return value.map(simple).sort();
  if (typeof value === 'string')
    return value.replace(/-[A-Za-z0-9]{6}$/, '-XXXXXX');
  if (value?.constructor?.name === 'FileHandle')
    return 'FileHandle';
  return typeof value === 'number' ? 'number' : inspect(value);
}

// The frames in which Node and we differ by nothing but the line.
function frames(stack) {
  return stack.split('\n')
    .filter((line) => !/node:internal|FSReqCallback|as oncomplete/.test(line))
    .slice(0, 3).map((line) => line.replace(/:\d+:\d+\)?$/, '')).join('|');
}

function failure(error) {
  const { code, dest, errno, message, name, path: at, syscall } = error;

  return ['ERROR', name, code, errno, syscall, simple(at ?? ''),
          simple(dest ?? ''), message.replace(/-[A-Za-z0-9]{6}'/, "-XXXXXX'"),
          Object.keys(error).join(), frames(error.stack)
            .replace(/-[A-Za-z0-9]{6}'/, "-XXXXXX'")].join(' ; ');
}

function print(name, form, value) {
  console.log(name, form, JSON.stringify(simple(value)).replaceAll(here, '.'));
}

function reset() {
  for (const name of fs.readdirSync('.'))
    fs.rmSync(name, { recursive: true, force: true });
  fs.mkdirSync('dir/sub', { recursive: true });
  fs.writeFileSync('file', 'text');
  fs.writeFileSync('dir/inner', 'inner');
  fs.writeFileSync('unreadable', 'secret', { mode: 0o200 });
  fs.symlinkSync('file', 'link');
}

async function forms(name, ...args) {
  const form = `(${args.map((arg) => simple(arg)).join()})`;

  if (fs[`${name}Sync`] !== undefined) {
    reset();
    try {
      print(name, `sync ${form}`, fs[`${name}Sync`](...args));
    } catch (error) {
      console.log(name, `sync ${form}`, failure(error).replaceAll(here, '.'));
    }
  }
  if (fs[name] !== undefined) {
    reset();
    await new Promise((resolve) => {
      try {
        fs[name](...args, function(error, ...values) {
          if (error instanceof Error)
            console.log(name, form, failure(error).replaceAll(here, '.'));
          else
            print(name, `${form} ${arguments.length}`, values);
          values[0]?.closeSync?.();
          resolve();
        });
      } catch (error) {
        console.log(name, form, failure(error).replaceAll(here, '.'));
        resolve();
      }
    });
  }
  if (promises[name] !== undefined) {
    reset();
    try {
      const value = await promises[name](...args);

      print(name, `promise ${form}`, value);
      await value?.close?.();
    } catch (error) {
      console.log(name, `promise ${form}`,
                  failure(error).replaceAll(here, '.'));
    }
  }
}

async function everything() {
  const calls = [
    ['access', 'file'], ['access', 'none'], ['access', 'unreadable', 4],
    ['access'], ['access', 'a\0b'],
    ['appendFile', 'file', 'more'], ['appendFile', 'dir', 'x'],
    ['chmod', 'file', 0o640], ['chmod', 'none', 0o640], ['chmod', 'file', 'x'],
    ['chown', 'file', process.getuid(), process.getgid()],
    ['chown', 'none', 1, 1],
    ['copyFile', 'file', 'copy'], ['copyFile', 'none', 'copy'],
    ['copyFile', 'file', 'dir/inner', 1],
    ['cp', 'dir', 'copy', { recursive: true }], ['cp', 'none', 'copy'],
    ['cp', 'dir', 'copy'], ['cp', 'file', 'link'],
    ['exists', 'file'], ['exists', 'none'], ['exists', 5],
    ['lchown', 'link', process.getuid(), process.getgid()],
    ['link', 'file', 'hard'], ['link', 'none', 'hard'],
    ['lstat', 'link'], ['lstat', 'none'], ['lstat', 'file', { bigint: true }],
    ['lutimes', 'link', 1, 2], ['lutimes', 'none', 1, 2],
    ['mkdir', 'new'], ['mkdir', 'dir'], ['mkdir', 'a/b'],
    ['mkdir', 'a/b', { recursive: true }], ['mkdir', 'file/b'],
    ['mkdtemp', 'tmp-'], ['mkdtemp', 'none/tmp-'],
    ['open', 'file'], ['open', 'none'], ['open', 'file', 'wx'],
    ['open', 'dir', 'w'], ['open', 'unreadable'], ['open', 'file', 'nonsense'],
    ['opendir', 'dir'], ['opendir', 'none'], ['opendir', 'file'],
    ['opendir', 'dir', { bufferSize: 2 }], ['opendir'],
    ['readFile', 'file'], ['readFile', 'file', 'utf8'], ['readFile', 'none'],
    ['readFile', 'none', 'utf8'], ['readFile', 'dir'],
    ['readFile', Buffer.from('file'), 'latin1'], ['readFile', 'unreadable'],
    ['readFile', 'new', { flag: 'a+' }],
    ['readdir', '.'], ['readdir', 'none'], ['readdir', 'file'],
    ['readdir', '.', { recursive: true }],
    ['readdir', 'dir', { withFileTypes: true }],
    ['readlink', 'link'], ['readlink', 'file'], ['readlink', 'none'],
    ['realpath', 'link'], ['realpath', 'none'], ['realpath', 'dir/../link'],
    ['rename', 'file', 'new'], ['rename', 'none', 'new'],
    ['rename', 'file', 'dir'],
    ['rm', 'file'], ['rm', 'none'], ['rm', 'none', { force: true }],
    ['rm', 'dir'], ['rm', 'dir', { recursive: true }],
    ['rmdir', 'dir/sub'], ['rmdir', 'dir'], ['rmdir', 'none'],
    ['stat', 'link'], ['stat', 'none'], ['stat', 'file/none'],
    ['stat', 'none', { throwIfNoEntry: false }],
    ['statfs', '.'], ['statfs', 'none'],
    ['symlink', 'target', 'new'], ['symlink', 'target', 'link'],
    ['truncate', 'file', 2], ['truncate', 'none'], ['truncate', 'dir'],
    ['unlink', 'file'], ['unlink', 'none'], ['unlink', 'dir'],
    ['utimes', 'file', 1, 2], ['utimes', 'none', 1, 2],
    ['writeFile', 'new', 'x'], ['writeFile', 'new', Buffer.from('x')],
    ['writeFile', 'dir', 'x'], ['writeFile', 'file', 'x', { flag: 'wx' }],
    ['writeFile', 'none/new', 'x'], ['writeFile', 'file', 'x', { flag: 'a' }],
  ];

  for (const call of calls)
    await forms(...call);
}

async function descriptors() {
  const handle = await promises.open('file', 'r+');
  const fd = fs.openSync('file', 'r+');

  for (const [name, ...args] of [
    ['chmod', 0o600], ['utimes', 1, 2], ['stat'], ['sync'], ['datasync'],
    ['truncate', 3], ['read', Buffer.alloc(3), 0, 3, 0], ['write', 'xyz', 0],
  ]) {
    print(`FileHandle.${name}`, '', await handle[name](...args)
      .catch((error) => failure(error)));
  }
  await handle.close();
  for (const [name, ...args] of [
    ['fchmod', 0o600], ['futimes', 1, 2], ['fstat'], ['fsync'], ['fdatasync'],
    ['ftruncate', 3], ['read', Buffer.alloc(3), 0, 3, 0], ['write', 'xyz', 0],
    ['fchown', process.getuid(), process.getgid()],
  ]) {
    print(name, 'sync', fs[`${name}Sync`](fd, ...args));
    print(name, '', await promisify(fs[name])(fd, ...args));
  }
  fs.closeSync(fd);
  for (const name of ['fchmodSync', 'futimesSync', 'fstatSync']) {
    try {
      fs[name](fd, 1, 2);
    } catch (error) {
      console.log(name, failure(error));
    }
  }
}

function describe(object, prefix) {
  for (const name of Object.keys(object).sort()) {
    const value = name === 'promises' ? '' :
      Object.getOwnPropertyDescriptor(object, name).value;

    if (typeof value !== 'function')
      continue;
    console.log(prefix + name, value.name, value.length,
                Reflect.ownKeys(value).map(String).sort().join());
  }
}

(async () => {
  reset();
  await everything();
  reset();
  await descriptors();
  describe(fs, 'fs.');
  describe(promises, 'fs.promises.');
  describe(require('child_process'), 'child_process.');
  for (const name of ['chdir', 'dlopen', 'execve', 'loadEnvFile'])
    console.log(name, process[name]?.name, process[name]?.length);
  print('promisify(read)', '', Object.keys(
    await promisify(fs.read)(fs.openSync('file'), Buffer.alloc(2), 0, 2, 0)));
  print('promisify(exists)', '', await promisify(fs.exists)('file'));
  const dir = await promisify(fs.opendir)('dir');

  print('promisify(opendir)', '', dir);
  await dir.close();
  print('realpath.native', '', path.relative(
    here, await promisify(fs.realpath.native)('link')));
  print('throwIfNoEntry', '', fs.statSync('none', { throwIfNoEntry: false }));
  print('watch', '', await promises.watch('none').next()
    .catch((error) => failure(error).replaceAll(here, '.')));
  fs.createReadStream('none').on('error', (error) => {
    console.log('createReadStream', failure(error));
    fs.createWriteStream('new').end('x', () => console.log('written'));
  });
})();
