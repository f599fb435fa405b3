// SPDX-License-Identifier: Apache-2.0
// The operations of tests/target.c that the escapes need, made by Node.
'use strict';

const fs = require('fs');

const operations = {
  read: (path) => { fs.readFileSync(path); },
  line: (path) => fs.readFileSync(path, 'utf8').split('\n')[0],
  write: (path, text) => { fs.writeFileSync(path, text); },
  stat: (path) => { fs.statSync(path); },
  list: (path) => fs.readdirSync(path).sort().join(' '),
  link: (from, to) => { fs.linkSync(from, to); },
  symlink: (text, path) => { fs.symlinkSync(text, path); },
  rename: (from, to) => { fs.renameSync(from, to); },
  chdir: (path) => { process.chdir(path); },
};

for (const argument of process.argv.slice(2)) {
  const [name, ...words] = argument.split(':');
  let result;
  try {
    result = operations[name](...words) || 'OK';
  } catch (error) {
    result = error.code || String(error);
  }
  console.log(`${[name, ...words].join(' ')}: ${result}`);
}
