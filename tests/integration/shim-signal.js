// SPDX-License-Identifier: Apache-2.0
// SIGUSR1 starts no debugger and ends nothing, whatever listeners there are
// and were; ours is none of them.
'use strict';

const { setTimeout: sleep } = require('timers/promises');

const SIGNAL = 'SIGUSR1';

async function send(what) {
  process.kill(process.pid, SIGNAL);
  await sleep(20);
  console.log(what, process.listenerCount(SIGNAL),
              process.eventNames().includes(SIGNAL));
}

(async () => {
  await send('none');
  process.on(SIGNAL, () => console.log('ours'));
  await send('one');
  process.removeAllListeners(SIGNAL);
  await send('removed');
  process.once(SIGNAL, () => console.log('once'));
  await send('once');
  await send('after');
  process._debugProcess(process.pid);
  await sleep(20);
  process.removeAllListeners();
  await send('nothing left');
})();
