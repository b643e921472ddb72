"""What an expression of a program may be, as far as its source tells."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tff_compat.source.documents import Unit


class Value:
    """One thing that an expression may be."""

    __slots__ = ()


Values = frozenset[Value]
"""All that an expression may be; empty where nothing is known."""

NOTHING: Values = frozenset()


@dataclass(frozen=True)
class Symbol(Value):
    """A module, class, function or constant that was imported.

    Attributes:
      path: Its dotted path; that of TFF starts with `tff`.
      internal: Whether the program reaches it below `tensorflow_federated.python`.
    """

    path: str
    internal: bool = False


@dataclass(frozen=True)
class Instance(Value):
    """What a call of an imported symbol gives.

    Attributes:
      role: What it is, as declared; else the path of the symbol.
      maker: The path of the symbol that made it first.
      call: The call that gave it.
      unit: Where that call stands.
      function: The function of the program that it was made of.
      given: What the arguments of the call were then: it may be made again with others.
    """

    role: str
    maker: str
    call: ast.Call | None = None
    unit: Unit | None = field(default=None, compare=False)
    function: Function | None = None
    given: frozenset[tuple[ast.expr, Values]] = field(default=NOTHING, hash=False)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Literal(Value):
    """A constant of Python."""

    value: Any
    kind: str

    @classmethod
    def of(cls, value: Any) -> Literal:
        """The literal of a constant, which is typed by its class."""
        return cls(value, type(value).__name__)


@dataclass(eq=False)
class Function(Value):
    """A function or lambda of the program, with the scope in which it was made."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    unit: Unit
    scope: Scope
    owner: Object | None = None
    defaults: dict[str, Values] = field(default_factory=dict)
    called: bool = False
    """Whether the program itself calls it."""
    handed: str = ""
    """The role of what TFF calls it with."""

    @property
    def name(self) -> str:
        """The name that its `def` gives it, or ``<lambda>``."""
        return getattr(self.node, "name", "<lambda>")


@dataclass(frozen=True)
class Partial(Value):
    """What `functools.partial` makes of an imported symbol.

    Attributes:
      symbol: What it calls.
      call: The call of `partial`.
      unit: Where that stands.
      positional: What the arguments may be that it holds by position.
      keywords: And by keyword.
    """

    symbol: Symbol
    call: ast.Call
    unit: Unit = field(compare=False)
    positional: tuple[Values, ...] = field(compare=False)
    keywords: Mapping[str, Values] = field(compare=False)

    def called(self, more: ast.Call | None = None) -> ast.Call:
        """The call that a call of it comes to."""
        arguments = [] if more is None else more.args
        later = [] if more is None else more.keywords
        named = {keyword.arg for keyword in later}
        held = [each for each in self.call.keywords if each.arg is None or each.arg not in named]
        call = ast.Call(self.call.args[0], [*self.call.args[1:], *arguments], [*held, *later])
        return ast.copy_location(call, more or self.call)


@dataclass(eq=False)
class Class(Value):
    """A class of the program; its attributes are those of all its instances too."""

    node: ast.ClassDef
    unit: Unit
    scope: Scope
    bases: list[Values] = field(default_factory=list)

    @property
    def lineage(self) -> list[Class]:
        """It and all its bases in the program, each after those whose attributes hide its own."""
        found: list[Class] = []
        pending = [self]
        while pending:
            cls = pending.pop()
            if cls not in found:
                found.append(cls)
                inner = [value for base in cls.bases for value in base if isinstance(value, Class)]
                pending += reversed(inner)
        return found

    def attribute(self, name: str) -> Values:
        """What the class, or one of its bases in the program, has by a name."""
        if name in self.scope.names:
            return self.scope.names[name]
        return next(filter(None, (cls.scope.names.get(name) for cls in self.lineage)), NOTHING)

    def has(self, name: str) -> bool:
        """Whether it, or a base of it in the program, has a name."""
        return any(name in cls.scope.names for cls in self.lineage)

    @property
    def fields(self) -> list[str]:
        """The names that a data class or named tuple takes, in their order."""
        names = [
            statement.target.id
            for cls in reversed(self.lineage)
            for statement in cls.node.body
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
        ]
        return list(dict.fromkeys(names))

    def symbols(self) -> set[str]:
        """The paths of all imported classes that it derives from."""
        return {
            value.path
            for cls in self.lineage
            for base in cls.bases
            for value in base
            if isinstance(value, Symbol)
        }


@dataclass(eq=False)
class Object(Value):
    """An instance of a class of the program."""

    cls: Class


@dataclass(eq=False)
class Container(Value):
    """A tuple, list, set or dictionary.

    Attributes:
      kind: "tuple", "list", "set" or "dict".
      items: The elements by position or key, where each is known.
      rest: What the other elements may be.
      ordered: Whether it is an `OrderedDict`.
      names: The names of the elements of a named tuple, in their order.
    """

    kind: str
    items: dict[Any, Values] = field(default_factory=dict)
    rest: Values = NOTHING
    ordered: bool = False
    names: tuple[str, ...] = ()

    @property
    def elements(self) -> Values:
        """What any of the elements may be."""
        return union([*self.items.values(), self.rest])


@dataclass(frozen=True)
class Record(Value):
    """A named tuple's class that a call made: `collections.namedtuple("Result", ["state"])`."""

    names: tuple[str, ...]


@dataclass(eq=False)
class Module(Value):
    """A module of the program."""

    name: str
    scope: Scope


@dataclass(eq=False)
class Scope:
    """The names of a module, function or class."""

    parent: Scope | None = None
    names: dict[str, Values] = field(default_factory=dict)
    is_class: bool = False
    assigned_outside: set[str] = field(default_factory=set)

    def lookup(self, name: str) -> Values:
        """What a name may be, here or around; classes are not seen from their functions."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names and (scope is self or not scope.is_class):
                return scope.names[name]
            scope = scope.parent
        return NOTHING


def union(several: Iterable[Values]) -> Values:
    """What may be any of them."""
    found: Values = NOTHING
    for values in several:
        found |= values
    return found
