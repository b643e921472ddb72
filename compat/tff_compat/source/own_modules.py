"""Finds the modules of a program's own, as far as its imports and the files it names lead to them.

A program is more than the file that is run: what it imports from beside it, from its package, from
the working directory or from PYTHONPATH was written for the same release.
"""

from __future__ import annotations

import ast
import os
import re
import textwrap
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tff_compat.source import projects
from tff_compat.source.reading import Files, Part, Source, SourceError

# This keeps a large project from being read as a whole.
_MOST_MODULES = 100
_ROOT_PACKAGE = "tensorflow_federated"
_IMPORTERS = frozenset({"import_module", "__import__", "import_string", "find_spec", "run_module"})
# Any text, in a name that is only partly written in the code.
_ANY = "*"


@dataclass
class OwnModules:
    """What was found beside the program's own file.

    Attributes:
      sources: The modules, nearest first.
      unknown: Where the program imports modules by names that the code does not tell, as text.
    """

    sources: list[Source] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def find(source: Source, also: Iterable[Path] = (), files: Files | None = None) -> OwnModules:
    """The modules that a program consists of, beside its own file.

    Followed are imports, relative ones too; `importlib.import_module` and `__import__` with names
    that are written in the code or match a pattern; scripts that are named, as in
    `subprocess.run([sys.executable, "train.py"])` and `%run train.py`; and code in strings.

    Args:
      source: The program.
      also: Files that are known to belong to it.
      files: Where files were read already.
    """
    return _Search(source, files or Files()).found(also)


class _Search:
    def __init__(self, source: Source, files: Files) -> None:
        self._source = source
        self._files = files
        self._folder = source.path.absolute().parent
        self._roots = _roots(source.path.absolute())
        self._seen = {source.path.absolute().resolve()}
        self._result = OwnModules()
        self._pending: list[tuple[Path, Source]] = [(source.path.absolute(), source)]

    def found(self, also: Iterable[Path]) -> OwnModules:
        for file in also:
            self._add(file.absolute())
        while self._pending:
            path, source = self._pending.pop(0)
            for texts in source.once(_added_to_path):
                for root in _folders_of(texts, path.parent):
                    if root not in self._roots:
                        self._roots.append(root)
            constants = source.once(_Constants)
            for part, leads in zip(source.parts, source.once(_leads)):
                for node in leads:
                    self._follow(node, part, path, constants)
            for _, command in source.commands:
                for word in re.findall(r"[\w./-]+\.py\b", command):
                    self._add_script(word, path)
        return self._result

    def _follow(self, node: ast.AST, part: Part, path: Path, constants: _Constants) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                self._add_module(alias.name, self._roots)
        elif isinstance(node, ast.ImportFrom):
            roots = self._roots
            if node.level:
                roots = [path.parents[min(node.level, len(path.parents)) - 1]]
            module = node.module or ""
            if module:
                self._add_module(module, roots)
            else:
                self._add_file(roots[0] / "__init__.py")
            for alias in node.names:
                self._add_module(f"{module}.{alias.name}".strip("."), roots)
        elif isinstance(node, ast.Call):
            self._add_named(node, part, path, constants)
        elif isinstance(node, ast.Constant):
            self._add_script(str(node.value), path)
        elif isinstance(node, ast.Module):
            self._result.sources.append(
                Source(self._source.path, [Part(node, part.cell, part.file)])
            )

    # What is found is read and followed in turn.

    def _add(self, file: Path) -> bool:
        real = self._files.real(file)
        if real in self._seen:
            return True
        if len(self._result.sources) >= _MOST_MODULES:
            return False
        self._seen.add(real)
        try:
            module = self._files.read(
                file, shown_as=Path(os.path.relpath(file, self._folder)).as_posix()
            )
        except SourceError:
            return False  # Running the program will tell; for inference there is the rest.
        self._result.sources.append(module)
        self._pending.append((file, module))
        return True

    def _add_file(self, file: Path) -> bool:
        return file.is_file() and self._add(file)

    def _add_script(self, name: str, path: Path) -> None:
        for folder in (path.parent, self._folder, Path.cwd()):
            try:
                if self._add_file(folder / name):
                    return
            except OSError:
                return  # A text that is too long for a name of a file.

    def _add_module(self, dotted: str, roots: Sequence[Path]) -> bool:
        """Adds a module and the packages around it, from the first folder that has it."""
        names = dotted.split(".")
        if names[0] == _ROOT_PACKAGE or not all(names):
            return False
        for root in roots:
            file = self._files.module(root, dotted)
            if file is None:
                continue
            for count in range(1, len(names)):
                self._add_file(root.joinpath(*names[:count], "__init__.py"))
            self._add(file)
            return True
        return False

    def _add_named(self, node: ast.Call, part: Part, path: Path, constants: _Constants) -> None:
        """Follows `importlib.import_module(name)`, as far as the code tells the name."""
        patterns = constants.patterns(node.args[0])
        known = False
        for pattern in patterns:
            roots = self._roots
            if pattern.startswith("."):
                level = len(pattern) - len(pattern.lstrip("."))
                package = node.args[1:2] or [k.value for k in node.keywords if k.arg == "package"]
                inside = constants.patterns(package[0]) if package else []
                roots = [path.parents[level - 1]] + [
                    root.joinpath(*name.split(".")) for name in inside for root in self._roots
                    if _ANY not in name
                ]  # fmt: skip
            name = pattern.lstrip(".")
            if name.strip(f"{_ANY}.") == "":
                continue
            if _ANY not in name:
                known = True
                self._add_module(name, roots)
                continue
            glob = "/".join(name.split("."))
            for root in roots:
                for suffix in (".py", "/__init__.py"):
                    for file in sorted(root.glob(glob + suffix)):
                        known = self._add_file(file) or known
        if not known and not self._add_mentioned(path, constants):
            self._result.unknown.append(str(part.place(node)))

    def _add_mentioned(self, path: Path, constants: _Constants) -> bool:
        """Adds, where a name is not known, the modules that texts in the code name or match."""
        known = False
        for text in constants.texts:
            if re.fullmatch(r"[A-Za-z_]\w*(\.\w+)*", text):
                known = self._add_module(text, self._roots) or known
            if not re.fullmatch(r"[\w./*?\[\]-]+", text):
                continue
            for folder in (path.parent, self._folder, Path.cwd()):
                if text.endswith(".py") and _ANY in text and not text.startswith("/"):
                    files = sorted(folder.glob(text))
                elif (folder / text).is_dir() and (folder / text).resolve() != folder.resolve():
                    files = sorted((folder / text).glob("*.py"))
                else:
                    continue
                for file in files:
                    known = self._add_file(file) or known
        return known


def _leads(parts: Sequence[Part]) -> list[list[ast.AST]]:
    """What may lead to other files, by part: imports, names of modules and scripts.

    Code that stands in a string, to be executed or written into a file, is a module.
    """
    return [[lead for node in part.nodes if (lead := _lead(node)) is not None] for part in parts]


def _lead(node: ast.AST) -> ast.AST | None:
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return node
    if isinstance(node, ast.Call):
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        return node if called in _IMPORTERS and node.args else None
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if node.value.endswith(".py"):
            return node
        if _ROOT_PACKAGE in node.value:
            return _code(node.value, node.lineno)
    return None


def _code(text: str, line: int) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(textwrap.dedent(text))
    except (SyntaxError, ValueError):
        return None  # Prose.
    if not any(isinstance(inner, (ast.Import, ast.ImportFrom)) for inner in ast.walk(tree)):
        return None
    for inner in ast.walk(tree):
        if hasattr(inner, "lineno"):
            inner.lineno += line - 1
    return tree


def _roots(path: Path) -> list[Path]:
    """The folders from which a program's own modules are imported, in their order."""
    found = [path.parent]
    for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep):
        if entry and not projects.holds_packages(Path(entry)):
            found.append(Path(entry).absolute())
    found.append(Path.cwd())
    for folder in projects.folders(path):
        found += [folder, folder / "src"]
    return list(dict.fromkeys(folder for folder in found if folder.is_dir()))


def _added_to_path(parts: Iterable[Part]) -> list[list[str]]:
    """The texts in each call by which the code adds a folder to `sys.path`."""
    return [
        [
            item.value
            for item in ast.walk(node)
            if isinstance(item, ast.Constant) and isinstance(item.value, str)
        ]
        for part in parts
        for node in part.nodes
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("append", "insert", "extend")
        and re.fullmatch(r"(?:\w+\.)?path", ast.unparse(node.func.value))
    ]


def _folders_of(texts: Sequence[str], folder: Path) -> Iterator[Path]:
    """The folders that a call names, as far as they exist."""
    for base in (folder, Path.cwd()):
        for root in (base.joinpath(*texts), *(base / text for text in texts)):
            if texts and root.is_dir():
                yield Path(os.path.normpath(root))


class _Constants:
    """The texts of a file, and what its names stand for where that is text."""

    def __init__(self, parts: Iterable[Part]) -> None:
        self.texts: list[str] = []
        self._values: dict[str, list[ast.expr]] = {}
        for part in parts:
            for node in part.nodes:
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    self.texts.append(node.value)
                elif isinstance(node, ast.Assign):
                    for target in node.targets:
                        if isinstance(target, ast.Name):
                            self._values.setdefault(target.id, []).append(node.value)
                elif isinstance(node, (ast.For, ast.comprehension)):
                    if isinstance(node.target, ast.Name):
                        elements = getattr(node.iter, "elts", None) or getattr(
                            node.iter, "keys", []
                        )
                        self._values.setdefault(node.target.id, []).extend(elements)

    def patterns(self, node: ast.expr, depth: int = 0) -> list[str]:
        """The texts that an expression may give; `*` stands for what the code does not tell."""
        if depth > 8:  # Names that are defined by one another.
            return [_ANY]
        if isinstance(node, ast.Constant):
            return [str(node.value)]
        if isinstance(node, ast.JoinedStr):
            return self._joined(node.values, depth)
        if isinstance(node, ast.FormattedValue):
            return self.patterns(node.value, depth + 1)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return self._joined([node.left, node.right], depth)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            if isinstance(node.right, ast.Tuple):
                return self._filled(node.left, r"%\w", node.right.elts, depth)
            return self._filled(node.left, r"%\w", [node.right], depth)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr == "format":
                return self._filled(node.func.value, r"\{\w*\}", node.args, depth)
        if isinstance(node, ast.Name) and self._values.get(node.id):
            values = [self.patterns(value, depth + 1) for value in self._values[node.id]]
            return list(dict.fromkeys(text for texts in values for text in texts))
        return [_ANY]

    def _joined(self, nodes: Iterable[ast.expr], depth: int) -> list[str]:
        found = [""]
        for node in nodes:
            found = [a + b for a in found for b in self.patterns(node, depth + 1)]
        return found[:_MOST_MODULES]

    def _filled(
        self, template: ast.expr, hole: str, values: Sequence[ast.expr], depth: int
    ) -> list[str]:
        found = self.patterns(template, depth + 1)
        for value in values:
            texts = self.patterns(value, depth + 1)
            found = [
                re.sub(hole, lambda _, text=text: text, each, count=1)  # type: ignore[misc]
                for each in found
                for text in texts
            ]
        return [re.sub(hole, _ANY, each) for each in found][:_MOST_MODULES]
