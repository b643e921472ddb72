"""Functions that make types or take them apart: conversions, shorthands, inference."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

import attr
import numpy as np
import tensorflow as tf
from packaging.version import Version

from tff_compat import modern
from tff_compat.adapters.language import composites, dated_types, type_classes, types
from tff_compat.adapters.registry import NEVER, AsOf, Legacy, Replacement, adapter, helper
from tff_compat.catalog.boundaries import (
    FIRST_TO_INFER_ORDER_OF_DICTS,
    FIRST_TO_TAKE_ATTRS,
    FIRST_TO_TAKE_ATTRS_CLASSES,
    FIRST_TO_TAKE_NUMPY_NUMBERS,
    FIRST_TO_TAKE_STRUCTS,
    FIRST_WITH_COMPOSITE_TENSORS,
)

tff = modern.package()

_CHANGED = type_classes.CHANGED


# What describes a type changed up to 0.19, see `types.check_taken`; after it what types are like.
_CHANGED_UP_TO_0_58 = (
    FIRST_TO_TAKE_ATTRS,
    FIRST_TO_TAKE_ATTRS_CLASSES,
    FIRST_TO_TAKE_STRUCTS,
    FIRST_TO_TAKE_NUMPY_NUMBERS,
    FIRST_WITH_COMPOSITE_TENSORS,
    *_CHANGED,
)


_SPEC = Legacy(values={"spec": "tensorflow type"})


@adapter(
    "tff.to_type",
    releases="<0.59",
    replacement="{spec:type}",
    changed=_CHANGED_UP_TO_0_58,
    legacy=_SPEC,
    gives=type_classes.ROLE,
)
@adapter(
    "tff.types.to_type",
    releases=">=0.19,<0.59",
    replacement="{spec:type}",
    changed=_CHANGED_UP_TO_0_58,
    legacy=_SPEC,
    gives=type_classes.ROLE,
)
def to_type_0_1(spec, *, as_of: AsOf):
    """The type that a specification describes, as of TFF 0.1 to 0.58.

    Args:
      spec: A dtype, a pair of dtype and shape, a `tf.TypeSpec`, a `tff.Type`, or a structure of
        these; None for None.

    Returns:
      A `tff.Type`; None for None.

    Raises:
      TypeError: `spec` does not describe a type.
    """
    return type_classes.made(as_of, types.to_type(spec, as_of.release), {"spec": spec}, spec)


_OBJ = Legacy(values={"obj": "tensorflow type"})


@adapter(
    "tff.to_type",
    releases=">=0.59,<0.70",
    replacement="{obj:type}",
    changed=_CHANGED,
    legacy=_OBJ,
    gives=type_classes.ROLE,
)
@adapter(
    "tff.types.to_type",
    releases=">=0.59,<0.70",
    replacement="{obj:type}",
    changed=_CHANGED,
    legacy=_OBJ,
    gives=type_classes.ROLE,
)
def to_type_0_59(obj, *, as_of: AsOf):
    """The type that a specification describes, as of TFF 0.59 to 0.69.

    Args:
      obj: A dtype, a pair of dtype and shape, a `tf.TypeSpec`, a `tff.Type`, or a structure of
        these.

    Returns:
      A `tff.Type`.

    Raises:
      TypeError: `obj` does not describe a type.
    """
    if obj is None:
        raise TypeError("None describes no type.")
    return type_classes.made(as_of, types.to_type(obj, as_of.release), {"obj": obj}, obj)


_AT_CLIENTS = "tff.FederatedType({type_spec:type}, tff.CLIENTS[?, all_equal={all_equal}?])"


@adapter(
    "tff.type_at_clients",
    releases=">=0.17,<0.68",
    replacement=_AT_CLIENTS,
    changed=_CHANGED,
    gives=type_classes.ROLE,
)
@adapter(
    "tff.types.at_clients",
    releases=">=0.19,<0.68",
    replacement=_AT_CLIENTS,
    changed=_CHANGED,
    gives=type_classes.ROLE,
)
def type_at_clients(type_spec, all_equal=False, *, as_of: AsOf):
    """The type of a value at the clients, as of TFF 0.17 to 0.67.

    Args:
      type_spec: The type of a member: a `tff.Type`, or what describes one.
      all_equal: Whether the value is the same at all clients.

    Returns:
      A `tff.FederatedType`.
    """
    as_of.warn(locals())
    made = tff.FederatedType(types.to_type(type_spec, as_of.release), tff.CLIENTS, all_equal)
    return dated_types.dated(made, as_of.release)


_AT_SERVER = "tff.FederatedType({type_spec:type}, tff.SERVER)"


@adapter(
    "tff.type_at_server",
    releases=">=0.17,<0.68",
    replacement=_AT_SERVER,
    changed=_CHANGED,
    gives=type_classes.ROLE,
)
@adapter(
    "tff.types.at_server",
    releases=">=0.19,<0.68",
    replacement=_AT_SERVER,
    changed=_CHANGED,
    gives=type_classes.ROLE,
)
def type_at_server(type_spec, *, as_of: AsOf):
    """The type of a value at the server, as of TFF 0.17 to 0.67.

    Args:
      type_spec: The type of a member: a `tff.Type`, or what describes one.

    Returns:
      A `tff.FederatedType`.
    """
    as_of.warn(locals())
    made = tff.FederatedType(types.to_type(type_spec, as_of.release), tff.SERVER)
    return dated_types.dated(made, as_of.release)


_OF_TENSORS = (
    # Not `tf.TensorSpec.from_tensor`, which takes no variables.
    "tff.types.tensorflow_to_type(tf.nest.map_structure("
    "lambda tensor: tf.TensorSpec(tensor.shape, tensor.dtype), {tensors}))"
)
helper(
    "spec_of",
    '''\
def spec_of(tensor):
  """The spec of a tensor, a variable, an array or a number."""
  tensor = tensor if hasattr(tensor, 'dtype') else tf.constant(tensor)
  return tf.TensorSpec(tensor.shape, tensor.dtype)
''',
)
_OF_NUMBERS = {
    "numbers": Replacement(
        "tff.types.tensorflow_to_type(tf.nest.map_structure({!spec_of}, {tensors}))"
    )
}


@adapter(
    "tff.framework.type_from_tensors",
    releases=">=0.6,<0.49",
    replacement=_OF_TENSORS,
    cases=_OF_NUMBERS,
    changed=_CHANGED,
    gives=type_classes.ROLE,
)
@adapter(
    "tff.types.type_from_tensors",
    releases=">=0.19,<0.67",
    replacement=_OF_TENSORS,
    cases=_OF_NUMBERS,
    changed=_CHANGED,
    gives=type_classes.ROLE,
)
def type_from_tensors(tensors, *, as_of: AsOf):
    """The type of a structure of tensors or variables, as of TFF 0.6 to 0.66.

    Args:
      tensors: A tensor or variable, or a nested structure of such.

    Returns:
      A `tff.Type`.

    Raises:
      TypeError: It has something else in it.
    """
    as_of.warn(locals())
    specs = tf.nest.map_structure(types.spec_of, tensors)
    if isinstance(tensors, Mapping):
        types.check_taken(specs, as_of.release)
    return dated_types.dated(types.to_type(specs, as_of.release), as_of.release)


helper(
    "type_of_value",
    '''\
def type_of_value(value):
  """The type of tensors, data sets, numbers, arrays and structures of them."""
  if value is None or isinstance(value, tff.Value):
    return getattr(value, 'type_signature', None)
  if isinstance(value, dict):
    elements = [(name, type_of_value(each)) for name, each in value.items()]
    return tff.StructWithPythonType(elements, type(value))
  if isinstance(value, (list, tuple)):
    elements = [type_of_value(each) for each in value]
    if hasattr(value, '_fields'):
      elements = list(zip(value._fields, elements))
    return tff.StructWithPythonType(elements, type(value))
  return tff.types.tensorflow_to_type(tf.type_spec_from_value(value))
''',
)


@adapter(
    "tff.types.infer_unplaced_type",
    releases=">=0.29,<0.70",
    replacement="{!type_of_value}({arg})",
    changed=_CHANGED,
    gives=type_classes.ROLE,
)
def infer_unplaced_type(arg, *, as_of: AsOf):
    """The type of a value that has no placement, as of TFF 0.29 to 0.69.

    Values are tensors, data sets, numbers, arrays and structures of them.

    Args:
      arg: The value, or None.

    Returns:
      A `tff.Type`; None for None.

    Raises:
      TypeError: `arg` is, or has in it, something that no type stands for.
    """
    as_of.warn(locals())
    return dated_types.dated(inferred(arg, as_of.release), as_of.release)


def inferred(value: Any, release: Version) -> Any:
    """The installed TFF's type of tensors, data sets, numbers, arrays and structures of them.

    Args:
      value: What to infer the type of; None has none.
      release: As of which, for the order of dicts.

    Raises:
      TypeError: No type stands for `value`, or for something in it.
    """
    if value is None:
        return None
    if isinstance(value, tff.TypedObject):
        return value.type_signature
    if isinstance(value, (tf.RaggedTensor, tf.SparseTensor)):
        names = (
            ("flat_values", "nested_row_splits")
            if isinstance(value, tf.RaggedTensor)
            else ("indices", "values", "dense_shape")
        )
        parts = [(name, inferred(getattr(value, name), release)) for name in names]
        return tff.StructWithPythonType(parts, composites.container(value))
    if isinstance(value, (tf.Tensor, tf.Variable)):
        return types.to_type(tf.TensorSpec(value.shape, value.dtype), release)
    if isinstance(value, tf.data.Dataset):
        return tff.SequenceType(types.to_type(value.element_spec, release))
    if isinstance(value, tff.structure.Struct):
        elements = tff.structure.iter_elements(value)
        return tff.StructType(
            [
                inferred(each, release) if name is None else (name, inferred(each, release))
                for name, each in elements
            ]
        )
    if isinstance(value, str):
        return types.to_type(str, release)
    named = _named_values(value, release)
    if named is not None:
        parts = [(name, inferred(each, release)) for name, each in named]
        return tff.StructWithPythonType(parts, type(value))
    if isinstance(value, (list, tuple)):
        elements = [inferred(each, release) for each in value]
        if elements and all(types.is_field(each) for each in value):
            return tff.StructType(elements)
        return tff.StructWithPythonType(elements, type(value))
    return _inferred_scalar(value, release)


def _named_values(value: Any, release: Version) -> Any:
    """The names and values of a container that has names, None for what is no such container."""
    if attr.has(type(value)):
        return attr.asdict(value, recurse=False).items()
    if dataclasses.is_dataclass(value):
        return vars(value).items()
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return value._asdict().items()
    if isinstance(value, Mapping):
        ordered = isinstance(value, collections.OrderedDict)
        if ordered or release >= FIRST_TO_INFER_ORDER_OF_DICTS:
            return value.items()
        return sorted(value.items())
    return None


def _inferred_scalar(value: Any, release: Version) -> Any:
    if isinstance(value, (np.generic, np.ndarray)):
        return types.to_type((tf.as_dtype(value.dtype), value.shape), release)
    if isinstance(value, int) and not isinstance(value, bool):
        if not tf.int64.min <= value <= tf.int64.max:
            raise TypeError(f"No integer type has the value {value}.")
        fits = tf.int32.min <= value <= tf.int32.max
        return types.to_type(tf.int32 if fits else tf.int64, release)
    if isinstance(value, (bool, float, bytes)):
        return types.to_type(type(value), release)
    raise TypeError(f"No type stands for a {type(value).__name__}: {value!r}")


_TREE = "tff.types.structure_from_tensor_type_tree({fn}, {type_spec:type})"


@adapter(
    "tff.structure_from_tensor_type_tree",
    releases=">=0.19,<0.65",
    replacement=_TREE,
    note="`fn` gets types with the dtypes of NumPy.",
    hands=type_classes.ROLE,
)
@adapter(
    "tff.types.structure_from_tensor_type_tree",
    releases=">=0.65,<0.68",
    replacement=_TREE,
    note="`fn` gets types with the dtypes of NumPy.",
    changed=_CHANGED,
    hands=type_classes.ROLE,
)
def structure_from_tensor_type_tree(fn, type_spec, *, as_of: AsOf):
    """The structure of what a function gives for each tensor type in a type, as of 0.19 to 0.67.

    Args:
      fn: Takes a `tff.TensorType`.
      type_spec: A type of tensors and structures, or what describes one.

    Raises:
      ValueError: There is another type in it.
    """
    as_of.warn(locals())
    converted = types.to_type(type_spec, as_of.release)
    return tff.types.structure_from_tensor_type_tree(
        lambda each: fn(dated_types.dated(each, as_of.release)), converted
    )


@adapter(
    "tff.types.deserialize_type",
    releases=">=0.19,<0.68",
    replacement="tff.types.deserialize_type",
    changed=_CHANGED,
    legacy=NEVER,
    gives=type_classes.ROLE,
)
def deserialize_type(type_proto, *, as_of: AsOf):
    """The type that a protocol buffer describes, as of TFF 0.19 to 0.67.

    Args:
      type_proto: A message of the class `Type` of TFF's protocol, or None.

    Returns:
      A `tff.Type`; None for None.
    """
    return dated_types.dated(tff.types.deserialize_type(type_proto), as_of.release)


_AT_THE_END = "leave it out: TFF does it when the process ends"


@adapter("tff.types.some_test_func_for_pytype", releases=">=0.20,<0.29", replacement="len({x})")
def some_test_func_for_pytype(x, *, as_of: AsOf):
    """The number of elements of a structure type, as of TFF 0.20 to 0.28.

    Args:
      x: A `tff.StructType`.
    """
    as_of.warn(locals())
    return len(x)


@adapter(
    "tff.types.clear_disallowed_cache",
    releases=">=0.19,<0.40",
    replacement="(None)",
    note=_AT_THE_END,
)
@adapter(
    "tff.types.clear_intern_pool",
    releases=">=0.19,<0.40",
    replacement="(None)",
    note=_AT_THE_END,
)
def clear_intern_pool(*, as_of: AsOf):
    """Does nothing: as of TFF 0.19 to 0.39 it was for the end of the process, which TFF sees to."""
    as_of.warn(locals())


adapter("tff.types.MAX_LINE_LEN", releases=">=0.19,<0.40", replacement="100")(100)
# A helper of annotations, as public as what stood beside it.
adapter("tff.types.C", releases=">=0.19,<0.40", replacement='typing.TypeVar("C")')(TypeVar("C"))
