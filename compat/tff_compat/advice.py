"""What a warning advises: the finding of `tff-compat check` at the place that is being executed."""

from __future__ import annotations

import ast
import functools
import types
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.version import Version

if TYPE_CHECKING:
    from tff_compat.places import Place
    from tff_compat.source.writing import Finding

_MOST = 400_000
"""The longest file, in characters, that is read to advise."""


def advice(place: Place, node: ast.AST | None, symbol: str, release: Version) -> Finding | None:
    """The finding for what a program does at a place; None where its source does not tell.

    Args:
      place: The place.
      node: The call that is being executed there, if it is one.
      symbol: The public path of the legacy symbol.
      release: The release in place.
    """
    text = place.text()
    if not text or len(text) > _MOST:
        return None
    modules = {
        name: value.__name__
        for name, value in place.frame.f_globals.items()
        if isinstance(value, types.ModuleType)
    }
    found = _findings(
        place.filename, text, release, tuple(sorted(modules.items())), _earlier_cells(place, text)
    )
    at = [
        finding
        for finding in found
        if finding.symbol == symbol and finding.line <= place.lineno <= finding.end_line
    ]
    if node is not None:
        exact = [
            finding
            for finding in at
            if (finding.line, finding.end_line) == (node.lineno, node.end_lineno)  # type: ignore[attr-defined]
        ]
        at = exact or at
    return next(iter(at), None)


def _earlier_cells(place: Place, text: str) -> tuple[str, ...]:
    """The cells of a notebook that ran before; none in a script."""
    cells = place.frame.f_globals.get("In")
    if not isinstance(cells, list) or not all(isinstance(cell, str) for cell in cells):
        return ()
    return tuple(cell for cell in cells if cell.strip() and cell.strip() != text.strip())


@functools.lru_cache(maxsize=32)
def _findings(
    filename: str,
    text: str,
    release: Version,
    modules: tuple[tuple[str, str], ...],
    earlier: tuple[str, ...],
) -> tuple[Finding, ...]:
    from tff_compat import coverage
    from tff_compat.source import documents, findings, resolving
    from tff_compat.source.reading import SourceError

    path = Path(filename)
    if path.suffix not in (".py", ""):
        path = path.with_suffix(".py")
    try:
        document = documents.document(path, text.encode())
    except (SourceError, UnicodeEncodeError):
        return ()
    own = tuple(document.units)
    document.units[:0] = documents.cells(path, earlier)
    resolver = resolving.Resolver(release, [path.parent])
    resolver.document(document, dict(modules))
    finder = findings.Finder(document, resolver.result, release, coverage.PRIMARY)
    return tuple(finding for finding in finder.findings() if finding.unit in own)
