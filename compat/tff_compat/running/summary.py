"""The legacy calls of a run: a table for people, JSON for programs."""

from __future__ import annotations

import dataclasses
import json
import os
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from tff_compat import whole_files
from tff_compat.running.session import LegacyCall, Report

# A line of code that is broken in the middle of a name can neither be read nor copied.
_NARROWEST = 100


def show(report: Report, as_of: str, *, by_symbol: bool = False) -> None:
    """Prints the table of legacy calls on standard error, by place or by symbol."""
    import rich.console
    import rich.text

    console = rich.console.Console(stderr=True, soft_wrap=True)
    if not report.calls:
        console.print(f"tff-compat: no legacy calls as of TFF {as_of}.", highlight=False)
        return
    console.print(f"Legacy calls as of TFF {as_of}, run on {report.installed}", style="italic")
    console.print()
    lines = symbols(report.calls) if by_symbol else table(report.calls, console.width)
    for line, heading in lines:
        console.print(rich.text.Text(line, style="bold" if heading else ""))


def table(calls: Sequence[LegacyCall], width: int = _NARROWEST) -> Iterator[tuple[str, bool]]:
    """The lines of the table, each with whether it is a heading; none where there are no calls."""
    if not calls:
        return
    rows = [(place(call), str(call.count), call.symbol, call.release) for call in calls]
    headings = ("Place", "Calls", "Legacy form", "Last in")
    widths = [max(map(len, column)) for column in zip(headings, *rows)]
    yield _line(headings, widths), True
    yield "─" * (sum(widths) + 2 * len(widths) - 2), False
    for call, row in zip(calls, rows):
        yield _line(row, widths), True
        for line in _replacement(call.replacement, max(width, _NARROWEST)):
            yield line, False
        yield "", False


def symbols(calls: Sequence[LegacyCall]) -> Iterator[tuple[str, bool]]:
    """The lines of a table with one row a legacy form: calls, places, and where the first is."""
    held: dict[tuple[str, str], list[LegacyCall]] = {}
    for call in calls:
        held.setdefault((call.symbol, call.release), []).append(call)
    rows = [
        (symbol, str(sum(call.count for call in of)), str(len(of)), release, place(of[0]))
        for (symbol, release), of in sorted(held.items(), key=lambda item: -len(item[1]))
    ]
    headings = ("Legacy form", "Calls", "Places", "Last in", "First place")
    widths = [max(map(len, column)) for column in zip(headings, *rows)]
    for number, row in enumerate([headings, *rows]):
        cells = (
            cell.rjust(width) if column in (1, 2) else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths))
        )
        yield "  ".join(cells).rstrip(), number == 0
        if not number:
            yield "─" * (sum(widths) + 2 * len(widths) - 2), False


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    place_, calls, symbol, release = (
        cell.rjust(width) if column == 1 else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths))
    )
    return f"{place_}  {calls}  {symbol}  {release}".rstrip()


def _replacement(code: str, width: int) -> list[str]:
    """The modern code in lines that break after a blank only, each statement on its own."""
    return [
        line
        for statement in code.split("; ")
        for line in textwrap.wrap(
            statement,
            width,
            initial_indent="    ",
            subsequent_indent="        ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    ]


def place(call: LegacyCall) -> str:
    """Where a call stands, such as "train.py:12" or "In [3], line 4"."""
    if call.cell is not None:
        return f"In [{call.cell}], line {call.lineno}"
    filename = os.path.relpath(call.filename) if os.path.isabs(call.filename) else call.filename
    if filename.startswith(os.pardir):
        filename = call.filename
    return f"{filename}:{call.lineno}"


def write(
    report: Report, path: Path, *, program: str, as_of: str, python: str, status: int
) -> None:
    """Writes the report as JSON, whole or not at all.

    Raises:
      OSError: The file cannot be written.
    """
    data = {
        "program": program,
        "as_of": as_of,
        "installed": report.installed,
        "python": python,
        "exit_status": status,
        "calls": [dataclasses.asdict(call) for call in report.calls],
    }
    whole_files.write(path, json.dumps(data, indent=1) + "\n")
