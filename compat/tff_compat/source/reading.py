"""Reads scripts and notebooks into syntax trees, and sets aside the commands between the code."""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
import warnings
from dataclasses import dataclass, field
from pathlib import Path

# Cells that start with one of these hold something else than Python.
_FOREIGN = frozenset(
    "bash sh script html javascript js latex markdown svg perl ruby writefile".split()
)
_MAGIC = re.compile(r"^(?P<indent>\s*)(?P<assigned>[\w, ]+=\s*)?[!%](?P<command>.*)$")
_HELP = re.compile(r"^\s*\?{0,2}[\w.*]+\?{0,2}\s*$")


class SourceError(ValueError):
    """Raised for a file that cannot be read as Python; the message names the file and the line."""


@dataclass(frozen=True, order=True)
class Place:
    """Where something stands; `cell` counts a notebook's code cells from 1, 0 is a script."""

    cell: int
    line: int
    file: str = ""

    def __str__(self) -> str:
        text = f"code cell {self.cell}, line {self.line}" if self.cell else f"line {self.line}"
        return f"{self.file}, {text}" if self.file else text


@dataclass(frozen=True)
class Part:
    """A script, or one code cell of a notebook."""

    tree: ast.Module
    cell: int = 0
    file: str = ""

    def place(self, node: ast.AST) -> Place:
        """Where a node of the tree stands."""
        return Place(self.cell, getattr(node, "lineno", 1), self.file)


@dataclass
class Source:
    """What a file holds: code, and the shell commands that run before or between the code."""

    path: Path
    parts: list[Part] = field(default_factory=list)
    commands: list[tuple[Place, str]] = field(default_factory=list)


def read(path: Path, shown_as: str = "") -> Source:
    """Reads a script or a notebook.

    Args:
      path: The file; one that ends in `.ipynb` is read as a notebook.
      shown_as: How places in it are to be prefixed, for a file that is not the user's main one.

    Raises:
      SourceError: If it cannot be read, is not Python 3, or is not a notebook.
    """
    source = Source(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from None
    if path.suffix == ".ipynb":
        for number, text in enumerate(_code_cells(path, content), start=1):
            _add(source, text, number, shown_as)
    else:
        _add(source, _decoded(path, content), 0, shown_as)
    return source


def _decoded(path: Path, content: bytes) -> str:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        return content.decode(encoding)
    except (SyntaxError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: is not Python source: {error}") from None


def _code_cells(path: Path, content: bytes) -> list[str]:
    try:
        notebook = json.loads(content)
        if "worksheets" in notebook:  # nbformat 3
            cells = [cell for sheet in notebook["worksheets"] for cell in sheet["cells"]]
        else:
            cells = notebook["cells"]
        texts = []
        for cell in cells:
            if cell["cell_type"] == "code":
                text = cell["source"] if "source" in cell else cell["input"]
                texts.append(text if isinstance(text, str) else "".join(text))
    except (ValueError, KeyError, TypeError) as error:
        raise SourceError(f"{path}: is not a notebook: {error!r}") from None
    return texts


def _add(source: Source, text: str, cell: int, shown_as: str) -> None:
    code = _without_commands(text, cell, shown_as, source.commands) if cell else text
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Invalid escapes, `is` with a literal, and the like.
            tree = ast.parse(code)
    except (SyntaxError, ValueError) as error:
        place = Place(cell, getattr(error, "lineno", None) or 1)
        raise SourceError(f"{source.path}, {place}: {explanation(error)}") from None
    source.parts.append(Part(tree, cell, shown_as))


def explanation(error: Exception) -> str:
    """What is wrong with code that Python cannot read; Python 2 is told."""
    message = getattr(error, "msg", None) or str(error)
    line = (getattr(error, "text", None) or "").strip()
    if re.match(r"print\b(?!\s*\()", line) or "call to 'print'" in message:
        return f"this is Python 2 ({line}); translate it to Python 3 first, for example with 2to3"
    return f"{message} ({line})" if line else message


def without_commands(text: str) -> str:
    """The code of a cell: what only a notebook understands is replaced, each line stays."""
    return _without_commands(text, 1, "", [])


def _without_commands(
    text: str, cell: int, shown_as: str, commands: list[tuple[Place, str]]
) -> str:
    """Replaces what only a notebook understands, keeping the number of every line."""
    lines = text.split("\n")
    first = next((line.strip() for line in lines if line.strip()), "")
    if first.startswith("%%") and first[2:].split(" ")[0] in _FOREIGN:
        if first[2:].split(" ")[0] in ("bash", "sh", "script"):
            for number, line in enumerate(lines, start=1):
                commands.append((Place(cell, number, shown_as), line.strip()))
        return ""
    kept: list[str] = []
    inside = _inside_strings(lines)
    continued = False
    for number, line in enumerate(lines, start=1):
        match = None if number in inside else _MAGIC.match(line)
        if continued and commands:
            commands[-1] = (commands[-1][0], f"{commands[-1][1][:-1]} {line.strip()}")
            kept.append("")
            continued = line.endswith("\\")
        elif match:
            commands.append((Place(cell, number, shown_as), match["command"].lstrip("!%").strip()))
            value = f"{match['assigned']}None" if match["assigned"] else "pass"
            kept.append(f"{match['indent']}{value}")
            continued = line.endswith("\\")
        elif "?" in line and number not in inside and _HELP.match(line):
            kept.append("")
        else:
            kept.append(line)
    return "\n".join(kept)


def _inside_strings(lines: list[str]) -> set[int]:
    """Numbers of the lines that start inside a string over several lines, or an open bracket."""
    inside: set[int] = set()
    quiet = [line if not re.match(r"\s*[!%]", line) else "" for line in lines]
    # Without these lines the rest can be split into tokens; a line that starts with `%` inside a
    # string was emptied too, which does not change where the string ends.
    try:
        for token in tokenize.generate_tokens(io.StringIO("\n".join(quiet)).readline):
            if token.type == tokenize.STRING or token.type in _FSTRING_MIDDLE:
                inside.update(range(token.start[0] + 1, token.end[0] + 1))
    except (tokenize.TokenError, SyntaxError):
        return set()
    return inside


# From Python 3.12 on an f-string is several tokens.
_FSTRING_MIDDLE = frozenset(
    [tokenize.FSTRING_MIDDLE] if hasattr(tokenize, "FSTRING_MIDDLE") else []
)
