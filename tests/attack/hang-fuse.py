# SPDX-License-Identifier: Apache-2.0
"""hang-fuse.py DIRECTORY COMMAND...: mounts a file system there that never
answers, runs the command, and says its status. For a mount namespace of one's
own."""

import ctypes
import os
import struct
import subprocess
import sys

INIT = 26
HEADER = struct.Struct('<IIQQIIII')  # length, opcode, unique, ...
MNT_DETACH = 2
libc = ctypes.CDLL(None, use_errno=True)


def begin(fuse):
    """Answers the kernel's greeting, and nothing else: what was read could not
    even be killed any more."""
    _, opcode, unique = HEADER.unpack_from(os.read(fuse, 1 << 17))[:3]
    if opcode == INIT:
        # Version 7.31, nothing special.
        body = struct.pack('<IIIIHHIIHHI28x', 7, 31, 65536, 0, 12, 9,
                           65536, 1, 32, 0, 0)
        os.write(fuse, struct.pack('<IiQ', 16 + len(body), 0, unique) + body)


def main():
    directory, command = sys.argv[1], sys.argv[2:]
    fuse = os.open('/dev/fuse', os.O_RDWR)
    options = f'fd={fuse},rootmode=40000,user_id={os.getuid()},group_id={os.getgid()}'
    if libc.mount(b'fuse', directory.encode(), b'fuse', 0, options.encode()) != 0:
        print('cannot mount:', os.strerror(ctypes.get_errno()))
        return
    begin(fuse)
    process = subprocess.Popen(command, start_new_session=True)
    try:
        print('status:', process.wait(50))
    except subprocess.TimeoutExpired:
        print('status: it hangs')
        os.killpg(process.pid, 9)
    libc.umount2(directory.encode(), MNT_DETACH)


main()
