"""Writes the code for the legacy uses in a file, each with those inside it."""

from __future__ import annotations

import ast
import functools
import re
import symtable
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from inspect import _ParameterKind as Kind
from pathlib import Path
from typing import Any

from packaging.version import Version

from tff_compat.adapters import index
from tff_compat.catalog import Signature
from tff_compat.declared.replacement import (
    IMPORTS,
    NONE,
    REVIEW,
    Code,
    Hole,
    NotWritable,
    Replacement,
    recommendation,
)
from tff_compat.source.binding import is_plain
from tff_compat.source.deriving import Deriver
from tff_compat.source.documents import Unit
from tff_compat.source.resolving import INTERNAL, Resolution
from tff_compat.source.tracing import Trace
from tff_compat.source.values import Function, Scope, Symbol, Value


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
        self.node = NOWHERE
        self.unit = NO_UNIT

    def record(self) -> dict[str, Any]:
        """The finding as JSON: the documented keys only."""
        return {name: getattr(self, name) for name in RECORD}


NOWHERE = ast.Pass()
NO_UNIT = Unit(Path(), "", "", ast.Module([], []))

RECORD = (
    "path", "cell", "line", "column", "end_line", "end_column", "code", "symbol",
    "last_release", "kind", "replacement", "message",
)  # fmt: skip
"""The keys of a finding as JSON."""


@dataclass(frozen=True)
class Use:
    """What was found at one node, before its code is written.

    Attributes:
      text: The code itself, for a node that is no expression.
      has_gone_parameters: Whether only calls that give what is no parameter now are legacy.
    """

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
    assigns: str = ""
    """Where the code stands for a statement: the variable that it assigns."""
    kept: Collection[ast.AST] = frozenset()
    """Arguments that are written as they are, where the source does not say what they are."""
    signature: Signature | None = None
    """Where a function is used as a value: what the function in its place has to take."""
    text: str = ""
    has_gone_parameters: bool = False
    otherwise: Replacement | None = None


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
        uses: Mapping[ast.AST, Use],
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
            taken |= index.helpers().keys() - {name}
            free = name
            while free in taken:
                free = f"{name}_process" if free == name else f"{free}_"
            self._helper_names[name] = free
        return self._helper_names[name]

    def covering(self, node: ast.AST) -> Finding | None:
        """The finding whose code stands in the place of a name."""
        use_node = self._by_head.get(node)
        return None if use_node is None else self.written(use_node)

    @functools.cached_property
    def _by_head(self) -> Mapping[ast.AST, ast.AST]:
        """The first use that stands for each name."""
        found: dict[ast.AST, ast.AST] = {}
        for use_node in self._uses:
            for head in _heads(use_node):
                found.setdefault(head, use_node)
        return found

    def finding(self, node: ast.AST, use: Use, unit: Unit) -> Finding:
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
                    made = self.written(maker) or self.written(getattr(maker, "func", maker))
                    if made is not None and not self.may(made):
                        raise NotWritable(f"It depends on `{made.symbol}`, which is left.")
                if node in self._in_strings:
                    raise NotWritable("It stands in an f-string; write it anew there.")
                text, notes = use.text, list[str]()
                if not text:
                    try:
                        text, notes = self._fill(node, use, unit, needs, helpers)
                    except NotWritable as problem:
                        if use.otherwise is None:
                            raise
                        use = replace(use, modern=use.otherwise)
                        needs.clear()
                        helpers.clear()
                        try:
                            text, notes = self._fill(node, use, unit, needs, helpers)
                        except NotWritable:
                            raise problem from None
                        kind, note = use.modern.kind, use.modern.note
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
        named = map(self.helper_name, finding.helpers)
        shown = [name for name in named if re.search(rf"(?<![\w.]){name}\b", text)]
        start, end = unit.span(node)
        stays = text == unit.text[start:end]
        finding.message = _message(finding, use, note, shown, stays=stays)
        self._written[node] = finding
        return finding

    def _fill(
        self, node: ast.AST, use: Use, unit: Unit, needs: dict[str, str], helpers: set[str]
    ) -> tuple[str, list[str]]:
        scope = self._resolution.scopes.get(unit)
        inner_scope = self._resolution.scope_of(node) or scope

        def traced(parameter: str) -> set[str | None]:
            if self._trace is None or not isinstance(node, ast.Call):
                return set()
            return self._trace.optimizers_at(unit, node, parameter)

        def helper(name: str) -> str:
            for each in _with_those_named(name):
                helpers.add(each)
                source = index.helpers()[each]
                self._with_roots(source, _roots_of(source) & set(IMPORTS), inner_scope, needs)
            return self.helper_name(name)

        deriver = Deriver(
            self._resolution, unit, inner_scope, self.text, traced,
            self._is_rewritten, helper, use.arguments,
        )  # fmt: skip
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
                if hole is None
                or not isinstance(each, ast.expr)
                or (each in use.kept and not self._resolution.known(each))
                else deriver.derive(hole, Code(self.text(each, unit), each))
                for each in nodes
            )
            if text:
                arguments[name] = Code(text, ast.Constant(None))
        if use.signature is not None:
            held = {"self": arguments["self"]} if "self" in arguments else {}
            text, given = _function(use.signature, use.modern, deriver.derive, helper, held)
        else:
            given = {
                name
                for name in arguments
                if not (arguments[name].text == "None" == use.defaults.get(name))
            }
            for hole in use.modern.holes:
                if deriver.wants(hole):
                    given.update((hole.name, f"{hole.name}:{hole.derivation}"))
            text = use.modern.fill(
                arguments, defaults=use.defaults, derive=deriver.derive, helper=helper, given=given
            )
        if use.assigns:
            text = f"{use.assigns} = {text}"
        roots = {*use.modern.imports(given), *_roots_of(text)}
        text = self._with_roots(text, roots & set(IMPORTS), inner_scope, needs)
        for argument in (*use.arguments.values(), *(n for ns in use.rest.values() for n in ns)):
            for inner in self._inside(argument, unit) if argument is not node else ():
                needs.update(inner.needs)
                helpers.update(inner.helpers)
        return text, deriver.notes

    def helper_source(self, name: str, unit: Unit) -> str:
        """The source of a helper function, with the names that the file has for modules."""
        source = index.helpers()[name]
        for each in _with_those_named(name):
            source = re.sub(rf"(?<![\w.]){each}(?=[(),:])", self.helper_name(each), source)
        scope = self._resolution.scopes.get(unit)
        return self._with_roots(source, _roots_of(source) & set(IMPORTS), scope, {})

    def _is_rewritten(self, value: Value) -> bool:
        """Whether a function is a lambda whose place gets the code of an optimizer."""
        if not isinstance(value, Function) or value.node not in self._uses:
            return False
        finding = self.written(value.node)
        return finding is not None and self.may(finding)

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
            if name is None or name in _parameters(text):  # These hide it in the code.
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


def _function(
    signature: Signature,
    modern: Replacement,
    derive: Callable[[Hole, Code | None], str],
    helper: Callable[[str], str],
    held: Mapping[str, Code],
) -> tuple[str, set[str]]:
    """A function for all calls of a legacy one, and the parameters that its code has.

    Of a method, `held` has the code of its object. An optional part of the code whose argument is
    None by default is for calls that give it.
    """
    texts: list[str] = []
    arguments: dict[str, Code] = dict(held)
    only_given: list[str] = []
    used = {hole.name for hole in modern.holes}
    keywords_follow = False
    for parameter in signature.parameters:
        name, default = parameter.name, parameter.default
        stars = {Kind.VAR_POSITIONAL: "*", Kind.VAR_KEYWORD: "**"}.get(parameter.kind, "")
        if default is not None and not is_plain(default):
            if name in used:
                raise NotWritable(f"what `{name}` is by default has to be written.")
            default = "None"
        if default == "None" and name in modern.optional:
            only_given.append(name)
        if parameter.kind is Kind.KEYWORD_ONLY and not keywords_follow:
            texts.append("*")
        keywords_follow |= parameter.kind in (Kind.VAR_POSITIONAL, Kind.KEYWORD_ONLY)
        texts.append(f"{stars}{name}" + (f"={default}" if default is not None else ""))
        arguments[name] = Code(f"{stars}{name}", ast.Name(name, ast.Load()))
    always = set(arguments) - set(only_given)
    text = modern.fill(arguments, derive=derive, helper=helper, given=always)
    if only_given:
        if len(only_given) > 1:
            raise NotWritable("write a function that calls the modern form with what it is given.")
        code = modern.fill(arguments, derive=derive, helper=helper, given=set(arguments))
        text = f"{text} if {only_given[0]} is None else {code}"
    parameters = f" {', '.join(texts)}" if texts else ""
    return f"(lambda{parameters}: {text})", set(arguments)


@functools.lru_cache(maxsize=256)
def _parameters(text: str) -> frozenset[str]:
    """The parameters of all functions in an expression."""
    if "lambda" not in text:
        return frozenset()
    nodes = ast.walk(ast.parse(text))
    return frozenset(node.arg for node in nodes if isinstance(node, ast.arg))


@functools.cache
def _with_those_named(name: str) -> tuple[str, ...]:
    """A helper, and those that it calls or derives from."""
    found = [name]
    for each in found:
        table = symtable.symtable(index.helpers()[each], each, "exec")
        found += sorted(_global_names(table) & set(index.helpers()) - set(found))
    return tuple(found)


def _global_names(table: symtable.SymbolTable) -> set[str]:
    """The names that functions and classes take from their module."""
    found = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()}
    return found.union(*map(_global_names, table.get_children()))


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
    "tff": ("tff", INTERNAL),
    "tf": ("tensorflow", "tensorflow.compat.v2"),
    "np": ("numpy",),
    "tfp": ("tensorflow_privacy",),
}


def _bound_name(scope: Scope | None, root: str) -> str | None:
    """The name by which a file has a module, None where it has none."""
    paths = _PATHS_OF_ROOTS.get(root, (root,))
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


def _message(finding: Finding, use: Use, note: str, helpers: Sequence[str], *, stays: bool) -> str:
    last = f" was last in TFF {finding.last_release}" if finding.last_release else " is legacy"
    text = f"{use.symbol} as used here{last}."
    if stays:
        return f"{text} It can be written as it is: {note}"
    code = re.sub(r"\s+", " ", finding.replacement)
    return f"{text} {recommendation(code, note, helpers)}".strip()
