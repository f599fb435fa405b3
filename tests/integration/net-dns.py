#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A name server for tests: net-dns.py ADDRESS FILE

Answers A queries for NAME with the addresses in the lines "NAME ADDRESS..." of
FILE, as it is then; says nothing about "silent.*"; all else does not exist.
"""
import socket
import struct
import sys


def name_of(data):
    labels, at = [], 12
    while data[at]:
        labels.append(data[at + 1:at + 1 + data[at]].decode())
        at += 1 + data[at]
    return ".".join(labels).lower(), data[12:at + 5]


def addresses_of(name):
    with open(sys.argv[2]) as file:
        for line in file:
            word, *addresses = line.split()
            if word == name:
                return addresses
    return None


def answer(data):
    name, question = name_of(data)
    if name.startswith("silent."):
        return None
    addresses = addresses_of(name)
    is_a = question[-4:] == b"\0\1\0\1"
    records = b"".join(
        b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4" + socket.inet_aton(address)
        for address in addresses or []) if is_a else b""
    n = len(addresses or []) if is_a else 0
    flags = 0x8180 if addresses is not None else 0x8183
    return (data[:2] + struct.pack("!HHHHH", flags, 1, n, 0, 0) + question +
            records)


sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind((sys.argv[1], 53))
print("listening on", sys.argv[1], flush=True)
while True:
    query, sender = sock.recvfrom(4096)
    reply = answer(query)
    if reply:
        sock.sendto(reply, sender)
