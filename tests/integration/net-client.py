#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What programs do with sockets: net-client.py ACTION[,ARG]...

Prints "ACTION: RESULT" for each, where a failure is the name of its errno.
"""
import array
import ctypes
import errno
import os
import signal
import socket
import struct
import sys
import threading
import time

libc = ctypes.CDLL(None, use_errno=True)
TIMEOUT = 10


def check(result):
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def family_of(host):
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def read_all(sock):
    sock.settimeout(TIMEOUT)
    return sock.recv(1000).decode().strip()


def tcp(host, port, timeout=TIMEOUT):
    with socket.socket(family_of(host)) as sock:
        # A timeout in Python is a socket that does not block, and poll().
        sock.settimeout(float(timeout) or None)
        sock.connect((host, int(port)))
        return read_all(sock)


def tcp_blocking(host, port):
    return tcp(host, port, 0)


def tcp_twice(host, port):
    with socket.socket(family_of(host)) as sock:
        sock.connect((host, int(port)))
        sock.connect((host, int(port)))


def tcp_async(host, port):
    with socket.socket(family_of(host)) as sock:
        sock.setblocking(False)
        first = sock.connect_ex((host, int(port)))
        time.sleep(0.2)
        return (f"{errno.errorcode.get(first, first)} "
                f"{sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)}")


def tcp_name(host, port):
    with socket.create_connection((host, int(port)), TIMEOUT) as sock:
        return read_all(sock)


def again(host, port):
    """Disconnects by AF_UNSPEC and connects once more."""
    with socket.socket() as sock:
        sock.connect((host, int(port)))
        first = read_all(sock)
        check(libc.connect(sock.fileno(), bytes(16), 16))
        sock.connect((host, int(port)))
        return first + " " + read_all(sock)


def raw_connect(family, hexadecimal):
    data = bytes.fromhex(hexadecimal)
    with socket.socket(int(family)) as sock:
        check(libc.connect(sock.fileno(), data, len(data)))
        return read_all(sock)


def raw_send(family, hexadecimal):
    data = bytes.fromhex(hexadecimal)
    with socket.socket(int(family), socket.SOCK_DGRAM) as sock:
        return str(check(libc.sendto(sock.fileno(), b"raw", 3, 0, data,
                                     len(data))))


def udp(host, port, text="datagram"):
    with socket.socket(family_of(host), socket.SOCK_DGRAM) as sock:
        sock.sendto(text.encode(), (host, int(port)))
        return read_all(sock)


def udp_big(host, port, size):
    with socket.socket(family_of(host), socket.SOCK_DGRAM) as sock:
        return str(sock.sendto(b"x" * int(size), (host, int(port))))


def udp_connected(host, port):
    with socket.socket(family_of(host), socket.SOCK_DGRAM) as sock:
        sock.connect((host, int(port)))
        sock.send(b"connected")
        return read_all(sock)


def udp_route(host):
    """As getaddrinfo(3) does it to sort addresses."""
    with socket.socket(family_of(host), socket.SOCK_DGRAM) as sock:
        sock.connect((host, 0))
        return sock.getsockname()[0]


def udp_message(host, port):
    with socket.socket(family_of(host), socket.SOCK_DGRAM) as sock:
        ttl = [(socket.IPPROTO_IP, socket.IP_TTL, struct.pack("i", 9))]
        sock.sendmsg([b"in ", b"two ", b"", b"parts"], ttl, 0,
                     (host, int(port)))
        return read_all(sock)


def udp_options(host, port):
    """A source route, by ancillary data."""
    with socket.socket(family_of(host), socket.SOCK_DGRAM) as sock:
        route = bytes([131, 7, 4, 127, 0, 0, 1, 0])
        sock.sendmsg([b"route"], [(socket.IPPROTO_IP, 7, route)], 0,
                     (host, int(port)))


class Header(ctypes.Structure):
    _fields_ = [("name", ctypes.c_void_p), ("namelen", ctypes.c_uint),
                ("parts", ctypes.c_void_p), ("n", ctypes.c_size_t),
                ("control", ctypes.c_void_p), ("size", ctypes.c_size_t),
                ("flags", ctypes.c_int), ("gap", ctypes.c_int),
                ("sent", ctypes.c_uint)]


def inet(host, port):
    return struct.pack("!4s8x", socket.inet_aton(host)).join(
        [struct.pack("=H", socket.AF_INET) + struct.pack("!H", int(port)),
         b""])


def many(*ports):
    """sendmmsg(2) of one message to each port of 127.0.0.1."""
    headers = (Header * len(ports))()
    keep = []
    for header, port in zip(headers, ports):
        name = ctypes.create_string_buffer(inet("127.0.0.1", port), 16)
        text = ctypes.create_string_buffer(b"many")
        part = (ctypes.c_void_p * 2)(ctypes.addressof(text), 4)
        keep += [name, text, part]
        header.name, header.namelen = ctypes.addressof(name), 16
        header.parts, header.n = ctypes.addressof(part), 1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        n = check(libc.sendmmsg(sock.fileno(), headers, len(ports), 0))
        return f"{n} " + " ".join(str(header.sent) for header in headers)


def listen(host, port):
    with socket.socket(family_of(host)) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, int(port)))
        sock.listen()
        return "listens"


def listen_unbound():
    with socket.socket() as sock:
        sock.listen()
        return "listens"


def bind_udp(host, port):
    with socket.socket(family_of(host), socket.SOCK_DGRAM) as sock:
        sock.bind((host, int(port)))
        return "bound"


def served(port):
    """A server and its client, both in here."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", int(port)))
        server.listen()
        with socket.create_connection(("127.0.0.1", int(port))) as client:
            accepted, _ = server.accept()
            accepted.sendall(b"x" * 1000000)
            accepted.close()
            n = 0
            while True:
                data = client.recv(65536)
                if not data:
                    return str(n)
                n += len(data)


def stream(path):
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(path.replace("@", "\0", 1))
        return read_all(sock)


def seq(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as sock:
        sock.connect(path.replace("@", "\0", 1))
        return read_all(sock)


def dgram(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        return str(sock.sendto(b"datagram", path.replace("@", "\0", 1)))


def dgram_reply(path, own):
    """A name of our own, to which the answer comes."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(own)
        sock.connect(path)
        sock.send(b"reply to me")
        answer = read_all(sock)
        return f"{answer} at {sock.getsockname()}"


def dgram_auto(path):
    """The kernel chooses the name."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind("")
        sock.sendto(b"auto", path)
        return read_all(sock)


def by_fd(directory, name):
    fd = os.open(directory, os.O_PATH)
    return stream(f"/proc/self/fd/{fd}/{name}")


def renamed(path, name):
    os.rename(path, name)
    return stream(name)


def linked(path, name):
    os.link(path, name)
    return stream(name)


def pair(path):
    """One end of a pair of datagram sockets reaches any other one."""
    a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    a.sendto(b"from a pair", path.replace("@", "\0", 1))
    b.close()


def unix_bind(path):
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(path.replace("@", "\0", 1))
        sock.listen()
        mode = ""
        if not path.startswith("@"):
            mode = f" {os.stat(path).st_mode:o}"
        name = sock.getsockname()
        return f"{name if isinstance(name, str) else name.decode()!r}{mode}"


def unix_served(path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
            accepted, _ = server.accept()
            accepted.sendall(b"inside")
            return read_all(client)


def descriptors(count="1"):
    """SCM_RIGHTS over a pair of streams."""
    a, b = socket.socketpair()
    pipes = [os.pipe() for _ in range(int(count))]
    for i, (_, fd) in enumerate(pipes):
        os.write(fd, str(i).encode())
    socket.send_fds(a, [b"files"], [fd for fd, _ in pipes])
    text, got, _, _ = socket.recv_fds(b, 100, 300)
    return text.decode() + " " + " ".join(
        os.read(fd, 9).decode() for fd in got)


def bad_descriptor():
    a, _ = socket.socketpair()
    a.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                        array.array("i", [999]))])


def credentials(pid):
    a, b = socket.socketpair()
    b.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    pid = os.getpid() if pid == "own" else int(pid)
    cred = struct.pack("iII", pid, os.getuid(), os.getgid())
    a.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, cred)])
    _, ancillary, _, _ = b.recvmsg(10, 100)
    _, uid, gid = struct.unpack("iII", ancillary[0][2])
    return f"{uid == os.getuid()} {gid == os.getgid()}"


def interfaces():
    return " ".join(name for _, name in socket.if_nameindex() if name == "lo")


def ifaddrs():
    head = ctypes.c_void_p()
    check(libc.getifaddrs(ctypes.byref(head)))
    return "found" if head.value else "none"


def fast_open(host, port):
    with socket.socket() as sock:
        sock.sendto(b"fast", 0x20000000, (host, int(port)))


def fast_open_passed(host, port):
    """By standard input, which listens until it is shut down."""
    with socket.socket(fileno=os.dup(0)) as sock:
        sock.shutdown(socket.SHUT_RD)
        return sock.sendto(b"fast", 0x20000000, (host, int(port)))


def ip_options():
    """The first hop of a source route is not the address of the packet."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.IPPROTO_IP, 4, bytes([1, 1, 1, 0]))


def sockets(family, kind, protocol):
    with socket.socket(int(family), int(kind), int(protocol)):
        return "made"


def pipe_signal():
    """SIGPIPE: once handled, once not asked for."""
    seen = []
    signal.signal(signal.SIGPIPE, lambda *_: seen.append("SIGPIPE"))
    a, b = socket.socketpair()
    b.close()
    for flags in (0, socket.MSG_NOSIGNAL):
        try:
            a.sendmsg([b"x"], [], flags)
        except BrokenPipeError:
            seen.append("EPIPE")
    return " ".join(seen)


def slow_reader():
    """A blocking send waits for room, and goes on."""
    a, b = socket.socketpair()
    got = []

    def read():
        time.sleep(0.5)
        while True:
            data = b.recv(65536)
            if not data:
                return
            got.append(len(data))

    reader = threading.Thread(target=read)
    reader.start()
    sent = a.sendmsg([b"x" * 3000000])
    a.close()
    reader.join()
    return f"{sent} {sum(got)}"


def full_queue():
    """A connect that nobody answers: the queue of the server is full."""
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(0)
    address = server.getsockname()
    waiting = []
    for _ in range(4):
        sock = socket.socket()
        sock.setblocking(False)
        sock.connect_ex(address)
        waiting.append(sock)
    time.sleep(0.5)
    return timed(libc.connect, address)


def timed(call, address):
    sock = socket.socket()
    start = time.monotonic()
    result = call(sock.fileno(), inet(*address), 16)
    code = errno.errorcode[ctypes.get_errno()] if result < 0 else result
    # The socket may be used again.
    again = call(sock.fileno(), bytes(16), 16)
    return f"{code} {7 < time.monotonic() - start < 10} {again}"


def full_pipe():
    """A send that nobody reads."""
    a, _ = socket.socketpair()
    a.setblocking(False)
    try:
        while True:
            a.send(b"x" * 65536)
    except BlockingIOError:
        a.setblocking(True)
    text = ctypes.create_string_buffer(b"more")
    part = (ctypes.c_void_p * 2)(ctypes.addressof(text), 4)
    header = Header()
    header.parts, header.n = ctypes.addressof(part), 1
    start = time.monotonic()
    result = libc.sendmsg(a.fileno(), ctypes.byref(header), 0)
    code = errno.errorcode[ctypes.get_errno()] if result < 0 else result
    return f"{code} {7 < time.monotonic() - start < 10}"


def passed(fd):
    """A server whose socket somebody else has opened."""
    with socket.socket(fileno=int(fd)) as sock:
        sock.listen(7)
        return "listens"


def would_block():
    a, _ = socket.socketpair()
    a.setblocking(False)
    n = 0
    try:
        while n < 1000:
            a.sendmsg([b"x" * 65536])
            n += 1
    except BlockingIOError:
        return "EAGAIN" if n > 0 else "never"
    return "always"


def table():
    """A thread with a descriptor table of its own."""
    result = []
    a, b = socket.socketpair()
    c, d = socket.socketpair()

    def run():
        if libc.unshare(0x400) != 0:
            result.append("no table")
            return
        os.dup2(c.fileno(), a.fileno())
        a.sendmsg([b"thread"])

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    for sock in (b, d):
        sock.settimeout(0.3)
    try:
        result.append(d.recv(10).decode())
    except OSError:
        result.append("lost")
    try:
        result.append("wrong " + b.recv(10).decode())
    except OSError:
        pass
    return " ".join(result)


def errors():
    """Arguments that the kernel refuses."""
    out = []
    inet_sock = socket.socket()
    unix_pair, _ = socket.socketpair()
    file = os.open("/dev/null", os.O_RDONLY)
    good = inet("127.0.0.1", 1)
    for name, arguments in (
            ("bad fd", (libc.connect, 999, good, 16)),
            ("no socket", (libc.connect, file, good, 16)),
            ("null", (libc.connect, inet_sock.fileno(), None, 16)),
            ("too long", (libc.connect, inet_sock.fileno(), good, 999)),
            ("negative", (libc.connect, inet_sock.fileno(), good, -1)),
            ("short", (libc.connect, inet_sock.fileno(), good, 3)),
            ("family", (libc.connect, inet_sock.fileno(), b"\x63" * 16, 16)),
            ("message", (libc.sendmsg, unix_pair.fileno(), None, 0)),
            ("messages", (libc.sendmmsg, unix_pair.fileno(), None, 1, 0)),
            ("no messages", (libc.sendmmsg, unix_pair.fileno(), None, 0, 0)),
            ("listen", (libc.listen, file, 1)),
            ("stream to", (libc.sendto, unix_pair.fileno(), b"x", 1, 0, good,
                           16))):
        result = arguments[0](*arguments[1:])
        code = errno.errorcode[ctypes.get_errno()] if result < 0 else result
        out.append(f"{name} {code}")
    return ", ".join(out)


def multiprocess():
    import multiprocessing
    parent, child = multiprocessing.Pipe()
    process = multiprocessing.Process(target=child.send, args=("sent",))
    process.start()
    process.join()
    # A socket goes to another process by SCM_RIGHTS.
    context = multiprocessing.get_context("spawn")
    a, b = socket.socketpair()
    process = context.Process(target=send_text, args=(b,))
    process.start()
    process.join()
    return parent.recv() + " " + a.recv(20).decode()


def send_text(sock):
    sock.send(b"passed")


def main():
    for word in sys.argv[1:]:
        action, *arguments = word.split(",")
        try:
            result = globals()[action](*arguments)
        except OSError as error:
            result = errno.errorcode.get(error.errno, error.errno or error)
        print(f"{word}: {result}", flush=True)


if __name__ == "__main__":
    main()
