"""Runs the programs on every installed release of the matrix, and writes the table in the docs.

    tox -e matrix                        (or: python tools/matrix.py [ENVIRONMENT...])

runs the tox environments such as `py39-tff0.20` in turn; each has tff-compat beside that release.
What became of each program is kept in `docs/matrix.json`, so that single environments can be run
again, with `--only EXPRESSION` (of `pytest -k`) single programs, and with `--unfinished` those
that have not passed yet. The table in `docs/matrix.md` has a row for each installed release and a
column for each release whose programs are run.
"""

from __future__ import annotations

import argparse
import collections
import datetime
import json
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree
from collections.abc import Sequence
from pathlib import Path

from packaging.version import Version

_ROOT = Path(__file__).resolve().parent.parent
_PROGRAMS = _ROOT / "tests" / "programs"
_RESULTS = _ROOT / "docs" / "matrix.json"
_TABLE = _ROOT / "docs" / "matrix.md"
_TEST = "test_prints_what_the_real_release_printed"


def _environments() -> list[str]:
    """Those of `tox.ini`, whose section has all of them: the newest release first."""
    text = (_ROOT / "tox.ini").read_text("utf-8")
    (factors,) = re.findall(r"^\[testenv:py\{(\d+-tff[^}]+)\}\]$", text, re.M)
    return [f"py{factor}" for factor in factors.split(",")]


ENVIRONMENTS = _environments()

_TITLE = """# The matrix

Programs of each release, run as of that release on each installed release that is not earlier, and
compared with what they printed on the real one: passed / all. `tox -e matrix` writes this page.
"""


_Results = dict[str, dict[str, dict[str, str]]]
"""By environment and program (``"0.9.0/evaluation"``): its outcome and the date of the run."""


def _read(results: Path) -> dict[str, dict[str, str]]:
    """What became of each program in one run of one environment."""
    suite = next(xml.etree.ElementTree.parse(results).iter("testsuite"))
    date = suite.get("timestamp", "")[:10]
    found = {}
    for case in suite.iter("testcase"):
        test, _, program = case.get("name", "").rstrip("]").partition("[")
        if test == _TEST:
            bad = any(each.tag in ("failure", "error", "skipped") for each in case)
            found[program] = {"outcome": "failed" if bad else "passed", "date": date}
    return found


def _release(environment: str) -> str:
    return environment.rpartition("tff")[2]


def _programs() -> set[str]:
    return {f"{file.parent.name}/{file.stem}" for file in _PROGRAMS.glob("*/*.py")}


def _expected(environment: str, programs: set[str]) -> set[str]:
    """The programs that an environment runs: those of its release and before."""
    installed = Version(_release(environment))
    return {
        each
        for each in programs
        if Version(each.partition("/")[0]).release[:2] <= installed.release
    }


def _unfinished(results: _Results, environment: str) -> list[str]:
    found = results.get(environment, {})
    return sorted(
        program
        for program in _expected(environment, _programs())
        if found.get(program, {}).get("outcome") != "passed"
    )


def table(results: _Results, environments: Sequence[str]) -> str:
    """The page, from the results that are there."""
    programs = _programs()
    columns = sorted({each.partition("/")[0] for each in programs}, key=Version)
    lines = [
        _TITLE,
        "| installed | date | " + " | ".join(columns) + " |",
        "|---" * (len(columns) + 2) + "|",
    ]
    missing = []
    for environment in environments:
        found = results.get(environment, {})
        expected = _expected(environment, programs)
        if not expected <= found.keys():
            missing.append(f"{_release(environment)} ({len(expected - found.keys())})")
        cells: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
        for program in expected & found.keys():
            cells[program.partition("/")[0]][found[program]["outcome"]] += 1
        date = min((found[each]["date"] for each in expected & found.keys()), default="")
        shown = [_shown(cells.get(column)) for column in columns]
        lines.append(f"| {_release(environment)} | {date} | " + " | ".join(shown) + " |")
    if missing:
        lines.append(f"\nInstalled releases with programs not run yet: {', '.join(missing)}.")
    return "\n".join(lines) + "\n"


def merge(results: _Results, environment: str, run: Path) -> None:
    """Takes over what one run of an environment says, and forgets programs that are gone."""
    found = {**results.get(environment, {}), **_read(run)}
    results[environment] = {each: found[each] for each in sorted(found.keys() & _programs())}


def write(results: _Results) -> None:
    """Writes the results and the table."""
    _RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    _TABLE.write_text(table(results, ENVIRONMENTS), encoding="utf-8")


def _shown(cell: collections.Counter[str] | None) -> str:
    if cell is None:
        return ""
    whole = sum(cell.values())
    return f"{cell['passed']}/{whole}" if not cell["failed"] else f"**{cell['passed']}/{whole}**"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("environments", nargs="*", metavar="ENVIRONMENT", help="default: all")
    parser.add_argument("--only", metavar="EXPRESSION", help="of programs, as `pytest -k` takes it")
    parser.add_argument(
        "--unfinished", action="store_true", help="only programs that have not passed yet"
    )
    options = parser.parse_args(arguments)
    results = json.loads(_RESULTS.read_text(encoding="utf-8")) if _RESULTS.exists() else {}
    failed = []
    for environment in options.environments or ENVIRONMENTS:
        only = ["-k", options.only] if options.only else []
        if options.unfinished:
            unfinished = _unfinished(results, environment)
            if not unfinished:
                continue
            only = ["-k", " or ".join(unfinished)]
        print(f"== {environment} {datetime.datetime.now():%H:%M:%S}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            run = Path(folder, "results.xml")
            command = [sys.executable, "-m", "tox", "run", "-e", environment, "--", *only]
            status = subprocess.run([*command, f"--junitxml={run}"], cwd=_ROOT).returncode
            if status != 0:
                failed.append(environment)
            if run.exists():
                merge(results, environment, run)
        write(results)
    if failed:
        print(f"Failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
