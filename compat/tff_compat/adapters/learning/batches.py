"""What a dummy batch or an input spec of any release says about the batches of a model."""

from __future__ import annotations

import collections
import numbers
from collections.abc import Callable, Mapping
from typing import Any

import attr
import numpy as np
import tensorflow as tf
from packaging.version import Version

from tff_compat import modern
from tff_compat.catalog.boundaries import (
    FIRST_WITH_CHECKED_INPUT_SPECS,
    FIRST_WITH_NAMED_BATCHES,
    FIRST_WITHOUT_DICTS_AS_BATCHES,
)

tff = modern.package()


def is_named_tuple(value: object) -> bool:
    """Whether `value` is an instance of a class made by `collections.namedtuple` or alike."""
    return isinstance(value, tuple) and hasattr(value, "_fields")


def _is_attrs(value: object) -> bool:
    return not isinstance(value, type) and attr.has(type(value))


def _is_nested_list_of_scalars(value: object) -> bool:
    if isinstance(value, (list, tuple)) and not is_named_tuple(value):
        return bool(value) and all(map(_is_nested_list_of_scalars, value))
    return isinstance(value, (numbers.Number, np.generic, str, bytes))


def _tensor_spec(value: Any) -> tf.TensorSpec:
    """The spec of a batched value: its dtype as TensorFlow converts it, the batch size unknown."""
    if not tf.is_tensor(value) and not isinstance(value, tf.Variable):
        # In a graph of its own, so that the batch does not become part of the program's graph.
        with tf.Graph().as_default():
            value = tf.convert_to_tensor(value)
            shape, dtype = value.shape, value.dtype
    else:
        shape, dtype = value.shape, value.dtype
    rest = shape.as_list()[1:] if shape.rank is not None else None
    return tf.TensorSpec(None if rest is None else [None, *rest], dtype)


def _map(fn: Callable[[Any], Any], value: Any) -> Any:
    """Applies `fn` to the batched values in a structure and keeps the structure.

    A nested list of Python numbers is one value, as the documentation of every release said.
    """
    container: Any = type(value)
    if isinstance(value, Mapping):
        return container((key, _map(fn, item)) for key, item in value.items())
    if is_named_tuple(value):
        return container(*(_map(fn, item) for item in value))
    if isinstance(value, (list, tuple)) and not _is_nested_list_of_scalars(value):
        return container(_map(fn, item) for item in value)
    if _is_attrs(value):
        return container(
            **{
                field.name: _map(fn, getattr(value, field.name))
                for field in attr.fields(type(value))
            }
        )
    return fn(value)


def from_dummy_batch(dummy_batch: Any, release: Version) -> Any:
    """The input spec that `release` derived from a dummy batch.

    Args:
      dummy_batch: A structure with the elements `x` and `y`, of values that can become batched
        tensors: arrays, tensors, or nested lists of numbers.
      release: The release to follow.

    Returns:
      The same structure of `tf.TensorSpec`s, with an unknown batch dimension; named structures
      become an `OrderedDict` where the release made them one.

    Raises:
      TypeError: A plain `dict` in a release that refused it (0.11 and later).
      NotImplementedError: No structure at all.
    """
    if isinstance(dummy_batch, (list, tuple)) and not is_named_tuple(dummy_batch):
        # The outermost list holds x and y, also where those are lists of numbers.
        return type(dummy_batch)(_map(_tensor_spec, item) for item in dummy_batch)
    if (
        isinstance(dummy_batch, dict)
        and not isinstance(dummy_batch, collections.OrderedDict)
        and release >= FIRST_WITHOUT_DICTS_AS_BATCHES
    ):
        raise TypeError(
            f"dummy_batch is a dict, which TFF {release} did not take; it wants a "
            "collections.OrderedDict with the keys 'x' and 'y', a named tuple, a list or a tuple."
        )
    if not isinstance(dummy_batch, (Mapping, tuple)) and not _is_attrs(dummy_batch):
        raise NotImplementedError(
            f"dummy_batch is a {type(dummy_batch).__name__}; wanted is a structure of x and y, "
            "such as collections.OrderedDict(x=..., y=...)."
        )
    spec = _map(_tensor_spec, dummy_batch)
    if _is_attrs(spec):
        return collections.OrderedDict(
            (field.name, getattr(spec, field.name)) for field in attr.fields(type(spec))
        )
    if FIRST_WITH_NAMED_BATCHES <= release < FIRST_WITHOUT_DICTS_AS_BATCHES:
        return collections.OrderedDict(spec._asdict() if is_named_tuple(spec) else spec)
    return spec


def _check_two_elements(spec: Any, given: str) -> None:
    try:
        size = len(attr.fields(type(spec))) if _is_attrs(spec) else len(spec)
    except TypeError:
        size = 1
    if size != 2:
        raise ValueError(
            f"{given} must contain exactly two elements at the top level: the input x of the model "
            f"and the label y. Found {size} in {spec}."
        )


def _from_type(type_spec: Any) -> Any:
    if isinstance(type_spec, tff.TensorType):
        return tf.TensorSpec(type_spec.shape, type_spec.dtype)
    if not isinstance(type_spec, tff.StructType):
        raise TypeError(
            "input_spec as a tff.Type must have tff.TensorType in all its leaves, found "
            f"{type_spec}."
        )
    items = [(name, _from_type(item)) for name, item in tff.structure.iter_elements(type_spec)]
    if any(name is not None for name, _ in items):
        return collections.OrderedDict(items)
    return [item for _, item in items]


def from_input_spec(input_spec: Any, release: Version) -> Any:
    """The input spec of a model from what a program gave as `input_spec`.

    Args:
      input_spec: A structure of two elements, x and y, of `tf.TensorSpec`s or `tff.Type`s, or a
        `tff.Type` with tensors as leaves. A list is in the order x, y; a dict has these keys.
      release: The release to follow.

    Returns:
      The same structure with `tf.TensorSpec`s as leaves.

    Raises:
      ValueError: Not exactly two elements; a dict (0.17 and later) without the keys 'x' and 'y'.
      TypeError: A leaf that is no tensor.
    """
    _check_two_elements(input_spec, "input_spec")

    def leaf(value: Any) -> Any:
        if isinstance(value, tf.TypeSpec):
            if not isinstance(value, tf.TensorSpec):
                raise TypeError(
                    f"input_spec wants a tf.TensorSpec in each leaf, found {type(value).__name__}."
                )
            return value
        if isinstance(value, tff.Type):
            return _from_type(value)
        if release < FIRST_WITH_CHECKED_INPUT_SPECS and isinstance(value, (tf.DType, np.dtype)):
            return tf.TensorSpec([], value)
        raise TypeError(
            f"input_spec wants a tf.TensorSpec or a tff.Type in each leaf, found {value!r} of type "
            f"{type(value).__name__}."
        )

    spec = leaf(input_spec) if isinstance(input_spec, tff.Type) else _map(leaf, input_spec)
    if isinstance(spec, Mapping) and release >= FIRST_WITH_CHECKED_INPUT_SPECS:
        for key, meaning in (("x", "the input of the model"), ("y", "the label for the loss")):
            if key not in spec:
                raise ValueError(
                    f"input_spec is a dict with the keys {list(spec)}; it must have the key "
                    f"{key!r}, {meaning}."
                )
    return spec


def check_two_elements(spec: Any) -> None:
    """Checks a spec derived from a dummy batch (0.13).

    Raises:
      ValueError: It has not exactly two elements at the top level.
    """
    _check_two_elements(spec, "dummy_batch")


def elements(batch: Any) -> tuple[Any, Any]:
    """The elements `(x, y)` of a batch or of an input spec; y is None where there is none.

    Raises:
      KeyError: A named batch without x.
    """
    if hasattr(batch, "_asdict"):
        batch = batch._asdict()
    elif _is_attrs(batch):
        batch = {field.name: getattr(batch, field.name) for field in attr.fields(type(batch))}
    if isinstance(batch, Mapping):
        if batch.get("x") is None:
            raise KeyError(f"A batch wants the key 'x', the input; found the keys {list(batch)}.")
        return batch["x"], batch.get("y")
    return batch[0], batch[1] if len(batch) > 1 else None
