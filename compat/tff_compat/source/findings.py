"""Finds the legacy uses in the files of a program, and the code to write instead."""

from __future__ import annotations

import ast
import functools
import re
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging.version import Version

from tff_compat import catalog
from tff_compat.adapters import index
from tff_compat.catalog import Signature
from tff_compat.declared import codes
from tff_compat.declared.replacement import (
    EXACT,
    IMPORTS,
    NONE,
    REVIEW,
    Code,
    NotWritable,
    Replacement,
)
from tff_compat.source import foreign, kinds
from tff_compat.source.deriving import Deriver
from tff_compat.source.documents import Document, Unit
from tff_compat.source.resolving import INTERNAL, PACKAGE, Resolution
from tff_compat.source.tracing import Trace
from tff_compat.source.values import Function, Instance, Scope, Symbol, Value, Values


@dataclass(eq=False)
class Finding:
    """One legacy use, with its place and what to write instead.

    Attributes:
      path: The file.
      cell: The number of the notebook's code cell, from 1; None in a script.
      line, column, end_line, end_column: The place, lines and columns from 1.
      code: The code of its sort, such as "TFF101".
      symbol: The public path of what is used, such as "tff.learning.Model".
      last_release: The last release that took this use.
      kind: "exact", "review" or "none".
      replacement: The code to write instead for this very use; "" where there is none.
      message: What is wrong, and what to do, in one line.
      node: The node that the replacement stands for.
      name: Of an import: the name that it binds.
      needs: The modules that the replacement uses and the file lacks, with the names for them.
      helpers: The helper functions that the replacement calls.
    """

    path: str
    cell: int | None
    line: int
    column: int
    end_line: int
    end_column: int
    code: str
    symbol: str
    last_release: str
    kind: str
    replacement: str
    message: str
    node: ast.AST = field(repr=False)
    unit: Unit = field(repr=False)
    name: str = ""
    needs: Mapping[str, str] = field(default_factory=dict)
    helpers: tuple[str, ...] = ()

    def forget(self) -> None:
        """Gives up the syntax trees, so that it can go to another process."""
        self.node = _NOWHERE
        self.unit = _NO_UNIT

    def record(self) -> dict[str, Any]:
        """The finding as JSON: the documented keys only."""
        return {name: getattr(self, name) for name in RECORD}


_NOWHERE = ast.Pass()
_NO_UNIT = Unit(Path(), "", "", ast.Module([], []))

RECORD = (
    "path", "cell", "line", "column", "end_line", "end_column", "code", "symbol",
    "last_release", "kind", "replacement", "message",
)  # fmt: skip
"""The keys of a finding as JSON."""


@dataclass(frozen=True)
class _Use:
    """What was found at one node, before its code is written."""

    node: ast.AST
    code: str
    symbol: str
    last_release: Version | None
    modern: Replacement
    arguments: Mapping[str, ast.expr] = field(default_factory=dict)
    rest: Mapping[str, Sequence[ast.AST]] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    makers: tuple[ast.AST, ...] = ()


class Finder:
    """Finds the legacy uses in one file of a program that was resolved.

    Args:
      document: The file.
      resolution: What the expressions of the program are.
      release: The release that the program was written for.
      target: The release that it is to run on.
    """

    def __init__(
        self,
        document: Document,
        resolution: Resolution,
        release: Version,
        target: Version,
        trace: Trace | None = None,
    ) -> None:
        self.document = document
        self.resolution = resolution
        self._release = release
        self._target = target
        self._trace = trace
        self._parents: dict[ast.AST, ast.AST] = {}
        self._uses: dict[ast.AST, _Use] = {}
        self._units: dict[ast.AST, Unit] = {}
        self._in_strings: set[ast.AST] = set()
        self._members = _members(release, target)

    def findings(self) -> list[Finding]:
        """All findings in the file, by place."""
        for unit in self.document.units:
            self._read(unit)
        for node, (unit, values) in self.resolution.seen.items():
            if unit in self.resolution.scopes and unit.path == self.document.path:
                if node in self._units:
                    self._look(node, values)
        found = [*self._unreadable(), *self._doubts()]
        written = self.writer()
        for node, use in self._uses.items():
            found.append(written.finding(node, use, self._units[node]))
        found += self._imports(written)
        return sorted(found, key=lambda each: (each.cell or 0, each.line, each.column, each.code))

    def writer(self, may: Callable[[Finding], bool] = lambda finding: True) -> Writer:
        """What writes the code for the uses found; `may` says which of them."""
        return Writer(self._uses, self._units, self.resolution, self._in_strings, may, self._trace)

    def holds(self, node: ast.AST) -> bool:
        """Whether a node stands in this file."""
        return node in self._units

    def statement(self, node: ast.AST) -> ast.AST:
        """The statement that a node stands in; of what is decorated, its first decorator."""
        while not isinstance(node, ast.stmt):
            node = self._parents[node]
        decorators = getattr(node, "decorator_list", [])
        return decorators[0] if decorators else node

    def is_alone(self, node: ast.AST) -> bool:
        """Whether a statement is the only one of its block."""
        parent = self._parents.get(node)
        if isinstance(parent, ast.Module):
            return False
        blocks = (value for _, value in ast.iter_fields(parent) if isinstance(value, list))  # type: ignore[arg-type]
        return any(block == [node] for block in blocks)

    def _read(self, unit: Unit) -> None:
        for parent in ast.walk(unit.tree):
            self._units[parent] = unit
            for child in ast.iter_child_nodes(parent):
                self._parents[child] = parent
                if isinstance(parent, ast.JoinedStr) or parent in self._in_strings:
                    self._in_strings.add(child)

    def _unreadable(self) -> Iterator[Finding]:
        for problem in self.document.problems:
            yield Finding(
                str(self.document.path), problem.cell or None, problem.line, problem.column,
                problem.line, problem.column, "TFF100", "", "", NONE, "", problem.message, _NOWHERE,
                _NO_UNIT,
            )  # fmt: skip

    def _doubts(self) -> Iterator[Finding]:
        for doubt in self.resolution.doubts:
            if doubt.node in self._units:
                yield place(
                    doubt.unit, doubt.node, code="TFF901", symbol="", last_release="", kind=NONE,
                    replacement="", message=f"It cannot be seen {doubt.reason}.",
                )  # fmt: skip

    # --- Uses -------------------------------------------------------------------------------------

    def _look(self, node: ast.AST, values: Values) -> None:
        parent = self._parents.get(node)
        call = parent if isinstance(parent, ast.Call) and parent.func is node else None
        if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(
            getattr(node, "ctx", None), ast.Load
        ):
            symbols = [value for value in values if isinstance(value, Symbol)]
            if symbols and not self._is_part(node, parent):
                self._of_symbols(node, call, symbols, values)
        receiver = self._receiver(node)
        if receiver is not None:
            self._of_member(node, receiver)

    def _is_part(self, node: ast.AST, parent: ast.AST | None) -> bool:
        """Whether a dotted name goes on: the whole is looked at instead."""
        if not (isinstance(parent, ast.Attribute) and parent.value is node):
            return False
        return any(isinstance(value, Symbol) for value in self.resolution.values(parent))

    def _of_symbols(
        self, node: ast.AST, call: ast.Call | None, symbols: Sequence[Symbol], values: Values
    ) -> None:
        uses = [
            use
            for symbol in sorted(symbols, key=lambda each: each.path)
            if (use := self._of_symbol(node, call, symbol)) is not None
        ]
        if not uses:
            return
        use = uses[0]
        if len(values) > 1:
            use = _only_said(use, "It may be several things here; write each of them.")
        self._uses[use.node] = use

    def _of_symbol(self, node: ast.AST, call: ast.Call | None, symbol: Symbol) -> _Use | None:
        path = symbol.path
        if not path.startswith(("tff.", f"{PACKAGE}.")):
            return self._of_foreign(node, call, path)
        known = catalog.load()
        entry = index.find(path, self._release)
        if entry is not None and entry.kind in ("adapter", "move", "refusal"):
            return self._of_entry(node, call, path, entry, symbol)
        owner, _, name = path.rpartition(".")
        outer = index.find(owner, self._release)
        if outer is not None and outer.kind == "move" and self._is_legacy(outer):
            modern = Replacement(f"{outer.target}.{name}")
            return self._use(node, "TFF101", path, self._last(path, None), modern)
        if outer is not None and outer.kind == "adapter" and outer.modern.name:
            if self._is_legacy(outer) and outer.legacy.always:
                modern = Replacement(f"{outer.modern.name}.{name}", outer.note)
                there = known.symbol(modern.template)
                if there is None or not there.exists_in(self._target):
                    modern = Replacement("", outer.note or f"{outer.modern.name} has no {name}.")
                return self._use(node, "TFF102", path, self._last(path, None), modern)
        found = known.symbol(path)
        if found is None or not found.exists_in(self._release):
            return self._unknown(node, path)
        if symbol.internal and found.kind_in(self._release) != "module":
            return self._internal(node, path)
        return None

    def _of_foreign(self, node: ast.AST, call: ast.Call | None, path: str) -> _Use | None:
        found = foreign.find(path, call)
        if found is None:
            return None
        place = call if found.whole and call is not None else node
        return _Use(
            place, found.code, found.symbol, None, found.modern, found.arguments, found.rest
        )

    def _unknown(self, node: ast.AST, path: str) -> _Use | None:
        known = catalog.load()
        if path == INTERNAL or path.startswith(f"{INTERNAL}."):
            return self._internal(node, path)
        symbol = known.symbol(path)
        if symbol is None:
            return None
        when = known.runs(symbol.releases)
        note = f"It was not in TFF {self._release}, but in {when}."
        return self._use(node, "TFF107", path, symbol.last, Replacement("", note))

    def _internal(self, node: ast.AST, path: str) -> _Use | None:
        """A symbol that is public, or was, reached through an internal module."""
        symbol = catalog.load().symbol(path)
        if symbol is None or path.startswith(INTERNAL):
            if symbol is not None and symbol.kind_in(self._release) == "module":
                return None
            note = "It is internal to TFF; copy what you need of it, or do without."
            return self._use(node, "TFF106", path, symbol.last if symbol else None,
                             Replacement("", note))  # fmt: skip
        if not symbol.exists_in(self._target):
            return None
        return self._use(node, "TFF106", path, None, Replacement(path))

    def _is_legacy(self, entry: index.Entry) -> bool:
        """Whether the target lacks what the entry stands for."""
        if self._target not in entry.releases:
            return True
        return any(self._release < Version(each) <= self._target for each in entry.changed)

    def _of_entry(
        self,
        node: ast.AST,
        call: ast.Call | None,
        path: str,
        entry: index.Entry,
        symbol: Symbol,
    ) -> _Use | None:
        if not self._is_legacy(entry):
            return self._internal(node, path) if symbol.internal else None
        if entry.kind == "move":
            return self._use(
                node, "TFF101", path, self._last(path, call), Replacement(entry.target)
            )
        if entry.kind == "refusal":
            note = f"{entry.reason} Use instead: {entry.replacement}"
            return self._use(node, "TFF104", path, self._last(path, call), Replacement("", note))
        bound = self._bind(path, entry, call) if call is not None else None
        given = {} if bound is None else bound.arguments
        matched = set(entry.legacy.values.values())
        code, decided = self._legacy(path, entry, call, bound)
        if not decided:
            return self._internal(node, path) if symbol.internal else None
        modern = next(
            (
                case
                for name, case in entry.cases.items()
                if (name in given and not _is_none(given[name])) or name in matched
            ),
            entry.modern,
        )
        last = self._last(path, call)
        if isinstance(self._parents.get(node), ast.ClassDef):
            code = "TFF105"
        if modern.name is not None or not modern.template:
            return self._use(node, code, path, last, modern)
        known = catalog.load().symbol(path)
        if known is not None and known.kind_in(self._release) == "constant":
            return self._use(node, code, path, last, modern)
        if call is None:
            problem = "It is used as a value here; write a function that calls the modern form."
            return self._use(node, code, path, last, modern, problem=problem)
        if bound is None:
            problem = "Which arguments it gets cannot be seen."
            return self._use(call, code, path, last, modern, problem=problem)
        for hole in modern.holes:
            if hole.derivation == "optimizer" and hole.name in given:
                self._optimizers_elsewhere(given[hole.name], last)
        return _Use(call, code, path, last, modern, bound.arguments, bound.rest, bound.defaults)

    def _optimizers_elsewhere(self, argument: ast.expr, last: Version | None) -> None:
        """Finds the lambdas that make the optimizers of an argument, where they stand elsewhere.

        Several of them may come to one call, so that its own place cannot name each.
        """
        values = self.resolution.values(argument)
        if isinstance(argument, ast.Lambda) or len(values) < 2:
            return
        lambdas = [
            value
            for value in values
            if isinstance(value, Function) and isinstance(value.node, ast.Lambda)
        ]
        if len(lambdas) < len(values):
            return
        if any(value.called or value.node not in self._units for value in lambdas):
            return
        modern = Replacement("{optimizer_fn:optimizer}")
        for value in lambdas:
            assert isinstance(value.node, ast.Lambda)
            given = {"optimizer_fn": value.node}
            use = _Use(value.node, "TFF201", "tf.keras.optimizers", last, modern, given)
            self._uses.setdefault(value.node, use)

    def _use(
        self,
        node: ast.AST,
        code: str,
        path: str,
        last: Version | None,
        modern: Replacement,
        problem: str = "",
    ) -> _Use:
        return _Use(node, code, path, last, modern, problem=problem)

    def _legacy(
        self, path: str, entry: index.Entry, call: ast.Call | None, bound: _Binding | None
    ) -> tuple[str, bool]:
        """The code for the use, and whether it is legacy at all."""
        legacy = entry.legacy
        if legacy.always:
            symbol = catalog.load().symbol(path)
            gone = symbol is None or not symbol.exists_in(self._target)
            return ("TFF102" if gone else "TFF103"), True
        if call is None:
            return "", False
        keywords = {keyword.arg for keyword in call.keywords}
        if keywords & set(legacy.keywords):
            return "TFF103", True
        for name, kind in legacy.values.items():
            if kind == "none" and bound is not None and name not in bound.arguments:
                return "TFF103", True
            for node in self._argument(name, call, bound):
                values = self.resolution.values(node) or _of_literal_node(node, self.resolution)
                if kinds.matches(kind, values, node, self.resolution):
                    return _CODES_OF_KINDS.get(kind, "TFF103"), True
        return "", False

    def _argument(self, name: str, call: ast.Call, bound: _Binding | None) -> Sequence[ast.expr]:
        if name == "*":
            return call.args
        if bound is None or name not in bound.arguments:
            rest = () if bound is None else bound.rest.get(name, ())
            return [node for node in rest if isinstance(node, ast.expr)]
        return [bound.arguments[name]]

    def _bind(self, path: str, entry: index.Entry, call: ast.Call) -> _Binding | None:
        symbol = catalog.load().symbol(path)
        signature = symbol.signature(self._release) if symbol is not None else None
        if signature is None and entry.signature:
            signature = Signature(entry.signature)
        return None if signature is None else bind(signature, call)

    def _last(self, path: str, call: ast.Call | None) -> Version | None:
        """The last release before the target that took this use."""
        return last_release(path, self._release, self._target, call)

    # --- Members of roles -------------------------------------------------------------------------

    def _receiver(self, node: ast.AST) -> ast.expr | None:
        if isinstance(node, (ast.Attribute, ast.Subscript)):
            return node.value
        return node.func if isinstance(node, ast.Call) else None

    def _of_member(self, node: ast.AST, receiver: ast.expr) -> None:
        found: dict[str, index.Entry] = {}
        values = self.resolution.values(receiver)
        for value in values:
            if isinstance(value, Instance):
                entry = self._member(value.role, node)
                if entry is not None:
                    found[entry.path] = entry
        if isinstance(node, ast.Call) and isinstance(receiver, ast.Attribute):
            values = self.resolution.values(receiver.value) if not found else values
            for value in values if not found else ():
                if isinstance(value, Instance):
                    entry = self._members.get((value.role, f".{receiver.attr}()"))
                    if entry is not None:
                        found[entry.path] = entry
        if not found:
            return
        entry = next(iter(found.values()))
        makers = {
            value.call for value in values if isinstance(value, Instance) and value.call is not None
        }
        role, _, name = entry.path.partition(": ")
        arguments: dict[str, ast.expr] = {"self": receiver}
        rest: Mapping[str, Sequence[ast.AST]] = {}
        defaults: Mapping[str, str] = {}
        problem = ""
        if isinstance(node, ast.Call):
            if entry.signature:
                bound = bind(Signature(entry.signature), node)
                if bound is None:
                    problem = "Which arguments it gets cannot be seen."
                else:
                    arguments.update(bound.arguments)
                    rest, defaults = bound.rest, bound.defaults
            if name.startswith("."):
                assert isinstance(node.func, ast.Attribute)
                arguments["self"] = node.func.value
        elif isinstance(node, ast.Subscript):
            arguments["key"] = node.slice
        elif isinstance(node, ast.Attribute) and name == ".*":
            arguments["key"] = ast.Constant(node.attr)
        if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            problem = "It is assigned to here."
        modern = entry.modern
        if len(found) > 1 or any(not isinstance(value, Instance) for value in values):
            problem = problem or "What it is differs from call to call."
        use = _Use(
            node, codes.of_role(role), f"{role}{name}", _last_of(entry), modern,
            arguments, rest, defaults, problem=problem, makers=tuple(makers),
        )  # fmt: skip
        self._uses[node] = use

    def _member(self, role: str, node: ast.AST) -> index.Entry | None:
        if isinstance(node, ast.Attribute):
            parent = self._parents.get(node)
            if isinstance(parent, ast.Call) and parent.func is node:
                if (role, f".{node.attr}()") in self._members:
                    return None
            return self._members.get((role, f".{node.attr}")) or self._members.get((role, ".*"))
        if isinstance(node, ast.Subscript):
            key = node.slice
            if isinstance(key, ast.Constant) and (role, f"[{key.value}]") in self._members:
                return self._members[role, f"[{key.value}]"]
            return self._members.get((role, "[*]"))
        return self._members.get((role, "()")) if isinstance(node, ast.Call) else None

    # --- Imports ----------------------------------------------------------------------------------

    def _imports(self, written: Writer) -> Iterator[Finding]:
        for unit, node, name, symbol in self.resolution.imports:
            if node not in self._units:
                continue
            if not symbol.path.startswith(("tff", PACKAGE)):
                found = foreign.find(symbol.path, None)
                if found is not None:
                    yield self._foreign_import(unit, node, name, symbol, found, written)
                continue
            finding = self._import(unit, node, name, symbol, written)
            if finding is not None:
                yield finding

    def _foreign_import(
        self,
        unit: Unit,
        node: ast.Import | ast.ImportFrom,
        name: str,
        symbol: Symbol,
        found: foreign.Foreign,
        written: Writer,
    ) -> Finding:
        kind = found.modern.kind
        uses = [
            inner
            for inner, (_, values) in self.resolution.seen.items()
            if isinstance(inner, ast.Name) and inner.id == name and symbol in values
        ]
        if any(written.covering(inner) is None for inner in uses if inner in self._units):
            kind = NONE
        return place(
            unit, node, code=found.code, symbol=symbol.path, last_release="", kind=kind,
            replacement="", name=name,
            message=f"`{found.symbol}` is gone. {found.modern.note or found.modern.template}",
        )  # fmt: skip

    def _import(
        self,
        unit: Unit,
        node: ast.Import | ast.ImportFrom,
        name: str,
        symbol: Symbol,
        written: Writer,
    ) -> Finding | None:
        known = catalog.load()
        found = known.symbol(symbol.path)
        if symbol.path == INTERNAL:
            return place(
                unit, node, code="TFF106", symbol=INTERNAL, last_release="0.19.0", kind=EXACT,
                name=name,
                replacement=f"import tensorflow_federated as {name}" if name != PACKAGE
                else "import tensorflow_federated",
                message=f"`{INTERNAL}` is internal. Write instead: import tensorflow_federated",
            )  # fmt: skip
        entry = index.find(symbol.path, self._release)
        legacy = (
            entry is not None and self._is_legacy(entry) and not entry.modern.name == symbol.path
        )
        gone = found is None or not found.exists_in(self._target)
        if (
            not symbol.internal
            and not (legacy and gone)
            and not (gone and found is not None and found.exists_in(self._release))
        ):
            return None
        uses = [
            (inner, self._uses.get(inner))
            for inner, (_, values) in self.resolution.seen.items()
            if isinstance(inner, ast.Name) and inner.id == name and symbol in values
            and inner in self._units
        ]  # fmt: skip
        wholes = [written.covering(inner) for inner, _ in uses]
        kind = NONE
        if symbol.path != PACKAGE and all(whole is not None for whole in wholes):
            parts = {whole.kind for whole in wholes if whole is not None}
            kind = NONE if NONE in parts else (REVIEW if REVIEW in parts else EXACT)
        code = (
            "TFF106"
            if symbol.internal
            else "TFF101"
            if entry is None or entry.kind == "move"
            else "TFF102"
        )
        last = last_release(symbol.path, self._release, self._target, None)
        instead = "" if kind == NONE else "the import is not needed where its uses are written anew"
        return place(
            unit, node, code=code, symbol=symbol.path, last_release=str(last or ""), kind=kind,
            replacement="", name=name, message=f"`{symbol.path}` is not in TFF {self._target}"
            + (f": {instead}." if instead else ": write its uses anew, then remove the import."),
        )  # fmt: skip


_CODES_OF_KINDS = {
    "keras optimizer": "TFF201",
    "tensorflow type": "TFF202",
    "python type": "TFF202",
}


def _of_literal_node(node: ast.expr, resolution: Resolution) -> Values:
    """What a display of containers holds; constants and displays are not kept in `seen`."""
    from tff_compat.source.values import Container, Literal

    if isinstance(node, (ast.Tuple, ast.List)):
        items = {
            position: resolution.values(each) or _of_literal_node(each, resolution)
            for position, each in enumerate(node.elts)
        }
        return frozenset([Container(type(node).__name__.lower(), dict(items))])
    if isinstance(node, ast.Dict):
        inner = {
            position: resolution.values(each) or _of_literal_node(each, resolution)
            for position, each in enumerate(node.values)
        }
        return frozenset([Container("dict", dict(inner))])
    if isinstance(node, ast.Constant):
        return frozenset([Literal.of(node.value)])
    if isinstance(node, ast.Lambda) and node in resolution.functions:
        return frozenset([resolution.functions[node]])
    return frozenset()


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _last_of(entry: index.Entry) -> Version | None:
    return max(entry.stands_for, default=None)


def _only_said(use: _Use, problem: str) -> _Use:
    from dataclasses import replace

    return use if use.problem else replace(use, problem=problem)


@functools.lru_cache(maxsize=256)
def _members(release: Version, target: Version) -> Mapping[tuple[str, str], index.Entry]:
    """The members of roles that change, by role and name."""
    found: dict[tuple[str, str], index.Entry] = {}
    for entry in index.members():
        if not (entry.modern.template or entry.note) or release not in entry.releases:
            continue
        if target in entry.releases and str(entry.releases):
            continue
        role, _, name = entry.path.partition(": ")
        found[role, name] = entry
        if name.endswith("()") and name != "()":
            found[role, name] = entry
    return found


@functools.lru_cache(maxsize=4096)
def _took(
    path: str, release: Version, positional: int, keywords: tuple[str, ...], partial: bool
) -> bool:
    symbol = catalog.load().symbol(path)
    if symbol is None or not symbol.exists_in(release):
        return False
    signature = symbol.signature(release)
    return signature is None or signature.misfit(positional, keywords, partial=partial) is None


def last_release(
    path: str, release: Version, target: Version, call: ast.Call | None
) -> Version | None:
    """The last release before `target` that took a use that `release` took."""
    last = None
    for each in catalog.load().releases:
        if each < release:
            continue
        if each >= target:
            break
        if call is not None:
            keywords = tuple(sorted(k.arg for k in call.keywords if k.arg is not None))
            starred = [a for a in call.args if isinstance(a, ast.Starred)]
            partial = bool(starred) or any(k.arg is None for k in call.keywords)
            count = len(call.args) - len(starred)
            taken = _took(path, each, count, keywords, partial)
        else:
            symbol = catalog.load().symbol(path)
            taken = symbol is not None and symbol.exists_in(each)
        entry = index.find(path, each)
        if not taken or (entry is None and last is not None and index.find(path, last) is not None):
            break
        last = each
    return last


@dataclass(frozen=True)
class _Binding:
    """The arguments of a call by the parameters of a signature."""

    arguments: Mapping[str, ast.expr]
    rest: Mapping[str, Sequence[ast.AST]]
    defaults: Mapping[str, str]


def bind(signature: Signature, call: ast.Call) -> _Binding | None:
    """Binds a call to a signature; None where it does not fit, or cannot be seen."""
    from inspect import _ParameterKind as Kind

    arguments: dict[str, ast.expr] = {}
    rest: dict[str, Sequence[ast.AST]] = {}
    slots = [
        parameter
        for parameter in signature.parameters
        if parameter.kind in (Kind.POSITIONAL_ONLY, Kind.POSITIONAL_OR_KEYWORD)
    ]
    several = next((p for p in signature.parameters if p.kind is Kind.VAR_POSITIONAL), None)
    named = {
        p.name
        for p in signature.parameters
        if p.kind in (Kind.POSITIONAL_OR_KEYWORD, Kind.KEYWORD_ONLY)
    }
    further = next((p for p in signature.parameters if p.kind is Kind.VAR_KEYWORD), None)
    starred = any(isinstance(argument, ast.Starred) for argument in call.args[: len(slots)])
    if starred or any(keyword.arg is None for keyword in call.keywords):
        return None
    for parameter, argument in zip(slots, call.args):
        arguments[parameter.name] = argument
    if len(call.args) > len(slots):
        if several is None:
            return None
        rest[several.name] = call.args[len(slots) :]
    others: list[ast.AST] = []
    for keyword in call.keywords:
        assert keyword.arg is not None
        if keyword.arg in named:
            if keyword.arg in arguments:
                return None
            arguments[keyword.arg] = keyword.value
        elif further is not None:
            others.append(keyword)
        else:
            return None
    if further is not None:
        rest[further.name] = others
    defaults = {
        p.name: p.default
        for p in signature.parameters
        if p.default is not None and p.default != "..." and _is_plain(p.default)
    }
    return _Binding(arguments, rest, defaults)


def _is_plain(default: str) -> bool:
    try:
        ast.literal_eval(default)
    except (ValueError, SyntaxError):
        return False
    return True


def place(unit: Unit, node: ast.AST, **fields: Any) -> Finding:
    """A finding at the place of a node."""
    start, end = unit.span(node)
    line, column = unit.position_of(start)
    end_line, end_column = unit.position_of(end)
    return Finding(
        str(unit.path), unit.cell or None, line, column, end_line, end_column,
        node=node, unit=unit, **fields,
    )  # fmt: skip


class Writer:
    """Writes the code for the uses in one file, each with those inside it."""

    def __init__(
        self,
        uses: Mapping[ast.AST, _Use],
        units: Mapping[ast.AST, Unit],
        resolution: Resolution,
        in_strings: Collection[ast.AST],
        may: Callable[[Finding], bool],
        trace: Trace | None = None,
    ) -> None:
        self._trace = trace
        self._uses = uses
        self._units = units
        self._resolution = resolution
        # Up to Python 3.11 what stands in an f-string has no place of its own.
        self._in_strings = in_strings if sys.version_info < (3, 12) else ()
        self._may = may
        self._written: dict[ast.AST, Finding] = {}
        self._helper_names: dict[str, str] = {}

    def may(self, finding: Finding) -> bool:
        """Whether the code of a finding is to be written."""
        return finding.kind != NONE and self._may(finding)

    def written(self, node: ast.AST) -> Finding | None:
        """The finding of the use at a node."""
        use = self._uses.get(node)
        return None if use is None else self.finding(node, use, self._units[node])

    def stands_for(self, node: ast.AST) -> bool:
        """Whether code is written in the place of a name."""
        finding = self.covering(node)
        return finding is not None and self.may(finding)

    def helper_name(self, name: str) -> str:
        """The name of a helper function in this file: one that is free."""
        if name not in self._helper_names:
            taken = {each for scope in self._resolution.scopes.values() for each in scope.names}
            taken |= {node.id for node in self._resolution.owners if isinstance(node, ast.Name)}
            free = name
            while free in taken:
                free = f"{name}_process" if free == name else f"{free}_"
            self._helper_names[name] = free
        return self._helper_names[name]

    def covering(self, node: ast.AST) -> Finding | None:
        """The finding whose code stands in the place of a name."""
        for use_node in self._uses:
            if any(child is node for child in _heads(use_node)):
                return self.written(use_node)
        return None

    def finding(self, node: ast.AST, use: _Use, unit: Unit) -> Finding:
        """The finding of a use, with its code."""
        known = self._written.get(node)
        if known is not None:
            return known
        kind, text, note = use.modern.kind, "", use.modern.note
        needs: dict[str, str] = {}
        helpers: set[str] = set()
        if kind != NONE:
            try:
                if use.problem:
                    raise NotWritable(use.problem)
                for maker in use.makers:
                    made = self.written(maker)
                    if made is not None and not self.may(made):
                        raise NotWritable(f"It depends on `{made.symbol}`, which is left.")
                if node in self._in_strings:
                    raise NotWritable("It stands in an f-string; write it anew there.")
                text, notes = self._fill(node, use, unit, needs, helpers)
                if notes:
                    kind, note = REVIEW, " ".join(filter(None, [note, *notes]))
            except NotWritable as problem:
                kind, note = NONE, str(problem)
                text = ""
        finding = place(
            unit, node, code=use.code, symbol=use.symbol,
            last_release="" if use.last_release is None else str(use.last_release),
            kind=kind, replacement=text, message="", needs=needs,
            helpers=tuple(sorted(helpers)),
        )  # fmt: skip
        finding.message = _message(finding, use, note)
        self._written[node] = finding
        return finding

    def _fill(
        self, node: ast.AST, use: _Use, unit: Unit, needs: dict[str, str], helpers: set[str]
    ) -> tuple[str, list[str]]:
        scope = self._resolution.scopes.get(unit)
        inner_scope = self._scope_of(node) or scope

        def traced(parameter: str) -> set[str | None]:
            if self._trace is None or not isinstance(node, ast.Call):
                return set()
            return self._trace.optimizers_at(unit, node, parameter)

        deriver = Deriver(
            self._resolution, unit, inner_scope, self.text, self._values, traced, self._is_rewritten
        )
        arguments = {
            name: Code(
                self.text(argument, unit)
                if hasattr(argument, "lineno") and argument is not node
                else ast.unparse(argument),
                argument,
            )
            for name, argument in use.arguments.items()
        }
        derived = {hole.name: hole for hole in use.modern.holes if hole.stars and hole.derivation}
        for name, nodes in use.rest.items():
            hole = derived.get(name)
            text = ", ".join(
                self.text(each, unit)
                if hole is None or not isinstance(each, ast.expr)
                else deriver.derive(hole, Code(self.text(each, unit), each))
                for each in nodes
            )
            if text:
                arguments[name] = Code(text, ast.Constant(None))

        def helper(name: str) -> str:
            helpers.add(name)
            return self.helper_name(name)

        given = {
            name
            for name in arguments
            if not (arguments[name].text == "None" == use.defaults.get(name))
        }
        text = use.modern.fill(
            arguments, defaults=use.defaults, derive=deriver.derive, helper=helper, given=given
        )
        roots = {*use.modern.imports(given), *_roots_of(text)}
        text = self._with_roots(text, roots & set(IMPORTS), inner_scope, needs)
        for argument in (*use.arguments.values(), *(n for ns in use.rest.values() for n in ns)):
            for inner in self._inside(argument, unit) if argument is not node else ():
                needs.update(inner.needs)
                helpers.update(inner.helpers)
        return text, deriver.notes

    def _is_rewritten(self, value: Value) -> bool:
        """Whether a function is a lambda whose place gets the code of an optimizer."""
        if not isinstance(value, Function) or value.node not in self._uses:
            return False
        finding = self.written(value.node)
        return finding is not None and self.may(finding)

    def _values(self, node: ast.expr) -> Values:
        return self._resolution.values(node) or _of_literal_node(node, self._resolution)

    def _scope_of(self, node: ast.AST) -> Scope | None:
        for inner in ast.walk(node):
            if inner in self._resolution.owners:
                return self._resolution.owners[inner]
        return None

    def _with_roots(
        self,
        text: str,
        roots: set[str],
        scope: Scope | None,
        needs: dict[str, str],
    ) -> str:
        """The code with the names by which this file calls the modules that it uses."""
        for root in sorted(roots):
            name = _bound_name(scope, root)
            if name is None:
                name = root if scope is None or not scope.lookup(root) else f"{root}_"
                needs[root] = name
            if name != root:
                text = re.sub(rf"(?<![\w.]){root}(?=\.)", name, text)
        return text

    def text(self, node: ast.AST, unit: Unit) -> str:
        """The text of a node, with the code of all uses in it written."""
        finding = self._edit(node, unit)
        if finding is not None:
            return finding.replacement
        start, end = unit.span(node)
        pieces: list[str] = []
        for inner in self.edited(node, unit):
            first, last = unit.span(inner.node)
            if first < start:
                continue
            pieces += [unit.text[start:first], inner.replacement]
            start = last
        return "".join([*pieces, unit.text[start:end]])

    def _edit(self, node: ast.AST, unit: Unit) -> Finding | None:
        use = self._uses.get(node)
        if use is None:
            return None
        finding = self.finding(node, use, unit)
        return finding if self.may(finding) else None

    def _inside(self, node: ast.AST, unit: Unit) -> list[Finding]:
        """The edits in the text of a node."""
        finding = self._edit(node, unit)
        return [finding] if finding is not None else self.edited(node, unit)

    def edited(self, node: ast.AST, unit: Unit) -> list[Finding]:
        """The outermost edits inside a node, in their order; imports are not among them."""
        found: list[Finding] = []
        pending = list(ast.iter_child_nodes(node))
        while pending:
            child = pending.pop()
            finding = self._edit(child, unit)
            if finding is not None:
                found.append(finding)
            else:
                pending += ast.iter_child_nodes(child)
        return sorted(found, key=lambda each: unit.span(each.node))


def _heads(node: ast.AST) -> Iterator[ast.AST]:
    """The names that the code for a node stands for: of a call, what is called."""
    current: ast.AST | None = node
    while current is not None:
        yield current
        if isinstance(current, ast.Call):
            current = current.func
        elif isinstance(current, (ast.Attribute, ast.Subscript)):
            current = current.value
        else:
            current = None


def _roots_of(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w.])(\w+)(?=\.)", text))


_PATHS_OF_ROOTS = {
    "tff": ("tff",),
    "tf": ("tensorflow", "tensorflow.compat.v2"),
    "np": ("numpy",),
    "tfp": ("tensorflow_privacy",),
}


def _bound_name(scope: Scope | None, root: str) -> str | None:
    """The name by which a file has a module, None where it has none."""
    paths = (*_PATHS_OF_ROOTS.get(root, (root,)), *((INTERNAL,) if root == "tff" else ()))
    while scope is not None:
        candidates = [
            name
            for name, values in scope.names.items()
            if len(values) == 1
            for value in values
            if isinstance(value, Symbol) and value.path in paths
        ]
        if candidates:
            return root if root in candidates else candidates[0]
        scope = scope.parent
    return None


def _message(finding: Finding, use: _Use, note: str) -> str:
    last = f" was last in TFF {finding.last_release}" if finding.last_release else " is legacy"
    text = f"{use.symbol} as used here{last}."
    if finding.replacement:
        code = re.sub(r"\s+", " ", finding.replacement)
        text += f" Write instead: {code}"
        return f"{text} ({note})" if note else text
    return f"{text} {note}".strip()
