# SPDX-License-Identifier: Apache-2.0
"""Families that run node: loading, serving, memory."""

import os
import select
import signal
import subprocess

from nsbench import spawn
from nsbench.family import NS, Family
from nsbench.modes import Need


class NodeFamily(Family):
    modes = ["bare", "bare again", "floor broker", *NS, "bwrap", "firejail",
             "nsjail unotify", "node permission", "node policy"]
    app = ""

    def missing(self):
        return None if self.tools.node else "node is not installed"

    def command(self):
        return [self.tools.node, self.dir(self.app, "app.js")]

    def need(self, _mode):
        return Need(read=[self.dir(self.app)],
                    policy=self.dir(self.app, "policy.json"))

    def read_metrics(self, usage):
        metrics = super().read_metrics(usage)
        if usage.out.strip().isdigit():
            metrics["rss_mib"] = int(usage.out) / 1048576
        return metrics


class Node(NodeFamily):
    name = "node"
    title = "node -e 0"
    modes = [mode for mode in NodeFamily.modes if "policy" not in mode]
    needs = {"app1000"}
    app = "app1000"
    share_s = 20

    def command(self):
        return [self.tools.node, "-e", "0"]


class Modules(NodeFamily):
    name = "modules"
    title = "node requires 1000 local CommonJS modules of 2 KB"
    columns = Family.columns + [("rss_mib", "RSS MiB")]
    needs = {"app1000"}
    app = "app1000"
    share_s = 50


class Modules5000(NodeFamily):
    name = "modules5000"
    title = "node requires 5000 local CommonJS modules of 2 KB"
    columns = Modules.columns
    modes = ["bare", "ns landlock", "ns default", "ns policy", "node policy"]
    needs = {"app5000"}
    app = "app5000"
    share_s = 25
    rounds = 5


class Express(NodeFamily):
    name = "express"
    title = "require('express')"
    needs = {"express"}
    app = "express"
    share_s = 20

    def missing(self):
        if not os.path.exists(self.dir("express", "app.js")):
            return "express is not here (see --express)"
        return super().missing()


class Http(NodeFamily):
    """Servers that stay up; bursts of requests in turn."""
    needs = {"http"}
    modes = ["bare", "bare again", "floor broker", "ns landlock",
             "ns default", "ns broker", "bwrap"]
    columns = [("cpu_us", "CPU us/request"), ("request_us", "us/request")]
    app = "http"
    script = ""
    share_s = 25
    rounds = 15
    burst_ms = 250

    def __init__(self, tools, work):
        super().__init__(tools, work)
        self.servers = {}

    def command(self):
        return [self.tools.node, self.dir("http", self.script)]

    def need(self, _mode):
        return Need(read=[self.dir("http")], net=True)

    def start(self, mode):
        argv = self.argv(mode)
        if argv is None:
            return None
        server = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True,
                                  stderr=subprocess.DEVNULL, cwd=self.work,
                                  env=self.env())
        port = first_line(server)
        if not port:
            stop(server)
            raise spawn.CommandFailed("the server does not start")
        self.servers[mode] = (server, port)
        for _ in range(3):  # the just-in-time compiler warms up
            self.burst(mode)
        return self.servers[mode]

    def burst(self, mode):
        _, port = self.servers[mode]
        done = subprocess.run([self.tools.path("load"), port,
                               str(self.burst_ms), "16"],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise spawn.CommandFailed(done.stderr.strip())
        return max(int(done.stdout), 1)

    def measure(self, mode):
        if mode not in self.servers and not self.start(mode):
            return None
        server, _ = self.servers[mode]
        before = spawn.tree_cpu_ms(server.pid)
        answers = self.burst(mode)
        cpu = spawn.tree_cpu_ms(server.pid) - before
        return {"cpu_us": cpu * 1000 / answers,
                "request_us": self.burst_ms * 1000 / answers}

    def close(self):
        for server, _ in self.servers.values():
            stop(server)
        self.servers = {}
        spawn.reap_orphans()


class HttpHello(Http):
    name = "http"
    title = "node HTTP server, hello world"
    script = "hello.js"


class HttpFile(Http):
    name = "httpfile"
    title = "node HTTP server that opens and reads a 2 KB file per request"
    script = "file.js"


class Memory(NodeFamily):
    """Memory of everything but the program itself, while it waits."""
    name = "memory"
    title = "Memory while node waits, 1000 modules loaded (Pss, MiB)"
    modes = ["bare", "floor broker", *NS, "bwrap", "firejail"]
    columns = [("supervisor_mib", "supervisor"), ("verifier_mib", "verifier"),
               ("wrapper_mib", "all but node"), ("node_mib", "node")]
    needs = {"app1000"}
    app = "app1000"
    share_s = 10
    rounds = 3

    def command(self):
        return super().command() + ["hold"]

    def measure(self, mode):
        argv = self.argv(mode)
        if argv is None:
            return None
        program = subprocess.Popen(argv, stdin=subprocess.PIPE, text=True,
                                   stdout=subprocess.PIPE, cwd=self.work,
                                   stderr=subprocess.DEVNULL, env=self.env())
        try:
            if first_line(program) != "ready":
                raise spawn.CommandFailed("node does not start")
            pss = spawn.pss_mib(program.pid)
        finally:
            program.stdin.close()
            stop(program)
            spawn.reap_orphans()
        node = sum(size for name, size in pss.items()
                   if name.startswith(("node", "MainThread")))
        return {"supervisor_mib": pss.get("nssupervise", 0),
                "verifier_mib": pss.get("nsverifyd", 0),
                "wrapper_mib": sum(pss.values()) - node, "node_mib": node}


def first_line(program):
    """What it prints first, or "" when that takes too long."""
    if not select.select([program.stdout], [], [], 20)[0]:
        return ""
    return program.stdout.readline().strip()


def stop(program):
    """End a program that this one started; the wrapper passes it on."""
    inner = [pid for pid in spawn.children(program.pid) if pid != program.pid]
    for pid in inner or [program.pid]:
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:
            continue
    program.stdout.close()
    try:
        program.wait(5)
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait()
