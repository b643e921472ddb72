"""Reads scripts and notebooks into syntax trees, and sets aside the commands between the code."""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

_Made = TypeVar("_Made")

# Cells that start with one of these hold something else than Python.
_FOREIGN = frozenset("bash sh script html javascript js latex markdown svg perl ruby".split())
# Jupyter takes these for magics without their mark.
_UNMARKED = r"(?:pip3?|conda|mamba|uv)\s+(?:pip\s+)?(?:install|uninstall|list|show|freeze)\b"
_MAGIC = re.compile(
    rf"^(?P<indent>\s*)(?P<assigned>[\w, ]+=\s*)?(?:[!%]|(?={_UNMARKED}))(?P<command>.*)$"
)
_PROMPTS = (
    (r">>>( |$)", r"^(>>>|\.\.\.)( |$)"),
    (r"In \[\d+\]: ", r"^(In \[\d+\]: |\s*\.{3,}: ?)"),
)
"""How a pasted session begins, and what IPython takes away from each of its lines."""
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

    def shown_as(self, file: str) -> Place:
        """The same in a file, unless it names one."""
        return self if self.file else Place(self.cell, self.line, file)


@dataclass(frozen=True)
class Part:
    """A script, or one code cell of a notebook.

    Attributes:
      tree: Its syntax tree.
      cell: The number of the cell, 0 for a script.
      file: How places in it are prefixed.
      text: What the tree was read from.
    """

    tree: ast.Module
    cell: int = 0
    file: str = ""
    text: str = field(default="", repr=False)
    _known: dict[Callable[..., Any], Any] = field(default_factory=dict, repr=False, compare=False)

    def once(self, made: Callable[[Part], _Made]) -> _Made:
        """What a function makes of the code, whatever the file: made once, for all that have it."""
        if made not in self._known:
            self._known[made] = made(self)
        return self._known[made]

    @property
    def nodes(self) -> Sequence[ast.AST]:
        """All nodes of the tree, in the order of `ast.walk`."""
        return self.once(_nodes)

    def place(self, node: ast.AST) -> Place:
        """Where a node of the tree stands."""
        return Place(self.cell, getattr(node, "lineno", 1), self.file)


def _nodes(part: Part) -> Sequence[ast.AST]:
    return tuple(ast.walk(part.tree))


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
      file: How places in it are prefixed.
    """

    path: Path
    parts: list[Part] = field(default_factory=list)
    commands: list[tuple[Place, str]] = field(default_factory=list)
    outputs: list[tuple[Place, str]] = field(default_factory=list)
    prose: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    file: str = ""
    _plain: Source | None = None
    _known: dict[Callable[..., Any], Any] = field(default_factory=dict)

    def shown_as(self, name: str) -> Source:
        """The same, with a prefix for its places, where these have none yet."""
        if not name:
            return self
        return Source(
            self.path,
            [replace(part, file=part.file or name) for part in self.parts],
            [(place.shown_as(name), command) for place, command in self.commands],
            [(place.shown_as(name), output) for place, output in self.outputs],
            self.prose,
            self.unread,
            name,
            self,
        )

    def once(self, made: Callable[[Sequence[Part]], _Made]) -> _Made:
        """What a function makes of the parts, made once for all programs that have the file.

        It has them without the prefix of their places.
        """
        source = self._plain or self
        if made not in source._known:
            source._known[made] = made(source.parts)
        return source._known[made]


class Files:
    """Reads each file once, for several programs that may have it in common."""

    def __init__(self) -> None:
        self._sources: dict[Path, Source | SourceError] = {}
        self._modules: dict[tuple[Path, str], Path | None] = {}
        self._folders: dict[tuple[Path, str], Path | None] = {}
        self._real: dict[Path, Path] = {}

    def read(self, path: Path, shown_as: str = "") -> Source:
        """As `read`."""
        if path not in self._sources:
            try:
                self._sources[path] = read(path)
            except SourceError as error:
                self._sources[path] = error
        found = self._sources[path]
        if isinstance(found, SourceError):
            raise found
        return found.shown_as(shown_as)

    def module(self, root: Path, dotted: str) -> Path | None:
        """The file that a folder has for a module or package; None where it has none."""
        key = (root, dotted)
        if key not in self._modules:
            outer, _, name = dotted.rpartition(".")
            folder = self._folder(root, outer)
            files = () if folder is None else (folder / name / "__init__.py", folder / f"{name}.py")
            self._modules[key] = next((file for file in files if file.is_file()), None)
        return self._modules[key]

    def _folder(self, root: Path, dotted: str) -> Path | None:
        if not dotted:
            return root
        key = (root, dotted)
        if key not in self._folders:
            outer, _, name = dotted.rpartition(".")
            around = self._folder(root, outer)
            folder = None if around is None else around / name
            self._folders[key] = folder if folder is not None and folder.is_dir() else None
        return self._folders[key]

    def real(self, path: Path) -> Path:
        """The path without symbolic links."""
        if path not in self._real:
            self._real[path] = path.resolve()
        return self._real[path]


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
            code = _without_commands(_as_ipython_takes_it(text), cell, shown_as, source.commands)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Invalid escapes, `is` with a literal, and the like.
            tree = ast.parse(code)
    except (SyntaxError, ValueError) as error:
        place = Place(cell, getattr(error, "lineno", None) or 1)
        raise SourceError(f"{source.path}, {place}: {explanation(error)}") from None
    source.parts.append(Part(tree, cell, file, code))


def _as_ipython_takes_it(text: str) -> str:
    """A cell without the blanks or prompts that it begins with, each line where it was."""
    lines = text.split("\n")
    first = next((line for line in lines if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip())]
    lines = [line[len(indent) :] if line.startswith(indent) else line for line in lines]
    for begins, prompt in _PROMPTS:
        if re.match(begins, first.lstrip()):
            lines = [re.sub(prompt, "", line) for line in lines]
    return "\n".join(lines)


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
    lexer = _Lexer()
    continued = False
    for number, line in enumerate(lines, start=1):
        match = None if lexer.inside else _MAGIC.match(line)
        if continued and commands:
            commands[-1] = (commands[-1][0], f"{commands[-1][1][:-1]} {line.strip()}")
            kept.append("")
            continued = line.endswith("\\")
        elif match:
            commands.append((Place(cell, number, shown_as), match["command"].lstrip("!%").strip()))
            value = f"{match['assigned']}None" if match["assigned"] else "pass"
            kept.append(f"{match['indent']}{value}")
            continued = line.endswith("\\")
        elif "?" in line and not lexer.inside and _HELP.match(line):
            kept.append("")
        else:
            kept.append(line)
            lexer.read(line)
    return "\n".join(kept)


class _Lexer:
    """Tells at each line's start whether it goes on what the lines before have begun."""

    def __init__(self) -> None:
        self._depth = 0
        self._quote = ""
        self._continued = False

    @property
    def inside(self) -> bool:
        """Whether a string or a bracket is open, or a backslash joins the lines."""
        return bool(self._depth or self._quote or self._continued)

    def read(self, line: str) -> None:
        """Reads a line of Python; it need not be right."""
        self._continued = line.endswith("\\")
        for token in _DELIMITER.findall(line):
            if self._quote:
                # Of a string in single quotes, three are its end and an empty one.
                if token.startswith(self._quote):
                    self._quote = ""
            elif token[0] in "\"'":
                self._quote = token
            elif token == "#":
                self._continued = False
                break
            elif token in "([{":
                self._depth += 1
            elif token in ")]}":
                self._depth = max(0, self._depth - 1)
        if len(self._quote) == 1 and not self._continued:
            self._quote = ""  # Nothing that Python reads.


_DELIMITER = re.compile(r"""\\.|"{3}|'{3}|["'#()\[\]{}]""")
