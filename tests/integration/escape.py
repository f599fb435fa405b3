# SPDX-License-Identifier: Apache-2.0
"""The operations of tests/target.c that the escapes need, made by Python."""
import errno
import os
import sys


def read(path):
    with open(path, "rb") as file:
        file.read()


def line(path):
    with open(path, encoding="utf-8") as file:
        return file.readline().rstrip("\n")


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


OPERATIONS = {
    "read": read,
    "line": line,
    "write": write,
    "stat": lambda path: os.stat(path) and None,
    "list": lambda path: " ".join(sorted(os.listdir(path))),
    "link": os.link,
    "symlink": os.symlink,
    "rename": os.rename,
    "chdir": os.chdir,
}

for argument in sys.argv[1:]:
    name, *words = argument.split(":")
    try:
        result = OPERATIONS[name](*words) or "OK"
    except OSError as error:
        result = errno.errorcode[error.errno]
    print(" ".join([name, *words]) + ": " + result, flush=True)
