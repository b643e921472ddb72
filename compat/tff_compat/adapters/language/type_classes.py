"""The classes of types, whose constructors took TensorFlow's dtypes, shapes and specs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from packaging.version import Version

from tff_compat import modern
from tff_compat.adapters.language import dated_types, types
from tff_compat.adapters.registry import NEVER, AsOf, Legacy, adapter
from tff_compat.adapters.stand_ins import Maker, StandIn
from tff_compat.catalog.boundaries import (
    FIRST_TO_TAKE_ALL_OF_NUMPY,
    FIRST_WITH_NUMPY_DTYPES,
    FIRST_WITH_PREDICATES,
    FIRST_WITH_SHAPE_IN_TUPLE,
    FIRST_WITH_STRUCTS,
    FIRST_WITH_TODAYS_TYPES,
    FIRST_WITH_TUPLES_IN_SEQUENCES,
    FIRST_WITH_TYPE_ERRORS,
    FIRST_WITH_UNKNOWN_RANK,
    FIRST_WITHOUT_CHECKED_PLACEMENTS,
    FIRST_WITHOUT_PREDICATES,
)

tff = modern.package()

_Type: Any = tff.types.Type

CHANGED = (
    FIRST_WITH_PREDICATES,
    FIRST_WITH_STRUCTS,
    FIRST_WITH_TUPLES_IN_SEQUENCES,
    FIRST_WITHOUT_PREDICATES,
    FIRST_WITH_UNKNOWN_RANK,
    FIRST_WITH_SHAPE_IN_TUPLE,
    FIRST_WITH_NUMPY_DTYPES,
    FIRST_WITH_TODAYS_TYPES,
)
"""The releases that changed what types are like, without a change of a constructor's form."""


class TypeMaker(Maker):
    """The class of the classes below, which make TFF's own types, marked with their release."""

    members_as_of: Version | None = None

    @property
    def makes(cls) -> type:
        """The class of the objects that they make, as far as releases had that."""
        made: type = dated_types.dated_class(cls.real, cls.members_as_of)
        return made


ROLE = "legacy type"
"""What constructors and functions give: types with the members of their releases."""


def made(as_of: AsOf, type_spec: Any, arguments: Mapping[str, Any], *given: Any) -> Any:
    """What a constructor or function makes: the warning, and the type of the release.

    Args:
      as_of: Of the adapter.
      type_spec: The type that was made.
      arguments: Those of the constructor or function.
      *given: The specs that it was made of.
    """
    for spec in given:
        types.check_taken(spec, as_of.release)
    if as_of.adapter.legacy.always or not all(types.is_modern(spec) for spec in given):
        as_of.warn(arguments)
    return dated_types.dated(type_spec, as_of.release)


def _tensor(as_of: AsOf, dtype: Any, shape: Any) -> Any:
    if not types.is_dtype(dtype) and as_of.release < FIRST_TO_TAKE_ALL_OF_NUMPY:
        raise TypeError(f"Expected a dtype, found {dtype!r}.")
    if types.is_dtype(dtype):
        types.check_taken(dtype, as_of.release)
    type_spec = tff.TensorType(
        types.installed_dtype(dtype), types.installed_shape(shape, as_of.release)
    )
    if not types.is_modern(dtype):
        as_of.warn({"dtype": dtype, "shape": shape})
    return dated_types.dated(type_spec, as_of.release)


_OF_DTYPE = Legacy(values={"dtype": "tensorflow type", "shape": "number"})


@adapter(
    "tff.TensorType",
    releases="<0.64",
    replacement="tff.TensorType({dtype:dtype}[?, {shape:shape}?])",
    changed=CHANGED,
    legacy=_OF_DTYPE,
    gives=ROLE,
)
@adapter(
    "tff.types.TensorType",
    releases=">=0.19,<0.64",
    replacement="tff.TensorType({dtype:dtype}[?, {shape:shape}?])",
    changed=CHANGED,
    legacy=_OF_DTYPE,
    gives=ROLE,
)
class TensorType(metaclass=TypeMaker):
    """A tensor type from a TensorFlow dtype and shape, as of 0.1 to 0.63: None means a scalar."""

    as_of: AsOf
    real = tff.TensorType

    def __new__(cls, dtype, shape=None):
        """The installed TFF's type of this kind, marked with the release."""
        return _tensor(cls.as_of, dtype, shape)


@adapter(
    "tff.TensorType",
    releases=">=0.64,<0.70",
    replacement="tff.TensorType({dtype:dtype}[?, {shape:sizes}?])",
    changed=CHANGED,
    legacy=_OF_DTYPE,
    gives=ROLE,
)
@adapter(
    "tff.types.TensorType",
    releases=">=0.64,<0.70",
    replacement="tff.TensorType({dtype:dtype}[?, {shape:sizes}?])",
    changed=CHANGED,
    legacy=_OF_DTYPE,
    gives=ROLE,
)
class TensorType_0_64(metaclass=TypeMaker):
    """A tensor type from a TensorFlow dtype and shape, as of TFF 0.64 to 0.69.

    The shape None means an unknown rank.
    """

    as_of: AsOf
    real = tff.TensorType

    def __new__(cls, dtype, shape=()):
        """The installed TFF's type of this kind, marked with the release."""
        return _tensor(cls.as_of, dtype, shape)


@adapter(
    "tff.SequenceType",
    releases="<0.70",
    replacement="tff.SequenceType({element:type})",
    changed=CHANGED,
    legacy=Legacy(values={"element": "tensorflow type"}),
    gives=ROLE,
)
@adapter(
    "tff.types.SequenceType",
    releases=">=0.19,<0.70",
    replacement="tff.SequenceType({element:type})",
    changed=CHANGED,
    legacy=Legacy(values={"element": "tensorflow type"}),
    gives=ROLE,
)
class SequenceType(metaclass=TypeMaker):
    """A sequence type whose element is given in TensorFlow's terms, as of TFF 0.1 to 0.69."""

    as_of: AsOf
    real = tff.SequenceType

    def __new__(cls, element):
        """The installed TFF's type of this kind, marked with the release."""
        type_spec = dated_types.sequence(
            types.to_type(element, cls.as_of.release), cls.as_of.release
        )
        return made(cls.as_of, type_spec, {"element": element}, element)


_FEDERATED = "tff.FederatedType({member:type}, {placement}[?, all_equal={all_equal}?])"
_OF_MEMBER = Legacy(values={"member": "tensorflow type"})


def _federated(as_of: AsOf, member: Any, placement: Any, all_equal: bool | None) -> Any:
    checked = as_of.release < FIRST_WITHOUT_CHECKED_PLACEMENTS
    if checked and not isinstance(placement, type(tff.CLIENTS)):
        message = f"Expected tff.CLIENTS or tff.SERVER, found {placement!r}."
        if as_of.release < FIRST_WITH_TYPE_ERRORS:
            raise NotImplementedError(message)
        raise TypeError(message)
    type_spec = tff.FederatedType(types.to_type(member, as_of.release), placement, all_equal)
    arguments = {"member": member, "placement": placement, "all_equal": all_equal}
    return made(as_of, type_spec, arguments, member)


@adapter(
    "tff.FederatedType",
    releases="<0.5",
    replacement="tff.FederatedType({member:type}, {placement}, all_equal={all_equal})",
    legacy=_OF_MEMBER,
    gives=ROLE,
)
class FederatedType(metaclass=TypeMaker):
    """A federated type as of TFF 0.1 to 0.4, whose values differ by default at either placement."""

    as_of: AsOf
    real = tff.FederatedType

    def __new__(cls, member, placement, all_equal=False):
        """The installed TFF's type of this kind, marked with the release."""
        return _federated(cls.as_of, member, placement, all_equal)


@adapter(
    "tff.FederatedType",
    releases=">=0.5,<0.70",
    replacement=_FEDERATED,
    changed=CHANGED,
    legacy=_OF_MEMBER,
    gives=ROLE,
)
@adapter(
    "tff.types.FederatedType",
    releases=">=0.19,<0.70",
    replacement=_FEDERATED,
    changed=CHANGED,
    legacy=_OF_MEMBER,
    gives=ROLE,
)
class FederatedType_0_5(metaclass=TypeMaker):
    """A federated type as of TFF 0.5 to 0.69; the default of `all_equal` is the placement's."""

    as_of: AsOf
    real = tff.FederatedType

    def __new__(cls, member, placement, all_equal=None):
        """The installed TFF's type of this kind, marked with the release."""
        return _federated(cls.as_of, member, placement, all_equal)


@adapter(
    "tff.FunctionType",
    releases="<0.70",
    replacement="tff.FunctionType({parameter:type}, {result:type})",
    changed=CHANGED,
    legacy=Legacy(values={"parameter": "tensorflow type", "result": "tensorflow type"}),
    gives=ROLE,
)
@adapter(
    "tff.types.FunctionType",
    releases=">=0.19,<0.70",
    replacement="tff.FunctionType({parameter:type}, {result:type})",
    changed=CHANGED,
    legacy=Legacy(values={"parameter": "tensorflow type", "result": "tensorflow type"}),
    gives=ROLE,
)
class FunctionType(metaclass=TypeMaker):
    """A function type in TensorFlow's terms, as of TFF 0.1 to 0.69."""

    as_of: AsOf
    real = tff.FunctionType

    def __new__(cls, parameter, result):
        """The installed TFF's type of this kind, marked with the release."""
        release = cls.as_of.release
        type_spec = tff.FunctionType(
            types.to_type(parameter, release), types.to_type(result, release)
        )
        arguments = {"parameter": parameter, "result": result}
        return made(cls.as_of, type_spec, arguments, parameter, result)


def _elements(specs: Any) -> Any:
    if hasattr(specs, "_asdict"):
        specs = specs._asdict()
    return list(specs.items()) if isinstance(specs, Mapping) else specs


def _struct(as_of: AsOf, specs: Any) -> Any:
    specs = _elements(specs)
    type_spec = tff.StructType(types.elements(specs, as_of.release))
    return made(as_of, type_spec, {"elements": specs}, specs)


_STRUCT = "tff.StructType({elements:elements})"
_OF_ELEMENTS = Legacy(values={"elements": "tensorflow type"})
# TFF's own, for types that it made itself.
_UNCHECKED = ("convert", "enable_wf_check", "enable_well_formed_check")


@adapter(
    "tff.NamedTupleType",
    releases="<0.15",
    replacement=_STRUCT,
    without_effect=_UNCHECKED,
    gives=ROLE,
)
class NamedTupleType(metaclass=TypeMaker):
    """A structure type, as of TFF 0.1 to 0.14; `tff.StructType` since 0.16."""

    as_of: AsOf
    real = tff.StructType

    def __new__(cls, elements):
        """The installed TFF's type of this kind, marked with the release."""
        return _struct(cls.as_of, elements)


@adapter(
    "tff.NamedTupleType",
    releases=">=0.15,<0.16",
    replacement=_STRUCT,
    without_effect=_UNCHECKED,
    gives=ROLE,
)
@adapter(
    "tff.StructType",
    releases=">=0.16,<0.17",
    replacement=_STRUCT,
    legacy=_OF_ELEMENTS,
    without_effect=_UNCHECKED,
    gives=ROLE,
)
class StructType_0_15(metaclass=TypeMaker):
    """A structure type whose elements may be TensorFlow's, as of TFF 0.15 and 0.16."""

    as_of: AsOf
    real = tff.StructType

    def __new__(cls, elements, convert=True):
        """The installed TFF's type of this kind, marked with the release."""
        return _struct(cls.as_of, elements)


@adapter(
    "tff.StructType",
    releases=">=0.17,<0.58",
    replacement=_STRUCT,
    legacy=_OF_ELEMENTS,
    without_effect=_UNCHECKED,
    gives=ROLE,
)
@adapter(
    "tff.types.StructType",
    releases=">=0.19,<0.58",
    replacement=_STRUCT,
    legacy=_OF_ELEMENTS,
    without_effect=_UNCHECKED,
    gives=ROLE,
)
class StructType_0_17(metaclass=TypeMaker):
    """A structure type whose elements may be TensorFlow's, as of TFF 0.17 to 0.57."""

    as_of: AsOf
    real = tff.StructType

    def __new__(cls, elements, enable_wf_check=True):
        """The installed TFF's type of this kind, marked with the release."""
        return _struct(cls.as_of, elements)


@adapter(
    "tff.StructType",
    releases=">=0.58,<0.63",
    replacement=_STRUCT,
    legacy=_OF_ELEMENTS,
    without_effect=_UNCHECKED,
    gives=ROLE,
)
@adapter(
    "tff.types.StructType",
    releases=">=0.58,<0.63",
    replacement=_STRUCT,
    legacy=_OF_ELEMENTS,
    without_effect=_UNCHECKED,
    gives=ROLE,
)
class StructType_0_58(metaclass=TypeMaker):
    """A structure type whose elements may be TensorFlow's, as of TFF 0.58 to 0.61."""

    as_of: AsOf
    real = tff.StructType

    def __new__(cls, elements, *, convert=True, enable_well_formed_check=True):
        """The installed TFF's type of this kind, marked with the release."""
        return _struct(cls.as_of, elements)


@adapter(
    "tff.StructType",
    releases=">=0.63,<0.70",
    replacement=_STRUCT,
    changed=CHANGED,
    legacy=_OF_ELEMENTS,
    without_effect=_UNCHECKED,
    gives=ROLE,
)
@adapter(
    "tff.types.StructType",
    releases=">=0.63,<0.70",
    replacement=_STRUCT,
    changed=CHANGED,
    legacy=_OF_ELEMENTS,
    without_effect=_UNCHECKED,
    gives=ROLE,
)
class StructType_0_63(metaclass=TypeMaker):
    """A structure type whose elements may be TensorFlow's, as of TFF 0.63 to 0.69."""

    as_of: AsOf
    real = tff.StructType

    def __new__(cls, elements, *, convert=True):
        """The installed TFF's type of this kind, marked with the release."""
        return _struct(cls.as_of, elements)


_WITH_PYTHON = "tff.StructWithPythonType({elements:elements}, {container_type})"


@adapter(
    "tff.StructWithPythonType",
    releases=">=0.16,<0.70",
    replacement=_WITH_PYTHON,
    changed=CHANGED,
    legacy=_OF_ELEMENTS,
    gives=ROLE,
)
@adapter(
    "tff.types.StructWithPythonType",
    releases=">=0.19,<0.70",
    replacement=_WITH_PYTHON,
    changed=CHANGED,
    legacy=_OF_ELEMENTS,
    gives=ROLE,
)
class StructWithPythonType(metaclass=TypeMaker):
    """A structure type with its Python container, as of TFF 0.16 to 0.69.

    The elements may be TensorFlow's.
    """

    as_of: AsOf
    real = tff.StructWithPythonType

    def __new__(cls, elements, container_type):
        """The installed TFF's type of this kind, marked with the release."""
        specs = _elements(elements)
        type_spec = tff.StructWithPythonType(
            types.elements(specs, cls.as_of.release), container_type
        )
        arguments = {"elements": elements, "container_type": container_type}
        return made(cls.as_of, type_spec, arguments, specs)

    @classmethod
    def get_container_type(cls, value):
        """The Python container of a type, as of TFF 0.16 to 0.56."""
        return value.python_container


@adapter(
    "tff.StructWithPythonType.get_container_type",
    releases=">=0.16,<0.57",
    replacement="{value}.python_container",
)
@adapter(
    "tff.types.StructWithPythonType.get_container_type",
    releases=">=0.19,<0.57",
    replacement="{value}.python_container",
)
def get_container_type(value):
    """The form of the class method, which a program calls on the class that its view offers.

    Args:
      value: A `tff.StructWithPythonType`.

    Returns:
      The class of its Python container.
    """
    return value.python_container


_ABSTRACT = "tff.types.AbstractType"


@adapter(
    "tff.types.AbstractType",
    releases=">=0.19,<0.23",
    replacement=_ABSTRACT,
    legacy=NEVER,
    gives=ROLE,
)
class AbstractType_0_19(metaclass=TypeMaker):
    """The type that a label stands for, as of TFF 0.19 to 0.22."""

    as_of: AsOf
    real = tff.types.AbstractType
    members_as_of = Version("0.22")

    def __new__(cls, label):
        """The installed TFF's type of this kind, marked with the release."""
        return dated_types.dated(tff.types.AbstractType(label), cls.as_of.release)


@adapter(
    "tff.types.AbstractType",
    releases=">=0.23,<0.68",
    replacement=_ABSTRACT,
    changed=CHANGED,
    legacy=NEVER,
    gives=ROLE,
)
class AbstractType(metaclass=TypeMaker):
    """The type that a label stands for, as of TFF 0.23 to 0.67."""

    as_of: AsOf
    real = tff.types.AbstractType

    def __new__(cls, label):
        """The installed TFF's type of this kind, marked with the release."""
        return dated_types.dated(tff.types.AbstractType(label), cls.as_of.release)


@adapter(
    "tff.types.PlacementType",
    releases=">=0.19,<0.68",
    replacement="tff.types.PlacementType",
    changed=CHANGED,
    legacy=NEVER,
    gives=ROLE,
)
class PlacementType(metaclass=TypeMaker):
    """The type of placements, as of TFF 0.19 to 0.67."""

    as_of: AsOf
    real = tff.types.PlacementType

    def __new__(cls):
        """The installed TFF's type of this kind, marked with the release."""
        return dated_types.dated(tff.types.PlacementType(), cls.as_of.release)


_TYPE = "tff.Type"


@adapter("tff.Type", releases="<0.15", replacement=_TYPE, legacy=NEVER)
class Type(_Type, metaclass=StandIn):
    """The base class of types, as of TFF 0.1 to 0.14.

    Subclasses define how they are printed and compared.
    """

    as_of: AsOf
    real = _Type

    def children(self):
        """The types that this one consists of: none, where a subclass does not say."""
        return iter(())

    def is_assignable_from(self, source_type):
        """Whether a value of another type can be used in the place of one of this type."""
        return bool(self == source_type)

    def __hash__(self):
        return hash(repr(self))


class _Asked(_Type, metaclass=StandIn):
    """The base class of types with the methods that all types had up to TFF 0.67."""

    real = _Type


for _name, _method in dated_types.questions(None).items():
    setattr(_Asked, _name, _method)


@adapter("tff.Type", releases=">=0.15,<0.68", replacement=_TYPE, changed=CHANGED, legacy=NEVER)
@adapter(
    "tff.types.Type", releases=">=0.19,<0.68", replacement=_TYPE, changed=CHANGED, legacy=NEVER
)
class Type_0_15(_Asked):
    """The base class of types, as of TFF 0.15 to 0.67."""

    as_of: AsOf
