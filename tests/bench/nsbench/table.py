# SPDX-License-Identifier: Apache-2.0
"""Numbers out of the samples, and the tables printed of them."""

from statistics import median, quantiles


class Results:
    """The samples of all families; every ratio is taken inside a round."""

    def __init__(self):
        self.families = {}

    def add(self, family):
        self.families[family.name] = family

    def values(self, family, mode, metric):
        """The metric in each round, None where it is missing."""
        if family not in self.families:
            return []
        return [found.get(mode, {}).get(metric)
                for found in self.families[family].samples]

    def pairs(self, family, mode, metric, base, base_metric=None):
        ours = self.values(family, mode, metric)
        theirs = self.values(family, base, base_metric or metric)
        return [(a, b) for a, b in zip(ours, theirs)
                if a is not None and b is not None]

    def typical(self, family, mode, metric):
        found = [v for v in self.values(family, mode, metric)
                 if v is not None]
        return median(found) if found else None

    def ratio(self, family, mode, metric, base="bare", base_metric=None):
        """Median over the rounds of mode / base."""
        pairs = self.pairs(family, mode, metric, base, base_metric)
        ratios = [a / b for a, b in pairs if b > 0]
        return median(ratios) if ratios else None

    def spread(self, family, mode, metric):
        """Half the interquartile range of the ratio to bare."""
        pairs = self.pairs(family, mode, metric, "bare")
        ratios = [a / b for a, b in pairs if b > 0]
        if len(ratios) < 4:
            return None
        low, _, high = quantiles(ratios, n=4)
        return (high - low) / 2

    def extra(self, family, mode, metric, base="bare"):
        """Median over the rounds of mode - base."""
        pairs = self.pairs(family, mode, metric, base)
        return median(a - b for a, b in pairs) if pairs else None

    def overhead(self, family, mode, metric, peer):
        """Our extra over bare, divided by the peer's."""
        ours = self.extra(family, mode, metric)
        theirs = self.extra(family, peer, metric)
        if ours is None or theirs is None or theirs <= 0:
            return None
        return ours / theirs


def number(value):
    if value is None:
        return "-"
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def times_bare(results, family, mode, metric):
    """The ratio to bare, and how far it usually strays."""
    spread = results.spread(family, mode, metric)
    text = number(results.ratio(family, mode, metric))
    if spread is None or mode == "bare":
        return text
    return f"{text}+-{spread:.2f}"


def print_rows(rows, out):
    """Left-aligned first column, the others right-aligned."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width)
                  for cell, width in zip(row[1:], widths[1:])]
        print("  " + "  ".join(cells).rstrip(), file=out)


def print_family(results, family, out):
    print(f"\n{family.name}: {family.title}; {len(family.samples)} rounds",
          file=out)
    head = [""]
    for _, label in family.columns:
        head += [label, "x bare"]
    rows = [head]
    for mode in family.modes:
        if not any(mode in found for found in family.samples):
            continue
        row = [mode]
        for metric, _ in family.columns:
            row.append(number(results.typical(family.name, mode, metric)))
            row.append(times_bare(results, family.name, mode, metric))
        rows.append(row)
    print_rows(rows, out)
    absent = [mode for mode, why in family.failures.items()
              if why == "not here"]
    if absent:
        print("  not here: " + ", ".join(sorted(absent)), file=out)
    for mode, why in sorted(family.failures.items()):
        if why != "not here":
            print(f"  {mode} failed: {why}", file=out)


def print_targets(targets, out):
    print("\nTargets (for information; +- and the A/A row 'bare again' say"
          " what is noise)", file=out)
    rows = [["", "what", "measured", "target", ""]]
    for target in targets:
        rows.append([target.name, target.what, number(target.value),
                     "<= " + number(target.limit), target.verdict()])
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    for row in rows:
        print(f"  {row[0]:{widths[0]}}  {row[1]:{widths[1]}}"
              f"  {row[2]:>{widths[2]}}  {row[3]:{widths[3]}}  {row[4]}"
              .rstrip(), file=out)
