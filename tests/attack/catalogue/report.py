# SPDX-License-Identifier: Apache-2.0
"""How the results of the catalogue are told."""

import collections
import sys

PROMISES = ('files', 'metadata', 'programs', 'processes', 'network', 'sockets',
            'ipc', 'kernel')
GOOD = ('held', 'skipped')


class Tap:
    """Test Anything Protocol: a result for each row and identity."""

    def __init__(self, _):
        self.number = 0

    def cannot(self, who, why):
        self.number += 1
        print(f'not ok {self.number} - {who}: the sandbox works')
        print('# ' + why.replace('\n', '\n# '))

    def add(self, result):
        self.number += 1
        name = f'{result.row.id} {result.row.what} ({result.who})'.replace('#', '')
        if result.verdict == 'skipped':
            print(f'ok {self.number} # SKIP {name}: {result.why}', flush=True)
            return
        no = '' if result.verdict in GOOD else 'not '
        print(f'{no}ok {self.number} - {name}')
        if no:
            print(f'# {result.verdict}: {result.why}')
        for line in result.notes.splitlines()[:20]:
            print('# ' + line)
        sys.stdout.flush()

    def end(self):
        print(f'1..{self.number}')


class Table:
    """Held and tried by promise, and what was not held."""

    def __init__(self, options):
        self.verbose = options.verbose
        self.counts = collections.Counter()
        self.lines = []

    def cannot(self, who, why):
        print(f'{who}: the sandbox does not do here what is granted: {why}')

    def add(self, result):
        row = result.row
        tried = result.verdict in ('held', 'BROKEN', 'hung')
        for promise in (row.against, 'all'):
            self.counts[promise, result.who, 'tried'] += tried
            self.counts[promise, result.who, 'held'] += result.verdict == 'held'
        if result.verdict != 'held':
            self.lines.append(f'{result.verdict:12}{row.id:7}{result.who:5} '
                              f'{row.against}: {row.what}: {result.why}')
        if self.verbose:
            print(f'{result.verdict:12}{row.id:7}{result.who:5}'
                  f'{result.seconds:6.1f} s  {row.what}', flush=True)
            for line in result.notes.splitlines()[:20]:
                print('    ' + line)

    def end(self):
        who = sorted({key[1] for key in self.counts})
        print('\n'.join(sorted(self.lines)))
        print(f'\n{"held / tried":14}' + ''.join(f'{w:>14}' for w in who))
        for promise in (*PROMISES, 'all'):
            cells = [f'{self.counts[promise, w, "held"]} / '
                     f'{self.counts[promise, w, "tried"]}' for w in who]
            print(f'{promise:14}' + ''.join(f'{cell:>14}' for cell in cells))
