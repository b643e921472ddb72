"""Runs a program on a real release and through tff-compat, and shows where they differ.

    python tools/compare.py PROGRAM --release R [--environment PATH] [-- ARGS]

builds the environment of the release from its recipe, unless it is there, runs the program in it,
then as of the release on the TFF of this Python, and compares exit status, standard output (numbers
to 1e-5) and the files written. The exit status is 1 where they differ.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from packaging.version import Version
from tff_compat import catalog, recipes
from tff_compat.proving import comparing, running


def _told(title: str, outcome: comparing.Outcome) -> None:
    print(f"== {title}: exit status {outcome.status}")
    print(outcome.output.rstrip())
    if outcome.status and outcome.errors.strip():
        print("\n".join(outcome.errors.strip().splitlines()[-12:]))


def compare(program: Path, release: Version, environment: Path, arguments: list[str]) -> list[str]:
    """The differences between a run on the real release and one through tff-compat."""
    python = recipes.build(recipes.recipe(release), environment, progress=print)
    project = running.Project(program.parent, [program.name, *arguments], seconds=1800)
    real = project.plain(str(python), {})
    _told(f"TFF {release}", real)
    ours = project.as_of(release, sys.executable)
    _told(f"as of TFF {release}", ours)
    return comparing.differences(real, ours)


def main() -> int:
    words = sys.argv[1:]
    arguments: list[str] = []
    if "--" in words:
        position = words.index("--")
        words, arguments = words[:position], words[position + 1 :]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=Path)
    parser.add_argument("--release", required=True)
    parser.add_argument("--environment", type=Path, help="where the real release is, or is built")
    options = parser.parse_args(words)
    release = catalog.load().resolve(options.release)
    environment = options.environment or recipes.cached_path(release)
    found = compare(options.program.resolve(), release, environment, arguments)
    print("== " + ("the same" if not found else "differences"))
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
