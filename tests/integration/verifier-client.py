# SPDX-License-Identifier: Apache-2.0
"""Speaks to nsverifyd as nssupervise does, or as nobody should.

  verifier-client.py ask SOCKET MANIFEST FILE...   "VERDICT INODE" of each
  verifier-client.py load SOCKET MANIFEST SRI      the answer to a load
  verifier-client.py attack SOCKET MANIFEST FILE   everything at once, and
                                                   what a good peer sees
  verifier-client.py hold SOCKET MANIFEST FILE     loads, waits for a line
  verifier-client.py slow SOCKET MANIFEST LARGE SMALL
                                                   how long SMALL takes
"""

import os
import socket
import struct
import sys
import time

REQUEST = struct.Struct("<IIQ4096s1024s512s128s")
REPLY = struct.Struct("<IIQII512s512s1024s")
LOAD, CHECK, ASK = 1, 2, 3
VERDICTS = dict(enumerate(
    "LOADED REFUSED MATCH ANY LISTED MISMATCH UNLISTED ERROR".split(), 1))


def connect(path, seconds=10):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.connect(path)  # waits where the queue is full
    s.settimeout(seconds)
    return s


def request(kind, path, integrity="", number=7, version=1):
    return REQUEST.pack(version, kind, number, os.fsencode(path),
                        integrity.encode(), b"", b"")


def send(s, data, *fds):
    return socket.send_fds(s, [data], fds) if fds else s.send(data)


def receive(s):
    """The verdict, the text, and the inode of the descriptor."""
    data, fds, _, _ = socket.recv_fds(s, REPLY.size, 4)
    if not data:
        return "END", "", 0
    fields = REPLY.unpack(data)
    inode = 0
    for fd in fds:
        inode = os.fstat(fd).st_ino
        os.close(fd)
    return VERDICTS[fields[1]], fields[7].split(b"\0")[0].decode(), inode


def with_file(s, kind, path, integrity=""):
    fd = os.open(path, os.O_RDONLY)
    send(s, request(kind, os.path.abspath(path), integrity), fd)
    os.close(fd)


def session(path, manifest, integrity=""):
    s = connect(path)
    with_file(s, LOAD, manifest, integrity)
    return s, receive(s)


def patient_session(path, manifest):
    """Turned away is who comes while others still leave."""
    for _ in range(50):
        try:
            s, answer = session(path, manifest)
            if answer[0] == "LOADED":
                return s, answer
        except (ConnectionResetError, BrokenPipeError):
            pass
        time.sleep(0.1)
    sys.exit("no session")


def ask(path, manifest, *files):
    s, _ = session(path, manifest)
    for file in files:
        with_file(s, CHECK, file)
        verdict, _, inode = receive(s)
        print(verdict, inode)


def load(path, manifest, integrity):
    print(session(path, manifest, integrity)[1][0])


def hold(path, manifest, _):
    _, answer = session(path, manifest)
    print(answer[0], answer[1], flush=True)
    sys.stdin.readline()


def end_of(s):
    """Has the service ended this session? Nothing else counts."""
    try:
        return receive(s)[0]
    except ConnectionResetError:
        return "END"
    except socket.timeout:
        return "NOTHING"


def bad_messages(manifest, file):
    """Each is the end of its own session: name, loaded first?, message, fds."""
    fd = os.open(file, os.O_RDONLY)
    good = os.path.abspath(file)
    return [
        ("an empty message", True, b"\0", []),
        ("a short one", True, request(CHECK, good)[:-1], [fd]),
        ("a long one", True, request(CHECK, good) + b"x", [fd]),
        ("noise", False, os.urandom(REQUEST.size), []),
        ("another version", True, request(CHECK, good, version=2), [fd]),
        ("another kind", True, request(77, good), [fd]),
        ("kind 0", True, request(0, good), [fd]),
        ("a relative path", True, request(CHECK, "x"), [fd]),
        ("a path without an end", True, request(CHECK, "/" + "x" * 4095), [fd]),
        ("no descriptor", True, request(CHECK, good), []),
        ("two", True, request(CHECK, good), [fd, fd]),
        ("many", True, request(CHECK, good), [fd] * 60),
        ("one too many", True, request(ASK, good), [fd]),
        ("a check before the manifest", False, request(CHECK, good), [fd]),
        ("a second manifest", True, request(LOAD, os.path.abspath(manifest)), [fd]),
    ]


def wrong_files(file):
    """Descriptors that are no readable regular file."""
    a, b = socket.socketpair()
    r, w = os.pipe()
    return [
        ("a socket", a.detach()), ("its peer", b.detach()),
        ("a pipe", r), ("its other end", w),
        ("a directory", os.open("/", os.O_RDONLY)),
        ("a device", os.open("/dev/zero", os.O_RDONLY)),
        ("a file of /proc", os.open("/proc/self/status", os.O_RDONLY)),
        ("one without rights", os.open(file, os.O_PATH)),
        ("one for writing", os.open("/dev/null", os.O_WRONLY)),
    ]


def send_malformed(path, manifest, file):
    bad = 0
    for name, is_loaded, data, fds in bad_messages(manifest, file):
        s = session(path, manifest)[0] if is_loaded else connect(path)
        send(s, data, *fds)
        if end_of(s) != "END":
            print("not the end:", name)
            bad += 1
    s, _ = session(path, manifest)
    for name, fd in wrong_files(file):
        send(s, request(CHECK, os.path.abspath(file)), fd)
        verdict, _, inode = receive(s)
        if inode or verdict not in ("ERROR", "MISMATCH"):
            print("accepted:", name, verdict, inode)
            bad += 1
    return bad


def clog(path, manifest, file):
    """Sessions that ask and ask, and never take an answer."""
    clogged = []
    for _ in range(6):
        s, _ = patient_session(path, manifest)
        s.setblocking(False)
        try:
            for _ in range(2000):
                with_file(s, CHECK, file)
        except (BlockingIOError, OSError):
            pass
        clogged.append(s)
    return clogged


def attack(path, manifest, file):
    bad = send_malformed(path, manifest, file)
    # Those that say nothing, those that say half of it, those that go.
    held = [connect(path) for _ in range(8)]
    for s in held[:4]:
        s.send(b"")
    for _ in range(200):
        connect(path).close()
    for _ in range(50):
        s = connect(path)
        try:
            with_file(s, LOAD, manifest)
        except BrokenPipeError:
            pass
        s.close()
    held += clog(path, manifest, file)
    s, answer = patient_session(path, manifest)
    start = time.monotonic()
    for _ in range(20):
        with_file(s, CHECK, file)
        bad += receive(s)[0] != "MATCH"
    seconds = time.monotonic() - start
    print("%s, %d bad, %s" % (answer[0], bad,
                              "in time" if seconds < 3 else seconds))


def slow(path, manifest, large, small):
    """Nobody takes the answers about the large one."""
    busy = [session(path, manifest)[0] for _ in range(4)]
    for s in busy:
        with_file(s, CHECK, large)
    s, _ = session(path, manifest)
    worst = 0.0
    for _ in range(20):
        start = time.monotonic()
        with_file(s, CHECK, small)
        verdict = receive(s)[0]
        worst = max(worst, time.monotonic() - start)
        time.sleep(0.02)
    print(verdict, "in time" if worst < 2 else worst)
    print(sorted({receive(s)[0] for s in busy}))


if __name__ == "__main__":
    {"ask": ask, "load": load, "attack": attack, "hold": hold,
     "slow": slow}[sys.argv[1]](*sys.argv[2:])
