"""Collects what a program uses of TFF: names, calls, subclasses, and what it does with results."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from tff_compat.catalog import Catalog
from tff_compat.source.reading import Part, Place

PACKAGE = "tensorflow_federated"
INTERNAL = f"{PACKAGE}.python"
# Functions whose value has `initialize` and `next`.
LEGACY_PROCESSES = frozenset(
    f"tff.learning.build_federated_{name}_process" for name in ("averaging", "sgd")
)
EVALUATION = "tff.learning.build_federated_evaluation"
_GUARDING = frozenset({"AttributeError", "ImportError", "ModuleNotFoundError", "TypeError"})


@dataclass(frozen=True)
class Use:
    """A name of TFF in the code, with the call if it is called.

    `path` starts with `tff`, or with `tensorflow_federated.python` if it is imported from there.
    """

    path: str
    place: Place
    call: ast.Call | None = None
    definitions: dict[str, ast.AST] = field(default_factory=dict, compare=False, repr=False)
    foreign: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    def argument(self, position: int, keyword: str) -> ast.expr | None:
        """The argument of the call at a position (from 0) or with a keyword."""
        if self.call is None:
            return None
        for item in self.call.keywords:
            if item.arg == keyword:
                return item.value
        if position < len(self.call.args):
            given = self.call.args[: position + 1]
            if not any(isinstance(item, ast.Starred) for item in given):
                return given[position]
        return None

    def meaning(self, argument: ast.expr | None) -> str:
        """The source text of an argument, with where its names were imported from.

        For a name that the file defines it is the text of the definition.
        """
        if argument is None:
            return ""
        node: ast.AST = argument
        if isinstance(argument, ast.Name):
            node = self.definitions.get(argument.id, argument)
        names = {item.id for item in ast.walk(node) if isinstance(item, ast.Name)}
        origins = sorted(self.foreign[name] for name in names & set(self.foreign))
        return " ".join([ast.unparse(node), *origins])


@dataclass(frozen=True)
class Subclass:
    """A class that the file derives from one of TFF, with the names that it defines."""

    name: str
    base: str
    defined: frozenset[str]
    place: Place


@dataclass(frozen=True)
class Access:
    """A step into a result.

    `role` is "process", "result" (of `next`), "state", "metrics" or "evaluation" (the value of an
    evaluation computation); `maker` is the path of the builder that it stems from; `keys` are
    the attributes and items read, such as `(("attr", "train"), ("item", "loss"))`; a result that
    is unpacked has the key `("unpack", 2)`.
    """

    role: str
    maker: str
    keys: tuple[tuple[str, object], ...]
    place: Place
    text: str


@dataclass
class Usage:
    """All that was collected."""

    uses: list[Use] = field(default_factory=list)
    subclasses: list[Subclass] = field(default_factory=list)
    accesses: list[Access] = field(default_factory=list)
    foreign: list[tuple[str, Place]] = field(default_factory=list)
    imports: bool = False

    def shown_as(self, file: str) -> Usage:
        """The same with places in a file, where they name none."""
        if not file:
            return self
        return Usage(
            [replace(use, place=use.place.shown_as(file)) for use in self.uses],
            [replace(each, place=each.place.shown_as(file)) for each in self.subclasses],
            [replace(each, place=each.place.shown_as(file)) for each in self.accesses],
            [(dotted, place.shown_as(file)) for dotted, place in self.foreign],
            self.imports,
        )


@dataclass(frozen=True)
class _Role:
    kind: str
    maker: str
    keys: tuple[tuple[str, object], ...] = ()


def public_path(path: str, catalog: Catalog) -> str:
    """The public name of what is imported from an internal module, where there is one."""
    if not path.startswith((INTERNAL, "tff.python")):
        return path
    rest = path.replace("tff.python", INTERNAL, 1)[len(INTERNAL) + 1 :]
    for prefix in ("core.", ""):
        if rest.startswith(prefix) and catalog.symbol(f"tff.{rest[len(prefix) :]}"):
            return f"tff.{rest[len(prefix) :]}"
    area, _, name = rest.partition(".")
    short = f"tff.{area}.{name.rpartition('.')[2]}"
    return short if catalog.symbol(short) else path


def collect(parts: Sequence[Part], catalog: Catalog) -> Usage:
    """Walks the code of one file, a notebook's cells in their order."""
    names = _Names(catalog)
    for part in parts:
        names.read(part)
    usage = Usage(imports=bool(names.aliases or names.guarded))
    for part in parts:
        _Collector(part, names, usage).visit(part.tree)
    return usage


class _Names:
    """What the names of a file stand for; one table for the whole file."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.aliases: dict[str, str] = {}
        self.guarded: set[str] = set()
        self.foreign: dict[str, str] = {}
        self.definitions: dict[str, ast.AST] = {}
        self.classes: dict[str, ast.ClassDef] = {}
        self.makers: dict[str, _Role] = {}

    def read(self, part: Part) -> None:
        guarded = {
            child
            for node in part.nodes
            if isinstance(node, ast.Try) and _is_guard(node)
            for statement in [*node.body, *(s for h in node.handlers for s in h.body)]
            for child in ast.walk(statement)
        }
        for node in part.nodes:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                for name, path in imported(node, self.catalog):
                    if path.split(".")[0] != "tff" and not path.startswith(PACKAGE):
                        self.foreign.setdefault(name, path)
                    elif node in guarded and path != "tff":
                        self.guarded.add(name)
                    else:
                        self.aliases.setdefault(name, path)
        for node in part.nodes:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self.definitions[node.name] = node
            elif isinstance(node, ast.ClassDef):
                self.classes[node.name] = node
            elif isinstance(node, ast.Assign) and len(node.targets) == 1:
                target = node.targets[0]
                if isinstance(target, ast.Name):
                    self._assigned(target.id, node.value)
            elif isinstance(node, (ast.For, ast.comprehension)):
                for bound in ast.walk(node.target):
                    if isinstance(bound, ast.Name):
                        self.definitions.setdefault(bound.id, node.iter)

    def _assigned(self, name: str, value: ast.expr) -> None:
        if isinstance(value, (ast.Lambda, ast.Call, ast.Attribute, ast.Tuple, ast.List, ast.Dict)):
            self.definitions[name] = value
        path = self.path(value)
        if path is not None and isinstance(value, (ast.Name, ast.Attribute)):
            symbol = self.catalog.symbol(public_path(path, self.catalog))
            if symbol is not None and symbol.kind != "constant":
                self.aliases.setdefault(name, path)
        elif isinstance(value, ast.Call):
            made = self.made(value)
            if made is not None:
                self.makers[name] = made

    def path(self, node: ast.expr) -> str | None:
        """The path of a name or dotted name, if it is one of TFF's."""
        if isinstance(node, ast.Name):
            return self.aliases.get(node.id)
        if isinstance(node, ast.Attribute):
            owner = self.path(node.value)
            return None if owner is None else f"{owner}.{node.attr}"
        return None

    def made(self, call: ast.Call) -> _Role | None:
        """The role of what a call of a builder returns."""
        path = self.path(call.func)
        if path is None:
            return None
        path = public_path(path, self.catalog)
        if path in LEGACY_PROCESSES or path.startswith("tff.learning.algorithms.build_"):
            return _Role("process", path)
        if path == EVALUATION:
            return _Role("evaluate", path)
        return None


def imported(node: ast.Import | ast.ImportFrom, catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Yields each name that an import binds, with its path; TFF's own paths start with `tff`."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            if alias.asname:
                yield alias.asname, _as_path(alias.name)
            else:
                first = alias.name.split(".")[0]
                yield first, _as_path(first)
    elif node.module and not node.level:
        for alias in node.names:
            if alias.name != "*":
                yield alias.asname or alias.name, _as_path(f"{node.module}.{alias.name}")
            elif node.module == PACKAGE:
                for path in catalog.paths():
                    if path.count(".") == 1 and not path.endswith("__"):
                        yield path[len("tff.") :], path


def _as_path(dotted: str) -> str:
    if dotted == PACKAGE or (dotted.startswith(f"{PACKAGE}.") and not _is_internal(dotted)):
        return "tff" + dotted[len(PACKAGE) :]
    return dotted


def _is_internal(dotted: str) -> bool:
    return dotted == INTERNAL or dotted.startswith(f"{INTERNAL}.")


def _is_guard(node: ast.Try) -> bool:
    for handler in node.handlers:
        kinds = ast.walk(handler.type) if handler.type is not None else ()
        if any(isinstance(kind, ast.Name) and kind.id in _GUARDING for kind in kinds):
            return True
    return False


def _is_partial(node: ast.Call) -> bool:
    return ast.unparse(node.func) in ("functools.partial", "partial") and bool(node.args)


class _Collector(ast.NodeVisitor):
    def __init__(self, part: Part, names: _Names, usage: Usage) -> None:
        self._part = part
        self._names = names
        self._usage = usage
        self._roles: dict[str, _Role] = dict(names.makers)
        self._guards = 0

    # What is tried or asked for first does not tell what the program was written for.

    def visit_Try(self, node: ast.Try) -> None:
        tried = [*node.body, *node.handlers]
        self._visit_all(tried, guarded=_is_guard(node))
        self._visit_all([*node.orelse, *node.finalbody])

    def visit_If(self, node: ast.If) -> None:
        self._visit_all([node.test, *node.body, *node.orelse], guarded=self._asks(node.test))

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._visit_all([node.test, node.body, node.orelse], guarded=self._asks(node.test))

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        self._visit_all(node.values, guarded=any(self._asks(value) for value in node.values))

    def _visit_all(self, nodes: Iterable[ast.AST], guarded: bool = False) -> None:
        self._guards += guarded
        for node in nodes:
            self.visit(node)
        self._guards -= guarded

    def _asks(self, test: ast.expr) -> bool:
        """Whether a condition asks which names TFF has, or which release it is."""
        for node in ast.walk(test):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                if node.func.id in ("hasattr", "getattr") and node.args:
                    if self._names.path(node.args[0]) is not None:
                        return True
            elif isinstance(node, ast.Attribute) and node.attr == "__version__":
                if self._names.path(node) is not None:
                    return True
        return False

    # Names.

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            if _is_internal(alias.name):
                self._use(alias.name, node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for _, path in imported(node, self._names.catalog):
            # `from tensorflow_federated import learning` uses the name; a star import does not.
            if path.startswith((f"{INTERNAL}.", "tff.")) and node.names[0].name != "*":
                self._use(path, node)

    def visit_Name(self, node: ast.Name) -> None:
        path = self._names.aliases.get(node.id)
        if path is not None and path != "tff" and isinstance(node.ctx, ast.Load):
            self._use(path, node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        path = self._names.path(node)
        if path is not None:
            self._use(path, node)
            return
        dotted = self._foreign(node)
        if dotted is not None:
            if not self._guards:
                self._usage.foreign.append((dotted, self._part.place(node)))
            return
        if not self._access(node):
            self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if not self._access(node):
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        path = self._names.path(node.func)
        bound = self._names.path(node.args[0]) if _is_partial(node) else None
        if path is not None:
            self._use(path, node, node)
        elif bound is not None:
            # Further arguments may come, as by `**`.
            more = [*node.keywords, ast.keyword(arg=None, value=node.func)]
            self._use(bound, node, ast.Call(node.args[0], node.args[1:], more))
        elif self._two_argument_getattr(node):
            return
        else:
            self.visit(node.func)
        for child in [*node.args, *(keyword.value for keyword in node.keywords)]:
            self.visit(child)

    def _two_argument_getattr(self, node: ast.Call) -> bool:
        """Handles `getattr(tff.learning, "Model")`; with a default it asks and does not count."""
        if not (isinstance(node.func, ast.Name) and node.func.id in ("getattr", "hasattr")):
            return False
        owner = self._names.path(node.args[0]) if node.args else None
        if owner is None:
            return False
        if node.func.id == "getattr" and len(node.args) == 2:
            name = node.args[1]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                self._use(f"{owner}.{name.value}", node)
        return True

    def _use(self, path: str, node: ast.AST, call: ast.Call | None = None) -> None:
        if not self._guards:
            place = self._part.place(node)
            self._usage.uses.append(
                Use(path, place, call, self._names.definitions, self._names.foreign)
            )

    def _foreign(self, node: ast.Attribute) -> str | None:
        names: list[str] = [node.attr]
        value = node.value
        while isinstance(value, ast.Attribute):
            names.append(value.attr)
            value = value.value
        if isinstance(value, ast.Name) and value.id in self._names.foreign:
            return ".".join([self._names.foreign[value.id], *reversed(names)])
        return None

    # Classes.

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for base in node.bases:
            path = self._names.path(base)
            if path is not None and not self._guards:
                defined, whole = self._defined(node, frozenset())
                if whole:
                    place = self._part.place(node)
                    public = public_path(path, self._names.catalog)
                    self._usage.subclasses.append(Subclass(node.name, public, defined, place))
        self._function(node)

    def _defined(self, node: ast.ClassDef, seen: frozenset[str]) -> tuple[frozenset[str], bool]:
        """Names that a class and its bases in this file define, and whether that is all of them.

        It is not if a base comes from elsewhere, or if the class is itself abstract.
        """
        defined: set[str] = set()
        whole = True
        for item in node.body:
            if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)):
                defined.add(item.name)
                whole = whole and "abstract" not in "".join(map(ast.unparse, item.decorator_list))
            elif isinstance(item, ast.Assign):
                defined.update(t.id for t in item.targets if isinstance(t, ast.Name))
        for base in node.bases:
            if self._names.path(base) is not None or ast.unparse(base) in ("object", "abc.ABC"):
                continue
            local = self._names.classes.get(base.id) if isinstance(base, ast.Name) else None
            if local is None or local.name in seen:
                whole = False
            else:
                more, complete = self._defined(local, seen | {node.name})
                defined |= more
                whole = whole and complete
        return frozenset(defined), whole

    # Results.

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._function(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._function(node)

    def _function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef
    ) -> None:
        outer = self._roles
        self._roles = dict(outer)
        if not isinstance(node, ast.ClassDef):
            for argument in ast.walk(node.args):
                if isinstance(argument, ast.arg):
                    self._roles.pop(argument.arg, None)
        self.generic_visit(node)
        self._roles = outer

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        role = self._role(node.value)
        for target in node.targets:
            if isinstance(target, (ast.Tuple, ast.List)) and role and role.kind == "result":
                self._add_access(_Role("result", role.maker, (("unpack", len(target.elts)),)), node)
                for kind, element in zip(("state", "metrics"), target.elts):
                    self._bind(element, _Role(kind, role.maker))
            elif isinstance(target, (ast.Tuple, ast.List)):
                for element in target.elts:
                    self._bind(element, None)
            else:
                self._bind(target, role)

    def _bind(self, target: ast.expr, role: _Role | None) -> None:
        if not isinstance(target, ast.Name):
            return
        if role is None:
            self._roles.pop(target.id, None)
        else:
            self._roles[target.id] = role

    def _role(self, node: ast.expr) -> _Role | None:
        if isinstance(node, ast.Name):
            return self._roles.get(node.id)
        if isinstance(node, ast.Call):
            made = self._names.made(node)
            if made is not None:
                return made
            if isinstance(node.func, ast.Attribute):
                owner = self._role(node.func.value)
                if owner is not None and owner.kind == "process" and not owner.keys:
                    kind = {"initialize": "state", "next": "result"}.get(node.func.attr)
                    return _Role(kind, owner.maker) if kind else None
            composed = self._composed(node)
            if composed is not None:
                return self._role(composed)
            called = self._role(node.func)
            if called is not None and called.kind == "evaluate":
                return _Role("evaluation", called.maker)
            return None
        if isinstance(node, ast.Attribute):
            owner = self._role(node.value)
            return None if owner is None else _step(owner, "attr", node.attr)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            owner = self._role(node.value)
            return None if owner is None else _step(owner, "item", node.slice.value)
        return None

    def _composed(self, node: ast.Call) -> ast.expr | None:
        """The process that `compose_dataset_computation_with_…` wraps."""
        path = self._names.path(node.func) or ""
        if ".compose_dataset_computation_with_" not in path:
            return None
        by_name = [item.value for item in node.keywords if item.arg == "process"]
        return next(iter(by_name + node.args[1:]), None)

    def _access(self, node: ast.Attribute | ast.Subscript) -> bool:
        role = self._role(node)
        if role is None or not role.keys:
            return False
        self._add_access(role, node)
        return True

    def _add_access(self, role: _Role, node: ast.AST) -> None:
        if not self._guards:
            text = ast.unparse(node.value if isinstance(node, ast.Assign) else node)
            self._usage.accesses.append(
                Access(role.kind, role.maker, role.keys, self._part.place(node), text)
            )


def _step(owner: _Role, style: str, key: object) -> _Role:
    if owner.kind == "result" and not owner.keys:
        kind = {"state": "state", "metrics": "metrics", 0: "state", 1: "metrics"}.get(key)
        if kind is not None:
            return _Role(kind, owner.maker)
    if owner.kind == "process" and key in ("initialize", "next"):
        return owner
    return _Role(owner.kind, owner.maker, (*owner.keys, (style, key)))
