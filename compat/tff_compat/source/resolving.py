"""Resolves what the names and expressions of a program are, by following it without running it."""

from __future__ import annotations

import ast
import builtins
import functools
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from packaging.version import Version

from tff_compat import catalog
from tff_compat.adapters import index
from tff_compat.catalog import Signature
from tff_compat.source import binding
from tff_compat.source.added import is_added
from tff_compat.source.documents import Document, Unit, open_document
from tff_compat.source.reading import Files, SourceError
from tff_compat.source.tracing import Trace
from tff_compat.source.values import (
    NOTHING,
    Class,
    Container,
    Function,
    Instance,
    Literal,
    Module,
    Object,
    Partial,
    Record,
    Scope,
    Symbol,
    Value,
    Values,
    union,
)

PACKAGE = "tensorflow_federated"
INTERNAL = catalog.INTERNAL
STANDARD_LIBRARY: frozenset[str] = getattr(sys, "stdlib_module_names", frozenset())
"""Names that are never those of a program's own modules; Python tells them since 3.10."""

COMPUTATION = "computation"
"""The role of computations; what decorates functions to be computations gives it too."""
_DECORATOR = "decorator of computations"
_PAIRS = "elements by name"
_OF_STRUCTURES = frozenset({"elements", _PAIRS})
"""The roles of what functions give of the structure that they get."""
OPERATORS: Mapping[type[ast.AST], str] = {
    ast.Add: "+", ast.Eq: "==", ast.NotEq: "!=", ast.Is: "is", ast.IsNot: "is not",
    ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
"""The operators that members of objects may be."""
_MOST_CALLS = 6
"""How deep calls of the program's own functions are followed."""
_MOST_CONTEXTS = 8
"""With how many different arguments one function is followed."""

_FOLLOWED = frozenset({PACKAGE, "tensorflow", "tensorflow_privacy", "numpy", "collections"})
"""The packages whose names may be gone from what an import asks for."""

_TYPES_OF_PYTHON = frozenset({"int", "float", "bool", "str", "bytes"})
"""The types of Python of which TFF once made types of its own."""

_KNOWN_BUILTINS = frozenset(dir(builtins))


@dataclass(frozen=True)
class Doubt:
    """A place that could not be understood, and why."""

    unit: Unit
    node: ast.AST
    reason: str


@dataclass(eq=False)
class Resolution:
    """What the expressions of one program were found to be.

    Attributes:
      release: The release that the program was written for.
      released: That of each file, where files were written for several.
      seen: By node: the unit that it stands in, and what it may be.
      receivers: By node of an attribute, item or call: what the object of it may be.
      parents: By node: the node around it, and the name of its field there.
      doubts: What could not be understood.
      imports: The import statements that bind names of TFF: the statement, the name bound, the
        symbol.
      handed: Of classes of the program: the classes of TFF that their objects are given for.
      spread: Of calls with `*` or `**`, with the path of what is called: what their arguments may
        be, by position or name.
    """

    release: Version
    released: Callable[[Path], Version] | None = None
    seen: dict[ast.AST, tuple[Unit, Values]] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)
    imports: list[tuple[Unit, ast.Import | ast.ImportFrom, str, Symbol]] = field(
        default_factory=list
    )
    scopes: dict[Unit, Scope] = field(default_factory=dict)
    classes: list[Class] = field(default_factory=list)
    functions: dict[ast.AST, Function] = field(default_factory=dict)
    owners: dict[ast.AST, Scope] = field(default_factory=dict)
    latest: dict[ast.AST, Values] = field(default_factory=dict)
    spread: dict[tuple[ast.Call, str], dict[int | str, Values]] = field(default_factory=dict)
    handed: dict[Class, set[str]] = field(default_factory=dict)

    def release_at(self, unit: Unit | None) -> Version:
        """The release that code was written for."""
        if self.released is None or unit is None:
            return self.release
        return self.released(unit.path)

    def values(self, node: ast.AST) -> Values:
        """What an expression may be."""
        found = self.seen.get(node)
        return NOTHING if found is None else found[1]

    def known(self, node: ast.expr) -> Values:
        """As `values`, and what is kept of none: constants, lambdas, displays of containers."""
        return self.values(node) or self._displayed(node)

    def _displayed(self, node: ast.expr) -> Values:
        if isinstance(node, (ast.Tuple, ast.List)):
            items = {position: self.known(each) for position, each in enumerate(node.elts)}
            return frozenset([Container(type(node).__name__.lower(), dict(items))])
        if isinstance(node, ast.Dict):
            inner = {position: self.known(each) for position, each in enumerate(node.values)}
            return frozenset([Container("dict", dict(inner))])
        if isinstance(node, ast.Constant):
            return frozenset([Literal.of(node.value)])
        if isinstance(node, ast.Lambda) and node in self.functions:
            return frozenset([self.functions[node]])
        return NOTHING

    def scope_of(self, node: ast.AST) -> Scope | None:
        """The scope in which code stands, by the first name in it."""
        return next((self.owners[each] for each in ast.walk(node) if each in self.owners), None)

    @functools.cached_property
    def by_file(self) -> Mapping[Path, Sequence[tuple[ast.AST, Values]]]:
        """What was seen in each file, in the order of `seen`; to be asked once all is resolved."""
        found: dict[Path, list[tuple[ast.AST, Values]]] = {}
        for node, (unit, values) in self.seen.items():
            found.setdefault(unit.path, []).append((node, values))
        return found


def public_path(path: str, release: Version) -> tuple[str, bool]:
    """The public path as of a release of what stands at a path, and whether it was internal."""
    if path == PACKAGE:
        return "tff", False
    known = catalog.load()
    if not (path == INTERNAL or path.startswith(f"{INTERNAL}.")):
        if not path.startswith(f"{PACKAGE}."):
            return path, False
        path = "tff" + path[len(PACKAGE) :]
        symbol = known.symbol(path)
        inner = None
        if symbol is None or not symbol.exists_in(release):
            inner = known.loaded_with(path, release)
        if inner is None:
            return path, False
        path = inner
    if path == INTERNAL:
        return path, True
    rest = path[len(INTERNAL) + 1 :]
    symbol = known.symbol(path)
    if symbol is not None:
        public = symbol.public(release)
        if public is not None:
            return public, True
        if symbol.exists_in(release) and symbol.kind_in(release) != "module":
            return path, True
    for prefix in ("core.", ""):
        if rest.startswith(prefix):
            public = f"tff.{rest[len(prefix) :]}"
            symbol = known.symbol(public)
            if symbol is not None and symbol.exists_in(release):
                return public, True
    return path, True


@dataclass
class _Frame:
    """A function that is being followed."""

    returned: list[Values] = field(default_factory=list)


class Resolver:
    """Follows the modules of one program as of a release.

    Args:
      release: The release that the program was written for.
      roots: Folders in which modules of the program are found by their dotted names.
      trace: What a run of the program knew.
      released: The release of each file, where files were written for several.
    """

    def __init__(
        self,
        release: Version,
        roots: Sequence[Path] = (),
        trace: Trace | None = None,
        released: Callable[[Path], Version] | None = None,
    ) -> None:
        self._trace = trace
        self.result = Resolution(release, released)
        self._roots = list(roots)
        self._files = Files()
        self._modules: dict[Path, Module | None] = {}
        self._documents: dict[Path, Document] = {}
        self._frames: list[_Frame] = []
        self._depth = 0
        self._contexts: dict[ast.AST, dict[tuple[object, ...], Values]] = {}
        self._pending: list[Function] = []
        self._unit: Unit | None = None
        self._roles_of: dict[Version, _Roles] = {}

    @property
    def _release(self) -> Version:
        return self.result.release_at(self._unit)

    @property
    def _roles(self) -> _Roles:
        release = self._release
        if release not in self._roles_of:
            self._roles_of[release] = _Roles(release)
        return self._roles_of[release]

    def provide(self, documents: Iterable[Document]) -> None:
        """Files that are read already, for when they are imported."""
        self._documents.update({each.path.resolve(): each for each in documents})

    # --- Modules ----------------------------------------------------------------------------------

    def document(self, document: Document, modules: Mapping[str, str] | None = None) -> Module:
        """Follows a file, and all functions in it.

        Args:
          document: The file.
          modules: Modules that names stand for already, as in a notebook's later cell.
        """
        known = self._modules.get(document.path.resolve())
        if known is not None:
            return known
        scope = Scope()
        module = Module(document.path.stem, scope)
        self._modules[document.path.resolve()] = module
        scope.names["__name__"] = frozenset([Literal.of("__main__")])
        for name, dotted in (modules or {}).items():
            scope.names[name] = frozenset([self._symbol(dotted)])
        outer, self._unit = self._unit, None
        frames, self._frames = self._frames, []
        for unit in document.units:
            self._unit = unit
            self.result.scopes[unit] = scope
            self._block(unit.tree.body, scope)
        if not frames and outer is None:
            self._finish()
        self._frames = frames
        self._unit = outer
        return module

    def _finish(self) -> None:
        """Follows the functions that nothing called, with unknown arguments.

        Those that TFF calls come first: what they are given may be what others read of an object.
        """
        while self._pending:
            function = next((each for each in self._pending if each.handed), self._pending[0])
            self._pending.remove(function)
            if function.handed:
                self._handed(function)
            elif function.node not in self._contexts:
                self._call(function, None, [], {})

    def _handed(self, function: Function) -> Values:
        """Follows a function as TFF calls it."""
        known = [each.arg for each in _positional(function.node.args)]
        own = [name for name in known if name not in function.defaults]
        given: Values = frozenset([Instance(function.handed, "")])
        return self._call(function, None, [given for _ in own], {})

    def _imported(self, dotted: str, level: int, from_path: Path) -> Module | None:
        """The module of the program that an import means, None for one from elsewhere."""
        parts = dotted.split(".") if dotted else []
        if not level and parts and parts[0] in STANDARD_LIBRARY:
            return None
        if level:
            folders = [from_path.parent]
            for _ in range(level - 1):
                folders = [folders[0].parent]
        else:
            folders = [from_path.parent, *self._roots]
        for folder in folders:
            package = folder / "__init__.py"
            path = self._files.module(folder, dotted) if dotted else package
            if path is not None and path.is_file():
                return self._module(path)
        return None

    def _module(self, path: Path) -> Module | None:
        key = path.resolve()
        if key in self._modules:
            return self._modules[key]
        self._modules[key] = None
        try:
            document = self._documents.get(key) or open_document(path)
        except SourceError:
            return None
        del self._modules[key]
        return self.document(document)

    # --- Statements -------------------------------------------------------------------------------

    def _block(self, statements: Iterable[ast.stmt], scope: Scope) -> None:
        for statement in statements:
            method = getattr(self, f"_{type(statement).__name__}", None)
            if method is not None:
                method(statement, scope)
            else:
                for child in ast.iter_child_nodes(statement):
                    if isinstance(child, ast.expr):
                        self._eval(child, scope)

    def _branches(self, scope: Scope, branches: Sequence[Callable[[], None]]) -> None:
        """Follows branches from the same names; after them each name may be as after any."""
        before = scope.names
        ends: list[dict[str, Values]] = []
        for branch in branches:
            scope.names = dict(before)
            branch()
            ends.append(scope.names)
        joined = dict(ends[0])
        for names in ends[1:]:
            for name, values in names.items():
                joined[name] = joined.get(name, NOTHING) | values
        # Functions that were made meanwhile look here.
        before.clear()
        before.update(joined)
        scope.names = before

    def _If(self, node: ast.If, scope: Scope) -> None:
        self._eval(node.test, scope)
        self._branches(
            scope,
            [lambda: self._block(node.body, scope), lambda: self._block(node.orelse, scope)],
        )

    def _For(self, node: ast.For | ast.AsyncFor, scope: Scope) -> None:
        iterated = self._eval(node.iter, scope)

        def once() -> None:
            self._bind(node.target, self._elements(iterated), scope)
            self._block(node.body, scope)

        def twice() -> None:
            once()
            once()

        self._branches(scope, [twice, lambda: None])
        self._block(node.orelse, scope)

    _AsyncFor = _For

    def _While(self, node: ast.While, scope: Scope) -> None:
        def once() -> None:
            self._eval(node.test, scope)
            self._block(node.body, scope)

        def twice() -> None:
            once()
            once()

        self._branches(scope, [twice, lambda: None])
        self._block(node.orelse, scope)

    def _Try(self, node: ast.Try, scope: Scope) -> None:
        self._branches(scope, [lambda: self._block(node.body, scope), lambda: None])

        def handle(handler: ast.ExceptHandler) -> Callable[[], None]:
            def run() -> None:
                if handler.type is not None:
                    self._eval(handler.type, scope)
                self._block(handler.body, scope)

            return run

        self._branches(
            scope,
            [lambda: self._block(node.orelse, scope), *(handle(each) for each in node.handlers)],
        )
        self._block(node.finalbody, scope)

    _TryStar = _Try

    def _With(self, node: ast.With | ast.AsyncWith, scope: Scope) -> None:
        for item in node.items:
            values = self._eval(item.context_expr, scope)
            if item.optional_vars is not None:
                self._bind(item.optional_vars, values, scope)
        self._block(node.body, scope)

    _AsyncWith = _With

    def _Match(self, node: ast.stmt, scope: Scope) -> None:
        self._eval(node.subject, scope)  # type: ignore[attr-defined]
        cases = node.cases  # type: ignore[attr-defined]
        self._branches(
            scope,
            [lambda: None, *((lambda body=case.body: self._block(body, scope)) for case in cases)],
        )

    def _Return(self, node: ast.Return, scope: Scope) -> None:
        values = self._eval(node.value, scope) if node.value is not None else NOTHING
        if self._frames:
            self._frames[-1].returned.append(values)

    def _Assign(self, node: ast.Assign, scope: Scope) -> None:
        values = self._eval(node.value, scope)
        for target in node.targets:
            self._bind(target, values, scope)

    def _AnnAssign(self, node: ast.AnnAssign, scope: Scope) -> None:
        self._eval(node.annotation, scope)
        if node.value is not None:
            self._bind(node.target, self._eval(node.value, scope), scope)

    def _AugAssign(self, node: ast.AugAssign, scope: Scope) -> None:
        before = self._load(node.target, scope)
        self._bind(node.target, before | self._eval(node.value, scope), scope)
        name = OPERATORS.get(type(node.op), "")
        if not name:
            return
        changed = [self._member(each, name) for each in before if isinstance(each, Instance)]
        if any(changed):
            assert self._unit is not None
            self.result.seen[node] = (self._unit, union(changed))
            if isinstance(node.target, ast.Name):
                self._note(node.target, before)

    def _load(self, target: ast.expr, scope: Scope) -> Values:
        if isinstance(target, ast.Name):
            return scope.lookup(target.id)
        return self._eval(target, scope)

    def _Global(self, node: ast.Global | ast.Nonlocal, scope: Scope) -> None:
        scope.assigned_outside.update(node.names)

    _Nonlocal = _Global

    def _Import(self, node: ast.Import, scope: Scope) -> None:
        for alias in node.names:
            if alias.asname:
                self._bind_import(node, alias.asname, alias.name, scope)
            else:
                first = alias.name.split(".")[0]
                self._bind_import(node, first, first, scope, whole=alias.name)

    def _bind_import(
        self, node: ast.Import, name: str, dotted: str, scope: Scope, whole: str = ""
    ) -> None:
        assert self._unit is not None
        module = None
        if dotted.split(".")[0] != PACKAGE:
            module = self._imported(dotted, 0, self._unit.path)
        if module is not None:
            scope.names[name] = frozenset([module])
            return
        symbol = self._symbol(dotted)
        scope.names[name] = frozenset([symbol])
        if dotted.split(".")[0] == PACKAGE:
            bound = self._symbol(whole or dotted)
            self.result.imports.append((self._unit, node, name, bound))

    def _ImportFrom(self, node: ast.ImportFrom, scope: Scope) -> None:
        assert self._unit is not None
        dotted = node.module or ""
        module = None
        if dotted.split(".")[0] != PACKAGE:
            module = self._imported(dotted, node.level, self._unit.path)
        for alias in node.names:
            name = alias.asname or alias.name
            if alias.name == "*":
                self._star(node, dotted, module, scope)
            elif module is not None:
                scope.names[name] = module.scope.names.get(alias.name, NOTHING)
                if not scope.names[name]:
                    inner = self._inner(node, alias)
                    if inner is not None:
                        scope.names[name] = frozenset([inner])
            elif node.level:
                inner = self._inner(node, alias)
                scope.names[name] = NOTHING if inner is None else frozenset([inner])
            elif dotted.split(".")[0] not in _FOLLOWED and (inner := self._inner(node, alias)):
                # A package without an `__init__.py`.
                scope.names[name] = frozenset([inner])
            else:
                symbol = self._symbol(f"{dotted}.{alias.name}")
                scope.names[name] = frozenset([symbol])
                if dotted.split(".")[0] in _FOLLOWED:
                    self.result.imports.append((self._unit, node, name, symbol))

    def _inner(self, node: ast.ImportFrom, alias: ast.alias) -> Module | None:
        """The module of the program that a name imported from its package means."""
        assert self._unit is not None
        dotted = ".".join(filter(None, [node.module, alias.name]))
        return self._imported(dotted, node.level, self._unit.path)

    def _star(self, node: ast.ImportFrom, dotted: str, module: Module | None, scope: Scope) -> None:
        assert self._unit is not None
        if module is not None:
            for name, values in module.scope.names.items():
                if not name.startswith("_"):
                    scope.names[name] = values
        elif dotted.split(".")[0] == PACKAGE:
            self.result.doubts.append(
                Doubt(self._unit, node, f"which names come from `from {dotted} import *`")
            )
            owner, _ = public_path(dotted, self._release)
            for name in catalog.load().members(owner, self._release):
                scope.names[name] = frozenset([Symbol(f"{owner}.{name}")])

    def _symbol(self, dotted: str) -> Symbol:
        path, internal = public_path(dotted, self._release)
        return Symbol(path, internal)

    def _FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> None:
        function = self._function(node, scope)
        values: Values = frozenset([function])
        for decorator in reversed(node.decorator_list):
            values = self._decorated(decorator, values, scope)
        arguments = node.args
        function.defaults = self._defaults(arguments, scope)
        for argument in _all_arguments(arguments):
            if argument.annotation is not None:
                self._eval(argument.annotation, scope)
        if node.returns is not None:
            self._eval(node.returns, scope)
        self._assign(node.name, values, scope)

    _AsyncFunctionDef = _FunctionDef

    def _defaults(self, arguments: ast.arguments, scope: Scope) -> dict[str, Values]:
        positional = [*arguments.posonlyargs, *arguments.args]
        pairs = [
            *zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults),
            *zip(arguments.kwonlyargs, arguments.kw_defaults),
        ]
        return {each.arg: self._eval(value, scope) for each, value in pairs if value is not None}

    def _decorated(self, decorator: ast.expr, values: Values, scope: Scope) -> Values:
        found = self._eval(decorator, scope)
        given: Values = NOTHING
        function = next((value for value in values if isinstance(value, Function)), None)
        for value in found:
            role = None
            if isinstance(value, Symbol):
                role = self._roles.of(value.path)
            elif isinstance(value, Instance):
                role = COMPUTATION if value.role == _DECORATOR else value.role
            if function is not None and isinstance(value, (Symbol, Instance)):
                path = value.path if isinstance(value, Symbol) else value.maker
                function.handed = function.handed or self._roles.handed(path)
            if role is not None and isinstance(value, (Symbol, Instance)):
                maker = value.path if isinstance(value, Symbol) else value.maker
                call = decorator if isinstance(decorator, ast.Call) else None
                given |= frozenset([Instance(role, maker, call, self._unit, function)])
        # What an unknown decorator gives is taken for the function itself.
        return given or values

    def _function(self, node: ast.AST, scope: Scope) -> Function:
        known = self.result.functions.get(node)
        if known is not None and known.scope is scope:
            return known
        assert self._unit is not None
        function = Function(node, self._unit, scope)  # type: ignore[arg-type]
        self.result.functions[node] = function
        self._pending.append(function)
        return function

    def _ClassDef(self, node: ast.ClassDef, scope: Scope) -> None:
        assert self._unit is not None
        bases = [self._base(base, scope) for base in node.bases]
        for keyword in node.keywords:
            self._eval(keyword.value, scope)
        for decorator in node.decorator_list:
            self._eval(decorator, scope)
        made = Class(node, self._unit, Scope(scope, is_class=True), bases)
        self.result.classes.append(made)
        self._block(node.body, made.scope)
        # What a method assigns to `self` is known to all.
        for values in list(made.scope.names.values()):
            for value in values:
                method: Value | None = value
                # Of a computation, the function takes no `self`.
                if isinstance(value, Instance) and value.role != COMPUTATION:
                    method = value.function
                if isinstance(method, Function) and not _is_static(method.node):
                    method.owner = Object(made)
        bases_of_tff = made.symbols()
        for entry in index.methods(self._release) if bases_of_tff else ():
            owner, _, name = entry.path.partition(": ")
            if entry.hands and owner in bases_of_tff:
                for value in made.scope.names.get(name, NOTHING):
                    if isinstance(value, Function):
                        value.handed = entry.hands
        self._assign(node.name, frozenset([made]), scope)
        initializer = made.scope.names.get("__init__", NOTHING)
        for value in initializer:
            if isinstance(value, Function) and value.node not in self._contexts:
                self._call(value, None, [], {})

    def _base(self, node: ast.expr, scope: Scope) -> Values:
        """What a class derives from; of a generic class with its parameters, that class."""
        values = self._eval(node, scope)
        if not values and isinstance(node, ast.Subscript):
            return self.result.values(node.value)
        return values

    # --- Binding ----------------------------------------------------------------------------------

    def _assign(self, name: str, values: Values, scope: Scope) -> None:
        if name in scope.assigned_outside:
            outer = scope.parent
            while outer is not None and outer.parent is not None and name not in outer.names:
                outer = outer.parent
            if outer is not None:
                outer.names[name] = outer.names.get(name, NOTHING) | values
        else:
            scope.names[name] = values

    def _bind(self, target: ast.expr, values: Values, scope: Scope) -> None:
        if isinstance(target, ast.Name):
            self._assign(target.id, values, scope)
        elif isinstance(target, (ast.Tuple, ast.List)):
            starred = any(isinstance(element, ast.Starred) for element in target.elts)
            for position, element in enumerate(target.elts):
                if isinstance(element, ast.Starred):
                    rest = frozenset([Container("list", rest=self._elements(values))])
                    self._bind(element.value, rest, scope)
                elif starred:
                    self._bind(element, self._elements(values), scope)
                else:
                    self._bind(element, self._item(values, position), scope)
        elif isinstance(target, ast.Attribute):
            owner = self._eval(target.value, scope)
            self._note(target, NOTHING)
            for value in owner:
                if isinstance(value, Object):
                    names = value.cls.scope.names
                    names[target.attr] = names.get(target.attr, NOTHING) | values
                elif isinstance(value, Module):
                    value.scope.names[target.attr] = values
        elif isinstance(target, ast.Subscript):
            key = self._eval(target.slice, scope)
            for value in self._eval(target.value, scope):
                if isinstance(value, Container):
                    literal = _one_literal(key)
                    if literal is not None and value.kind == "dict":
                        value.items[literal.value] = values
                    else:
                        value.rest |= values

    # --- Expressions ------------------------------------------------------------------------------

    def _eval(self, node: ast.expr, scope: Scope) -> Values:
        method = getattr(self, f"_{type(node).__name__}", None)
        if method is None:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    self._eval(child, scope)
            return NOTHING
        values: Values = method(node, scope)
        return values

    def _note(self, node: ast.expr, values: Values) -> Values:
        assert self._unit is not None
        if self._trace is not None:
            roles = self._trace.roles_at(self._unit, node)
            if roles and not any(isinstance(value, Instance) for value in values):
                values = frozenset(Instance(role, "") for role in roles)
        found = self.result.seen.get(node)
        if found is not None:
            self.result.seen[node] = (found[0], found[1] | values)
        else:
            self.result.seen[node] = (self._unit, values)
        return values

    def _Name(self, node: ast.Name, scope: Scope) -> Values:
        self.result.owners.setdefault(node, scope)
        values = scope.lookup(node.id)
        if not values and node.id in _TYPES_OF_PYTHON:
            values = frozenset([Symbol(f"builtins.{node.id}")])
        return self._note(node, values)

    def _Constant(self, node: ast.Constant, scope: Scope) -> Values:
        try:
            hash(node.value)
        except TypeError:
            return NOTHING
        return frozenset([Literal.of(node.value)])

    def _Attribute(self, node: ast.Attribute, scope: Scope) -> Values:
        owner = self._eval(node.value, scope)
        values = union(self._attribute(value, node.attr) for value in owner)
        if not values and not owner:
            role = index.telling_role(node.attr, self._release)
            values = frozenset([Instance(role, role)]) if role else NOTHING
        if not values:
            role = index.given_role("", f".{node.attr}", self._release)
            values = frozenset([Instance(role, role)]) if role else NOTHING
        return self._note(node, values)

    def _attribute(self, value: object, name: str) -> Values:
        if isinstance(value, Symbol):
            path, internal = public_path(under(value.path, name), self._release)
            return frozenset([Symbol(path, internal or value.internal)])
        if isinstance(value, Instance):
            return self._member(value, f".{name}")
        if isinstance(value, Module):
            return value.scope.names.get(name, NOTHING)
        if isinstance(value, Class):
            return value.attribute(name)
        if isinstance(value, Object):
            return value.cls.attribute(name)
        if isinstance(value, Container) and name in value.names:
            return value.items.get(value.names.index(name), NOTHING)
        if isinstance(value, Container) and name in _OF_CONTAINERS:
            return frozenset([_Bound(value, name)])
        return NOTHING

    def _member(self, value: Instance, name: str) -> Values:
        # An object goes on to be of the release that made it, wherever it is handed to.
        release = self.result.release_at(value.unit or self._unit)
        parameter = index.given_arguments().get((value.role, name))
        if parameter is not None:
            return self._given_to_maker(value, parameter, release)
        gives = index.given_role(value.role, name, release)
        made = Instance(gives, value.maker, value.call, value.unit, value.function)
        return frozenset([made]) if gives else NOTHING

    def _given_to_maker(self, value: Instance, parameter: str, release: Version) -> Values:
        """What the call that made an object was given for a parameter."""
        symbol = catalog.load().symbol(value.maker)
        signature = None if symbol is None else symbol.signature(release)
        if signature is None or value.call is None:
            return NOTHING
        node = binding.argument(signature, value.call, parameter)
        return union(given for each, given in value.given if each is node)

    def _Subscript(self, node: ast.Subscript, scope: Scope) -> Values:
        owner = self._eval(node.value, scope)
        key = _one_literal(self._eval(node.slice, scope))
        values = self._item(owner, key.value) if key is not None else self._any_item(owner)
        return self._note(node, values)

    def _Slice(self, node: ast.Slice, scope: Scope) -> Values:
        for part in (node.lower, node.upper, node.step):
            if part is not None:
                self._eval(part, scope)
        return NOTHING

    def _item(self, values: Values, key: object) -> Values:
        """What an item may be."""
        found: list[Values] = []
        for value in values:
            if isinstance(value, Container):
                known = value.items.get(key) if _is_hashable(key) else None
                found.append(value.rest if known is None else known)
                if known is None and value.kind != "dict":
                    found.append(value.elements)
            elif isinstance(value, Instance):
                found.append(self._member(value, f"[{key}]"))
            elif isinstance(value, Object) and isinstance(key, int):
                fields = value.cls.fields
                if 0 <= key < len(fields):
                    found.append(value.cls.attribute(fields[key]))
        return union(found)

    def _any_item(self, values: Values) -> Values:
        """What an item may be whose position or key is not known."""
        mappings = [v for v in values if isinstance(v, Container) and v.kind == "dict"]
        held = union(each.elements for each in mappings)
        return held | self._elements(values.difference(mappings))

    def _elements(self, values: Values) -> Values:
        """What the elements may be where the values are iterated."""
        found: list[Values] = []
        for value in values:
            if isinstance(value, Container):
                if value.kind == "dict":
                    keys = [Literal.of(key) for key in value.items]
                    found.append(frozenset(keys))
                else:
                    found.append(value.elements)
            elif isinstance(value, Instance):
                found.append(self._member(value, "[*]"))
        return union(found)

    def _Tuple(self, node: ast.Tuple | ast.List | ast.Set, scope: Scope) -> Values:
        kind = type(node).__name__.lower()
        made = Container(kind)
        for position, element in enumerate(node.elts):
            if isinstance(element, ast.Starred):
                made.rest |= self._elements(self._eval(element.value, scope))
            else:
                made.items[position] = self._eval(element, scope)
        return frozenset([made])

    _List = _Tuple
    _Set = _Tuple

    def _Dict(self, node: ast.Dict, scope: Scope) -> Values:
        made = Container("dict")
        for key, value in zip(node.keys, node.values):
            values = self._eval(value, scope)
            literal = None if key is None else _one_literal(self._eval(key, scope))
            if literal is None:
                made.rest |= values
            else:
                made.items[literal.value] = values
        return frozenset([made])

    def _Starred(self, node: ast.Starred, scope: Scope) -> Values:
        return self._elements(self._eval(node.value, scope))

    def _Lambda(self, node: ast.Lambda, scope: Scope) -> Values:
        function = self._function(node, scope)
        function.defaults = self._defaults(node.args, scope)
        return frozenset([function])

    def _IfExp(self, node: ast.IfExp, scope: Scope) -> Values:
        self._eval(node.test, scope)
        return self._note(node, self._eval(node.body, scope) | self._eval(node.orelse, scope))

    def _BoolOp(self, node: ast.BoolOp, scope: Scope) -> Values:
        return self._note(node, union(self._eval(value, scope) for value in node.values))

    def _BinOp(self, node: ast.BinOp, scope: Scope) -> Values:
        operands = self._eval(node.left, scope) | self._eval(node.right, scope)
        name = OPERATORS.get(type(node.op), "")
        if not name:
            return NOTHING
        found = [self._member(value, name) for value in operands if isinstance(value, Instance)]
        values = union(found)
        return self._note(node, values) if values else NOTHING

    def _Compare(self, node: ast.Compare, scope: Scope) -> Values:
        operands = [self._eval(each, scope) for each in (node.left, *node.comparators)]
        if len(node.ops) == 1 and any(isinstance(value, Instance) for value in union(operands)):
            self._note(node, NOTHING)
        return NOTHING

    def _NamedExpr(self, node: ast.NamedExpr, scope: Scope) -> Values:
        values = self._eval(node.value, scope)
        self._bind(node.target, values, scope)
        return values

    def _Await(self, node: ast.Await, scope: Scope) -> Values:
        return self._eval(node.value, scope)

    def _Yield(self, node: ast.Yield, scope: Scope) -> Values:
        if node.value is not None:
            values = self._eval(node.value, scope)
            if self._frames:
                self._frames[-1].returned.append(frozenset([Container("list", rest=values)]))
        return NOTHING

    def _ListComp(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, scope: Scope
    ) -> Values:
        inner = self._generators(node.generators, scope)
        return frozenset([Container("list", rest=self._eval(node.elt, inner))])

    _SetComp = _ListComp
    _GeneratorExp = _ListComp

    def _DictComp(self, node: ast.DictComp, scope: Scope) -> Values:
        inner = self._generators(node.generators, scope)
        self._eval(node.key, inner)
        return frozenset([Container("dict", rest=self._eval(node.value, inner))])

    def _generators(self, generators: Sequence[ast.comprehension], scope: Scope) -> Scope:
        inner = Scope(scope)
        for generator in generators:
            self._bind(generator.target, self._elements(self._eval(generator.iter, inner)), inner)
            for condition in generator.ifs:
                self._eval(condition, inner)
        return inner

    # --- Calls ------------------------------------------------------------------------------------

    def _Call(self, node: ast.Call, scope: Scope) -> Values:
        called = self._eval(node.func, scope)
        positional = [self._eval(argument, scope) for argument in node.args]
        keywords: dict[str, Values] = {}
        for keyword in node.keywords:
            given = self._eval(keyword.value, scope)
            if keyword.arg is not None:
                keywords[keyword.arg] = given
                self.result.latest[keyword.value] = given
            else:
                keywords.update(_named(given))
        starred = any(isinstance(argument, ast.Starred) for argument in node.args)
        if starred:
            expanded = self._expanded(node, scope)
            starred = expanded is None
            positional = positional if expanded is None else expanded
        if isinstance(node.func, ast.Name) and not called and node.func.id in _KNOWN_BUILTINS:
            return self._note(node, self._builtin(node, positional))
        methods = self._of_method(node.func)
        found: list[Values] = [methods]
        for value in called:
            if isinstance(value, Function):
                value.called = True
                given = self._call(value, value.owner, [] if starred else positional, keywords)
                # What an upgrade has added gives what nothing is to be said of.
                found.append(NOTHING if is_added(value.node) else given)
            elif isinstance(value, Class):
                found.append(frozenset([Object(value)]))
                if not value.attribute("__init__") and not starred:
                    names = value.scope.names
                    for name, given in [*zip(value.fields, positional), *keywords.items()]:
                        names[name] = names.get(name, NOTHING) | given
                for initializer in value.attribute("__init__"):
                    if isinstance(initializer, Function):
                        owner = Object(value)
                        self._call(initializer, owner, [] if starred else positional, keywords)
            elif isinstance(value, Record):
                items = dict(enumerate([] if starred else positional))
                items.update(
                    (value.names.index(name), of_name)
                    for name, of_name in keywords.items()
                    if name in value.names
                )
                found.append(frozenset([Container("tuple", dict(items), names=value.names)]))
            elif isinstance(value, Symbol):
                by_position = [] if starred else positional
                self._spread(node, value.path, by_position, keywords)
                self._hand_over(value.path, by_position, keywords)
                found.append(self._of_symbol(value.path, node, positional, keywords))
            elif isinstance(value, Partial):
                # The arguments of calls in two files cannot be written into one.
                if value.unit is self._unit:
                    held = [*value.positional, *positional]
                    named = {**value.keywords, **keywords}
                    found.append(
                        self._of_symbol(value.symbol.path, value.called(node), held, named)
                    )
            elif isinstance(value, Instance) and value.role == _DECORATOR:
                found.append(self._computation(value.maker, node, positional))
            elif isinstance(value, Instance) and not methods:
                given = union([*positional, *keywords.values()])
                found.append(
                    self._called(value, given) or self._returned(value) or self._member(value, "()")
                )
            elif isinstance(value, Object):
                for method in value.cls.attribute("__call__"):
                    if isinstance(method, Function):
                        found.append(self._call(method, value, positional, keywords))
            elif isinstance(value, _Bound):
                found.append(self._of_container(value, positional))
        return self._note(node, union(found))

    def _of_method(self, called: ast.expr) -> Values:
        """What is declared that a call of a method of an object gives."""
        if not isinstance(called, ast.Attribute):
            return NOTHING
        owners = self.result.values(called.value)
        return union(
            self._member(value, f".{called.attr}()")
            for value in owners
            if isinstance(value, Instance)
        )

    def _expanded(self, node: ast.Call, scope: Scope) -> list[Values] | None:
        """The arguments by position of a call with ``*``; None where one cannot be seen."""
        found: list[Values] = []
        for argument in node.args:
            if not isinstance(argument, ast.Starred):
                found.append(self._eval(argument, scope))
                continue
            inner = self._eval(argument.value, scope)
            several = [value for value in inner if isinstance(value, Container)]
            if len(several) != 1 or len(inner) != 1 or several[0].rest:
                return None
            items = several[0].items
            if several[0].kind == "dict" or sorted(items) != list(range(len(items))):
                return None
            found += [items[position] for position in range(len(items))]
        return found

    def _spread(
        self, node: ast.Call, path: str, positional: list[Values], keywords: dict[str, Values]
    ) -> None:
        """Notes what is passed to a symbol where the call itself does not show it."""
        shown = all(keyword.arg is not None for keyword in node.keywords)
        if shown and not any(isinstance(argument, ast.Starred) for argument in node.args):
            return
        found = self.result.spread.setdefault((node, path), {})
        given: list[tuple[int | str, Values]] = [*enumerate(positional), *keywords.items()]
        for key, values in given:
            found[key] = found.get(key, NOTHING) | values

    def _called(self, value: Instance, given: Values) -> Values:
        """What a call of an object gives where that depends on what it is called with."""
        roles = {each.role for each in given if isinstance(each, Instance)}
        return union(self._member(value, f"({role})") for role in sorted(roles))

    def _returned(self, value: Instance) -> Values:
        """What a call of a computation gives that its function got from an object of TFF."""
        function = value.function
        if value.role != COMPUTATION or function is None or not function.handed:
            return NOTHING
        inside = {function.handed, index.given_role(COMPUTATION, "()", self._release)}
        return self._without(self._handed(function), inside)

    def _without(self, values: Values, roles: set[str]) -> Values:
        """The objects, and tuples of them, that have a role, and another one."""
        found: list[Value] = []
        for value in values:
            if isinstance(value, Instance):
                if value.role in index.all_roles(self._release).difference(roles):
                    found.append(value)
            elif isinstance(value, Container) and value.kind == "tuple":
                items = {key: self._without(each, roles) for key, each in value.items.items()}
                if any(items.values()):
                    found.append(Container("tuple", items, names=value.names))
        return frozenset(found)

    def _hand_over(self, path: str, positional: list[Values], keywords: dict[str, Values]) -> None:
        """Notes for which classes of TFF the objects stand that are passed to a symbol.

        And what it calls the functions with that it is given.
        """
        entry = index.find(path, self._release)
        if entry is None:
            return
        for value in union([*positional, *keywords.values()]) if entry.hands else ():
            called = value.cls.attribute("__call__") if isinstance(value, Object) else [value]
            for each in called:
                if isinstance(each, Function):
                    each.handed = each.handed or entry.hands
        if not entry.takes:
            return
        names = [each.name for each in Signature(entry.signature).parameters]
        given = {**dict(zip(names, positional)), **keywords}
        for name, base in entry.takes.items():
            values = given.get(name, NOTHING)
            for value in values | self._elements(values):
                if isinstance(value, Object):
                    self.result.handed.setdefault(value.cls, set()).add(base)

    def _of_symbol(
        self, path: str, node: ast.Call, positional: list[Values], keywords: dict[str, Values]
    ) -> Values:
        if path in _IMPORTERS and positional:
            name = _one_literal(positional[0])
            if name is not None and isinstance(name.value, str) and name.value.isidentifier():
                return frozenset([self._symbol(name.value)])
        if path in _TRANSPARENT and (positional or keywords):
            return positional[-1] if positional else NOTHING
        if path == _PARTIAL and positional and node.args:
            return union(
                self._partial(value, node, positional[1:], keywords) for value in positional[0]
            )
        if path in _MAPPINGS:
            made = Container("dict", ordered=path.endswith("OrderedDict"))
            for key, values in keywords.items():
                made.items[key] = values
            for values in positional:
                for value in values:
                    if isinstance(value, Container) and value.kind == "dict":
                        made.items.update(value.items)
                        made.rest |= value.rest
                    elif isinstance(value, Container):
                        for pair in value.elements:
                            made.rest |= self._item(frozenset([pair]), 1)
                            _add_pair(made, pair)
            return frozenset([made])
        if path == "collections.namedtuple" and len(node.args) == 2:
            return frozenset([Record(_names(positional[1]))])
        if path == "tff_compat.as_of":
            return frozenset([self._symbol(PACKAGE)])
        return self._made(path, node, positional)

    def _partial(
        self, value: Value, node: ast.Call, positional: list[Values], keywords: dict[str, Values]
    ) -> Values:
        """What `functools.partial` makes of something that can be called."""
        assert self._unit is not None
        if isinstance(value, Symbol):
            return frozenset([Partial(value, node, self._unit, tuple(positional), keywords)])
        if isinstance(value, Partial):
            more = ast.copy_location(ast.Call(node.func, node.args[1:], node.keywords), node)
            call = value.called(more)
            call.args.insert(0, value.call.args[0])
            held, named = (*value.positional, *positional), {**value.keywords, **keywords}
            whole = Partial(value.symbol, call, self._unit, held, named)
            # The arguments of calls in two files cannot be written into one.
            return frozenset([whole]) if value.unit is self._unit else NOTHING
        if isinstance(value, Function) and (positional or keywords):
            self._call(value, value.owner, positional, keywords)
        return frozenset([value])

    def _made(self, path: str, node: ast.Call | None, positional: Sequence[Values] = ()) -> Values:
        """What a call of an imported symbol returns."""
        role = self._roles.of(path)
        if role == "same as its process":
            return union(positional[1:2])
        if role in _OF_STRUCTURES:
            return self._of_structure(role, union(positional[:1]))
        if role is None:
            return NOTHING
        if role == COMPUTATION:
            return self._computation(path, node, positional)
        given: frozenset[tuple[ast.expr, Values]] = frozenset()
        if node is not None:
            pairs = zip(node.args, positional)
            given = frozenset(pairs) | frozenset(
                (keyword.value, self.result.latest.get(keyword.value, NOTHING))
                for keyword in node.keywords
            )
        return frozenset([Instance(role, path, node, self._unit, given=given)])

    def _of_structure(self, role: str, values: Values) -> Values:
        """The elements of a structure, or pairs of their names and them."""
        elements = self._elements(values)
        if elements and role == _PAIRS:
            elements = frozenset([Container("tuple", {0: NOTHING, 1: elements})])
        return frozenset([Container("list", rest=elements)]) if elements else NOTHING

    def _computation(
        self, path: str, node: ast.Call | None, positional: Sequence[Values]
    ) -> Values:
        """A computation, or without a function to make it of, what decorates one."""
        for values in positional:
            for value in values:
                if isinstance(value, Function):
                    value.handed = value.handed or self._roles.handed(path)
                    return frozenset([Instance(COMPUTATION, path, node, self._unit, value)])
                if isinstance(value, Instance) and value.role == COMPUTATION:
                    return frozenset([Instance(COMPUTATION, path, node, self._unit)])
        return frozenset([Instance(_DECORATOR, path, node, self._unit)])

    def _of_container(self, bound: _Bound, positional: list[Values]) -> Values:
        container, name = bound.container, bound.name
        if name in ("append", "add"):
            container.rest |= union(positional)
        elif name in ("extend", "update"):
            for values in positional:
                for value in values:
                    if isinstance(value, Container):
                        container.rest |= value.elements
        elif name == "items":
            pair = Container("tuple", {0: NOTHING, 1: container.elements})
            if container.items and not container.rest:
                pairs = {
                    position: frozenset(
                        [Container("tuple", {0: frozenset([Literal.of(key)]), 1: values})]
                    )
                    for position, (key, values) in enumerate(container.items.items())
                }
                return frozenset([Container("list", dict(pairs))])
            return frozenset([Container("list", rest=frozenset([pair]))])
        elif name == "values":
            return frozenset([Container("list", rest=container.elements)])
        elif name in ("pop", "popitem"):
            return container.elements
        elif name in ("get", "setdefault"):
            key = _one_literal(positional[0]) if positional else None
            if key is not None:
                return self._item(frozenset([container]), key.value) | union(positional[1:])
            return container.elements
        elif name == "copy":
            return frozenset([container])
        return NOTHING

    def _builtin(self, node: ast.Call, positional: list[Values]) -> Values:
        name = node.func.id  # type: ignore[attr-defined]
        if name in ("getattr", "hasattr") and positional:
            return self._getattr(node, name, positional)
        if name == "range":
            return frozenset([Instance("builtins.range", "builtins.range")])
        if name in ("list", "tuple", "set", "sorted", "reversed", "iter") and positional:
            return frozenset([Container("list", rest=self._elements(positional[0]))])
        if name == "dict":
            return self._of_symbol(
                "collections.OrderedDict",
                node,
                positional,
                {k.arg: self.result.values(k.value) for k in node.keywords if k.arg},
            )
        if name == "zip":
            parts = {i: self._elements(values) for i, values in enumerate(positional)}
            return frozenset([Container("list", rest=frozenset([Container("tuple", parts)]))])
        if name == "enumerate" and positional:
            pair = Container("tuple", {0: NOTHING, 1: self._elements(positional[0])})
            return frozenset([Container("list", rest=frozenset([pair]))])
        if name in ("next", "max", "min") and positional:
            return self._elements(positional[0])
        if name == "map" and positional:
            given = [self._elements(values) for values in positional[1:]]
            made = union(
                self._call(value, value.owner, given, {})
                for value in positional[0]
                if isinstance(value, Function)
            )
            return frozenset([Container("list", rest=made)])
        asked = [value for value in union(positional[:1]) if isinstance(value, Instance)]
        return union(self._member(value, f"{name}()") for value in asked)

    def _getattr(self, node: ast.Call, name: str, positional: list[Values]) -> Values:
        changing = index.roles(self._release)
        symbols = [
            value
            for value in positional[0]
            if _is_of_tff(value) or (isinstance(value, Instance) and value.role in changing)
        ]
        key = _one_literal(positional[1]) if len(positional) > 1 else None
        if key is not None and isinstance(key.value, str):
            if name == "hasattr":
                return NOTHING
            return union(self._attribute(value, key.value) for value in positional[0])
        if symbols and not self._is_own_field(node):
            assert self._unit is not None
            reason = f"which name `{name}` asks for"
            self.result.doubts.append(Doubt(self._unit, node, reason))
        return NOTHING

    def _is_own_field(self, node: ast.Call) -> bool:
        """Whether a name that is asked for is one of the object's own `_fields`, in a loop."""
        if self._unit is None or len(node.args) < 2 or not isinstance(node.args[1], ast.Name):
            return False
        fields = ast.dump(ast.Attribute(node.args[0], "_fields", ast.Load()))
        return any(
            isinstance(each, (ast.For, ast.comprehension))
            and isinstance(each.target, ast.Name)
            and each.target.id == node.args[1].id
            and ast.dump(each.iter) == fields
            for each in ast.walk(self._unit.tree)
        )

    def _call(
        self,
        function: Function,
        owner: Object | None,
        positional: Sequence[Values],
        keywords: dict[str, Values],
    ) -> Values:
        """Follows a function of the program with arguments; gives what it returns."""
        node = function.node
        bound = _bound(function, owner or function.owner, positional, keywords)
        key = tuple(sorted((name, _key(values)) for name, values in bound.items()))
        contexts = self._contexts.setdefault(node, {})
        if key in contexts:
            return contexts[key]
        if len(contexts) >= _MOST_CONTEXTS or self._depth >= _MOST_CALLS:
            return union(contexts.values())
        contexts[key] = NOTHING
        scope = Scope(function.scope, dict(bound))
        self._depth += 1
        outer, self._unit = self._unit, function.unit
        frame = _Frame()
        self._frames.append(frame)
        if isinstance(node, ast.Lambda):
            frame.returned.append(self._eval(node.body, scope))
        else:
            self._block(node.body, scope)
        self._frames.pop()
        self._unit = outer
        self._depth -= 1
        contexts[key] = union(frame.returned)
        return contexts[key]


@dataclass(eq=False)
class _Bound(Container):
    """A method of a container."""

    def __init__(self, container: Container, name: str) -> None:
        super().__init__("method")
        self.container = container
        self.name = name


_OF_CONTAINERS = frozenset(
    "append add extend update items values keys pop popitem get setdefault copy".split()
)
_MAPPINGS = frozenset({"collections.OrderedDict", "collections.defaultdict"})
_IMPORTERS = frozenset({"importlib.import_module", "pytest.importorskip"})
"""Functions that return the package of a name."""
# What they are given last is what they give.
_TRANSPARENT = frozenset({"copy.copy", "copy.deepcopy"})
_PARTIAL = "functools.partial"


def _named(values: Values) -> dict[str, Values]:
    """The keywords that ``**`` gives."""
    found: dict[str, Values] = {}
    for value in values:
        for name, of_name in value.items.items() if isinstance(value, Container) else ():
            if isinstance(name, str):
                found[name] = found.get(name, NOTHING) | of_name
    return found


def _names(values: Values) -> tuple[str, ...]:
    """The names of the elements of a named tuple: a string, or a list of some."""
    found: list[str] = []
    for value in values:
        several = value.items.values() if isinstance(value, Container) else [frozenset([value])]
        for each in several:
            literal = _one_literal(each)
            if literal is not None and isinstance(literal.value, str):
                found += literal.value.replace(",", " ").split()
    return tuple(found)


def _add_pair(made: Container, pair: object) -> None:
    if isinstance(pair, Container) and {0, 1} <= set(pair.items):
        key = _one_literal(pair.items[0])
        if key is not None:
            made.items[key.value] = pair.items[1]


def _positional(arguments: ast.arguments) -> list[ast.arg]:
    return [*arguments.posonlyargs, *arguments.args]


class _Roles:
    """What calls of symbols give as of a release, as declared."""

    def __init__(self, release: Version) -> None:
        self._release = release
        self._of: dict[str, str | None] = {}

    def of(self, path: str) -> str | None:
        """The role of what a call of a symbol gives; the path itself where none is declared."""
        if path not in self._of:
            self._of[path] = self._find(path)
        return self._of[path]

    def handed(self, path: str) -> str:
        """The role of what functions get that are given to a symbol, "" where none is declared."""
        entry = index.find(path, self._release)
        return "" if entry is None else entry.hands

    def _find(self, path: str) -> str | None:
        if not path.startswith(("tff.", PACKAGE)):
            return path
        entry = index.find(path, self._release)
        if entry is not None and entry.gives:
            return entry.gives
        if entry is not None and entry.kind == "move":
            return self.of(entry.target)
        return path


def under(path: str, name: str) -> str:
    """The dotted path of an attribute of what stands at a path."""
    return f"{PACKAGE}.{name}" if path == "tff" else _dotted(path, name)


def _dotted(path: str, name: str) -> str:
    if path.startswith("tff."):
        return f"{PACKAGE}{path[3:]}.{name}"
    return f"{path}.{name}"


def _is_of_tff(value: object) -> bool:
    return isinstance(value, Symbol) and (
        value.path == "tff" or value.path.startswith(("tff.", PACKAGE))
    )


def _is_static(node: ast.AST) -> bool:
    decorators = getattr(node, "decorator_list", [])
    return any(isinstance(each, ast.Name) and each.id == "staticmethod" for each in decorators)


def _is_hashable(key: object) -> bool:
    try:
        hash(key)
    except TypeError:
        return False
    return True


def _one_literal(values: Values) -> Literal | None:
    if len(values) == 1:
        (value,) = values
        if isinstance(value, Literal):
            return value
    return None


def _key(values: Values) -> tuple[object, ...]:
    """What distinguishes two contexts of a function."""
    return tuple(sorted(str(_kind(value, 3)) for value in values))


def _kind(value: object, depth: int) -> object:
    if isinstance(value, (Symbol, Literal)):
        return value
    if isinstance(value, Instance):
        return value.role, value.maker, id(value.call)
    if isinstance(value, Container):
        if not depth:
            return value.kind
        return value.kind, tuple(sorted(str(_kind(item, depth - 1)) for item in value.elements))
    return type(value).__name__, id(getattr(value, "node", value))


def _all_arguments(arguments: ast.arguments) -> list[ast.arg]:
    found = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return found + [each for each in (arguments.vararg, arguments.kwarg) if each is not None]


def _bound(
    function: Function,
    owner: Object | None,
    positional: Sequence[Values],
    keywords: dict[str, Values],
) -> dict[str, Values]:
    arguments = function.node.args
    names = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
    found: dict[str, Values] = {}
    given = list(positional)
    if owner is not None and names and not isinstance(function.node, ast.Lambda):
        is_class_method = any(
            isinstance(each, ast.Name) and each.id == "classmethod"
            for each in function.node.decorator_list
        )
        given.insert(0, frozenset([owner.cls if is_class_method else owner]))
    for name, values in zip(names, given):
        found[name] = values
    if arguments.vararg is not None:
        rest = given[len(names) :]
        found[arguments.vararg.arg] = frozenset([Container("tuple", dict(enumerate(rest)))])
    known = {*names, *(each.arg for each in arguments.kwonlyargs)}
    further = Container("dict")
    for name, values in keywords.items():
        if name in known:
            found[name] = values
        else:
            further.items[name] = values
    if arguments.kwarg is not None:
        found[arguments.kwarg.arg] = frozenset([further])
    # Names that are bound here hide those around, also where nothing is known of them.
    for each in _all_arguments(arguments):
        found.setdefault(each.arg, function.defaults.get(each.arg, NOTHING))
    return found
