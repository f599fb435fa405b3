# SPDX-License-Identifier: Apache-2.0
"""A terminal of its own for a command: terminal.py HOW COMMAND [ARG]...

HOW says what is typed once the command has printed "ready":
  interrupt   ^C
  suspend     ^Z; then it is continued, and ^C is typed
  type        a line
  nothing
Prints what the terminal showed and how the command ended. The command runs in
the foreground process group of the terminal, as a shell would start it.
"""
import os
import pty
import select
import signal
import sys
import termios
import time

DEADLINE = 20


def read_until(master, word, seconds):
    text = b""
    end = time.monotonic() + seconds
    while word not in text and time.monotonic() < end:
        if select.select([master], [], [], 0.1)[0]:
            try:
                text += os.read(master, 4096)
            except OSError:
                break
    return text


def leader(how, argv):
    """The session leader: what a shell does for one job."""
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP):
        signal.signal(number, signal.SIG_IGN)
    job = os.fork()
    if job == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpgrp())
        for number in (signal.SIGTTOU, signal.SIGINT, signal.SIGQUIT,
                       signal.SIGTSTP):
            signal.signal(number, signal.SIG_DFL)
        os.execvp(argv[0], argv)
    try:
        os.setpgid(job, job)
    except OSError:
        pass
    if how == "suspend":
        _, status = os.waitpid(job, os.WUNTRACED)
        print("stopped" if os.WIFSTOPPED(status) else "not stopped",
              flush=True)
        time.sleep(0.3)
        os.tcsetpgrp(0, job)
        os.killpg(job, signal.SIGCONT)
        print("continued", flush=True)
    _, status = os.waitpid(job, 0)
    os.tcsetpgrp(0, os.getpgrp())
    if os.WIFSIGNALED(status):
        print(f"signal {os.WTERMSIG(status)}", flush=True)
    else:
        print(f"status {os.WEXITSTATUS(status)}", flush=True)
    os._exit(0)


def type_keys(how, master):
    if how == "interrupt":
        os.write(master, b"\x03")
    elif how == "type":
        os.write(master, b"typed\n")
    elif how == "suspend":
        os.write(master, b"\x1a")
        text = read_until(master, b"continued", DEADLINE)
        time.sleep(0.3)
        os.write(master, b"\x03")
        return text
    return b""


def main():
    how, argv = sys.argv[1], sys.argv[2:]
    pid, master = pty.fork()
    if pid == 0:
        attributes = termios.tcgetattr(0)
        attributes[3] &= ~termios.ECHO
        termios.tcsetattr(0, termios.TCSANOW, attributes)
        leader(how, argv)
    text = read_until(master, b"ready", DEADLINE)
    if b"ready" in text:
        text += type_keys(how, master)
    text += read_until(master, b"nothing ever", 0)
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        if select.select([master], [], [], 0.1)[0]:
            try:
                data = os.read(master, 4096)
            except OSError:
                break
            if not data:
                break
            text += data
    else:
        os.kill(pid, signal.SIGKILL)
        text += b"\r\ntimed out\r\n"
    os.waitpid(pid, 0)
    sys.stdout.write(text.decode(errors="replace").replace("\r", ""))


main()
