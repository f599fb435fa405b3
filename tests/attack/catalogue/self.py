#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Stands for the catalogue where the program that runs it is tested: a row
for each thing that it must see, and some that must not count."""

import array
import ctypes
import fcntl
import os
import resource
import signal
import socket
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)
W = {}


def secret(name):
    return f'{W["secret"]}/{name}'


def victim():
    return int(W['victim'])


def loot(content):
    os.write(1, content)


def read(path):
    with open(path, 'rb') as f:
        return f.read()


def append():
    with open(secret('file'), 'ab') as f:
        f.write(b'x')


def same_mode():
    os.chmod(W['read'] + '/file', 0o644)


def immutable():
    fd = os.open(secret('file'), os.O_RDONLY)
    fcntl.ioctl(fd, 0x40086602, array.array('l', [0x10]))


def leave():
    with open(W['write'] + '/copy', 'wb') as f:
        f.write(read(secret('file')))


def connect(family, address, kind=socket.SOCK_STREAM):
    with socket.socket(family, kind) as s:
        s.connect(address)
        if kind == socket.SOCK_DGRAM:
            s.send(b'x')


def local(port):
    return '127.0.0.1', int(W[port])


def segment():
    libc.shmat.restype = ctypes.c_void_p
    loot(ctypes.string_at(libc.shmat(int(W['shm']), None, 0o10000), 64))


def memory():
    with open(f'/proc/{victim()}/mem', 'rb') as f:
        f.seek(int(W['address']))
        loot(f.read(64))


def change_memory():
    with open(f'/proc/{victim()}/mem', 'r+b', buffering=0) as f:
        f.seek(int(W['address']))
        f.write(b'x')


def mount():
    if libc.mount(W['read'].encode(), W['write'].encode(), None, 4096, None):
        raise OSError(ctypes.get_errno(), 'mount')


def leave_process():
    if os.fork() == 0:
        os.setsid()
        time.sleep(0.1)
        loot(read(secret('file')))
        time.sleep(1000)


def cannot():
    sys.stderr.write('cannot show: there is no such thing here\n')
    sys.exit(77)


def limits():
    now = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.prlimit(victim(), resource.RLIMIT_NOFILE, (now[0] - 1, now[1]))


ROWS = {
    'S01 all files its bytes': lambda: loot(read(secret('file'))),
    'S02 all files its bytes, from write': leave,
    'S03 all files other bytes': append,
    'S04 all metadata the mode it had': same_mode,
    'S05 all metadata an attribute': lambda: os.setxattr(
        secret('dir'), 'user.x', b'y'),
    'S06 all files a name': lambda: os.mkdir(secret('dir/new')),
    'S07 all files a name gone': lambda: os.unlink(secret('link')),
    'S08 root metadata a flag that keeps it': immutable,
    'S10 all processes a signal': lambda: os.kill(victim(), signal.SIGCONT),
    'S11 all processes stopped': lambda: os.kill(victim(), signal.SIGSTOP),
    'S12 all processes ended': lambda: os.kill(victim(), signal.SIGKILL),
    'S13 all processes priority': lambda: os.setpriority(
        os.PRIO_PROCESS, victim(), 3),
    'S14 all processes affinity': lambda: os.sched_setaffinity(
        victim(), {min(os.sched_getaffinity(0))}),
    'S15 all processes limits': limits,
    'S16 all processes memory': memory,
    'S17 all processes memory, changed': change_memory,
    'S20 all ipc a segment': segment,
    'S21 all ipc a segment, removed': lambda: libc.shmctl(int(W['shm']), 0, 0),
    'S22 all ipc a semaphore': lambda: libc.semctl(int(W['sem']), 0, 16, 5),
    'S30 all sockets a stream': lambda: connect(socket.AF_UNIX, W['stream']),
    'S31 all sockets a datagram': lambda: connect(
        socket.AF_UNIX, W['datagram'], socket.SOCK_DGRAM),
    'S32 all sockets an abstract one': lambda: connect(
        socket.AF_UNIX, '\0' + W['abstract']),
    'S33 all network tcp': lambda: connect(socket.AF_INET, local('tcp')),
    'S34 all network udp': lambda: connect(
        socket.AF_INET, local('udp'), socket.SOCK_DGRAM),
    'S35 all network tcp on ::1': lambda: connect(
        socket.AF_INET6, ('::1', int(W['tcp']))),
    'S40 root kernel a mount': mount,
    'S41 root kernel the host name': lambda: socket.sethostname('another'),
    'S50 all files by a process that is left': leave_process,
    'N01 all files nothing at all': lambda: None,
    'N02 all files what may be read': lambda: loot(read(W['read'] + '/file')),
    'N03 all files what cannot be': cannot,
    'N04 all files forever': lambda: (loot(read(secret('file'))),
                                      time.sleep(1000)),
}


def find(name):
    for row, action in ROWS.items():
        if row.split()[0] == name:
            return action
    raise SystemExit(99)


def work():
    content = read(W['read'] + '/file')
    with open(W['write'] + '/done', 'wb') as f:
        f.write(content)
    loot(content)


def main():
    if sys.argv[1] == 'list':
        for row in ROWS:
            name, who, against, what = row.split(' ', 3)
            print(name, against, '', who, what, sep='\t')
        return
    for line in read(sys.argv[-1]).decode().splitlines():
        key, _, value = line.partition('=')
        W[key] = value
    if sys.argv[1] == 'work':
        work()
        return
    action = find(sys.argv[2])
    sys.stderr.write('attacking\n')
    action()


main()
