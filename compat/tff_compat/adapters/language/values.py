"""Values inside federated computations, with the operators and attributes of releases."""

from __future__ import annotations

import functools
from typing import Any

from packaging.version import Version

from tff_compat import installation, modern
from tff_compat.adapters.language import dated_types
from tff_compat.adapters.registry import NEVER, AsOf, adapter
from tff_compat.adapters.stand_ins import Maker, derived
from tff_compat.catalog.boundaries import (
    FIRST_WITH_ATTRIBUTE_ERRORS,
    FIRST_WITH_FIXED_VALUES,
    FIRST_WITH_NUMPY_DTYPES,
    FIRST_WITH_SHAPE_IN_TUPLE,
    FIRST_WITH_TODAYS_TYPES,
    FIRST_WITH_UNKNOWN_RANK,
    FIRST_WITHOUT_PREDICATES,
)
from tff_compat.modern import stand_ins

tff = modern.package()

CHANGED = (
    FIRST_WITH_ATTRIBUTE_ERRORS,
    FIRST_WITH_FIXED_VALUES,
    FIRST_WITHOUT_PREDICATES,
    FIRST_WITH_UNKNOWN_RANK,
    FIRST_WITH_SHAPE_IN_TUPLE,
    FIRST_WITH_NUMPY_DTYPES,
    FIRST_WITH_TODAYS_TYPES,
)
"""The releases that changed what values, and the types that they show, are like."""


# Compilers of releases before leave `generic_plus` to the runtime, which does not know it.
_FIRST_THAT_ADDS = Version("0.52")

_Value: Any = tff.Value

ROLE = "value of a computation"
"""What federated computations are called with, and what operators give."""


class Value(_Value):
    """A value with the operators of TFF 0.19 to 0.67."""

    _release: Version

    @property
    def type_signature(self) -> Any:
        """Its `tff.Type`, as an object of its release."""
        return dated_types.dated(super().type_signature, self._release)

    def __getattr__(self, name: str) -> Any:
        if self._release < FIRST_WITH_ATTRIBUTE_ERRORS and _struct(self) is None:
            raise TypeError(f"The value of type {self.type_signature} has no attributes: {name!r}.")
        return dated(super().__getattr__(name), self._release)

    def __getitem__(self, key: Any) -> Any:
        return dated(super().__getitem__(key), self._release)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Calls a value of a function type; the result belongs to the release too."""
        return dated(super().__call__(*args, **kwargs), self._release)

    def __add__(self, other: Any) -> Any:
        other = tff.to_value(other, None)
        kind = self.comp.type_signature
        if not kind.is_equivalent_to(other.type_signature):
            raise TypeError(f"Cannot add {self.type_signature} and {other.type_signature}.")
        plus = tff.framework.Intrinsic("generic_plus", tff.FunctionType([kind, kind], kind))
        if installation.version() < _FIRST_THAT_ADDS:
            plus = stand_ins.with_bodies(plus)
        return dated(tff.Value(plus)(self, other), self._release)


class AssignableValue(Value):
    """A value with the operators of TFF 0.1 to 0.18: its fields can be assigned to."""

    def __init__(self, comp: Any):
        object.__setattr__(self, "_comp", comp)

    def __getitem__(self, index: Any) -> Any:
        return super().__getitem__(index)

    def __setattr__(self, name: str, value: Any) -> None:
        kind = _struct(self)
        if kind is None:
            raise _no_attributes(self, name)
        if name not in tff.structure.name_list(kind):
            raise AttributeError(f"There is no field {name!r} in {self.type_signature}.")
        value = tff.to_value(value, None)
        expected = getattr(kind, name)
        if not expected.is_assignable_from(value.type_signature):
            raise TypeError(f"{name!r} is of type {expected}, not {value.type_signature}.")
        if isinstance(self.comp.type_signature, tff.FederatedType):
            replace = tff.federated_computation(lambda member: _with(member, name, value), kind)
            replaced = tff.federated_map(replace, self)
        else:
            replaced = _with(self, name, value)
        object.__setattr__(self, "_comp", replaced.comp)


def _struct(value: Any) -> Any:
    """The structure type of a value or of the members of one; None where it is of no structure."""
    kind = value.comp.type_signature
    kind = kind.member if isinstance(kind, tff.FederatedType) else kind
    return kind if isinstance(kind, tff.StructType) else None


def _no_attributes(value: Any, name: str) -> Exception:
    message = f"A value of type {value.type_signature} has no fields to assign to: {name!r}."
    if value._release < FIRST_WITH_ATTRIBUTE_ERRORS:
        return TypeError(message)
    return AttributeError(message)


def _with(value: Any, name: str, field: Any) -> Any:
    """A structure with another value of one field."""
    kind = value.comp.type_signature
    names = [each for each, _ in tff.structure.iter_elements(kind)]
    parts = [
        (each, (field if each == name else value[index]).comp) for index, each in enumerate(names)
    ]
    container = kind.python_container if isinstance(kind, tff.StructWithPythonType) else None
    return tff.Value(tff.framework.Struct(parts, container))


@functools.cache
def _dated_class(release: Version) -> Any:
    base: Any = AssignableValue if release < FIRST_WITH_FIXED_VALUES else Value
    name = "ValueImpl" if release < FIRST_WITH_FIXED_VALUES else "Value"
    return derived(_Value, {"_release": release}, name=name, bases=(base,))


def of(value: Any, type_spec: Any, **options: Any) -> Any:
    """What `tff.to_value` of the installed TFF makes, with the errors that it raised then.

    Args:
      value: What to make a value of.
      type_spec: Its `tff.Type`, or None.
      **options: Further arguments of `tff.to_value`.

    Raises:
      TypeError: A constant is of another type.
    """
    try:
        return tff.to_value(value, type_spec, **options)
    except ValueError as error:
        if callable(value):
            # What a function of the program raises is its own.
            raise
        raise TypeError(str(error)) from error


def dated(value: Any, release: Version) -> Any:
    """The same value as an object of a release; what is no `tff.Value` is given back."""
    if not isinstance(value, _Value) or release >= FIRST_WITH_TODAYS_TYPES:
        return value
    kind = _dated_class(release)
    return value if type(value) is kind else kind(value.comp)


def without_containers(value: Any) -> Any:
    """The same value, whose structures are of no Python class: results come as `AnonymousTuple`."""
    kind = value.comp.type_signature
    if not isinstance(kind, tff.StructWithPythonType):
        return value
    names = [name for name, _ in tff.structure.iter_elements(kind)]
    parts = [(name, without_containers(value[index])) for index, name in enumerate(names)]
    return tff.to_value(tff.structure.Struct(parts), None)


class _ValueMaker(Maker):
    """The class of the classes that stand for `tff.Value`."""

    @property
    def makes(cls) -> type:
        return AssignableValue if AssignableValue in cls.__mro__ else Value


@adapter(
    "tff.Value",
    releases="<0.19",
    replacement="tff.Value",
    legacy=NEVER,
)
class Value_0_1(AssignableValue, metaclass=_ValueMaker):
    """The class of values, as of TFF 0.1 to 0.18, which programs do not make."""

    as_of: AsOf
    real = _Value

    def __init__(self):
        raise TypeError("Values are what federated computations get and operators give.")


@adapter(
    "tff.Value",
    releases=">=0.19,<0.68",
    replacement="tff.Value",
    changed=CHANGED,
    legacy=NEVER,
)
class Value_0_19(Value, metaclass=_ValueMaker):
    """The class of values, as of TFF 0.19 to 0.67.

    Args:
      comp: A building block.
    """

    as_of: AsOf
    real = _Value

    def __new__(cls, comp):
        """The value of a building block, marked with the release."""
        return dated(_Value(comp), cls.as_of.release)
