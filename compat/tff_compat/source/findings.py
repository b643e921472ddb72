"""Finds the legacy uses in the files of a program."""

from __future__ import annotations

import ast
import collections
import dataclasses
import functools
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from inspect import _ParameterKind as Kind

from packaging.version import Version

from tff_compat import catalog
from tff_compat.adapters import index
from tff_compat.catalog import Signature
from tff_compat.catalog.boundaries import FIRST_WITHOUT_PYTHON
from tff_compat.declared import codes
from tff_compat.declared.derivations import OF_OPTIMIZERS, OF_THAT_TIME
from tff_compat.declared.replacement import (
    AS_BASE,
    AS_VALUE,
    EXACT,
    NONE,
    OTHERWISE,
    REVIEW,
    Replacement,
)
from tff_compat.source import attrs_functions, foreign, kinds, seeds, worker_limits
from tff_compat.source.added import is_added
from tff_compat.source.binding import (
    Binding,
    all_arguments,
    argument,
    bind,
    has_stars,
    last_release,
    neither_takes,
)
from tff_compat.source.documents import Document, Unit
from tff_compat.source.keras_optimizers import OTHER_IN_NEW_KERAS
from tff_compat.source.resolving import (
    INTERNAL,
    OPERATORS,
    PACKAGE,
    Resolution,
    public_path,
    under,
)
from tff_compat.source.subclasses import lacking, uses_in_methods
from tff_compat.source.tracing import Trace
from tff_compat.source.values import (
    NOTHING,
    Class,
    Container,
    Function,
    Instance,
    Literal,
    Module,
    Symbol,
    Value,
    Values,
)
from tff_compat.source.writing import NO_UNIT, NOWHERE, Finding, Use, Writer, place

__all__ = ["Finder", "Finding"]


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
        self._uses: dict[ast.AST, Use] = {}
        self._units: dict[ast.AST, Unit] = {}
        self._in_strings: set[ast.AST] = set()
        self._members = _members(release, target)
        self._builtins = _builtins(release, target)
        self._gone_modules: dict[ast.AST, Symbol] = {}

    def findings(self) -> list[Finding]:
        """All findings in the file, by place."""
        for unit in self.document.units:
            self._read(unit)
        for node, values in self._seen():
            self._look(node, values)
        for cls in self.resolution.classes:
            if cls.node in self._units:
                self._of_class(cls)
        self._of_modules()
        self._of_own_optimizers()
        found = [*self._unreadable(), *self._doubts()]
        written = self.writer()
        for node, use in self._uses.items():
            finding = written.finding(node, use, self._units[node])
            if not (use.has_gone_parameters and _is_written(node, finding.replacement)):
                found.append(finding)
        found += self._imports(written)
        return sorted(found, key=lambda each: (each.cell or 0, each.line, each.column, each.code))

    def writer(self, may: Callable[[Finding], bool] = lambda finding: True) -> Writer:
        """What writes the code for the uses found; `may` says which of them."""
        return Writer(self._uses, self._units, self.resolution, self._in_strings, may, self._trace)

    def holds(self, node: ast.AST) -> bool:
        """Whether a node stands in this file."""
        return node in self._units

    def names(self, name: str) -> list[tuple[ast.Name, Values]]:
        """The places in this file that read a name, and what it may be there."""
        return [
            (node, values)
            for node, values in self._seen()
            if isinstance(node, ast.Name) and node.id == name
        ]

    def _seen(self) -> Iterator[tuple[ast.AST, Values]]:
        for node, values in self.resolution.by_file.get(self.document.path, ()):
            if node in self._units:
                yield node, values

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
        units, parents, in_strings = self._units, self._parents, self._in_strings
        pending: list[ast.AST] = [unit.tree]
        while pending:
            parent = pending.pop()
            units[parent] = unit
            inside = isinstance(parent, ast.JoinedStr) or parent in in_strings
            children = _children(parent)
            if parent is unit.tree:
                children = [child for child in children if not is_added(child)]
            pending += children
            for child in children:
                parents[child] = parent
            if inside:
                in_strings.update(children)

    def _unreadable(self) -> Iterator[Finding]:
        for problem in self.document.problems:
            yield Finding(
                str(self.document.path), problem.cell or None, problem.line, problem.column,
                problem.line, problem.column, "TFF100", "", "", NONE, "", problem.message, NOWHERE,
                NO_UNIT,
            )  # fmt: skip

    def _doubts(self) -> Iterator[Finding]:
        for doubt in self.resolution.doubts:
            if doubt.node in self._units and doubt.node not in self._uses:
                yield place(
                    doubt.unit, doubt.node, code="TFF901", symbol="", last_release="", kind=NONE,
                    replacement="", message=f"It cannot be seen {doubt.reason}.",
                )  # fmt: skip

    # --- Uses -------------------------------------------------------------------------------------

    def _look(self, node: ast.AST, values: Values) -> None:
        if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
            symbols = [value for value in values if isinstance(value, Symbol)]
            if symbols:
                parent = self._parents.get(node)
                call = parent if isinstance(parent, ast.Call) and parent.func is node else None
                if not self._is_part(node, parent):
                    self._of_symbols(node, call, symbols, values)
        if not isinstance(node, _OF_MEMBERS):
            return
        if isinstance(node, ast.Call):
            self._of_question(node)
            self._of_named_member(node)
            self._of_seeded(node)
        receiver = self._receiver(node)
        if receiver is not None:
            self._of_member(node, receiver)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            if not values or index.given_role("", f".{node.attr}", self._release):
                self._doubt_member(node)

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
        if self._is_of_variable(node):
            return
        if not self._is_spelled(node):
            if use.node is node:
                return  # It is a variable, which gets another value where that is spelled out.
            if self._is_parameter(node):
                use = _only_said(use, "Callers may give something else here; write each of them.")
        if len(values) > 1:
            use = _only_said(use, "It may be several things here; write each of them.")
        self._uses[use.node] = use

    def _is_spelled(self, node: ast.AST) -> bool:
        """Whether a symbol is written out here: by imported names, not by a variable's."""
        if isinstance(node, ast.Attribute):
            owners = self.resolution.values(node.value)
            return any(isinstance(owner, (Module, Symbol)) for owner in owners)
        return not isinstance(node, ast.Name) or node.id not in self._variables

    def _is_of_variable(self, node: ast.AST) -> bool:
        """Whether it is what all classes have, such as `__name__`, of those that a variable holds.

        They are written anew where they are spelled out.
        """
        return (
            isinstance(node, ast.Attribute)
            and hasattr(type, node.attr)
            and isinstance(node.value, ast.Name)
            and node.value.id in self._variables
        )

    @functools.cached_property
    def _variables(self) -> frozenset[str]:
        """The names that this file binds, and never by an import."""
        bound: set[str] = set()
        imported: set[str] = set()
        for node in self._units:
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                bound.add(node.id)
            elif isinstance(node, ast.arg):
                bound.add(node.arg)
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                imported |= {each.asname or each.name.split(".")[0] for each in node.names}
        return frozenset(bound - imported)

    def _functions_around(
        self, node: ast.AST
    ) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda]:
        for around in self._around(node):
            if isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                yield around

    def _is_parameter(self, node: ast.AST) -> bool:
        """Whether a name is that of a parameter of a function around it."""
        return isinstance(node, ast.Name) and any(
            isinstance(each, ast.arg) and each.arg == node.id
            for around in self._functions_around(node)
            for each in ast.walk(around.args)
        )

    def _of_symbol(self, node: ast.AST, call: ast.Call | None, symbol: Symbol) -> Use | None:
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
            return Use(node, "TFF101", path, self._last(path, None), modern)
        if outer is not None and outer.kind == "adapter" and outer.modern.name:
            if self._is_legacy(outer) and outer.legacy.always:
                modern = Replacement(f"{outer.modern.name}.{name}", outer.note)
                there = known.symbol(modern.template)
                # What all classes have, such as `__name__`, is in no catalog.
                if not hasattr(type, name) and (there is None or not there.exists_in(self._target)):
                    modern = Replacement("", outer.note or f"{outer.modern.name} has no {name}.")
                return Use(node, "TFF102", path, self._last(path, None), modern)
        elif outer is not None and outer.kind == "adapter" and self._is_legacy(outer):
            is_value = known.symbol(owner)
            if outer.modern.template and not outer.modern.holes and is_value is not None:
                if is_value.kind_in(self._release) == "constant":
                    modern = Replacement(f"{outer.modern.template}.{name}", outer.note)
                    return Use(node, "TFF102", path, self._last(path, None), modern)
            if outer.legacy.always:
                note = outer.note or f"`{owner}` is another thing now: write anew what makes one."
                return Use(node, "TFF102", path, self._last(path, None), Replacement("", note))
        found = known.symbol(path)
        if found is None or not found.exists_in(self._release):
            return self._unknown(node, path)
        if found.kind_in(self._release) != "module":
            if not found.exists_in(self._target) and not hasattr(type, name):
                note = f"`{owner}` has no `{name}` now."
                return Use(node, "TFF102", path, self._last(path, None), Replacement("", note))
            return self._internal(node, path) if symbol.internal else None
        parent = self._parents.get(node)
        if isinstance(parent, ast.Assign) and len(parent.targets) == 1 and parent.value is node:
            if isinstance(parent.targets[0], ast.Name) and not found.exists_in(self._target):
                self._gone_modules[node] = symbol
        return None

    def _of_modules(self) -> None:
        """The variables of modules that are gone, not needed once their uses are written."""
        if not self._gone_modules:
            return
        written = self.writer()
        for node, symbol in self._gone_modules.items():
            parent = self._parents[node]
            name = parent.targets[0].id  # type: ignore[attr-defined]
            wholes = [
                written.covering(inner)
                for inner, values in self.names(name)
                if isinstance(inner.ctx, ast.Load) and symbol in values
            ]
            makers = tuple(whole.node for whole in wholes if whole is not None)
            problem = "" if len(makers) == len(wholes) else "Write its uses anew, then take it out."
            last = self._last(symbol.path, None)
            modern = Replacement("None")
            self._uses[node] = Use(
                node, "TFF102", symbol.path, last, modern, problem=problem, makers=makers
            )

    def _of_foreign(self, node: ast.AST, call: ast.Call | None, path: str) -> Use | None:
        if call is not None:
            drawn = seeds.find(path, call, self._release, draws=self._draws)
            if drawn is not None:
                return Use(call, "TFF406", path, None, *drawn)
            of_attrs = self._of_attrs(call, path)
            if of_attrs is not None:
                return Use(call, "TFF306", path, None, *of_attrs)
            limited = worker_limits.find(call, path, self.resolution, self._release, self._target)
            if limited is not None:
                rest: Mapping[str, Sequence[ast.AST]] = {
                    "positional": call.args,
                    "keywords": call.keywords,
                }
                return Use(call, "TFF407", path, None, limited, {"called": call.func}, rest)
            stream = self._redirected(call, path)
            if stream is not None:
                given = {"called": call.func, "stream": stream}
                return Use(call, "TFF407", path, None, worker_limits.WITH_FILE, given)
        found = foreign.find(path, call, self._release)
        if found is None and isinstance(self._parents.get(node), ast.ClassDef):
            found = foreign.of_base(path, self._release)
        if found is None:
            return None
        place = call if found.whole and call is not None else node
        return Use(
            place, found.code, found.symbol, None, found.modern,
            found.arguments, found.rest, found.defaults,
        )  # fmt: skip

    @functools.cached_property
    def _draws(self) -> bool:
        """Whether the program has layers or initializers of Keras."""
        return any(
            isinstance(value, Symbol) and seeds.is_drawn(value.path)
            for seen in self.resolution.by_file.values()
            for _, values in seen
            for value in values
        )

    def _of_attrs(
        self, call: ast.Call, path: str
    ) -> tuple[Replacement, Mapping[str, ast.expr], Mapping[str, Sequence[ast.AST]]] | None:
        given = self.resolution.known(call.args[0]) if call.args else NOTHING
        roles = {value.role for value in given if isinstance(value, Instance)}

        def member(name: str) -> str | None:
            entries = [self._changed(self._members.get((role, f".{name}"))) for role in roles]
            return next((each.modern.template for each in entries if each is not None), None)

        return attrs_functions.find(path, call, given, self._release, member)

    def _redirected(self, call: ast.Call, path: str) -> ast.expr | None:
        around = self._parents.get(call)
        statement = self._parents.get(around) if isinstance(around, ast.withitem) else around
        return worker_limits.redirected(
            call, statement, path, self.resolution, self._release, self._target
        )

    def _of_seeded(self, node: ast.Call) -> None:
        """An operation with a seed that begins anew no more."""
        found = seeds.of_operation(node, self._release, self.resolution, self._parents)
        if found is None:
            return
        symbol, call, modern = found
        rest: Mapping[str, Sequence[ast.AST]] = {
            "positional": call.args,
            "keywords": call.keywords,
        }
        self._uses[call] = Use(call, "TFF406", symbol, None, modern, {"called": call.func}, rest)

    def _of_question(self, node: ast.Call) -> None:
        """A use of `hasattr` to which the target gives another answer."""
        if _called_name(node) != "hasattr":
            return
        if self.resolution.values(node.func) or len(node.args) != 2:
            return
        name = node.args[1]
        if not isinstance(name, ast.Constant) or not isinstance(name.value, str):
            return
        values = self.resolution.values(node.args[0])
        if self._of_asked_member(node, name.value, values):
            return
        known = catalog.load()
        for value in values:
            if not isinstance(value, Symbol):
                continue
            owner = "tff" if value.path == INTERNAL else value.path
            path, _ = public_path(under(owner, name.value), self._release)
            symbol = known.symbol(path)
            if symbol is None or symbol.exists_in(self._release) == symbol.exists_in(self._target):
                continue
            answer = symbol.exists_in(self._release)
            modern = Replacement(str(answer), _WAS_SO.format(release=self._release))
            self._uses[node] = Use(node, "TFF107", path, self._last(path, None), modern)

    def _of_asked_member(self, node: ast.Call, name: str, values: Values) -> bool:
        """A use of `hasattr` that asks objects of roles for a member that changes."""
        several = [self._asked_member(value, name) for value in values]
        entries = [each for each in several if each is not None]
        if len(entries) < len(several) or len({each.path for each in entries}) != 1:
            return False
        entry = entries[0]
        role, _, member = entry.path.partition(": ")
        if member == f"hasattr({name})":
            given, last = {"self": node.args[0]}, _last_of(entry)
            use = Use(node, codes.of_role(role), _symbol_of(entry), last, entry.modern, given)
            self._uses[node] = use
            return True
        was_so = Replacement("True", _WAS_SO.format(release=self._release))
        # Not all objects of a role had its methods and elements.
        modern = was_so if member[1:].isidentifier() else Replacement("", _OTHER_ANSWER)
        last = _last_of(entry)
        self._uses[node] = Use(node, codes.of_role(role), _symbol_of(entry), last, modern)
        return True

    def _asked_member(self, value: Value, name: str) -> index.Entry | None:
        """What is declared of a member of an object by its name, if it changes."""
        if not isinstance(value, Instance):
            return None
        members = self._members_of(value)
        names = (f"hasattr({name})", f".{name}", f".{name}()", ".*")
        several = (members.get((value.role, each)) for each in names)
        return next(filter(None, map(self._changed, several)), None)

    def _of_named_member(self, node: ast.Call) -> None:
        """A use of `getattr` with a name that is not seen, for which something is declared."""
        if _called_name(node) != "getattr":
            return
        if self.resolution.values(node.func) or len(node.args) != 2 or node.keywords:
            return
        receiver, name = node.args
        values = self.resolution.values(receiver)
        if isinstance(name, ast.Constant) or not values:
            return
        roles = {value.role if isinstance(value, Instance) else "" for value in values}
        entry = self._changed(self._members.get((min(roles), "getattr()")))
        if entry is not None and len(roles) == 1:
            role, last = min(roles), _last_of(entry)
            given = {"self": receiver, "name": name}
            use = Use(node, codes.of_role(role), f"{role}.*", last, entry.modern, given)
            self._uses[node] = use

    def _unknown(self, node: ast.AST, path: str) -> Use | None:
        known = catalog.load()
        if path == INTERNAL or path.startswith(f"{INTERNAL}."):
            return self._internal(node, path)
        symbol = known.symbol(path)
        if symbol is None or symbol.exists_in(self._target):
            return None  # What is new already is as it has to be.
        when = known.runs(symbol.releases)
        note = f"It was not in TFF {self._release}, but in {when}."
        return Use(node, "TFF107", path, symbol.last, Replacement("", note))

    def _internal(self, node: ast.AST, path: str) -> Use | None:
        """A symbol that is public, or was, reached through an internal module."""
        symbol = catalog.load().symbol(path)
        if symbol is None or path.startswith(INTERNAL):
            if symbol is not None:
                if "module" in (symbol.kind_in(self._release), symbol.kind_in(self._target)):
                    return None
                public = symbol.public(self._target)
                if public is not None:
                    return Use(node, "TFF106", path, None, Replacement(public))
            note = "It is internal to TFF; copy what you need of it, or do without."
            gone = symbol is not None and not symbol.exists_in(self._target)
            last = symbol.last if symbol is not None and gone else None
            return Use(node, "TFF106", path, last, Replacement("", note))
        if not symbol.exists_in(self._target) or self._is_public_below(node, path):
            return None
        return Use(node, "TFF106", path, None, Replacement(path))

    def _is_public_below(self, node: ast.AST, path: str) -> bool:
        """Whether only the import of the package's inner half has to be another."""
        root = node
        while isinstance(root, ast.Attribute):
            root = root.value
        roots = self.resolution.values(root)
        if not any(isinstance(each, Symbol) and each.path == INTERNAL for each in roots):
            return False
        return ast.unparse(node) == f"{ast.unparse(root)}{path[len('tff') :]}"

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
    ) -> Use | None:
        if not self._is_legacy(entry):
            return self._internal(node, path) if symbol.internal else None
        if entry.kind == "move":
            return Use(node, "TFF101", path, self._last(path, call), Replacement(entry.target))
        if entry.kind == "refusal":
            note = f"{entry.reason} Use instead: {entry.replacement}"
            return Use(node, "TFF104", path, self._last(path, call), Replacement("", note))
        if call is not None and neither_takes(path, self._release, self._target, call):
            return None
        bound = self._bind(path, entry, call) if call is not None else None
        given = {} if bound is None else bound.arguments
        matched = set(entry.legacy.values.values())
        case = self._case_of_kind(node, call, entry)
        code, decided = self._legacy(path, entry, call, bound)
        if case is not None and not decided:
            code, decided = "TFF103", True
        question = self._case_of_question(node, call, entry)
        case = case or question
        if case is not None and not case.template:
            return Use(node, "TFF103", path, self._last(path, call), case)
        if bound is None and call is not None and not decided:
            use = self._spread(node, path, entry, call)
            if use is not None:
                return use
        if not decided:
            return self._internal(node, path) if symbol.internal else None
        modern = case or next(
            (
                case
                for name, case in entry.cases.items()
                if (name in given and not kinds.is_none_literal(given[name])) or name in matched
            ),
            entry.modern,
        )
        last = self._last(path, call)
        if isinstance(self._parents.get(node), ast.ClassDef):
            code = "TFF105"
            if AS_BASE in entry.cases:
                return Use(node, code, path, last, entry.cases[AS_BASE])
        elif modern.is_name and call is None and self._is_named_only(node):
            if modern.template == path and not symbol.internal:
                return None
            modern = Replacement(modern.template)
        if code == "TFF901":
            modern = Replacement(modern.template, _UNSEEN_TYPE)
        if modern.is_name or not modern.template or modern is question:
            return Use(node, code, path, last, modern)
        known = catalog.load().symbol(path)
        is_constant = known is not None and known.kind_in(self._release) == "constant"
        if is_constant and not modern.holes:
            return Use(node, code, path, last, modern)
        if (call is None or bound is None) and AS_VALUE in entry.cases:
            return Use(node, code, path, last, self._as_value(path, entry, call, modern, last))
        if bound is None:
            signature = self._signature(path, entry)
            if signature is not None and self._is_replaceable(node, call, path, entry, modern):
                if self._is_class(path):
                    modern = Replacement(modern.template, modern.note or _FOR_CLASS)
                return Use(node, code, path, last, modern, signature=signature)
            if call is None:
                return Use(node, code, path, last, modern, problem=_AS_VALUE_HERE)
            problem = "Which arguments it gets cannot be seen."
            return Use(call, code, path, last, modern, problem=problem)
        assert call is not None
        otherwise = _otherwise(entry, given)
        taken = {hole.name for hole in modern.holes} | set(entry.without_effect)
        for name, node_given in given.items():
            if name not in taken and not kinds.is_none_literal(node_given) and not modern.note:
                if otherwise is None:
                    problem = f"There is nothing like `{name}` in the modern form."
                    return Use(call, code, path, last, modern, problem=problem)
                modern, otherwise = otherwise, None
                break
        for hole in modern.holes:
            if hole.derivation in OF_OPTIMIZERS and hole.name in given:
                self._optimizers_elsewhere(given[hole.name], hole.derivation, last)
        kept = frozenset(each for each in call.args[:1] if self._is_kept(each))
        return Use(
            call, code, path, last, modern, bound.arguments, bound.rest, bound.defaults,
            otherwise=otherwise, kept=kept,
        )  # fmt: skip

    def _is_named_only(self, node: ast.AST) -> bool:
        """Whether a class is only named, as in an annotation: nothing is made or derived of it."""
        child, parent = node, self._parents.get(node)
        while parent is not None and not isinstance(parent, ast.stmt):
            if isinstance(parent, ast.arg):
                return True
            if isinstance(parent, ast.Subscript) and parent.slice is child:
                # Aliases of types are assigned as values are.
                if hasattr(typing, _last_word(parent.value)):
                    return True
            elif not isinstance(parent, (ast.Subscript, ast.Tuple, ast.List, ast.BinOp)):
                return False
            child, parent = parent, self._parents.get(parent)
        return (isinstance(parent, ast.AnnAssign) and parent.annotation is child) or (
            isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)) and parent.returns is child
        )

    def _case_of_question(
        self, node: ast.AST, call: ast.Call | None, entry: index.Entry
    ) -> Replacement | None:
        """What is declared for the function that takes it, such as `isinstance`."""
        return entry.cases.get(f"{_called_name(self._parents.get(call or node))}()")

    def _case_of_kind(
        self, node: ast.AST, call: ast.Call | None, entry: index.Entry
    ) -> Replacement | None:
        """What is declared for its arguments, or for what it decorates; such a use is legacy."""
        place = node if call is None else call
        parent = self._parents.get(place)
        given = [] if call is None else all_arguments(call)
        for name, case in entry.cases.items():
            if name not in _KINDS_OF_CASES:
                continue
            several = [self.resolution.known(each) for each in given]
            decorated = self.resolution.functions.get(parent) if parent is not None else None
            if decorated is not None and place in getattr(parent, "decorator_list", ()):
                several.append(frozenset([decorated]))
            if any(kinds.matches(name, values, call, self.resolution) for values in several):
                return case
        return None

    def _as_value(
        self,
        path: str,
        entry: index.Entry,
        call: ast.Call | None,
        modern: Replacement,
        last: Version | None,
    ) -> Replacement:
        """What stands for whatever calls a symbol, with the optimizers that it is given by stars.

        The lambdas that make these are written anew where they stand.
        """
        found = entry.cases[AS_VALUE]
        given = {} if call is None else self._given_by_stars(path, entry, call)
        for hole in modern.holes:
            if hole.derivation in OF_OPTIMIZERS:
                values = given.get(hole.name, NOTHING)
                if not values or self._optimizers_of(values, last, hole.derivation) is None:
                    found = Replacement(found.template, OF_THAT_TIME.format(name=hole.name))
        return found

    def _optimizers_elsewhere(
        self, argument: ast.expr, derivation: str, last: Version | None
    ) -> None:
        """Finds the lambdas that make the optimizers of an argument, where they stand elsewhere.

        Several of them may come to one call, so that its own place cannot name each; and what a
        function of the program makes one of may be its arguments.
        """
        values = self.resolution.values(argument)
        if isinstance(argument, ast.Call) or (
            len(values) > 1 and not isinstance(argument, ast.Lambda)
        ):
            self._optimizers_of(values, last, derivation)

    def _optimizers_of(
        self, values: Values, last: Version | None, derivation: str = "optimizer"
    ) -> list[ast.AST] | None:
        """The lambdas that make optimizers of Keras among values, each a use where it stands.

        None where the values have others, or the program calls one of the lambdas itself.
        """
        lambdas: list[ast.Lambda] = []
        for value in values:
            if kinds.keras_optimizer(frozenset([value]), self.resolution) is False:
                continue
            if not isinstance(value, Function) or not isinstance(value.node, ast.Lambda):
                return None
            if value.called or value.node not in self._units:
                return None
            lambdas.append(value.node)
        modern = Replacement(f"{{optimizer_fn:{derivation}}}")
        for node in lambdas:
            use = Use(node, "TFF201", "tf.keras.optimizers", last, modern, {"optimizer_fn": node})
            self._uses.setdefault(node, use)
        return list(lambdas)

    def _of_own_optimizers(self) -> None:
        """The optimizers of Keras that the program uses itself.

        Those of today have other variables and methods, and some of them round otherwise.
        """
        given_to_tff = self._given_as_optimizers()
        for node, values in self._seen():
            if not isinstance(node, (ast.Name, ast.Attribute)) or len(values) != 1:
                continue
            (value,) = values
            name = (
                foreign.optimizer_of_then(value.path, self._release)
                if isinstance(value, Symbol) and isinstance(node.ctx, ast.Load)
                else None
            )
            if name is None or node in self._uses or not self._is_spelled(node):
                continue
            around = set(self._around(node))
            if around & given_to_tff or self._is_named_only(node):
                continue
            if self._compiled_with(node) and name not in OTHER_IN_NEW_KERAS:
                continue
            modern = Replacement(f"tf.keras.optimizers.legacy.{name}")
            self._uses[node] = Use(node, "TFF406", f"tf.keras.optimizers.{name}", None, modern)

    def _around(self, node: ast.AST) -> Iterator[ast.AST]:
        """A node, and all that it stands in."""
        around: ast.AST | None = node
        while around is not None:
            yield around
            around = self._parents.get(around)

    def _given_as_optimizers(self) -> set[ast.AST]:
        """What makes the optimizers that the modern forms of uses get, which are others."""
        found: set[ast.AST] = set()
        for use in self._uses.values():
            for hole in use.modern.holes:
                if hole.derivation in OF_OPTIMIZERS and hole.name in use.arguments:
                    argument = use.arguments[hole.name]
                    found.add(argument)
                    for value in self.resolution.values(argument):
                        if isinstance(value, Function):
                            found.add(value.node)
        return found

    def _compiled_with(self, node: ast.AST) -> bool:
        """Whether it is what a model of Keras is compiled with."""
        call = self._parents.get(node)
        made = call if isinstance(call, ast.Call) and call.func is node else node
        keyword = self._parents.get(made)
        outer = self._parents.get(keyword) if isinstance(keyword, ast.keyword) else keyword
        return isinstance(outer, ast.Call) and _last_word(outer.func) == "compile"

    def _spread(self, node: ast.AST, path: str, entry: index.Entry, call: ast.Call) -> Use | None:
        """The use of a call that gets its arguments by ``*`` or ``**``, if it is legacy."""
        legacy = entry.legacy
        given = self._given_by_stars(path, entry, call)
        kinds_given = {
            name: kind
            for name, kind in legacy.values.items()
            if name in given and kinds.matches(kind, given[name], call, self.resolution)
        }
        by_keyword = given.keys() & set(legacy.keywords)
        if not kinds_given and not by_keyword:
            return None
        last = self._last(path, None)
        if by_keyword or not kinds.OF_OPTIMIZERS.issuperset(kinds_given.values()):
            if AS_VALUE in entry.cases:
                modern = self._as_value(path, entry, call, entry.modern, last)
                return Use(node, "TFF103", path, last, modern)
            code, problem = "TFF103", "Which arguments it gets cannot be seen."
            return Use(node, code, path, last, entry.modern, problem=problem)
        makers: list[ast.AST] = []
        problem = ""
        for name in kinds_given:
            lambdas = self._optimizers_of(given[name], last)
            if lambdas is None:
                problem = f"`{name}` has to be one of tff.learning.optimizers, where it is made."
            makers += lambdas or ()
        # The call itself stays: what it is given is written anew.
        modern = Replacement(path)
        return Use(node, "TFF201", path, last, modern, problem=problem, makers=tuple(makers))

    def _given_by_stars(
        self, path: str, entry: index.Entry, call: ast.Call
    ) -> Mapping[str, Values]:
        """The arguments of a call with ``*`` or ``**``, by parameter."""
        signature = self._signature(path, entry)
        slots = [
            each.name
            for each in (signature.parameters if signature is not None else ())
            if each.kind in (Kind.POSITIONAL_ONLY, Kind.POSITIONAL_OR_KEYWORD)
        ]
        found: dict[str, Values] = {}
        for key, values in self.resolution.spread.get((call, path), {}).items():
            name = key if isinstance(key, str) else slots[key] if key < len(slots) else ""
            if name:
                found[name] = found.get(name, NOTHING) | values
        return found

    def _legacy(
        self, path: str, entry: index.Entry, call: ast.Call | None, bound: Binding | None
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
        doubtful = False
        for name, kind in legacy.values.items():
            if bound is not None and name not in bound.arguments:
                if kinds.matches(kind, NOTHING, None, self.resolution):
                    return _CODES_OF_KINDS.get(kind, "TFF103"), True
            for node in self._argument(name, call, bound):
                values = self.resolution.known(node)
                answer = kinds.matches(kind, values, node, self.resolution)
                if answer:
                    return _CODES_OF_KINDS.get(kind, "TFF103"), True
                of_several = bound is not None and name in bound.rest
                if answer is None and kind in _CONVERTED:
                    doubtful |= not (of_several and self._is_kept(node))
        return "TFF901", doubtful

    def _is_kept(self, node: ast.AST) -> bool:
        """Whether the first of several arguments may be a function: only decorators get none."""
        call = self._parents.get(node)
        if not isinstance(call, ast.Call) or call.args[:1] != [node]:
            return False
        around = self._parents.get(call)
        return call not in getattr(around, "decorator_list", [])

    def _argument(self, name: str, call: ast.Call, bound: Binding | None) -> Sequence[ast.expr]:
        if name == "*":
            return call.args
        if bound is None or name not in bound.arguments:
            rest = () if bound is None else bound.rest.get(name, ())
            return [node for node in rest if isinstance(node, ast.expr)]
        return [bound.arguments[name]]

    def _is_replaceable(
        self,
        node: ast.AST,
        call: ast.Call | None,
        path: str,
        entry: index.Entry,
        modern: Replacement,
    ) -> bool:
        """Whether a function that calls the modern form can stand for a function of TFF.

        It can where only calls of it matter, and where what replaces it is the same for all calls.
        """
        symbol = catalog.load().symbol(path)
        kind = None if symbol is None else symbol.kind_in(self._release)
        if kind not in ("function", "class") or not _KINDS_OF_CASES.issuperset(entry.cases):
            return False
        if any(hole.derivation not in _OF_ANY_VALUE for hole in modern.holes):
            return False
        parent = self._parents.get(node)
        if call is not None:
            return has_stars(call)
        if kind == "class":
            # Elsewhere it may be asked whether objects are of it.
            return isinstance(parent, (ast.Call, ast.keyword)) and (
                _called_name(parent) not in ("isinstance", "issubclass")
            )
        return isinstance(parent, (*_HOLDERS, ast.Call, ast.keyword))

    def _is_class(self, path: str) -> bool:
        symbol = catalog.load().symbol(path)
        return symbol is not None and symbol.kind_in(self._release) == "class"

    def _bind(self, path: str, entry: index.Entry, call: ast.Call) -> Binding | None:
        signature = self._signature(path, entry)
        return None if signature is None else bind(signature, call)

    def _signature(self, path: str, entry: index.Entry) -> Signature | None:
        symbol = catalog.load().symbol(path)
        signature = symbol.signature(self._release) if symbol is not None else None
        if signature is None and entry.signature:
            signature = Signature(entry.signature)
        return signature

    def _last(self, path: str, call: ast.Call | None) -> Version | None:
        """The last release before the target that took this use."""
        return last_release(path, self._release, self._target, call)

    # --- Classes ----------------------------------------------------------------------------------

    def _of_class(self, cls: Class) -> None:
        """What a class of the program has to have on the target."""
        stands_for = cls.symbols() | self.resolution.handed.get(cls, set())
        for use in uses_in_methods(cls, stands_for, self._release, self._target):
            self._uses.setdefault(use.node, use)
        for node, base in zip(cls.node.bases, cls.bases):
            head = node.value if isinstance(node, ast.Subscript) else node
            for path in sorted(value.path for value in base if isinstance(value, Symbol)):
                known = self._uses.get(head)
                now = path if known is None else known.modern.name
                missing = lacking(cls, path, self._release, now or "", self._target)
                if missing:
                    names = ", ".join(f"`{name}`" for name in missing)
                    note = f"A class that derives from it has to have {names} as well."
                    last = self._last(path, None)
                    self._uses[head] = Use(head, "TFF105", path, last, Replacement("", note))

    # --- Members of roles -------------------------------------------------------------------------

    def _receiver(self, node: ast.AST) -> ast.expr | None:
        if isinstance(node, (ast.Attribute, ast.Subscript)):
            return node.value
        if isinstance(node, ast.Call):
            asked = _asked_name(node) or self._asked_by(node)
            return node.args[0] if asked else node.func
        if isinstance(node, ast.BinOp):
            left = self.resolution.values(node.left)
            return node.left if left else node.right
        if isinstance(node, ast.Compare):
            left = self.resolution.values(node.left)
            return node.left if left else node.comparators[0]
        return node.target if isinstance(node, ast.AugAssign) else None

    def _asked_by(self, node: ast.Call) -> str:
        """The member that a function of Python asks for, such as ``len()``; "" for none."""
        name = f"{_called_name(node)}()"
        if name not in self._builtins or not node.args:
            return ""
        values = self.resolution.values(node.func)
        path = f"builtins.{name[:-2]}"
        is_python = all(isinstance(each, Symbol) and each.path == path for each in values)
        return name if is_python else ""

    def _of_member(self, node: ast.AST, receiver: ast.expr) -> None:
        found: dict[str, index.Entry] = {}
        values = self.resolution.values(receiver)
        for value in values:
            if isinstance(value, Instance):
                entry = self._changed(self._declared(value.role, node, self._members_of(value)))
                if entry is not None and self._is_legacy_member(entry, values, node) is not False:
                    found[entry.path] = entry
        is_method = isinstance(node, ast.Call) and receiver is node.func
        if is_method and isinstance(receiver, ast.Attribute):
            values = self.resolution.values(receiver.value) if not found else values
            for value in values if not found else ():
                if isinstance(value, Instance):
                    members = self._members_of(value)
                    entry = self._changed(members.get((value.role, f".{receiver.attr}()")))
                    if entry is not None and self._is_legacy_member(entry, values, node):
                        found[entry.path] = entry
        if not found:
            return
        # Sets have no order: the report is to be the same each time.
        entry = self._of_several(found) or found[min(found)]
        makers = sorted(
            {v.call for v in values if isinstance(v, Instance) and v.call is not None},
            key=lambda call: (call.lineno, call.col_offset),
        )
        role, _, name = entry.path.partition(": ")
        code, modern = codes.of_role(role), entry.modern
        if self._is_legacy_member(entry, values, node) is None:
            code, modern = "TFF901", Replacement(modern.template, _UNSEEN)
        whole: ast.AST = node
        assigned: ast.expr | None = None
        arguments: dict[str, ast.expr] = {"self": receiver}
        rest: Mapping[str, Sequence[ast.AST]] = {}
        defaults: Mapping[str, str] = {}
        problem = ""
        gone: set[str] = set()
        taken: Signature | None = None
        if isinstance(node, ast.Call) and _asked_name(node):
            arguments["key"] = node.args[1]
            if name.endswith("()"):
                problem = _AS_VALUE_HERE
        elif isinstance(node, ast.Call):
            if entry.signature:
                signature = Signature(entry.signature)
                gone = {each.name for each in signature.parameters}
                gone -= {hole.name for hole in entry.modern.holes}
                bound = bind(signature, node)
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
        elif isinstance(node, ast.Attribute) and name.endswith("()"):
            if all(hole.derivation in _OF_ANY_VALUE for hole in modern.holes) and modern.template:
                taken = Signature(entry.signature or "()")
                modern = Replacement(modern.template, modern.note or _READ_LATER)
            else:
                problem = _AS_VALUE_HERE
        elif isinstance(node, ast.Attribute) and name == ".*":
            arguments["key"] = ast.Constant(node.attr)
        elif isinstance(node, ast.BinOp):
            arguments.update({"self": node.left, "other": node.right})
        elif isinstance(node, ast.Compare):
            arguments.update({"self": node.left, "other": node.comparators[0]})
        elif isinstance(node, ast.AugAssign):
            assigned = node.target
            arguments["other"] = node.value
        if name == ".*=":
            assert isinstance(node, ast.Attribute)
            whole, assigned = self._parents[node], node.value
            arguments["key"] = ast.Constant(node.attr)
            arguments["value"] = getattr(whole, "value", node)
            if not (isinstance(whole, ast.Assign) and whole.targets == [node]):
                problem = "It is assigned to beside others here."
        elif not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            problem = "It is assigned to here."
        if assigned is not None and not isinstance(assigned, ast.Name):
            problem = "Values cannot be changed: make a new structure of its fields."
        for hole in modern.holes:
            if hole.derivation == "there":
                several = [given for each in makers if (given := self._given(each, hole.name))]
                if len({ast.dump(given) for given in several}) == 1:
                    arguments[hole.name] = several[0]
        others = [value for value in values if not isinstance(value, Instance)]
        if isinstance(node, (ast.Attribute, ast.Subscript)):
            # What has no such attribute, or no items, it is not here.
            asked = node.attr if isinstance(node, ast.Attribute) else "__getitem__"
            others = [value for value in others if not _lacks(value, asked)]
        if (len(found) > 1 and entry.path in found) or others:
            problem = problem or "What it is differs from call to call."
        use = Use(
            whole, code, _symbol_of(entry), _last_of(entry), modern,
            arguments, rest, defaults, problem=problem, makers=tuple(makers),
            has_gone_parameters=bool(gone), signature=taken,
            assigns=assigned.id if isinstance(assigned, ast.Name) else "",
        )  # fmt: skip
        self._uses[whole] = use

    def _of_several(self, found: Mapping[str, index.Entry]) -> index.Entry | None:
        """What is declared for objects of several roles, by the roles joined with "or"."""
        roles, names = zip(*(path.partition(": ")[::2] for path in sorted(found)))
        if len(roles) == 1 or len(set(names)) > 1:
            return None
        return self._members.get((" or ".join(roles), names[0]))

    def _is_legacy_member(self, entry: index.Entry, values: Values, node: ast.AST) -> bool | None:
        """Whether a use of a member is legacy; None where that cannot be seen."""
        if entry.legacy.always:
            return True
        assert isinstance(node, ast.expr)
        answers = [
            kinds.matches(kind, values, node, self.resolution)
            for kind in entry.legacy.values.values()
        ]
        if isinstance(node, ast.Call):
            answers += [keyword.arg in entry.legacy.keywords for keyword in node.keywords]
        return True if True in answers else (None if None in answers else False)

    def _given(self, maker: ast.Call, name: str) -> ast.expr | None:
        """The argument for a parameter in the call that made an object."""
        for value in self.resolution.values(maker.func):
            entry = index.find(value.path, self._release) if isinstance(value, Symbol) else None
            if entry is not None and maker in self._units:
                signature = self._signature(entry.path, entry)
                return None if signature is None else argument(signature, maker, name)
        return None

    def member_of(self, role: str, node: ast.AST, name: str = "") -> str:
        """The member of an object of a role that a node reads and that changes, "" for none.

        Members that only some uses of are legacy do not count: the role does not tell.

        Args:
          role: The role of the object.
          node: The node.
          name: Where it calls a method of the object: the method.
        """
        found = self._members.get((role, name)) if name else self._declared(role, node)
        found = self._changed(found)
        if found is not None and not found.legacy.always:
            found = None
        return "" if found is None else _symbol_of(found)

    def _members_of(self, value: Instance) -> Mapping[tuple[str, str], index.Entry]:
        """The members that change of an object, which is of the release that made it."""
        if value.unit is None or self.resolution.released is None:
            return self._members
        return _members(self.resolution.release_at(value.unit), self._target)

    def _changed(self, entry: index.Entry | None) -> index.Entry | None:
        return entry if entry is not None and entry.is_changed else None

    def _doubt_member(self, node: ast.Attribute) -> None:
        """Says that an object of unknown origin is read as one of a role would be."""
        if self.resolution.values(node.value) or self._is_likely_own(node):
            return
        called = _last_word(node.value).lower()
        kept = _has_member(node.attr, self._target)
        telling = len(node.attr) > 12 and "_" in node.attr and not kept
        for role in sorted(_roles_with(node.attr, self._release, self._target)):
            words = role.split() if kept else role.split()[-1:]
            # Common words count only where the object is called by what it would be.
            if telling or all(word in called for word in words):
                if node.attr in self._own_members and role not in self._roles:
                    return
                note = f"If `{ast.unparse(node.value)}` is the {role}, it has no `{node.attr}` now."
                self._uses[node] = Use(
                    node, "TFF901", f"{role}.{node.attr}", None, Replacement("", note)
                )
                return

    def _is_likely_own(self, node: ast.Attribute) -> bool:
        """Whether an object is called like a class of the program that has such a member.

        It is the state of a process of the program's own where that class is `ServerState`.
        """
        called = _last_word(node.value).replace("_", "").lower()
        return called in self._own_members.get(node.attr, ())

    @functools.cached_property
    def _own_members(self) -> Mapping[str, frozenset[str]]:
        """The members of the program's classes, and how the classes that have them are called."""
        found: dict[str, set[str]] = {}
        for cls in self.resolution.classes:
            for name in cls.scope.names:
                found.setdefault(name, set()).add(cls.node.name.lower())
        return {name: frozenset(classes) for name, classes in found.items()}

    @functools.cached_property
    def _roles(self) -> frozenset[str]:
        """The roles of the objects that the program is seen to have."""
        return frozenset(
            value.role
            for seen in self.resolution.by_file.values()
            for _, values in seen
            for value in values
            if isinstance(value, Instance)
        )

    def _declared(
        self,
        role: str,
        node: ast.AST,
        members: Mapping[tuple[str, str], index.Entry] | None = None,
    ) -> index.Entry | None:
        """What is declared of the member that a node reads; of the file's release unless given."""
        members = self._members if members is None else members
        if isinstance(node, (ast.BinOp, ast.AugAssign)):
            return members.get((role, OPERATORS.get(type(node.op), "")))
        if isinstance(node, ast.Compare):
            return members.get((role, OPERATORS.get(type(node.ops[0]), "")))
        if isinstance(node, ast.Attribute):
            parent = self._parents.get(node)
            assigned = members.get((role, ".*=")) if _is_assigned(node) else None
            if assigned is not None:
                return assigned
            method = members.get((role, f".{node.attr}()"))
            if isinstance(parent, ast.Call) and parent.func is node:
                if method is not None:
                    return None
            elif method is not None:
                return method
            found = members.get((role, f".{node.attr}"))
            # What is called is a method of the object, and no element of a structure.
            is_called = isinstance(parent, ast.Call) and parent.func is node
            return found or (None if is_called else members.get((role, ".*")))
        if isinstance(node, ast.Subscript):
            key = node.slice
            name = f"[{key.value!s}]" if isinstance(key, ast.Constant) else "[*]"
            return members.get((role, name)) or members.get((role, "[*]"))
        asked = _asked_name(node)
        if asked:
            method = members.get((role, f".{asked}()"))
            found = method or members.get((role, f".{asked}"))
            return found or members.get((role, ".*"))
        if isinstance(node, ast.Call):
            return members.get((role, self._asked_by(node) or "()"))
        return None

    # --- Imports ----------------------------------------------------------------------------------

    def _imports(self, written: Writer) -> Iterator[Finding]:
        for unit, node, name, symbol in self.resolution.imports:
            if node not in self._units:
                continue
            if not symbol.path.startswith(("tff", PACKAGE)):
                found = foreign.find(symbol.path, None, self._release)
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
        wholes = [written.covering(inner) for inner, values in self.names(name) if symbol in values]
        kinds_of_uses = {NONE if whole is None else whole.kind for whole in wholes}
        kind = next((each for each in (NONE, REVIEW) if each in kinds_of_uses), EXACT)
        kind = kind if wholes else found.modern.kind
        return place(
            unit, node, code=found.code, symbol=symbol.path, last_release="", kind=kind,
            replacement="", name=name,
            message=f"`{found.symbol}` is gone. {found.modern.note or found.modern.variant(())}",
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
                unit, node, code="TFF106", symbol=INTERNAL, kind=EXACT, name=name,
                last_release=str(known.before(FIRST_WITHOUT_PYTHON)),
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
        wholes = [written.covering(inner) for inner, values in self.names(name) if symbol in values]
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
        if symbol.internal and not gone and not symbol.path.startswith(INTERNAL):
            why = f"`{symbol.path}` is public, and imported from inside of TFF"
        elif symbol.internal and not gone:
            why = f"`{symbol.path}` is internal to TFF"
        else:
            why = f"`{symbol.path}` is not in TFF {self._target}"
        return place(
            unit, node, code=code, symbol=symbol.path, last_release=str(last or ""), kind=kind,
            replacement="", name=name,
            message=f"{why}: {instead or 'write its uses anew, then remove the import'}.",
        )  # fmt: skip


_OF_ANY_VALUE = frozenset({"", "type", "elements", "dtype"})
"""The derivations whose code holds whatever the argument is."""
_KINDS_OF_CASES = frozenset({"untyped", "defaults", "numbers", "dict", "tensors", "result"})
"""The kinds of arguments whose case holds whichever parameter gets them."""
_OF_MEMBERS = (ast.Attribute, ast.Call, ast.Subscript, ast.BinOp, ast.Compare, ast.AugAssign)
"""The nodes that use members of objects."""
_CONTAINERS = (tuple, list, set, dict, collections.OrderedDict, collections.defaultdict)
_CONVERTED = frozenset({"tensorflow type"})
"""The kinds whose values are converted by code that leaves what needs no conversion."""
_AS_VALUE_HERE = "It is used as a value here; write a function that calls the modern form."
_WAS_SO = "It was so in TFF {release}; leave out what is never reached."
_OTHER_ANSWER = "It has other attributes now, and its elements are none: ask for what it is."
_READ_LATER = "the object is read when the function is called"
_FOR_CLASS = "a function stands for the class here, which makes objects and nothing else"
_UNSEEN_TYPE = "It cannot be seen whether it gets a type of TensorFlow; one of TFF stays as it is."
_UNSEEN = "It cannot be seen whether its arguments are of forms that it takes."
_HOLDERS = (
    ast.Assign, ast.AnnAssign, ast.Dict, ast.List, ast.Tuple, ast.Return, ast.IfExp, ast.BoolOp,
)  # fmt: skip
"""The nodes in which a function stands to be called later."""

_CODES_OF_KINDS = {
    **dict.fromkeys(kinds.OF_OPTIMIZERS, "TFF201"),
    "tensorflow type": "TFF202",
    "python type": "TFF202",
}


@functools.cache
def _fields(kind: type[ast.AST]) -> tuple[str, ...]:
    """The fields of a kind of nodes that may hold nodes of its own.

    Contexts and operators are one object for all nodes that have them.
    """
    plain = {"arg", "attr", "ctx", "id", "kind", "op", "ops"}
    return tuple(name for name in kind._fields if name not in plain)


def _children(node: ast.AST) -> list[ast.AST]:
    """The nodes that stand directly in a node; `ast.iter_child_nodes` takes twice as long."""
    found: list[ast.AST] = []
    for name in _fields(type(node)):  # type: ignore[arg-type]
        value = getattr(node, name, None)
        if isinstance(value, list):
            found += [each for each in value if isinstance(each, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def _is_written(node: ast.AST, code: str) -> bool:
    """Whether a use has the modern form already."""
    if not code:
        return False
    return ast.dump(ast.parse(code.strip(), mode="eval").body) == ast.dump(node)


def _last_word(node: ast.expr) -> str:
    """What an object is called where it is read: the last name of ``process.next``."""
    if isinstance(node, (ast.Call, ast.Subscript, ast.Await)):
        return _last_word(node.value if not isinstance(node, ast.Call) else node.func)
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _lacks(value: Value, name: str) -> bool:
    """Whether a value of the program surely has no attribute of a name."""
    if isinstance(value, Literal):
        return not hasattr(value.value, name)
    if not isinstance(value, Container):
        return False
    return name not in value.names and not any(hasattr(each, name) for each in _CONTAINERS)


def _asked_name(node: ast.AST) -> str:
    """The name of the attribute that `getattr` asks for, "" for what is no such call."""
    if _called_name(node) != "getattr" or len(getattr(node, "args", ())) != 2:
        return ""
    key = node.args[1]  # type: ignore[attr-defined]
    return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""


def _called_name(node: ast.AST | None) -> str:
    """The name of the function that a call calls, "" for what is no call of a name."""
    called = node.func if isinstance(node, ast.Call) else None
    return called.id if isinstance(called, ast.Name) else ""


def _is_assigned(node: ast.Attribute) -> bool:
    return isinstance(node.ctx, ast.Store)


def _symbol_of(entry: index.Entry) -> str:
    """What a member is called in findings: ``training state.model``, ``training state: len()``."""
    role, _, name = entry.path.partition(": ")
    return f"{role}{name}" if name.startswith((".", "[", "(")) else entry.path


def _last_of(entry: index.Entry) -> Version | None:
    return max(entry.stands_for, default=None)


def _otherwise(entry: index.Entry, given: Mapping[str, ast.expr]) -> Replacement | None:
    """The second code for a call, if it has a place for all that is given."""
    second = entry.cases.get(OTHERWISE)
    if second is None:
        return None
    taken = {hole.name for hole in second.holes} | set(entry.without_effect)
    lost = [name for name, node in given.items() if not kinds.is_none_literal(node)]
    return second if taken.issuperset(lost) else None


def _only_said(use: Use, problem: str) -> Use:
    return use if use.problem else dataclasses.replace(use, problem=problem)


@functools.lru_cache(maxsize=4096)
def _has_member(name: str, target: Version) -> bool:
    """Whether objects of the target have such a member, so that it tells nothing of them."""
    return target in catalog.load().releases_of_members(name)


@functools.lru_cache(maxsize=4096)
def _roles_with(name: str, release: Version, target: Version) -> frozenset[str]:
    """The roles whose objects had an attribute that changes, whatever they are."""
    return frozenset(
        role
        for (role, member), entry in _members(release, target).items()
        if member == f".{name}" and entry.is_changed and entry.legacy.always
    )


@functools.lru_cache(maxsize=256)
def _builtins(release: Version, target: Version) -> frozenset[str]:
    """The members that are calls of functions of Python with the object, such as ``len()``."""
    names = {name for _, name in _members(release, target)}
    return frozenset(name for name in names if name[:-2].isidentifier()) - {"getattr()"}


@functools.lru_cache(maxsize=256)
def _members(release: Version, target: Version) -> Mapping[tuple[str, str], index.Entry]:
    """The members of roles that change, by role and name."""
    found: dict[tuple[str, str], index.Entry] = {}
    for entry in index.members():
        if release not in entry.releases:
            continue
        if target in entry.releases and str(entry.releases):
            continue
        role, _, name = entry.path.partition(": ")
        # What says only what a member gives is beside what says how it changes.
        if (role, name) not in found or entry.is_changed:
            found[role, name] = entry
    return found
