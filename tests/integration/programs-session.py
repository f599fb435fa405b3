# SPDX-License-Identifier: Apache-2.0
"""Somebody at an interactive shell: programs-session.py COMMAND [ARG]...

Types line after line, each when the prompt is there, and prints what the
terminal showed and the status.
"""
import os
import pty
import re
import select
import sys
import time

PROMPT = b"ready> "
# What is typed, and what is waited for.
STEPS = (
    (b"echo $((6 * 7)) $-\r", PROMPT),
    (b"tty | sed s/[0-9]*$// ; stty size\r", PROMPT),
    (b"echo ecxo\x1b[D\x7fh\r", PROMPT),  # left, backspace
    (b"\x1b[A\r", PROMPT),  # the line before
    (b"echo waiting; sleep 30\r", b"waiting\r\n"),
    (b"\x03", PROMPT),
    (b"echo $?\r", PROMPT),
    (b"cat\r", b"cat\r\n"),
    (b"typed\r", b"typed\r\ntyped\r\n"),
    (b"\x04", PROMPT),
    (b"echo waiting; sleep 30\r", b"waiting\r\n"),
    (b"\x1a", PROMPT),
    (b"jobs\r", PROMPT),
    (b"fg\r", b"fg\r\nsleep 30\r\n"),
    (b"\x03", PROMPT),
    (b"sleep 0.2 & wait $!; echo $?\r", PROMPT),
    (b"read -s word; echo \"<$word>\"\r", b"<$word>\"\r\n"),
    (b"hidden\r", PROMPT),
    (b"echo to the terminal >/dev/tty; : </dev/tty\r", PROMPT),
    (b"cd data && pwd | sed 's:.*/::'; cd - >/dev/null; dirs | wc -l\r", PROMPT),
    (b"ls -C data | cat; history | wc -l\r", PROMPT),
    (b"stty -echo; stty echo; echo set\r", PROMPT),
    (b"exit 5\r", None),
)


def read_until(master, word):
    text = b""
    end = time.monotonic() + 10
    while (word is None or word not in text) and time.monotonic() < end:
        if select.select([master], [], [], 0.1)[0]:
            try:
                text += os.read(master, 4096)
            except OSError:
                return text
    if word is not None and word not in text:
        text += b"\n[nothing came]\n"
    return text


def main(argv):
    pid, master = pty.fork()
    if pid == 0:
        os.environ.update(PS1=PROMPT.decode(), TERM="dumb")
        os.execvp(argv[0], argv)
    text = read_until(master, PROMPT)
    for typed, word in STEPS:
        time.sleep(0.05)  # a foreground job has taken the terminal
        os.write(master, typed)
        text += read_until(master, word)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    shown = text.decode(errors="replace").replace("\r\n", "\n")
    # The numbers of processes.
    print(re.sub(r"\[(\d+)\] \d+\n", r"[\1] N\n", shown))
    print(f"status {status}")


main(sys.argv[1:])
