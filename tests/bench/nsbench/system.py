# SPDX-License-Identifier: Apache-2.0
"""Families without node: system calls, the launcher, file-heavy programs."""

import os
import shutil

from nsbench.family import NS, Family
from nsbench.modes import Need


class Micro(Family):
    needs = {"micro", "secret"}
    options = []
    operations = ["open", "denied", "load", "stat", "getppid"]

    def command(self):
        path = {"open": "=" + self.dir("micro", "file"),
                "load": "=" + self.dir("micro", "listed.js"),
                "denied": "=" + self.dir("secret", "file"),
                "stat": "=" + self.dir("micro", "file"), "getppid": ""}
        return [self.tools.path("micro"), *self.options,
                *[op + path[op] for op in self.operations]]

    def need(self, _mode):
        return Need(read=[self.dir("micro")],
                    denied=self.dir("secret", "file"),
                    policy=self.dir("micro", "policy.json"))

    def read_metrics(self, usage):
        lines = [line.split() for line in usage.out.splitlines()]
        return {f"{name}_ns": float(value) for name, value in lines}


class MicroPinned(Micro):
    name = "micro"
    title = "One call, in a loop, everything on one CPU (ns)"
    modes = ["bare", "bare again", "floor landlock", "floor continue",
             "floor broker", "floor broker nosync", "floor pin", "floor errno",
             *NS, "bwrap", "strace"]
    options = ["--ms=30"]
    columns = [(f"{op}_ns", op) for op in Micro.operations]
    cpu = 0
    share_s = 25
    rounds = 21


class MicroThink(Micro):
    name = "think"
    title = "One open+close with 300 us of computing in between, unpinned (ns)"
    modes = ["bare", "bare again", "floor landlock", "floor continue",
             "floor broker", "floor broker nosync", *NS]
    options = ["--ms=60", "--think=300"]
    operations = ["open", "denied", "load"]
    columns = [(f"{op}_ns", op) for op in operations]
    share_s = 25
    rounds = 15


class MicroThreads(Micro):
    """Time per open over all threads, with one and with four."""
    name = "threads"
    title = "open+close, time divided by the calls of all threads (ns)"
    modes = ["bare", "bare again", "floor continue", "floor broker", *NS[2:]]
    operations = ["open"]
    columns = [("one_ns", "1 thread"), ("four_ns", "4 threads")]
    share_s = 15
    rounds = 11

    def measure(self, mode):
        found = {}
        for name, count in (("one_ns", 1), ("four_ns", 4)):
            self.options = ["--ms=60", f"--threads={count}"]
            metrics = super().measure(mode)
            if metrics is None:
                return None
            found[name] = metrics["open_ns"]
        return found


class Start(Family):
    name = "start"
    title = "The launcher alone: /bin/true (policy: 1000 entries)"
    modes = ["bare", "bare again", "env", "setpriv", "floor landlock",
             "floor broker", *NS, "bwrap", "firejail", "minijail0", "nsjail",
             "sandboxer"]
    needs = {"app1000"}
    share_s = 15
    rounds = 60

    def command(self):
        return ["/bin/true"]

    def need(self, _mode):
        return Need(read=[self.dir("app1000")], write=[self.dir("out")],
                    policy=self.dir("app1000", "policy.json"))


class Grep(Family):
    name = "grep"
    title = "grep -r over 2000 small files"
    modes = ["bare", "bare again", "floor landlock", "floor continue",
             "floor broker", "floor broker nosync", *NS[:4], "bwrap",
             "firejail", "minijail0", "nsjail unotify", "sandboxer", "strace"]
    needs = {"tree"}
    share_s = 15
    rounds = 21

    def command(self):
        return ["grep", "-rc", "adipiscing", self.dir("tree")]

    def need(self, _mode):
        return Need(read=[self.dir("tree")])


class Clone(Family):
    name = "clone"
    title = "git clone of a local repository, 400 files"
    modes = ["bare", "bare again", "floor landlock", "floor broker", *NS[:4],
             "bwrap", "firejail", "nsjail unotify"]
    needs = {"repository"}
    share_s = 15

    def missing(self):
        return None if shutil.which("git") else "git is not installed"

    def prepare(self):
        shutil.rmtree(self.dir("out", "clone"), ignore_errors=True)

    def command(self):
        return ["git", "clone", "-q", "--no-hardlinks",
                self.dir("repository"), self.dir("out", "clone")]

    def need(self, _mode):
        return Need(read=[self.dir("repository"), "/usr", "/etc/gitconfig"],
                    write=[self.dir("out")], child=True)


class Make(Family):
    name = "make"
    title = "make -j1 of 8 C files"
    modes = ["bare", "bare again", "floor landlock", "floor broker", *NS[:4],
             "bwrap", "nsjail unotify"]
    needs = {"project"}
    share_s = 20
    rounds = 9

    def missing(self):
        tools = ("make", "cc")
        return None if all(map(shutil.which, tools)) else "no make or no cc"

    def prepare(self):
        for name in os.listdir(self.dir("project")):
            if name.endswith(".o"):
                os.unlink(self.dir("project", name))

    def command(self):
        return ["make", "-s", "-j1", "-C", self.dir("project")]

    def need(self, _mode):
        return Need(read=["/usr", "/etc/alternatives"], child=True,
                    write=[self.dir("project"), self.dir("out")])
