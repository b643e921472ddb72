"""Building blocks: TFF's own classes, with the members that they had in earlier releases."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from google.protobuf import any_pb2, wrappers_pb2
from packaging.version import Version

from tff_compat import catalog, deprecation, installation, modern
from tff_compat.adapters import registry
from tff_compat.adapters.language import dated_types, types
from tff_compat.adapters.registry import ALWAYS, NEVER, Adapter, AsOf, Legacy, adapter, member
from tff_compat.adapters.stand_ins import AS_OF, StandIn, derived
from tff_compat.catalog.boundaries import (
    FIRST_NAMED_STRUCT,
    FIRST_WITH_RAISING_CHECKS,
    FIRST_WITHOUT_BLOCK_CHECKS,
    FIRST_WITHOUT_BLOCK_PREDICATES,
    FIRST_WITHOUT_TENSORFLOW_IN_BLOCKS,
)

tff = modern.package()

_EARLY = ">=0.5,<0.16.1"
_LATE = ">=0.53,<0.76"
"""The releases that had the classes in public, as far as they had members that are gone."""

_CHANGED = (FIRST_WITHOUT_BLOCK_PREDICATES, FIRST_WITHOUT_TENSORFLOW_IN_BLOCKS)
"""Since these releases blocks lack `is_call()`, and types of blocks are not TensorFlow's dtypes."""


_FIRST_WITHOUT = {"is": FIRST_WITHOUT_BLOCK_PREDICATES, "check": FIRST_WITHOUT_BLOCK_CHECKS}

ROLE = "building block"


class _Members:
    """What each building block had in earlier releases."""

    as_of: AsOf
    real: type

    @classmethod
    def from_proto(cls, computation_proto):
        """The block that a protocol buffer describes, with all blocks in it."""
        return with_members(cls.real.from_proto(computation_proto), cls.as_of.release)  # type: ignore[attr-defined]

    @property
    def type_signature(self) -> Any:
        """The type of what the block stands for, with the methods that types had."""
        return dated_types.dated(super().type_signature, self.as_of.release)  # type: ignore[misc]

    @property
    def tff_repr(self) -> str:
        """The block in TFF's notation, which `str` gives as well."""
        return str(self)


def _warn(block: _Members, verb: str, kind: str, name: str) -> None:
    first = _FIRST_WITHOUT[verb]
    if installation.version() < first:
        return
    deprecation.warn_legacy(
        f"{block.as_of.adapter.path}.{verb}_{kind}",
        last_release=catalog.load().before(first),
        template="" if verb == "check" else _asked(name),
        note=_CHECKED if verb == "check" else "",
    )


_CHECKED = "Raise `tff.framework.UnexpectedBlockError` where it is another block."


def _asked(name: str) -> str:
    return f"isinstance({{self}}, tff.framework.{name})"


def _predicate(kind: str, name: str) -> Any:
    def is_kind(self: Any) -> bool:
        _warn(self, "is", kind, name)
        return isinstance(self, getattr(tff.framework, name))

    return is_kind


def _check(kind: str, name: str) -> Any:
    def check_kind(self: Any) -> None:
        _warn(self, "check", kind, name)
        wanted = getattr(tff.framework, name)
        if not isinstance(self, wanted) and self.as_of.release >= FIRST_WITH_RAISING_CHECKS:
            raise tff.framework.UnexpectedBlockError(wanted, self)

    return check_kind


_KINDS = {
    "block": "Block",
    "call": "Call",
    "compiled_computation": "CompiledComputation",
    "data": "Data",
    "intrinsic": "Intrinsic",
    "lambda": "Lambda",
    "placement": "Placement",
    "reference": "Reference",
    "selection": "Selection",
    "struct": "Struct",
    "tuple": "Struct",
}
"""The ends of the names of predicates, and the classes that they test for."""

for _kind, _name in _KINDS.items():
    for _verb, _make in (("is", _predicate), ("check", _check)):
        _method = _make(_kind, _name)
        _method.__name__ = _method.__qualname__ = f"{_verb}_{_kind}"
        setattr(_Members, _method.__name__, _method)
    member(ROLE, f".is_{_kind}()", releases="<0.60", replacement=_asked(_name))
    member(ROLE, f".check_{_kind}()", releases="<0.76", note=_CHECKED)


_CLASSES: dict[type, type] = {}
"""What stands for each class of the installed TFF."""


@functools.cache
def _class(name: str, release: Version) -> Any:
    """The class with the members that blocks of a class had as of a release; None for TFF's own.

    Args:
      name: The name of the class in `tff.framework` of the installed TFF.
      release: The release.
    """
    then = "Tuple" if name == "Struct" and release < FIRST_NAMED_STRUCT else name
    found = registry.find(f"tff.framework.{then}", release)
    if isinstance(found, Adapter):
        return found.bind(release)
    # In some releases only their base was in public.
    base = registry.find("tff.framework.ComputationBuildingBlock", release)
    if not isinstance(base, Adapter):
        return None
    real = getattr(tff.framework, name)
    return derived(real, {AS_OF: AsOf(release, base)}, bases=(_CLASSES[real],))


def with_members(block: Any, release: Version) -> Any:
    """A block and those inside it, with the members that they had as of a release.

    Their class is changed in place: what refers to a part of the tree goes on to do so, as two
    references are equal only if they are one object.

    Args:
      block: A building block of the installed TFF.
      release: The release.
    """
    seen: set[int] = set()
    waiting = [block]
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        waiting += each.children()
        if type(each) in _CLASSES:
            each.__class__ = _class(type(each).__name__, release) or type(each)
    return block


def _as_type(block: Any, spec: Any, arguments: Mapping[str, Any]) -> Any:
    """The type that a constructor was given, and the warning if it is none of the installed TFF."""
    if not types.is_modern(spec):
        block.as_of.warn(arguments)
    return types.to_type(spec, block.as_of.release)


def _declared(
    path: str, releases: str, *, replacement: str = "", note: str = "", legacy: Legacy = NEVER
) -> Any:
    """Declares the class of a view for a path and some releases."""
    return adapter(
        path,
        releases=releases,
        replacement=replacement or ("" if note else path),
        note=note,
        changed=_CHANGED,
        legacy=legacy,
        gives=ROLE,
    )


def _with_type(path: str, releases: str, parameter: str, template: str) -> Any:
    """Declares a class whose constructor took a type in TensorFlow's terms."""
    legacy = Legacy(values={parameter: "tensorflow type"})
    return _declared(path, releases, replacement=f"{path}({template})", legacy=legacy)


def _warning(real: Any) -> Any:
    """The constructor of a class that has another name, which is no legacy form but for it."""

    @functools.wraps(real.__init__)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        self.as_of.warn()
        real.__init__(self, *args, **kwargs)

    return __init__


def _declare_unchanged(path: str, real_name: str, *releases: str) -> None:
    """Declares the class of a block whose constructor takes what that of the installed TFF takes.

    Args:
      path: Where it was.
      real_name: The name that it has.
      *releases: The releases that had it in public.
    """
    real = getattr(tff.framework, real_name)
    name = path.rpartition(".")[2]
    body = {
        "__doc__": f"`tff.framework.{real_name}` with the members that it had.",
        "__annotations__": {AS_OF: AsOf},
        "real": real,
    }
    if name != real_name:
        body["__init__"] = _warning(real)
    made = derived(real, body, name=name, bases=(_Members, real), kind=StandIn)
    _CLASSES[real] = made
    for each in releases:
        legacy = NEVER if name == real_name else ALWAYS
        _declared(path, each, replacement=f"tff.framework.{real_name}", legacy=legacy)(made)


_declare_unchanged("tff.framework.Block", "Block", _EARLY, _LATE)
_declare_unchanged("tff.framework.Call", "Call", _EARLY, _LATE)
_declare_unchanged("tff.framework.Placement", "Placement", _EARLY, _LATE)
_declare_unchanged("tff.framework.Selection", "Selection", _EARLY, _LATE)
_declare_unchanged(
    "tff.framework.CompiledComputation", "CompiledComputation", ">=0.16,<0.16.1", _LATE
)
_declare_unchanged("tff.framework.Tuple", "Struct", ">=0.16,<0.16.1")
_declare_unchanged("tff.framework.Struct", "Struct", _LATE)
if hasattr(tff.framework, "Literal"):
    # New in 0.75: on an installed release without it no program can ask for it.
    _declare_unchanged("tff.framework.Literal", "Literal", ">=0.75,<0.76")


@_declared("tff.framework.CompiledComputation", ">=0.5,<0.16")
class CompiledComputation(_Members, tff.framework.CompiledComputation, metaclass=StandIn):  # type: ignore[name-defined]
    """A block of TensorFlow code, as of TFF 0.5 to 0.15.

    Args:
      proto: A protocol buffer of the installed TFF.
      name: What it is printed as; its own where it is None.
    """

    as_of: AsOf
    real = tff.framework.CompiledComputation

    def __init__(self, proto, name=None):
        super().__init__(proto, name)


@_declared(
    "tff.framework.Tuple",
    ">=0.5,<0.16",
    replacement="tff.framework.Struct({elements})",
    legacy=ALWAYS,
)
class Tuple(_Members, tff.framework.Struct, metaclass=StandIn):  # type: ignore[name-defined]
    """A structure of blocks, as of TFF 0.5 to 0.15; `tff.framework.Struct` since 0.16.

    Args:
      elements: Blocks, or pairs of a name or None and a block.
    """

    as_of: AsOf
    real = tff.framework.Struct

    def __init__(self, elements):
        self.as_of.warn({"elements": elements})
        super().__init__(elements)

    def __repr__(self) -> str:
        return "Tuple" + super().__repr__()[len("Struct") :]


@_declared("tff.framework.ComputationBuildingBlock", ">=0.18,<0.77")
class ComputationBuildingBlock(_Members, tff.framework.ComputationBuildingBlock, metaclass=StandIn):  # type: ignore[name-defined]
    """The base of all blocks, as of TFF 0.18 to 0.76."""

    as_of: AsOf
    real = tff.framework.ComputationBuildingBlock

    def __init__(self, type_spec):
        super().__init__(types.to_type(type_spec, self.as_of.release))


@_declared("tff.framework.ComputationBuildingBlock", _EARLY)
class ComputationBuildingBlock_0_5(ComputationBuildingBlock):
    """The base of all blocks, as of TFF 0.5 to 0.16.0, of which nothing asked for its parts."""

    as_of: AsOf
    real = tff.framework.ComputationBuildingBlock

    def children(self):
        """No blocks."""
        return iter(())

    def _proto(self):
        # Subclasses of these releases define the property `proto` itself.
        raise NotImplementedError(f"{type(self).__name__} must define `proto`.")


_REFERENCE = "{name}, {type_spec:type}[?, {context}?]"


@_with_type("tff.framework.Reference", _EARLY, "type_spec", _REFERENCE)
@_with_type("tff.framework.Reference", _LATE, "type_spec", _REFERENCE)
class Reference(_Members, tff.framework.Reference, metaclass=StandIn):  # type: ignore[name-defined]
    """A reference to a name, as of TFF 0.5 to 0.75; the type may be in TensorFlow's terms."""

    as_of: AsOf
    real = tff.framework.Reference

    def __init__(self, name, type_spec, context=None):
        super().__init__(name, _as_type(self, type_spec, locals()), context)


_LAMBDA = "{parameter_name}, {parameter_type:type}, {result}"


@_with_type("tff.framework.Lambda", _EARLY, "parameter_type", _LAMBDA)
@_with_type("tff.framework.Lambda", _LATE, "parameter_type", _LAMBDA)
class Lambda(_Members, tff.framework.Lambda, metaclass=StandIn):  # type: ignore[name-defined]
    """A function, as of TFF 0.5 to 0.75; the parameter's type may be in TensorFlow's terms."""

    as_of: AsOf
    real = tff.framework.Lambda

    def __init__(self, parameter_name, parameter_type, result):
        made = _as_type(self, parameter_type, locals())
        super().__init__(parameter_name, made, result)


_INTRINSIC = "{uri}, {type_signature:type}"


@_with_type("tff.framework.Intrinsic", ">=0.15,<0.16.1", "type_signature", _INTRINSIC)
@_with_type("tff.framework.Intrinsic", _LATE, "type_signature", _INTRINSIC)
class Intrinsic(_Members, tff.framework.Intrinsic, metaclass=StandIn):  # type: ignore[name-defined]
    """An intrinsic function, as of TFF 0.15 to 0.75; its type may be in TensorFlow's terms."""

    as_of: AsOf
    real = tff.framework.Intrinsic

    def __init__(self, uri, type_signature):
        super().__init__(uri, _as_type(self, type_signature, locals()))


@_with_type("tff.framework.Intrinsic", ">=0.5,<0.15", "type_spec", "{uri}, {type_spec:type}")
class Intrinsic_0_5(_Members, tff.framework.Intrinsic, metaclass=StandIn):  # type: ignore[name-defined]
    """An intrinsic function, as of TFF 0.5 to 0.14; its type may be in TensorFlow's terms."""

    as_of: AsOf
    real = tff.framework.Intrinsic

    def __init__(self, uri, type_spec):
        super().__init__(uri, _as_type(self, type_spec, locals()))


@_declared(
    "tff.framework.Data",
    ">=0.53,<0.78",
    note="It takes the address in a `google.protobuf.any_pb2.Any`.",
    legacy=ALWAYS,
)
class Data(_Members, tff.framework.Data, metaclass=StandIn):  # type: ignore[name-defined]
    """A place of data, as of TFF 0.53 to 0.77, which gave it by a URI.

    The protocol buffer that the installed TFF keeps is the string. Among other blocks it prints
    itself as the installed TFF does, by an identity.
    """

    as_of: AsOf
    real = tff.framework.Data

    def __init__(self, uri, type_spec):
        self.as_of.warn(locals())
        content = uri
        if _DATA_HAS_CONTENT:
            content = any_pb2.Any()
            content.Pack(wrappers_pb2.StringValue(value=uri))
        super().__init__(content, types.to_type(type_spec, self.as_of.release))

    @property
    def uri(self) -> str:
        """The URI.

        Raises:
          ValueError: The block was not made from one.
        """
        if not _DATA_HAS_CONTENT:
            return super().uri
        text = wrappers_pb2.StringValue()
        if not self.content.Unpack(text):
            raise ValueError("The data have no URI, but a protocol buffer of another kind.")
        return text.value

    def compact_representation(self) -> str:
        """The URI."""
        return self.uri

    def __repr__(self) -> str:
        return f"Data('{self.uri}', {self.type_signature!r})"


_DATA_HAS_CONTENT = hasattr(tff.framework.Data, "content")

_CLASSES.update((each.real, each) for each in (Reference, Lambda, Intrinsic, Data))
