// SPDX-License-Identifier: Apache-2.0
// Runs the rows of policy-cases*.js: each in a directory of its own, under each
// Node that is named, and says where what happens is not what the row wants.
//
//   node policy-run.js NSSUPERVISE DIRECTORY LABEL=NODE...
//   CASES='^10 ' node policy-run.js …       these rows only
//
// Prints "ok NAME" or "not ok NAME" and lines with "# " for each row.
'use strict';

const { execFile } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const AT_ONCE = 3;
const LIMIT_MS = 60000;
const [, , nssupervise, top, ...nodes] = process.argv;

function sri(content, name = 'sha256') {
  return `${name}-${createHash(name).update(content).digest('base64')}`;
}

/*
 * In a manifest, {H:a.js} is the hash of that file of the row, {384:a.js} and
 * {512:a.js} the others, {D} the row's directory, {U} the same as a URL.
 */
function expand(text, files, dir) {
  const sizes = { H: 'sha256', 384: 'sha384', 512: 'sha512' };

  return text
    .replace(/\{(H|384|512):([^}]+)\}/g,
             (_, size, name) => sri(files[name], sizes[size]))
    .replaceAll('{D}', dir)
    .replaceAll('{U}', pathToFileURL(dir).href);
}

function write(dir, row) {
  const files = {};
  const manifest = typeof row.manifest === 'string' ? row.manifest :
    JSON.stringify(row.manifest);

  for (const [name, content] of Object.entries(row.files)) {
    files[name] = typeof content === 'string' ? expand(content, {}, dir) :
      content;
    fs.mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    fs.writeFileSync(path.join(dir, name), files[name]);
  }
  for (const [name, to] of Object.entries(row.links ?? {}))
    fs.symlinkSync(to, path.join(dir, name));
  fs.writeFileSync(path.join(dir, 'p.json'), expand(manifest, files, dir));
  for (const [name, content] of Object.entries(row.tampered ?? {}))
    fs.writeFileSync(path.join(dir, name), content);
}

function run(dir, row, node) {
  const args = [
    '--policy=p.json', `--allow-fs-read=${dir}`, 
    ...(row.flags ?? []).map((flag) => expand(flag, {}, dir)), '--',
    node, ...row.options ?? [], ...row.main === null ? [] : [row.main ?? 'a.js'],
    ...row.args ?? [],
  ];

  return new Promise((done) => {
    const { NODE_OPTIONS, ...env } = process.env;
    const child = execFile(nssupervise, args, {
      cwd: dir, encoding: 'utf8', env: { ...env, NO_COLOR: '1', ...row.env },
      timeout: LIMIT_MS,
    }, (error, out, err) => done({
      status: error === null ? 0 : error.code ?? error.signal, out, err,
    }));

    child.stdin.on('error', () => {}); // it need not read
    child.stdin.end(row.stdin ?? '');
  });
}

// A value, or for each version its own: { 20: …, other: … }.
function of(value, label) {
  const isTable = typeof value === 'object' && value !== null &&
    !(value instanceof RegExp) && !Array.isArray(value);

  return !isTable ? value : label in value ? value[label] : value.other;
}

function differences(row, label, dir, { status, out, err }) {
  const wanted = [
    ['status', status, of(row.status ?? 0, label)],
    ['output', out.trimEnd().replaceAll(dir, '/app'), of(row.out, label)],
    ['errors', err.replaceAll(dir, '/app'), of(row.err, label)],
    ['errors, not', err.replaceAll(dir, '/app'), of(row.errNot, label), true],
  ];
  const lines = [];

  for (const [name, got, want, isNot] of wanted) {
    if (want === undefined)
      continue;
    if (want instanceof RegExp ? want.test(got) !== Boolean(isNot) : got === want)
      continue;
    lines.push(`${name}: got ${JSON.stringify(got)}`, `want ${want}`);
  }
  if (lines.length > 0)
    lines.push(`status ${status}`, ...out.slice(0, 2000).split('\n'), ...err.slice(0, 3000).split('\n'));
  return lines;
}

async function check(row, number) {
  const lines = [];

  for (const pair of nodes) {
    const [label, node] = pair.split('=');
    const dir = path.join(top, `${number}-${label}`);

    if (row.only !== undefined && !row.only.includes(Number(label)))
      continue;
    fs.mkdirSync(dir);
    write(dir, row);
    lines.push(...differences(row, label, dir, await run(dir, row, node))
      .map((line) => `# ${label}: ${line}`));
    fs.rmSync(dir, { recursive: true });
  }
  console.log([`${lines.length === 0 ? 'ok' : 'not ok'} ${row.name}`, ...lines]
    .join('\n'));
}

async function main() {
  const wanted = new RegExp(process.env.CASES ?? '');
  const rows = fs.readdirSync(__dirname).sort()
    .filter((name) => /^policy-cases.*\.js$/.test(name))
    .flatMap((name) => require(path.join(__dirname, name)))
    .filter(({ name }) => wanted.test(name));
  let next = 0;
  const worker = async () => {
    while (next < rows.length) {
      const number = next++;

      await check(rows[number], number);
    }
  };

  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  console.log(`end ${rows.length}`);
}

main();
