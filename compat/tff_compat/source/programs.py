"""The files of a user that are checked: which there are, and which of them belong together."""

from __future__ import annotations

import concurrent.futures
import functools
import os
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from packaging.version import Version

from tff_compat import catalog, eras
from tff_compat.eras import Eras
from tff_compat.source import importing
from tff_compat.source.documents import Document, document
from tff_compat.source.findings import Finder
from tff_compat.source.reading import Files, SourceError
from tff_compat.source.resolving import Resolver
from tff_compat.source.tracing import Trace
from tff_compat.source.writing import Finding

_SUFFIXES = (".py", ".ipynb")
_SHORT_NAME = re.compile(rb"\btff\b")
_SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages", "build", "dist"})


class PathError(ValueError):
    """A path that cannot be checked; the message says why."""


@dataclass
class Program:
    """Files that import one another, and so were written for one release.

    Attributes:
      paths: The files.
      root: The folder that holds all of them, and the packages that they are in.
      bases: Folders from which the dotted names of their imports lead to files.
    """

    paths: list[Path]
    root: Path
    bases: tuple[Path, ...] = ()

    def names(self, path: Path) -> list[str]:
        """The dotted names by which a file may be imported; none for a notebook."""
        if path.suffix != ".py":
            return []
        module = path.absolute().with_suffix("")
        module = module.parent if module.name == "__init__" else module
        folders = {self.root, *self.bases, Path.cwd(), _root([path])}
        return [
            ".".join(module.relative_to(folder).parts)
            for folder in folders
            if folder in module.parents
        ]


@dataclass
class Checked:
    """What was found in a program.

    Attributes:
      as_of: The releases that it was taken to be written for.
      reason: Why, where that was inferred.
      releases: The release of each file.
      finders: What found it, by file: it can write the code too.
      findings: The findings, by file.
      errors: The files that cannot be read, and why.
    """

    as_of: Eras
    reason: str = ""
    releases: dict[Path, Version] = field(default_factory=dict)
    finders: dict[Path, Finder] = field(default_factory=dict)
    findings: dict[Path, list[Finding]] = field(default_factory=dict)
    errors: dict[Path, str] = field(default_factory=dict)


def files(paths: Sequence[Path]) -> list[Path]:
    """The scripts and notebooks among files and in folders; what git ignores is left out.

    Raises:
      PathError: A path is neither.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            found.update(dict.fromkeys(_in_folder(path)))
        elif path.is_file():
            found[path] = None
        else:
            raise PathError(f"{path}: there is no such file or folder.")
    return list(found)


def _in_folder(folder: Path) -> list[Path]:
    listed = _listed_by_git(folder)
    found = _walked(folder) if listed is None else listed
    return sorted(path for path in found if path.suffix in _SUFFIXES and path.is_file())


def _listed_by_git(folder: Path) -> list[Path] | None:
    command = ["git", "-C", str(folder), "ls-files", "-z", "-c", "-o", "--exclude-standard"]
    try:
        done = subprocess.run(command, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return [folder / os.fsdecode(name) for name in done.stdout.split(b"\0") if name]


def _walked(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name not in _SKIPPED
            and not os.path.exists(os.path.join(parent, name, "pyvenv.cfg"))
        )
        for name in names:
            if name.endswith(_SUFFIXES):
                yield Path(parent, name)


def programs(paths: Sequence[Path]) -> list[Program]:
    """The programs that use TFF among files; files that do not are left out."""
    contents: dict[Path, bytes] = {}
    for path in paths:
        try:
            contents[path] = path.read_bytes()
        except OSError:
            contents[path] = b"tensorflow_federated"  # It is told when it is read.
    chosen = {path for path, content in contents.items() if _mentions_tff(content)}
    modules = importing.Modules(paths)
    imported = {path: list(modules.imported(path, content)) for path, content in contents.items()}
    # Files that import what uses TFF handle its objects, also where they do not name it.
    importers: dict[Path, list[Path]] = {}
    for path, others in imported.items():
        for other, _ in others:
            importers.setdefault(other, []).append(path)
    links = _Groups(chosen)
    pending = list(chosen)
    while pending:
        path = pending.pop()
        for other in importers.get(path, ()):
            if other not in links:
                links.add(other)
                pending.append(other)
    for path in list(links):
        for other, _ in imported[path]:
            if other in links:
                links.join(path, other)
    found = []
    for group in links.groups():
        bases = {base for path in group for _, base in imported[path] if base is not None}
        found.append(Program(sorted(group), _root(group), tuple(sorted(bases))))
    return found


def _mentions_tff(content: bytes) -> bool:
    # Searching for a text is much faster than for a pattern.
    if b"tensorflow_federated" in content:
        return True
    return b"tff" in content and _SHORT_NAME.search(content) is not None


class _Groups:
    """Sets of paths that are joined."""

    def __init__(self, paths: set[Path]) -> None:
        self._parent = {path: path for path in paths}

    def __contains__(self, path: Path) -> bool:
        return path in self._parent

    def __iter__(self) -> Iterator[Path]:
        return iter(self._parent)

    def add(self, path: Path) -> None:
        self._parent[path] = path

    def _find(self, path: Path) -> Path:
        while self._parent[path] != path:
            self._parent[path] = self._parent[self._parent[path]]
            path = self._parent[path]
        return path

    def join(self, one: Path, other: Path) -> None:
        self._parent[self._find(one)] = self._find(other)

    def groups(self) -> list[list[Path]]:
        found: dict[Path, list[Path]] = {}
        for path in sorted(self._parent):
            found.setdefault(self._find(path), []).append(path)
        return list(found.values())


def _root(paths: Sequence[Path]) -> Path:
    """The folder around files and their packages."""
    folder = Path(os.path.commonpath([path.parent.absolute() for path in paths]))
    while (folder / "__init__.py").is_file() and folder.parent != folder:
        folder = folder.parent
    return folder


def check(
    program: Program, as_of: Eras | Version | None, target: Version, trace: Trace | None = None
) -> Checked:
    """Finds the legacy uses in a program.

    Args:
      program: The program.
      as_of: The release that it was written for, or those of its packages, beside which what has
        none is for the target already; inferred where it is None.
      target: The release that it is to run on.
      trace: What a run of it knew.
    """
    documents: dict[Path, Document] = {}
    errors: dict[Path, str] = {}
    for path in program.paths:
        try:
            documents[path] = document(path, path.read_bytes())
        except OSError as error:
            errors[path] = f"{path}: cannot be read: {error.strerror}"
        except SourceError as error:
            errors[path] = str(error)
    reason = ""
    if as_of is None:
        as_of, reason = _inferred([path for path in documents if documents[path].units])
    as_of = eras.read(as_of)
    checked = Checked(as_of, reason, errors=errors)
    rest = target if as_of.rest is None else as_of.rest
    released = _released(program, as_of, rest) if as_of.packages else None
    roots = [program.root, *program.bases, Path.cwd()]
    resolver = Resolver(rest, roots, trace, released)
    resolver.provide(documents.values())
    for path in sorted(documents):
        resolver.document(documents[path])
    for path, each in documents.items():
        release = checked.releases[path] = rest if released is None else released(path)
        finder = Finder(each, resolver.result, release, target, trace)
        checked.finders[path] = finder
        checked.findings[path] = [f for f in finder.findings() if not _is_ignored(f)]
    return checked


def check_all(
    several: Sequence[Program],
    as_of: Eras | Version | None,
    target: Version,
    trace: Trace | None = None,
) -> list[Checked]:
    """Checks programs, on several cores where that is worth it."""
    if len(several) < 8 or (os.cpu_count() or 1) < 2:
        return [check(program, as_of, target, trace) for program in several]
    with concurrent.futures.ProcessPoolExecutor() as pool:
        count = len(several)
        given = [as_of] * count, [target] * count, [trace] * count
        chunk = max(1, count // (4 * (os.cpu_count() or 1)))
        return list(pool.map(_check_for_records, several, *given, chunksize=chunk))


def _check_for_records(
    program: Program, as_of: Eras | Version | None, target: Version, trace: Trace | None
) -> Checked:
    """As `check`, without what another process has no use for."""
    checked = check(program, as_of, target, trace)
    checked.finders = {}
    for findings in checked.findings.values():
        for finding in findings:
            finding.forget()
    return checked


def _released(program: Program, as_of: Eras, rest: Version) -> Callable[[Path], Version]:
    """What gives the release of each file: that of the innermost package which has one."""

    @functools.cache
    def released(path: Path) -> Version:
        package = max((as_of.package(name) for name in program.names(path)), key=len, default="")
        return as_of.packages.get(package, rest)

    return released


def _inferred(paths: Sequence[Path]) -> tuple[Version, str]:
    """The release that a program was written for: the earliest that one of its files needs."""
    from tff_compat.source import inference  # It takes as long to import as all else here.

    found: list[tuple[Version, str]] = []
    files = Files()  # Each is among the modules of those that import it, too.
    for path in paths:
        try:
            inferred = inference.infer(path, files=files)
        except SourceError:
            continue
        if inferred.uses_tff:
            found.append((inferred.release, f"{path}: {inferred.reason}"))
    if not found:
        return catalog.load().releases[-1], "it does not use TensorFlow Federated."
    return min(found)


_IGNORE = re.compile(r"#\s*tff-compat:\s*ignore(?:\[(?P<codes>[\w\s,]*)\])?")


def _is_ignored(finding: Finding) -> bool:
    lines = finding.unit.lines
    for number in {finding.line, finding.end_line}:
        if number <= len(lines) and "tff-compat" in lines[number - 1]:
            match = _IGNORE.search(lines[number - 1])
            if match is not None:
                codes = re.findall(r"\w+", match["codes"] or "")
                return not codes or finding.code in codes
    return False
