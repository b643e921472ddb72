"""Python functions that TensorFlow calls, which outlive the graphs that TFF traced them in."""

from __future__ import annotations

import functools
from typing import Any

import tensorflow as tf
from tensorflow.python.ops import script_ops

_kept: list[Any] = []


@functools.cache
def keep() -> None:
    """Keeps those that are used while a graph is traced.

    TensorFlow forgets them with that graph, which TFF drops; what it keeps is the serialized graph.
    """
    registry = script_ops._py_funcs
    insert = registry.insert

    def inserted(function: Any) -> Any:
        if not tf.compat.v1.executing_eagerly_outside_functions():
            _kept.append(function)
        return insert(function)

    registry.insert = inserted
