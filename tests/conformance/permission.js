// SPDX-License-Identifier: Apache-2.0
// The permission table: every row of permission-rows.js and
// permission-driver.js under every grant of permission-cases.js, by Node's own
// permission model and by nssupervise, compared one by one. What differs on
// purpose is in permission-differences.js.
//
//   permission.js compare NSSUPERVISE DIRECTORY ADDON NODE...
//   permission.js oracle DIRECTORY ADDON NODE...    only Node's side, as text
//   permission.js ours NSSUPERVISE DIRECTORY ADDON NODE...    only our side
//   permission.js doc                               the text of CONFORMANCE.md
//
// $CASES, an expression, chooses grants by name; $KEEP keeps the directories.
'use strict';

const fs = require('fs');
const path = require('path');
const { spawn, spawnSync } = require('child_process');
const { cases, makeTree } = require('./permission-cases.js');
const { Differences, document } = require('./permission-compare.js');

const AT_ONCE = 2;
const SECONDS = 60;

// The driver and its rows as one text for "node -e".
function driverText() {
  const read = (name) => fs.readFileSync(path.join(__dirname, name), 'utf8')
    .replace(/^\s*\/\/.*\n/gm, '');
  return `const rows = (() => { const module = {};
    ${read('permission-rows.js')}
    return module.exports; })();
    ${read('permission-driver.js').replace("'use strict';", '')
      .replace("const fs = require('fs');", 'const fs = require("fs");')}`;
}

// The flags of Node itself, as far as this version has them.
function nodeFlags(major, { grants, flags = [] }) {
  const list = ['--no-warnings', major < 22 ? '--experimental-permission' :
    '--permission'];
  const since = { inspector: 24, net: 26 };
  const known = flags.filter((flag) => major >= (since[flag] ?? 20));
  return [...list, ...known.map(flagName), ...pathFlags(grants)];
}

function ourFlags({ grants, flags = [] }) {
  return ['--quiet', ...flags.map(flagName), ...pathFlags(grants), '--'];
}

function flagName(flag) {
  return flag === 'child' ? '--allow-child-process' : `--allow-${flag}`;
}

function pathFlags(grants) {
  return grants.map((grant) => (grant[0] === 'r' ? '--allow-fs-read=' :
    '--allow-fs-write=') + grant.slice(2));
}

function inBase(text, base) {
  return text.replace(/(^|[=,])P(?=\/|$)/g, `$1${base}`);
}

function run(command, args, options, output) {
  return new Promise((resolve) => {
    const child = spawn(command, args, options);
    const timer = setTimeout(() => child.kill('SIGKILL'), SECONDS * 1000);
    child.on('error', (error) => resolve({ status: error.code, output: '' }));
    child.on('exit', (status, signal) => {
      clearTimeout(timer);
      resolve({ status: status ?? signal, output: fs.readFileSync(output,
        'utf8') });
    });
  });
}

// The outcomes of one case: { row: outcome }.
async function runCase(setup, item, node, ours) {
  const base = path.join(setup.directory,
    `${node.major}-${ours ? 'ours' : 'node'}-${item.number}`);
  fs.mkdirSync(base);
  makeTree(base, item);
  fs.copyFileSync(setup.addon, `${base}/code/addon.node`);
  const fill = (text) => inBase(text, base);
  const flags = (ours ? ourFlags(item) : nodeFlags(node.major, item)).map(fill);
  const args = item.args?.map(fill) ?? ['-e', setup.driver];
  const command = ours ? [setup.nssupervise, ...flags, node.path, ...args] :
    [node.path, ...flags, ...args];
  const table = { ...item, args: undefined, flags: item.flags ?? [], base };
  const out = `${base}.out`;
  const options = {
    cwd: fill(item.cwd ?? 'P'),
    env: { PATH: process.env.PATH, HOME: base, ENTRY: `${base}/entry`,
      LC_ALL: 'C', TABLE: JSON.stringify(table) },
    stdio: [item.stdin ? fs.openSync(fill(item.stdin)) : 'ignore',
      fs.openSync(out, 'w'), fs.openSync(`${base}.err`, 'w')],
  };
  const result = await run(command[0], command.slice(1), options, out);
  options.stdio.filter(Number).forEach((fd) => fs.closeSync(fd));
  const outcomes = parse(item, result, base);
  if (!process.env.KEEP) {
    spawnSync('rm', ['-rf', base, out, `${base}.err`]);
  }
  return outcomes;
}

function parse(item, { status, output }, base) {
  if (item.args) {
    const rows = { status: String(status) };
    for (const line of output.split('\n').filter(Boolean)) {
      const [name, outcome] = line.split(': ');
      rows[name] = outcome ?? 'ok';
    }
    return rows;
  }
  try {
    return JSON.parse(output);
  } catch {
    const text = fs.readFileSync(`${base}.err`, 'utf8').split('\n')
      .filter((line) => /rror|nssupervise/.test(line))[0];
    return { start: `status ${status} ${text ?? ''}` };
  }
}

// Runs the jobs, a few at once; in order of the list.
async function together(jobs) {
  const results = [];
  let next = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (next < jobs.length) {
      const number = next++;
      results[number] = await jobs[number]();
    }
  }));
  return results;
}

function describeNode(file) {
  const version = spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout;
  return { path: file, major: Number(version.match(/^v(\d+)/)[1]) };
}

function chosenCases() {
  const only = new RegExp(process.env.CASES ?? '');
  return cases().map((item, number) => ({ ...item, number }))
    .filter(({ name }) => only.test(name));
}

async function compare(setup, nodes) {
  const differences = new Differences();
  const counts = { rows: 0, equal: 0, deliberate: 0, different: 0 };
  const jobs = [];
  for (const node of nodes) {
    for (const item of chosenCases()) {
      jobs.push(async () => {
        const theirs = await runCase(setup, item, node, false);
        const ours = await runCase(setup, item, node, true);
        return { node, item, theirs, ours };
      });
    }
  }
  for (const { node, item, theirs, ours } of await together(jobs)) {
    const names = new Set([...Object.keys(theirs), ...Object.keys(ours)]);
    for (const name of names) {
      // The shapes of refusals, where both refuse.
      if (name.endsWith('#shape') && !(theirs[name] && ours[name])) continue;
      const [a, b] = comparable(name, theirs[name] ?? 'no row',
        ours[name] ?? 'no row');
      counts.rows++;
      if (a === b) {
        counts.equal++;
      } else if (differences.find(node.major, `${item.name}: ${name}`, a, b)) {
        counts.deliberate++;
      } else {
        counts.different++;
        console.log(`differs v${node.major} ${item.name}: ${name}\n` +
          `  node ${a}\n  ours ${b}`);
      }
    }
    for (const line of contradictions(item, ours)) {
      console.log(`contradicts v${node.major} ${item.name}: ${line}`);
    }
  }
  const majors = nodes.map(({ major }) => major);
  for (const line of process.env.CASES ? [] : differences.unused(majors)) {
    console.log(`stale ${line}`);
  }
  for (const [name, count] of differences.counts()) {
    console.log(`on purpose ${count} ${name}`);
  }
  for (const [name, count] of Object.entries(counts)) {
    console.log(`${name} ${count}`);
  }
}

// Asynchronous cp looks at both of its paths at once: which one it names when
// both are refused is chance.
function comparable(name, ...outcomes) {
  const isChance = /\/cp(-r)?\.(cb|promise)(#shape)?$/.test(name) &&
    outcomes.every((outcome) => !/^(ok|error)/.test(outcome));
  return isChance ? outcomes.map((text) => text.split(/[ |]/)[0]) : outcomes;
}

// What has() says and what happens are one decision.
function contradictions(item, ours) {
  if (!item.paths) return [];
  return item.paths.filter((name) => {
    const done = ours[`${item.right} ${name}`];
    return done && done !== ours[`has(${item.right}, ${name})`];
  });
}

async function oracle(setup, nodes) {
  for (const node of nodes) {
    const jobs = chosenCases().map((item) => async () =>
      ({ item, rows: await runCase(setup, item, node, !!setup.nssupervise) }));
    for (const { item, rows } of await together(jobs)) {
      for (const [name, outcome] of Object.entries(rows)) {
        console.log(`v${node.major} ${item.name}: ${name} = ${outcome}`);
      }
    }
  }
}

async function main() {
  const [what, ...words] = process.argv.slice(2);
  if (what === 'doc') {
    process.stdout.write(document());
    return;
  }
  const nssupervise = what === 'compare' || what === 'ours' ? words.shift() :
    null;
  const [directory, addon, ...nodes] = words;
  const setup = { nssupervise, directory, addon, driver: driverText() };
  await (what === 'compare' ? compare : oracle)(setup,
    nodes.map(describeNode));
}

main();
