"""`tff-compat check`: lists the legacy uses in source code, without running it."""

from __future__ import annotations

import argparse
import collections
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tff_compat.commands import selection

if TYPE_CHECKING:
    from tff_compat.source.programs import Checked
    from tff_compat.source.writing import Finding


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command and its options."""
    parser = commands.add_parser(
        "check",
        description="Reads scripts and notebooks, runs nothing of them, and lists each use that "
        "the target release no longer takes, with the code to write instead. The status is 0 where "
        "nothing is found, 1 where something is, 2 where a file cannot be read.",
    )
    selection.add_options(parser)
    parser.add_argument("--output-format", choices=selection.FORMATS, default=None)
    parser.add_argument("--statistics", action="store_true", help="only count them, by code")
    parser.add_argument(
        "--infer",
        action="store_true",
        help="only say which release each program looks written for, and why",
    )
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace, arguments: Sequence[str]) -> int:
    """Prints the findings.

    Raises:
      CommandError: A path, a release or a setting cannot be used.
    """
    from tff_compat.commands import formats
    from tff_compat.running.console import say

    asked = selection.selection(options)
    several = asked.check()
    errors = selection.errors(several)
    for error in errors:
        say(error)
    if options.infer:
        _print_inferred(several)
        return 2 if errors else 0
    found = [
        finding
        for checked in several
        for findings in checked.findings.values()
        for finding in findings
        if asked.wants(finding)
    ]
    found.sort(key=lambda each: (each.path, each.cell or 0, each.line, each.column))
    if options.statistics:
        _print_statistics(found)
    else:
        sys.stdout.write(formats.FORMATS[asked.output_format](found))
        if asked.output_format == "full":
            say(_summary(found, several))
    return 2 if errors else 1 if found else 0


def _print_inferred(several: Sequence[Checked]) -> None:
    for checked in several:
        for path in checked.findings:
            print(f"{path}: {checked.releases[path]}: {checked.reason or 'as asked'}")


def _print_statistics(found: Sequence[Finding]) -> None:
    from tff_compat.declared.codes import CODES

    counted = collections.Counter((finding.code, finding.kind) for finding in found)
    for (code, kind), count in sorted(counted.items()):
        print(f"{count:6}  {code}  {kind:6}  {CODES[code]}")


def _summary(found: Sequence[Finding], several: Sequence[Checked]) -> str:
    from tff_compat.commands import formats

    count = sum(len(checked.findings) for checked in several)
    files = f"{formats.files(count)} that use{'s' if count == 1 else ''} TFF"
    if not found:
        return f"Nothing found in {files}."
    kinds = collections.Counter(finding.kind for finding in found)
    return (
        f"{len(found)} found in {files}: {kinds['exact']} that `tff-compat upgrade` writes, "
        f"{kinds['review']} that it writes with --unsafe, for review, {kinds['none']} for a person."
    )
