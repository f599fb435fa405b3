// SPDX-License-Identifier: Apache-2.0
// Rows for policy-run.js: every way to ask for a module, and what a program
// might try against what it is told.
'use strict';

const ASSERT = 'Error ERR_MANIFEST_ASSERT_INTEGRITY';
const MISSING = 'Error ERR_MANIFEST_DEPENDENCY_MISSING';
const FREE = { integrity: true, dependencies: true };
const bad = `sha256-${'A'.repeat(43)}=`;
const TRY = `
const say = (f) => {
  try { console.log(String(f())); } catch (e) { console.log(e.name, e.code); }
};
const saying = (p) => p.then(
  (m) => console.log(String(m.default ?? m.x ?? Object.keys(m).length)),
  (e) => console.log(e.name, e.code));
`;
const say = (...expressions) => TRY +
  expressions.map((e) => `say(() => ${e});`).join('\n');
const imports = (...expressions) => TRY + `(async () => {
${expressions.map((e) => `await saying(${e});`).join('\n')}
})();`;
const F = 'module.exports = "f";';

// The entry may have os (which is f.js), and these builtins; not fs.
const limited = (more, rest) => ({
  resources: {
    './a.js': { integrity: true, dependencies: { os: './f.js', ...more } },
    './a.mjs': { integrity: true, dependencies: { os: './f.js', ...more } },
    './f.js': FREE, ...rest,
  },
});
const LINES = (...lines) => lines.join('\n');

// What an access does with os (redirected) and fs (missing).
const access = (name, code, manifest = limited({ module: true }), more = {}) => ({
  name: `access: ${name}`, files: { 'a.js': TRY + code, 'f.js': F }, manifest,
  out: LINES('f', MISSING), ...more,
});
const accessImport = (name, code, manifest, more) =>
  access(name, '', manifest, {
    main: 'a.mjs', files: { 'a.mjs': TRY + code, 'f.js': F }, ...more });

const accesses = [
  access('require', 'say(() => require("os")); say(() => require("fs"))'),
  access('require of node:', 'say(() => require("node:os")); say(() => require("node:fs"))'),
  access('module.require', 'say(() => module.require("os")); say(() => module.require("fs"))'),
  access('process.mainModule.require', 'say(() => process.mainModule.require("os")); say(() => process.mainModule.require("fs"))'),
  access('import() in CommonJS', '(async () => { await saying(import("os")); await saying(import("fs")); })()'),
  accessImport('import()', 'await saying(import("os")); await saying(import("fs"))'),
  accessImport('static import', 'import os from "os"; console.log(os); await saying(import("fs"))'),
  accessImport('a static import that is missing', 'import "fs"', undefined,
               { status: 1, out: '', err: /ERR_MANIFEST_DEPENDENCY_MISSING/ }),
  access('createRequire', 'const r = require("module").createRequire(__filename); say(() => r("os")); say(() => r("fs"))'),
  access('createRequire for another', 'const r = require("module").createRequire(__dirname + "/f.js"); say(() => typeof r("os")); say(() => typeof r("fs"))',
         undefined, { out: LINES('object', 'object') }),
  access('createRequire for nobody', 'const r = require("module").createRequire(__dirname + "/none.js"); say(() => r("os")); say(() => r("fs"))',
         undefined, { out: LINES(MISSING, MISSING) }),
  accessImport('createRequire in a module', 'import { createRequire } from "module"; const r = createRequire(import.meta.url); say(() => r("os")); say(() => r("fs"))'),
  accessImport('import.meta.resolve', 'say(() => import.meta.resolve("os").slice(-5)); say(() => import.meta.resolve("fs"))',
               undefined, { out: LINES('/f.js', MISSING) }),
  access('require.resolve', 'say(() => require.resolve("os").slice(-5)); say(() => require.resolve("fs"))', undefined,
         { out: LINES('/f.js', MISSING) }),
  access('Module._load', 'const M = require("module"); say(() => M._load("os", module)); say(() => M._load("fs", module))'),
  access('new Module().require', 'const M = require("module"); const m = new M(__filename); m.filename = __filename; say(() => m.require("os")); say(() => m.require("fs"))'),
  access('require.cache', 'say(() => require("os")); const [file] = Object.keys(require.cache).filter((n) => n.endsWith("/a.js")); say(() => require.cache[file].require("fs"))'),
  access('module.children', 'say(() => require("os")); say(() => typeof module.children[0].require("fs"))', undefined,
         { out: LINES('f', 'object') }), // f.js may have it
  access('vm', 'const vm = require("vm"); say(() => vm.runInThisContext("(r) => r(\\"os\\")")(require)); say(() => vm.runInThisContext("(r) => r(\\"fs\\")")(require))',
         limited({ vm: true })),
  access('new Function', 'say(() => new Function("r", "return r(\\"os\\")")(require)); say(() => eval("require(\\"fs\\")"))'),
  access('a deleted cache', 'say(() => require("os")); for (const k in require.cache) delete require.cache[k]; say(() => require("fs"))'),
  access('by its absolute path', 'say(() => require(__dirname + "/f.js")); say(() => require("./f"))',
         limited({ './f.js': true })),
  access('by a file: URL', '(async () => { await saying(import(require("url").pathToFileURL(__dirname + "/f.js"))); await saying(import("./f")); })()',
         limited({ './f.js': true, 'url': true })),
];

const same = 'say(() => require("./g.js"));';
const others = [
  // What one file has, another of its directory has not.
  { name: 'same directory: loaded already', files: { 'a.js': TRY + same + 'require("./b.js")', 'b.js': TRY + same, 'g.js': 'module.exports = "g"' },
    manifest: { resources: { './a.js': FREE, './b.js': { integrity: true, dependencies: {} }, './g.js': FREE } },
    out: LINES('g', MISSING) },
  { name: 'same directory: redirected', files: { 'a.js': TRY + same + 'require("./b.js")', 'b.js': TRY + same, 'g.js': 'module.exports = "g"', 'f.js': F },
    manifest: { resources: { './a.js': { integrity: true, dependencies: { './g.js': './f.js', './b.js': true } }, './b.js': FREE, './g.js': FREE, './f.js': FREE } },
    out: LINES('f', 'g') },
  { name: 'same directory: redirected elsewhere', files: { 'a.js': TRY + same + 'require("./b.js")', 'b.js': TRY + same, 'g.js': 'module.exports = "g"', 'f.js': F },
    manifest: { resources: { './b.js': { integrity: true, dependencies: { './g.js': './f.js' } }, './a.js': FREE, './g.js': FREE, './f.js': FREE } },
    out: LINES('g', 'f') },
  { name: 'conditions by -C', options: ['-C', 'mine'], files: { 'a.js': say('require("x")'), 'f.js': F },
    manifest: limited({ x: { mine: './f.js' } }), out: 'f' },
  { name: 'conditions by NODE_OPTIONS', flags: ['--allow-env=NODE_OPTIONS', '--allow-env=PATH'], env: { NODE_OPTIONS: '--conditions=mine' }, files: { 'a.js': say('require("x")') + 'saying(import("x"))', 'f.js': F },
    manifest: limited({ x: { mine: './f.js' } }), out: LINES('f', 'f') },
  { name: 'conditions: --no-addons', options: ['--no-addons'], files: { 'a.js': say('require("x")'), 'f.js': F },
    manifest: limited({ x: { 'node-addons': './f.js' } }), out: MISSING },
];

const node = (text) => JSON.stringify(text);
const worker = (options, code) => `
const { Worker } = require("worker_threads");
new Worker(${options.eval ? node(code) : '__dirname + "/w.js"'}, ${options.text ?? '{}'})
  .on("error", (e) => console.log("error", e.code)).on("exit", (s) => console.log("exit", s));
setTimeout(() => console.log("lives"), 3000).unref?.();
setTimeout(() => {}, 1500);`;

const ends = [
  { name: 'exit: nothing of the program runs any more', flags: ['--allow-child-process'],
    files: {
      'a.js': `process.on("exit", () => console.log("on exit"));
        const { spawn } = require("child_process");
        spawn("/bin/sh", ["-c", "sleep 2; echo child"], { stdio: "inherit" });
        setTimeout(() => { try { require("./b.js") } catch {} console.log("on") }, 300)`,
      'b.js': '' },
    manifest: { onerror: 'exit', resources: { './a.js': FREE } }, status: 1, out: '' },
  { name: 'exit: a missing dependency', files: { 'a.js': say('require("fs")', '"on"') },
    manifest: { onerror: 'exit', resources: { './a.js': { integrity: true, dependencies: {} } } }, status: 1, out: '',
    err: /-> fs .*does not list it as a dependency/ },
  { name: 'exit: a missing dependency, import', main: 'a.mjs', files: { 'a.mjs': imports('import("fs")', '"on"') },
    manifest: { onerror: 'exit', resources: { './a.mjs': { integrity: true, dependencies: {} } } }, status: 1, out: '' },
  { name: 'exit: data:', main: 'a.mjs', files: { 'a.mjs': imports('import("data:text/javascript,1")', '"on"') },
    manifest: { onerror: 'exit', resources: { './a.mjs': FREE, 'data:,': FREE } }, status: 1, out: '' },
  ...['require("./b.js")', 'import("./b.mjs")', 'require("fs")'].map((what) => ({
    name: `exit: in a Worker ends all: ${what}`, flags: ['--allow-worker'],
    files: { 'a.js': worker({}), 'w.js': `(async () => { await ${what}; console.log("worker") })()`, 'b.js': '', 'b.mjs': '' },
    manifest: { onerror: 'exit', resources: { './a.js': FREE, './w.js': { integrity: true, dependencies: { './b.js': true, './b.mjs': true } } } },
    status: 1, out: '' })),
  { name: 'log: a missing dependency goes on by the usual search', files: { 'a.js': say('typeof require("fs")') },
    manifest: { onerror: 'log', resources: { './a.js': { integrity: true, dependencies: {} } } }, out: 'object',
    err: /Error \[ERR_MANIFEST_DEPENDENCY_MISSING\]: Manifest resource \/app\/a.js does not list fs as a dependency specifier for conditions: require, node, node-addons\n/ },
  { name: 'log: a missing dependency, import', main: 'a.mjs', files: { 'a.mjs': imports('import("os").then(() => ({ x: 1 }))') },
    manifest: { onerror: 'log', resources: { './a.mjs': { integrity: true, dependencies: {} } } }, out: '1',
    err: /Manifest resource file:\/\/\/app\/a.mjs does not list os as a dependency specifier for conditions: node, import, node-addons\n/ },
  { name: 'log: data:', main: 'a.mjs', files: { 'a.mjs': imports('import("data:text/javascript,export default 1")') },
    manifest: { onerror: 'log', resources: { './a.mjs': FREE, 'data:,': FREE } }, out: '1',
    err: /ERR_MANIFEST_ASSERT_INTEGRITY.*data:text/ },
  { name: 'log: a bad hash', files: { 'a.js': say('require("./b.js")'), 'b.js': 'module.exports = 1' },
    manifest: { onerror: 'log', resources: { './a.js': FREE, './b.js': { integrity: bad } } }, out: '1',
    err: /b\.js .*its content is sha256-/ },
];

const messages = [
  { name: 'message: a missing dependency', files: { 'a.js': 'try { require("fs") } catch (e) { console.log(e.name, e.message, e instanceof Error, Object.keys(e), e.stack.split("\\n")[0]) }' },
    manifest: limited(),
    out: "Error Manifest resource /app/a.js does not list fs as a dependency specifier for conditions: require, node, node-addons true [ 'code' ] Error [ERR_MANIFEST_DEPENDENCY_MISSING]: Manifest resource /app/a.js does not list fs as a dependency specifier for conditions: require, node, node-addons" },
  { name: 'message: a missing dependency, import', main: 'a.mjs', files: { 'a.mjs': 'import("fs").catch((e) => console.log(e.name, e.message))' },
    manifest: limited(),
    out: 'Error Manifest resource file:///app/a.mjs does not list fs as a dependency specifier for conditions: node, import, node-addons' },
  { name: 'message: a target that is none', files: { 'a.js': 'try { require("fs") } catch (e) { console.log(e.name, e.code, e instanceof TypeError, e.message) }' },
    manifest: limited({ fs: null }),
    out: /^TypeError ERR_MANIFEST_INVALID_RESOURCE_FIELD true Manifest resource .*has invalid property value for dependencies/ },
  { name: 'message: unlisted', files: { 'a.js': 'try { require("./b.js") } catch (e) { console.log(e.name, e.message, Object.keys(e)) }', 'b.js': '' },
    manifest: { resources: { './a.js': FREE } },
    out: `Error The content of "file:///app/b.js" does not match the expected integrity. The resource was not found in the policy. [ 'code' ]` },
  { name: 'message: data:', main: 'a.mjs', files: { 'a.mjs': 'import("data:text/javascript,1").catch((e) => console.log(e.name, e.message))' },
    manifest: { resources: { './a.mjs': FREE, 'data:text/javascript,1': { integrity: bad } } },
    out: /^Error The content of "data:text\/javascript,1" does not match the expected integrity. Integrities found are: sha256-a4ayc\/80\/OGda4BO\/1o\/V0etpOqiLx1JwB5S3beHW0s= sha384-\S{64} sha512-\S{88}$/ },
];

const hooks = `
const Module = require("module");
const short = { resolve: (s, c, next) => s === "fs" || s === "node:fs" ?
  { url: "node:fs", format: "builtin", shortCircuit: true } : next(s, c) };`;
const tries = [
  { name: 'try: hooks that are registered later', only: [24, 26, 22],
    files: { 'a.js': TRY + hooks + 'Module.registerHooks(short); say(() => require("fs")); saying(import("fs"))', 'f.js': F },
    manifest: limited({ module: true }), out: LINES(MISSING, MISSING) },
  { name: 'try: hooks that are registered later, load', only: [24, 26, 22],
    files: { 'a.js': TRY + 'require("module").registerHooks({ load: (u, c, next) => u.startsWith("data:") ? { format: "module", source: "export default 2", shortCircuit: true } : next(u, c) }); saying(import("data:text/javascript,export default 1"))' },
    manifest: { resources: { './a.js': FREE } }, out: ASSERT },
  { name: 'try: a thread of hooks', flags: ['--allow-worker'],
    files: { 'a.js': TRY + 'require("module").register("./h.mjs", require("url").pathToFileURL(__filename)); saying(import("fs"))',
             'h.mjs': 'export async function resolve(s, c, next) { return s === "fs" ? { url: "node:fs", shortCircuit: true } : next(s, c) }' },
    manifest: limited({ module: true, url: true, './h.mjs': true }, { './h.mjs': FREE }),
    only: [22, 24, 26], out: MISSING },
  { name: 'try: other functions of the loader',
    files: { 'a.js': TRY + `const M = require("module");
      const before = M._load, resolve = M._resolveFilename;
      try { M._load = (r) => before.call(M, r, null); } catch {}
      try { M._resolveFilename = (r) => r; } catch {}
      say(() => require("fs")); say(() => require("os"));`, 'f.js': F },
    manifest: limited({ module: true }),
    // Ours are locked, or asked again as if nobody had required it.
    out: /^Error ERR_MANIFEST_DEPENDENCY_MISSING\n(f|Error ERR_MANIFEST_DEPENDENCY_MISSING)$/ },
  { name: 'try: the shim cannot be asked for', files: { 'a.js': TRY + `
      const own = Object.keys(require.cache).filter((n) => /shim/.test(n));
      console.log(own.length > 1);
      for (const n of own) say(() => require.cache[n].require("fs") === undefined);` },
    manifest: limited(), out: /^(false|true)\n?(Error|true|false)*/ },
  { name: 'try: process.binding loads no module', files: { 'a.js': TRY + 'say(() => process.binding("natives") && 1); say(() => require("./b.js"))', 'b.js': '' },
    manifest: { resources: { './a.js': FREE } }, out: /\n?Error ERR_MANIFEST_ASSERT_INTEGRITY$/ },
  { name: 'try: compiled under the name of another',
    files: { 'a.js': TRY + 'const M = require("module"); const m = new M(__dirname + "/f.js"); m.filename = m.id; say(() => (m._compile("module.exports = typeof require(\\"fs\\")", m.filename), m.exports)); say(() => require("fs"))', 'f.js': F },
    manifest: limited({ module: true }), out: LINES('object', MISSING) },
  { name: 'try: prototypes are not what they were', files: { 'a.js': TRY + `
      Map.prototype.get = () => ({ kind: "default" }); JSON.parse = () => ({ kind: "default" });
      String.prototype.startsWith = () => true; Array.prototype.filter = () => [];
      RegExp.prototype.exec = () => null; Reflect.apply = () => 1;
      say(() => typeof require("fs"));` },
    manifest: limited(), out: /^Error ERR_MANIFEST_DEPENDENCY_MISSING$/ },
  { name: 'try: a file that is changed under way',
    flags: ['--allow-fs-write={D}'],
    files: { 'a.js': say('require("fs").writeFileSync(__dirname + "/b.js", "module.exports = 2")', 'require("./b.js")'), 'b.js': 'module.exports = 1' },
    manifest: { resources: { './a.js': FREE, './b.js': { integrity: '{H:b.js}' } } },
    status: 125, err: /inside|within|write/ },
];

const child = (call) => `const c = require("child_process");
const done = (s) => console.log(s);
${call}`;
const CHILD = say('require("os")', 'require("fs")', 'require("./b.js")');
const children = ['{}', '{ env: {} }', '{ execArgv: [] }', '{ env: {}, execArgv: [] }'].flatMap((options) => [
  { name: `child: fork with ${options}`, flags: ['--allow-child-process'],
    files: { 'a.js': child(`c.fork(__dirname + "/c.js", [], ${options})`), 'c.js': CHILD, 'f.js': F, 'b.js': '' },
    manifest: limited({ child_process: true }, { './c.js': { integrity: true, dependencies: { 'os': './f.js', './b.js': true } } }),
    out: LINES('f', MISSING, ASSERT) },
  { name: `child: spawn with ${options}`, flags: ['--allow-child-process'],
    files: { 'a.js': child(`c.spawn(process.execPath, [__dirname + "/c.js"], { stdio: "inherit", ...${options} })`), 'c.js': CHILD, 'f.js': F, 'b.js': '' },
    manifest: limited({ child_process: true }, { './c.js': { integrity: true, dependencies: { 'os': './f.js', './b.js': true } } }),
    out: LINES('f', MISSING, ASSERT) },
]).concat([
  { name: 'child: without the preload a file is still verified', flags: ['--allow-child-process'],
    files: { 'a.js': child('c.spawn("/usr/bin/env", ["-i", process.execPath, __dirname + "/c.js"], { stdio: "inherit" })'), 'c.js': say('require("./b.js")', 'require("./g.js")'), 'b.js': '', 'g.js': 'module.exports = "g"' },
    tampered: { 'b.js': 'console.log("bad")' },
    manifest: { resources: { './a.js': FREE, './c.js': FREE, './b.js': { integrity: '{H:b.js}' }, './g.js': { integrity: '{H:g.js}' } } },
    out: /^Error (EACCES|ERR_MANIFEST_ASSERT_INTEGRITY)\ng$/ },
  { name: 'child: an unlisted program does not start', flags: ['--allow-child-process'],
    files: { 'a.js': child('c.spawn(process.execPath, [__dirname + "/c.js"], { stdio: "inherit" }).on("exit", (s) => console.log("exit", s))'), 'c.js': 'console.log("ran")' },
    manifest: { resources: { './a.js': FREE } }, out: /^exit [1-9]/ },
]);

// A cache holds what was compiled from another text than the verified one.
const cached = (name, code, more = {}) => ({
  name: `cache: ${name}`, files: { 'a.js': code, 'b.js': 'module.exports = "good"' },
  manifest: { resources: { './a.js': FREE, './b.js': { integrity: '{H:b.js}' } } },
  out: /good$/, ...more,
});
const caches = [
  cached('module.enableCompileCache()', 'const M = require("module"); const r = M.enableCompileCache?.(__dirname + "/cache"); console.log(M.getCompileCacheDir?.() === undefined, require("./b.js"))',
         { out: 'true good' }),
  cached('NODE_COMPILE_CACHE', 'console.log(require("module").getCompileCacheDir?.() === undefined, require("./b.js"))',
         { env: { NODE_COMPILE_CACHE: '/tmp' }, flags: ['--allow-env=NODE_COMPILE_CACHE', '--allow-env=PATH'], out: 'true good' }),
  cached('v8.startupSnapshot', 'console.log(require("v8").startupSnapshot?.isBuildingSnapshot() !== true, require("./b.js"))',
         { out: 'true good' }),
  { name: 'cache: a snapshot is no entry', options: ['--snapshot-blob', 'snap.blob'],
    files: { 'a.js': 'console.log(1)', 'snap.blob': 'x' }, manifest: { resources: { './a.js': FREE } },
    status: 125, err: /snapshot-blob/ },
  { name: 'cache: a snapshot is no entry by NODE_OPTIONS', env: { NODE_OPTIONS: '--snapshot-blob=snap.blob' }, flags: ['--allow-env=NODE_OPTIONS', '--allow-env=PATH'],
    files: { 'a.js': 'console.log(1)', 'snap.blob': 'x' }, manifest: { resources: { './a.js': FREE } },
    status: 125, err: /NODE_OPTIONS: '--snapshot-blob=snap.blob'/ },
];

module.exports = [...accesses, ...others, ...ends, ...messages, ...tries, ...children,
                  ...caches].map((row) => ({
  ...row, flags: row.flags }));
