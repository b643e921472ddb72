"""The legacy calls of a run: a table for people, JSON for programs."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path

from tff_compat.running.session import LegacyCall, Report

_WIDEST_PLACE = 24


def show(report: Report, as_of: str) -> None:
    """Prints the table of legacy calls on standard error."""
    import rich.box
    import rich.console
    import rich.table
    import rich.text

    console = rich.console.Console(stderr=True)
    if not report.calls:
        console.print(f"tff-compat: no legacy calls as of TFF {as_of}.", highlight=False)
        return
    table = rich.table.Table(
        title=f"Legacy calls as of TFF {as_of}, run on {report.installed}",
        title_justify="left",
        box=rich.box.SIMPLE_HEAD,
        padding=(0, 1, 1, 0),
        pad_edge=False,
    )
    table.add_column("Place", overflow="fold", max_width=_WIDEST_PLACE)
    table.add_column("Calls", justify="right", no_wrap=True)
    table.add_column("Legacy form, and what to write instead", overflow="fold", ratio=1)
    for call in report.calls:
        advice = rich.text.Text.assemble(
            (call.symbol, "bold"), (f"  last in {call.release}\n", "dim"), call.replacement
        )
        table.add_row(rich.text.Text(place(call)), str(call.count), advice)
    console.print(table)


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
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_text(json.dumps(data, indent=1) + "\n", "utf-8")
    os.replace(partial, path)
