"""The helper keeps the elements of a data set that Python makes, and their declared shapes."""

from __future__ import annotations

import collections
import functools
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_federated as tff
from tff_compat.adapters import registry

pytestmark = pytest.mark.tff

TYPES = collections.OrderedDict(x=tf.float32, y=(tf.int32, tf.int32))
SHAPES = collections.OrderedDict(x=[None, 2], y=([], [None]))


def _in_memory(lengths: list[int]) -> Any:
    (source,) = (each.source for each in registry.helpers() if each.name == "in_memory")
    names: dict[str, Any] = {"tf": tf, "functools": functools}
    exec(source, names)

    def generate():
        for length in lengths:
            x = np.full([length, 2], length, np.float32)
            yield collections.OrderedDict(x=x, y=(length, np.arange(length)))

    return names["in_memory"](tf.data.Dataset.from_generator, generate, TYPES, SHAPES)


@pytest.mark.parametrize("lengths", [[2, 2, 2], [3, 1], []])
def test_tff_reads_the_elements(lengths):
    dataset = _in_memory(lengths)
    assert dataset.element_spec["x"].shape.as_list() == [None, 2]

    @tff.tensorflow.computation(
        tff.SequenceType(tff.types.tensorflow_to_type(dataset.element_spec))
    )
    def total(data):
        return data.reduce(0.0, lambda t, each: t + tf.reduce_sum(each["x"]))

    if lengths:
        assert total(dataset) == sum(2.0 * length * length for length in lengths)
    assert [int(each["y"][0]) for each in dataset] == lengths
