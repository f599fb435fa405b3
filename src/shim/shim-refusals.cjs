// SPDX-License-Identifier: Apache-2.0
// The errors of Node's policies: their codes, classes and words. Compiled by
// whoever compiles shim-policy.cjs.
'use strict';

const { Error, captureStackTrace, joinAll, own, slice } = module.shared;
const { TypeError } = globalThis;

function makeError(Class, code, message, above) {
  const error = new Class(message);

  if (above !== undefined)
    captureStackTrace(error, above);
  // As Node shows its own: the code is in the stack, not in the name.
  error.stack = `${error.name} [${code}]${slice(error.stack, error.name.length)}`;
  own(error, 'code', code);
  return error;
}

function missing(parent, specifier, conditions) {
  return makeError(
    Error, 'ERR_MANIFEST_DEPENDENCY_MISSING',
    `Manifest resource ${parent} does not list ${specifier} as a dependency ` +
    `specifier for conditions: ${joinAll(conditions, ', ')}`);
}

function invalid(code, specifier) {
  return code === 'ERR_INVALID_URL' ?
    makeError(TypeError, code, 'Invalid URL') :
    makeError(TypeError, code, `Manifest resource has invalid property value ` +
              `for dependencies of ${specifier}`);
}

function unknownBuiltin(url) {
  return makeError(Error, 'ERR_UNKNOWN_BUILTIN_MODULE',
                   `No such built-in module: ${url}`);
}

function assertIntegrity(url, digests, above) {
  const found = digests === undefined ? ' The resource was not found in the policy.' :
    ` Integrities found are: ${digests}`;

  return makeError(Error, 'ERR_MANIFEST_ASSERT_INTEGRITY',
                   `The content of "${url}" does not match the expected ` +
                   `integrity.${found}`, above);
}

Object.assign(exports, { assertIntegrity, invalid, missing, unknownBuiltin });
