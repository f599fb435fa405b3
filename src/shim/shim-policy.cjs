// SPDX-License-Identifier: Apache-2.0
// Dependencies and integrity of a manifest, as the loader of Node.js sees them.
// The verifier decides; this asks, obeys, and gives the refusals Node's errors.
// What is not asked for here is still an opened file, and so still verified.
// Compiled by node-shim.cjs when there is a manifest.
'use strict';

const {
  Module, Object, apply, granted, joinAll, own, part, read, uncurry,
} = module.shared;
const {
  Array, JSON, Map, RegExp, String, console, encodeURIComponent, process,
} = globalThis;

const { assertIntegrity, invalid, missing, unknownBuiltin } = part('refusals');

// Which adds to Module what is public.
const { isBuiltin } = require('module');
const { fileURLToPath, pathToFileURL } = require('url');
const { isAbsolute, resolve: resolvePath } = require('path');

// As they were before the program could replace them.
const matches = uncurry(RegExp.prototype.exec);
const has = uncurry(Array.prototype.includes);
const startsWith = uncurry(String.prototype.startsWith);
const get = uncurry(Map.prototype.get);
const set = uncurry(Map.prototype.set);
const parse = JSON.parse;

const here = pathToFileURL(`${__dirname}/`).href; // what we load ourselves
const loader = `${here}shim-import.mjs`;
const PREFIX = '/.nssupervise/';
const CODE = /\.(?:[cm]?[jt]s|[jt]sx|json|node|wasm)$/; // as policies/node.json
const answers = new Map();

/** ask() - the answer to a question, which stays the same for this run */
function ask(question) {
  let answer = get(answers, question);

  if (answer === undefined) {
    try {
      answer = parse(read(PREFIX + question, 'utf8'));
    } catch {
      // Too long for a path, or nobody there: as if it were not listed.
      answer = { kind: 'missing', onerror: 'throw' };
    }
    set(answers, question, answer);
  }
  return answer;
}

// Under a policy Node has no others: nothing is chosen by module-sync.
function activeConditions(conditions) {
  const active = [];

  for (let i = 0; i < conditions.length; i++)
    if (conditions[i] !== 'module-sync' && conditions[i] !== 'default')
      own(active, active.length, conditions[i]);
  return active;
}

/**
 * decide() - what @specifier leads to from the module @parent (a URL)
 * @shown: how the parent is called in the error
 *
 * Returns a URL, or undefined for the usual search. Throws.
 */
function decide(parent, shown, specifier, conditions) {
  const active = activeConditions(conditions);
  const answer = ask(`resolve/${encodeURIComponent(parent)}/` +
    `${encodeURIComponent(specifier)}/${encodeURIComponent(joinAll(active, ','))}`);

  switch (answer.kind) {
    case 'default':
      return undefined;
    case 'redirect':
      return answer.url;
    case 'invalid':
      throw invalid(answer.code, specifier);
    default:
      if (granted.reportOnly)
        return undefined;
      if (answer.onerror === 'log') {
        console.error(missing(shown, specifier, active).stack);
        return undefined;
      }
      throw missing(shown, specifier, active); // node-do-not-add-exception-line
  }
}

/** require() goes on with a name, import with a URL. */
function requireTarget(url, parent, specifier, conditions) {
  if (startsWith(url, 'file:'))
    return fileURLToPath(url); // without its query and fragment
  if (!startsWith(url, 'node:'))
    throw missing(parent, specifier, activeConditions(conditions));
  if (!isBuiltin(url))
    throw unknownBuiltin(url);
  return url;
}

function isFileName(specifier) {
  return isAbsolute(specifier) || startsWith(specifier, 'file:');
}

/*
 * Nobody asks: the entry, a preload, a Worker's file, or a borrowed loader.
 * Files are verified when they are opened; all else has to be a dependency of
 * the working directory, as it is for Node's own preloads by --import.
 */
function parentOf({ parentURL }, specifier) {
  if (parentURL !== undefined)
    return startsWith(parentURL, here) || specifier === loader ? undefined :
      parentURL;
  return isFileName(specifier) ? undefined :
    pathToFileURL(`${process.cwd()}/`).href;
}

function pathOf(url) {
  try {
    return startsWith(url, 'file:') ? fileURLToPath(url) : url;
  } catch {
    return url;
  }
}

/**
 * plan() - what a request becomes: { result }, or { specifier } to search for
 *
 * Throws what the manifest refuses.
 */
function plan(specifier, context) {
  const parent = granted.dependencies ? parentOf(context, specifier) :
    undefined;
  const { conditions } = context;
  const isRequire = has(conditions, 'require');
  const url = parent === undefined ? undefined :
    decide(parent, isRequire ? pathOf(parent) : parent, specifier, conditions);
  let target = url;

  if (url === undefined)
    return { specifier };
  if (isRequire)
    target = requireTarget(url, pathOf(parent), specifier, conditions);
  if (startsWith(target, 'node:') && !isBuiltin(target))
    throw unknownBuiltin(target);
  if (startsWith(target, 'node:'))
    return { result: { url: target, format: 'builtin', shortCircuit: true } };
  return isRequire ? { specifier: target } :
    { result: { url: target, shortCircuit: true } };
}

let depth = 0; // within our own hook: the search that it allowed
let decided; // what _load() goes on with: asked for once

function isDecided(request) {
  const is = request === decided;

  decided = undefined;
  return is;
}

function resolveHook(specifier, context, next) {
  if (has(context.conditions, 'require') && isDecided(specifier))
    return search(specifier, context, next);
  const { result, specifier: target } = plan(specifier, context);

  return result ?? search(target, context, next);
}

function search(target, context, next) {
  depth++;
  try {
    return next(target, context);
  } finally {
    depth--;
  }
}

function isPlainFile(url) {
  return startsWith(url, 'file:') && matches(/[?#]/, url) === null;
}

// What has no file, or is listed with its query: the loader has the content.
// The kernel's open of a file may have been good for its queries only.
function needsVerdict(url) {
  return isPlainFile(url) ? granted.queries : !startsWith(url, 'node:');
}

function digestsOf(source) {
  const { createHash } = require('crypto');

  return ['sha256', 'sha384', 'sha512'].map((name) =>
    `${name}-${createHash(name).update(source).digest('base64')}`).join(' ');
}

// Of CommonJS the loader has no source yet.
function contentOf(url) {
  return startsWith(url, 'file:') ? read(pathOf(url)) : '';
}

function complain(error, { onerror }) {
  if (onerror !== 'log')
    throw error; // node-do-not-add-exception-line
  console.error(error.stack);
}

function askFile(question, path) {
  return ask(`${question}/${encodeURIComponent(resolvePath(path).slice(1))}`);
}

// A module is code whatever its name; what is CODE is verified when it opens.
function checkFile(path) {
  const answer = askFile('module', path);

  if ((answer.kind === 'unlisted' || answer.kind === 'missing') &&
      !granted.reportOnly)
    complain(assertIntegrity(pathToFileURL(path).href), answer);
}

function checkURL(url, source) {
  // A plain file's content was verified when it was opened.
  const digests = isPlainFile(url) ? '' : digestsOf(source ?? contentOf(url));
  const answer = ask(`url/${encodeURIComponent(url)}/` +
                     encodeURIComponent(digests));

  if (answer.kind !== 'match' && answer.kind !== 'any' &&
      !(answer.kind === 'listed' && digests === '') && !granted.reportOnly)
    complain(assertIntegrity(url, answer.kind === 'mismatch' ? digests :
      undefined), answer);
}

function check(url, source) {
  if (needsVerdict(url))
    checkURL(url, source);
  else if (isPlainFile(url) && matches(CODE, url) === null)
    checkFile(pathOf(url));
}

/**
 * refusal() - the error of the manifest, if that is why @path did not open
 *
 * @error: what the kernel's answer became; returned if it was something else.
 */
function refusal(error, path, above) {
  const answer = askFile('verify', path);

  return answer.kind !== 'mismatch' && answer.kind !== 'unlisted' ? error :
    assertIntegrity(pathToFileURL(path).href, answer.actual || undefined, above);
}

function loadHook(url, context, next) {
  const result = next(url, context);

  check(url, result.source);
  return result;
}

// From 22.15 on: one kind of hooks for require() and import. Hooks that are
// registered later run first, so ours are registered again behind them.
function installHooks(hooks) {
  const { registerHooks, register } = Module;
  let ours = registerHooks(hooks);
  const again = (call) => function(...args) {
    const result = apply(call, this, args);

    ours.deregister();
    ours = registerHooks(hooks);
    return result;
  };

  Module.registerHooks = again(registerHooks);
  if (register !== undefined)
    Module.register = again(register);
}

// require.resolve(), and before there were hooks all of require().
function guardResolve() {
  const { _resolveFilename } = Module;

  lock('_resolveFilename', function(request, parent, isMain, options) {
    const url = depth > 0 || isMain || typeof request !== 'string' ||
      isDecided(request) ? undefined : askFor(request, parent);
    const target = url === undefined ? request :
      requireTarget(url, shownOf(parent), request, CONDITIONS);

    return apply(_resolveFilename, this, [target, parent, isMain, options]);
  });
}

// Before any search, and before Node's hooks: it remembers what a file of the
// same directory has asked for, and neither searches nor asks again.
function guardRequire() {
  const { _load } = Module;

  lock('_load', function(request, parent, isMain) {
    const url = isMain || typeof request !== 'string' ? undefined :
      askFor(request, parent);
    const target = url === undefined ? request :
      requireTarget(url, shownOf(parent), request, CONDITIONS);

    if (typeof target === 'string' && startsWith(target, 'node:') &&
        !isBuiltin(target))
      throw unknownBuiltin(target);
    decided = target;
    try {
      return apply(_load, this, [target, parent, isMain]);
    } finally {
      decided = undefined;
    }
  });
}

// require() without hooks: of another name, or listed with a query only.
function guardLoad() {
  const { prototype } = Module;
  const { load } = prototype;

  prototype.load = function(filename) {
    if (typeof filename === 'string' && isAbsolute(filename) &&
        (granted.queries || matches(CODE, filename) === null))
      check(pathToFileURL(filename).href);
    return apply(load, this, [filename]);
  };
}

function lock(name, value) {
  Object.defineProperty(Module, name, {
    __proto__: null, value, enumerable: true, configurable: false,
    writable: false,
  });
}

function shownOf(parent) {
  return parent?.filename ?? parent?.id ?? 'undefined';
}

const CONDITIONS = (() => {
  const words = [...process.execArgv,
                 ...(process.env.NODE_OPTIONS ?? '').split(/\s+/)];
  const more = words.flatMap((word, i) =>
    /^(-C|--conditions)$/.test(word) ? [words[i + 1]] :
      /^--conditions=/.test(word) ? [word.slice(13)] : []);

  return ['require', 'node',
          ...words.includes('--no-addons') ? [] : ['node-addons'], ...more];
})();

function askFor(request, parent) {
  const filename = parent?.filename;
  const url = parentOf({
    parentURL: typeof filename === 'string' && isAbsolute(filename) ?
      pathToFileURL(filename).href : undefined,
  }, request);

  // Modules that Node itself preloads (-r) have a parent without a name.
  if (url === undefined || parent?.id === 'internal/preload')
    return undefined;
  return decide(url, shownOf(parent), request, CONDITIONS);
}

function guardBuiltins() {
  const { getBuiltinModule } = process;

  if (getBuiltinModule === undefined)
    return;
  process.getBuiltinModule = function(id) {
    const parent = pathToFileURL(`${process.cwd()}/`).href;
    const url = isBuiltin(id) ? decide(parent, parent, id, ['require', 'node']) :
      undefined;

    return apply(getBuiltinModule, process, [url ?? id]);
  };
}

/** install() - puts the manifest in front of the loader */
exports.install = function() {
  // The program's own thread of hooks fails in Node 22 with such hooks in it.
  const isLoader = has(process.moduleLoadList,
                       'NativeModule internal/modules/esm/worker');

  if (Module.registerHooks === undefined || isLoader) {
    guardLoad();
    // Else what has no file is as free as eval(): a thread costs every start.
    if ((granted.dependencies || granted.urls) && !isLoader &&
        Module.register !== undefined)
      Module.register(loader);
  } else {
    installHooks(granted.dependencies ?
      { resolve: resolveHook, load: loadHook } : { load: loadHook });
  }
  if (granted.dependencies) {
    guardRequire();
    guardResolve();
    guardBuiltins();
  }
};
exports.refusal = refusal;
// For the thread of shim-import.mjs.
Object.assign(exports, { check, pathOf, plan });
