# SPDX-License-Identifier: Apache-2.0
"""Run one command and say what it and everything below it used."""

import ctypes
import os
import select
import signal
import tempfile
import time
from dataclasses import dataclass

PR_SET_CHILD_SUBREAPER = 36
TIMEOUT_S = 120


class CommandFailed(Exception):
    """The command did not end with status 0."""


@dataclass
class Usage:
    wall_ms: float
    cpu_ms: float  # user + system, of the whole tree
    out: str


def become_subreaper():
    """Orphans of a measured tree come to us, so their CPU time counts."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _cpu_ms(usage):
    return (usage.ru_utime + usage.ru_stime) * 1000


def reap_orphans():
    """CPU milliseconds of what the command left behind; waits for its end."""
    deadline = time.monotonic() + 5
    cpu = 0.0
    while True:
        try:
            pid, _, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return cpu
        if pid:
            cpu += _cpu_ms(usage)
        elif time.monotonic() > deadline:
            raise CommandFailed("a process was left running")
        else:
            time.sleep(0.001)


def _why(file):
    """The first line of standard error that says what was fatal, or any."""
    file.seek(0)
    lines = [line for line in file.read().splitlines() if line.strip()]
    fatal = [line for line in lines if "rror:" in line or "fatal:" in line]
    return (fatal or lines or [""])[0]


def _wait(pid):
    """(status, rusage); kills what runs longer than TIMEOUT_S."""
    pidfd = os.pidfd_open(pid)
    try:
        poll = select.poll()
        poll.register(pidfd, select.POLLIN)
        if not poll.poll(TIMEOUT_S * 1000):
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        _, status, usage = os.wait4(pid, 0)
        return os.waitstatus_to_exitcode(status), usage
    finally:
        os.close(pidfd)


def run(argv, cwd="/", env=None, cpu=None):
    """Run argv to its end; pinned to one CPU when cpu is a number.

    posix_spawn is vfork inside: the size of this process adds nothing.
    """
    env = os.environ if env is None else env
    every_cpu = os.sched_getaffinity(0)
    old_cwd = os.getcwd()
    with tempfile.TemporaryFile("w+") as out, \
            tempfile.TemporaryFile("w+") as err:
        actions = [(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
                   (os.POSIX_SPAWN_DUP2, out.fileno(), 1),
                   (os.POSIX_SPAWN_DUP2, err.fileno(), 2)]
        os.chdir(cwd)
        if cpu is not None:
            os.sched_setaffinity(0, {cpu})
        try:
            start = time.perf_counter()
            pid = os.posix_spawnp(argv[0], argv, env, file_actions=actions)
            status, usage = _wait(pid)
            wall = time.perf_counter() - start
        finally:
            os.sched_setaffinity(0, every_cpu)
            os.chdir(old_cwd)
        cpu_ms = _cpu_ms(usage) + reap_orphans()
        if status != 0:
            raise CommandFailed(f"status {status}: {_why(err)}")
        out.seek(0)
        return Usage(wall * 1000, cpu_ms, out.read())


# Processes that stay: servers, and whose memory is looked at.


def children(pid):
    """All processes below pid, and pid itself, as they are now."""
    below = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8") as file:
                parent = int(file.read().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        below.setdefault(parent, []).append(int(entry))
    found, todo = [], [pid]
    while todo:
        found.append(todo.pop())
        todo += below.get(found[-1], [])
    return found


def tree_cpu_ms(pid):
    """CPU time so far of pid and all below it, from the scheduler (ns)."""
    total = 0
    for process in children(pid):
        try:
            for task in os.listdir(f"/proc/{process}/task"):
                path = f"/proc/{process}/task/{task}/schedstat"
                with open(path, encoding="utf-8") as file:
                    total += int(file.read().split()[0])
        except OSError:
            continue
    return total / 1e6


def pss_mib(pid):
    """{program: proportional set size in MiB} of pid and all below it."""
    sizes = {}
    for process in children(pid):
        try:
            with open(f"/proc/{process}/comm", encoding="utf-8") as file:
                name = file.read().strip()
            with open(f"/proc/{process}/smaps_rollup",
                      encoding="utf-8") as file:
                pss = [line for line in file if line.startswith("Pss:")]
        except OSError:
            continue
        sizes[name] = sizes.get(name, 0) + int(pss[0].split()[1]) / 1024
    return sizes
