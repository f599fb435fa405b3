// SPDX-License-Identifier: Apache-2.0
// Every call with a path, on a path that is denied: each form must say what
// Node's permission model says. Prints what it does not. With a directory
// whose file "file" may be read, and another that is closed altogether.
'use strict';

const fs = require('fs');
const { once } = require('events');
const { fileURLToPath, pathToFileURL } = require('url');

const { promises } = fs;
const [, , open, closed] = process.argv;
const file = `${open}/file`;
const secret = `${closed}/secret`;
const major = parseInt(process.versions.node, 10);
const READ = 'FileSystemRead';
const WRITE = 'FileSystemWrite';
const FLAGS = {
  FileSystemRead: '--allow-fs-read',
  FileSystemWrite: '--allow-fs-write',
};

const noop = () => {};
const problems = [];

function check(name, error, permission, resource) {
  const message = 'Access to this API has been restricted. ' +
    `Use ${FLAGS[permission]} to manage permissions.`;
  const keys = error instanceof Error ? Object.keys(error).join() : '';

  if (!(error instanceof Error))
    problems.push(`${name}: no error but ${error}`);
  else if (keys !== 'code,permission,resource' || error.name !== 'Error' ||
           error.code !== 'ERR_ACCESS_DENIED' || error.message !== message ||
           error.permission !== permission || error.resource !== resource)
    problems.push(`${name}: ${error.message} [${keys}] ${error.code} ` +
      `${error.permission} ${error.resource}`);
  else if (/shim-|node-shim/.test(error.stack.replaceAll(__filename, '')))
    problems.push(`${name}: the shim shows in ${error.stack}`);
  else if (!error.stack.startsWith(`Error: ${message}`))
    problems.push(`${name}: stack ${error.stack}`);
}

// What [name, arguments, permission, resource] gives as a synchronous call,
// with a callback and with a promise.
async function checkForms(name, args, permission, resource = args[0]) {
  if (fs[`${name}Sync`] !== undefined) {
    let result;

    try {
      result = fs[`${name}Sync`](...args);
    } catch (error) {
      result = error;
    }
    check(`${name}Sync`, result, permission, resource);
    if (!`${result.stack}`.includes(__filename))
      problems.push(`${name}Sync: the caller is not in ${result.stack}`);
  }
  if (fs[name] !== undefined) {
    const result = await new Promise((resolve) => {
      fs[name](...args, (error, value) => resolve(error ?? value));
    });

    check(name, result, permission, resource);
  }
  if (promises[name] !== undefined) {
    const result = await promises[name](...args).catch((error) => error);

    check(`promises.${name}`, result, permission, resource);
  }
}

async function checkTables() {
  const url = pathToFileURL(secret);

  const forms = [
    ['access', [secret], READ],
    ['access', [secret, fs.constants.W_OK], READ],
    ['access', [Buffer.from(secret)], READ, secret],
    ['access', [url], READ, fileURLToPath(url)],
    ['appendFile', [file, 'x'], WRITE],
    ['chmod', [file, 0o600], WRITE],
    ['chown', [file, 0, 0], WRITE],
    ['copyFile', [secret, file], READ],
    ['copyFile', [file, secret], WRITE, secret],
    ['cp', [secret, `${open}/copy`, { recursive: true }], READ],
    ['cp', [file, `${open}/copy`], WRITE, `${open}/copy`],
    ['lchown', [file, 0, 0], WRITE],
    ['link', [secret, `${open}/link`], READ],
    ['link', [file, `${open}/link`], WRITE],
    ['lstat', [secret], READ],
    ['lutimes', [file, 1, 2], WRITE],
    ['mkdir', [`${open}/new`], WRITE],
    ['mkdir', [`${open}/new`, { recursive: true }], WRITE],
    ['mkdtemp', [`${open}/new-`], WRITE, `${open}/new-XXXXXX`],
    ['open', [secret], READ],
    ['open', [file, 'w'], WRITE],
    ['open', [file, 'r+'], WRITE],
    ['open', [secret, 'r+'], READ],
    ['opendir', [closed], READ],
    ['readFile', [secret], READ],
    ['readFile', [secret, 'utf8'], READ],
    ['readFile', [url], READ, secret],
    ['readdir', [closed], READ],
    ['readdir', [closed, { withFileTypes: true }], READ],
    ['readlink', [secret], READ],
    ['rename', [secret, `${open}/new`], READ],
    ['rename', [file, `${open}/new`], WRITE],
    ['rmdir', [open], WRITE],
    ['stat', [secret], READ],
    ['stat', ['../closed/secret'], READ],
    ['symlink', ['target', `${open}/new`], WRITE, `${open}/new`],
    ['truncate', [file], WRITE],
    ['unlink', [file], WRITE],
    ['utimes', [file, 1, 2], WRITE],
    ['writeFile', [file, 'x'], WRITE],
    ['writeFile', [file, Buffer.from('x')], WRITE],
  ];

  if (major >= 19)
    forms.push(['statfs', [secret], READ]);
  process.chdir(open);
  for (const form of forms)
    await checkForms(...form);
}

function thrown(action) {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

function called(action) {
  return new Promise((resolve) => {
    action((error, value) => resolve(error ?? value));
  });
}

async function checkOthers() {
  check('exists', thrown(() => fs.existsSync(secret)), READ, secret);
  check('realpath', thrown(() => fs.realpathSync(secret)), READ, closed);
  check('realpath.native', thrown(() => fs.realpathSync.native(secret)), READ,
        secret);
  check('realpath.native, callback',
        await called((callback) => fs.realpath.native(secret, callback)), READ,
        secret);
  check('watch', thrown(() => fs.watch(secret)), READ, secret);
  check('watchFile', thrown(() => fs.watchFile(secret, noop)), READ, secret);
  check('promises.watch', await promises.watch(secret).next()
    .catch((error) => error), READ, secret);
  check('chdir', thrown(() => process.chdir(closed)), READ, closed);
  if (fs.openAsBlob !== undefined)
    check('openAsBlob', thrown(() => fs.openAsBlob(secret)), READ, secret);
  if (process.loadEnvFile !== undefined)
    check('loadEnvFile', thrown(() => process.loadEnvFile(secret)), READ,
          secret);
  check('createReadStream',
        (await once(fs.createReadStream(secret), 'error').catch((e) => [e]))[0],
        READ, secret);
  check('createWriteStream',
        (await once(fs.createWriteStream(file), 'error').catch((e) => [e]))[0],
        WRITE, file);
  check('rm', thrown(() => fs.rmSync(file)), WRITE, file);
  check('promises.rm', await promises.rm(file).catch((error) => error), WRITE,
        file);
  if (await called((callback) => fs.exists(secret, (is) => callback(is))))
    problems.push('exists, callback: says yes');
  if (fs.existsSync(`${open}/none`) !== false)
    problems.push('existsSync: says yes');
}

async function checkDescriptors() {
  const fd = fs.openSync(file);
  const handle = await promises.open(file);
  const byFd = [
    ['fchmod', [0o600]], ['fchown', [0, 0]], ['futimes', [1, 2]],
  ];
  const byHandle = [
    ['chmod', [0o600]], ['chown', [0, 0]], ['utimes', [1, 2]],
  ];

  for (const [name, args] of byFd) {
    check(`${name}Sync`, thrown(() => fs[`${name}Sync`](fd, ...args)), WRITE,
          '');
    check(name, await called((callback) => fs[name](fd, ...args, callback)),
          WRITE, '');
  }
  for (const [name, args] of byHandle) {
    check(`FileHandle.${name}`,
          await handle[name](...args).catch((error) => error), WRITE, '');
  }
  if ((await handle.readFile('utf8')) !== 'inside\n')
    problems.push('FileHandle.readFile');
  await handle.close();
  fs.closeSync(fd);
}

async function checkModules() {
  const error = await import(`${pathToFileURL(secret)}.mjs`).catch((e) => e);

  if (!/^(ERR_ACCESS_DENIED|ERR_MODULE_NOT_FOUND|EACCES)$/.test(error.code))
    problems.push(`import: ${error.stack}`);
  if (!/^(ERR_ACCESS_DENIED|MODULE_NOT_FOUND|EACCES)$/.test(
    thrown(() => require(`${secret}.js`)).code))
    problems.push('require');
}

(async () => {
  await checkTables();
  await checkOthers();
  await checkDescriptors();
  await checkModules();
  console.log(problems.length === 0 ? 'all as in Node' : problems.join('\n'));
})();
