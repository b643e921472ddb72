"""Runs the programs on every installed release of the matrix, and writes the table in the docs.

    tox -e matrix                        (or: python tools/matrix.py [ENVIRONMENT...])

runs the tox environments `py311-tff0.87` to `py39-tff0.20` in turn; each has tff-compat beside that
release. What each says is kept in `.tox/matrix-results/`, so that single ones can be run again.
The table in `docs/matrix.md` has a row for each installed release and a column for each release
whose programs are run.
"""

from __future__ import annotations

import argparse
import collections
import datetime
import subprocess
import sys
import xml.etree.ElementTree
from collections.abc import Sequence
from pathlib import Path

from packaging.version import Version

_ROOT = Path(__file__).resolve().parent.parent
_RESULTS = _ROOT / ".tox" / "matrix-results"
_TABLE = _ROOT / "docs" / "matrix.md"
_TEST = "test_prints_what_the_real_release_printed"

_RELEASES_BY_PYTHON = {
    "py311": "0.87 0.86 0.84 0.80 0.76 0.72 0.70 0.68 0.64",
    "py39": "0.63 0.61 0.56 0.52 0.48 0.40 0.33 0.27 0.20",
}
ENVIRONMENTS = [
    f"{python}-tff{release}"
    for python, releases in _RELEASES_BY_PYTHON.items()
    for release in releases.split()
]

_TITLE = """# The matrix

Programs of each release, run as of that release on each installed release that is not earlier, and
compared with what they printed on the real one: passed / all. `tox -e matrix` writes this page.
"""


def _column(test_id: str) -> str:
    return test_id.partition("[")[2].partition("/")[0]


def _cells(results: Path) -> tuple[dict[str, collections.Counter[str]], str]:
    """Of one environment: the outcomes by the programs' release, and the date of the run."""
    suite = next(xml.etree.ElementTree.parse(results).iter("testsuite"))
    cells: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for case in suite.iter("testcase"):
        if case.get("name", "").startswith(_TEST):
            bad = [each for each in case if each.tag in ("failure", "error", "skipped")]
            cells[_column(case.get("name", ""))]["failed" if bad else "passed"] += 1
    return cells, suite.get("timestamp", "")[:10]


def _release(environment: str) -> str:
    return environment.rpartition("tff")[2]


def table(environments: Sequence[str]) -> str:
    """The page, from the results that are there."""
    rows = {}
    for environment in environments:
        results = _RESULTS / f"{environment}.xml"
        if results.exists():
            rows[environment] = _cells(results)
    columns = sorted({column for cells, _ in rows.values() for column in cells}, key=Version)
    lines = [
        _TITLE,
        "| installed | date | " + " | ".join(columns) + " |",
        "|---" * (len(columns) + 2) + "|",
    ]
    for environment, (cells, date) in rows.items():
        shown = [_shown(cells.get(column)) for column in columns]
        lines.append(f"| {_release(environment)} | {date} | " + " | ".join(shown) + " |")
    missing = [_release(each) for each in environments if each not in rows]
    if missing:
        lines.append(f"\nNot run yet: {', '.join(missing)}.")
    return "\n".join(lines) + "\n"


def _shown(cell: collections.Counter[str] | None) -> str:
    if cell is None:
        return ""
    whole = sum(cell.values())
    return f"{cell['passed']}/{whole}" if not cell["failed"] else f"**{cell['passed']}/{whole}**"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("environments", nargs="*", metavar="ENVIRONMENT", help="default: all")
    options = parser.parse_args(arguments)
    _RESULTS.mkdir(parents=True, exist_ok=True)
    failed = []
    for environment in options.environments or ENVIRONMENTS:
        print(f"== {environment} {datetime.datetime.now():%H:%M:%S}", flush=True)
        results = _RESULTS / f"{environment}.xml"
        command = [sys.executable, "-m", "tox", "run", "-e", environment, "--"]
        status = subprocess.run([*command, f"--junitxml={results}"], cwd=_ROOT).returncode
        if status != 0:
            failed.append(environment)
        _TABLE.write_text(table(ENVIRONMENTS), encoding="utf-8")
    if failed:
        print(f"Failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
