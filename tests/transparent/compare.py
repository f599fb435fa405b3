# SPDX-License-Identifier: Apache-2.0
"""Compares what a program wrote outside with what it wrote inside.

compare.py outcomes OUTSIDE INSIDE RUN USED
    Prints each outcome that differs and that differences.py does not explain;
    adds the names of the explanations that were needed to the file USED.
compare.py tests OUTSIDE INSIDE RUN USED
    The same for the results of unittest -v, one by one.
compare.py unused USED RUN...
    Prints the explanations for one of these runs that were never needed.
compare.py names
    The names of all explanations.
"""
import re
import sys

from differences import DIFFERENCES

SHOWN = 60


def read_outcomes(path):
    """{id: [outcome]}, in the order of the file."""
    outcomes = {}
    with open(path, errors="backslashreplace") as file:
        for line in file:
            name, _, outcome = line.rstrip("\n").partition("\t")
            outcomes.setdefault(name, []).append(outcome)
    return outcomes


def read_tests(path):
    """{test id: [result]} of unittest -v, a reason without its details."""
    results = {}
    name = None
    start = re.compile(r"^(test\w*|setUpClass) \(([\w.]+)\)")
    with open(path, errors="backslashreplace") as file:
        for line in file:
            found = start.match(line)
            if found and not line.startswith(("ERROR:", "FAIL:")):
                name = found.group(2)
                if not name.endswith("." + found.group(1)):
                    name += "." + found.group(1)
            ended = re.search(r"(?:^|\.\.\. )(ok|FAIL|ERROR|skipped|"
                              r"expected failure)\b.*$", line.rstrip("\n"))
            if name and ended and (found or line.startswith(ended.group(1))):
                results.setdefault(name, []).append(ended.group(1))
                name = None
    return results


def explain(run, name, outside, inside):
    """The explanation of a difference, or None."""
    for difference in DIFFERENCES:
        if run not in difference["runs"].split():
            continue
        for ids, was, is_now in difference["rows"]:
            if (re.match(ids, name) and re.match(was, outside)
                    and re.match(is_now, inside)):
                return difference
    return None


def compare(reader, outside_path, inside_path, run, used_path):
    outside, inside = reader(outside_path), reader(inside_path)
    used, unexplained = set(), []
    for name in list(outside) + [n for n in inside if n not in outside]:
        was = " | ".join(outside.get(name, ["(not there)"]))
        is_now = " | ".join(inside.get(name, ["(not there)"]))
        if was == is_now:
            continue
        difference = explain(run, name, was, is_now)
        if difference:
            used.add(difference["name"])
        else:
            unexplained.append((name, was, is_now))
    for name, was, is_now in unexplained[:SHOWN]:
        print(f"{name}\n  outside: {was[:300]}\n  inside:  {is_now[:300]}")
    if len(unexplained) > SHOWN:
        print(f"and {len(unexplained) - SHOWN} more")
    with open(used_path, "a") as file:
        file.writelines(name + "\n" for name in sorted(used))
    if not outside:
        print("nothing was tried")
    return 0 if outside and not unexplained else 1


def unused(used_path, runs):
    with open(used_path) as file:
        used = set(file.read().split("\n"))
    left = [d["name"] for d in DIFFERENCES
            if d["name"] not in used and not d.get("may be missing")
            and set(d["runs"].split()) & set(runs)]
    print("\n".join(left))
    return 1 if left else 0


def main(argv):
    if argv[0] == "names":
        print("\n".join(d["name"] for d in DIFFERENCES))
        return 0
    if argv[0] == "unused":
        return unused(argv[1], argv[2:])
    readers = {"outcomes": read_outcomes, "tests": read_tests}
    return compare(readers[argv[0]], *argv[1:])


sys.exit(main(sys.argv[1:]))
