"""Measures how often the release of a program is inferred right, by its code alone.

    python tools/measure_inference.py [FOLDER] [--tff-repo PATH] [--show] [--run]

FOLDER has programs in folders named after their release, by default `tests/programs`. With a clone
of TFF its tutorials are measured too: each version of each with the releases at whose tags it
stands. docs/inference.md says what counts as right and as compatible.

With `--run`, on the primary release, each program whose release is not inferred right is run as of
the inferred one, and what it prints is compared with its reference.
"""

from __future__ import annotations

import argparse
import ast
import collections
import dataclasses
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from packaging.version import Version
from tff_compat.catalog import Catalog, UnknownReleaseError, load
from tff_compat.source.inference import Program, SourceError
from tff_compat.source.reading import read

TESTS = Path(__file__).parent.parent / "tests"
PROGRAMS = TESTS / "programs"


@dataclasses.dataclass(frozen=True)
class Sample:
    """A program with the releases that it was published for."""

    name: str
    path: Path
    releases: tuple[Version, ...]


@dataclasses.dataclass(frozen=True)
class Result:
    """What was inferred: `kind` is "right", "compatible", "wrong", or why it does not count."""

    sample: Sample
    kind: str
    inferred: Version | None = None
    differences: tuple[str, ...] = ()


UNREADABLE = "not Python 3"
STALE = "using what no release has at whose tag they stand"


def programs(folder: Path, catalog: Catalog) -> Iterator[Sample]:
    """Yields the programs of a folder."""
    for path in sorted(folder.glob("*/*")):
        if path.suffix in (".py", ".ipynb"):
            release = catalog.resolve(path.parent.name)
            yield Sample(f"{path.parent.name}/{path.name}", path, (release,))


def tutorials(clone: Path, folder: Path, catalog: Catalog) -> Iterator[Sample]:
    """Yields the versions of the tutorials in a clone of TFF, written into a folder.

    Versions with the same code are one, whatever they install. A tutorial that uses what is not
    in the release at whose tag it stands was not written for it.
    """

    def git(*arguments: str) -> bytes:
        command = ["git", "-C", str(clone), *arguments]
        return subprocess.run(command, check=True, capture_output=True).stdout

    tags: dict[tuple[str, str], list[Version]] = {}
    for tag in git("tag").decode().split():
        try:
            release = catalog.resolve(tag.lstrip("v"))
        except UnknownReleaseError:
            continue  # A tag without a package.
        for line in git("ls-tree", "-r", tag, "docs").decode().splitlines():
            (_, _, blob), name = line.partition("\t")[0].split(), line.partition("\t")[2]
            if name.endswith(".ipynb"):
                tags.setdefault((Path(name).name, blob), []).append(release)
    found: dict[tuple[str, str], Sample] = {}
    for (name, blob), releases in tags.items():
        try:
            content = git("cat-file", "blob", blob)
        except subprocess.CalledProcessError:
            print(f"{name} of {min(releases)} is not in this clone")
            continue
        # In a folder of its own, so that nothing stands beside it.
        path = folder / blob / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        code = "\n".join(ast.dump(part.tree) for part in read(path).parts)
        same = found.get((name, code))
        if same is not None:
            releases, path = [*releases, *same.releases], same.path
        label = f"{min(releases)}/{name}"
        found[name, code] = Sample(label, path, tuple(sorted(releases)))
    for sample in found.values():
        program = Program(sample.path)
        fitting = tuple(release for release in sample.releases if not program.missing(release))
        yield dataclasses.replace(sample, releases=fitting)


def measure(sample: Sample) -> Result:
    """Infers the release of a program, and compares it with those that it was published for."""
    try:
        program = Program(sample.path)
    except SourceError:
        return Result(sample, UNREADABLE)
    if not sample.releases:
        return Result(sample, STALE)
    inferred = program.by_code().release
    if inferred in sample.releases:
        return Result(sample, "right", inferred)
    found = [text for release in sample.releases for text in program.differences(release, inferred)]
    differences = tuple(dict.fromkeys(found))
    return Result(sample, "wrong" if differences else "compatible", inferred, differences)


def show(title: str, results: list[Result]) -> None:
    """Prints the shares."""
    counts = collections.Counter(result.kind for result in results)
    kinds = ("right", "compatible", "wrong")
    total = sum(counts[kind] for kind in kinds)
    shares = ", ".join(f"{kind} {counts[kind]} ({counts[kind] / total:.1%})" for kind in kinds)
    good = (total - counts["wrong"]) / total
    print(f"{title}: {total} programs: {shares}; right or compatible {good:.1%}")
    for kind in (UNREADABLE, STALE):
        if counts[kind]:
            print(f"    left out: {counts[kind]} {kind}")


def run(results: list[Result], folder: Path) -> None:
    """Runs programs as of the releases that were inferred wrong, and prints what differs."""
    sys.path.insert(0, str(TESTS))
    import test_programs

    server = test_programs.Server(folder / "log")
    counts: collections.Counter[tuple[str, bool]] = collections.Counter()
    for result in results:
        sample = result.sample
        reference = TESTS / "references" / sample.path.parent.name / f"{sample.path.stem}.json"
        if result.kind not in ("compatible", "wrong"):
            continue
        own = folder / sample.name
        own.mkdir(parents=True)
        server.run(str(result.inferred), sample.path.absolute(), own)
        lines = (own / "out").read_text(encoding="utf-8", errors="replace").splitlines()
        try:
            printed = json.loads(lines[-1])
        except (IndexError, ValueError):
            printed = None
        expected = json.loads(reference.read_text(encoding="utf-8"))["output"]
        found = test_programs.differences(expected, printed)
        counts[result.kind, not found] += 1
        if found:
            print(f"{sample.name} ({result.kind}) as of {result.inferred}: {found[0]}", flush=True)
    server.close()
    for kind in ("compatible", "wrong"):
        same, total = counts[kind, True], counts[kind, True] + counts[kind, False]
        print(f"run as of the inferred release: of {total} {kind}, {same} print the same")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=PROGRAMS)
    parser.add_argument(
        "--tff-repo", type=Path, metavar="PATH", help="a clone of TFF with its tags"
    )
    parser.add_argument("--show", action="store_true", help="show what is wrong and why")
    parser.add_argument("--run", action="store_true", help="run those that are not right")
    options = parser.parse_args()
    catalog = load()
    with tempfile.TemporaryDirectory() as folder:
        corpora = {str(options.folder): programs(options.folder, catalog)}
        if options.tff_repo is not None:
            corpora["tutorials"] = tutorials(options.tff_repo, Path(folder), catalog)
        everything: list[Result] = []
        for title, corpus in corpora.items():
            results = [measure(sample) for sample in corpus]
            for result in results:
                if options.show and result.kind not in ("right", "compatible"):
                    print(f"{result.sample.name}: {result.kind}: {result.inferred or ''}")
                    print("".join(f"    {text}\n" for text in result.differences), end="")
            show(title, results)
            everything += results
        if len(corpora) > 1:
            show("together", everything)
        if options.run:
            run([each for each in everything if PROGRAMS in each.sample.path.parents], Path(folder))


if __name__ == "__main__":
    main()
