"""Data sets that run Python, which TFF's C++ runtime cannot: they are read here instead."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from tff_compat import modern

tff = modern.package()

_PYTHON_OPS = frozenset({"PyFunc", "PyFuncStateless", "EagerPyFunc", "NumpyFunction"})

_known: weakref.WeakKeyDictionary[tf.data.Dataset, bool] = weakref.WeakKeyDictionary()


def _functions(dataset: tf.data.Dataset) -> Iterator[Any]:
    # The data set of TF1 programs is an adapter around one of these.
    dataset = getattr(dataset, "_dataset", dataset)
    yield from dataset._functions()
    for source in dataset._inputs():
        yield from _functions(source)


def runs_python(dataset: tf.data.Dataset) -> bool:
    """Whether making an element of the data set calls a Python function.

    True for `tf.data.Dataset.from_generator` and for maps over `tf.py_function` or
    `tf.numpy_function`. Releases of TFF up to 0.40 read data sets in the Python process.
    """
    known = _known.get(dataset)
    if known is None:
        known = _known[dataset] = any(_calls_python(f.function.graph) for f in _functions(dataset))
    return known


def _calls_python(graph: tf.Graph) -> bool:
    definition = graph.as_graph_def()
    if any(node.op in _PYTHON_OPS for node in definition.node):
        return True
    return any(node.op in _PYTHON_OPS for f in definition.library.function for node in f.node_def)


def readable(value: Any, type_spec: Any) -> Any:
    """The argument of a computation with each data set that runs Python read into a list.

    Args:
      value: An argument for a parameter of type `type_spec`.
      type_spec: The `tff.Type` of the parameter.

    Returns:
      `value` itself where nothing had to be read.
    """
    if isinstance(type_spec, tff.FederatedType):
        if isinstance(value, list) and not type_spec.all_equal:
            return [readable(each, type_spec.member) for each in value]
        return readable(value, type_spec.member)
    if isinstance(type_spec, tff.SequenceType) and isinstance(value, tf.data.Dataset):
        return list(value) if runs_python(value) else value
    return value


def holds_sequences(type_spec: Any) -> bool:
    """Whether values of the type may hold data sets that `readable` would read."""
    if isinstance(type_spec, tff.FederatedType):
        return holds_sequences(type_spec.member)
    return isinstance(type_spec, tff.SequenceType)
