"""Files of a program as text that can be edited: scripts, and the code cells of notebooks."""

from __future__ import annotations

import ast
import bisect
import codecs
import contextlib
import functools
import io
import json
import re
import tokenize
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tff_compat.source import reading
from tff_compat.source.reading import SourceError

_LINE_END = re.compile(r"\r\n|\r|\n")
_BLANKS = re.compile(r"[ \t]*")


@dataclass(eq=False)
class Unit:
    """A script, or one code cell of a notebook.

    Attributes:
      text: What the user wrote.
      code: The same with the lines that only a notebook understands replaced; each line and column
        of code is that of the text.
      tree: The syntax tree of `code`.
      cell: The number of the code cell, from 1; 0 for a script.
      position: The number of the cell among all cells, from 0.
    """

    path: Path
    text: str
    code: str
    tree: ast.Module
    cell: int = 0
    position: int = 0

    @functools.cached_property
    def _starts(self) -> list[int]:
        # A line that was replaced may be shorter or longer in the code.
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]

    @functools.cached_property
    def _is_ascii(self) -> bool:
        return self.code.isascii()

    @functools.cached_property
    def lines(self) -> list[str]:
        """The lines of the code, without their ends."""
        return _LINE_END.split(self.code)

    def offset(self, line: int, column: int) -> int:
        """The index in the text of a position of the syntax tree, whose columns count bytes."""
        start = self._starts[line - 1]
        if self._is_ascii:
            return start + column
        return start + len(self.lines[line - 1].encode()[:column].decode())

    def position_of(self, offset: int) -> tuple[int, int]:
        """The line, from 1, and the column in characters, from 1, of an index in the text."""
        line = bisect.bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Where a node starts and ends in the text."""
        start = self.offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]
        end = self.offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
        return start, end

    def offset_of(self, line: int, column: int) -> int:
        """The index in the text of a line, from 1, and a column in characters, from 0."""
        return self._starts[line - 1] + column

    def line_start(self, node: ast.AST) -> int:
        """The index of the start of the line in which a node starts."""
        return self._starts[node.lineno - 1]  # type: ignore[attr-defined]

    def indent(self, line: int) -> str:
        """The blanks at the start of a line, which starts at an index."""
        found = _BLANKS.match(self.text, line)
        assert found is not None
        return found[0]

    def line_end(self, offset: int) -> int:
        """The index after the end of the line that holds an index."""
        match = _LINE_END.search(self.text, offset)
        return len(self.text) if match is None else match.end()

    def ends_line(self, offset: int) -> bool:
        """Whether nothing but a comment follows in the line."""
        rest = self.text[offset : self.line_end(offset)].strip()
        return not rest or rest.startswith("#")

    @functools.cached_property
    def newline(self) -> str:
        """How its lines end: as the first does."""
        match = _LINE_END.search(self.text)
        return "\n" if match is None else match[0]

    def segment(self, node: ast.AST) -> str:
        """The text of a node."""
        start, end = self.span(node)
        return self.text[start:end]


@dataclass(eq=False)
class Document:
    """A file of a program.

    Attributes:
      path: Where it is.
      units: Its code, in the order in which it runs.
      problems: What of it could not be read, by cell: message, cell, line and column.
    """

    path: Path
    units: list[Unit] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    encoding: str = "utf-8"
    bom: bytes = b""
    _notebook: Any = None
    _raw: str = ""

    @property
    def is_notebook(self) -> bool:
        """Whether it is a notebook."""
        return self._notebook is not None

    def with_texts(self, texts: Mapping[Unit, str]) -> bytes:
        """The content of the file with other texts for some of its units; the rest as it was."""
        if not self.is_notebook:
            text = next(iter(texts.values()), self._raw)
            return self.bom + text.encode(self.encoding)
        content = self._raw
        for unit, text in texts.items():
            content = _with_source(content, self._notebook, unit.position, text)
        return self.bom + content.encode(self.encoding)


@dataclass(frozen=True)
class Problem:
    """A part of a file that cannot be read as Python."""

    message: str
    cell: int = 0
    line: int = 1
    column: int = 1


def open_document(path: Path) -> Document:
    """Reads a script or a notebook; a cell that is no Python is one of its problems.

    Raises:
      SourceError: The file cannot be read or decoded, is no notebook, or is not Python 3.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from None
    return document(path, content)


def document(path: Path, content: bytes) -> Document:
    """As `open_document`, from the content of a file."""
    if path.suffix == ".ipynb":
        return _notebook(path, content)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        bom = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
        encoding = "utf-8" if bom else encoding
        text = content[len(bom) :].decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise SourceError(f"{path}: is not Python source: {error}") from None
    found = Document(path, encoding=encoding, bom=bom, _raw=text)
    try:
        found.units.append(Unit(path, text, text, _tree(text)))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        found.problems.append(_problem(error, 0))
    return found


def _tree(code: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Invalid escapes, `is` with a literal, and the like.
        return ast.parse(code)


def _problem(error: Exception, cell: int) -> Problem:
    line = getattr(error, "lineno", None) or 1
    column = getattr(error, "offset", None) or 1
    return Problem(reading.explanation(error), cell, line, max(column, 1))


def _notebook(path: Path, content: bytes) -> Document:
    bom = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    try:
        raw = content[len(bom) :].decode("utf-8")
        notebook = json.loads(raw)
        cells = _cells(notebook)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SourceError(f"{path}: is not a notebook: {error}") from None
    found = Document(path, bom=bom, _notebook=notebook, _raw=raw)
    number = 0
    for position, cell in enumerate(cells):
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        number += 1
        source = cell.get("source", cell.get("input", ""))
        text = source if isinstance(source, str) else "".join(source or ())
        code = reading.without_commands(text)
        try:
            found.units.append(Unit(path, text, code, _tree(code), number, position))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            found.problems.append(_problem(error, number))
    return found


def cells(path: Path, texts: Sequence[str]) -> list[Unit]:
    """The cells of a notebook whose texts are known; those that are no Python are left out."""
    found = []
    for number, text in enumerate(texts, start=1):
        code = reading.without_commands(text)
        with contextlib.suppress(SyntaxError, ValueError, RecursionError):
            found.append(Unit(path, text, code, _tree(code), number))
    return found


def _cells(notebook: Any) -> list[Any]:
    if not isinstance(notebook, dict):
        raise TypeError("it is no JSON object")
    if "worksheets" in notebook:  # nbformat 3
        return [cell for sheet in notebook["worksheets"] for cell in sheet["cells"]]
    return list(notebook["cells"])


def _with_source(raw: str, notebook: Any, position: int, text: str) -> str:
    """The JSON text with another source for one cell; every other byte stays."""
    start, end = _source_span(raw, notebook, position)
    old = json.loads(raw[start:end])
    if isinstance(old, str):
        return raw[:start] + _json(raw, text) + raw[end:]
    lines = text.splitlines(keepends=True)
    between = re.search(r"\[(\s*)", raw[start:end])
    indent = between[1] if between is not None else ""
    closing = re.search(r"(\s*)\]\Z", raw[start:end])
    last = closing[1] if closing is not None else ""
    body = f",{indent or ' '}".join(_json(raw, line) for line in lines)
    return f"{raw[:start]}[{indent}{body}{last}]{raw[end:]}"


def _json(raw: str, text: str) -> str:
    # Notebooks are written with their characters as they are, but for a few old ones.
    return json.dumps(text, ensure_ascii=raw.isascii() and not text.isascii())


class _SourceFinder:
    """Finds where the value of `source` of a cell stands in the text of a notebook."""

    def __init__(self, raw: str) -> None:
        self._raw = raw
        self._decoder = json.JSONDecoder()

    def _blank(self, at: int) -> int:
        while at < len(self._raw) and self._raw[at] in " \t\r\n":
            at += 1
        return at

    def end(self, at: int) -> int:
        """Where the value at an index ends."""
        return self._decoder.raw_decode(self._raw, at)[1]

    def values(self, at: int) -> list[tuple[Any, int]]:
        """The keys (or numbers) of an object or array at an index, with where each value starts."""
        is_object = self._raw[at] == "{"
        found: list[tuple[Any, int]] = []
        at = self._blank(at + 1)
        while self._raw[at] not in "]}":
            key: Any = len(found)
            if is_object:
                key, at = self._decoder.raw_decode(self._raw, at)
                at = self._blank(self._blank(at) + 1)
            found.append((key, at))
            at = self._blank(self.end(at))
            if self._raw[at] == ",":
                at = self._blank(at + 1)
        return found


def _source_span(raw: str, notebook: Any, position: int) -> tuple[int, int]:
    finder = _SourceFinder(raw)
    top = dict(finder.values(raw.index("{")))
    starts: list[int] = []
    if "worksheets" in notebook:
        for _, sheet in finder.values(top["worksheets"]):
            starts += [at for _, at in finder.values(dict(finder.values(sheet))["cells"])]
    else:
        starts = [at for _, at in finder.values(top["cells"])]
    cell = dict(finder.values(starts[position]))
    start = cell["source"] if "source" in cell else cell["input"]
    return start, finder.end(start)
