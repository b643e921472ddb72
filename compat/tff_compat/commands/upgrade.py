"""`tff-compat upgrade`: writes the modern code into source files."""

from __future__ import annotations

import argparse
import collections
import difflib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tff_compat.commands import selection
from tff_compat.commands.errors import CommandError

if TYPE_CHECKING:
    from tff_compat.source.programs import Checked
    from tff_compat.source.rewriting import Rewritten
    from tff_compat.source.writing import Finding


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command and its options."""
    parser = commands.add_parser(
        "upgrade",
        description="Writes what `check` finds and what is exact: the same numbers on the target "
        "release, without tff-compat. Every byte outside of the edits stays; what cannot be "
        "written is left as it is, and listed.",
    )
    selection.add_options(parser)
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--diff", action="store_true", help="show the changes, and write nothing")
    shown.add_argument(
        "--check", action="store_true", help="write nothing; the status is 1 if there were changes"
    )
    parser.add_argument(
        "--unsafe", action="store_true", help="write also what somebody has to look at"
    )
    parser.add_argument(
        "--annotate", action="store_true", help="put a TODO comment above what is left"
    )
    parser.add_argument(
        "--report", metavar="FILE.html", type=Path, help="write a page with both versions"
    )
    parser.add_argument(
        "--prove",
        metavar="COMMAND",
        help="run a command such as 'train.py --rounds 3' or 'pytest tests' before, and after "
        "without tff-compat, and write only what keeps its results",
    )
    parser.add_argument(
        "--real", action="store_true", help="with --prove: run it on the real release too"
    )
    parser.add_argument(
        "--with",
        dest="packages",
        metavar="PACKAGE",
        nargs="+",
        default=[],
        help="with --prove: what the program needs besides TFF",
    )
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace, arguments: Sequence[str]) -> int:
    """Writes the files; the status is 0, or with --check 1 where something would change.

    Raises:
      CommandError: A file cannot be read or written; then nothing is changed.
    """
    from tff_compat.running.console import say
    from tff_compat.source import storing

    if options.prove is None and (options.real or options.packages):
        given = "--real" if options.real else "--with"
        raise CommandError(f"{given} goes with --prove.")
    asked = selection.selection(options)
    if options.real and asked.as_of is not None and asked.as_of.packages:
        raise CommandError("--real is of one release; give --as-of without a package.")
    several = asked.check(writing=True)
    errors = selection.errors(several)
    for error in errors:
        say(error)
    done = rewrite_all(several, asked, options)
    if options.prove is not None:
        proven = _proven(options, asked, several, done)
        if proven is None:
            say("Nothing is changed.")
            return 1
        done = proven
    changed = [each for each in done if each.texts]
    if options.diff:
        for each in changed:
            sys.stdout.write(diff(each))
    if options.report is not None:
        from tff_compat.commands import upgrade_page

        upgrade_page.write(options.report, done)
    if not (options.diff or options.check):
        try:
            storing.replace_all({each.document.path: each.content for each in changed})
        except storing.StoringError as error:
            raise CommandError(str(error)) from None
    _tell(done, changed, written=not (options.diff or options.check))
    if errors:
        return 2
    return 1 if options.check and changed else 0


def rewrite_all(
    several: Sequence[Checked], asked: selection.Selection, options: argparse.Namespace
) -> list[Rewritten]:
    """The files with modern code.

    Raises:
      CommandError: The code written would be no Python.
    """
    from tff_compat.source import rewriting

    try:
        return rewriting.rewrite_all(
            several, unsafe=options.unsafe, annotate=options.annotate, allow=asked.wants
        )
    except rewriting.RewritingError as error:
        raise CommandError(f"{error} Nothing is changed.") from None


def _proven(
    options: argparse.Namespace,
    asked: selection.Selection,
    several: Sequence[Checked],
    done: list[Rewritten],
) -> list[Rewritten] | None:
    from tff_compat.proving import proof
    from tff_compat.proving.running import ProvingError

    wanted = proof.Proof(
        options.prove,
        asked.target,
        options.real,
        tuple(options.packages),
        options.unsafe,
        options.annotate,
        asked.wants,
    )
    try:
        return proof.prove(wanted, several, done)
    except ProvingError as error:
        raise CommandError(f"{error} Nothing is changed.") from None


def diff(rewritten: Rewritten) -> str:
    """The changes of one file, as `diff -u` shows them; of a notebook by its cells."""
    path = str(rewritten.document.path)
    pieces = []
    for unit, text in rewritten.texts.items():
        name = f"{path}:cell {unit.cell}" if unit.cell else path
        lines = difflib.unified_diff(
            unit.text.splitlines(keepends=True), text.splitlines(keepends=True), name, name
        )
        pieces += [line if line.endswith("\n") else f"{line}\n" for line in lines]
    return "".join(pieces)


def _tell(done: Sequence[Rewritten], changed: Sequence[Rewritten], written: bool) -> None:
    from tff_compat.commands import formats
    from tff_compat.running.console import say

    wrote = [finding for each in done for finding in each.written]
    left = [finding for each in done for finding in each.left]
    for finding in left:
        print(f"{formats.place(finding)}: {finding.code} [{finding.kind}] {finding.message}",
              file=sys.stderr)  # fmt: skip
    verb = "written" if written else "to be written"
    say(
        f"{len(wrote)} {verb} in {len(changed)} of {formats.files(len(done))}{_by_code(wrote)}; "
        f"{len(left)} left{_by_code(left)}."
    )
    if any(finding.kind == "review" for finding in left):
        say("--unsafe writes also what is for review.")


def _by_code(findings: Sequence[Finding]) -> str:
    counted = collections.Counter(finding.code for finding in findings)
    text = ", ".join(f"{code} {count}" for code, count in sorted(counted.items()))
    return f" ({text})" if text else ""
