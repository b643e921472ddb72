"""Types: the constructors and conversions that took TensorFlow's dtypes, shapes and specs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import attr
import numpy as np
import tensorflow as tf
from packaging.version import Version

from tff_compat import installation, modern
from tff_compat.adapters.registry import AsOf, adapter

tff = modern.package()

_FIRST_WITH_UNKNOWN_RANK = Version("0.64")
_FIRST_WITH_PREDICATES = Version("0.15")
_FIRST_WITHOUT_PREDICATES = Version("0.68")

# Types of releases up to 0.66 had TensorFlow's dtypes, and do not take all of numpy's.
_INSTALLED_IS_TENSORFLOWS = isinstance(tff.TensorType(np.int32).dtype, tf.DType)

_CHANGED = ("0.63", "0.64", "0.67", "0.68")
"""Since these releases types lack `is_tensor()`, know unknown ranks, print `str`, and lack
`check_tensor()`: changes without a change of a constructor's form."""

_TF_OBJECTS = (tf.DType, tf.TensorShape, tf.TypeSpec)


# The names of strings in printed types, as element, member or result; `str=` is a field's name.
_PRINTED_STRING = re.compile(r"(?<![\w./])str(?![\w=./])")


def as_printed(text: str) -> str:
    """A printed type with strings called ``string``, as releases up to 0.66 printed them."""
    return _PRINTED_STRING.sub("string", text)


_PREDICATES = {
    "tensor": tff.TensorType,
    "sequence": tff.SequenceType,
    "federated": tff.FederatedType,
    "function": tff.FunctionType,
    "struct": tff.StructType,
    "struct_with_python": tff.StructWithPythonType,
    "abstract": tff.types.AbstractType,
    "placement": tff.types.PlacementType,
}


def _predicate(wanted: type) -> Any:
    return lambda self: isinstance(self, wanted)


def _check(wanted: type) -> Any:
    def check(self: Any) -> None:
        if not isinstance(self, wanted):
            raise TypeError(f"Expected a {wanted.__name__}, found the type {self}.")

    return check


def _printing(real: type) -> type:
    """A subclass of a type class of the installed TFF with what types had up to 0.67.

    It prints strings as releases up to 0.66 did, and has the methods ``is_tensor()`` (0.15 to
    0.62), ``check_tensor()`` (0.15 to 0.67) and so on.
    """

    def __str__(self: Any) -> str:
        return as_printed(super(printing, self).__str__())

    body: dict[str, Any] = {"__str__": __str__, "__module__": real.__module__}
    for name, wanted in _PREDICATES.items():
        body[f"is_{name}"] = _predicate(wanted)
        body[f"check_{name}"] = _check(wanted)
    # The name shows in error messages and in `type(x).__name__`, where programs expect TFF's own.
    printing: Any = type(real)(real.__name__, (real,), body)
    return printing


_PRINTING = {
    real: _printing(real)
    for real in (
        tff.TensorType,
        tff.SequenceType,
        tff.FederatedType,
        tff.FunctionType,
        tff.StructType,
        tff.StructWithPythonType,
    )
}


def printed_as_of(type_spec: Any, release: Version) -> Any:
    """The same type, printing itself as of a release.

    Args:
      type_spec: A `tff.Type` of the installed TFF, or None.
      release: The release.
    """
    if release >= _FIRST_WITHOUT_PREDICATES or type(type_spec) not in _PRINTING:
        return type_spec
    if release < _FIRST_WITH_PREDICATES and "str" not in str(type_spec):
        # TFF's own object is the better one where it differs in nothing.
        return type_spec
    kind = _PRINTING[type(type_spec)]
    if isinstance(type_spec, tff.TensorType):
        return kind(type_spec.dtype, type_spec.shape)
    if isinstance(type_spec, tff.SequenceType):
        return kind(printed_as_of(type_spec.element, release))
    if isinstance(type_spec, tff.FederatedType):
        member = printed_as_of(type_spec.member, release)
        return kind(member, type_spec.placement, type_spec.all_equal)
    if isinstance(type_spec, tff.FunctionType):
        parameter = printed_as_of(type_spec.parameter, release)
        return kind(parameter, printed_as_of(type_spec.result, release))
    elements = [
        (name, printed_as_of(each, release))
        for name, each in tff.structure.iter_elements(type_spec)
    ]
    if all(name is None for name, _ in elements):
        elements = [each for _, each in elements]
    if isinstance(type_spec, tff.StructWithPythonType):
        return kind(elements, type_spec.python_container)
    return kind(elements)


def is_modern(spec: Any) -> bool:
    """Whether a type specification works unchanged on the installed TFF."""
    if isinstance(spec, _TF_OBJECTS) or isinstance(spec, int):
        return False
    if isinstance(spec, Mapping):
        return all(is_modern(each) for each in spec.values())
    if attr.has(type(spec)) and not isinstance(spec, type):
        return all(is_modern(each) for each in attr.asdict(spec, recurse=False).values())
    if isinstance(spec, (list, tuple)):
        if len(spec) == 2 and _is_dtype(spec[0]) and _is_shape(spec[1]):
            return not isinstance(spec[0], tf.DType) and _is_modern_shape(spec[1])
        return all(is_modern(each) for each in spec if not isinstance(each, str))
    return True


def numpy_dtype(type_spec: Any) -> np.dtype[Any]:
    """The dtype of a `tff.TensorType` as numpy's; types had TensorFlow's up to 0.66."""
    dtype = type_spec.dtype
    if isinstance(dtype, tf.DType):
        return np.dtype(np.str_ if dtype is tf.string else dtype.as_numpy_dtype)
    return np.dtype(dtype)


def _is_dtype(value: Any) -> bool:
    if isinstance(value, (tf.DType, np.dtype)):
        return True
    return isinstance(value, type) and issubclass(value, np.generic)


def _is_shape(value: Any) -> bool:
    if isinstance(value, tf.TensorShape) or value is None or isinstance(value, int):
        return True
    return isinstance(value, (list, tuple)) and all(
        each is None or isinstance(each, (int, np.integer, tf.compat.v1.Dimension))
        for each in value
    )


def _is_modern_shape(shape: Any) -> bool:
    return isinstance(shape, (list, tuple)) and all(
        each is None or isinstance(each, int) for each in shape
    )


def _dtype(value: Any) -> Any:
    if value in (tf.string, str, bytes, np.str_):
        return tf.string if _INSTALLED_IS_TENSORFLOWS else np.str_
    if _INSTALLED_IS_TENSORFLOWS:
        return tf.as_dtype(value)
    if isinstance(value, (tf.DType, type)) and not _is_numpy(value):
        return tf.as_dtype(value).as_numpy_dtype
    return value


def _is_numpy(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, np.generic)


def _shape(value: Any, release: Version) -> Any:
    if value is None:
        return None if release >= _FIRST_WITH_UNKNOWN_RANK else ()
    shape = tf.TensorShape(value)
    if shape.rank is None:
        # To an installed release of before, None is a scalar's shape.
        return None if installation.version() >= _FIRST_WITH_UNKNOWN_RANK else shape
    return tuple(shape.as_list())


def to_type(spec: Any, release: Version) -> Any:
    """The installed TFF's type for a type specification of any release.

    Args:
      spec: A `tff.Type`, a dtype of TensorFlow, numpy or Python, a pair of dtype and shape, a
        TensorFlow spec, or a structure of them (named tuple, attrs object, dict, list or tuple,
        list of names and specs); None.
      release: As of which `spec` is read.

    Raises:
      TypeError: `spec` is none of these.
    """
    if spec is None or isinstance(spec, tff.types.Type):
        return spec
    if _is_dtype(spec) or spec in (str, bytes, int, float, bool):
        return tff.TensorType(_dtype(spec))
    if isinstance(spec, (tf.TensorSpec, tf.data.DatasetSpec)):
        return tff.types.tensorflow_to_type(spec)
    if isinstance(spec, (tf.RaggedTensorSpec, tf.SparseTensorSpec)):
        return _composite(spec)
    if isinstance(spec, tuple) and hasattr(spec, "_asdict"):
        return _named(spec._asdict(), type(spec), release)
    if attr.has(type(spec)):
        return _named(attr.asdict(spec, recurse=False), type(spec), release)
    if isinstance(spec, tff.structure.Struct):
        elements = tff.structure.iter_elements(spec)
        return tff.StructType([_element(name, each, release) for name, each in elements])
    if isinstance(spec, Mapping):
        return _named(spec, type(spec), release)
    if isinstance(spec, (list, tuple)):
        if len(spec) == 2 and _is_dtype(spec[0]) and _is_shape(spec[1]):
            return tff.TensorType(_dtype(spec[0]), _shape(spec[1], release))
        if any(
            isinstance(each, tuple) and len(each) == 2 and isinstance(each[0], str) for each in spec
        ):
            return tff.StructType(
                [
                    (each[0], to_type(each[1], release))
                    if isinstance(each, tuple) and len(each) == 2 and isinstance(each[0], str)
                    else to_type(each, release)
                    for each in spec
                ]
            )
        return tff.StructWithPythonType([to_type(each, release) for each in spec], type(spec))
    raise TypeError(
        f"Expected something that describes a type, found {type(spec).__name__}: {spec}"
    )


def _element(name: str | None, spec: Any, release: Version) -> Any:
    converted = to_type(spec, release)
    return converted if name is None else (name, converted)


def _named(fields: Mapping[str, Any], container: type, release: Version) -> Any:
    elements = [(name, to_type(each, release)) for name, each in fields.items()]
    return tff.StructWithPythonType(elements, container)


def _composite(spec: Any) -> Any:
    # As `tff.to_type` did: a structure of the tensors that a composite tensor is made of.
    if isinstance(spec, tf.RaggedTensorSpec):
        flat, splits = spec._dtype, spec._row_splits_dtype
        shape = (None, *spec._shape.as_list()[spec._ragged_rank + 1 :])
        elements = [
            ("flat_values", tff.TensorType(flat.as_numpy_dtype, shape)),
            (
                "nested_row_splits",
                [tff.TensorType(splits.as_numpy_dtype, (None,))] * spec._ragged_rank,
            ),
        ]
        return tff.StructWithPythonType(elements, tf.RaggedTensor)
    rank = spec.shape.rank
    elements = [
        ("indices", tff.TensorType(np.int64, (None, rank))),
        ("values", tff.TensorType(spec.dtype.as_numpy_dtype, (None,))),
        ("dense_shape", tff.TensorType(np.int64, (rank,))),
    ]
    return tff.StructWithPythonType(elements, tf.SparseTensor)


def source(type_spec: Any) -> str:
    """The code that makes a type on the installed TFF."""
    if isinstance(type_spec, tff.TensorType):
        dtype = f"np.{numpy_dtype(type_spec).type.__name__}"
        return f"tff.TensorType({dtype}, {type_spec.shape})" if type_spec.shape else dtype
    if isinstance(type_spec, tff.SequenceType):
        return f"tff.SequenceType({source(type_spec.element)})"
    if isinstance(type_spec, tff.FederatedType):
        placement = "tff.SERVER" if type_spec.placement is tff.SERVER else "tff.CLIENTS"
        default = type_spec.placement is tff.SERVER
        extra = "" if type_spec.all_equal == default else f", all_equal={type_spec.all_equal}"
        return f"tff.FederatedType({source(type_spec.member)}, {placement}{extra})"
    if isinstance(type_spec, tff.FunctionType):
        parameter = "None" if type_spec.parameter is None else source(type_spec.parameter)
        return f"tff.FunctionType({parameter}, {source(type_spec.result)})"
    elements = list(tff.structure.iter_elements(type_spec))
    if isinstance(type_spec, tff.StructWithPythonType):
        container = type_spec.python_container
        if issubclass(container, dict):
            fields = ", ".join(f"({name!r}, {source(each)})" for name, each in elements)
            return f"collections.OrderedDict([{fields}])"
        if all(name is not None for name, _ in elements):
            fields = ", ".join(f"{name}={source(each)}" for name, each in elements)
            return f"{container.__name__}({fields})"
    parts = [
        source(each) if name is None else f"({name!r}, {source(each)})" for name, each in elements
    ]
    return f"tff.StructType([{', '.join(parts)}])"


class _View(type):
    """The class of the classes below: they stand for TFF's own, and make TFF's own objects."""

    real: type

    @property
    def makes(cls) -> type:
        """The class of the objects that they make, as far as releases had that."""
        return _PRINTING[cls.real]

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, cls.real)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, cls.real) or type.__subclasscheck__(cls, subclass)


def _made(as_of: AsOf, made: Any, *given: Any) -> Any:
    if not all(is_modern(spec) for spec in given):
        as_of.warn(replacement=source(made))
    return printed_as_of(made, as_of.release)


@adapter(
    "tff.TensorType",
    releases="<0.64",
    replacement="tff.TensorType({dtype}, {shape})",
    changed=_CHANGED,
)
@adapter(
    "tff.types.TensorType",
    releases=">=0.19,<0.64",
    replacement="tff.TensorType({dtype}, {shape})",
    changed=_CHANGED,
)
class TensorType(metaclass=_View):
    """A tensor type from a TensorFlow dtype and shape, as of 0.1 to 0.63: None means a scalar."""

    as_of: AsOf
    real = tff.TensorType

    def __new__(cls, dtype, shape=None):
        made = tff.TensorType(_dtype(dtype), _shape(shape, cls.as_of.release))
        # Without a shape the call means the same on the installed TFF.
        return _made(cls.as_of, made, dtype if shape is None else (dtype, shape))


@adapter(
    "tff.TensorType",
    releases=">=0.64,<0.70",
    replacement="tff.TensorType({dtype}, {shape})",
    changed=_CHANGED,
)
@adapter(
    "tff.types.TensorType",
    releases=">=0.64,<0.70",
    replacement="tff.TensorType({dtype}, {shape})",
    changed=_CHANGED,
)
class TensorType_0_64(metaclass=_View):
    """A tensor type from a TensorFlow dtype and shape, as of TFF 0.64 to 0.69.

    The shape None means an unknown rank.
    """

    as_of: AsOf
    real = tff.TensorType

    def __new__(cls, dtype, shape=()):
        made = tff.TensorType(_dtype(dtype), _shape(shape, cls.as_of.release))
        return _made(cls.as_of, made, (dtype, shape))


@adapter(
    "tff.SequenceType",
    releases="<0.70",
    replacement="tff.SequenceType({element})",
    changed=_CHANGED,
)
@adapter(
    "tff.types.SequenceType",
    releases=">=0.19,<0.70",
    replacement="tff.SequenceType({element})",
    changed=_CHANGED,
)
class SequenceType(metaclass=_View):
    """A sequence type whose element is given in TensorFlow's terms, as of TFF 0.1 to 0.69."""

    as_of: AsOf
    real = tff.SequenceType

    def __new__(cls, element):
        made = tff.SequenceType(to_type(element, cls.as_of.release))
        return _made(cls.as_of, made, element)


_FEDERATED = "tff.FederatedType({member}, {placement})"


def _federated(as_of: AsOf, member: Any, placement: Any, all_equal: bool | None) -> Any:
    made = tff.FederatedType(to_type(member, as_of.release), placement, all_equal)
    return _made(as_of, made, member)


@adapter("tff.FederatedType", releases="<0.5", replacement=_FEDERATED)
class FederatedType(metaclass=_View):
    """A federated type as of TFF 0.1 to 0.4, whose values differ by default at either placement."""

    as_of: AsOf
    real = tff.FederatedType

    def __new__(cls, member, placement, all_equal=False):
        return _federated(cls.as_of, member, placement, all_equal)


@adapter("tff.FederatedType", releases=">=0.5,<0.70", replacement=_FEDERATED, changed=_CHANGED)
@adapter(
    "tff.types.FederatedType", releases=">=0.19,<0.70", replacement=_FEDERATED, changed=_CHANGED
)
class FederatedType_0_5(metaclass=_View):
    """A federated type as of TFF 0.5 to 0.69; the default of `all_equal` is the placement's."""

    as_of: AsOf
    real = tff.FederatedType

    def __new__(cls, member, placement, all_equal=None):
        return _federated(cls.as_of, member, placement, all_equal)


@adapter(
    "tff.FunctionType",
    releases="<0.70",
    replacement="tff.FunctionType({parameter}, {result})",
    changed=_CHANGED,
)
@adapter(
    "tff.types.FunctionType",
    releases=">=0.19,<0.70",
    replacement="tff.FunctionType({parameter}, {result})",
    changed=_CHANGED,
)
class FunctionType(metaclass=_View):
    """A function type in TensorFlow's terms, as of TFF 0.1 to 0.69."""

    as_of: AsOf
    real = tff.FunctionType

    def __new__(cls, parameter, result):
        release = cls.as_of.release
        made = tff.FunctionType(to_type(parameter, release), to_type(result, release))
        return _made(cls.as_of, made, parameter, result)


def _struct(as_of: AsOf, elements: Any) -> Any:
    if hasattr(elements, "_asdict"):
        elements = elements._asdict()
    if isinstance(elements, Mapping):
        elements = list(elements.items())
    made = tff.StructType(
        [
            (each[0], to_type(each[1], as_of.release))
            if isinstance(each, tuple) and len(each) == 2 and isinstance(each[0], str)
            else to_type(each, as_of.release)
            for each in elements
        ]
    )
    return _made(as_of, made, elements)


_STRUCT = "tff.StructType({elements})"


@adapter("tff.NamedTupleType", releases="<0.15", replacement=_STRUCT)
class NamedTupleType(metaclass=_View):
    """A structure type, as of TFF 0.1 to 0.14; `tff.StructType` since 0.16."""

    as_of: AsOf
    real = tff.StructType

    def __new__(cls, elements):
        return _struct(cls.as_of, elements)


@adapter("tff.NamedTupleType", releases=">=0.15,<0.16", replacement=_STRUCT)
@adapter("tff.StructType", releases=">=0.16,<0.17", replacement=_STRUCT)
class StructType_0_15(metaclass=_View):
    """A structure type whose elements may be TensorFlow's, as of TFF 0.15 and 0.16."""

    as_of: AsOf
    real = tff.StructType

    def __new__(cls, elements, convert=True):
        return _struct(cls.as_of, elements)


@adapter("tff.StructType", releases=">=0.17,<0.58", replacement=_STRUCT)
@adapter("tff.types.StructType", releases=">=0.19,<0.58", replacement=_STRUCT)
class StructType_0_17(metaclass=_View):
    """A structure type whose elements may be TensorFlow's, as of TFF 0.17 to 0.57."""

    as_of: AsOf
    real = tff.StructType

    def __new__(cls, elements, enable_wf_check=True):
        return _struct(cls.as_of, elements)


@adapter("tff.StructType", releases=">=0.58,<0.63", replacement=_STRUCT)
@adapter("tff.types.StructType", releases=">=0.58,<0.63", replacement=_STRUCT)
class StructType_0_58(metaclass=_View):
    """A structure type whose elements may be TensorFlow's, as of TFF 0.58 to 0.61."""

    as_of: AsOf
    real = tff.StructType

    def __new__(cls, elements, *, convert=True, enable_well_formed_check=True):
        return _struct(cls.as_of, elements)


@adapter("tff.StructType", releases=">=0.63,<0.70", replacement=_STRUCT, changed=_CHANGED)
@adapter("tff.types.StructType", releases=">=0.63,<0.70", replacement=_STRUCT, changed=_CHANGED)
class StructType_0_63(metaclass=_View):
    """A structure type whose elements may be TensorFlow's, as of TFF 0.63 to 0.69."""

    as_of: AsOf
    real = tff.StructType

    def __new__(cls, elements, *, convert=True):
        return _struct(cls.as_of, elements)


@adapter("tff.to_type", releases="<0.59", replacement="tff.to_type({spec})")
def to_type_0_1(spec, *, as_of: AsOf):
    """A `tff.Type` from a dtype, a shape, a spec or a structure of them, as of TFF 0.1 to 0.58.

    Raises:
      TypeError: `spec` does not describe a type.
    """
    return _made(as_of, to_type(spec, as_of.release), spec)


@adapter("tff.to_type", releases=">=0.59,<0.70", replacement="tff.to_type({obj})", changed=_CHANGED)
@adapter(
    "tff.types.to_type", releases=">=0.59,<0.70", replacement="tff.to_type({obj})", changed=_CHANGED
)
def to_type_0_59(obj, *, as_of: AsOf):
    """A `tff.Type` from a dtype, a shape, a spec or a structure of them, as of TFF 0.59 to 0.69.

    Raises:
      TypeError: `obj` does not describe a type.
    """
    return _made(as_of, to_type(obj, as_of.release), obj)


_AT_CLIENTS = "tff.FederatedType({type_spec}, tff.CLIENTS[?, all_equal={all_equal}?])"


@adapter("tff.type_at_clients", releases=">=0.17,<0.68", replacement=_AT_CLIENTS, changed=_CHANGED)
@adapter("tff.types.at_clients", releases=">=0.19,<0.68", replacement=_AT_CLIENTS, changed=_CHANGED)
def type_at_clients(type_spec, all_equal=False, *, as_of: AsOf):
    """The type of a value at the clients, as of TFF 0.17 to 0.67."""
    as_of.warn(locals())
    made = tff.FederatedType(to_type(type_spec, as_of.release), tff.CLIENTS, all_equal)
    return printed_as_of(made, as_of.release)


_AT_SERVER = "tff.FederatedType({type_spec}, tff.SERVER)"


@adapter("tff.type_at_server", releases=">=0.17,<0.68", replacement=_AT_SERVER, changed=_CHANGED)
@adapter("tff.types.at_server", releases=">=0.19,<0.68", replacement=_AT_SERVER, changed=_CHANGED)
def type_at_server(type_spec, *, as_of: AsOf):
    """The type of a value at the server, as of TFF 0.17 to 0.67."""
    as_of.warn(locals())
    made = tff.FederatedType(to_type(type_spec, as_of.release), tff.SERVER)
    return printed_as_of(made, as_of.release)


@adapter(
    "tff.framework.type_from_tensors",
    releases=">=0.6,<0.49",
    replacement=(
        "tff.types.tensorflow_to_type(tf.nest.map_structure(tf.TensorSpec.from_tensor, {tensors}))"
    ),
)
@adapter(
    "tff.types.type_from_tensors",
    releases=">=0.19,<0.67",
    replacement=(
        "tff.types.tensorflow_to_type(tf.nest.map_structure(tf.TensorSpec.from_tensor, {tensors}))"
    ),
)
def type_from_tensors(tensors, *, as_of: AsOf):
    """The type of a structure of tensors or variables, as of TFF 0.6 to 0.66."""
    as_of.warn(locals())
    specs = tf.nest.map_structure(
        lambda each: tf.TensorSpec(
            tf.convert_to_tensor(each).shape, tf.convert_to_tensor(each).dtype
        ),
        tensors,
    )
    return printed_as_of(to_type(specs, as_of.release), as_of.release)
