"""What does the work of symbols of 0.87.0 that the installed, earlier release lacks."""

from __future__ import annotations

import enum
import importlib
from collections.abc import Mapping
from typing import Any

import attr
import tensorflow as tf
from packaging.version import Version

from tff_compat import installation


class LoopImplementation(enum.Enum):
    """How clients go over their data, as of TFF 0.85 on; before, a flag of each builder said so."""

    DATASET_REDUCE = 1
    DATASET_ITERATOR = 2


def create_chunker(*, string_max_bytes: int, **kwargs: Any) -> Any:
    """`tff.analytics.heavy_hitters.iblt.create_chunker`, whose limit has another name in 0.33."""
    iblt = installation.package().analytics.heavy_hitters.iblt
    return iblt.create_chunker(string_max_length=string_max_bytes, **kwargs)


def desugar_and_transform_to_native(comp: Any) -> Any:
    """A computation compiled for the runtime of TFF 0.20, which runs all intrinsics as they are."""
    return installation.package().backends.native.transform_to_native_form(comp)


def sequence_reduce(value: Any, zero: Any, op: Any) -> Any:
    """`tff.sequence_reduce`, whose intrinsic the runtimes of TFF 0.20 to 0.75 do not run.

    The operator is compiled to a TensorFlow graph, and the data set reduced with it.

    Args:
      value: A sequence, as a `tff.Value`.
      zero: The initial value, as a `tff.Value`.
      op: The operator, as a `tff.Value`, which uses nothing from outside of it.

    Returns:
      The last value, as a `tff.Value`.
    """
    tff = installation.package()
    step = _compiled_to_tensorflow(op.comp).proto.tensorflow
    graph = tf.compat.v1.GraphDef()
    step.graph_def.Unpack(graph)

    @tff.tf_computation(value.type_signature, zero.type_signature)
    def reduce(dataset: Any, start: Any) -> Any:
        # `tf.data` does not know TFF's structures, nor TFF the graph of such a function.
        def one(state: Any, element: Any) -> Any:
            tensors = [*state, *_tensors(element)]
            return tuple(
                tf.graph_util.import_graph_def(
                    graph,
                    input_map=dict(zip(_names(step.parameter), tensors)),
                    return_elements=_names(step.result),
                )
            )

        last = dataset.reduce(tuple(_tensors(start)), one)
        values = [_like(given, found) for given, found in zip(_values(start), last)]
        return tff.structure.pack_sequence_as(_struct(start), values)

    return reduce(value, zero)


def _struct(value: Any) -> Any:
    tff = installation.package()
    contained = isinstance(value, (Mapping, list, tuple)) or attr.has(type(value))
    return tff.structure.from_container(value, recursive=True) if contained else value


def _values(value: Any) -> list[Any]:
    found: list[Any] = installation.package().structure.flatten(_struct(value))
    return found


def _tensors(value: Any) -> list[Any]:
    return [
        tf.data.experimental.to_variant(each) if isinstance(each, tf.data.Dataset) else each
        for each in _values(value)
    ]


def _like(value: Any, tensor: Any) -> Any:
    if isinstance(value, tf.data.Dataset):
        return tf.data.experimental.from_variant(tensor, value.element_spec)
    return tensor


def _names(binding: Any) -> list[str]:
    """The names of the tensors that a parameter or result is bound to, in the order of its type."""
    if binding.WhichOneof("binding") == "struct":
        return [name for each in binding.struct.element for name in _names(each)]
    if binding.WhichOneof("binding") == "sequence":
        return [binding.sequence.variant_tensor_name]
    return [binding.tensor.tensor_name]


def _compiled_to_tensorflow(block: Any) -> Any:
    """A building block as TensorFlow code; the compiler has lived in two places."""
    core = f"{installation.ROOT}.python.core"
    early = installation.version() < Version("0.26")
    module = importlib.import_module(
        f"{core}.impl.compiler.transformations" if early else f"{core}.backends.mapreduce.compiler"
    )
    return module.compile_local_computation_to_tensorflow(block)
