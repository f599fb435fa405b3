#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The world outside: servers that greet, echo and write down who came.

net-server.py DIRECTORY: sockets in DIRECTORY, one line for each visitor in
DIRECTORY/log. Prints "listening on TCP UDP TCP6" and serves until killed.
"""
import os
import selectors
import socket
import sys

directory = sys.argv[1]
log = open(os.path.join(directory, "log"), "a", buffering=1)
selector = selectors.DefaultSelector()


def note(kind, text):
    log.write(f"{kind} {text}\n")


def on_stream(kind):
    def handle(server):
        client, _ = server.accept()
        note(kind, "connected")
        client.settimeout(2)
        try:
            client.sendall(b"hello\n")
            # For who sent something without waiting for an answer.
            data = client.recv(1000)
            if data:
                note(kind, data.decode())
        except OSError:
            pass
        client.close()

    return handle


def on_datagram(kind):
    def handle(server):
        data, sender = server.recvfrom(70000)
        note(kind, data[:100].decode())
        try:
            if sender:
                server.sendto(b"echo " + data[:100], sender)
        except OSError as error:
            note(kind, f"no answer: {error}")

    return handle


def open_socket(family, kind, address, handle):
    server = socket.socket(family, kind)
    if family == socket.AF_INET6:
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    server.bind(address)
    if kind != socket.SOCK_DGRAM:
        server.listen(50)
    if isinstance(address, str) and not address.startswith("\0"):
        os.chmod(address, 0o777)
    selector.register(server, selectors.EVENT_READ, handle)
    return server


STREAM, DGRAM, SEQ = (socket.SOCK_STREAM, socket.SOCK_DGRAM,
                      socket.SOCK_SEQPACKET)
tcp = open_socket(socket.AF_INET, STREAM, ("127.0.0.1", 0), on_stream("tcp"))
udp = open_socket(socket.AF_INET, DGRAM, ("127.0.0.1", 0), on_datagram("udp"))
try:
    tcp6 = open_socket(socket.AF_INET6, STREAM, ("::1", 0), on_stream("tcp6"))
    port6 = tcp6.getsockname()[1]
except OSError:
    port6 = 0
for name, kind, handle in (("stream", STREAM, on_stream),
                           ("dgram", DGRAM, on_datagram),
                           ("seq", SEQ, on_stream)):
    open_socket(socket.AF_UNIX, kind, os.path.join(directory, name),
                handle("unix-" + name))
    open_socket(socket.AF_UNIX, kind, "\0" + directory + "/" + name,
                handle("abstract-" + name))
print("listening on", tcp.getsockname()[1], udp.getsockname()[1], port6,
      flush=True)
while True:
    for key, _ in selector.select():
        key.data(key.fileobj)
