"""Reading type specifications of any release: TensorFlow's dtypes, shapes and specs among them."""

from __future__ import annotations

import collections
from collections.abc import Mapping
from typing import Any

import attr
import numpy as np
import tensorflow as tf
from packaging.version import Version

from tff_compat import installation, modern
from tff_compat.adapters.language import composites
from tff_compat.adapters.language.dated_types import tensorflow_dtype
from tff_compat.catalog.boundaries import (
    FIRST_TO_TAKE_ALL_OF_NUMPY,
    FIRST_TO_TAKE_ATTRS,
    FIRST_TO_TAKE_ATTRS_CLASSES,
    FIRST_TO_TAKE_DATASET_SPECS,
    FIRST_TO_TAKE_DICTS,
    FIRST_TO_TAKE_NUMPY_NUMBERS,
    FIRST_TO_TAKE_STRUCTS,
    FIRST_TO_TAKE_UNKNOWN_RANK_IN_PAIRS,
    FIRST_WITH_TODAYS_TYPES,
    FIRST_WITH_UNKNOWN_RANK,
    FIRST_WITHOUT_ATTRS_CLASSES_AS_TYPES,
    FIRST_WITHOUT_TENSOR_SPECS,
)

tff = modern.package()


# Types of releases up to 0.66 had TensorFlow's dtypes, and do not take all of numpy's.
_INSTALLED_IS_TENSORFLOWS = isinstance(tff.TensorType(np.int32).dtype, tf.DType)

_TF_OBJECTS = (tf.DType, tf.TensorShape, tf.TypeSpec)
_PYTHON_TYPES = (str, bytes, int, float, bool)


def is_modern(spec: Any) -> bool:
    """Whether a type specification works unchanged on the installed TFF."""
    if isinstance(spec, _TF_OBJECTS) or isinstance(spec, int) or spec in _PYTHON_TYPES:
        return False
    if isinstance(spec, Mapping):
        return all(is_modern(each) for each in spec.values())
    if attr.has(type(spec)) and not isinstance(spec, type):
        return all(is_modern(each) for each in attr.asdict(spec, recurse=False).values())
    if isinstance(spec, (list, tuple)):
        if len(spec) == 2 and is_dtype(spec[0]) and _is_shape(spec[1]):
            return not isinstance(spec[0], tf.DType) and _is_modern_shape(spec[1])
        return all(is_modern(each) for each in spec if not isinstance(each, str))
    return True


def is_dtype(value: Any) -> bool:
    """Whether a value is a dtype of TensorFlow or NumPy, or a scalar class of NumPy."""
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


def installed_dtype(value: Any) -> Any:
    """A dtype of TensorFlow, numpy or Python, or its name, as the installed TFF takes it."""
    if value in (tf.string, str, bytes, np.str_):
        return tf.string if _INSTALLED_IS_TENSORFLOWS else np.str_
    if _INSTALLED_IS_TENSORFLOWS:
        return tf.as_dtype(value)
    if isinstance(value, (tf.DType, type, str)) and not _is_numpy(value):
        return tf.as_dtype(value).as_numpy_dtype
    return value


def _is_numpy(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, np.generic)


def installed_shape(value: Any, release: Version) -> Any:
    """A shape as the installed TFF takes it, where None means what it meant in a release."""
    if value is None:
        return None if release >= FIRST_WITH_UNKNOWN_RANK else ()
    shape = tf.TensorShape(value)
    if shape.rank is None:
        # To an installed release of before, None is a scalar's shape.
        return None if installation.version() >= FIRST_WITH_UNKNOWN_RANK else shape
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
    if is_dtype(spec) or spec in _PYTHON_TYPES:
        return tff.TensorType(installed_dtype(spec))
    if isinstance(spec, tf.TensorSpec):
        return tff.types.tensorflow_to_type(spec)
    if isinstance(spec, tf.data.DatasetSpec):
        return tff.SequenceType(to_type(spec.element_spec, release))
    if isinstance(spec, (tf.RaggedTensorSpec, tf.SparseTensorSpec)):
        return _composite(spec)
    if isinstance(spec, tuple) and hasattr(spec, "_asdict"):
        return _named(spec._asdict(), type(spec), release)
    if attr.has(type(spec)):
        return _named(attr.asdict(spec, recurse=False), type(spec), release)
    if isinstance(spec, type) and attr.has(spec):
        return _named(_of_attrs_class(spec), spec, release)
    if isinstance(spec, tff.structure.Struct):
        named = tff.structure.iter_elements(spec)
        return tff.StructType([_element(name, each, release) for name, each in named])
    if isinstance(spec, Mapping):
        return _named(spec, type(spec), release)
    if isinstance(spec, (list, tuple)):
        if len(spec) == 2 and is_dtype(spec[0]) and _is_shape(spec[1]):
            return tff.TensorType(installed_dtype(spec[0]), installed_shape(spec[1], release))
        if any(is_field(each) for each in spec):
            return tff.StructType(elements(spec, release))
        return tff.StructWithPythonType(elements(spec, release), type(spec))
    raise TypeError(
        f"Expected something that describes a type, found {type(spec).__name__}: {spec}"
    )


def spec_of(value: Any) -> tf.TensorSpec:
    """The spec of a tensor, a variable, or what becomes a tensor."""
    # A variable is not read: it may be of a graph that is done.
    tensor = value if tf.is_tensor(value) else tf.convert_to_tensor(value)
    return tf.TensorSpec(tensor.shape, tensor.dtype)


def tensor_spec(tensor_type: Any) -> tf.TensorSpec:
    """The `tf.TensorSpec` of a `tff.TensorType`."""
    return tf.TensorSpec(tensor_type.shape, tensorflow_dtype(tensor_type))


def check_tensors(value_type: Any) -> None:
    """Raises TypeError for what is neither a tensor type nor a structure."""
    if not isinstance(value_type, (tff.TensorType, tff.StructType)):
        raise TypeError(
            "`value_type` must be a tff.TensorType or a structure of them, found "
            f"{type(value_type).__name__}."
        )


def is_field(spec: Any) -> bool:
    """Whether it is a pair of a name and something else."""
    return isinstance(spec, tuple) and len(spec) == 2 and isinstance(spec[0], str)


def fields(specs: Any) -> list[tuple[str | None, Any]]:
    """The names and specs of a structure given by a list or tuple of specs or pairs."""
    if is_field(specs):
        # One field, not two.
        return [specs]
    return [
        each
        if is_field(each) or (isinstance(each, tuple) and len(each) == 2 and each[0] is None)
        else (None, each)
        for each in specs
    ]


def elements(specs: Any, release: Version) -> list[Any]:
    """The elements of a structure type given by a list or tuple of specs or pairs."""
    return [_element(name, each, release) for name, each in fields(specs)]


def _element(name: str | None, spec: Any, release: Version) -> Any:
    converted = to_type(spec, release)
    return converted if name is None else (name, converted)


def _named(specs: Mapping[str, Any], container: type, release: Version) -> Any:
    converted = [(name, to_type(each, release)) for name, each in specs.items()]
    return tff.StructWithPythonType(converted, container)


def _of_attrs_class(spec: type) -> dict[str, Any]:
    """The annotations of an attrs class, which describe it to TFF 0.10 to 0.17."""
    annotations = {field.name: field.type for field in attr.fields(spec)}
    if not all(annotations.values()):
        raise TypeError(f"Some fields of {spec.__name__} have no type: {annotations}")
    return annotations


def _composite(spec: Any) -> Any:
    # As `tff.to_type` did: a structure of the tensors that a composite tensor is made of.
    if isinstance(spec, tf.RaggedTensorSpec):
        flat, splits = spec.dtype, spec.row_splits_dtype
        if spec.flat_values_spec is not None:
            values = tff.types.tensorflow_to_type(spec.flat_values_spec)
        else:
            # Of unknown rank, as to an installed release of before 0.64 None is a scalar's shape.
            shape = installed_shape(tf.TensorShape(None), FIRST_WITH_UNKNOWN_RANK)
            values = tff.TensorType(installed_dtype(flat), shape)
        row_splits = [tff.TensorType(installed_dtype(splits), (None,))] * spec.ragged_rank
        parts = [
            ("flat_values", values),
            ("nested_row_splits", tff.StructWithPythonType(row_splits, tuple)),
        ]
        rank = None if spec.shape.rank is None else spec.shape.rank - spec.ragged_rank
        return tff.StructWithPythonType(parts, composites.ragged_parts(rank))
    rank = spec.shape.rank
    parts = [
        ("indices", tff.TensorType(np.int64, (None, rank))),
        ("values", tff.TensorType(installed_dtype(spec.dtype), (None,))),
        ("dense_shape", tff.TensorType(np.int64, (rank,))),
    ]
    return tff.StructWithPythonType(parts, composites.SparseParts)


def check_taken(spec: Any, release: Version) -> None:
    """Accepts what describes a type to a release.

    Raises:
      TypeError: `tff.to_type` of the release did not take `spec`, or something in it.
    """
    if spec is None or isinstance(spec, tff.types.Type) or _takes_leaf(spec, release):
        return
    inner = _inner_specs(spec, release)
    if inner is None:
        raise TypeError(f"This describes no type as of TFF {release}: {spec!r}")
    for each in inner:
        check_taken(each, release)


def _takes_leaf(spec: Any, release: Version) -> bool:
    """Whether it describes a type without other specs in it."""
    if isinstance(spec, tf.DType):
        return True
    if is_dtype(spec):
        numbers = isinstance(spec, np.dtype) or issubclass(spec, np.number)
        return release >= (FIRST_TO_TAKE_NUMPY_NUMBERS if numbers else FIRST_TO_TAKE_ALL_OF_NUMPY)
    if isinstance(spec, tf.TensorSpec):
        return release < FIRST_WITHOUT_TENSOR_SPECS
    if isinstance(spec, (tf.RaggedTensorSpec, tf.SparseTensorSpec)):
        return composites.have_types(release)
    if isinstance(spec, tf.data.DatasetSpec):
        return FIRST_TO_TAKE_DATASET_SPECS <= release < FIRST_WITH_TODAYS_TYPES
    if isinstance(spec, tuple) and len(spec) == 2 and is_dtype(spec[0]) and _is_shape(spec[1]):
        if spec[1] is None:
            return release >= FIRST_TO_TAKE_UNKNOWN_RANK_IN_PAIRS
        return not isinstance(spec[1], int) and _takes_leaf(spec[0], release)
    return False


def _inner_specs(spec: Any, release: Version) -> list[Any] | None:
    """The specs of the elements; None where a release did not take such a structure."""
    if isinstance(spec, (list, tuple)):
        if len(spec) == 2 and is_dtype(spec[0]) and _is_shape(spec[1]):
            return None
        return [each for _, each in fields(spec)]
    if isinstance(spec, Mapping):
        ordered = isinstance(spec, collections.OrderedDict) or release >= FIRST_TO_TAKE_DICTS
        return list(spec.values()) if ordered else None
    if isinstance(spec, type) and attr.has(spec):
        taken = FIRST_TO_TAKE_ATTRS_CLASSES <= release < FIRST_WITHOUT_ATTRS_CLASSES_AS_TYPES
        return list(_of_attrs_class(spec).values()) if taken else None
    if attr.has(type(spec)):
        taken = release >= FIRST_TO_TAKE_ATTRS
        return list(attr.asdict(spec, recurse=False).values()) if taken else None
    if isinstance(spec, tff.structure.Struct) and release >= FIRST_TO_TAKE_STRUCTS:
        return [each for _, each in tff.structure.iter_elements(spec)]
    return None
