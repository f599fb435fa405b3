// SPDX-License-Identifier: Apache-2.0
// Node and its sockets: node net.js WHAT [ARGUMENT]...
'use strict';
const child_process = require('child_process');
const cluster = require('cluster');
const dgram = require('dgram');
const dns = require('dns');
const fs = require('fs');
const http = require('http');
const https = require('https');
const net = require('net');
const os = require('os');

const say = (text) => console.log(text);
const fail = (error) => say(error.code || error.message);

function get(client, options, done) {
	client.get({ agent: false, ...options }, (response) => {
		let body = '';
		response.on('data', (chunk) => body += chunk);
		response.on('end', () => done(body.trim()));
	}).on('error', (error) => done(error.code));
}

function serve(port, then) {
	const server = http.createServer((_, response) => response.end('served'));
	server.on('error', fail);
	server.listen(port, '127.0.0.1', () => then(server));
}

const tests = {
	// A server and its client in one process.
	http(port) {
		serve(+port, (server) => get(http, { host: 'localhost', port,
			family: 4 }, (body) => {
			say(body);
			server.close();
		}));
	},
	https(port, key, cert) {
		const options = { key: fs.readFileSync(key),
			cert: fs.readFileSync(cert) };
		const server = https.createServer(options, (_, response) =>
			response.end('x'.repeat(300000)));
		server.listen(+port, '127.0.0.1', () =>
			get(https, { host: '127.0.0.1', port, ca: options.cert,
				servername: 'localhost' }, (body) => {
				say(body.length);
				server.close();
			}));
	},
	connect(host, port) {
		const socket = net.connect({ host, port });
		socket.on('data', (data) => {
			say(data.toString().trim());
			socket.end();
		}).on('error', fail);
	},
	unix(path) {
		const socket = net.connect(path);
		socket.on('data', (data) => {
			say(data.toString().trim());
			socket.end();
		}).on('error', fail);
	},
	pipe(path) {
		const server = net.createServer((socket) => socket.end('piped'));
		server.on('error', fail);
		server.listen(path, () => tests.unix(path));
		server.on('connection', () => server.close());
	},
	udp(port) {
		const socket = dgram.createSocket('udp4');
		socket.on('message', (text) => {
			say(text.toString());
			socket.close();
		}).on('error', fail);
		socket.send('from node', +port, '127.0.0.1', (error) => {
			if (error)
				fail(error) || socket.close();
		});
	},
	lookup(name) {
		dns.lookup(name, { all: true }, (error, list) =>
			say(error ? error.code : list.length > 0));
	},
	interfaces() {
		say('lo' in os.networkInterfaces());
	},
	// A handle goes to a child by SCM_RIGHTS.
	fork(port) {
		const server = net.createServer();
		server.on('error', fail);
		server.listen(+port, '127.0.0.1', () => {
			const child = child_process.fork(__filename, ['handle']);
			child.send('server', server, () => {
				server.close();
				const socket = net.connect(+port, '127.0.0.1');
				socket.on('data', (data) => say(data.toString()));
				socket.on('close', () => child.disconnect());
			});
		});
	},
	handle() {
		process.on('message', (_, server) =>
			server.on('connection', (socket) => {
				socket.end('from the child');
				server.close();
			}));
	},
	cluster(port) {
		if (!cluster.isPrimary) {
			serve(+port, () => {});
			return;
		}
		cluster.fork();
		cluster.on('listening', () =>
			get(http, { host: '127.0.0.1', port }, (body) => {
				say(body);
				cluster.disconnect();
			}));
	},
};

tests[process.argv[2]](...process.argv.slice(3));
