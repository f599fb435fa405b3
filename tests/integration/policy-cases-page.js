// SPDX-License-Identifier: Apache-2.0
// Rows for policy-run.js: the examples of the page, word for word, each with
// what the page says of it. The content of checked.js is known to Node's
// authors alone: where its hash is in an example, ours does not match.
'use strict';

const MISSING = 'Error ERR_MANIFEST_DEPENDENCY_MISSING';
const ASSERT = 'Error ERR_MANIFEST_ASSERT_INTEGRITY';
const TRY = `
const say = (f) => {
  try { console.log(String(f())); } catch (e) { console.log(e.name, e.code); }
};
const saying = (p) => p.then((m) => console.log(typeof m),
                             (e) => console.log(e.name, e.code));
`;
const HASH = 'sha384-SggXRQHwCG8g+DktYYzxkXRIkTiEYWBHqev0xnpCxYlqMBufKZHAHQM3/boDaI/0';
const C = '{D}'; // for C:/app of the page

const onerror = `{
  "onerror": "log",
  "resources": {
    "./app/checked.js": {
      "integrity": "${HASH}"
    }
  }
}`;
const integrity = onerror.replace('  "onerror": "log",\n', '');
const redirection = `{
  "resources": {
    "./app/checked.js": {
      "dependencies": {
        "fs": true,
        "os": "./app/node_modules/alt-os",
        "http": { "import": true }
      }
    }
  }
}`;
// With what the page takes for granted: the files may be loaded at all.
const loadable = (text, more = '') => text
  .replace('"dependencies": {', '"integrity": true, "dependencies": {')
  .replace(/\n\}$/, `,\n"scopes": { "./app/node_modules/": { "integrity": true } }, "dependencies": true${more} }`);
const utils = `{
  "resources": {
    "file:///C:/app/utils.js": {
      "dependencies": {
        "./utils.js": "./utils-v2.js"
      }
    }
  }
}`.replace('file:///C:/app', `file://${C}`);
const scopes = `{
  "scopes": {
    "file:///C:/app/": {},
    "file:": {},
    "": {}
  }
}`.replace('/C:/app', C);
const any = `{
  "scopes": {
    "file:": {
      "integrity": true
    }
  }
}`;
const scoped = `{
  "resources": {
    "./app/checked.js": {
      "cascade": true,
      "integrity": true
    }
  },
  "scopes": {
    "./app/": {
      "dependencies": {
        "fs": true
      }
    }
  }
}`;
const data = `{
  "resources": {
    "data:text/javascript,import('node:fs');": {
      "cascade": true,
      "integrity": true
    }
  },
  "scopes": {
    "data:": {
      "dependencies": {
        "fs": true
      }
    }
  }
}`;
const map = `{
  "dependencies": true,
  "scopes": {
    "": {
      "cascade": true,
      "dependencies": {
        "react": "./app/node_modules/react/index.js"
      }
    },
    "./ssr/": {
      "cascade": true,
      "dependencies": {
        "react": "./app/node_modules/server-side-react/index.js"
      }
    }
  }
}`;

const main = 'app/checked.js';
const checked = (code) => ({ [main]: TRY + code,
                             'app/node_modules/alt-os/index.js': 'module.exports = "alt-os"' });

module.exports = [
  { name: 'Error behavior: it is logged', main, files: checked('console.log("runs")'),
    manifest: onerror, out: 'runs', err: /checked\.js/ },
  { name: 'Integrity checks: another content', main, files: checked('console.log("runs")'),
    manifest: integrity, out: '', status: 1, err: /ERR_MANIFEST_ASSERT_INTEGRITY/ },
  { name: 'Integrity checks: the content', main, files: checked('console.log("runs")'),
    manifest: integrity.replace(HASH, `{384:${main}}`), out: 'runs' },
  { name: 'Dependency redirection: as it is nothing may be loaded', main, files: checked(''),
    manifest: redirection, status: 1, err: /ERR_MANIFEST_ASSERT_INTEGRITY/ },
  { name: 'Dependency redirection', main,
    files: checked(`say(() => typeof require("fs").readFileSync); say(() => require("os")); say(() => require("http")); say(() => require("net")); saying(import("http"));`),
    manifest: loadable(redirection), out: `function\nalt-os\n${MISSING}\n${MISSING}\nobject` },
  { name: 'Dependency redirection: utils.js, however it is spelt', main: 'utils.js',
    files: { 'utils.js': TRY + 'say(() => require("./utils.js")); say(() => require(__filename)); (async () => { await saying(import("./utils.js").then((m) => m.default)); await saying(import("#utils")); })();',
             'utils-v2.js': 'module.exports = "v2"' },
    manifest: utils.replace('"dependencies"', '"integrity": true, "dependencies"')
      .replace(/\n {2}\}\n\}$/, ',\n"./utils-v2.js": { "integrity": true } } }'),
    out: `v2\nv2\nstring\n${MISSING}` },
  { name: 'Example: scopes: nothing is accepted', main, files: checked(''),
    manifest: scopes, status: 1, err: /ERR_MANIFEST_ASSERT_INTEGRITY/ },
  { name: 'Example: scopes: the innermost speaks', main, files: checked('say(() => typeof require("os"))'),
    manifest: scopes.replace(`file://${C}/": {}`, `file://${C}/app/": { "integrity": true, "dependencies": true }`), out: 'object' },
  { name: 'Example: scopes: and cascades outwards', main, files: checked('say(() => typeof require("os"))'),
    manifest: scopes.replace(`file://${C}/": {}`, `file://${C}/app/": { "cascade": true }`)
      .replace('"file:": {}', '"file:": { "cascade": true }')
      .replace('"": {}', '"": { "integrity": true, "dependencies": true }'), out: 'object' },
  { name: 'Integrity using scopes: any file', main,
    files: { ...checked('say(() => require("./b.js"))'), 'app/b.js': 'module.exports = "b"' },
    manifest: any, out: 'b' },
  { name: 'Dependency redirection using scopes', main,
    files: checked('say(() => typeof require("fs").readFileSync); say(() => require("os"));'),
    manifest: scoped, out: `function\n${MISSING}` },
  { name: 'Dependency redirection using scopes: data:', main: 'a.mjs',
    files: { 'a.mjs': TRY + "await saying(import(\"data:text/javascript,import('node:fs');\")); await saying(import(\"data:text/javascript,import('node:os');\"));" },
    manifest: data.replace('"resources": {', '"resources": { "./a.mjs": { "integrity": true, "dependencies": true },'),
    out: `object\n${ASSERT}` },
  { name: 'Dependency redirection using scopes: data: may have nothing else', main: 'a.mjs',
    files: { 'a.mjs': "process.on('unhandledRejection', (e) => console.log(e.code)); await import(\"data:text/javascript,import('node:os');\");" },
    manifest: data.replace('"resources": {', '"resources": { "./a.mjs": { "integrity": true, "dependencies": true },').replaceAll('node:fs', 'node:os'),
    out: 'ERR_MANIFEST_DEPENDENCY_MISSING' },
  { name: 'import maps emulation: as it is nothing may be loaded', main, files: checked(''),
    manifest: map, status: 1, err: /ERR_MANIFEST_ASSERT_INTEGRITY/ },
  { name: 'import maps emulation', main: 'main.mjs',
    files: { 'main.mjs': 'import react from "react"; import ssr from "./ssr/s.mjs"; import os from "os"; console.log(react, ssr, typeof os)',
             'ssr/s.mjs': 'export { default } from "react"',
             'app/node_modules/react/index.js': 'module.exports = "react"',
             'app/node_modules/server-side-react/index.js': 'module.exports = "server-side"' },
    manifest: map.replaceAll('"cascade": true', '"cascade": true, "integrity": true'),
    out: 'react server-side object' },
];
