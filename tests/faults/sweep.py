#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Fails the n-th system call: T228.

  sweep.py DIR FAULT NSSUPERVISE TARGET NETOPS [few|all] [SCENARIO...]

First each scenario (world.py) runs without a fault, which counts the system
calls. Then it runs again for one of them at a time: it fails, the process
crashes there, is killed, hangs or is slow. Whatever happens, nothing denied
succeeds, nothing leaks, nothing is left, nothing hangs, and the status is the
target's or 125 with a message.

Prints "pass TEXT", "fail TEXT", "diag TEXT" or "skip TEXT", one a line.
"""
import collections
import os
import queue
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from world import (SCENARIOS, SECRET, STATUS, Peers, reset, snapshot)

ERRORS = ["EIO", "ENOMEM", "EPERM", "EMFILE", "EINTR"]
# The one that the kernel knows for these; the C library aborts for others.
MEMORY = {"mmap", "mprotect", "munmap", "mremap", "madvise"}
# Calls without an error, and those of which no error can come from the kernel:
# the C library aborts for one.
NO_ERROR = {"futex", "exit", "exit_group", "rt_sigreturn", "arch_prctl", "brk",
            "set_tid_address", "restart_syscall", "rseq", "set_robust_list"}
# They wait, for some time where it is poll(), or do not return.
NO_HANG = {"futex", "poll", "ppoll", "exit", "exit_group"}
# At most so many calls of each name, by the size of the sweep.
SAMPLES = {
    "fail": {"start": (3, 40), "receiver": (10, 400), "other": (5, 100),
             "child": (6, 60), "verifier": (6, 60)},
    "fail from there on": {"receiver": (1, 6), "other": (1, 4),
                           "verifier": (1, 4)},
    "crash": {"start": (0, 3), "receiver": (1, 6), "other": (1, 3),
              "verifier": (1, 3)},
    "kill": {"start": (1, 3), "receiver": (1, 6), "other": (1, 3),
             "child": (1, 3), "verifier": (1, 3)},
    "hang": {"receiver": (1, 2), "verifier": (1, 2)},
    "slow": {"start": (0, 1), "receiver": (1, 4), "other": (0, 2),
             "child": (0, 1), "verifier": (1, 2)},
}
OPTIONS = {"crash": ["-x"], "kill": ["-k"], "hang": ["-h"],
           "slow": ["-d", "60"]}
SECONDS = 75  # then a run hangs: each operation has ten, on a busy machine
WAITING_OPS = 6  # so many of them, where each may wait
HANGING = 24  # these mostly wait
ENDS_AT_ONCE = ("crash", "kill")
FAILED = re.compile(r": (E[A-Z0-9]+|errno-\d+|None)$")

Fault = collections.namedtuple("Fault", "mode role call n error")


def picks(count, limit):
    """The first ones, then some with equal steps between."""
    if count <= limit:
        return list(range(1, count + 1))
    first = limit - limit // 2
    step = (count - first) / max(limit - first, 1)
    return list(range(1, first + 1)) + [
        round(first + step * i) for i in range(1, limit - first + 1)]


class World:
    """A place of its own for one run at a time."""

    def __init__(self, path, scenario, programs):
        self.path = path
        self.programs = programs
        os.makedirs(path)
        scenario.make(path)
        os.makedirs(f"{path}/bin")
        for name in scenario.copies:
            shutil.copy(programs["target"], f"{path}/bin/{name}")
        self.scenario = scenario
        self.peers = Peers(path) if scenario.program == "netops" else None
        ports = self.peers.ports + [self.free_port()] if self.peers else []
        self.names = {"WORLD": path}
        self.names.update((f"PORT{i}", str(p)) for i, p in enumerate(ports))
        self.granted = [self.fill(op) for op in scenario.granted]
        self.denied = [self.fill(op) for op in scenario.denied]
        self.ops = self.mixed()
        self.guarded = [f"{path}/{name}" for name in ("closed", "read", "app")]
        self.before = snapshot(*self.guarded)

    def free_port(self):
        """Of nobody, and the kernel gives it to none of the others."""
        return self.peers.inet()

    def fill(self, text):
        for name, value in self.names.items():
            text = text.replace(name, value)
        return text

    def mixed(self):
        ops = []
        for i in range(max(len(self.granted), len(self.denied))):
            ops += [(op, False) for op in self.granted[i:i + 1]]
            ops += [(op, True) for op in self.denied[i:i + 1]]
        return ops

    def results(self, lines):
        """What each operation came to, the same in every world."""
        return [": " + line.rpartition(": ")[2].replace(self.path, "WORLD")
                for line in lines]

    def command(self, n_ops):
        last = str(STATUS) if self.peers else f"exit:{STATUS}"
        return [self.programs["nssupervise"],
                *[self.fill(o) for o in self.scenario.options], "--",
                self.programs[self.scenario.program],
                *[op for op, _ in self.ops[:n_ops]], last]

    def run(self, options, n_ops):
        """The report's lines, the output's, and all that was said."""
        reset(self.path)
        report = f"{self.path}/report"
        done = subprocess.run(
            [self.programs["fault"], "-o", report, "-t", str(SECONDS),
             *options, "--", *self.command(n_ops)],
            cwd=self.path, stdin=subprocess.DEVNULL, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            errors="replace", timeout=4 * SECONDS)
        with open(report) as file:
            lines = file.read().splitlines()
        said = done.stderr
        if os.path.exists(f"{self.path}/log"):
            with open(f"{self.path}/log", errors="replace") as file:
                said += file.read()
        return lines, done.stdout.splitlines(), said


def status_of(report):
    for line in report:
        if line.startswith(("status ", "signal ", "hang")):
            return line
    return "no status"


def complaints_about_end(fault, report, lines, said, n_ops):
    status = status_of(report)
    ends = [f"status {STATUS}"] + [f"status {n}" for n in (125, 126, 127)]
    if fault and fault.mode in ENDS_AT_ONCE:
        ends += ["signal 9", "signal 11"]
    if status not in ends:
        yield f"it ends with {status}"
    if status == ends[0] and len(lines) != n_ops:
        yield f"the target ended early: {len(lines)} of {n_ops}"
    if status in ends[1:4] and not re.search(
            r"^(nssupervise: ..|.*error while loading shared libraries)",
            said, re.M):
        yield f"{status} without a message"
    yield from (line for line in report if line.startswith("left "))


def ops_of(world, fault):
    """Where one operation may take ten seconds, a few of them."""
    is_slow = fault and fault.mode == "hang"
    return min(WAITING_OPS, len(world.ops)) if is_slow else len(world.ops)


def complaints(world, fault, result, baseline):
    report, lines, said = result
    yield from complaints_about_end(fault, report, lines, said,
                                    ops_of(world, fault))
    if SECRET in "\n".join(lines) + said:
        yield "a secret is told"
    said = world.results(lines)
    for (op, is_denied), line, good in zip(world.ops, said, baseline):
        if not FAILED.search(line) and (is_denied or line != good):
            yield f"{op} says '{line}'"
    if fault and fault.mode == "slow" and said != baseline:
        yield "slow is not the same"
    if snapshot(*world.guarded) != world.before:
        yield "what is guarded was changed"
    if world.peers:
        yield from (f"something arrived at {where}"
                    for where in world.peers.arrived())


class Sweep:
    def __init__(self, scenario, place, programs, size):
        self.scenario = scenario
        self.size = size
        self.place = place
        self.programs = programs
        self.baseline = []

    def make_worlds(self, name, n):
        worlds = queue.Queue()
        for i in range(n):
            path = os.path.join(self.place, f"{name}{i}")
            worlds.put(World(path, self.scenario, self.programs))
        return worlds

    def say(self, what, text):
        print(f"{what} {self.scenario.name}: {text}", flush=True)

    def counts(self, worlds):
        """Runs without a fault: {(role, call): n}, or None."""
        world = worlds.get()
        result = world.run([], len(world.ops))
        self.baseline = world.results(result[1])
        wrong = list(complaints(world, None, result, self.baseline))
        works = sum(not FAILED.search(line) for line in result[1])
        if works < len(world.granted) * 3 // 4 or \
                status_of(result[0]) != f"status {STATUS}":
            wrong.append(f"only {works} operations work: {result[1]}")
        worlds.put(world)
        self.say("fail" if wrong else "pass",
                 "without a fault, what is granted works and nothing else")
        for text in wrong + ([result[2]] if wrong else []):
            self.say("diag", text)
        return None if wrong else {
            (w[1], w[2]): int(w[3])
            for w in (line.split() for line in result[0])
            if w[0] == "calls"}

    def faults(self, counts, modes):
        is_all = self.size == "all"
        for mode in modes:
            for (role, call), count in sorted(counts.items()):
                limit = SAMPLES[mode].get(role, (0, 0))[is_all]
                fails = mode.startswith("fail")
                if limit == 0 or call in (NO_ERROR if fails else
                                          NO_HANG if mode == "hang" else ()):
                    continue
                errors = ["ENOMEM"] if call in MEMORY else ERRORS
                for i, n in enumerate(picks(count, limit)):
                    if not fails:
                        yield Fault(mode, role, call, n, "")
                        continue
                    # Each call meets another error first.
                    some = errors if is_all else [
                        errors[(i + len(call)) % len(errors)]]
                    for error in some:
                        if mode != "fail" and error == "EINTR":
                            error = "EACCES"  # nobody interrupts for ever
                        yield Fault(mode, role, call, n, error)

    def one(self, worlds, fault):
        options = ["-r", fault.role, "-c", fault.call, "-n", str(fault.n)]
        options += OPTIONS.get(fault.mode, ["-e", fault.error])
        if fault.mode == "fail from there on":
            options.append("-a")
        world = worlds.get()
        try:
            result = world.run(options, ops_of(world, fault))
            wrong = list(complaints(world, fault, result, self.baseline))
        except (OSError, subprocess.SubprocessError) as error:
            worlds.put(world)
            return fault, False, [str(error)]
        worlds.put(world)
        return fault, "hit" in result[0], wrong

    def tell(self, results):
        """One line for each kind of fault and each part of the program."""
        groups = collections.defaultdict(list)
        for fault, is_hit, wrong in results:
            groups[fault.mode, fault.role].append((fault, is_hit, wrong))
        for (mode, role), group in groups.items():
            n_calls = len({fault.call for fault, _, _ in group})
            n_hit = sum(is_hit for _, is_hit, _ in group)
            bad = [(fault, wrong) for fault, _, wrong in group if wrong]
            self.say("fail" if bad or n_hit == 0 else "pass",
                     f"{role}: {mode}, {n_hit} times in {n_calls} calls")
            for fault, wrong in bad:
                self.say("diag", f"{' '.join(map(str, fault))}: "
                                 f"{'; '.join(wrong[:3])}")

    def run(self):
        jobs = max(2, os.cpu_count() or 2)
        worlds = self.make_worlds("w", jobs)
        counts = self.counts(worlds)
        if not counts:
            return
        slow_worlds = self.make_worlds("h", HANGING)
        modes = [mode for mode in SAMPLES if mode != "hang"]
        with ThreadPoolExecutor(HANGING) as slow, \
                ThreadPoolExecutor(jobs) as fast:
            hanging = slow.map(partial(self.one, slow_worlds),
                               self.faults(counts, ["hang"]))
            self.tell(fast.map(partial(self.one, worlds),
                               self.faults(counts, modes)))
            self.tell(hanging)


def is_possible(programs, scenario):
    if not scenario.needs:
        return True
    return subprocess.run([programs["nssupervise"], "--check",
                           scenario.needs], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL,
                          check=False).returncode == 0


def main():
    place, *paths = sys.argv[1:6]
    programs = dict(zip(("fault", "nssupervise", "target", "netops"), paths))
    size = sys.argv[6] if len(sys.argv) > 6 else "few"
    for i, scenario in enumerate(SCENARIOS):
        if sys.argv[7:] and scenario.name not in sys.argv[7:]:
            continue
        if not is_possible(programs, scenario):
            print(f"skip {scenario.name}: {scenario.needs} is not possible")
            continue
        Sweep(scenario, os.path.join(place, str(i)), programs, size).run()


main()
