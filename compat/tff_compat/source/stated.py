"""What a program itself says of its release: tests of `tff.__version__`, docstrings, comments."""

from __future__ import annotations

import ast
import io
import operator
import re
import tokenize
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from tff_compat.source.reading import Part, Place, Source

_ROOT = "tensorflow_federated"
_DISTRIBUTION = r"""["']tensorflow[-_]federated["']"""
_ASKED = re.compile(r"__version__|get_distribution|\bversion\b")
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_MIRRORED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt,
    ast.LtE: ast.GtE,
    ast.Gt: ast.Lt,
    ast.GtE: ast.LtE,
    ast.Eq: ast.Eq,
    ast.NotEq: ast.NotEq,
}
_ENDS = re.compile(r"(?:sys\.|os\.)?_?(?:exit|quit)$")
_NAMED = re.compile(
    r"""(?P<before>[^.\n]{0,40}?)
    (?P<phrase>\b(?:TFF|TensorFlow[ _-]?Federated)\b(?:\W{1,3}\(?TFF\)?)?
    (?:\s+(?:version|release|at|is))?\s*(?P<bound>[<>]=?)?(?:={1,3}|:|@|~=)?\s*`?v?
    (?P<version>0\.\d+(?:\.\d+)?))\b
    (?P<after>[^.\n]{0,20})""",
    re.IGNORECASE | re.VERBOSE,
)
# Without the name, at the end of a sentence or line: "As of 0.17, …" tells when something changed.
_UNNAMED = re.compile(
    r"""(?P<before>[^.\n]{0,40}?)
    (?P<phrase>\bas\s+of\s+(?:(?:version|release)\s+)?`?v?(?P<version>0\.\d+(?:\.\d+)?))`?
    (?=\s*(?:[;:)]|\.(?!\d)|$))""",
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)
_OTHERWISE = re.compile(
    r"\b(?:since|from|until|till|before|after|removed|deprecated|not|than|newer|older|up to)\b",
    re.IGNORECASE,
)
_OR_LATER = re.compile(r"\s*(?:\+|(?:or|and)\s+(?:later|newer|above|higher|up|greater))", re.I)


@dataclass(frozen=True)
class VersionTest:
    """A test of TFF's version that stops the program if it fails.

    `fits` tells whether the program goes on in a release.
    """

    place: Place
    text: str
    fits: Callable[[Version], bool]


def version_tests(parts: Iterable[Part]) -> Iterator[VersionTest]:
    """Yields each test of the version which a release has to pass.

    A test by which the program chooses one of two ways is none: it goes on in either.
    """
    for part in parts:
        for node, text, fits in part.once(_tests):
            yield VersionTest(part.place(node), text, fits)


def _tests(part: Part) -> list[tuple[ast.AST, str, Callable[[Version], bool]]]:
    if part.text and not _ASKED.search(part.text):
        return []  # A large program has few that do, and looking at each node takes long.
    names = _Versions(part)
    found: list[tuple[ast.AST, str, Callable[[Version], bool]]] = []
    for node in part.nodes:
        if isinstance(node, ast.Assert):
            test, wanted = node.test, True
        elif isinstance(node, ast.If) and not node.orelse and _stops(node.body):
            test, wanted = node.test, False
        else:
            continue
        text = ast.unparse(test)
        found += [(node, text, fits) for fits in _requirements(test, wanted, names)]
    return found


def _stops(body: list[ast.stmt]) -> bool:
    last = body[-1]
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        return _ENDS.match(ast.unparse(last.value.func)) is not None
    return isinstance(last, ast.Raise)


def _requirements(
    test: ast.expr, wanted: bool, names: _Versions
) -> Iterator[Callable[[Version], bool]]:
    """What a condition that has to be true, or false, says of the release."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        yield from _requirements(test.operand, not wanted, names)
    elif isinstance(test, ast.BoolOp):
        # Of `a and b` each is true if the whole is, and of `a or b` each is false if it is.
        if isinstance(test.op, ast.And) is wanted:
            for value in test.values:
                yield from _requirements(value, wanted, names)
    else:
        holds = _condition(test, names)
        if holds is not None:
            yield holds if wanted else lambda release: not holds(release)


def _condition(test: ast.expr, names: _Versions) -> Callable[[Version], bool] | None:
    if isinstance(test, ast.Call) and isinstance(test.func, ast.Attribute):
        if test.func.attr == "startswith" and names.is_version(test.func.value) and test.args:
            start = _text(test.args[0])
            return None if start is None else lambda release: str(release).startswith(start)
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return None
    left, right, kind = test.left, test.comparators[0], type(test.ops[0])
    if not names.is_version(left):
        if not names.is_version(right) or kind not in _MIRRORED:
            return None
        left, right, kind = right, left, _MIRRORED[kind]
    if kind in (ast.In, ast.NotIn) and isinstance(right, (ast.Tuple, ast.List, ast.Set)):
        listed = {number for number in map(_number, right.elts) if number is not None}
        return lambda release: (release.release in listed) is (kind is ast.In)
    number = _number(right)
    if number is None or kind not in _COMPARISONS:
        return None
    # `tff.__version__[:4]` and `….split(".")[:2]` are compared as far as the other side goes.
    partial = any(isinstance(inner, ast.Slice) for inner in ast.walk(left))
    length = len(number) if partial else 3
    compare = _COMPARISONS[kind]
    filled = (*number, 0, 0, 0)[:length]
    return lambda release: compare(release.release[:length], filled)


def _text(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


def _number(node: ast.expr) -> tuple[int, ...] | None:
    """The version that an expression names: a text, a call with one, a tuple or list."""
    if isinstance(node, ast.Call) and len(node.args) == 1:
        return _number(node.args[0])
    if isinstance(node, (ast.Tuple, ast.List)):
        parts = [e.value for e in node.elts if isinstance(e, ast.Constant)]
        try:
            return tuple(int(part) for part in parts) or None  # type: ignore[arg-type]
        except (TypeError, ValueError):
            return None
    text = _text(node)
    try:
        return None if text is None else Version(text).release
    except InvalidVersion:
        return None


class _Versions:
    """Which expressions of a part are the version of TFF."""

    def __init__(self, part: Part) -> None:
        packages, versions = {_ROOT}, set()
        for node in part.nodes:
            if isinstance(node, ast.Import):
                packages |= {a.asname for a in node.names if a.asname and a.name == _ROOT}
            elif isinstance(node, ast.ImportFrom) and node.module == _ROOT:
                versions |= {a.asname or a.name for a in node.names if a.name == "__version__"}
        # A part of a notebook has the package from an earlier cell, where it is called so.
        packages.add("tff")
        self._pattern = self._compiled(packages, versions)
        for node in part.nodes:
            if isinstance(node, ast.Assign) and self.is_version(node.value):
                versions |= {t.id for t in node.targets if isinstance(t, ast.Name)}
        self._pattern = self._compiled(packages, versions)

    @staticmethod
    def _compiled(packages: set[str], versions: set[str]) -> re.Pattern[str]:
        attributes = [rf"{re.escape(name)}\.__version__" for name in sorted(packages)]
        asked = [rf"(?:get_distribution|version)\({_DISTRIBUTION}\)"]
        return re.compile(rf"(?<![\w.])(?:{'|'.join([*attributes, *sorted(versions)])})\b"
                          rf"|{asked[0]}")  # fmt: skip

    def is_version(self, node: ast.expr) -> bool:
        return self._pattern.search(ast.unparse(node)) is not None


@dataclass(frozen=True)
class Mention:
    """A release that prose names, as in "tested with TFF 0.16.1"; perhaps "or later"."""

    place: str
    text: str
    version: Version
    or_later: bool


def mentions(source: Source, readmes: Iterable[Path] = ()) -> list[Mention]:
    """The releases that docstrings, comments, a notebook's text and readmes name.

    A text which names several tells nothing: what it says of each, only a reader knows.
    """
    found = []
    texts = [prose for part in source.parts for prose in _prose(part)]
    own = [mention for place, text in texts for mention in _named(text, place)]
    packages = _packages(source.parts)
    if _ROOT in packages:
        own += [each for place, text in texts for each in _unnamed(text, place, packages)]
    for number, text in enumerate(source.prose, start=1):
        own += _named(text, f"text cell {number}")
    groups = [own]
    for path in readmes:
        try:
            groups.append(list(_named(path.read_text(encoding="utf-8"), path.name)))
        except (OSError, UnicodeDecodeError):
            continue
    for group in groups:
        if len({(mention.version, mention.or_later) for mention in group}) == 1:
            found.append(group[0])
    return found


def _named(text: str, place: str) -> Iterator[Mention]:
    for match in _NAMED.finditer(text):
        bound = match["bound"] or ""
        if _OTHERWISE.search(match["before"]) or bound.startswith("<") or bound == ">":
            continue
        later = bound == ">=" or _OR_LATER.match(match["after"]) is not None
        yield Mention(place, " ".join(match["phrase"].split()), Version(match["version"]), later)


def _unnamed(text: str, place: str, packages: set[str]) -> Iterator[Mention]:
    """Mentions that do not say of what, as in "as of 0.17": of TFF where no package is named."""
    for match in _UNNAMED.finditer(text):
        before = match["before"]
        if _OTHERWISE.search(before) or packages.intersection(re.findall(r"\w+", before.lower())):
            continue
        yield Mention(place, " ".join(match["phrase"].split()), Version(match["version"]), False)


def _packages(parts: Iterable[Part]) -> set[str]:
    """The packages that parts import, and their own names for others than TFF, in lower case."""
    found: set[str] = set()
    for node in (node for part in parts for node in part.nodes):
        if isinstance(node, ast.Import):
            for each in node.names:
                package = each.name.split(".")[0]
                found |= {package} if package == _ROOT else {package, each.asname or package}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return {name.lower() for name in found}


def _prose(part: Part) -> Iterator[tuple[str, str]]:
    """Docstrings and comments, with their places."""
    for node in part.nodes:
        if isinstance(node, ast.Expr) and _text(node.value) is not None:
            yield str(part.place(node)), _text(node.value) or ""
    try:
        for token in tokenize.generate_tokens(io.StringIO(part.text).readline):
            if token.type == tokenize.COMMENT:
                yield str(Place(part.cell, token.start[0], part.file)), token.string
    except (tokenize.TokenError, SyntaxError):
        return
