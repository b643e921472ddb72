"""Data sets as the worker gets them: it cannot run Python, and need not rewrite what it reads."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from tff_compat import installation
from tff_compat.adapters.registry import helper
from tff_compat.catalog.boundaries import FIRST_WITH_RUNTIME_IN_CPP

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


@dataclass(frozen=True)
class _Facts:
    """What is asked of a data set, by the operations that it is made of."""

    runs_python: bool
    is_rewritten: bool


_known: weakref.WeakKeyDictionary[tf.data.Dataset, _Facts] = weakref.WeakKeyDictionary()


@functools.cache
def _without_rewriting() -> bytes:
    options = tf.data.Options()
    options.experimental_optimization.apply_default_optimizations = False
    options.autotune.enabled = False
    serialized: bytes = options._to_proto().SerializeToString()
    return serialized


def runs_python(dataset: tf.data.Dataset) -> bool:
    """Whether making an element of the data set calls a Python function.

    True for `tf.data.Dataset.from_generator` and for maps over `tf.py_function` or
    `tf.numpy_function`. Releases of TFF up to 0.40 read data sets in the Python process.
    """
    return _facts(dataset).runs_python


def as_written(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """The data set, in which TensorFlow does not search for what it could rewrite and tune.

    The search takes longer than small data sets take to train on, and TFF's worker does it anew in
    each round. A data set in which it finds something, or may find it, is returned as it is: there
    the order of elements, or the time that they take, could be others.
    """
    if installation.version() < FIRST_WITH_RUNTIME_IN_CPP or _facts(dataset).is_rewritten:
        return dataset
    # As `with_options` does it, which takes three times as long: it merges the options of sources.
    variant = tf.raw_ops.OptionsDataset(
        input_dataset=tf.data.experimental.to_variant(dataset),
        serialized_options=_without_rewriting(),
        **dataset._flat_structure,
    )
    return tf.data.experimental.from_variant(variant, dataset.element_spec)


def _facts(dataset: tf.data.Dataset) -> _Facts:
    known = _known.get(dataset)
    if known is None:
        stages = list(_stages(dataset))
        operations = {name for stage in stages for name in _operations(stage)}
        known = _known[dataset] = _Facts(
            not _PYTHON_OPS.isdisjoint(operations),
            any(map(_is_rewritten, stages)) or any("ShuffleDataset" in op for op in operations),
        )
    return known


def _stages(dataset: tf.data.Dataset) -> Iterator[Any]:
    """The data set and all that it is made from."""
    # The data set of TF1 programs is an adapter around one of these.
    dataset = getattr(dataset, "_dataset", dataset)
    yield dataset
    for source in dataset._inputs():
        yield from _stages(source)


def _operations(stage: Any) -> Iterator[str]:
    """The operations in the functions of one data set, without its sources."""
    for function in stage._functions():
        definition = function.function.graph.as_graph_def()
        yield from (node.op for node in definition.node)
        for inner in definition.library.function:
            yield from (node.op for node in inner.node_def)


def _is_rewritten(stage: Any) -> bool:
    """Whether TensorFlow fuses the data set with a source, or does not say what it is made of."""
    kind = _kind(stage)
    if kind == "RepeatDataset":
        # What has no effect may stand between the two.
        return any(_kind(source) == "ShuffleDataset" for source in _stages(stage))
    if kind == "BatchDataset":
        return any("MapDataset" in _kind(source) for source in stage._inputs())
    # The program's own choice, or of unknown origin.
    return kind in ("OptionsDataset", "VariantDataset")


def _kind(stage: Any) -> str:
    return type(stage).__name__.lstrip("_")
