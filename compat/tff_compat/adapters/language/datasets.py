"""Data sets that run Python, which TFF's C++ runtime cannot."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from tff_compat.adapters.registry import helper

helper(
    "in_memory",
    '''\
def in_memory(make, *args, **kwargs):
  """A data set whose elements are read at once: TFF's worker cannot call functions of Python."""
  made = make(*args, **kwargs)
  elements = list(made)
  if not elements:
    return made
  specs = tf.nest.flatten(made.element_spec)
  shapes = {tuple(tuple(part.shape) for part in tf.nest.flatten(each)) for each in elements}
  if len(shapes) == 1:
    stacked = tf.nest.map_structure(lambda *parts: tf.stack(parts), *elements)
    dataset = tf.data.Dataset.from_tensor_slices(stacked)
  else:
    single = [tf.data.Dataset.from_tensors(each) for each in elements]
    dataset = functools.reduce(lambda first, second: first.concatenate(second), single)

  def as_declared(*parts):
    relaxed = [tf.compat.v1.placeholder_with_default(part, spec.shape)
               for part, spec in zip(tf.nest.flatten(parts), specs)]
    return tf.nest.pack_sequence_as(made.element_spec, relaxed)

  return dataset.map(as_declared)
''',
)

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
