"""Collecting the clients' values in a sequence at the server, which the runtime no longer does."""

from __future__ import annotations

import collections
from collections.abc import Iterator, Mapping
from typing import Any

import attr
import tensorflow as tf
from packaging.version import Version

from tff_compat import modern
from tff_compat.adapters.language import dated_types, structures, types, values
from tff_compat.adapters.registry import AsOf, adapter, helper

tff = modern.package()

_serializing: set[bytes] = set()
"""The code that makes serialized tensors of a client's value, so that sizes can leave it out."""


def is_serializing(block: Any) -> bool:
    """Whether compiled code is what a client's value goes through before it is collected."""
    return _identity(block) in _serializing


def _identity(block: Any) -> bytes:
    found: bytes = block.proto.SerializeToString(deterministic=True)
    return found


helper(
    "federated_collect",
    """def federated_collect(value):
    \"\"\"The sequence of the values of the clients, at the server.

    They are aggregated as serialized tensors: the shapes of two clients may differ.
    \"\"\"
    import collections

    member = value.type_signature.member
    tensor_types = []

    def spread(kind):
        if isinstance(kind, tff.StructType):
            for part in kind:
                spread(part)
        else:
            tensor_types.append(kind)

    spread(member)
    width = len(tensor_types)
    row = tff.types.tensorflow_to_type((tf.string, (width,)))
    rows = tff.types.tensorflow_to_type((tf.string, (None, width)))

    def flat(part):
        if tf.nest.is_nested(part):
            part = tff.structure.from_container(part, recursive=True)
        return tff.structure.flatten(part)

    def packed(kind, tensors):
        if not isinstance(kind, tff.StructType):
            return next(tensors)
        parts = [(name, packed(each, tensors)) for name, each in tff.structure.iter_elements(kind)]
        if any(name is not None for name, _ in parts):
            return collections.OrderedDict(parts)
        return tuple(part for _, part in parts)

    @tff.tensorflow.computation(member)
    def serialize(one):
        return tf.reshape([tf.io.serialize_tensor(each) for each in flat(one)], (width,))

    @tff.tensorflow.computation
    def zero():
        return tf.zeros((0, width), tf.string)

    @tff.tensorflow.computation(rows, row)
    def accumulate(collected, one):
        return tf.concat([collected, [one]], axis=0)

    @tff.tensorflow.computation(rows, rows)
    def merge(first, second):
        return tf.concat([first, second], axis=0)

    @tff.tensorflow.computation(rows)
    def report(collected):
        def parse(serialized):
            tensors = (
                tf.ensure_shape(
                    tf.io.parse_tensor(serialized[index], tf.as_dtype(kind.dtype)), kind.shape
                )
                for index, kind in enumerate(tensor_types)
            )
            return packed(member, tensors)

        return tf.data.Dataset.from_tensor_slices(collected).map(parse)

    identity = tff.tensorflow.computation(lambda collected: collected, rows)
    serialized = tff.federated_map(serialize, value)
    collected = tff.federated_aggregate(serialized, zero(), accumulate, merge, identity)
    return tff.federated_map(report, collected)
""",
)


@adapter(
    "tff.federated_collect",
    releases="<0.20",
    replacement="{!federated_collect}({value})",
    gives=values.ROLE,
)
def federated_collect(value, *, as_of: AsOf):
    """The sequence of the clients' values, at the server, as of TFF 0.1 to 0.19.

    The values are aggregated to one tensor, as serialized tensors, since the shapes of those of
    two clients may differ; at the server a data set is made of it.

    Args:
      value: A value at the clients, of tensors and structures.

    Raises:
      TypeError: It is not at the clients, or has sequences in it.
    """
    as_of.warn(locals())
    value = tff.to_value(value, None)
    kind = value.comp.type_signature
    if not isinstance(kind, tff.FederatedType) or kind.placement is not tff.CLIENTS:
        raise TypeError(f"Expected a value at the clients, found one of type {kind}.")
    if not tff.types.is_structure_of_tensors(kind.member):
        raise TypeError(f"Sequences cannot be collected: {kind}.")
    return values.dated(_collected(value, kind.member, as_of.release), as_of.release)


def _collected(value: Any, member: Any, release: Version) -> Any:
    tensor_types = tff.structure.flatten(_struct(member))
    width = len(tensor_types)
    row = tff.TensorType(types.installed_dtype(tf.string), (width,))
    rows = tff.TensorType(types.installed_dtype(tf.string), (None, width))

    @tff.tensorflow.computation(member)
    def serialize(one):
        leaves = [tf.io.serialize_tensor(each) for each in tff.structure.flatten(_struct(one))]
        return tf.reshape(leaves, (width,)) if leaves else tf.zeros((0,), tf.string)

    @tff.tensorflow.computation
    def zero():
        return tf.zeros((0, width), tf.string)

    @tff.tensorflow.computation(rows, row)
    def accumulate(collected, one):
        return tf.concat([collected, tf.expand_dims(one, 0)], axis=0)

    @tff.tensorflow.computation(rows, rows)
    def merge(first, second):
        return tf.concat([first, second], axis=0)

    @tff.tensorflow.computation(rows)
    def report(collected):
        return collected

    @tff.tensorflow.computation(rows)
    def parse_all(collected):
        def parse(serialized):
            leaves = (
                tf.ensure_shape(
                    tf.io.parse_tensor(serialized[index], dated_types.tensorflow_dtype(each)),
                    each.shape,
                )
                for index, each in enumerate(tensor_types)
            )
            return _packed(member, leaves)

        return tf.data.Dataset.from_tensor_slices(collected).map(parse)

    # What interpreted computations gave lists with the containers of the clients' values.
    parse_all = structures.with_result_type(parse_all, tff.SequenceType(member), release)
    _serializing.add(_identity(serialize.to_compiled_building_block()))
    start = zero()
    serialized = tff.federated_map(serialize, value)
    return tff.federated_map(
        parse_all, tff.federated_aggregate(serialized, start, accumulate, merge, report)
    )


def _struct(value: Any) -> Any:
    """What can be flattened: a structure, in or out of a container, or one element."""
    container = isinstance(value, (Mapping, list, tuple)) or attr.has(type(value))
    return tff.structure.from_container(value, recursive=True) if container else value


def _packed(member: Any, leaves: Iterator[Any]) -> Any:
    """The tensors in the containers that elements of data sets have."""
    if not isinstance(member, tff.StructType):
        return next(leaves)
    elements = [(name, _packed(each, leaves)) for name, each in tff.structure.iter_elements(member)]
    if any(name is not None for name, _ in elements):
        return collections.OrderedDict(elements)
    return tuple(each for _, each in elements)
