"""Pins every recipe to the last package: resolves `recipes.json` and writes `locks.json` beside it.

    python tools/lock_recipes.py                 all releases
    python tools/lock_recipes.py 0.13.1 0.87.0   these; the others stay as they are

It needs `uv`, the Pythons of the recipes, and a package index, as configured for uv. What is pinned
leaves room for tff-compat itself and for pytest: each recipe is resolved together with them first,
and then alone, with the versions found.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import configparser
import functools
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from packaging.version import Version
from tff_compat.recipes import environment

_ROOT = Path(__file__).resolve().parent.parent
_DATA = _ROOT / "compat" / "tff_compat" / "recipes"
_LOCKS = _DATA / "locks.json"

# The oldest that people still have: what an earlier one lacks nobody can be asked to use, and
# packages that need a later one are left out.
_PATCH_RELEASES = {"3.7": "3.7.9", "3.8": "3.8.10", "3.9": "3.9.10", "3.11": "3.11.4"}
_PLATFORM = "x86_64-manylinux_2_31"


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the data and gives the exit status: the number of releases that do not resolve."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("releases", nargs="*", metavar="RELEASE")
    parser.add_argument("--jobs", type=int, default=4)
    options = parser.parse_args(arguments)
    entries = _entries()
    unknown = set(options.releases) - set(entries)
    if unknown:
        parser.error(f"recipes.json has no {', '.join(sorted(unknown))}")
    wanted = options.releases or list(entries)
    published = _published(entries)
    pins = _known_pins() if options.releases else {}
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        running = {pool.submit(_pins, release, entries[release]): release for release in wanted}
        for ended in concurrent.futures.as_completed(running):
            release = running[ended]
            try:
                pins[release] = ended.result()
            except ResolutionError as error:
                failed += 1
                print(f"{release}: {error}", file=sys.stderr)
            else:
                print(f"{release}: {len(pins[release])} packages", flush=True)
    if not failed:
        _write(pins, published)
    return failed


class ResolutionError(RuntimeError):
    """uv finds no solution; the text is what it says."""


def _entries() -> dict[str, dict[str, Any]]:
    """What `recipes.json` says of each release, in ascending order."""
    text = (_DATA / "recipes.json").read_text("utf-8")
    found = {
        release: {**entry, "tensorflow": tensorflow}
        for entry in json.loads(text)["recipes"]
        for release, tensorflow in entry["releases"].items()
    }
    return {release: found[release] for release in sorted(found, key=Version)}


def _known_pins() -> dict[str, list[str]]:
    locks = json.loads(_LOCKS.read_text("utf-8"))["locks"]
    return {release: lock["pins"] for lock in locks for release in lock["releases"]}


def _companions(python: str) -> list[str]:
    """What people install beside a release, tff-compat included where it runs."""
    if python in ("3.7", "3.8"):
        return ["pytest"]
    setup = configparser.ConfigParser()
    setup.read(_ROOT / "setup.cfg")
    extras = setup["options.extras_require"]
    lines = [setup["options"]["install_requires"], extras["test"]]
    return [line for line in "\n".join(lines).splitlines() if line]


def _pins(release: str, entry: Mapping[str, Any]) -> list[str]:
    """The packages of a release, without TFF and TensorFlow themselves, which differ more often."""
    wanted = [f"tensorflow-federated=={release}", *entry.get("requirements", ())]
    bounds = [f"tensorflow=={entry['tensorflow']}", *entry.get("constraints", ())]
    overrides = list(entry.get("overrides", ()))
    python = entry["python"]
    together = _resolve([*wanted, *_companions(python)], bounds, overrides, python)
    alone = _resolve(wanted, together, overrides, python)
    return [pin for pin in alone if not re.match("tensorflow(-federated)?==", pin)]


def _resolve(
    wanted: Iterable[str], constraints: Iterable[str], overrides: Iterable[str], python: str
) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="lock-") as scratch:
        files = {}
        for name, lines in (("in", wanted), ("bounds", constraints), ("overrides", overrides)):
            files[name] = os.path.join(scratch, f"{name}.txt")
            Path(files[name]).write_text("".join(f"{line}\n" for line in lines), "utf-8")
        output = _uv(
            ["pip", "compile", "--quiet", "--no-header", "--no-annotate", "--no-config"]
            # Some packages tell what they need only when they are built.
            + ["--python", _interpreter(python), "--python-version", _PATCH_RELEASES[python]]
            + ["--python-platform", _PLATFORM]
            + ["--constraint", files["bounds"], "--override", files["overrides"], files["in"]]
        )
    return [line for line in output.splitlines() if line]


@functools.cache
def _interpreter(python: str) -> str:
    return environment._find_python(environment._find_uv(), python, print)


def _uv(arguments: Sequence[str]) -> str:
    ended = subprocess.run(
        [environment._find_uv(), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=environment._environment(),
        cwd=tempfile.gettempdir(),
        text=True,
    )
    if ended.returncode != 0:
        raise ResolutionError(ended.stderr)
    return ended.stdout


def _published(releases: Iterable[str]) -> dict[str, str]:
    """The day on which each release was published, as the index says it."""
    header = _uv(["pip", "compile", "--quiet", "--emit-index-url", "--no-config", os.devnull])
    match = re.search(r"^--index-url (\S+)", header, re.MULTILINE)
    if match is None:
        raise ResolutionError("uv does not say which index it uses")
    request = urllib.request.Request(
        f"{match.group(1).rstrip('/')}/tensorflow-federated/",
        headers={"Accept": "application/vnd.pypi.simple.v1+json"},
    )
    with urllib.request.urlopen(request) as answer:
        text = answer.read().decode("utf-8")
    days: dict[str, str] = {}
    for name, day in _files(text):
        release = name.split("-")[1]
        days[release] = min(day, days.get(release, day))
    wanted = list(releases)
    if missing := [release for release in wanted if release not in days]:
        raise SystemExit(f"The index has no tensorflow-federated {', '.join(missing)}.")
    return {release: days[release] for release in wanted}


def _files(text: str) -> list[tuple[str, str]]:
    """The names of the files that an index lists, and the days on which they came there."""
    if text.startswith("{"):
        return [(file["filename"], file["upload-time"][:10]) for file in json.loads(text)["files"]]
    # Mirrors that have only the older form of the page keep the time in an attribute of the link.
    found = re.findall(r'<a [^>]*data-upload-time="([^"]*)"[^>]*>([^<]*)</a>', text)
    return [(name, time[:10]) for time, name in found]


def _write(pins: Mapping[str, list[str]], published: Mapping[str, str]) -> None:
    shared: dict[tuple[str, ...], list[str]] = {}
    for release in published:
        shared.setdefault(tuple(pins[release]), []).append(release)
    data = {
        "published": published,
        "locks": [{"releases": releases, "pins": lock} for lock, releases in shared.items()],
    }
    _LOCKS.write_text(json.dumps(data, indent=1) + "\n", "utf-8")
    print(f"{len(shared)} locks for {len(published)} releases in {_LOCKS}")


if __name__ == "__main__":
    sys.exit(main())
