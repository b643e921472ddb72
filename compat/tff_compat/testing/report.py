"""The legacy calls of a test run: those of all its processes together, and their report."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tff_compat.running import summary
from tff_compat.running.session import LegacyCall, Report


def merged(calls: Iterable[Mapping[str, Any]]) -> tuple[LegacyCall, ...]:
    """The legacy calls of several processes, with one entry for each place, sorted by place.

    Args:
      calls: The fields of `tff_compat.deprecation.LegacyCall`s.
    """
    found: dict[tuple[object, ...], LegacyCall] = {}
    for each in calls:
        call = LegacyCall(
            symbol=each["symbol"],
            release=each["release"],
            replacement=each["replacement"],
            filename=each["filename"],
            cell=None,
            lineno=each["lineno"],
            count=each["count"],
        )
        key = (call.filename, call.lineno, call.symbol, call.replacement)
        if key in found:
            call = dataclasses.replace(call, count=call.count + found[key].count)
        found[key] = call
    return tuple(found[key] for key in sorted(found))  # type: ignore[type-var]


def write(
    path: Path,
    calls: Sequence[LegacyCall],
    *,
    program: str,
    as_of: str,
    installed: str,
    status: int,
) -> None:
    """Writes the report that `tff-compat run --report` writes, for a test run.

    Raises:
      OSError: The file cannot be written.
    """
    summary.write(
        Report(tuple(calls), installed, failed=False),
        path,
        program=program,
        as_of=as_of,
        python=sys.executable,
        status=status,
    )
