"""Arguments of computations, in the forms that releases took and the primary one does not."""

from __future__ import annotations

import collections
from collections.abc import Callable, Mapping
from typing import Any

import attr
import numpy as np
import tensorflow as tf
from packaging.version import Version

from tff_compat import modern
from tff_compat.adapters.framework import runtimes
from tff_compat.adapters.language import composites, datasets, dated_types
from tff_compat.catalog.boundaries import (
    FIRST_TO_RUN_WITHOUT_CLIENTS,
    FIRST_WITH_EXECUTORS,
    FIRST_WITH_RUNTIME_IN_CPP,
)

tff = modern.package()


def as_installed(value: Any, type_spec: Any, release: Version) -> Any:
    """The argument as the installed TFF takes it.

    Numbers of another precision and ranges are converted, as `tf.constant` converted them, and data
    sets that run Python are read here.

    Args:
      value: An argument for a parameter of type `type_spec`.
      type_spec: The `tff.Type` of the parameter.
      release: Up to 0.40 the values of clients may come in a tuple, and from 0.12 on structures may
        have more elements than their type; from 0.12 to 0.19 there must be a client.

    Returns:
      `value` itself where nothing had to be changed.

    Raises:
      ValueError: There is no client.
    """
    if isinstance(type_spec, tff.TensorType):
        return _of_dtype(value, dated_types.numpy_dtype(type_spec))
    if isinstance(type_spec, tff.SequenceType):
        if not isinstance(value, tf.data.Dataset):
            return value
        if datasets.runs_python(value):
            return list(value)
        return datasets.as_written(composites.sendable(value))
    if isinstance(type_spec, tff.FederatedType):
        if type_spec.all_equal or not isinstance(value, (list, tuple)):
            return as_installed(value, type_spec.member, release)
        return _of_clients(value, type_spec.member, release)
    if isinstance(type_spec, tff.StructType):
        return _of_struct(value, type_spec, release)
    return value


def _of_dtype(value: Any, dtype: np.dtype[Any]) -> Any:
    if isinstance(value, range):
        value = list(value)
    if isinstance(value, (np.generic, np.ndarray)):
        given = value.dtype
    elif isinstance(value, (int, float, list, tuple)) and not isinstance(value, bool):
        given = _dtype_of_numbers(value)
    else:
        return value
    if given == dtype or given.kind not in "iuf" or dtype.kind not in "iuf":
        return value
    if not np.can_cast(given, dtype, "same_kind"):
        return value
    try:
        return np.asarray(value, dtype)[()]
    except OverflowError:
        # The installed TFF says which number is too large.
        return value


def _dtype_of_numbers(value: Any) -> np.dtype[Any]:
    """The dtype of Python numbers, of the kind that holds no numbers where lists are uneven."""
    try:
        return np.asarray(value).dtype
    except ValueError:
        return np.dtype(object)


def _of_clients(values: list[Any] | tuple[Any, ...], member: Any, release: Version) -> Any:
    if not values and _needs_a_client(release):
        raise ValueError(
            "Expected at least one participant for the 'CLIENTS' placement, found none."
        )
    made = [as_installed(each, member, release) for each in values]
    if isinstance(values, tuple):
        return made if release < FIRST_WITH_RUNTIME_IN_CPP else values
    return made if any(new is not old for new, old in zip(made, values)) else values


def _needs_a_client(release: Version) -> bool:
    """Whether the release's runtime does, unless it is the one that interpreted computations."""
    if not FIRST_WITH_EXECUTORS <= release < FIRST_TO_RUN_WITHOUT_CLIENTS:
        return False
    return not runtimes.interprets(tff.framework.get_context_stack().current, release)


def _of_struct(value: Any, type_spec: Any, release: Version) -> Any:
    if isinstance(value, (tf.SparseTensor, tf.RaggedTensor)):
        value = composites.taken_apart(value)
    elements = list(tff.structure.iter_elements(type_spec))
    if FIRST_WITH_EXECUTORS <= release < FIRST_WITH_RUNTIME_IN_CPP:
        value = _without_surplus(value, len(elements))
    if isinstance(value, Mapping):
        if len(value) != len(elements):
            return value
        by_name = dict(elements)
        made = {
            name: as_installed(each, by_name.get(name), release) for name, each in value.items()
        }
        changed = any(made[name] is not value[name] for name in value)
        if type(value) is dict and set(made) == set(by_name):
            # Some installed releases go by the order, and sort plain dicts.
            return collections.OrderedDict((name, made[name]) for name in by_name)
        return collections.OrderedDict(made) if changed else value
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return _rebuilt(value, list(value), elements, release, lambda new: type(value)(*new))
    if attr.has(type(value)):
        names = [field.name for field in attr.fields(type(value))]
        old = [getattr(value, name) for name in names]
        return _rebuilt(
            value, old, elements, release, lambda new: attr.evolve(value, **dict(zip(names, new)))
        )
    if isinstance(value, (list, tuple)):
        return _rebuilt(value, list(value), elements, release, type(value))
    if isinstance(value, tff.structure.Struct):
        # What a function without types packed its arguments in, among others.
        names = [name for name, _ in tff.structure.iter_elements(value)]
        return _rebuilt(
            value,
            list(value),
            elements,
            release,
            lambda new: tff.structure.Struct(list(zip(names, new))),
        )
    return value


def _without_surplus(value: Any, count: int) -> Any:
    """The first elements of a container; the executors in Python asked for no more."""
    if not isinstance(value, (Mapping, list, tuple)) or len(value) <= count:
        return value
    return list(value.values() if isinstance(value, Mapping) else value)[:count]


def _rebuilt(
    value: Any,
    old: list[Any],
    elements: list[tuple[str | None, Any]],
    release: Version,
    rebuild: Callable[[list[Any]], Any],
) -> Any:
    if len(old) != len(elements):
        return value
    new = [as_installed(each, type_spec, release) for each, (_, type_spec) in zip(old, elements)]
    return rebuild(new) if any(a is not b for a, b in zip(new, old)) else value
