"""Joins what the processes of a traced run have recorded into one file."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from tff_compat import whole_files
from tff_compat.running.session import Session


def write(session: Session, target: Path, notebook: Path | None, executed: Path | None) -> None:
    """Writes the trace of a run, whole or not at all.

    Args:
      session: The run.
      target: The file to write.
      notebook: The notebook that was run, if it was one.
      executed: That notebook with its outputs, which says which cell had which number.

    Raises:
      OSError: The file cannot be written.
    """
    cells = session.cells()
    numbers = _code_cells(executed) if executed is not None else {}
    files: dict[str, dict[str, Any]] = {}
    for path in sorted(session.folder.glob("trace-*.json")):
        for filename, found in json.loads(path.read_text("utf-8"))["files"].items():
            name = os.path.realpath(filename)
            if filename in cells and notebook is not None:
                number = numbers.get(cells[filename], cells[filename])
                name = f"{notebook.resolve()}#{number}"
            _join(files.setdefault(name, {"roles": {}, "calls": []}), found)
    data = {"as_of": session.as_of, "files": files}
    whole_files.write(target, json.dumps(data, indent=1) + "\n")


def _join(whole: dict[str, Any], found: dict[str, Any]) -> None:
    for span, roles in found.get("roles", {}).items():
        whole["roles"][span] = sorted({*whole["roles"].get(span, ()), *roles})
    whole["calls"] += [call for call in found.get("calls", ()) if call not in whole["calls"]]


def _code_cells(executed: Path) -> dict[int, int]:
    """The number of each code cell, from 1, by that of its execution."""
    try:
        cells = json.loads(executed.read_text("utf-8")).get("cells", [])
    except (OSError, ValueError):
        return {}
    code = [cell for cell in cells if cell.get("cell_type") == "code"]
    return {
        cell["execution_count"]: number
        for number, cell in enumerate(code, start=1)
        if cell.get("execution_count") is not None
    }
