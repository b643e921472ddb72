"""What does the work of symbols of the primary release that the installed one lacks."""

from __future__ import annotations

import collections
import enum
import importlib
from collections.abc import Iterator, Mapping
from typing import Any

import attr
import tensorflow as tf
from packaging.version import Version

from tff_compat import installation, modern


class LoopImplementation(enum.Enum):
    """How clients go over their data, as of TFF 0.85 on; before, a flag of each builder said so."""

    DATASET_REDUCE = 1
    DATASET_ITERATOR = 2


def desugar_and_transform_to_native(comp: Any) -> Any:
    """A computation as the runtimes run it, for TFF 0.20, whose compiler leaves intrinsics in."""
    tff = installation.package()
    desugared = tff.framework.building_block_to_computation(with_bodies(comp.to_building_block()))
    return tff.backends.native.transform_to_native_form(desugared)


def with_bodies(block: Any) -> Any:
    """A building block with the bodies of those intrinsics that others can express."""
    replace = modern.internal(
        "core.environments.tensorflow_backend.tensorflow_tree_transformations"
        ".replace_intrinsics_with_bodies"
    )
    return replace(block)[0]


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

    @_tensorflow_computation()(value.comp.type_signature, zero.comp.type_signature)
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


def sequence_map(value: Any, op: Any, outside: Any = None) -> Any:
    """`tff.sequence_map`, whose results the C++ runtimes neither return nor hand to TensorFlow.

    The function is compiled to a TensorFlow graph, and the data set mapped with it.

    Args:
      value: A sequence or a federated one, as a `tff.Value`.
      op: The function, as a `tff.Value`, which uses nothing from outside of it.
      outside: What `op` takes before each element, as a `tff.Value`; None where it takes elements.

    Returns:
      The sequence of its results, placed as `value` is, as a `tff.Value`.
    """
    step = _compiled_to_tensorflow(op.comp).proto.tensorflow
    graph = tf.compat.v1.GraphDef()
    step.graph_def.Unpack(graph)
    result = op.comp.type_signature.result

    def mapped(dataset: Any, given: Any) -> Any:
        before = _tensors(given)

        def one(*parts: Any) -> Any:
            # A tuple comes as several arguments.
            element = parts[0] if len(parts) == 1 else parts
            # The function of a data set takes tensors from outside by operations of its own.
            inside = [tf.identity(each) for each in before]
            found = tf.graph_util.import_graph_def(
                graph,
                input_map=dict(zip(_names(step.parameter), [*inside, *_tensors(element)])),
                return_elements=_names(step.result),
            )
            return _packed(result, iter(found))

        return dataset.map(one)

    if outside is None:
        return _applied(lambda dataset: mapped(dataset, ()), value)
    types = [each.comp.type_signature for each in (value, outside)]
    return _tensorflow_computation()(mapped, *types)(value, outside)


def sequence_sum(value: Any) -> Any:
    """`tff.sequence_sum`, whose intrinsic the C++ runtimes do not run.

    Args:
      value: A sequence or a federated one, as a `tff.Value`.

    Returns:
      The sum of its elements, placed as `value` is, as a `tff.Value`.
    """

    def total(dataset: Any) -> Any:
        zero = tf.nest.map_structure(
            lambda spec: tf.zeros(spec.shape, spec.dtype), dataset.element_spec
        )
        return dataset.reduce(zero, lambda a, b: tf.nest.map_structure(tf.add, a, b))

    return _applied(total, value)


def _applied(function: Any, value: Any) -> Any:
    """TensorFlow code applied to a value or to the members of a federated one."""
    tff = installation.package()
    wrap = _tensorflow_computation()
    kind = value.comp.type_signature
    if isinstance(kind, tff.FederatedType):
        return tff.federated_map(wrap(function, kind.member), value)
    return wrap(function, kind)(value)


def _tensorflow_computation() -> Any:
    """The decorator of TensorFlow code; the alias at the top went last in 0.86."""
    tff = installation.package()
    return tff.tf_computation if hasattr(tff, "tf_computation") else tff.tensorflow.computation


def _packed(type_spec: Any, tensors: Iterator[Any]) -> Any:
    """Tensors in the containers that elements of data sets have."""
    tff = installation.package()
    if not isinstance(type_spec, tff.StructType):
        return next(tensors)
    elements = [
        (name, _packed(each, tensors)) for name, each in tff.structure.iter_elements(type_spec)
    ]
    if any(name is not None for name, _ in elements):
        return collections.OrderedDict(elements)
    return tuple(each for _, each in elements)


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
