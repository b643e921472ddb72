"""`tff-compat coverage`: how many symbols of each release are native, moved, adapted, refused."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tff_compat.commands import releases
from tff_compat.commands.errors import CommandError

if TYPE_CHECKING:
    from packaging.version import Version

    from tff_compat.coverage import Answer, Run


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command and its options."""
    parser = commands.add_parser(
        "coverage",
        description="Counts the public functions, classes and constants of each release, and apart "
        "from them the members of classes, by what a program finds on the newest one: the symbol "
        "itself (native), the symbol at another path (moved), an adapter (adapted), an error that "
        "says what to use (refused), or nothing (missing).",
    )
    parser.add_argument("--as-of", metavar="RELEASE", help="list the symbols of one release")
    parser.add_argument("--missing", action="store_true", help="list only what is missing")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="write JSON")
    form.add_argument("--markdown", action="store_true", help="write the page of the documentation")
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace, arguments: Sequence[str]) -> int:
    """Prints what was asked for.

    Raises:
      CommandError: The release is not a published one, or options contradict each other.
    """
    if arguments:
        raise CommandError("coverage takes no arguments.")
    if options.markdown:
        if options.as_of or options.missing:
            raise CommandError("--markdown writes the whole page: --as-of and --missing select.")
        print(_page(), end="")
    elif options.as_of is not None:
        _print_release(releases.named(options.as_of, "--as-of"), options.missing, options.json)
    elif options.missing:
        _print_missing(options.json)
    else:
        _print_table(options.json)
    return 0


# --- One release ----------------------------------------------------------------------------------


def _print_release(release: Version, only_missing: bool, as_json: bool) -> None:
    from tff_compat import coverage

    found = [
        answer
        for answer in coverage.answers(release)
        if answer.status == coverage.MISSING or not only_missing
    ]
    if as_json:
        print(json.dumps({"as_of": str(release), "symbols": list(map(_record, found))}, indent=1))
        return
    for answer in found:
        print(f"{answer.status:8} {answer.path}{_note(answer)}")
    print(_sentence(release, found))


def _record(answer: Answer) -> dict[str, object]:
    record: dict[str, object] = {
        "symbol": answer.path,
        "member": answer.member,
        "status": answer.status,
    }
    if answer.reason:
        record["reason"] = answer.reason
    if answer.entry is not None:
        record["translated_in"] = answer.entry.file
        record["replacement"] = answer.entry.advice
    return record


def _note(answer: Answer) -> str:
    from tff_compat import coverage

    if answer.status == coverage.MOVED and answer.entry is not None:
        name = answer.path[len(answer.entry.path) :]
        return f"  (now {answer.entry.target}{name})"
    return f"  ({answer.reason})" if answer.reason else ""


def _sentence(release: Version, found: Iterable[Answer]) -> str:
    from tff_compat import coverage

    counts = Counter((answer.member, answer.status) for answer in found)
    parts = [
        ", ".join(
            f"{counts[member, status]} {status}"
            for status in coverage.STATUSES
            if counts[member, status]
        )
        for member in (False, True)
    ]
    return f"As of {release}: symbols: {parts[0] or 'none'}; members: {parts[1] or 'none'}."


# --- All releases ---------------------------------------------------------------------------------


def _counts() -> dict[Version, Counter[tuple[bool, str]]]:
    from tff_compat import catalog, coverage

    # Of each kind of answer, the releases by their places: to count these is quick.
    found: dict[tuple[bool, str], Counter[int]] = {}
    for run in coverage.runs():
        kind = run.answer.member, run.answer.status
        found.setdefault(kind, Counter()).update(run.indexes)
    return {
        release: Counter({kind: places[index] for kind, places in found.items()})
        for index, release in enumerate(catalog.load().releases)
    }


def _print_table(as_json: bool) -> None:
    from tff_compat import coverage

    counts = _counts()
    if as_json:
        rows = [
            {
                "release": str(release),
                "symbols": {status: count[False, status] for status in coverage.STATUSES},
                "members": {status: count[True, status] for status in coverage.STATUSES},
            }
            for release, count in counts.items()
        ]
        print(json.dumps(rows, indent=1))
        return
    line = "{:9}" + "{:>9}" * 5 + "  |" + "{:>9}" * 5
    print(line.format("", "symbols", "", "", "", "", "members", "", "", "", ""))
    print(line.format("release", *coverage.STATUSES, *coverage.STATUSES))
    for release, count in counts.items():
        print(line.format(str(release), *_cells(count)))


def _cells(count: Counter[tuple[bool, str]]) -> list[int]:
    from tff_compat import coverage

    return [count[member, status] for member in (False, True) for status in coverage.STATUSES]


def _missing() -> list[Run]:
    from tff_compat import coverage

    return [run for run in coverage.runs() if run.answer.status == coverage.MISSING]


def _print_missing(as_json: bool) -> None:
    from tff_compat import catalog

    found = _missing()
    if as_json:
        rows = [
            {**_record(run.answer), "releases": [str(release) for release in run.releases]}
            for run in found
        ]
        print(json.dumps(rows, indent=1))
        return
    for run in found:
        print(f"{run.answer.path}  {catalog.load().runs(run.releases)}: {run.answer.reason}")
    print(f"{len({run.answer.path for run in found})} symbols and members are missing.")


# --- The page of the documentation ----------------------------------------------------------------

_HEAD = """\
# Coverage

Generated by `tff-compat coverage --markdown`; edit nothing here.

What a program written for a release finds on TFF {primary}, for each public function, class and
constant of the release, and apart from them for each member of a class:

| word | meaning |
|---|---|
| native | TFF {primary} has it and takes every call that the release took |
| moved | TFF {primary} has it at another path, where the view finds it |
| adapted | an adapter accepts the release's calls and drives TFF {primary} |
| refused | using it raises `LegacyAPIError`, which says why and what to use |
| missing | gone, or no longer takes the release's calls, and nothing stands for it yet |

`tff-compat coverage --as-of RELEASE` lists the symbols of one release, `tff-compat explain SYMBOL`
tells one symbol's life and in which file it is translated.
"""


def _page() -> str:
    from tff_compat import coverage

    lines = [_HEAD.format(primary=coverage.PRIMARY), "## By release", ""]
    lines.append("| release | " + " | ".join((*coverage.STATUSES, *coverage.STATUSES)) + " |")
    lines.append("|---" + "|--:" * 10 + "|")
    for release, count in _counts().items():
        lines.append(f"| {release} | " + " | ".join(map(str, _cells(count))) + " |")
    lines += ["", "The first five columns are symbols, the last five members of classes.", ""]
    runs = list(coverage.runs())
    lines += _refused_section([run for run in runs if run.answer.status == coverage.REFUSED])
    lines += _missing_section([run for run in runs if run.answer.status == coverage.MISSING])
    return "\n".join(lines).rstrip() + "\n"


def _refused_section(refused: list[Run]) -> list[str]:
    from tff_compat import catalog

    lines = ["## Refused", ""]
    for run in refused:
        entry = run.answer.entry
        assert entry is not None
        if run.answer.path == entry.path:
            when = catalog.load().runs(run.releases)
            lines.append(
                f"* `{run.answer.path}` ({when}): {entry.reason} Use instead: {entry.replacement}"
            )
    return [*lines, "", *([] if refused else ["None.", ""])]


def _missing_section(missing: list[Run]) -> list[str]:
    from tff_compat import catalog

    lines = ["## Missing", ""]
    if not missing:
        return [*lines, "None."]
    places: dict[str, set[tuple[bool, str]]] = {}
    for run in missing:
        place = _namespace(run.answer)
        places.setdefault(place, set()).add((run.answer.member, run.answer.path))
    lines += ["| namespace | symbols | members |", "|---|--:|--:|"]
    for place, paths in sorted(places.items()):
        members = sum(member for member, _ in paths)
        lines.append(f"| `{place}` | {len(paths) - members} | {members} |")
    lines += ["", "### Symbols", ""]
    for run in missing:
        if not run.answer.member:
            when = catalog.load().runs(run.releases)
            lines.append(f"* `{run.answer.path}` ({when}): {run.answer.reason}")
    lines += ["", "### Members of classes that are there", ""]
    together: dict[tuple[str, str], list[str]] = {}
    for run in missing:
        if run.answer.member and run.answer.reason != "its class is missing":
            owner, _, name = run.answer.path.rpartition(".")
            when = catalog.load().runs(run.releases)
            together.setdefault((owner, run.answer.reason), []).append(f"`{name}` ({when})")
    for (owner, reason), names in together.items():
        lines.append(f"* `{owner}`: {', '.join(names)}: {reason}")
    return lines


def _namespace(answer: Answer) -> str:
    """The two first names of a path where they are modules, such as `tff.learning`."""
    from tff_compat import catalog

    first = ".".join(answer.path.split(".")[:2])
    symbol = catalog.load().symbol(first)
    return first if symbol is not None and symbol.kind == "module" else "tff"
