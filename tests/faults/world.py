# SPDX-License-Identifier: Apache-2.0
"""The runs that faults are injected into: what is there, what is asked.

A scenario has options for nssupervise, a program, and operations of two kinds:
granted ones, which may fail when something is broken, but never say anything
else than without a fault; and denied ones, which always fail.
"""
import base64
import hashlib
import json
import os
import shutil
import socket
import stat

SECRET = "SECRET-7d1f"
STATUS = 3  # of the target

FILES_GRANTED = """
line:read/file list:read/sub stat:read/file statx:read/file access:read/file
readlink:read/link line:read/link statfs:read/file getxattr:read/file
inotify:read chdir:read/sub chdir:WORLD flags:read/file
openat2:read/file create:write/new write:write/new:text append:write/new:more
mkdir:write/dir rename:write/new:write/n2 link:write/n2:write/n3
symlink:n2:write/n4 truncate:write/n2:2 chmod:write/n2:0600
utimens:write/n2 setxattr:write/n2:user.a:b fchmod:write/n2:0644
unlink:write/n3 rmdir:write/dir mkfifo:write/pipe
""".split()

FILES_DENIED = """
line:closed/secret line:read/closed/secret line:read/out rdwr:read/file
openat2:closed/secret list:closed stat:closed/secret
statx:read/closed/secret access:closed/secret readlink:closed/link
getxattr:closed/secret inotify:closed create:closed/new
create:read/closed/new write:closed/keep:x trunc:closed/keep
truncate:read/closed/keep:0 rename:closed/keep:write/k
rename:write/mine:closed/keep link:closed/secret:write/l symlink:x:closed/s
unlink:closed/keep mkdir:closed/dir rmdir:closed/empty chmod:closed/keep:0777
fchmod:read/file:0777 utimens:closed/keep setxattr:closed/keep:user.a:b
mkfifo:closed/pipe fork:x become:/bin/true memfdexec:x socket:inet
""".split()


def write(path, text, mode=0o644):
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, mode)


def make_files(world):
    for name in ("read/sub", "read/closed", "closed/empty", "write"):
        os.makedirs(os.path.join(world, name))
    write(f"{world}/read/file", "inside\n")
    write(f"{world}/read/sub/one", "one\n")
    write(f"{world}/write/mine", "mine\n")
    for name in ("closed", "read/closed"):
        write(f"{world}/{name}/secret", SECRET + "\n", 0o666)
        write(f"{world}/{name}/keep", SECRET + "\n", 0o666)
    os.symlink("file", f"{world}/read/link")
    os.symlink("../closed/secret", f"{world}/read/out")
    os.symlink(SECRET, f"{world}/closed/link")
    os.chmod(f"{world}/write", 0o777)
    os.chmod(f"{world}/closed", 0o777)


def sri(text):
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256-" + base64.b64encode(digest).decode()


def make_policy(world):
    """Listed and as listed, listed and changed, not listed."""
    make_files(world)
    os.makedirs(f"{world}/app/pkg")
    resources = {}
    for name in ("good.js", "pkg/one.js", "pkg/two.js", "changed.js",
                 "pkg/changed.js"):
        text = f"// {name}\n"
        resources[f"./{name}"] = {"integrity": sri(text)}
        if "changed" in name:
            text = f"{SECRET} {name}\n"
        write(f"{world}/app/{name}", text)
    write(f"{world}/app/unlisted.js", f"{SECRET}\n")
    write(f"{world}/app/data", "data\n")
    write(f"{world}/app/p.json", json.dumps({"resources": resources}))


POLICY_GRANTED = """
line:app/good.js line:app/pkg/one.js line:app/pkg/two.js line:app/data
line:app/good.js stat:app/changed.js
""".split()

POLICY_DENIED = """
line:app/changed.js line:app/pkg/changed.js rdwr:app/good.js
write:app/good.js:x line:app/changed.js line:closed/secret
""".split()


class Peers:
    """Sockets outside: what reaches the second of each kind is a leak."""

    def __init__(self, world):
        self.sockets = []
        self.ports = [self.inet() for _ in range(2)]
        self.paths = [self.unix(f"{world}/read/s{i}") for i in range(2)]

    def keep(self, kind, family, where):
        sock = socket.socket(family, kind)
        sock.bind(where)
        if kind == socket.SOCK_STREAM:
            sock.listen(1000)
        sock.setblocking(False)
        self.sockets.append(sock)
        return sock

    def inet(self):
        for _ in range(100):
            tcp = self.keep(socket.SOCK_STREAM, socket.AF_INET,
                            ("127.0.0.1", 0))
            try:
                self.keep(socket.SOCK_DGRAM, socket.AF_INET,
                          tcp.getsockname())
                return tcp.getsockname()[1]
            except OSError:
                self.sockets.remove(tcp)
                tcp.close()
        raise OSError("no port is free for both TCP and UDP")

    def unix(self, path):
        self.keep(socket.SOCK_STREAM, socket.AF_UNIX, path)
        os.chmod(path, 0o777)
        return path

    def arrived(self):
        """Takes everything; says what came where nothing may."""
        came = []
        for i, sock in enumerate(self.sockets):
            is_open = i in (0, 1, 4)
            try:
                while True:
                    if sock.type == socket.SOCK_STREAM:
                        sock.accept()[0].close()
                    else:
                        sock.recv(100)
                    if not is_open:
                        came.append(str(sock.getsockname()))
            except BlockingIOError:
                pass
        return came


class Scenario:
    """Options and operations; WORLD, PORT0, PORT1, TRUE are filled in."""

    def __init__(self, name, options, granted, denied, make=make_files,
                 program="target", needs="", copies=()):
        self.name = name
        self.options = options.split()
        self.granted = granted
        self.denied = denied
        self.make = make
        self.program = program
        self.needs = needs
        self.copies = copies  # of the target, in bin/


NET_GRANTED = """
connect:PORT0 udp:PORT0 sendto:PORT0 sendmsg:PORT0 connect:WORLD/read/s0
listen:WORLD/write/mysocket listen:@nssupervise-faults-WORLD
""".split()

NET_DENIED = """
connect:PORT1 udp:PORT1 sendto:PORT1 sendmsg:PORT1 connect:WORLD/read/s1
listen:PORT2 listen:WORLD/closed/socket listen:@nssupervise-other-WORLD
""".split()

SCENARIOS = [
    Scenario(
        "files",
        "--allow-fs-read=WORLD/read,WORLD/write --allow-fs-write=WORLD/write "
        "--deny-fs-read=WORLD/read/closed --log=WORLD/log "
        "--log-format=json", FILES_GRANTED, FILES_DENIED),
    Scenario(
        "kernel",
        "--allow-fs-read=WORLD/read/sub,WORLD/write --quiet "
        "--allow-fs-write=WORLD/write --allow-fs-metadata",
        ["line:read/sub/one", "create:write/new", "line:write/mine"],
        ["line:closed/secret", "line:read/out", "chmod:closed/keep:0777",
         "unlink:closed/keep", "create:closed/new", "fork:x"]),
    Scenario(
        "programs",
        "--allow-fs-read=WORLD/read --deny-fs-read=WORLD/read/closed "
        "--allow-child-process=WORLD/bin/granted",
        ["exec:WORLD/bin/granted:exit", "line:read/file", "fork:x"],
        ["exec:WORLD/bin/denied:exit", "line:read/closed/secret", "line:closed/secret",
         "memfdexec:x"], copies=("granted", "denied")),
    Scenario(
        "manifest",
        "--allow-fs-read=WORLD/app --allow-fs-write=WORLD/write "
        "--policy=WORLD/app/p.json", POLICY_GRANTED, POLICY_DENIED,
        make_policy),
    Scenario(
        "network",
        "--allow-fs-read=WORLD/read --allow-fs-write=WORLD/write "
        "--allow-net=127.0.0.1:PORT0 "
        "--allow-unix=WORLD/read/s0,WORLD/write,@nssupervise-faults*",
        NET_GRANTED, NET_DENIED, program="netops", needs="--allow-net=:1"),
    Scenario(
        "landlock-only",
        "--landlock-only --allow-fs-read=WORLD/read/sub "
        "--allow-fs-metadata --allow-addons",
        ["line:read/sub/one"],
        ["line:closed/secret", "line:read/out", "create:closed/new",
         "chmod:closed/keep:0777", "unlink:closed/keep"]),
]


def snapshot(*places):
    """What must not change: names, types, modes, contents."""
    seen = []
    for place in places:
        for folder, folders, files in os.walk(place):
            for name in sorted(folders + files):
                path = os.path.join(folder, name)
                st = os.lstat(path)
                text = ""
                if stat.S_ISREG(st.st_mode):
                    with open(path, errors="replace") as file:
                        text = file.read()
                seen.append((path, st.st_mode, st.st_uid, text))
    return sorted(seen)


def reset(world):
    """The directory for writing, as it was."""
    shutil.rmtree(f"{world}/write")
    os.makedirs(f"{world}/write")
    os.chmod(f"{world}/write", 0o777)
    write(f"{world}/write/mine", "mine\n", 0o666)
    if os.path.exists(f"{world}/log"):
        os.unlink(f"{world}/log")
