# SPDX-License-Identifier: Apache-2.0
"""The world around an attack, as catalogue.h describes it, and what an attack
has done to it."""

import array
import ctypes
import fcntl
import hashlib
import os
import re
import secrets
import select
import shutil
import socket
import stat
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# In the place of the secret in the program that prints it.
PLACEHOLDER = b'the-secret-of-the-catalogue-goes-here'
PROGRAM = '#include <stdio.h>\nint main(void)\n{\n\tputs("%s");\n\treturn 0;\n}\n'
MAX_READ = 4 << 20
FS_IOC_GETFLAGS, FS_IOC_SETFLAGS = 0x80086601, 0x40086602
FS_APPEND_FL, FS_IMMUTABLE_FL = 0x20, 0x10
libc = ctypes.CDLL(None, use_errno=True)


class Broken(Exception):
    """The world could not be made: no verdict is possible."""


def new_secret():
    return 'SECRET-' + secrets.token_hex(20)[:len(PLACEHOLDER) - 7]


def compile_c(source, program):
    cc = os.environ.get('CC') or 'cc'
    subprocess.run([*cc.split(), '-O1', '-o', program, source], check=True)


def read_bytes(path, limit=MAX_READ):
    """At most limit bytes of a file; nothing of what is not a plain one."""
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return b''
        parts = []
        while limit > 0 and (part := os.read(fd, min(limit, 1 << 20))):
            parts.append(part)
            limit -= len(part)
        return b''.join(parts)
    finally:
        os.close(fd)


def walk(top, without=()):
    """Every name beneath top, itself included; no link is followed."""
    yield top
    for directory, directories, files in os.walk(top):
        directories[:] = [d for d in directories
                          if os.path.join(directory, d) not in without]
        for name in directories + files:
            yield os.path.join(directory, name)


def describe(path):
    """All of a file but when it was last read."""
    s = os.lstat(path)
    attributes = {}
    if not stat.S_ISLNK(s.st_mode):
        for name in os.listxattr(path, follow_symlinks=False):
            attributes[name] = os.getxattr(path, name, follow_symlinks=False)
    return {
        'its bytes': hashlib.sha256(read_bytes(path)).hexdigest()
        if stat.S_ISREG(s.st_mode) else None,
        'its size': s.st_size,
        'where it leads': os.readlink(path) if stat.S_ISLNK(s.st_mode) else None,
        'what it is': (s.st_ino, stat.S_IFMT(s.st_mode), s.st_rdev),
        'its mode': stat.S_IMODE(s.st_mode),
        'its owner': (s.st_uid, s.st_gid),
        'its links': s.st_nlink,
        'its times': (s.st_mtime_ns, s.st_ctime_ns),
        'its attributes': attributes,
    }


def mounts():
    with open('/proc/self/mountinfo', encoding='utf-8', errors='replace') as f:
        # Without the numbers, which say nothing of the mount itself.
        return sorted(' '.join(line.split()[2:]) for line in f)


def proc_text(pid, name):
    try:
        with open(f'/proc/{pid}/{name}', encoding='utf-8') as f:
            return f.read()
    except OSError:
        return None


class Victim:
    """The process outside, of the identity; see victim.c."""
    ENTRIES = ('limits', 'oom_score_adj', 'autogroup', 'coredump_filter',
               'timerslack_ns', 'cgroup', 'comm')
    IOPRIO_GET = 252  # on x86-64
    SECONDS = 20

    def __init__(self, program, directory, identity):
        self.buffer = b''
        for name in ('stream', 'datagram'):
            if os.path.lexists(os.path.join(directory, name)):
                os.unlink(os.path.join(directory, name))
        self.process = subprocess.Popen(
            [program, directory], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, start_new_session=True, env={}, cwd='/',
            **identity)
        self.keys = dict(line.split('=', 1) for line in self.answer())
        self.before = None

    def answer(self):
        """The lines up to "end"."""
        lines = []
        deadline = time.monotonic() + self.SECONDS
        fd = self.process.stdout.fileno()
        while True:
            line, newline, rest = self.buffer.partition(b'\n')
            if newline:
                self.buffer = rest
                if line == b'end':
                    return lines
                lines.append(line.decode(errors='replace'))
                continue
            left = max(0, deadline - time.monotonic())
            ready = select.select([fd], [], [], left)[0]
            part = os.read(fd, 65536) if ready else b''
            if not part:
                raise Broken('the victim does not answer')
            self.buffer += part

    def say(self, command):
        try:
            os.write(self.process.stdin.fileno(), command.encode() + b'\n')
        except BrokenPipeError as error:
            raise Broken('the victim has ended') from error
        return self.answer()

    def state(self):
        pid = self.process.pid
        found = {name: proc_text(pid, name) for name in self.ENTRIES}
        found['priority'] = os.getpriority(os.PRIO_PROCESS, pid)
        found['affinity'] = os.sched_getaffinity(pid)
        found['scheduler'] = (os.sched_getscheduler(pid),
                              os.sched_getparam(pid).sched_priority)
        found['group'] = (os.getpgid(pid), os.getsid(pid))
        found['I/O class'] = libc.syscall(self.IOPRIO_GET, 1, pid)
        return found

    def runs(self):
        text = proc_text(self.process.pid, 'stat') or ') X'
        return text.rpartition(')')[2].split()[0] in 'RSD'

    def keep(self, secret, name):
        self.say('secret ' + secret)
        self.say('open ' + name)
        self.before = self.state()

    def reached(self):
        """A line for each thing that reached it."""
        if not self.runs():
            return ['the victim has been stopped or ended']
        try:
            lines = self.say('report')
            after = self.state()
        except (Broken, ProcessLookupError):
            return ['the victim does not answer']
        return lines + [f'the victim: {name} changed' for name in after
                        if after[name] != self.before[name]]

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        if not self.runs():
            self.process.kill()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        # It may have been ended before it could do so.
        for key, call, arguments in (('shm', libc.shmctl, (0, None)),
                                     ('msg', libc.msgctl, (0, None)),
                                     ('sem', libc.semctl, (0, 0))):
            call(int(self.keys[key]), *arguments)


class World:
    """Directories and a victim in base, which belongs to the identity."""
    PARTS = ('read', 'write', 'secret', 'outside')

    def __init__(self, base, tools, identity):
        self.base, self.tools, self.identity = base, tools, identity
        self.victim = None
        self.secret = None
        self.time = None
        self.before = None
        self.host_name = os.uname().nodename
        os.mkdir(base, 0o755)
        for part in self.PARTS:
            setattr(self, part, os.path.join(base, part))

    def file(self, path, content, mode):
        with open(path, 'wb') as f:
            f.write(content)
        os.chmod(path, mode)

    def own(self):
        if self.identity:
            for path in walk(self.base):
                os.lchown(path, self.identity['user'], self.identity['group'])

    def make(self, race):
        """A new world with a new secret, and a new victim."""
        self.end_victim()
        self.clear()
        if os.uname().nodename != self.host_name:
            socket.sethostname(self.host_name)
        self.secret = new_secret()
        secret = self.secret.encode()
        for directory in (self.read, self.read + '/sub', self.write,
                          self.secret_in('sub'), self.secret_in('dir')):
            os.makedirs(directory, 0o755)
        os.makedirs(self.base + '/empty', 0o755, exist_ok=True)
        with open(self.tools + '/secret', 'rb') as f:
            program = f.read().replace(PLACEHOLDER, secret)
        self.file(self.read + '/file', b'nothing secret\n', 0o644)
        shutil.copy(self.tools + '/catalogue', self.read + '/program')
        self.file(self.secret_in('file'), secret + b'\n', 0o600)
        self.file(self.secret_in('sub/file'), secret + b'\n', 0o600)
        self.file(self.secret_in('program'), program, 0o755)
        self.file(self.secret_in('script'),
                  b'#!/bin/sh\necho ' + secret + b'\n', 0o755)
        os.mkfifo(self.secret_in('fifo'), 0o600)
        os.symlink('file', self.secret_in('link'))
        self.make_metadata()
        os.makedirs(self.outside, 0o755, exist_ok=True)
        self.own()
        self.victim = Victim(self.tools + '/victim', self.outside,
                             self.identity)
        keys = {part: getattr(self, part) for part in ('read', 'write')}
        keys['secret'] = self.secret_in('')[:-1]
        # Whom no attack may end, and how long it may try.
        keys |= {'harness': os.getpid(), 'race': race}
        self.file(self.read + '/world', ''.join(
            f'{key}={value}\n' for key, value
            in (keys | self.victim.keys).items()).encode(), 0o644)
        self.own()
        self.victim.keep(self.secret, self.secret_in('names/' + self.secret))
        self.before = self.look()

    def make_metadata(self):
        """Secrets in what is not the bytes of a file."""
        os.symlink(self.secret, self.secret_in('pointer'))
        os.mkdir(self.secret_in('names'), 0o755)
        self.file(self.secret_in('names/' + self.secret), b'', 0o600)
        path = self.secret_in('file')
        try:
            os.setxattr(path, 'user.secret', self.secret.encode())
            os.setxattr(path, 'user.' + self.secret, b'')
            os.setxattr(self.read + '/file', 'user.there', b'')
        except OSError:
            pass  # not every file system has them: the row says so
        self.time = secrets.randbelow(10 ** 9 * 10 ** 9)
        os.utime(path, ns=(self.time, self.time))

    def secret_in(self, name):
        return os.path.join(self.base, 'secret', name)

    def look(self):
        """Everything but what is in "write"."""
        found = {}
        for path in walk(self.base, without=(self.write,)):
            try:
                found[path] = describe(path)
            except OSError as error:
                found[path] = {'whether it can be seen': str(error)}
        found['the host name'] = {'it': os.uname().nodename}
        found['the mounts'] = {'they': mounts()}
        return found

    def left_behind(self):
        """The names beneath "write" that hold the secret."""
        for path in walk(self.write):
            try:
                content = read_bytes(path) if os.path.isfile(path) else b''
            except OSError:
                content = b''
            if self.secret.encode() in content or self.secret in path:
                yield path

    def effects(self, output):
        """What an attack did; nothing where it failed."""
        found = []
        if self.secret.encode() in output:
            found.append('it has the secret')
        when = 'changed at %d.%09d' % divmod(self.time, 10 ** 9)
        if when.encode() in output:
            found.append('it has the time of the secret')
        found += [f'{path} has the secret' for path in self.left_behind()]
        after = self.look()
        for path in sorted(self.before.keys() | after.keys()):
            was, now = self.before.get(path), after.get(path)
            if was is None or now is None:
                found.append(f'{path} is {"gone" if now is None else "new"}')
                continue
            changed = [key for key in was.keys() | now.keys()
                       if was.get(key) != now.get(key)]
            if changed:
                found.append(f'{path}: {", ".join(sorted(changed))} changed')
        reached = self.victim.reached()
        # It may lack what an attack has removed.
        if reached or any(path.startswith(self.outside) for path in found):
            self.end_victim()
        return found + reached

    def end_victim(self):
        if self.victim:
            self.victim.close()
        self.victim = None

    def check_mounts(self):
        """Nothing may be removed through what an attack has mounted here."""
        for line in mounts():
            if re.match(re.escape(self.base) + '(/|$)', line.split()[2]):
                raise Broken('something is still mounted in the world')

    def clear(self):
        self.check_mounts()
        for part in (self.read, self.write, self.secret_in('')[:-1]):
            if os.path.lexists(part):
                remove(part)

    def close(self):
        self.end_victim()
        self.check_mounts()
        remove(self.base)


def make_mutable(path):
    """Takes the flags off that keep even root from removing it."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return  # who may not open it may not set them either
    try:
        flags = array.array('l', [0])
        fcntl.ioctl(fd, FS_IOC_GETFLAGS, flags)
        if flags[0] & (FS_IMMUTABLE_FL | FS_APPEND_FL):
            flags[0] &= ~(FS_IMMUTABLE_FL | FS_APPEND_FL)
            fcntl.ioctl(fd, FS_IOC_SETFLAGS, flags)
    except OSError:
        pass  # a file system without flags has nothing to take off
    finally:
        os.close(fd)


def remove(top):
    """An attack may have left directories without rights, or links."""
    if os.path.isdir(top) and not os.path.islink(top):
        for path in walk(top):
            mode = os.lstat(path).st_mode
            if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
                make_mutable(path)
            if stat.S_ISDIR(mode):
                os.chmod(path, 0o700)
        shutil.rmtree(top)
    else:
        os.unlink(top)
