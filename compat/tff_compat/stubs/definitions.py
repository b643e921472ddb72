"""The text of a stub's functions, classes and constants, as a release had them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from packaging.version import Version

from tff_compat import catalog
from tff_compat.catalog import Symbol, types
from tff_compat.stubs import forms
from tff_compat.stubs.advice import Advices
from tff_compat.stubs.forms import Form

_LINE = 100
_FIELDS = {
    "attrs": "__attrs_attrs__: ClassVar[Any]",
    "dataclass": "__dataclass_fields__: ClassVar[dict[str, Any]]",
}
"""What the functions of these libraries ask of a class whose fields they made."""

_RESULTS = {
    "__bool__": "bool", "__contains__": "bool", "__eq__": "bool", "__ge__": "bool",
    "__gt__": "bool", "__hash__": "int", "__int__": "int", "__float__": "float",
    "__index__": "int", "__bytes__": "bytes", "__le__": "bool", "__len__": "int",
    "__lt__": "bool", "__ne__": "bool", "__setattr__": "None", "__delitem__": "None",
    "__setitem__": "None", "__init__": "None",
}  # fmt: skip
"""What Python asks of operators, whatever the release said."""


class Definitions:
    """Writes the definitions of one release."""

    def __init__(self, release: Version) -> None:
        self._release = release
        self._known = catalog.load()
        self._types = types.types(release)
        self._advices = Advices(release)
        self._classes = self._all_classes()
        self._derived_from = {
            base for paths in self._classes.values() for base in self._types.bases(paths[0])
        }

    def lines(self, path: str, name: str) -> Iterator[str]:
        """The definition of the symbol at a path, under a name of its module."""
        symbol = self._known.symbol(path)
        assert symbol is not None
        if path.startswith(catalog.INTERNAL):
            yield from self._internal(symbol, name)
            return
        kind = symbol.kind_in(self._release)
        gives = self._type(path)
        if kind == "class":
            yield from self._class_or_alias(path, name, symbol)
        elif kind == "function":
            yield from self._function(symbol, name, gives)
        elif symbol.signature(self._release) is not None:
            # An object that is called, of a class that is not public.
            yield from self._function(symbol, name, types.UNKNOWN)
        else:
            advice = self._advices.always(path)
            if advice:  # Checkers know no constants that are deprecated.
                yield f"# {advice}"
            yield f"{name}: {gives}"

    def _all_classes(self) -> Mapping[str, Sequence[str]]:
        """The paths of each class, by the shortest: those that are not legacy first."""
        found: dict[str, list[str]] = {}
        for path in self._known.paths():
            symbol = self._known.symbol(path)
            if symbol is not None and symbol.kind_in(self._release) == "class":
                found.setdefault(self._types.canonical(path), []).append(path)
        return {
            canonical: sorted(
                paths, key=lambda path: (bool(self._advices.always(path)), path.count("."), path)
            )
            for canonical, paths in found.items()
        }

    def _type(self, path: str) -> str:
        """The type of what a call gives, or of a value.

        A class that is legacy at some of its paths is named by the last of these, which derives
        from the others: what is of it may then be annotated by any.
        """
        return self._by_last_paths(self._types.type_of(path))

    def _by_last_paths(self, text: str) -> str:
        def last(match: re.Match[str]) -> str:
            paths = self._classes.get(match[0], [match[0]])
            return paths[-1] if self._advices.always(paths[-1]) else paths[0]

        return re.sub(r"\btff\.[\w.]+", last, text)

    def _class_or_alias(self, path: str, name: str, symbol: Symbol) -> Iterator[str]:
        paths = self._classes[self._types.canonical(path)]
        index = paths.index(path)
        bases = self._types.bases(path)
        if index == 0:
            yield from self._class(path, name, symbol, bases)
        elif self._advices.always(path) and not _is_enum(bases):
            yield _deprecated(self._advices.always(path))
            yield f"class {name}({paths[index - 1]}): ..."
        else:
            yield _alias(name, paths[0])

    def _internal(self, symbol: Symbol, name: str) -> Iterator[str]:
        """A name of a module that nobody promised to users: of a class no members are known."""
        public = symbol.public(self._release)
        if public is not None:
            yield _alias(name, public)
        elif symbol.kind_in(self._release) == "class":
            yield f"class {name}(Any):"
            yield from (
                f"    {line}" for line in self._function(symbol, "__init__", "None", first="self")
            )
        elif symbol.signature(self._release) is not None:
            yield from self._function(symbol, name, types.UNKNOWN)
        else:
            yield f"{name}: Any"

    # --- Functions --------------------------------------------------------------------------------

    def _function(
        self,
        symbol: Symbol,
        name: str,
        gives: str,
        *,
        first: str = "",
        decorators: Sequence[str] = (),
        path: str = "",
    ) -> Iterator[str]:
        """A function or method; `path` is that of the class which a constructor makes."""
        path = path or symbol.path
        signature = symbol.signature(self._release)
        parameters = _ANY if signature is None else signature.parameters
        legacy = self._advices.legacy(path)
        always = "" if name == "__init__" else self._advices.always(path)
        found: Sequence[Form] = [Form(parameters, advice=always)]
        if not always and not legacy.always:
            found = forms.forms(
                parameters, legacy, lambda parameter, kind: self._advices.given(path, parameter)
            )
        for form in found:
            if len(found) > 1:
                yield "@overload"
            yield from decorators
            if form.advice:
                yield _deprecated(form.advice)
            yield from _def(name, forms.written(form, first), gives)

    # --- Classes ----------------------------------------------------------------------------------

    def _class(self, path: str, name: str, symbol: Symbol, bases: Sequence[str]) -> Iterator[str]:
        advice = self._advices.always(path)
        signature = symbol.signature(self._release)
        body: list[str] = [_FIELDS[base] for base in bases if base in _FIELDS]
        parents = [base for base in bases if base not in _FIELDS]
        fields: list[str] = []
        if "NamedTuple" in parents and signature is not None:
            fields = [each.name for each in signature.parameters]
            body += forms.fields(signature.parameters)
            parents = ["NamedTuple"]
        elif signature is not None:
            body += self._function(symbol, "__init__", "None", first="self", path=path)
        names = self._known.members(path, self._release, operators=True)
        for member in names:
            if member not in fields and not self._is_inherited(path, member, parents):
                body += self._member(f"{path}.{member}", member, enum=_is_enum(parents))
        if self._may_be_more(path) and not {"__getattr__", *fields} & set(names):
            body += ["def __getattr__(self, name: str) -> Any: ..."]
        if advice:
            yield _deprecated(advice)
        parents = [self._by_last_paths(parent) for parent in dict.fromkeys(parents)]
        heads = f"({', '.join(parents)})" if parents else ""
        if not body:
            yield f"class {name}{heads}: ..."
            return
        yield f"class {name}{heads}:"
        yield from (f"    {line}" for line in body)

    def _may_be_more(self, path: str) -> bool:
        """Whether what is said to be of a class may be of one that derives from it."""
        canonical = self._types.canonical(path)
        return canonical in self._derived_from or bool(
            self._known.abstract_members(path, self._release)
        )

    def _is_inherited(self, path: str, name: str, parents: Iterable[str]) -> bool:
        """Whether a base of TFF says the same of a member."""
        own = self._said(f"{path}.{name}")
        return any(self._said(f"{parent}.{name}") == own for parent in parents)

    def _said(self, path: str) -> tuple[object, ...] | None:
        symbol = self._known.symbol(path)
        if symbol is None or not symbol.exists_in(self._release):
            return None
        return (
            symbol.kind_in(self._release),
            symbol.is_abstract(self._release),
            symbol.signature(self._release),
            self._types.type_of(path),
            bool(self._advices.always(path)),
        )

    def _member(self, path: str, name: str, *, enum: bool) -> Iterator[str]:
        symbol = self._known.symbol(path)
        assert symbol is not None
        kind = symbol.kind_in(self._release)
        gives = _RESULTS.get(name) or self._type(path)
        abstract = ["@abc.abstractmethod"] if symbol.is_abstract(self._release) else []
        if kind == "class":
            yield from self._class(path, name, symbol, self._types.bases(path))
        elif kind == "property":
            yield "@property"
            if self._advices.always(path):
                yield _deprecated(self._advices.always(path))
            yield from abstract
            yield f"def {name}(self) -> {gives}: ..."
        elif kind in ("method", "classmethod", "staticmethod"):
            first = {"method": "self", "classmethod": "cls"}.get(kind, "")
            decorators = [*([] if kind == "method" else [f"@{kind}"]), *abstract]
            yield from self._function(symbol, name, gives, first=first, decorators=decorators)
        else:
            yield f"{name} = ..." if enum else f"{name}: {gives}"


_ANY = catalog.Signature("(*args, **kwargs)").parameters


def _alias(name: str, path: str) -> str:
    """What gives a public symbol another place."""
    place, _, last = path.rpartition(".")
    if name != last:
        return f"{name} = {path}"
    return f"from {place.replace('tff', 'tensorflow_federated', 1)} import {name} as {name}"


def _is_enum(bases: Iterable[str]) -> bool:
    return any(base.startswith("enum.") for base in bases)


def _deprecated(advice: str) -> str:
    return f"@typing_extensions.deprecated({json.dumps(advice, ensure_ascii=False)})"


def _def(name: str, parameters: Sequence[str], gives: str) -> Iterator[str]:
    line = f"def {name}({', '.join(parameters)}) -> {gives}: ..."
    if len(line) <= _LINE:
        yield line
        return
    yield f"def {name}("
    yield from (f"    {parameter}," for parameter in parameters)
    yield f") -> {gives}: ..."
