// SPDX-License-Identifier: Apache-2.0
// What differs from Node's own permission model on purpose, and why. Each case
// must come up on each of its versions: see permission-compare.js, which also
// makes doc/CONFORMANCE.md of it.
'use strict';

const NEWER = [22, 24, 26];

module.exports = [
  {
    name: 'links are followed',
    why: `Node compares the text of a path; a link inside a grant leads anywhere, and a grant of a
link covers only paths spelled through it. Here the object that the path leads to decides, so a link leads
nowhere that is not granted, and every name of a granted file works.`,
    cases: [
      { rows: 'fs.{read;write} *: {has(*, P/dir/leak);fs.* P/dir/leak;has(*, P/dir/up/*;fs.* P/dir/up/*}',
        node: 'ok true', ours: 'ok false' },
      { rows: 'fs.{read;write} *: {has(*, P/link*);fs.* P/link*;has(*, P/flink);fs.* P/flink}',
        node: 'ok false', ours: 'ok true' },
      { rows: 'fs.{read;write} a link to a *: {has(*, P/*dir*);fs.* P/*dir*;has(*, *dir/*f.txt);fs.* *dir/*f.txt}',
        node: 'ok false', ours: 'ok true' },
      { rows: 'entry {by path;relative}: link.js', versions: NEWER,
        node: 'ERR_ACCESS_DENIED', ours: 'read' },
    ],
  },
  {
    name: 'dots are followed, not cut',
    why: `Node removes \`..\` from the text. In the kernel \`a/..\` is wherever \`a\` leads, so what comes before
the dots must be something that may be read: a refusal says nothing about whether it exists.`,
    cases: [
      { rows: 'fs.{read;write} *: {has(*, P/dir2/../dir/f.txt);fs.* P/dir2/../dir/f.txt}',
        node: 'ok true', ours: 'ok false' },
      { rows: 'fs.{read;write} *: {has(*, ./dir/sub/../f.txt);fs.* ./dir/sub/../f.txt}',
        node: 'ok true', ours: 'ok false' },
    ],
  },
  {
    name: 'one flag can name several paths',
    why: `Node 20.7 gave up lists with commas. Here a comma separates paths unless the whole is the name of something
that exists, or it is written \`\\,\`.`,
    cases: [
      { rows: 'fs.{read;write} two paths in one flag: *', node: 'ok false',
        ours: 'ok true' },
    ],
  },
  {
    name: 'two grants do not disturb each other',
    why: `In Node a grant of \`dir\` loses the directory itself when another one is called \`dir2\`: an accident
of its search tree.`,
    cases: [
      { rows: 'fs.{read;write} two flags: {has(*, P/dir);has(*, P/dir/);fs.* P/dir;fs.* P/dir/}',
        node: 'ok false', ours: 'ok true' },
    ],
  },
  {
    name: 'three grants do not make their ancestor one',
    why: 'CVE-2026-58043, which Node 20 still has: three grants that meet at `/` grant `/`.',
    cases: [
      { rows: '{fs.read;fs.write} three grants that meet at the root: {has(*, /);fs.read /}',
        versions: [20], node: 'ok true', ours: 'ok false' },
    ],
  },
  {
    name: 'text after a star counts',
    why: `Node ignores what follows the first star, so that \`/p/*.log\` grants \`/p/key.pem\` and the directory
itself (CVE-2024-21890 made this a sentence of its documentation). Here the whole pattern must match.`,
    cases: [
      { rows: 'fs.{read;write} text after the star: {has(*, P/logs);has(*, P/logs/key.pem);fs.* P/logs;fs.* P/logs/key.pem}',
        node: 'ok true', ours: 'ok false' },
      { rows: 'fs.{read;write} a star in the middle: *', node: 'ok true',
        ours: 'ok false' },
      { rows: 'fs.{read;write} a star after a dot: {has(*, /etc/passwd);fs.* /etc/passwd}',
        node: 'ok true', ours: 'ok false' },
      { rows: 'fs.{read;write} a prefix: {has(*, P/di);fs.* P/di}',
        node: 'ok true', ours: 'ok false' },
    ],
  },
  {
    name: 'a grant of the root is a grant of everything',
    why: '`has("fs.read")` asks whether everything is granted; `/` grants everything as `*` does.',
    cases: [
      { rows: 'fs.{read;write} the root: has(fs.*)', versions: NEWER,
        node: 'ok false', ours: 'ok true' },
    ],
  },
  {
    name: 'a link may be made where writing is allowed',
    why: `Node cannot follow links, so it allows \`symlink()\` only to who may read and write everything. Here following a
link is decided on its target, and making one is a write where it lies: npm needs that.`,
    cases: [
      { rows: '*: *>{w;rw;n}/symlink.*', node: 'denied', ours: 'ok' },
      { rows: '*: *>{n;r}/symlink.{sync;cb;promise}', node: 'denied',
        ours: 'denied FileSystemWrite P/*' },
      { rows: '*: *>{n;r}/symlink.*#shape', node: '*fs.symlink API requires*',
        ours: '*--allow-fs-write*' },
    ],
  },
  {
    name: 'descriptors are decided like paths',
    why: `Node refuses to change mode, owner and times by any descriptor, also of a file that may be
written. Here the file that the descriptor refers to decides. \`fsync()\` changes nothing and is not
refused; \`FileHandle\` of Node 20 and 22 is in part unchecked (CVE-2026-48935).`,
    cases: [
      { rows: '*: {w;rw;n}/{fchmod;fchown;futimes}.*', node: 'denied',
        ours: 'ok' },
      { rows: '*: {w;rw;n}/FileHandle.{chmod;chown}.*', node: 'denied',
        ours: 'ok' },
      { rows: '*: {w;rw;n}/FileHandle.utimes.*', versions: NEWER,
        node: 'denied', ours: 'ok' },
      { rows: '*: */{fsync;fdatasync}.*', node: 'denied', ours: 'ok' },
      { rows: '*: */FileHandle.{sync;datasync}.*', versions: [26],
        node: 'denied', ours: 'ok' },
      { rows: '*: {r;n}/{fchmod;fchown;futimes}.*', node: 'denied',
        ours: 'denied FileSystemWrite' },
      { rows: '*: {r;n}/{fchmod;fchown;futimes}.*#shape',
        node: '*API is disabled when Permission Model is enabled.',
        ours: '*--allow-fs-write*' },
      { rows: '*: {r;n}/FileHandle.{chmod;chown}.r', node: 'denied',
        ours: 'denied FileSystemWrite' },
      { rows: '*: {r;n}/FileHandle.{chmod;chown}.r#shape',
        node: '*API is disabled when Permission Model is enabled.',
        ours: '*--allow-fs-write*' },
      { rows: '*: {r;n}/FileHandle.utimes.r', versions: NEWER,
        node: 'denied', ours: 'denied FileSystemWrite' },
      { rows: '*: {r;n}/FileHandle.utimes.r#shape', versions: NEWER,
        node: '*API is disabled when Permission Model is enabled.',
        ours: '*--allow-fs-write*' },
      { rows: '*: {r;n}/FileHandle.utimes.r', versions: [20], node: 'ok',
        ours: 'denied FileSystemWrite' },
    ],
  },
  {
    name: 'access() says what can be done',
    why: 'Node asks only for reading, also when the question is whether a file may be written.',
    cases: [
      { rows: '*: {r;n}/access-w.*', node: 'ok', ours: 'error EACCES' },
    ],
  },
  {
    name: 'the directories above a grant can be looked at',
    why: `\`stat()\` of an ancestor of what is granted works: \`realpath()\`, \`glob()\` and \`cp()\` need it, and Node
itself exempts its module loader.`,
    cases: [
      { rows: 'zones: {r;rw}/realpath.cb', node: 'denied FileSystemRead /*',
        ours: 'ok' },
      { rows: 'zones: {r;rw}/glob.*', versions: NEWER, node: 'ok 0',
        ours: 'ok 1' },
      { rows: 'zones: r>rw/cp.{cb;promise}', node: 'denied FileSystemRead P',
        ours: 'ok' },
      { rows: 'zones: r>rw/cp.sync', versions: [20],
        node: 'denied FileSystemRead P', ours: 'ok' },
      { rows: '*: {n;w}/realpath.cb', node: 'denied FileSystemRead /*',
        ours: 'denied FileSystemRead P/*' },
      { rows: 'zones: {r;rw}>r/cp.sync', versions: [20],
        node: 'denied FileSystemRead P/r', ours: 'denied FileSystemWrite P/*' },
      { rows: 'zones: r/cp-r.sync', versions: [20],
        node: 'denied FileSystemRead P/r', ours: 'denied FileSystemWrite P/*' },
      { rows: 'zones: {r>r/cp;rw>r/cp;r/cp-r}.sync#shape', versions: [20],
        node: '*FileSystemRead*', ours: '*FileSystemWrite*' },
    ],
  },
  {
    name: 'realpath() names what could not be looked at',
    why: `The JavaScript \`realpathSync()\` of Node is not checked at its start: it goes down the path, and the first
directory that may not be looked at is the one that is refused.`,
    cases: [
      { rows: '*: n/realpath.sync', node: 'denied FileSystemRead P/n/*',
        ours: 'denied FileSystemRead P/n' },
    ],
  },
  {
    name: 'loading a module does not say whether it exists',
    why: `Node looks for a module without a check and refuses to read it, so \`require.resolve()\` tells what exists anywhere.
Here what may not be read is not found.`,
    cases: [
      { rows: '*: {n;w}/{require;require.json}', node: 'denied FileSystemRead P/*',
        ours: 'error MODULE_NOT_FOUND' },
      { rows: '*: {n;w}/require.resolve', node: 'ok',
        ours: 'error MODULE_NOT_FOUND' },
      { rows: '*: {n;w}/import', node: 'denied FileSystemRead P/*',
        ours: 'error ERR_MODULE_NOT_FOUND' },
    ],
  },
  {
    name: 'what is written without JavaScript says so in its own way',
    why: `Reports and heap snapshots are written by native code. They are refused, but a report says so only on the
standard error, and a snapshot with the error of the system.`,
    cases: [
      { rows: '*: {n;r}/report', node: 'denied FileSystemWrite P/*', ours: 'ok' },
      { rows: 'heavy: n/v8.writeHeapSnapshot',
        node: 'denied FileSystemWrite P/*', ours: 'error EACCES' },
    ],
  },
  {
    name: 'databases are files',
    why: '`node:sqlite` opens and creates any file in Node, with no check at all.',
    cases: [
      { rows: '*: {n;r;w}/sqlite', versions: NEWER, node: 'ok',
        ours: 'error ERR_SQLITE_ERROR' },
    ],
  },
  {
    name: 'cp() asks for reading first',
    why: 'Of a destination that may be neither read nor written, Node names writing.',
    cases: [
      { rows: '*: {r;rw}>n/cp.sync', versions: NEWER,
        node: 'denied FileSystemWrite P/n/*', ours: 'denied FileSystemRead P/n/*' },
      { rows: '*: {r;rw}>n/cp.sync#shape', versions: NEWER,
        node: '*FileSystemWrite*', ours: '*FileSystemRead*' },
    ],
  },
  {
    name: 'removing nothing is not refused',
    why: '`rm()` with `force` of what does not exist does nothing, where the directory may be read.',
    cases: [
      { rows: '*: {n;r}/rm-f.sync', versions: [24, 26],
        node: 'denied FileSystemWrite P/*', ours: 'ok' },
    ],
  },
  {
    name: 'a refused rm() can be caught',
    why: 'A bug of Node: its callback and promise forms of recursive `rm()` throw where nobody can catch it.',
    cases: [
      { rows: '*: {n;r}/rm-r.{cb;promise}',
        node: 'uncaught denied FileSystemWrite P/*',
        ours: 'denied FileSystemWrite P/*' },
    ],
  },
  {
    name: 'moving and linking are writes',
    why: `Node wants reading as well for the source of \`rename()\` and \`link()\`. Here both are writes, and
refused where the new name would give a right that the old one did not.`,
    cases: [
      { rows: '*: {w>w;n>n}/{rename;link}.*', node: 'denied FileSystemRead P/*',
        ours: 'ok' },
    ],
  },
  {
    name: 'the network is refused on every version',
    why: `Node checks it from version 25 on. Without \`--allow-net\` there is no network
here on any version, and the error is the one of the system; name services answer as if they
were not there. \`--allow-inspector\` opens its port, and with it what every client needs, a socket without a port.`,
    cases: [
      { rows: '{no flag;flag *}: {net.listen;net.listen.unix;net.listen.abstract;http.listen;dgram.*}',
        versions: [20, 22, 24], node: 'ok', ours: 'error EACCES' },
      { rows: '{no flag;flag *}: {net.connect;http.get;fetch;tls.connect}',
        versions: [20, 22, 24], node: 'error ECONNREFUSED',
        ours: 'error EACCES' },
      { rows: '{no flag;flag *}: net.connect.name', versions: [20, 22, 24],
        node: 'error ECONNREFUSED', ours: 'error EAI_AGAIN' },
      { rows: '{no flag;flag *}: dns.{lookup;promises.lookup}',
        versions: [20, 22, 24], node: 'ok', ours: 'error EAI_AGAIN' },
      { rows: '{no flag;flag *}: {net.listen;net.listen.unix;net.listen.abstract;http.listen}',
        versions: [26], node: '*denied Net*', ours: 'error EACCES' },
      { rows: '{no flag;flag *}: {net.connect;http.get;fetch;tls.connect;dgram.*}',
        versions: [26], node: 'denied undefined undefined',
        ours: 'error EACCES' },
      { rows: '{no flag;flag *}: {net.connect.name;dns.lookup;dns.promises.lookup}',
        versions: [26], node: 'denied undefined undefined',
        ours: 'error EAI_AGAIN' },
      { rows: 'flag inspector: dgram.bind', versions: [26],
        node: 'denied undefined undefined', ours: 'ok' },
      { rows: '{no flag;flag *}: dns.resolve', versions: [26],
        node: 'denied undefined undefined', ours: 'error ECONNREFUSED' },
    ],
  },
  {
    name: 'unix sockets need a flag of their own',
    why: `They reach services outside, as root often (CVE-2026-21636, CVE-2026-21711): \`--allow-unix\` names
them, \`--allow-net\` does not open them.`,
    cases: [
      { rows: '*: net.listen.{unix;abstract}', node: 'ok', ours: 'error EACCES' },
      { rows: '*: net.connect.unix', versions: [20, 22, 24],
        node: 'error ENOENT', ours: 'error EACCES' },
      { rows: '{no flag;flag *}: net.connect.unix', versions: [26],
        node: 'denied undefined undefined', ours: 'error EACCES' },
      { rows: '{every flag;flag net}: net.connect.unix', versions: [26],
        node: 'error ENOENT', ours: 'error EACCES' },
    ],
  },
  {
    name: 'what the kernel holds needs no ban',
    why: `\`process.binding()\` and OpenSSL engines lead round the checks of Node, so it forbids them. Here the same
rules hold beneath them: what they do is decided like anything else.`,
    cases: [
      { rows: '*: process.binding*', node: 'denied', ours: 'ok' },
      { rows: '*: setEngine', node: 'error ERR_CRYPTO_CUSTOM_ENGINE_NOT_SUPPORTED',
        ours: 'error ERR_CRYPTO_ENGINE_UNKNOWN' },
    ],
  },
  {
    name: 'every flag works on every version',
    why: 'Node 20 and 22 have no way to allow the inspector, and their `has()` does not know the newer scopes.',
    cases: [
      { rows: '{every flag;flag inspector}: {inspector.open;Session.connect}',
        versions: [20, 22], node: 'denied Inspector *', ours: 'ok' },
      { rows: '{every flag;flag inspector}: has({"inspector";inspector, "/x"})',
        versions: [20, 22], node: 'ok false', ours: 'ok true' },
      { rows: '{every flag;flag addons}: has({"addon";addon, "/x"})',
        versions: [20], node: 'ok false', ours: 'ok true' },
      { rows: '{every flag;flag net}: has({"net";net, "/x"})', versions: [20, 22, 24],
        node: 'ok false', ours: 'ok true' },
    ],
  },
  {
    name: 'the inspector is one resource',
    why: 'Node names an internal step instead of a resource.',
    cases: [
      { rows: '*: {inspector.open;Session.connect}', node: 'denied Inspector *',
        ours: 'denied Inspector' },
    ],
  },
  {
    name: 'has() can be asked for more',
    why: `With a program \`has("child")\` says whether that one may be executed, with an address \`has("net")\` whether it
may be connected to. Paths may be bytes or URLs on every version, as on 26. A path with a NUL byte is none.`,
    cases: [
      { rows: 'flag child: has(child, "/x")', node: 'ok true', ours: 'ok false' },
      { rows: '*: has(child, "")', versions: [20, 22], node: 'ok true',
        ours: 'ok false' },
      { rows: '{every flag;flag *}: has({worker;wasi}, "")', versions: [24, 26],
        node: 'ok false', ours: 'ok true' },
      { rows: '{every flag;flag *}: has({addon;inspector}, "")',
        node: 'ok false', ours: 'ok true' },
      { rows: 'types: has(fs.read, {Uint8Array;URL})', versions: [20, 22, 24],
        node: 'error ERR_INVALID_ARG_TYPE', ours: 'ok true' },
      { rows: 'types: has({fs.write;child}, {Uint8Array;URL})',
        versions: [20, 22, 24], node: 'error ERR_INVALID_ARG_TYPE',
        ours: 'ok false' },
      { rows: 'types: has(fs.read, nul)', node: 'ok true', ours: 'ok false' },
      { rows: '*: has("fs.read\\u0000")', versions: [20, 22],
        node: 'ok true', ours: 'ok false' },
    ],
  },
  {
    name: 'messages and resources are those of the newer versions',
    why: `Node 20 does not name the flag in its messages, nor the program that was refused; some calls of the newer
versions do not name it either.`,
    cases: [
      { rows: '*#shape', versions: [20],
        node: 'Error | code,permission,resource | * | Access to this API has been restricted',
        ours: 'Error | code,permission,resource | * | Access to this API has been restricted. Use --allow-* to manage permissions.' },
      { rows: '*: {inspector.open;Session.connect}#shape', versions: [22],
        node: '*Access to this API has been restricted.*',
        ours: '*Use --allow-inspector to manage permissions.' },
      { rows: '*: *{lstat;rm;realpath;cp}*#shape', versions: NEWER,
        node: 'Error | code,permission,resource | FileSystemRead | Access to this API has been restricted',
        ours: '*Use --allow-fs-read to manage permissions.' },
      { rows: '*: {spawn*;exec*;fork;cluster.fork}', versions: [20],
        node: 'denied ChildProcess', ours: 'denied ChildProcess /*' },
    ],
  },
  {
    name: 'permissions are not given up later',
    why: '`permission.drop()` throws: what the kernel holds is fixed when the program starts, and pretending would be worse.',
    cases: [
      { rows: 'drop: drop {below a grant;a grant;child}', versions: [24, 26],
        node: 'ok', ours: 'error ERR_METHOD_NOT_IMPLEMENTED' },
      { rows: 'drop: {has;read} *', versions: [24, 26], node: 'ok false',
        ours: 'ok true' },
      { rows: 'drop: spawn after it', versions: [24, 26],
        node: 'denied ChildProcess /bin/true', ours: 'ok' },
    ],
  },
  {
    name: 'children are held',
    why: `Node 20 lets every child do anything; newer versions pass flags on by \`NODE_OPTIONS\`, which a
child can drop, and no program but Node heeds. Here every process of the sandbox is held by the kernel.`,
    cases: [
      { rows: 'inherit child: child {reads what is not;without environment}',
        versions: [20], node: 'ok read', ours: 'ok ERR_ACCESS_DENIED' },
      { rows: 'inherit child: child {without NODE_OPTIONS;by env -i;with flags of its own}',
        node: 'ok read', ours: 'ok EACCES' },
      { rows: 'inherit child: execve without environment', versions: NEWER,
        node: 'ok read', ours: 'ok ERR_ACCESS_DENIED' },
      { rows: 'inherit child: another program', node: 'ok text',
        ours: 'ok status 1' },
      { rows: 'inherit child: child has() *', versions: [20],
        node: 'ok undefined', ours: 'ok {true;false}' },
    ],
  },
  {
    name: 'Workers are held',
    why: `A Worker with \`execArgv\` of its own has no permission model in Node at all.`,
    cases: [
      { rows: 'inherit worker: Worker ({execArgv: [];both}) reads what is not',
        node: 'ok read', ours: 'ok ERR_ACCESS_DENIED' },
      { rows: 'inherit worker: Worker ({execArgv: [];both}) has() *',
        node: "error Cannot read properties of undefined (reading 'has')",
        ours: 'ok {true;false}' },
    ],
  },
  {
    name: 'the entry can be read, and no more',
    why: `Since 22.17 Node grants the script that it is given. Here that holds on every version, also through a
link; but \`node .\` and a script on standard input do not grant the whole
working directory, and a file of \`--require\` needs a grant.`,
    cases: [
      { rows: 'entry {by path;relative;as a module}: *', versions: [20],
        node: '{1;no row}', ours: '{0;read;ERR_ACCESS_DENIED;ENOENT}' },
      { rows: 'entry through a link: *', node: '{1;no row}',
        ours: '{0;read;ERR_ACCESS_DENIED;ENOENT}' },
      { rows: 'entry of a directory: *', versions: NEWER,
        node: '{0;read;ERR_ACCESS_DENIED}', ours: '{1;no row}' },
      { rows: 'entry on standard input: *', versions: NEWER, node: 'read',
        ours: '{ERR_ACCESS_DENIED;ENOENT}' },
      { rows: 'entry after --require: *', versions: NEWER,
        node: '{0;read;ERR_ACCESS_DENIED}', ours: '{1;no row}' },
    ],
  },
  {
    name: 'what tools look for on their way up is not there',
    why: '`package.json` and its like above the grants are answered with ENOENT: Node 24 and 26 end at any other refusal.',
    cases: [
      { rows: 'entry *: package.json', node: 'ERR_ACCESS_DENIED', ours: 'ENOENT' },
    ],
  },
  {
    name: 'usage errors have the status of nssupervise',
    why: '125 says that nothing was started, as for every failure of nssupervise itself.',
    cases: [
      { rows: 'entry and an empty *grant: status', node: '9', ours: '125' },
    ],
  },
];
