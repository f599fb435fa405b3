# SPDX-License-Identifier: Apache-2.0
"""--why, the kernel and process.permission.has give one answer.

Random trees, random flags, random spellings of paths. For each query four
answers: that of a model written from the documentation alone, that of the
call itself under nssupervise, that of --why, and that of the virtual file
which has() asks. What is allowed must answer exactly as it does without us;
what is denied must answer EACCES.

  why.py NSSUPERVISE TARGET PROGRAM DIRECTORY SEED SETS [FIRST]

prints each difference with what is needed to see it again, and one line of
counts at the end. The last tree is left in DIRECTORY.
"""
import concurrent.futures
import errno
import os
import random
import re
import shutil
import struct
import subprocess
import sys

NAMES = ["a", "b", "c", "dir", "ab", "a,b", "s*r", "*", "b\\s", "sp ace",
         "\u00fc", "...", "-x", "a'b", "%41", "#h", ".hid", "c.key", "d.key",
         "a.txt", "new\nline", ",", "a\\,b", "\x01", "c d", "=", "~"]
STAR = None  # in a list of characters
LINKS_MAX = 40
WHY_ALLOWED, WHY_DENIED = 0, 1


def parents(path):
    """path and every directory above it."""
    while True:
        yield path
        if path == "/":
            return
        path = os.path.dirname(path)


def beneath(path, top):
    return top == "/" or path == top or path.startswith(top + "/")


class Place:
    """Where a walk ended."""

    def __init__(self):
        self.path = ""
        self.links = []  # symbolic links that were followed
        self.left = []  # directories (or missing names) that ".." left
        self.error = 0  # why nothing is there

    def where(self):
        return self.path or "/"


def walk(text, cwd, keep_link=False, is_option=False):
    """A path as the kernel walks it; what is missing stays as it was said.

    Of an option the walk goes on where ".." leaves what is missing.
    """
    place = Place()
    rest = (text if text.startswith("/") else cwd + "/" + text).split("/")
    rest = [name for name in rest if name not in ("", ".")]
    if text.startswith("/proc/self/"):
        name = rest[2]
        rest = (cwd.split("/") if name == "cwd" else []) + rest[3:]
        rest = [name for name in rest if name]
    count = 0
    while rest:
        name = rest.pop(0)
        if name == "..":
            if not place.error:
                place.left.append(place.where())
            place.path = os.path.dirname(place.where()).rstrip("/")
            continue
        full = place.path + "/" + name
        if place.error and not is_option:
            place.path = full
            continue
        if os.path.islink(full):
            if not rest and keep_link and not text.endswith(("/", "/.")):
                place.path = full
                break
            count += 1
            if count > LINKS_MAX:
                place.error = errno.ELOOP
                break
            place.links.append(full)
            target = os.readlink(full)
            if target.startswith("/"):
                place.path = ""
            rest = [n for n in target.split("/") if n not in ("", ".")] + rest
        elif not os.path.exists(full):
            place.error = errno.ENOENT
            if ".." in rest:
                place.left.append(full)
            place.path = full
        elif rest and not os.path.isdir(full):
            place.error = errno.ENOTDIR
            if ".." in rest:
                place.left.append(full)
            place.path = full
        else:
            place.path = full
    return place


class Grant:
    """One path of one option, as the documentation reads it."""

    def __init__(self, right, is_deny, characters, cwd):
        self.right = right
        self.is_deny = is_deny
        self.visible = []
        self.pattern = None
        self.tree = None
        self.exact = None
        text = "".join("*" if c is STAR else c for c in characters)
        if STAR in characters:
            while characters[-1] == "/":
                characters = characters[:-1]
        if characters == [STAR]:
            self.tree = "/"
        elif STAR not in characters:
            self.plain(text, cwd, False)
        elif characters[-2:] == ["/", STAR] and STAR not in characters[:-2]:
            self.plain(text[:-2] or "/", cwd, True)
        else:
            self.make_pattern(characters, cwd)
        if self.tree == "/":
            self.visible.append("/")

    def plain(self, text, cwd, is_tree):
        place = walk(text, cwd, is_option=True)
        self.visible = [place.where()] + place.links
        if is_tree or self.is_deny or os.path.isdir(place.where()):
            self.tree = place.where()
        else:
            self.exact = place.where()

    def make_pattern(self, characters, cwd):
        star = characters.index(STAR)
        slash = star
        while slash > 0 and characters[slash - 1] != "/":
            slash -= 1
        place = walk("".join(characters[:slash]) or ".", cwd,
                     is_option=True)
        self.visible = [place.where()] + place.links
        tail = characters[slash:]
        text = "".join(".*" if c is STAR else re.escape(c) for c in tail)
        text = re.sub("(/)+", "/", text)
        head = re.escape(place.path + "/")
        self.pattern = re.compile(head + text + r"\Z", re.DOTALL)
        self.upto = re.compile(head + text + r"(/.*)?\Z", re.DOTALL)
        # "P/" and a star at the end: the directory P as well.
        self.stem = None
        if tail[-1:] == [STAR] and tail[-2:-1] == ["/"]:
            self.stem = re.compile(head + text[:-3] + r"\Z", re.DOTALL)

    def covers(self, path):
        if self.tree:
            return beneath(path, self.tree)
        if self.exact:
            return path == self.exact
        if self.stem and self.stem.match(path):
            return True
        # A carve-out takes what lies beneath along.
        return bool((self.upto if self.is_deny else self.pattern).match(path))


class Model:
    def __init__(self, grants, visible, is_metadata, child):
        self.grants = grants
        self.child = child  # None, [] or programs
        self.visible = set()
        for path in visible:
            self.visible.update(parents(path))
        for grant in grants:
            if not grant.is_deny:
                for path in grant.visible:
                    self.visible.update(parents(path))
        for path in child or []:
            self.visible.update(parents(path))
        every = [g for g in grants if g.right == "read"]
        self.is_open = is_metadata or (
            any(g.tree == "/" and not g.is_deny for g in every) and
            not any(g.is_deny for g in every))

    def covered(self, right, is_deny, path):
        return any(g.covers(path) for g in self.grants
                   if g.right == right and g.is_deny == is_deny)

    def may(self, operation, path):
        if operation == "stat":
            if self.is_open:
                return True
            if self.covered("read", True, path):
                return False
            return (self.covered("read", False, path) or
                    path in self.visible or path in (self.child or []))
        if operation == "exec":
            return self.may_run(path)
        if self.covered(operation, True, path):
            return False
        return (self.covered(operation, False, path) or
                (operation == "read" and path in (self.child or [])))

    def may_run(self, path):
        """None where the documentation leaves it to Landlock."""
        if self.child is None or self.covered("read", True, path):
            return False
        if self.child:
            return path in self.child
        found = [g for g in self.grants if g.right == "read" and
                 not g.is_deny and not g.pattern and g.covers(path)]
        if not found:
            return False
        # Beside a carve-out what is there at the start; not by patterns.
        holes = [g for g in self.grants if g.is_deny and g.right == "read"]
        if any(g.pattern for g in holes):
            return None
        is_there = os.path.isfile(path) and os.path.realpath(path) == path
        return None if holes and not is_there else True

    def judge(self, operation, text, cwd, keep_link=False):
        """(allowed, the place): what the way there may tell counts too."""
        place = walk(text, cwd, keep_link)
        if place.error == errno.ELOOP:
            # How far it came.
            allowed = (self.may("stat", place.where()) or
                       self.may("write", place.where()))
        else:
            allowed = self.may(operation, place.where())
        # Who may write there learns by writing what lies on the way.
        if allowed and not all(self.may("stat", p) or self.may("write", p)
                               for p in place.left):
            allowed = False
        return allowed, place


class Tree:
    """What lies there, and how it can be said."""

    def __init__(self, rnd, top, program, is_closed=False):
        self.is_closed = is_closed  # no link is made to lead out of it
        self.rnd = rnd
        self.top = top
        self.program = program
        self.directories = [top]
        self.files = []
        self.programs = []
        self.links = []
        self.missing = []
        os.mkdir(top, 0o755)
        for _ in range(rnd.randint(8, 26)):
            self.add()
        for _ in range(4):
            self.missing.append(self.name())
            self.missing.append(self.name() + "/" + rnd.choice(NAMES))

    def name(self):
        return self.rnd.choice(self.directories) + "/" + self.rnd.choice(NAMES)

    def anything(self):
        return self.rnd.choice(self.directories + self.files + self.programs +
                               self.links + self.missing)

    def add(self):
        path = self.name()
        if os.path.lexists(path):
            return
        kind = self.rnd.choice("dddfffppll")
        if kind == "d":
            os.mkdir(path, 0o755)
            self.directories.append(path)
        elif kind == "f":
            with open(path, "w", encoding="utf-8") as file:
                file.write("text\n")
            self.files.append(path)
        elif kind == "p":
            shutil.copy(self.program, path)
            self.programs.append(path)
        else:
            os.symlink(self.link_text(path), path)
            self.links.append(path)

    def link_text(self, path):
        rnd = self.rnd
        kind = rnd.randrange(6 if self.is_closed else 8)
        goal = rnd.choice([self.anything(), self.anything(), self.name(),
                           self.top] + [os.path.dirname(self.top)] *
                          (not self.is_closed))
        if kind < 3:
            return goal
        if kind < 6:
            return os.path.relpath(goal, os.path.dirname(path))
        if kind == 6:
            return rnd.choice(["..", ".", "../..", "/", os.path.basename(path)])
        return os.path.relpath(goal, os.path.dirname(path)) + rnd.choice(
            ["/", "/..", "/../" + rnd.choice(NAMES), "/."])

    def respell(self, path, cwd, depth=0):
        """The same path in other words, and sometimes another one."""
        rnd = self.rnd
        kind = rnd.randrange(14)
        if depth > 2 or kind < 3:
            return path
        if kind == 3 and path.startswith("/"):
            path = os.path.relpath(path, cwd)
        elif kind == 4:
            path = path.replace("/", rnd.choice(["//", "/./"]))
        elif kind == 5:
            path += rnd.choice(["/", "//", "/.", "/..", "/../" +
                                os.path.basename(path)])
        elif kind == 6 and path.startswith("/"):
            return "/proc/self/root" + path
        elif kind == 7 and path.startswith("/"):
            return "/proc/self/cwd/" + os.path.relpath(path, cwd)
        elif kind < 11 and path.startswith("/"):
            # By way of something else.
            middle = self.anything()
            path = middle + "/" + os.path.relpath(path, middle)
        elif kind < 13 and self.links:
            link = rnd.choice(self.links)
            real = walk(link, cwd).where()
            if path.startswith("/"):
                path = link + "/" + os.path.relpath(path, real)
        else:
            path += "/" + rnd.choice(NAMES)
        return self.respell(path, cwd, depth + 1)


def escape(characters):
    return "".join("*" if c is STAR else "\\" + c if c in ",*\\" else c
                   for c in characters)


class Flags:
    """One set of flags, as text and as a model."""

    def __init__(self, rnd, tree, cwd, visible):
        self.rnd, self.tree, self.cwd = rnd, tree, cwd
        self.text = []
        self.grants = []
        for option, right, is_deny, most in (
                ("--allow-fs-read", "read", False, 4),
                ("--allow-fs-write", "write", False, 3),
                ("--deny-fs-read", "read", True, 2),
                ("--deny-fs-write", "write", True, 2)):
            self.add(option, right, is_deny, rnd.randint(0, most))
        is_metadata = rnd.randrange(8) == 0
        if is_metadata:
            self.text.append("--allow-fs-metadata")
        is_quiet = rnd.randrange(2) == 0
        if is_quiet:
            self.text.append("--quiet")
        # Then the kernel may be left to itself: it tells what is there, and
        # there is nobody who could be asked.
        self.is_bare = is_metadata and is_quiet
        child = None
        kind = rnd.randrange(4)
        if kind < 2:
            child = []
            self.text.append("--allow-child-process")
        elif kind == 2:
            child = [p for p in tree.programs
                     if not set(p) & set(",*\\\n")][:2]
            if child:
                self.text.append("--allow-child-process=" + ",".join(child))
            else:
                child = None
        self.model = Model(self.grants, visible, is_metadata, child)

    def add(self, option, right, is_deny, n):
        items = []
        for _ in range(n):
            characters, text = self.item(is_deny)
            self.grants.append(Grant(right, is_deny, characters, self.cwd))
            items.append(text)
        if items and self.rnd.randrange(2):
            items = [",".join(items)]
        if self.rnd.randrange(12) == 0:
            # An existing path wins over the comma in it.
            path = self.tree.anything()
            if (os.path.lexists(path) and not self.is_refused(path) and
                    not set(path) & set("*\\")):
                self.grants.append(Grant(right, is_deny, list(path), self.cwd))
                items.append(path)
        self.text += [f"{option}={text}" for text in items]

    def item(self, is_deny):
        rnd = self.rnd
        kind = rnd.randrange(20)
        path = self.tree.anything()
        while "\x01" in path:  # refused: it stands for the star
            path = self.tree.anything()
        if kind == 0 and not is_deny:
            return [STAR], "*"
        if kind < 13:
            spelt = self.tree.respell(path, self.cwd)
            # Where "self" is another process, and where it is refused.
            if "/proc/self/" in spelt or "\x01" in spelt:
                spelt = path
            characters = list(spelt)
        else:
            cut = rnd.randint(len(self.tree.top), len(path))
            characters = list(path[:cut]) + [STAR]
            if rnd.randrange(2):
                characters += list(path[rnd.randint(cut, len(path)):])
            if rnd.randrange(6) == 0:
                characters += [STAR]
            if rnd.randrange(6) == 0:
                characters += rnd.choice([["/"], ["/", STAR]])
            # Back and forth after a star means nothing, and is refused.
            if ".." in "".join(c or "*" for c in
                               characters[characters.index(STAR):]).split("/"):
                characters = list(path)
        head = "".join(c or "*" for c in characters)
        if STAR in characters:
            head = os.path.dirname(head[:characters.index(STAR)] + "x")
        if self.is_refused(head):
            characters = list(self.tree.top)
        return characters, escape(characters)

    def is_refused(self, path):
        place = walk(path, self.cwd, is_option=True)
        return place.error == errno.ELOOP or "\x01" in path + place.where()


class Test:
    def __init__(self, arguments):
        (self.nssupervise, self.target, self.program,
         self.top) = arguments[:4]
        self.seed, self.sets = int(arguments[4]), int(arguments[5])
        self.first = int(arguments[6]) if len(arguments) > 6 else 0
        self.n_queries = self.n_asked = self.n_denied = self.n_differ = 0
        self.n_exec = 0
        self.pool = concurrent.futures.ThreadPoolExecutor(2)

    def differ(self, flags, cwd, query, what):
        self.n_differ += 1
        if self.n_differ > 20:
            return
        print(f"set {self.now} in {cwd!r}: {flags.text!r}")
        print(f"  {query!r}: {what}", flush=True)

    def command(self, flags):
        return [self.nssupervise, "--runtime=none", *flags.text]

    def ask_why(self, flags, cwd, verb, text):
        done = subprocess.run(
            [*self.command(flags), f"--why={verb}:{text}", "--", self.target],
            cwd=cwd, capture_output=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def perform(self, prefix, cwd, queries):
        data = b"".join(o.encode() + os.fsencode(p) + b"\0"
                        for o, p in queries)
        done = subprocess.run([*prefix, self.target], cwd=cwd, input=data,
                              capture_output=True, check=False, timeout=60)
        answers = [n for n, in struct.iter_unpack("<i", done.stdout)]
        if done.returncode or len(answers) != len(queries):
            raise RuntimeError(f"{prefix!r} in {cwd!r}: status "
                               f"{done.returncode}: {done.stderr!r}")
        return answers

    def queries(self, rnd, tree, cwd):
        for _ in range(50):
            text = tree.respell(tree.anything(), cwd)
            for operation in "rwc" + rnd.choice(["sl", "ok", "sa"]):
                yield operation, text
            if text.startswith("/"):
                yield "R", text
                yield "W", text
        for path in tree.programs + tree.links:
            text = tree.respell(path, cwd)
            yield "x", text
            if text.startswith("/"):
                yield "X", text

    def expect(self, flags, cwd, query, alone):
        """The error that must come; None: either is right."""
        operation, text = query
        verb = {"r": "read", "R": "read", "w": "write", "W": "write",
                "x": "exec", "X": "exec", "c": "write"}.get(operation, "stat")
        allowed, place = flags.model.judge(verb, text, cwd, operation in "lk")
        if flags.model.is_open and verb == "stat":
            return alone
        if operation in "RWX":
            if allowed is None:
                return None
            if place.error == errno.ELOOP:
                return errno.EACCES
            return 0 if allowed else errno.EACCES
        if operation == "x" and (alone != 0 or allowed is None):
            return None
        if operation == "a" and alone == 0:
            allowed = flags.model.judge("read", text, cwd)[0]
        return alone if allowed else errno.EACCES

    def is_natural(self, flags, query, bare, got):
        """It fails by itself, as it may where the kernel is left alone."""
        return flags.is_bare and (got == bare != 0 or
                                  (query[0] in "RWX" and got == errno.ENOENT))

    def run_set(self, number):
        rnd = random.Random(f"{self.seed}.{number}")
        self.now = f"{self.seed}.{number}"
        base = os.path.join(self.top, "t")
        shutil.rmtree(base, ignore_errors=True)
        tree = Tree(rnd, base, self.program)
        cwd = rnd.choice(tree.directories)
        flags = Flags(rnd, tree, cwd, [cwd, self.target])
        if flags.model.covered("read", True, self.target):
            return  # a link led a carve-out to "/"
        queries = list(self.queries(rnd, tree, cwd))
        alone = self.perform([], cwd, queries)
        guarded = self.perform([*self.command(flags), "--"], cwd, queries)
        answers = {}
        for query, bare, got in zip(queries, alone, guarded):
            want = self.expect(flags, cwd, query, bare)
            answers[query] = got
            self.n_queries += 1
            self.n_denied += got == errno.EACCES
            self.n_exec += query[0] == "x" and got == 0
            if self.is_natural(flags, query, bare, got):
                continue
            if want is not None and got != want:
                self.differ(flags, cwd, query,
                            f"got {errno.errorcode.get(got, got)}, want "
                            f"{errno.errorcode.get(want, want)}")
            if query[0] == "x" and got not in (bare, errno.EACCES):
                self.differ(flags, cwd, query, f"got {got}, alone {bare}")
        self.compare_why(rnd, flags, cwd, queries, dict(zip(queries, alone)),
                         answers)

    def compare_why(self, rnd, flags, cwd, queries, alone, answers):
        verbs = {"r": "read", "w": "write", "c": "write", "x": "exec"}
        asked = [q for q in dict.fromkeys(queries) if q[0] in verbs]
        asked = rnd.sample(asked, min(len(asked), 30))
        done = self.pool.map(
            lambda q: self.ask_why(flags, cwd, verbs[q[0]], q[1]), asked)
        for query, (status, text) in zip(asked, done):
            self.n_asked += 1
            got = answers[query]
            if (self.is_natural(flags, query, alone[query], got) or
                    alone[query] == errno.EACCES):
                continue
            if query[0] == "x" and alone[query] != 0:
                continue  # not a program; what it is decides too
            natural = got != errno.EACCES
            if status not in (WHY_ALLOWED, WHY_DENIED):
                if alone[query] != got or got != errno.ELOOP:
                    self.differ(flags, cwd, query, f"--why: {text!r}")
            elif (status == WHY_ALLOWED) != natural:
                self.differ(flags, cwd, query,
                            f"got {errno.errorcode.get(got, got)}, but --why "
                            f"says {text!r}")

    def main(self):
        os.umask(0o022)
        for number in range(self.first, self.first + self.sets):
            self.run_set(number)
        print(f"sets={self.sets} queries={self.n_queries} "
              f"denied={self.n_denied} executed={self.n_exec} "
              f"asked={self.n_asked} differences={self.n_differ}")


if __name__ == "__main__":
    Test(sys.argv[1:]).main()
