// SPDX-License-Identifier: Apache-2.0
// Small programs that are made by chance, with manifests that are made by
// chance, under the policies of Node.js 20 and under nssupervise. What each
// program gets by each require() and import() has to be the same, but for what
// is named here.
//
//   node policy-programs.js NSSUPERVISE DIRECTORY SEED COUNT ORACLE LABEL=NODE...
'use strict';

const { execFile } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const AT_ONCE = 3;
const [, , nssupervise, top, seed, count, oracle, ...nodes] = process.argv;

// The same everywhere: mulberry32.
function makeRandom(state) {
  return () => {
    let t = state += 0x6d2b79f5;

    t = Math.imul(t ^ t >>> 15, t | 1);
    t ^= t + Math.imul(t ^ t >>> 7, t | 61);
    return ((t ^ t >>> 14) >>> 0) / 4294967296;
  };
}

function sri(content) {
  return `sha256-${createHash('sha256').update(content).digest('base64')}`;
}

const DATA = 'data:text/javascript,export const id = "data";';
const BUILTINS = ['os', 'node:os', 'url', 'node:url'];

class Program {
  constructor(number) {
    this.random = makeRandom(Number(seed) * 100003 + number);
    this.names = this.pickNames();
    this.files = {};
    for (const name of this.names)
      this.files[name] = this.write(name);
    this.manifest = this.makeManifest();
  }

  chance(p) {
    return this.random() < p;
  }

  pick(list) {
    return list[Math.floor(this.random() * list.length)];
  }

  pickNames() {
    const some = ['lib/b.cjs', 'lib/c.mjs', 'd.js', 'e.json', 'lib/deep/f.cjs', 'g.mjs'];

    return [this.pick(['a.cjs', 'a.mjs', 'a.js']),
            ...some.filter(() => this.chance(0.55))];
  }

  specifier(from) {
    const to = this.pick(this.names);
    const relative = path.posix.relative(path.posix.dirname(from), to);
    const dotted = relative.startsWith('.') ? relative : `./${relative}`;

    if (this.chance(0.3))
      return this.pick(BUILTINS);
    if (this.chance(0.1))
      return dotted.replace(/\.\w+$/, '');
    return dotted;
  }

  // Import from a module, both from CommonJS; JSON by require() only.
  request(name) {
    const isModule = name.endsWith('.mjs');
    let how = isModule || this.chance(0.25) ? 'import' : 'require';
    let specifier = this.specifier(name);

    if (specifier.endsWith('.json'))
      how = 'require';
    if (how === 'require' && isModule)
      specifier = 'os', how = 'import';
    if (how === 'require' && specifier.endsWith('.mjs'))
      how = 'import';
    if (how === 'import' && this.chance(0.1))
      specifier = DATA;
    return { how, specifier };
  }

  write(name) {
    const requests = Array.from({ length: 1 + Math.floor(this.random() * 3) },
                                () => this.request(name));
    const lines = requests.map(({ how, specifier }) =>
      `${how === 'require' ? 'get' : 'await load'}(${JSON.stringify(specifier)});`);

    if (name.endsWith('.json'))
      return `{"id":"${name}"}`;
    return `${name.endsWith('.mjs') ? `export const id = "${name}";` : `module.exports = { id: "${name}" };`}
const print = (...words) => process.stdout.write(words.join(" ") + "\\n");
const what = (m) => m.id ?? m.default?.id ?? "builtin";
print("loaded", "${name}");
const get = (s) => { try { print("${name}", "require", s, what(require(s))); }
  catch (e) { print("${name}", "require", s, e.code ?? e.name); } };
const load = async (s) => { try { print("${name}", "import", s, what(await import(s))); }
  catch (e) { print("${name}", "import", s, e.code ?? e.name); } };
${name.endsWith('.mjs') ? '' : '(async () => {'}
${lines.join('\n')}
${name.endsWith('.mjs') ? '' : '})();'}
`;
  }

  target() {
    return this.pick([
      true, true, true, null, 'node:url', './d.js', './lib/b.cjs', './lib/c.mjs',
      'fs', { require: './d.js', import: './g.mjs' }, { import: true },
      { node: true }, { require: null }, {}, DATA,
    ]);
  }

  dependencies() {
    const map = {};

    if (this.chance(0.45))
      return true;
    for (let i = 0; i < 1 + this.random() * 4; i++) {
      const key = this.chance(0.4) ? this.pick(BUILTINS) : `./${this.pick(this.names)}`;

      map[key] = this.target();
    }
    // The same for both names of a builtin, or they would contradict.
    for (const name of ['os', 'url'])
      if (name in map && `node:${name}` in map)
        delete map[`node:${name}`];
    return map;
  }

  descriptor(isScope, name) {
    const it = {};

    if (this.chance(isScope ? 0.6 : 0.85)) {
      it.integrity = isScope || this.chance(0.4) ? true :
        this.chance(0.8) ? sri(this.files[name]) : sri('another');
    }
    if (this.chance(0.35))
      it.cascade = true;
    if (this.chance(0.7))
      it.dependencies = this.dependencies();
    return it;
  }

  makeManifest() {
    const manifest = { resources: {}, scopes: {} };

    for (const name of this.names)
      if (this.chance(name === this.names[0] ? 0.97 : 0.8))
        manifest.resources[`./${name}`] = this.descriptor(false, name);
    for (const scope of ['./', './lib/', './lib/deep/', 'file:', 'data:', ''])
      if (this.chance(0.2))
        manifest.scopes[scope] = this.descriptor(true);
    if (this.chance(0.2))
      manifest.resources[DATA] = { integrity: this.chance(0.5) ? true : sri('export const id = "data";') };
    manifest.dependencies = this.dependencies();
    if (this.chance(0.3))
      manifest.onerror = this.pick(['log', 'throw', 'exit']);
    return manifest;
  }

  // What is changed after the manifest was made.
  tamper(dir) {
    const name = this.pick(this.names);

    if (this.chance(0.3) && name !== this.names[0] && !name.endsWith('.json'))
      fs.appendFileSync(path.join(dir, name), '// changed\n');
  }

  place(dir) {
    for (const [name, content] of Object.entries(this.files)) {
      fs.mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
      fs.writeFileSync(path.join(dir, name), content);
    }
    fs.writeFileSync(path.join(dir, 'p.json'), JSON.stringify(this.manifest));
    this.tamper(dir);
  }
}

function run(dir, program, args) {
  return new Promise((done) => {
    const { NODE_OPTIONS, ...env } = process.env;

    execFile(program, args, { cwd: dir, env, encoding: 'utf8', timeout: 60000 },
             (error, out, err) => done({
               status: error === null ? 0 : error.code ?? error.signal,
               lines: out.split('\n').filter(Boolean), err }));
  });
}

const MISSING = 'ERR_MANIFEST_DEPENDENCY_MISSING';
const ASSERT = 'ERR_MANIFEST_ASSERT_INTEGRITY';
const isError = (word) => word.startsWith('ERR_');

function maps(manifest) {
  return [manifest, ...Object.values(manifest.resources),
          ...Object.values(manifest.scopes)]
    .map(({ dependencies }) => dependencies)
    .filter((it) => typeof it === 'object');
}

function hasCascade(manifest) {
  return [...Object.values(manifest.resources), ...Object.values(manifest.scopes)]
    .some(({ cascade }) => cascade);
}

// What is different on purpose; the tables of doc/POLICY.md have the reasons.
const REASONS = {
  'import of what is not listed: the file is refused, not the name':
    ({ how, theirs, ours }) => how === 'import' && theirs === MISSING && ours === ASSERT,
  'integrity cascades into the scope ""':
    ({ theirs, ours, manifest }) => theirs === ASSERT && ours !== ASSERT &&
      '' in manifest.scopes && hasCascade(manifest),
  'the check before an import goes outwards one scope at a time':
    ({ how, theirs, manifest }) => how === 'import' && hasCascade(manifest) &&
      (theirs === MISSING || theirs === 'ERR_INVALID_URL'),
  'true asks the dependencies at the top':
    ({ manifest }) => typeof manifest.dependencies === 'object' &&
      JSON.stringify([manifest.resources, manifest.scopes]).includes('true'),
  'a builtin is the same with and without node:':
    ({ specifier, manifest }) => BUILTINS.includes(specifier) &&
      maps(manifest).some((map) => `node:${specifier}` in map ||
                                   specifier.slice(5) in map),
  'without an active condition it is missing':
    ({ theirs, ours }) => theirs === 'ERR_INVALID_URL' && ours === MISSING,
  'require() of a module is switched off by policies, not by us':
    ({ how, theirs }) => how === 'require' && theirs === 'ERR_REQUIRE_ESM',
  'Node 20: data: is not asked about where only files are listed':
    ({ specifier, label, manifest }) => label === '20' && specifier === DATA &&
      maps(manifest).length === 0 && !(DATA in manifest.resources) &&
      !('data:' in manifest.scopes),
  'a mismatch is refused, and logged once':
    ({ manifest, theirs, ours }) => manifest.onerror === 'log' && isError(theirs) !== isError(ours),
};

function table(lines) {
  return new Map(lines.map((line) => {
    const words = /^(\S+) (require|import) (.*) (\S+)$/.exec(line);

    return words === null ? [line, ''] :
      [`${words[1]} ${words[2]} ${words[3]}`, words[4]];
  }));
}

const counts = {};

function reasonOf(manifest, label, key, theirs, ours) {
  const [, , how, specifier] = /^(\S+) (require|import) (.*)$/.exec(key) ?? [];

  return how && Object.keys(REASONS).find((name) => REASONS[name]({
    manifest, label, how, specifier, theirs, ours }));
}

// With onerror exit only one of them ends, at a request that it refuses.
function reasonToEnd(manifest, label, ended, other) {
  for (const [key, value] of other) {
    const reason = ended.has(key) ? undefined :
      reasonOf(manifest, label, key, MISSING, value) ??
      reasonOf(manifest, label, key, ASSERT, value);

    if (reason !== undefined)
      return reason;
  }
  return undefined;
}

/** compare() - the lines that are different and for no reason we know */
function compare(manifest, theirs, ours, label) {
  const [t, o] = [table(theirs.lines), table(ours.lines)];
  const unexplained = [];
  let isExplained = false;

  for (const [key, value] of t) {
    const other = o.get(key);

    if (other === undefined || other === value)
      continue;
    const reason = reasonOf(manifest, label, key, value, other);

    if (reason === undefined) {
      unexplained.push(`${key}: Node ${value}, ours ${other}`);
    } else {
      counts[reason] = (counts[reason] ?? 0) + 1;
      isExplained = true;
    }
  }
  if (manifest.onerror === 'exit' && theirs.status === 1 && ours.status === 0) {
    const reason = reasonToEnd(manifest, label, t, o);

    if (reason !== undefined) {
      counts[reason] = (counts[reason] ?? 0) + 1;
      return unexplained;
    }
  }
  // What else runs until a refusal is a question of which was asked first.
  if (manifest.onerror === 'exit' && theirs.status === 1 && ours.status === 1) {
    const reason = 'exit: the end comes at another moment';

    if (t.size !== o.size && !isExplained)
      counts[reason] = (counts[reason] ?? 0) + 1;
    return unexplained;
  }
  // What a file says that only one of them has loaded.
  if (!isExplained)
    for (const [a, b, who] of [[t, o, 'Node'], [o, t, 'ours']])
      for (const key of a.keys())
        if (!b.has(key))
          unexplained.push(`${key} ${a.get(key)}: ${who} only`);
  if (!isExplained && (theirs.status === 0) !== (ours.status === 0))
    unexplained.push(`status: Node ${theirs.status}, ours ${ours.status}`);
  return unexplained;
}

// The program itself is not loaded: only Node 20 may say why not.
function isRefusedEntry(program, theirs, ours) {
  const reason = 'the entry: only one of them loads it';

  if ((theirs.lines.length === 0) === (ours.lines.length === 0))
    return false;
  if (!hasCascade(program.manifest))
    return false;
  counts[reason] = (counts[reason] ?? 0) + 1;
  return true;
}

let n = 0, same = 0, refused = 0;

async function check(number) {
  const program = new Program(number);
  const dir = path.join(top, String(number));
  const [main] = program.names;

  fs.mkdirSync(dir);
  program.place(dir);
  const theirs = await run(dir, oracle, ['--no-warnings', '--experimental-policy=p.json', main]);

  for (const pair of nodes) {
    const [label, node] = pair.split('=');
    const ours = await run(dir, nssupervise, [
      '--policy=p.json', `--allow-fs-read=${dir}`, '--', node, '--no-warnings', main]);
    const different = isRefusedEntry(program, theirs, ours) ? [] :
      compare(program.manifest, theirs, ours, label);

    n++;
    same += theirs.lines.join('\n') === ours.lines.join('\n');
    refused += theirs.lines.length === 0;
    if (different.length > 0) {
      console.log([`differs ${number} under ${label}: ${main} with ${JSON.stringify(program.manifest)}`,
                   ...different, `Node 20 (${theirs.status}): ${theirs.lines.join(' | ')}`,
                   `ours (${ours.status}): ${ours.lines.join(' | ')}`].join('\n  '));
    }
  }
  fs.rmSync(dir, { recursive: true });
}

async function main() {
  let next = 0;
  const worker = async () => {
    while (next < Number(count))
      await check(next++);
  };

  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  for (const [reason, times] of Object.entries(counts))
    console.log(`on purpose ${times}: ${reason}`);
  console.log(`programs ${count} runs ${n} same ${same} refused ${refused}`);
}

main();
