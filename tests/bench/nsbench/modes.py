# SPDX-License-Identifier: Apache-2.0
"""The rows of every table: ways to start the same command."""

import os
import shutil
import subprocess
from dataclasses import dataclass, field


@dataclass
class Need:
    """What a command needs; every mode grants it in its own words."""
    read: list = field(default_factory=list)
    write: list = field(default_factory=list)
    policy: str = None  # a manifest that lists what is loaded
    net: bool = False
    child: bool = False
    denied: str = "/"  # a file that must not be readable (floor: errno)


@dataclass
class Tools:
    """Where the programs are; None when not there."""
    build: str  # floor, micro and load
    nssupervise: str = None
    node: str = None

    def path(self, name):
        return os.path.join(self.build, name)

    def node_major(self):
        if not self.node:
            return 0
        text = subprocess.run([self.node, "--version"], capture_output=True,
                              text=True, check=True).stdout
        return int(text.lstrip("v").split(".")[0])


def _floor(*flags):
    def wrap(tools, argv, need):
        extra = []
        if "--mode=errno" in flags:
            extra = ["--deny=" + need.denied]
        if "--mode=landlock" in flags:
            extra = ["--read=/", "--write=/dev"]
            extra += ["--write=" + path for path in need.write]
        return [tools.path("floor"), *flags, *extra, "--", *argv]
    return wrap


def _nssupervise(*flags, carve_out=False, policy=False):
    def wrap(tools, argv, need):
        if not tools.nssupervise or (policy and not need.policy):
            return None
        out = [tools.nssupervise, *flags]
        out += ["--allow-fs-read=" + path for path in need.read + need.write]
        out += ["--allow-fs-write=" + path for path in need.write]
        if carve_out:
            # What Landlock cannot say, so that every open is brokered.
            out += [f"--deny-fs-read={path}/.nsbench-no-such-file"
                    for path in need.read + need.write
                    if os.path.isdir(path)]
        if policy:
            out.append("--policy=" + need.policy)
        if need.net:
            out.append("--allow-net")
        if need.child:
            out.append("--allow-child-process")
        return out + ["--"] + argv
    return wrap


def _peer(program, flags, write_flag=None, pair=False):
    def wrap(_tools, argv, need):
        if not shutil.which(program):
            return None
        out = [program, *flags]
        for path in need.write:
            if write_flag:
                out += [write_flag, path] + ([path] if pair else [])
        return out + ["--"] + argv
    return wrap


def _firejail(_tools, argv, need):
    if not shutil.which("firejail"):
        return None
    out = ["firejail", "--quiet", "--noprofile", "--read-only=/"]
    return out + ["--read-write=" + p for p in need.write] + ["--"] + argv


def _sandboxer(_tools, argv, need):
    if not shutil.which("sandboxer"):
        return None
    return ["env", "LL_FS_RO=/", "LL_FS_RW=" + ":".join(need.write + ["/dev"]),
            "sandboxer", *argv]


def _node(flag, last_major, policy=False):
    """Node's own permission model or policy; only for a node command."""
    def wrap(tools, argv, need):
        if argv[0] != tools.node or tools.node_major() > last_major:
            return None
        if policy and not need.policy:
            return None
        option = [f"{flag}={need.policy}"] if policy else \
            [flag, "--allow-fs-read=*"]
        return [argv[0], "--no-warnings", *option, *argv[1:]]
    return wrap


def _bare(_tools, argv, _need):
    return argv


META = "--allow-fs-metadata"

# name: how to wrap a command. Order is the order of the printed rows.
MODES = {
    "bare": _bare,
    "bare again": _bare,
    "floor landlock": _floor("--mode=landlock"),
    "floor continue": _floor("--mode=continue"),
    "floor broker": _floor("--mode=broker"),
    "floor broker nosync": _floor("--mode=broker", "--nosync"),
    "floor pin": _floor("--mode=pin"),
    "floor errno": _floor("--mode=errno"),
    "ns landlock": _nssupervise(META, "--quiet"),
    "ns metadata": _nssupervise(META),
    "ns default": _nssupervise(),
    "ns broker": _nssupervise(META, carve_out=True),
    "ns policy": _nssupervise(META, policy=True),
    "ns policy full": _nssupervise(policy=True),
    "env": lambda _t, argv, _n: ["env", *argv],
    "setpriv": lambda _t, argv, _n: ["setpriv", "--no-new-privs", *argv],
    "bwrap": _peer("bwrap", ["--ro-bind", "/", "/", "--dev-bind", "/dev",
                             "/dev", "--proc", "/proc"], "--bind", pair=True),
    "firejail": _firejail,
    "minijail0": _peer("minijail0", ["-n", "--fs-path-rx", "/",
                                     "--fs-path-rw", "/dev"],
                       "--fs-path-rw"),
    "nsjail": _peer("nsjail", ["-Mo", "-q", "--disable_clone_newnet",
                               "-R", "/", "--disable_rlimits"], "-B"),
    "nsjail unotify": _peer("nsjail", ["-Mo", "-q", "--disable_clone_newnet",
                                       "-R", "/", "--disable_rlimits",
                                       "--seccomp_unotify"], "-B"),
    "sandboxer": _sandboxer,
    "strace": _peer("strace", ["-f", "--seccomp-bpf", "-e", "trace=openat",
                               "-o", "/dev/null"]),
    "node permission": _node("--experimental-permission", 22),
    "node policy": _node("--experimental-policy", 21, policy=True),
}
