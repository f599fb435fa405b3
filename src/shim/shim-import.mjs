// SPDX-License-Identifier: Apache-2.0
// Before Node.js 22.15 import has hooks in a thread of its own: there the same
// code asks the same questions.
import { readFileSync } from 'node:fs';
import Module from 'node:module';
import { fileURLToPath } from 'node:url';

const uncurry = (f) => (self, ...args) => Reflect.apply(f, self, args);
const shared = {
  Error, Module, Object, part, read: readFileSync, uncurry,
  apply: Reflect.apply, captureStackTrace: Error.captureStackTrace,
  granted: JSON.parse(readFileSync('/.nssupervise/permissions', {
    encoding: 'utf8', flag: 0x40000000, // OPEN_MARK of bpf/syscalls.h
  })),
  joinAll: uncurry(Array.prototype.join),
  slice: uncurry(String.prototype.slice),
  own(object, name, value) {
    Object.defineProperty(object, name, {
      value, configurable: true, enumerable: true, writable: true,
    });
  },
};

function part(name) {
  const filename = fileURLToPath(new URL(`shim-${name}.cjs`, import.meta.url));
  const made = new Module(filename);

  made.filename = filename; // the preload is in force here, too
  made.shared = shared;
  made._compile(readFileSync(filename, 'utf8'), filename);
  return made.exports;
}


const { check, pathOf, plan, refusal } = part('policy');

export async function resolve(specifier, context, next) {
  const { result, specifier: target } = plan(specifier, context);

  return result ?? next(target, context);
}

export async function load(url, context, next) {
  let result;

  try {
    result = await next(url, context);
  } catch (error) {
    throw error?.code === 'EACCES' && url.startsWith('file:') ?
      refusal(error, pathOf(url)) : error;
  }
  check(url, result.source);
  return result;
}
