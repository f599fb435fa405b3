#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the attacks of the catalogue: each first without a sandbox, where it
must succeed, then in one. README.md says how a sandbox is described."""

import argparse
import collections
import concurrent.futures
import ctypes
import multiprocessing
import os
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import report
import world

ALLOWED = ('child', 'worker', 'net', 'metadata')
CONDITIONS = (*ALLOWED, 'root', 'user')
NOBODY = 65534
NOT_SHOWN = 77
BASELINE_TRIES = 5  # a race may need more than one
MAX_OUTPUT = 8 << 20
CLONE_NEWNS, CLONE_NEWUTS, MS_REC, MS_PRIVATE = 0x20000, 0x4000000, 1 << 14, 1 << 18
PR_SET_CHILD_SUBREAPER = 36

Row = collections.namedtuple('Row', 'id against allowed who what')
Result = collections.namedtuple('Result', 'row who verdict why seconds notes')


def rows_of(program):
    out = subprocess.run([program, 'list'], stdout=subprocess.PIPE, check=True)
    rows = []
    for line in out.stdout.decode().splitlines():
        name, against, allowed, who, what = line.split('\t')
        row = Row(name, against, allowed.replace(',', ' ').split(), who, what)
        if against not in report.PROMISES or set(row.allowed) - set(ALLOWED):
            raise SystemExit(f'{name}: {against} or "{allowed}" is no known word')
        if name in [other.id for other in rows]:
            raise SystemExit(f'{name} is there twice')
        rows.append(row)
    return rows


def read_template(text):
    """The words of a sandbox; @NAME is a file of them in peers/."""
    if text.startswith('@'):
        with open(os.path.join(world.HERE, 'peers', text[1:]),
                  encoding='utf-8') as f:
            text = f.read()
    words = shlex.split(text, comments=True)
    # An attack has another PATH than who tries a sandbox of his own.
    return [shutil.which(words[0]) or words[0], *words[1:]] if words else []


def fill(template, place, allowed):
    """{read} is a path, {child:WORD} a word only where children are allowed,
    {!child:WORD} one only where they are not; {user:WORD} one for users."""
    names = {'read': place.read, 'write': place.write,
             'secret': place.secret_in('')[:-1], 'outside': place.outside,
             'base': place.base, 'empty': place.base + '/empty',
             'nssupervise': os.environ.get('NSSUPERVISE', 'nssupervise')}
    words = []
    for word in template:
        when = re.fullmatch(r'\{(!?)(\w+):(.*)\}', word, re.DOTALL)
        if when:
            no, key, word = when.groups()
            if key not in CONDITIONS:
                raise SystemExit(f'{{{key}:…}} is none of {CONDITIONS}')
            if (key in allowed) == bool(no):
                continue
        words.append(re.sub(r'\{(\w+)\}',
                            lambda m: names.get(m[1], m[0]), word))
    return words


def descendants(pid):
    """All processes beneath one, the furthest last."""
    found = []
    try:
        tasks = os.listdir(f'/proc/{pid}/task')
    except OSError:
        return found
    for task in tasks:
        text = world.proc_text(pid, f'task/{task}/children') or ''
        for child in text.split():
            found += [int(child), *descendants(int(child))]
    return found


class Runner:
    """Runs attacks one after the other, in a world for each identity."""

    def __init__(self, base, options):
        self.base, self.options = base, options
        self.worlds = {}
        # What an attack leaves behind becomes our child, so it can be ended.
        world.libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (256 << 20, 256 << 20))
        # What root mounts, or how it calls the machine, is seen by nobody else.
        self.mounts = None
        if os.geteuid() == 0 and \
                world.libc.unshare(CLONE_NEWNS | CLONE_NEWUTS) == 0:
            world.libc.mount(b'none', b'/', None,
                             ctypes.c_ulong(MS_REC | MS_PRIVATE), None)
            self.mounts = os.open('/proc/self/ns/mnt', os.O_RDONLY)

    def undo_mounts(self):
        """Mounts as they were; each attack has a copy of them."""
        if self.mounts is None:
            return
        # A thread that has been joined may need a moment to disappear.
        deadline = time.monotonic() + 20
        while world.libc.setns(self.mounts, CLONE_NEWNS) != 0 or \
                world.libc.unshare(CLONE_NEWNS) != 0:
            if time.monotonic() > deadline:
                raise world.Broken('mounts that an attack made are still there')
            time.sleep(0.005)

    def world(self, who):
        if who not in self.worlds:
            uid = self.options.uid
            identity = {'user': uid, 'group': uid, 'extra_groups': []} \
                if who == 'user' and os.geteuid() == 0 else {}
            self.worlds[who] = world.World(f'{self.base}/{os.getpid()}-{who}',
                                           self.base, identity)
        return self.worlds[who]

    def close(self):
        self.undo_mounts()
        for place in self.worlds.values():
            place.close()

    def end_all_but(self, keep):
        """Ends every process that an attack has left."""
        deadline = time.monotonic() + 10
        while left := [pid for pid in descendants(os.getpid())
                       if pid not in keep]:
            if time.monotonic() > deadline:
                raise world.Broken('a process cannot be ended')
            for pid in left:
                try:
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, os.WNOHANG)
                except (ProcessLookupError, ChildProcessError):
                    pass
            time.sleep(0.005)

    def run(self, command, place):
        """Its status (None: it hung), what it wrote and said."""
        keep = [v.victim.process.pid for v in self.worlds.values() if v.victim]
        # As left open by mistake by whoever starts a sandbox.
        forgotten = os.open(place.secret_in('file'), os.O_RDONLY)
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, pass_fds=(forgotten,), cwd='/',
            start_new_session=True, env={
                'PATH': '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
                'HOME': place.write, 'LC_ALL': 'C'}, **place.identity)
        outputs = [bytearray(), bytearray()]
        os.close(forgotten)
        readers = [threading.Thread(target=drain, args=arguments)
                   for arguments in ((process.stdout, outputs[0]),
                                     (process.stderr, outputs[1]))]
        for reader in readers:
            reader.start()
        try:
            status = process.wait(self.options.limit)
        except subprocess.TimeoutExpired:
            status = None
        # What lasts a moment longer than its parent may still act.
        readers[0].join(0.2)
        self.end_all_but(keep)
        process.wait()
        # Who still holds a pipe was missed: the list changes while it is read.
        deadline = time.monotonic() + 20
        while any(reader.is_alive() for reader in readers):
            if time.monotonic() > deadline:
                raise world.Broken('somebody outside holds the output')
            self.end_all_but(keep)
            readers[0].join(0.05)
        return status, bytes(outputs[0]), outputs[1].decode(errors='replace')

    def attack(self, row, who, template, race):
        """Status, effects and notes of one attack in a new world."""
        self.undo_mounts()
        place = self.world(who)
        place.make(race)
        prefix = fill(template, place, [*row.allowed, who])
        status, output, notes = self.run(
            [*prefix, place.read + '/program', 'run', row.id,
             place.read + '/world'], place)
        return status, place.effects(output), notes

    def judge(self, row, who):
        start = time.monotonic()

        def result(verdict, why, notes=''):
            return Result(row, who, verdict, why, time.monotonic() - start, notes)

        race = self.options.race
        for attempt in range(BASELINE_TRIES):
            # A race that is not won on a busy machine gets more time.
            status, effects, notes = self.attack(row, who, [],
                                                 min(10, race << attempt))
            if status == NOT_SHOWN:
                return result('skipped', notes.rpartition('cannot show: ')[2].strip())
            if effects:
                break
        else:
            return result('no baseline', f'status {status} without a sandbox, '
                          'and nothing has happened', notes)
        status, effects, notes = self.attack(row, who, self.options.template,
                                             race)
        if effects:
            return result('BROKEN', '; '.join(effects[:4]), notes)
        if status is None:
            return result('hung', f'over {self.options.limit} s', notes)
        if 'attacking' not in notes:
            return result('did not run', f'status {status}', notes)
        return result('held', '', notes)

    def works(self, who):
        """Whether what is granted can be done in the sandbox; else why not."""
        self.undo_mounts()
        place = self.world(who)
        place.make(self.options.race)
        status, output, notes = self.run(
            [*fill(self.options.template, place, [who]),
             place.read + '/program', 'work', place.read + '/world'], place)
        written = world.read_bytes(place.write + '/done') \
            if os.path.lexists(place.write + '/done') else b''
        if status == 0 and output == written == b'nothing secret\n':
            return None
        return f'status {status}: {notes.strip()[:2000]}'


def drain(pipe, into):
    while part := os.read(pipe.fileno(), 65536):
        if len(into) < MAX_OUTPUT:
            into += part
    pipe.close()


runner = None


def start_worker(base, options):
    global runner
    # Not ignored, which what we start would be as well: who started us ends us.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    runner = Runner(base, options)
    multiprocessing.util.Finalize(None, runner.close, exitpriority=10)


def work_one(row, who):
    try:
        return runner.judge(row, who)
    except (world.Broken, OSError) as error:
        return Result(row, who, 'error', f'{type(error).__name__}: {error}', 0, '')


def works(who):
    try:
        return runner.works(who)
    except (world.Broken, OSError) as error:
        return f'{type(error).__name__}: {error}'


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--catalogue', required=True, help='the program')
    parser.add_argument('--sandbox', required=True,
                        help='its command, with {read} and so on; or @NAME')
    parser.add_argument('--tap', action='store_true')
    parser.add_argument('--verbose', action='store_true')
    parser.add_argument('--limit', type=float, default=60, help='seconds')
    parser.add_argument('--race', type=int, default=10,
                        help='seconds that a race may take, at most 10')
    parser.add_argument('--jobs', type=int,
                        default=min(4, len(os.sched_getaffinity(0))))
    parser.add_argument('--uid', type=int, default=NOBODY,
                        help='the number of "user", where we are root')
    parser.add_argument('--who', choices=('root', 'user'))
    parser.add_argument('ids', nargs='*', help='only these attacks')
    options = parser.parse_args()
    options.template = read_template(options.sandbox)
    return options


def prepare(base, options):
    """What every world is made of."""
    os.chmod(base, 0o755)
    with open(base + '/secret.c', 'w', encoding='utf-8') as f:
        f.write(world.PROGRAM % world.PLACEHOLDER.decode())
    world.compile_c(base + '/secret.c', base + '/secret')
    world.compile_c(world.HERE + '/victim/victim.c', base + '/victim')
    with open(base + '/catalogue', 'wb') as f:
        f.write(world.read_bytes(options.catalogue, 64 << 20))
    os.chmod(base + '/catalogue', 0o755)


def run_all(base, rows, options):
    """False where something was not held."""
    identities = ['root', 'user'] if os.geteuid() == 0 else ['user']
    if options.who:
        identities = [options.who]
    reporter = (report.Tap if options.tap else report.Table)(options)
    good = True
    with concurrent.futures.ProcessPoolExecutor(
            options.jobs, multiprocessing.get_context('fork'), start_worker,
            (base, options)) as pool:
        try:
            tasks = []
            for who in [*identities]:
                why = pool.submit(works, who).result()
                if why:
                    reporter.cannot(who, why)
                    identities.remove(who)
                    good = False
            for who in identities:
                tasks += [pool.submit(work_one, row, who) for row in rows
                          if row.who in ('all', who)]
            # As they were asked for: a report is the same however they end.
            for task in tasks:
                reporter.add(task.result())
                good = good and task.result().verdict in report.GOOD
        finally:
            # Where it is stopped, the worlds are still removed.
            pool.shutdown(cancel_futures=True)
    reporter.end()
    return good and bool(tasks)


def stop(*_):
    raise SystemExit(2)


def main():
    signal.signal(signal.SIGTERM, stop)
    options = arguments()
    rows = rows_of(options.catalogue)
    if options.ids:
        unknown = set(options.ids) - {row.id for row in rows}
        if unknown:
            raise SystemExit(f'no attack {" ".join(sorted(unknown))}')
        rows = [row for row in rows if row.id in options.ids]
    with tempfile.TemporaryDirectory(prefix='attack.') as base:
        prepare(base, options)
        return 0 if run_all(base, rows, options) else 1


if __name__ == '__main__':
    os.umask(0o022)
    sys.exit(main())
