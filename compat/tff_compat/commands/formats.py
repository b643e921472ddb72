"""How findings are written out: for people, for other programs, for GitHub."""

from __future__ import annotations

import json
import linecache
import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import tff_compat
from tff_compat.declared.codes import CODES

if TYPE_CHECKING:
    from tff_compat.source.writing import Finding

_LEVELS = {"exact": "warning", "review": "warning", "none": "error"}


def place(finding: Finding) -> str:
    """Where a finding stands, as editors read it."""
    cell = f":cell {finding.cell}" if finding.cell else ""
    return f"{finding.path}{cell}:{finding.line}:{finding.column}"


def files(count: int) -> str:
    """How many files, in words."""
    return f"{count} file{'' if count == 1 else 's'}"


def _concise(found: Sequence[Finding]) -> str:
    return "".join(
        f"{place(finding)}: {finding.code} [{finding.kind}] {finding.message}\n"
        for finding in found
    )


def _full(found: Sequence[Finding]) -> str:
    return "".join(map(_whole, found))


def _whole(finding: Finding) -> str:
    lines = [f"{place(finding)}: {finding.code} [{finding.kind}] {CODES[finding.code]}"]
    source = "" if finding.cell else linecache.getline(finding.path, finding.line).rstrip()
    if source:
        width = finding.end_column - finding.column if finding.end_line == finding.line else 0
        width = max(width, 1) if width else max(len(source) - finding.column + 1, 1)
        lines += [f"  | {source}", f"  | {' ' * (finding.column - 1)}{'^' * width}"]
    if finding.replacement:
        last = f"last in TFF {finding.last_release}; " if finding.last_release else ""
        symbol = finding.symbol
        if symbol == finding.replacement:
            symbol = f"{symbol} by way of an internal module"
        lines.append(f"  {symbol}: {last}write instead:")
        lines += [f"      {line}" for line in finding.replacement.splitlines()]
        note = finding.message.rpartition(" (")[2]
        if finding.kind == "review" and finding.message.endswith(")"):
            lines.append(f"  Look at it: {note[:-1].rstrip('.')}.")
    else:
        lines.append(f"  {finding.message}")
    return "\n".join(lines) + "\n\n"


def _json(found: Sequence[Finding]) -> str:
    return json.dumps([finding.record() for finding in found], indent=1) + "\n"


def _github(found: Sequence[Finding]) -> str:
    lines = []
    for finding in found:
        fields = {
            "title": f"tff-compat {finding.code}",
            "file": finding.path,
            "line": finding.line,
            "col": finding.column,
            "endLine": finding.end_line,
            "endColumn": finding.end_column,
        }
        if finding.cell:
            # Its lines are those of the cell, not of the file.
            fields = {"title": fields["title"], "file": fields["file"]}
        given = ",".join(f"{key}={_escaped(str(value))}" for key, value in fields.items())
        message = finding.message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        where = f"cell {finding.cell}, line {finding.line}: " if finding.cell else ""
        lines.append(f"::{_LEVELS[finding.kind]} {given}::{where}{message}\n")
    return "".join(lines)


def _escaped(text: str) -> str:
    for character, code in {"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"}.items():
        text = text.replace(character, code)
    return text


def _sarif(found: Sequence[Finding]) -> str:
    rules = [
        {"id": code, "shortDescription": {"text": text}}
        for code, text in CODES.items()
        if any(finding.code == code for finding in found)
    ]
    results = []
    for finding in found:
        region = {
            "startLine": finding.line,
            "startColumn": finding.column,
            "endLine": finding.end_line,
            "endColumn": finding.end_column,
        }
        location: dict[str, object] = {
            "artifactLocation": {"uri": finding.path.replace(os.sep, "/")}
        }
        if not finding.cell:
            location["region"] = region
        where = f"Cell {finding.cell}, line {finding.line}: " if finding.cell else ""
        results.append(
            {
                "ruleId": finding.code,
                "level": _LEVELS[finding.kind],
                "message": {"text": where + finding.message},
                "locations": [{"physicalLocation": location}],
                "properties": {"kind": finding.kind, "replacement": finding.replacement},
            }
        )
    driver = {"name": "tff-compat", "version": tff_compat.__version__, "rules": rules}
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }
    return json.dumps(log, indent=1) + "\n"


FORMATS: Mapping[str, Callable[[Sequence[Finding]], str]] = {
    "full": _full,
    "concise": _concise,
    "json": _json,
    "github": _github,
    "sarif": _sarif,
}
"""Each format, and what writes it."""
