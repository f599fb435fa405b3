# SPDX-License-Identifier: Apache-2.0
"""One table: a command, started in many modes, in rounds."""

import os
import random
import time

from nsbench import spawn
from nsbench.modes import MODES, Need

NS = ["ns landlock", "ns metadata", "ns default", "ns broker", "ns policy",
      "ns policy full"]


class Family:
    """One command, started in every mode once a round, in random order."""

    name = title = ""
    modes = []
    needs = set()  # of data.make_all()
    share_s = 10  # seconds that a default run may spend here
    rounds = 15
    columns = [("wall_ms", "ms"), ("cpu_ms", "CPU ms")]
    cpu = None

    def __init__(self, tools, work):
        self.tools = tools
        self.work = work
        self.failures = {}  # mode: why
        self.samples = []  # one {mode: {metric: value}} a round

    def dir(self, *names):
        return os.path.join(self.work, *names)

    def missing(self):
        """Why this family cannot run here, or None."""
        return None

    def command(self):
        raise NotImplementedError

    def need(self, _mode):
        return Need()

    def prepare(self):
        """Before each run, not measured."""

    def read_metrics(self, usage):
        return {"wall_ms": usage.wall_ms, "cpu_ms": usage.cpu_ms}

    def argv(self, mode):
        return MODES[mode](self.tools, self.command(), self.need(mode))

    def measure(self, mode):
        """{metric: value} of one run, or None if the mode is not possible."""
        argv = self.argv(mode)
        if argv is None:
            return None
        self.prepare()
        usage = spawn.run(argv, cwd=self.work, env=self.env(), cpu=self.cpu)
        return self.read_metrics(usage)

    def env(self):
        """The same on every machine: a variable may cost node 30 ms."""
        return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8",
                "HOME": self.dir("out"), "TMPDIR": self.dir("out"),
                "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}

    def one_round(self):
        order = [mode for mode in self.modes if mode not in self.failures]
        random.shuffle(order)
        found = {}
        for mode in order:
            try:
                metrics = self.measure(mode)
            except (spawn.CommandFailed, OSError) as error:
                self.failures[mode] = str(error)
                continue
            if metrics is None:
                self.failures[mode] = "not here"
            else:
                found[mode] = metrics
        self.samples.append(found)

    def run(self, rounds, seconds):
        """At least 3 rounds, then until rounds or seconds are used up."""
        deadline = time.monotonic() + seconds
        longest = 0.0
        while len(self.samples) < rounds:
            start = time.monotonic()
            if len(self.samples) >= 3 and start + longest > deadline:
                break
            self.one_round()
            longest = max(longest, time.monotonic() - start)

    def close(self):
        """After the last round."""
