"""The registers of moves, adapters and refusals, and how they are declared."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import pkgutil
import sys
import types
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Callable, TypeVar

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from tff_compat import catalog, deprecation, installation
from tff_compat.adapters import forms as making
from tff_compat.adapters import stand_ins
from tff_compat.adapters.stand_ins import AS_OF
from tff_compat.declared.legacy import ALWAYS, NEVER, Legacy
from tff_compat.declared.replacement import Replacement
from tff_compat.tracing import recorder

__all__ = ["ALWAYS", "NEVER", "Legacy", "Replacement"]

_T = TypeVar("_T")


@dataclass(frozen=True)
class AsOf:
    """What a view binds into an adapter: the release, and the warning for this symbol."""

    release: Version
    adapter: Adapter

    def takes(self, name: str) -> bool:
        """Whether this form has a parameter, of those that its implementation takes."""
        return name in self._parameters

    def requires(self, name: str) -> bool:
        """Whether this form has the parameter without a default."""
        return self.takes(name) and self._parameters[name].default is inspect.Parameter.empty

    def is_none_by_default(self, name: str) -> bool:
        """Whether this form has the parameter with the default None."""
        return self.takes(name) and self._parameters[name].default is None

    @property
    def _parameters(self) -> Mapping[str, inspect.Parameter]:
        signature = self.adapter.signature
        return {} if signature is None else signature.parameters

    def warn(
        self,
        arguments: Mapping[str, object] | None = None,
        *,
        case: str = "",
        detail: str = "",
        only_with_keywords: Collection[str] = (),
    ) -> None:
        """Warns at the user's line that this legacy form was used.

        Args:
          arguments: The adapter's arguments by parameter name (``locals()`` as first statement).
          case: The declared case that a run has found; see `adapter`.
          detail: What the warning says in the place of the declared note.
          only_with_keywords: Parameters of which one at least must be given by keyword for this
            use to be legacy; empty for those that are declared.
        """
        if installation.version() in self.adapter.releases:
            # The installed release has this form; it is adapted for what it did.
            return
        modern = self.adapter.cases.get(case) or self.adapter.modern
        signature = self.adapter.signature
        if arguments is not None and signature is not None:
            # What serves several forms knows of parameters that this one lacks.
            arguments = {name: value for name, value in arguments.items() if self.takes(name)}
        deprecation.warn_legacy(
            self.adapter.path,
            last_release=self.adapter.last_release,
            template=modern.template,
            note=detail or modern.note,
            arguments=arguments,
            signature=signature,
            only_with_keywords=only_with_keywords or self.adapter.legacy.only_keywords,
            as_of=self.release,
        )

    def warn_of(self, name: str, arguments: Mapping[str, object]) -> None:
        """Warns of a use of a method of the adapted class, where something is declared of it.

        Args:
          name: The method's.
          arguments: As of `warn`.
        """
        declared = find(f"{self.adapter.path}.{name}", self.release)
        if isinstance(declared, Adapter):
            AsOf(self.release, declared).warn(arguments)


@dataclass(frozen=True)
class Adapter:
    """One historical form of a symbol and what drives the installed TFF for it.

    Attributes:
      path: Public path, such as ``"tff.learning.from_keras_model"``.
      releases: The releases that had this form.
      changed: Of these releases, the first ones that did something else with this form.
      replacement: Template of the modern code, see `declared.replacement.Replacement`.
      note: What to look at in that code, or what to do where there is none.
      legacy: When a use is legacy, see `adapter`.
      cases: What replaces it in cases that only a run can tell, by name.
      gives: The role of what a call returns, see `member`.
      hands: The role of what functions get that are given to it, or that it decorates.
      without_effect: The parameters that the replacement leaves out, as they changed no result.
      takes: Of parameters that take objects of programs' classes: the class that such an object
        need not derive from, but has the methods of.
      target: The function (or class) with the historical signature.
      module: The module that declares it.
    """

    path: str
    releases: SpecifierSet
    replacement: str
    target: object
    module: str = ""
    changed: tuple[Version, ...] = ()
    note: str = ""
    legacy: Legacy = ALWAYS
    cases: Mapping[str, Replacement] = field(default_factory=dict, hash=False, compare=False)
    gives: str = ""
    without_effect: tuple[str, ...] = ()
    hands: str = ""
    takes: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)

    @functools.cached_property
    def signature(self) -> inspect.Signature | None:
        """The historical signature; None for what cannot be called."""
        if not callable(self.target):
            return None
        signature = inspect.signature(self.target)
        kept = [p for p in signature.parameters.values() if p.name != AS_OF]
        return signature.replace(parameters=kept)

    @property
    def modern(self) -> Replacement:
        """What to write instead."""
        return Replacement(self.replacement, self.note)

    @functools.cached_property
    def is_silent(self) -> bool:
        """Whether it is always legacy and cannot warn by itself, as a value or a tuple."""
        target = self.target
        if isinstance(target, type) and issubclass(target, Warning):
            # A program that names a warning is about to catch warnings, and may count them.
            return False
        if isinstance(target, types.FunctionType):
            knows = AS_OF in target.__code__.co_varnames[: _parameter_count(target)]
        else:
            knows = any(
                AS_OF in each.__dict__.get("__annotations__", {})
                for each in getattr(target, "__mro__", ())
            )
        return self.legacy.always and not knows

    @functools.cached_property
    def last_release(self) -> Version:
        """The last published release that this adapter stands for."""
        return max(self.releases.filter(catalog.load().releases))

    @functools.cache  # noqa: B019 - adapters live as long as the process
    def bind(self, release: Version) -> object:
        """The target as the view of `release` offers it.

        A function gets a copy whose `as_of` parameter has its value; nothing is forwarded, so a
        call costs what a plain call costs. A class gets a subclass with the attribute `as_of` if it
        declares one. The same release gets the same object each time.
        """
        as_of = AsOf(release, self)
        name = self.path.rpartition(".")[2]
        target = self.target
        if isinstance(target, types.FunctionType):
            defaults = target.__kwdefaults__ or {}
            if AS_OF not in target.__code__.co_varnames[: _parameter_count(target)]:
                return target
            bound = types.FunctionType(
                target.__code__,
                target.__globals__,
                target.__name__,
                target.__defaults__,
                target.__closure__,
            )
            functools.update_wrapper(bound, target)
            del bound.__wrapped__  # type: ignore[attr-defined]
            # Our name has the release of the form in it; programs and messages show TFF's name.
            bound.__name__ = bound.__qualname__ = name
            bound.__kwdefaults__ = {**defaults, AS_OF: as_of}
            bound.__signature__ = self.signature  # type: ignore[attr-defined]
            # With it AutoGraph leaves the function as it is: it is not the program's code.
            bound.autograph_info__ = {}  # type: ignore[attr-defined]
            if self.gives:
                setattr(bound, recorder.GIVES, self.gives)
            return bound
        if isinstance(target, type) and AS_OF in target.__dict__.get("__annotations__", {}):
            body = {AS_OF: as_of, "__doc__": target.__doc__}
            if self.gives:
                body[recorder.GIVES] = self.gives
            return stand_ins.derived(target, body, name=name)
        return target


def _parameter_count(function: types.FunctionType) -> int:
    return function.__code__.co_argcount + function.__code__.co_kwonlyargcount


@dataclass(frozen=True)
class Member:
    """What replaces a member of the objects of one role; nothing at run time depends on it.

    Attributes:
      role: What the object is, such as "state of training".
      name: The member: ``.model`` an attribute, ``[train]`` an item, ``()`` a call of the object
        itself, ``(role)`` such a call with an object of a role, ``.evaluate()`` a call of a method,
        ``len()`` its length, ``isinstance()`` the question for its class, ``hasattr(name)`` that
        for an attribute, ``.*=`` assigning to an attribute, ``+`` adding, ``==`` comparing, ``in``
        being one of some.
      releases: The releases whose objects have it.
      replacement: Template of the modern code; `{self}` is the object.
      note: As of `Adapter`.
      gives: The role of the result, or as ``{next_fn}`` a parameter of what made the object: the
        result is what that was given.
      module: The module that declares it.
    """

    role: str
    name: str
    releases: SpecifierSet
    replacement: str
    note: str = ""
    gives: str = ""
    parameters: str = ""
    module: str = ""
    legacy: Legacy = ALWAYS


@dataclass(frozen=True)
class Method:
    """How the primary release calls a method of programs' classes that others called otherwise.

    Attributes:
      owner: The path of the class that programs derive from.
      definition: The method as the primary release calls it, such as
        ``async def release(self, value, *, key)``: by position, or by keyword behind the star.
      releases: The releases that called it otherwise.
      note: What else to look at.
      hands: The role of what TFF calls it with.
      module: The module that declares it.
    """

    owner: str
    definition: str
    releases: SpecifierSet
    note: str = ""
    hands: str = ""
    module: str = ""

    @property
    def name(self) -> str:
        """The name of the method."""
        return self.definition.partition("(")[0].rpartition(" ")[2]


@dataclass(frozen=True)
class Helper:
    """A function that the code of replacements calls, added once to each file that needs it."""

    name: str
    source: str
    module: str = ""


@dataclass(frozen=True)
class Move:
    """A symbol that lives elsewhere in the installed TFF: same object or same meaning."""

    path: str
    releases: SpecifierSet
    target: str
    module: str = ""

    @functools.cached_property
    def last_release(self) -> Version:
        """The last published release that had the symbol at its old path."""
        return max(self.releases.filter(catalog.load().releases))


@dataclass(frozen=True)
class Refusal:
    """A symbol that cannot be offered faithfully: why, and what to use instead."""

    path: str
    releases: SpecifierSet
    reason: str
    replacement: str
    module: str = ""


_entries: dict[str, list[Adapter | Move | Refusal]] = {}
_members: list[Member] = []
_methods: list[Method] = []
_helpers: list[Helper] = []
_copied: list[tuple[str, Any, str]] = []


def _register(entry: Adapter | Move | Refusal) -> None:
    _entries.setdefault(entry.path, []).append(entry)


def _declaring_module() -> str:
    """The module whose statement calls `adapter`, `move` or `refusal`."""
    return str(sys._getframe(2).f_globals["__name__"])


def adapter(
    path: str,
    *,
    releases: str,
    replacement: str = "",
    note: str = "",
    changed: Collection[Version | str] = (),
    legacy: Legacy = ALWAYS,
    cases: Mapping[str, Replacement] | None = None,
    gives: str = "",
    without_effect: Collection[str] = (),
    hands: str = "",
    takes: Mapping[str, str] | None = None,
    copied: bool = False,
    forms: bool = False,
) -> Callable[[_T], _T]:
    """Declares the decorated function or class as the adapter of `path` for some releases.

    The function's parameters are the historical signature. If it also has a keyword-only parameter
    ``as_of``, a view hands it an `AsOf` there: the release it stands for, and ``as_of.warn``.

    With `forms`, the releases had several signatures, which are those of the catalog. The function
    takes the parameters of all of them, with a default for each that one of them lacks; a form has
    the cases and the optional parts of templates whose parameters it has.

    Args:
      path: Public path, such as ``"tff.learning.from_keras_model"``.
      releases: A version specifier, such as ``">=0.6,<0.13"``.
      replacement: Template of the modern code; see `declared.replacement.Replacement`. Empty where
        none can be written.
      note: A sentence: what to look at in the code (then it is written for review only), or, where
        there is no template, what to do. Not given, the code gives the same numbers.
      changed: Of these releases, the first ones that did something else with this form. On an
        installed TFF that is one of them or later, the releases before it are adapted too.
      legacy: When a use is legacy: `ALWAYS`, `NEVER` (it is adapted only for what it gives), or
        `Legacy(keywords=…)`, `Legacy(values=…)` for the calls that are.
      cases: What replaces it in other cases, by the name for `AsOf.warn`, by the kind "untyped" or
        "defaults" of an argument, or by a function such as ``isinstance()`` whose argument it is.
        A case with the name of a parameter applies where that argument is passed, the first of
        several; all others only a run can tell.
      gives: The role of what a call returns, such as "state of training"; see `member`.
      without_effect: The parameters that the replacement leaves out, and that changed no result,
        such as ``("max_fanout",)``; those that the target lacks do not count.
      hands: The role of what functions are called with that it takes, or that it decorates.
      takes: By parameter, the class whose methods the argument (or each element of a list) needs,
        such as ``{"metrics_managers": "tff.program.ReleaseManager"}``.
      copied: Whether it is plain Python, and a file that needs it gets the function itself.
      forms: Whether the signatures come from the catalog; see `adapters.forms`.
    """
    module = _declaring_module()

    def register(target: _T) -> _T:
        name = path.rpartition(".")[2]
        if copied:
            _copied.append((name, target, module))
        each_form = making.forms(path, releases, target) if forms else [(releases, target)]
        for of_form, form in each_form:
            lacks = _parameters(target) - _parameters(form) if forms else frozenset()
            _register(
                Adapter(
                    path,
                    SpecifierSet(of_form),
                    f"{{!{name}}}" if copied else Replacement(replacement).without(lacks).template,
                    form,
                    module,
                    tuple(Version(str(each)) for each in changed),
                    note,
                    legacy,
                    {
                        each: case.without(lacks)
                        for each, case in (cases or {}).items()
                        if each not in lacks
                    },
                    gives,
                    tuple(without_effect),
                    hands,
                    takes or {},
                )
            )
        return target

    return register


def _parameters(target: Any) -> frozenset[str]:
    return frozenset(inspect.signature(target).parameters)


def _without_release(function: Any, name: str) -> str:
    """The source of an adapter, without what only tff-compat needs of it."""
    (node,) = ast.parse(inspect.getsource(function)).body
    assert isinstance(node, ast.FunctionDef)
    summary = (ast.get_docstring(node) or "").partition(", as of TFF")[0]
    node.name = name
    node.decorator_list = []
    node.args.kwonlyargs = []
    node.args.kw_defaults = []
    node.body = [ast.Expr(ast.Constant(f"{summary.rstrip('.')}.")), *node.body[2:]]
    return f"{ast.unparse(node)}\n"


def move(path: str, target: str, *, releases: str) -> None:
    """Declares that the installed TFF has `path` of those releases at the path `target`."""
    _register(Move(path, SpecifierSet(releases), target, _declaring_module()))


def refusal(path: str, *, releases: str, reason: str, replacement: str) -> None:
    """Declares that `path` of those releases raises `LegacyAPIError` when it is used."""
    _register(Refusal(path, SpecifierSet(releases), reason, replacement, _declaring_module()))


def member(
    role: str,
    name: str,
    *,
    releases: str = "",
    replacement: str = "",
    note: str = "",
    gives: str = "",
    parameters: str = "",
    legacy: Legacy = ALWAYS,
) -> None:
    """Declares what replaces a member of the objects of a role; see `Member`.

    Args:
      role: What the object is; `adapter(…, gives=role)` says which calls return it. Empty for
        members that give the same whatever the object is.
      name: The member, in the notation of `Member`.
      releases: A version specifier; all releases by default.
      replacement: Template of the modern code. Empty with `gives` alone where the member stays.
      note: As of `adapter`.
      gives: The role of the result, or a parameter, as of `Member`.
      parameters: Of a call: the signature of its arguments, such as ``(weights, data)``.
      legacy: When a use is legacy: always, or `Legacy(…)` with the kinds or keywords of calls.
    """
    _members.append(
        Member(
            role,
            name,
            SpecifierSet(releases),
            replacement,
            note,
            gives,
            parameters,
            _declaring_module(),
            legacy,
        )
    )


def method(owner: str, definition: str, *, releases: str, note: str = "", hands: str = "") -> None:
    """Declares how the primary release calls a method of programs' classes; see `Method`."""
    made = Method(owner, definition, SpecifierSet(releases), note, hands, _declaring_module())
    _methods.append(made)


def helper(name: str, source: str) -> None:
    """Declares the source of a function that templates call as ``{!name}``."""
    _helpers.append(Helper(name, source, _declaring_module()))


def members() -> tuple[Member, ...]:
    """All declared members."""
    load_all()
    return tuple(_members)


def methods() -> tuple[Method, ...]:
    """All declared methods of programs' classes."""
    load_all()
    return tuple(_methods)


def helpers() -> tuple[Helper, ...]:
    """All declared helper functions."""
    load_all()
    copied = [Helper(name, _without_release(each, name), module) for name, each, module in _copied]
    return (*_helpers, *copied)


@functools.cache
def load_all() -> None:
    """Imports every module of adapters, so that each registers what it holds."""
    import tff_compat.adapters

    for module in pkgutil.walk_packages(tff_compat.adapters.__path__, "tff_compat.adapters."):
        importlib.import_module(module.name)


def needed(path: str, release: Version, installed: Version) -> Adapter | Move | Refusal | None:
    """What stands for `path` as of `release` on a TFF of `installed`; None for its own symbol.

    A release that an entry stands for has that form itself.
    """
    entry = find(path, release)
    if entry is None or installed not in entry.releases:
        return entry
    changed = entry.changed if isinstance(entry, Adapter) else ()
    return entry if any(release < each <= installed for each in changed) else None


def find(path: str, release: Version) -> Adapter | Move | Refusal | None:
    """What stands for `path` as of `release`; None where nothing is declared.

    Raises:
      ValueError: Two entries claim the same release of one symbol.
    """
    load_all()
    found = [entry for entry in _entries.get(path, ()) if release in entry.releases]
    if len(found) > 1:
        raise ValueError(f"{len(found)} entries claim {path} as of {release}")
    return found[0] if found else None


def entries() -> list[Adapter | Move | Refusal]:
    """All that is declared, sorted by path."""
    load_all()
    return [entry for path in sorted(_entries) for entry in _entries[path]]
