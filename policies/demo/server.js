// SPDX-License-Identifier: Apache-2.0
// A small web service: greets, reads the files it is asked for, and loads one
// of its modules only when it is first needed.
'use strict';

const fs = require('fs');
const path = require('path');
const fastify = require('fastify');
const greeting = require('./lib/greeting.js');

const server = fastify();

// A refusal is an answer, not a crash: the client sees the error's code.
function refuse(reply, error) {
  reply.code(error.code === 'ENOENT' ? 404 : 403);
  return { error: error.code || error.name };
}

server.get('/', async () => ({ hello: greeting.text }));

server.get('/read', async (request, reply) => {
  try {
    const name = path.resolve(__dirname, request.query.path);
    return { text: fs.readFileSync(name, 'utf8').slice(0, 200) };
  } catch (error) {
    return refuse(reply, error);
  }
});

server.get('/report', async (request, reply) => {
  try {
    return { report: require('./lib/report.js').text };
  } catch (error) {
    return refuse(reply, error);
  }
});

const port = Number(process.env.PORT || 8080);
server.listen({ host: '127.0.0.1', port }).then((address) => {
  console.log(`listening on ${address}`);
}, (error) => {
  console.error(error.message);
  process.exit(1);
});
