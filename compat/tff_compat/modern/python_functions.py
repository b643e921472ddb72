"""Python functions that TensorFlow calls, which outlive the graphs that TFF traced them in."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
from tensorflow.python.ops import script_ops

from tff_compat.replaced_names import ReplacedNames

_kept: list[Any] = []


_replaced = ReplacedNames()


def restore() -> None:
    """Lets the functions go. Harmless where none are kept."""
    _replaced.restore()


def keep() -> None:
    """Keeps the functions that are used while a graph is traced, until `restore`.

    TensorFlow forgets them with that graph, which TFF drops; what it keeps is the serialized graph.
    """
    if _replaced:
        return
    registry = script_ops._py_funcs
    insert = registry.insert

    def inserted(function: Any) -> Any:
        if not tf.compat.v1.executing_eagerly_outside_functions():
            _kept.append(function)
        return insert(function)

    _replaced.set(registry, "insert", inserted)
