"""Reads scripts and notebooks into syntax trees, and sets aside the commands between the code."""

from __future__ import annotations

import ast
import io
import json
import re
import textwrap
import tokenize
import warnings
from dataclasses import dataclass, field
from pathlib import Path

# Cells that start with one of these hold something else than Python.
_FOREIGN = frozenset("bash sh script html javascript js latex markdown svg perl ruby".split())
# Jupyter takes these for magics without their mark.
_UNMARKED = r"(?:pip3?|conda|mamba|uv)\s+(?:pip\s+)?(?:install|uninstall|list|show|freeze)\b"
_MAGIC = re.compile(
    rf"^(?P<indent>\s*)(?P<assigned>[\w, ]+=\s*)?(?:[!%]|(?={_UNMARKED}))(?P<command>.*)$"
)
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
    """A script, or one code cell of a notebook; `text` is what `tree` was read from."""

    tree: ast.Module
    cell: int = 0
    file: str = ""
    text: str = field(default="", repr=False)

    def place(self, node: ast.AST) -> Place:
        """Where a node of the tree stands."""
        return Place(self.cell, getattr(node, "lineno", 1), self.file)


@dataclass
class Source:
    """What a file holds: code, and the shell commands that run before or between the code.

    Attributes:
      path: The file.
      parts: The script, or the code cells of the notebook that are Python.
      commands: What a notebook's cells hand to a shell or to Jupyter, without `!` and `%`.
      outputs: What a notebook's cells printed when it was saved, each with its place.
      prose: The text of a notebook's cells of text, each with its place.
      unread: What is wrong with a notebook's cells that are no Python; such a cell stops only
        itself.
    """

    path: Path
    parts: list[Part] = field(default_factory=list)
    commands: list[tuple[Place, str]] = field(default_factory=list)
    outputs: list[tuple[Place, str]] = field(default_factory=list)
    prose: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def read(path: Path, shown_as: str = "") -> Source:
    """Reads a script or a notebook.

    Args:
      path: The file; one that ends in `.ipynb` is read as a notebook.
      shown_as: How places in it are to be prefixed, for a file that is not the user's main one.

    Raises:
      SourceError: If it cannot be read, is not Python 3, or is not a notebook. A notebook's cell
        that is not Python is no error, unless there is none that is.
    """
    source = Source(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from None
    if path.suffix == ".ipynb":
        _add_notebook(source, content, shown_as)
    else:
        _add(source, _decoded(path, content), 0, shown_as)
    return source


def _decoded(path: Path, content: bytes) -> str:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        return content.decode(encoding)
    except (SyntaxError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: is not Python source: {error}") from None


def _add_notebook(source: Source, content: bytes, shown_as: str) -> None:
    number = 0
    try:
        for cell in _cells(json.loads(content)):
            text = cell["source"] if "source" in cell else cell.get("input", "")
            text = text if isinstance(text, str) else "".join(text)
            if cell["cell_type"] != "code":
                source.prose.append(text)
                continue
            number += 1
            for output in cell.get("outputs", ()):
                source.outputs.append((Place(number, 1, shown_as), _output_text(output)))
            try:
                _add(source, text, number, shown_as)
            except SourceError as error:
                source.unread.append(str(error))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(f"{source.path}: is not a notebook: {error!r}") from None
    if source.unread and not source.parts:
        raise SourceError(source.unread[0])


def _cells(notebook: dict) -> list[dict]:
    if "worksheets" in notebook:  # nbformat 3
        return [cell for sheet in notebook["worksheets"] for cell in sheet["cells"]]
    return notebook["cells"]


def _output_text(output: dict) -> str:
    """What an output shows as text; errors and pictures are none."""
    data = output.get("data", {})  # Nbformat 3 has the text beside its type.
    text = output.get("text", data.get("text/plain", ""))
    return text if isinstance(text, str) else "".join(text)


def _add(source: Source, text: str, cell: int, shown_as: str) -> None:
    code, file = text, shown_as
    if cell:
        written = re.match(r"\s*%%writefile\s+(?:-a\s+)?(\S+\.py)\s*\n", text)
        if written is not None:  # Its lines keep their numbers.
            code, file = "\n" * written[0].count("\n") + text[written.end() :], written[1]
        else:
            code = _without_commands(_dedented(text), cell, shown_as, source.commands)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Invalid escapes, `is` with a literal, and the like.
            tree = ast.parse(code)
    except (SyntaxError, ValueError) as error:
        place = Place(cell, getattr(error, "lineno", None) or 1)
        raise SourceError(f"{source.path}, {place}: {explanation(error)}") from None
    source.parts.append(Part(tree, cell, file, code))


def _dedented(text: str) -> str:
    """A cell without the blanks that all of it begins with, as Jupyter runs it."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    return textwrap.dedent(text) if first[:1].isspace() else text


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
    magic = re.match(r"%%(\w+)", first)
    if magic is not None and magic[1] == "writefile":
        return ""
    if magic is not None and magic[1] in _FOREIGN:
        if magic[1] in ("bash", "sh", "script"):
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
    # Of what cannot be split into tokens, lines are left out: first those which no Python begins
    # with, then those which may go on a formula. What is emptied inside a string does not change
    # where the string ends.
    for marks in ("!", "!%"):
        quiet = [line if not re.match(rf"\s*[{marks}]", line) else "" for line in lines]
        try:
            return _spanned("\n".join(quiet))
        except (tokenize.TokenError, SyntaxError):
            continue
    return set()


def _spanned(text: str) -> set[int]:
    inside: set[int] = set()
    opened: list[int] = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.STRING or token.type in _FSTRING_MIDDLE:
            inside.update(range(token.start[0] + 1, token.end[0] + 1))
        elif token.type == tokenize.OP and token.string in "([{":
            opened.append(token.start[0])
        elif token.type == tokenize.OP and token.string in ")]}" and opened:
            inside.update(range(opened.pop() + 1, token.end[0] + 1))
    return inside


# From Python 3.12 on an f-string is several tokens.
_FSTRING_MIDDLE = frozenset(
    [tokenize.FSTRING_MIDDLE] if hasattr(tokenize, "FSTRING_MIDDLE") else []
)
