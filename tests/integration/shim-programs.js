// SPDX-License-Identifier: Apache-2.0
// With a list of programs: which may be executed, found as execvp() would.
// Prints what each attempt gives.
'use strict';

const { execFileSync, execSync, spawn } = require('child_process');

const say = (...words) => console.log(...words);

function attempt(name, action) {
  try {
    say(name, String(action()).trim());
  } catch ({ code, permission, resource }) {
    say(name, code, permission, resource);
  }
}

attempt('absolute', () => execFileSync('/bin/echo', ['done']));
attempt('PATH', () => execFileSync('echo', ['done']));
attempt('its own PATH', () => execFileSync('echo', ['done'],
                                           { env: { PATH: '/none:/bin' } }));
attempt('directory', () => execFileSync('./echo', ['done'], { cwd: '/bin' }));
attempt('runtime', () => execFileSync(process.execPath, ['-p', '"done"']));
attempt('other', () => execFileSync('/bin/cat', ['/dev/null']));
attempt('other by PATH', () => execFileSync('cat', ['/dev/null']));
attempt('spawn', () => spawn('cat', ['/dev/null']));
attempt('shell', () => execSync('echo x'));
for (const program of [undefined, '/bin/echo', 'echo', '/bin/cat', 'cat', ''])
  say('has', program, process.permission.has('child', program));
