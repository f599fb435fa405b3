// SPDX-License-Identifier: Apache-2.0
// Finds a difference in the list of deliberate ones, counts which of them came
// up, and writes the list as a document.
'use strict';

const LIST = require('./permission-differences.js');

const ALL = [20, 22, 24, 26];

// "*" matches anything, "{a;b}" either.
function glob(text) {
  const body = text.replace(/[.+^$()|[\]\\?]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\{([^}]*)\}/g, (_, list) => `(?:${list.replace(/;/g, '|')})`);
  return new RegExp(`^${body}$`, 's');
}

class Differences {
  constructor() {
    this.cases = LIST.flatMap(({ name, cases }) => cases.map((item) => ({
      name, item, versions: item.versions ?? ALL, seen: new Map(),
      row: glob(item.rows), theirs: glob(item.node), ours: glob(item.ours) })));
  }

  // Is this difference of this row one of them?
  find(version, row, theirs, ours) {
    const found = this.cases.find((one) => one.versions.includes(version) &&
      one.row.test(row) && one.theirs.test(theirs) && one.ours.test(ours));
    if (!found) return false;
    found.seen.set(version, (found.seen.get(version) ?? 0) + 1);
    return true;
  }

  // What is listed and did not come up on a version that was looked at.
  unused(versions) {
    return this.cases.flatMap(({ name, item, versions: own, seen }) =>
      own.filter((version) => versions.includes(version) && !seen.has(version))
        .map((version) => `v${version} ${name}: ${item.rows}`));
  }

  counts() {
    const sums = new Map();
    for (const { name, seen } of this.cases) {
      for (const count of seen.values()) {
        sums.set(name, (sums.get(name) ?? 0) + count);
      }
    }
    return sums;
  }
}

const HEAD = `# Conformance with Node's own permission model

\`tests/conformance/permission.t\` makes every call of Node's permission model – each API in its
synchronous, callback and promise form, \`process.permission\`, the grammar of paths, children and
Workers – under the same flags twice: by Node itself (\`--experimental-permission\` of
Node 20, \`--permission\` of 22, 24 and 26), and by \`nssupervise\` around the same Node without
them. The outcomes are compared row by row, with the code, the permission, the resource and the
message of each refusal.

What differs is listed here. The test fails on a difference that is not listed, and on a listed one that does
not occur. This text is made from the test's own list by
\`node tests/conformance/permission.js doc\`, and the test compares it.

A row is the grants, a colon, and the call; \`n\`, \`r\`, \`w\` and \`rw\` are directories of
which nothing, reading, writing, or both is granted, and \`r>w/copyFile\` copies from one to
the other. \`*\` stands for anything, \`{a;b}\` for either. \`denied PERMISSION RESOURCE\` is an
\`ERR_ACCESS_DENIED\`; a row that ends in \`#shape\` is the name, the keys, the permission and the message of that error.
`;

function cell(text) {
  return `\`${text.replace(/\|/g, '\\|')}\``;
}

function document() {
  const parts = LIST.map(({ name, why, cases }) => [
    `## ${name[0].toUpperCase()}${name.slice(1)}`, '', why, '',
    '| rows | versions | Node | nssupervise |', '|---|---|---|---|',
    ...cases.map(({ rows, versions = ALL, node, ours }) =>
      `| ${cell(rows)} | ${versions.join(', ')} | ${cell(node)} | ${cell(ours)} |`),
    ''].join('\n'));
  return [HEAD, ...parts].join('\n').replace(/\n+$/, '\n');
}

module.exports = { Differences, document };
