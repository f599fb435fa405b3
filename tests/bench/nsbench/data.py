# SPDX-License-Identifier: Apache-2.0
"""Generate what the benchmarks run on; the same every time."""

import base64
import hashlib
import json
import os
import random
import shutil
import subprocess

MODULE_BYTES = 2048
CODE = (".js", ".cjs", ".mjs", ".json")

HOLD = """
if (process.argv[2] === 'hold') {
  process.stdin.resume();
  console.log('ready');
} else {
  console.log(process.memoryUsage.rss());
}
"""

HELLO_JS = """\
const body = 'hello, world';
require('http').createServer((request, response) => {
  response.writeHead(200, { 'Content-Length': body.length });
  response.end(body);
}).listen(0, '127.0.0.1', function () { console.log(this.address().port); });
"""

FILE_JS = """\
const fs = require('fs');
const path = require('path').join(__dirname, 'data.txt');
require('http').createServer((request, response) => {
  fs.readFile(path, (error, body) => {
    response.writeHead(error ? 500 : 200, { 'Content-Length': body.length });
    response.end(body);
  });
}).listen(0, '127.0.0.1', function () { console.log(this.address().port); });
"""


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def integrity(path):
    with open(path, "rb") as file:
        digest = hashlib.sha384(file.read()).digest()
    return "sha384-" + base64.b64encode(digest).decode()


def write_manifest(directory, name="policy.json"):
    """A manifest in Node's own format that lists all code below directory."""
    resources = {}
    for folder, _, files in sorted(os.walk(directory)):
        for file in sorted(files):
            path = os.path.join(folder, file)
            if file != name and file.endswith(CODE):
                key = "./" + os.path.relpath(path, directory)
                resources[key] = {"integrity": integrity(path),
                                  "dependencies": True}
    write(os.path.join(directory, name),
          json.dumps({"resources": resources}, indent=1))


def module_text(number):
    head = f"exports.value = {number};\n"
    line = "// The length of an ordinary module: comments count as well.\n"
    body = head + "exports.next = (n) => n + exports.value;\n"
    body += line * (MODULE_BYTES // len(line))
    return body[:MODULE_BYTES - 1] + "\n"


def make_modules(directory, count):
    """An application that requires count local CommonJS modules of 2 KB."""
    for number in range(count):
        write(os.path.join(directory, "m", f"{number}.js"),
              module_text(number))
    write(os.path.join(directory, "package.json"),
          '{"name": "modules", "main": "app.js"}\n')
    write(os.path.join(directory, "app.js"),
          f"for (let i = 0; i < {count}; i++) require(`./m/${{i}}.js`);\n"
          + HOLD)
    write_manifest(directory)


def make_express(directory, source):
    """An application that requires express, copied from source."""
    shutil.copytree(source, os.path.join(directory, "node_modules"),
                    symlinks=True)
    write(os.path.join(directory, "package.json"), '{"main": "app.js"}\n')
    write(os.path.join(directory, "app.js"), "require('express');\n" + HOLD)
    write_manifest(directory)


def make_http(directory):
    write(os.path.join(directory, "hello.js"), HELLO_JS)
    write(os.path.join(directory, "file.js"), FILE_JS)
    write(os.path.join(directory, "data.txt"), "x" * 2047 + "\n")


def make_tree(directory, count=2000):
    """count text files of 1 to 4 KB, 40 in a directory."""
    source = random.Random(1)
    words = "lorem ipsum dolor sit amet consectetur adipiscing".split()
    for number in range(count):
        text = "\n".join(" ".join(source.choices(words, k=8))
                         for _ in range(source.randint(20, 80)))
        write(os.path.join(directory, f"d{number // 40}", f"f{number}.txt"),
              text + "\n")


def make_c_project(directory, count=8):
    """count small C files that include the usual headers, and a Makefile."""
    for number in range(count):
        write(os.path.join(directory, f"f{number}.c"),
              "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n"
              "#include <unistd.h>\n#include <pthread.h>\n"
              "#include <sys/socket.h>\n#include <sys/stat.h>\n"
              f"int f{number}(int n);\n"
              f"int f{number}(int n) {{ return printf(\"%d\\n\", n); }}\n")
    objects = " ".join(f"f{number}.o" for number in range(count))
    write(os.path.join(directory, "Makefile"),
          f"all: {objects}\n.c.o:\n\t$(CC) -O0 -c -o $@ $<\n.PHONY: all\n")


def make_repository(directory, tree):
    """A git repository with the files of tree in one commit."""
    shutil.copytree(tree, directory)
    env = dict(os.environ, GIT_CONFIG_GLOBAL="/dev/null",
               GIT_CONFIG_SYSTEM="/dev/null", HOME=directory)
    for args in (["init", "-q"], ["add", "."],
                 ["-c", "user.name=bench", "-c", "user.email=bench@localhost",
                  "commit", "-q", "-m", "files"]):
        subprocess.run(["git", "-C", directory] + args, env=env, check=True)


def make_all(work, needs):
    """Fill the work directory with what the chosen families need."""
    make = {
        "micro": lambda d: (write(d + "/file", "x" * 2048),
                            write(d + "/listed.js", module_text(0)),
                            write_manifest(d)),
        "secret": lambda d: write(d + "/file", "secret\n"),
        "app1000": lambda d: make_modules(d, 1000),
        "app5000": lambda d: make_modules(d, 5000),
        "tree": make_tree,
        "http": make_http,
        "project": make_c_project,
    }
    for name in sorted(needs & make.keys()):
        make[name](os.path.join(work, name))
    if "repository" in needs:
        make_tree(os.path.join(work, "source"), 400)
        make_repository(os.path.join(work, "repository"),
                        os.path.join(work, "source"))
    os.makedirs(os.path.join(work, "out"), exist_ok=True)
