"""Verifies the recipes of releases, and writes the table in the docs.

    python tools/verify_recipes.py --all | RELEASE… [--jobs 2] [--again] [--keep]

builds each environment anew, verifies it and removes it. Each result is kept at once in
`docs/recipes-verified.json`, so that a run which was interrupted goes on where it stopped. The
table `docs/recipes-verified.md` is made from that.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import datetime
import functools
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from packaging.version import Version
from tff_compat.recipes import Recipe, RecipeError, build, recipe, recipes
from tff_compat.recipes.verification import verify

_DOCS = Path(__file__).resolve().parent.parent / "docs"
_RESULTS = _DOCS / "recipes-verified.json"
_TABLE = _DOCS / "recipes-verified.md"

_TITLE = """# Verified recipes

For each release: its environment was built from its recipe, and the real release in it imported,
summed numbers of clients, and trained for one round of federated averaging by its own API with the
numbers of plain arithmetic. Since 2026-11-27 also LSTM, GRU, SimpleRNN, Conv2D, BatchNormalization
and Embedding were each built with the Keras beside it, trained, saved as h5 and loaded,
and since 2026-11-28 TensorBoard was loaded with its plugins.
`tools/verify_recipes.py --all` writes this page.
"""


def _load() -> dict[str, dict[str, Any]]:
    return dict(json.loads(_RESULTS.read_text("utf-8"))) if _RESULTS.exists() else {}


def _replace(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)


def _keep(release: Version, entry: dict[str, Any]) -> None:
    results = _load()
    results[str(release)] = entry
    ordered = {key: results[key] for key in sorted(results, key=Version)}
    _replace(_RESULTS, json.dumps(ordered, indent=1) + "\n")
    _replace(_TABLE, table(ordered))


def table(results: dict[str, dict[str, Any]]) -> str:
    """The page, with a row for each release of the results."""
    good = sum(each["result"] == "verified" for each in results.values())
    lines = [
        _TITLE,
        f"{good} of {len(recipes())} verified.\n",
        "| release | Python | TensorFlow | date | built in s | ran in s | result |",
        "|---|---|---|---|---|---|---|",
    ]
    for release, each in results.items():
        keys = ("python", "tensorflow", "date", "built", "ran", "result")
        lines.append(f"| {release} | " + " | ".join(str(each[key]) for key in keys) + " |")
    return "\n".join(lines) + "\n"


def _verified(each: Recipe, *, keep: bool, folder: Path) -> dict[str, Any]:
    """Builds and verifies one environment; a process of its own, as verifying ends its children."""
    path = folder / f"tff{each.release}"
    entry: dict[str, Any] = {
        "python": each.python,
        "tensorflow": each.tensorflow,
        "date": f"{datetime.date.today()}",
        "built": "",
        "ran": "",
    }
    shutil.rmtree(path, ignore_errors=True)
    start = time.monotonic()
    try:
        python = build(each, path, progress=lambda line: None)
    except RecipeError as error:
        entry["result"] = f"not built: {str(error).splitlines()[-1].strip()}"
    else:
        entry["built"] = round(time.monotonic() - start)
        result = verify(each, python)
        entry["ran"] = round(result.seconds)
        last = (result.message.splitlines() or [""])[-1].strip()
        entry["result"] = "verified" if result.passed else f"fails at {result.stage}: {last}"
    finally:
        if not keep:
            shutil.rmtree(path, ignore_errors=True)
    return entry


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("releases", nargs="*", metavar="RELEASE")
    parser.add_argument("--all", action="store_true", help="every published release")
    parser.add_argument("--again", action="store_true", help="those too that have a result")
    parser.add_argument("--jobs", type=int, default=1, help="how many at once")
    parser.add_argument("--keep", action="store_true", help="do not remove the environments")
    parser.add_argument("--folder", type=Path, help="where to build (default: a temporary folder)")
    options = parser.parse_args(arguments)
    if bool(options.releases) == options.all:
        parser.error("name releases, or give --all")
    wanted = list(recipes()) if options.all else [Version(each) for each in options.releases]
    if not options.again:
        done = _load()
        wanted = [each for each in wanted if str(each) not in done]
    folder = options.folder or Path(tempfile.mkdtemp(prefix="tff-compat-verify-"))
    failed = 0
    with concurrent.futures.ProcessPoolExecutor(options.jobs) as pool:
        one = functools.partial(_verified, keep=options.keep, folder=folder)
        for release, entry in zip(wanted, pool.map(one, [recipe(each) for each in wanted])):
            _keep(release, entry)
            print(release, entry["built"], entry["ran"], entry["result"], flush=True)
            failed += entry["result"] != "verified"
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
