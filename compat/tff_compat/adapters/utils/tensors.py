"""TensorFlow code over nested structures: variables, assignments and states with named fields."""

from __future__ import annotations

import collections
import collections.abc
from collections.abc import Mapping
from typing import Any

import attr
import tensorflow as tf
from packaging.version import Version

from tff_compat import modern
from tff_compat.adapters.language import structures, types
from tff_compat.adapters.registry import AsOf, Replacement, adapter, helper
from tff_compat.catalog.boundaries import FIRST_TO_UPDATE_ANY_STATE, FIRST_WITH_STRUCTS

tff = modern.package()
Struct: Any = tff.structure.Struct


@adapter(
    "tff.utils.assign",
    releases="<0.19",
    copied=True,
)
def assign(target, source, *, as_of: AsOf):
    """Assigns tensors to the variables of a nested structure, as of TFF 0.1 to 0.18.

    Args:
      target: Variables, in a `tff.structure.Struct` or containers of `tf.nest`.
      source: Tensors in the same structure.

    Returns:
      One operation that does it all; None where TensorFlow is eager.

    Raises:
      TypeError: The structures are of different types.
      ValueError: The structures, or a tensor and its variable, do not fit.
    """
    as_of.warn(locals())
    if isinstance(target, tff.structure.Struct):
        if isinstance(source, collections.abc.Mapping):
            # A computation may get a container now where it got a struct then.
            source = tff.structure.from_container(source, True)
        assigned = tff.structure.flatten(
            tff.structure.map_structure(lambda v, t: v.assign(t), target, source)
        )
    else:
        assigned = tf.nest.flatten(tf.nest.map_structure(lambda v, t: v.assign(t), target, source))
    return tf.group(*assigned)


@adapter(
    "tff.utils.identity",
    releases="<0.19",
    copied=True,
)
def identity(source, *, as_of: AsOf):
    """A copy of each tensor or variable of a nested structure, as of TFF 0.1 to 0.18.

    Args:
      source: Tensors and variables, in a `tff.structure.Struct` or containers of `tf.nest`.

    Raises:
      TypeError: Something in it is neither.
    """
    as_of.warn(locals())

    def copy(value):  # type: ignore[no-untyped-def]
        if not tf.is_tensor(value):
            raise TypeError(f"Expected a tensor or variable, found {type(value).__name__}.")
        return tf.identity(value.read_value() if hasattr(value, "read_value") else value)

    if isinstance(source, tff.structure.Struct):
        return tff.structure.map_structure(copy, source)
    return tf.nest.map_structure(copy, source)


def _made(name: str, type_spec: Any, release: Version, make: Any) -> Any:
    """What `make` gives for each tensor of a type, in a struct of the release."""
    if not isinstance(name, str):
        raise TypeError(f"The name of variables must be a string, found {type(name).__name__}.")
    type_spec = types.to_type(type_spec, release)
    if isinstance(type_spec, tff.TensorType):
        return make(name, type_spec)
    if not isinstance(type_spec, tff.StructType):
        raise TypeError(f"Expected a tensor type or a structure of them, found {type_spec}.")
    elements = [
        (key, _made(f"{name}/{index if key is None else key}".lstrip("/"), each, release, make))
        for index, (key, each) in enumerate(tff.structure.iter_elements(type_spec))
    ]
    if release >= FIRST_WITH_STRUCTS:
        return Struct(elements)
    return structures.anonymous_tuple_class(release)(elements)


helper(
    "made_of_type",
    '''\
def made_of_type(name, type_spec, make):
  """What a function makes of a name and a type for each tensor of a type, in a structure."""
  if not isinstance(name, str):
    raise TypeError(f'The name of variables must be a string, found {type(name).__name__}.')
  if not isinstance(type_spec, tff.Type):
    type_spec = tff.types.tensorflow_to_type(type_spec)
  if isinstance(type_spec, tff.TensorType):
    return make(name, type_spec)
  if not isinstance(type_spec, tff.StructType):
    raise TypeError(f'Expected a tensor type or a structure of them, found {type_spec}.')
  return tff.structure.Struct([
      (key, made_of_type(f'{name}/{index if key is None else key}'.lstrip('/'), each, make))
      for index, (key, each) in enumerate(tff.structure.iter_elements(type_spec))])
''',
)
helper(
    "create_variables",
    '''\
def create_variables(name, type_spec, **options):
  """New variables that are zero, one for each tensor of a type."""
  return made_of_type(
      name, type_spec,
      lambda name, of: tf.Variable(tf.zeros(of.shape, of.dtype), name=name, **options))
''',
)
helper(
    "get_variables",
    '''\
def get_variables(name, type_spec, **options):
  """Variables of TensorFlow 1, one for each tensor of a type."""
  return made_of_type(
      name, type_spec,
      lambda name, of: tf.compat.v1.get_variable(name, of.shape, of.dtype, **options))
''',
)


@adapter("tff.utils.create_variables", releases=">=0.9,<0.19", replacement="{!create_variables}")
def create_variables(name, type_spec, *, as_of: AsOf, **kwargs):
    """New variables that are zero, one for each tensor of a type, as of TFF 0.9 to 0.18.

    Args:
      name: The name of the variable, or the prefix of the names of several.
      type_spec: A tensor type or a nested structure of them, as `tff.to_type` takes it.
      **kwargs: More arguments for `tf.Variable`.

    Returns:
      A variable, or variables in a struct of the release.

    Raises:
      TypeError: `name` is no string, or the type holds something else than tensors.
    """
    as_of.warn(locals())

    def variable(full_name: str, tensor_type: Any) -> Any:
        spec = types.tensor_spec(tensor_type)
        return tf.Variable(tf.zeros(spec.shape, spec.dtype), name=full_name, **kwargs)

    return _made(name, type_spec, as_of.release, variable)


@adapter("tff.utils.get_variables", releases="<0.9", replacement="{!get_variables}")
def get_variables(name, type_spec, *, as_of: AsOf, **kwargs):
    """Variables of TensorFlow 1, one for each tensor of a type, as of TFF 0.1 to 0.7.

    Args:
      name: The name of the variable, or of the scope of several.
      type_spec: A tensor type or a nested structure of them, as `tff.to_type` takes it.
      **kwargs: More arguments for `tf.compat.v1.get_variable`.

    Returns:
      A variable, or variables in a struct of the release.

    Raises:
      TypeError: `name` is no string, or the type holds something else than tensors.
      ValueError: The graph has a variable of this name, and its scope does not reuse it.
    """
    as_of.warn(locals())

    def variable(full_name: str, tensor_type: Any) -> Any:
        spec = types.tensor_spec(tensor_type)
        return tf.compat.v1.get_variable(full_name, dtype=spec.dtype, shape=spec.shape, **kwargs)

    return _made(name, type_spec, as_of.release, variable)


helper(
    "updated_mapping",
    '''\
def updated_mapping(mapping, **fields):
  """The mapping itself, with other values of some of its fields."""
  missing = [name for name in fields if name not in mapping]
  if missing:
    raise KeyError(f'The mapping has no field {missing[0]!r}.')
  mapping.update(fields)
  return mapping
''',
)


@adapter(
    "tff.utils.update_state",
    releases=">=0.4,<0.19",
    replacement="tff.structure.update_struct({state}, {**kwargs})",
    cases={"dict": Replacement("{!updated_mapping}({state}, {**kwargs})")},
)
def update_state(state, *, as_of: AsOf, **kwargs):
    """The state with other values of some of its fields, as of TFF 0.4 to 0.18.

    Args:
      state: A named tuple; from 0.6 also an object of an attrs class, whose fields of attrs classes
        become `OrderedDict`s, or a mapping, which is changed itself.
      **kwargs: The new values by field.

    Raises:
      TypeError: `state` has no named fields, or is no mapping and lacks one of those given.
      KeyError: `state` is a mapping and lacks one of the fields.
    """
    as_of.warn(locals())
    if isinstance(state, tuple) and hasattr(state, "_asdict"):
        fields: dict[str, Any] = dict(state._asdict())
    elif as_of.release < FIRST_TO_UPDATE_ANY_STATE:
        raise TypeError(f"The state must be a named tuple, found {type(state).__name__}.")
    elif attr.has(type(state)):
        fields = attr.asdict(
            state, dict_factory=collections.OrderedDict, value_serializer=_once_of_attrs
        )
    elif isinstance(state, Mapping):
        for name in kwargs:
            if name not in state:
                raise KeyError(f"The state has no field {name!r}.")
        state.update(kwargs)  # type: ignore[attr-defined]
        return state
    else:
        raise TypeError(
            "The state must have named fields, as mappings, named tuples and attrs classes have; "
            f"found {type(state).__name__}."
        )
    fields.update(kwargs)
    return type(state)(**fields)


def _once_of_attrs(state: Any, field: Any, value: Any) -> Any:
    # TFF's model weights are a named tuple now, which would become a list.
    if isinstance(value, tff.learning.models.ModelWeights):
        return collections.OrderedDict(value._asdict())
    return value
