# SPDX-License-Identifier: Apache-2.0
"""What nssupervise wants to reach: ratios to what ran in the same rounds."""

from dataclasses import dataclass

NODE_MODES = ["ns landlock", "ns metadata", "ns default", "ns broker"]


@dataclass
class Target:
    name: str
    what: str
    value: float  # None: one side was not measured
    limit: float
    floor: float = None  # the same ratio of the floor supervisor

    def verdict(self):
        if self.value is None or self.limit is None:
            return "not measured"
        if self.value <= self.limit:
            return "met"
        if self.floor is not None and self.floor > self.limit:
            return f"not met (the floor is {self.floor:.2f})"
        return "not met"


def worst(values):
    known = [value for value in values if value is not None]
    return max(known) if known else None


def less_one(ratio):
    return None if ratio is None else ratio - 1


def divide(a, b):
    return None if a is None or b is None or b <= 0 else a / b


def scale(factor, value):
    return None if value is None else factor * value


def start_targets(r):
    def against_bwrap(mode):
        return r.overhead("start", mode, "wall_ms", "bwrap")
    return [
        Target("T1", "start, Landlock grants: our overhead / bwrap's",
               against_bwrap("ns landlock"), 0.35,
               against_bwrap("floor landlock")),
        Target("T2", "start, supervised: our overhead / bwrap's",
               against_bwrap("ns default"), 0.6,
               against_bwrap("floor broker")),
        Target("T3", "start, policy of 1000 entries: our overhead / bwrap's",
               against_bwrap("ns policy"), 1.5,
               against_bwrap("floor broker")),
        Target("T4", "node -e 0: CPU x bare, the worst mode",
               worst(r.ratio("node", mode, "cpu_ms") for mode in NODE_MODES),
               1.05, r.ratio("node", "floor broker", "cpu_ms")),
    ]


def micro_targets(r):
    def raw(mode, metric="open_ns", family="micro"):
        return r.ratio(family, mode, metric, "bare", "open_ns")
    return [
        Target("T5", "open decided by Landlock: x raw", raw("ns landlock"),
               1.55, raw("floor landlock")),
        Target("T5", "the same: x the floor's",
               r.ratio("micro", "ns landlock", "open_ns", "floor landlock"),
               1.10),
        Target("T6", "brokered open, one CPU: x raw", raw("ns broker"), 6.5,
               raw("floor broker")),
        Target("T6", "the same: x the floor's",
               r.ratio("micro", "ns broker", "open_ns", "floor broker"), 1.3),
        Target("T7", "brokered open, 300 us apart, unpinned: x raw",
               raw("ns broker", family="think"), 12,
               raw("floor broker", family="think")),
        Target("T7", "the same: x a floor without sync wake-up",
               r.ratio("think", "ns broker", "open_ns",
                       "floor broker nosync"), 1 / 2.5,
               r.ratio("think", "floor broker", "open_ns",
                       "floor broker nosync")),
        Target("T8", "notified denial: x raw open",
               raw("ns default", "denied_ns"), 3,
               raw("floor errno", "denied_ns")),
        Target("T9", "call that is not notified: + ns",
               r.extra("micro", "ns default", "getppid_ns"), 100,
               r.extra("micro", "floor broker", "getppid_ns")),
        Target("T19", "brokered open, 4 threads: x the 1-thread cost",
               r.ratio("threads", "ns broker", "four_ns", "ns broker",
                       "one_ns"), 1.2,
               r.ratio("threads", "floor broker", "four_ns", "floor broker",
                       "one_ns")),
    ]


def file_targets(r):
    unotify = r.ratio("grep", "nsjail unotify", "wall_ms")
    return [
        Target("T10", "grep -r, brokered: wall x bare",
               r.ratio("grep", "ns broker", "wall_ms"), 3,
               r.ratio("grep", "floor broker", "wall_ms")),
        Target("T10", "the same: x nsjail's user notification",
               divide(r.ratio("grep", "ns broker", "wall_ms"), unotify), 0.1),
        Target("T11", "grep -r, Landlock: wall x bwrap",
               r.ratio("grep", "ns landlock", "wall_ms", "bwrap"), 1.0,
               r.ratio("grep", "floor landlock", "wall_ms", "bwrap")),
        Target("T18", "make -j1, brokered: wall x bare",
               r.ratio("make", "ns broker", "wall_ms"), 1.12,
               r.ratio("make", "floor broker", "wall_ms")),
        Target("T18", "git clone, brokered: wall x bare",
               r.ratio("clone", "ns broker", "wall_ms"), 1.35,
               r.ratio("clone", "floor broker", "wall_ms")),
    ]


def module_targets(r):
    def modules(mode, metric="cpu_ms", family="modules"):
        return r.ratio(family, mode, metric)

    def policy(metric, family="modules"):
        return divide(less_one(modules("ns policy", metric, family)),
                      less_one(modules("node policy", metric, family)))
    return [
        Target("T12", "1000 modules, Landlock: CPU x bare",
               modules("ns landlock"), 1.03),
        Target("T12", "the same: x node's own permission flags",
               r.ratio("modules", "ns landlock", "cpu_ms",
                       "node permission"), 1.0),
        Target("T13", "1000 modules, brokered: wall x bare",
               modules("ns broker", "wall_ms"), 1.25,
               modules("floor broker", "wall_ms")),
        Target("T13", "1000 modules, brokered: CPU x bare",
               modules("ns broker"), 1.17, modules("floor broker")),
        Target("T14", "1000 modules, policy: wall overhead / node's own",
               policy("wall_ms"), 0.75),
        Target("T14", "1000 modules, policy: CPU overhead / node's own",
               policy("cpu_ms"), 0.75),
        Target("T15", "5000 modules, policy: CPU x node's own policy",
               r.ratio("modules5000", "ns policy", "cpu_ms", "node policy"),
               1.0),
        Target("T15", "5000 modules, policy: node's RSS, + MiB",
               r.extra("modules5000", "ns policy", "rss_mib"), 2),
    ]


def server_targets(r):
    def cpu(family, mode):
        return r.ratio(family, mode, "cpu_us")
    return [
        Target("T16", "HTTP hello world: CPU per request x bare",
               cpu("http", "ns default"), 1.02, cpu("http", "floor broker")),
        Target("T17", "HTTP, a brokered open per request: CPU x bare",
               cpu("httpfile", "ns broker"), 1.2,
               cpu("httpfile", "floor broker")),
        Target("T17", "HTTP, an open that Landlock decides: CPU x bare",
               cpu("httpfile", "ns landlock"), 1.02),
        Target("T20", "supervisor, Pss MiB",
               r.typical("memory", "ns policy full", "supervisor_mib"), 3),
        Target("T20", "verifier, Pss MiB",
               r.typical("memory", "ns policy full", "verifier_mib"), 5),
    ]


def evaluate(results):
    return [target for group in (start_targets, micro_targets, file_targets,
                                 module_targets, server_targets)
            for target in group(results)]
