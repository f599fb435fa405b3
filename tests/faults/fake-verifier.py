#!/usr/bin/python3 -ISE
# SPDX-License-Identifier: Apache-2.0
"""Stands where nsverifyd stands, passes everything on to the real one, and
answers as the file "how" beside it says: HOW, or HOW-once (the first process
only). See the table at the end.
"""
import os
import socket
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(sys.argv[0]))
REPLY = struct.Struct("<IIQII512s512s1024s")
REQUEST_SIZE = 16 + 4096 + 1024 + 512 + 128
VERSION, VERDICT, ID, FLAGS, PID, EXPECTED, ACTUAL, TEXT = range(8)
LOADED, MATCH, MISMATCH = 1, 3, 6


def text_of(name):
    with open(os.path.join(HERE, name)) as file:
        return file.read().strip()


def how_now():
    how = text_of("how")
    if not how.endswith("-once"):
        return how
    try:
        os.close(os.open(os.path.join(HERE, "../once/done"),
                         os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return "good"
    return how[:-len("-once")]


def real():
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

    def place():
        os.dup2(theirs.fileno(), 3)
        os.set_inheritable(3, True)

    subprocess.Popen([text_of("real")], preexec_fn=place, close_fds=False)
    theirs.close()
    return ours


def put(index, value):
    """Another value in one field."""
    def change(fields, fds, _):
        fields[index] = value
        return REPLY.pack(*fields), fds
    return change


def filled(fields, fds, _):
    fields[EXPECTED:] = [b"A" * 512, b"A" * 512, b"A" * 1024]
    return REPLY.pack(*fields), fds


def sized(n):
    def change(fields, fds, _):
        return (REPLY.pack(*fields) + bytes(64))[:n], fds
    return change


def memfd(text, seals=0):
    fd = os.memfd_create("fake", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.write(fd, text)
    if seals:
        fcntl_add_seals(fd, seals)
    return fd


def fcntl_add_seals(fd, seals):
    import fcntl
    fcntl.fcntl(fd, 1033, seals)  # F_ADD_SEALS


def match(make):
    """Says that it matches, with another descriptor."""
    def change(fields, fds, asked):
        fields[VERDICT] = MATCH
        fields[EXPECTED:] = [b"", b"", b""]
        return REPLY.pack(*fields), make(asked)
    return change


def fifo(_):
    return [os.pipe()[0]]


def directory(_):
    return [os.open("/", os.O_RDONLY)]


def path_only(asked):
    return [os.open(f"/proc/self/fd/{asked[0]}", os.O_PATH)]


def late(seconds):
    def change(fields, fds, _):
        time.sleep(seconds)
        return REPLY.pack(*fields), fds
    return change


def end(_fields, _fds, _asked):
    sys.exit(0)


def kill(_fields, _fds, _asked):
    os.abort()


SEALS = 1 | 2 | 4 | 8  # SEAL, SHRINK, GROW, WRITE
SECRET = b"SECRET-7d1f\n"
HOW = {
    "good": lambda fields, fds, _: (REPLY.pack(*fields), fds),
    "version": put(VERSION, 2), "id": put(ID, 4711), "id-0": put(ID, 0),
    "pid": put(PID, 1), "verdict-0": put(VERDICT, 0),
    "verdict-99": put(VERDICT, 99), "verdict-loaded": put(VERDICT, LOADED),
    "text": filled, "short": sized(100), "long": sized(REPLY.size + 1),
    "nothing": sized(0),
    "match-none": match(lambda asked: []),
    "match-file": match(lambda asked: asked[:1]),
    "match-two": match(lambda asked: [memfd(SECRET, SEALS),
                                      memfd(SECRET, SEALS)]),
    "match-open": match(lambda asked: [memfd(SECRET)]),
    "match-half": match(lambda asked: [memfd(SECRET, SEALS & ~8)]),
    "match-fifo": match(fifo), "match-directory": match(directory),
    "match-path": match(path_only),
    "mismatch-fd": lambda fields, fds, asked: (
        REPLY.pack(*fields), [memfd(SECRET, SEALS)]),
    "silent": late(3600), "slow": late(2), "end": end, "killed": kill,
}


def main():
    how = how_now()
    phase = text_of("phase")  # "load" or "check"
    supervisor = socket.socket(fileno=3)
    verifier = real()
    while True:
        data, asked, _, _ = socket.recv_fds(supervisor, REQUEST_SIZE, 4)
        if not data:
            return
        socket.send_fds(verifier, [data], asked)
        answer, fds, _, _ = socket.recv_fds(verifier, REPLY.size, 4)
        if not answer:
            return
        fields = list(REPLY.unpack(answer))
        is_load = fields[VERDICT] in (LOADED, 2)
        change = HOW[how if is_load == (phase == "load") else "good"]
        # With these what is right stays, and only the other is answered so.
        if fields[VERDICT] == MATCH and how.startswith(
                ("match", "verdict", "text")):
            change = HOW["good"]
        answer, fds = change(fields, fds, asked)
        socket.send_fds(supervisor, [answer], fds)
        for fd in set(asked + fds):
            os.close(fd)


if sys.argv[1:] == ["list"]:
    print("\n".join(HOW))
else:
    main()
