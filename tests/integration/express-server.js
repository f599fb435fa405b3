// SPDX-License-Identifier: Apache-2.0
// The same service as policies/demo, in another framework.
'use strict';

const fs = require('fs');
const path = require('path');
const express = require('express');

const app = express();

app.get('/', (request, response) => {
  response.json({ hello: 'hello from express' });
});

app.get('/read', (request, response) => {
  const name = path.resolve(__dirname, request.query.path);
  fs.readFile(name, 'utf8', (error, text) => {
    if (error) {
      response.status(403).json({ error: error.code });
      return;
    }
    response.json({ text: text.slice(0, 200) });
  });
});

app.use(express.static(path.join(__dirname, 'public')));

const server = app.listen(Number(process.env.PORT || 8080), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
