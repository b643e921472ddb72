"""Chooses the tests that `tox` leaves to `tox -e full`, from how long each of them took.

    tox -e full -- --junitxml=times.xml -o junit_duration_report=call
    python tools/mark_slow.py times.xml [--share 0.35]

leaves out the slowest ones until the others take that share of the time of all, and writes their
ids to `tests/slow.txt`. Of the programs of each release the fastest one stays.
"""

from __future__ import annotations

import argparse
import re
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from pathlib import Path

_SLOW = Path(__file__).resolve().parent.parent / "tests" / "slow.txt"
_PROGRAM = re.compile(r"tests/test_programs\.py::\w+\[(?P<release>[\d.]+)/")


def times(junit: Path) -> dict[str, float]:
    """The seconds that each test took, by its id."""
    found = {}
    for case in ElementTree.parse(junit).iter("testcase"):
        module = case.get("classname", "")
        # Classes of tests begin with a capital, modules do not.
        path, *classes = re.split(r"\.(?=[A-Z])", module)
        names = [path.replace(".", "/") + ".py", *classes, case.get("name", "")]
        found["::".join(names)] = float(case.get("time", "0"))
    return found


def slow(seconds: Mapping[str, float], share: float) -> list[str]:
    """The ids of the slowest tests, without which the others take that share of the time."""
    left = sum(seconds.values())
    most = left * share
    fastest: dict[str, str] = {}
    for test in sorted(seconds, key=lambda each: (seconds[each], each)):
        match = _PROGRAM.match(test)
        if match:
            fastest.setdefault(match["release"], test)
    kept = set(fastest.values())
    found = []
    for test in sorted(seconds, key=lambda each: (-seconds[each], each)):
        if left <= most:
            break
        if test not in kept:
            found.append(test)
            left -= seconds[test]
    return sorted(found)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("junit", type=Path, help="what pytest's --junitxml wrote")
    parser.add_argument("--share", type=float, default=0.35, help="of the time, for the others")
    options = parser.parse_args(arguments)
    seconds = times(options.junit)
    found = slow(seconds, options.share)
    _SLOW.write_text("".join(f"{test}\n" for test in found), encoding="utf-8")
    print(f"{len(found)} of {len(seconds)} tests are slow")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
