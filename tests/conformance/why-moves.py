# SPDX-License-Identifier: Apache-2.0
"""What may not be read or changed stays so, however names are moved about.

Random trees and flags as in why.py; then the program renames, exchanges and
links what it may, at random, and tries to open every file under every name
there is afterwards. It must not get a file for reading that it could not read
before, nor one for writing that it could not change before.

  why-moves.py NSSUPERVISE TARGET PROGRAM DIRECTORY SEED SETS [FIRST]
"""
import errno
import importlib.util
import os
import random
import shutil
import stat
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
spec = importlib.util.spec_from_file_location("why", HERE + "/why.py")
why = importlib.util.module_from_spec(spec)
spec.loader.exec_module(why)

ABOVE_ERRORS = 4096


class Talk:
    """The program under test, one answer for each record."""

    def __init__(self, command, cwd):
        self.process = subprocess.Popen(
            command, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)

    def ask(self, records):
        data = b"".join(o.encode() + b"\0".join(map(os.fsencode, p)) + b"\0"
                        for o, *p in records)
        answers = b""
        size = 4 * len(records)
        self.process.stdin.write(data)
        self.process.stdin.flush()
        while len(answers) < size:
            got = os.read(self.process.stdout.fileno(), size - len(answers))
            if not got:
                raise RuntimeError(self.process.communicate())
            answers += got
        return [n for n, in struct.iter_unpack("<i", answers)]

    def end(self):
        self.process.communicate()


class Moves:
    def __init__(self, arguments):
        self.nssupervise, self.target, self.program, self.top = arguments[:4]
        self.seed, self.sets = int(arguments[4]), int(arguments[5])
        self.first = int(arguments[6]) if len(arguments) > 6 else 0
        self.n_moved = self.n_read = self.n_written = self.n_refused = 0
        self.n_leaks = 0

    def files(self, top):
        """{inode: paths} of the regular files there are."""
        found = {}
        for directory, _, names in os.walk(top):
            for name in names:
                path = os.path.join(directory, name)
                state = os.lstat(path)
                if stat.S_ISREG(state.st_mode):
                    found.setdefault(state.st_ino, []).append(path)
        return found

    def names(self, top):
        for directory, inner, names in os.walk(top):
            for name in inner + names:
                yield os.path.join(directory, name)

    def change(self, rnd, tree):
        now = list(self.names(tree.top)) or [tree.top]
        def some():
            path = rnd.choice(now)
            return path if rnd.randrange(2) else (
                rnd.choice([os.path.dirname(path), path]) + "/" +
                rnd.choice(why.NAMES))
        kind = rnd.choice("nnnnnnneehhhydduv")
        if kind in "ne" and rnd.randrange(3) == 0:
            inner = [p for p in now if os.path.isdir(p)] or now
            return kind, rnd.choice(inner), (rnd.choice(inner) + "/" +
                                             rnd.choice(why.NAMES))
        if kind in "neh":
            return kind, rnd.choice(now), some()
        if kind == "y":
            return kind, some(), rnd.choice([rnd.choice(now), "."])
        return kind, some()

    def add(self, flags, option, right, is_deny, characters, cwd):
        if "\x01" in [c for c in characters if c]:
            return
        flags.text.append(f"{option}={why.escape(characters)}")
        flags.grants.append(why.Grant(right, is_deny, characters, cwd))

    def star(self, rnd, path):
        """A pattern for a directory that leaves out what is in it."""
        name = os.path.basename(path)
        cut = rnd.randrange(len(name))
        return [*os.path.dirname(path), "/", *name[:cut], why.STAR, *name[cut:]]

    def few_flags(self, rnd, tree, flags, cwd):
        """Two directories, more or less of which may be read or changed."""
        flags.text, flags.grants = [], []
        first, second = rnd.sample(tree.directories[1:], 2)
        rights = ["read", "write"]
        rnd.shuffle(rights)
        some, all_of = rights
        self.add(flags, f"--allow-fs-{all_of}", all_of, False, list(tree.top),
                 cwd)
        self.add(flags, f"--allow-fs-{some}", some, False,
                 self.star(rnd, first), cwd)
        self.add(flags, f"--allow-fs-{some}", some, False, list(second), cwd)
        if all_of == "read":
            self.add(flags, "--allow-fs-write", "write", False,
                     list(os.path.dirname(first)), cwd)
        for path in (os.path.dirname(first), second):
            self.add(flags, "--deny-fs-write", "write", True,
                     list(path + "/nothing of this name"), cwd)
        flags.model = why.Model(flags.grants, [cwd, self.target], False, None)
        return flags

    def flags(self, rnd, tree, cwd):
        flags = why.Flags(rnd, tree, cwd, [cwd, self.target])
        if rnd.randrange(2) and len(tree.directories) > 3:
            return self.few_flags(rnd, tree, flags, cwd)
        # Mostly all may be moved; a carve-out leaves it to the supervisor.
        places = [tree.top] if rnd.randrange(2) else rnd.sample(
            tree.directories, min(2, len(tree.directories)))
        for path in places:
            self.add(flags, "--allow-fs-write", "write", False, list(path),
                     cwd)
        for path in rnd.sample(tree.directories, min(
                rnd.randrange(4), len(tree.directories))):
            self.add(flags, "--deny-fs-write", "write", True,
                     list(path + "/nothing of this name"), cwd)
        # Names of directories, and not what is in them.
        for path in rnd.sample(tree.directories, min(
                rnd.randrange(3), len(tree.directories))):
            if path != tree.top:
                pattern = self.star(rnd, path)
                if rnd.randrange(4) == 0:
                    pattern = [*pattern, "/", *rnd.choice(why.NAMES)]
                kind = rnd.randrange(4)
                right = "read" if kind % 2 else "write"
                verb = "deny" if kind > 2 else "allow"
                self.add(flags, f"--{verb}-fs-{right}", right, kind > 2,
                         pattern, cwd)
        flags.model = why.Model(flags.grants, [cwd, self.target], False,
                                flags.model.child)
        return flags

    def is_confined(self, grant, base):
        """Nothing outside of the tree may be changed, whatever is tried."""
        place = grant.tree or grant.exact or grant.visible[0]
        return (grant.right != "write" or grant.is_deny or
                why.beneath(place, base))

    def run_set(self, number):
        rnd = random.Random(f"{self.seed}.{number}.moves")
        # Deep enough that a link that leads up ends in a place of ours.
        base = os.path.join(self.top, "1/2/3/4/5/6/t")
        shutil.rmtree(os.path.join(self.top, "1"), ignore_errors=True)
        os.makedirs(os.path.dirname(base))
        tree = why.Tree(rnd, base, self.program, is_closed=True)
        cwd = rnd.choice(tree.directories)
        flags = self.flags(rnd, tree, cwd)
        if (flags.model.covered("read", True, self.target) or
                not all(self.is_confined(g, base) for g in flags.grants)):
            return
        before = self.files(base)
        may = {right: {inode for inode, paths in before.items()
                       if any(flags.model.may(right, p) for p in paths)}
               for right in ("read", "write")}
        talk = Talk([self.nssupervise, "--runtime=none", "--quiet",
                     *flags.text, "--", self.target], cwd)
        done = []
        for _ in range(rnd.randint(10, 60)):
            record = self.change(rnd, tree)
            answer = talk.ask([record])[0]
            if answer == 0:
                done.append(record)
            self.n_moved += answer == 0
            self.n_refused += answer == errno.EACCES
        names = list(self.names(base))
        for operation, right in (("g", "read"), ("t", "write")):
            answers = talk.ask([(operation, name) for name in names])
            for name, answer in zip(names, answers):
                self.judge(right, name, answer, before, may, flags, done,
                           number, cwd)
        talk.end()

    def judge(self, right, name, answer, before, may, flags, done, number,
              cwd):
        inode = answer - ABOVE_ERRORS
        if answer < ABOVE_ERRORS or inode not in before:
            return
        self.n_read += right == "read"
        self.n_written += right == "write"
        if inode in may[right]:
            return
        self.n_leaks += 1
        if self.n_leaks <= 5:
            print(f"set {self.seed}.{number} in {cwd!r}: {flags.text!r}\n"
                  f"  {before[inode]!r} is open to {right} as {name!r} "
                  f"after {done!r}", flush=True)

    def main(self):
        os.umask(0o022)
        for number in range(self.first, self.first + self.sets):
            self.run_set(number)
        print(f"sets={self.sets} moved={self.n_moved} "
              f"refused={self.n_refused} read={self.n_read} "
              f"written={self.n_written} leaks={self.n_leaks}")


Moves(sys.argv[1:]).main()
