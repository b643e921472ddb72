"""What a run of a program knew, read from the file that `tff-compat run --trace` writes."""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tff_compat.source.documents import Unit
from tff_compat.tracing import instrumenting


class TraceError(ValueError):
    """A file is no trace; the message says why."""


@dataclass
class Trace:
    """What a run knew.

    Attributes:
      as_of: The release as of which the program ran.
      roles: By file (of a notebook with the number of the cell) and span: the roles of the object.
      calls: By file, line and column: the distinct legacy calls.
    """

    as_of: str
    roles: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    calls: dict[tuple[str, int, int], list[dict[str, Any]]] = field(default_factory=dict)

    def roles_at(self, unit: Unit, node: ast.AST) -> list[str]:
        """The roles that an expression had; none where the run did not read it."""
        of_file = self.roles.get(_key(unit))
        if of_file is None:
            return []
        return of_file.get(instrumenting.span(node), [])

    def optimizers_at(self, unit: Unit, call: ast.Call, parameter: str) -> set[str | None]:
        """The optimizers that an argument of a legacy call made, over all calls at the place."""
        calls = self.calls.get((_key(unit), call.lineno, call.col_offset), [])
        found: set[str | None] = set()
        for each in calls:
            described = each["arguments"].get(parameter, {})
            if "optimizer" in described:
                found.add(described["optimizer"])
        return found


def _key(unit: Unit) -> str:
    path = str(unit.path.resolve())
    return f"{path}#{unit.cell}" if unit.cell else path


def read(path: Path) -> Trace:
    """Reads a trace.

    Raises:
      TraceError: The file cannot be read, or is no trace.
    """
    try:
        data = json.loads(path.read_text("utf-8"))
        trace = Trace(data["as_of"])
        for name, of_file in data["files"].items():
            trace.roles[name] = of_file.get("roles", {})
            for call in of_file.get("calls", ()):
                key = name, call["line"], call["column"]
                trace.calls.setdefault(key, []).append(call)
    except OSError as error:
        raise TraceError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise TraceError(f"{path}: is no trace of `tff-compat run --trace`: {error!r}") from None
    return trace
